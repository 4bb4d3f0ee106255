//! No bytes make the decoder panic, run on, or point outside of what it was given.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use proptest::prelude::*;
use sundew_codec::{
    Error, Origin, Time,
    senml::{Number, PackDecoder, PackEncoder, Record, Text, Value},
};
use sundew_units::{Dec, Quality};

/// Decodes to the end, and returns the number of records or the error.
fn outcome(bytes: &[u8]) -> Result<usize, Error> {
    let mut decoder = PackDecoder::new(bytes);
    let mut count = 0;
    let result = loop {
        match decoder.next() {
            None => break Ok(count),
            Some(Ok(_)) => count += 1,
            Some(Err(error)) => break Err(error),
        }
        assert!(count <= bytes.len(), "more records than bytes");
    };
    assert!(decoder.next().is_none(), "goes on after the end");
    result
}

fn good_pack() -> Vec<u8> {
    let mut buffer = [0; 512];
    let mut pack = PackEncoder::new(&mut buffer, "urn:dev:mac:0024befffe804ff1:");
    let record = Record::new("air").with_unit("Cel").at(Time::Unix(1_700_000_000));
    let mut all = record.with_value(Dec::new(-725, -2)).with_origin(Origin::new(3, 70_000));
    all.sum = Some(Number::Wide(1 << 40));
    all.update_time = Some(60.into());
    all.quality = Quality::Stale;
    pack.push(&all).unwrap();
    pack.push(&record.with_value(Number::Float(0.1_f64.to_bits())).with_id(9)).unwrap();
    pack.push(&Record::new("open").with_value(Value::Boolean(true))).unwrap();
    let label = Value::Text(Text::new("Machine Room"));
    pack.push(&Record::new("label").with_value(label).at(Time::SinceBoot(5))).unwrap();
    pack.push(&Record::new("raw").with_value(Value::Data(&[1, 2, 3])).expiring(8)).unwrap();
    pack.finish().to_vec()
}

