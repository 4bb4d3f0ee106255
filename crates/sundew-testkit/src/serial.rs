//! One end of a UART whose other end is a model, and what can happen on the line between.

mod mhz19;
mod outbox;
mod pmsx003;
mod script;
mod sds011;

use crate::SimClock;
use core::cell::Cell;
use embedded_io::{Error, ErrorKind, ErrorType, Read, ReadReady, Write};
pub use mhz19::SimMhz19;
pub use outbox::Outbox;
pub use pmsx003::SimPmsx003;
pub use script::{Exchange, SimScript};
pub use sds011::SimSds011;

/// Models what hangs at the other end of a [`SimSerial`], byte by byte.
pub trait SimTalker {
    /// Takes a byte that was sent to it, at the microsecond at which it is there whole.
    fn hear(&self, byte: u8, micros: u64);

    /// Gives the next byte that is there whole at this microsecond, if there is one.
    fn say(&self, micros: u64) -> Option<u8>;
}

/// Says why a call on a [`SimSerial`] failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SerialError {
    /// Reports that bytes came faster than they were fetched.
    Overrun,
    /// Reports a byte whose stop bit was not there.
    Framing,
    /// Reports that a blocking call would wait, which in one thread is for ever.
    WouldBlock,
}

impl core::fmt::Display for SerialError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Overrun => "receiver overrun",
            Self::Framing => "stop bit missing",
            Self::WouldBlock => "call would block",
        })
    }
}

impl core::error::Error for SerialError {}

impl Error for SerialError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Overrun | Self::Framing => ErrorKind::InvalidData,
            Self::WouldBlock => ErrorKind::TimedOut,
        }
    }
}

/// Says what becomes of a byte on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// Loses the byte.
    Lose,
    /// Inverts the bits that are set.
    Flip(u8),
}

#[derive(Clone, Copy)]
struct Fault<W> {
    left: u32,
    times: u32,
    what: W,
}

impl<W: Copy> Fault<W> {
    const fn never(what: W) -> Self {
        Self { left: 0, times: 0, what }
    }

    /// Counts one call or byte, and returns what happens to it.
    fn strike(cell: &Cell<Self>) -> Option<W> {
        let mut fault = cell.get();
        let hit = fault.times > 0 && fault.left == 0;
        if hit {
            fault.times -= 1;
        } else if fault.times > 0 {
            fault.left -= 1;
        }
        cell.set(fault);
        hit.then_some(fault.what)
    }
}

/// Simulates the device's end of a UART at 9,600 baud or another speed.
///
/// `&SimSerial` implements the traits of `embedded-io` (and, with feature `async`, those of
/// `embedded-io-async`), so driver and test share it. Bytes arrive when the clock says so, 10 bit
/// times each. A read with nothing there returns [`SerialError::WouldBlock`], since nobody
/// else runs who could end the wait. The receiver holds 128 bytes; later ones are lost.
///
/// ```
/// use embedded_io::{Read, ReadReady, Write};
/// use sundew_testkit::{Damage, Exchange, SimClock, SimScript, SimSerial};
///
/// let clock = SimClock::new();
/// let peer = SimScript::new([Exchange::new(b"?", b"yes", 5_000)]);
/// let mut port = &SimSerial::new(&clock, &peer);
///
/// port.damage(1, 1, Damage::Flip(0x20)); // the second byte
/// port.write_all(b"?").unwrap();
/// assert_eq!(port.read_ready(), Ok(false));
/// clock.advance_millis(10);
/// let mut bytes = [0; 8];
/// assert_eq!(port.read(&mut bytes), Ok(3));
/// assert_eq!(&bytes[..3], b"yEs");
/// ```
pub struct SimSerial<'p> {
    clock: &'p SimClock,
    peer: &'p dyn SimTalker,
    ring: [Cell<u8>; RING],
    first: Cell<usize>,
    len: Cell<usize>,
    bit_nanos: Cell<u64>,
    sent_until: Cell<u64>,
    sent: [Cell<u8>; SENT],
    sent_count: Cell<usize>,
    is_connected: Cell<bool>,
    damage: Cell<Fault<Damage>>,
    fault: Cell<Fault<SerialError>>,
    overruns: Cell<u32>,
}

const RING: usize = 128;
const SENT: usize = 64;

impl<'p> SimSerial<'p> {
    /// Simulates a line at 9,600 baud to `peer`.
    pub const fn new(clock: &'p SimClock, peer: &'p dyn SimTalker) -> Self {
        Self {
            clock,
            peer,
            ring: [const { Cell::new(0) }; RING],
            first: Cell::new(0),
            len: Cell::new(0),
            bit_nanos: Cell::new(104_167),
            sent_until: Cell::new(0),
            sent: [const { Cell::new(0) }; SENT],
            sent_count: Cell::new(0),
            is_connected: Cell::new(true),
            damage: Cell::new(Fault::never(Damage::Lose)),
            fault: Cell::new(Fault::never(SerialError::WouldBlock)),
            overruns: Cell::new(0),
        }
    }

    /// Changes the speed of what is sent from now on.
    pub fn set_baud_rate(&self, baud: u32) {
        self.bit_nanos.set(1_000_000_000 / u64::from(baud.max(1)));
    }

