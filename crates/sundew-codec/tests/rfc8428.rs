//! The examples of RFC 8428 sections 2, 5.1 and 6, as CBOR made by minicbor, against their resolved
//! form. `rfc8428_json.rs` has them in JSON.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "senml_support/section_6.rs"]
mod section_6;

use minicbor::Encoder;
use sundew_codec::{
    Error, Time,
    senml::{Name, Number, PackDecoder, Record, Text, Value},
};
use sundew_units::Dec;

/// Holds a field of the RFC's JSON examples.
enum Field {
    Text(i8, &'static str),
    Float(i8, f64),
    Integer(i8, i64),
    Boolean(i8, bool),
    Data(i8, &'static [u8]),
}
use Field::{Boolean, Data, Float, Integer, Text as Str};

use section_6::SECTION_6;

const BVER: i8 = -1;
const BN: i8 = -2;
const BT: i8 = -3;
const BU: i8 = -4;
const N: i8 = 0;
const U: i8 = 1;
const V: i8 = 2;
const VS: i8 = 3;
const VB: i8 = 4;
const T: i8 = 6;
const VD: i8 = 8;

fn pack(records: &[&[Field]]) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    encoder.array(records.len() as u64).unwrap();
    for record in records {
        map(&mut encoder, record);
    }
    encoder.into_writer()
}

fn map(encoder: &mut Encoder<Vec<u8>>, record: &[Field]) {
    encoder.map(record.len() as u64).unwrap();
    for field in record {
        match field {
            Str(label, text) => encoder.i8(*label).unwrap().str(text),
            Float(label, value) => encoder.i8(*label).unwrap().f64(*value),
            Integer(label, value) => encoder.i8(*label).unwrap().i64(*value),
            Boolean(label, value) => encoder.i8(*label).unwrap().bool(*value),
            Data(label, bytes) => encoder.i8(*label).unwrap().bytes(bytes),
        }
        .unwrap();
    }
}

fn decoded(bytes: &[u8]) -> Result<Vec<Record<'_>>, Error> {
    PackDecoder::new(bytes).collect()
}

fn float(value: f64) -> Value<'static> {
    Value::Number(Number::Float(value.to_bits()))
}

fn integer(value: i32) -> Value<'static> {
    Value::from(value)
}

