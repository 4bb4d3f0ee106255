#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "sequential-storage")]
#[doc(hidden)]
pub mod bridge;
mod crc;
mod error;
pub mod log;
mod partition;
mod settings;

pub use error::Error;
pub use partition::Partition;
pub use settings::{Key, Setting, Settings, Value};
