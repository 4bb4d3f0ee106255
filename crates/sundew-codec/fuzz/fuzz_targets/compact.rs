//! Compact frames: read, written again row by row and in columns, and read by minicbor and an
//! independent reading of the columns.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_codec::{Entry, Error, compact};
use sundew_codec_fuzz::rows::{Moment, moments, sorted};
use sundew_codec_fuzz::{check_error, columns, flip, item, mutant};

/// A few bytes can claim a thousand rows of many channels: those are read, but not written again.
const MANY: usize = 300;

fuzz_target!(|input: &[u8]| {
    let mut decoder = match compact::decode(input) {
        Ok(decoder) => decoder,
        Err(error) => return check_error(error, input),
    };
    let (schema, rows) = (decoder.schema(), decoder.rows());
    let mut entries: Vec<Entry> = Vec::new();
    for entry in &mut decoder {
        match entry {
            Ok(entry) => entries.push(entry),
            Err(error) => {
                check_error(error, input);
                assert!(decoder.next().is_none(), "it goes on after an error");
                return;
            }
        }
    }
    assert!(decoder.next().is_none(), "it goes on after the end");
    assert!(rows <= compact::MAX_ROWS && entries.len() <= usize::from(rows) * 256);
    assert!(!mutant("panic-on-frame") || entries.len() < 3, "the mutant panics on three values");
    let ours = sorted(&entries);
    if let Some(theirs) = item::read(input).and_then(|item| columns::read(&item)) {
        assert_eq!(ours, theirs, "another reading");
    }
    if entries.is_empty() || entries.len() > MANY {
        return;
    }

    let moments = moments(schema, &entries);
    let mut buffer = vec![0; 1 << 14];
    let mut again = Vec::new();
    for moment in &moments {
        let len = compact::encode_row(&moment.row(), &mut buffer).expect("it was in a frame");
        again.extend(decoded(&buffer[..len]));
    }
    assert_eq!(sorted(&again), ours, "row by row it is not the same");
    let rows = || moments.iter().map(Moment::row);
    let len = compact::encode(rows(), &mut buffer).expect("they were in one frame");
    assert_eq!(compact::len(rows()), Ok(len), "another length than was told");
    let mut short = vec![0; len - 1];
    assert_eq!(compact::encode(rows(), &mut short), Err(Error::Full { needed: len }));
    let bytes = &mut buffer[..len];
    flip(bytes);
    assert_eq!(sorted(&decoded(bytes)), ours, "in columns it is not the same");
});

fn decoded(bytes: &[u8]) -> Vec<Entry> {
    let entries = compact::decode(bytes).expect("it was encoded");
    entries.collect::<Result<_, _>>().expect("it was encoded")
}