/// Compares records with rows of resolved name, unit, time and value.
#[track_caller]
fn assert_rows(bytes: &[u8], rows: &[(&str, &str, Time, Value<'_>)]) {
    let records = decoded(bytes).unwrap();
    assert_eq!(records.len(), rows.len());
    for (record, (name, unit, time, value)) in records.iter().zip(rows) {
        assert_eq!(record.name, *name);
        assert_eq!(record.unit, *unit, "{name}");
        assert_eq!(record.time, *time, "{name}");
        assert_eq!(record.value, Some(*value), "{name}");
    }
}

const DEVICE: &str = "urn:dev:ow:10e2073a01080063";
const DEVICE_COLON: &str = "urn:dev:ow:10e2073a01080063:";

#[test]
fn section_2_two_times_with_and_without_a_base_name() {
    let time = |seconds: u32| Float(T, f64::from(seconds));
    let plain = pack(&[
        &[Str(N, DEVICE), Str(U, "Cel"), time(1_276_020_076), Float(V, 23.5)],
        &[Str(N, DEVICE), Str(U, "Cel"), time(1_276_020_091), Float(V, 23.6)],
    ]);
    let based = pack(&[
        &[Str(BN, DEVICE), Str(U, "Cel"), time(1_276_020_076), Float(V, 23.5)],
        &[Str(U, "Cel"), time(1_276_020_091), Float(V, 23.6)],
    ]);
    let rows = [
        (DEVICE, "Cel", Time::Unix(1_276_020_076), float(23.5)),
        (DEVICE, "Cel", Time::Unix(1_276_020_091), float(23.6)),
    ];
    assert_rows(&plain, &rows);
    assert_rows(&based, &rows);
}

#[test]
fn section_5_1_1_single_data_point() {
    let bytes = pack(&[&[Str(N, DEVICE), Str(U, "Cel"), Float(V, 23.1)]]);
    assert_rows(&bytes, &[(DEVICE, "Cel", Time::NOW, float(23.1))]);
}

#[test]
fn section_5_1_2_multiple_data_points() {
    let bytes = pack(&[
        &[Str(BN, DEVICE_COLON), Str(N, "voltage"), Str(U, "V"), Float(V, 120.1)],
        &[Str(N, "current"), Str(U, "A"), Float(V, 1.2)],
    ]);
    assert_rows(
        &bytes,
        &[
            ("urn:dev:ow:10e2073a01080063:voltage", "V", Time::NOW, float(120.1)),
            ("urn:dev:ow:10e2073a01080063:current", "A", Time::NOW, float(1.2)),
        ],
    );
}

#[test]
fn section_5_1_2_stream_of_indefinite_length() {
    let mut encoder = Encoder::new(Vec::new());
    encoder.begin_array().unwrap();
    let first = [Str(BN, DEVICE), Float(BT, 1.320_067_464e9), Str(BU, "%RH"), Float(V, 21.2)];
    map(&mut encoder, &first);
    let rest: [(u32, f64); 11] = [
        (10, 21.3),
        (20, 21.4),
        (30, 21.4),
        (40, 21.5),
        (50, 21.5),
        (60, 21.5),
        (70, 21.6),
        (80, 21.7),
        (90, 21.5),
        (91, 21.5),
        (92, 21.5),
    ];
    for (at, value) in rest {
        map(&mut encoder, &[Integer(T, at.into()), Float(V, value)]);
    }
    let bytes = encoder.end().unwrap().writer().clone();
    let row = |at: u32, value| (DEVICE, "%RH", Time::Unix(1_320_067_464 + at), float(value));
    let rows: Vec<_> =
        [(0, 21.2)].into_iter().chain(rest).map(|(at, value)| row(at, value)).collect();
    assert_rows(&bytes, &rows);
}

#[test]
fn sections_5_1_3_and_5_1_4_multiple_measurements_resolved() {
    let bytes = pack(&[
        &[Str(BN, DEVICE), Float(BT, 1.320_067_464e9), Str(BU, "%RH"), Integer(V, 20)],
        &[Str(U, "lon"), Float(V, 24.306_21)],
        &[Str(U, "lat"), Float(V, 60.079_65)],
        &[Integer(T, 60), Float(V, 20.3)],
        &[Str(U, "lon"), Integer(T, 60), Float(V, 24.306_22)],
        &[Str(U, "lat"), Integer(T, 60), Float(V, 60.079_65)],
        &[Integer(T, 120), Float(V, 20.7)],
        &[Str(U, "lon"), Integer(T, 120), Float(V, 24.306_23)],
        &[Str(U, "lat"), Integer(T, 120), Float(V, 60.079_66)],
        &[Str(U, "%EL"), Integer(T, 150), Integer(V, 98)],
        &[Integer(T, 180), Float(V, 21.2)],
        &[Str(U, "lon"), Integer(T, 180), Float(V, 24.306_28)],
        &[Str(U, "lat"), Integer(T, 180), Float(V, 60.079_67)],
    ]);
    let row = |unit, time, value| (DEVICE, unit, Time::Unix(time), value);
    assert_rows(
        &bytes,
        &[
            row("%RH", 1_320_067_464, integer(20)),
            row("lon", 1_320_067_464, float(24.306_21)),
            row("lat", 1_320_067_464, float(60.079_65)),
            row("%RH", 1_320_067_524, float(20.3)),
            row("lon", 1_320_067_524, float(24.306_22)),
            row("lat", 1_320_067_524, float(60.079_65)),
            row("%RH", 1_320_067_584, float(20.7)),
            row("lon", 1_320_067_584, float(24.306_23)),
            row("lat", 1_320_067_584, float(60.079_66)),
            row("%EL", 1_320_067_614, integer(98)),
            row("%RH", 1_320_067_644, float(21.2)),
            row("lon", 1_320_067_644, float(24.306_28)),
            row("lat", 1_320_067_644, float(60.079_67)),
        ],
    );
}

#[test]
fn section_5_1_5_multiple_data_types() {
    let bytes = pack(&[
        &[Str(BN, DEVICE_COLON), Str(N, "temp"), Str(U, "Cel"), Float(V, 23.1)],
        &[Str(N, "label"), Str(VS, "Machine Room")],
        &[Str(N, "open"), Boolean(VB, false)],
        &[Str(N, "nfv-reader"), Data(VD, b"hi \n")],
    ]);
    assert_rows(
        &bytes,
        &[
            ("urn:dev:ow:10e2073a01080063:temp", "Cel", Time::NOW, float(23.1)),
            (
                "urn:dev:ow:10e2073a01080063:label",
                "",
                Time::NOW,
                Value::Text(Text::new("Machine Room")),
            ),
            ("urn:dev:ow:10e2073a01080063:open", "", Time::NOW, Value::Boolean(false)),
            ("urn:dev:ow:10e2073a01080063:nfv-reader", "", Time::NOW, Value::Data(b"hi \n")),
        ],
    );
}

#[test]
fn section_5_1_6_a_second_base_name_keeps_the_base_time() {
    let bytes = pack(&[
        &[
            Str(BN, "2001:db8::2/"),
            Float(BT, 1.320_078_429e9),
            Str(N, "temperature"),
            Str(U, "Cel"),
            Float(V, 25.2),
        ],
        &[Str(N, "humidity"), Str(U, "%RH"), Integer(V, 30)],
        &[Str(BN, "2001:db8::1/"), Str(N, "temperature"), Str(U, "Cel"), Float(V, 12.3)],
        &[Str(N, "humidity"), Str(U, "%RH"), Integer(V, 67)],
    ]);
    let time = Time::Unix(1_320_078_429);
    assert_rows(
        &bytes,
        &[
            ("2001:db8::2/temperature", "Cel", time, float(25.2)),
            ("2001:db8::2/humidity", "%RH", time, integer(30)),
            ("2001:db8::1/temperature", "Cel", time, float(12.3)),
            ("2001:db8::1/humidity", "%RH", time, integer(67)),
        ],
    );
}

#[test]
fn section_5_1_7_thermostat_whose_first_record_is_only_a_base() {
    let bytes = pack(&[
        &[Str(BN, DEVICE_COLON)],
        &[Str(N, "temp"), Str(U, "Cel"), Float(V, 23.1)],
        &[Str(N, "heat"), Str(U, "/"), Integer(V, 1)],
        &[Str(N, "fan"), Str(U, "/"), Integer(V, 0)],
    ]);
    assert_rows(
        &bytes,
        &[
            ("urn:dev:ow:10e2073a01080063:temp", "Cel", Time::NOW, float(23.1)),
            ("urn:dev:ow:10e2073a01080063:heat", "/", Time::NOW, integer(1)),
            ("urn:dev:ow:10e2073a01080063:fan", "/", Time::NOW, integer(0)),
        ],
    );
}

#[test]
fn section_5_1_7_two_lights() {
    let bytes = pack(&[
        &[Float(BT, 1.320_078_429e9), Str(BU, "/"), Str(N, "2001:db8::3"), Integer(V, 1)],
        &[Str(N, "2001:db8::4"), Integer(V, 1)],
    ]);
    let time = Time::Unix(1_320_078_429);
    let rows = [("2001:db8::3", "/", time, integer(1)), ("2001:db8::4", "/", time, integer(1))];
    assert_rows(&bytes, &rows);
}

#[test]
fn section_5_1_7_lights_with_fractions_of_a_second() {
    let bytes = pack(&[
        &[Float(BT, 1.320_078_429e9), Str(BU, "/"), Str(N, "2001:db8::3"), Float(V, 0.5)],
        &[Str(N, "2001:db8::4"), Float(V, 0.5)],
        &[Str(N, "2001:db8::3"), Float(T, 0.1), Integer(V, 0)],
        &[Str(N, "2001:db8::4"), Float(T, 0.1), Integer(V, 0)],
    ]);
    let time = Time::Unix(1_320_078_429);
    assert_rows(
        &bytes,
        &[
            ("2001:db8::3", "/", time, float(0.5)),
            ("2001:db8::4", "/", time, float(0.5)),
            ("2001:db8::3", "/", time, integer(0)),
            ("2001:db8::4", "/", time, integer(0)),
        ],
    );
    let millis: Vec<_> = decoded(&bytes).unwrap().iter().map(|record| record.millis).collect();
    assert_eq!(millis, [0, 0, 100, 100]);
}

#[test]
fn section_6_the_dump() {
    assert_eq!(SECTION_6.len(), 0xC3);
    let current = "urn:dev:ow:10e2073a0108006:current";
    let row = |at, value| (current, "A", Time::Unix(at), float(value));
    assert_rows(
        SECTION_6,
        &[
            ("urn:dev:ow:10e2073a0108006:voltage", "V", Time::Unix(1_276_020_076), float(120.1)),
            row(1_276_020_071, 1.2),
            row(1_276_020_072, 1.3),
            row(1_276_020_073, 1.4),
            row(1_276_020_074, 1.5), // as a half float
            row(1_276_020_075, 1.6),
            row(1_276_020_076, 1.7),
        ],
    );
    assert!(decoded(SECTION_6).unwrap().iter().all(|record| record.millis == 1));
}

#[test]
fn section_4_4_later_versions_and_labels_that_must_be_understood() {
    let version = |bver| pack(&[&[Integer(BVER, bver), Str(N, "a"), Integer(V, 1)]]);
    assert!(decoded(&version(5)).is_ok());
    assert!(decoded(&version(10)).is_ok());
    // RFC 9100: beyond 10 a set of features, each to be understood; here 42 is its own example.
    assert!(decoded(&version(26)).is_ok());
    for unknown in [11, 16, 18, 24, 25, 27, 30, 42, 58, 255, 266, 282, (1 << 31) + 10] {
        assert_eq!(decoded(&version(unknown)), Err(Error::Unsupported { position: 3 }));
    }
    assert_eq!(decoded(&version((1 << 52) + 26)), Err(Error::Range { position: 3 }));
    assert_eq!(decoded(&version(-1)), Err(Error::Syntax { position: 3 }));

    let labelled = |label: &str| {
        let mut encoder = Encoder::new(Vec::new());
        encoder.array(1).unwrap().map(3).unwrap().i8(N).unwrap().str("a").unwrap();
        encoder.str(label).unwrap().array(1).unwrap().map(1).unwrap().null().unwrap();
        encoder.f32(1.5).unwrap().i8(V).unwrap().i8(7).unwrap();
        encoder.into_writer()
    };
    assert_rows(&labelled("extra"), &[("a", "", Time::NOW, integer(7))]);
    assert_rows(&labelled(""), &[("a", "", Time::NOW, integer(7))]);
    assert_eq!(decoded(&labelled("extra_")), Err(Error::Unsupported { position: 5 }));
    assert_eq!(decoded(&labelled("_")), Err(Error::Unsupported { position: 5 }));
}

#[test]
fn section_4_5_3_times_below_two_to_the_28_are_from_now() {
    let at = |time| pack(&[&[Str(N, "a"), Integer(T, time), Integer(V, 1)]]);
    let time = |bytes: &[u8]| decoded(bytes).map(|records| records[0].time);
    assert_eq!(time(&at(268_435_455)), Ok(Time::FromNow(268_435_455)));
    assert_eq!(time(&at(268_435_456)), Ok(Time::Unix(268_435_456)));
    assert_eq!(time(&at(-10)), Ok(Time::FromNow(-10)));
    assert_eq!(time(&at(4_294_967_295)), Ok(Time::Unix(u32::MAX)));
    assert_eq!(time(&at(4_294_967_296)), Err(Error::Range { position: 1 }));
    // Both below, their sum not: absolute, as the RFC warns.
    let sum = pack(&[&[Integer(BT, 268_435_455), Str(N, "a"), Integer(T, 1), Integer(V, 1)]]);
    assert_eq!(time(&sum), Ok(Time::Unix(268_435_456)));
}

#[test]
fn section_4_5_4_base_values_and_sums_are_added() {
    // [{-5: 4([-1, 200]), -6: 100, 0: "a", 2: 4([-2, 345]), 5: 7}, {0: "b"}, {0: "c", 3: "x"}]
    let bytes =
        b"\x83\xA5\x24\xC4\x82\x20\x18\xC8\x25\x18\x64\x00\x61a\x02\xC4\x82\x21\x19\x01\x59\
        \x05\x07\xA1\x00\x61b\xA2\x00\x61c\x03\x61x";
    let records = decoded(bytes).unwrap();
    assert_eq!(records[0].name, Name::new("", "a"));
    assert_eq!(records[0].value, Some(Dec::new(2_345, -2).into()));
    assert_eq!(records[0].sum, Some(Number::from(107)));
    assert_eq!(records[1].value, Some(Dec::new(200, -1).into()));
    assert_eq!(records[1].sum, Some(Number::from(100)));
    assert_eq!(records[2].value, Some(Value::Text(Text::new("x"))));
    // A float cannot be added to without float arithmetic.
    let float = pack(&[&[Integer(-5, 1), Str(N, "a"), Float(V, 0.5)]]);
    assert_eq!(decoded(&float), Err(Error::Unsupported { position: 1 }));
}

/// A record of base fields alone leaves nothing behind but them.
#[test]
fn section_4_1_base_fields_alone_do_not_become_fields_of_the_next_record() {
    let alone: &[Field] = &[Integer(BT, 1_700_000_000), Integer(-5, 3), Integer(-6, 4)];
    let bytes = pack(&[alone, &[Str(N, "a"), Integer(T, 5), Integer(V, 1)]]);
    let records = decoded(&bytes).unwrap();
    assert_eq!(records[0].time, Time::Unix(1_700_000_005));
    assert_eq!(records[0].value, Some(integer(4)));
    assert_eq!(records[0].sum, Some(Number::from(4)));
    // A second base unit takes the place of the first.
    let bytes = b"\x82\xA1\x23\x61A\xA2\x23\x61B\x02\x01";
    assert_eq!(decoded(bytes).unwrap()[0].unit, "B");
}
