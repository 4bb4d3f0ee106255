//! One table of cases per driver, run through the blocking and the async one alike.
#![expect(clippy::unwrap_used, reason = "a failure of a helper is a failed test")]

mod ads1115_cases;
mod analog_cases;
mod any_bytes;
mod bh1750_cases;
mod bme280_cases;
mod bmp388_cases;
mod deaf_port;
mod dps310_cases;
mod ds18b20_cases;
mod emc1413_cases;
mod hts221_cases;
mod hx711_cases;
mod ina219_cases;
mod ina226_cases;
mod lis3dh_cases;
mod lps22hb_cases;
mod lsm303_cases;
mod max31855_cases;
mod max31865_cases;
mod modbus_cases;
mod mounting;
mod ms5611_cases;
#[cfg(feature = "async")]
mod polled;
mod pulse_cases;
mod ram;
mod scd4x_cases;
mod sdi12_cases;
mod serial_cases;
mod sgp4x_cases;
mod sht3x_cases;
mod sht4x_cases;
mod tmp105_cases;
mod tmp117_cases;
mod veml7700_cases;

use std::fmt::Debug;
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{BusError, SimBus, SimClock, SimDevice};

/// Holds what a case on an I2C bus needs.
struct World<'w, P> {
    part: &'w P,
    bus: &'w SimBus<'w, 1>,
}

/// Holds a clock, a part and the bus that it is alone on.
type Rig<P> = (&'static SimClock, &'static P, &'static SimBus<'static, 1>);

/// Puts a part alone on a bus.
///
/// All of it is leaked: cases hold function pointers, which cannot name a shorter life.
fn wired<P: SimDevice>(clock: &'static SimClock, part: P) -> Rig<P> {
    let part: &'static P = leaked(part);
    (clock, part, leaked(SimBus::new([part])))
}

fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Returns how each transaction from this one on began.
fn sent(bus: &SimBus<'_, 1>, from: usize) -> Vec<Vec<u8>> {
    (from..bus.transactions()).map(|n| bus.logged(n).unwrap().head().to_vec()).collect()
}

/// Holds one case: what happens around a start and a read, and what comes of it.
struct Case<W, const N: usize, E = BusError> {
    name: &'static str,
    before_start: fn(&W),
    /// Holds by how many milliseconds the read comes too early.
    early_ms: u32,
    before_read: fn(&W),
    expected: Result<[i32; N], Outcome<E>>,
}

#[derive(Debug, PartialEq)]
enum Outcome<E = BusError> {
    Start(Error<E>),
    Read(Error<E>),
}

impl<W, E: Debug + PartialEq, const N: usize> Case<W, N, E> {
    /// Lets nothing happen; each case changes what it is about.
    fn quiet(name: &'static str, expected: Result<[i32; N], Outcome<E>>) -> Self {
        Self { name, before_start: |_| {}, early_ms: 0, before_read: |_| {}, expected }
    }

    fn run(&self, sensor: &mut impl Sensor<N, Error = Error<E>>, clock: &SimClock, world: &W) {
        (self.before_start)(world);
        let outcome = sensor.start().map_err(Outcome::Start).and_then(|wait_ms| {
            // The tick of which the driver's extra millisecond is: half of the first one is over.
            clock.advance_micros(500);
            clock.advance_millis(wait_ms.saturating_sub(1).saturating_sub(self.early_ms));
            (self.before_read)(world);
            sensor.read().map_err(Outcome::Read)
        });
        assert_eq!(outcome, self.expected, "{}", self.name);
    }
}

/// Starts, waits as told, and reads.
fn measure<S: Sensor<N>, const N: usize>(
    sensor: &mut S,
    clock: &SimClock,
) -> Result<[i32; N], S::Error> {
    clock.advance_millis(sensor.start()?);
    sensor.read()
}
