//! One TCP connection over IPv4, as [`embedded_io`] traits that the TLS session is put on.
//!
//! The addresses are those of QEMU's user network: the board is 10.0.2.15/24, and 10.0.2.2 is
//! the host's loopback. The stack does its work inside the calls and in [`Tcp::poll`]; there is no
//! task and no interrupt behind it.

use core::{
    fmt,
    net::{Ipv4Addr, SocketAddrV4},
};

use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use smoltcp::{
    iface::{
        Config, Interface, PollIngressSingleResult, PollResult, SocketHandle, SocketSet,
        SocketStorage,
    },
    socket::tcp::{RecvError, Socket, SocketBuffer, State},
    time::{Duration, Instant},
    wire::{IpAddress, IpCidr},
};
use sundew_core::{Classify, ErrorKind, Ticks};

use crate::{clock, ethernet::Ethernet};

/// Holds the board's own address.
pub const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 15);
/// Holds the length of the network's prefix in bits.
pub const PREFIX_BITS: u8 = 24;
/// Holds the address of the gateway, behind which the host's loopback listens.
pub const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);

/// Holds each direction's buffer in bytes; a full-sized segment is 1,460.
const BUFFER_BYTES: usize = 4_096;
/// Unacknowledged data, or a silent peer, ends the connection after this long.
const PEER_TIMEOUT: Duration = Duration::from_secs(20);
/// Asks a peer that owes nothing whether it is still there, a few times per `PEER_TIMEOUT`.
const KEEP_ALIVE: Duration = Duration::from_secs(6);

/// The buffers hold three full-sized segments each way, and there are acknowledgements and ARP.
const FRAMES_PER_POLL: usize = 8;

const EPHEMERAL_FIRST: u16 = 49_152;
const EPHEMERAL_COUNT: u16 = 16_384;

/// Says whether [`Tcp::connect`] goes on waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Waits another millisecond.
    KeepGoing,
    /// Ends the attempt with [`Error::GaveUp`].
    GiveUp,
}

/// Says why there is no connection, or none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Reports that the other side refused: nothing listens there.
    Refused,
    /// Reports that nothing answered for 20 s.
    NoAnswer,
    /// Reports that the other side ended the connection without closing it, or fell silent.
    Reset,
    /// Reports that the wait hook gave up.
    GaveUp,
    /// Reports a call without a connection, or after [`Tcp::close`].
    NotConnected,
    /// Reports an address or port that cannot be connected to.
    Unaddressable,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Refused => "the connection was refused",
            Self::NoAnswer => "nothing answered",
            Self::Reset => "the connection was lost",
            Self::GaveUp => "the wait for a connection was given up",
            Self::NotConnected => "there is no connection",
            Self::Unaddressable => "the address cannot be connected to",
        })
    }
}

impl core::error::Error for Error {}

impl embedded_io::Error for Error {
    fn kind(&self) -> embedded_io::ErrorKind {
        match self {
            Self::Refused => embedded_io::ErrorKind::ConnectionRefused,
            Self::Reset => embedded_io::ErrorKind::ConnectionReset,
            Self::GaveUp | Self::NoAnswer => embedded_io::ErrorKind::TimedOut,
            Self::NotConnected => embedded_io::ErrorKind::NotConnected,
            Self::Unaddressable => embedded_io::ErrorKind::AddrNotAvailable,
        }
    }
}

impl Classify for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused => ErrorKind::Peer,
            Self::NoAnswer | Self::Reset | Self::GaveUp => ErrorKind::Bus,
            Self::NotConnected | Self::Unaddressable => ErrorKind::Config,
        }
    }
}

/// Holds the memory of a [`Tcp`]: 8 KiB of buffers and one socket.
pub struct Memory {
    receive: [u8; BUFFER_BYTES],
    send: [u8; BUFFER_BYTES],
    sockets: [SocketStorage<'static>; 1],
}

impl Memory {
    pub(crate) const fn new() -> Self {
        Self {
            receive: [0; BUFFER_BYTES],
            send: [0; BUFFER_BYTES],
            sockets: [SocketStorage::EMPTY],
        }
    }
}

/// Holds the network stack and its one connection.
///
/// # RAM
///
/// The 8 KiB of [`Memory`], 1 KB of its own, and 3 KB of stack while a frame is answered.
pub struct Tcp {
    ethernet: Ethernet,
    interface: Interface,
    sockets: SocketSet<'static>,
    socket: SocketHandle,
    next_port: u16,
    connected: bool,
}

impl Tcp {
    /// Starts the stack.
    ///
    /// `seed` decides the first sequence numbers and ports. It has to differ from boot to boot, or
    /// packets of the last boot's connections may be taken for this one's (RFC 6528 section 1).
    pub fn new(mut ethernet: Ethernet, memory: &'static mut Memory, seed: u64) -> Self {
        let mut config = Config::new(ethernet.address().into());
        config.random_seed = seed;
        let mut interface = Interface::new(config, &mut ethernet, stack_time());
        interface.update_ip_addrs(|addresses| {
            // The list is empty and holds two.
            let _ = addresses.push(IpCidr::new(IpAddress::Ipv4(ADDRESS), PREFIX_BITS));
        });
        // The table is empty, too.
        let _ = interface.routes_mut().add_default_ipv4_route(GATEWAY);
        let mut socket = Socket::new(
            SocketBuffer::new(&mut memory.receive[..]),
            SocketBuffer::new(&mut memory.send[..]),
        );
        // Whole TLS records are written at once; waiting for more only adds a round trip.
        socket.set_nagle_enabled(false);
        socket.set_timeout(Some(PEER_TIMEOUT));
        socket.set_keep_alive(Some(KEEP_ALIVE));
        let mut sockets = SocketSet::new(&mut memory.sockets[..]);
        let socket = sockets.add(socket);
        let next_port = (seed % u64::from(EPHEMERAL_COUNT)) as u16;
        Self { ethernet, interface, sockets, socket, next_port, connected: false }
    }

