//! What the node promises, shown over a simulated flash, sensor and link.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_cmp,
    missing_docs,
    reason = "a test program"
)]

#[cfg(feature = "async")]
mod asynchronous;
mod bench;
mod births;
mod broker;
mod commands;
mod delivery;
mod faults;
mod priorities;
mod profiles;
mod refusals;
mod sampling;
mod stall;
