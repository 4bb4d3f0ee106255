//! What a session counts, whichever way it waits.

use embedded_tls::read_buffer::ReadBuffer;
use embedded_tls::{TlsConfig, TlsError};

use super::error::{Error, Refusal};
use super::guard::Findings;
use super::hello::Evidence;
use super::inspect::{Finding, Kind};
use super::verify::Proof;

/// AES-GCM keys seal 2^24.5 full records safely (RFC 8446 section 5.5); this engine cannot change
/// them, so the session ends a little before.
const KEY_LIFE: u32 = 1 << 24;

/// The `ClientHello` without a name is 160 bytes and the extension for the name 9 more.
const HELLO: usize = 176;
/// The extension that offers a key: 14 bytes, the identity, 33 bytes of proof that we have it.
const OFFER: usize = 47;
const SMALLEST_TRANSMIT: usize = 256;

/// Returns the engine's configuration for `server`, where a `ClientHello` for it fits `transmit`.
pub(super) fn configure<'a, P: Proof>(
    server: &'a P,
    transmit: &[u8],
) -> Result<TlsConfig<'a>, Refusal> {
    let name = server.indication()?;
    let offer = server.psk().map_or(0, |psk| OFFER + psk.identity.len());
    let needed = (HELLO + name.map_or(0, str::len) + offer).max(SMALLEST_TRANSMIT);
    if transmit.len() < needed {
        return Err(Error::BufferTooSmall { needed: needed as u16 });
    }
    let mut config = TlsConfig::new();
    if let Some(name) = name {
        config = config.with_server_name(name);
    }
    if let Some(psk) = server.psk() {
        config = config.with_psk(psk.key, &[psk.identity]);
    }
    Ok(config)
}

/// Returns what `server` has to prove itself with.
pub(super) fn evidence<P: Proof>(server: &P) -> Evidence {
    if server.psk().is_some() { Evidence::SharedKey } else { Evidence::Certificate }
}

/// Returns why the engine failed: what it does not know itself comes first.
pub(super) fn reason<E>(fault: Option<Error<E>>, findings: &Findings, error: TlsError) -> Error<E> {
    if let Some(fault) = fault {
        return fault;
    }
    if let Some(verdict) = findings.verdict() {
        return verdict.widen();
    }
    match error {
        TlsError::CryptoError => Error::BadRecord,
        TlsError::InvalidSignature => Error::BadSignature,
        TlsError::InvalidKeyShare | TlsError::InvalidCipherSuite => Error::Incompatible,
        TlsError::ConnectionClosed => Error::Closed,
        TlsError::MissingHandshake | TlsError::InternalError => Error::Bug,
        _ => Error::Handshake,
    }
}

/// Holds what an open session counts.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// How many bytes the engine holds of the last record.
    unread: usize,
    received: u32,
    sent: u32,
    dead: bool,
}

impl Ledger {
    /// Returns an error where the session is dead, or should be.
    pub(super) fn alive(&self, findings: &Findings) -> Result<(), Refusal> {
        if self.dead || !findings.is_verified() { Err(Error::Closed) } else { Ok(()) }
    }

    /// Passes a result on; the session is dead after an error.
    pub(super) fn note<T, E>(&mut self, result: Result<T, Error<E>>) -> Result<T, Error<E>> {
        self.dead |= result.is_err();
        result
    }

    /// Takes the session for dead until [`resume`](Self::resume): a write that is dropped half-way
    /// must not be followed by another.
    #[cfg(feature = "async")]
    pub(super) fn suspend(&mut self) {
        self.dead = true;
    }

    /// Ends what [`suspend`](Self::suspend) has begun and passes its result on.
    #[cfg(feature = "async")]
    pub(super) fn resume<T, E>(&mut self, result: Result<T, Error<E>>) -> Result<T, Error<E>> {
        self.dead = result.is_err();
        result
    }

    /// Returns whether the engine holds bytes that nobody has read.
    pub(super) fn has_unread(&self) -> bool {
        self.unread > 0
    }

    /// Takes note of `count` bytes that were read.
    pub(super) fn read(&mut self, count: usize) {
        self.unread = self.unread.saturating_sub(count);
    }

    /// Counts a record that is to be sealed.
    pub(super) fn seal(&mut self) -> Result<(), Refusal> {
        count(&mut self.sent)
    }

    /// Counts a record that is to be opened.
    pub(super) fn open(&mut self) -> Result<(), Refusal> {
        count(&mut self.received)
    }

    /// Looks at what the engine made of a record.
    pub(super) fn opened(&mut self, mut record: ReadBuffer<'_>) -> Result<(), Refusal> {
        match record.pop(1) {
            [kind] if *kind == Kind::Data as u8 => {
                self.unread = record.len();
                Ok(())
            }
            [kind] if *kind == Kind::Nothing as u8 => Ok(()),
            [kind] if *kind == Kind::Refused as u8 => {
                Err(Finding::read(record.pop_all()).map_or(Error::Bug, Error::from))
            }
            _ => Err(Error::Bug),
        }
    }
}

fn count(records: &mut u32) -> Result<(), Refusal> {
    if *records >= KEY_LIFE {
        return Err(Error::KeysUsedUp);
    }
    *records += 1;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_not_live_for_ever() {
        let mut ledger = Ledger { sent: KEY_LIFE - 1, received: KEY_LIFE - 1, ..Ledger::default() };
        assert_eq!(ledger.seal(), Ok(()));
        assert_eq!(ledger.seal(), Err(Error::KeysUsedUp));
        assert_eq!(ledger.open(), Ok(()));
        assert_eq!(ledger.open(), Err(Error::KeysUsedUp));
    }

    #[test]
    fn nothing_passes_before_the_server_is_verified() {
        assert_eq!(Ledger::default().alive(&Findings::new()), Err(Error::Closed));
    }
}
