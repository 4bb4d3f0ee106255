//! A serial line to a gateway as a [`Link`].

use core::fmt;

use embedded_io::{Read, ReadReady, Write};
#[cfg(feature = "async")]
use embedded_io_async::{Read as ReadAsync, Write as WriteAsync};
use sundew_core::Ticks;
use sundew_identity::FrameNumbers;

use super::error::{FrameError, LinkError};
use super::guard::Guard;
use super::sealer::{Answer, Sealer};
use super::{Deframer, ON_THE_WIRE};
#[cfg(feature = "async")]
use crate::link::LinkAsync;
use crate::link::{Capabilities, Delivery, Downlink, Incoming, Link, Port, Token};

/// Carries a node's messages over a serial line to a gateway: one in flight, sent again byte for byte
/// until it is answered.
///
/// Commands come with the answer to a message. What comes in and is no answer to the message in flight
/// is dropped and counted ([`faults`](Self::faults)): noise, echoes, replays.
///
/// The numbers that were reserved end at some time: [`send`](Link::send) then says so, and the board makes
/// the next link with more of them.
///
/// *Blocking time:* a poll reads only while the line is ready, and at most eight times 16 bytes. Writing
/// takes as long as the line takes to accept a frame of at most 257 bytes.
///
/// *Cancel safety:* both async calls are cancel safe where the line's `read`, `write` and `flush` are: a
/// frame that is half written goes on in the next poll.
///
/// *RAM:* 96 bytes on a 32-bit part, the guard, the line and the [`Buffers`].
pub struct SerialLink<'a, T, G> {
    line: T,
    sealer: Sealer<G>,
    timing: Timing,
    transmit: &'a mut [u8],
    /// Counts the bytes of the frame in `transmit`, and those that are out.
    staged: usize,
    sent: usize,
    unflushed: Pending,
    deframer: Deframer<'a>,
    /// Holds what was read and not looked at.
    chunk: [u8; CHUNK],
    chunk_at: u8,
    chunk_end: u8,
    flight: Option<Flight>,
    /// Holds the time of the last poll where it ended with bytes still to read.
    unread: Option<Ticks>,
    /// Holds the length of a command that the deframer's buffer still has.
    command: Option<u8>,
    faults: u16,
    last_fault: Option<FrameError>,
}

/// Lends a link the memory for frames that come and go.
#[derive(Debug)]
pub struct Buffers<'a> {
    /// Holds the frame that comes in: 255 bytes for the longest; for an answer without command 26 where it
    /// is sealed, 14 with a checksum.
    pub receive: &'a mut [u8],
    /// Holds the frame that goes out until it is answered; [`ON_THE_WIRE`](super::ON_THE_WIRE) for the
    /// longest, [`overhead`](super::overhead) and the payload otherwise.
    pub transmit: &'a mut [u8],
}

/// Says how long a link waits for an answer, and how often it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timing {
    /// Holds the wait in ms before a frame is sent again. The longest frame takes 268 ms at 9600 baud,
    /// and its answer may be as long.
    pub answer_ms: u16,
    /// Holds how often a frame is sent again before the link is dead.
    pub repeats: u8,
}

impl Timing {
    /// Waits 1 s, four times.
    pub const DEFAULT: Self = Self { answer_ms: 1_000, repeats: 3 };
}

#[derive(Clone, Copy, Debug)]
struct Flight {
    number: u32,
    repeats: u8,
    /// Holds when the frame was sent last.
    since: Ticks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pending {
    No,
    Yes,
}

/// Holds the bytes of one read: what a small UART buffers, and a copy of no great matter.
const CHUNK: usize = 16;

impl<T, G> fmt::Debug for SerialLink<'_, T, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SerialLink")
            .field("flight", &self.flight)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

impl<'a, T, G: Guard> SerialLink<'a, T, G> {
    /// Makes a link of a line, for messages of `device` under `numbers`.
    pub const fn new(
        line: T,
        guard: G,
        device: u32,
        numbers: FrameNumbers,
        buffers: Buffers<'a>,
    ) -> Self {
        let Buffers { receive, transmit } = buffers;
        Self {
            line,
            sealer: Sealer::new(guard, device, numbers),
            timing: Timing::DEFAULT,
            transmit,
            staged: 0,
            sent: 0,
            unflushed: Pending::No,
            deframer: Deframer::new(receive),
            chunk: [0; CHUNK],
            chunk_at: 0,
            chunk_end: 0,
            flight: None,
            unread: None,
            command: None,
            faults: 0,
            last_fault: None,
        }
    }

