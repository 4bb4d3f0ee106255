//! Compact frames: CBOR with channel ids and mantissas, one row or a batch in columns.

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
/// so that the number of rows, which is what a frame claims, is what bounds the work of a receiver.
pub const MAX_ROWS: u16 = 1_024;
