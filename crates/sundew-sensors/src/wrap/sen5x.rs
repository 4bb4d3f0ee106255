//! Sensirion `SEN50`, `SEN54` and `SEN55` by the crate `sen5x-rs`: particles, air, gas indices.
//!
//! What had to be mended from outside, in version 0.4.0: it drops what the bus says of a read,
//! a wrong checksum included, and returns zeros or damaged values as good ones; it takes the
//! temperature for unsigned, so -5 Cel are 322.68; and 65,535, by which the part says that it has
//! no such sensor, comes out as 6,553.5. Here the bus is listened to, the integers are recovered,
//! which its floats allow exactly, and what the part does not know is a fault.
//!
//! Its async methods cannot be reached with a bus that is only async (the constructor asks for a
//! blocking one), so there is no async twin. For targets of 32 bits.

use crate::wrap::{Split, SplitError, rounded};
use crate::{Error, Output, Sensor};
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{self, ErrorKind, ErrorType, I2c, Operation};
use sen5x_rs::{Error as Theirs, Sen5x as Driver};
use sundew_units::{Quality, Quantity};

/// Describes the eight values: particles up to 1, 2.5, 4 and 10 micrometres in 0.1 microgram per
/// cubic metre, temperature in 0.005 Cel, humidity in 0.01 %RH, the indices of organics and of
/// nitrogen oxides in tenths.
pub const OUTPUTS: [Output; 8] = [
    Output::new(Quantity::ParticulateMatter, -10),
    Output::new(Quantity::ParticulateMatter, -10),
    Output::new(Quantity::ParticulateMatter, -10),
    Output::new(Quantity::ParticulateMatter, -10),
    Output::new(Quantity::Temperature, -3),
    Output::new(Quantity::RelativeHumidity, -2),
    Output::new(Quantity::RawSignal, -1),
    Output::new(Quantity::RawSignal, -1),
];

/// Drives one part by another crate's driver.
///
/// The part measures every second by itself. A value that it does not have (a `SEN50` measures
/// particles alone) or not yet is 0 and a [`Quality::Fault`].
///
/// *Blocking time*: at first 50 ms in `start`, else one transfer of 3 bytes; one of 25 in `read`.
///
/// *RAM*: a handle and 3 bytes.
///
/// ```
/// use sundew_sensors::wrap::{Split, sen5x::Sen5x};
/// use sundew_sensors::Sensor;
/// use sundew_testkit::{SimBus, SimClock, SimWords, WordCommand};
///
/// let clock = SimClock::new();
/// let run = WordCommand::new(0x0021).lasting(50_000);
/// let part = SimWords::new(&clock, 0x69, [run, WordCommand::new(0x03C4).lasting(20_000)]);
/// let minus_five = (-1_000_i16).cast_unsigned();
/// part.set_answer(0x03C4, &[18, 22, 24, 26, 5_514, minus_five, 360, 0x7FFF]);
/// let bus = SimBus::new([&part]);
///
/// let split = Split::new(&bus, &clock);
/// let mut air = Sen5x::new(&split);
/// clock.advance_millis(air.start().unwrap());
/// assert_eq!(air.read(), Ok([18, 22, 24, 26, -5_000, 5_514, 360, 0]));
/// ```
pub struct Sen5x<'s, I2C, D> {
    split: &'s Split<I2C, D>,
    is_running: bool,
    is_begun: bool,
    /// Has a bit for each output that the part does not know.
    unknown: u8,
}

impl<'s, I2C: I2c, D: DelayNs> Sen5x<'s, I2C, D> {
    /// Takes a bus and a delay; nothing is sent yet.
    pub const fn new(split: &'s Split<I2C, D>) -> Self {
        Self { split, is_running: false, is_begun: false, unknown: 0 }
    }

    /// Lets the driver do something over a bus that is listened to.
    fn heard<T>(
        &self,
        work: impl FnOnce(
            &mut Driver<&mut Heard<'s, I2C, D>, &'s Split<I2C, D>>,
        ) -> Result<T, Theirs<ErrorKind>>,
    ) -> Result<T, Error<I2C::Error>> {
        let mut bus = Heard { split: self.split, fault: None };
        let done = work(&mut Driver::new(&mut bus, self.split));
        match bus.fault {
            Some(fault) => Err(fault),
            None => done.map_err(|_| Error::Frame),
        }
    }
}

