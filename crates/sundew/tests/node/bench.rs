//! A node on the bench: its flash, its sensor, its link, all in the test's hands.

use std::cell::RefCell;
use std::collections::VecDeque;

use sundew::codec::senml::PackDecoder;
use sundew::codec::{Entry, compact, tiny};
use sundew::core::{ErrorKind, Region, Ticks};
use sundew::node::profile::{Profile, Senml};
use sundew::node::{Application, Config, Event, Node, Step, Task};
use sundew::queue::Position;
use sundew::queue::policy::Retry;
use sundew::transport::link::{Capabilities, Delivery, Downlink, Incoming, Link, Port, Token};
use sundew::units::{Channel, ChannelId, Dec, Device, Quantity, Sample};
use sundew_testkit::{FlashError, SimFlash};

pub static AIR: Channel =
    Channel::new(ChannelId(1), "air", Quantity::Temperature, -2).with_range(-4_000, 12_500);
pub static HUMIDITY: Channel =
    Channel::new(ChannelId(2), "humidity", Quantity::RelativeHumidity, -2);
pub static INTERVAL: Channel =
    Channel::new(ChannelId(9), "interval", Quantity::Duration, -1).with_range(1, 36_000).writable();
pub static DEVICE: Device = Device::new("bench", 1, &[AIR, HUMIDITY, INTERVAL]);
pub const EVERY: u32 = 1_000;
pub const QUEUE: Region = Region::new(0, 0x2000);
pub const SETTINGS: Region = Region::new(0x2000, 0x1000);
pub const CONFIG: Config<1> =
    Config::new(&DEVICE, [Task::every_millis(EVERY).set_by(&INTERVAL)], QUEUE, SETTINGS)
        .retry(Retry::new(100, 400));

/// Describes the next firmware, which has neither of the sensor's channels.
pub static BARE: Device = Device::new("bench", 2, &[INTERVAL]);
pub const BARE_CONFIG: Config<1> = Config::new(&BARE, [Task::every_millis(EVERY)], QUEUE, SETTINGS);

pub type Flash = SimFlash<0x3000, 0x400, 4>;
pub type BenchEvent = Event<ErrorKind, ErrorKind, FlashError>;
pub type BenchNode<'n, 's, P = Senml> = Node<'n, &'s mut Sensor, 1, 256, P>;

/// Gives 1, 2, 3, .. as hundredths of a degree, and twice that as humidity.
#[derive(Debug, Default)]
pub struct Sensor {
    pub value: i32,
    pub warm_up: u32,
    pub fails: Option<ErrorKind>,
    /// Holds a second value of the same channel for each sample.
    pub repeats: Option<i32>,
}

impl Application for &mut Sensor {
    type Error = ErrorKind;

    fn start(&mut self, _: usize) -> Result<u32, ErrorKind> {
        self.fails.map_or(Ok(self.warm_up), Err)
    }

    fn read(&mut self, _: usize, sample: &mut Sample) -> Result<(), ErrorKind> {
        self.value += 1;
        sample.push(&AIR, self.value).unwrap();
        sample.push(&HUMIDITY, 2 * self.value).unwrap();
        if let Some(value) = self.repeats {
            sample.push(&AIR, value).unwrap();
        }
        Ok(())
    }
}

/// Carries messages to the test.
#[derive(Debug)]
pub struct TestLink {
    pub up: bool,
    pub payload: u16,
    pub delivery: Delivery,
    pub sent: Vec<(Port, Vec<u8>)>,
    /// Holds what the node announced.
    pub births: Vec<Vec<u8>>,
    /// Says whether that is acknowledged without the test's doing.
    pub takes_births: bool,
    pub incoming: VecDeque<In>,
    /// Holds what each message is answered with, where it is not the test that answers.
    pub reply: Option<In>,
    /// Holds how long each message is on the air.
    pub air_ms: u32,
    tokens: u16,
}

