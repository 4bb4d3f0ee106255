#![doc = include_str!("../README.md")]
#![no_std]

mod flash;

pub use flash::{FlashCounters, FlashError, Operation, Rewrite, SimFlash, Torn};
