#![doc = include_str!("../README.md")]
#![no_std]

mod backoff;
mod log;
mod queue;
mod record;
mod ring;

pub use backoff::Backoff;
pub use queue::{Counters, Queue, WhenFull};
pub use record::{Position, Priority, Record, Stamp};
pub use sundew_store::Error;
