//! Analog inputs: thermistors, current loops, wind vanes, soil probes, batteries.
//!
//! embedded-hal 1 has no trait for a converter, so this module has its own small one,
//! [`AdcInput`]: it gives codes of a known number of bits. [`Analog`] reads one, converts each code
//! by a [`Transform`](sundew_units::Transform) and averages what comes out; [`Vane`] does so for
//! directions. What is left to say is the circuit, and that is constant data:
//!
//! | circuit | transform |
//! |---|---|
//! | a divider of two resistors | [`divider`] tells what share of the reference it gives |
//! | 4-20 mA over a shunt | [`current_loop`], with the fault bands of NAMUR NE43 |
//! | wind vane with a ladder of resistors | [`Ladder`], such as [`VANE_SPARKFUN`] |
//! | wind vane with a potentiometer | [`VANE_DAVIS`] |
//! | soil probes | [`soil`] |
//! | battery | [`battery`] |
//!
//! A circuit is known when the board is: these constructors are for constants, where resistors that
//! make no sense do not compile. What is calibrated in the field has a form that gives an error
//! ([`soil::try_linear`], [`soil::try_inverse`], and the lines of [`sundew_units::transform`]).
//!
//! # What a transform is given
//!
//! The share of the converter's reference, in 65,536ths, whatever the converter: a code of 12 bits
//! is shifted by 4. A divider that hangs on the reference itself (*ratiometric*) needs no other
//! number, for a reference that drifts moves both alike. So one table serves an `ATmega328P` with
//! 10 bits and an STM32 with 12.
//!
//! ```
//! use sundew_sensors::analog::{Analog, Oversampling, closure};
//! use sundew_sensors::meaning::Temperature;
//! use sundew_sensors::{Mounted, Source};
//! use sundew_testkit::SimAdc;
//! use sundew_units::transform::Affine;
//! use sundew_units::{Channel, ChannelId, Quantity, Sample};
//!
//! // An LM35 gives 10 mV per degree; the reference is 1.1 V: hundredths of a degree.
//! const LM35: Affine = Affine::ratio(11_000, 65_536);
//! static AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
//!
//! let adc = SimAdc::new(10); // on a board: a closure over the HAL's converter and pin
//! adc.set(214);
//! let input = closure::<10, _>(|| adc.sample());
//! let probe = Analog::<Temperature<-2>, _, _>::new(input, LM35, Oversampling::Of8);
//!
//! let mut air = Mounted::new(probe, [&AIR])?;
//! let mut sample = Sample::new();
//! air.start().unwrap();
//! air.read_into(&mut sample).unwrap();
//! assert_eq!(sample.values().next().unwrap().1, 2_299); // 22.99 Cel
//! # Ok::<(), sundew_sensors::ConfigError>(())
//! ```

pub mod battery;
mod circuit;
mod input;
mod ladder;
mod sensor;
pub mod soil;
mod vane;

pub use circuit::{current_loop, divider};
#[cfg(feature = "async")]
pub use input::AdcInputAsync;
pub use input::{AdcInput, Closure, closure};
pub use ladder::{Ladder, VANE_SPARKFUN};
pub use sensor::{Analog, Oversampling};
#[cfg(feature = "async")]
pub use vane::VaneAsync;
pub use vane::{VANE_DAVIS, Vane};
