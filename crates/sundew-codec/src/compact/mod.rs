//! Compact frames: CBOR with channel ids and mantissas, one row or a batch in columns.

use crate::{Answer, Command, Entry, Error, Row};

/// Encodes rows of one schema, and returns the number of bytes.
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small.
pub fn encode<'a>(
    rows: impl Iterator<Item = Row<'a>> + Clone,
    buffer: &mut [u8],
) -> Result<usize, Error> {
    let _ = (rows, buffer);
    Err(Error::Unsupported { position: 0 })
}

/// Returns the bytes that [`encode`] would take, without encoding.
///
/// # Errors
///
/// Returns the errors of [`encode`] but [`Error::Full`].
pub fn len<'a>(rows: impl Iterator<Item = Row<'a>> + Clone) -> Result<usize, Error> {
    drop(rows);
    Err(Error::Unsupported { position: 0 })
}

/// Gathers rows until a frame is full.
#[derive(Debug)]
pub struct Batch<'b> {
    buffer: &'b mut [u8],
}

impl<'b> Batch<'b> {
    /// Starts a batch for a frame of `limit` bytes; `buffer` holds the rows until they are encoded.
    pub const fn new(buffer: &'b mut [u8], limit: usize) -> Self {
        let _ = limit;
        Self { buffer }
    }

    /// Adds a row.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Full`] where the row fits neither the frame nor the buffer, and
    /// [`Error::Range`] where it cannot stand in one frame with the others. The batch is unchanged
    /// then.
    pub fn push(&mut self, row: &Row<'_>) -> Result<(), Error> {
        let _ = (row, &self.buffer);
        Err(Error::Unsupported { position: 0 })
    }

    /// Encodes the rows into `frame` and returns the number of bytes.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Full`] where `frame` is shorter than the limit and too short.
    pub fn encode(&self, frame: &mut [u8]) -> Result<usize, Error> {
        let _ = frame;
        Err(Error::Unsupported { position: 0 })
    }
}

/// Reads the head of a frame.
///
/// # Errors
///
/// Returns an error that names the byte.
pub fn decode(bytes: &[u8]) -> Result<Entries<'_>, Error> {
    let _ = bytes;
    Err(Error::Unsupported { position: 0 })
}

/// Iterates over the values of a frame, channel by channel; ends after the first error.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    bytes: &'a [u8],
}

impl Entries<'_> {
    /// Returns the number of the schema that the channels belong to.
    pub const fn schema(&self) -> u16 {
        0
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let _ = self.bytes;
        None
    }
}

/// Encodes a command.
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small.
pub fn encode_command(command: &Command, buffer: &mut [u8]) -> Result<usize, Error> {
    let _ = (command, buffer);
    Err(Error::Unsupported { position: 0 })
}

/// Reads a command.
///
/// # Errors
///
/// Returns an error that names the byte.
pub fn decode_command(bytes: &[u8]) -> Result<Command, Error> {
    let _ = bytes;
    Err(Error::Unsupported { position: 0 })
}

/// Encodes the result of a command.
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small.
pub fn encode_answer(answer: &Answer, buffer: &mut [u8]) -> Result<usize, Error> {
    let _ = (answer, buffer);
    Err(Error::Unsupported { position: 0 })
}

/// Reads the result of a command.
///
/// # Errors
///
/// Returns an error that names the byte.
pub fn decode_answer(bytes: &[u8]) -> Result<Answer, Error> {
    let _ = bytes;
    Err(Error::Unsupported { position: 0 })
}
