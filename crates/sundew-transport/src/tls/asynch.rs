//! The session for executors: the same filter, guard and ledger, other waiting.
//!
//! There is no wait hook. Whoever awaits gives up by dropping the future, with the timer of the
//! executor; what a dropped future costs stands at each method.

use core::cell::RefCell;

use embedded_io_async::{Read, Write};
use embedded_tls::{FlushPolicy, TlsConnection, TlsContext, TlsError};
use rand_core::CryptoRng;

use super::error::Error;
use super::filter::Filter;
use super::guard::{Findings, Guard};
use super::inspect::Suite;
use super::ledger::{Ledger, configure, evidence, reason};
use super::session::Buffers;
use super::verify::{Profile, Server};
use super::wire::Broken;

/// Holds the socket of one connection and the staging buffer of its filter.
///
/// A wire serves one [`SessionAsync`]; a new connection takes a new wire.
///
/// # RAM
///
/// As [`Wire`](super::Wire).
pub struct WireAsync<'b, S: embedded_io::ErrorType> {
    line: RefCell<Line<'b, S>>,
    findings: Findings,
}

struct Line<'b, S: embedded_io::ErrorType> {
    socket: S,
    filter: Filter<'b>,
    fault: Option<Error<S::Error>>,
}

impl<'b, S: Read + Write> WireAsync<'b, S> {
    /// Wraps a connected `socket`.
    pub fn new(socket: S, staging: &'b mut [u8]) -> Self {
        let line = Line { socket, filter: Filter::new(staging), fault: None };
        Self { line: RefCell::new(line), findings: Findings::new() }
    }

    /// Returns the socket, for example to close the connection.
    pub fn into_socket(self) -> S {
        self.line.into_inner().socket
    }

    fn with_filter<T>(&self, act: impl FnOnce(&mut Filter<'b>) -> T) -> Result<T, Error<S::Error>> {
        let mut line = self.line.try_borrow_mut().map_err(|_| Error::Bug)?;
        Ok(act(&mut line.filter))
    }

    /// Waits for a whole record. What has come in of it stays when the future is dropped.
    #[expect(clippy::await_holding_refcell_ref, reason = "the session lends the wire exclusively")]
    async fn fill(&self) -> Result<(), Error<S::Error>> {
        let mut line = self.line.try_borrow_mut().map_err(|_| Error::Bug)?;
        while !line.filter.holds_record() {
            line.step(&self.findings).await?;
        }
        Ok(())
    }

    fn reason(&self, error: TlsError) -> Error<S::Error> {
        let fault = self.line.try_borrow_mut().ok().and_then(|mut line| line.fault.take());
        reason(fault, &self.findings, error)
    }
}

impl<S: Read + Write> Line<'_, S> {
    async fn step(&mut self, findings: &Findings) -> Result<(), Error<S::Error>> {
        let space = self.filter.space();
        if space.is_empty() {
            return Err(Error::Bug);
        }
        match self.socket.read(space).await.map_err(Error::Io)? {
            0 => Err(Error::CutOff),
            count => self.filter.received(count, findings.progress()).map_err(Error::widen),
        }
    }

    async fn read(
        &mut self,
        out: &mut [u8],
        findings: &Findings,
    ) -> Result<usize, Error<S::Error>> {
        loop {
            match self.filter.serve(out) {
                0 => {}
                count => return Ok(count),
            }
            let streamable = self.filter.to_stream().min(out.len());
            if streamable > 0 {
                let out = out.get_mut(..streamable).ok_or(Error::Bug)?;
                let count = self.socket.read(out).await.map_err(Error::Io)?;
                if count == 0 {
                    return Err(Error::CutOff);
                }
                self.filter.streamed(count);
                return Ok(count);
            }
            if self.filter.is_open() || out.is_empty() {
                return Err(Error::Bug);
            }
            self.step(findings).await?;
        }
    }

    async fn write(&mut self, bytes: &[u8], findings: &Findings) -> Result<usize, Error<S::Error>> {
        let may_answer = findings.may_answer(self.filter.is_in_flight());
        if !self.filter.awaits_hello() && !may_answer {
            return Err(findings.verdict().unwrap_or(Error::Handshake).widen());
        }
        match self.socket.write(bytes).await.map_err(Error::Io)? {
            0 => Err(Error::CutOff),
            count => Ok(count),
        }
    }

    fn keep<T>(&mut self, result: Result<T, Error<S::Error>>) -> Result<T, Broken> {
        result.map_err(|error| {
            self.fault.get_or_insert(error);
            Broken
        })
    }
}

