//! Current loops of 4 to 20 mA.

use super::{Affine, Marked, Transform};
use crate::Quality;

/// Converts the current of a 4-20 mA loop, with the bands of NAMUR NE 43.
///
/// `raw` is in microamperes (0.001 mA):
///
/// | current | mark |
/// | --- | --- |
/// | below 3.6 mA | [`Quality::Fault`]: wire broken, or the transmitter says that it failed |
/// | 3.6 to below 3.8 mA | [`Quality::UnderRange`] |
/// | 3.8 to 20.5 mA | [`Quality::Good`]; below 4 and above 20 mA the line goes on |
/// | above 20.5 to 21.0 mA | [`Quality::OverRange`] |
/// | above 21.0 mA | [`Quality::Fault`]: short, or the transmitter says that it failed |
///
/// The value is the line's in every band, so that a technician sees where it stands. NE 43 leaves
/// 3.6 to 3.8 mA and 20.5 to 21.0 mA undefined; calling them range marks is this crate's choice.
///
/// ```
/// use sundew_units::transform::{Namur, Transform};
/// use sundew_units::Quality;
///
/// // A level probe of 0 to 5 m, in millimetres.
/// const LEVEL: Namur = Namur::new(0, 5_000);
/// assert_eq!(LEVEL.apply(12_000).mantissa, 2_500);
/// assert_eq!(LEVEL.apply(3_500).quality, Quality::Fault);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Namur {
    span: Affine,
}

impl Namur {
    /// Holds what 4 mA and 20 mA stand for.
    pub const fn new(at_4_milliampere: i32, at_20_milliampere: i32) -> Self {
        Self { span: Affine::through((4_000, at_4_milliampere), (20_000, at_20_milliampere)) }
    }
}

impl Transform for Namur {
    fn apply(&self, raw: i32) -> Marked {
        let value = self.span.apply(raw);
        let band = match raw {
            ..3_600 | 21_001.. => Quality::Fault,
            3_600..3_800 => Quality::UnderRange,
            20_501.. => Quality::OverRange,
            _ => return value,
        };
        Marked::new(value.mantissa, band)
    }
}
