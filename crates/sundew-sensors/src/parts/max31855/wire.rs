//! The frame and its conversion; all pure (datasheet tables 2 to 5).

use crate::parts::ratio::WideRatio;

/// Holds the wait: 100 ms ("Electrical Characteristics", maximum of the conversion time), and a tick.
pub(super) const WAIT_MS: u32 = 101;

const FAULT: u32 = 1 << 16;
/// Holds the bits that are always 0.
const RESERVED: u32 = 1 << 17 | 1 << 3;

/// Says what a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// Holds hundredths of a degree of the hot and of the cold end.
    Values([i32; 2]),
    /// Holds what is wrong with the thermocouple.
    Faults(u8),
    /// Marks a frame that the part does not send.
    Nonsense,
}

/// Takes a frame apart.
pub(super) const fn values(frame: u32) -> Frame {
    let faults = (frame & 0b111) as u8;
    let is_marked = frame & FAULT != 0;
    if frame == 0 || frame & RESERVED != 0 || is_marked != (faults != 0) {
        return Frame::Nonsense;
    }
    if is_marked {
        return Frame::Faults(faults);
    }
    let hot = frame as i32 >> 18;
    let cold = (frame as u16 as i16 >> 4) as i32;
    // A step of the cold end is 6.25 hundredths: 25 / 4, halves upwards.
    Frame::Values([hot * 25, (cold * 25 + 2) >> 2])
}

/// Names the type of thermocouple, as the part's name does with its last letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// Names nickel-chromium against nickel-alumel.
    K,
    /// Names iron against constantan.
    J,
    /// Names nicrosil against nisil.
    N,
    /// Names copper against constantan.
    T,
    /// Names chromel against constantan.
    E,
    /// Names platinum-rhodium (10 %) against platinum.
    S,
    /// Names platinum-rhodium (13 %) against platinum.
    R,
}

impl Kind {
    /// Returns the microvolts that the part measured between its inputs, from the values it gave.
    ///
    /// That is the difference of the ends times the slope which the part assumes (datasheet table
    /// 1): at most 0.5 uV off that, besides the steps of the values themselves (10 uV with K).
    ///
    /// ```
    /// use sundew_sensors::max31855::Kind;
    /// use sundew_units::transform::{Compensated, Table, Thermocouple};
    ///
    /// const OVEN: Compensated<Table<i32, 17, 11>, Table<i16, 9, 10>> =
    ///     Compensated::new(Thermocouple::K.temperatures(0), Thermocouple::K.voltages(-2_000));
    /// // 500 Cel give 20.644 mV, and 25 Cel at the cold end take 1.000 mV off: 475.92 K on the line.
    /// let ends = [50_092, 2_500];
    /// let corrected = OVEN.apply(Kind::K.microvolts(ends), ends[1]);
    /// assert!((corrected.mantissa - 50_000).abs() <= 20); // 0.9 K nearer than the part's value
    /// ```
    pub fn microvolts(self, ends: [i32; 2]) -> i32 {
        let [hot, cold] = ends;
        let slope = WideRatio::new(self.nanovolts_per_kelvin(), 100_000);
        slope.times(hot.saturating_sub(cold))
    }

    const fn nanovolts_per_kelvin(self) -> u32 {
        match self {
            Self::K => 41_276,
            Self::J => 57_953,
            Self::N => 36_256,
            Self::T => 52_180,
            Self::E => 76_373,
            Self::S => 9_587,
            Self::R => 10_506,
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    /// Shifts both ends, in steps, into a frame.
    fn frame(hot: i32, cold: i32) -> u32 {
        (hot as u32) << 18 | (cold as u32 & 0xFFF) << 4
    }

    #[test]
    fn the_datasheets_tables_hold() {
        // Table 4, with 25 Cel at the cold end.
        for (bits, celsius) in [
            (0b01_1001_0000_0000, 160_000),
            (0b00_1111_1010_0000, 100_000),
            (0b00_0001_1001_0011, 10_075),
            (0b00_0000_0110_0100, 2_500),
            (0b00_0000_0000_0000, 0),
            (0b11_1111_1111_1111, -25),
            (0b11_1111_1111_1100, -100),
            (0b11_1100_0001_1000, -25_000),
        ] {
            assert_eq!(values(frame(bits, 0x190)), Frame::Values([celsius, 2_500]));
        }
        // Table 5, with 25 Cel at the hot end; hundredths, halves upwards.
        for (bits, celsius) in [
            (0x7F0, 12_700),
            (0x649, 10_056),
            (0x190, 2_500),
            (0x000, 0),
            (0xFFF, -6),
            (0xFF0, -100),
            (0xEC0, -2_000),
            (0xC90, -5_500),
        ] {
            assert_eq!(values(frame(0x64, bits)), Frame::Values([2_500, celsius]));
        }
    }

    #[test]
    fn every_step_of_both_ends_is_within_the_stated_error() {
        let mut cases = 0_u32;
        for hot in -8_192..8_192 {
            let expected = Frame::Values([hot * 25, 2_500]);
            assert_eq!(values(frame(hot, 0x190)), expected);
            cases += 1;
        }
        for cold in -2_048..2_048 {
            let expected = (f64::from(cold) * 6.25 + 0.5).floor() as i32;
            assert_eq!(values(frame(100, cold)), Frame::Values([2_500, expected]));
            cases += 1;
        }
        println!("cases: {cases}");
    }

    #[test]
    fn what_the_part_does_not_send_is_no_frame() {
        let good = frame(100, 0x190);
        assert_eq!(values(good | FAULT | 0b101), Frame::Faults(0b101));
        let wrong = [0, u32::MAX, good | FAULT, good | 1, good | 1 << 17, good | 1 << 3];
        for frame in wrong {
            assert_eq!(values(frame), Frame::Nonsense, "{frame:#x}");
        }
    }

    #[test]
    fn voltages_are_within_the_stated_error() {
        use Kind::{E, J, K, N, R, S, T};
        let mut cases = 0_u32;
        for kind in [K, J, N, T, E, S, R] {
            for hot in (-204_800..=204_775).step_by(25) {
                for cold in [-5_500, 0, 2_506, 12_700] {
                    let slope = f64::from(kind.nanovolts_per_kelvin()) * 1e-5;
                    let exact = f64::from(hot - cold) * slope;
                    let given = f64::from(kind.microvolts([hot, cold]));
                    assert!((given - exact).abs() <= 0.5 + 1e-3, "{kind:?} {hot} {cold}");
                    cases += 1;
                }
            }
        }
        println!("cases: {cases}");
    }
}
