//! What every simulated memory has: power that is cut in a given step, and faults that were asked
//! for.

use crate::Torn;

#[derive(Clone, Copy)]
struct Cut {
    steps_left: u32,
    torn: Torn,
}

/// Holds the power of one part, and the cut to come.
#[derive(Clone, Copy)]
pub(crate) struct Supply {
    powered: bool,
    cut: Option<Cut>,
    power_ons: u32,
}

impl Supply {
    pub(crate) const ON: Self = Self { powered: true, cut: None, power_ons: 0 };

    pub(crate) const fn is_on(&self) -> bool {
        self.powered
    }

    pub(crate) const fn cut_after(&mut self, steps: u32, torn: Torn) {
        self.cut = Some(Cut { steps_left: steps, torn });
    }

    pub(crate) const fn off(&mut self) {
        self.powered = false;
    }

    /// Gives power, forgets a cut that has not come, and returns how often this was done before.
    pub(crate) const fn on(&mut self) -> u32 {
        self.powered = true;
        self.cut = None;
        let before = self.power_ons;
        self.power_ons = before.wrapping_add(1);
        before
    }

    /// Counts one step and returns how it is torn, where this is the one that loses power.
    pub(crate) fn step(&mut self) -> Option<Torn> {
        let cut = self.cut.as_mut()?;
        if cut.steps_left > 0 {
            cut.steps_left -= 1;
            return None;
        }
        let torn = cut.torn;
        self.off();
        Some(torn)
    }
}

/// Holds which calls of one operation are to fail.
#[derive(Clone, Copy, Hash)]
pub(crate) struct Fault {
    calls_left: u32,
    times: u32,
}

impl Fault {
    pub(crate) const NONE: Self = Self { calls_left: 0, times: 0 };

    /// Lets `calls` calls pass and the `times` after them fail.
    pub(crate) const fn after(calls: u32, times: u32) -> Self {
        // Without a failure to come there is nothing to count, so that states compare equal.
        Self { calls_left: if times > 0 { calls } else { 0 }, times }
    }

    /// Returns whether this call fails.
    pub(crate) const fn strikes(&mut self) -> bool {
        if self.times == 0 {
            return false;
        }
        if self.calls_left > 0 {
            self.calls_left -= 1;
            return false;
        }
        self.times -= 1;
        true
    }
}
