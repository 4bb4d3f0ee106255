#![doc = include_str!("../README.md")]
#![no_std]

mod error;
mod mounted;
mod sensor;
pub mod sht4x;
pub mod tmp105;

pub use error::{ConfigError, Error, ReadError};
pub use mounted::{Mounted, Source, check};
#[cfg(feature = "async")]
pub use mounted::{MountedAsync, SourceAsync};
#[cfg(feature = "async")]
pub use sensor::SensorAsync;
pub use sensor::{Output, Sensor};
pub use sht4x::Sht4x;
#[cfg(feature = "async")]
pub use sht4x::Sht4xAsync;
pub use tmp105::Tmp105;
#[cfg(feature = "async")]
pub use tmp105::Tmp105Async;
