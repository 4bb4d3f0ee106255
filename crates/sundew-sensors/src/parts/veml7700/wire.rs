//! Registers, timings and conversion; all pure.

/// Holds the address of all parts.
pub(super) const ADDRESS: u8 = 0x10;

// "Command Register Format".
/// Names the configuration.
pub(super) const CONFIGURATION: u8 = 0;
/// Names the counts of the channel that sees as the eye does.
pub(super) const LIGHT: u8 = 4;
/// Names the identity.
pub(super) const IDENTITY: u8 = 7;

/// Puts the part to sleep, in the configuration.
pub(super) const ASLEEP: u16 = 1;

/// Holds what a part can see at most: 140,000 lx, in 0.0001 lx.
const LIMIT: i32 = 1_400_000_000;

/// Multiplies the signal ("`ALS_GAIN`"); the numbers are the register's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Gain {
    /// Multiplies by 1/8: for daylight, and whatever may become daylight.
    Eighth = 2,
    /// Multiplies by 1/4.
    Quarter = 3,
    /// Leaves it: for less than 100 lx.
    One = 0,
    /// Doubles it: for less than 100 lx.
    Two = 1,
}

/// Says for how long light is gathered ("`ALS_IT`"); the numbers are the register's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Integration {
    /// Gathers for 25 ms: flicker of lamps shows.
    Ms25 = 12,
    /// Gathers for 50 ms.
    Ms50 = 8,
    /// Gathers for 100 ms.
    Ms100 = 0,
    /// Gathers for 200 ms.
    Ms200 = 1,
    /// Gathers for 400 ms.
    Ms400 = 2,
    /// Gathers for 800 ms.
    Ms800 = 3,
}

/// Says how a part measures; what it cannot do cannot be said.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::veml7700::{Config, Gain, Integration, Veml7700};
/// use sundew_testkit::{Increment, SimBus, SimClock, SimRegisters};
///
/// let clock = SimClock::new();
/// let part = SimRegisters::<8, 2>::new(0x10, Increment::Never);
/// part.set(7, [0x81, 0xC4]);
/// part.set(4, 1_000_u16.to_le_bytes());
/// let bus = SimBus::new([&part]);
///
/// // 0.5376 lx for a count, up to 35,231 lx before the correction.
/// let config = Config::new(Gain::Eighth, Integration::Ms100);
/// let mut sensor = Veml7700::new(&bus, config);
/// clock.advance_millis(sensor.start().unwrap());
/// assert_eq!(sensor.read(), Ok([5_376_000]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    word: u16,
    wait_ms: u16,
    /// Holds by how many bits a count is coarser than the finest one.
    shift: u8,
    is_corrected: bool,
}

impl Config {
    /// Measures with this gain and time.
    pub const fn new(gain: Gain, integration: Integration) -> Self {
        let (gain_shift, is_corrected) = match gain {
            Gain::Two => (0, false),
            Gain::One => (1, false),
            Gain::Quarter => (3, true),
            Gain::Eighth => (4, true),
        };
        let time_shift = match integration {
            Integration::Ms800 => 0,
            Integration::Ms400 => 1,
            Integration::Ms200 => 2,
            Integration::Ms100 => 3,
            Integration::Ms50 => 4,
            Integration::Ms25 => 5,
        };
        Self {
            word: (gain as u16) << 11 | (integration as u16) << 6,
            // Twice the time, 2.5 ms to wake up, and one for a clock that ticks after the start.
            wait_ms: (1_600 >> time_shift) + 4,
            shift: gain_shift + time_shift,
            is_corrected,
        }
    }

    /// Leaves values above 1,000 lx as they are counted, such as behind a window that was
    /// calibrated as a whole.
    #[must_use]
    pub const fn without_correction(self) -> Self {
        Self { is_corrected: false, ..self }
    }

    pub(super) const fn word(self) -> u16 {
        self.word
    }

    pub(super) const fn wait_ms(self) -> u32 {
        self.wait_ms as u32
    }
}

/// Returns whether the identity register can be a `VEML7700`'s; its upper byte is the address's code.
///
/// Only newer revisions of the datasheet name the register, and what an older part shows in it is
/// not documented: all bits low or all high, as a register that is not there reads, tell nothing.
pub(super) const fn is_right(identity: u16) -> bool {
    matches!(identity, 0 | 0xFFFF) || identity & 0xFF == 0x81
}

/// Returns the ten-thousandths of a lux of a count, and whether there may have been more light.
///
/// 42 of them are a count at the highest gain and time ("Resolution"): 65,535 * 2^9 * 42 is below
/// 2^31.
pub(super) fn light(counts: u16, config: Config) -> (i32, bool) {
    let fine = i32::from(counts) << config.shift;
    let linear = fine * 42;
    let value =
        if config.is_corrected && linear > 10_000_000 { corrected(fine, linear) } else { linear };
    (value.min(LIMIT), counts == u16::MAX || value > LIMIT)
}

