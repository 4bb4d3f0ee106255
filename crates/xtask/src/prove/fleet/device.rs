//! One device of the fleet: the real policy, or one of those it is compared with, and a queue.

use sundew_core::Ticks;
use sundew_queue::policy::{Action, Fate, Jitter, Policy, Retry};
use sundew_queue::{Effort, Position};

/// Says how devices decide when to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// The crate's.
    Policy,
    /// The same pause each time.
    Fixed,
    /// Twice the pause each time, the same for all.
    Doubling,
}

/// Holds one of the schemes at work.
pub(super) enum Decider {
    Policy(Policy),
    Plain(Plain),
}

/// What firmware without a policy does.
pub(super) struct Plain {
    doubles: u32,
    failures: u32,
    is_up: bool,
    pause: Option<Ticks>,
}

impl Plain {
    fn hold(&mut self, now: Ticks) {
        let pause = (1_000 << self.failures.min(20)).min(super::CAP_MS);
        self.failures += self.doubles;
        self.pause = Some(now.after(pause));
    }
}

impl Decider {
    pub(super) fn new(scheme: Scheme, retry: Retry, jitter: Jitter, now: Ticks) -> Self {
        let doubles = match scheme {
            Scheme::Policy => return Self::Policy(Policy::new(retry, jitter, now)),
            Scheme::Fixed => 0,
            Scheme::Doubling => 1,
        };
        Self::Plain(Plain { doubles, failures: 0, is_up: false, pause: None })
    }

    pub(super) fn poll(&mut self, now: Ticks) -> Action {
        match self {
            Self::Policy(policy) => policy.poll(now),
            Self::Plain(plain) => match plain.pause {
                Some(pause) if !now.has_reached(pause) => Action::Wait(pause),
                _ if plain.is_up => Action::Send,
                _ => Action::Connect,
            },
        }
    }

    pub(super) fn link_up(&mut self) {
        match self {
            Self::Policy(policy) => policy.link_up(),
            Self::Plain(plain) => {
                plain.is_up = true;
                plain.pause = None;
            }
        }
    }

    pub(super) fn link_lost(&mut self, now: Ticks) {
        match self {
            Self::Policy(policy) => policy.link_lost(now),
            Self::Plain(plain) => {
                plain.is_up = false;
                plain.hold(now);
            }
        }
    }

    pub(super) fn taken(&mut self) {
        match self {
            Self::Policy(policy) => policy.taken(),
            Self::Plain(plain) => plain.failures = 0,
        }
    }

    pub(super) fn rejected(&mut self) {
        match self {
            Self::Policy(policy) => policy.rejected(),
            Self::Plain(plain) => plain.failures = 0,
        }
    }

    pub(super) fn refused(&mut self, now: Ticks, sequence: u32, effort: Effort) -> Fate {
        match self {
            Self::Policy(policy) => {
                policy.refused(now, Position { boot: 1, sequence }, effort, None)
            }
            Self::Plain(plain) => {
                plain.hold(now);
                Fate::Keep
            }
        }
    }
}

/// One device, and what the broker knows of it.
pub(super) struct Device {
    pub(super) decider: Decider,
    /// What its ticks stand at when the simulation begins.
    pub(super) ticks: u32,
    pub(super) link: Link,
    /// Numbers the links that it had, so that what belongs to a dead one is known.
    pub(super) epoch: u32,
    pub(super) is_in_flight: bool,
    /// When it wakes by itself; wakes at other moments are left over.
    pub(super) wake_at: u64,
    /// The oldest record that waits; those below are let go of.
    pub(super) head: u32,
    /// What became of each record.
    pub(super) records: Vec<Ends>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Down,
    Coming,
    Up,
}

/// What became of a record, as the broker and the application saw it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ends {
    pub(super) received: bool,
    pub(super) rejected: bool,
    /// It was handed to the application as a dead letter.
    pub(super) dead: bool,
}

impl Device {
    pub(super) fn now(&self, now: u64) -> Ticks {
        Ticks::from_millis(self.ticks).after(now as u32)
    }

    pub(super) fn waiting(&self) -> u32 {
        self.records.len() as u32 - self.head
    }
}

/// Returns how hard a record is tried: most until they are taken, one in ten a few times, one in
/// 25 once.
pub(super) fn effort(sequence: u32) -> Effort {
    if sequence.is_multiple_of(10) {
        Effort::Few
    } else if sequence % 25 == 1 {
        Effort::Once
    } else {
        Effort::UntilTaken
    }
}
