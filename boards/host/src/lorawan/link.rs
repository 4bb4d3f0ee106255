//! Confirmed uplinks of class A over a radio that is a UDP socket.
//!
//! The air on the other side answers each frame with one datagram: what comes down in the first
//! window, or nothing at all. So the device, whose time may run a hundred times as fast as this
//! computer's, never misses a window because a thread came late.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

use sundew::core::{Classify, ErrorKind, Ticks};
use sundew::transport::link::{Capabilities, Delivery, Incoming, Link, Port, Token};
use sundew::transport::lorawan::{
    DataRate, DutyCycle, FIRST_WINDOW_MILLIS, OVERHEAD, SECOND_WINDOW_MILLIS,
};

use super::packet::{self, Down};

/// Holds the milliseconds from the end of a join request to its first window.
const JOIN_WINDOW_MILLIS: u32 = 5_000;
/// Holds how much longer a device listens for the begin of a frame in its second window.
const LISTEN_MILLIS: u32 = 500;
/// Holds the longest wait before a frame is sent again; a random one, so that two devices that met
/// on the air do not meet again.
const RETRY_MILLIS: u32 = 3_000;
/// Holds how long the air may take to answer, in this computer's time.
const PATIENCE: Duration = Duration::from_secs(1);

/// Carries messages over the air: one at a time, sent again until it is acknowledged, and never more
/// often than the sub-band allows.
pub(super) struct RadioLink {
    air: UdpSocket,
    rate: DataRate,
    band: DutyCycle,
    /// Holds the address once the network took the device in.
    address: Option<[u8; 4]>,
    /// Holds the frame that is sent until it is answered.
    frame: Vec<u8>,
    /// Counts uplinks; a frame that is sent again keeps its number.
    counter: u16,
    phase: Phase,
    /// Holds a message that came down with an acknowledgement.
    message: Option<Vec<u8>>,
    noise: u32,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Idle,
    /// The frame waits for its moment, and then for the band.
    Waiting(Ticks),
    /// The frame is on the air.
    Sending(Ticks),
    /// The first window opens.
    Listening(Ticks),
    /// Nothing came in the first window, so nothing will in the second.
    Silent(Ticks),
    /// What came down is on the air.
    Receiving(Ticks, Answer),
}

#[derive(Clone, Copy, Debug)]
enum Answer {
    Accepted([u8; 4]),
    Acknowledged,
}

/// Says that the socket to the air failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoAir(io::ErrorKind);

impl Classify for NoAir {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Bus
    }
}

impl RadioLink {
    /// Opens the radio; the link is up once the network took the device in.
    pub(super) fn open(
        port: u16,
        rate: DataRate,
        duty_parts: Option<u16>,
        nonce: u16,
    ) -> io::Result<Self> {
        let air = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        air.connect((Ipv4Addr::LOCALHOST, port))?;
        air.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            air,
            rate,
            band: DutyCycle::one_in(duty_parts.unwrap_or(1)),
            address: None,
            frame: packet::join_request(nonce),
            counter: 0,
            phase: Phase::Waiting(Ticks::from_millis(0)),
            message: None,
            noise: 0x9E37_79B9 ^ u32::from(nonce),
        })
    }

    fn token(&self) -> Token {
        Token(self.counter)
    }

    fn is_joined(&self) -> bool {
        self.address.is_some()
    }

    /// Takes the answer of the air to the frame that was sent last.
    fn listen(&mut self) -> Result<Option<Down>, NoAir> {
        let mut bytes = [0; 256];
        match self.air.recv(&mut bytes) {
            Ok(length) => Ok(bytes.get(..length).and_then(packet::downlink)),
            Err(error) if is_silence(&error) => Ok(None),
            Err(error) => Err(NoAir(error.kind())),
        }
    }

    /// Decides what the answer means and how long it takes.
    fn answered(&mut self, opens: Ticks) -> Result<Phase, NoAir> {
        let (answer, payload) = match self.listen()? {
            // 4 bytes more than a data frame without payload.
            Some(Down::Accepted(address)) => (Answer::Accepted(address), 4),
            Some(Down::Data { acknowledges: true, message }) => {
                let payload = message.as_ref().map_or(0, |message| message.len() as u8);
                self.message = message;
                (Answer::Acknowledged, payload)
            }
            _ => {
                let after = SECOND_WINDOW_MILLIS - FIRST_WINDOW_MILLIS + LISTEN_MILLIS;
                return Ok(Phase::Silent(opens.after(after)));
            }
        };
        let micros = self.rate.downlink_micros(payload);
        Ok(Phase::Receiving(opens.after(micros.div_ceil(1_000)), answer))
    }

    /// Returns up to [`RETRY_MILLIS`] at random (Marsaglia's xorshift).
    fn pause(&mut self) -> u32 {
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 17;
        self.noise ^= self.noise << 5;
        self.noise % RETRY_MILLIS
    }
}