/// Returns what arrived, value by value.
pub type Values = fn(&TestLink) -> Vec<(ChannelId, i32)>;

/// What the test lets come down the link.
#[derive(Clone, Debug)]
pub enum In {
    /// Acknowledges the latest message.
    Ack,
    Reject,
    /// Refuses the latest message for now, and may say for how many ms.
    Refuse(Option<u32>),
    Command(Vec<u8>),
    TooLong(u32),
    Die(ErrorKind),
}

impl TestLink {
    pub fn new() -> Self {
        Self {
            up: true,
            payload: 256,
            delivery: Delivery::Acknowledged,
            sent: Vec::new(),
            births: Vec::new(),
            takes_births: true,
            incoming: VecDeque::new(),
            reply: None,
            air_ms: 0,
            tokens: 0,
        }
    }

    /// Returns what was sent on a port, as (boot, sequence, name, value).
    pub fn readings(&self) -> Vec<(u16, u32, String, Dec)> {
        let mut readings = Vec::new();
        for (port, payload) in &self.sent {
            if *port == Port::Readings {
                for record in PackDecoder::new(payload) {
                    let record = record.unwrap();
                    let origin = record.origin.unwrap();
                    let value = record.value.unwrap().dec().unwrap();
                    readings.push((origin.boot, origin.sequence, record.name.to_string(), value));
                }
            }
        }
        readings
    }

    /// Returns the payloads that were sent as readings.
    pub fn frames(&self) -> impl Iterator<Item = &[u8]> {
        let readings = self.sent.iter().filter(|(port, _)| *port == Port::Readings);
        readings.map(|(_, payload)| &payload[..])
    }

    pub fn compact_entries(&self) -> Vec<Entry> {
        self.frames()
            .flat_map(|frame| compact::decode(frame).unwrap())
            .map(Result::unwrap)
            .collect()
    }

    pub fn tiny_entries(&self) -> Vec<Entry> {
        let decode = |frame| tiny::decode(&DEVICE, None, frame).unwrap();
        self.frames().flat_map(decode).map(Result::unwrap).collect()
    }

    pub fn senml_values(&self) -> Vec<(ChannelId, i32)> {
        let value = |(_, _, name, value): (u16, u32, String, Dec)| {
            let channel = DEVICE.channel_named(name.strip_prefix("bench/").unwrap()).unwrap();
            (channel.id(), value.at_exponent(channel.exponent()).unwrap().mantissa())
        };
        self.readings().into_iter().map(value).collect()
    }

    pub fn compact_values(&self) -> Vec<(ChannelId, i32)> {
        self.compact_entries().iter().map(|entry| (entry.channel, entry.mantissa)).collect()
    }

    pub fn tiny_values(&self) -> Vec<(ChannelId, i32)> {
        self.tiny_entries().iter().map(|entry| (entry.channel, entry.mantissa)).collect()
    }

    /// Returns the results that were sent, as (id, result).
    pub fn results(&self) -> Vec<(u32, u16)> {
        let results = self.sent.iter().filter(|(port, _)| *port == Port::CommandResult);
        results
            .map(|(_, payload)| {
                let record = PackDecoder::new(payload).next().unwrap().unwrap();
                (record.id.unwrap(), record.result.unwrap())
            })
            .collect()
    }
}

impl Link for TestLink {
    type Error = ErrorKind;

    fn capabilities(&self) -> Capabilities {
        Capabilities::new(self.payload, self.delivery, Downlink::Any)
    }

    fn is_up(&self) -> bool {
        self.up
    }

    fn air_ms(&self, _: usize) -> u32 {
        self.air_ms
    }

