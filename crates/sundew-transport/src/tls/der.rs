//! Certificates, as far as the profiles look into them (RFC 5280 section 4.1).
//!
//! In the profile `chain` every certificate was parsed whole by webpki before and this adds what
//! webpki leaves out; in the profile `pin` there is nobody else. So it is strict: what RFC 5280 does
//! not allow is an error, and so is a critical extension that is not named here.

use core::convert::Infallible;

use super::error::Error;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const BOOLEAN: u8 = 0x01;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;
const EXTENSIONS: u8 = 0xA3;

const ID_KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x0F];
const ID_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1D, 0x11];
const ID_BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];
const ID_NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x1E];
const ID_EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x25];
/// Is the extended key usage of TLS servers.
const SERVER_AUTH: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];

/// Is the version of every certificate with extensions: v3.
const V3: &[u8] = &[INTEGER, 1, 2];

/// Reports bytes that are not the DER of an X.509 v3 certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Names a bit of the `keyUsage` extension by its position (RFC 5280 section 4.2.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyUsage {
    /// Signs other things than certificates, such as the TLS 1.3 transcript.
    DigitalSignature = 0,
    /// Signs certificates.
    CertificateSigning = 5,
}

/// Holds the public key of a certificate.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeyInfo<'a> {
    /// Holds the whole `SubjectPublicKeyInfo`, header included: what a pin is the hash of.
    pub(super) der: &'a [u8],
    pub(super) algorithm: &'a [u8],
    pub(super) bits: &'a [u8],
}

/// Holds what we look at in a certificate.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Certificate<'a> {
    /// Holds what is signed, header included.
    pub(super) signed: &'a [u8],
    pub(super) signature_algorithm: &'a [u8],
    pub(super) signature: &'a [u8],
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
    validity: &'a [u8],
    pub(super) key_info: KeyInfo<'a>,
    key_usage: Option<&'a [u8]>,
    extended_key_usage: Option<&'a [u8]>,
    /// Holds the `subjectAltName`s.
    names: Option<&'a [u8]>,
    constraints: Option<Constraints>,
    /// Says whether it limits the names below it.
    pub(super) limits_names: bool,
    /// Says whether there is a critical extension that is not known here.
    pub(super) has_unknown_critical: bool,
}

/// Holds the `basicConstraints` of a certificate.
#[derive(Clone, Copy, Debug)]
struct Constraints {
    authority: bool,
    path_length: Option<u8>,
}

impl<'a> Certificate<'a> {
    /// Reads the DER of a certificate that a server has sent.
    pub(super) fn read(der: &'a [u8]) -> Result<Self, Error<Infallible>> {
        Self::parse(der).map_err(|_| Error::BadCertificate)
    }

    /// Reads the DER of a certificate.
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, Malformed> {
        let mut outer = Reader(der);
        let mut certificate = Reader(outer.take(SEQUENCE)?);
        outer.end()?;
        let (signed, content) = certificate.whole(SEQUENCE)?;
        let mut body = Reader(content);
        require(body.take(VERSION)? == V3)?;
        body.take(INTEGER)?; // serial number
        let signature_algorithm = body.take(SEQUENCE)?;
        // The copy outside, which is not signed, has to be the same (RFC 5280 section 4.1.1.2).
        require(certificate.take(SEQUENCE)? == signature_algorithm)?;
        let signature = certificate.bits()?;
        certificate.end()?;
        let issuer = body.take(SEQUENCE)?;
        let validity = body.take(SEQUENCE)?;
        let subject = body.take(SEQUENCE)?;
        let (der, content) = body.whole(SEQUENCE)?;
        let mut key_info = Reader(content);
        let (algorithm, bits) = (key_info.take(SEQUENCE)?, key_info.bits()?);
        key_info.end()?;
        let key_info = KeyInfo { der, algorithm, bits };
        let mut this = Self {
            signed,
            signature_algorithm,
            signature,
            issuer,
            subject,
            validity,
            key_info,
            ..Self::default()
        };
        if !body.0.is_empty() {
            let mut tagged = Reader(body.take(EXTENSIONS)?);
            let mut extensions = Reader(tagged.take(SEQUENCE)?);
            tagged.end()?;
            body.end()?;
            while !extensions.0.is_empty() {
                this.extension(extensions.take(SEQUENCE)?)?;
            }
        }
        Ok(this)
    }

