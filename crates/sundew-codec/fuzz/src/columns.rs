//! Compact frames read from a tree of items, by the layout that the codec documents.

use crate::item::Item;
use crate::mutant;
use crate::rows::Plain;

/// Returns the values of a frame in order; `None` where it breaks a rule that is looked at here.
pub fn read(frame: &Item) -> Option<Vec<Plain>> {
    let items = frame.array()?;
    let (time, values) = (items.get(1)?, items.get(2)?.map()?);
    let origin = items.get(3).filter(|item| **item != Item::Null);
    let quality = match items.get(4) {
        Some(item) => item.map()?,
        None => &[],
    };
    let (first, count, steps) = match time.array() {
        Some([first, count, steps]) => (first, usize::try_from(count.integer()?).ok()?, steps),
        _ => (time, 1, &Item::Integer(0)),
    };
    let (form, seconds) = match first {
        Item::Array(items) => (1, items.first()?.integer()?),
        Item::Integer(seconds) if *seconds >= 1 << 28 => (2, *seconds),
        other => (0, other.integer()?),
    };
    let bounded = |time: i128| if form == 0 { wrapped(time) } else { time.rem_euclid(1 << 32) };
    let times: Vec<i128> = along(seconds, steps, count)?.into_iter().map(bounded).collect();
    let mut origins = vec![None; count];
    if let Some(origin) = origin {
        let origin = origin.array()?;
        let boot = u16::try_from(origin.first()?.integer()?).ok()?;
        let steps = origin.get(2).unwrap_or(&Item::Integer(1));
        let sequences = along(origin.get(1)?.integer()?, steps, count)?;
        for (slot, sequence) in origins.iter_mut().zip(sequences) {
            *slot = Some((boot, u32::try_from(sequence.rem_euclid(1 << 32)).ok()?));
        }
    }
    let mut rows = Vec::new();
    for (id, column) in values {
        let (present, column) = match column {
            Item::Array(pair) => {
                let bits = pair.first()?.bytes()?;
                let present = (0..count)
                    .filter(|row| bits.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1));
                (present.collect::<Vec<_>>(), pair.get(1)?)
            }
            column => ((0..count).collect(), column),
        };
        let numbers = match column {
            Item::Bytes(bytes) => {
                let (first, rest) = varint(bytes)?;
                along(unfolded(first), &Item::Bytes(rest.to_vec()), present.len())?
            }
            other => vec![other.integer()?; present.len()],
        };
        let marks = quality.iter().find(|(own, _)| own == id).map(|(_, marks)| marks);
        for (row, number) in present.into_iter().zip(numbers) {
            let number = wrapped(number) + i128::from(mutant("other-value"));
            let mark = marks.map_or(Some(0), |marks| mark(marks, row))?;
            rows.push((
                u8::try_from(id.integer()?).ok()?,
                (form, i64::try_from(*times.get(row)?).ok()?),
                *origins.get(row)?,
                i32::try_from(number).ok()?,
                mark,
            ));
        }
    }
    rows.sort_unstable();
    Some(rows)
}

/// Returns the quality that holds in a row; numbers of a later version are suspect.
fn mark(marks: &Item, row: usize) -> Option<u8> {
    let number = match marks {
        Item::Array(changes) => {
            let mut found = 0;
            for pair in changes.chunks_exact(2) {
                let from = usize::try_from(pair.first()?.integer()?).ok()?;
                if from <= row {
                    found = pair.get(1)?.integer()?;
                }
            }
            found
        }
        other => other.integer()?,
    };
    Some(if number > 6 { 2 } else { u8::try_from(number).ok()? })
}

/// Returns `count` numbers, of which the first is known.
fn along(first: i128, steps: &Item, count: usize) -> Option<Vec<i128>> {
    let mut numbers = vec![first; count.min(1)];
    let (smallest, packed, width) = match steps {
        Item::Bytes(bytes) => {
            let (smallest, packed) = varint(bytes)?;
            let width = (packed.len() * 8).checked_div(count.saturating_sub(1)).unwrap_or(0);
            (unfolded(smallest), packed, width.min(32))
        }
        other => (other.integer()?, &[][..], 0),
    };
    let mut at = 0;
    while numbers.len() < count {
        let mut step = smallest;
        for bit in 0..width {
            let byte = packed.get((at + bit) / 8).copied().unwrap_or(0);
            step += i128::from(byte >> ((at + bit) % 8) & 1) << bit;
        }
        at += width;
        numbers.push(numbers.last()? + step);
    }
    Some(numbers)
}

fn varint(bytes: &[u8]) -> Option<(i128, &[u8])> {
    let mut value = 0;
    for (place, byte) in bytes.iter().enumerate().take(5) {
        value |= i128::from(byte & 0x7F) << (7 * place);
        if *byte < 0x80 {
            return Some((value, bytes.get(place + 1..)?));
        }
    }
    None
}

/// Undoes the zig-zag.
const fn unfolded(value: i128) -> i128 {
    (value >> 1) ^ -(value & 1)
}

/// Brings a number into 32 bits with sign.
const fn wrapped(value: i128) -> i128 {
    (value + (1 << 31)).rem_euclid(1 << 32) - (1 << 31)
}
