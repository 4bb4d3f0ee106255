//! What becomes of the digits that do not fit.

/// Says which of the two nearest numbers is taken where a result has more digits than fit.
///
/// ```
/// use sundew_units::{Dec, Rounding};
///
/// let at_tenths = |mantissa, rounding| Dec::new(mantissa, -2).rescale(-1, rounding).unwrap();
/// assert_eq!(at_tenths(25, Rounding::HalfEven), Dec::new(2, -1));
/// assert_eq!(at_tenths(25, Rounding::HalfAwayFromZero), Dec::new(3, -1));
/// assert_eq!(at_tenths(-29, Rounding::TowardZero), Dec::new(-2, -1));
/// assert_eq!(at_tenths(-21, Rounding::Floor), Dec::new(-3, -1));
/// assert_eq!(at_tenths(21, Rounding::Ceiling), Dec::new(3, -1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Rounding {
    /// Takes the nearer one, and of two equally near ones the even: a mean of many is not shifted.
    HalfEven,
    /// Takes the nearer one, and of two equally near ones that with the larger magnitude.
    HalfAwayFromZero,
    /// Takes the one with the smaller magnitude: the digits are cut off.
    TowardZero,
    /// Takes the smaller one.
    Floor,
    /// Takes the larger one.
    Ceiling,
}

impl Rounding {
    /// Returns the number of a magnitude, of what was cut off below it, and of a sign; `None`
    /// where it does not fit.
    pub(crate) const fn settled(self, magnitude: u32, rest: Rest, negative: bool) -> Option<i32> {
        let away = match (self, rest) {
            (_, Rest::None) | (Self::TowardZero, _) => false,
            (Self::Floor, _) => negative,
            (Self::Ceiling, _) => !negative,
            (Self::HalfEven, Rest::Half) => magnitude % 2 == 1,
            (_, rest) => matches!(rest, Rest::Half | Rest::More),
        };
        // u32::MAX does not fit anyway, so that nothing is hidden by the saturation.
        signed(magnitude.saturating_add(away as u32), negative)
    }
}

/// Says how much was cut off, in parts of the last place that was kept.
#[derive(Clone, Copy)]
pub(crate) enum Rest {
    None,
    Less,
    Half,
    More,
}

impl Rest {
    /// Returns what a division cut off.
    pub(crate) const fn of(remainder: u32, divisor: u32) -> Self {
        if remainder == 0 {
            Self::None
        } else if remainder < divisor - remainder {
            Self::Less
        } else if remainder == divisor - remainder {
            Self::Half
        } else {
            Self::More
        }
    }

    /// Returns what two divisions cut off: the later one left `remainder`, and `self` is what the
    /// earlier one cut off below it.
    pub(crate) const fn then(self, remainder: u16, divisor: u16) -> Self {
        let twice = 2 * remainder as u32;
        match (self, Self::of(remainder as u32, divisor as u32)) {
            (Self::None, later) => later,
            // Of an odd divisor: (d - 1) / 2 and the earlier rest stand to half of d as the rest
            // alone stands to half.
            (earlier, _) if twice + 1 == divisor as u32 => earlier,
            (_, Self::None) => Self::Less,
            (_, Self::Half) => Self::More,
            (_, later) => later,
        }
    }
}

/// Returns the number of a magnitude and a sign, where it fits.
pub(crate) const fn signed(magnitude: u32, negative: bool) -> Option<i32> {
    if negative {
        if magnitude <= 1 << 31 { Some((magnitude as i32).wrapping_neg()) } else { None }
    } else if magnitude <= i32::MAX as u32 {
        Some(magnitude as i32)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_divisions_round_as_one() {
        for first in [3, 9, 10, 10_000, 62_553] {
            for second in [1, 7, 9, 10, 10_000_u16] {
                for number in (0..400_000).step_by(61).chain(0..2_000) {
                    let (quotient, remainder) = (number / first, number % first);
                    let rest = Rest::of(remainder, first)
                        .then((quotient % u32::from(second)) as u16, second);
                    let divisor = first * u32::from(second);
                    let whole = Rest::of(number % divisor, divisor);
                    assert_eq!(rest as u8, whole as u8, "{number} / {first} / {second}");
                }
            }
        }
    }
}
