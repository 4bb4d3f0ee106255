//! TLS 1.3 with a verified server, or no session at all.
//!
//! The engine is embedded-tls 0.19, which leaves much to its user. It is one part between others,
//! each of which refuses on its own:
//!
//! ```text
//!  application     Session    entered only with whole records; dead after the first error
//!                  engine     keys, transcript, Finished
//!    Guard ────────┤          certificate path and name, CertificateVerify, no signing key
//!    Suite ────────┤          opens records; message order and what may follow the handshake
//!  socket          Wire       record types, versions, lengths; ServerHello; nothing is written
//!                             but ClientHello before the server is verified
//! ```
//!
//! Reading order: [`Session`], `wire`, `filter`, `inspect`, `guard`, `verify`, then the profiles:
//! `shared_key`, `pin`, `chain`. What to know before
//! working on any of them: RFC 8446 sections 4.4, 5 and 6, RFC 5280 section 4.2.

#[cfg(feature = "async")]
mod asynch;
mod chain;
mod der;
mod error;
mod filter;
mod guard;
mod hello;
mod inspect;
mod keys;
mod ledger;
mod pin;
mod rng;
mod session;
mod shared_key;
mod verify;
mod wire;

#[cfg(feature = "async")]
pub use asynch::{SessionAsync, WireAsync};
pub use chain::{Chain, TrustAnchor};
pub use error::Error;
pub use pin::Pinned;
pub use session::{Buffers, Session};
pub use shared_key::SharedKey;
#[cfg(fuzzing)]
#[doc(hidden)]
pub use verify::check_certificates;
pub use verify::{CertTime, MAX_INTERMEDIATES, Profile, Server};
pub use wire::{Wait, Wire};
