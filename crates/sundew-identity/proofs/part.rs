//! A flash that can be told that no more cuts are looked at.

use core::hash::Hasher;

use sundew_testkit::explore::Memory;
use sundew_testkit::{SimFlash, Torn};

pub(crate) const PAGE: u32 = 320;

pub(crate) type Flash = SimFlash<1600, 320, 16>;

/// Is the flash of the device.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) flash: Flash,
    /// Steps that nobody can cut.
    hidden: u32,
}

impl Part {
    pub(crate) const fn new(flash: Flash) -> Self {
        Self { flash, hidden: 0 }
    }

    /// Does something in which power is not lost.
    pub(crate) fn uncut<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.steps();
        let result = act(self);
        self.hidden += self.steps().wrapping_sub(before);
        result
    }
}

impl Memory for Part {
    type Tear = Torn;

    fn tears(&self) -> impl IntoIterator<Item = Torn> {
        self.flash.tears()
    }

    fn steps(&self) -> u32 {
        Memory::steps(&self.flash).wrapping_sub(self.hidden)
    }

    fn cut_after(&mut self, steps: u32, tear: Torn) {
        Memory::cut_after(&mut self.flash, steps, tear);
    }

    fn power_off(&mut self) {
        Memory::power_off(&mut self.flash);
    }

    fn is_powered(&self) -> bool {
        Memory::is_powered(&self.flash)
    }

    fn readings(&self) -> u32 {
        self.flash.readings()
    }

    fn power_on(&mut self, reading: u32) {
        Memory::power_on(&mut self.flash, reading);
    }

    fn fingerprint<H: Hasher>(&self, hasher: &mut H) {
        self.flash.fingerprint(hasher);
    }
}
