//! What a factory writes once: who the device is and whom it trusts.
//!
//! Read first: SPEC.md for the bytes; RFC 8949 section 3 for CBOR.

use crate::Error;
use crate::checksum::crc32;
use core::convert::Infallible;
use core::fmt;
use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
use minicbor::encode::Write;
use minicbor::{Decoder, Encoder};
use sundew_core::Region;
use sundew_store::Partition;

/// Says who a device is, which server it talks to and how it proves both.
///
/// It borrows from the buffer that it was read into. Its `Debug` hides the password.
///
/// ```
/// use embedded_storage::nor_flash::NorFlash;
/// use sundew_core::Region;
/// use sundew_identity::DeviceRecord;
/// use sundew_testkit::SimFlash;
///
/// // In the factory:
/// let anchor = b"the certificate of the authority, DER";
/// let record = DeviceRecord::new("weather-7", "broker.example", anchor)
///     .with_credentials("weather-7", b"open sesame");
/// let mut image = [0xFF; 256];
/// record.encode(&mut image).unwrap();
/// let mut flash = SimFlash::<4096, 4096, 4>::new();
/// flash.write(0, &image).unwrap();
///
/// // In the field:
/// let mut buffer = [0; 256];
/// let loaded = DeviceRecord::load(&mut flash, Region::new(0, 4096), &mut buffer)?;
/// assert_eq!(loaded, record);
/// assert!(!format!("{loaded:?}").contains("sesame"));
/// # Ok::<(), sundew_identity::Error<sundew_testkit::FlashError>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceRecord<'a> {
    /// Holds the name of the device, unique in its fleet.
    pub id: &'a str,
    /// Holds the name that the server's certificate must carry.
    pub server_name: &'a str,
    /// Holds the certificate of the authority that the server's must come from, in DER.
    pub anchor: &'a [u8],
    /// Holds the user name to log in with, where there is one.
    pub user: Option<&'a str>,
    /// Holds the password to log in with, where there is one.
    pub password: Option<&'a [u8]>,
}

const MAGIC: [u8; 4] = *b"SDID";
const VERSION: u16 = 1;
/// Magic, version, length, checksum.
const HEADER: usize = 12;

impl<'a> DeviceRecord<'a> {
    /// Names a device, its server and the authority, without a login.
    pub const fn new(id: &'a str, server_name: &'a str, anchor: &'a [u8]) -> Self {
        Self { id, server_name, anchor, user: None, password: None }
    }

    /// Adds a user name and a password to log in with.
    #[must_use]
    pub const fn with_credentials(self, user: &'a str, password: &'a [u8]) -> Self {
        Self { user: Some(user), password: Some(password), ..self }
    }

    /// Writes the record, as the Identity region holds it, to the front of `image` and returns its
    /// length in bytes.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLong`] where `image` is too short, or the record longer than 65,535
    /// bytes.
    pub fn encode(&self, image: &mut [u8]) -> Result<usize, Error<Infallible>> {
        let mut counter = Counter(0);
        self.write(&mut counter);
        let needed = HEADER.saturating_add(counter.0);
        let len = u16::try_from(counter.0).map_err(|_| Error::TooLong { needed })?;
        let front = image.get_mut(..needed).ok_or(Error::TooLong { needed })?;
        let (header, body) =
            front.split_first_chunk_mut::<HEADER>().ok_or(Error::TooLong { needed })?;
        self.write(&mut *body);
        *header = header_of(len, body);
        Ok(needed)
    }

    /// Reads the record from the start of `region` into `buffer`.
    ///
    /// *Blocking time*: reads the record once.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotProvisioned`] where the region is erased, [`Error::Corrupt`] where it
    /// holds something else or the checksum fails, [`Error::Version`] and [`Error::Malformed`]
    /// where the record cannot be understood, [`Error::TooLong`] where `buffer` is too short (it
    /// needs the record rounded up to the flash's read size), and [`Error::Storage`].
    pub fn load<F: NorFlash>(
        flash: &mut F,
        region: Region,
        buffer: &'a mut [u8],
    ) -> Result<Self, Error<F::Error>> {
        let mut part = Partition::new(flash, region)?;
        let front = HEADER.next_multiple_of(F::READ_SIZE);
        let header = buffer.get_mut(..front).ok_or(Error::TooLong { needed: front })?;
        part.read(0, header)?;
        let length = parse_header(header)?;
        // Both steps may leave a `usize` of 16 bits.
        let needed = usize::from(length)
            .checked_add(HEADER)
            .and_then(|end| end.checked_next_multiple_of(F::READ_SIZE))
            .filter(|needed| *needed <= part.capacity())
            .ok_or(Error::Corrupt)?;
        let image = buffer.get_mut(..needed).ok_or(Error::TooLong { needed })?;
        part.read(0, image)?;
        Self::decode(image)
    }

