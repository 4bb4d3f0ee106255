//! Every ordered pair of units: those of one dimension convert, the others refuse.

use sundew_units::{Conversion, Dec};

use super::Judge;
use super::decimals::any_mantissa;
use super::exact::{Exact, ROUNDINGS};
use super::library::Library;
use super::registry::{self, Row};
use crate::demo::Choices;
use crate::failure::Failure;

/// Values per pair; a pair has some 20 targets of 5 roundings for each.
const VALUES: usize = 24;

/// Where what a conversion does may change: ends, ties of 2, 3, 9 and ten, and nothing.
const MANTISSAS: [i32; 12] =
    [0, 1, -1, 5, 9, -15, 45, i32::MIN, i32::MAX, i32::MIN + 1, 27_315, -3_000];

pub(super) fn run(
    library: &Library,
    choices: &mut Choices,
    judge: &mut Judge,
) -> Result<(), Failure> {
    let rows = registry::rows()?;
    for from in &rows {
        for to in &rows {
            let conversion = library.to(from.unit, to.unit);
            let is_one = from.root == to.root;
            judge.check(conversion.is_some() == is_one, || {
                format!("{} to {}: {conversion:?}, but one dimension: {is_one}", from.unit, to.unit)
            });
            judge.check(from.unit.is_convertible_to(to.unit) == is_one, || {
                format!("{} and {}: one dimension: {is_one}", from.unit, to.unit)
            });
            if let (Some(conversion), true) = (conversion, is_one) {
                pair(library, choices, judge, (from, to, conversion));
            }
        }
    }
    Ok(())
}

fn pair(
    library: &Library,
    choices: &mut Choices,
    judge: &mut Judge,
    (from, to, conversion): (&Row, &Row, Conversion),
) {
    // Offset is 0 where scale is not 1, so the exponent says where results lie.
    let shift = i32::from(conversion.exponent());
    let mantissas = MANTISSAS.into_iter();
    let more = (MANTISSAS.len()..VALUES).map(|_| any_mantissa(choices)).collect::<Vec<_>>();
    for (index, mantissa) in mantissas.chain(more).enumerate() {
        let exponent = match index % 4 {
            0 => choices.below(256) as u8 as i8,
            1 => [i8::MIN, -127, 126, i8::MAX].into_iter().nth(index / 4 % 4).unwrap_or(0),
            _ => choices.below(13) as i8 - 9,
        };
        let value = Dec::new(mantissa, exponent);
        let root = &(&Exact::of(value) * &from.scale) + &from.offset;
        let wanted = (&root - &to.offset) / to.scale.clone();
        if conversion.is_exact() {
            let nominal = if conversion.offset().mantissa() == 0 {
                i32::from(exponent) + shift
            } else {
                i32::from(exponent).min(-2)
            };
            // The library adds an offset with the finer exponent, and else has its own.
            let held = wanted.held_from(nominal);
            let found = conversion.convert_exact(value);
            // Mutants of the conversion show here too, since it is theirs.
            judge.check(found == held, || {
                format!("{value:?} {} in {}: {found:?}, not {held:?}", from.unit, to.unit)
            });
        } else {
            judge.check(conversion.convert_exact(value).is_none(), || "exact pi".to_owned());
        }
        let near = (-3..=11).map(|places| i32::from(exponent) + shift + places);
        let targets = near.chain([-128, 127, choices.below(256) as i32 - 128, -2]);
        for target in targets.filter_map(|target| i8::try_from(target).ok()) {
            let all_wanted = wanted.rounded(target);
            for (rounding, wanted_dec) in ROUNDINGS.into_iter().zip(all_wanted) {
                let found = library.convert([from.unit, to.unit], value, target, rounding);
                let is_right = if conversion.is_exact() {
                    found == wanted_dec
                } else {
                    is_near(&wanted, found, wanted_dec, target)
                };
                judge.check(is_right, || {
                    format!(
                        "{value:?} {} in {} at {target}, {rounding:?}: {found:?}, not {wanted_dec:?}",
                        from.unit, to.unit
                    )
                });
            }
        }
    }
}

/// Returns whether a conversion by an irrational factor is as near as the library says: half a
/// place or, where it is not to the nearest, one, and 0.00003 of a place.
fn is_near(wanted: &Exact, found: Option<Dec>, rounded: Option<Dec>, target: i8) -> bool {
    match (found, rounded) {
        (None, None) => true,
        // The same, or its neighbour across an edge that is less than the error away.
        (Some(found), Some(rounded)) => {
            if found == rounded {
                return true;
            }
            let steps = wanted.shifted(-i32::from(target));
            let off = (&steps - &Exact::integer(found.mantissa().into())).magnitude();
            let neighbours = found.mantissa().abs_diff(rounded.mantissa()) == 1;
            // On the other side of a tie, or of a whole number.
            let doubled = &(&off + &off);
            let to_tie = (doubled - &Exact::integer(1)).magnitude();
            let to_whole = (&off - &Exact::integer(1)).magnitude();
            let bound = Exact::of(Dec::new(3, -5));
            let is_by = |distance: &Exact| distance.cmp(&bound).is_le();
            neighbours && (is_by(&to_tie) || is_by(&to_whole) || is_by(&off))
        }
        // At the ends of the mantissa one of the two may just fit.
        (Some(end), None) | (None, Some(end)) => end.mantissa().unsigned_abs() >= i32::MAX as u32,
    }
}
