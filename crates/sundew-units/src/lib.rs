#![doc = include_str!("../README.md")]
#![no_std]

pub mod anemometer;
mod channel;
mod conversion;
mod decimal;
pub mod derived;
mod device;
mod kind;
pub mod pulses;
mod quantity;
mod reading;
mod rounding;
mod sample;
mod timestamp;
pub mod transform;
pub mod typed;
mod unit;

pub use channel::{Access, Channel, ChannelId};
pub use conversion::Conversion;
pub use decimal::{Dec, ParseError};
pub use device::{Change, Device, DeviceError, EvolutionError, Meaning};
pub use kind::Kind;
pub use quantity::Quantity;
pub use reading::{Quality, Reading};
pub use rounding::Rounding;
pub use sample::{Sample, SampleFull};
pub use timestamp::{Anchor, Timestamp};
pub use transform::{Marked, Transform};
pub use unit::Unit;
