//! The two maps of headers that a message has.

use super::Algorithm;
use crate::Fault;
use crate::cbor::{ARRAY, Label, MAP, Reader};

const ALGORITHM: i32 = 1;
const CRITICAL: i32 = 2;
const KEY_ID: i32 = 4;

/// Holds what is known of the headers.
pub(super) struct Headers<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<&'a [u8]>,
}

impl<'a> Headers<'a> {
    /// Reads the protected map, then the unprotected one.
    pub(super) fn read(protected: &mut Reader<'a>, outer: &mut Reader<'a>) -> Result<Self, Fault> {
        let start = *protected;
        let mut headers =
            Self::read_protected(protected).inspect_err(|_| outer.go_to(protected))?;
        headers.read_unprotected(start, outer)?;
        Ok(headers)
    }

    fn read_protected(reader: &mut Reader<'a>) -> Result<Self, Fault> {
        // An empty map is written as no bytes at all; either way the algorithm is missing.
        if reader.end().is_ok() {
            return Err(Fault::Missing);
        }
        let (mut algorithm, mut key_id, mut must_have_key_id) = (None, None, false);
        let mut last = [].as_slice();
        for _ in 0..reader.expect(MAP)? {
            match reader.label(&mut last)? {
                Label::Number(ALGORITHM) => algorithm = Some(Algorithm::new(reader.number()?)),
                Label::Number(CRITICAL) => must_have_key_id = critical(reader)?,
                Label::Number(KEY_ID) => key_id = Some(reader.bytes()?),
                _ => reader.skip()?,
            }
        }
        reader.end()?;
        if must_have_key_id && key_id.is_none() {
            return Err(Fault::Critical);
        }
        Ok(Self { algorithm: algorithm.ok_or(Fault::Missing)?, key_id })
    }

    fn read_unprotected(
        &mut self,
        protected: Reader<'a>,
        reader: &mut Reader<'a>,
    ) -> Result<(), Fault> {
        let mut last = [].as_slice();
        for _ in 0..reader.expect(MAP)? {
            let label = reader.label(&mut last)?;
            if has(protected, last)? {
                return Err(Fault::Duplicate);
            }
            match label {
                Label::Number(ALGORITHM | CRITICAL) => return Err(Fault::Unprotected),
                Label::Number(KEY_ID) => self.key_id = Some(reader.bytes()?),
                _ => reader.skip()?,
            }
        }
        Ok(())
    }
}

/// Reads the list of critical headers and returns whether the key's name is among them.
///
/// Only what is understood here may be: the algorithm and the key's name.
fn critical(reader: &mut Reader<'_>) -> Result<bool, Fault> {
    let count = reader.expect(ARRAY)?;
    if count == 0 {
        return Err(Fault::Critical);
    }
    let mut has_key_id = false;
    for _ in 0..count {
        // Any order will do: an array has the one that it was given.
        match reader.label(&mut [].as_slice())? {
            Label::Number(ALGORITHM) => {}
            Label::Number(KEY_ID) => has_key_id = true,
            _ => return Err(Fault::Critical),
        }
    }
    Ok(has_key_id)
}

/// Returns whether a map that was read before has an entry of this encoded label.
fn has(mut map: Reader<'_>, label: &[u8]) -> Result<bool, Fault> {
    let mut last = [].as_slice();
    for _ in 0..map.expect(MAP)? {
        map.label(&mut last)?;
        if last == label {
            return Ok(true);
        }
        map.skip()?;
    }
    Ok(false)
}