    fn extension(&mut self, der: &'a [u8]) -> Result<(), Malformed> {
        let mut fields = Reader(der);
        let id = fields.take(OID)?;
        let critical = fields.flag()?;
        let mut value = Reader(fields.take(OCTET_STRING)?);
        fields.end()?;
        match id {
            ID_KEY_USAGE => once(&mut self.key_usage, value.some_bits()?)?,
            ID_EXTENDED_KEY_USAGE => once(&mut self.extended_key_usage, value.take(SEQUENCE)?)?,
            ID_ALTERNATIVE_NAME => once(&mut self.names, value.take(SEQUENCE)?)?,
            ID_BASIC_CONSTRAINTS => {
                once(&mut self.constraints, Constraints::read(value.take(SEQUENCE)?)?)?;
            }
            ID_NAME_CONSTRAINTS => {
                self.limits_names = true;
                return Ok(());
            }
            _ => {
                self.has_unknown_critical |= critical;
                return Ok(());
            }
        }
        value.end()
    }

    /// Returns whether the certificate says that it may issue certificates.
    pub(super) fn is_authority(&self) -> bool {
        self.constraints.is_some_and(|constraints| constraints.authority)
    }

    /// Returns how many intermediate certificates may follow, where the certificate limits that.
    pub(super) fn path_length(&self) -> Option<u8> {
        self.constraints.and_then(|constraints| constraints.path_length)
    }

    /// Returns an error where the key may not be used for `usage`.
    pub(super) fn require(&self, usage: KeyUsage) -> Result<(), Error<Infallible>> {
        if self.permits(usage) { Ok(()) } else { Err(Error::WrongUsage) }
    }

    /// Returns whether the key may be used by a TLS server or for one; a certificate that does not
    /// say, may.
    pub(super) fn serves(&self) -> Result<bool, Malformed> {
        let Some(uses) = self.extended_key_usage else { return Ok(true) };
        let mut uses = Reader(uses);
        let mut found = false;
        while !uses.0.is_empty() {
            found |= uses.take(OID)? == SERVER_AUTH;
        }
        Ok(found)
    }

    /// Returns whether one of its names makes `is_it` say so, which gets a tag and its content.
    pub(super) fn has_name(&self, is_it: impl Fn(u8, &[u8]) -> bool) -> Result<bool, Malformed> {
        let mut names = Reader(self.names.unwrap_or_default());
        let mut found = false;
        while !names.0.is_empty() {
            let (tag, name) = names.any()?;
            // The choices of GeneralName (RFC 5280 section 4.2.1.6): mail, DNS and URI are ASCII.
            require(match tag {
                0x81 | 0x82 | 0x86 => name.is_ascii(),
                0x87 | 0x88 | 0xA0 | 0xA3..=0xA5 => true,
                _ => false,
            })?;
            found |= is_it(tag, name);
        }
        Ok(found)
    }

    /// Returns the first and the last second of its validity, in Unix seconds.
    pub(super) fn validity(&self) -> Result<(u64, u64), Malformed> {
        let mut dates = Reader(self.validity);
        let pair = (dates.date()?, dates.date()?);
        dates.end()?;
        Ok(pair)
    }

    /// Returns whether the key may be used for `usage`; a certificate that does not say, may.
    pub(super) fn permits(&self, usage: KeyUsage) -> bool {
        match self.key_usage {
            None => true,
            // The first of them is on top.
            Some([bits, ..]) => bits & (0x80 >> usage as u8) != 0,
            Some([]) => false,
        }
    }
}

