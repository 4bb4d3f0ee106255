#![doc = include_str!("../README.md")]
#![no_std]

pub mod node;

pub use sundew_codec as codec;
pub use sundew_core as core;
pub use sundew_identity as identity;
pub use sundew_ota as ota;
pub use sundew_queue as queue;
pub use sundew_sensors as sensors;
pub use sundew_store as store;
pub use sundew_transport as transport;
pub use sundew_units as units;
