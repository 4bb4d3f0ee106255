//! The few fields of a certificate that the path check leaves to us (RFC 5280 section 4.1).
//!
//! Every certificate that comes here was parsed whole by webpki before; this reader is strict on
//! its own all the same, and returns an error where the two could disagree.

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const BOOLEAN: u8 = 0x01;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;
const EXTENSIONS: u8 = 0xA3;

const ID_KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x0F];
const ID_BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];

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

/// Holds what we look at in a certificate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Certificate<'a> {
    key_algorithm: &'a [u8],
    key: &'a [u8],
    key_usage: Option<&'a [u8]>,
    authority: bool,
    path_length: Option<u8>,
}

impl<'a> Certificate<'a> {
    /// Reads the DER of a certificate.
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, Malformed> {
        let mut outer = Reader(der);
        let mut certificate = Reader(outer.take(SEQUENCE)?);
        outer.end()?;
        let mut body = Reader(certificate.take(SEQUENCE)?);
        body.take(VERSION)?;
        body.take(INTEGER)?; // serial number
        body.take(SEQUENCE)?; // signature algorithm
        body.take(SEQUENCE)?; // issuer
        body.take(SEQUENCE)?; // validity
        body.take(SEQUENCE)?; // subject
        let mut key_info = Reader(body.take(SEQUENCE)?);
        let key_algorithm = key_info.take(SEQUENCE)?;
        let [0, key @ ..] = key_info.take(BIT_STRING)? else { return Err(Malformed) };
        key_info.end()?;
        let mut this =
            Self { key_algorithm, key, key_usage: None, authority: false, path_length: None };
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
        if fields.0.first() == Some(&BOOLEAN) {
            fields.take(BOOLEAN)?;
        }
        let mut value = Reader(fields.take(OCTET_STRING)?);
        fields.end()?;
        if id == ID_KEY_USAGE {
            self.key_usage = Some(value.take(BIT_STRING)?);
            value.end()?;
        } else if id == ID_BASIC_CONSTRAINTS {
            let mut constraints = Reader(value.take(SEQUENCE)?);
            value.end()?;
            self.authority =
                constraints.0.first() == Some(&BOOLEAN) && constraints.take(BOOLEAN)? == [0xFF];
            if !constraints.0.is_empty() {
                self.path_length = match *constraints.take(INTEGER)? {
                    [length @ 0..=0x7F] => Some(length),
                    [0..=0x7F, _, ..] => None, // More than any record holds.
                    _ => return Err(Malformed),
                };
                constraints.end()?;
            }
        }
        Ok(())
    }

    /// Returns the point of the public key, where its algorithm is `algorithm`.
    pub(super) fn key(&self, algorithm: &[u8]) -> Option<&'a [u8]> {
        (self.key_algorithm == algorithm).then_some(self.key)
    }

    /// Returns whether the certificate says that it may issue certificates.
    pub(super) fn is_authority(&self) -> bool {
        self.authority
    }

    /// Returns how many intermediate certificates may follow, where the certificate limits that.
    pub(super) fn path_length(&self) -> Option<u8> {
        self.path_length
    }

    /// Returns whether the key may be used for `usage`; a certificate that does not say, may.
    pub(super) fn permits(&self, usage: KeyUsage) -> bool {
        match self.key_usage {
            None => true,
            // One byte of unused bits, then the bits, the first of them on top.
            Some([_, bits, ..]) => bits & (0x80 >> usage as u8) != 0,
            Some(_) => false,
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Takes the content of the next element, which has to have `tag`.
    fn take(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        let [found, first, rest @ ..] = self.0 else { return Err(Malformed) };
        if *found != tag {
            return Err(Malformed);
        }
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
        Ok(content)
    }

    fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(bits: Option<&'static [u8]>) -> Certificate<'static> {
        Certificate {
            key_algorithm: &[],
            key: &[],
            key_usage: bits,
            authority: false,
            path_length: None,
        }
    }

    #[test]
    fn key_usage_bits_count_from_the_top() {
        assert!(usage(None).permits(KeyUsage::DigitalSignature));
        assert!(usage(Some(&[7, 0x80])).permits(KeyUsage::DigitalSignature));
        assert!(!usage(Some(&[7, 0x80])).permits(KeyUsage::CertificateSigning));
        assert!(usage(Some(&[2, 0x04])).permits(KeyUsage::CertificateSigning));
        assert!(!usage(Some(&[0])).permits(KeyUsage::DigitalSignature));
        assert!(!usage(Some(&[])).permits(KeyUsage::DigitalSignature));
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
