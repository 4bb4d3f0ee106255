//! Whether a server answers only what it was asked (RFC 8446 section 4.2).

use super::{CERTIFICATE, ENCRYPTED_EXTENSIONS, Finding};

const SERVER_NAME: u16 = 0;
const SUPPORTED_GROUPS: u16 = 10;

/// Checks the extensions of a message that is as long as it says.
pub(super) fn check(kind: u8, body: &[u8]) -> Result<(), Finding> {
    match (kind, body) {
        (ENCRYPTED_EXTENSIONS, [_, _, extensions @ ..]) => encrypted(extensions),
        (CERTIFICATE, [_, _, _, _, entries @ ..]) => certificates(entries),
        _ => Ok(()),
    }
}

/// Whether a name was asked for is not known here: an empty answer to that is harmless either way.
fn encrypted(mut extensions: &[u8]) -> Result<(), Finding> {
    while !extensions.is_empty() {
        let (kind, rest) = number(extensions)?;
        let (length, rest) = number(rest)?;
        let (data, rest) = rest.split_at_checked(length.into()).ok_or(Finding::Illegal)?;
        if kind != SUPPORTED_GROUPS && !(kind == SERVER_NAME && data.is_empty()) {
            return Err(Finding::Unsolicited);
        }
        extensions = rest;
    }
    Ok(())
}

/// No extension of a certificate was asked for.
fn certificates(mut entries: &[u8]) -> Result<(), Finding> {
    while let Some((high, rest)) = entries.split_first() {
        let (length, rest) = number(rest)?;
        let rest = rest.get(usize::from(length)..).ok_or(Finding::Illegal)?;
        let (extensions, rest) = number(rest)?;
        match (high, extensions) {
            (0, 0) => entries = rest,
            (0, _) => return Err(Finding::Unsolicited),
            _ => return Err(Finding::Illegal),
        }
    }
    Ok(())
}

fn number(bytes: &[u8]) -> Result<(u16, &[u8]), Finding> {
    let (number, rest) = bytes.split_first_chunk().ok_or(Finding::Illegal)?;
    Ok((u16::from_be_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_asked_for_is_answered() {
        let encrypted = |bytes: &[u8]| check(ENCRYPTED_EXTENSIONS, bytes);
        assert_eq!(encrypted(&[0, 0]), Ok(()));
        assert_eq!(encrypted(&[0, 12, 0, 0, 0, 0, 0, 10, 0, 4, 0, 2, 0, 23]), Ok(()));
        assert_eq!(encrypted(&[0, 5, 0, 0, 0, 1, 7]), Err(Finding::Unsolicited));
        assert_eq!(encrypted(&[0, 4, 0, 16, 0, 0]), Err(Finding::Unsolicited), "a protocol");
        assert_eq!(encrypted(&[0, 4, 0, 42, 0, 0]), Err(Finding::Unsolicited), "early data");
        assert_eq!(encrypted(&[0, 5, 0, 10, 0, 2, 0]), Err(Finding::Illegal));
        assert_eq!(encrypted(&[0, 3, 0, 10, 0]), Err(Finding::Illegal));

        let shown = |bytes: &[u8]| check(CERTIFICATE, bytes);
        assert_eq!(shown(&[0, 0, 0, 0]), Ok(()));
        assert_eq!(shown(&[0, 0, 0, 6, 0, 0, 1, 9, 0, 0]), Ok(()));
        let status = [0, 0, 0, 10, 0, 0, 1, 9, 0, 4, 0, 5, 0, 0];
        assert_eq!(shown(&status), Err(Finding::Unsolicited));
        for end in 5..10 {
            assert_eq!(shown(&[0, 0, 0, 6, 0, 0, 1, 9, 0, 0][..end]), Err(Finding::Illegal));
        }
        assert_eq!(shown(&[0, 0, 0, 6, 1, 0, 1, 9, 0, 0]), Err(Finding::Illegal));
    }
}
