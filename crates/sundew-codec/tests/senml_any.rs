//! Any record through every form of SenML, and any bytes into every reader of it.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use proptest::prelude::*;
use sundew_codec::{
    Error, FIRST_ABSOLUTE, Origin, Time,
    senml::{
        self, Exact, Number, PackDecoder, PackEncoder, PackLength, Record, RoundedSums,
        SecondaryUnits, Shortest, Style, Text, Value,
    },
};
use sundew_units::{Dec, Quality};

const BASE: &str = "dev1:";
const NOW: u32 = 1_700_000_000;

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        3 => (any::<i32>(), any::<i8>()).prop_map(|(m, e)| Dec::new(m, e).into()),
        3 => (any::<i32>(), -6_i8..=1).prop_map(|(m, e)| Dec::new(m, e).into()),
        1 => any::<i64>()
            .prop_filter("the decoder makes a Dec of it", |wide| i32::try_from(*wide).is_err())
            .prop_map(Number::Wide),
        1 => any::<f64>()
            .prop_filter("no number", |float| float.is_finite())
            .prop_map(|float| Number::Float(float.to_bits())),
    ]
}

fn value() -> impl Strategy<Value = Value<'static>> {
    prop_oneof![
        6 => number().prop_map(Value::Number),
        1 => any::<bool>().prop_map(Value::Boolean),
        1 => prop::sample::select(vec!["", "grün, \u{0}\"\\\u{1F331}\n", "Machine Room"])
            .prop_map(|text| Value::Text(Text::new(text))),
        1 => prop::sample::select(vec![&b""[..], b"\xFF", b"\xFF\x00", b"\xFF\x00\x5F", b"hi \n"])
            .prop_map(Value::Data),
    ]
}

fn time() -> impl Strategy<Value = (Time, u16)> {
    let millis = || prop_oneof![2 => Just(0), 1 => 0_u16..1_000];
    prop_oneof![
        ((FIRST_ABSOLUTE..=u32::MAX).prop_map(Time::Unix), millis()),
        ((NOW - 2_000_000..NOW + 2_000_000).prop_map(Time::Unix), millis()),
        ((i32::MIN..FIRST_ABSOLUTE as i32).prop_map(Time::FromNow), millis()),
        ((-90_000..=0).prop_map(Time::FromNow), millis()),
        (any::<u32>().prop_map(Time::SinceBoot), Just(0)),
        Just((Time::NOW, 0)),
    ]
}

prop_compose! {
    fn record()(
        name in prop::sample::select(vec!["air", "rain/total", ""]),
        unit in prop::sample::select(vec!["Cel", "km/h", ""]),
        value in proptest::option::weighted(0.9, value()),
        (time, millis) in time(),
        (sum, update_time) in (proptest::option::of(number()), proptest::option::of(number())),
        quality in (0_u8..7).prop_map(|number| Quality::from_number(number).unwrap()),
        origin in proptest::option::of(
            (0_u16..3, any::<u32>()).prop_map(|(boot, sequence)| Origin::new(boot, sequence)),
        ),
        (id, expires, result) in any::<(Option<u32>, Option<u32>, Option<u16>)>(),
    ) -> Record<'static> {
        let mut record = Record::new(name).with_unit(unit).at(time);
        (record.value, record.millis) = (value, millis);
        (record.sum, record.update_time) = (sum, update_time);
        (record.quality, record.origin) = (quality, origin);
        (record.id, record.expires, record.result) = (id, expires, result);
        record
    }
}

/// Encodes the records whose times can be told, and returns them as they should come back.
fn encoded<S: Style>(records: &[Record<'static>]) -> (Vec<u8>, Vec<Record<'static>>) {
    let mut length = PackLength::<S>::new(BASE);
    let mut kept = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    let mut pack = PackEncoder::<S>::with_style(&mut buffer, BASE);
    for record in records {
        // A record without any regular field would be one of base fields alone.
        if *record == Record::new("") || *record == Record::new("").at(record.time) {
            continue;
        }
        let pushed = pack.push(record);
        assert_eq!(pushed, length.push(record));
        match pushed {
            Ok(()) => {
                let mut record = *record;
                record.name.base = Text::new(BASE);
                kept.push(record);
            }
            Err(error) => {
                assert!(matches!(error, Error::Range { .. }) && record.millis != 0, "{record:?}");
            }
        }
        assert_eq!((pack.len(), pack.count()), (length.len(), length.count()));
    }
    (pack.finish().to_vec(), kept)
}

fn decoded(bytes: &[u8]) -> Vec<Record<'_>> {
    PackDecoder::new(bytes).collect::<Result<_, _>>().unwrap()
}