impl Link for RadioLink {
    type Error = NoAir;

    fn capabilities(&self) -> Capabilities {
        // The first byte of a tiny frame travels as the port.
        let mut capabilities = self.rate.capabilities().with_delivery(Delivery::Acknowledged);
        capabilities.payload += 1;
        capabilities
    }

    fn is_up(&self) -> bool {
        self.is_joined()
    }

    fn air_ms(&self, bytes: usize) -> u32 {
        // Less the byte that travels as the port.
        let payload = u8::try_from(bytes).map_or(u8::MAX, |bytes| bytes.saturating_sub(1));
        self.rate.uplink_micros(payload).div_ceil(1_000)
    }

    fn send(&mut self, now: Ticks, _: Port, payload: &[u8]) -> Result<Token, NoAir> {
        let (Some(address), Phase::Idle) = (self.address, self.phase) else {
            return Err(NoAir(io::ErrorKind::WouldBlock));
        };
        self.counter = self.counter.wrapping_add(1);
        self.frame = packet::uplink(address, self.counter, payload);
        self.phase = Phase::Waiting(now);
        Ok(self.token())
    }

    fn poll<'b>(
        &mut self,
        now: Ticks,
        buffer: &'b mut [u8],
    ) -> Result<Option<Incoming<'b>>, NoAir> {
        if let Some(message) = self.message.take_if(|_| matches!(self.phase, Phase::Idle)) {
            return Ok(Some(match buffer.get_mut(..message.len()) {
                Some(slot) => {
                    slot.copy_from_slice(&message);
                    Incoming::Command(slot)
                }
                None => Incoming::Oversized { bytes: message.len() as u32 },
            }));
        }
        loop {
            let Some(due) = self.wake_at() else { return Ok(None) };
            if !now.has_reached(due) {
                return Ok(None);
            }
            self.phase = match self.phase {
                Phase::Idle => return Ok(None),
                Phase::Waiting(_) => {
                    let free = self.band.free_at(now);
                    if now.has_reached(free) {
                        let payload = (self.frame.len() as u8).saturating_sub(OVERHEAD);
                        let micros = self.rate.uplink_micros(payload);
                        self.band.sent(now, micros);
                        Phase::Sending(now.after(micros.div_ceil(1_000)))
                    } else {
                        Phase::Waiting(free)
                    }
                }
                Phase::Sending(until) => {
                    self.air.send(&self.frame).map_err(|error| NoAir(error.kind()))?;
                    let delay =
                        if self.is_joined() { FIRST_WINDOW_MILLIS } else { JOIN_WINDOW_MILLIS };
                    Phase::Listening(until.after(delay))
                }
                Phase::Listening(opens) => self.answered(opens)?,
                Phase::Silent(until) => Phase::Waiting(until.after(self.pause())),
                Phase::Receiving(_, answer) => {
                    self.phase = Phase::Idle;
                    match answer {
                        Answer::Accepted(address) => {
                            self.address = Some(address);
                            return Ok(None);
                        }
                        Answer::Acknowledged => {
                            return Ok(Some(Incoming::Acknowledged(self.token())));
                        }
                    }
                }
            };
        }
    }

    fn wake_at(&self) -> Option<Ticks> {
        match self.phase {
            Phase::Idle => None,
            Phase::Waiting(at)
            | Phase::Sending(at)
            | Phase::Listening(at)
            | Phase::Silent(at)
            | Phase::Receiving(at, _) => Some(at),
        }
    }
}

fn is_silence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::ConnectionRefused
    )
}