    fn send(&mut self, _: Ticks, port: Port, payload: &[u8]) -> Result<Token, ErrorKind> {
        assert!(payload.len() <= usize::from(self.payload), "longer than the link can carry");
        if port == Port::Birth {
            self.births.push(payload.to_vec());
            if self.takes_births {
                self.incoming.push_front(In::Ack);
            }
        } else {
            self.sent.push((port, payload.to_vec()));
            self.incoming.extend(self.reply.clone());
        }
        self.tokens += 1;
        Ok(Token(self.tokens))
    }

    fn poll<'b>(
        &mut self,
        _: Ticks,
        buffer: &'b mut [u8],
    ) -> Result<Option<Incoming<'b>>, ErrorKind> {
        let Some(incoming) = self.incoming.pop_front() else { return Ok(None) };
        Ok(Some(match incoming {
            In::Ack => Incoming::Acknowledged(Token(self.tokens)),
            In::Reject => Incoming::Rejected(Token(self.tokens)),
            In::Refuse(retry_after_ms) => {
                Incoming::Refused { token: Token(self.tokens), retry_after_ms }
            }
            In::Command(payload) => {
                let target = &mut buffer[..payload.len()];
                target.copy_from_slice(&payload);
                Incoming::Command(target)
            }
            In::TooLong(bytes) => Incoming::Oversized { bytes },
            In::Die(kind) => {
                self.up = false;
                return Err(kind);
            }
        }))
    }

    fn wake_at(&self) -> Option<Ticks> {
        None
    }
}

/// Polls from `start` for `millis`, going from one `wake_at` to the next as a board would.
pub fn run<P: Profile>(
    node: &mut BenchNode<'_, '_, P>,
    link: &mut TestLink,
    flash: &RefCell<Flash>,
    start: u32,
    millis: u32,
) -> Vec<(u32, BenchEvent)> {
    run_any(node, link, flash, start, millis)
}

/// Does the same with a node of any application.
pub fn run_any<A: Application<Error = ErrorKind>, const TASKS: usize, P: Profile>(
    node: &mut Node<'_, A, TASKS, 256, P>,
    link: &mut TestLink,
    flash: &RefCell<Flash>,
    start: u32,
    millis: u32,
) -> Vec<(u32, BenchEvent)> {
    let mut events = Vec::new();
    let (mut now, end) = (start, start + millis);
    let mut calls = 0;
    while now < end {
        calls += 1;
        assert!(calls < 10 * millis, "the node never sleeps");
        let ticks = Ticks::from_millis(now);
        let step: Step<_, _, _> = node.poll(ticks, link, &mut *flash.borrow_mut());
        if let Some(event) = step.event {
            events.push((now, event));
        }
        let wake = step.wake_at.since(ticks);
        // A message that comes in is a reason to call earlier.
        now += if link.incoming.is_empty() { wake } else { wake.min(1) };
    }
    events
}

/// Counts the records that wait.
pub fn waiting<P: Profile>(node: &mut BenchNode<'_, '_, P>, flash: &RefCell<Flash>) -> u32 {
    node.waiting(&mut *flash.borrow_mut()).unwrap()
}

/// Opens a node on a flash.
pub fn open<'s>(
    sensor: &'s mut Sensor,
    flash: &RefCell<Flash>,
    boot: u16,
    now: u32,
) -> BenchNode<'static, 's> {
    open_as(Senml, sensor, flash, boot, now)
}

/// Opens a node that speaks a profile.
pub fn open_as<'s, P: Profile>(
    profile: P,
    sensor: &'s mut Sensor,
    flash: &RefCell<Flash>,
    boot: u16,
    now: u32,
) -> BenchNode<'static, 's, P> {
    let config = CONFIG.profile(profile);
    let now = Ticks::from_millis(now);
    Node::open(config, "bench/", sensor, boot, now, &mut *flash.borrow_mut()).unwrap()
}

pub fn recorded(events: &[(u32, BenchEvent)]) -> Vec<Position> {
    let positions = events.iter().filter_map(|(_, event)| match event {
        Event::Recorded { position, .. } => Some(*position),
        _ => None,
    });
    positions.collect()
}
