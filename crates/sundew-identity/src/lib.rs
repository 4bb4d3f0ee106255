#![doc = include_str!("../README.md")]
#![no_std]

mod anchors;
mod boot;
mod cbor;
mod chacha;
mod checksum;
pub mod cose;
mod drbg;
mod entropy;
mod error;
mod example;
mod frame_numbers;
mod identity;
mod malformed;
mod record;
mod succession;
mod time;

pub use anchors::{Anchor, AnchorKind, Anchors, Role, Roles};
pub use boot::next_boot;
pub use drbg::Drbg;
pub use entropy::{Claim, EntropySource, Harvest, NoEntropy};
pub use error::Error;
#[cfg(any(debug_assertions, feature = "insecure-example-keys"))]
#[doc(hidden)]
pub use example::example;
pub use frame_numbers::FrameNumbers;
pub use identity::Identity;
pub use malformed::{Fault, Malformed};
pub use record::{DeviceRecord, Psk};
pub use succession::NotTaken;
pub use time::{Basis, OutOfDate, Proven, TimeFloor};
