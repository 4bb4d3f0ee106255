//! `node`: the whole way of a value, from the sensor through the queue to a link that acknowledges;
//! `node-compact` and `node-tiny`: the same with another profile.

use core::convert::Infallible;

use sundew::core::{Region, Ticks};
use sundew::node::profile::Profile;
use sundew::node::{Config, Event, Node, Task};
use sundew::sensors::Mounted;
use sundew::sensors::sht4x::{self, Sht4x};
use sundew::transport::link::{Capabilities, Delivery, Downlink, Incoming, Link, Port, Token};
use sundew::units::{Channel, ChannelId, Device, Quantity};

use crate::bench::Bench;

static AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
static DAMP: Channel = Channel::new(ChannelId(2), "damp", Quantity::RelativeHumidity, -2);
static STATION: Device = Device::new("weather", 1, &[AIR, DAMP]);
const MINUTELY: [Task; 1] = [Task::every_millis(60_000)];
const CONFIG: Config<1> =
    Config::new(&STATION, MINUTELY, Region::new(0, 1_024), Region::new(1_024, 512));

/// Acknowledges every message in the poll after it.
struct Near {
    sent: Option<Token>,
}

impl Link for Near {
    type Error = Infallible;

    fn capabilities(&self) -> Capabilities {
        Capabilities::new(128, Delivery::Acknowledged, Downlink::Any)
    }

    fn is_up(&self) -> bool {
        true
    }

    fn send(&mut self, _: Ticks, _: Port, _: &[u8]) -> Result<Token, Infallible> {
        self.sent = Some(Token(1));
        Ok(Token(1))
    }

    fn poll<'b>(&mut self, _: Ticks, _: &'b mut [u8]) -> Result<Option<Incoming<'b>>, Infallible> {
        Ok(self.sent.take().map(Incoming::Acknowledged))
    }

    fn wake_at(&self) -> Option<Ticks> {
        None
    }
}

#[inline(never)]
pub(crate) fn run<P: Profile>(bench: &mut Bench, profile: P) -> bool {
    let Bench { bus, flash, .. } = bench;
    let driver = Sht4x::new(bus, sht4x::Address::A, sht4x::Precision::High);
    let Ok(sensor) = Mounted::new(driver, [&AIR, &DAMP]) else { return false };
    let mut now = Ticks::from_millis(0);
    let mut link = Near { sent: None };
    let config = CONFIG.profile(profile);
    let node: Result<Node<_, 1, 128, P>, _> =
        Node::open(config, "station-1/", sensor, 1, now, flash);
    let Ok(mut node) = node else { return false };
    for _ in 0..16 {
        let step = node.poll(now, &mut link, flash);
        if let Some(Event::Delivered { records: 1, .. }) = step.event {
            return node.queue().is_empty();
        }
        now = step.wake_at;
    }
    false
}
