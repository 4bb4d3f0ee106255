//! What a record says once it is open, checked before the engine reads it.
//!
//! The engine asks its cipher to open each record and then believes the content: it takes any
//! handshake message in any order, and after the handshake it cannot cope with most of them. But
//! the cipher is a type of ours ([`Suite`]). It opens the record with AES-GCM and passes on only
//! what is legal at that place; the rest becomes a [`Finding`].
//!
//! The engine makes the cipher from nothing but the key, so two narrow channels join it to the
//! session. Towards the cipher: the filter has checked that the record's version is 3.3, the only
//! legal value, and puts the [`Place`] there; the engine hands the header on as additional data.
//! An unmarked record is refused. From the cipher: during the handshake a finding is passed on as
//! a `Certificate` message, which the guard reads and refuses; afterwards every record is passed
//! on as data with one byte before it that says what it is, so that each record, a ticket too,
//! ends the engine's read.

mod extensions;

use aes_gcm::Aes128Gcm;
use aes_gcm::aead::consts::{U0, U12, U16, U54};
use aes_gcm::aead::generic_array::GenericArray;
use aes_gcm::aead::{AeadCore, AeadInPlace, Buffer, Error as AeadError, KeyInit, KeySizeUser};
use embedded_tls::TlsCipherSuite;
use sha2::Sha256;

use super::error::Error;

const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const ALERT: u8 = 21;

const NEW_SESSION_TICKET: u8 = 4;
const ENCRYPTED_EXTENSIONS: u8 = 8;
const CERTIFICATE: u8 = 11;
const CERTIFICATE_REQUEST: u8 = 13;
const CERTIFICATE_VERIFY: u8 = 15;
const FINISHED: u8 = 20;
const KEY_UPDATE: u8 = 24;

/// Names `TLS_AES_128_GCM_SHA256` with records that are inspected.
pub(super) struct Suite;

impl TlsCipherSuite for Suite {
    const CODE_POINT: u16 = 0x1301;
    type Cipher = Inspector;
    type KeyLen = U16;
    type IvLen = U12;
    type Hash = Sha256;
    type LabelBufferSize = U54;
}

/// Says where in the server's flight a record begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Is the first sealed record, which begins with `EncryptedExtensions`.
    First,
    /// Is the first sealed record of a server that has taken the shared key: behind
    /// `EncryptedExtensions` comes `Finished`.
    FirstShared,
    /// Is before `Certificate`.
    BeforeCertificate,
    /// Is before `CertificateVerify`.
    BeforeSignature,
    /// Is before `Finished`.
    BeforeFinished,
    /// Is after the handshake.
    Open,
}

impl Place {
    /// Returns the byte that stands for the place in a record's header; never a legal version.
    pub(super) fn mark(self) -> u8 {
        0xF0 | self as u8
    }

    fn read(mark: u8) -> Option<Self> {
        [
            Self::First,
            Self::FirstShared,
            Self::BeforeCertificate,
            Self::BeforeSignature,
            Self::BeforeFinished,
            Self::Open,
        ]
        .into_iter()
        .find(|place| place.mark() == mark)
    }
}

/// Says why the content of a record was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    Illegal,
    OutOfOrder,
    MissingCertificate,
    MissingSignature,
    Split,
    KeyUpdate,
    Unsolicited,
    Alert(u8),
}

impl Finding {
    /// Returns the finding as a certificate that can be none, since DER begins with 0x30.
    const fn write(self) -> [u8; 3] {
        match self {
            Self::Illegal => [0, 1, 0],
            Self::OutOfOrder => [0, 2, 0],
            Self::MissingCertificate => [0, 3, 0],
            Self::MissingSignature => [0, 4, 0],
            Self::Split => [0, 5, 0],
            Self::KeyUpdate => [0, 6, 0],
            Self::Alert(description) => [0, 7, description],
            Self::Unsolicited => [0, 8, 0],
        }
    }

    /// Reads a finding back; a server that sends one as its certificate refuses itself.
    pub(super) const fn read(bytes: &[u8]) -> Option<Self> {
        match *bytes {
            [0, 1, 0] => Some(Self::Illegal),
            [0, 2, 0] => Some(Self::OutOfOrder),
            [0, 3, 0] => Some(Self::MissingCertificate),
            [0, 4, 0] => Some(Self::MissingSignature),
            [0, 5, 0] => Some(Self::Split),
            [0, 6, 0] => Some(Self::KeyUpdate),
            [0, 7, description] => Some(Self::Alert(description)),
            [0, 8, 0] => Some(Self::Unsolicited),
            _ => None,
        }
    }
}