#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the methods as such are of one lifetime of the bus"
)]
impl<I2C: I2c, D: DelayNs> Sensor<8> for Sen5x<'_, I2C, D> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 8] = OUTPUTS;

    fn start(&mut self) -> Result<u32, Self::Error> {
        let is_first = !self.is_running;
        self.is_begun = false;
        if is_first {
            self.split.through();
            self.heard(|driver| driver.start_measurement())?;
            self.is_running = true;
        }
        self.split.begin();
        match self.heard(|driver| driver.measurement()) {
            Err(Error::NotReady) if self.split.is_paused() => self.is_begun = true,
            result => {
                self.is_running = false;
                return Err(result.err().unwrap_or(Error::NotReady));
            }
        }
        // 20 ms for the answer, at first 1 s for a value; 1 ms for the tick of the caller's clock.
        Ok(if is_first { 1_101 } else { 21 })
    }

    fn read(&mut self) -> Result<[i32; 8], Self::Error> {
        if !core::mem::take(&mut self.is_begun) {
            return Err(Error::NotReady);
        }
        self.split.resume();
        let air = self.heard(|driver| driver.measurement()).inspect_err(|error| {
            self.is_running = matches!(error, Error::Checksum);
        })?;
        let raw = [
            rounded(air.pm1_0, -1),
            rounded(air.pm2_5, -1),
            rounded(air.pm4_0, -1),
            rounded(air.pm10_0, -1),
            // Steps of 0.005 Cel: thousandths, of which each step has five.
            rounded(air.temperature, -3).map(|thousandths| thousandths / 5),
            rounded(air.humidity, -2),
            rounded(air.voc_index, -1),
            rounded(air.nox_index, -1),
        ];
        self.unknown = 0;
        let mut values = [0; 8];
        for (output, (value, raw)) in values.iter_mut().zip(raw).enumerate() {
            let is_particles = output < 4;
            *value = match raw.and_then(|raw| u16::try_from(raw).ok()) {
                None | Some(0xFFFF) => self.none(output),
                Some(0x7FFF) if !is_particles => self.none(output),
                Some(raw) if is_particles => i32::from(raw),
                Some(raw) => i32::from(raw.cast_signed()),
            };
        }
        let [.., temperature, _, _, _] = &mut values;
        *temperature *= 5;
        Ok(values)
    }

    fn quality(&self, output: usize) -> Quality {
        let is_unknown = (0..8).contains(&output) && self.unknown >> output & 1 == 1;
        if is_unknown { Quality::Fault } else { Quality::Good }
    }
}

impl<I2C, D> Sen5x<'_, I2C, D> {
    /// Notes that an output has no value.
    fn none(&mut self, output: usize) -> i32 {
        self.unknown |= 1 << output;
        0
    }
}

/// Listens to a bus for a driver that does not.
struct Heard<'s, I2C: ErrorType, D> {
    split: &'s Split<I2C, D>,
    fault: Option<Error<I2C::Error>>,
}

impl<I2C: ErrorType, D> ErrorType for Heard<'_, I2C, D> {
    type Error = ErrorKind;
}

impl<I2C: I2c, D> I2c for Heard<'_, I2C, D> {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), ErrorKind> {
        let mut bus = self.split;
        if let Err(error) = I2c::transaction(&mut bus, address, operations) {
            let kind = i2c::Error::kind(&error);
            let reads = matches!(operations, [Operation::Read(_), ..]);
            self.fault = Some(match error {
                SplitError::Bus(error) if reads => Error::while_reading(error),
                error => error.into_error(),
            });
            return Err(kind);
        }
        for operation in operations {
            if let Operation::Read(bytes) = operation
                && !crate::parts::sensirion::is_whole(bytes)
            {
                self.fault = Some(Error::Checksum);
            }
        }
        Ok(())
    }
}
