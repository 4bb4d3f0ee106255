//! LoRaWAN as far as a sender must know it: how much fits a frame, how long it is on the air, and
//! when the next one may go.
//!
//! Radio and protocol are the board's, such as the crate `lorawan-device`, which answers neither
//! question: it keeps no duty cycle and repeats no confirmed uplink. A [`Link`](crate::link::Link)
//! over it takes its payload limit from a [`DataRate`] and holds a message until its [`DutyCycle`]
//! is free.
//!
//! ```
//! use sundew_core::Ticks;
//! use sundew_transport::lorawan::{DutyCycle, Region};
//!
//! let rate = Region::Eu868.data_rate(0).unwrap();
//! assert_eq!(rate.payload(), 51);
//! let micros = rate.uplink_micros(11);
//! assert_eq!(micros, 1_482_752);
//!
//! let mut band = DutyCycle::one_in(100); // 868.0 to 868.6 MHz: 1 %
//! let now = Ticks::from_millis(0);
//! assert_eq!(band.free_at(now), now);
//! band.sent(now, micros);
//! assert_eq!(band.free_at(now), now.after(148_276));
//! ```
//!
//! The kind of a tiny frame is a port here (1 to 223), so that the payload limit of a link that moves
//! it there is one byte more.

mod airtime;
mod duty;
mod region;

pub use airtime::{Bandwidth, Modulation};
pub use duty::DutyCycle;
pub use region::{DataRate, Region};

/// Holds the bytes that LoRaWAN adds to the payload of an uplink: header, address, counter, port
/// and integrity code (LoRaWAN 1.0.4 section 4), without options.
pub const OVERHEAD: u8 = 13;

/// Holds the milliseconds from the end of an uplink to the first window in which a class A device
/// listens.
pub const FIRST_WINDOW_MILLIS: u32 = 1_000;

/// Holds the milliseconds from the end of an uplink to the second window.
pub const SECOND_WINDOW_MILLIS: u32 = 2_000;
