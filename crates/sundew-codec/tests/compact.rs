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
    #![proptest_config(ProptestConfig::with_cases(2_000))]

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