impl Constraints {
    fn read(der: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Reader(der);
        let authority = fields.flag()?;
        let mut path_length = None;
        if !fields.0.is_empty() {
            path_length = match *fields.take(INTEGER)? {
                [length @ 0..=0x7F] => Some(length),
                [0..=0x7F, _, ..] => None, // More than any record holds.
                _ => return Err(Malformed),
            };
            fields.end()?;
        }
        Ok(Self { authority, path_length })
    }
}

fn require(condition: bool) -> Result<(), Malformed> {
    if condition { Ok(()) } else { Err(Malformed) }
}

/// Sets what may stand in a certificate once (RFC 5280 section 4.2).
fn once<T>(field: &mut Option<T>, value: T) -> Result<(), Malformed> {
    require(field.replace(value).is_none())
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Takes the content of the next element, which has to have `tag`.
    fn take(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        let (found, content) = self.any()?;
        require(found == tag)?;
        Ok(content)
    }

    /// Takes the next element, which has to have `tag`: the whole of it, and its content.
    fn whole(&mut self, tag: u8) -> Result<(&'a [u8], &'a [u8]), Malformed> {
        let before = self.0;
        let content = self.take(tag)?;
        let length = before.len().checked_sub(self.0.len()).ok_or(Malformed)?;
        Ok((before.get(..length).ok_or(Malformed)?, content))
    }

    /// Takes a string of bits that are whole bytes.
    fn bits(&mut self) -> Result<&'a [u8], Malformed> {
        let [0, bytes @ ..] = self.take(BIT_STRING)? else { return Err(Malformed) };
        Ok(bytes)
    }

    /// Takes a string of bits that may end within a byte, the rest of which has to be 0 (DER).
    fn some_bits(&mut self) -> Result<&'a [u8], Malformed> {
        let [unused @ 0..=7, bytes @ ..] = self.take(BIT_STRING)? else { return Err(Malformed) };
        let rest = bytes.last().map_or(*unused, |last| last & ((1 << unused) - 1));
        require(rest == 0)?;
        Ok(bytes)
    }

    /// Takes a boolean that may be left out where it is false.
    fn flag(&mut self) -> Result<bool, Malformed> {
        if self.0.first() != Some(&BOOLEAN) {
            return Ok(false);
        }
        match self.take(BOOLEAN)? {
            [0xFF] => Ok(true),
            // Against DER, and some write it.
            [0] => Ok(false),
            _ => Err(Malformed),
        }
    }

    /// Takes a date and returns it in Unix seconds (RFC 5280 section 4.1.2.5).
    fn date(&mut self) -> Result<u64, Malformed> {
        let (century, digits) = match self.any()? {
            (UTC_TIME, digits) => (None, digits),
            (GENERALIZED_TIME, [tens, ones, digits @ ..]) => {
                (Some(number([*tens, *ones])?), digits)
            }
            _ => return Err(Malformed),
        };
        let digits: &[u8; 13] = digits.try_into().map_err(|_| Malformed)?;
        let (pairs, zone) = digits.as_chunks::<2>();
        let &[year, month, day, hour, minute, second] = pairs else { return Err(Malformed) };
        require(zone == b"Z")?;
        let year = number(year)?;
        let century = century.unwrap_or(if year < 50 { 20 } else { 19 });
        let (year, month, day) = (century * 100 + year, number(month)?, number(day)?);
        let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 => 28 + u32::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let legal = (1..=12).contains(&month) && (1..=days).contains(&day);
        require(legal && hour < 24 && minute < 60 && second < 60 && year >= 1970)?;
        // Years begin in March, so that the day that may be missing is the last one.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let leaps = year / 4 - year / 100 + year / 400;
        let days = 365 * year + leaps + (153 * month + 2) / 5 + day - 1;
        let days = days.checked_sub(719_468).ok_or(Malformed)?;
        Ok(u64::from(days) * 86_400 + u64::from(hour * 3600 + minute * 60 + second))
    }

    /// Takes the next element: its tag and its content.
    fn any(&mut self) -> Result<(u8, &'a [u8]), Malformed> {
        let [tag, first, rest @ ..] = self.0 else { return Err(Malformed) };
        // A certificate over 64 KiB fits no record; shorter forms have to be the shortest (DER).
        let (length, rest) = match (*first, rest) {
            (length @ 0..=0x7F, rest) => (usize::from(length), rest),
            (0x81, [length @ 0x80..=0xFF, rest @ ..]) => (usize::from(*length), rest),
            (0x82, [high @ 1..=0xFF, low, rest @ ..]) => {
                (usize::from(u16::from_be_bytes([*high, *low])), rest)
            }
            _ => return Err(Malformed),
        };
        let (content, rest) = rest.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok((*tag, content))
    }

    fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

