#![doc = include_str!("../README.md")]
#![no_std]

pub mod analog;
mod catalogue;
mod error;
mod fixed;
pub mod meaning;
pub mod modbus;
mod mounted;
pub mod one_wire;
mod parts;
pub mod pulse;
pub mod sdi12;
mod sensor;
mod uart;
pub mod wrap;

pub use catalogue::{Bus, PARTS, Part};
pub use error::{ConfigError, Error, ReadError};
pub use mounted::{Mounted, Source, check};
#[cfg(feature = "async")]
pub use mounted::{MountedAsync, SourceAsync};
pub use parts::*;
#[cfg(feature = "async")]
pub use sensor::SensorAsync;
pub use sensor::{Output, Sensor};