    /// Reads a record from the bytes that [`encode`](Self::encode) wrote; what follows them is
    /// ignored.
    ///
    /// # Errors
    ///
    /// Returns what [`load`](Self::load) returns, but for [`Error::Storage`].
    pub fn decode<E>(image: &'a [u8]) -> Result<Self, Error<E>> {
        let length = parse_header(image)?;
        let (header, rest) = image.split_first_chunk::<HEADER>().ok_or(Error::Corrupt)?;
        let body = rest.get(..usize::from(length)).ok_or(Error::Corrupt)?;
        if *header != header_of(length, body) {
            return Err(Error::Corrupt);
        }
        let mut decoder = Decoder::new(body);
        let record = Self::read(&mut decoder);
        let position = decoder.position();
        match record {
            Ok(Some(record)) if position == body.len() => Ok(record),
            _ => Err(Error::Malformed { position }),
        }
    }

    /// Encodes in deterministic order (RFC 8949 section 4.2.1). A writer that runs out of room is
    /// no case here: the length was counted before.
    fn write(&self, target: impl Write) {
        let entries = 3 + u64::from(self.user.is_some()) + u64::from(self.password.is_some());
        let mut encoder = Encoder::new(target);
        let written = encoder.map(entries).and_then(|encoder| {
            encoder.u8(0)?.str(self.id)?;
            encoder.u8(1)?.str(self.server_name)?;
            encoder.u8(2)?.bytes(self.anchor)?;
            if let Some(user) = self.user {
                encoder.u8(3)?.str(user)?;
            }
            if let Some(password) = self.password {
                encoder.u8(4)?.bytes(password)?;
            }
            Ok(())
        });
        debug_assert!(written.is_ok());
    }

    /// Returns `None` where a field is missing or comes twice. Unknown fields are passed over.
    fn read(decoder: &mut Decoder<'a>) -> Result<Option<Self>, minicbor::decode::Error> {
        let Some(entries) = decoder.map()? else { return Ok(None) };
        let (mut id, mut server_name, mut user) = (None, None, None);
        let (mut anchor, mut password) = (None, None);
        for _ in 0..entries {
            let again = match decoder.u32()? {
                0 => id.replace(decoder.str()?).is_some(),
                1 => server_name.replace(decoder.str()?).is_some(),
                2 => anchor.replace(decoder.bytes()?).is_some(),
                3 => user.replace(decoder.str()?).is_some(),
                4 => password.replace(decoder.bytes()?).is_some(),
                _ => {
                    decoder.skip()?;
                    false
                }
            };
            if again {
                return Ok(None);
            }
        }
        let (Some(id), Some(server_name), Some(anchor)) = (id, server_name, anchor) else {
            return Ok(None);
        };
        Ok(Some(Self { id, server_name, anchor, user, password }))
    }
}

impl fmt::Debug for DeviceRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceRecord")
            .field("id", &self.id)
            .field("server_name", &self.server_name)
            .field("anchor_bytes", &self.anchor.len())
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for DeviceRecord<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(
            f,
            "DeviceRecord {{ id: {}, server_name: {}, .. }}",
            self.id,
            self.server_name
        );
    }
}

/// Counts what is written to it.
struct Counter(usize);

impl Write for Counter {
    type Error = Infallible;

    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(())
    }
}

fn header_of(length: u16, body: &[u8]) -> [u8; HEADER] {
    let [m0, m1, m2, m3] = MAGIC;
    let [v0, v1] = VERSION.to_le_bytes();
    let [l0, l1] = length.to_le_bytes();
    let front = [m0, m1, m2, m3, v0, v1, l0, l1];
    let [c0, c1, c2, c3] = crc32(&[&front, body]).to_le_bytes();
    [m0, m1, m2, m3, v0, v1, l0, l1, c0, c1, c2, c3]
}

