//! A TCP connection as `embedded_io` traits, which tell when they would have to wait.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use sundew::core::{Classify, ErrorKind};

/// How long [`Connection::open`] may take; on the loopback the answer comes at once.
const OPEN_LIMIT: Duration = Duration::from_secs(2);
/// How long a call waits that was made although it was not ready.
const WAIT_LIMIT: Duration = Duration::from_secs(10);

/// Connects to one port of this computer.
///
/// *Blocking time*: none for a call that its `_ready` method had allowed, else up to 10 s.
pub(crate) struct Connection {
    stream: TcpStream,
    /// Holds what was taken but the socket has no room for yet; nothing more is taken until it
    /// is gone, so it never holds more than one call's bytes.
    waiting: Vec<u8>,
}

impl Connection {
    /// Connects to `port`.
    ///
    /// # Errors
    ///
    /// Returns an error where nobody listens there.
    pub(crate) fn open(port: u16) -> io::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let stream = TcpStream::connect_timeout(&address, OPEN_LIMIT)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, waiting: Vec::new() })
    }

    /// Hands over what waits, as far as the socket has room.
    fn push(&mut self) -> io::Result<()> {
        while !self.waiting.is_empty() {
            match self.stream.write(&self.waiting) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(taken) => drop(self.waiting.drain(..taken)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl ErrorType for Connection {
    type Error = io::Error;
}

impl ReadReady for Connection {
    fn read_ready(&mut self) -> io::Result<bool> {
        // A closed connection is ready: the read that follows says so.
        match self.stream.peek(&mut [0]) {
            Ok(_) => Ok(true),
            Err(error) if is_pause(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Read for Connection {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        wait(|| match self.stream.read(bytes) {
            Err(error) if is_pause(&error) => Ok(None),
            result => result.map(Some),
        })
    }
}

impl WriteReady for Connection {
    fn write_ready(&mut self) -> io::Result<bool> {
        self.push()?;
        Ok(self.waiting.is_empty())
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.flush()?;
        self.waiting.extend_from_slice(bytes);
        self.push()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        wait(|| Ok(self.write_ready()?.then_some(())))
    }
}

/// Says that no connection could be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreachable(pub(crate) io::ErrorKind);

impl Classify for Unreachable {
    /// Returns [`ErrorKind::Bus`]: the line may be better at the next attempt.
    fn kind(&self) -> ErrorKind {
        ErrorKind::Bus
    }
}

/// Tries until there is a result, or until too much time has passed.
fn wait<T>(mut attempt: impl FnMut() -> io::Result<Option<T>>) -> io::Result<T> {
    let until = Instant::now() + WAIT_LIMIT;
    loop {
        if let Some(result) = attempt()? {
            return Ok(result);
        }
        if Instant::now() > until {
            return Err(io::ErrorKind::TimedOut.into());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn pair() -> (Connection, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let near = Connection::open(listener.local_addr().unwrap().port()).unwrap();
        (near, listener.accept().unwrap().0)
    }

    /// Waits for the loopback to deliver.
    fn soon(mut holds: impl FnMut() -> bool) {
        wait(|| Ok(holds().then_some(()))).unwrap();
    }

    #[test]
    fn it_is_ready_when_there_is_something_to_read_or_the_end() {
        let (mut near, mut far) = pair();
        assert!(!near.read_ready().unwrap());
        far.write_all(b"hello").unwrap();
        soon(|| near.read_ready().unwrap());
        let mut bytes = [0; 9];
        assert_eq!(near.read(&mut bytes).unwrap(), 5);
        assert!(!near.read_ready().unwrap());
        drop(far);
        soon(|| near.read_ready().unwrap());
        assert_eq!(near.read(&mut bytes).unwrap(), 0);
    }

    #[test]
    fn it_is_not_ready_while_the_peer_takes_nothing_and_loses_nothing() {
        let (mut near, mut far) = pair();
        let chunk = [7; 8_192];
        let mut sent = 0;
        while near.write_ready().unwrap() {
            sent += near.write(&chunk).unwrap();
            assert!(sent < 1 << 26, "64 MiB and still ready");
        }
        let reader = std::thread::spawn(move || {
            let mut received = 0;
            let mut bytes = [0; 8_192];
            while received < sent {
                received += far.read(&mut bytes).unwrap();
            }
            received
        });
        near.flush().unwrap();
        assert_eq!(reader.join().unwrap(), sent);
    }

    #[test]
    fn nobody_there_is_an_error() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        assert!(Connection::open(port).is_err());
    }
}