#[test]
fn zeros_before_a_label_of_ours_make_another_label() {
    // [{0: "a", 2: 1, "\0\0q": 3}]
    let bytes = b"\x81\xA3\x00\x61a\x02\x01\x63\0\0q\x03";
    let record = PackDecoder::new(bytes).next().unwrap().unwrap();
    assert_eq!(record.quality, Quality::Good);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Err(error) = outcome(&bytes) {
            prop_assert!(error.position().unwrap() <= bytes.len());
        }
    }

    #[test]
    fn random_fields_behind_a_good_start(
        start in prop::sample::select(vec![
            &b"\x81\xA2"[..], &b"\x9F\xBF"[..], &b"\x81\xBF\x61x"[..], &b"\x9F\xA1\x02"[..],
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let bytes = [start, &rest].concat();
        if let Err(error) = outcome(&bytes) {
            prop_assert!(error.position().unwrap() <= bytes.len());
        }
    }

    #[test]
    fn mutated_packs(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let mut bytes = good_pack();
        for (index, byte) in &changes {
            let at = index.index(bytes.len());
            bytes[at] = *byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Err(error) = outcome(&bytes) {
            prop_assert!(error.position().unwrap() <= bytes.len());
        }
    }

    #[test]
    fn what_is_accepted_is_well_formed(
        start in prop::sample::select(vec![&b"\x81\xBF\x61x"[..], &b"\x81\xA1\x61x"[..]]),
        rest in prop::collection::vec(
            prop_oneof![
                Just(0xFF_u8), Just(0x9F), Just(0xBF), Just(0x5F), Just(0x41), Just(0x82),
                Just(0xA1), Just(0xC4), Just(0xF8), Just(0x18), // No texts but the one above: what is not UTF-8 stays well formed here, and is
                // checked when it is used, while minicbor checks it at once.
                any::<u8>().prop_filter("text", |byte| byte >> 5 != 3),
            ],
            0..12,
        ),
    ) {
        let bytes = [start, &rest].concat();
        if outcome(&bytes).is_ok() {
            let tokens: Result<Vec<_>, _> = minicbor::decode::Tokenizer::new(&bytes).collect();
            prop_assert!(tokens.is_ok(), "{bytes:02x?}");
        }
    }
}

#[test]
fn every_single_byte_change_and_every_cut() {
    let good = good_pack();
    assert_eq!(outcome(&good), Ok(5));
    for at in 0..good.len() {
        assert!(outcome(&good[..at]).is_err(), "cut at {at} was taken for whole");
        let mut bytes = good.clone();
        for byte in 0..=u8::MAX {
            bytes[at] = byte;
            if let Err(error) = outcome(&bytes) {
                assert!(error.position().unwrap() <= bytes.len());
            }
        }
    }
}

#[test]
fn each_fault_is_named_with_its_place() {
    let range = |position| Err(Error::Range { position });
    let syntax = |position| Err(Error::Syntax { position });
    let truncated = |position| Err(Error::Truncated { position });
    let unsupported = |position| Err(Error::Unsupported { position });
    let cases: &[(&str, &[u8], Result<usize, Error>)] = &[
        ("nothing", b"", truncated(0)),
        ("no array", b"\xA0", syntax(0)),
        ("empty array", b"\x80", Ok(0)),
        ("bytes after the pack", b"\x80\x00", syntax(1)),
        ("a record that is no map", b"\x81\x00", syntax(1)),
        ("more records than bytes", b"\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", truncated(9)),
        ("more fields than bytes", b"\x81\xBB\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", truncated(10)),
        ("reserved information", b"\x81\xA1\x1C\x00", syntax(2)),
        ("a key that is a list", b"\x81\xA1\x80\x00", syntax(2)),
        ("a name that is a number", b"\x81\xA1\x00\x01", syntax(3)),
        ("a name of indefinite length", b"\x81\xA1\x00\x7F\xFF", syntax(3)),
        ("a name past the end", b"\x81\xA1\x00\x7B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", truncated(12)),
        ("a name twice", b"\x81\xA2\x00\x61a\x00\x61a", syntax(5)),
        ("two values", b"\x81\xA2\x02\x01\x03\x61a", syntax(4)),
        ("NaN", b"\x81\xA1\x02\xF9\x7E\x00", range(3)),
        ("infinity", b"\x81\xA1\x02\xFA\x7F\x80\x00\x00", range(3)),
        ("null for a value", b"\x81\xA1\x02\xF6", syntax(3)),
        ("number for a boolean", b"\x81\xA1\x04\x01", syntax(3)),
        ("null for a boolean", b"\x81\xA1\x04\xF6", syntax(3)),
        ("past i64", b"\x81\xA1\x02\x1B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", range(3)),
        ("wide mantissa", b"\x81\xA1\x02\xC4\x82\x20\x1A\x80\x00\x00\x00", range(6)),
        ("wide exponent", b"\x81\xA1\x02\xC4\x82\x38\x80\x01", range(5)),
        ("bignum mantissa", b"\x81\xA1\x02\xC4\x82\x20\xC2\x41\x01", unsupported(6)),
        ("text mantissa", b"\x81\xA1\x02\xC4\x82\x20\x61a", syntax(6)),
        ("three parts", b"\x81\xA1\x02\xC4\x83\x20\x01\x01", syntax(4)),
        ("a bigfloat", b"\x81\xA1\x02\xC5\x82\x20\x01", unsupported(3)),
        ("indefinite decimal", b"\x81\xA1\x02\xC4\x9F\x20\x01\xFF", Ok(1)),
        ("open decimal", b"\x81\xA1\x02\xC4\x9F\x20\x01\x01", syntax(7)),
        ("seq without boot", b"\x81\xA1\x63seq\x01", syntax(1)),
        ("boot past u16", b"\x81\xA1\x64boot\x1A\x00\x01\x00\x00", range(7)),
        ("negative id", b"\x81\xA1\x62id\x20", syntax(5)),
        ("nested to the limit", b"\x81\xA1\x61x\x81\x81\x81\x81\x81\x81\x81\x81\x00", Ok(0)),
        (
            "nested past the limit",
            b"\x81\xA1\x61x\x81\x81\x81\x81\x81\x81\x81\x81\x81\x00",
            unsupported(12),
        ),
        ("a value that is missing in a map", b"\x81\xBF\x61x\xFF\xFF", syntax(4)),
        ("break within a skipped pair", b"\x81\xA1\x61x\xBF\x01\xFF", syntax(6)),
        ("chunk of another type", b"\x81\xA1\x61x\x5F\x61a\xFF", syntax(5)),
        ("simple value in two bytes", b"\x81\xA1\x61x\xF8\x1F", syntax(4)),
        ("unknown integer label", b"\x81\xA2\x18\x63\xA1\x01\x02\x02\x07", Ok(1)),
    ];
    for (what, bytes, expected) in cases {
        assert_eq!(outcome(bytes), *expected, "{what}");
    }
}
