//! What stands in the header lines that matter.

/// Names a header field that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Length,
    Range,
    Tag,
    Encoding,
    ContentEncoding,
    Connection,
    Other,
}

/// Takes a line apart; `None` where it is no header line (RFC 9112 section 5).
pub(super) fn split(line: &[u8]) -> Option<(Field, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, rest) = line.split_at_checked(colon)?;
    if name.is_empty() || !name.iter().copied().all(is_token) {
        return None;
    }
    Some((field(name), rest.get(1..)?.trim_ascii()))
}

/// Returns a number of at most ten digits; nothing else may stand beside it.
pub(super) fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 10 {
        return None;
    }
    let mut number: u32 = 0;
    for digit in digits {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number = number.checked_mul(10)?.checked_add(u32::from(digit))?;
    }
    Some(number)
}

/// Returns first byte, last byte and size of a range: `bytes 0-511/4096` (RFC 9110 section 14.4).
pub(super) fn range(value: &[u8]) -> Option<(u32, u32, u32)> {
    let value = value.strip_prefix(b"bytes ")?;
    let slash = value.iter().position(|byte| *byte == b'/')?;
    let (range, total) = value.split_at_checked(slash)?;
    let dash = range.iter().position(|byte| *byte == b'-')?;
    let (first, last) = range.split_at_checked(dash)?;
    Some((number(first)?, number(last.get(1..)?)?, number(total.get(1..)?)?))
}

/// Says whether a list of tokens names `wanted`.
pub(super) fn names(list: &[u8], wanted: &[u8]) -> bool {
    list.split(|byte| *byte == b',').any(|token| token.trim_ascii().eq_ignore_ascii_case(wanted))
}

fn field(name: &[u8]) -> Field {
    let known: [(&[u8], Field); 6] = [
        (b"content-length", Field::Length),
        (b"content-range", Field::Range),
        (b"etag", Field::Tag),
        (b"transfer-encoding", Field::Encoding),
        (b"content-encoding", Field::ContentEncoding),
        (b"connection", Field::Connection),
    ];
    let found = known.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
    found.map_or(Field::Other, |(_, field)| *field)
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
