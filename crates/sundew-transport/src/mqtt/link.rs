//! MQTT as a [`Link`]: an engine, a stream and two buffers.

use core::fmt;

use sundew_core::Ticks;

#[cfg(feature = "async")]
use super::StreamAsync;
use super::bytes;
use super::{
    Config, ConfigError, Engine, Error, Event, LinkError, PacketId, Protocol, Reason, Received,
    Retain, State, Stream, Terms, Topic, V3_1_1, Verified,
};
#[cfg(feature = "async")]
use crate::link::LinkAsync;
use crate::link::{Capabilities, Carriage, Delivery, Downlink, Incoming, Link, Port, Token};

/// Carries a node's messages over MQTT with `QoS` 1.
///
/// Readings go to `sundew/<id>/up`, results of commands to `sundew/<id>/res`, commands come from
/// `sundew/<id>/cmd`. What the device is goes to `sundew/<id>/birth` and is retained: the server
/// hands the latest to whoever subscribes later. One message is in flight at a time: [`send`](Link::send) refuses a second
/// with [`Error::WindowFull`], which ends nothing. The link logs in by itself as it is polled.
///
/// A command goes to the node before it is acknowledged to the server, which happens in the next
/// poll: a reset in between makes it come again, so the node must know a command by its number.
/// What the server sends on another topic (a kept session may hold such subscriptions of an older
/// firmware) is acknowledged and dropped.
///
/// A server of MQTT 5 may refuse a message and stay: that is [`Incoming::Rejected`] where the message
/// [can never be taken](Reason::is_final), and [`Incoming::Refused`] else. What it says about itself at
/// log-in counts: its keep-alive is kept to, its packet size bounds
/// [`capabilities`](Link::capabilities), and where it retains nothing, a birth goes to those who listen
/// already. One that acknowledges nothing gets no message ([`Error::NotOffered`]).
///
/// *Blocking time:* a poll reads only while the stream is [`ready`](Stream::ready), and at most eight
/// times. Writing takes as long as the stream takes to accept a packet.
///
/// *Cancel safety:* `poll` of the async form is cancel safe where the stream's `read`, `write` and
/// `flush` are. A cancelled `send` leaves half a packet on the wire: the link is dead after it.
///
/// *RAM:* 96 bytes on a 32-bit part, 65 on AVR, and the stream, the configuration and the
/// [`Buffers`]; 20 bytes more in MQTT 5.
pub struct MqttLink<'a, T, P: Protocol = V3_1_1> {
    engine: Engine<'a, P>,
    stream: T,
    receive: &'a mut [u8],
    transmit: &'a mut [u8],
    /// Counts the bytes at the start of `receive` that are not dealt with.
    received: usize,
    /// Counts the bytes at the start of `transmit` that are to go out, and those that are out.
    staged: usize,
    sent: usize,
    unflushed: Pending,
    /// Says that a message is half on the wire: set before its first byte, cleared after its last.
    torn: Pending,
    /// Says that the last poll ended with bytes still to read.
    unread: Pending,
    /// Holds the time of the first poll since the stream had nothing more to read.
    busy_since: Option<Ticks>,
}

/// Lends a link the memory for packets that come and go.
#[derive(Debug)]
pub struct Buffers<'a> {
    /// Holds what came in; the largest command that can be taken is this less about 20 bytes and
    /// the device's name. At least [`Config::receive_bytes`].
    pub receive: &'a mut [u8],
    /// Holds packets on their way out. At least [`Config::transmit_bytes`]; a message of which the
    /// payload has no room here goes out in two writes.
    pub transmit: &'a mut [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pending {
    No,
    Yes,
}

impl<T, P: Protocol> fmt::Debug for MqttLink<'_, T, P> {
    /// Writes nothing of the buffers: CONNECT, and with it the password, may still be in there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MqttLink").field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl<'a, T: Verified, P: Protocol> MqttLink<'a, T, P> {
    /// Starts to log in over a verified stream; the log-in time runs from `now`.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] where a buffer is too small for `config`.
    pub fn new(
        config: &'a Config<'a, P>,
        stream: T,
        buffers: Buffers<'a>,
        now: Ticks,
    ) -> Result<Self, ConfigError> {
        Self::start(config, stream, buffers, now)
    }
}

