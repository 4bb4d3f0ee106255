//! Frames of a fixed length in a stream of bytes, and the bytes that are ready on a port.

use crate::Error;
use embedded_io::{Read, ReadReady, Write};
#[cfg(feature = "async")]
use embedded_io_async::{Read as ReadAsync, Write as WriteAsync};

/// Says what the bytes held so far can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Is the beginning of a frame.
    Begins,
    /// Is a frame whose checksum is wrong.
    WrongChecksum,
    /// Is no frame, however it goes on.
    No,
    /// Is a frame.
    Whole,
}

/// Describes a kind of frame of at most `LEN` bytes.
pub(crate) trait Layout<const LEN: usize> {
    /// Is what a driver wants of a frame.
    type Value;

    /// Judges 1 to `LEN` bytes; what is `Begins` at `LEN` bytes counts as `No`.
    fn judge(&self, bytes: &[u8]) -> Verdict;

    /// Returns what a driver wants of a whole frame, or `None` where this one holds none of it.
    ///
    /// What lies behind a frame that is shorter than `LEN` means nothing.
    fn value(&self, frame: &[u8; LEN]) -> Option<Self::Value>;
}

/// Finds frames in a stream, one byte at a time.
///
/// Where the bytes held turn out to be no frame, only the first of them is given up and the
/// rest is judged again: a frame that begins within rubbish, or within a damaged frame, is found
/// with its last byte.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scanner<const LEN: usize> {
    bytes: [u8; LEN],
    len: u8,
    /// Counts the bytes given up, as far as a frame is long.
    given_up: u8,
    is_damaged: bool,
}

impl<const LEN: usize> Scanner<LEN> {
    pub(crate) const fn new() -> Self {
        const { assert!(LEN > 0 && LEN < 256, "the length is counted in a byte") };
        Self { bytes: [0; LEN], len: 0, given_up: 0, is_damaged: false }
    }

    /// Takes a byte and returns the frame that it completes.
    ///
    /// Apart from its caller: within it a `PMSx003`'s measurement takes 474 bytes of stack on AVR
    /// instead of 238, for some 35 cycles a byte, of which a part sends at most one in a millisecond.
    #[inline(never)]
    pub(crate) fn push(&mut self, byte: u8, layout: &impl Layout<LEN>) -> Option<&[u8; LEN]> {
        if let Some(slot) = self.bytes.get_mut(usize::from(self.len)) {
            *slot = byte;
            self.len += 1;
        }
        while self.len > 0 {
            let held = usize::from(self.len);
            let verdict = self.bytes.get(..held).map_or(Verdict::No, |bytes| layout.judge(bytes));
            match verdict {
                Verdict::Begins if held < LEN => return None,
                Verdict::Whole => {
                    (self.len, self.given_up, self.is_damaged) = (0, 0, false);
                    return Some(&self.bytes);
                }
                Verdict::WrongChecksum => self.is_damaged = true,
                _ => {}
            }
            self.give_up_first(held);
        }
        None
    }

    /// Says why there is no frame yet, and forgets it.
    fn complaint<E>(&mut self) -> Error<E> {
        let is_noise = usize::from(core::mem::take(&mut self.given_up)) >= LEN;
        let is_damaged = core::mem::take(&mut self.is_damaged);
        match (self.len, is_damaged) {
            (0, true) => Error::Checksum,
            // Fewer bytes can be the end of a frame that had begun before, or a part's answer to a
            // command.
            (0, false) if is_noise => Error::Frame,
            // What has begun may become a frame: the damage before it was that of an older one.
            _ => Error::NotReady,
        }
    }

    fn give_up_first(&mut self, held: usize) {
        let mut next = 0;
        for slot in self.bytes.iter_mut().take(held).rev() {
            next = core::mem::replace(slot, next);
        }
        self.len -= 1;
        self.given_up = self.given_up.saturating_add(1);
    }
}

/// Fetches at most this many times [`CHUNK`] bytes in one call, so that noise cannot hold it up.
const CHUNKS: u8 = 64;
const CHUNK: usize = 16;

/// Joins a port and the scanner of what comes from it.
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<P, const LEN: usize> {
    port: P,
    scanner: Scanner<LEN>,
}

#[maybe_async_cfg::maybe(
    idents(Read(sync), Write(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<P: Read + ReadReady + Write, const LEN: usize> Line<P, LEN> {
    pub(crate) const fn new(port: P) -> Self {
        Self { port, scanner: Scanner::new() }
    }

    pub(crate) fn release(self) -> P {
        self.port
    }

    /// Throws away what came before and sends `bytes`.
    ///
    /// That this was garbled or overran does not matter then: a part that speaks by itself makes a
    /// port that nobody reads overrun before each start, so none would ever get as far as telling
    /// it to be silent. A port that is out of order shows it at the sending.
    pub(crate) async fn ask(&mut self, bytes: &[u8]) -> Result<(), Error<P::Error>> {
        self.scanner = Scanner::new();
        let mut old = [0; CHUNK];
        for _ in 0..CHUNKS {
            let dropped = self.ready(&mut old).await;
            if matches!(dropped, Ok(0)) {
                break;
            }
        }
        self.send(bytes).await
    }

    /// Sends all of `bytes`; `write_all` would panic where a port takes nothing, against its
    /// contract, and that panic would be in every firmware.
    async fn send(&mut self, bytes: &[u8]) -> Result<(), Error<P::Error>> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let taken = self.port.write(rest).await.map_err(Error::Bus)?;
            rest = match rest.get(taken..) {
                Some(rest) if taken > 0 => rest,
                _ => return Err(Error::NotReady),
            };
        }
        Ok(())
    }

    /// Returns what the newest frame among the bytes that are ready holds.
    pub(crate) async fn newest<L: Layout<LEN>>(
        &mut self,
        layout: &L,
    ) -> Result<L::Value, Error<P::Error>> {
        let mut found = None;
        let mut chunk = [0; CHUNK];
        for _ in 0..CHUNKS {
            let count = self.ready(&mut chunk).await?;
            if count == 0 {
                break;
            }
            for byte in chunk.iter().take(count) {
                if let Some(frame) = self.scanner.push(*byte, layout)
                    && let Some(value) = layout.value(frame)
                {
                    found = Some(value);
                }
            }
        }
        found.ok_or_else(|| self.scanner.complaint())
    }

    /// Reads what is ready, which is nothing where the count is 0.
    async fn ready(&mut self, chunk: &mut [u8]) -> Result<usize, Error<P::Error>> {
        let outcome = match self.port.read_ready() {
            Ok(true) => self.port.read(chunk).await,
            other => other.map(|_| 0),
        };
        outcome.map_err(|error| {
            // A byte is missing now, so nothing that was begun can become a frame.
            self.scanner = Scanner::new();
            Error::Bus(error)
        })
    }
}

/// Counts for how long a part has been running at least, as far as a driver without a clock can.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Running {
    millis: u32,
    asked: u32,
}

impl Running {
    pub(crate) const fn new() -> Self {
        Self { millis: 0, asked: 0 }
    }

    /// Notes a wait that was asked for.
    pub(crate) const fn wait(&mut self, millis: u32) -> u32 {
        self.asked = millis;
        millis
    }

    /// Notes that the wait is over: the part has answered.
    pub(crate) const fn over(&mut self) {
        self.at_least(self.millis.saturating_add(self.asked));
        self.asked = 0;
    }

    pub(crate) const fn at_least(&mut self, millis: u32) {
        if millis > self.millis {
            self.millis = millis;
        }
    }

    pub(crate) const fn millis(self) -> u32 {
        self.millis
    }
}
