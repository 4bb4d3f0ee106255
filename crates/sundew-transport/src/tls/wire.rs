//! The socket of a session with the filter on it: what the engine reads from and writes to.

use core::cell::RefCell;

use embedded_io::{Read, ReadReady, Write, WriteReady};
use embedded_tls::TlsError;

use super::error::Error;
use super::filter::Filter;
use super::guard::Findings;
use super::ledger::reason;

/// Says what to do about a peer that keeps a session waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "there is no third way to wait")]
pub enum Wait {
    /// Looks again.
    Again,
    /// Ends the session with [`Error::TimedOut`].
    GiveUp,
}

/// Holds the socket of one connection, its wait hook and the staging buffer of its filter.
///
/// A wire serves one [`Session`](super::Session); a new connection takes a new wire.
///
/// # RAM
///
/// `staging` has to hold the largest record that comes after the handshake, without its 5 bytes of
/// header: session tickets (openssl 3.0 sends 234 bytes, mosquitto up to 666) and whatever the
/// application's own protocol brings, plus 17.
pub struct Wire<'b, S: embedded_io::ErrorType, W> {
    line: RefCell<Line<'b, S, W>>,
    findings: Findings,
}

struct Line<'b, S: embedded_io::ErrorType, W> {
    socket: S,
    wait: W,
    filter: Filter<'b>,
    fault: Option<Error<S::Error>>,
}

impl<'b, S, W> Wire<'b, S, W>
where
    S: Read + Write + ReadReady + WriteReady,
    W: FnMut() -> Wait,
{
    /// Wraps a connected `socket`.
    ///
    /// `wait` is called again and again while the peer keeps the session waiting, during the
    /// handshake and while a write is blocked. The board sleeps, polls its network and samples its
    /// sensors there, looks at its deadline and says when to give up.
    pub fn new(socket: S, wait: W, staging: &'b mut [u8]) -> Self {
        let line = Line { socket, wait, filter: Filter::new(staging), fault: None };
        Self { line: RefCell::new(line), findings: Findings::new() }
    }

    /// Returns the socket, for example to close the connection.
    pub fn into_socket(self) -> S {
        self.line.into_inner().socket
    }

    pub(super) fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Lets `act` work on the filter.
    pub(super) fn with_filter<T>(
        &self,
        act: impl FnOnce(&mut Filter<'b>) -> T,
    ) -> Result<T, Error<S::Error>> {
        let mut line = self.line.try_borrow_mut().map_err(|_| Error::Bug)?;
        Ok(act(&mut line.filter))
    }

    /// Takes in what the socket has, up to one whole record; never waits.
    pub(super) fn pump(&self) -> Result<bool, Error<S::Error>> {
        let mut line = self.line.try_borrow_mut().map_err(|_| Error::Bug)?;
        let line = &mut *line;
        while !line.filter.holds_record() {
            if !line.socket.read_ready().map_err(Error::Io)? {
                return Ok(false);
            }
            line.step(&self.findings)?;
        }
        Ok(true)
    }

    /// Calls the wait hook until the socket has something.
    pub(super) fn wait_readable(&self) -> Result<(), Error<S::Error>> {
        self.line.try_borrow_mut().map_err(|_| Error::Bug)?.wait_readable()
    }

    /// Flushes the socket.
    pub(super) fn flush(&self) -> Result<(), Error<S::Error>> {
        self.line.try_borrow_mut().map_err(|_| Error::Bug)?.socket.flush().map_err(Error::Io)
    }

    /// Returns why the engine failed.
    pub(super) fn reason(&self, error: TlsError) -> Error<S::Error> {
        reason(self.take_fault(), &self.findings, error)
    }

    /// Returns the error that the engine was not told in full.
    fn take_fault(&self) -> Option<Error<S::Error>> {
        self.line.try_borrow_mut().ok()?.fault.take()
    }
}

impl<S, W> Line<'_, S, W>
where
    S: Read + Write + ReadReady + WriteReady,
    W: FnMut() -> Wait,
{
    fn wait_readable(&mut self) -> Result<(), Error<S::Error>> {
        while !self.socket.read_ready().map_err(Error::Io)? {
            if (self.wait)() == Wait::GiveUp {
                return Err(Error::TimedOut);
            }
        }
        Ok(())
    }

    /// Reads what the filter wants next.
    fn step(&mut self, findings: &Findings) -> Result<(), Error<S::Error>> {
        let space = self.filter.space();
        if space.is_empty() {
            return Err(Error::Bug);
        }
        match self.socket.read(space).map_err(Error::Io)? {
            0 => Err(Error::CutOff),
            count => self.filter.received(count, findings.progress()).map_err(Error::widen),
        }
    }

    fn read(&mut self, out: &mut [u8], findings: &Findings) -> Result<usize, Error<S::Error>> {
        loop {
            match self.filter.serve(out) {
                0 => {}
                count => return Ok(count),
            }
            let streamable = self.filter.to_stream().min(out.len());
            if streamable > 0 {
                self.wait_readable()?;
                let out = out.get_mut(..streamable).ok_or(Error::Bug)?;
                let count = self.socket.read(out).map_err(Error::Io)?;
                if count == 0 {
                    return Err(Error::CutOff);
                }
                self.filter.streamed(count);
                return Ok(count);
            }
            // After the handshake the engine is entered only with a whole record.
            if self.filter.is_open() || out.is_empty() {
                return Err(Error::Bug);
            }
            self.wait_readable()?;
            self.step(findings)?;
        }
    }

    fn write(&mut self, bytes: &[u8], findings: &Findings) -> Result<usize, Error<S::Error>> {
        // Nothing but ClientHello goes out to a server that is not verified: no Finished, no
        // certificate or signature of ours, no data.
        let may_answer = findings.may_answer(self.filter.is_in_flight());
        if !self.filter.awaits_hello() && !may_answer {
            return Err(findings.verdict().unwrap_or(Error::Handshake).widen());
        }
        while !self.socket.write_ready().map_err(Error::Io)? {
            if (self.wait)() == Wait::GiveUp {
                return Err(Error::TimedOut);
            }
        }
        match self.socket.write(bytes).map_err(Error::Io)? {
            0 => Err(Error::CutOff),
            count => Ok(count),
        }
    }
}

/// Lends a wire to the engine.
pub(super) struct Tap<'w, 'b, S: embedded_io::ErrorType, W>(pub(super) &'w Wire<'b, S, W>);

/// Tells the engine that there was an error; which one is kept in the wire.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broken;

impl core::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("the wire is broken")
    }
}