/// Lends a wire to the engine.
struct Tap<'w, 'b, S: embedded_io::ErrorType>(&'w WireAsync<'b, S>);

impl<S: embedded_io::ErrorType> embedded_io::ErrorType for Tap<'_, '_, S> {
    type Error = Broken;
}

#[expect(clippy::await_holding_refcell_ref, reason = "the session lends the wire exclusively")]
impl<S: Read + Write> Read for Tap<'_, '_, S> {
    async fn read(&mut self, out: &mut [u8]) -> Result<usize, Broken> {
        let mut line = self.0.line.try_borrow_mut().map_err(|_| Broken)?;
        let done = line.read(out, &self.0.findings).await;
        line.keep(done)
    }
}

#[expect(clippy::await_holding_refcell_ref, reason = "the session lends the wire exclusively")]
impl<S: Read + Write> Write for Tap<'_, '_, S> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        let mut line = self.0.line.try_borrow_mut().map_err(|_| Broken)?;
        let done = line.write(bytes, &self.0.findings).await;
        line.keep(done)
    }

    async fn flush(&mut self) -> Result<(), Broken> {
        let mut line = self.0.line.try_borrow_mut().map_err(|_| Broken)?;
        let done = line.socket.flush().await.map_err(Error::Io);
        line.keep(done)
    }
}

/// Holds a TLS 1.3 session with a verified server; the async face of
/// [`Session`](super::Session), with the same promises.
pub struct SessionAsync<'w, 'b, S: Read + Write> {
    wire: &'w WireAsync<'b, S>,
    engine: TlsConnection<'w, Tap<'w, 'b, S>, Suite>,
    ledger: Ledger,
}

impl<'w, 'b, S: Read + Write> SessionAsync<'w, 'b, S> {
    /// Performs the handshake with `server` over a fresh `wire`.
    ///
    /// *Cancel safety:* a dropped handshake is lost, and the connection with it.
    ///
    /// # Errors
    ///
    /// As [`Session::open`](super::Session::open).
    pub async fn open<P: Profile, R: CryptoRng + ?Sized>(
        wire: &'w mut WireAsync<'b, S>,
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
        let mut guard = Guard::new(server, &wire.findings, rng);
        if let Err(error) = engine.open(TlsContext::new(&config, &mut guard)).await {
            return Err(wire.reason(error));
        }
        wire.findings.finished();
        wire.findings.require_verified().map_err(Error::widen)?;
        wire.with_filter(Filter::finish)?;
        Ok(Self { wire, engine, ledger: Ledger::default() })
    }

    /// Returns whether a read would return at once: bytes are here, or a whole record.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Closed`] where the session has ended.
    pub fn ready(&mut self) -> Result<bool, Error<S::Error>> {
        self.ledger.alive(&self.wire.findings).map_err(Error::widen)?;
        Ok(self.ledger.has_unread() || self.wire.with_filter(|filter| filter.holds_record())?)
    }

    /// Waits for data, copies it into `out` and returns how much; 0 only where `out` is empty.
    ///
    /// *Cancel safety:* a dropped read has taken nothing, if that holds for the socket's own read.
    ///
    /// # Errors
    ///
    /// Returns why the session has ended: [`Error::Closed`] where the peer closed it in order.
    pub async fn read(&mut self, out: &mut [u8]) -> Result<usize, Error<S::Error>> {
        self.ledger.alive(&self.wire.findings).map_err(Error::widen)?;
        if out.is_empty() {
            return Ok(0);
        }
        while !self.ledger.has_unread() {
            // The one place that waits. Behind it the engine finds a whole record and does not.
            let filled = self.wire.fill().await;
            self.ledger.note(filled)?;
            let opened = self.open_record().await;
            self.ledger.note(opened)?;
        }
        let copied = match self.engine.read_buffered().await {
            Ok(mut rest) => Ok(rest.pop_into(out)),
            Err(error) => Err(self.wire.reason(error)),
        };
        let count = self.ledger.note(copied)?;
        self.ledger.read(count);
        Ok(count)
    }