/// Returns the length of the CBOR that follows.
fn parse_header<E>(image: &[u8]) -> Result<u16, Error<E>> {
    let (header, _) = image.split_first_chunk::<HEADER>().ok_or(Error::Corrupt)?;
    if *header == [0xFF; HEADER] {
        return Err(Error::NotProvisioned);
    }
    let [m0, m1, m2, m3, v0, v1, l0, l1, ..] = *header;
    if [m0, m1, m2, m3] != MAGIC {
        return Err(Error::Corrupt);
    }
    match u16::from_le_bytes([v0, v1]) {
        VERSION => Ok(u16::from_le_bytes([l0, l1])),
        found => Err(Error::Version { found }),
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::format;
    use std::vec;
    use std::vec::Vec;
    use sundew_testkit::SimFlash;

    const FULL: DeviceRecord<'_> =
        DeviceRecord::new("d1", "s", &[1, 2, 3]).with_credentials("u", b"pw");

    /// Puts a right header before any body.
    fn sealed(body: &[u8]) -> Vec<u8> {
        [&header_of(body.len() as u16, body)[..], body].concat()
    }

    fn decode(image: &[u8]) -> Result<DeviceRecord<'_>, Error<Infallible>> {
        DeviceRecord::decode(image)
    }

    #[test]
    fn the_bytes_are_those_of_the_spec() {
        let mut image = [0; 40];
        assert_eq!(FULL.encode(&mut image), Ok(32));
        let body = b"\xA5\x00\x62d1\x01\x61s\x02\x43\x01\x02\x03\x03\x61u\x04\x42pw";
        assert_eq!(&image[12..32], body);
        assert_eq!(&image[..8], b"SDID\x01\x00\x14\x00");
        assert_eq!(decode(&image), Ok(FULL));
        let mut short = [0; 31];
        assert_eq!(FULL.encode(&mut short), Err(Error::TooLong { needed: 32 }));
        let anchor = vec![0; 65_530];
        let long = DeviceRecord::new("", "", &anchor).encode(&mut vec![0; 70_000]);
        assert_eq!(long, Err(Error::TooLong { needed: 12 + 65_539 }));
    }

    #[test]
    fn each_fault_has_its_error() {
        let body = &sealed(b"\xA3\x00\x61d\x01\x61s\x02\x41a")[12..];
        let fault = |body: &[u8]| decode(&sealed(body)).map(drop);
        assert_eq!(fault(body), Ok(()));
        let malformed = |position| Err(Error::Malformed { position });
        assert_eq!(fault(b""), malformed(0));
        assert_eq!(fault(b"\xA2\x00\x61d\x01\x61s"), malformed(7), "a field is missing");
        assert_eq!(fault(b"\xA4\x00\x61d\x00\x61d\x01\x61s\x02\x41a"), malformed(7), "twice");
        assert_eq!(fault(&[body, &[0]].concat()), malformed(10), "something follows");
        assert_eq!(fault(b"\xBF\x00\x61d\x01\x61s\x02\x41a\xFF"), malformed(1), "indefinite");
        let unknown = b"\xA4\x00\x61d\x01\x61s\x02\x41a\x18\x63\x82\x01\xA1\x02\x03";
        assert_eq!(fault(unknown), Ok(()), "an unknown field is passed over");

        let mut image = sealed(body);
        image[14] ^= 1;
        assert_eq!(decode(&image), Err(Error::Corrupt));
        let mut image = sealed(body);
        image[4] = 2;
        assert_eq!(decode(&image), Err(Error::Version { found: 2 }));
        assert_eq!(decode(&[0xFF; 64]), Err(Error::NotProvisioned));
        assert_eq!(decode(&[0; 64]), Err(Error::Corrupt));
        assert_eq!(decode(&image[..11]), Err(Error::Corrupt));
    }

    #[test]
    fn flash_and_buffer_have_their_errors_too() {
        type Flash = SimFlash<256, 128, 8, 8>;
        let region = Region::new(128, 128);
        let load = |flash: &mut Flash, len: usize| {
            DeviceRecord::load(flash, region, &mut [0; 128][..len]).map(drop)
        };
        let mut flash = Flash::new();
        assert_eq!(load(&mut flash, 128), Err(Error::NotProvisioned));
        let mut image = [0xFF; 40];
        FULL.encode(&mut image).unwrap();
        flash.write(128, &image).unwrap();
        assert_eq!(load(&mut flash, 32), Ok(()));
        assert_eq!(load(&mut flash, 31), Err(Error::TooLong { needed: 32 }));
        assert_eq!(load(&mut flash, 8), Err(Error::TooLong { needed: 16 }));
        let mut buffer = [0; 128];
        let outside = DeviceRecord::load(&mut flash, Region::new(128, 256), &mut buffer);
        assert_eq!(outside, Err(Error::Storage(sundew_store::Error::Region)));
    }

    #[test]
    fn debug_hides_the_password() {
        let text = format!("{FULL:?}");
        assert!(
            text.contains("d1") && !text.contains("pw") && !text.contains("112, 119"),
            "{text}"
        );
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            id in ".*", server_name in ".*", anchor: Vec<u8>,
            user in prop::option::of(".*"), password: Option<Vec<u8>>,
        ) {
            let record = DeviceRecord {
                id: &id,
                server_name: &server_name,
                anchor: &anchor,
                user: user.as_deref(),
                password: password.as_deref(),
            };
            let mut image = [0; 4096];
            let len = record.encode(&mut image).unwrap();
            prop_assert_eq!(decode(&image[..len]), Ok(record));
        }

        #[test]
        fn any_bytes_give_a_record_or_an_error(
            noise in prop::collection::vec(any::<u8>(), 0..80),
            changes in prop::collection::vec((0..20_usize, any::<u8>()), 1..4),
        ) {
            let _ = decode(&noise);
            // Past the checksum: noise, and a record with some bytes changed.
            let _ = decode(&sealed(&noise));
            let mut image = [0; 32];
            FULL.encode(&mut image).unwrap();
            let mut body = image[12..].to_vec();
            for (at, value) in changes {
                body[at] = value;
            }
            let image = sealed(&body);
            if let Ok(record) = decode(&image) {
                let mut again = [0; 64];
                prop_assert!(record.encode(&mut again).is_ok());
            }
        }

        #[test]
        fn any_changed_bit_is_found(bit in 0..32 * 8_usize) {
            let mut image = [0; 32];
            FULL.encode(&mut image).unwrap();
            image[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(decode(&image).is_err());
        }
    }
}
