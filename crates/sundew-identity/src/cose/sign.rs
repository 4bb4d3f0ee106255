//! Making a message.

use super::sign1::{CONTEXT, SIGN1, head};
use super::{Algorithm, Refused};
use crate::cbor::{ARRAY, Front, MAP, TAG, Writer};

/// Is a private key that never leaves where it is: in a secure element, say.
pub trait Signer {
    /// Returns the one algorithm that this key is for.
    fn algorithm(&self) -> Algorithm;

    /// Signs `parts`, as if they were one, writes the signature to the front of `signature` and
    /// returns its length in bytes.
    ///
    /// ECDSA signatures have the form of RFC 9053 section 2.1: both numbers, 32 bytes each.
    ///
    /// # Errors
    ///
    /// Returns [`Refused::Unavailable`] where the part does not answer, and [`Refused::Room`] where
    /// `signature` is too short.
    fn sign(&mut self, parts: &[&[u8]], signature: &mut [u8]) -> Result<usize, Refused>;
}

/// Room for the protected headers: an algorithm alone.
const HEADERS: usize = 8;
/// Room for a signature of Ed25519 or ECDSA over P-256.
const SIGNATURE: usize = 64;

/// Signs `payload` for one end, writes the message to the front of `message` and returns its
/// length in bytes.
///
/// `key_id` names the key to those who read it, and is not protected; empty leaves it out.
///
/// # Errors
///
/// Returns what the key returns, and [`Refused::Room`] where `message` is too short.
pub fn sign<S: Signer>(
    key: &mut S,
    key_id: &[u8],
    payload: &[u8],
    external: &[u8],
    message: &mut [u8],
) -> Result<usize, Refused> {
    let mut headers = [0; HEADERS];
    let mut front = Front::new(&mut headers);
    let mut writer = Writer::new(&mut front);
    writer.head(MAP, 1);
    writer.number(1);
    writer.number(key.algorithm().number());
    let len = front.len();
    let headers = headers.get(..len).unwrap_or_default();

    let heads = [head(headers.len()), head(external.len()), head(payload.len())];
    let [of_headers, of_external, of_payload] = &heads;
    let mut signature = [0; SIGNATURE];
    let len = key.sign(
        &[
            CONTEXT,
            of_headers.as_bytes(),
            headers,
            of_external.as_bytes(),
            external,
            of_payload.as_bytes(),
            payload,
        ],
        &mut signature,
    )?;
    let room = message.len();
    let mut front = Front::new(message);
    let mut writer = Writer::new(&mut front);
    writer.head(TAG, SIGN1 as usize);
    writer.head(ARRAY, 4);
    writer.bytes(headers);
    if key_id.is_empty() {
        writer.head(MAP, 0);
    } else {
        writer.head(MAP, 1);
        writer.number(4);
        writer.bytes(key_id);
    }
    writer.bytes(payload);
    writer.bytes(signature.get(..len).ok_or(Refused::Room { needed: len })?);
    let needed = front.len();
    if needed <= room { Ok(needed) } else { Err(Refused::Room { needed }) }
}
