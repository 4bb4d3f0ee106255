//! A node on a line that loses bytes, the gateway, and mosquitto.

#![expect(clippy::expect_used, clippy::panic, reason = "a test panics where it fails")]

#[path = "../../../crates/sundew-transport/tests/mosquitto/mod.rs"]
mod mosquitto;

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use gateway::{Line, Node};
use mosquitto::Broker;
use sundew_core::Ticks;
use sundew_identity::FrameNumbers;
use sundew_transport::link::{Incoming, Link, Port};
use sundew_transport::serial::{Buffers, Key, SerialLink, Timing};

const KEY: [u8; 16] = *b"one key a device";
const MESSAGES: usize = 24;

/// Is the node's end of the line, which spoils every so manyth byte that goes out and comes in.
struct Noisy {
    stream: TcpStream,
    bytes: u32,
    every: u32,
}

impl Noisy {
    fn spoil(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.bytes += 1;
            if self.bytes.is_multiple_of(self.every) {
                *byte ^= 0x10;
            }
        }
    }
}

impl embedded_io::ErrorType for Noisy {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::ReadReady for Noisy {
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        match self.stream.peek(&mut [0]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            _ => Ok(true),
        }
    }
}

impl embedded_io::Read for Noisy {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        let read = self.stream.read(buffer).map_err(|_| embedded_io::ErrorKind::Other)?;
        self.spoil(buffer.get_mut(..read).unwrap_or_default());
        Ok(read)
    }
}

impl embedded_io::Write for Noisy {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        let mut spoiled = bytes.to_vec();
        self.spoil(&mut spoiled);
        self.stream.write(&spoiled).map_err(|_| embedded_io::ErrorKind::Other)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// Connects a node to a gateway that runs until the node hangs up.
fn start(broker: &Broker, state: &std::path::Path) -> (TcpStream, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let near = TcpStream::connect(listener.local_addr().expect("bound")).expect("loopback");
    let (far, _) = listener.accept().expect("loopback");
    let line = Line { reader: Box::new(far.try_clone().expect("socket")), writer: Box::new(far) };
    let nodes = vec![Node { number: 7, id: "shed".into(), key: KEY }];
    let (address, state) = (([127, 0, 0, 1], broker.open_port).into(), state.to_owned());
    let thread = std::thread::spawn(move || {
        gateway::run(line, address, nodes, &state).expect("the line ends and does not break");
    });
    near.set_nonblocking(true).expect("socket");
    (near, thread)
}

/// Sends messages until each is acknowledged; returns the commands that came.
fn talk(stream: TcpStream, every: u32, first: u32, payloads: &[String]) -> Vec<Vec<u8>> {
    let line = Noisy { stream, bytes: 0, every };
    let (mut receive, mut transmit) = ([0; 255], [0; 128]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
    let numbers = FrameNumbers::from_reserved(first, 1_000);
    let mut link = SerialLink::new(line, Key::new(KEY), 7, numbers, buffers)
        .with_timing(Timing { answer_ms: 80, repeats: 100 });
    let started = Instant::now();
    let now = || Ticks::from_millis(started.elapsed().as_millis() as u32);
    let mut commands = Vec::new();
    for payload in payloads {
        let token = link.send(now(), Port::Readings, payload.as_bytes()).expect("it is free");
        loop {
            match link.poll(now(), &mut [0; 64]).expect("the gateway answers") {
                Some(Incoming::Acknowledged(answered)) if answered == token => break,
                Some(Incoming::Command(command)) => commands.push(command.to_vec()),
                Some(other) => unreachable!("{other:?}"),
                None => std::thread::sleep(Duration::from_millis(1)),
            }
        }
    }
    if let Some(Incoming::Command(command)) = link.poll(now(), &mut [0; 64]).expect("a command") {
        commands.push(command.to_vec());
    }
    commands
}

#[test]
fn messages_reach_the_broker_once_and_in_order_and_commands_come_back() {
    let broker = Broker::start();
    let state = std::env::temp_dir().join(format!("sundew-gateway-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&state);
    let payloads: Vec<String> = (0..MESSAGES).map(|index| format!("reading {index}")).collect();
    let watcher = broker.subscribe("sundew/shed/up", MESSAGES);

    let (stream, gateway) = start(&broker, &state);
    // The first lets the gateway's session with the broker begin; the command waits for the second.
    let (begin, rest) = payloads.split_at(1);
    let again = stream.try_clone().expect("socket");
    assert_eq!(talk(stream, u32::MAX, 1, begin), Vec::<Vec<u8>>::new());
    broker.publish("sundew/shed/cmd", "blink");
    std::thread::sleep(Duration::from_millis(300));
    let (middle, end) = rest.split_at(12);
    // One byte in 97 is spoiled, which is more than every other frame and answer.
    assert_eq!(talk(again.try_clone().expect("socket"), 97, 2, middle), [b"blink".to_vec()]);
    again.shutdown(std::net::Shutdown::Both).expect("socket");
    gateway.join().expect("the gateway ends with its line");

    // Another gateway goes on with the windows of the first.
    let (stream, gateway) = start(&broker, &state);
    let hang_up = stream.try_clone().expect("socket");
    talk(stream, 131, 2_000, end);
    hang_up.shutdown(std::net::Shutdown::Both).expect("socket");
    gateway.join().expect("the gateway ends with its line");
    assert_eq!(watcher.lines(), payloads);
    let window = std::fs::read(state.join("7.window")).expect("kept");
    assert_eq!(window.get(..4), Some(&2_010_u32.to_le_bytes()[..]));
    std::fs::remove_dir_all(&state).expect("own folder");
}
