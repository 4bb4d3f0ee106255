#![doc = include_str!("../README.md")]
#![no_std]

mod boot;
mod checksum;
mod drbg;
mod error;
mod record;

pub use boot::next_boot;
pub use drbg::Drbg;
pub use error::Error;
pub use record::DeviceRecord;
