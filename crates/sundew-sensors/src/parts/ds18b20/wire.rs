//! Commands, timings, scratchpad and conversion; all pure.

use crate::one_wire::{Rom, crc8};

/// Begins a conversion (datasheet, "DS18B20 Function Commands").
pub(super) const CONVERT: u8 = 0x44;
/// Reads the scratchpad (ibidem).
pub(super) const READ_SCRATCHPAD: u8 = 0xBE;
/// Writes alarms and configuration (ibidem).
pub(super) const WRITE_SCRATCHPAD: u8 = 0x4E;
/// Addresses one part ("ROM Commands").
pub(super) const MATCH_ROM: u8 = 0x55;
/// Addresses all parts (ibidem).
pub(super) const SKIP_ROM: u8 = 0xCC;

/// Names the `DS18S20`, with its own scratchpad; the `DS18B20` is 0x28, the `DS1822` 0x22.
const FAMILY_S: u8 = 0x10;

/// Chooses between steps and time ("Thermometer Resolution Configuration").
///
/// The numbers are the configuration register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Resolution {
    /// Steps of 0.5 Cel, 93.75 ms.
    Nine = 0x1F,
    /// Steps of 0.25 Cel, 187.5 ms.
    Ten = 0x3F,
    /// Steps of 0.125 Cel, 375 ms.
    Eleven = 0x5F,
    /// Steps of 0.0625 Cel, 750 ms; as after power-up.
    Twelve = 0x7F,
}

/// Names the kind of scratchpad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Is that of `DS18B20` and `DS1822`.
    Fine,
    /// Is that of the `DS18S20`: half degrees, and counters for the rest.
    Halves,
}

impl Kind {
    pub(super) const fn of(rom: Rom) -> Option<Self> {
        match rom.family() {
            0x22 | 0x28 => Some(Self::Fine),
            FAMILY_S => Some(Self::Halves),
            _ => None,
        }
    }

    /// Returns the wait of a conversion: the maximum, and the millisecond that a clock may miss.
    pub(super) const fn wait_ms(self, resolution: Resolution) -> u32 {
        match (self, resolution) {
            (Self::Fine, Resolution::Nine) => 95,
            (Self::Fine, Resolution::Ten) => 189,
            (Self::Fine, Resolution::Eleven) => 376,
            _ => 751,
        }
    }
}

/// Says what nine bytes of a scratchpad are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Scratchpad {
    /// Is nobody's: all bits are 1, as where no part drives the line.
    Absent,
    /// Fails its checksum.
    Damaged,
    /// Is no scratchpad of this part, though its checksum is right: all bits are 0, or bits that
    /// never change have changed.
    Foreign,
    /// Is one whose temperature is the 85 Cel of a part that has not converted since power-up.
    PowerUp,
    /// Holds a measurement.
    Measured {
        /// Holds the temperature in sixteenths of a degree Celsius.
        sixteenths: i16,
        /// Holds the configuration register.
        configuration: u8,
    },
}

impl Scratchpad {
    /// Judges the nine bytes of a `DS18B20` or `DS1822`.
    ///
    /// A real 85 Cel is told from that of power-up by the sixth reserved byte: it is 0x0C after
    /// power-up and 0x10 with a 0 in the last bits of a temperature that was converted. No datasheet
    /// says so; it is what genuine parts do. Some copies always show 0x0C: for those
    /// exactly 85 Cel is taken for a restart.
    pub const fn of_ds18b20(bytes: &[u8; 9]) -> Self {
        let [low, high, _, _, configuration, _, sixth, ..] = *bytes;
        if let Some(wrong) = Self::wrong(bytes) {
            return wrong;
        }
        // Bits 0 to 4 are 1, bit 7 is 0 ("Configuration Register").
        if configuration & 0x9F != 0x1F {
            return Self::Foreign;
        }
        let raw = i16::from_le_bytes([low, high]);
        if raw == 0x0550 && sixth == 0x0C {
            return Self::PowerUp;
        }
        // Bits below the resolution are undefined ("Temperature Register Format").
        let unused = 3 - (configuration >> 5);
        Self::Measured { sixteenths: raw >> unused << unused, configuration }
    }

    /// Judges the nine bytes of a `DS18S20`, whose 85 Cel looks the same either way: it is taken
    /// for power-up.
    pub const fn of_ds18s20(bytes: &[u8; 9]) -> Self {
        let [low, high, _, _, configuration, _, remain, per_degree, _] = *bytes;
        if let Some(wrong) = Self::wrong(bytes) {
            return wrong;
        }
        // COUNT PER C is hard-wired to 16, COUNT REMAIN is 1 to 16, the upper byte is the sign.
        if per_degree != 16 || remain > 16 || (high != 0 && high != 0xFF) {
            return Self::Foreign;
        }
        let raw = i16::from_le_bytes([low, high]);
        if raw == 0x00AA && remain == 0x0C {
            return Self::PowerUp;
        }
        // TEMP_READ - 0.25 + (16 - COUNT REMAIN) / 16, where TEMP_READ lacks the half ("Operation").
        Self::Measured { sixteenths: (raw >> 1) * 16 + 12 - remain as i16, configuration }
    }

