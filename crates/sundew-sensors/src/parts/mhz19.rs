//! Winsen `MH-Z19B` and `MH-Z19C`: carbon dioxide, over a UART.
//!
//! After the user's manuals of the `MH-Z19B` (V1.5, 2019-09-23) and of the `MH-Z19C` (V1.2,
//! 2021-05-14). 9,600 baud, 8N1. Zero and span are not calibrated by hand, since a wrong command
//! there spoils the part; the temperature in the answer is not read, since no manual describes it.
//!
//! A part that is silent or absent cannot be told from one that is not through: both are
//! [`Error::NotReady`]. Values are uncalibrated during the preheat time, which the part does not
//! tell: 3 min (B), 1 min (C).

mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
#[cfg(feature = "async")]
use crate::uart::LineAsync;
use crate::uart::{Line, Running};
use crate::{Bus, Error, Output, Part, Sensor};
use embedded_io::{Read, ReadReady, Write};
#[cfg(feature = "async")]
use embedded_io_async::{Read as ReadAsync, Write as WriteAsync};
use sundew_units::{Quality, Quantity};
pub use wire::Parser;

/// Describes the one value: parts per million.
pub const OUTPUTS: [Output; 1] = [Output::new(Quantity::CarbonDioxide, -6)];

/// Describes the driver's parts.
pub const PART: Part = Part {
    module: "mhz19",
    parts: "MH-Z19B, MH-Z19C",
    bus: Bus::Uart,
    outputs: &OUTPUTS,
    accuracy: &["±(50 ppm + 5 %)"],
    blocking: "none with a transmit buffer of 9 bytes, else 9.4 ms at 9,600 baud",
};

/// Names the part, for its preheat time ("Technical parameters").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Model {
    /// Names the `MH-Z19B`, which preheats for 3 min.
    B,
    /// Names the `MH-Z19C`, which preheats for 1 min.
    C,
}

/// Chooses the largest concentration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u16)]
#[non_exhaustive]
pub enum Range {
    /// Chooses 2,000 ppm.
    Ppm2000 = 2_000,
    /// Chooses 5,000 ppm.
    Ppm5000 = 5_000,
    /// Chooses 10,000 ppm, for parts made for it.
    Ppm10000 = 10_000,
}

/// Says whether the part takes the least of each day for fresh air (400 ppm).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SelfCalibration {
    /// Leaves the zero point where it is: for greenhouses, stables and refrigerators.
    Off = 0x00,
    /// Does so, as the part leaves the factory: for rooms that are aired every day.
    On = 0xA0,
}

/// Drives one part, which gives whole parts per million.
///
/// They are the part's own integers, so the driver adds no error.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::mhz19::{Mhz19, Model};
/// use sundew_testkit::{SimClock, SimMhz19, SimSerial};
/// use sundew_units::Quality;
///
/// let clock = SimClock::new();
/// let part = SimMhz19::new();
/// let port = SimSerial::new(&clock, &part);
/// part.set(544);
///
/// let mut sensor = Mhz19::new(&port, Model::B);
/// clock.advance_millis(sensor.start().unwrap());
/// assert_eq!(sensor.read(), Ok([544]));
/// assert_eq!(sensor.quality(0), Quality::Uncalibrated);
/// sensor.has_run_for(180_000); // as the board's clock says
/// assert_eq!(sensor.quality(0), Quality::Good);
/// ```
///
/// *Blocking time*: `read` takes bytes that are there already; `start` hands over 9 bytes, for
/// which a port without a transmit buffer takes 9.4 ms.
///
/// *Cancel safety* (async): a future that is dropped loses a frame at most.
///
/// *RAM*: the port, 12 bytes for the frame and 10 more.
#[maybe_async_cfg::maybe(idents(Line(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Mhz19<P> {
    line: Line<P, { wire::LEN }>,
    model: Model,
    is_started: bool,
    running: Running,
}

#[maybe_async_cfg::maybe(
    idents(Line(sync), Read(sync), Write(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<P: Read + ReadReady + Write> Mhz19<P> {
    /// Takes a port at 9,600 baud, 8N1; nothing is sent yet.
    pub const fn new(port: P, model: Model) -> Self {
        Self { line: Line::new(port), model, is_started: false, running: Running::new() }
    }

    /// Says for how long the part has been powered at least, in milliseconds.
    ///
    /// The driver has no clock: by itself it counts only the waits that it asked for.
    pub const fn has_run_for(&mut self, millis: u32) {
        self.running.at_least(millis);
    }

    /// Chooses the range; the part keeps it without a supply, and does not confirm it.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the port fails.
    pub async fn set_range(&mut self, range: Range) -> Result<(), Error<P::Error>> {
        self.is_started = false;
        self.line.ask(&wire::range(range)).await
    }

    /// Turns the self-calibration on or off; the part does not confirm it.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the port fails.
    pub async fn set_self_calibration(
        &mut self,
        choice: SelfCalibration,
    ) -> Result<(), Error<P::Error>> {
        self.is_started = false;
        self.line.ask(&wire::self_calibration(choice)).await
    }

    /// Returns the port.
    pub fn release(self) -> P {
        self.line.release()
    }
}

#[maybe_async_cfg::maybe(
    idents(Read(sync), Write(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<P: Read + ReadReady + Write> Sensor<1> for Mhz19<P> {
    type Error = Error<P::Error>;

    const OUTPUTS: [Output; 1] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.is_started = false;
        self.line.ask(&wire::READ).await?;
        self.is_started = true;
        Ok(self.running.wait(wire::WAIT_MS))
    }

    async fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        if !self.is_started {
            return Err(Error::NotReady);
        }
        let ppm = self.line.newest(&wire::Answers).await?;
        self.is_started = false;
        self.running.over();
        Ok([i32::from(ppm)])
    }

    fn quality(&self, _output: usize) -> Quality {
        let preheat_ms = match self.model {
            Model::B => 180_000,
            Model::C => 60_000,
        };
        if self.running.millis() < preheat_ms { Quality::Uncalibrated } else { Quality::Good }
    }
}
