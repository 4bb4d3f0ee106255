//! The session: the engine behind its guard, entered only when it cannot get stuck.

use embedded_io::{Read, ReadReady, Write, WriteReady};
use embedded_tls::blocking::TlsConnection;
use embedded_tls::{FlushPolicy, TlsContext};
use rand_core::CryptoRng;

use super::error::Error;
use super::guard::Guard;
use super::inspect::Suite;
use super::ledger::{Ledger, configure, evidence};
use super::verify::{Profile, Server};
use super::wire::{Tap, Wait, Wire};

/// A peer that sends nothing but tickets gets this many of them per call.
const RECORDS_PER_CALL: u32 = 4;

/// Lends a session the two record buffers of its engine.
///
/// # RAM
///
/// `receive` has to hold the largest record of the server, which is the one with its certificates:
/// 475 bytes for a single P-256 certificate of `openssl`, 887 for the leaf and CA of mosquitto. It
/// has to be as long as the staging buffer of the [`Wire`] too, to be of use. `transmit` has to
/// hold the `ClientHello`, 176 bytes and the server's name, at least 256; one record carries 133
/// bytes less than it is long.
#[derive(Debug)]
pub struct Buffers<'a> {
    pub(super) receive: &'a mut [u8],
    pub(super) transmit: &'a mut [u8],
}

impl<'a> Buffers<'a> {
    /// Takes the buffer for records that come in and the one for records that go out.
    pub fn new(receive: &'a mut [u8], transmit: &'a mut [u8]) -> Self {
        Self { receive, transmit }
    }
}

/// Holds a TLS 1.3 session with a verified server.
///
/// There is no session before the server has proven itself as its profile says (see [`Server`]): by
/// a certificate that is trusted and for its name and a signature over this very handshake, or by
/// the shared key. After
/// [`open`](Self::open) nothing here waits for the peer, but for a write that the socket cannot
/// take and the [`embedded_io::Read`] face.
///
/// After an error the session is dead: drop it and the [`Wire`], connect again. The front page of
/// the crate has an example.
pub struct Session<'w, 'b, S, W>
where
    S: Read + Write + ReadReady + WriteReady,
    W: FnMut() -> Wait,
{
    wire: &'w Wire<'b, S, W>,
    engine: TlsConnection<'w, Tap<'w, 'b, S, W>, Suite>,
    ledger: Ledger,
}