impl core::error::Error for Broken {}

impl embedded_io::Error for Broken {
    fn kind(&self) -> embedded_io::ErrorKind {
        embedded_io::ErrorKind::Other
    }
}

impl<S: embedded_io::ErrorType, W> Tap<'_, '_, S, W> {
    fn run<T>(
        &mut self,
        act: impl FnOnce(&mut Line<'_, S, W>, &Findings) -> Result<T, Error<S::Error>>,
    ) -> Result<T, Broken> {
        let mut line = self.0.line.try_borrow_mut().map_err(|_| Broken)?;
        act(&mut line, &self.0.findings).map_err(|error| {
            line.fault.get_or_insert(error);
            Broken
        })
    }
}

impl<S: embedded_io::ErrorType, W> embedded_io::ErrorType for Tap<'_, '_, S, W> {
    type Error = Broken;
}

impl<S, W> Read for Tap<'_, '_, S, W>
where
    S: Read + Write + ReadReady + WriteReady,
    W: FnMut() -> Wait,
{
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Broken> {
        self.run(|line, findings| line.read(out, findings))
    }
}

impl<S, W> Write for Tap<'_, '_, S, W>
where
    S: Read + Write + ReadReady + WriteReady,
    W: FnMut() -> Wait,
{
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        self.run(|line, findings| line.write(bytes, findings))
    }

    fn flush(&mut self) -> Result<(), Broken> {
        self.run(|line, _| line.socket.flush().map_err(Error::Io))
    }
}

#[cfg(test)]
mod tests {
    use sundew_testkit::{Side, SimLink};

    use super::super::hello::Evidence;
    use super::*;

    /// The way out is shut from the first byte that came in until the server is verified, whatever
    /// the engine thinks.
    #[test]
    fn only_the_hello_goes_out_to_a_server_that_is_not_verified() {
        let link = SimLink::<256>::new();
        let mut staging = [0; 128];
        let wire = Wire::new(link.near(), || Wait::GiveUp, &mut staging);
        wire.with_filter(|filter| filter.start(128, Evidence::Certificate)).unwrap();
        assert_eq!(Tap(&wire).write(b"hello").unwrap(), 5);
        wire.with_filter(Filter::finish).unwrap();
        assert!(Tap(&wire).write(b"secret").is_err());
        assert_eq!(wire.take_fault(), Some(Error::Handshake));
        assert_eq!(link.sent(Side::Near), 5);

        wire.findings.refuse(Error::WrongName);
        assert!(Tap(&wire).write(b"secret").is_err());
        assert_eq!(wire.take_fault(), Some(Error::WrongName), "the first reason is told");
        assert_eq!(link.sent(Side::Near), 5);
    }

    #[test]
    fn the_engine_gets_no_byte_that_is_not_staged() {
        let link = SimLink::<256>::new();
        let mut far = link.far();
        let mut staging = [0; 128];
        let wire = Wire::new(link.near(), || Wait::Again, &mut staging);
        wire.with_filter(|filter| filter.start(128, Evidence::Certificate)).unwrap();
        wire.with_filter(Filter::finish).unwrap();
        far.write_all(&[23, 3, 3, 0, 17, 1, 2]).unwrap();
        assert_eq!(wire.pump(), Ok(false));
        assert!(Tap(&wire).read(&mut [0; 5]).is_err(), "or the engine would wait for the rest");
        far.write_all(&[3; 15]).unwrap();
        assert_eq!(wire.pump(), Ok(true));
        assert_eq!(Tap(&wire).read(&mut [0; 5]).unwrap(), 5);
    }
}
