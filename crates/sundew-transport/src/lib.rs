#![doc = include_str!("../README.md")]
#![no_std]

pub mod http;
pub mod link;
pub mod lorawan;
pub mod mqtt;
pub mod serial;
#[cfg(feature = "tls")]
pub mod tls;
