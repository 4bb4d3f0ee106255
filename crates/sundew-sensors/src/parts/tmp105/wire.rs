//! Registers, timings and conversion; all pure.

/// Points to the temperature (datasheet table 2).
pub(super) const TEMPERATURE: u8 = 0;
/// Points to the configuration (datasheet table 2).
pub(super) const CONFIGURATION: u8 = 1;

const SHUTDOWN: u8 = 0x01;
const ONE_SHOT: u8 = 0x80;

/// Chooses between resolution and time (datasheet, "Converter Resolution").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Resolution {
    /// Resolves 0.5 Cel in 37.5 ms.
    Nine = 0,
    /// Resolves 0.25 Cel in 75 ms.
    Ten = 1,
    /// Resolves 0.125 Cel in 150 ms.
    Eleven = 2,
    /// Resolves 0.0625 Cel in 300 ms.
    Twelve = 3,
}

/// Says how a part of the family measures; what a part cannot do cannot be said.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::tmp105::{self, Tmp105};
/// use sundew_testkit::{SimBus, SimClock, SimTmp105};
///
/// let clock = SimClock::new();
/// let part = SimTmp105::new(&clock, 0x48);
/// let bus = SimBus::new([&part]);
/// let config = tmp105::Config::one_shot(tmp105::Resolution::Nine);
/// let mut sensor = Tmp105::new(&bus, tmp105::Address::X48, config);
/// assert_eq!(sensor.start(), Ok(39));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    byte: u8,
    unused_bits: u8,
    wait_ms: u16,
}

impl Config {
    /// Converts all the time, at about 50 microampere.
    pub const fn continuous(resolution: Resolution) -> Self {
        let number = resolution as u8;
        Self {
            byte: number << 5,
            unused_bits: 7 - number,
            // The maximum is 37.5 ms for 9 bits and doubles with each. One millisecond more: a
            // clock that counts them may tick just after the start.
            wait_ms: (75_u16 << number).div_ceil(2) + 1,
        }
    }

    /// Converts once for each start, and sleeps at 0.1 microampere in between.
    pub const fn one_shot(resolution: Resolution) -> Self {
        let continuous = Self::continuous(resolution);
        Self { byte: continuous.byte | SHUTDOWN, ..continuous }
    }

    /// Suits an `LM75` of 9 bits, which converts all the time, in up to 300 ms.
    pub const fn lm75() -> Self {
        Self { byte: 0, unused_bits: 7, wait_ms: 301 }
    }

    /// Suits an `LM75A` or `LM75B` of 11 bits, which converts all the time, every 100 ms.
    pub const fn lm75b() -> Self {
        Self { byte: 0, unused_bits: 5, wait_ms: 111 }
    }

    pub(super) const fn is_one_shot(self) -> bool {
        self.byte & SHUTDOWN != 0
    }

    pub(super) const fn start_byte(self) -> u8 {
        if self.is_one_shot() { self.byte | ONE_SHOT } else { self.byte }
    }

    /// Returns whether a part that is configured so shows `byte`; the one-shot bit tells nothing.
    pub(super) const fn is_shown_by(self, byte: u8) -> bool {
        byte & !ONE_SHOT == self.byte
    }

    pub(super) const fn wait_ms(self) -> u32 {
        self.wait_ms as u32
    }
}

/// Returns the register, 256 steps to the degree, in hundredths: nearest, halves upwards.
///
/// Bits below the resolution are dropped: `LM75` parts leave them undefined.
pub(super) const fn centi_celsius(register: [u8; 2], config: Config) -> i32 {
    let steps = i16::from_be_bytes(register) >> config.unused_bits << config.unused_bits;
    (steps as i32 * 25 + 32) >> 6
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    const TWELVE: Config = Config::continuous(Resolution::Twelve);

    #[test]
    fn the_datasheets_table_holds() {
        // Datasheet table 5; the digital output is left-aligned in the register.
        let table = [
            (0x7FF0, 12_794),
            (0x6400, 10_000),
            (0x5000, 8_000),
            (0x4B00, 7_500),
            (0x3200, 5_000),
            (0x1900, 2_500),
            (0x0040, 25),
            (0x0000, 0),
            (0xFFC0_u16, -25),
            (0xE700, -2_500),
            (0xC900, -5_500),
        ];
        for (register, centi_celsius_expected) in table {
            assert_eq!(centi_celsius(register.to_be_bytes(), TWELVE), centi_celsius_expected);
        }
    }

    #[test]
    fn every_step_is_rounded_to_the_nearest_hundredth_halves_upwards() {
        for sixteenths in -2_048..2_048_i16 {
            let register = (sixteenths << 4).to_be_bytes();
            let expected = (f64::from(sixteenths) * 6.25 + 0.5).floor();
            let given = centi_celsius(register, TWELVE);
            assert!((f64::from(given) - expected).abs() < 1e-9, "{sixteenths}: {given}");
        }
        println!("cases: 4096");
    }

    #[test]
    fn bits_below_the_resolution_do_not_count() {
        let resolutions = [Resolution::Nine, Resolution::Ten, Resolution::Eleven];
        for (number, resolution) in resolutions.into_iter().enumerate() {
            let config = Config::continuous(resolution);
            let unused = (1 << (7 - number)) - 1;
            for register in [0x1900, -0x1900, 0x7F80, i16::MIN] {
                let clean = centi_celsius(register.to_be_bytes(), config);
                assert_eq!(centi_celsius((register | unused).to_be_bytes(), config), clean);
                assert_eq!(centi_celsius(register.to_be_bytes(), TWELVE), clean);
            }
        }
        assert_eq!(centi_celsius([0x19, 0x7F], Config::lm75()), 2_500);
        assert_eq!(centi_celsius([0x19, 0x3F], Config::lm75b()), 2_513);
    }

    #[test]
    fn waits_cover_the_datasheets_maxima() {
        use Resolution::{Eleven, Nine, Ten, Twelve};
        let waits = [Nine, Ten, Eleven, Twelve].map(|r| Config::one_shot(r).wait_ms());
        assert_eq!(waits, [39, 76, 151, 301]);
    }
}
