//! Descriptors: the bytes of one table, every table's way there and back, and bytes of nobody.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use sundew_codec::{
    Entry, Error,
    descriptor::{self, Described, Descriptor},
    tiny::{Field, Layout},
};
use sundew_units::{Channel, ChannelId, Dec, Device, Kind, Quality, Quantity, Unit};

const WEATHER: Device = Device::new(
    "weather",
    7,
    &[
        Channel::new(ChannelId(1), "air", Quantity::Temperature, -2).with_range(-4_000, 8_500),
        Channel::new(ChannelId(2), "rain", Quantity::Rainfall, -4)
            .with_kind(Kind::Counter { modulus: 1_024 }),
        Channel::new(ChannelId(4), "wind", Quantity::WindSpeed, -1)
            .with_unit(Unit::KilometrePerHour)
            .with_range(0, 1_000)
            .with_bits(12),
        Channel::new(ChannelId(5), "interval", Quantity::Duration, 0).writable(),
    ],
)
.with_retired(&[ChannelId(3)]);

const BYTES: [u8; descriptor::len(&WEATHER)] = descriptor::bytes(&WEATHER);

/// Says what stands where; frozen, since the hash is taken over it.
#[rustfmt::skip]
const GOLDEN: &[u8] = &[
    0xA5, 0, 1, 1, 0x67, b'w', b'e', b'a', b't', b'h', b'e', b'r', 2, 7,
    3, 0x84,
        0xA7, 0, 1, 1, 0x63, b'a', b'i', b'r', 2, 0, 3, 0x63, b'C', b'e', b'l', 4, 0x21,
            5, 0x39, 0x0F, 0x9F, 6, 0x19, 0x21, 0x34,
        0xA7, 0, 2, 1, 0x64, b'r', b'a', b'i', b'n', 2, 5, 3, 0x61, b'm', 4, 0x23,
            8, 1, 9, 0x19, 0x04, 0x00,
        0xA8, 0, 4, 1, 0x64, b'w', b'i', b'n', b'd', 2, 3, 3, 0x64, b'k', b'm', b'/', b'h', 4, 0x20,
            5, 0, 6, 0x19, 0x03, 0xE8, 7, 12,
        0xA5, 0, 5, 1, 0x68, b'i', b'n', b't', b'e', b'r', b'v', b'a', b'l', 2, 12, 3, 0x61, b's',
            10, 1,
    4, 0x81, 3,
];

#[test]
fn the_bytes_of_a_table_are_frozen() {
    assert_eq!(BYTES, GOLDEN);
    assert_eq!(descriptor::hash(&WEATHER), 0x9DF9_EF30);
    assert_eq!(descriptor::crc32(GOLDEN), 0x9DF9_EF30);
}

#[test]
fn what_does_not_fit_says_what_it_needs() {
    for size in 0..BYTES.len() {
        let mut buffer = [0; BYTES.len()];
        let error = descriptor::encode(&WEATHER, &mut buffer[..size]).unwrap_err();
        assert_eq!(error, Error::Full { needed: BYTES.len() });
    }
    let mut buffer = [0; BYTES.len()];
    assert_eq!(descriptor::encode(&WEATHER, &mut buffer), Ok(BYTES.len()));
    assert_eq!(buffer, BYTES);
}

#[test]
fn all_of_a_table_is_read_back() {
    let read = Descriptor::parse(&BYTES).unwrap();
    assert_eq!((read.model(), read.version()), ("weather".into(), 7));
    assert_eq!(read.hash(), descriptor::hash(&WEATHER));
    let channels: Vec<_> = read.channels().collect();
    assert_eq!(channels, WEATHER.channels().iter().map(Described::of).collect::<Vec<_>>());
    assert_eq!(read.retired().collect::<Vec<_>>(), [ChannelId(3)]);
    assert_eq!(read.channel_named("rain").unwrap().id, ChannelId(2));
    assert_eq!(read.field(ChannelId(4)), Some(Field::new(0, 12)));
    assert_eq!(read.field(ChannelId(3)), None);

    let mut entry = Entry::new(ChannelId(2), 126);
    entry.quality = Quality::Stale;
    let rain = read.reading(&entry).unwrap();
    assert_eq!(rain.to_string(), "rain 0.0126 m");
    assert_eq!((rain.value, rain.quality), (Dec::new(126, -4), Quality::Stale));
    assert_eq!(read.reading(&Entry::new(ChannelId(3), 126)), None);
}