    /// Sets how long to wait for an answer, and how often to ask.
    #[must_use]
    pub fn with_timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// Returns how many frames came in that were no answer to the message in flight; it stops at 65,535.
    pub const fn faults(&self) -> u16 {
        self.faults
    }

    /// Returns what was wrong with the last of them; `None` where it was an answer to an earlier message.
    pub const fn last_fault(&self) -> Option<FrameError> {
        self.last_fault
    }

    /// Returns the line.
    pub fn into_line(self) -> T {
        self.line
    }

    /// Deals with bytes that were read, up to the end of an answer.
    fn next(&mut self, buffer: &mut [u8]) -> Next {
        if let Some(length) = self.command.take() {
            let length = usize::from(length);
            let room = buffer.get_mut(..length);
            return match (self.deframer.last(Answer::COMMAND_AT, length), room) {
                (Some(command), Some(room)) => {
                    super::copy(room, command);
                    Next::Command(length)
                }
                _ => Next::Oversized(length as u32),
            };
        }
        while self.chunk_at < self.chunk_end {
            let byte = self.chunk.get(usize::from(self.chunk_at)).copied().unwrap_or(0);
            self.chunk_at += 1;
            let answer = match self.deframer.push(byte) {
                Ok(None) => continue,
                Ok(Some(frame)) => self.sealer.answer(frame),
                Err(fault) => Err(fault),
            };
            match (answer, self.flight) {
                (Ok(answer), Some(flight)) if answer.number == flight.number => {
                    self.flight = None;
                    self.command = answer.command;
                    (self.staged, self.sent) = (0, 0);
                    return Next::Acknowledged(flight.number);
                }
                (answer, _) => {
                    self.faults = self.faults.saturating_add(1);
                    self.last_fault = answer.err();
                }
            }
        }
        Next::Nothing
    }

    /// Sends the frame in flight again where it is time.
    fn tell_time<E>(&mut self, now: Ticks) -> Result<(), LinkError<E>> {
        let Some(flight) = &mut self.flight else { return Ok(()) };
        // The wait begins when the frame is out.
        if self.sent < self.staged {
            flight.since = now;
        } else if now.since(flight.since) >= u32::from(self.timing.answer_ms) {
            flight.repeats = flight.repeats.checked_sub(1).ok_or(LinkError::TimedOut)?;
            flight.since = now;
            self.sent = 0;
        }
        Ok(())
    }
}

/// Bounds the reads of one poll: a line that never stops must not hold the loop.
const READS_PER_POLL: u8 = 8;

const NEVER_WAITS: bool = false;
#[cfg(feature = "async")]
const MAY_WAIT: bool = true;

#[maybe_async_cfg::maybe(
    idents(
        Link(sync = "Link", async = "LinkAsync"),
        Read(sync = "Read", async = "ReadAsync"),
        Write(sync = "Write", async = "WriteAsync"),
        drive(sync = "drive", async = "drive_async"),
        push(sync = "push", async = "push_async"),
    ),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl<T: Read + Write + ReadReady, G: Guard> Link for SerialLink<'_, T, G> {
    type Error = LinkError<T::Error>;

    fn capabilities(&self) -> Capabilities {
        let room =
            if self.transmit.len() < ON_THE_WIRE { self.transmit.len() } else { ON_THE_WIRE };
        let payload = room.saturating_sub(super::overhead::<G>()) as u16;
        let down = payload + 1;
        Capabilities::new(payload, Delivery::Acknowledged, Downlink::AfterUplink)
            .with_down_payload(down)
    }

