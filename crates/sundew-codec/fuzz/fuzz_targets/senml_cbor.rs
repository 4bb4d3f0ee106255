//! SenML packs in CBOR: read, written again, and read by minicbor and an independent resolver.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_codec::senml::{
    Measurement, Number, PackDecoder, PackEncoder, Record, Value, measurements, resolve,
};
use sundew_codec::{Error, Time};
use sundew_codec_fuzz::{check_error, flip, item, mutant, pack};

fuzz_target!(|input: &[u8]| {
    let mut readings = Vec::new();
    match measurements(input, |reading| readings.push(*reading)) {
        Ok(()) => compare_readings(&readings, input),
        Err(error) => check_error(error, input),
    }
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
    resolved(input, &records);
    let theirs = item::read(input).and_then(|item| pack::resolve(&item));
    if let Some(theirs) = theirs {
        assert_eq!(records.len(), theirs.len(), "another number of records");
        for (ours, theirs) in records.iter().zip(&theirs) {
            compare(ours, theirs);
        }
    }
});

/// What the decoder for small parts reads, the other reads the same way.
fn compare_readings(readings: &[Measurement<'_>], input: &[u8]) {
    let records: Result<Vec<_>, _> = PackDecoder::new(input).collect();
    let records = match records {
        Ok(records) => records,
        // The small decoder passes over our labels, whatever they hold.
        Err(_) if has_own_label(input) => return,
        Err(error) => panic!("the small decoder reads what the other refuses: {error}"),
    };
    let mut theirs = records.iter().filter_map(|record| {
        Some((record.name.to_string(), record.unit.to_string(), record.value?.dec()?))
    });
    for reading in readings {
        let value = reading.value;
        let ours = (reading.name.to_string(), reading.unit.to_string(), value);
        assert_eq!(theirs.next(), Some(ours), "another reading in the small decoder");
    }
    assert_eq!(theirs.next(), None, "the small decoder passed one over");
}

fn has_own_label(input: &[u8]) -> bool {
    const OWN: [&str; 7] = ["boot", "seq", "q", "up", "id", "exp", "res"];
    // Texts that are not UTF-8 are no fault here, but minicbor does not read them.
    let Some(pack) = item::read(input) else { return true };
    let records = pack.array().unwrap_or_default();
    let mut labels = records.iter().filter_map(item::Item::map).flatten().map(|(label, _)| label);
    labels.any(|label| matches!(label, item::Item::Text(text) if OWN.contains(&text.as_str())))
}

/// The resolved form says the same with absolute times, in their order, and is its own resolved
/// form.
fn resolved(input: &[u8], records: &[Record<'_>]) {
    const NOW: u32 = 1_700_000_000;
    let mut buffer = vec![0; 1 << 16];
    let pack = match resolve(input, NOW, &mut buffer) {
        Ok(pack) => pack.to_vec(),
        Err(Error::Full { .. }) => return,
        Err(error) => return check_error(error, input),
    };
    let found: Result<Vec<_>, _> = PackDecoder::new(&pack).collect();
    let found = found.expect("the resolved form is a pack");
    let at = |record: &Record<'_>| match record.time {
        Time::FromNow(seconds) => (i64::from(NOW) + i64::from(seconds), record.millis),
        Time::Unix(seconds) => (i64::from(seconds), record.millis),
        _ => (i64::from(NOW), 0),
    };
    let mut expected: Vec<&Record<'_>> = records.iter().collect();
    expected.sort_by_key(|record| at(record));
    assert_eq!(found.len(), expected.len(), "another number of records in the resolved form");
    for (found, record) in found.iter().zip(expected) {
        assert_eq!((found.name, found.unit, found.value), (record.name, record.unit, record.value));
        assert_eq!((found.sum, found.origin), (record.sum, record.origin));
        if let Time::SinceBoot(_) = record.time {
            assert_eq!(found.time, record.time);
        } else {
            assert_eq!(at(found), at(record), "another time in the resolved form");
        }
    }
    if records.iter().all(|record| !matches!(record.time, Time::SinceBoot(_))) {
        let mut buffer = vec![0; 1 << 16];
        assert_eq!(
            resolve(&pack, NOW + 1, &mut buffer),
            Ok(&pack[..]),
            "not its own resolved form"
        );
    }
}

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
