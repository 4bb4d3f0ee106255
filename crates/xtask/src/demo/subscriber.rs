//! The other end: an MQTT client that nobody here wrote, and the decoding of what it receives.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rumqttc::{Client, Connection, Event, MqttOptions, Packet, Publish, QoS, RecvTimeoutError};

use super::columns;
use super::ledger::Ledger;
use super::profile::Profile;
use super::provision::Device;
use crate::failure::{Context, Failure};

/// Subscribes to a device's topics until it is dropped.
pub(crate) struct Subscriber {
    client: Client,
    command_topic: String,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Subscriber {
    /// Connects to the plain listener and waits until the broker took the subscription.
    pub(crate) fn start(
        port: u16,
        device: &Device,
        profile: Profile,
        ledger: &Ledger,
    ) -> Result<Self, Failure> {
        let mut options = MqttOptions::new("sundew-demo", "127.0.0.1", port);
        options.set_keep_alive(Duration::from_secs(5)).set_max_packet_size(1 << 20, 1 << 20);
        let (client, connection) = Client::new(options, 100);
        let ended = Arc::new(AtomicBool::new(false));
        let reader = Reader {
            readings: format!("sundew/{}/up", device.id),
            results: format!("sundew/{}/res", device.id),
            births: format!("sundew/{}/birth", device.id),
            profile,
            undecoded: RefCell::default(),
            client: client.clone(),
            ended: Arc::clone(&ended),
            ledger: ledger.clone(),
        };
        let thread = Some(std::thread::spawn(move || reader.read(connection)));
        let command_topic = format!("sundew/{}/cmd", device.id);
        let subscriber = Self { client, command_topic, ended, thread };
        ledger
            .wait("a subscriber at the broker", Duration::from_secs(10), |seen| seen.subscribed)?;
        Ok(subscriber)
    }

    /// Sends a command down, with QoS 1.
    pub(crate) fn command(&self, payload: Vec<u8>) -> Result<(), Failure> {
        self.client
            .publish(self.command_topic.clone(), QoS::AtLeastOnce, false, payload)
            .context(|| "cannot send the command")
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = self.client.try_disconnect();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads what the broker sends.
struct Reader {
    readings: String,
    results: String,
    births: String,
    profile: Profile,
    /// Holds readings that overtook the descriptor: a broker orders the messages of a topic only.
    undecoded: RefCell<Vec<Vec<u8>>>,
    client: Client,
    ended: Arc<AtomicBool>,
    ledger: Ledger,
}

impl Reader {
    fn read(&self, mut connection: Connection) {
        while !self.ended.load(Ordering::SeqCst) {
            match connection.recv_timeout(Duration::from_millis(100)) {
                Ok(Ok(Event::Incoming(packet))) => self.take(packet),
                Ok(Ok(Event::Outgoing(_))) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Err(error)) => {
                    if !self.ended.load(Ordering::SeqCst) {
                        self.ledger.show().say(format!("subscriber: {error}; connecting again"));
                        std::thread::sleep(Duration::from_millis(200));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn take(&self, packet: Packet) {
        match packet {
            Packet::ConnAck(_) => {
                for topic in [&self.births, &self.readings, &self.results] {
                    // Called from the thread that drives the connection, so it must not wait.
                    if let Err(error) = self.client.try_subscribe(topic, QoS::AtLeastOnce) {
                        self.unreadable(format!("cannot subscribe to {topic}: {error}"));
                    }
                }
            }
            Packet::SubAck(_) => self.ledger.note(|seen| seen.subscribed = true),
            Packet::Publish(message) => {
                if let Err(failure) = self.message(&message) {
                    self.unreadable(format!("{}: {failure}", message.topic));
                }
            }
            _ => {}
        }
    }

    fn message(&self, message: &Publish) -> Result<(), Failure> {
        if message.topic == self.readings {
            self.ledger.keep(self.profile.name(), "-", &message.payload);
            self.readings(&message.payload)?;
        } else if message.topic == self.births {
            self.ledger.keep("descriptor", "-", &message.payload);
            self.birth(&message.payload)?;
        } else if message.topic == self.results {
            let (id, error) = self.profile.result(&message.payload)?;
            self.ledger.show().arrived(format!("result of command {id}: {error}"));
            self.ledger.note(|seen| seen.results.push((id, error)));
        }
        Ok(())
    }

    fn readings(&self, payload: &[u8]) -> Result<(), Failure> {
        let descriptor = self.ledger.look(|seen| seen.descriptor.clone());
        if descriptor.is_none() && self.profile.needs_descriptor() {
            self.undecoded.borrow_mut().push(payload.to_vec());
            return Ok(());
        }
        self.ledger.rows_arrived(self.profile.rows(payload, descriptor.as_deref())?);
        self.ledger.note(|seen| {
            let (messages, bytes) = seen.messages;
            seen.messages = (messages + 1, bytes + payload.len());
        });
        Ok(())
    }

    fn birth(&self, payload: &[u8]) -> Result<(), Failure> {
        let device = columns::read(payload)?;
        let (model, version) = (device.model(), device.version());
        let channels = device.channels().count();
        self.ledger.show().arrived(format!("birth: {model} {version}, {channels} channels"));
        self.ledger.note(|seen| seen.descriptor = Some(payload.to_vec()));
        self.undecoded.take().iter().try_for_each(|payload| self.readings(payload))
    }

    fn unreadable(&self, text: String) {
        self.ledger.show().wrong(&text);
        self.ledger.note(|seen| seen.unreadable.push(text));
    }
}
