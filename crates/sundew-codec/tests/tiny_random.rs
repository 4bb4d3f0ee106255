//! Tiny frames of random devices come back whole; random bytes give values or an error.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod tiny_support;

use proptest::prelude::*;
use sundew_codec::{
    Answer, Command, Error, Origin, Row, Time, record,
    tiny::{self, Carrier, Field, Layout, Selection},
};
use sundew_units::{ChannelId, Quality};
use tiny_support::{STATION, Value, frames, received, stored};

/// Holds a field for each id.
#[derive(Clone, Debug)]
struct AnyDevice {
    schema: u16,
    fields: Vec<Option<Field>>,
}

impl Layout for AnyDevice {
    fn schema(&self) -> u16 {
        self.schema
    }

    fn field(&self, channel: ChannelId) -> Option<Field> {
        self.fields.get(usize::from(channel.0)).copied().flatten()
    }
}

prop_compose! {
    fn device()(
        schema in 1..=tiny::MAX_SCHEMA,
        fields in prop::collection::vec(
            prop::option::weighted(0.9, (any::<i32>(), 0_u8..=32)),
            1..=256,
        ),
    ) -> AnyDevice {
        let fields = fields.into_iter().map(|f| f.map(|(low, bits)| Field::new(low, bits)));
        AnyDevice { schema, fields: fields.collect() }
    }
}

fn time() -> impl Strategy<Value = Time> {
    prop_oneof![
        (i32::MIN..=0).prop_map(Time::FromNow),
        (-300..=0).prop_map(Time::FromNow),
        any::<u32>().prop_map(Time::Unix),
        any::<u32>().prop_map(Time::SinceBoot),
    ]
}

fn origin() -> impl Strategy<Value = Option<Origin>> {
    prop::option::of((any::<u16>(), any::<u32>()).prop_map(|(b, s)| Origin::new(b, s)))
}

fn carrier() -> impl Strategy<Value = Carrier> {
    prop_oneof![Just(Carrier::Frame), Just(Carrier::Port)]
}

/// Makes values: each from within its field by `share`, else from anywhere.
fn values(device: &AnyDevice, raw: &[(u8, i32, Option<u32>, u8)]) -> Vec<Value> {
    let value = |&(id, anywhere, share, quality): &(u8, i32, Option<u32>, u8)| {
        let channel = ChannelId(id);
        let mantissa = match (device.field(channel), share) {
            (Some(field), Some(share)) => {
                let steps = u64::from(share) * ((1 << field.bits) - 1) / u64::from(u32::MAX);
                i32::try_from(i64::from(field.low) + steps as i64).unwrap_or(i32::MAX)
            }
            _ => anywhere,
        };
        (channel, mantissa, Quality::from_number(quality).unwrap_or(Quality::Good))
    };
    raw.iter().map(value).collect()
}

