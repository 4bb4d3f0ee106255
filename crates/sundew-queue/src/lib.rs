#![doc = include_str!("../README.md")]
#![no_std]

mod class;
mod counters;
pub mod policy;
mod queue;
mod record;

pub use class::{Class, Effort};
pub use counters::Counters;
pub use queue::{LONGEST_PAYLOAD, Queue};
pub use record::{Position, Record, Stamp};
pub use sundew_store::Error;
pub use sundew_store::log::{Cursor, Mark, NorLog, Priority, RamLog, WhenFull};
