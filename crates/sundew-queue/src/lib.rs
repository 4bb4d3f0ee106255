#![doc = include_str!("../README.md")]
#![no_std]

mod backoff;
mod counters;
mod log;
mod queue;
mod record;
mod ring;

pub use backoff::Backoff;
pub use counters::Counters;
pub use queue::{Queue, WhenFull};
pub use record::{Position, Priority, Record, Stamp};
pub use sundew_store::Error;
