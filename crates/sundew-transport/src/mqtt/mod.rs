//! A small MQTT client, 3.1.1 and 5: packets, an engine without I/O, and a link over a verified stream.
//!
//! - [`packet`] turns packets into bytes and back, strictly.
//! - [`Engine`] keeps the protocol: log-in, subscription, acknowledgements, keep-alive, time-outs.
//!   Bytes and time are its arguments; it waits for nothing and owns no buffer.
//! - [`MqttLink`] runs an engine over a [`Stream`] and is a [`Link`](crate::link::Link): the node
//!   sees messages only.
//!
//! Which protocol is spoken is picked by type, with [`Config::with_protocol`]: [`V3_1_1`] unless
//! something else is said, [`V5`], or a [`Version`] that is known at run time only and takes the code
//! of both.
//!
//! Not spoken: `QoS` 2, subscriptions with wildcards, more than one subscription; of MQTT 5 topic
//! aliases, authentication beyond user and password, and what a message may say about itself beside
//! topic and payload.

pub mod packet;

mod bytes;
mod config;
mod engine;
mod error;
mod event;
mod link;
#[cfg(feature = "tls")]
mod over_tls;
mod protocol;
mod stream;
mod topic;

pub use config::{Config, ConfigError, Timing};
pub use engine::Engine;
pub use error::{Duty, Error, LinkError, Offer};
pub use event::{Event, Received, State};
pub use link::{Buffers, MqttLink};
pub use packet::{Credentials, Malformed, PacketId, Quality, Reason, Retain, Session, Will};
pub use protocol::{Protocol, Terms, V3_1_1, V5, Version};
pub use stream::{Stream, Verified};
pub use topic::{DeviceId, Topic};

#[cfg(feature = "async")]
pub use stream::StreamAsync;
