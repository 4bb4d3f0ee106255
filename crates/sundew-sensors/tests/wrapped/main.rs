//! Wrapped drivers: values, and what becomes of every fault of the bus and of the part.
#![allow(clippy::unwrap_used, reason = "a failure of a helper is a failed test")]
// Each feature alone leaves some of the helpers unused.
#![allow(dead_code, unused_imports, unused_macros)]

#[cfg(feature = "bme680")]
mod bme680_cases;
mod noise;
#[cfg(feature = "async")]
#[path = "../drivers/polled.rs"]
mod polled;
#[cfg(feature = "scd30")]
mod scd30_cases;
#[cfg(feature = "sen5x")]
mod sen5x_cases;
#[cfg(feature = "sgp30")]
mod sgp30_cases;
#[cfg(feature = "vl53l0x")]
mod vl53l0x_cases;

use sundew_sensors::Sensor;
use sundew_testkit::SimClock;

/// Starts, waits as told, and reads.
fn measure<S: Sensor<N>, const N: usize>(
    sensor: &mut S,
    clock: &SimClock,
) -> Result<[i32; N], S::Error> {
    clock.advance_millis(sensor.start()?);
    sensor.read()
}
