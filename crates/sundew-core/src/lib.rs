#![doc = include_str!("../README.md")]
#![no_std]

mod error;
mod flash_map;
mod ticks;

pub use error::{Classify, ErrorKind};
pub use flash_map::{FlashMap, MapError, Owner, Region};
pub use ticks::Ticks;