    const fn wrong(bytes: &[u8; 9]) -> Option<Self> {
        let (mut ones, mut any) = (0xFF, 0);
        let mut rest: &[u8] = bytes;
        while let [byte, others @ ..] = rest {
            ones &= *byte;
            any |= *byte;
            rest = others;
        }
        match (ones, any) {
            (0xFF, _) => Some(Self::Absent),
            // Zeros have the right checksum: it is the line that is low.
            (_, 0) => Some(Self::Foreign),
            _ if crc8(bytes) != 0 => Some(Self::Damaged),
            _ => None,
        }
    }
}

/// Returns hundredths of a degree, to the nearest, halves upwards.
pub(super) const fn centi_celsius(sixteenths: i16) -> i32 {
    (sixteenths as i32 * 25 + 2) >> 2
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    fn with_crc(mut bytes: [u8; 9]) -> [u8; 9] {
        bytes[8] = crc8(&bytes[..8]);
        bytes
    }

    fn fine(raw: u16, configuration: u8) -> [u8; 9] {
        let [low, high] = raw.to_le_bytes();
        with_crc([low, high, 0x4B, 0x46, configuration, 0xFF, 0x02, 0x10, 0])
    }

    /// Datasheet 19-7487, "Temperature/Data Relationship".
    #[test]
    fn the_datasheets_table_is_read() {
        let table = [
            (0x07D0, 12_500),
            (0x0550, 8_500),
            (0x0191, 2_506),
            (0x00A2, 1_013),
            (0x0008, 50),
            (0x0000, 0),
            (0xFFF8, -50),
            (0xFF5E, -1_012),
            (0xFE6F, -2_506),
            (0xFC90, -5_500),
        ];
        for (raw, centi) in table {
            let Scratchpad::Measured { sixteenths, .. } = Scratchpad::of_ds18b20(&fine(raw, 0x7F))
            else {
                panic!("{raw:#06x}")
            };
            assert_eq!(centi_celsius(sixteenths), centi);
        }
    }

    #[test]
    fn every_raw_value_is_within_half_a_hundredth() {
        let mut worst = 0.0_f64;
        let mut cases = 0;
        for (configuration, step) in [(0x1F, 8), (0x3F, 4), (0x5F, 2), (0x7F, 1)] {
            for raw in i16::MIN..=i16::MAX {
                let found = Scratchpad::of_ds18b20(&fine(raw as u16, configuration));
                let exact = (f64::from(raw) / f64::from(step)).floor() * f64::from(step) * 6.25;
                let sixteenths = (exact / 6.25) as i16;
                assert_eq!(found, Scratchpad::Measured { sixteenths, configuration });
                worst = worst.max((f64::from(centi_celsius(sixteenths)) - exact).abs());
                cases += 1;
            }
        }
        assert!(worst <= 0.5, "{worst}");
        std::println!("cases: {cases}");
    }

    #[test]
    fn every_reading_of_a_ds18s20_follows_its_formula() {
        let mut cases = 0;
        for raw in -110..=250_i16 {
            for remain in 1..=16_u8 {
                let [low, high] = raw.to_le_bytes();
                let bytes = with_crc([low, high, 0, 0, 0xFF, 0xFF, remain, 16, 0]);
                let exact = f64::from(raw >> 1) - 0.25 + (16.0 - f64::from(remain)) / 16.0;
                match Scratchpad::of_ds18s20(&bytes) {
                    Scratchpad::PowerUp => assert_eq!((raw, remain), (0xAA, 12)),
                    Scratchpad::Measured { sixteenths, .. } => {
                        let given = f64::from(centi_celsius(sixteenths));
                        assert!((given - exact * 100.0).abs() <= 0.5, "{raw} {remain}");
                    }
                    other => panic!("{raw} {remain}: {other:?}"),
                }
                cases += 1;
            }
        }
        std::println!("cases: {cases}");
    }

    #[test]
    fn what_is_no_measurement_is_told() {
        assert_eq!(Scratchpad::of_ds18b20(&[0xFF; 9]), Scratchpad::Absent);
        assert_eq!(Scratchpad::of_ds18b20(&[0; 9]), Scratchpad::Foreign);
        assert_eq!(Scratchpad::of_ds18b20(&fine(0, 0xFF)), Scratchpad::Foreign);
        let power_up = with_crc([0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10, 0]);
        assert_eq!(Scratchpad::of_ds18b20(&power_up), Scratchpad::PowerUp);
        // Genuine parts show this after power-up (seen on real ones): CRC 0x1C.
        assert_eq!(power_up[8], 0x1C);
        assert_eq!(
            Scratchpad::of_ds18s20(&fine(0, 0x7F)),
            Scratchpad::Measured { sixteenths: 10, configuration: 0x7F }
        );
        for bit in 0..72 {
            let mut wrong = fine(0x0191, 0x7F);
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Scratchpad::of_ds18b20(&wrong), Scratchpad::Damaged, "bit {bit}");
        }
    }

    #[test]
    fn waits_cover_the_datasheets_maximum() {
        use Resolution::{Eleven, Nine, Ten, Twelve};
        for (resolution, max) in [(Nine, 93.75), (Ten, 187.5), (Eleven, 375.0), (Twelve, 750.0)] {
            assert!(f64::from(Kind::Fine.wait_ms(resolution)) >= max + 1.0);
            assert_eq!(Kind::Halves.wait_ms(resolution), 751);
        }
    }
}
