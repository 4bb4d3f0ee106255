//! Drivers of other crates as sensors of this one: a feature each, and worked examples.
//!
//! | feature | part | crate | what it takes to wrap it |
//! |---|---|---|---|
//! | `scd30` | Sensirion `SCD30` | `scd30-interface` 2.0 | floats rounded at the boundary, the 3 ms between command and answer kept |
//! | `sen5x` | Sensirion `SEN50`, `SEN54`, `SEN55` | `sen5x-rs` 0.4 | checksums and bus errors that it drops are noticed, signs restored |
//! | `sgp30` | Sensirion `SGP30` | `sgp30` 1.1 | its waits taken out, warming up marked; integers all the way |
//! | `bme680` | Bosch `BME680`, `BME688` | `bosch-bme680` 1.0 | its wait of a fifth of a second taken out, floats rounded, what it panics on refused |
//! | `vl53l0x` | ST `VL53L0X` | `vl53l0x` 1.0 | "nothing in range" marked, what it panics on refused; integers at the boundary |
//!
//! All are under permissive licences, stand on embedded-hal 1, and build for thumbv6m. Those with
//! floats are meant for targets of 32 bits: they build for AVR too, but see what a float costs
//! there (`rounded`, which these features bring).
//!
//! Others were looked at: `bme680` 0.6 stands on embedded-hal 0.2, and `bme68x-rust` 0.1 is C put
//! into `unsafe` Rust that unwraps what the bus says.
//!
//! A driver that checks what it reads and leaves the waiting to its caller takes some 60 lines, as
//! `vl53l0x` shows. The others are of 90 to 160: `sgp30`, `scd30` and `bme680` for the two phases
//! and the async twin, `bme680` and `sen5x` for what theirs gets wrong.
//!
//! # How to wrap a driver
//!
//! 1. A struct that holds the other crate's driver, and `start` and `read` that call it. Where its
//!    method writes, waits and reads, [`Split`] makes two phases of it.
//! 2. Its errors become [`Error`](crate::Error): the bus's own, a checksum, another part.
//! 3. Its values become integers in a power of ten of the canonical unit: from its raw path where it
//!    shows one, else `rounded`.
//! 4. What it does not check, the wrapper does. Run the table of faults of your own drivers
//!    through it (`tests/wrapped` here), and a bus on which anything comes, before you trust it:
//!    two of these five dropped errors, and two panicked on what a damaged bus can say.
//! 5. A feature, and a row in `CANNOT_CARRY` (`crates/xtask`) for each target that it does not build
//!    for; these five build for all.

#[cfg(feature = "bme680")]
pub mod bme680;
#[cfg(any(feature = "bme680", feature = "scd30", feature = "sen5x"))]
mod float;
#[cfg(any(feature = "bme680", feature = "vl53l0x"))]
mod guard;
#[cfg(feature = "scd30")]
pub mod scd30;
#[cfg(feature = "sen5x")]
pub mod sen5x;
#[cfg(feature = "sgp30")]
pub mod sgp30;
mod split;
#[cfg(feature = "vl53l0x")]
pub mod vl53l0x;

#[cfg(any(feature = "bme680", feature = "scd30", feature = "sen5x"))]
pub use float::rounded;
pub use split::{Split, SplitError};
