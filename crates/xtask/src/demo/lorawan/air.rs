//! The simulated air with gateway and network server behind it, as a UDP socket of the loopback.
//!
//! Each frame of the node is answered with one datagram: what comes down in its first window, or an
//! empty one where nothing does. Some frames are lost on the way, by chance and a seed.

use std::net::{Ipv4Addr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use sundew_codec::descriptor::crc32;
use sundew_transport::lorawan::{DataRate, OVERHEAD};

use super::application::Application;
use crate::demo::random::Choices;
use crate::failure::{Context, Failure};

/// Loses one uplink of this many.
const LOST_UP: u64 = 8;
/// Loses one downlink of this many.
const LOST_DOWN: u64 = 12;
/// The address that the device gets.
const ADDRESS: [u8; 4] = [0x11, 0x22, 0x33, 0x26];

const JOIN_REQUEST: u8 = 0x00;
const JOIN_ACCEPT: u8 = 0x20;
const UNCONFIRMED_DOWN: u8 = 0x60;
const CONFIRMED_UP: u8 = 0x80;
const ACK: u8 = 0x20;

/// Counts what was on the air.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Counts frames of the node, repetitions and join requests included.
    pub(crate) frames: u64,
    /// Counts join requests among them.
    pub(crate) joins: u64,
    /// Counts frames that no gateway heard.
    pub(crate) unheard: u64,
    /// Counts answers that the node did not hear.
    pub(crate) lost_answers: u64,
    /// Counts frames that had arrived before.
    pub(crate) repeats: u64,
    /// Holds the bytes of all payloads, ports included.
    pub(crate) payload_bytes: u64,
    /// Holds how long the node was on the air.
    pub(crate) micros: u64,
    /// Holds the time on air of the longest frame.
    pub(crate) longest_micros: u64,
}

/// Answers the node until it is dropped.
pub(super) struct Air {
    port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    socket: UdpSocket,
    rate: DataRate,
    application: Application,
    ended: AtomicBool,
    gateway_is_down: AtomicBool,
    network: Mutex<Network>,
}

struct Network {
    choices: Choices,
    counts: Counts,
    /// Holds the number of the last uplink that arrived since the join.
    last: Option<u16>,
    down_counter: u16,
}

impl Air {
    pub(super) fn start(
        rate: DataRate,
        choices: Choices,
        application: Application,
    ) -> Result<Self, Failure> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context(|| "the air")?;
        let port = socket.local_addr().context(|| "the air")?.port();
        let patience = Some(Duration::from_millis(100));
        socket.set_read_timeout(patience).context(|| "the air")?;
        let counts = Counts::default();
        let network = Network { choices, counts, last: None, down_counter: 0 };
        let shared = Arc::new(Shared {
            socket,
            rate,
            application,
            ended: AtomicBool::new(false),
            gateway_is_down: AtomicBool::new(false),
            network: Mutex::new(network),
        });
        let answering = Arc::clone(&shared);
        let thread = Some(std::thread::spawn(move || answering.answer()));
        Ok(Self { port, shared, thread })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Takes the only gateway away.
    pub(super) fn cut(&self) {
        self.shared.gateway_is_down.store(true, Ordering::SeqCst);
    }

    /// Brings it back.
    pub(super) fn mend(&self) {
        self.shared.gateway_is_down.store(false, Ordering::SeqCst);
    }

    pub(super) fn counts(&self) -> Counts {
        self.shared.network().counts
    }

    /// Returns what reads the messages and sends commands.
    pub(super) fn application(&self) -> &Application {
        &self.shared.application
    }
}

impl Drop for Air {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn network(&self) -> MutexGuard<'_, Network> {
        self.network.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self) {
        let mut bytes = [0; 256];
        while !self.ended.load(Ordering::SeqCst) {
            let Ok((length, node)) = self.socket.recv_from(&mut bytes) else { continue };
            let frame = bytes.get(..length).unwrap_or_default();
            let answer = self.pass(frame).unwrap_or_default();
            // A node that was killed meanwhile hears nothing.
            let _ = self.socket.send_to(&answer, node);
        }
    }

    /// Lets a frame through the air, or not, and returns what comes down.
    fn pass(&self, frame: &[u8]) -> Option<Vec<u8>> {
        let payload = u8::try_from(frame.len()).ok()?.saturating_sub(OVERHEAD);
        let is_heard = {
            let mut network = self.network();
            let micros = u64::from(self.rate.uplink_micros(payload));
            let counts = &mut network.counts;
            counts.frames += 1;
            counts.micros += micros;
            counts.longest_micros = counts.longest_micros.max(micros);
            let is_lost = network.choices.below(LOST_UP) == 0;
            let is_heard = !is_lost && !self.gateway_is_down.load(Ordering::SeqCst);
            network.counts.unheard += u64::from(!is_heard);
            is_heard
        };
        let answer = self.take(frame, is_heard)?;
        let mut network = self.network();
        if network.choices.below(LOST_DOWN) == 0 {
            network.counts.lost_answers += 1;
            return None;
        }
        Some(answer)
    }

    /// Does what the network server does with a frame.
    fn take(&self, frame: &[u8], is_heard: bool) -> Option<Vec<u8>> {
        let (body, code) = frame.split_last_chunk::<4>()?;
        if crc32(body) != u32::from_le_bytes(*code) {
            self.application.unreadable("a frame with a wrong code".to_owned());
            return None;
        }
        match body {
            [JOIN_REQUEST, ..] => {
                let mut network = self.network();
                network.counts.joins += 1;
                if !is_heard {
                    return None;
                }
                network.last = None;
                let mut accept = vec![JOIN_ACCEPT, 0, 0, 0, 0, 0, 0];
                accept.extend(ADDRESS);
                accept.extend([0, 1]);
                Some(sealed(accept))
            }
            [CONFIRMED_UP, a, b, c, d, _, low, high, port, payload @ ..]
                if [*a, *b, *c, *d] == ADDRESS =>
            {
                let counter = u16::from_le_bytes([*low, *high]);
                let mut network = self.network();
                network.counts.payload_bytes += payload.len() as u64 + 1;
                if !is_heard {
                    return None;
                }
                let is_new = network.last != Some(counter);
                network.last = Some(counter);
                network.counts.repeats += u64::from(!is_new);
                network.down_counter += 1;
                let down_counter = network.down_counter;
                drop(network);
                if is_new {
                    self.application.message(*port, payload);
                }
                let mut down = vec![UNCONFIRMED_DOWN];
                down.extend(ADDRESS);
                down.push(ACK);
                down.extend(down_counter.to_le_bytes());
                down.extend(self.application.command());
                Some(sealed(down))
            }
            _ => {
                self.application.unreadable(format!("a frame of an unknown kind: {body:02x?}"));
                None
            }
        }
    }
}

fn sealed(mut frame: Vec<u8>) -> Vec<u8> {
    frame.extend(crc32(&frame).to_le_bytes());
    frame
}
