//! SenML packs in CBOR: read, written again, and read by minicbor and an independent resolver.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_codec::Time;
use sundew_codec::senml::{Number, PackDecoder, PackEncoder, Record, Value};
use sundew_codec_fuzz::{check_error, flip, item, mutant, pack};

fuzz_target!(|input: &[u8]| {
    let mut decoder = PackDecoder::new(input);
    let mut records = Vec::new();
    for record in &mut decoder {
        match record {
            Ok(record) => records.push(record),
            Err(error) => {
                check_error(error, input);
                assert!(decoder.next().is_none(), "it goes on after an error");
                return;
            }
        }
    }
    assert!(decoder.next().is_none(), "it goes on after the end");
    assert!(!mutant("panic-on-frame") || records.len() < 2, "the mutant panics on two records");
    again(&records);
    let theirs = item::read(input).and_then(|item| pack::resolve(&item));
    if let Some(theirs) = theirs {
        assert_eq!(records.len(), theirs.len(), "another number of records");
        for (ours, theirs) in records.iter().zip(&theirs) {
            compare(ours, theirs);
        }
    }
});

/// Encodes what was decoded, and decodes that.
fn again(records: &[Record<'_>]) {
    // Names are written whole: the encoder has no base but its own.
    let names: Option<Vec<String>> = records
        .iter()
        .map(|record| {
            Some([record.name.base.as_str().ok()?, record.name.own.as_str().ok()?].concat())
        })
        .collect();
    let Some(names) = names else { return };
    let mut expected = Vec::new();
    for (record, name) in records.iter().zip(&names) {
        let mut record = *record;
        record.name = Record::new(name).name;
        record.millis = 0;
        // A field at its default is not written, so a record of nothing else would not come back.
        let mut bare = record;
        bare.time = Time::NOW;
        if bare != Record::new("") {
            expected.push(record);
        }
    }
    let mut buffer = vec![0; 1 << 16];
    let mut encoder = PackEncoder::new(&mut buffer, "");
    for record in &expected {
        encoder.push(record).expect("what was decoded can be encoded");
    }
    let mut bytes = encoder.finish().to_vec();
    flip(&mut bytes);
    let found: Result<Vec<_>, _> = PackDecoder::new(&bytes).collect();
    assert_eq!(found.as_ref(), Ok(&expected), "what was encoded again is not the same");
}

fn compare(ours: &Record<'_>, theirs: &pack::Resolved) {
    assert_eq!(ours.name.to_string(), theirs.name);
    assert_eq!(ours.unit.to_string(), theirs.unit);
    let value = ours.value.map(|value| match value {
        Value::Number(number) => pack::Value::Number(exact(number)),
        Value::Text(text) => pack::Value::Text(text.to_string()),
        Value::Boolean(value) => pack::Value::Boolean(value),
        Value::Data(data) => pack::Value::Data(data.to_vec()),
        other => panic!("{other:?} is not known here"),
    });
    assert_eq!(value, theirs.value, "another value");
    assert_eq!(ours.sum.map(exact), theirs.sum, "another sum");
    assert_eq!(ours.update_time.map(exact), theirs.update_time);
    assert_eq!(ours.origin.map(|it| (it.boot.into(), it.sequence.into())), theirs.origin);
    assert_eq!(ours.id.map(Into::into), theirs.id);
    assert_eq!(ours.expires.map(Into::into), theirs.expires);
    assert_eq!(ours.result.map(Into::into), theirs.result);
    let theirs_quality = match theirs.quality {
        None => 0,
        Some(number @ 0..=6) => number,
        Some(_) => 2, // of a later version: suspect
    };
    assert_eq!(i128::from(ours.quality.number()), theirs_quality);
    let seconds: i64 = match ours.time {
        Time::SinceBoot(seconds) => {
            assert_eq!(theirs.uptime, Some(seconds.into()));
            return;
        }
        Time::FromNow(seconds) => seconds.into(),
        Time::Unix(seconds) => seconds.into(),
        other => panic!("{other:?} is not known here"),
    };
    let time = pack::Exact::decimal(seconds * 1_000 + i64::from(ours.millis), -3);
    let theirs = theirs.time.as_ref().expect("the resolver gives every record a time");
    // Base time and time are cut to a millisecond each before they are added.
    assert!(time.is_near(theirs, 400), "{time:?} is not {theirs:?}");
}

fn exact(number: Number) -> pack::Exact {
    match number {
        Number::Decimal(dec) => pack::Exact::decimal(dec.mantissa(), dec.exponent().into()),
        Number::Wide(value) => pack::Exact::decimal(value, 0),
        Number::Float(bits) => pack::Exact::float(f64::from_bits(bits)),
        other => panic!("{other:?} is not known here"),
    }
}
