//! Tiny frames: their bytes, what they take, and that nothing is lost on the way.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod tiny_support;

use sundew_codec::{
    Answer, Command, Entry, Error, Origin, Row, Time, record,
    tiny::{self, Carrier, Kind, Selection},
};
use sundew_units::{ChannelId, Device, Quality};
use tiny_support::{
    BATTERY, DIRECTION, HUMIDITY, PRESSURE, RAIN, STATION, TEMPERATURE, WEATHER, WIND, frames,
    good, received, stored,
};

const NOW: Time = Time::NOW;

/// Encodes a row, and checks that decoding gives its values back.
#[track_caller]
fn frame(row: &Row<'_>, limit: usize) -> (u8, Vec<u8>) {
    let [(kind, bytes)]: [_; 1] =
        frames(&STATION, row, Carrier::Port, limit).unwrap().try_into().unwrap();
    (kind, bytes)
}

#[test]
fn seven_weather_readings_take_11_bytes_behind_a_port_and_12_without() {
    let stored = stored(&good(&WEATHER));
    let row = Row::new(record::decode(&stored).unwrap());
    // 14 + 10 + 16 + 10 + 9 + 10 + 11 bits, 10 bytes, behind one of bitmap: 7 channels of schema 7.
    let golden = [0x7F, 0xC9, 0x18, 0x67, 0x7D, 0xC8, 0x35, 0x38, 0xF4, 0x03, 0xD6];
    let (kind, bytes) = frame(&row, 11);
    assert_eq!(kind, 14);
    assert_eq!(bytes, golden, "{bytes:02X?}");

    let mut buffer = [0; 12];
    let packed = tiny::encode(&STATION, &row, Selection::ALL, Carrier::Frame, &mut buffer).unwrap();
    assert_eq!((packed.len, packed.left_out), (12, Selection::NONE));
    assert_eq!(buffer[0], 14);
    assert_eq!(buffer[1..], golden);

    let entries: Vec<_> = received(&STATION, None, &buffer).unwrap();
    let expected: Vec<_> =
        WEATHER.iter().map(|&(channel, value)| Entry::new(channel, value)).collect();
    assert_eq!(entries, expected);
    assert_eq!(Kind::from_number(buffer[0]), Some(Kind::Values { schema: 7 }));
}

#[test]
fn the_layout_is_frozen() {
    let air = |mantissa, quality| stored(&[(TEMPERATURE, mantissa, quality)]);
    let origin = Origin::new(300, 1_041);
    let cases = [
        (air(2_345, Quality::Good), NOW, None, 14, &[0x01, 0xC9, 0x18][..]),
        (air(2_345, Quality::Stale), NOW, None, 15, &[0x08, 0x01, 0xC9, 0x98, 0x01]),
        (air(-4_000, Quality::Good), Time::FromNow(-300), None, 15, &[1, 0xAC, 2, 1, 0, 0]),
        (
            air(-4_000, Quality::Good),
            Time::Unix(0x6789_ABCD),
            None,
            15,
            &[2, 0x67, 0x89, 0xAB, 0xCD, 1, 0, 0],
        ),
        (
            air(-4_000, Quality::Good),
            Time::SinceBoot(70_000),
            Some(origin),
            15,
            &[7, 0xF0, 0xA2, 0x04, 0xAC, 0x02, 0x91, 0x08, 1, 0, 0],
        ),
        (stored(&[]), NOW, None, 14, &[0]),
    ];
    for (stored, time, origin, kind, bytes) in &cases {
        let mut row = Row::new(record::decode(stored).unwrap()).at(*time);
        row.origin = *origin;
        let found = frame(&row, 51);
        assert_eq!(found, (*kind, bytes.to_vec()), "{:02X?}", found.1);
        for entry in received(&STATION, Some(*kind), bytes).unwrap() {
            assert_eq!((entry.time, entry.origin), (*time, *origin));
        }
        let entries = tiny::decode(&STATION, Some(*kind), bytes).unwrap();
        assert_eq!((entries.time(), entries.origin()), (*time, *origin));
    }
}

