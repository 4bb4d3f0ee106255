//! What is written where somebody asked for it: shortest floats, secondary units, lengths alone.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "senml_support/weather.rs"]
mod weather;

use proptest::prelude::*;
use sundew_codec::{
    Error, Time,
    senml::{
        Exact, Number, PackDecoder, PackEncoder, PackLength, Record, SecondaryUnits, Shortest,
        Style, VERSION, VERSION_SECONDARY_UNITS, Value,
    },
};
use sundew_units::{Channel, ChannelId, Dec, Quantity, Unit};

use weather::seven_readings;

fn encoded<S: Style>(base: &str, records: &[Record<'_>]) -> Vec<u8> {
    let mut length = PackLength::<S>::new(base);
    assert!(length.is_empty());
    for record in records {
        length.push(record).unwrap();
    }
    // The length that was told is enough, and all of it is used.
    let mut buffer = vec![0; length.len()];
    let mut pack = PackEncoder::<S>::with_style(&mut buffer, base);
    for record in records {
        pack.push(record).unwrap();
    }
    assert_eq!((pack.count(), pack.len()), (length.count(), length.len()));
    pack.finish().to_vec()
}

fn decoded(bytes: &[u8]) -> Vec<Record<'_>> {
    PackDecoder::new(bytes).collect::<Result<_, _>>().unwrap()
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        (any::<i32>(), any::<i8>()).prop_map(|(m, e)| Dec::new(m, e).into()),
        (-100_000..100_000, -4_i8..=4).prop_map(|(m, e)| Dec::new(m, e).into()),
        any::<i64>().prop_map(Number::Wide),
        any::<f64>()
            .prop_filter("no number", |float| float.is_finite())
            .prop_map(|float| Number::Float(float.to_bits())),
        any::<f32>()
            .prop_filter("no number", |float| float.is_finite())
            .prop_map(|float| Number::Float(f64::from(float).to_bits())),
    ]
}

fn text(number: Number) -> String {
    match number {
        Number::Decimal(dec) => format!("{}e{}", dec.mantissa(), dec.exponent()),
        Number::Wide(value) => value.to_string(),
        Number::Float(bits) => format!("{:e}", f64::from_bits(bits)),
        _ => unreachable!(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    #[test]
    fn the_shortest_form_is_the_same_double(value in number(), sum in number(), every in number()) {
        let mut record = Record::new("a").with_value(value);
        (record.sum, record.update_time) = (Some(sum), Some(every));
        let bytes = encoded::<Shortest>("", &[record]);
        let back = decoded(&bytes)[0];
        let Some(Value::Number(found)) = back.value else { panic!("{back:?}") };
        for (wrote, read) in [(value, found), (sum, back.sum.unwrap()), (every, back.update_time.unwrap())] {
            let nearest: f64 = text(wrote).parse().unwrap();
            prop_assert_eq!(wrote.double(), nearest.to_bits());
            prop_assert_eq!(read.double(), nearest.to_bits());
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_length_is_known_without_a_buffer(
        values in prop::collection::vec(number(), 0..300),
        base in prop_oneof![Just(""), Just("dev1:")],
    ) {
        let records: Vec<_> = values.iter().enumerate().map(|(at, value)| {
            Record::new("air").with_value(*value).at(Time::Unix(1_700_000_000 + at as u32))
        }).collect();
        for bytes in [
            encoded::<Exact>(base, &records),
            encoded::<Shortest>(base, &records),
            encoded::<SecondaryUnits>(base, &records),
            encoded::<SecondaryUnits<Shortest>>(base, &records),
        ] {
            prop_assert_eq!(decoded(&bytes).len(), records.len());
        }
    }
}

#[test]
fn every_mantissa_at_the_ends_of_its_width_is_the_same_double_at_every_exponent() {
    let ends = (0..32).flat_map(|bit| [(1_i64 << bit) - 1, 1 << bit, (1 << bit) + 1]);
    for mantissa in ends.flat_map(|end| [end, -end]).filter_map(|end| i32::try_from(end).ok()) {
        for exponent in i8::MIN..=i8::MAX {
            let number = Number::from(Dec::new(mantissa, exponent));
            let nearest: f64 = text(number).parse().unwrap();
            // Zero has no sign in a decimal.
            let nearest = if mantissa == 0 { 0.0 } else { nearest };
            assert_eq!(number.double(), nearest.to_bits(), "{mantissa}e{exponent}");
        }
    }
}

#[test]
fn a_length_refuses_what_the_encoder_refuses() {
    let mut length: PackLength<'_> = PackLength::new("");
    let error = length.push(&Record::new("a").with_value(1).at(Time::Unix(5))).unwrap_err();
    assert_eq!(error, Error::Range { position: 1 });
    assert_eq!((length.len(), length.count()), (1, 0));
}

const WIND: Channel =
    Channel::new(ChannelId(2), "wind", Quantity::WindSpeed, -1).with_unit(Unit::KilometrePerHour);

#[test]
fn secondary_units_are_kept_only_in_a_pack_that_declares_them() {
    let plain = encoded::<Exact>("", &[Record::of(&WIND, 180)]);
    let mut decoder = PackDecoder::new(&plain);
    assert_eq!(decoder.next().unwrap().unwrap().unit, "");
    assert_eq!(decoder.version(), VERSION);

    let records = [Record::in_unit_of(&WIND, 180), Record::in_unit_of(&WIND, 1)];
    let declared = encoded::<SecondaryUnits>("n:", &records);
    assert_eq!(
        minicbor::display(&declared).to_string(),
        "[{-1: 26, -2: \"n:\", 0: \"wind\", 1: \"km/h\", 2: 4([-1, 180])}, \
         {0: \"wind\", 1: \"km/h\", 2: 4([-1, 1])}]"
    );
    let mut decoder = PackDecoder::new(&declared);
    let wind = decoder.next().unwrap().unwrap();
    assert_eq!(decoder.version(), VERSION_SECONDARY_UNITS);
    assert_eq!(wind.unit, "km/h");
    let primary = wind.in_primary_unit().unwrap();
    assert_eq!((primary.name, primary.unit), (wind.name, "m/s".into()));
    assert!(primary.value.unwrap().dec().unwrap().same_number(Dec::new(5, 0)));
    assert_eq!(decoder.next().unwrap().unwrap().in_primary_unit(), None);
}

#[test]
fn a_secondary_unit_in_a_pack_of_version_10_is_passed_on() {
    let bytes = encoded::<Exact>("", &[Record::in_unit_of(&WIND, 180)]);
    let record = decoded(&bytes)[0];
    assert_eq!(record.unit, "km/h");
    assert_eq!(record.in_primary_unit().unwrap().unit, "m/s");
}

#[test]
fn every_secondary_unit_resolves_by_the_factor_of_the_registry() {
    for number in 128..=166 {
        let unit = Unit::from_number(number).unwrap();
        // A value that 3 and 9 divide, so that it is exact whatever the factor is.
        let record = Record::new("x").with_unit(unit.symbol()).with_value(Dec::new(18, 0));
        let primary = record.in_primary_unit().unwrap();
        assert_eq!(primary.unit, unit.primary().symbol());
        let there = unit.to(unit.primary()).unwrap();
        let value = there.convert_exact(Dec::new(18, 0)).unwrap();
        assert_eq!(primary.value, Some(value.into()), "{unit}");
    }
}

#[test]
fn seven_weather_readings_take_111_bytes_in_decimals_and_128_in_floats() {
    let records = seven_readings();
    assert_eq!(encoded::<Exact>("", &records).len(), 111);
    assert_eq!(encoded::<Shortest>("", &records).len(), 128);
}
