extern crate std;

use std::vec::Vec;

use super::*;

const KEY: [u8; 16] = [1; 16];
const NONCE: [u8; 12] = [2; 12];

/// A buffer as the engine has it: as long as the sealed record.
struct Record(Vec<u8>, usize);

impl AsRef<[u8]> for Record {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl AsMut<[u8]> for Record {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Buffer for Record {
    fn extend_from_slice(&mut self, other: &[u8]) -> Result<(), AeadError> {
        if self.0.len() + other.len() > self.1 {
            return Err(AeadError);
        }
        self.0.extend(other);
        Ok(())
    }

    fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }
}

/// Seals `inner` and opens it at a place.
fn pass(mark: u8, inner: &[u8]) -> Result<Vec<u8>, AeadError> {
    let length = inner.len() + 16;
    let [high, low] = (length as u16).to_be_bytes();
    let inspector = Inspector::new(&KEY.into());
    let mut sealed = inner.to_vec();
    let tag = inspector
        .encrypt_in_place_detached(&NONCE.into(), &[23, 3, 3, high, low], &mut sealed)
        .unwrap();
    sealed.extend(tag);
    let mut record = Record(sealed, length);
    inspector.decrypt_in_place(&NONCE.into(), &[23, 3, mark, high, low], &mut record)?;
    Ok(record.0)
}

#[test]
fn a_record_without_a_mark_stays_closed() {
    for version in 0..0xF0 {
        assert!(pass(version, b"data\x17").is_err());
    }
    assert!(pass(0xF6, b"data\x17").is_err());
    assert!(pass(Place::Open.mark(), b"data\x17").is_ok());
}

#[test]
fn open_records_come_with_their_kind() {
    let open = Place::Open.mark();
    assert_eq!(pass(open, b"data\x17").unwrap(), b"\x00data\x17");
    assert_eq!(pass(open, b"data\x17\0\0").unwrap(), b"\x00data\x17");
    assert_eq!(pass(open, b"\x17").unwrap(), b"\x00\x17");
    assert_eq!(pass(open, &[4, 0, 0, 1, 9, 22]).unwrap(), [1, 23]);
    assert_eq!(pass(open, &[1, 0, 21]).unwrap(), [2, 0, 7, 0, 23]);
    // The shortest record of all has room for the longest answer.
    assert_eq!(pass(open, &[9]).unwrap(), [2, 0, 1, 0, 23]);
}

#[test]
fn a_finding_in_the_flight_reads_as_a_certificate() {
    let passed = pass(Place::First.mark(), &[9]).unwrap();
    assert_eq!(passed, [11, 0, 0, 12, 0, 0, 0, 8, 0, 0, 3, 0, 1, 0, 0, 0, 22]);
    assert_eq!(Finding::read(&passed[11..14]), Some(Finding::Illegal));
}

#[test]
fn findings_survive_their_way() {
    for finding in [
        Finding::Illegal,
        Finding::OutOfOrder,
        Finding::MissingCertificate,
        Finding::MissingSignature,
        Finding::Split,
        Finding::KeyUpdate,
        Finding::Alert(0),
        Finding::Alert(255),
    ] {
        assert_eq!(Finding::read(&finding.write()), Some(finding));
    }
    assert_eq!(Finding::read(&[0x30, 1, 0]), None);
    assert_eq!(Finding::read(&[]), None);
}

#[test]
fn messages_are_as_long_as_they_say() {
    let flight = |bytes: &[u8]| check_flight(Place::First, bytes);
    assert_eq!(flight(&[8, 0, 0, 2, 0, 0]), Ok(()));
    assert_eq!(flight(&[8, 0, 0, 3, 0, 0, 0]), Err(Finding::Illegal), "one byte too many");
    assert_eq!(flight(&[8, 0, 0, 2, 0, 1]), Err(Finding::Illegal), "reaches out of itself");
    assert_eq!(flight(&[8, 0, 0, 1, 0]), Err(Finding::Illegal));
    let verify = |bytes: &[u8]| check_flight(Place::BeforeSignature, bytes);
    assert_eq!(verify(&[15, 0, 0, 5, 4, 3, 0, 1, 9]), Ok(()));
    assert_eq!(verify(&[15, 0, 0, 5, 4, 3, 0, 2, 9]), Err(Finding::Illegal));
    let certificate = |bytes: &[u8]| check_flight(Place::BeforeCertificate, bytes);
    assert_eq!(certificate(&[11, 0, 0, 4, 0, 0, 0, 0]), Ok(()));
    assert_eq!(certificate(&[11, 0, 0, 5, 1, 9, 0, 0, 0]), Err(Finding::Illegal), "a context");
    assert_eq!(certificate(&[13, 0, 0, 3, 0, 0, 0]), Ok(()));
    assert_eq!(certificate(&[13, 0, 0, 4, 1, 9, 0, 0]), Err(Finding::Illegal), "a context");
}

proptest::proptest! {
    #[test]
    fn every_record_ends_in_its_kind(
        place in 0..5u8,
        inner in proptest::collection::vec(proptest::num::u8::ANY, 1..60),
    ) {
        let passed = pass(0xF0 | place, &inner).unwrap();
        if place == Place::Open.mark() & 0xF {
            assert_eq!(passed.last(), Some(&23), "the engine sees data only");
            assert!(passed.len() >= 2, "and never an empty record");
        } else {
            let (kind, messages) = content(&passed).expect("a type");
            assert_eq!(kind, 22, "the engine sees messages only");
            assert!(!messages.is_empty());
        }
    }
}
