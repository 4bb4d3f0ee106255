//! What somebody on the line can do to frames.

use sundew_transport::serial::{Crc32, Guard, HEADER};

use super::frames;
use crate::demo::Choices;

/// Returns what is put on the line next: a frame that passed before, perhaps altered, or rubbish.
pub(super) fn chosen(wire: &[Vec<u8>], choices: &mut Choices) -> Vec<u8> {
    let any = |choices: &mut Choices| {
        let index = choices.below(wire.len() as u64) as usize;
        wire.get(index).cloned().unwrap_or_default()
    };
    let mut bytes = any(choices);
    let at = |choices: &mut Choices, length: usize| choices.below(length as u64) as usize;
    match choices.below(14) {
        // As it was; twice; the newest first.
        0 => bytes,
        1 => bytes.repeat(2),
        2 => {
            let mut newest = wire.last().cloned().unwrap_or_default();
            newest.extend(bytes);
            newest
        }
        // On the wire: flipped, cut, with a byte less or more, two frames into one.
        3 => {
            let index = at(choices, bytes.len());
            bytes[index] ^= 1 << choices.below(8);
            bytes
        }
        4 => {
            bytes.truncate(at(choices, bytes.len()));
            bytes.push(0);
            bytes
        }
        5 => {
            bytes.remove(at(choices, bytes.len()));
            bytes
        }
        6 => {
            bytes.insert(at(choices, bytes.len()), choices.below(256) as u8);
            bytes
        }
        7 => {
            let other = any(choices);
            bytes.truncate(at(choices, bytes.len()));
            bytes.extend(other.get(at(choices, other.len())..).unwrap_or_default());
            bytes
        }
        // Below the stuffing, and stuffed again.
        8 => altered(&bytes, |raw| {
            let index = at(choices, raw.len());
            raw[index] ^= 1 << choices.below(8);
        }),
        9 => altered(&bytes, |raw| {
            // Another number, near or far.
            let number = &mut raw[5 + at(choices, 4)];
            *number = number.wrapping_add(choices.below(7) as u8).wrapping_sub(3);
        }),
        10 => altered(&bytes, |raw| raw[0] = choices.below(256) as u8),
        11 => {
            // The header of one, the rest of another.
            let other = frames(&any(choices)).pop().unwrap_or_default();
            altered(&bytes, |raw| {
                raw.truncate(HEADER);
                raw.extend(other.get(HEADER..).unwrap_or_default());
            })
        }
        12 => altered(&bytes, |raw| {
            // Something of one's own, and a checksum that fits, where a seal would be.
            let end = raw.len().saturating_sub(16).max(HEADER);
            let index = at(choices, end);
            raw[index] ^= 1 << choices.below(8);
            let (head, rest) = raw.split_at_mut(HEADER);
            let (body, trailer) = rest.split_at_mut(end - HEADER);
            if let Ok(head) = <&[u8; HEADER]>::try_from(&*head) {
                Crc32.protect(head, body, trailer);
            }
        }),
        _ => (0..choices.below(60)).map(|_| choices.below(256) as u8).collect(),
    }
}

fn altered(bytes: &[u8], alter: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let Some(mut raw) = frames(bytes).into_iter().find(|raw| raw.len() > HEADER) else {
        return Vec::new();
    };
    alter(&mut raw);
    stuffed(&raw)
}

/// Stuffs a frame as the paper says it, code by code.
fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut out = vec![0];
    for part in raw.split(|byte| *byte == 0) {
        out.push(part.len() as u8 + 1);
        out.extend(part);
    }
    out.push(0);
    out
}
