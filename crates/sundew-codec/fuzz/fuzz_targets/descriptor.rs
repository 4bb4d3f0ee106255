//! Descriptors: read, and compared with what minicbor reads.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_codec::descriptor::{Described, Descriptor};
use sundew_codec::tiny::Layout;
use sundew_codec::{Entry, senml::Text};
use sundew_codec_fuzz::item::{self, Item};
use sundew_codec_fuzz::{check_error, mutant};
use sundew_units::{Access, Kind};

fuzz_target!(|input: &[u8]| {
    let descriptor = match Descriptor::parse(input) {
        Ok(descriptor) => descriptor,
        Err(error) => return check_error(error, input),
    };
    assert_eq!(descriptor.as_bytes(), input);
    assert_eq!(descriptor.hash(), crc32(input));
    // What is passed over for a later version may be texts that minicbor finds not to be UTF-8.
    let Some(Item::Map(pairs)) = item::read(input) else { return };
    assert!(pairs.is_sorted_by(|(a, _), (b, _)| a.integer() < b.integer()), "not deterministic");
    assert_eq!(field(&pairs, 0), Some(1));
    assert_eq!(field(&pairs, 2), Some(descriptor.version().into()));
    assert_eq!(found(&pairs, 1), Some(&text(descriptor.model())));
    let retired: Vec<i128> = descriptor.retired().map(|id| id.0.into()).collect();
    let theirs = found(&pairs, 4).and_then(Item::array).unwrap_or_default();
    assert_eq!(retired, theirs.iter().filter_map(Item::integer).collect::<Vec<_>>());
    let theirs = found(&pairs, 3).and_then(Item::array).expect("channels");
    let ours: Vec<_> = descriptor.channels().collect();
    assert!(!mutant("panic-on-frame") || ours.is_empty(), "the mutant panics on a channel");
    assert_eq!(ours.len(), theirs.len(), "another number of channels");
    for (ours, theirs) in ours.iter().zip(theirs) {
        compare(ours, theirs.map().expect("a channel is a map"));
        assert_eq!(descriptor.channel(ours.id).as_ref(), Some(ours));
        let fields = descriptor.field(ours.id).expect("it is there");
        assert_eq!((fields.low, fields.bits), (ours.low, ours.bits));
        let reading = descriptor.reading(&Entry::new(ours.id, ours.high));
        assert!(!reading.expect("it is there").to_string().is_empty());
    }
});

fn compare(ours: &Described<'_>, theirs: &[(Item, Item)]) {
    let field = |key| field(theirs, key);
    assert_eq!(field(0), Some(ours.id.0.into()));
    assert_eq!(found(theirs, 1), Some(&text(ours.name)));
    assert_eq!(found(theirs, 3), Some(&text(ours.unit)));
    assert_eq!(field(2), Some(ours.quantity_number.into()));
    let exponent = field(4).unwrap_or(0) + i128::from(mutant("other-value"));
    assert_eq!(exponent, i128::from(ours.exponent), "another exponent");
    let modulus = field(9);
    let (kind, own) = match ours.kind {
        Kind::Gauge => (0, None),
        Kind::Counter { modulus } => (1, Some(modulus)),
        Kind::CounterSinceBoot { modulus } => (2, Some(modulus)),
        Kind::State => (3, None),
        Kind::Event => (4, None),
        other => panic!("{other:?} is not known here"),
    };
    assert_eq!((field(8).unwrap_or(0), modulus), (kind, own.map(i128::from)));
    let low = field(5).unwrap_or(modulus.map_or(i128::from(i32::MIN), |_| 0));
    let high = field(6).unwrap_or(modulus.map_or(i128::from(i32::MAX), |modulus| modulus - 1));
    assert_eq!((low, high), (ours.low.into(), ours.high.into()), "another range");
    let needed = i128::from(128 - (high - low).leading_zeros());
    assert_eq!(field(7).unwrap_or(needed), i128::from(ours.bits), "other bits");
    assert!(i128::from(ours.bits) >= needed && ours.bits <= 32);
    let access = i128::from(ours.access == Access::Writable);
    assert_eq!(field(10).unwrap_or(0), access);
}

fn found(pairs: &[(Item, Item)], key: i128) -> Option<&Item> {
    pairs.iter().find(|(own, _)| own.integer() == Some(key)).map(|(_, item)| item)
}

fn field(pairs: &[(Item, Item)], key: i128) -> Option<i128> {
    found(pairs, key)?.integer()
}

fn text(text: Text<'_>) -> Item {
    Item::Text(text.as_str().expect("a descriptor's texts are checked").to_owned())
}

/// Divides polynomials bit by bit, as ISO 3309 defines it.
fn crc32(bytes: &[u8]) -> u32 {
    let mut register = u32::MAX;
    for byte in bytes {
        for bit in 0..8 {
            let feedback = (register ^ u32::from(byte >> bit)) & 1;
            register = (register >> 1) ^ (feedback * 0xEDB8_8320);
        }
    }
    !register
}