/// Returns the number of two digits.
fn number(digits: [u8; 2]) -> Result<u32, Malformed> {
    let [tens, ones] = digits.map(|byte| u32::from(byte.wrapping_sub(b'0')));
    require(tens < 10 && ones < 10)?;
    Ok(tens * 10 + ones)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(bits: Option<&'static [u8]>) -> Certificate<'static> {
        Certificate { key_usage: bits, ..Certificate::default() }
    }

    #[test]
    fn dates_are_unix_seconds() {
        let date = |tag: u8, text: &[u8]| {
            let mut der = [0; 20];
            der[0] = tag;
            der[1] = text.len() as u8;
            der[2..][..text.len()].copy_from_slice(text);
            Reader(&der[..2 + text.len()]).date()
        };
        assert_eq!(date(UTC_TIME, b"700101000000Z"), Ok(0));
        assert_eq!(date(UTC_TIME, b"491231235959Z"), Ok(2_524_607_999));
        assert_eq!(date(UTC_TIME, b"240229120000Z"), Ok(1_709_208_000));
        assert_eq!(date(GENERALIZED_TIME, b"20500101000000Z"), Ok(2_524_608_000));
        assert_eq!(date(GENERALIZED_TIME, b"99991231235959Z"), Ok(253_402_300_799));
        for bad in [
            "500101000000Z",
            "241301000000Z",
            "240100000000Z",
            "240101240000Z",
            "240230000000Z",
            "230229000000Z",
            "240431000000Z",
        ] {
            assert_eq!(date(UTC_TIME, bad.as_bytes()), Err(Malformed), "{bad}");
        }
        for bad in ["240101000000", "240101000000+", "2401010000Z", "24010100000aZ", ""] {
            assert_eq!(date(UTC_TIME, bad.as_bytes()), Err(Malformed), "{bad}");
        }
    }

    #[test]
    fn key_usage_bits_count_from_the_top() {
        assert!(usage(None).permits(KeyUsage::DigitalSignature));
        assert!(usage(Some(&[0x80])).permits(KeyUsage::DigitalSignature));
        assert!(!usage(Some(&[0x80])).permits(KeyUsage::CertificateSigning));
        assert!(usage(Some(&[0x04])).permits(KeyUsage::CertificateSigning));
        assert!(!usage(Some(&[])).permits(KeyUsage::DigitalSignature));
    }

    #[test]
    fn bits_may_end_within_a_byte() {
        assert_eq!(Reader(&[3, 2, 7, 0x80]).some_bits(), Ok([0x80].as_slice()));
        assert_eq!(Reader(&[3, 1, 0]).some_bits(), Ok([].as_slice()));
        for bad in [[3, 2, 8, 0].as_slice(), &[3, 2, 7, 0xC0], &[3, 1, 1], &[3, 0]] {
            assert_eq!(Reader(bad).some_bits(), Err(Malformed), "{bad:?}");
        }
    }

    #[test]
    fn lengths_are_the_shortest_and_inside() {
        assert_eq!(Reader(&[4, 1, 9]).take(OCTET_STRING), Ok([9].as_slice()));
        for bad in [
            [4, 2, 9].as_slice(),
            &[4, 0x81, 1, 9],
            &[4, 0x82, 0, 1, 9],
            &[4, 0x80, 0, 0],
            &[4, 0x84, 0, 0, 0, 1, 9],
            &[5, 0],
            &[4],
            &[],
        ] {
            assert_eq!(Reader(bad).take(OCTET_STRING), Err(Malformed), "{bad:?}");
        }
    }
}