impl<E> From<Finding> for Error<E> {
    fn from(finding: Finding) -> Self {
        match finding {
            Finding::Illegal => Self::IllegalRecord,
            Finding::OutOfOrder => Self::OutOfOrder,
            Finding::MissingCertificate => Self::MissingCertificate,
            Finding::MissingSignature => Self::MissingSignature,
            Finding::Split => Self::SplitMessage,
            Finding::KeyUpdate => Self::KeyUpdate,
            Finding::Unsolicited => Self::UnsolicitedExtension,
            Finding::Alert(0) => Self::Closed,
            Finding::Alert(description) => Self::PeerAlert(description),
        }
    }
}

/// Says what the engine returns for one record after the handshake: its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Precedes application data.
    Data = 0,
    /// Stands for a session ticket, which is dropped.
    Nothing = 1,
    /// Precedes a [`Finding`].
    Refused = 2,
}

/// Opens records and passes on what is legal.
pub(super) struct Inspector(Aes128Gcm);

impl KeySizeUser for Inspector {
    type KeySize = U16;
}

impl KeyInit for Inspector {
    fn new(key: &GenericArray<u8, U16>) -> Self {
        Self(Aes128Gcm::new(key))
    }
}

impl AeadCore for Inspector {
    type NonceSize = U12;
    type TagSize = U16;
    type CiphertextOverhead = U0;
}

impl AeadInPlace for Inspector {
    fn encrypt_in_place_detached(
        &self,
        nonce: &GenericArray<u8, U12>,
        header: &[u8],
        content: &mut [u8],
    ) -> Result<GenericArray<u8, U16>, AeadError> {
        self.0.encrypt_in_place_detached(nonce, header, content)
    }

    fn decrypt_in_place(
        &self,
        nonce: &GenericArray<u8, U12>,
        header: &[u8],
        record: &mut dyn Buffer,
    ) -> Result<(), AeadError> {
        let &[APPLICATION_DATA, 3, mark, high, low] = header else { return Err(AeadError) };
        let place = Place::read(mark).ok_or(AeadError)?;
        self.0.decrypt_in_place(nonce, &[APPLICATION_DATA, 3, 3, high, low], record)?;
        match place {
            Place::Open => open(record),
            place => flight(place, record),
        }
    }

    fn decrypt_in_place_detached(
        &self,
        _: &GenericArray<u8, U12>,
        _: &[u8],
        _: &mut [u8],
        _: &GenericArray<u8, U16>,
    ) -> Result<(), AeadError> {
        Err(AeadError) // Would open a record without looking into it.
    }
}

/// Splits the content of a record from its type; `None` where it is all padding.
fn content(plaintext: &[u8]) -> Option<(u8, &[u8])> {
    let end = plaintext.iter().rposition(|byte| *byte != 0)?;
    let (content, rest) = plaintext.split_at_checked(end)?;
    Some((*rest.first()?, content))
}

/// Passes on a record of the server's flight.
fn flight(place: Place, record: &mut dyn Buffer) -> Result<(), AeadError> {
    let found = match content(record.as_ref()) {
        Some((HANDSHAKE, messages)) => check_flight(place, messages),
        Some((ALERT, alert)) => Err(read_alert(alert)),
        Some((APPLICATION_DATA, _)) => Err(Finding::OutOfOrder),
        _ => Err(Finding::Illegal),
    };
    let Err(finding) = found else { return Ok(()) };
    let [a, b, c] = finding.write();
    // Handshake header, empty context, list of one entry of 3 bytes without extensions, type: 17
    // bytes, which the shortest legal record has.
    record.truncate(0);
    record.extend_from_slice(&[
        CERTIFICATE,
        0,
        0,
        12,
        0,
        0,
        0,
        8,
        0,
        0,
        3,
        a,
        b,
        c,
        0,
        0,
        HANDSHAKE,
    ])
}

