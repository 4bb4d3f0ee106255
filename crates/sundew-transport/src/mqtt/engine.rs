//! The protocol as a machine without I/O.

use sundew_core::Ticks;

use super::packet::{
    Connack, DISCONNECT, Decoded, EncodeError, Header, PINGREQ, Packet, PacketId, Publish,
    PublishHead, Retain, Session, puback,
};
use super::protocol::sealed::Remember;
use super::{
    Config, Duty, Error, Event, Offer, Protocol, Quality, Received, State, Terms, Topic, V3_1_1,
};

/// Keeps one connection: log-in, one subscription, acknowledgements, keep-alive and time-outs.
///
/// The caller moves the bytes: what [`transmit`](Self::transmit) writes goes out, what comes in goes
/// through [`receive`](Self::receive), and [`tick`](Self::tick) is told the time once nothing more
/// is there to receive. An error ends the connection; a new one takes a new engine.
///
/// A command is acknowledged by the first `transmit` after the `receive` that returned it, so after
/// the caller has used the payload: one that a reset swallows in between comes again.
///
/// A message that was not acknowledged when the connection ended is the caller's to send again, as a
/// new one with a new number: the queue does, and it may then arrive twice.
///
/// *RAM:* 56 bytes on a 32-bit part, 43 on AVR; configuration (84 and 47) and buffers are the
/// caller's. In MQTT 5 it is 20 bytes more, and 12 in the configuration.
///
/// ```
/// use sundew_core::Ticks;
/// use sundew_transport::mqtt::{Config, DeviceId, Engine, State};
///
/// let mut now = Ticks::from_millis(0);
/// let config = Config::new(DeviceId::new("d")?);
/// let mut engine = Engine::new(&config, 128, now);
/// let mut out = [0; 64];
///
/// assert_eq!(engine.transmit(now, &mut out)?, 15);
/// assert_eq!(out[..2], [0x10, 13], "CONNECT");
/// engine.receive(&[0x20, 2, 0, 0])?;
/// engine.transmit(now, &mut out)?;
/// assert_eq!(out[0], 0x82, "SUBSCRIBE");
/// engine.receive(&[0x90, 3, 0, 1, 1])?;
/// assert_eq!(engine.state(), State::Up);
///
/// now = engine.wake_at().unwrap();
/// assert_eq!(now, Ticks::from_millis(45_000));
/// engine.tick(now)?;
/// assert_eq!(engine.transmit(now, &mut out)?, 2);
/// assert_eq!(out[0], 0xC0, "PINGREQ");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Engine<'a, P: Protocol = V3_1_1> {
    config: &'a Config<'a, P>,
    receive_bytes: u32,
    step: Step,
    login_by: Ticks,
    window: Window,
    next_id: PacketId,
    owed: Option<PacketId>,
    skipped: Option<Skipped>,
    last_sent: Ticks,
    ping: Ping,
    memory: P::Memory,
}

/// Is one finer than [`State`]: it also says whether the packet is still owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Connect,
    AwaitConnack,
    Subscribe,
    AwaitSuback(PacketId),
    Up,
    Closed,
}

#[derive(Clone, Copy, Debug)]
enum Ping {
    Idle,
    Owed,
    AnswerBy(Ticks),
}

/// Holds the messages in flight: one for now, which is all that the queue gives out.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    message: Option<(PacketId, Ticks)>,
}

/// Holds what is known of a message that has no room.
#[derive(Clone, Copy, Debug)]
struct Skipped {
    left: u32,
    bytes: u32,
    id: Option<PacketId>,
}

impl<'a, P: Protocol> Engine<'a, P> {
    /// Starts a connection; its log-in time runs from `now`.
    ///
    /// `receive_bytes` is the size of the buffer that the caller collects input in: a larger packet
    /// is not waited for.
    pub fn new(config: &'a Config<'a, P>, receive_bytes: u32, now: Ticks) -> Self {
        Self {
            config,
            receive_bytes,
            step: Step::Connect,
            login_by: now.after(config.timing().login_ms),
            window: Window::default(),
            next_id: PacketId::FIRST,
            owed: None,
            skipped: None,
            last_sent: now,
            ping: Ping::Idle,
            memory: P::Memory::remember(Terms::DEFAULT),
        }
    }

    /// Returns what the engine was started with.
    pub const fn config(&self) -> &'a Config<'a, P> {
        self.config
    }

    /// Returns what the server has said about itself; [`Terms::DEFAULT`] until it has.
    pub fn terms(&self) -> Terms {
        self.memory.terms()
    }

