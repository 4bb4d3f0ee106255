#![doc = include_str!("../README.md")]
#![no_std]

mod class;
mod counters;
mod log;
pub mod policy;
mod queue;
mod record;
mod ring;

pub use class::Effort;
pub use counters::Counters;
pub use policy::Backoff;
pub use queue::{Queue, WhenFull};
pub use record::{Position, Priority, Record, Stamp};
pub use sundew_store::Error;