/// Returns `6.0135e-13 x^4 - 9.3924e-9 x^3 + 8.1488e-5 x^2 + 1.0023 x` for x lux ("Application
/// Note", "Correction"), in ten-thousandths of a lux.
///
/// With `u = x / 2^15` the coefficients are 21.16, -10.09, 2.670 and 1.0023. They stand here with
/// 12, 12, 13 and 14 fractional bits, as many as 32 bits have room for: x is 23,970 where the
/// result reaches the limit.
fn corrected(fine: i32, linear: i32) -> i32 {
    // Beyond the limit: no need to know by how much, and no room.
    if linear > 239_700_000 {
        return i32::MAX;
    }
    // x, to the nearest lux: 0.0336 * 2^17 is 4,404; 713,000 * 4,404 is below 2^32.
    let lux = ((((fine >> 3) as u32) * 4_404 + (1 << 16)) >> 17) as i32;
    let ratio = ((86_664 * lux) >> 15) - 41_308;
    let ratio = ((ratio * lux) >> 14) + 21_874;
    let ratio = ((ratio * lux) >> 14) + 16_422;
    (linear >> 14) * ratio + (((linear & 0x3FFF) * ratio) >> 14)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    const GAINS: [(Gain, f64); 4] =
        [(Gain::Two, 2.0), (Gain::One, 1.0), (Gain::Quarter, 0.25), (Gain::Eighth, 0.125)];
    const TIMES: [(Integration, f64); 6] = [
        (Integration::Ms25, 25.0),
        (Integration::Ms50, 50.0),
        (Integration::Ms100, 100.0),
        (Integration::Ms200, 200.0),
        (Integration::Ms400, 400.0),
        (Integration::Ms800, 800.0),
    ];

    #[test]
    fn every_count_is_within_the_stated_error() {
        let (mut worst, mut cases) = (0.0_f64, 0_u32);
        for (gain, factor) in GAINS {
            for (integration, millis) in TIMES {
                let config = Config::new(gain, integration);
                let mut before = 0;
                for counts in 0..=u16::MAX {
                    // "Resolution and maximum detection range".
                    let x = f64::from(counts) * 0.0042 * (800.0 / millis) * (2.0 / factor);
                    let (linear, _) = light(counts, config.without_correction());
                    let expected = (x * 10_000.0).min(f64::from(LIMIT));
                    assert!((f64::from(linear) - expected).abs() < 1e-3, "{counts}");
                    let (value, is_saturated) = light(counts, config);
                    assert!(value >= before, "{gain:?} {integration:?} {counts}");
                    before = value;
                    cases += 2;
                    if factor < 1.0 && x > 1_000.0 {
                        let exact =
                            x * (1.0023 + x * (8.1488e-5 + x * (-9.3924e-9 + x * 6.0135e-13)));
                        let exact = exact.min(140_000.0);
                        worst = worst.max((f64::from(value) / 10_000.0 / exact - 1.0).abs());
                        assert!(is_saturated || exact < 140_000.0 || value > LIMIT / 5_000 * 4_999);
                    } else {
                        assert_eq!(value, linear);
                    }
                }
            }
        }
        assert!(worst <= 0.000_2 && worst > 0.000_05, "{worst}");
        println!("cases: {cases}");
    }

    #[test]
    fn the_table_of_resolutions_holds() {
        // Application note, "Resolution and maximum detection range", in 0.0001 lx.
        for (gain, integration, step) in [
            (Gain::Two, Integration::Ms800, 42),
            (Gain::One, Integration::Ms100, 672),
            (Gain::Quarter, Integration::Ms100, 2_688),
            (Gain::Eighth, Integration::Ms25, 21_504),
        ] {
            assert_eq!(light(1, Config::new(gain, integration)), (step, false));
        }
    }

    #[test]
    fn what_is_more_than_the_part_can_see_is_told() {
        let widest = Config::new(Gain::Eighth, Integration::Ms25);
        assert_eq!(light(u16::MAX, widest), (LIMIT, true));
        assert_eq!(light(11_200, widest), (LIMIT, true));
        let finest = Config::new(Gain::Two, Integration::Ms800);
        assert_eq!(light(u16::MAX, finest), (2_752_470, true));
        assert_eq!(light(u16::MAX - 1, finest), (2_752_428, false));
    }

    #[test]
    fn configurations_are_the_datasheets() {
        for (gain, integration, word, wait_ms) in [
            (Gain::One, Integration::Ms100, 0x0000, 204),
            (Gain::Two, Integration::Ms800, 0x08C0, 1_604),
            (Gain::Eighth, Integration::Ms25, 0x1300, 54),
            (Gain::Quarter, Integration::Ms50, 0x1A00, 104),
        ] {
            let config = Config::new(gain, integration);
            assert_eq!((config.word(), config.wait_ms()), (word, wait_ms));
        }
    }
}
