//! One TCP connection over IPv4, as [`embedded_io`] traits that the TLS session is put on.
//!
//! The addresses are those of QEMU's user network: the board is 10.0.2.15/24, and 10.0.2.2 is
//! the host's loopback. The stack does its work inside the calls and in [`Tcp::poll`]; there is no
//! task and no interrupt behind it.

mod error;

use core::{
    cell::RefCell,
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

use crate::{clock, ethernet::Ethernet};

pub use error::Error;

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
    /// Looks again.
    Again,
    /// Ends the attempt with [`Error::GaveUp`].
    GiveUp,
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
/// Everything works on a shared reference, as with `std`'s `&TcpStream`: while a session holds the
/// connection, the board's sleep still polls it.
///
/// # RAM
///
/// The 8 KiB of [`Memory`], 1 KB of its own, and 3 KB of stack while a frame is answered.
pub struct Tcp {
    // Borrowed for one step at a time and never while foreign code runs, so no borrow can fail.
    stack: RefCell<Stack>,
}

struct Stack {
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
        let stack = Stack { ethernet, interface, sockets, socket, next_port, connected: false };
        Self { stack: RefCell::new(stack) }
    }

    /// Connects to `remote`, ending what was connected before.
    ///
    /// `wait` is called again and again while no answer has come: the place to sleep, go on
    /// sampling, feed a watchdog, or give up.
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
        &self,
        remote: SocketAddrV4,
        mut wait: impl FnMut() -> Wait,
    ) -> Result<(), Error> {
        self.abort();
        self.stack.borrow_mut().start_connecting(remote)?;
        let started = clock::now();
        loop {
            self.poll();
            let waited_ms = u64::from(clock::now().since(started));
            match self.stack.borrow().socket().state() {
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
        }
        self.stack.borrow_mut().connected = true;
        Ok(())
    }

    /// Sends what is buffered and then the end of the stream; [`poll`](Self::poll) does the rest.
    pub fn close(&self) {
        let mut stack = self.stack.borrow_mut();
        stack.connected = false;
        stack.socket_mut().close();
        stack.poll();
    }

    /// Ends the connection at once: the other side sees a reset.
    pub fn abort(&self) {
        let mut stack = self.stack.borrow_mut();
        stack.connected = false;
        if stack.socket().is_open() {
            stack.socket_mut().abort();
            stack.poll();
        }
    }

    /// Lets the stack take what has come and send what is due; never blocks.
    ///
    /// Every call of the I/O traits does so, too: this is for the time when nobody reads.
    ///
    /// # Blocking time
    ///
    /// At most 8 frames in and 8 out, however many are waiting.
    pub fn poll(&self) {
        self.stack.borrow_mut().poll();
    }

    /// Polls, and returns whether there is a connection that has something to tell: bytes, its end
    /// or an error. It is a reason to end a sleep.
    pub fn has_news(&self) -> bool {
        let mut stack = self.stack.borrow_mut();
        stack.poll();
        stack.connected && stack.is_readable()
    }
}

impl ErrorType for &Tcp {
    type Error = Error;
}

/// # Blocking time
///
/// `read` waits until something has come or the connection has ended. A peer whose host is alive
/// but that says nothing is waited for without end: ask [`ReadReady`] first.
impl Read for &Tcp {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Error> {
        if bytes.is_empty() {
            return Ok(0);
        }
        while !self.read_ready()? {
            clock::idle();
        }
        let mut stack = self.stack.borrow_mut();
        if !stack.connected {
            return Err(Error::NotConnected);
        }
        match stack.socket_mut().recv_slice(bytes) {
            Ok(len) => {
                // Tells the other side about the room at once.
                stack.poll();
                Ok(len)
            }
            Err(RecvError::Finished) => Ok(0),
            Err(RecvError::InvalidState) => Err(Error::Reset),
        }
    }
}

impl ReadReady for &Tcp {
    /// Returns whether `read` would return at once, be it with the end of the stream or an error.
    fn read_ready(&mut self) -> Result<bool, Error> {
        let mut stack = self.stack.borrow_mut();
        stack.poll();
        Ok(!stack.connected || stack.is_readable())
    }
}

/// # Blocking time
///
/// `write` waits for room while 4 KiB are unacknowledged; 20 s without an acknowledgement end the
/// connection. `flush` hands over what may be sent and does not wait for the acknowledgement.
impl Write for &Tcp {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        if bytes.is_empty() {
            return Ok(0);
        }
        while !self.write_ready()? {
            clock::idle();
        }
        let mut stack = self.stack.borrow_mut();
        if !stack.connected {
            return Err(Error::NotConnected);
        }
        let len = stack.socket_mut().send_slice(bytes).map_err(|_| Error::Reset)?;
        stack.poll();
        Ok(len)
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.poll();
        Ok(())
    }
}

impl WriteReady for &Tcp {
    /// Returns whether `write` would return at once, be it with an error.
    fn write_ready(&mut self) -> Result<bool, Error> {
        let mut stack = self.stack.borrow_mut();
        stack.poll();
        let socket = stack.socket();
        Ok(!stack.connected || socket.can_send() || !socket.may_send())
    }
}

impl Stack {
    fn start_connecting(&mut self, remote: SocketAddrV4) -> Result<(), Error> {
        let port = EPHEMERAL_FIRST + self.next_port;
        // The next attempt is another port: the other side may still hold this one.
        self.next_port = (self.next_port + 1) % EPHEMERAL_COUNT;
        let socket = self.sockets.get_mut::<Socket<'_>>(self.socket);
        let started = socket.connect(self.interface.context(), remote, port);
        started.map_err(|_| Error::Unaddressable)
    }

    fn poll(&mut self) {
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

    fn is_readable(&self) -> bool {
        let socket = self.socket();
        socket.can_recv() || !socket.may_recv()
    }

    fn socket(&self) -> &Socket<'static> {
        self.sockets.get(self.socket)
    }

    fn socket_mut(&mut self) -> &mut Socket<'static> {
        self.sockets.get_mut(self.socket)
    }
}

/// The stack's time must not wrap, so it is not made of `Ticks`.
fn stack_time() -> Instant {
    Instant::from_millis(clock::uptime_millis().cast_signed())
}