#[test]
fn what_travels_along_has_its_price() {
    let stored = stored(&good(&WEATHER));
    let bare = Row::new(record::decode(&stored).unwrap());
    let origin = |boot, sequence| Some(Origin::new(boot, sequence));
    for (time, origin, bytes) in [
        (NOW, None, 0),
        (Time::FromNow(-127), None, 2),
        (Time::FromNow(-128), None, 3),
        (Time::FromNow(-4 * 3_600), None, 3),
        (Time::FromNow(-24 * 86_400), None, 4),
        (Time::FromNow(i32::MIN), None, 6),
        (Time::Unix(1_700_000_000), None, 5),
        (Time::SinceBoot(24 * 86_400), None, 4),
        (Time::SinceBoot(u32::MAX), None, 6),
        (NOW, origin(127, 127), 3),
        (NOW, origin(127, 16_383), 4),
        (NOW, origin(u16::MAX, u32::MAX), 9),
        (Time::FromNow(-60), origin(127, 16_383), 5),
        (Time::Unix(1_700_000_000), origin(127, 16_383), 8),
        (Time::SinceBoot(u32::MAX), origin(u16::MAX, u32::MAX), 14),
    ] {
        let mut row = bare.clone().at(time);
        row.origin = origin;
        assert_eq!(frame(&row, 51).1.len(), 11 + bytes, "{time:?} {origin:?}");
    }
    // Seven times 3 bits of quality behind 80 bits of values, and the header.
    let mut doubtful = good(&WEATHER);
    doubtful[3].2 = Quality::Suspect;
    let stored = tiny_support::stored(&doubtful);
    let row = Row::new(record::decode(&stored).unwrap());
    assert_eq!(frame(&row, 51).1.len(), 11 + 4);
}

#[test]
fn a_value_outside_of_its_field_is_its_end_and_says_so() {
    use Quality::{Fault, Good, OverRange, Stale, UnderRange};
    // 14 bits above -4,000.
    for (mantissa, before, arrives, after) in [
        (-4_000, Good, -4_000, Good),
        (-4_001, Good, -4_000, UnderRange),
        (i32::MIN, Stale, -4_000, UnderRange),
        (i32::MIN, Fault, -4_000, Fault),
        (8_500, Good, 8_500, Good),
        (8_501, OverRange, 8_501, OverRange),
        (12_383, Good, 12_383, Good),
        (12_384, Good, 12_383, OverRange),
        (i32::MAX, Good, 12_383, OverRange),
        (i32::MAX, Fault, 12_383, Fault),
    ] {
        let stored = stored(&[(TEMPERATURE, mantissa, before)]);
        let (kind, bytes) = frame(&Row::new(record::decode(&stored).unwrap()), 11);
        let entry = received(&STATION, Some(kind), &bytes).unwrap()[0];
        assert_eq!((entry.mantissa, entry.quality), (arrives, after), "{mantissa} {before:?}");
    }
}

/// Packs the seven readings for a limit, and returns how many values each frame has.
fn counts(time: Time, origin: Option<Origin>, limit: usize, carrier: Carrier) -> Vec<usize> {
    let values = good(&WEATHER);
    let stored = stored(&values);
    let mut row = Row::new(record::decode(&stored).unwrap()).at(time);
    row.origin = origin;
    let mut all = Vec::new();
    let mut counts = Vec::new();
    for (kind, bytes) in frames(&STATION, &row, carrier, limit).unwrap() {
        let port = (carrier == Carrier::Port).then_some(kind);
        let entries = received(&STATION, port, &bytes).unwrap();
        counts.push(entries.len());
        all.extend(entries);
    }
    all.sort_by_key(|entry| entry.channel);
    let expected: Vec<_> = values.iter().map(|value| (value.0, value.1, time, origin)).collect();
    let all: Vec<_> = all.iter().map(|e| (e.channel, e.mantissa, e.time, e.origin)).collect();
    assert_eq!(all, expected);
    counts
}

#[test]
fn what_a_limit_leaves_out_travels_in_further_frames() {
    let origin = Some(Origin::new(40, 1_041));
    let minute = Time::FromNow(-60);
    let unix = Time::Unix(1_700_000_000);
    let (port, frame) = (Carrier::Port, Carrier::Frame);
    // Sigfox down and the smallest there is: 8. US915 DR0: 11. Sigfox up: 12. BLE: 20. EU868: 51.
    assert_eq!(counts(NOW, None, 8, frame), [3, 4]);
    assert_eq!(counts(NOW, None, 11, frame), [6, 1]);
    assert_eq!(counts(NOW, None, 11, port), [7]);
    assert_eq!(counts(NOW, None, 12, frame), [7]);
    assert_eq!(counts(minute, origin, 11, port), [3, 4]);
    assert_eq!(counts(minute, origin, 12, frame), [3, 4]);
    assert_eq!(counts(minute, origin, 20, frame), [7]);
    assert_eq!(counts(unix, origin, 12, port), [2, 1, 2, 2]);
    assert_eq!(counts(unix, origin, 20, frame), [7]);
    assert_eq!(counts(unix, origin, 51, frame), [7]);
}

