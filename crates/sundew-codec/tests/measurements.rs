//! The small decoder gives what the whole one gives, or an error; never another value.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use proptest::prelude::*;
use sundew_codec::Error;
use sundew_codec::senml::{PackDecoder, PackEncoder, Record, measurements};
use sundew_units::Dec;

type Reading = (String, String, Dec);

fn small(bytes: &[u8]) -> (Vec<Reading>, Result<(), Error>) {
    let mut readings = Vec::new();
    let result = measurements(bytes, |it| {
        readings.push((it.name.to_string(), it.unit.to_string(), it.value));
    });
    (readings, result)
}

fn whole(bytes: &[u8]) -> Result<Vec<Reading>, Error> {
    let mut readings = Vec::new();
    for record in PackDecoder::new(bytes) {
        let record = record?;
        if let Some(value) = record.value {
            let dec = value.dec().expect("the small decoder refuses what is no decimal");
            readings.push((record.name.to_string(), record.unit.to_string(), dec));
        }
    }
    Ok(readings)
}

/// Everything that the small decoder takes, in one pack.
const PACK: &[u8] = b"\x84\
    \xA8\x20\x0A\x21\x65dev1:\x23\x63Cel\x00\x64temp\x02\xC4\x82\x21\x19\x09\x29\
        \x64zzzz\xFB\x40\x09\x21\xFB\x54\x44\x2D\x18\x09\x43abc\x28\xF6\
    \xA1\x21\x65dev2:\
    \xA3\x00\x62rh\x01\x63%RH\x02\xC4\x82\x20\x39\x01\x9B\
    \xA2\x02\x1A\x00\x01\x8B\xCD\x00\x64pres";

#[test]
fn base_fields_hold_on_and_what_is_unknown_is_passed_over() {
    let expected = [
        ("dev1:temp", "Cel", Dec::new(2_345, -2)),
        ("dev2:rh", "%RH", Dec::new(-412, -1)),
        ("dev2:pres", "Cel", Dec::new(101_325, 0)),
    ];
    let expected = expected.map(|(name, unit, dec)| (name.to_owned(), unit.to_owned(), dec));
    assert_eq!(small(PACK), (expected.to_vec(), Ok(())));
    assert_eq!(whole(PACK).unwrap(), expected);
}

#[test]
fn what_would_change_the_meaning_is_refused() {
    let unsupported = |position| Err(Error::Unsupported { position });
    let cases: &[(&[u8], Result<(), Error>)] = &[
        (b"\x80", Ok(())),
        // -2 in eight bytes is the label of the base name all the same.
        (b"\x81\xA2\x3B\0\0\0\0\0\0\0\x01\x61a\x02\x01", unsupported(2)),
        (b"", Err(Error::Truncated { position: 0 })),
        (b"\x81", Err(Error::Truncated { position: 1 })),
        (b"\x81\xA1\x02", Err(Error::Truncated { position: 3 })),
        (b"\x81\xA1\x00\x65abcd", Err(Error::Truncated { position: 8 })),
        (b"\x80\x00", unsupported(1)), // something behind the pack
        (b"\x9F\xFF", unsupported(0)), // an indefinite length
        (b"\x81\xA2\x20\x0B\x02\x01", unsupported(3)), // version 11
        (b"\x81\xA2\x02\x01\x62x_\x01", unsupported(7)), // a label to be understood
        (b"\x81\xA2\x02\x01\x61x\x80", unsupported(6)), // an unknown field that nests
        (b"\x81\xA2\x02\x01\x02\x02", unsupported(5)), // a label that stands twice
        (b"\x81\xA2\x02\x01\x18\x02\x02", unsupported(6)), // and twice, in another spelling
        (b"\x81\xA2\x24\x01\x02\x01", unsupported(3)), // a base value
        (b"\x81\xA2\x06\x01\x02\x01", unsupported(3)), // a time
        (b"\x81\xA1\x02\xF9\x3C\x00", unsupported(3)), // a float
        (b"\x81\xA1\x03\x61x", unsupported(3)), // a text as value
        (b"\x81\xA1\x02\x1A\x80\x00\x00\x00", unsupported(3)), // 2^31
        (b"\x81\xA1\x02\xC4\x82\x18\x18\x01", unsupported(5)), // 10^24
        (b"\x81\xA1\x02\xC4\x82\x38\x18\x01", unsupported(5)), // 10^-25
        (b"\x81\xA1\x02\xC4\x83\x01\x01\x01", unsupported(4)), // a fraction of three parts
    ];
    for (bytes, expected) in cases {
        assert_eq!(small(bytes), (Vec::new(), *expected), "{bytes:x?}");
    }
}

/// Compares both, and returns whether the small one took it.
fn agree(bytes: &[u8]) -> Result<bool, TestCaseError> {
    let (readings, result) = small(bytes);
    if let Err(error) = result {
        prop_assert!(error.position().unwrap() <= bytes.len());
        return Ok(false);
    }
    prop_assert_eq!(whole(bytes), Ok(readings), "{:x?}", bytes);
    Ok(true)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50_000))]

    #[test]
    fn mutated_packs_agree(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut bytes = PACK.to_vec();
        for (index, byte) in &changes {
            let at = index.index(bytes.len());
            bytes[at] = *byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        agree(&bytes)?;
    }

    /// Fields of which each is likely to be taken, in any order and number.
    #[test]
    fn any_fields_agree(
        records in prop::collection::vec(prop::collection::vec(prop::sample::select(vec![
            &b"\x00\x61a"[..], b"\x00\x60", b"\x01\x61V", b"\x01\x60", b"\x02\x05", b"\x02\x24",
            b"\x02\xC4\x82\x21\x18\x7B", b"\x02\xC4\x82\x37\x3A\x7F\xFF\xFF\xFF", b"\x20\x0A",
            b"\x21\x61b", b"\x21\x60", b"\x23\x61A", b"\x23\x60", b"\x63zzz\xF5", b"\x09\x61c",
            b"\x28\x20", b"\x19\x01\x00\xFA\x40\x00\x00\x00", b"\x18\x00\x61d", b"\x3A\x00\x00\x00\x01\x61e",
            b"\x63zz_\x01", b"\x06\x05", b"\x62zz\x44\x01\x02\x03\x04", b"\x62zz\xC1\x01",
        ]), 0..5), 0..4),
    ) {
        let mut bytes = vec![0x80 + records.len() as u8];
        for fields in &records {
            bytes.push(0xA0 + fields.len() as u8);
            bytes.extend(fields.iter().copied().flatten());
        }
        agree(&bytes)?;
    }

    #[test]
    fn every_mantissa_comes_back(mantissa: i32, exponent in -24_i8..24, base in "[a-z]{0,30}") {
        let mut buffer = [0; 80];
        let mut pack = PackEncoder::new(&mut buffer, &base);
        let dec = Dec::new(mantissa, exponent);
        pack.push(&Record::new("n").with_unit("m").with_value(dec)).unwrap();
        let bytes = pack.finish();
        prop_assert_eq!(small(bytes), (vec![(format!("{base}n"), "m".to_owned(), dec)], Ok(())));
        prop_assert!(agree(bytes)?);
    }
}
