//! SenML packs in JSON: read, and there and back by way of CBOR.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_codec::Time;
use sundew_codec::senml::json::{JsonPack, from_cbor, to_cbor};
use sundew_codec::senml::{Number, PackDecoder, Record, RoundedSums, Value};
use sundew_codec_fuzz::{check_error, mutant};

fuzz_target!(|input: &[u8]| {
    let pack = match JsonPack::parse(input) {
        Ok(pack) => pack,
        Err(error) => return check_error(error, input),
    };
    assert_eq!(to_cbor(input).as_deref(), Ok(pack.as_cbor()));
    let records: Vec<Record<'_>> = pack.records().collect();
    let decoded: Result<Vec<_>, _> =
        PackDecoder::<RoundedSums>::with_sums(pack.as_cbor()).collect();
    assert_eq!(decoded.as_ref(), Ok(&records), "the CBOR holds something else");
    assert!(!mutant("panic-on-frame") || records.len() < 2, "the mutant panics on two records");

    let text = from_cbor(pack.as_cbor()).expect("it was JSON before");
    let text = if mutant("flip-bit") { text.replacen('1', "2", 1) } else { text };
    let again = JsonPack::parse(text.as_bytes()).expect("we wrote it");
    let mut again: Vec<Record<'_>> = again.records().collect();
    let mut records = records;
    for record in records.iter_mut().chain(&mut again) {
        level(record);
    }
    for (record, again) in records.iter().zip(&mut again) {
        // Milliseconds of a decimal are cut off, those of a double are rounded.
        if at(record).abs_diff(at(again)) <= 1 {
            (again.time, again.millis) = (record.time, record.millis);
        }
        // A sum with a base is rounded where one of the two is a double.
        if let (Some(Number::Float(a)), Some(Number::Float(b))) = (record.sum, again.sum)
            && is_near(a, b)
        {
            again.sum = record.sum;
        }
        if let (Some(Value::Number(Number::Float(a))), Some(Value::Number(Number::Float(b)))) =
            (record.value, again.value)
            && is_near(a, b)
        {
            again.value = record.value;
        }
    }
    assert_eq!(again, records, "there and back it is not the same: {text}");
});

/// Returns whether two doubles differ by no more than two roundings of numbers of their size, or of
/// the size of a base that is no more than a thousand times as large.
fn is_near(a: u64, b: u64) -> bool {
    let (a, b) = (f64::from_bits(a), f64::from_bits(b));
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

/// Returns the time in milliseconds, or a number for itself where it is none of the calendar's.
fn at(record: &Record<'_>) -> i64 {
    let seconds = match record.time {
        Time::FromNow(seconds) => i64::from(seconds),
        Time::Unix(seconds) => i64::from(seconds),
        _ => i64::MAX / 1_000 - 1,
    };
    1_000 * seconds + i64::from(record.millis)
}

/// Makes doubles of all numbers, since JSON has no mark for them.
fn level(record: &mut Record<'_>) {
    let double = |number: Number| {
        let text = match number {
            Number::Decimal(dec) => format!("{}e{}", dec.mantissa(), dec.exponent()),
            Number::Wide(value) => value.to_string(),
            Number::Float(bits) => f64::from_bits(bits).to_string(),
            other => panic!("{other:?} is not known here"),
        };
        let value: f64 = text.parse().expect("a number");
        // Of the two zeros JSON's readers make one.
        Number::Float(if value == 0.0 { 0 } else { value.to_bits() })
    };
    if let Some(Value::Number(number)) = &mut record.value {
        *number = double(*number);
    }
    record.sum = record.sum.map(double);
    record.update_time = record.update_time.map(double);
}