    /// Connects to `remote`, ending what was connected before.
    ///
    /// `wait` is called once a millisecond while no answer has come: the place to go on sampling,
    /// feed a watchdog, or give up.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Refused`], [`Error::NoAnswer`] after 20 s, [`Error::GaveUp`] where `wait`
    /// says so, and [`Error::Unaddressable`] for a port or address of 0.
    ///
    /// # Blocking time
    ///
    /// As long as `wait` allows, at most 20 s.
    pub fn connect(
        &mut self,
        remote: SocketAddrV4,
        mut wait: impl FnMut() -> Wait,
    ) -> Result<(), Error> {
        self.abort();
        let port = EPHEMERAL_FIRST + self.next_port;
        // The next attempt is another port: the other side may still hold this one.
        self.next_port = (self.next_port + 1) % EPHEMERAL_COUNT;
        self.sockets
            .get_mut::<Socket<'_>>(self.socket)
            .connect(self.interface.context(), remote, port)
            .map_err(|_| Error::Unaddressable)?;
        let started = clock::now();
        loop {
            self.poll();
            let waited_ms = u64::from(clock::now().since(started));
            match self.socket().state() {
                State::SynSent | State::SynReceived => {}
                State::Closed if waited_ms >= PEER_TIMEOUT.total_millis() => {
                    return Err(Error::NoAnswer);
                }
                State::Closed => return Err(Error::Refused),
                _ => break,
            }
            if wait() == Wait::GiveUp {
                self.abort();
                return Err(Error::GaveUp);
            }
            clock::idle();
        }
        self.connected = true;
        Ok(())
    }

    /// Sends what is buffered and then the end of the stream; [`poll`](Self::poll) does the rest.
    pub fn close(&mut self) {
        self.connected = false;
        self.socket_mut().close();
        self.poll();
    }

    /// Ends the connection at once: the other side sees a reset.
    pub fn abort(&mut self) {
        self.connected = false;
        if self.socket().is_open() {
            self.socket_mut().abort();
            self.poll();
        }
    }

    /// Lets the stack take what has come and send what is due; never blocks.
    ///
    /// Every call of the I/O traits does so, too: this is for the time when nobody reads.
    ///
    /// # Blocking time
    ///
    /// At most 8 frames in and 8 out, however many are waiting.
    pub fn poll(&mut self) {
        let (now, ethernet, sockets) = (stack_time(), &mut self.ethernet, &mut self.sockets);
        self.interface.poll_maintenance(now);
        for _ in 0..FRAMES_PER_POLL {
            let result = self.interface.poll_ingress_single(now, ethernet, sockets);
            if result == PollIngressSingleResult::None {
                break;
            }
        }
        for _ in 0..FRAMES_PER_POLL {
            if self.interface.poll_egress(now, ethernet, sockets) == PollResult::None {
                break;
            }
        }
    }

    /// Returns when the stack next has something to do by itself, such as a retransmission.
    pub fn wake_at(&mut self) -> Option<Ticks> {
        let wait = self.interface.poll_delay(stack_time(), &self.sockets)?;
        Some(clock::now().after(u32::try_from(wait.total_millis()).unwrap_or(u32::MAX >> 1)))
    }

    fn socket(&self) -> &Socket<'static> {
        self.sockets.get(self.socket)
    }

    fn socket_mut(&mut self) -> &mut Socket<'static> {
        self.sockets.get_mut(self.socket)
    }
}

impl ErrorType for Tcp {
    type Error = Error;
}

/// # Blocking time
///
/// `read` waits until something has come or the connection has ended. A peer whose host is alive
/// but that says nothing is waited for without end: ask [`ReadReady`] first.
impl Read for Tcp {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Error> {
        if bytes.is_empty() {
            return Ok(0);
        }
        while !self.read_ready()? {
            clock::idle();
        }
        if !self.connected {
            return Err(Error::NotConnected);
        }
        match self.socket_mut().recv_slice(bytes) {
            Ok(len) => {
                // Tells the other side about the room at once.
                self.poll();
                Ok(len)
            }
            Err(RecvError::Finished) => Ok(0),
            Err(RecvError::InvalidState) => Err(Error::Reset),
        }
    }
}

impl ReadReady for Tcp {
    /// Returns whether `read` would return at once, be it with the end of the stream or an error.
    fn read_ready(&mut self) -> Result<bool, Error> {
        self.poll();
        let socket = self.socket();
        Ok(!self.connected || socket.can_recv() || !socket.may_recv())
    }
}

/// # Blocking time
///
/// `write` waits for room while 4 KiB are unacknowledged; 20 s without an acknowledgement end the
/// connection. `flush` hands over what may be sent and does not wait for the acknowledgement.
impl Write for Tcp {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        if bytes.is_empty() {
            return Ok(0);
        }
        while !self.write_ready()? {
            clock::idle();
        }
        if !self.connected {
            return Err(Error::NotConnected);
        }
        let len = self.socket_mut().send_slice(bytes).map_err(|_| Error::Reset)?;
        self.poll();
        Ok(len)
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.poll();
        Ok(())
    }
}

impl WriteReady for Tcp {
    /// Returns whether `write` would return at once, be it with an error.
    fn write_ready(&mut self) -> Result<bool, Error> {
        self.poll();
        let socket = self.socket();
        Ok(!self.connected || socket.can_send() || !socket.may_send())
    }
}

/// The stack's time must not wrap, so it is not made of `Ticks`.
fn stack_time() -> Instant {
    Instant::from_millis(clock::uptime_millis().cast_signed())
}
