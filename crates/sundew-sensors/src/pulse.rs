//! Pulses: cup anemometers, tipping buckets, flow turbines, energy meters with an S0 output.
//!
//! The interrupt counts and the loop works: a [`Counter`] (or a [`Debounced`] one for contacts) is
//! a `static` of 16 bits with a single writer, and [`Total`], [`Rate`] and [`Wind`] read it where
//! there is time to convert. Nothing is locked and nothing is compared and swapped, so it runs on
//! an `ATmega328P` and a Cortex-M0 alike; any number of readers may share one counter.
//!
//! ```
//! use sundew_sensors::Sensor;
//! use sundew_sensors::pulse::{Debounced, RAIN_0_2794_MM, Total};
//!
//! /// A tipping bucket bounces for a few milliseconds; 100 ms apart there is no second tip.
//! static TIPS: Debounced = Debounced::new(100);
//!
//! let mut rain = Total::new(&TIPS, RAIN_0_2794_MM);
//!
//! // In the pin's interrupt, with the milliseconds of any clock, wrapping:
//! let interrupt = |millis: u16| TIPS.pulse(millis);
//! interrupt(65_500);
//! interrupt(65_503); // bounces
//! interrupt(84);
//!
//! // In the loop:
//! assert_eq!(rain.start(), Ok(0));
//! assert_eq!(rain.read(), Ok([2 * 2_794])); // 0.5588 mm, in 1e-7 m
//! ```
//!
//! # How often to read
//!
//! A counter holds 16 bits, so at most 65,535 pulses may come between two reads; one more and
//! 65,536 of them are lost, and nothing tells. That allows
//!
//! | a reading every | pulses per second | which is |
//! |---|---|---|
//! | 1 s | 65,535 | |
//! | 10 s | 6,553 | |
//! | 1 min | 1,092 | 2.4 l/s through a turbine of 450 pulses to the litre |
//! | 10 min | 109 | 73 m/s of wind at 0.667 m/s for each pulse per second |
//! | 1 h | 18 | more than S0 allows: 30 ms on and 30 ms off (EN 62053-31) are 16.7 |
//!
//! # Counters start at 0 when the device does
//!
//! A receiver must tell a counter that began again from one that came round. Either the device
//! keeps the total ([`Total::save`], [`Total::resume`]), or it sends the number of its boot beside
//! it ([`WithEpoch`]), and the receiver asks [`gained`].

mod counter;
mod gauge;
mod rate;
mod shared;
mod total;
mod wind;

pub use counter::{Count, Counter, Debounced};
pub use gauge::{
    FLOW_450_PER_LITRE, Gauge, RAIN_0_2_MM, RAIN_0_2794_MM, S0_1000_PER_KILOWATT_HOUR,
};
pub use rate::{Clock, Rate};
pub use total::{Saved, Total, WithEpoch, gained};
pub use wind::Wind;
