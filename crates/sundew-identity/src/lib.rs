#![doc = include_str!("../README.md")]
#![no_std]

mod boot;
mod cbor;
mod checksum;
pub mod cose;
mod drbg;
mod error;
mod malformed;
mod record;

pub use boot::next_boot;
pub use drbg::Drbg;
pub use error::Error;
pub use malformed::{Fault, Malformed};
pub use record::DeviceRecord;
