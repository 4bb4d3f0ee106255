//! What can be broken in a driver on purpose: a place in a file, and what stands there instead.

use crate::prove::mutant::{Mutant, listed};

/// Every mutant, by the file that it breaks.
pub(super) const TABLE: [Mutant; 17] = [
    Mutant {
        name: "bme280-fine",
        breaks: "t_fine, which all three values hang on, is 50 too high",
        file: "crates/sundew-sensors/src/parts/bme280/convert.rs",
        find: "((square as i32 * i32::from(self.t3)) >> 8) + 2)",
        replace: "((square as i32 * i32::from(self.t3)) >> 8) + 202)",
    },
    Mutant {
        name: "bme280-pressure",
        breaks: "the pressure's square term counts twice",
        file: "crates/sundew-sensors/src/parts/bme280/convert.rs",
        find: "((square as i32 * i32::from(self.p9)) >> 11)",
        replace: "((square as i32 * i32::from(self.p9)) >> 10)",
    },
    Mutant {
        name: "bme280-identity",
        breaks: "any part passes for a BME280",
        file: "crates/sundew-sensors/src/parts/bme280/chip.rs",
        find: "if id != self.kind as u8 {",
        replace: "if id != self.kind as u8 && id == 0 {",
    },
    Mutant {
        name: "ds18b20-crc",
        breaks: "the scratchpad's checksum is not looked at",
        file: "crates/sundew-sensors/src/parts/ds18b20/wire.rs",
        find: "_ if crc8(bytes) != 0 =>",
        replace: "_ if crc8(bytes) != 0 && bytes.is_empty() =>",
    },
    Mutant {
        name: "mhz19-checksum",
        breaks: "a frame with a wrong checksum is taken for whole",
        file: "crates/sundew-sensors/src/parts/mhz19/wire.rs",
        find: "if checksum(body).wrapping_sub(0x86) == *sum",
        replace: "if checksum(body).wrapping_sub(0x86) == *sum || *sum != 0",
    },
    Mutant {
        name: "ina219-power",
        breaks: "power is computed from half the voltage",
        file: "crates/sundew-sensors/src/parts/ina219/wire.rs",
        find: "i32::from(shunt) * steps",
        replace: "i32::from(shunt) * (steps / 2)",
    },
    Mutant {
        name: "emc1413-identity",
        breaks: "any part passes for an EMC1413",
        file: "crates/sundew-sensors/src/parts/emc1413.rs",
        find: "if identity != wire::identity(N) {",
        replace: "if identity != wire::identity(N) && N > 4 {",
    },
    Mutant {
        name: "emc1413-extended",
        breaks: "the extended range begins at -60 Cel instead of -64",
        file: "crates/sundew-sensors/src/parts/emc1413/wire.rs",
        find: "milli_celsius - 64_000",
        replace: "milli_celsius - 60_000",
    },
    Mutant {
        name: "lsm303-axes",
        breaks: "Y and Z are taken in the wrong order",
        file: "crates/sundew-sensors/src/parts/lsm303/dlhc.rs",
        find: "[[x_high, x_low], [y_high, y_low], [z_high, z_low]]",
        replace: "[[x_high, x_low], [z_high, z_low], [y_high, y_low]]",
    },
    Mutant {
        name: "lsm303-gain",
        breaks: "the gain along Z in the narrowest range is that of the next",
        file: "crates/sundew-sensors/src/parts/lsm303/wire.rs",
        find: "(1_100, 980)",
        replace: "(1_100, 760)",
    },
    Mutant {
        name: "lsm303-overflow",
        breaks: "an axis beyond the range passes for a value",
        file: "crates/sundew-sensors/src/parts/lsm303/wire.rs",
        find: "u8::from(*axis == -4_096)",
        replace: "u8::from(*axis == -4_095)",
    },
    Mutant {
        name: "sensirion-crc",
        breaks: "the second word's checksum is not looked at",
        file: "crates/sundew-sensors/src/parts/sensirion.rs",
        find: "let right = frames.iter().all(|",
        replace: "let right = frames.iter().take(1).all(|",
    },
    Mutant {
        name: "sensirion-offset",
        breaks: "temperature begins at -44 Cel instead of -45",
        file: "crates/sundew-sensors/src/parts/sensirion.rs",
        find: "share(raw, 4_375) - 4_500",
        replace: "share(raw, 4_375) - 4_400",
    },
    Mutant {
        name: "sensirion-rounding",
        breaks: "the share is cut off instead of rounded",
        file: "crates/sundew-sensors/src/parts/sensirion.rs",
        find: "(quarter * raw + (1 << 13)) >> 14",
        replace: "(quarter * raw) >> 14",
    },
    Mutant {
        name: "tmp105-sign",
        breaks: "temperatures below zero lose their sign",
        file: "crates/sundew-sensors/src/parts/tmp105/wire.rs",
        find: "(steps as i32 * 25 + 32) >> 6",
        replace: "(steps as u16 as i32 * 25 + 32) >> 6",
    },
    Mutant {
        name: "tmp105-restart",
        breaks: "a configuration that was lost is not noticed",
        file: "crates/sundew-sensors/src/parts/tmp105.rs",
        find: "if !self.config.is_shown_by(configuration) {",
        replace: "if !self.config.is_shown_by(configuration) && configuration == 0xEE {",
    },
    Mutant {
        name: "sht4x-too-early",
        breaks: "a refused address while reading is no longer told from a failed bus",
        file: "crates/sundew-sensors/src/parts/sht4x.rs",
        find: "read.map_err(Error::while_reading)?;",
        replace: "read.map_err(Error::Bus)?;",
    },
];

/// The names and what they break, as the table of proofs wants them.
pub(super) const LISTED: [(&str, &str); TABLE.len()] = listed(&TABLE);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutant_still_finds_its_place() {
        for mutant in &TABLE {
            mutant.check().unwrap();
            assert!(["sundew-sensors", "sundew-units"].contains(&mutant.package().unwrap()));
        }
    }
}
