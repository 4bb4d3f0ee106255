//! Instructions, timings and conversion; all pure.

use crate::ConfigError;

/// Holds the measurement time register after power-up.
const DEFAULT_TIME: u8 = 69;

/// Chooses between resolution and time ("Instruction Set Architecture"); the times are maxima at
/// the usual measurement time. The numbers are the instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Mode {
    /// Resolves 0.83 lx in 180 ms.
    High = 0x20,
    /// Resolves 0.42 lx in 180 ms, up to 27,306 lx.
    High2 = 0x21,
    /// Resolves about 4 lx in 24 ms.
    Low = 0x23,
}

/// Says how a part measures; what it cannot do cannot be said.
///
/// ```
/// use sundew_sensors::bh1750::{Address, Bh1750, Config, Mode};
/// use sundew_sensors::{ConfigError, Sensor};
/// use sundew_testkit::{SimBh1750, SimBus, SimClock};
///
/// let clock = SimClock::new();
/// let part = SimBh1750::new(&clock, 0x23);
/// let bus = SimBus::new([&part]);
/// part.set_raw(0x8390);
///
/// let mut sensor = Bh1750::new(&bus, Address::X23, Config::new(Mode::High));
/// clock.advance_millis(sensor.start().unwrap());
/// assert_eq!(sensor.read(), Ok([2_806_667])); // 28,066.67 lx
///
/// // Direct sunlight: less than half the time, and more than twice the range.
/// let sunny = Config::new(Mode::High).with_measurement_time(31)?;
/// sensor.set_config(sunny);
/// assert_eq!(sensor.start(), Ok(82));
/// assert_eq!(sunny.with_measurement_time(30), Err(ConfigError::Setting));
/// # Ok::<(), ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    mode: Mode,
    time: u8,
    wait_ms: u16,
    /// Holds the hundredths of a lux in a count: in 256ths, and 65,536ths of these.
    scale: u16,
    rest: u16,
}

impl Config {
    /// Measures so, for the usual time.
    pub const fn new(mode: Mode) -> Self {
        Self::scaled(mode, DEFAULT_TIME)
    }

    /// Measures for `time / 69` of the usual time, to see more (up to 254, 0.23 lx or half of it)
    /// or to stand more light (down to 31, 121,557 lx).
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Setting`] outside 31..=254.
    pub const fn with_measurement_time(self, time: u8) -> Result<Self, ConfigError> {
        match time {
            31..=254 => Ok(Self::scaled(self.mode, time)),
            _ => Err(ConfigError::Setting),
        }
    }

    /// Does all divisions once, where the configuration is mostly a constant.
    const fn scaled(mode: Mode, time: u8) -> Self {
        let divisor = time as u32;
        // 1 lx is 1.2 counts, or 2.4: 100 / 1.2 * 69 is 5,750. 5,750 * 256 / 31 is below 2^16.
        let (scale, max_ms) = match mode {
            Mode::High => (5_750 << 8, 180),
            Mode::High2 => (2_875 << 8, 180),
            Mode::Low => (5_750 << 8, 24),
        };
        Self {
            mode,
            time,
            // One millisecond more: a clock may tick just after the start.
            wait_ms: (max_ms * divisor).div_ceil(DEFAULT_TIME as u32) as u16 + 1,
            scale: (scale / divisor) as u16,
            // The remainder is below the divisor, so this is below 2^16.
            rest: (((scale % divisor) << 16) / divisor) as u16,
        }
    }

    /// Returns what is sent, one by one: both halves of the measurement time, and the mode.
    pub(super) const fn instructions(self) -> [u8; 3] {
        [0x40 | self.time >> 5, 0x60 | self.time & 0x1F, self.mode as u8]
    }

    pub(super) const fn wait_ms(self) -> u32 {
        self.wait_ms as u32
    }
}

/// Returns the hundredths of a lux of a count ("H-Resolution Mode: data / 1.2").
///
/// Two products of 16 bits: a division would cost 1,058 cycles on AVR. 47,483 * 65,535 and what is
/// added are below 2^32.
pub(super) fn centilux(counts: u16, config: Config) -> i32 {
    let counts = u32::from(counts);
    let rest = (counts * u32::from(config.rest)) >> 16;
    ((counts * u32::from(config.scale) + rest + (1 << 7)) >> 8) as i32
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    #[test]
    fn the_datasheets_example_holds() {
        // "ex) High Byte = 10000011, Low Byte = 10010000: 33680 / 1.2 = 28067 [lx]".
        assert_eq!(centilux(0x8390, Config::new(Mode::High)), 2_806_667);
        assert_eq!(centilux(0x8390, Config::new(Mode::High2)), 1_403_333);
    }

    #[test]
    fn every_count_is_within_the_stated_error() {
        let (mut worst, mut cases) = (0.0_f64, 0_u32);
        for mode in [Mode::High, Mode::High2, Mode::Low] {
            let scale = if mode == Mode::High2 { 2_875.0 } else { 5_750.0 };
            for time in 31..=254 {
                let config = Config::new(mode).with_measurement_time(time).unwrap();
                // Whole ranges at the times that matter; 7 is prime to every power of two.
                let step = if [31, 69, 138, 254].contains(&time) { 1 } else { 7 };
                for counts in (0..=u16::MAX).step_by(step) {
                    let exact = f64::from(counts) * scale / f64::from(time);
                    worst = worst.max((exact - f64::from(centilux(counts, config))).abs());
                    cases += 1;
                }
            }
        }
        assert!(worst <= 0.51 && worst > 0.49, "{worst}");
        println!("cases: {cases}");
    }

    #[test]
    fn waits_cover_the_maxima() {
        let wait = |mode, time| Config::new(mode).with_measurement_time(time).unwrap().wait_ms();
        assert_eq!(Config::new(Mode::High).wait_ms(), 181);
        assert_eq!(Config::new(Mode::Low).wait_ms(), 25);
        assert_eq!((wait(Mode::High2, 31), wait(Mode::High, 254)), (82, 664));
    }

    #[test]
    fn the_measurement_time_is_sent_in_halves() {
        // "Change Measurement time": 01000_MT[7:5], 011_MT[4:0].
        let config = Config::new(Mode::High).with_measurement_time(138).unwrap();
        assert_eq!(config.instructions(), [0b0100_0100, 0b0110_1010, 0x20]);
        for time in [0, 30, 255] {
            assert_eq!(config.with_measurement_time(time), Err(ConfigError::Setting));
        }
    }
}
