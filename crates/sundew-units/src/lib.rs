#![doc = include_str!("../README.md")]
#![no_std]

mod channel;
mod decimal;
mod device;
mod quantity;
mod reading;
mod sample;
mod timestamp;
pub mod transform;
mod unit;

pub use channel::{Access, Channel, ChannelId, Kind};
pub use decimal::{Dec, ParseError};
pub use device::{Device, DeviceError};
pub use quantity::Quantity;
pub use reading::{Quality, Reading};
pub use sample::{Sample, SampleFull};
pub use timestamp::{Anchor, Timestamp};
pub use transform::{Marked, Transform};
pub use unit::Unit;
