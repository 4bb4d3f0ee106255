//! How a node speaks to its collector: one profile of the codec, picked by type.
//!
//! A node links the profile that its [`Config`](super::Config) names and no other:
//!
//! | profile | a message | for |
//! |---|---|---|
//! | [`Senml`] | values with name and unit, readable by itself | whoever speaks RFC 8428 |
//! | [`Compact`] | as many records as fit, in columns; the descriptor says the rest | brokers, costly bytes |
//! | [`Tiny`] | one record, packed bit by bit | radios of 8 to 51 bytes |
//!
//! ```
//! use sundew::core::Region;
//! use sundew::node::{Config, Task, profile::Compact};
//! use sundew::units::{Channel, ChannelId, Device, Quantity};
//!
//! static LEVEL: Channel = Channel::new(ChannelId(1), "level", Quantity::BatteryLevel, 0);
//! static DEVICE: Device = Device::new("gauge", 1, &[LEVEL]);
//! const HOURLY: [Task; 1] = [Task::every_millis(3_600_000)];
//! const CONFIG: Config<1, Compact> =
//!     Config::new(&DEVICE, HOURLY, Region::new(0, 0x8000), Region::new(0x8000, 0x2000))
//!         .profile(Compact);
//! ```

mod codec;
mod compact;
mod senml;
mod tiny;

pub(super) use codec::{Packer, Request, Speaker, Taken};
pub use compact::Compact;
pub use senml::Senml;
pub use tiny::Tiny;

/// Says how a node speaks to its collector; implemented by the profiles of this module alone.
pub trait Profile: codec::Codec {}
