//! The largest batch: as many rows as a frame may have, with all that can be different in a row.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use sundew_codec::{
    Entry, Origin, Row, Time,
    compact::{self, Batch, MAX_ROWS},
    record,
};
use sundew_units::{ChannelId, Quality};

/// Returns a number that looks random, but is the same in each run.
fn hashed(row: u32) -> u32 {
    row.wrapping_mul(2_654_435_761).rotate_left(13) ^ row
}

/// Holds a row: a channel that all have, and in every third row one that has only the ends of i32.
struct Made {
    record: Vec<u8>,
    entries: Vec<Entry>,
}

fn made(number: u32) -> Made {
    let end = if number.is_multiple_of(2) { i32::MIN } else { i32::MAX };
    let last = if number + 1 == u32::from(MAX_ROWS) { Quality::Stale } else { Quality::Good };
    let mut values = vec![(ChannelId(1), hashed(number).cast_signed(), last)];
    if number.is_multiple_of(3) {
        values.push((ChannelId(255), end, Quality::Good));
    }
    let mut record = vec![0; record::capacity(values.len())];
    let len = record::encode(7, values.iter().copied(), &mut record).unwrap();
    record.truncate(len);
    let row = values.iter().map(|&(channel, mantissa, quality)| {
        let mut entry = Entry::new(channel, mantissa);
        entry.quality = quality;
        entry.time = Time::Unix(1_700_000_000 + 60 * number + number % 2);
        entry.origin = Some(Origin::new(u16::MAX, u32::MAX - 5_000 + 2 * number));
        entry
    });
    Made { record, entries: row.collect() }
}

impl Made {
    fn row(&self) -> Row<'_> {
        let first = self.entries.first().unwrap();
        let row = Row::new(record::decode(&self.record).unwrap());
        row.at(first.time).with_origin(first.origin.unwrap())
    }
}

#[test]
fn a_batch_of_the_most_rows_comes_back() {
    let rows: Vec<_> = (0..u32::from(MAX_ROWS)).map(made).collect();
    let mut frame = vec![0; 16_384];
    let len = compact::encode(rows.iter().map(Made::row), &mut frame).unwrap();
    let mut expected: Vec<_> = rows.iter().flat_map(|row| row.entries.clone()).collect();
    expected.sort_by_key(|entry| entry.channel); // stable: the rows stay in order
    let bytes = frame.get(..len).unwrap();
    let read: Result<Vec<_>, _> = compact::decode(bytes).unwrap().collect();
    assert_eq!(read, Ok(expected));
}

#[test]
fn a_batch_is_full_at_the_most_rows() {
    let row = made(1);
    let mut staged = vec![0; 16_384];
    let mut batch = Batch::new(&mut staged, usize::MAX);
    for _ in 0..MAX_ROWS {
        batch.push(&row.row()).unwrap();
    }
    let len = batch.len();
    assert!(batch.push(&row.row()).unwrap_err().is_full());
    assert_eq!((batch.count(), batch.len()), (MAX_ROWS, len));
}