    /// Returns how far the connection has come.
    pub const fn state(&self) -> State {
        match self.step {
            Step::Connect | Step::AwaitConnack => State::Connecting,
            Step::Subscribe | Step::AwaitSuback(_) => State::Subscribing,
            Step::Up => State::Up,
            Step::Closed => State::Closed,
        }
    }

    /// Checks that [`publish`](Self::publish) may be called.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotUp`] before the log-in is complete, and [`Error::WindowFull`] while
    /// another message awaits its acknowledgement.
    pub const fn check_publish(&self) -> Result<(), Error> {
        match self.step {
            Step::Up if self.window.is_full() => Err(Error::WindowFull),
            Step::Up => Ok(()),
            Step::Closed => Err(Error::Ended),
            _ => Err(Error::NotUp),
        }
    }

    /// Takes the packet, or the piece of a skipped one, at the start of `input`.
    ///
    /// In 3.1.1 a message larger than the receive buffer is read past, acknowledged and reported as
    /// [`Event::Oversized`]; an MQTT 5 server, which was told the size, sends none (MQTT 5.0,
    /// 3.1.2.11.4). Dropping the connection instead would never end: the server keeps what
    /// is not acknowledged and sends it again on the next one.
    ///
    /// # Errors
    ///
    /// Returns an error, and ends the connection, where the server refuses or misbehaves.
    pub fn receive<'i>(&mut self, input: &'i [u8]) -> Result<Received<'i>, Error> {
        let received = self.take(input);
        if received.is_err() {
            self.close();
        }
        received
    }

    /// Writes the next packet that is due to the start of `out` and returns its size in bytes; 0
    /// where none is. Call it again until it returns 0.
    ///
    /// # Errors
    ///
    /// Returns an error, and ends the connection, where `out` is too small.
    pub fn transmit(&mut self, now: Ticks, out: &mut [u8]) -> Result<usize, Error> {
        let written = self.write(now, out).inspect_err(|_| self.close())?;
        if written > 0 {
            self.last_sent = now;
        }
        Ok(written)
    }

    /// Starts a message with `QoS` 1: writes all but the payload to the start of `out`, and returns
    /// its number and the size written in bytes. The caller sends the payload right behind.
    ///
    /// # Errors
    ///
    /// Returns the error of [`check_publish`](Self::check_publish), [`Error::Encode`] where `out` is
    /// too small, and [`Error::NotOffered`] or [`Error::PacketTooLarge`] for what an MQTT 5 server
    /// does not take. None of them ends the connection.
    pub fn publish(
        &mut self,
        now: Ticks,
        topic: Topic<'_>,
        payload_length: u16,
        retain: Retain,
        out: &mut [u8],
    ) -> Result<(PacketId, usize), Error> {
        self.check_publish()?;
        let id = self.next_id;
        let head = PublishHead { topic, id: Some(id), retain, payload_length };
        let written = self.encode(&head, out)?;
        self.next_id = id.next();
        self.window = Window { message: Some((id, now.after(self.config.timing().answer_ms))) };
        self.last_sent = now;
        Ok((id, written))
    }

    /// Starts a message with `QoS` 0, of which nothing more will be heard; else like
    /// [`publish`](Self::publish).
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotUp`] where the connection is not up, else the errors of
    /// [`publish`](Self::publish). None of them ends the connection.
    pub fn publish_once(
        &mut self,
        now: Ticks,
        topic: Topic<'_>,
        payload_length: u16,
        retain: Retain,
        out: &mut [u8],
    ) -> Result<usize, Error> {
        if self.step != Step::Up {
            return Err(Error::NotUp);
        }
        let head = PublishHead { topic, id: None, retain, payload_length };
        let written = self.encode(&head, out)?;
        self.last_sent = now;
        Ok(written)
    }

    /// Ends the connection and returns the packet that tells the server so.
    pub fn disconnect(&mut self) -> [u8; 2] {
        self.close();
        DISCONNECT
    }

    /// Looks at the time, once all that came in has been received.
    ///
    /// In this order an answer that waited while the board slept is not taken for a late one.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TimedOut`], and ends the connection, where an answer is overdue, and
    /// [`Error::Ended`] after the end.
    pub fn tick(&mut self, now: Ticks) -> Result<(), Error> {
        let overdue = match (self.step, self.ping, self.window.deadline()) {
            (Step::Closed, ..) => return Err(Error::Ended),
            (Step::Up, _, Some(by)) if now.has_reached(by) => Duty::Acknowledgement,
            (Step::Up, Ping::AnswerBy(by), _) if now.has_reached(by) => Duty::KeepAlive,
            (Step::Up, Ping::Idle, _) => {
                if self.ping_at().is_some_and(|at| now.has_reached(at)) {
                    self.ping = Ping::Owed;
                }
                return Ok(());
            }
            (Step::Up, ..) => return Ok(()),
            _ if now.has_reached(self.login_by) => Duty::LogIn,
            _ => return Ok(()),
        };
        self.close();
        Err(Error::TimedOut(overdue))
    }

    /// Returns when [`tick`](Self::tick) has something to do, if ever.
    pub fn wake_at(&self) -> Option<Ticks> {
        match self.step {
            Step::Closed => None,
            Step::Up => {
                let ping = match self.ping {
                    Ping::Idle => self.ping_at(),
                    Ping::AnswerBy(by) => Some(by),
                    // Due since the tick that made it so.
                    Ping::Owed => Some(self.last_sent),
                };
                match (ping, self.window.deadline()) {
                    (Some(ping), Some(answer)) => Some(ping.earlier(answer)),
                    (ping, answer) => ping.or(answer),
                }
            }
            _ => Some(self.login_by),
        }
    }

    /// Ends the connection without a word to the server, which then publishes the last will.
    pub fn close(&mut self) {
        self.step = Step::Closed;
    }

    /// Writes the head of a message that the server can take.
    fn encode(&self, head: &PublishHead<'_>, out: &mut [u8]) -> Result<usize, Error> {
        let (protocol, terms) = (self.config.protocol(), self.terms());
        if terms.quality == Quality::AtMostOnce && head.id.is_some() {
            return Err(Error::NotOffered(Offer::Acknowledgement));
        }
        if terms.retain == Retain::Pass && head.retain == Retain::Keep {
            return Err(Error::NotOffered(Offer::Retaining));
        }
        let limit = terms.packet_bytes;
        if limit != u32::MAX && head.length(protocol) + u32::from(head.payload_length) > limit {
            return Err(Error::PacketTooLarge { limit });
        }
        Ok(head.encode(protocol, out)?)
    }

    fn take<'i>(&mut self, input: &'i [u8]) -> Result<Received<'i>, Error> {
        if self.step == Step::Closed {
            return Err(Error::Ended);
        }
        // One acknowledgement is remembered: the next packet waits until it is on its way.
        if self.owed.is_some() {
            return Ok(Received { consumed: 0, event: None });
        }
        if let Some(skipped) = self.skipped {
            return Ok(self.skip(skipped, input));
        }
        let protocol = self.config.protocol();
        let Some(header) = Header::read(protocol, input)? else {
            return Ok(Received { consumed: 0, event: None });
        };
        if header.total() > self.receive_bytes {
            // An MQTT 5 server was told not to [MQTT-3.1.2-24].
            if protocol.v5().is_some() {
                return Err(Error::TooLarge { bytes: header.total() });
            }
            return self.start_skipping(header, input);
        }
        let Some(Decoded { packet, length }) = header.decode(protocol, input)? else {
            return Ok(Received { consumed: 0, event: None });
        };
        Ok(Received { consumed: length, event: self.act_on(packet)? })
    }

    fn act_on<'i>(&mut self, packet: Packet<'i, P::Memory>) -> Result<Option<Event<'i>>, Error> {
        let is_five = self.config.protocol().v5().is_some();
        match (packet, self.step) {
            (Packet::Connack(Connack::Refused(reason)), Step::AwaitConnack) => {
                return Err(Error::Refused(reason));
            }
            // A server that resumes what it was asked to forget is none [MQTT-3.2.2-1].
            (Packet::Connack(Connack::Resumed(_)), Step::AwaitConnack)
                if self.config.session() == Session::Clean =>
            {
                return Err(Error::Unexpected);
            }
            // A resumed session is subscribed anew: the server may have been told otherwise
            // by an older firmware, and doing so costs one packet.
            (
                Packet::Connack(Connack::Resumed(memory) | Connack::Fresh(memory)),
                Step::AwaitConnack,
            ) => {
                let limit = memory.terms().packet_bytes;
                if limit != u32::MAX && limit < self.config.head_bytes() {
                    return Err(Error::PacketTooLarge { limit });
                }
                self.memory = memory;
                self.step = Step::Subscribe;
            }
            (Packet::Suback { id, granted }, Step::AwaitSuback(asked)) if id == asked => {
                granted.map_err(Error::SubscriptionRefused)?;
                self.step = Step::Up;
                return Ok(Some(Event::Up));
            }
            (Packet::Publish(message), _) if self.may_receive() => {
                self.owed = message.id;
                let Publish { topic, payload, .. } = message;
                return Ok(Some(Event::Message { topic, payload }));
            }
            (Packet::Puback { id, refused }, Step::Up) if self.window.release(id) => {
                // The compiler cannot see by itself that 3.1.1 refuses no message.
                return Ok(Some(match refused.filter(|_| is_five) {
                    None => Event::Acknowledged(id),
                    Some(reason) => Event::Refused { id, reason },
                }));
            }
            // Never before the server has accepted the client [MQTT-3.14.0-1].
            (Packet::Disconnect(reason), _) if is_five && self.may_receive() => {
                return Err(Error::Disconnected(reason));
            }
            (Packet::Pingresp, Step::Up) if matches!(self.ping, Ping::AnswerBy(_)) => {
                self.ping = Ping::Idle;
            }
            _ => return Err(Error::Unexpected),
        }
        Ok(None)
    }

    /// Messages of a kept session may come before the answer to SUBSCRIBE (section 3.8.4).
    fn may_receive(&self) -> bool {
        matches!(self.step, Step::Subscribe | Step::AwaitSuback(_) | Step::Up)
    }

    fn start_skipping<'i>(
        &mut self,
        header: Header,
        input: &'i [u8],
    ) -> Result<Received<'i>, Error> {
        let bytes = header.total();
        let Some(message) = header.publish_head_of(input)? else {
            let full = u32::try_from(input.len()).is_ok_and(|held| held >= self.receive_bytes);
            return if full {
                Err(Error::TooLarge { bytes })
            } else {
                Ok(Received { consumed: 0, event: None })
            };
        };
        // What must not come now is refused before anything is skipped.
        if !self.may_receive() {
            return Err(Error::Unexpected);
        }
        Ok(self.skip(Skipped { left: bytes, bytes, id: message.id }, input))
    }

    fn skip<'i>(&mut self, skipped: Skipped, input: &'i [u8]) -> Received<'i> {
        let here = u32::try_from(input.len()).unwrap_or(u32::MAX).min(skipped.left);
        let left = skipped.left - here;
        let event = if left == 0 {
            self.skipped = None;
            self.owed = skipped.id;
            Some(Event::Oversized { bytes: skipped.bytes })
        } else {
            self.skipped = Some(Skipped { left, ..skipped });
            None
        };
        Received { consumed: here as usize, event }
    }

    fn write(&mut self, now: Ticks, out: &mut [u8]) -> Result<usize, Error> {
        if let Some(id) = self.owed.filter(|_| self.step != Step::Closed) {
            let written = copy(&puback(id), out)?;
            self.owed = None;
            return Ok(written);
        }
        match (self.step, self.ping) {
            (Step::Connect, _) => {
                let written = self.encode_connect(out)?;
                self.step = Step::AwaitConnack;
                Ok(written)
            }
            (Step::Subscribe, _) => {
                let id = self.next_id;
                let written = self.config.subscribe(id).encode(self.config.protocol(), out)?;
                self.next_id = id.next();
                self.step = Step::AwaitSuback(id);
                Ok(written)
            }
            (Step::Up, Ping::Owed) => {
                let written = copy(&PINGREQ, out)?;
                self.ping = Ping::AnswerBy(now.after(self.config.timing().answer_ms));
                Ok(written)
            }
            _ => Ok(0),
        }
    }

    fn encode_connect(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        let protocol = self.config.protocol().telling(self.receive_bytes);
        self.config.connect().encode(protocol, out)
    }

    fn ping_at(&self) -> Option<Ticks> {
        // What the server says goes [MQTT-3.2.2-21].
        let wanted = self.config.timing().keep_alive_s;
        let seconds = u32::from(self.terms().keep_alive_s.unwrap_or(wanted));
        (seconds > 0).then(|| self.last_sent.after(seconds * 750))
    }
}

impl Window {
    const fn is_full(self) -> bool {
        self.message.is_some()
    }

    fn deadline(self) -> Option<Ticks> {
        self.message.map(|(_, by)| by)
    }

    /// Returns whether the message was in flight; from now on it is not.
    fn release(&mut self, id: PacketId) -> bool {
        self.message.take_if(|(sent, _)| *sent == id).is_some()
    }
}

fn copy<const N: usize>(packet: &[u8; N], out: &mut [u8]) -> Result<usize, EncodeError> {
    *out.first_chunk_mut().ok_or(EncodeError::NoRoom { needed: N as u32 })? = *packet;
    Ok(N)
}