    /// Sends the beginning of `bytes` as one record and returns how much of it.
    ///
    /// *Cancel safety:* a part of the record may have gone out, so the session is dead when the
    /// future is dropped.
    ///
    /// # Errors
    ///
    /// Returns the error of the socket.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<usize, Error<S::Error>> {
        self.ledger.alive(&self.wire.findings).map_err(Error::widen)?;
        if bytes.is_empty() {
            return Ok(0);
        }
        self.ledger.suspend();
        let sent = self.send(bytes).await;
        self.ledger.resume(sent)
    }

    /// Sends all of `bytes`, in as many records as it takes.
    ///
    /// *Cancel safety:* as that of [`write`](Self::write).
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub async fn write_all(&mut self, mut bytes: &[u8]) -> Result<(), Error<S::Error>> {
        while !bytes.is_empty() {
            let count = self.write(bytes).await?;
            bytes = bytes.get(count..).unwrap_or_default();
        }
        Ok(())
    }

    /// Flushes the socket; the session itself keeps nothing back.
    ///
    /// *Cancel safety:* that of the socket's own `flush`.
    ///
    /// # Errors
    ///
    /// Returns the error of the socket.
    #[expect(clippy::await_holding_refcell_ref, reason = "the session lends the wire exclusively")]
    pub async fn flush(&mut self) -> Result<(), Error<S::Error>> {
        self.ledger.alive(&self.wire.findings).map_err(Error::widen)?;
        let mut line = self.wire.line.try_borrow_mut().map_err(|_| Error::Bug)?;
        let flushed = line.socket.flush().await.map_err(Error::Io);
        self.ledger.note(flushed)
    }

    /// Tells the peer that nothing more comes, and ends the session.
    ///
    /// # Errors
    ///
    /// Returns the error of the socket; the session has ended all the same.
    pub async fn close(self) -> Result<(), Error<S::Error>> {
        self.ledger.alive(&self.wire.findings).map_err(Error::widen)?;
        match self.engine.close().await {
            Ok(_) => Ok(()),
            Err((_, error)) => Err(self.wire.reason(error)),
        }
    }

    async fn open_record(&mut self) -> Result<(), Error<S::Error>> {
        self.ledger.open().map_err(Error::widen)?;
        match self.engine.read_buffered().await {
            Ok(record) => self.ledger.opened(record).map_err(Error::widen),
            Err(error) => Err(self.wire.reason(error)),
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<usize, Error<S::Error>> {
        self.ledger.seal().map_err(Error::widen)?;
        let sent = match self.engine.write(bytes).await {
            Ok(count) => self.engine.flush().await.map(|()| count),
            Err(error) => Err(error),
        };
        match sent {
            Ok(0) => Err(Error::Bug),
            Ok(count) => Ok(count),
            Err(error) => Err(self.wire.reason(error)),
        }
    }
}

impl<S: Read + Write> embedded_io::ErrorType for SessionAsync<'_, '_, S> {
    type Error = Error<S::Error>;
}

impl<S: Read + Write> Read for SessionAsync<'_, '_, S> {
    /// Returns 0 only where the peer has closed the session in order.
    async fn read(&mut self, out: &mut [u8]) -> Result<usize, Self::Error> {
        match self.read(out).await {
            Err(Error::Closed) => Ok(0),
            done => done,
        }
    }
}

impl<S: Read + Write> Write for SessionAsync<'_, '_, S> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.write(bytes).await
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        self.flush().await
    }
}

#[cfg(test)]
mod tests {
    use core::future::Future;
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};

    use super::super::hello::Evidence;
    use super::*;

    /// A socket that counts what goes out.
    struct Counter<'c>(&'c mut usize);

    impl embedded_io::ErrorType for Counter<'_> {
        type Error = core::convert::Infallible;
    }

    impl Read for Counter<'_> {
        async fn read(&mut self, _: &mut [u8]) -> Result<usize, Self::Error> {
            Ok(0)
        }
    }

    impl Write for Counter<'_> {
        async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
            *self.0 += bytes.len();
            Ok(bytes.len())
        }

        async fn flush(&mut self) -> Result<(), Self::Error> {
            Ok(())
        }
    }

    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => done,
            Poll::Pending => panic!("it waits"),
        }
    }

    #[test]
    fn only_the_hello_goes_out_to_a_server_that_is_not_verified() {
        let mut sent = 0;
        let mut staging = [0; 128];
        let wire = WireAsync::new(Counter(&mut sent), &mut staging);
        wire.with_filter(|filter| filter.start(128, Evidence::Certificate)).unwrap();
        assert_eq!(now(Tap(&wire).write(b"hello")).unwrap(), 5);
        wire.with_filter(Filter::finish).unwrap();
        assert!(now(Tap(&wire).write(b"secret")).is_err());
        assert_eq!(wire.reason(TlsError::IoError), Error::Handshake);
        let _ = wire.into_socket();
        assert_eq!(sent, 5);
    }
}
