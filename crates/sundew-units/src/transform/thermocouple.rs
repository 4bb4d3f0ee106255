//! Thermocouples, from the reference functions of ITS-90.

use super::fixed::Fixed;
use super::table::steps;
use super::{Marked, Table, Transform};
use crate::Quality;

/// Holds a coefficient of a published function: mantissa and decimal exponent, per degree.
#[derive(Clone, Copy, Debug)]
struct Coefficient(i64, i32);

/// Describes a type of thermocouple; its tables are built while compiling.
///
/// The reference functions are those of NIST Monograph 175 (NIST Standard Reference Database 60,
/// ITS-90), which IEC 60584-1 has too, with all their digits; the inverse is found by Newton's
/// method on them, not by NIST's approximate inverse functions, which miss by up to 0.06 K.
///
/// The table of temperatures takes whole microvolts of the junction against 0 Cel and gives
/// hundredths of a degree. One microvolt is 0.025 K (K), 0.02 K (J, T) at room temperature and
/// twice that at -150 Cel. The error of the straight lines, over the types' ranges:
///
/// | table | K, 0 to 1,370 Cel | K, -150 to 0 Cel | J, 0 to 760 Cel | T, 0 to 400 Cel |
/// | --- | --- | --- | --- | --- |
/// | `SHIFT` 9 (0.5 mV apart) | 0.019 K | 0.22 K | 0.013 K | 0.027 K |
/// | `SHIFT` 10 (1 mV apart) | 0.057 K | 0.77 K | 0.032 K | 0.11 K |
/// | `SHIFT` 11 (2 mV apart) | 0.24 K | 6.2 K | 0.14 K | 0.37 K |
///
/// The tolerance of class 1 is 1.5 K (K, J) and 0.5 K (T).
///
/// ```
/// use sundew_units::transform::{Compensated, Table, Thermocouple};
///
/// // An oven, 0 to 393 Cel, 17 entries, with the cold junction at -20 to 61.92 Cel, 9 entries.
/// const HOT: Table<i32, 17, 10> = Thermocouple::K.temperatures(0);
/// const COLD: Table<i16, 9, 10> = Thermocouple::K.voltages(-2_000);
/// const OVEN: Compensated<Table<i32, 17, 10>, Table<i16, 9, 10>> = Compensated::new(HOT, COLD);
/// // 7.094 mV with the clamps at 25 Cel (1.000 mV) is 8.094 mV in all: 198.9 Cel.
/// let oven = OVEN.apply(7_094, 2_500);
/// assert!((oven.mantissa - 19_890).abs() < 10);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Thermocouple {
    /// Whole degrees.
    range: (i32, i32),
    cold: &'static [Coefficient],
    /// Where the hot function begins, in degrees.
    border: i32,
    hot: &'static [Coefficient],
    has_magnetic_term: bool,
}

impl Thermocouple {
    /// Nickel-chromium against nickel-aluminium, -270 to 1 372 Cel.
    pub const K: Self = Self {
        range: (-270, 1372),
        cold: &[
            Coefficient(0, 0),
            Coefficient(394_501_280_250, -13),
            Coefficient(236_223_735_980, -16),
            Coefficient(-328_589_067_840, -18),
            Coefficient(-499_048_287_770, -20),
            Coefficient(-675_090_591_730, -22),
            Coefficient(-574_103_274_280, -24),
            Coefficient(-310_888_728_940, -26),
            Coefficient(-104_516_093_650, -28),
            Coefficient(-198_892_668_780, -31),
            Coefficient(-163_226_974_860, -34),
        ],
        border: 0,
        hot: &[
            Coefficient(-176_004_136_860, -13),
            Coefficient(389_212_049_750, -13),
            Coefficient(185_587_700_320, -16),
            Coefficient(-994_575_928_740, -19),
            Coefficient(318_409_457_190, -21),
            Coefficient(-560_728_448_890, -24),
            Coefficient(560_750_590_590, -27),
            Coefficient(-320_207_200_030, -30),
            Coefficient(971_511_471_520, -34),
            Coefficient(-121_047_212_750, -37),
        ],
        has_magnetic_term: true,
    };

