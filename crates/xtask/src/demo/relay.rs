//! The line between node and broker, which can be cut, stalled and mended.
//!
//! It listens on the loopback only. What it holds is bounded: at most [`LINES`] connections with
//! one buffer of [`CHUNK`] bytes for each direction.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::failure::{Context, Failure};

const LINES: usize = 8;
const CHUNK: usize = 4096;
/// How soon a pump notices that the relay changed its mind.
const TICK: Duration = Duration::from_millis(10);
/// Stands for a line with no limit on what still goes through.
const UNLIMITED: i64 = i64::MAX;

/// Relays TCP connections to one port of this computer.
pub(crate) struct Relay {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    target: u16,
    ended: AtomicBool,
    cut: AtomicBool,
    /// How many bytes, both ways together, still go through.
    budget: AtomicI64,
    lines: Mutex<Lines>,
}

/// Holds the open connections, so that a cut reaches them while a pump waits in one.
#[derive(Default)]
struct Lines {
    next: u64,
    open: Vec<(u64, TcpStream, TcpStream)>,
}

impl Relay {
    /// Starts to relay to `target`, from a port of its own.
    pub(crate) fn start(target: u16) -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context(|| "relay")?;
        let port = listener.local_addr().context(|| "relay")?.port();
        listener.set_nonblocking(true).context(|| "relay")?;
        let shared = Arc::new(Shared {
            target,
            ended: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            budget: AtomicI64::new(UNLIMITED),
            lines: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accepting.accept(&listener));
        Ok(Self { port, shared })
    }

    /// Returns the port that the node connects to.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Drops every connection and every later attempt at one.
    pub(crate) fn cut(&self) {
        self.shared.cut.store(true, Ordering::SeqCst);
        self.shared.drop_lines();
    }

    /// Lets `bytes` more through, both ways together, and then nothing: the connections stay open
    /// and silent, as when a radio hangs in the middle of a record.
    pub(crate) fn stall_after(&self, bytes: u32) {
        self.shared.budget.store(i64::from(bytes), Ordering::SeqCst);
    }

    /// Lets everything through again. What a stall held back goes on its way, nothing is missing.
    pub(crate) fn mend(&self) {
        self.shared.budget.store(UNLIMITED, Ordering::SeqCst);
        self.shared.cut.store(false, Ordering::SeqCst);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        self.cut();
    }
}

impl Shared {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        while !self.ended.load(Ordering::SeqCst) {
            let Ok((node, _)) = listener.accept() else {
                thread::sleep(TICK);
                continue;
            };
            // Failing here looks to the node like a refused connection, which is what it is.
            let _ = self.connect(node);
        }
    }

    fn connect(self: &Arc<Self>, node: TcpStream) -> std::io::Result<()> {
        let broker = TcpStream::connect((Ipv4Addr::LOCALHOST, self.target))?;
        for stream in [&node, &broker] {
            stream.set_nonblocking(false)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(TICK))?;
        }
        // The look at `cut` and the entry into the list are one step against `cut()`.
        let mut lines = self.lines();
        if self.cut.load(Ordering::SeqCst) || lines.open.len() >= LINES {
            return Ok(());
        }
        let number = lines.next;
        lines.next += 1;
        lines.open.push((number, node.try_clone()?, broker.try_clone()?));
        drop(lines);
        self.spawn_pump(number, node.try_clone()?, broker.try_clone()?);
        self.spawn_pump(number, broker, node);
        Ok(())
    }

    fn spawn_pump(self: &Arc<Self>, number: u64, from: TcpStream, to: TcpStream) {
        let shared = Arc::clone(self);
        thread::spawn(move || {
            // Whatever ends one direction ends the connection: the node sees a closed link.
            let _ = shared.pump(&from, &to);
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
            shared.lines().open.retain(|line| line.0 != number);
        });
    }

    fn pump(&self, mut from: &TcpStream, mut to: &TcpStream) -> std::io::Result<()> {
        let mut chunk = [0; CHUNK];
        loop {
            let length = match from.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(error) if is_pause(&error) && !self.cut.load(Ordering::SeqCst) => continue,
                Err(error) => return Err(error),
            };
            let mut rest = chunk.get(..length).unwrap_or_default();
            while !rest.is_empty() {
                let allowed = self.take(rest.len());
                let (now, later) = rest.split_at(allowed.min(rest.len()));
                to.write_all(now)?;
                rest = later;
                if self.cut.load(Ordering::SeqCst) {
                    return Ok(());
                }
                if !rest.is_empty() {
                    thread::sleep(TICK);
                }
            }
        }
    }

    /// Takes at most `wanted` bytes from what still goes through.
    fn take(&self, wanted: usize) -> usize {
        let wanted = i64::try_from(wanted).unwrap_or(0);
        let left = |budget: i64| match budget {
            UNLIMITED => Some(UNLIMITED),
            budget => Some(budget - budget.min(wanted)),
        };
        let before = self.budget.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left);
        usize::try_from(before.unwrap_or(0).min(wanted)).unwrap_or(0)
    }

    fn drop_lines(&self) {
        for (_, node, broker) in self.lines().open.drain(..) {
            let _ = node.shutdown(Shutdown::Both);
            let _ = broker.shutdown(Shutdown::Both);
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_pause(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Starts a server that sends back whatever comes, and a relay to it.
    fn echo() -> Relay {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let target = server.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in server.incoming().map_while(Result::ok) {
                thread::spawn(move || std::io::copy(&mut &stream, &mut &stream));
            }
        });
        Relay::start(target).unwrap()
    }

    fn connect(relay: &Relay) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, relay.port())).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        stream
    }

    #[test]
    fn a_cut_line_closes_and_refuses_until_it_is_mended() {
        let relay = echo();
        let mut line = connect(&relay);
        let mut answer = [0; 4];
        line.write_all(b"ping").unwrap();
        line.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"ping");
        relay.cut();
        assert_eq!(line.read(&mut answer).unwrap_or(0), 0);
        assert_eq!(connect(&relay).read(&mut answer).unwrap_or(0), 0, "cut lines take no one");
        relay.mend();
        let mut line = connect(&relay);
        line.write_all(b"pong").unwrap();
        line.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"pong");
    }

    #[test]
    fn a_stalled_line_is_silent_and_loses_nothing() {
        let relay = echo();
        let mut line = connect(&relay);
        relay.stall_after(6);
        line.write_all(b"abcdef").unwrap();
        let mut answer = [0; 6];
        assert!(
            line.read_exact(&mut answer).is_err(),
            "6 bytes went up, none is left to come down"
        );
        relay.mend();
        line.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"abcdef");
    }
}
