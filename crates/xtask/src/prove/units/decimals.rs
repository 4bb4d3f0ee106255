//! Random decimals, alone and two by two.

use sundew_units::Dec;

use super::Judge;
use super::exact::{Exact, ROUNDINGS};
use super::library::Library;
use crate::demo::Choices;

/// Judges one pair of decimals: 24 cases or so.
pub(super) fn run(library: &Library, choices: &mut Choices, judge: &mut Judge) {
    let a = any(choices);
    let b = other(choices, a);
    let (exact_a, exact_b) = (Exact::of(a), Exact::of(b));

    let nominal = i32::from(a.exponent().min(b.exponent()));
    let (found, wanted) = (library.add(a, b), (&exact_a + &exact_b).held_from(nominal));
    judge.check(found == wanted, || format!("{a:?} + {b:?}: {found:?}, not {wanted:?}"));
    let (found, wanted) = (a.checked_sub(b), (&exact_a - &exact_b).held_from(nominal));
    judge.check(found == wanted, || format!("{a:?} - {b:?}: {found:?}, not {wanted:?}"));
    let nominal = i32::from(a.exponent()) + i32::from(b.exponent());
    let (found, wanted) = (a.checked_mul(b), (&exact_a * &exact_b).held_from(nominal));
    judge.check(found == wanted, || format!("{a:?} x {b:?}: {found:?}, not {wanted:?}"));
    let (found, wanted) = (library.cmp(a, b), exact_a.cmp(&exact_b));
    judge.check(found == wanted, || format!("{a:?} to {b:?}: {found:?}, not {wanted:?}"));
    judge.check(a.same_number(b) == wanted.is_eq(), || format!("{a:?} same as {b:?}"));

    let shortest = a.shortest();
    let is_same = Exact::of(shortest).cmp(&exact_a).is_eq();
    judge.check(
        is_same && (shortest.mantissa() % 10 != 0 || shortest.exponent() == 127)
            || a.mantissa() == 0 && shortest == Dec::new(0, 0),
        || format!("{a:?} shortest: {shortest:?}"),
    );

    let near = i32::from(a.exponent()) + choices.below(16) as i32 - 4;
    for target in [near, choices.below(256) as i32 - 128] {
        let Ok(target) = i8::try_from(target) else { continue };
        for (rounding, wanted) in ROUNDINGS.into_iter().zip(exact_a.rounded(target)) {
            let found = library.rescale(a, target, rounding);
            judge.check(found == wanted, || {
                format!("{a:?} at {target}, {rounding:?}: {found:?}, not {wanted:?}")
            });
        }
        let held = exact_a.held_from(target.into()).filter(|held| held.exponent() == target);
        let found = a.at_exponent(target);
        judge.check(found == held, || format!("{a:?} at {target}: {found:?}, not {held:?}"));
    }
    text(library, a, &exact_a, judge);
}

/// Text keeps the number, and below 1 the places; the writer without `core::fmt` says the same.
fn text(library: &Library, a: Dec, exact: &Exact, judge: &mut Judge) {
    let text = library.text(a);
    let is_number = Exact::parse(&text).is_ok_and(|read| read.cmp(exact).is_eq());
    judge.check(is_number, || format!("{a:?} written: {text}"));
    let read = text.parse::<Dec>().ok();
    let is_back = if a.exponent() <= 0 {
        read == Some(a)
    } else {
        read == exact.held_from(0).filter(|held| held.exponent() == 0)
    };
    judge.check(is_back, || format!("{a:?} written and read: {text}, {read:?}"));
    let mut buffer = [0; Dec::MAX_TEXT];
    let written = a.write_to(&mut buffer);
    judge.check(written == Some(text.as_bytes()), || format!("{a:?} into a buffer, not {text}"));
}

/// Draws a mantissa: of any size, at the ends, with zeros behind, or on a tie.
pub(super) fn any_mantissa(choices: &mut Choices) -> i32 {
    let any = choices.below(1 << 32) as u32 as i32;
    match choices.below(8) {
        0 => [0, 1, -1, i32::MIN, i32::MAX, 5, -5, i32::MIN / 10]
            .into_iter()
            .nth(any.unsigned_abs() as usize % 8)
            .unwrap_or(0),
        1 => i32::MIN.wrapping_add(any % 16),
        2 => any % 1_000_000 * 1_000,
        3 => any % 10_000 * 10 + 5,
        4..=6 => any >> choices.below(31),
        _ => any,
    }
}

fn any(choices: &mut Choices) -> Dec {
    let mantissa = any_mantissa(choices);
    let exponent = match choices.below(8) {
        0 => choices.below(256) as u8 as i8,
        1 => {
            if choices.below(2) == 0 {
                i8::MIN
            } else {
                i8::MAX
            }
        }
        _ => choices.below(25) as i8 - 12,
    };
    Dec::new(mantissa, exponent)
}

/// Draws a second number that often has to do with the first: near it, or its negative.
fn other(choices: &mut Choices, a: Dec) -> Dec {
    let step = choices.below(23) as i8 - 11;
    let b = any(choices);
    match choices.below(8) {
        0 => Dec::new(b.mantissa(), a.exponent()),
        1 => Dec::new(b.mantissa(), a.exponent().saturating_add(step)),
        2 => Dec::new(a.mantissa().wrapping_neg().wrapping_add(step.into()), a.exponent()),
        3 => a.at_exponent(a.exponent().saturating_add(step)).unwrap_or(a.shortest()),
        // The negative of a number that itself does not fit at the other's places.
        4 => {
            let tens = (a.mantissa() % 214_748_364).wrapping_mul(-10);
            Dec::new(tens.wrapping_add(step.into()), a.exponent().saturating_sub(1))
        }
        _ => b,
    }
}