#[test]
fn where_no_value_fits_the_error_says_what_would_do() {
    let stored = stored(&good(&WEATHER));
    let row = Row::new(record::decode(&stored).unwrap());
    let full = |row: &Row<'_>, limit: usize| {
        tiny::plan(&STATION, row, Selection::ALL, Carrier::Port, limit).unwrap_err()
    };
    for limit in 0..3 {
        assert_eq!(full(&row, limit), Error::Full { needed: 3 });
    }
    let late = row.at(Time::Unix(1_700_000_000)).with_origin(Origin::new(400, 20_000));
    for limit in 0..13 {
        assert_eq!(full(&late, limit), Error::Full { needed: 13 });
    }
    let packed = tiny::plan(&STATION, &late, Selection::ALL, Carrier::Port, 13).unwrap();
    assert_eq!(packed.len, 13);
}

#[test]
fn marks_take_no_room_where_no_marked_value_came_in() {
    // The pressure is doubtful, but all that fits 4 bytes is the rest: 14 bits, 10 bits.
    let values = [
        (TEMPERATURE, 2_345, Quality::Good),
        (PRESSURE, 101_325, Quality::Suspect),
        (WIND, 53, Quality::Good),
    ];
    let stored = stored(&values);
    let row = Row::new(record::decode(&stored).unwrap());
    let packed = tiny::plan(&STATION, &row, Selection::ALL, Carrier::Port, 4).unwrap();
    assert_eq!((packed.kind, packed.len), (14, 4));
    assert!(packed.sent.contains(0) && packed.sent.contains(2) && packed.left_out.contains(1));
    let rest = tiny::plan(&STATION, &row, packed.left_out, Carrier::Port, 5).unwrap();
    assert_eq!((rest.kind, rest.len, rest.left_out), (15, 5, Selection::NONE));
}

#[test]
fn order_and_repeats_of_a_row_do_not_matter() {
    let values = [
        (BATTERY, 3_712, Quality::Good),
        (TEMPERATURE, 1, Quality::Good),
        (TEMPERATURE, 2, Quality::Good),
        (ChannelId(9), 5, Quality::Good),
        (ChannelId(0), 5, Quality::Good),
        (HUMIDITY, 412, Quality::Good),
    ];
    let stored = stored(&values);
    let row = Row::new(record::decode(&stored).unwrap());
    let mut buffer = [0; 51];
    let first = tiny::encode(&STATION, &row, Selection::ALL, Carrier::Frame, &mut buffer).unwrap();
    let ids = |bytes: &[u8]| -> Vec<_> {
        received(&STATION, None, bytes).unwrap().iter().map(|e| (e.channel, e.mantissa)).collect()
    };
    assert_eq!(ids(&buffer[..first.len]), [(TEMPERATURE, 1), (HUMIDITY, 412), (BATTERY, 3_712)]);
    for place in 0..32 {
        assert_eq!(first.sent.contains(place), [0, 1, 5].contains(&place));
        assert_eq!(first.left_out.contains(place), place == 2);
        assert_eq!(first.unknown.contains(place), [3, 4].contains(&place));
    }
    let then = tiny::encode(&STATION, &row, first.left_out, Carrier::Frame, &mut buffer).unwrap();
    assert_eq!(ids(&buffer[..then.len]), [(TEMPERATURE, 2)]);
    assert!(then.left_out.is_empty() && then.unknown.is_empty());
}

#[test]
fn another_version_reads_what_it_knows() {
    const OLDER: Device = Device::new("weather", 6, &tiny_support::CHANNELS_BEFORE);
    const NEWER: Device = Device::new("weather", 8, &tiny_support::CHANNELS_AFTER);
    const _: () = assert!(tiny::fits(&OLDER) && tiny::fits(&STATION) && tiny::fits(&NEWER));
    let mut values = good(&WEATHER);
    values[1].2 = Quality::Uncalibrated;
    let stored = stored(&values);
    let row = Row::new(record::decode(&stored).unwrap()).at(Time::FromNow(-9));
    let (kind, bytes) = frame(&row, 51);
    let ours = received(&STATION, Some(kind), &bytes).unwrap();
    assert_eq!(received(&NEWER, Some(kind), &bytes), Ok(ours.clone()));
    assert_eq!(received(&OLDER, Some(kind), &bytes), Ok(ours[..5].to_vec()));
    let entries = tiny::decode(&OLDER, Some(kind), &bytes).unwrap();
    assert_eq!((entries.unknown(), entries.schema()), (Some(RAIN), 7));
    assert_eq!(tiny::decode(&NEWER, Some(kind), &bytes).unwrap().unknown(), None);
}

