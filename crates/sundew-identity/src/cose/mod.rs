//! Signed messages: `COSE_Sign1`, read and checked in one place.
//!
//! Read first: RFC 9052 sections 3, 4.2 and 4.4; RFC 9864 for the names of algorithms; RFC 8949
//! section 4.2.1 for the one form of CBOR that is accepted.
//!
//! A message comes in two steps. [`Sign1::parse`] finds its parts, and nothing of them may be
//! believed. [`Sign1::verify`] gives back the payload if the signature over it is right; for a
//! payload that lies elsewhere, and may be longer than memory, [`Sign1::begin`] takes it piece by
//! piece. Neither copies anything.
//!
//! Who may sign is the caller's affair: a [`Verifier`] is one key. What the signature is *for* is,
//! too: say it in `external`, the data that both sides know and no message carries, so that a
//! message signed for one end is none for another.

mod algorithm;
#[cfg(feature = "ed25519")]
mod ed25519;
mod headers;
mod sign;
mod sign1;
mod verify;

pub use algorithm::Algorithm;
#[cfg(feature = "ed25519")]
pub use ed25519::Ed25519;
pub use sign::{Signer, sign};
pub use sign1::{Piecewise, Sign1};
pub use verify::{Check, Refused, Verifier};
