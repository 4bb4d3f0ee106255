//! Any table goes out and comes back, as bytes and as JSON, and no bytes make it panic.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use proptest::prelude::*;
use sundew_codec::descriptor::{self, Described, Descriptor};
use sundew_codec::senml::Text;
use sundew_units::{Channel, ChannelId, Device, Kind, Quantity};

/// Returns any channel; its name tells its id, so that ids alone can clash.
fn channel() -> impl Strategy<Value = Channel> {
    let range = prop_oneof![Just(None), (any::<i32>(), any::<i32>()).prop_map(Some)];
    let kind = (0_u8..5, 2_u32..=1 << 31);
    (any::<u8>(), 0_u8..39, any::<i8>(), kind, range, 0_u8..=32, any::<bool>()).prop_map(
        |(id, quantity, exponent, (kind, modulus), range, bits, writable)| {
            let name: &'static str = Box::leak(format!("{id}.channel").into_boxed_str());
            let quantity = Quantity::from_number(quantity).unwrap();
            let modulus = (1..=2).contains(&kind).then_some(modulus);
            let mut channel = Channel::new(ChannelId(id), name, quantity, exponent)
                .with_kind(Kind::from_number(kind, modulus).unwrap());
            if let Some((a, b)) = range {
                channel = channel.with_range(a.min(b), a.max(b));
            }
            channel = channel.with_bits(channel.bits().max(bits));
            if writable { channel.writable() } else { channel }
        },
    )
}

fn device() -> impl Strategy<Value = Device> {
    let channels = prop::collection::vec(channel(), 0..12);
    let retired = prop::collection::vec(any::<u8>(), 0..4);
    ("[a-z\u{e4}-\u{17e}]{0,30}", any::<u16>(), channels, retired).prop_map(
        |(model, version, mut channels, mut retired)| {
            channels.sort_by_key(Channel::id);
            channels.dedup_by_key(|channel| channel.id());
            channels.reverse();
            retired.sort_unstable();
            retired.dedup();
            retired.retain(|id| channels.iter().all(|channel| channel.id().0 != *id));
            let retired: Vec<_> = retired.into_iter().map(ChannelId).collect();
            Device::new(model.leak(), version, channels.leak()).with_retired(retired.leak())
        },
    )
}

fn encoded(device: &Device) -> Vec<u8> {
    let mut bytes = vec![0; descriptor::len(device)];
    assert_eq!(descriptor::encode(device, &mut bytes), Ok(bytes.len()));
    bytes
}

/// Asks for all that a descriptor can tell.
fn walk(read: &Descriptor<'_>) -> usize {
    let channels = read.channels().inspect(|channel| {
        assert_eq!(read.channel(channel.id), Some(*channel));
    });
    channels.count() + read.retired().inspect(|id| assert!(read.channel(*id).is_none())).count()
}

proptest! {
    #[test]
    fn any_table_comes_back(device in device()) {
        let bytes = encoded(&device);
        let read = Descriptor::parse(&bytes).unwrap();
        prop_assert_eq!(read.model(), Text::new(device.model()));
        prop_assert_eq!(read.version(), device.version());
        prop_assert_eq!(read.hash(), descriptor::hash(&device));
        let channels: Vec<_> = device.channels().iter().map(Described::of).collect();
        prop_assert_eq!(read.channels().collect::<Vec<_>>(), channels);
        prop_assert!(read.retired().eq(device.retired().iter().copied()));
    }

    #[cfg(feature = "std")]
    #[test]
    fn any_table_comes_back_from_json(device in device()) {
        let bytes = encoded(&device);
        let json = Descriptor::parse(&bytes).unwrap().to_json();
        let back = descriptor::from_json(&json);
        prop_assert_eq!(back.as_ref(), Ok(&bytes), "{}", json);
        prop_assert_eq!(Descriptor::parse(&back.unwrap()).unwrap().to_json(), json);
    }

    #[test]
    fn any_later_version_is_judged_as_its_table(older in device(), newer in device()) {
        let newer = Device::new(older.model(), newer.version(), newer.channels())
            .with_retired(newer.retired());
        let (old_bytes, new_bytes) = (encoded(&older), encoded(&newer));
        let read = Descriptor::parse(&new_bytes).unwrap();
        let judged = read.check_evolution(&Descriptor::parse(&old_bytes).unwrap());
        prop_assert_eq!(judged, newer.check_evolution(&older));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn random_bytes_behind_a_good_start(
        // Nothing; a table without channels; one channel of 7 fields, at its first and at its fifth.
        start in prop::sample::select(vec![
            &b""[..],
            &b"\xA5\x00\x01\x01\x60\x02\x00\x03\x80"[..],
            &b"\xA4\x00\x01\x01\x60\x02\x00\x03\x81\xA7"[..],
            &b"\xA4\x00\x01\x01\x60\x02\x00\x03\x81\xA7\x00\x01\x01\x61a\x02\x00\x03\x61m"[..],
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let bytes = [start, &rest].concat();
        if let Err(error) = Descriptor::parse(&bytes).map(|read| walk(&read)) {
            prop_assert!(error.position().unwrap() <= bytes.len());
        }
    }

    #[test]
    fn good_bytes_with_some_replaced(
        device in device(),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = encoded(&device);
        let len = bytes.len();
        for (place, byte) in places {
            if let Some(slot) = bytes.get_mut(place.index(len)) {
                *slot = byte;
            }
        }
        if let Err(error) = Descriptor::parse(&bytes).map(|read| walk(&read)) {
            prop_assert!(error.position().unwrap() <= bytes.len());
        }
    }
}