#[cfg(feature = "insecure-plaintext")]
impl<'a, T, P: Protocol> MqttLink<'a, T, P> {
    /// Starts to log in over a stream that proves nothing: whoever is on the way can read the
    /// password, take the readings and send commands.
    ///
    /// It is for tests, and for a modem that ends TLS itself and has checked the server.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] where a buffer is too small for `config`.
    pub fn insecure_plaintext(
        config: &'a Config<'a, P>,
        stream: T,
        buffers: Buffers<'a>,
        now: Ticks,
    ) -> Result<Self, ConfigError> {
        Self::start(config, stream, buffers, now)
    }
}

impl<'a, T, P: Protocol> MqttLink<'a, T, P> {
    /// Returns how far the connection has come.
    pub const fn state(&self) -> State {
        self.engine.state()
    }

    /// Returns what the server has said about itself; [`Terms::DEFAULT`] until it has.
    pub fn terms(&self) -> Terms {
        self.engine.terms()
    }

    /// Returns the stream, to close it or to use it otherwise.
    pub fn into_stream(self) -> T {
        self.stream
    }

    fn start(
        config: &'a Config<'a, P>,
        stream: T,
        buffers: Buffers<'a>,
        now: Ticks,
    ) -> Result<Self, ConfigError> {
        let Buffers { receive, transmit } = buffers;
        let too_small =
            |buffer: &[u8], needed| u32::try_from(buffer.len()).is_ok_and(|length| length < needed);
        let needed = config.receive_bytes();
        if too_small(receive, needed) {
            return Err(ConfigError::ReceiveBuffer { needed });
        }
        let needed = config.transmit_bytes();
        if too_small(transmit, needed) {
            return Err(ConfigError::TransmitBuffer { needed });
        }
        let receive_bytes = u32::try_from(receive.len()).unwrap_or(u32::MAX);
        Ok(Self {
            engine: Engine::new(config, receive_bytes, now),
            stream,
            receive,
            transmit,
            received: 0,
            staged: 0,
            sent: 0,
            unflushed: Pending::No,
            torn: Pending::No,
            unread: Pending::No,
            busy_since: None,
        })
    }

    /// Returns the largest payload that both sides can deal with, in bytes.
    fn payload_bytes(&self) -> u16 {
        let config = self.engine.config();
        match self.terms().packet_bytes {
            u32::MAX => config.payload_bytes(),
            // The engine has checked that there is room for a head.
            limit => u16::try_from(limit.saturating_sub(config.head_bytes()))
                .unwrap_or(u16::MAX)
                .min(config.payload_bytes()),
        }
    }

    fn address(&self, port: Port) -> (Topic<'a>, Retain) {
        let id = self.engine.config().id();
        match port {
            Port::Readings => (id.readings(), Retain::Pass),
            Port::CommandResult => (id.results(), Retain::Pass),
            // Where the server keeps nothing, who subscribes already hears it all the same.
            Port::Birth => (id.births(), self.terms().retain),
        }
    }

    /// Returns whether the stream has had something to read for as long as an answer may take.
    fn is_kept_busy(&mut self, now: Ticks) -> bool {
        let since = *self.busy_since.get_or_insert(now);
        now.since(since) >= self.engine.config().timing().answer_ms
    }

    /// Not inlined: `drive` calls it twice.
    #[inline(never)]
    fn tell_time(&mut self, now: Ticks) -> Result<(), Error> {
        self.busy_since = None;
        self.engine.tick(now)
    }