/// Says what a value becomes, in wider arithmetic than the encoder has.
fn expected(field: Field, mantissa: i32, quality: Quality) -> (i32, Quality) {
    let low = i64::from(field.low);
    let high = low + (1_i64 << field.bits) - 1;
    let wide = i64::from(mantissa);
    let outside = match quality {
        Quality::Fault => Quality::Fault,
        _ if wide < low => Quality::UnderRange,
        _ => Quality::OverRange,
    };
    if (low..=high).contains(&wide) {
        (mantissa, quality)
    } else {
        (wide.clamp(low, high) as i32, outside)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn every_value_arrives_once(
        device in device(),
        raw in prop::collection::vec(
            (any::<u8>(), any::<i32>(), any::<Option<u32>>(), 0_u8..20),
            0..=32,
        ),
        time in time(),
        origin in origin(),
        carrier in carrier(),
        limit in prop_oneof![Just(8_usize), Just(11), Just(12), Just(20), Just(51), 0..300_usize],
        sorts in any::<bool>(),
    ) {
        let mut values = values(&device, &raw);
        if sorts {
            values.sort_by_key(|value| value.0);
        }
        let stored = stored(&values);
        let mut row = Row::new(record::decode(&stored).unwrap()).at(time);
        row.origin = origin;
        let frames = match frames(&device, &row, carrier, limit) {
            Ok(frames) => frames,
            Err(Error::Full { needed }) => {
                // 14 bytes of header, 37 of bitmap, 35 bits, the kind.
                prop_assert!(limit < needed && needed <= 1 + 15 + 37 + 5);
                return Ok(());
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let mut arrived = Vec::new();
        for (kind, bytes) in frames {
            let port = (carrier == Carrier::Port).then_some(kind);
            let entries = tiny::decode(&device, port, &bytes).unwrap();
            prop_assert_eq!((entries.schema(), entries.unknown()), (device.schema, None));
            prop_assert_eq!((entries.time(), entries.origin()), (time, origin));
            let entries: Vec<_> = entries.collect::<Result<_, _>>().unwrap();
            prop_assert!(entries.is_sorted_by(|a, b| a.channel < b.channel));
            arrived.extend(entries.iter().map(|e| (e.channel, e.mantissa, e.quality)));
        }
        let known = |&(channel, mantissa, quality): &Value| {
            let field = device.field(channel).filter(|_| channel.0 > 0)?;
            let (mantissa, quality) = expected(field, mantissa, quality);
            Some((channel, mantissa, quality))
        };
        let mut sent: Vec<_> = values.iter().filter_map(known).collect();
        let key = |v: &Value| (v.0, v.1, v.2.number());
        sent.sort_by_key(key);
        arrived.sort_by_key(key);
        prop_assert_eq!(arrived, sent);
    }

    /// A decoder that knows the channels up to some id reads those, and says which is the first
    /// that it does not know.
    #[test]
    fn an_older_decoder_reads_the_prefix(
        device in device(),
        raw in prop::collection::vec((1_u8.., any::<i32>(), any::<Option<u32>>(), 0_u8..9), 0..=16),
        known in any::<u8>(),
    ) {
        let stored = stored(&values(&device, &raw));
        let row = Row::new(record::decode(&stored).unwrap());
        let older = AnyDevice {
            schema: 1,
            fields: device.fields.iter().copied().take(usize::from(known) + 1).collect(),
        };
        for (_, bytes) in frames(&device, &row, Carrier::Frame, 90).unwrap() {
            let all = received(&device, None, &bytes).unwrap();
            let prefix: Vec<_> = all.iter().copied().filter(|e| e.channel.0 <= known).collect();
            let first_unknown = all.get(prefix.len()).map(|entry| entry.channel);
            prop_assert_eq!(received(&older, None, &bytes), Ok(prefix));
            let entries = tiny::decode(&older, None, &bytes).unwrap();
            prop_assert_eq!(entries.unknown(), first_unknown);
        }
    }

    #[test]
    fn commands_and_answers_come_back(
        id in any::<u32>(),
        channel in any::<u8>(),
        mantissa in any::<i32>(),
        expires in prop::option::of(1_u32..),
        result in any::<u16>(),
        has_value in any::<bool>(),
        schema in any::<u16>(),
        carrier in carrier(),
        padding in 0_usize..9,
    ) {
        let channel = ChannelId(channel);
        let mut buffer = [0; 32];
        let mut command = Command::new(id, channel, mantissa);
        command.expires = expires;
        let len = tiny::encode_command(&command, carrier, &mut buffer).unwrap();
        prop_assert_eq!(tiny::decode_command(carrier, &buffer[..len + padding]), Ok(command));
        for cut in 0..len {
            let error = tiny::encode_command(&command, carrier, &mut buffer[..cut]).unwrap_err();
            prop_assert_eq!(error, Error::Full { needed: len });
        }
        let mut answer = Answer::failed(id, result);
        answer.value = has_value.then_some((channel, mantissa));
        let len = tiny::encode_answer(&answer, carrier, &mut buffer).unwrap();
        prop_assert_eq!(tiny::decode_answer(carrier, &buffer[..len]), Ok(answer));
        let len = tiny::encode_birth(schema, id, carrier, &mut buffer).unwrap();
        prop_assert_eq!(tiny::decode_birth(carrier, &buffer[..len]), Ok((schema, id)));
    }
}

/// Decodes as everything there is, and checks that each error lies within the bytes.
fn decode_all(layout: &impl Layout, kind: Option<u8>, bytes: &[u8]) -> Result<(), TestCaseError> {
    let carrier = if kind.is_some() { Carrier::Port } else { Carrier::Frame };
    let mut count = 0;
    let values = tiny::decode(layout, kind, bytes).and_then(|mut entries| {
        let _ = entries.unknown();
        let end = entries.try_for_each(|entry| entry.map(|_| count += 1));
        assert!(entries.next().is_none(), "goes on after the end");
        end
    });
    prop_assert!(count <= 255);
    for error in [
        values.err(),
        tiny::decode_command(carrier, bytes).err(),
        tiny::decode_answer(carrier, bytes).err(),
        tiny::decode_birth(carrier, bytes).err(),
    ] {
        prop_assert!(error.is_none_or(|error| error.position().unwrap() <= bytes.len()));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn any_bytes_give_values_or_an_error_within_them(
        device in device(),
        kind in prop::option::of(any::<u8>()),
        bytes in prop::collection::vec(any::<u8>(), 0..70),
    ) {
        decode_all(&device, kind, &bytes)?;
        decode_all(&STATION, kind, &bytes)?;
    }

    /// What decodes to the end was spelled the one way in which the encoder spells it, but for a
    /// header that says nothing.
    #[test]
    fn what_is_accepted_is_what_would_be_sent(
        kind in 14_u8..16,
        bytes in prop::collection::vec(any::<u8>(), 1..24),
    ) {
        let Ok(entries) = received(&STATION, Some(kind), &bytes) else { return Ok(()) };
        let head = tiny::decode(&STATION, Some(kind), &bytes).unwrap();
        let is_plain = kind == 14;
        if head.unknown().is_some() || !is_plain {
            return Ok(());
        }
        let values: Vec<_> = entries.iter().map(|e| (e.channel, e.mantissa, e.quality)).collect();
        let stored = stored(&values);
        let row = Row::new(record::decode(&stored).unwrap());
        let mut buffer = [0; 51];
        let packed =
            tiny::encode(&STATION, &row, Selection::ALL, Carrier::Port, &mut buffer).unwrap();
        prop_assert_eq!(&buffer[..packed.len], &bytes[..]);
    }
}

#[test]
fn each_fault_is_named_with_its_place() {
    let range = |position| Err(Error::Range { position });
    let syntax = |position| Err(Error::Syntax { position });
    let truncated = |position| Err(Error::Truncated { position });
    let unsupported = |position| Err(Error::Unsupported { position });
    let mut bitmap_past_255 = vec![14];
    bitmap_past_255.extend([0x80; 36]);
    bitmap_past_255.push(0x08);
    let cases: &[(&str, &[u8], Result<usize, Error>)] = &[
        ("nothing", &[], truncated(0)),
        ("no kind", &[0], unsupported(0)),
        ("a birth", &[1, 0, 0, 0, 0, 7], unsupported(0)),
        ("a command", &[222, 0, 0, 0], unsupported(0)),
        ("a kind past the last", &[223], unsupported(0)),
        ("no bitmap", &[14], truncated(1)),
        ("no channel", &[14, 0], Ok(0)),
        ("a flag of a later version", &[15, 0x10, 0], unsupported(1)),
        ("a header that says nothing", &[15, 0, 1, 0, 0], Ok(1)),
        ("an age past the epoch", &[15, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0], range(2)),
        ("half of a time", &[15, 2, 0, 0], truncated(4)),
        ("a boot past u16", &[15, 4, 0x80, 0x80, 0x04, 0, 0], range(2)),
        ("a long spelling", &[15, 4, 0x80, 0x00, 0, 0], syntax(2)),
        ("an open bitmap", &[14, 0x81], truncated(2)),
        ("a long bitmap", &[14, 0x81, 0x00, 0, 0], syntax(2)),
        ("an id past 255", &bitmap_past_255, syntax(37)),
        ("half of a value", &[14, 1, 0], truncated(3)),
        ("no quality", &[15, 8, 1, 0, 0], truncated(5)),
        ("a quality of a later version", &[15, 8, 1, 0, 0xC0, 0x01], Ok(1)),
        ("a bit behind the last value", &[14, 1, 0, 0x40], syntax(3)),
        ("a byte behind the last value", &[14, 1, 0, 0, 0], syntax(3)),
        ("an unknown channel", &[14, 0x81, 0x01, 0, 0, 0xFF], Ok(1)),
        ("an unknown channel alone", &[14, 0x80, 0x01, 1, 2, 3], Ok(0)),
    ];
    for (what, bytes, expected) in cases {
        let found = received(&STATION, None, bytes).map(|entries| entries.len());
        assert_eq!(found, *expected, "{what}");
    }
    let high = AnyDevice { schema: 7, fields: vec![None, Some(Field::new(i32::MAX, 8))] };
    assert_eq!(received(&high, None, &[14, 1, 0]).unwrap()[0].mantissa, i32::MAX);
    assert_eq!(received(&high, None, &[14, 1, 1]), Err(Error::Range { position: 2 }));

    let cases: &[(&[u8], Error)] = &[
        (&[222, 1, 2], Error::Truncated { position: 3 }),
        (&[222, 1, 2, 3, 4, 5, 6], Error::Truncated { position: 7 }),
        (&[222, 1, 2, 3, 4, 5, 6, 7, 8], Error::Syntax { position: 8 }),
        (&[222, 1, 2, 3, 0, 0, 0, 0, 8], Error::Syntax { position: 8 }),
        (&[14, 1], Error::Unsupported { position: 0 }),
    ];
    for (bytes, error) in cases {
        assert_eq!(tiny::decode_command(Carrier::Frame, bytes), Err(*error), "{bytes:x?}");
    }
    let cases: &[(&[u8], Error)] = &[
        (&[222, 1], Error::Truncated { position: 2 }),
        (&[222, 1, 0x80, 0x80, 4], Error::Range { position: 2 }),
        (&[222, 1, 0, 8], Error::Truncated { position: 4 }),
        (&[222, 1, 0, 8, 2, 0], Error::Syntax { position: 5 }),
    ];
    for (bytes, error) in cases {
        assert_eq!(tiny::decode_answer(Carrier::Frame, bytes), Err(*error), "{bytes:x?}");
    }
}
