//! `tls`: a TLS 1.3 handshake with a verified server, and one record to it.
//!
//! The server is a recording of `openssl s_server` (see `record`). It fits because `Steady` draws
//! the same key for the client each time.

use core::convert::Infallible;
use core::hint::black_box;

use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use sundew_transport::tls::{Buffers, CertTime, Server, Session, TrustAnchor, Wait, Wire};

use crate::steady::Steady;

/// The name in the server's certificate.
pub const NAME: &str = "broker.example";
/// The time at which the recording was made, in Unix seconds.
static TIME: &[u8; 4] = include_bytes!("tls/time.raw");
/// The authority that signed the server's certificate.
static ANCHOR: &[u8] = include_bytes!("tls/anchor.der");
/// What the server sent.
static FLIGHT: &[u8] = include_bytes!("tls/flight.raw");

#[inline(never)]
pub(crate) fn run() -> bool {
    let time = u32::from_be_bytes(*black_box(TIME));
    exchange(Recording { rest: black_box(FLIGHT) }, black_box(ANCHOR), time)
}

/// Opens a session over `socket`, sends one record, and returns whether both went well.
pub fn exchange<S>(socket: S, anchor: &[u8], unix: u32) -> bool
where
    S: Read + Write + ReadReady + WriteReady,
{
    let Ok(anchor) = TrustAnchor::from_der(anchor) else { return false };
    let server = Server::new(NAME, anchor, CertTime::Now(u64::from(unix)));
    let (mut staging, mut receive, mut transmit) = ([0; 1024], [0; 1024], [0; 256]);
    let mut waits = 0_u32;
    let wait = || {
        waits += 1;
        if waits < 10_000_000 { Wait::Again } else { Wait::GiveUp }
    };
    let mut wire = Wire::new(socket, wait, &mut staging);
    let buffers = Buffers::new(&mut receive, &mut transmit);
    let Ok(mut session) = Session::open(&mut wire, buffers, &server, &mut Steady(1)) else {
        return false;
    };
    session.write_all(&black_box([5; 48])).is_ok()
}

/// Gives what was recorded, and takes everything.
struct Recording {
    rest: &'static [u8],
}

impl ErrorType for Recording {
    type Error = Infallible;
}

impl Read for Recording {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let length = self.rest.len().min(buffer.len());
        let (now, later) = self.rest.split_at_checked(length).unwrap_or_default();
        buffer.iter_mut().zip(now).for_each(|(to, from)| *to = *from);
        self.rest = later;
        Ok(length)
    }
}

impl ReadReady for Recording {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(!self.rest.is_empty())
    }
}

impl Write for Recording {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        Ok(black_box(bytes).len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl WriteReady for Recording {
    fn write_ready(&mut self) -> Result<bool, Infallible> {
        Ok(true)
    }
}
