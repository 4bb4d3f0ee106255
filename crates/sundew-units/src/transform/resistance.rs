//! Thermometers that are resistors: thermistors and platinum.

use super::Table;
use super::fixed::Fixed;
use super::table::steps;
use crate::Dec;

/// Describes a thermistor; its table is built while compiling.
///
/// `1 / T = a + b ln R + c (ln R)^3` (Steinhart and Hart 1968), T in kelvins and R in ohms; the Beta
/// formula is the same with c = 0.
///
/// The table takes the converter's own number, from 0 to its full scale, and gives hundredths of a
/// degree. (N - 1) steps of 2^`SHIFT` are the full scale: 64 of 2^4 for 10 bits, 64 of 2^6 for 12.
/// The error of the straight lines, for 10 kohm and Beta 3950 with 10 kohm in series:
///
/// | entries | RAM on AVR | -20 to 60 Cel | -40 to 85 Cel |
/// | --- | --- | --- | --- |
/// | 17 | 38 B | 0.26 K | 6.9 K |
/// | 33 | 70 B | 0.11 K | 2.6 K |
/// | 65 | 134 B | 0.035 K | 0.23 K |
/// | 129 | 262 B | 0.013 K | 0.061 K |
///
/// One step of a converter of 10 bits is 0.09 to 0.2 K from -20 to 60 Cel, and 0.57 K at -40 Cel.
/// Entries are limited to -100 and 300 Cel, and near the ends of the scale the curve bends more than the lines follow: mark with
/// [`Bounded`](super::Bounded) what the part is not made for, and the rails as a fault.
///
/// ```
/// use sundew_units::transform::{Bounded, Divider, Ntc, Table, Transform};
/// use sundew_units::Quality;
///
/// const PROBE: Ntc = Ntc::beta(10_000, 2_500, 3_950);
/// const AIR: Bounded<Table<i16, 65, 4>> =
///     Bounded::new(PROBE.table(Divider::PullUp(10_000))).raws(8, 1_015).values(-4_000, 8_500);
/// assert_eq!(AIR.apply(512).mantissa, 2_500);
/// assert_eq!(AIR.apply(1_023).quality, Quality::Fault); // no probe
/// ```
#[derive(Clone, Copy)]
pub struct Ntc {
    a: Fixed,
    b: Fixed,
    c: Fixed,
}

/// Says where the fixed resistor of a divider is, and its resistance in ohms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Divider {
    /// Puts it between the supply and the converter, and the probe to ground.
    PullUp(u32),
    /// Puts it between the converter and ground, and the probe to the supply.
    PullDown(u32),
}

impl Ntc {
    /// Describes a thermistor by its resistance at a temperature (hundredths of a degree, mostly
    /// 2,500) and its Beta in kelvins.
    ///
    /// # Panics
    ///
    /// Panics where one of them is 0 or the temperature is not above absolute zero. In a `const` that
    /// is a compile error, which is the intended use.
    pub const fn beta(ohms: u32, at: i32, beta: u32) -> Self {
        assert!(ohms > 0 && beta > 0 && at > -27_315, "no thermistor");
        let b = Fixed::ratio(1, beta as i64);
        let inverse = Fixed::ratio(100, at as i64 + 27_315);
        let logarithm = Fixed::integer(ohms as i64).ln();
        Self { a: inverse.minus(b.times(logarithm)), b, c: Fixed::ZERO }
    }

    /// Describes a thermistor by its three coefficients, for ohms and kelvins.
    pub const fn steinhart_hart(a: Dec, b: Dec, c: Dec) -> Self {
        Self { a: of(a), b: of(b), c: of(c) }
    }

    /// Describes a thermistor by three points: a temperature in hundredths of a degree and ohms.
    ///
    /// # Panics
    ///
    /// Panics where a resistance is 0 or two points are the same. In a `const` that is a compile
    /// error, which is the intended use.
    pub const fn through(points: [(i32, u32); 3]) -> Self {
        let [first, second, third] = points;
        let ((x, at_x), (y, at_y), (z, at_z)) = (point(first), point(second), point(third));
        // Differences by pairs take out a, those of their slopes b.
        let slope = at_y.minus(at_x).over(y.minus(x));
        let other = at_z.minus(at_x).over(z.minus(x));
        let cubic = other.minus(slope).over(z.minus(y).times(x.plus(y).plus(z)));
        let squares = x.times(x).plus(x.times(y)).plus(y.times(y));
        let linear = slope.minus(cubic.times(squares));
        let constant = at_x.minus(x.times(linear.plus(x.times(x).times(cubic))));
        Self { a: constant, b: linear, c: cubic }
    }