    /// Lets `bytes` received bytes pass and damages the `times` after them.
    pub fn damage(&self, bytes: u32, times: u32, what: Damage) {
        self.damage.set(Fault { left: bytes, times, what });
    }

    /// Lets `calls` reads and writes pass and the `times` after them fail.
    pub fn fail(&self, calls: u32, times: u32, error: SerialError) {
        self.fault.set(Fault { left: calls, times, what: error });
    }

    /// Puts bytes on the line as noise does: they are there at once.
    pub fn inject(&self, bytes: &[u8]) {
        self.fetch();
        for byte in bytes {
            self.arrive(*byte);
        }
    }

    /// Pulls the plug: nothing is heard at either end.
    pub fn unplug(&self) {
        self.is_connected.set(false);
    }

    /// Ends what [`unplug`](Self::unplug), [`damage`](Self::damage) and [`fail`](Self::fail) began.
    pub fn plug(&self) {
        self.is_connected.set(true);
        self.damage(0, 0, Damage::Lose);
        self.fail(0, 0, SerialError::WouldBlock);
    }

    /// Returns how many bytes were sent.
    pub fn sent(&self) -> usize {
        self.sent_count.get()
    }

    /// Copies the newest bytes sent into the end of `bytes`, at most 64 of them.
    pub fn newest_sent<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        let count = self.sent_count.get();
        for (back, byte) in bytes.iter_mut().rev().enumerate().take(count.min(SENT)) {
            let slot = self.sent.get((count - 1 - back) % SENT);
            *byte = slot.map_or(0, Cell::get);
        }
        bytes
    }

    /// Returns how many bytes were lost since the receiver was full.
    pub fn overruns(&self) -> u32 {
        self.overruns.get()
    }

    /// Takes what the peer has said up to now into the receiver.
    fn fetch(&self) {
        while let Some(byte) = self.peer.say(self.clock.micros()) {
            if !self.is_connected.get() {
                continue;
            }
            match Fault::strike(&self.damage) {
                Some(Damage::Lose) => {}
                Some(Damage::Flip(bits)) => self.arrive(byte ^ bits),
                None => self.arrive(byte),
            }
        }
    }

    fn arrive(&self, byte: u8) {
        let len = self.len.get();
        match self.ring.get((self.first.get() + len) % RING) {
            Some(slot) if len < RING => {
                slot.set(byte);
                self.len.set(len + 1);
            }
            _ => self.overruns.set(self.overruns.get() + 1),
        }
    }

    fn take(&self, bytes: &mut [u8]) -> Result<usize, SerialError> {
        if bytes.is_empty() {
            return Ok(0);
        }
        self.fetch();
        if let Some(error) = Fault::strike(&self.fault) {
            return Err(error);
        }
        let count = self.len.get().min(bytes.len());
        if count == 0 {
            return Err(SerialError::WouldBlock);
        }
        let first = self.first.get();
        for (byte, cell) in bytes.iter_mut().zip(self.ring.iter().cycle().skip(first).take(count)) {
            *byte = cell.get();
        }
        self.first.set((first + count) % RING);
        self.len.set(self.len.get() - count);
        Ok(count)
    }

    fn give(&self, bytes: &[u8]) -> Result<usize, SerialError> {
        // What the peer said before it hears this must not wait behind it.
        self.fetch();
        if let Some(error) = Fault::strike(&self.fault) {
            return Err(error);
        }
        for byte in bytes {
            let begin = self.sent_until.get().max(self.clock.micros() * 1_000);
            let end = begin + 10 * self.bit_nanos.get();
            self.sent_until.set(end);
            let count = self.sent_count.get();
            if let Some(slot) = self.sent.get(count % SENT) {
                slot.set(*byte);
            }
            self.sent_count.set(count + 1);
            if self.is_connected.get() {
                self.peer.hear(*byte, end.div_ceil(1_000));
            }
        }
        Ok(bytes.len())
    }

    fn is_readable(&self) -> bool {
        self.fetch();
        self.len.get() > 0
    }
}

/// Adds a byte to the newest ones heard, and returns them.
fn remember<const N: usize>(heard: &Cell<[u8; N]>, byte: u8) -> [u8; N] {
    let mut bytes = heard.get();
    bytes.rotate_left(1);
    if let Some(last) = bytes.last_mut() {
        *last = byte;
    }
    heard.set(bytes);
    bytes
}

impl ErrorType for &SimSerial<'_> {
    type Error = SerialError;
}

impl Read for &SimSerial<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, SerialError> {
        self.take(bytes)
    }
}

impl ReadReady for &SimSerial<'_> {
    fn read_ready(&mut self) -> Result<bool, SerialError> {
        Ok(self.is_readable())
    }
}

impl Write for &SimSerial<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, SerialError> {
        self.give(bytes)
    }

    fn flush(&mut self) -> Result<(), SerialError> {
        Ok(())
    }
}

#[cfg(feature = "async")]
impl embedded_io_async::Read for &SimSerial<'_> {
    async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, SerialError> {
        self.take(bytes)
    }
}

#[cfg(feature = "async")]
impl embedded_io_async::Write for &SimSerial<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, SerialError> {
        self.give(bytes)
    }

    async fn flush(&mut self) -> Result<(), SerialError> {
        Ok(())
    }
}
