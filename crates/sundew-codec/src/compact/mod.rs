//! Compact frames: CBOR with channel ids and mantissas, one row or a batch in columns.
//!
//! A frame names its schema; the sender's [`descriptor`](crate::descriptor) has names, units and
//! exponents. Use it where every byte costs and the receiver knows the device: 36 bytes for seven
//! weather readings with their time, where [`senml`](crate::senml) takes 111 without one that
//! everyone can read, and for what an outage left in the queue, which goes out as one frame of columns.
//! Where a frame has 51 bytes or fewer, use [`tiny`](crate::tiny).
//!
//! # Layout
//!
//! `[schema, time, values, origin, quality]` in CBOR with definite lengths and the shortest heads.
//! The last two are left out where there is nothing to say; an origin that is missing before a
//! quality is `null`. Items of a later version follow, and are passed over.
//!
//! | item | of one row | of a batch |
//! |---|---|---|
//! | time | `seconds` \| `[since boot]` | `[first, rows, steps]`, where `first` is what one row has |
//! | values | `{id: mantissa}` | `{id: column}` |
//! | origin | `[boot, sequence]` | `[boot, first]` where each row is 1 after the other, else `[boot, first, steps]` |
//! | quality | `{id: number}` | `{id: number}` \| `{id: [row, number, row, number, ...]}` |
//!
//! - **Seconds** from 2^28 on are Unix time, below they are seconds from now. Seconds since boot
//!   are those of the origin's boot.
//! - **Ids** ascend. Rows count from 0, at most [`MAX_ROWS`] of them.
//! - **Column**: a mantissa that all rows have, or a byte string of the first mantissa and the
//!   steps; or `[presence, column]` of those rows whose bit is 1 in the byte string `presence`,
//!   lowest bit first.
//! - **Steps**: one number where they are all the same, else a byte string. It begins with the
//!   smallest step; then each step less the smallest, all in the same number of bits, lowest bits
//!   first. That number is not written, as it is the largest, up to 32, that as many steps have in
//!   those bytes. The last byte is filled with 0.
//! - **Mantissas and smallest steps** in byte strings are zig-zag (0, -1, 1, -2, ...) with 7 bits
//!   to a byte, lowest first; bit 7 says that another byte follows. Steps are modulo 2^32.
//! - **Quality** ([`Quality::number`](sundew_units::Quality::number)) stands for channels that are
//!   not good all along: one number for all rows, or the rows from which on another one holds, 0
//!   for good again.
//!
//! A command is `{1: id, 2: {channel: mantissa}, 3: expires}`, its answer `{1: id, 2: {channel:
//! mantissa}, 4: result}`, where 3 and, in the answer, 2 may be missing.
//!
//! What a frame takes beyond its values, in bytes:
//!
//! | | one row | a batch |
//! |---|---|---|
//! | frame, schema, map | 3 to 6 | the same |
//! | time of now | 1 | 4 to 8 for even steps |
//! | Unix time | 5 | 10 or 11 for hourly steps, 17 for 24 that vary by a second |
//! | seconds since boot | 3 to 6 | 6 to 12 for even steps |
//! | origin | 4 at sequence 100, 5 at 1,000 | the same for all rows; 2 and a bit or more per row after a gap |
//! | quality | 1, and 2 per channel that is not good | the same; 4 per channel where it changes once, 6 for a row in between |
//!
//! # Bits and not bytes
//!
//! Hourly steps of 0.01 Cel need 8 or 9 bits, which as a varint would take 2 bytes, and those of a
//! rain gauge 1 to 3. A made day of temperature and humidity, 24 rows with times, takes 71 bytes,
//! and 76 with origins; steps as zig-zag varints would make it 83 (`tests/compact_day.rs`).
//!
//! ```
//! use sundew_codec::{Origin, Row, Time, compact::{self, Batch}, record};
//!
//! // Two records of the queue: schema 7, channel 1.
//! let stored = [[7, 0, 1, 0x92, 0x49], [7, 0, 1, 0x94, 0x49]];
//! let mut staged = [0; 64];
//! let mut batch = Batch::new(&mut staged, 51); // as large as the link's payload
//! for (bytes, number) in stored.iter().zip(0_u32..) {
//!     let row = Row::new(record::decode(bytes)?).at(Time::Unix(1_700_000_000 + 60 * number));
//!     batch.push(&row.with_origin(Origin::new(3, 1_041 + number)))?; // until it is full
//! }
//! let mut frame = [0; 51];
//! let len = batch.encode(&mut frame)?;
//! assert_eq!((len, batch.len()), (22, 22));
//!
//! let mut entries = compact::decode(&frame[..len])?;
//! assert_eq!((entries.schema(), entries.rows()), (7, 2));
//! let second = entries.nth(1).unwrap()?;
//! assert_eq!((second.mantissa, second.time), (2_346, Time::Unix(1_700_000_060)));
//! assert_eq!(second.origin, Some(Origin::new(3, 1_042)));
//! # Ok::<(), sundew_codec::Error>(())
//! ```

mod batch;
mod column;
mod command;
mod decode;
mod encode;
mod frame;

pub use batch::Batch;
pub use command::{decode_answer, decode_command, encode_answer, encode_command};
pub use decode::{Entries, decode};
pub use encode::{encode, encode_row, len};

/// Holds the most rows of a frame.
///
/// A column whose values all lie one step apart takes the same few bytes for any number of rows,
/// so that the number of rows, which is what a frame claims, is what bounds the work of a receiver:
/// a channel takes 2 bytes at least and gives 1,024 values at most, one by one and without memory.
/// Who collects them bounds the bytes of a frame.
pub const MAX_ROWS: u16 = 1_024;
