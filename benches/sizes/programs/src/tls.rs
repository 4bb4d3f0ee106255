//! `tls`, `tls-pin`, `tls-psk`: a TLS 1.3 handshake with a verified server, and one record to it.
//!
//! The server is a recording of `openssl s_server` (see `record`). It fits because `Steady` draws
//! the same key for the client each time.

use core::convert::Infallible;
use core::hint::black_box;

use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use sundew_identity::Psk;
#[cfg(any(feature = "tls", feature = "tls-pin"))]
use sundew_transport::tls::CertTime;
#[cfg(feature = "tls")]
use sundew_transport::tls::TrustAnchor;
use sundew_transport::tls::{Buffers, Profile, Server, Session, Wait, Wire};

use crate::steady::Steady;

/// The name in the server's certificate.
pub const NAME: &str = "broker.example";
/// What the server and the device share in the profile `psk`.
pub const PSK: Psk<'static> = Psk { identity: b"weather-7", key: b"sixteen bytes ok" };

/// Believes whom the anchor vouches for.
#[cfg(feature = "tls")]
#[inline(never)]
pub(crate) fn chain() -> bool {
    let anchor: &[u8] = include_bytes!("tls/anchor.der");
    let Ok(anchor) = TrustAnchor::from_der(black_box(anchor)) else { return false };
    let flight: &[u8] = include_bytes!("tls/flight.raw");
    exchange(Recording { rest: black_box(flight) }, &Server::chain(NAME, anchor, time()))
}

/// Believes the key that was named.
#[cfg(feature = "tls-pin")]
#[inline(never)]
pub(crate) fn pin() -> bool {
    let pins = black_box([*include_bytes!("tls/pin.raw")]);
    let flight: &[u8] = include_bytes!("tls/flight.raw");
    exchange(Recording { rest: black_box(flight) }, &Server::pin(NAME, &pins, time()))
}

/// Believes who has the key of the device.
#[cfg(feature = "tls-psk")]
#[inline(never)]
pub(crate) fn psk() -> bool {
    let flight: &[u8] = include_bytes!("tls/flight-psk.raw");
    exchange(Recording { rest: black_box(flight) }, &Server::psk(black_box(PSK)))
}

/// The time at which the recording was made.
#[cfg(any(feature = "tls", feature = "tls-pin"))]
fn time() -> CertTime {
    CertTime::Now(u64::from(u32::from_be_bytes(*black_box(include_bytes!("tls/time.raw")))))
}

/// Opens a session over `socket`, sends one record, and returns whether both went well.
pub fn exchange<S, P: Profile>(socket: S, server: &Server<P>) -> bool
where
    S: Read + Write + ReadReady + WriteReady,
{
    let (mut staging, mut receive, mut transmit) = ([0; 1024], [0; 1024], [0; 256]);
    let mut waits = 0_u32;
    let wait = || {
        waits += 1;
        if waits < 10_000_000 { Wait::Again } else { Wait::GiveUp }
    };
    let mut wire = Wire::new(socket, wait, &mut staging);
    let buffers = Buffers::new(&mut receive, &mut transmit);
    let Ok(mut session) = Session::open(&mut wire, buffers, server, &mut Steady(1)) else {
        return false;
    };
    session.write_all(&black_box([5; 48])).is_ok()
}

/// Gives what was recorded, and takes everything.
#[cfg_attr(not(any(feature = "tls", feature = "tls-pin", feature = "tls-psk")), expect(dead_code))]
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
