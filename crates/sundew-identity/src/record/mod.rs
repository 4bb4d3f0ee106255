//! What makes one device this device.
//!
//! Read first: SPEC.md for the bytes.

mod wire;

pub(crate) use wire::{HEADER, Header};

use crate::anchors::Anchors;
use core::fmt;

/// Says who a device is, whom it trusts, and how it proves who it is.
///
/// It borrows from the buffer that it was read into. Its `Debug` hides what is secret. What a device
/// does not have is empty.
///
/// ```
/// use sundew_identity::DeviceRecord;
///
/// let record = DeviceRecord::new("weather-7")
///     .with_class("weather")
///     .with_server("broker.example")
///     .with_credentials("weather-7", b"open sesame");
/// let mut image = [0xFF; 256];
/// let len = record.encode(&mut image)?;
/// assert_eq!(DeviceRecord::decode(&image[..len])?, record);
/// assert!(!format!("{record:?}").contains("sesame"));
/// # Ok::<(), sundew_identity::Error<core::convert::Infallible>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceRecord<'a> {
    /// Holds the name of the device, unique in its fleet.
    pub id: &'a str,
    /// Holds the number that stands on the case.
    pub serial: &'a str,
    /// Holds the class of devices that take the same messages and images.
    pub class: &'a str,
    /// Holds the name that the server's certificate must carry.
    pub server_name: &'a str,
    /// Holds the user name to log in with, where there is one.
    pub user: Option<&'a str>,
    /// Holds the password to log in with, where there is one.
    pub password: Option<&'a [u8]>,
    /// Holds the key shared with the server and what the server knows it by, where there is one.
    pub psk: Option<Psk<'a>>,
    /// Holds the device's certificate, X.509 in DER; empty where there is none.
    pub certificate: &'a [u8],
    /// Holds the private key of the certificate, the 32 bytes of P-256; empty where there is none, or
    /// where a secure element holds it (see [`Signer`](crate::cose::Signer)).
    pub private_key: &'a [u8],
    /// Holds the key of sealed frames; empty where there is none.
    pub link_key: &'a [u8],
    /// Holds what the random generator starts from, where the device has no source of its own.
    pub seed: Option<&'a [u8; 32]>,
    /// Holds the number of the anchors, which grows with each replacement.
    pub sequence: u32,
    /// Holds all whom the device trusts.
    pub anchors: Anchors<'a>,
}

/// Holds a key that device and server share.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a name and a key is what it is")]
pub struct Psk<'a> {
    /// Holds what the server knows the key by.
    pub identity: &'a [u8],
    /// Holds the key.
    pub key: &'a [u8],
}

impl fmt::Debug for Psk<'_> {
    /// Writes nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Psk").field("identity", &self.identity).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Psk<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Psk {{ identity: {}, .. }}", self.identity);
    }
}

impl<'a> DeviceRecord<'a> {
    /// Names a device that trusts nobody and proves nothing.
    pub const fn new(id: &'a str) -> Self {
        Self {
            id,
            serial: "",
            class: "",
            server_name: "",
            user: None,
            password: None,
            psk: None,
            certificate: &[],
            private_key: &[],
            link_key: &[],
            seed: None,
            sequence: 0,
            anchors: Anchors::NONE,
        }
    }

    /// Adds the number that stands on the case.
    #[must_use]
    pub const fn with_serial(self, serial: &'a str) -> Self {
        Self { serial, ..self }
    }

    /// Adds the class of the device.
    #[must_use]
    pub const fn with_class(self, class: &'a str) -> Self {
        Self { class, ..self }
    }

    /// Adds the name of the server.
    #[must_use]
    pub const fn with_server(self, server_name: &'a str) -> Self {
        Self { server_name, ..self }
    }

    /// Adds a user name and a password to log in with.
    #[must_use]
    pub const fn with_credentials(self, user: &'a str, password: &'a [u8]) -> Self {
        Self { user: Some(user), password: Some(password), ..self }
    }

    /// Adds a key that is shared with the server.
    #[must_use]
    pub const fn with_psk(self, identity: &'a [u8], key: &'a [u8]) -> Self {
        Self { psk: Some(Psk { identity, key }), ..self }
    }

    /// Adds the device's certificate and its private key, empty where a secure element holds it.
    #[must_use]
    pub const fn with_certificate(self, certificate: &'a [u8], private_key: &'a [u8]) -> Self {
        Self { certificate, private_key, ..self }
    }

    /// Adds the key of sealed frames.
    #[must_use]
    pub const fn with_link_key(self, link_key: &'a [u8]) -> Self {
        Self { link_key, ..self }
    }

    /// Adds what the random generator starts from: 32 bytes of a good source, of this device alone.
    #[must_use]
    pub const fn with_seed(self, seed: &'a [u8; 32]) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// Adds whom the device trusts, and the number of that set.
    #[must_use]
    pub const fn with_anchors(self, sequence: u32, anchors: Anchors<'a>) -> Self {
        Self { sequence, anchors, ..self }
    }
}

impl fmt::Debug for DeviceRecord<'_> {
    /// Writes nothing that is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceRecord")
            .field("id", &self.id)
            .field("serial", &self.serial)
            .field("class", &self.class)
            .field("server_name", &self.server_name)
            .field("user", &self.user)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for DeviceRecord<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "DeviceRecord {{ id: {}, class: {}, .. }}", self.id, self.class);
    }
}