#[test]
fn what_no_frame_can_say_is_refused() {
    let stored = stored(&good(&WEATHER));
    let row = Row::new(record::decode(&stored).unwrap());
    let plan = |device: &Device, row: &Row<'_>| {
        tiny::plan(device, row, Selection::ALL, Carrier::Frame, 51).unwrap_err()
    };
    let range = Error::Range { position: 0 };
    assert_eq!(plan(&STATION, &row.clone().at(Time::FromNow(1))), range);
    assert_eq!(plan(&Device::new("weather", 0, &[]), &row), range);
    assert_eq!(plan(&Device::new("weather", 111, &[]), &row), range);
    let many = tiny_support::stored(&[(DIRECTION, 1, Quality::Good); 33]);
    assert_eq!(plan(&STATION, &Row::new(record::decode(&many).unwrap())), range);
    let damaged = [7, 0, 1, 0x80];
    let row = Row::new(record::decode(&damaged).unwrap());
    assert_eq!(plan(&STATION, &row), Error::Truncated { position: 4 });
}

#[test]
fn commands_answers_and_births_are_frozen() {
    let interval = ChannelId(8);
    let mut buffer = [0; 16];
    let cases: &[(Command, &[u8])] = &[
        (Command::new(1, interval, 300), &[222, 8, 1, 0xD8, 0x04]),
        (
            Command::new(16_383, interval, (1 << 27) - 1),
            &[222, 8, 0xFF, 0x7F, 0xFE, 0xFF, 0xFF, 0x7F],
        ),
        (
            Command::new(9, interval, 60).expiring(1_800_000_000),
            &[222, 8, 9, 0x78, 0x6B, 0x49, 0xD2, 0x00],
        ),
        (
            Command::new(127, interval, 63).expiring(u32::MAX),
            &[222, 8, 0x7F, 0x7E, 0xFF, 0xFF, 0xFF, 0xFF],
        ),
        (Command::new(0, interval, 0), &[222, 8, 0, 0]),
    ];
    for (command, bytes) in cases {
        let len = tiny::encode_command(command, Carrier::Frame, &mut buffer).unwrap();
        assert_eq!(&buffer[..len], *bytes, "{:02X?}", &buffer[..len]);
        assert!(len <= 8);
        assert_eq!(tiny::decode_command(Carrier::Frame, bytes), Ok(*command));
        assert_eq!(tiny::decode_command(Carrier::Port, &bytes[1..]), Ok(*command));
        // As Sigfox pads it.
        let mut padded = bytes.to_vec();
        padded.resize(8, 0);
        assert_eq!(tiny::decode_command(Carrier::Frame, &padded), Ok(*command));
    }
    let wide = Command::new(127, interval, 8_191).expiring(1_800_000_000);
    assert_eq!(tiny::encode_command(&wide, Carrier::Port, &mut buffer), Ok(8));
    let expired = Command::new(1, interval, 300).expiring(0);
    let error = tiny::encode_command(&expired, Carrier::Frame, &mut buffer);
    assert_eq!(error, Err(Error::Range { position: 0 }));

    let cases: &[(Answer, &[u8])] = &[
        (Answer::done(1, interval, 300), &[222, 1, 0, 8, 0xD8, 0x04]),
        (Answer::failed(1, 4), &[222, 1, 4]),
    ];
    for (answer, bytes) in cases {
        let len = tiny::encode_answer(answer, Carrier::Frame, &mut buffer).unwrap();
        assert_eq!(&buffer[..len], *bytes, "{:02X?}", &buffer[..len]);
        assert_eq!(tiny::decode_answer(Carrier::Frame, bytes), Ok(*answer));
        assert_eq!(tiny::decode_answer(Carrier::Port, &bytes[1..]), Ok(*answer));
    }

    let len = tiny::encode_birth(7, 0x0102_0304, Carrier::Frame, &mut buffer).unwrap();
    assert_eq!(buffer[..len], [1, 1, 2, 3, 4, 7]);
    assert_eq!(tiny::decode_birth(Carrier::Frame, &buffer[..len]), Ok((7, 0x0102_0304)));
    assert_eq!(tiny::decode_birth(Carrier::Port, &buffer[1..len]), Ok((7, 0x0102_0304)));
    for size in 0..len {
        let error = tiny::encode_birth(7, 0, Carrier::Frame, &mut buffer[..size]).unwrap_err();
        assert_eq!(error, Error::Full { needed: len });
    }
}
