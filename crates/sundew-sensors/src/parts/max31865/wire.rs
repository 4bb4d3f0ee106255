//! Registers, timings and conversion; all pure (datasheet, "Internal Registers").

use crate::ConfigError;

/// Points to the configuration; resistance, thresholds and faults follow.
pub(super) const CONFIGURATION: u8 = 0x00;
/// Marks a register that is written.
pub(super) const WRITE: u8 = 0x80;
/// Clears the faults where it is written; it reads as 0.
pub(super) const CLEAR_FAULTS: u8 = 0x02;
/// Marks, beside the resistance, that there is a fault.
pub(super) const FAULT: u8 = 0x01;

const BIAS: u8 = 0x80;
const AUTOMATIC: u8 = 0x40;

/// Says how the thermometer is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Wires {
    /// Names two wires, whose own resistance is measured too.
    Two,
    /// Names three wires, of which two are alike.
    Three,
    /// Names four wires, whose resistance does not count.
    Four,
}

/// Chooses the hum that is filtered out; the numbers are the configuration register's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Mains {
    /// Filters 60 Hz and its harmonics; 17 ms for each conversion.
    Hz60 = 0x00,
    /// Filters 50 Hz and its harmonics; 20 ms for each conversion.
    Hz50 = 0x01,
}

/// Says how the part measures and against which reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    reference_milliohms: u32,
    idle: u8,
}

impl Config {
    /// Measures against a reference of so many milliohms (4 times the thermometer's resistance at
    /// 0 Cel, as the datasheet advises: 400 ohm for Pt100, 4 kiloohms for Pt1000).
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Setting`] for a reference below 100 ohm or above 10 kiloohms, whose
    /// current or voltage does not suit the part.
    pub const fn new(
        reference_milliohms: u32,
        wires: Wires,
        mains: Mains,
    ) -> Result<Self, ConfigError> {
        if reference_milliohms < 100_000 || reference_milliohms > 10_000_000 {
            return Err(ConfigError::Setting);
        }
        // Four wires are connected otherwise than two, but measured alike.
        let wires = match wires {
            Wires::Three => 0x10,
            Wires::Two | Wires::Four => 0x00,
        };
        Ok(Self { reference_milliohms, idle: wires | mains as u8 })
    }

    /// Returns the configuration in which nothing flows.
    pub(super) const fn idle(self) -> u8 {
        self.idle
    }

    /// Returns the configuration in which the part converts all the time.
    pub(super) const fn converting(self) -> u8 {
        BIAS | AUTOMATIC | self.idle
    }

    const fn is_50_hz(self) -> bool {
        self.idle & Mains::Hz50 as u8 != 0
    }

    /// Returns the wait for a conversion that began after the start: two of at most 17.6 or 21 ms
    /// ("Electrical Characteristics"), rounded up, and a tick.
    pub(super) const fn wait_ms(self) -> u32 {
        if self.is_50_hz() { 43 } else { 37 }
    }

    /// Returns the first wait: a conversion of at most 55 or 66 ms, during which the input filter
    /// settles (10.5 times 50 us, and 1 ms), a second one, rounded up, and a tick.
    pub(super) const fn first_wait_ms(self) -> u32 {
        if self.is_50_hz() { 88 } else { 74 }
    }

    /// Returns the resistance, to the nearest milliohm, halves upwards.
    pub(super) const fn milliohms(self, register: [u8; 2]) -> i32 {
        let code = (u16::from_be_bytes(register) >> 1) as u32;
        // code * reference / 32,768 in two parts, for the product has up to 39 bits.
        let high = self.reference_milliohms >> 15;
        let low = self.reference_milliohms & 0x7FFF;
        // At most 32,767 * 305 + 32,768: no limit is near.
        (code * high + ((code * low + (1 << 14)) >> 15)) as i32
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    fn config(reference_milliohms: u32) -> Config {
        Config::new(reference_milliohms, Wires::Two, Mains::Hz60).unwrap_or_else(|_| {
            unreachable!("the tests' references are within the limits");
        })
    }

    #[test]
    fn every_code_of_many_references_is_rounded_to_the_nearest_halves_upwards() {
        let mut cases = 0_u32;
        for reference in [100_000, 400_000, 430_000, 430_123, 3_999_999, 4_300_000, 10_000_000] {
            let config = config(reference);
            for code in 0..0x8000_u16 {
                let exact = f64::from(code) * f64::from(reference) / 32_768.0;
                let given = f64::from(config.milliohms((code << 1).to_be_bytes()));
                assert!((given - (exact + 0.5).floor()).abs() < 1e-9, "{reference} {code}");
                cases += 1;
            }
        }
        println!("cases: {cases}");
    }

    #[test]
    fn the_datasheets_table_holds() {
        // Datasheet table 9, a Pt100 with 400 ohm: register, resistance in hundredths of an ohm. The
        // codes are cut off there, so a step (12 milliohms) and half a hundredth may lie between.
        for (register, hundredths) in [
            (0x0BDA_u16, 1_852),
            (0x12B4, 2_922),
            (0x2690, 6_026),
            (0x3366, 8_031),
            (0x3D7E, 9_609),
            (0x4000, 10_000),
            (0x4280, 10_390),
            (0x4C6A, 11_940),
            (0x58A4, 13_851),
            (0x64B0, 15_733),
            (0x708C, 17_586),
            (0x7C3A, 19_410),
        ] {
            let given = config(400_000).milliohms(register.to_be_bytes());
            assert!((given - hundredths * 10).abs() <= 17, "{register:#x}: {given}");
        }
    }

    #[test]
    fn configurations_are_the_datasheets_bits() {
        for (wires, mains, idle, waits) in [
            (Wires::Two, Mains::Hz60, 0x00, (74, 37)),
            (Wires::Three, Mains::Hz50, 0x11, (88, 43)),
            (Wires::Four, Mains::Hz50, 0x01, (88, 43)),
        ] {
            let config = Config::new(400_000, wires, mains);
            let bits = config.map(|c| (c.idle(), c.converting()));
            assert_eq!(bits, Ok((idle, 0xC0 | idle)));
            assert_eq!(config.map(|c| (c.first_wait_ms(), c.wait_ms())), Ok(waits));
        }
        for reference in [0, 99_999, 10_000_001, u32::MAX] {
            let config = Config::new(reference, Wires::Two, Mains::Hz60);
            assert_eq!(config, Err(ConfigError::Setting));
        }
    }
}
