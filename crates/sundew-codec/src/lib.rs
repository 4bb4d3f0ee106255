#![doc = include_str!("../README.md")]
#![no_std]

mod cbor;
mod error;
pub mod record;
pub mod senml;

pub use error::Error;
