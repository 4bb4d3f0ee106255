//! Compact frames: what is encoded comes back, in the bytes that are written down here.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

use proptest::prelude::*;
use sundew_codec::{
    Answer, Command, Entry, Error, FIRST_ABSOLUTE, Origin, Row, Time,
    compact::{self, Batch},
    record,
};
use sundew_units::{ChannelId, Quality};

/// Holds one row: its values, its time and its sequence.
#[derive(Clone, Debug)]
struct Owned {
    record: Vec<u8>,
    time: Time,
    origin: Option<Origin>,
}

impl Owned {
    fn new(values: &[(u8, i32, Quality)], time: Time, origin: Option<Origin>) -> Self {
        let mut record = vec![0; record::capacity(values.len())];
        let values =
            values.iter().map(|&(id, mantissa, quality)| (ChannelId(id), mantissa, quality));
        let len = record::encode(7, values, &mut record).unwrap();
        record.truncate(len);
        Self { record, time, origin }
    }

    fn row(&self) -> Row<'_> {
        let row = Row::new(record::decode(&self.record).unwrap()).at(self.time);
        match self.origin {
            Some(origin) => row.with_origin(origin),
            None => row,
        }
    }
}

fn encoded(rows: &[Owned]) -> Result<Vec<u8>, Error> {
    let rows = rows.iter().map(Owned::row);
    let mut bytes = vec![0; compact::len(rows.clone())?];
    let short = bytes.len() - 1;
    let full = Error::Full { needed: bytes.len() };
    assert_eq!(compact::encode(rows.clone(), &mut bytes[..short]), Err(full));
    assert_eq!(compact::encode(rows, &mut bytes), Ok(bytes.len()));
    Ok(bytes)
}

fn entry(id: u8, mantissa: i32, quality: Quality, row: &Owned) -> Entry {
    let mut entry = Entry::new(ChannelId(id), mantissa);
    (entry.quality, entry.time, entry.origin) = (quality, row.time, row.origin);
    entry
}

/// Returns what a frame of these rows must decode to.
fn expected(rows: &[Owned]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = rows
        .iter()
        .flat_map(|row| {
            record::decode(&row.record).unwrap().map(|value| {
                let (channel, mantissa, quality) = value.unwrap();
                entry(channel.0, mantissa, quality, row)
            })
        })
        .collect();
    entries.sort_by_key(|entry| entry.channel); // stable: the rows stay in order
    entries
}

fn decoded(bytes: &[u8]) -> Result<Vec<Entry>, Error> {
    let entries = compact::decode(bytes)?;
    let bound = usize::from(entries.rows()) * 256;
    let mut left = entries.clone();
    let all: Result<Vec<_>, _> = left.by_ref().collect();
    assert!(left.next().is_none(), "goes on after the end");
    if let Ok(all) = &all {
        assert!(all.len() <= bound);
    }
    all
}

