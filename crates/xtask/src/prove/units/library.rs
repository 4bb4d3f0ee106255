//! What stands between the library and the prover: nothing, or a fault that the prover must find.

use std::cmp::Ordering;

use sundew_units::{Conversion, Dec, Rounding, Unit};

const DBM_29: &str = "dbm-29";
const KMH_INVERTED: &str = "kmh-inverted";
const CELSIUS_273: &str = "celsius-273";
const PERCENT: &str = "percent-for-ratio";
const ENERGY: &str = "joule-for-volt-ampere-second";
const HALF_UP: &str = "half-up-for-half-even";
const TWICE: &str = "rounded-twice";
const WRAP: &str = "sum-wraps";
const ORDER: &str = "order-of-mantissas";
const TEXT: &str = "text-loses-places";
const DEGREE: &str = "degree-in-32-bits";

pub(super) const MUTANTS: &[(&str, &str)] = &[
    (DBM_29, "dBm is -29 dBW, as a widespread header has it"),
    (KMH_INVERTED, "km/h to m/s is what m/s to km/h is"),
    (CELSIUS_273, "Celsius to kelvin adds 273"),
    (PERCENT, "% is a percentage, not the ratio that RFC 8428 says it is"),
    (ENERGY, "J and VAs are one dimension"),
    (HALF_UP, "ties go away from zero where they go to even"),
    (TWICE, "what is rounded was rounded one place finer before"),
    (WRAP, "a sum that does not fit wraps"),
    (ORDER, "decimals are ordered by their mantissas"),
    (TEXT, "text has no zeros at its end"),
    (DEGREE, "pi is 3.14159265"),
];

pub(super) struct Library {
    pub(super) mutant: Option<&'static str>,
}

impl Library {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == Some(mutant)
    }

    pub(super) fn to(&self, from: Unit, to: Unit) -> Option<Conversion> {
        match (from, to) {
            (Unit::KilometrePerHour, Unit::MetrePerSecond) if self.is(KMH_INVERTED) => to.to(from),
            (Unit::PercentRatio, Unit::Ratio) if self.is(PERCENT) => Unit::Percent.to(to),
            (Unit::Joule, Unit::VoltAmpereSecond) if self.is(ENERGY) => from.to(from),
            _ => from.to(to),
        }
    }

    pub(super) fn convert(
        &self,
        [from, to]: [Unit; 2],
        value: Dec,
        exponent: i8,
        rounding: Rounding,
    ) -> Option<Dec> {
        let wrong = match (from, to) {
            (Unit::DecibelMilliwatt, Unit::DecibelWatt) if self.is(DBM_29) => Dec::new(1, 0),
            (Unit::Celsius, Unit::Kelvin) if self.is(CELSIUS_273) => Dec::new(-15, -2),
            _ => Dec::new(0, 0),
        };
        let value = if wrong.mantissa() == 0 { value } else { value.checked_add(wrong)? };
        let conversion = self.to(from, to)?;
        if self.is(DEGREE)
            && (from, to, rounding) == (Unit::Degree, Unit::Radian, Rounding::Floor)
            && let Some(found) = in_coarse_radians(value, exponent)
        {
            return Some(found);
        }
        let rounding = self.rounding(rounding);
        if self.is(TWICE)
            && let Some(finer) = exponent.checked_sub(1)
            && let Some(value) = conversion.convert(value, finer, rounding)
        {
            return value.rescale(exponent, rounding);
        }
        conversion.convert(value, exponent, rounding)
    }

    pub(super) fn rescale(&self, value: Dec, exponent: i8, rounding: Rounding) -> Option<Dec> {
        value.rescale(exponent, self.rounding(rounding))
    }

    pub(super) fn add(&self, a: Dec, b: Dec) -> Option<Dec> {
        if self.is(WRAP) && a.exponent() == b.exponent() {
            return Some(Dec::new(a.mantissa().wrapping_add(b.mantissa()), a.exponent()));
        }
        a.checked_add(b)
    }

    pub(super) fn cmp(&self, a: Dec, b: Dec) -> Ordering {
        if self.is(ORDER) { a.mantissa().cmp(&b.mantissa()) } else { a.cmp_number(b) }
    }

    pub(super) fn text(&self, value: Dec) -> String {
        if self.is(TEXT) { value.shortest().to_string() } else { value.to_string() }
    }

    pub(super) fn rounding(&self, rounding: Rounding) -> Rounding {
        match rounding {
            Rounding::HalfEven if self.is(HALF_UP) => Rounding::HalfAwayFromZero,
            rounding => rounding,
        }
    }
}

/// Converts degrees with a pi of 32 bits, where 128 bits hold the work.
fn in_coarse_radians(value: Dec, exponent: i8) -> Option<Dec> {
    let power = i32::from(value.exponent()) - 8 - i32::from(exponent);
    let tens = 10_i128.checked_pow(power.unsigned_abs())?;
    let product = i128::from(value.mantissa()) * 314_159_265;
    let steps = if power < 0 {
        product.div_euclid(tens.checked_mul(180)?)
    } else {
        product.checked_mul(tens)?.div_euclid(180)
    };
    Some(Dec::new(i32::try_from(steps).ok()?, exponent))
}