#[test]
fn hostile_bytes_are_refused_where_they_go_wrong() {
    let at = |position| Error::Syntax { position };
    let cases: &[(&str, Vec<u8>, Error)] = &[
        ("nothing", vec![], Error::Truncated { position: 0 }),
        ("another format", put(&[(2, 2)]), Error::Unsupported { position: 2 }),
        ("a long head", [&[0xB8, 5], &GOLDEN[1..]].concat(), at(0)),
        ("an indefinite map", [&[0xBF], &GOLDEN[1..], &[0xFF]].concat(), at(0)),
        ("a key twice", put(&[(3, 0)]), at(3)),
        ("a name that is none", put(&[(21, b'-')]), at(20)),
        ("a unit that is none", put(&[(28, b' ')]), at(27)),
        ("an id twice", put(&[(43, 1)]), at(41)),
        ("a retired id in use", put(&[(112, 5)]), at(112)),
        ("an exponent of 0", put(&[(32, 0)]), at(31)),
        ("a low above high", put(&[(38, 0x39)]), Error::Range { position: 16 }),
        ("a kind of later", put(&[(58, 5)]), Error::Unsupported { position: 58 }),
        ("a modulus of a gauge", put(&[(58, 3)]), at(41)),
        ("bits that suffice anyway", put(&[(89, 10)]), at(63)),
        ("too few bits", put(&[(89, 9)]), Error::Range { position: 63 }),
        (
            "too many bits",
            [&GOLDEN[..89], &[0x18, 33], &GOLDEN[90..]].concat(),
            Error::Range { position: 89 },
        ),
        ("more behind it", [GOLDEN, &[0]].concat(), at(113)),
    ];
    for (what, bytes, error) in cases {
        assert_eq!(Descriptor::parse(bytes).err(), Some(*error), "{what}");
    }
    for len in 0..GOLDEN.len() {
        let error = Descriptor::parse(&GOLDEN[..len]).unwrap_err();
        assert!(matches!(error, Error::Truncated { position } if position <= len), "{len} {error}");
    }
}

#[test]
fn keys_of_a_later_format_are_passed_over() {
    // A sixth key of the table, and an eighth of its first channel.
    let mut bytes = [GOLDEN, &[5, 0x82, 0xA1, 0, 1, 0xF6]].concat();
    bytes[0] += 1;
    let end = 41;
    bytes.splice(end..end, [0x18, 99, 0x61, b'x']);
    bytes[16] += 1;
    let read = Descriptor::parse(&bytes).unwrap();
    let channels: Vec<_> = read.channels().collect();
    assert_eq!(channels, WEATHER.channels().iter().map(Described::of).collect::<Vec<_>>());
    assert_eq!(read.retired().collect::<Vec<_>>(), [ChannelId(3)]);
    assert_ne!(read.hash(), descriptor::hash(&WEATHER));
}

#[test]
fn a_quantity_of_a_later_version_is_kept() {
    let bytes = [&GOLDEN[..25], &[0x18, 200], &GOLDEN[26..]].concat();
    let read = Descriptor::parse(&bytes).map(|read| read.channel(ChannelId(1)).unwrap());
    assert_eq!(read.map(|air| (air.quantity, air.quantity_number)), Ok((None, 200)));
}

#[test]
fn a_unit_of_a_later_registry_is_kept_in_bytes_and_refused_in_json() {
    let bytes = put(&[(28, b'X')]);
    let read = Descriptor::parse(&bytes).unwrap();
    assert_eq!(read.reading(&Entry::new(ChannelId(1), 5)).unwrap().to_string(), "air 0.05 Xel");
    #[cfg(feature = "std")]
    assert_eq!(
        descriptor::from_json(&read.to_json()).unwrap_err().path(),
        "channels[0].unit",
        "{}",
        read.to_json()
    );
}

/// Returns the golden bytes with some of them replaced.
fn put(places: &[(usize, u8)]) -> Vec<u8> {
    let mut bytes = GOLDEN.to_vec();
    for (place, byte) in places {
        *bytes.get_mut(*place).unwrap() = *byte;
    }
    bytes
}
