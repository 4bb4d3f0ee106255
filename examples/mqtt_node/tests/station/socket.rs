//! A TCP socket that never waits, and that can fall silent after some bytes.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::TcpStream;

/// Counts what comes in after the handshake, and holds back what comes after a limit.
///
/// The handshake itself has no fixed length: signatures differ by a byte or two. It is over with
/// the first write after something was read, which is the client's `Finished`.
pub struct Socket<'c> {
    stream: TcpStream,
    has_heard: bool,
    /// `None` until the handshake is over.
    after: &'c Cell<Option<usize>>,
    limit: usize,
}

impl<'c> Socket<'c> {
    /// Connects to a server of this computer; `after` counts the bytes that came in after the
    /// handshake, of which there will be at most `limit`.
    pub fn connect(port: u16, after: &'c Cell<Option<usize>>, limit: usize) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nonblocking(true).unwrap();
        Self { stream, has_heard: false, after, limit }
    }

    fn left(&self) -> usize {
        self.after.get().map_or(usize::MAX, |after| self.limit - after)
    }
}

impl embedded_io::ErrorType for Socket<'_> {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Read for Socket<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, embedded_io::ErrorKind> {
        let room = buffer.len().min(self.left());
        let count = self.stream.read(&mut buffer[..room]).map_err(broken)?;
        self.has_heard |= count > 0;
        self.after.set(self.after.get().map(|after| after + count));
        Ok(count)
    }
}

impl embedded_io::Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, embedded_io::ErrorKind> {
        if self.has_heard && self.after.get().is_none() {
            self.after.set(Some(0));
        }
        self.stream.write(bytes).map_err(broken)
    }

    fn flush(&mut self) -> Result<(), embedded_io::ErrorKind> {
        self.stream.flush().map_err(broken)
    }
}

impl embedded_io::ReadReady for Socket<'_> {
    fn read_ready(&mut self) -> Result<bool, embedded_io::ErrorKind> {
        if self.left() == 0 {
            return Ok(false);
        }
        match self.stream.peek(&mut [0]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            other => other.map(|_| true).map_err(broken),
        }
    }
}

impl embedded_io::WriteReady for Socket<'_> {
    fn write_ready(&mut self) -> Result<bool, embedded_io::ErrorKind> {
        Ok(true)
    }
}

fn broken(_: io::Error) -> embedded_io::ErrorKind {
    embedded_io::ErrorKind::Other
}
