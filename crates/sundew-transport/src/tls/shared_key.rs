//! The profile `psk`: the server is who has the key of this device.

use core::convert::Infallible;

use embedded_tls::CertificateVerifyRef;
use sundew_identity::Psk;

use super::error::Error;
use super::verify::Proof;

/// Keys of fewer bytes can be searched by whoever has recorded one `ClientHello`, which is bound
/// with the key.
const SHORTEST_KEY: usize = 16;
/// openssl, and so mosquitto, takes no longer one.
const LONGEST_IDENTITY: usize = 128;

/// Is the profile of [`Server::psk`](super::Server::psk).
#[derive(Clone, Debug)]
pub struct SharedKey<'a> {
    pub(super) psk: Psk<'a>,
}

impl Proof for SharedKey<'_> {
    type Key = Infallible;

    fn psk(&self) -> Option<Psk<'_>> {
        Some(self.psk)
    }

    fn indication(&self) -> Result<Option<&str>, Error<Infallible>> {
        let Psk { identity, key } = self.psk;
        if key.len() < SHORTEST_KEY || identity.is_empty() || identity.len() > LONGEST_IDENTITY {
            return Err(Error::BadPsk);
        }
        Ok(None)
    }

    fn check<'c>(
        &self,
        _: impl Iterator<Item = &'c [u8]>,
    ) -> Result<Infallible, Error<Infallible>> {
        Err(Error::OutOfOrder)
    }

    fn check_signature(
        key: &Infallible,
        _: &[u8],
        _: &CertificateVerifyRef<'_>,
    ) -> Result<(), Error<Infallible>> {
        match *key {}
    }
}