    /// Iron against copper-nickel, -210 to 1 200 Cel.
    pub const J: Self = Self {
        range: (-210, 1200),
        cold: &[
            Coefficient(0, 0),
            Coefficient(503_811_878_150, -13),
            Coefficient(304_758_369_300, -16),
            Coefficient(-856_810_657_200, -19),
            Coefficient(132_281_952_950, -21),
            Coefficient(-170_529_583_370, -24),
            Coefficient(209_480_906_970, -27),
            Coefficient(-125_383_953_360, -30),
            Coefficient(156_317_256_970, -34),
        ],
        border: 760,
        hot: &[
            Coefficient(296_456_256_810, -9),
            Coefficient(-149_761_277_860, -11),
            Coefficient(317_871_039_240, -14),
            Coefficient(-318_476_867_010, -17),
            Coefficient(157_208_190_040, -20),
            Coefficient(-306_913_690_560, -24),
        ],
        has_magnetic_term: false,
    };

    /// Copper against copper-nickel, -270 to 400 Cel.
    pub const T: Self = Self {
        range: (-270, 400),
        cold: &[
            Coefficient(0, 0),
            Coefficient(387_481_063_640, -13),
            Coefficient(441_944_343_470, -16),
            Coefficient(118_443_231_050, -18),
            Coefficient(200_329_735_540, -19),
            Coefficient(901_380_195_590, -21),
            Coefficient(226_511_565_930, -22),
            Coefficient(360_711_542_050, -24),
            Coefficient(384_939_398_830, -26),
            Coefficient(282_135_219_250, -28),
            Coefficient(142_515_947_790, -30),
            Coefficient(487_686_622_860, -33),
            Coefficient(107_955_392_700, -35),
            Coefficient(139_450_270_620, -38),
            Coefficient(797_951_539_270, -42),
        ],
        border: 0,
        hot: &[
            Coefficient(0, 0),
            Coefficient(387_481_063_640, -13),
            Coefficient(332_922_278_800, -16),
            Coefficient(206_182_434_040, -18),
            Coefficient(-218_822_568_460, -20),
            Coefficient(109_968_809_280, -22),
            Coefficient(-308_157_587_720, -25),
            Coefficient(454_791_352_900, -28),
            Coefficient(-275_129_016_730, -31),
        ],
        has_magnetic_term: false,
    };

    /// Builds the table from microvolts, of which the first is given, to hundredths of a degree.
    ///
    /// Beyond the type's range, the table goes on in a straight line; [`Bounded`](super::Bounded)
    /// marks what is outside.
    ///
    /// For constants: at run time it would link arithmetic of 128 bits.
    pub const fn temperatures<const N: usize, const SHIFT: u32>(
        &self,
        first: i32,
    ) -> Table<i32, N, SHIFT> {
        let mut exact = [Fixed::ZERO; N];
        let (mut places, mut index) = (exact.as_mut_slice(), 0);
        while let [place, others @ ..] = places {
            let microvolts = first as i64 + steps(index, SHIFT);
            let celsius = self.celsius(Fixed::ratio(microvolts, 1_000));
            *place = celsius.times(Fixed::integer(100));
            (places, index) = (others, index + 1);
        }
        Table::balanced(first, exact)
    }

    /// Builds the table from hundredths of a degree, of which the first is given, to microvolts:
    /// what the cold junction lacks.
    ///
    /// For constants: at run time it would link arithmetic of 128 bits.
    ///
    /// # Panics
    ///
    /// Panics where a voltage does not fit an i16: a cold junction is not at 600 Cel. In a `const`
    /// that is a compile error, which is the intended use.
    pub const fn voltages<const N: usize, const SHIFT: u32>(
        &self,
        first: i32,
    ) -> Table<i16, N, SHIFT> {
        let mut exact = [Fixed::ZERO; N];
        let (mut places, mut index) = (exact.as_mut_slice(), 0);
        while let [place, others @ ..] = places {
            let celsius = Fixed::ratio(first as i64 + steps(index, SHIFT), 100);
            *place = self.millivolts(celsius).0.times(Fixed::integer(1_000));
            (places, index) = (others, index + 1);
        }
        Table::balanced_small(first, exact)
    }

