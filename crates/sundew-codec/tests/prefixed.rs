//! Packs of prefixes are, byte for byte, those of the general encoder.

use proptest::prelude::*;
use sundew_codec::senml::{PackEncoder, Prefix, PrefixedPack, Record};
use sundew_codec::{Error, FIRST_ABSOLUTE, Time};
use sundew_units::{Channel, ChannelId, Quantity, Unit};

const AIR: Channel = Channel::new(ChannelId(1), "temp", Quantity::Temperature, -2);
const DAMP: Channel = Channel::new(ChannelId(2), "rh", Quantity::RelativeHumidity, -1);
const PRESSURE: Channel = Channel::new(ChannelId(3), "pres", Quantity::AirPressure, 0);
/// A name whose length takes a byte of its own.
const LONG: Channel =
    Channel::new(ChannelId(4), "a-name-of-more-than-23-bytes", Quantity::Temperature, 24);
const FINE: Channel = Channel::new(ChannelId(5), "f", Quantity::Temperature, -128);
const COARSE: Channel = Channel::new(ChannelId(6), "c", Quantity::Temperature, 127);
/// A secondary unit, which is left out.
const WIND: Channel =
    Channel::new(ChannelId(7), "wind", Quantity::WindSpeed, -1).with_unit(Unit::KilometrePerHour);

macro_rules! prefix {
    ($channel:ident) => {{
        static PREFIX: Prefix<[u8; Prefix::len_of(&$channel)]> = Prefix::of(&$channel);
        (&PREFIX as &'static Prefix, &$channel)
    }};
}

fn channels() -> [(&'static Prefix, &'static Channel); 7] {
    [
        prefix!(AIR),
        prefix!(DAMP),
        prefix!(PRESSURE),
        prefix!(LONG),
        prefix!(FINE),
        prefix!(COARSE),
        prefix!(WIND),
    ]
}

fn mantissa() -> impl Strategy<Value = i32> {
    prop_oneof![any::<i32>(), -300_i32..300, -70_000_i32..70_000]
}

proptest! {
    #[test]
    fn both_encoders_write_the_same(
        values in prop::collection::vec((0_usize..7, mantissa()), 0..40),
        base_name in prop_oneof![Just(""), Just("dev1:"), Just("urn:dev:mac:0024befffe804ff1:")],
        base_time in prop::option::of(FIRST_ABSOLUTE..),
    ) {
        let channels = channels();
        let readings: Vec<(&Prefix, i32)> =
            values.iter().map(|&(index, mantissa)| (channels[index].0, mantissa)).collect();

        let mut expected = [0; 4_096];
        let mut pack = PackEncoder::new(&mut expected, base_name);
        let time = base_time.map_or(Time::NOW, Time::Unix);
        for &(index, mantissa) in &values {
            pack.push(&Record::of(channels[index].1, mantissa).at(time)).unwrap();
        }
        let expected = pack.finish();

        let pack = PrefixedPack::new(&readings).with_base_name(base_name);
        let pack = base_time.map_or(pack, |unix| pack.at(unix));
        prop_assert_eq!(pack.len(), expected.len());
        let mut bytes = vec![0x55; expected.len()];
        prop_assert_eq!(pack.encode(&mut bytes), Ok(expected.len()));
        prop_assert_eq!(&bytes, expected);

        let needed = expected.len();
        for size in [0, 1, needed / 2, needed - 1].into_iter().filter(|size| *size < needed) {
            prop_assert_eq!(pack.encode(&mut bytes[..size]), Err(Error::Full { needed }));
        }
    }
}

#[test]
fn three_readings_take_54_bytes() {
    let readings = [(channels()[0].0, 2_345), (channels()[1].0, 412), (channels()[2].0, 101_325)];
    let mut bytes = [0; 54];
    assert_eq!(PrefixedPack::new(&readings).encode(&mut bytes), Ok(54));
    let expected = b"\x83\xA3\x00\x64temp\x01\x63Cel\x02\xC4\x82\x21\x19\x09\x29\
        \xA3\x00\x62rh\x01\x63%RH\x02\xC4\x82\x20\x19\x01\x9C\
        \xA3\x00\x64pres\x01\x62Pa\x02\x1A\x00\x01\x8B\xCD";
    assert_eq!(&bytes, expected);
}

#[test]
fn what_a_pack_cannot_hold_is_refused() {
    let reading = (channels()[0].0, 1);
    let mut bytes = [0; 8_192];
    let full = [reading; 255];
    assert!(PrefixedPack::new(&full).encode(&mut bytes).is_ok());
    let range = Err(Error::Range { position: 0 });
    assert_eq!(PrefixedPack::new(&[reading; 256]).encode(&mut bytes), range);
    assert_eq!(PrefixedPack::new(&[reading]).at(FIRST_ABSOLUTE - 1).encode(&mut bytes), range);
}