/// Returns a record whose numbers are their nearest doubles.
fn in_doubles<'a>(record: &Record<'a>) -> Record<'a> {
    let double = |number: Number| Number::Float(number.double());
    let mut record = *record;
    if let Some(Value::Number(number)) = record.value {
        record.value = Some(Value::Number(double(number)));
    }
    record.sum = record.sum.map(double);
    record.update_time = record.update_time.map(double);
    record
}

fn in_doubles_all<'a>(records: &[Record<'a>]) -> Vec<Record<'a>> {
    records.iter().map(in_doubles).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_record_comes_back_in_decimals(records in prop::collection::vec(record(), 0..12)) {
        let (bytes, kept) = encoded::<Exact>(&records);
        prop_assert_eq!(decoded(&bytes), kept);
        let (bytes, kept) = encoded::<SecondaryUnits>(&records);
        prop_assert_eq!(decoded(&bytes), kept);
    }

    #[test]
    fn every_record_comes_back_in_floats(records in prop::collection::vec(record(), 0..12)) {
        let (bytes, kept) = encoded::<Shortest>(&records);
        prop_assert_eq!(in_doubles_all(&decoded(&bytes)), in_doubles_all(&kept));
        let (bytes, kept) = encoded::<SecondaryUnits<Shortest>>(&records);
        prop_assert_eq!(in_doubles_all(&decoded(&bytes)), in_doubles_all(&kept));
    }

    #[test]
    fn a_resolved_pack_holds_the_same_and_stays_as_it_is(
        records in prop::collection::vec(record(), 0..12),
    ) {
        let (bytes, kept) = encoded::<Exact>(&records);
        let mut buffer = vec![0; 1 << 16];
        let resolved = match senml::resolve(&bytes, NOW, &mut buffer) {
            Ok(resolved) => resolved.to_vec(),
            Err(error) => {
                let is_range = matches!(error, Error::Range { .. });
                prop_assert!(is_range && error.position().unwrap() < bytes.len());
                return Ok(());
            }
        };
        let mut expected: Vec<_> = kept.iter().map(|record| {
            let mut record = *record;
            record.time = match record.time {
                Time::FromNow(seconds) => Time::Unix(NOW.checked_add_signed(seconds).unwrap()),
                time => time,
            };
            record
        }).collect();
        expected.sort_by_key(|record| match record.time {
            Time::Unix(seconds) => (seconds, record.millis),
            _ => (NOW, 0),
        });
        prop_assert_eq!(decoded(&resolved), expected);
        // No labels of base fields: they are -1 to -6, and our boot stands beside each seq.
        let whole = decoded(&resolved).iter().all(|record| record.name.base.is_empty());
        prop_assert!(whole);
        let mut again = vec![0; resolved.len()];
        prop_assert_eq!(senml::resolve(&resolved, NOW + 5, &mut again).is_ok(), true);
        if !kept.iter().any(|record| matches!(record.time, Time::SinceBoot(_))) {
            prop_assert_eq!(&again, &resolved);
        }
        let short = resolved.len() - 1;
        let needed = resolved.len();
        let full = senml::resolve(&bytes, NOW, &mut again[..short]).unwrap_err();
        prop_assert_eq!(full, Error::Full { needed });
    }

    #[test]
    fn base_values_are_added_exactly_or_to_the_nearest_double(
        (own, base) in (number(), number()),
        sums in any::<bool>(),
    ) {
        // A record with the one as a value or sum, and the other moved to the base.
        let mut record = Record::new("");
        if sums { record.sum = Some(own) } else { record.value = Some(Value::Number(own)) }
        let mut buffer = [0; 64];
        let mut pack = PackEncoder::new(&mut buffer, "");
        pack.push(&record).unwrap();
        let own_field = pack.finish()[2..].to_vec();
        let mut buffer = [0; 64];
        let mut pack = PackEncoder::new(&mut buffer, "");
        pack.push(&Record::new("").with_value(base)).unwrap();
        let base_field = pack.finish()[3..].to_vec();
        let label: &[u8] = if sums { &[0x25] } else { &[0x24] };
        let bytes = [b"\x81\xA2", label, &base_field, &own_field].concat();

        let number = |record: Record<'_>| match record.value {
            Some(Value::Number(value)) => value,
            _ => record.sum.unwrap(),
        };
        let exact = PackDecoder::new(&bytes).next().unwrap().map(number);
        let rounded = PackDecoder::<RoundedSums>::with_sums(&bytes).next().unwrap().map(number);
        let expected = f64::from_bits(own.double()) + f64::from_bits(base.double());
        match (exact, rounded) {
            (Ok(exact), rounded) => prop_assert_eq!(rounded, Ok(exact)),
            (Err(_), Ok(rounded)) => prop_assert_eq!(rounded.double(), expected.to_bits()),
            (Err(_), Err(error)) => {
                prop_assert!(!expected.is_finite());
                prop_assert_eq!(error, Error::Unsupported { position: 1 });
            }
        }
    }

    #[test]
    fn any_bytes_resolve_or_name_a_byte(
        start in prop::sample::select(vec![&b""[..], b"\x81\xBF\x00\x61a", b"\x9F\xBF", b"\x82\xA1\x02\x01"]),
        rest in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let bytes = [start, &rest].concat();
        let mut buffer = vec![0; 1 << 12];
        if let Err(error) = senml::resolve(&bytes, NOW, &mut buffer) {
            prop_assert!(error.position().unwrap() <= bytes.len());
        }
    }
}

