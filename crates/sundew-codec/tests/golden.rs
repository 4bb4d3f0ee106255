//! Frames that were stored once: they are still written, and still read, by three versions.
//!
//! See `golden/README.md`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod golden_support;

use std::path::PathBuf;

use golden_support::{
    ANSWER, BASE, COMMAND, MARKED, NEWER, OLDER, ORIGIN, ROWS, STORED, UNIX, VALUES, batched,
    frames,
};
use sundew_codec::{
    Entry, Origin, Time, compact,
    descriptor::{self, Descriptor},
    record,
    senml::PackDecoder,
    tiny::{self, Carrier},
};
use sundew_units::{ChannelId, Dec, Device, Quality};

/// Holds each decoder, and the ids out of the stored frames that it knows; of a tiny frame it reads
/// the first ones only, up to the first id that it does not know.
const DECODERS: [(&Device, &[u8], usize); 3] = [
    (&OLDER, &[1, 2, 3, 4, 5], 5),
    (&STORED, &[1, 2, 3, 4, 5, 6, 7], 7),
    (&NEWER, &[1, 2, 3, 5, 6, 7], 3),
];

fn path(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    folder.join(name).with_extension("hex")
}

/// Reads a stored frame.
fn golden(name: &str) -> Vec<u8> {
    let text = std::fs::read_to_string(path(name)).unwrap();
    let digits: Vec<_> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks_exact(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
}

fn encoded(device: &Device) -> Vec<u8> {
    let mut bytes = vec![0; descriptor::len(device)];
    descriptor::encode(device, &mut bytes).unwrap();
    bytes
}

/// Says what a decoder is to make of values: those of the ids it knows.
fn expected(values: &[(u8, i32, Quality)], known: &[u8]) -> Vec<(String, Dec, Quality)> {
    let known = values.iter().filter(|(id, ..)| known.contains(id));
    known
        .map(|&(id, mantissa, quality)| {
            let channel = STORED.channel(ChannelId(id)).unwrap();
            let name = format!("{} {}", channel.name(), channel.symbol());
            (name, Dec::new(mantissa, channel.exponent()), quality)
        })
        .collect()
}

fn read(decoder: &Descriptor<'_>, entries: &[Entry]) -> Vec<(String, Dec, Quality)> {
    let known = entries.iter().filter_map(|entry| decoder.reading(entry));
    known
        .map(|reading| {
            let name = format!("{} {}", reading.channel.name, reading.channel.unit);
            (name, reading.value, reading.quality)
        })
        .collect()
}

/// Runs a check with each decoder.
fn with_each(mut check: impl FnMut(&Descriptor<'_>, &[u8], usize)) {
    for (device, known, prefix) in DECODERS {
        let bytes = encoded(device);
        check(&Descriptor::parse(&bytes).unwrap(), known, prefix);
    }
}

#[test]
fn what_was_written_once_is_still_written() {
    for (name, bytes) in frames() {
        // What is stored is never written over; only what is new is added, and only on request.
        if !path(name).exists() && std::env::var_os("SUNDEW_ADD_GOLDEN").is_some() {
            std::fs::write(path(name), hex(&bytes) + "\n").unwrap();
        }
        assert_eq!(hex(&bytes), hex(&golden(name)), "{name}");
    }
}

#[test]
fn records() {
    let bytes = golden("record");
    let values = record::decode(&bytes).unwrap();
    assert_eq!(values.schema(), 7);
    let entries: Vec<_> = values
        .map(|value| {
            let (channel, mantissa, quality) = value.unwrap();
            let mut entry = Entry::new(channel, mantissa);
            entry.quality = quality;
            entry
        })
        .collect();
    with_each(|decoder, known, _| assert_eq!(read(decoder, &entries), expected(&MARKED, known)));
}

#[test]
fn senml_packs() {
    let bytes = golden("senml");
    for (device, known, _) in DECODERS {
        let mut found = Vec::new();
        for record in PackDecoder::new(&bytes) {
            let record = record.unwrap();
            assert_eq!((record.time, record.origin), (Time::Unix(UNIX), Some(ORIGIN)));
            let name = record.name.to_string();
            let Some(channel) = device.channel_named(name.strip_prefix(BASE).unwrap()) else {
                continue;
            };
            assert_eq!(record.unit, channel.symbol());
            let value = record.value.unwrap().dec().unwrap();
            let name = format!("{} {}", channel.name(), record.unit);
            found.push((name, value.at_exponent(channel.exponent()).unwrap(), record.quality));
        }
        assert_eq!(found, expected(&MARKED, known));
    }
    let commands = [("senml-command", Some(UNIX + 3_600), None), ("senml-answer", None, Some(0))];
    for (name, expires, result) in commands {
        let bytes = golden(name);
        let record = PackDecoder::new(&bytes).next().unwrap().unwrap();
        assert_eq!(record.name, &*format!("{BASE}interval"));
        assert_eq!(record.value.unwrap().dec().unwrap(), Dec::new(COMMAND.mantissa, 0));
        assert_eq!((record.id, record.expires, record.result), (Some(77), expires, result));
    }
}

#[test]
fn compact_frames() {
    let bytes = golden("compact-row");
    let entries: Vec<_> = compact::decode(&bytes).unwrap().map(Result::unwrap).collect();
    assert!(entries.iter().all(|entry| entry.time == Time::Unix(UNIX)));
    assert!(entries.iter().all(|entry| entry.origin == Some(ORIGIN)));
    with_each(|decoder, known, _| assert_eq!(read(decoder, &entries), expected(&MARKED, known)));

    let bytes = golden("compact-batch");
    let batch = compact::decode(&bytes).unwrap();
    assert_eq!((batch.schema(), batch.rows()), (7, 24));
    let entries: Vec<_> = batch.map(Result::unwrap).collect();
    for row in 0..ROWS {
        let origin = Some(Origin::new(ORIGIN.boot, ORIGIN.sequence + row));
        let of_row = entries.iter().filter(|entry| entry.origin == origin).copied();
        let of_row: Vec<_> = of_row.collect();
        assert!(of_row.iter().all(|entry| entry.time == Time::Unix(UNIX + 3_600 * row)));
        with_each(|decoder, known, _| {
            assert_eq!(read(decoder, &of_row), expected(&batched(row), known), "row {row}");
        });
    }
    assert_eq!(compact::decode_command(&golden("compact-command")), Ok(COMMAND));
    assert_eq!(compact::decode_answer(&golden("compact-answer")), Ok(ANSWER));
}

#[test]
fn tiny_frames() {
    let cases = [
        ("tiny-plain", None, Time::NOW, None, VALUES),
        ("tiny-port-14", Some(14), Time::NOW, None, VALUES),
        ("tiny-header", None, Time::Unix(UNIX), Some(ORIGIN), MARKED),
    ];
    for (name, kind, time, origin, values) in cases {
        let bytes = golden(name);
        with_each(|decoder, known, prefix| {
            let mut entries = tiny::decode(decoder, kind, &bytes).unwrap();
            assert_eq!((entries.schema(), entries.time(), entries.origin()), (7, time, origin));
            let all: Vec<_> = entries.by_ref().map(Result::unwrap).collect();
            assert_eq!(read(decoder, &all), expected(&values[..prefix], known), "{name}");
            let unknown = values.iter().map(|value| value.0).find(|id| !known.contains(id));
            assert_eq!(entries.unknown(), unknown.map(ChannelId), "{name}");
        });
    }
    let (carrier, command) = (Carrier::Frame, golden("tiny-command"));
    assert_eq!(tiny::decode_command(carrier, &command), Ok(COMMAND));
    assert_eq!(tiny::decode_answer(carrier, &golden("tiny-answer")), Ok(ANSWER));
    let birth = (7, descriptor::crc32(&golden("descriptor")));
    assert_eq!(tiny::decode_birth(carrier, &golden("tiny-birth")), Ok(birth));
}

#[test]
fn descriptors() {
    let bytes = golden("descriptor");
    let read = Descriptor::parse(&bytes).unwrap();
    assert_eq!(read.hash(), descriptor::hash(&STORED));
    let (older, newer) = (encoded(&OLDER), encoded(&NEWER));
    let (older, newer) = (Descriptor::parse(&older).unwrap(), Descriptor::parse(&newer).unwrap());
    assert_eq!(read.check_evolution(&older), Ok(()));
    assert_eq!(newer.check_evolution(&read), Ok(()));
}
