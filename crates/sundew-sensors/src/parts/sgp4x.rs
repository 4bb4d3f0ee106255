//! Sensirion `SGP40` and `SGP41`: raw signals of volatile organic compounds and nitrogen oxides.
//!
//! After datasheets `SGP40` version 1.0 (July 2020) and `SGP41` version 1.0 (December 2021); of the
//! latter the commands and times were checked against the vendor's public driver. A signal is a
//! number of ticks, proportional to the logarithm of the element's resistance; the vendor's
//! algorithm that makes an index of it is not part of this driver. It wants a measurement a second.
//!
//! The elements are hot: values are [`Quality::Uncalibrated`](sundew_units::Quality::Uncalibrated)
//! for the first [`WARM_UP`] measurements after the first one, after [`Sgp40::turn_off`] and after
//! an answer that did not come. The driver has no clock, so it counts measurements: a minute at
//! one a second (`SGP40`, table 1: events are told reliably after less than 60 s), longer where
//! they are rarer.
//!
//! A measurement that is read before it is through is [`Error::NotReady`](crate::Error::NotReady),
//! and so is one that a restart of the part ended: they cannot be told apart. There is no
//! documented identity register; an `SGP40` refuses the command of an `SGP41` and the other way
//! round, which is [`Error::Bus`](crate::Error::Bus).
//!
//! ```
//! use sundew_sensors::Sensor;
//! use sundew_sensors::sgp4x::Sgp40;
//! use sundew_testkit::{SimBus, SimClock, SimWords, WordCommand};
//!
//! let clock = SimClock::new();
//! let measure = WordCommand::new(0x260F).taking(2).lasting(30_000).answering(30_123);
//! let part = SimWords::new(&clock, 0x59, [measure]);
//! let bus = SimBus::new([&part]);
//!
//! let mut sensor = Sgp40::new(&bus);
//! sensor.set_air(2_340, 6_120); // what a neighbour measured: 23.4 Cel, 61.2 %RH
//! clock.advance_millis(sensor.start().unwrap());
//! assert_eq!(sensor.read(), Ok([30_123]));
//! ```

mod sgp40;
mod sgp41;
mod wire;

use crate::{Bus, Output, Part};
pub use sgp40::Sgp40;
#[cfg(feature = "async")]
pub use sgp40::Sgp40Async;
#[cfg(feature = "async")]
pub use sgp41::Sgp41Async;
pub use sgp41::{Conditioning, Sgp41};
use sundew_units::Quantity;
pub use wire::WARM_UP;

/// Describes the values: ticks of the organic compounds, and for an `SGP41` of nitrogen oxides.
pub const OUTPUTS: [Output; 2] = [Output::new(Quantity::RawSignal, 0); 2];

/// Describes the driver's parts; an [`Sgp40`] has only the first of the two outputs.
pub const PART: Part = Part {
    module: "sgp4x",
    parts: "SGP40, SGP41",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["raw ticks", "raw ticks"],
    blocking: "1.4 ms at 100 kHz",
};
