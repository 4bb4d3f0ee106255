//! Registers, timings and conversion; all pure.

/// Points to the part's number (datasheet, "`WHO_AM_I`").
pub(super) const ID: u8 = 0x0F;
/// Points to the rate and the update of results (`CTRL_REG1`).
pub(super) const CONTROL: u8 = 0x10;
/// Points to the one-shot (`CTRL_REG2`).
pub(super) const COMMAND: u8 = 0x11;
/// Points to the choice between noise and current (`RES_CONF`).
pub(super) const RESOLUTION: u8 = 0x1A;
/// Points to the state, behind which pressure and temperature follow (`STATUS`).
pub(super) const STATUS: u8 = 0x27;

/// Holds what register [`ID`] does.
pub(super) const LPS22HB: u8 = 0xB1;
/// Stops the rhythm of its own, and keeps the bytes of a value together (BDU).
pub(super) const TOGETHER: u8 = 0x02;
/// Measures once (`ONE_SHOT`), and steps on from register to register (`IF_ADD_INC`).
pub(super) const ONCE: u8 = 0x11;
/// Covers a period of the fastest rate, 75 Hz: the datasheet has no time of a single measurement.
/// One millisecond is added for a clock that ticks just after the start.
pub(super) const WAIT_MS: u32 = 15;

const BOTH_NEW: u8 = 0x03;

/// Chooses between noise and current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Mode {
    /// Measures with a noise of 0.75 Pa, at 12 microampere once in a second.
    LowNoise = 0,
    /// Measures with more noise, at 3 microampere once in a second.
    LowCurrent = 1,
}

/// Decodes registers 0x27..=0x2C: temperature and pressure, or `None` where one is not new.
pub(super) fn values(bytes: [u8; 6]) -> Option<[i32; 2]> {
    let [status, p0, p1, p2, t0, t1] = bytes;
    let pressure = i32::from_le_bytes([0, p0, p1, p2]) >> 8;
    // The register has hundredths already.
    let temperature = i32::from(i16::from_le_bytes([t0, t1]));
    (status & BOTH_NEW == BOTH_NEW).then_some([temperature, centi_pascal(pressure)])
}

/// Returns steps of 1/4096 hPa in 0.01 Pa, to the nearest.
///
/// That is `625 / 256`, of which 2 is taken out: 24 bits times 625 would be 33.
const fn centi_pascal(steps: i32) -> i32 {
    2 * steps + ((steps * 113 + 128) >> 8)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    fn sweep(step: usize) {
        let (mut worst, mut cases) = (0.0_f64, 0_u64);
        for raw in (-(1 << 23)..1 << 23).step_by(step) {
            let exact = f64::from(raw) / 4_096.0 * 10_000.0;
            worst = worst.max((exact - f64::from(centi_pascal(raw))).abs());
            cases += 1;
        }
        println!("cases: {cases}");
        assert!(worst <= 0.5 && worst > 0.49, "{worst}");
    }

    #[test]
    fn values_are_rounded_to_the_nearest() {
        sweep(1_021);
    }

    #[test]
    #[ignore = "long: cargo prove drivers"]
    fn every_value_is_rounded_to_the_nearest() {
        sweep(1);
    }

    #[test]
    fn the_datasheets_example_holds() {
        // "Interpreting pressure readings": 0x3FF58D is 1023.3 hPa (4,191,629 / 4,096).
        assert_eq!(values([3, 0x8D, 0xF5, 0x3F, 0, 0]), Some([0, 10_233_469]));
    }

    #[test]
    fn both_must_be_new() {
        for status in 0..=u8::MAX {
            let given = values([status, 0, 0, 0, 0x18, 0xFC]);
            assert_eq!(given, (status & 3 == 3).then_some([-1_000, 0]));
        }
    }
}
