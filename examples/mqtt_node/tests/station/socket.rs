//! A TCP socket that never waits, and that can fall silent after some bytes.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::TcpStream;

/// Counts what came in, and holds back what comes after a limit.
pub struct Socket<'c> {
    stream: TcpStream,
    received: &'c Cell<usize>,
    limit: usize,
}

impl<'c> Socket<'c> {
    /// Connects to a server of this computer; `received` counts the bytes that came in, of which
    /// there will be at most `limit`.
    pub fn connect(port: u16, received: &'c Cell<usize>, limit: usize) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nonblocking(true).unwrap();
        Self { stream, received, limit }
    }

    fn left(&self) -> usize {
        self.limit - self.received.get()
    }
}

impl embedded_io::ErrorType for Socket<'_> {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Read for Socket<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, embedded_io::ErrorKind> {
        let room = buffer.len().min(self.left());
        let count = self.stream.read(&mut buffer[..room]).map_err(broken)?;
        self.received.set(self.received.get() + count);
        Ok(count)
    }
}

impl embedded_io::Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, embedded_io::ErrorKind> {
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
