//! LoRaWAN as far as a sender must know it: how much fits a frame, how long it is on the air, and
//! when the next one may go.
//!
//! Radio and protocol are the board's, such as the crate `lorawan-device`, which answers neither
//! question: it keeps no duty cycle and repeats no confirmed uplink. A [`Link`](crate::link::Link)
//! over it takes what it can carry from [`DataRate::capabilities`] and asks a [`Governor`] before each
//! transmission.
//!
//! ```
//! use sundew_core::Ticks;
//! use sundew_transport::lorawan::{Denied, Governor, Region};
//!
//! let rate = Region::Eu868.data_rate(0).unwrap();
//! assert_eq!(rate.payload(), 51);
//! let mut governor = Governor::new(Region::Eu868);
//! let now = Ticks::from_millis(0);
//! // 11 bytes on 868.1 MHz: 1.48 s, and at 1 % the band is free again after 148 s.
//! assert_eq!(governor.claim(now, 868_100_000, rate, 11), Ok(1_482_752));
//! let free_at = now.after(148_276);
//! assert_eq!(governor.claim(now, 868_300_000, rate, 11), Err(Denied::Until(free_at)));
//! assert_eq!(governor.claim(free_at, 868_300_000, rate, 11), Ok(1_482_752));
//! ```
//!
//! The kind of a tiny frame is a port here (1 to 223), so that the payload limit of a link that moves
//! it there is one byte more.

mod airtime;
mod duty;
mod governor;
mod region;

pub use airtime::{Bandwidth, Modulation};
pub use duty::DutyCycle;
pub use governor::{Denied, Governor};
pub use region::{DataRate, Region};

/// Holds the bytes that LoRaWAN adds to the payload of an uplink: header, address, counter, port
/// and integrity code (LoRaWAN 1.0.4 section 4), without options.
pub const OVERHEAD: u8 = 13;

/// Holds the milliseconds from the end of an uplink to the first window in which a class A device
/// listens.
pub const FIRST_WINDOW_MILLIS: u32 = 1_000;

/// Holds the milliseconds from the end of an uplink to the second window.
pub const SECOND_WINDOW_MILLIS: u32 = 2_000;