#[cfg(feature = "std")]
mod json {
    use super::*;
    use sundew_codec::senml::json::{self, JsonPack};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn every_record_comes_back(records in prop::collection::vec(record(), 0..12)) {
            let (bytes, kept) = encoded::<Exact>(&records);
            let text = json::from_cbor(&bytes).unwrap();
            let pack = JsonPack::parse(text.as_bytes()).unwrap();
            let back: Vec<_> = pack.records().collect();
            prop_assert_eq!(in_doubles_all(&back), in_doubles_all(&kept));
            for (back, kept) in back.iter().zip(&kept) {
                // Decimals and integers keep their digits and places; floats are read as decimals.
                if !matches!(kept.value, Some(Value::Number(Number::Float(_)))) {
                    prop_assert_eq!(back.value, kept.value);
                }
                for (back, kept) in [(back.sum, kept.sum), (back.update_time, kept.update_time)] {
                    if !matches!(kept, Some(Number::Float(_))) {
                        prop_assert_eq!(back, kept);
                    }
                }
            }
        }

        #[test]
        fn any_bytes_are_translated_or_name_a_byte(
            start in prop::sample::select(vec![&b""[..], b"\x81\xBF\x00\x61a", b"\x81\xBF\x61x", b"\x9F\xA1\x02"]),
            rest in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let bytes = [start, &rest].concat();
            match json::from_cbor(&bytes) {
                // What was written is JSON, and the same number of records.
                Ok(text) => {
                    let count = PackDecoder::new(&bytes).count();
                    prop_assert_eq!(JsonPack::parse(text.as_bytes()).unwrap().records().count(), count);
                }
                Err(error) => prop_assert!(error.position().unwrap() <= bytes.len()),
            }
        }

        #[test]
        fn any_text_is_a_pack_or_names_a_byte(
            tokens in prop::collection::vec(prop::sample::select(vec![
                "[", "]", "{", "}", ",", ":", "\"n\":\"a\"", "\"v\":", "\"bt\":", "1", "-0.5e3", "true",
                "\"vd\":\"Zg\"", "\"\\u00e4\"", "null", " ", "\"x_\":", "\"seq\":", "\"boot\":", "1e400",
                "\"bver\":26", "\"", "\\", "\u{1F331}", "{\"n\":\"b\",\"v\":1}",
            ]), 0..24),
        ) {
            let text = tokens.concat();
            check(text.as_bytes());
        }

        #[test]
        fn mutated_texts(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut text = GOOD.as_bytes().to_vec();
            for (index, byte) in &changes {
                text[index.index(GOOD.len())] = *byte;
            }
            check(&text);
            check(&text[..cut.index(GOOD.len())]);
        }
    }

    const GOOD: &str = concat!(
        r#"[{"bver":26,"bn":"dev1:","bt":1.7e9,"bu":"Cel","bv":1.5,"bs":2,"n":"air","v":23.40,"t":-0.25},"#,
        r#"{"n":"label","vs":"a\u00e4\n","boot":3,"seq":7},{"n":"raw","vd":"_-8","q":3,"x":[1,{"y":null}]},"#,
        r#"{"n":"on","vb":true,"ut":60,"s":1e3,"id":1,"exp":1700000000,"res":0,"up":5}]"#
    );

    fn check(text: &[u8]) {
        match JsonPack::parse(text) {
            Ok(pack) => {
                let again = json::from_cbor(pack.as_cbor()).unwrap();
                let again = JsonPack::parse(again.as_bytes()).unwrap();
                let doubles = |pack: &JsonPack| {
                    pack.records()
                        .map(|record| format!("{:?}", in_doubles(&record)))
                        .collect::<Vec<_>>()
                };
                assert_eq!(doubles(&again), doubles(&pack));
            }
            Err(error) => assert!(error.position().unwrap() <= text.len(), "{error:?}"),
        }
    }

    #[test]
    fn the_good_text_is_good() {
        assert_eq!(JsonPack::parse(GOOD.as_bytes()).unwrap().records().count(), 4);
        for cut in 0..GOOD.len() {
            let error = JsonPack::parse(&GOOD.as_bytes()[..cut]).unwrap_err();
            assert!(error.position().unwrap() <= cut);
        }
    }
}
