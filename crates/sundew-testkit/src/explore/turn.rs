//! One turn: from a state, by what happens in it, to the next state.

use core::hash::{Hash, Hasher};
use std::collections::hash_map::DefaultHasher;
use std::format;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::string::{String, ToString};

use super::{Memory, Stop, System};

/// Is a state of a device: with or without power.
pub(super) enum State<S: System> {
    Off { memory: S::Memory, model: S::Model },
    On { memory: S::Memory, model: S::Model, live: S::Live },
}

/// Is what happens in one turn; small, since one is kept for each state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) act: Act,
    pub(super) cut: Option<Cut>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// The device starts; the number says how its doubtful cells read.
    Boot(u32),
    /// The device does one of its choices.
    Do(u32),
    /// Power is lost while the device does nothing.
    Unplug,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) step: u32,
    /// The place in the list of tears.
    pub(super) tear: u32,
}

/// Holds what a turn came to.
pub(super) struct Outcome<S: System> {
    pub(super) next: Result<State<S>, String>,
    /// The steps that the memory did.
    pub(super) steps: u32,
}

impl<S: System> State<S> {
    /// Returns 128 bits that tell this state from others.
    pub(super) fn fingerprint(&self) -> u128 {
        let mut halves = [0, 0];
        for (salt, half) in (0_u8..).zip(&mut halves) {
            let mut hasher = DefaultHasher::new();
            hasher.write_u8(salt);
            match self {
                Self::Off { memory, model } => {
                    memory.fingerprint(&mut hasher);
                    model.hash(&mut hasher);
                }
                Self::On { memory, model, live } => {
                    memory.fingerprint(&mut hasher);
                    (model, live).hash(&mut hasher);
                }
            }
            *half = hasher.finish();
        }
        let [high, low] = halves;
        (u128::from(high) << 64) | u128::from(low)
    }

    /// Takes one turn from here.
    pub(super) fn take(&self, system: &S, turn: Turn, tears: &[Tear<S>]) -> Outcome<S> {
        let (mut memory, mut model) = match self {
            Self::Off { memory, model } | Self::On { memory, model, .. } => {
                (memory.clone(), model.clone())
            }
        };
        if let Act::Boot(reading) = turn.act {
            memory.power_on(reading);
        }
        if let Some(Cut { step, tear }) = turn.cut {
            let Some(tear) = tears.get(tear as usize) else {
                return Outcome { next: Err("no such tear".to_string()), steps: 0 };
            };
            memory.cut_after(step, *tear);
        }
        let before = memory.steps();
        let ran = catch_unwind(AssertUnwindSafe(|| match (self, turn.act) {
            (Self::Off { .. }, Act::Boot(_)) => system.open(&mut memory, &mut model),
            (Self::On { live, .. }, Act::Do(choice)) => {
                let mut live = live.clone();
                let done = system.operate(choice as usize, &mut live, &mut memory, &mut model);
                done.map(|()| live)
            }
            (Self::On { .. }, Act::Unplug) => {
                memory.power_off();
                Err(Stop::PowerLost)
            }
            _ => {
                memory.power_on(0);
                Err(Stop::violation("does not fit: the path is of another system"))
            }
        }));
        let steps = memory.steps().wrapping_sub(before);
        // A device without power has told nobody anything, whatever its last call returned.
        let next = match ran {
            Err(panic) => Err(format!("panicked: {}", text_of(&*panic))),
            Ok(_) if !memory.is_powered() => {
                // What the cells read as in this life is past.
                memory.power_off();
                Ok(Self::Off { memory, model })
            }
            Ok(_) if turn.cut.is_some() => {
                Err("took fewer steps when power was to be lost: not deterministic".to_string())
            }
            Ok(Ok(live)) => Ok(Self::On { memory, model, live }),
            Ok(Err(Stop::PowerLost)) => Err("says that power was lost; it was not".to_string()),
            Ok(Err(Stop::Violation(what))) => Err(what),
        };
        Outcome { next, steps }
    }
}

pub(super) type Tear<S> = <<S as System>::Memory as Memory>::Tear;

fn text_of(panic: &(dyn core::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("for a reason of its own")
}
