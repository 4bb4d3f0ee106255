//! The serial line: a terminal, or a serial server over TCP.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::net::TcpStream;

/// Holds both directions of a line; reading waits.
pub struct Line {
    /// Brings what the nodes send.
    pub reader: Box<dyn Read + Send>,
    /// Takes what is for them.
    pub writer: Box<dyn Write + Send>,
}

/// Opens `tcp:HOST:PORT`, or a terminal that is set up.
///
/// # Errors
///
/// Returns the error of the system where it cannot be opened.
pub fn open(name: &str) -> io::Result<Line> {
    if let Some(address) = name.strip_prefix("tcp:") {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        return Ok(Line { reader: Box::new(stream.try_clone()?), writer: Box::new(stream) });
    }
    let terminal = OpenOptions::new().read(true).write(true).open(name)?;
    Ok(Line { reader: Box::new(terminal.try_clone()?), writer: Box::new(terminal) })
}