    fn is_up(&self) -> bool {
        true
    }

    async fn send(
        &mut self,
        now: Ticks,
        port: Port,
        payload: &[u8],
    ) -> Result<Token, LinkError<T::Error>> {
        if self.flight.is_some() {
            return Err(LinkError::Busy);
        }
        let (number, length) = self.sealer.seal(port, payload, self.transmit)?;
        (self.staged, self.sent) = (length, 0);
        self.flight = Some(Flight { number, repeats: self.timing.repeats, since: now });
        push(self).await?;
        Ok(Token(number as u16))
    }

    async fn poll<'b>(
        &mut self,
        now: Ticks,
        buffer: &'b mut [u8],
    ) -> Result<Option<Incoming<'b>>, LinkError<T::Error>> {
        Ok(match drive(self, now, buffer).await? {
            Next::Acknowledged(number) => Some(Incoming::Acknowledged(Token(number as u16))),
            Next::Command(length) => buffer.get(..length).map(Incoming::Command),
            Next::Oversized(bytes) => Some(Incoming::Oversized { bytes }),
            Next::Nothing => None,
        })
    }

    fn wake_at(&self) -> Option<Ticks> {
        let answer_ms = u32::from(self.timing.answer_ms);
        self.unread.or_else(|| self.flight.map(|flight| flight.since.after(answer_ms)))
    }
}

/// Sends what is due and takes what is there, up to the first message for the node.
#[maybe_async_cfg::maybe(
    idents(
        Read(sync = "Read", async = "ReadAsync"),
        Write(sync = "Write", async = "WriteAsync"),
        WAITS(sync = "NEVER_WAITS", async = "MAY_WAIT"),
        push(sync = "push", async = "push_async"),
    ),
    sync(self = "drive"),
    async(self = "drive_async", feature = "async")
)]
async fn drive<T: Read + Write + ReadReady, G: Guard>(
    link: &mut SerialLink<'_, T, G>,
    now: Ticks,
    buffer: &mut [u8],
) -> Result<Next, LinkError<T::Error>> {
    link.unread = None;
    for _ in 0..READS_PER_POLL {
        push(link).await?;
        match link.next(buffer) {
            Next::Nothing => {}
            message => return Ok(message),
        }
        let idle = !link.line.read_ready().map_err(LinkError::Line)?;
        if idle {
            link.tell_time(now)?;
            push(link).await?;
            if !WAITS {
                return Ok(Next::Nothing);
            }
        }
        let read = link.line.read(&mut link.chunk).await.map_err(LinkError::Line)?;
        if read == 0 {
            return Err(LinkError::Closed);
        }
        (link.chunk_at, link.chunk_end) = (0, read.min(CHUNK) as u8);
        if idle {
            // `now` was before the wait. What has come in is for the next poll, unless it is whole.
            return Ok(link.next(buffer));
        }
    }
    link.unread = Some(now);
    let next = link.next(buffer);
    if matches!(next, Next::Nothing) {
        // A line that is never idle must not put the time off for ever.
        link.tell_time(now)?;
    }
    Ok(next)
}

/// Sends what is left of the frame in flight.
#[maybe_async_cfg::maybe(
    idents(Write(sync = "Write", async = "WriteAsync")),
    sync(self = "push"),
    async(self = "push_async", feature = "async")
)]
async fn push<T: Write, G>(link: &mut SerialLink<'_, T, G>) -> Result<(), LinkError<T::Error>> {
    while let Some(rest @ [_, ..]) = link.transmit.get(link.sent..link.staged) {
        let written = link.line.write(rest).await.map_err(LinkError::Line)?;
        if written == 0 {
            return Err(LinkError::Closed);
        }
        link.sent += written;
        link.unflushed = Pending::Yes;
    }
    if link.unflushed == Pending::Yes {
        link.line.flush().await.map_err(LinkError::Line)?;
        link.unflushed = Pending::No;
    }
    Ok(())
}

/// Says what came in.
enum Next {
    Acknowledged(u32),
    Command(usize),
    Oversized(u32),
    Nothing,
}