fn good(values: &[(u8, i32)]) -> Vec<(u8, i32, Quality)> {
    values.iter().map(|&(id, mantissa)| (id, mantissa, Quality::Good)).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

const NOON: u32 = 1_700_000_000;

fn weather() -> Vec<(u8, i32, Quality)> {
    good(&[(1, 2_345), (2, 412), (3, 101_325), (4, 53), (5, 270), (6, 126), (7, 3_712)])
}

#[test]
fn seven_readings_take_at_most_36_bytes() {
    let size = |time, origin| encoded(&[Owned::new(&weather(), time, origin)]).unwrap().len();
    assert_eq!(size(Time::Unix(NOON), None), 36);
    assert_eq!(size(Time::NOW, None), 32);
    assert_eq!(size(Time::SinceBoot(90), None), 34);
    assert_eq!(size(Time::Unix(NOON), Some(Origin::new(3, 1_041))), 41);
}

/// Each layout with its bytes, frozen. The diagnostic notation is minicbor's.
#[test]
fn the_layout_is_frozen() {
    let at = |values: &[(u8, i32)], time, origin| Owned::new(&good(values), time, origin);
    let origin = |sequence| Some(Origin::new(3, sequence));
    let fault = |id, mantissa| (id, mantissa, Quality::Fault);
    let cases: &[(&str, &[Owned], &str, &str)] = &[
        (
            "one row",
            &[at(&[(1, 2_345), (2, -412)], Time::Unix(NOON), None)],
            "83071a6553f100a201190929023901 9b",
            "[7, 1700000000, {1: 2345, 2: -412}]",
        ),
        ("now, nothing", &[at(&[], Time::NOW, None)], "830700a0", "[7, 0, {}]"),
        (
            "ids in order, whatever the record's",
            &[at(&[(9, 1), (2, 2)], Time::FromNow(-60), origin(70_000))],
            "8407383ba202020901 82031a00011170",
            "[7, -60, {2: 2, 9: 1}, [3, 70000]]",
        ),
        (
            "since boot, with a quality",
            &[Owned::new(&[fault(1, 0), (2, 5, Quality::Good)], Time::SinceBoot(90), None)],
            "8507 81185a a201000205 f6 a10105",
            "[7, [90], {1: 0, 2: 5}, null, {1: 5}]",
        ),
        (
            "two rows, one channel constant",
            &[
                at(&[(1, 10), (2, 5)], Time::Unix(NOON), origin(8)),
                at(&[(1, 13), (2, 5)], Time::Unix(NOON + 60), origin(9)),
            ],
            "8407 831a6553f10002183c a2 01421406 0205 820308",
            "[7, [1700000000, 2, 60], {1: h'14 06', 2: 5}, [3, 8]]",
        ),
        (
            "uneven steps, a gap, and qualities that change",
            &[
                Owned::new(&[(1, -1, Quality::Good), fault(2, 1)], Time::SinceBoot(5), origin(8)),
                at(&[(1, 2)], Time::SinceBoot(15), origin(9)),
                Owned::new(&[fault(1, 4), fault(2, 3)], Time::SinceBoot(26), origin(11)),
            ],
            "8507 83810503421410 a2 0143010401 02824105420204 83030842 0210 a2 01820205 0205",
            "",
        ),
    ];
    for (what, rows, bytes, notation) in cases {
        let frame = encoded(rows).unwrap();
        assert_eq!(hex(&frame), bytes.replace(' ', ""), "{what}: {}", minicbor::display(&frame));
        assert_eq!(decoded(&frame), Ok(expected(rows)), "{what}");
        if !notation.is_empty() {
            assert_eq!(minicbor::display(&frame).to_string(), *notation, "{what}");
        }
    }
}

#[test]
fn commands_and_answers_are_frozen() {
    let mut buffer = [0; 32];
    let command = Command::new(9, ChannelId(4), -300);
    for (command, bytes) in [
        (command, "a2010902a10439012b"),
        (command.expiring(NOON), "a3010902a10439012b031a6553f100"),
    ] {
        let len = compact::encode_command(&command, &mut buffer).unwrap();
        assert_eq!(hex(&buffer[..len]), bytes);
        assert_eq!(compact::decode_command(&buffer[..len]), Ok(command));
        assert!(compact::decode_answer(&buffer[..len]).is_err());
    }
    for (answer, bytes) in [
        (Answer::done(9, ChannelId(4), -300), "a3010902a10439012b0400"),
        (Answer::failed(70_000, 400), "a2011a0001117004190190"),
    ] {
        let len = compact::encode_answer(&answer, &mut buffer).unwrap();
        assert_eq!(hex(&buffer[..len]), bytes);
        assert_eq!(compact::decode_answer(&buffer[..len]), Ok(answer));
        assert!(compact::decode_command(&buffer[..len]).is_err());
        assert_eq!(compact::encode_answer(&answer, &mut []), Err(Error::Full { needed: len }));
    }
    // A key of a later version, and one of it in front of the id.
    assert_eq!(compact::decode_command(b"\xA3\x01\x09\x02\xA1\x04\x05\x18\x63\x81\x01"), {
        Ok(Command::new(9, ChannelId(4), 5))
    });
}

fn time() -> impl Strategy<Value = Time> {
    prop_oneof![
        (FIRST_ABSOLUTE..=u32::MAX).prop_map(Time::Unix),
        (i32::MIN..FIRST_ABSOLUTE as i32).prop_map(Time::FromNow),
        any::<u32>().prop_map(Time::SinceBoot),
        Just(Time::NOW),
    ]
}

fn mantissa() -> impl Strategy<Value = i32> {
    prop_oneof![
        any::<i32>(),
        -300..300,
        2_300..2_310,
        Just(0),
        prop::sample::select(vec![i32::MIN, i32::MIN + 1, i32::MAX, i32::MAX - 1]),
    ]
}

fn values() -> impl Strategy<Value = Vec<(u8, i32, Quality)>> {
    let quality = prop_oneof![4 => Just(0), 1 => 0_u8..7];
    let one = (prop_oneof![9 => 1_u8..5, 1 => any::<u8>()], (mantissa(), quality));
    prop::collection::btree_map(one.0, one.1, 0..6).prop_map(|values| {
        values
            .into_iter()
            .map(|(id, (mantissa, quality))| (id, mantissa, Quality::from_number(quality).unwrap()))
            .collect()
    })
}

/// Returns rows that may stand in one frame: one form of time, one boot, or no origin at all.
fn rows() -> impl Strategy<Value = Vec<Owned>> {
    let boot = proptest::option::of(0_u16..3);
    let sequence = prop_oneof![any::<u32>(), 0_u32..9];
    let jitter = prop_oneof![Just(0_u32), 0_u32..3, any::<u32>()];
    let one = (values(), jitter, sequence, any::<bool>());
    (time(), boot, prop::collection::vec(one, 1..30)).prop_map(|(first, boot, rows)| {
        let mut next = 10_u32;
        let rows = (0_u32..).zip(rows).map(|(number, (values, jitter, sequence, gap))| {
            let step = number * 60 + jitter;
            let time = match first {
                Time::Unix(at) => Time::Unix(at.wrapping_add(step).max(FIRST_ABSOLUTE)),
                Time::SinceBoot(at) => Time::SinceBoot(at.wrapping_add(step)),
                Time::FromNow(at) => {
                    Time::FromNow(at.wrapping_add_unsigned(step).min(FIRST_ABSOLUTE as i32 - 1))
                }
                _ => unreachable!(),
            };
            next = if gap { sequence } else { next.wrapping_add(1) };
            Owned::new(&values, time, boot.map(|boot| Origin::new(boot, next)))
        });
        rows.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_frame_comes_back(rows in rows()) {
        let bytes = encoded(&rows).unwrap();
        prop_assert_eq!(decoded(&bytes), Ok(expected(&rows)), "{}", minicbor::display(&bytes));
        let tokens: Result<Vec<_>, _> = minicbor::decode::Tokenizer::new(&bytes).collect();
        prop_assert!(tokens.is_ok());
    }

    #[test]
    fn every_mantissa_comes_back(mantissas in prop::collection::vec(any::<i32>(), 1..40)) {
        let rows: Vec<_> =
            mantissas.iter().map(|&m| Owned::new(&good(&[(1, m)]), Time::NOW, None)).collect();
        prop_assert_eq!(decoded(&encoded(&rows).unwrap()), Ok(expected(&rows)));
    }

    #[test]
    fn a_batch_holds_what_fits_and_no_row_less(rows in rows(), limit in 10_usize..200) {
        let mut buffer = [0; 4_096];
        let mut batch = Batch::new(&mut buffer, limit);
        let mut taken = 0;
        for row in &rows {
            match batch.push(&row.row()) {
                Ok(()) => taken += 1,
                Err(Error::Full { needed }) => {
                    prop_assert_eq!(encoded(&rows[..=taken]).unwrap().len(), needed);
                    prop_assert!(needed > limit);
                    break;
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        let mut frame = vec![0; limit];
        let len = batch.encode(&mut frame).unwrap();
        prop_assert_eq!((len, usize::from(batch.count())), (batch.len(), taken));
        if taken > 0 {
            prop_assert_eq!(&frame[..len], &encoded(&rows[..taken]).unwrap());
        } else {
            prop_assert!(batch.is_empty() && len == 0);
        }
    }

    #[test]
    fn commands_come_back(id: u32, channel: u8, mantissa: i32, expires: Option<u32>, result: u16) {
        let mut command = Command::new(id, ChannelId(channel), mantissa);
        command.expires = expires;
        let mut buffer = [0; 32];
        let len = compact::encode_command(&command, &mut buffer).unwrap();
        prop_assert_eq!(compact::decode_command(&buffer[..len]), Ok(command));
        for mut answer in [Answer::done(id, ChannelId(channel), mantissa), Answer::failed(id, 1)] {
            answer.result = result;
            let len = compact::encode_answer(&answer, &mut buffer).unwrap();
            prop_assert_eq!(compact::decode_answer(&buffer[..len]), Ok(answer));
        }
    }
}

/// Holds one frame of each kind of column.
fn good_frame() -> Vec<u8> {
    let marked = |quality| (3, 70_000, quality);
    let rows: Vec<Owned> = (0_u32..20)
        .map(|row| {
            let mut values = good(&[(1, 2_345), (2, (row * row % 13) as i32)]);
            if row % 3 == 0 {
                values.push(marked(if row == 9 { Quality::Fault } else { Quality::Good }));
            }
            let time = Time::Unix(NOON + row * 60 + row % 2);
            Owned::new(&values, time, Some(Origin::new(3, 1_000 + row + row / 7)))
        })
        .collect();
    let bytes = encoded(&rows).unwrap();
    assert_eq!(decoded(&bytes).map(|entries| entries.len()), Ok(47));
    bytes
}

/// Decodes with everything that reads a frame, and looks at where errors lie.
fn probe(bytes: &[u8]) {
    let faults = [
        decoded(bytes).err(),
        compact::decode_command(bytes).err(),
        compact::decode_answer(bytes).err(),
    ];
    for fault in faults.into_iter().flatten() {
        assert!(fault.position().unwrap() <= bytes.len(), "{fault:?} of {bytes:02x?}");
    }
}

#[test]
fn every_single_byte_change_and_every_cut() {
    let good = good_frame();
    for at in 0..good.len() {
        assert!(decoded(&good[..at]).is_err(), "cut at {at} was taken for whole");
        let mut bytes = good.clone();
        for byte in 0..=u8::MAX {
            bytes[at] = byte;
            probe(&bytes);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn random_bytes(
        start in prop::sample::select(vec![
            &b""[..], b"\x83\x07\x00", b"\x85\x07\x83\x00\x18\x1E\x01\xA2", b"\xA2\x01\x09\x02",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        probe(&[start, &rest].concat());
    }

    #[test]
    fn mutated_frames(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = good_frame();
        for (index, byte) in &changes {
            let at = index.index(bytes.len());
            bytes[at] = *byte;
        }
        probe(&bytes);
        // What is taken is well-formed CBOR.
        if decoded(&bytes).is_ok() {
            let tokens: Result<Vec<_>, _> = minicbor::decode::Tokenizer::new(&bytes).collect();
            prop_assert!(tokens.is_ok(), "{bytes:02x?}");
        }
    }
}

#[test]
fn each_fault_is_named_with_its_place() {
    let range = |position| Err(Error::Range { position });
    let syntax = |position| Err(Error::Syntax { position });
    let truncated = |position| Err(Error::Truncated { position });
    let unsupported = |position| Err(Error::Unsupported { position });
    let cases: &[(&str, &[u8], Result<usize, Error>)] = &[
        ("nothing", b"", truncated(0)),
        ("no array", b"\xA0", syntax(0)),
        ("too few items", b"\x82\x07\x00", syntax(0)),
        ("an indefinite frame", b"\x9F\x07\x00\xA0\xFF", unsupported(0)),
        ("bytes behind the frame", b"\x83\x07\x00\xA0\x00", syntax(4)),
        ("a schema past u16", b"\x83\x1A\x00\x01\x00\x00\x00\xA0", range(1)),
        ("a time as text", b"\x83\x07\x61a\xA0", syntax(2)),
        ("a time past 2106", b"\x83\x07\x1B\x00\x00\x00\x01\x00\x00\x00\x00\xA0", range(2)),
        ("values as an array", b"\x83\x07\x00\x80", syntax(3)),
        ("an id past 255", b"\x83\x07\x00\xA1\x19\x01\x00\x00", range(4)),
        ("an id twice", b"\x83\x07\x00\xA2\x01\x05\x01\x05", syntax(6)),
        ("ids that descend", b"\x83\x07\x00\xA2\x02\x05\x01\x05", syntax(6)),
        ("a mantissa past i32", b"\x83\x07\x00\xA1\x01\x1A\x80\x00\x00\x00", range(5)),
        ("a float", b"\x83\x07\x00\xA1\x01\xF9\x3C\x00", syntax(5)),
        ("a column in one row", b"\x83\x07\x00\xA1\x01\x42\x00\x02", syntax(5)),
        ("no origin, said", b"\x84\x07\x00\xA0\xF6", syntax(4)),
        ("an origin of one", b"\x84\x07\x00\xA0\x81\x03", syntax(4)),
        ("a boot past u16", b"\x84\x07\x00\xA0\x82\x1A\x00\x01\x00\x00\x05", range(5)),
        ("no quality, said", b"\x85\x07\x00\xA0\xF6\xA0", syntax(5)),
        ("a quality of good", b"\x85\x07\x00\xA1\x01\x05\xF6\xA1\x01\x00", syntax(9)),
        ("a quality of a later version", b"\x85\x07\x00\xA1\x01\x05\xF6\xA1\x01\x09", Ok(1)),
        ("a quality of no channel", b"\x85\x07\x00\xA1\x01\x05\xF6\xA1\x02\x05", syntax(8)),
        ("an item of a later version", b"\x86\x07\x00\xA0\xF6\xA1\x01\x05\x81\x00", syntax(6)),
        ("the same", b"\x86\x07\x00\xA1\x01\x05\xF6\xA1\x01\x05\x81\x00", Ok(1)),
        ("a batch of one row", b"\x83\x07\x83\x00\x01\x00\xA0", syntax(4)),
        ("1,024 rows", b"\x83\x07\x83\x00\x19\x04\x00\x00\xA1\x01\x05", Ok(1_024)),
        ("1,025 rows", b"\x83\x07\x83\x00\x19\x04\x01\x00\xA1\x01\x05", range(4)),
        ("65,535 rows", b"\x83\x07\x83\x00\x19\xFF\xFF\x00\xA1\x01\x05", range(4)),
        ("even steps, spelled", b"\x83\x07\x83\x00\x02\x41\x02\xA0", syntax(5)),
        ("a constant, spelled", b"\x83\x07\x83\x00\x02\x00\xA1\x01\x42\x0A\x00", syntax(8)),
        ("a rising column", b"\x83\x07\x83\x00\x02\x00\xA1\x01\x42\x0A\x02", Ok(2)),
        (
            "too many bytes",
            b"\x83\x07\x83\x00\x02\x00\xA1\x01\x47\x0A\x02\x01\x01\x01\x01\x01",
            syntax(8),
        ),
        ("bits behind the last", b"\x83\x07\x83\x00\x04\x42\x02\x40\xA0", syntax(5)),
        ("present in none", b"\x83\x07\x83\x00\x02\x00\xA1\x01\x82\x41\x00\x05", syntax(9)),
        ("present in all", b"\x83\x07\x83\x00\x02\x00\xA1\x01\x82\x41\x03\x05", syntax(9)),
        ("present past the end", b"\x83\x07\x83\x00\x02\x00\xA1\x01\x82\x41\x05\x05", syntax(9)),
        ("present in one", b"\x83\x07\x83\x00\x02\x00\xA1\x01\x82\x41\x02\x05", Ok(1)),
        ("time before 1978", b"\x83\x07\x83\x1A\x10\0\0\0\x02\x20\xA1\x01\x05", range(2)),
        (
            "a change past the rows",
            b"\x85\x07\x83\x00\x02\x00\xA1\x01\x05\xF6\xA1\x01\x82\x02\x05",
            range(13),
        ),
        (
            "a change to the same",
            b"\x85\x07\x83\x00\x02\x00\xA1\x01\x05\xF6\xA1\x01\x84\x00\x05\x01\x05",
            syntax(16),
        ),
    ];
    for (what, bytes, expected) in cases {
        assert_eq!(decoded(bytes).map(|entries| entries.len()), *expected, "{what}");
    }
}

/// A map holds a channel once; the second value travels as a further row of the same record.
#[test]
fn a_channel_that_is_twice_in_a_record_takes_two_rows() {
    let marked = |id, mantissa| (id, mantissa, Quality::Suspect);
    let origin = |sequence| Some(Origin::new(3, sequence));
    let values = [&good(&[(2, 9), (1, 5), (1, 6)])[..], &[marked(2, 8), marked(1, -7)]].concat();
    let twice = Owned::new(&values, Time::Unix(NOON), origin(8));
    let before = Owned::new(&good(&[(1, 4)]), Time::Unix(NOON - 60), origin(7));
    let after = Owned::new(&good(&[(1, 8)]), Time::Unix(NOON + 60), origin(9));
    assert_eq!(compact::encode_row(&twice.row(), &mut [0; 64]), Err(Error::Range { position: 0 }));
    for rows in [vec![twice.clone()], vec![before, twice, after]] {
        let bytes = encoded(&rows).unwrap();
        assert_eq!(decoded(&bytes), Ok(expected(&rows)), "{}", minicbor::display(&bytes));
        let mut buffer = [0; 128];
        let mut batch = Batch::new(&mut buffer, bytes.len());
        for row in &rows {
            batch.push(&row.row()).unwrap();
        }
        assert_eq!(usize::from(batch.count()), rows.len() + 2);
        let mut frame = vec![0; bytes.len()];
        assert_eq!(batch.encode(&mut frame), Ok(bytes.len()));
        assert_eq!(frame, bytes);
    }
}

#[test]
fn rows_that_cannot_stand_in_one_frame_are_refused() {
    let at = |time, origin| Owned::new(&good(&[(1, 5)]), time, origin);
    let (first, origin) = (at(Time::Unix(NOON), None), |boot| Some(Origin::new(boot, 8)));
    let mut other = at(Time::Unix(NOON), None);
    other.record[0] = 8; // another schema
    let mut cut = first.clone();
    cut.record.truncate(3);
    let cases = [
        (other, Error::Range { position: 0 }),
        (at(Time::NOW, None), Error::Range { position: 0 }),
        (at(Time::Unix(NOON), origin(3)), Error::Range { position: 0 }),
        (at(Time::Unix(86_400), None), Error::Range { position: 0 }),
        (at(Time::FromNow(1 << 28), None), Error::Range { position: 0 }),
        (cut, Error::Truncated { position: 3 }),
    ];
    let mut buffer = [0; 64];
    for (second, error) in cases {
        assert_eq!(encoded(&[first.clone(), second.clone()]), Err(error));
        let mut batch = Batch::new(&mut buffer, 100);
        batch.push(&first.row()).unwrap();
        let len = batch.len();
        let refused = batch.push(&second.row()).unwrap_err();
        assert_eq!(refused.is_full(), error.is_full());
        assert_eq!((batch.count(), batch.len()), (1, len));
        batch.clear();
        assert!(batch.is_empty());
    }
    assert_eq!(compact::len(core::iter::empty()), Err(Error::Range { position: 0 }));
    let many = core::iter::repeat_n(first.row(), 1_025);
    assert_eq!(compact::len(many.clone()), Err(Error::Range { position: 0 }));
    assert_eq!(compact::len(many.skip(1)), Ok(15));
}
