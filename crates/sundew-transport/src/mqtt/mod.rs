//! A small MQTT 3.1.1 client: packets, an engine without I/O, and a link over a verified stream.
//!
//! - [`packet`] turns packets into bytes and back, strictly.
//! - [`Engine`] keeps the protocol: log-in, subscription, acknowledgements, keep-alive, time-outs.
//!   Bytes and time are its arguments; it waits for nothing and owns no buffer.
//! - [`MqttLink`] runs an engine over a [`Stream`] and is a [`Link`](crate::link::Link): the node
//!   sees messages only.
//!
//! Not spoken: `QoS` 2, MQTT 5, subscriptions with wildcards, more than one subscription.

pub mod packet;

mod bytes;
mod config;
mod engine;
mod error;
mod event;
mod link;
#[cfg(feature = "tls")]
mod over_tls;
mod stream;
mod topic;

pub use config::{Config, ConfigError, Timing};
pub use engine::Engine;
pub use error::{Duty, Error, LinkError};
pub use event::{Event, Received, State};
pub use link::{Buffers, MqttLink};
pub use packet::{Credentials, Malformed, PacketId, Quality, Refusal, Retain, Session, Will};
pub use stream::{Stream, Verified};
pub use topic::{DeviceId, Topic};

#[cfg(feature = "async")]
pub use stream::StreamAsync;
