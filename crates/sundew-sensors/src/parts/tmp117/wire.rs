//! Registers, timings and conversion; all pure (datasheet section 7.6, "Register Map").

/// Points to the temperature.
pub(super) const TEMPERATURE: u8 = 0x00;
/// Points to the configuration.
pub(super) const CONFIGURATION: u8 = 0x01;
/// Points to the identity.
pub(super) const DEVICE_ID: u8 = 0x0F;

/// Selects the part's number; the four bits above are its revision.
pub(super) const DEVICE_ID_MASK: u16 = 0x0FFF;
/// Holds the part's number.
pub(super) const DEVICE_ID_VALUE: u16 = 0x0117;

/// Marks a conversion that is through and was not looked at.
pub(super) const DATA_READY: u16 = 1 << 13;
/// Marks an EEPROM that is loading or being programmed.
pub(super) const EEPROM_BUSY: u16 = 1 << 12;

const ONE_SHOT: u16 = 0b11 << 10;
/// Is set in shutdown and in one-shot mode, clear in both codes of continuous conversion.
const NOT_CONTINUOUS: u16 = 1 << 10;

/// Chooses between noise and time (datasheet, "Averaging").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Averaging {
    /// Converts once, in 15.5 ms.
    None = 0,
    /// Averages 8 conversions, in 124 ms.
    Eight = 1,
    /// Averages 32 conversions, in 496 ms.
    ThirtyTwo = 2,
    /// Averages 64 conversions, in 992 ms.
    SixtyFour = 3,
}

impl Averaging {
    /// Returns the configuration that triggers one averaged conversion.
    pub(super) const fn one_shot(self) -> u16 {
        ONE_SHOT | (self as u16) << 5
    }

    /// Returns the wait: 17.5 ms for each conversion ("Electrical Characteristics", maximum).
    ///
    /// One millisecond more: a clock that counts them may tick just after the start.
    pub(super) const fn wait_ms(self) -> u32 {
        match self {
            Self::None => 19,
            Self::Eight => 141,
            Self::ThirtyTwo => 561,
            Self::SixtyFour => 1_121,
        }
    }
}

/// Returns whether a part shows that it was told to convert once: after power-up it converts
/// continuously.
pub(super) const fn is_in_one_shot(configuration: u16) -> bool {
    configuration & NOT_CONTINUOUS != 0
}

/// Returns steps of 7.8125 mCel in thousandths: nearest, halves upwards.
pub(super) const fn milli_celsius(register: u16) -> i32 {
    (register as i16 as i32 * 125 + 8) >> 4
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    #[test]
    fn the_datasheets_table_holds() {
        // Datasheet table 7-1, in thousandths.
        let table = [
            (0x8000, -256_000),
            (0xF380, -25_000),
            (0xFFF0, -125),
            (0xFFFF, -8),
            (0x0000, 0),
            (0x0001, 8),
            (0x0010, 125),
            (0x0080, 1_000),
            (0x0C80, 25_000),
            (0x3200, 100_000),
            (0x7FFF, 255_992),
        ];
        for (register, expected) in table {
            assert_eq!(milli_celsius(register), expected, "{register:#06x}");
        }
    }

    #[test]
    fn every_register_is_rounded_to_the_nearest_halves_upwards() {
        for register in 0..=u16::MAX {
            let exact = f64::from(register as i16) * 7.8125;
            let given = f64::from(milli_celsius(register));
            assert!((given - (exact + 0.5).floor()).abs() < 1e-9, "{register:#06x}: {given}");
        }
        println!("cases: 65536");
    }

    #[test]
    fn configurations_are_the_datasheets_bits() {
        use Averaging::{Eight, None, SixtyFour, ThirtyTwo};
        let bits = [None, Eight, ThirtyTwo, SixtyFour].map(Averaging::one_shot);
        assert_eq!(bits, [0x0C00, 0x0C20, 0x0C40, 0x0C60]);
        assert!(!is_in_one_shot(0x0220), "after power-up");
        assert!(!is_in_one_shot(0x0A20), "continuous by its second code");
        assert!(is_in_one_shot(0x0420), "shut down after a one-shot");
    }
}
