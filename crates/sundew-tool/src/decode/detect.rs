//! What a message is, from its bytes.
//!
//! JSON is SenML, and so is a CBOR array of maps; one that begins with a number is a compact frame. A
//! CBOR map is a descriptor where its first key is 0, else a command or an answer. Queue records and
//! tiny frames have no mark of their own: they are taken for what they are where nothing else reads
//! the whole message. With a descriptor, a record or a tiny frame of its version competes with all
//! others. Where two kinds read the whole message, the user is asked.

use sundew_codec::tiny;

use super::message::{Context, Kind, decode};
use crate::{Failure, input};

/// Returns the kind of a message.
///
/// # Errors
///
/// Returns the kinds that the message may be, where there are several.
pub(super) fn kind(bytes: &[u8], context: Context<'_>) -> Result<Kind, Failure> {
    if let Some(port) = context.port {
        return of_port(port, bytes, context);
    }
    let reads = |kind: &Kind| decode(*kind, bytes, context).ended.is_ok();
    // A record reads many bytes without complaint: what has a mark goes before it, unless the
    // descriptor says that the record is the device's.
    let marked = of_mark(bytes);
    let others = unmarked(bytes, context, marked.is_empty());
    let found: Vec<_> = marked.iter().copied().chain(others).filter(reads).collect();
    match found.as_slice() {
        [kind] => Ok(*kind),
        // The error of the likeliest kind is told.
        [] => Ok(marked.first().copied().unwrap_or(Kind::Record)),
        several => Err(ambiguous(several)),
    }
}

fn of_port(port: u8, bytes: &[u8], context: Context<'_>) -> Result<Kind, Failure> {
    match tiny::Kind::from_number(port) {
        Some(tiny::Kind::Values { .. }) => Ok(Kind::Tiny),
        Some(tiny::Kind::Birth) => Ok(Kind::Birth),
        Some(tiny::Kind::Command) => {
            let both = [Kind::Command, Kind::Answer];
            let reads = |kind: &Kind| decode(*kind, bytes, context).ended.is_ok();
            match both.into_iter().filter(reads).collect::<Vec<_>>().as_slice() {
                [kind] => Ok(*kind),
                [] => Ok(Kind::Answer),
                several => Err(ambiguous(several)),
            }
        }
        _ => Err(Failure::Usage(format!("no frame comes on port {port}"))),
    }
}

/// Returns the kinds that begin like the message, the likeliest first.
fn of_mark(bytes: &[u8]) -> &'static [Kind] {
    // Behind 23 items their number stands between the head of an array and the first of them.
    let first_item = match bytes {
        [0x80..=0x97 | 0x9F, rest @ ..]
        | [0x98, _, rest @ ..]
        | [0x99, _, _, rest @ ..]
        | [0x9A, _, _, _, _, rest @ ..]
        | [0x9B, _, _, _, _, _, _, _, _, rest @ ..] => rest.first(),
        _ => None,
    };
    match bytes {
        [0x80..=0x9F, ..] if matches!(first_item, Some(0x00..=0x1B)) => &[Kind::Compact],
        [0x80..=0x9F, ..] => &[Kind::Senml],
        [0xA0..=0xBF, 0x00, ..] => &[Kind::Descriptor],
        [0xA0..=0xBF, ..] => &[Kind::Command, Kind::Answer],
        json if input::is_json(json) => &[Kind::SenmlJson],
        _ => &[],
    }
}

/// Returns the kinds without a mark that the message may be.
fn unmarked(bytes: &[u8], context: Context<'_>, alone: bool) -> Vec<Kind> {
    let mut kinds = Vec::new();
    let first = bytes.first().copied().unwrap_or_default();
    let schema = bytes.first_chunk().map(|bytes| u16::from_le_bytes(*bytes));
    let version = context.descriptor.map(sundew_codec::descriptor::Descriptor::version);
    if version.map_or(alone, |version| schema == Some(version)) {
        kinds.push(Kind::Record);
    }
    match tiny::Kind::from_number(first) {
        Some(tiny::Kind::Values { schema }) if version == Some(schema) => kinds.push(Kind::Tiny),
        // A birth is 6 bytes: a schema of a tiny frame takes one.
        Some(tiny::Kind::Birth) if alone && bytes.len() == 6 => kinds.push(Kind::Birth),
        Some(tiny::Kind::Command) if alone => kinds.extend([Kind::Command, Kind::Answer]),
        _ => {}
    }
    kinds
}

fn ambiguous(kinds: &[Kind]) -> Failure {
    let kinds: Vec<_> = kinds.iter().map(|kind| kind.text()).collect();
    Failure::Input(format!("the message may be {}: say with --as which", kinds.join(" or ")))
}