    /// Deals with the first packet that is there.
    ///
    /// Not inlined: the compiler would copy its end into each arm, 84 bytes on thumbv6m.
    #[inline(never)]
    fn next(&mut self, buffer: &mut [u8]) -> Result<Next, Error> {
        let input = self.receive.get(..self.received).unwrap_or_default();
        let Received { consumed, event } = self.engine.receive(input)?;
        let next = match event {
            Some(Event::Acknowledged(id)) => Next::Acknowledged(id),
            Some(Event::Refused { id, reason }) => Next::Refused(id, reason),
            Some(Event::Oversized { bytes }) => Next::Oversized(bytes),
            Some(Event::Message { topic, payload })
                if self.engine.config().id().commands().is(topic) =>
            {
                match buffer.split_at_mut_checked(payload.len()) {
                    Some((room, _)) => {
                        bytes::copy(room, payload);
                        Next::Command(payload.len())
                    }
                    None => Next::Oversized(consumed as u32),
                }
            }
            _ if consumed == 0 => Next::More,
            _ => Next::Nothing,
        };
        self.received = bytes::drop_front(self.receive, self.received, consumed);
        Ok(next)
    }
}

/// Bounds the reads of one poll: a peer that never stops must not hold the loop.
const READS_PER_POLL: u8 = 8;

const NEVER_WAITS: bool = false;
#[cfg(feature = "async")]
const MAY_WAIT: bool = true;

#[maybe_async_cfg::maybe(
    idents(
        Link(sync = "Link", async = "LinkAsync"),
        Stream(sync = "Stream", async = "StreamAsync"),
        drive(sync = "drive", async = "drive_async"),
        push(sync = "push", async = "push_async"),
        write_all(sync = "write_all", async = "write_all_async"),
    ),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl<T: Stream, P: Protocol> Link for MqttLink<'_, T, P> {
    type Error = LinkError<T::Error>;

    fn capabilities(&self) -> Capabilities {
        let payload = self.payload_bytes();
        Capabilities::new(payload, Delivery::Acknowledged, Downlink::Any)
            .with_carriage(Carriage::InOrder)
    }

    fn is_up(&self) -> bool {
        self.engine.state() == State::Up && self.torn == Pending::No
    }

    async fn send(
        &mut self,
        now: Ticks,
        port: Port,
        payload: &[u8],
    ) -> Result<Token, LinkError<T::Error>> {
        let limit = self.payload_bytes();
        let length = match u16::try_from(payload.len()) {
            Ok(length) if length <= limit => length,
            _ => return Err(Error::PayloadTooLarge { limit }.into()),
        };
        if self.torn == Pending::Yes {
            return Err(Error::Ended.into());
        }
        self.engine.check_publish()?;
        push(self, now).await?;
        let (topic, retain) = self.address(port);
        let (id, head) = self.engine.publish(now, topic, length, retain, self.transmit)?;
        self.torn = Pending::Yes;
        // In one piece where there is room: on TLS a second record would cost 22 bytes or more.
        let whole = match self.transmit.get_mut(head..).map(|room| room.get_mut(..payload.len())) {
            Some(Some(room)) => {
                bytes::copy(room, payload);
                head + payload.len()
            }
            _ => head,
        };
        write_all(&mut self.stream, self.transmit.get(..whole).unwrap_or_default()).await?;
        if whole == head {
            write_all(&mut self.stream, payload).await?;
        }
        self.stream.flush().await.map_err(LinkError::Transport)?;
        self.torn = Pending::No;
        Ok(Token(id.number()))
    }

    async fn poll<'b>(
        &mut self,
        now: Ticks,
        buffer: &'b mut [u8],
    ) -> Result<Option<Incoming<'b>>, LinkError<T::Error>> {
        match drive(self, now, buffer).await {
            Ok(Next::Acknowledged(id)) => Ok(Some(Incoming::Acknowledged(Token(id.number())))),
            Ok(Next::Refused(id, reason)) => Ok(Some(refused(Token(id.number()), reason))),
            Ok(Next::Command(length)) => Ok(buffer.get(..length).map(Incoming::Command)),
            Ok(Next::Oversized(bytes)) => Ok(Some(Incoming::Oversized { bytes })),
            Ok(Next::Nothing | Next::More) => Ok(None),
            Err(error) => {
                self.engine.close();
                Err(error)
            }
        }
    }

    fn wake_at(&self) -> Option<Ticks> {
        match self.unread {
            Pending::Yes => self.busy_since,
            Pending::No => self.engine.wake_at(),
        }
    }
}

