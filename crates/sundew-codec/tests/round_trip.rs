//! What is encoded comes back as it was, and others read it the same way.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "senml_support/weather.rs"]
mod weather;

use proptest::prelude::*;
use sundew_codec::{
    Error, FIRST_ABSOLUTE, Origin, Time,
    senml::{Number, PackDecoder, PackEncoder, Record, Text, Value},
};
use sundew_units::{Channel, ChannelId, Dec, Quality, Quantity, Unit};

use weather::seven_readings;

const BASE: &str = "dev1:";

fn encoded(base: &str, records: &[Record<'_>]) -> Vec<u8> {
    let mut buffer = vec![0; 1 << 20];
    let mut pack = PackEncoder::new(&mut buffer, base);
    for record in records {
        pack.push(record).unwrap();
    }
    let len = pack.len();
    let bytes = pack.finish();
    assert_eq!(bytes.len(), len);
    bytes.to_vec()
}

fn decoded(bytes: &[u8]) -> Vec<Record<'_>> {
    PackDecoder::new(bytes).collect::<Result<_, _>>().unwrap()
}

fn diagnostic(bytes: &[u8]) -> String {
    minicbor::display(bytes).to_string()
}

fn value() -> impl Strategy<Value = Value<'static>> {
    prop_oneof![
        4 => (any::<i32>(), any::<i8>()).prop_map(|(m, e)| Dec::new(m, e).into()),
        2 => (-1_000..1_000, -4_i8..=0).prop_map(|(m, e)| Dec::new(m, e).into()),
        1 => any::<i64>()
            .prop_filter("the decoder makes a Dec of it", |wide| i32::try_from(*wide).is_err())
            .prop_map(|wide| Number::Wide(wide).into()),
        1 => any::<f64>()
            .prop_filter("no number", |float| float.is_finite())
            .prop_map(|float| Number::Float(float.to_bits()).into()),
        1 => any::<bool>().prop_map(Value::Boolean),
        1 => Just(Value::Text(Text::new("grün, \u{0}\u{1F331}"))),
        1 => Just(Value::Data(&[0xFF, 0, 0x5F])),
    ]
}

fn time() -> impl Strategy<Value = Time> {
    prop_oneof![
        (FIRST_ABSOLUTE..=u32::MAX).prop_map(Time::Unix),
        (1_700_000_000_u32..1_700_100_000).prop_map(Time::Unix),
        (i32::MIN..FIRST_ABSOLUTE as i32).prop_map(Time::FromNow),
        any::<u32>().prop_map(Time::SinceBoot),
        Just(Time::NOW),
    ]
}

fn number() -> impl Strategy<Value = Option<Number>> {
    proptest::option::of((any::<i32>(), any::<i8>()).prop_map(|(m, e)| Dec::new(m, e).into()))
}

prop_compose! {
    fn record()(
        name in prop_oneof![Just("air"), Just("rain/total"), Just("")],
        unit in prop_oneof![Just("Cel"), Just("%RH"), Just("")],
        value in value(),
        time in time(),
        (sum, update_time) in (number(), number()),
        quality in (0_u8..7).prop_map(|number| Quality::from_number(number).unwrap()),
        origin in proptest::option::of(
            (0_u16..3, any::<u32>()).prop_map(|(boot, sequence)| Origin::new(boot, sequence)),
        ),
        id in any::<Option<u32>>(),
        expires in any::<Option<u32>>(),
        result in any::<Option<u16>>(),
    ) -> Record<'static> {
        let mut record = Record::new(name).with_unit(unit).with_value(value).at(time);
        (record.sum, record.update_time) = (sum, update_time);
        (record.quality, record.origin) = (quality, origin);
        (record.id, record.expires, record.result) = (id, expires, result);
        record
    }
}