    /// Builds the table from a converter's number to hundredths of a degree.
    ///
    /// For constants: at run time it would link arithmetic of 128 bits.
    ///
    /// # Panics
    ///
    /// Panics where the fixed resistor has 0 ohms. In a `const` that is a compile error, which is the
    /// intended use.
    pub const fn table<const N: usize, const SHIFT: u32>(
        &self,
        divider: Divider,
    ) -> Table<i16, N, SHIFT> {
        let (ohms, is_pull_up) = match divider {
            Divider::PullUp(ohms) => (ohms, true),
            Divider::PullDown(ohms) => (ohms, false),
        };
        assert!(ohms > 0, "no divider");
        let series = Fixed::integer(ohms as i64).ln();
        let mut exact = [Fixed::ZERO; N];
        let (mut places, mut index) = (exact.as_mut_slice(), 0);
        while let [place, others @ ..] = places {
            // At the rails, where the logarithm has no end, a sixteenth of a step further in.
            let low = if index == 0 { Fixed::ONE.halved(4) } else { Fixed::integer(index) };
            let above = others.len() as i64;
            let high = if above == 0 { Fixed::ONE.halved(4) } else { Fixed::integer(above) };
            let share = low.ln().minus(high.ln());
            let logarithm = if is_pull_up { series.plus(share) } else { series.minus(share) };
            *place = self.centi_celsius(logarithm);
            (places, index) = (others, index + 1);
        }
        Table::balanced_small(0, exact)
    }

    const fn centi_celsius(&self, logarithm: Fixed) -> Fixed {
        let cube = logarithm.times(logarithm).times(logarithm);
        let inverse = self.a.plus(self.b.times(logarithm)).plus(self.c.times(cube));
        let inverse = inverse.limited(Fixed::ratio(100, 57_315), Fixed::ratio(100, 17_315));
        Fixed::integer(100).over(inverse).minus(Fixed::integer(27_315))
    }
}

/// Returns the logarithm of a resistance and the inverse of a temperature.
const fn point((at, ohms): (i32, u32)) -> (Fixed, Fixed) {
    assert!(ohms > 0 && at > -27_315, "no point of a thermistor");
    (Fixed::integer(ohms as i64).ln(), Fixed::ratio(100, at as i64 + 27_315))
}

const fn of(value: Dec) -> Fixed {
    Fixed::decimal(value.mantissa() as i64, value.exponent() as i32)
}

/// Builds the table of a platinum thermometer (Pt100, Pt1000), to hundredths of a degree.
///
/// `R / R0 = 1 + A t + B t^2 + C (t - 100) t^3`, C only below 0 Cel, with the coefficients of
/// IEC 60751: 3.9083e-3, -5.775e-7, -4.183e-12 (Callendar and Van Dusen), for -200 to 850 Cel.
///
/// The raw value is the resistance as a share of that at 0 Cel: (N - 1) steps of 2^`SHIFT` are 4
/// times R0. So one table serves every R0, and a converter that measures against a reference
/// resistor needs neither. The error of the straight lines, over -200 to 850 Cel:
///
/// | entries | RAM on AVR | -50 to 150 Cel | -200 to 850 Cel |
/// | --- | --- | --- | --- |
/// | 17 | 72 B | 0.091 K | 0.192 K |
/// | 33 | 136 B | 0.029 K | 0.049 K |
/// | 65 | 264 B | 0.015 K | 0.019 K |
///
/// The tolerance of class A is 0.15 K at 0 Cel. Beyond 850 Cel, and from 4 times R0 on, there is no
/// platinum thermometer: [`Bounded`](super::Bounded) marks it.
///
/// For constants: at run time it would link arithmetic of 128 bits.
///
/// ```
/// use sundew_units::transform::{Affine, Table, Then, Transform, platinum};
///
/// // 15 bits against 430 ohm, a Pt100: raw / 32,768 x 430 / 100 of R0, and 32,768 are 4 times R0.
/// const PT100: Then<Affine, Table<i32, 65, 9>> = Then::new(Affine::ratio(430, 400), platinum());
/// assert!((PT100.apply(10_554).mantissa - 9_999).abs() <= 3); // 138.5 ohm
/// ```
pub const fn platinum<const N: usize, const SHIFT: u32>() -> Table<i32, N, SHIFT> {
    let mut exact = [Fixed::ZERO; N];
    let full = steps(N as i64 - 1, SHIFT);
    let (mut places, mut index) = (exact.as_mut_slice(), 0);
    while let [place, others @ ..] = places {
        let share = Fixed::ratio(4 * steps(index, SHIFT), full);
        *place = platinum_celsius(share).times(Fixed::integer(100));
        (places, index) = (others, index + 1);
    }
    Table::balanced(0, exact)
}

/// Returns the temperature of a resistance, by Newton's method.
const fn platinum_celsius(share: Fixed) -> Fixed {
    // In thousands of degrees, so that the coefficients have all their digits.
    let (a, b) = (Fixed::decimal(39_083, -4), Fixed::decimal(-5_775, -4));
    let (c, zero_of_c) = (Fixed::decimal(-4_183, -3), Fixed::decimal(1, -1));
    let (mut t, mut left) = (share.minus(Fixed::ONE).over(a), 7);
    while left > 0 {
        let mut value = Fixed::ONE.plus(t.times(a.plus(t.times(b))));
        let mut slope = a.plus(t.times(b).times(Fixed::integer(2)));
        if t.is_below(Fixed::ZERO) {
            let square = t.times(t);
            value = value.plus(c.times(t.minus(zero_of_c)).times(square.times(t)));
            let bend = t.times(Fixed::integer(4)).minus(Fixed::decimal(3, -1));
            slope = slope.plus(c.times(square).times(bend));
        }
        t = t.minus(value.minus(share).over(slope));
        left -= 1;
    }
    t.times(Fixed::integer(1_000))
}
