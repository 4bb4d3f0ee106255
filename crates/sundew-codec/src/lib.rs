#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "std")]
extern crate std;

mod bits;
mod cbor;
mod command;
pub mod compact;
pub mod descriptor;
mod entry;
mod error;
mod origin;
pub mod record;
mod row;
pub mod senml;
mod time;
pub mod tiny;

pub use command::{Answer, Command};
pub use entry::Entry;
pub use error::Error;
pub use origin::Origin;
pub use row::Row;
pub use time::{FIRST_ABSOLUTE, Time};