    /// Returns the voltage and its slope per degree; beyond the range, along the slope at its end.
    const fn millivolts(&self, celsius: Fixed) -> (Fixed, Fixed) {
        let (low, high) =
            (Fixed::integer(self.range.0 as i64), Fixed::integer(self.range.1 as i64));
        let within = celsius.limited(low, high);
        let is_cold = within.is_below(Fixed::integer(self.border as i64));
        let mut left = if is_cold { self.cold } else { self.hot };

        // In thousands of degrees, since 10^-30 x 300^14 leaves no digit of the first.
        let share = within.over(Fixed::integer(1_000));
        let (mut value, mut slope) = (Fixed::ZERO, Fixed::ZERO);
        while let [others @ .., Coefficient(mantissa, exponent)] = left {
            let power = others.len() as i32;
            let coefficient = Fixed::decimal(*mantissa, *exponent + 3 * power);
            slope = slope.times(share).plus(value);
            value = value.times(share).plus(coefficient);
            left = others;
        }
        if self.has_magnetic_term && !is_cold {
            // 0.1185976 exp(-1.183432e-4 (t - 126.9686)^2) mV.
            let apart = share.minus(Fixed::decimal(1_269_686, -7));
            let steep = Fixed::decimal(-1_183_432, -4).times(apart);
            let term = steep.times(apart).exp().times(Fixed::decimal(1_185_976, -7));
            value = value.plus(term);
            slope = slope.plus(term.times(steep).times(Fixed::integer(2)));
        }
        let slope = slope.over(Fixed::integer(1_000));
        (value.plus(celsius.minus(within).times(slope)), slope)
    }

    /// Returns the temperature of a voltage.
    const fn celsius(&self, millivolts: Fixed) -> Fixed {
        // Below -260 Cel the slope is nearly 0; there no entry of a table is of use.
        let (low, high) = (Fixed::integer(-260), Fixed::integer(2_000));
        let (mut celsius, mut left) = (Fixed::ZERO, 10);
        while left > 0 {
            let (value, slope) = self.millivolts(celsius);
            celsius = celsius.minus(value.minus(millivolts).over(slope)).limited(low, high);
            left -= 1;
        }
        celsius
    }
}

/// Converts the voltage of a thermocouple whose other end is not at 0 Cel.
///
/// The voltage that the cold junction lacks is added before the conversion: adding temperatures
/// instead would be wrong by the bend of the curve, 1.5 K for type K at 1,000 Cel with the clamps at
/// 50 Cel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Compensated<H, C> {
    hot: H,
    cold: C,
}

impl<H, C> Compensated<H, C> {
    /// Holds the conversion to a temperature and that of the cold junction's to a voltage, both with
    /// the same unit of voltage.
    pub const fn new(hot: H, cold: C) -> Self {
        Self { hot, cold }
    }
}

impl<H: Transform, C: Transform> Compensated<H, C> {
    /// Returns the temperature of the hot junction, for a voltage measured at the clamps and their
    /// temperature.
    ///
    /// A cold junction outside its table is a [`Quality::Fault`]: the result means nothing then.
    pub fn apply(&self, measured: i32, cold_junction: i32) -> Marked {
        let lacking = self.cold.apply(cold_junction);
        let hot = self.hot.apply(measured.saturating_add(lacking.mantissa));
        if lacking.quality == Quality::Good {
            hot
        } else {
            Marked::new(hot.mantissa, Quality::Fault)
        }
    }
}
