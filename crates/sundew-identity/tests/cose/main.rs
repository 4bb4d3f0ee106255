//! Signed messages: vectors of the standards, and every way in which one can be wrong.

// clippy.toml allows these in tests, but does not see the helpers below as part of them.
#![allow(clippy::unwrap_used)]

mod forms;
mod keys;
mod vectors;
