//! `mqtt`: log in, subscribe to commands, publish a message with QoS 1 and see it acknowledged;
//! `mqtt5`: the same in MQTT 5.

use core::convert::Infallible;
use core::hint::black_box;

use sundew_core::Ticks;
use sundew_transport::link::{Incoming, Link, Port};
#[cfg(feature = "mqtt5")]
use sundew_transport::mqtt::V5;
use sundew_transport::mqtt::{Buffers, Config, DeviceId, MqttLink, Stream};

/// What the broker says to the three packets, in their order: CONNACK, SUBACK, PUBACK.
#[cfg(not(feature = "mqtt5"))]
const ANSWERS: [&[u8]; 3] = [&[0x20, 2, 0, 0], &[0x90, 3, 0, 1, 1], &[0x40, 2, 0, 2]];
/// The same in MQTT 5; this broker wants a keep-alive of its own.
#[cfg(feature = "mqtt5")]
const ANSWERS: [&[u8]; 3] =
    [&[0x20, 6, 0, 0, 3, 0x13, 0, 30], &[0x90, 4, 0, 1, 0, 1], &[0x40, 2, 0, 2]];

/// A broker that takes each flush for a packet and answers it.
struct Broker {
    flushes: u8,
    answer: &'static [u8],
}

impl Stream for Broker {
    type Error = Infallible;

    fn ready(&mut self) -> Result<bool, Infallible> {
        Ok(!self.answer.is_empty())
    }

    #[inline(never)]
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let length = self.answer.len().min(buffer.len());
        let (now, later) = self.answer.split_at_checked(length).unwrap_or_default();
        buffer.iter_mut().zip(now).for_each(|(to, from)| *to = *from);
        self.answer = later;
        Ok(length)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        Ok(black_box(bytes).len())
    }

    #[inline(never)]
    fn flush(&mut self) -> Result<(), Infallible> {
        self.answer = ANSWERS.get(usize::from(self.flushes)).copied().unwrap_or_default();
        self.flushes = self.flushes.wrapping_add(1);
        Ok(())
    }
}

#[inline(never)]
pub(crate) fn run() -> bool {
    let now = Ticks::from_millis(black_box(0));
    let Ok(id) = DeviceId::new("greenhouse-7") else { return false };
    let Ok(config) = Config::new(id).with_credentials("greenhouse-7", b"secret") else {
        return false;
    };
    let config = config.with_payload_bytes(64);
    #[cfg(feature = "mqtt5")]
    let config = config.with_protocol(V5::new());
    let (mut receive, mut transmit, mut message) = ([0; 128], [0; 128], [0; 64]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
    let broker = Broker { flushes: 0, answer: &[] };
    let Ok(mut link) = MqttLink::insecure_plaintext(&config, broker, buffers, now) else {
        return false;
    };
    let mut sent = None;
    for _ in 0..8 {
        match link.poll(now, &mut message) {
            Ok(Some(Incoming::Acknowledged(token))) => return Some(token) == sent,
            Ok(_) => {}
            Err(_) => return false,
        }
        if sent.is_none() && link.is_up() {
            sent = link.send(now, Port::Readings, &black_box([5; 48])).ok();
        }
    }
    false
}