/// Sends what is due and takes what is there, up to the first message for the node.
#[maybe_async_cfg::maybe(
    idents(
        Stream(sync = "Stream", async = "StreamAsync"),
        WAITS(sync = "NEVER_WAITS", async = "MAY_WAIT"),
        push(sync = "push", async = "push_async"),
    ),
    sync(self = "drive"),
    async(self = "drive_async", feature = "async")
)]
async fn drive<T: Stream, P: Protocol>(
    link: &mut MqttLink<'_, T, P>,
    now: Ticks,
    buffer: &mut [u8],
) -> Result<Next, LinkError<T::Error>> {
    if link.torn == Pending::Yes {
        return Err(Error::Ended.into());
    }
    link.unread = Pending::No;
    // The engine is told the time when all is read, so that an answer which waited is not taken for
    // a late one. A server that never stops sending must not put that off for ever.
    if link.is_kept_busy(now) {
        link.tell_time(now)?;
        link.busy_since = Some(now);
    }
    for _ in 0..READS_PER_POLL {
        push(link, now).await?;
        loop {
            match link.next(buffer)? {
                Next::More => break,
                Next::Nothing => push(link, now).await?,
                message => return Ok(message),
            }
        }
        let idle = !link.stream.ready().map_err(LinkError::Transport)?;
        if idle {
            link.tell_time(now)?;
            push(link, now).await?;
            if !WAITS {
                return Ok(Next::Nothing);
            }
        }
        let room = link.receive.get_mut(link.received..).unwrap_or_default();
        let read = link.stream.read(room).await.map_err(LinkError::Transport)?;
        if read == 0 {
            return Err(LinkError::Closed);
        }
        link.received += read.min(room.len());
        if idle {
            // `now` was before the wait. What has come in is for the next poll, unless it is whole.
            return Ok(link.next(buffer)?);
        }
    }
    link.unread = Pending::Yes;
    Ok(Next::More)
}

/// Sends what is staged and whatever the engine has to say.
#[maybe_async_cfg::maybe(
    idents(Stream(sync = "Stream", async = "StreamAsync")),
    sync(self = "push"),
    async(self = "push_async", feature = "async")
)]
async fn push<T: Stream, P: Protocol>(
    link: &mut MqttLink<'_, T, P>,
    now: Ticks,
) -> Result<(), LinkError<T::Error>> {
    loop {
        while let Some(rest @ [_, ..]) = link.transmit.get(link.sent..link.staged) {
            let written = link.stream.write(rest).await.map_err(LinkError::Transport)?;
            if written == 0 {
                return Err(LinkError::Closed);
            }
            link.sent += written;
            link.unflushed = Pending::Yes;
        }
        if link.unflushed == Pending::Yes {
            link.stream.flush().await.map_err(LinkError::Transport)?;
            link.unflushed = Pending::No;
        }
        (link.sent, link.staged) = (0, link.engine.transmit(now, link.transmit)?);
        if link.staged == 0 {
            return Ok(());
        }
    }
}

#[maybe_async_cfg::maybe(
    idents(Stream(sync = "Stream", async = "StreamAsync")),
    sync(self = "write_all"),
    async(self = "write_all_async", feature = "async")
)]
async fn write_all<T: Stream>(stream: &mut T, mut bytes: &[u8]) -> Result<(), LinkError<T::Error>> {
    while !bytes.is_empty() {
        let written = stream.write(bytes).await.map_err(LinkError::Transport)?;
        if written == 0 {
            return Err(LinkError::Closed);
        }
        bytes = bytes.get(written..).unwrap_or_default();
    }
    Ok(())
}

/// Says whether the server may take the message later.
fn refused(token: Token, reason: Reason) -> Incoming<'static> {
    if reason.is_final() {
        Incoming::Rejected(token)
    } else {
        Incoming::Refused { token, retry_after_ms: None }
    }
}

/// Says what a packet came to.
enum Next {
    Acknowledged(PacketId),
    Refused(PacketId, Reason),
    Command(usize),
    Oversized(u32),
    Nothing,
    More,
}
