//! An input of an analog-to-digital converter.

use core::cell::Cell;

/// Reports a conversion that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdcError {
    /// Reports a result that was overwritten before it was fetched.
    Overrun,
}

impl core::fmt::Display for AdcError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("conversion overrun")
    }
}

impl core::error::Error for AdcError {}

/// Simulates one input of a converter of up to 16 bits, with noise and faults.
///
/// embedded-hal 1 has no trait for it, so it is read by [`sample`](Self::sample); the code under
/// test takes a closure over that.
///
/// ```
/// use sundew_testkit::{AdcError, SimAdc};
///
/// let adc = SimAdc::new(12);
/// adc.set_ratio(1, 2);
/// assert_eq!(adc.sample(), Ok(2_048));
/// adc.set_noise(3);
/// assert_eq!([(); 4].map(|()| adc.sample().unwrap()), [2_051, 2_048, 2_045, 2_048]);
/// adc.fail(1, 1);
/// assert!(adc.sample().is_ok());
/// assert_eq!(adc.sample(), Err(AdcError::Overrun));
/// ```
#[derive(Debug)]
pub struct SimAdc {
    full_scale: u16,
    code: Cell<u16>,
    noise: Cell<u16>,
    calls_left: Cell<u32>,
    failures: Cell<u32>,
    conversions: Cell<u32>,
}

impl SimAdc {
    /// Models a converter of `bits` bits, 1 to 16, whose input is at 0.
    pub const fn new(bits: u32) -> Self {
        let unused = 16_u32.saturating_sub(bits);
        Self {
            full_scale: u16::MAX.unbounded_shr(unused),
            code: Cell::new(0),
            noise: Cell::new(0),
            calls_left: Cell::new(0),
            failures: Cell::new(0),
            conversions: Cell::new(0),
        }
    }

    /// Sets the code that a conversion gives, at most that of full scale.
    pub fn set(&self, code: u16) {
        self.code.set(code.min(self.full_scale));
    }

    /// Sets the input to `part / whole` of the reference, as a divider of resistors does.
    ///
    /// The code is rounded down, as converters do, and limited to that of full scale.
    pub fn set_ratio(&self, part: u32, whole: u32) {
        let steps = u64::from(self.full_scale) + 1;
        let code = (u64::from(part) * steps).checked_div(u64::from(whole)).unwrap_or(steps);
        self.set(u16::try_from(code).unwrap_or(u16::MAX));
    }

    /// Makes conversions swing by `amplitude` codes about what was set: up, none, down, none.
    pub fn set_noise(&self, amplitude: u16) {
        self.noise.set(amplitude);
        self.conversions.set(0);
    }

    /// Lets `calls` conversions pass and the `times` after them fail.
    pub fn fail(&self, calls: u32, times: u32) {
        self.calls_left.set(calls);
        self.failures.set(times);
    }

    /// Returns how many conversions there were since the noise was last set, failed ones included.
    pub fn conversions(&self) -> u32 {
        self.conversions.get()
    }

    /// Converts once.
    ///
    /// # Errors
    ///
    /// Returns [`AdcError::Overrun`] where [`fail`](Self::fail) ordered it.
    pub fn sample(&self) -> Result<u16, AdcError> {
        let phase = self.conversions.get() % 4;
        self.conversions.set(self.conversions.get().wrapping_add(1));
        if self.calls_left.get() > 0 {
            self.calls_left.set(self.calls_left.get() - 1);
        } else if self.failures.get() > 0 {
            self.failures.set(self.failures.get() - 1);
            return Err(AdcError::Overrun);
        }
        let code = self.code.get();
        Ok(match phase {
            0 => code.saturating_add(self.noise.get()).min(self.full_scale),
            2 => code.saturating_sub(self.noise.get()),
            _ => code,
        })
    }
}
