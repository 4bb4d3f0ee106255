//! Channels derived from others: humidity in other measures, pressure at sea level.
//!
//! All in integers. Each item names its formula, its source, and the largest difference to the same
//! formula in f64 over a stated range; what the formula itself misses of nature is not in it.

mod humidity;
mod power;
mod sea_level;

pub use humidity::Magnus;
pub use sea_level::{SeaLevel, sea_level};
