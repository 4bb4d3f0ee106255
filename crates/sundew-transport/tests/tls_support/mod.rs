//! What the TLS tests share: sockets, certificates, servers.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test panics where it fails"
)]

pub mod certificates;
pub mod hostile;
pub mod openssl;

use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use embedded_io::{Read, ReadReady, Write, WriteReady};
use rand_core::SeedableRng;
use sundew_transport::tls::{
    Buffers, CertTime, Error, Profile, Server, Session, TrustAnchor, Wait, Wire,
};

/// A TCP stream as a board would offer it.
pub struct Socket(TcpStream);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketError(pub ErrorKind);

impl core::fmt::Display for SocketError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(formatter)
    }
}

impl core::error::Error for SocketError {}

impl embedded_io::Error for SocketError {
    fn kind(&self) -> embedded_io::ErrorKind {
        embedded_io::ErrorKind::Other
    }
}

impl Socket {
    pub fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("connect");
        stream.set_nonblocking(true).expect("non-blocking");
        stream.set_nodelay(true).expect("no delay");
        Self(stream)
    }
}

fn retried<T>(mut act: impl FnMut() -> io::Result<T>) -> Result<T, SocketError> {
    loop {
        match act() {
            Ok(done) => return Ok(done),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_micros(200));
            }
            Err(error) => return Err(SocketError(error.kind())),
        }
    }
}

impl embedded_io::ErrorType for Socket {
    type Error = SocketError;
}

impl Read for Socket {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, SocketError> {
        retried(|| io::Read::read(&mut self.0, out))
    }
}

impl ReadReady for Socket {
    fn read_ready(&mut self) -> Result<bool, SocketError> {
        match self.0.peek(&mut [0]) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(SocketError(error.kind())),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, SocketError> {
        retried(|| io::Write::write(&mut self.0, bytes))
    }

    fn flush(&mut self) -> Result<(), SocketError> {
        Ok(())
    }
}

impl WriteReady for Socket {
    fn write_ready(&mut self) -> Result<bool, SocketError> {
        Ok(true)
    }
}

/// The same stream for an executor: what would block is pending.
#[cfg(feature = "async")]
pub mod asynch {
    use core::future::poll_fn;
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};
    use std::io::{self, ErrorKind};
    use std::time::{Duration, Instant};

    use super::{Socket, SocketError};

    pub struct SocketAsync(Socket);

    impl SocketAsync {
        pub fn connect(port: u16) -> Self {
            Self(Socket::connect(port))
        }
    }

    impl embedded_io::ErrorType for SocketAsync {
        type Error = SocketError;
    }

    fn polled<T>(done: io::Result<T>) -> Poll<Result<T, SocketError>> {
        match done {
            Ok(done) => Poll::Ready(Ok(done)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
            Err(error) => Poll::Ready(Err(SocketError(error.kind()))),
        }
    }

    impl embedded_io_async::Read for SocketAsync {
        async fn read(&mut self, out: &mut [u8]) -> Result<usize, SocketError> {
            poll_fn(|_| polled(io::Read::read(&mut self.0.0, out))).await
        }
    }

    impl embedded_io_async::Write for SocketAsync {
        async fn write(&mut self, bytes: &[u8]) -> Result<usize, SocketError> {
            poll_fn(|_| polled(io::Write::write(&mut self.0.0, bytes))).await
        }

        async fn flush(&mut self) -> Result<(), SocketError> {
            Ok(())
        }
    }

    /// Polls `future` until it is ready or `limit` has passed; `None` where it was dropped.
    pub fn run<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
        let start = Instant::now();
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
            {
                return Some(done);
            }
            if start.elapsed() >= limit {
                return None;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    }
}

/// Waits a millisecond at a time and gives up after `limit`.
pub fn patience(limit: Duration) -> impl FnMut() -> Wait {
    let start = Instant::now();
    move || {
        std::thread::sleep(Duration::from_millis(1));
        if start.elapsed() < limit { Wait::Again } else { Wait::GiveUp }
    }
}

pub fn rng() -> chacha20::ChaCha20Rng {
    let mut seed = [0; 32];
    let mut file = std::fs::File::open("/dev/urandom").expect("/dev/urandom");
    io::Read::read_exact(&mut file, &mut seed).expect("a seed");
    chacha20::ChaCha20Rng::from_seed(seed)
}

pub fn now() -> CertTime {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("clock");
    CertTime::Now(since.as_secs())
}

pub type Live<'w, 'b, W> = Session<'w, 'b, Socket, W>;

/// Opens a session with the server at `port` and lets `act` use it.
pub fn with_session<T>(
    port: u16,
    (name, anchor, time): (&str, &[u8], CertTime),
    act: impl FnOnce(Live<'_, '_, &mut dyn FnMut() -> Wait>) -> Result<T, Error<SocketError>>,
) -> Result<T, Error<SocketError>> {
    let anchor = TrustAnchor::from_der(anchor).expect("an anchor");
    with_server(port, &Server::chain(name, anchor, time), act)
}

/// Opens a session with `server` at `port` and lets `act` use it.
pub fn with_server<P: Profile, T>(
    port: u16,
    server: &Server<P>,
    act: impl FnOnce(Live<'_, '_, &mut dyn FnMut() -> Wait>) -> Result<T, Error<SocketError>>,
) -> Result<T, Error<SocketError>> {
    let (mut staging, mut receive, mut transmit) = ([0; 1024], [0; 4096], [0; 512]);
    let mut wait = patience(Duration::from_secs(10));
    let wait: &mut dyn FnMut() -> Wait = &mut wait;
    let mut wire = Wire::new(Socket::connect(port), wait, &mut staging);
    let buffers = Buffers::new(&mut receive, &mut transmit);
    act(Session::open(&mut wire, buffers, server, &mut rng())?)
}

/// Reads through [`Session::ready`] until `count` bytes are here.
pub fn read_exactly<W: FnMut() -> Wait>(
    session: &mut Live<'_, '_, W>,
    count: usize,
) -> Result<Vec<u8>, Error<SocketError>> {
    let start = Instant::now();
    let mut bytes = Vec::new();
    while bytes.len() < count {
        let mut some = [0; 100];
        let length = session.read(&mut some)?;
        bytes.extend_from_slice(&some[..length]);
        assert!(start.elapsed() < Duration::from_secs(10), "only {bytes:?} came");
    }
    Ok(bytes)
}
