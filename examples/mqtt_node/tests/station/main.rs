//! A station and servers that misbehave: what it says, and that no reading is late or lost.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test program"
)]

mod bench;
mod openssl;
mod refused;
mod silent;
mod socket;
mod stalled;
