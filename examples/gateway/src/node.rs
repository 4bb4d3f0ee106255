//! One node: its frames on one side, its session with the broker on the other.

use std::collections::VecDeque;
use std::io::{self, ErrorKind as IoError, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use sundew_core::{ErrorKind, Ticks};
use sundew_transport::link::{Incoming, Link, Port, Token};
use sundew_transport::mqtt::{Buffers, Config, DeviceId, MqttLink, Stream};
use sundew_transport::serial::{Key, ON_THE_WIRE, Opened, Opener, Ticket};

use crate::nodes::Node;
use crate::window::Store;

/// Holds how long a look at the line takes when nothing comes.
const TICK: Duration = Duration::from_millis(5);
/// Holds the pause before a broker that is away is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// Bounds the commands that wait for a node.
const COMMANDS: usize = 16;

type Wire = Mutex<Box<dyn Write + Send>>;

/// Serves a node until the line ends.
pub(crate) fn serve(
    node: &Node,
    store: Store,
    frames: &Receiver<Vec<u8>>,
    wire: &Wire,
    broker: SocketAddr,
) {
    let Ok(id) = DeviceId::new(&node.id) else { return };
    let config = Config::new(id).with_payload_bytes(ON_THE_WIRE as u16);
    let opener = Opener::new(Key::new(node.key), node.number, store.window());
    let mut desk = Desk { store, opener, held: None, commands: VecDeque::new(), answer: None };
    loop {
        match session(&config, &mut desk, frames, wire, broker) {
            Ok(()) => return,
            Err(error) => eprintln!("{}: {error}", node.id),
        }
        // What comes meanwhile comes again.
        match frames.recv_timeout(PAUSE) {
            Err(RecvTimeoutError::Disconnected) => return,
            _ => std::thread::sleep(PAUSE),
        }
    }
}

/// Holds what is under way with a node, over sessions with the broker.
struct Desk {
    store: Store,
    opener: Opener<Key>,
    /// The message that the broker does not have yet.
    held: Option<Held>,
    commands: VecDeque<Vec<u8>>,
    /// The answer that the node may not have yet, and the number that it answers.
    answer: Option<(u32, Vec<u8>)>,
}

struct Held {
    port: Port,
    payload: Vec<u8>,
    ticket: Ticket,
    token: Option<Token>,
}

fn session(
    config: &Config<'_>,
    desk: &mut Desk,
    frames: &Receiver<Vec<u8>>,
    wire: &Wire,
    broker: SocketAddr,
) -> io::Result<()> {
    let started = Instant::now();
    let now = || Ticks::from_millis(started.elapsed().as_millis() as u32);
    let stream = Tcp::connect(broker)?;
    let (mut receive, mut transmit) = ([0; 1_024], [0; 512]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
    let mut link = MqttLink::insecure_plaintext(config, stream, buffers, now())
        .map_err(|error| io::Error::other(error.to_string()))?;
    if let Some(held) = &mut desk.held {
        held.token = None;
    }
    loop {
        match frames.recv_timeout(TICK) {
            Ok(mut frame) => desk.take(&mut frame, wire)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        if let Some(held) = desk.held.as_mut().filter(|held| held.token.is_none())
            && link.is_up()
        {
            held.token = Some(link.send(now(), held.port, &held.payload).map_err(other)?);
        }
        let mut buffer = [0; ON_THE_WIRE];
        while let Some(incoming) = link.poll(now(), &mut buffer).map_err(other)? {
            match incoming {
                Incoming::Acknowledged(token) => desk.answer(token, wire)?,
                Incoming::Command(command) if desk.commands.len() < COMMANDS => {
                    desk.commands.push_back(command.to_vec());
                }
                _ => eprintln!("{:?}: a command is dropped", config.id()),
            }
        }
    }
}

impl Desk {
    /// Takes a frame of the node.
    fn take(&mut self, frame: &mut [u8], wire: &Wire) -> io::Result<()> {
        // The window must not hold a number that the broker does not have: one message at a time.
        if self.held.is_some() {
            return Ok(());
        }
        match self.opener.open(frame) {
            Ok(Opened::New(message)) => {
                let (port, payload) = (message.port, message.payload.to_vec());
                self.held = Some(Held { port, payload, ticket: message.ticket, token: None });
            }
            Ok(Opened::Again { number }) => {
                let mut out = [0; ON_THE_WIRE];
                match &self.answer {
                    Some((answered, bytes)) if *answered == number => put(wire, bytes)?,
                    _ => {
                        let length = self.opener.acknowledge(number, &mut out).unwrap_or(0);
                        put(wire, out.get(..length).unwrap_or_default())?;
                    }
                }
            }
            Ok(_) => {}
            Err(error) => eprintln!("line: {error}"),
        }
        Ok(())
    }

    /// Answers the node, now that the broker has its message.
    fn answer(&mut self, token: Token, wire: &Wire) -> io::Result<()> {
        let Some(held) = self.held.take_if(|held| held.token == Some(token)) else {
            return Ok(());
        };
        self.store.keep(self.opener.window())?;
        let number = held.ticket.number();
        let mut out = [0; ON_THE_WIRE];
        let length = match self.commands.pop_front() {
            Some(command) => self.opener.command(held.ticket, &command, &mut out),
            None => self.opener.acknowledge(number, &mut out),
        };
        let answer = match length {
            Ok(length) => out.get(..length).unwrap_or_default().to_vec(),
            Err(error) => {
                eprintln!("a command is dropped: {error}");
                let length = self.opener.acknowledge(number, &mut out).unwrap_or(0);
                out.get(..length).unwrap_or_default().to_vec()
            }
        };
        // Kept first: where the line breaks now, the command goes with the next answer to this number.
        let (_, answer) = self.answer.insert((number, answer));
        put(wire, answer)
    }
}

fn put(wire: &Wire, bytes: &[u8]) -> io::Result<()> {
    let mut wire = wire.lock().map_err(|_| io::Error::other("another node's thread has ended"))?;
    wire.write_all(bytes)?;
    wire.flush()
}

fn other(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}

/// Is a connection to the broker that never waits to read.
struct Tcp(TcpStream);

impl Tcp {
    fn connect(broker: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(broker)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self(stream))
    }
}

impl Stream for Tcp {
    type Error = ErrorKind;

    fn ready(&mut self) -> Result<bool, ErrorKind> {
        match self.0.peek(&mut [0]) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == IoError::WouldBlock => Ok(false),
            Err(_) => Err(ErrorKind::Bus),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.0.read(buffer).map_err(|_| ErrorKind::Bus)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        loop {
            match self.0.write(bytes) {
                Err(error) if error.kind() == IoError::WouldBlock => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                written => return written.map_err(|_| ErrorKind::Bus),
            }
        }
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}