impl<'w, 'b, S, W> Session<'w, 'b, S, W>
where
    S: Read + Write + ReadReady + WriteReady,
    W: FnMut() -> Wait,
{
    /// Performs the handshake with `server` over a fresh `wire`.
    ///
    /// *Blocking time:* as long as the peer takes, and the arithmetic. The wait hook is called while
    /// the socket has nothing to read, or takes nothing; with a peer that is quick the whole
    /// handshake may run between two calls. It multiplies points of P-256 twice for the keys and
    /// checks one signature and those of the chain: one for each certificate of an honest one, 16
    /// whatever the peer sends. What it takes in is at most seven records (`ServerHello`,
    /// `ChangeCipherSpec`, five sealed ones), each no longer than its buffer.
    ///
    /// # RAM
    ///
    /// About 15 KB of stack on thumbv6m in the profile `chain`, 12 KB in the others: a handshake
    /// program peaks at 17.7, 14.9 (`pin`) and 14.1 KB (`psk`), of which 2.3 KB are the caller's
    /// buffers (`sizes.toml`, rows `tls`, `tls-pin`, `tls-psk`).
    ///
    /// # Errors
    ///
    /// Returns the first reason for which the server was refused, the error of the socket, or
    /// [`Error::TimedOut`] where the hook gave up. Nothing but the `ClientHello` was sent then,
    /// unless the error came after the server was verified.
    pub fn open<P: Profile, R: CryptoRng + ?Sized>(
        wire: &'w mut Wire<'b, S, W>,
        buffers: Buffers<'w>,
        server: &Server<P>,
        rng: &mut R,
    ) -> Result<Self, Error<S::Error>> {
        let wire = &*wire;
        let Buffers { receive, transmit } = buffers;
        let server = &server.proof;
        let config = configure(server, transmit).map_err(Error::widen)?;
        if !wire.with_filter(|filter| filter.start(receive.len(), evidence(server)))? {
            return Err(Error::Closed);
        }
        let mut engine = TlsConnection::new(Tap(wire), receive, transmit);
        engine.set_flush_policy(FlushPolicy::Relaxed);
        let mut guard = Guard::new(server, wire.findings(), rng);
        let opened = engine.open(TlsContext::new(&config, &mut guard));
        if let Err(error) = opened {
            return Err(wire.reason(error));
        }
        wire.findings().finished();
        wire.findings().require_verified().map_err(Error::widen)?;
        wire.with_filter(super::filter::Filter::finish)?;
        Ok(Self { wire, engine, ledger: Ledger::default() })
    }

    /// Takes in what has arrived and returns whether [`read`](Self::read) has something.
    ///
    /// *Blocking time:* none; at most four records are opened in one call.
    ///
    /// # Errors
    ///
    /// Returns why the session has ended: [`Error::Closed`] where the peer closed it in order.
    pub fn ready(&mut self) -> Result<bool, Error<S::Error>> {
        self.alive()?;
        let ready = self.take_in();
        self.ledger.note(ready)
    }

    /// Copies what has arrived into `out` and returns how much; 0 where nothing has.
    ///
    /// *Blocking time:* none.
    ///
    /// # Errors
    ///
    /// Returns why the session has ended, once everything before that was read.
    pub fn read(&mut self, out: &mut [u8]) -> Result<usize, Error<S::Error>> {
        if out.is_empty() || !self.ready()? {
            return Ok(0);
        }
        let copied = match self.engine.read_buffered() {
            Ok(mut rest) => Ok(rest.pop_into(out)),
            Err(error) => Err(self.wire.reason(error)),
        };
        let count = self.ledger.note(copied)?;
        self.ledger.read(count);
        Ok(count)
    }

    /// Sends the beginning of `bytes` as one record and returns how much of it.
    ///
    /// *Blocking time:* until the socket has taken the record; the wait hook decides.
    ///
    /// # Errors
    ///
    /// Returns the error of the socket, or [`Error::TimedOut`] where the hook gave up. The peer
    /// may then have a part of the record, so the session is dead.
    pub fn write(&mut self, bytes: &[u8]) -> Result<usize, Error<S::Error>> {
        self.alive()?;
        if bytes.is_empty() {
            return Ok(0);
        }
        let sent = self.send(bytes);
        self.ledger.note(sent)
    }

    /// Sends all of `bytes`, in as many records as it takes.
    ///
    /// *Blocking time:* as that of [`write`](Self::write) for each record.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_all(&mut self, mut bytes: &[u8]) -> Result<(), Error<S::Error>> {
        while !bytes.is_empty() {
            let count = self.write(bytes)?;
            bytes = bytes.get(count..).unwrap_or_default();
        }
        Ok(())
    }

    /// Flushes the socket; the session itself keeps nothing back.
    ///
    /// *Blocking time:* that of the socket's own `flush`.
    ///
    /// # Errors
    ///
    /// Returns the error of the socket.
    pub fn flush(&mut self) -> Result<(), Error<S::Error>> {
        self.alive()?;
        let flushed = self.wire.flush();
        self.ledger.note(flushed)
    }

    /// Tells the peer that nothing more comes, and ends the session.
    ///
    /// *Blocking time:* as that of [`write`](Self::write) for one short record.
    ///
    /// # Errors
    ///
    /// Returns the error of the socket; the session has ended all the same.
    pub fn close(self) -> Result<(), Error<S::Error>> {
        self.alive()?;
        match self.engine.close() {
            Ok(_) => Ok(()),
            Err((_, error)) => Err(self.wire.reason(error)),
        }
    }

    fn alive(&self) -> Result<(), Error<S::Error>> {
        self.ledger.alive(self.wire.findings()).map_err(Error::widen)
    }

    fn take_in(&mut self) -> Result<bool, Error<S::Error>> {
        for _ in 0..RECORDS_PER_CALL {
            if self.ledger.has_unread() {
                return Ok(true);
            }
            if !self.wire.pump()? {
                return Ok(false);
            }
            self.open_record()?;
        }
        Ok(self.ledger.has_unread())
    }

    fn open_record(&mut self) -> Result<(), Error<S::Error>> {
        self.ledger.open().map_err(Error::widen)?;
        match self.engine.read_buffered() {
            Ok(record) => self.ledger.opened(record).map_err(Error::widen),
            Err(error) => Err(self.wire.reason(error)),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> Result<usize, Error<S::Error>> {
        self.ledger.seal().map_err(Error::widen)?;
        let sent = self.engine.write(bytes).and_then(|count| {
            self.engine.flush()?;
            Ok(count)
        });
        match sent {
            Ok(0) => Err(Error::Bug),
            Ok(count) => Ok(count),
            Err(error) => Err(self.wire.reason(error)),
        }
    }
}

impl<S, W> embedded_io::ErrorType for Session<'_, '_, S, W>
where
    S: Read + Write + ReadReady + WriteReady,
    W: FnMut() -> Wait,
{
    type Error = Error<S::Error>;
}

/// Waits for the peer as every [`embedded_io::Read`] does, with the wait hook of the wire; a caller
/// that must not wait asks [`read_ready`](ReadReady::read_ready) first.
impl<S, W> Read for Session<'_, '_, S, W>
where
    S: Read + Write + ReadReady + WriteReady,
    W: FnMut() -> Wait,
{
    /// Returns 0 only where the peer has closed the session in order.
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Self::Error> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            match self.read(out) {
                Ok(0) => {}
                Err(Error::Closed) => return Ok(0),
                done => return done,
            }
            let waited = self.wire.wait_readable();
            self.ledger.note(waited)?;
        }
    }
}

impl<S, W> ReadReady for Session<'_, '_, S, W>
where
    S: Read + Write + ReadReady + WriteReady,
    W: FnMut() -> Wait,
{
    /// Returns whether a read would return at once, with bytes or with an error.
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        self.ready()
    }
}

impl<S, W> Write for Session<'_, '_, S, W>
where
    S: Read + Write + ReadReady + WriteReady,
    W: FnMut() -> Wait,
{
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.write(bytes)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.flush()
    }
}