/// Checks the order of the messages, and that each is as long as it says: the engine goes by the
/// lengths inside, so a message that lies could hide the next one from us.
fn check_flight(mut place: Place, mut messages: &[u8]) -> Result<(), Finding> {
    let mut ended = false;
    let mut requested = false;
    if messages.is_empty() {
        return Err(Finding::Illegal);
    }
    while !messages.is_empty() {
        let (kind, body, rest) = message(messages)?;
        place = match (place, kind) {
            _ if ended => return Err(Finding::OutOfOrder),
            (Place::First, ENCRYPTED_EXTENSIONS) => Place::BeforeCertificate,
            (Place::BeforeCertificate, CERTIFICATE_REQUEST) if !requested => {
                requested = true;
                Place::BeforeCertificate
            }
            (Place::BeforeCertificate, CERTIFICATE) => Place::BeforeSignature,
            (Place::FirstShared, ENCRYPTED_EXTENSIONS)
            | (Place::BeforeSignature, CERTIFICATE_VERIFY) => Place::BeforeFinished,
            (Place::BeforeFinished, FINISHED) => {
                // Finished ends its record: the keys change behind it (RFC 8446 section 5.1).
                ended = true;
                Place::BeforeFinished
            }
            (Place::BeforeCertificate, CERTIFICATE_VERIFY | FINISHED) => {
                return Err(Finding::MissingCertificate);
            }
            (Place::BeforeSignature, FINISHED) => return Err(Finding::MissingSignature),
            _ => return Err(Finding::OutOfOrder),
        };
        if !has_own_length(kind, body) {
            return Err(Finding::Illegal);
        }
        extensions::check(kind, body)?;
        messages = rest;
    }
    Ok(())
}

/// Splits the first message off.
fn message(messages: &[u8]) -> Result<(u8, &[u8], &[u8]), Finding> {
    let (&[kind, high, middle, low], rest) = messages.split_first_chunk().ok_or(Finding::Split)?;
    let length = u32::from_be_bytes([0, high, middle, low]);
    let length = usize::try_from(length).map_err(|_| Finding::Split)?;
    let (body, rest) = rest.split_at_checked(length).ok_or(Finding::Split)?;
    Ok((kind, body, rest))
}

fn has_own_length(kind: u8, body: &[u8]) -> bool {
    let number = |high: u8, low: u8| usize::from(u16::from_be_bytes([high, low]));
    match (kind, body) {
        (ENCRYPTED_EXTENSIONS, [high, low, rest @ ..])
        | (CERTIFICATE_VERIFY, [_, _, high, low, rest @ ..])
        // No context and at most 64 KiB of certificates: no record holds more.
        | (CERTIFICATE, [0, 0, high, low, rest @ ..])
        // The context of a request within the handshake is empty (RFC 8446 section 4.3.2).
        | (CERTIFICATE_REQUEST, [0, high, low, rest @ ..]) => rest.len() == number(*high, *low),
        (FINISHED, body) => body.len() == 32,
        _ => false,
    }
}

fn read_alert(alert: &[u8]) -> Finding {
    match *alert {
        [1 | 2, description] => Finding::Alert(description),
        _ => Finding::Illegal,
    }
}

/// Passes on a record that came after the handshake.
fn open(record: &mut dyn Buffer) -> Result<(), AeadError> {
    let found = match content(record.as_ref()) {
        Some((APPLICATION_DATA, data)) => Ok(Some(data.len())),
        Some((HANDSHAKE, messages)) => check_open(messages).map(|()| None),
        Some((ALERT, alert)) => Err(read_alert(alert)),
        _ => Err(Finding::Illegal),
    };
    match found {
        Ok(Some(length)) => {
            record.truncate(length + 1);
            record.extend_from_slice(&[APPLICATION_DATA])?;
            let bytes = record.as_mut();
            bytes.copy_within(..length, 1);
            *bytes.first_mut().ok_or(AeadError)? = Kind::Data as u8;
            if let Some(last) = bytes.last_mut() {
                *last = APPLICATION_DATA;
            }
            Ok(())
        }
        Ok(None) => {
            record.truncate(0);
            record.extend_from_slice(&[Kind::Nothing as u8, APPLICATION_DATA])
        }
        Err(finding) => {
            let [a, b, c] = finding.write();
            record.truncate(0);
            record.extend_from_slice(&[Kind::Refused as u8, a, b, c, APPLICATION_DATA])
        }
    }
}

fn check_open(mut messages: &[u8]) -> Result<(), Finding> {
    if messages.is_empty() {
        return Err(Finding::Illegal);
    }
    while !messages.is_empty() {
        let (kind, _, rest) = message(messages)?;
        match kind {
            NEW_SESSION_TICKET => messages = rest,
            KEY_UPDATE => return Err(Finding::KeyUpdate),
            _ => return Err(Finding::OutOfOrder),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