/// Returns a record as it should come back: with the base part of its name.
fn resolved<'a>(base: &'a str, record: &Record<'a>) -> Record<'a> {
    let mut record = *record;
    record.name.base = Text::new(base);
    record
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_record_comes_back(
        base in prop_oneof![Just(BASE), Just("")],
        records in prop::collection::vec(record(), 0..30),
    ) {
        let bytes = encoded(base, &records);
        let expected: Vec<_> = records.iter().map(|record| resolved(base, record)).collect();
        prop_assert_eq!(decoded(&bytes), expected);
    }

    #[test]
    fn minicbor_reads_one_whole_array_in_shortest_form(
        records in prop::collection::vec(record(), 0..30),
    ) {
        let bytes = encoded(BASE, &records);
        let mut decoder = minicbor::Decoder::new(&bytes);
        prop_assert_eq!(decoder.array().unwrap(), Some(records.len() as u64));
        for _ in &records {
            decoder.skip().unwrap();
        }
        prop_assert_eq!(decoder.position(), bytes.len());
        // The library writes shortest heads: what it makes of its own tokens must be our bytes.
        let tokens: Vec<_> = minicbor::decode::Tokenizer::new(&bytes).map(Result::unwrap).collect();
        let mut again = minicbor::Encoder::new(Vec::new());
        again.tokens(&tokens).unwrap();
        prop_assert_eq!(again.into_writer(), bytes);
    }

    #[test]
    fn what_does_not_fit_changes_nothing(
        records in prop::collection::vec(record(), 1..12),
        size in 0_usize..300,
    ) {
        let mut buffer = vec![0xAA; size];
        let mut pack = PackEncoder::new(&mut buffer, BASE);
        let mut kept = Vec::new();
        for record in &records {
            let (len, count) = (pack.len(), pack.count());
            match pack.push(record) {
                Ok(()) => kept.push(*record),
                Err(Error::Full { needed }) => {
                    prop_assert!(needed > size);
                    prop_assert_eq!((pack.len(), pack.count()), (len, count));
                    // It fits where there are as many bytes as it asked for, and not with one less.
                    let mut all = kept.clone();
                    all.push(*record);
                    prop_assert_eq!(encoded(BASE, &all).len(), needed);
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        prop_assert_eq!(usize::from(pack.count()), kept.len());
        let bytes = pack.finish();
        if size > 0 {
            prop_assert_eq!(bytes, encoded(BASE, &kept));
        }
    }
}

#[test]
fn every_exponent_and_the_ends_of_every_width_come_back() {
    let ends = [0, 1, 23, 24, 255, 256, 65_535, 65_536, i32::MAX];
    for exponent in i8::MIN..=i8::MAX {
        for mantissa in ends.into_iter().flat_map(|end| [end, !end]) {
            let record = Record::new("a").with_value(Dec::new(mantissa, exponent));
            let bytes = encoded("", &[record]);
            assert_eq!(decoded(&bytes), [record], "{mantissa}e{exponent}");
        }
    }
}

#[test]
fn a_record_of_our_own_labels_alone_comes_back() {
    let result = Record::new("").with_id(7).with_result(0);
    let doubtful = Record::new("").with_quality(Quality::Suspect);
    let bytes = encoded("", &[result, doubtful]);
    assert_eq!(diagnostic(&bytes), "[{\"id\": 7, \"res\": 0}, {\"q\": 2}]");
    assert_eq!(decoded(&bytes), [result, doubtful]);
}

#[test]
fn the_count_takes_the_shortest_form_at_every_size() {
    let records = vec![Record::new("").with_value(7); 65_535];
    for count in [0, 1, 22, 23, 24, 25, 254, 255, 256, 257, 65_535] {
        let bytes = encoded(BASE, &records[..count]);
        let head = minicbor::Encoder::new(Vec::new()).array(count as u64).unwrap().writer().clone();
        assert_eq!(bytes[..head.len()], head, "{count}");
        assert_eq!(decoded(&bytes).len(), count);
    }
    let mut buffer = vec![0; 1 << 20];
    let mut pack = PackEncoder::new(&mut buffer, "");
    for record in &records {
        pack.push(record).unwrap();
    }
    assert!(matches!(pack.push(&records[0]), Err(Error::Range { .. })));
}

const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
const WIND: Channel =
    Channel::new(ChannelId(2), "wind", Quantity::WindSpeed, -1).with_unit(Unit::KilometrePerHour);
const INTERVAL: Channel = Channel::new(ChannelId(3), "interval", Quantity::Duration, 0).writable();

#[test]
fn base_fields_and_boot_stand_once() {
    let at = |seconds: u32, sequence| {
        let time = Time::Unix(1_700_000_000 + seconds);
        Record::of(&AIR, 2_345).at(time).with_origin(Origin::new(3, sequence))
    };
    let wind = Record::of(&WIND, 53).at(Time::SinceBoot(9)).with_origin(Origin::new(4, 0));
    let suspect = wind.with_quality(Quality::Suspect).with_origin(Origin::new(4, 1));
    let bytes = encoded(BASE, &[at(0, 7), at(60, 8), wind, suspect]);
    // No unit for wind: km/h is a secondary one. Its time cancels the base time, so that a decoder
    // that does not know `up` takes it for now.
    assert_eq!(
        diagnostic(&bytes),
        "[{-2: \"dev1:\", -3: 1700000000, 0: \"air\", 1: \"Cel\", 2: 4([-2, 2345]), \
         \"boot\": 3, \"seq\": 7}, \
         {0: \"air\", 1: \"Cel\", 2: 4([-2, 2345]), 6: 60, \"seq\": 8}, \
         {0: \"wind\", 2: 4([-1, 53]), 6: -1700000000, \"boot\": 4, \"seq\": 0, \"up\": 9}, \
         {0: \"wind\", 2: 4([-1, 53]), 6: -1700000000, \"seq\": 1, \"up\": 9, \"q\": 2}]"
    );
}

#[test]
fn commands_and_results_are_packs() {
    let command = Record::of(&INTERVAL, 60).with_id(7).expiring(1_700_000_600);
    let bytes = encoded("", &[command]);
    assert_eq!(
        diagnostic(&bytes),
        "[{0: \"interval\", 1: \"s\", 2: 60, \"id\": 7, \"exp\": 1700000600}]"
    );
    assert_eq!(decoded(&bytes), [command]);

    let result = Record::of(&INTERVAL, 60).with_id(7).with_result(0);
    let bytes = encoded(BASE, &[result]);
    assert_eq!(
        diagnostic(&bytes),
        "[{-2: \"dev1:\", 0: \"interval\", 1: \"s\", 2: 60, \"id\": 7, \"res\": 0}]"
    );
    assert_eq!(decoded(&bytes), [resolved(BASE, &result)]);
}

#[test]
fn a_time_that_cannot_be_told_is_refused_and_changes_nothing() {
    let mut buffer = [0; 64];
    let mut pack = PackEncoder::new(&mut buffer, "");
    for time in [
        Time::Unix(0),
        Time::Unix(FIRST_ABSOLUTE - 1),
        Time::FromNow(FIRST_ABSOLUTE as i32),
        Time::FromNow(i32::MAX),
    ] {
        let error = pack.push(&Record::of(&AIR, 1).at(time)).unwrap_err();
        assert_eq!(error, Error::Range { position: 1 }, "{time:?}");
    }
    assert!(pack.is_empty());
    assert_eq!(pack.finish(), [0x80]);
}

#[test]
fn a_pack_of_seven_weather_readings_takes_121_bytes_at_most() {
    let records = seven_readings();
    let bytes = encoded("", &records);
    assert!(bytes.len() <= 121, "{}", bytes.len());
}
