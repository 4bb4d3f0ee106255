//! Nova Fitness `SDS011`: particulate matter, over a UART.
//!
//! After "Laser Dust Sensor Control Protocol" V1.3 (2015-07-20) and the specification V1.3. 9,600
//! baud, 8N1. The identity is not addressed (commands go to every part) and the working period is
//! left at what the part has.
//!
//! A part that is silent or absent cannot be told from one that is not through: both are
//! [`Error::NotReady`]. Values are uncalibrated until the part has worked for 30 s.

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
pub use wire::{Frame, Parser};

/// Describes the two values: PM2.5 and PM10 in tenths of a microgram in a cubic metre.
pub const OUTPUTS: [Output; 2] = [Output::new(Quantity::ParticulateMatter, -10); 2];

/// Describes the driver's part.
pub const PART: Part = Part {
    module: "sds011",
    parts: "SDS011",
    bus: Bus::Uart,
    outputs: &OUTPUTS,
    accuracy: &["±10 ug/m3 or ±15 %", "±10 ug/m3 or ±15 %"],
    blocking: "none with a transmit buffer of 57 bytes, else 59.4 ms at 9,600 baud",
};

/// Says who begins a measurement; the part keeps it without a supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Mode {
    /// Lets the part speak every second, as it leaves the factory.
    Active,
    /// Asks the part each time.
    Query,
}

/// Drives one part, which gives PM2.5 and PM10 in 0.1 ug/m3.
///
/// They are the part's own integers, so the driver adds no error.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::sds011::{Mode, Sds011};
/// use sundew_testkit::{SimClock, SimSds011, SimSerial};
///
/// let clock = SimClock::new();
/// let part = SimSds011::new(&clock);
/// let port = SimSerial::new(&clock, &part);
/// part.set([1_236, 2_618]);
///
/// let mut sensor = Sds011::new(&port, Mode::Query);
/// clock.advance_millis(sensor.start().unwrap());
/// assert_eq!(sensor.read(), Ok([1_236, 2_618])); // 123.6 and 261.8 ug/m3
/// sensor.sleep().unwrap(); // until the next start
/// assert!(!part.is_awake());
/// ```
///
/// *Blocking time*: `read` takes bytes that are there already; the first `start`, and one after an
/// error, hands over 57 bytes, later ones 19 at most: 59.4 ms and 19.8 ms for a port without a
/// transmit buffer. The receiver must hold what comes until `read`.
///
/// *Cancel safety* (async): a future that is dropped loses a frame at most.
///
/// *RAM*: the port, 13 bytes for the frame and 11 more.
#[maybe_async_cfg::maybe(idents(Line(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Sds011<P> {
    line: Line<P, { wire::LEN }>,
    mode: Mode,
    is_configured: bool,
    is_started: bool,
    running: Running,
}

#[maybe_async_cfg::maybe(
    idents(Line(sync), Read(sync), Write(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<P: Read + ReadReady + Write> Sds011<P> {
    /// Takes a port at 9,600 baud, 8N1; nothing is sent yet.
    pub const fn new(port: P, mode: Mode) -> Self {
        Self {
            line: Line::new(port),
            mode,
            is_configured: false,
            is_started: false,
            running: Running::new(),
        }
    }

    /// Says for how long the part has been at work at least, in milliseconds.
    ///
    /// The driver has no clock: by itself it counts only the waits that it asked for.
    pub const fn has_run_for(&mut self, millis: u32) {
        self.running.at_least(millis);
    }

    /// Stops fan and laser, which last for 8,000 h; the next start wakes the part.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the port fails.
    pub async fn sleep(&mut self) -> Result<(), Error<P::Error>> {
        self.is_configured = false;
        self.is_started = false;
        self.running = Running::new();
        self.line.ask(&wire::SLEEP).await
    }

    /// Returns the port; the part goes on as it was configured.
    pub fn release(self) -> P {
        self.line.release()
    }
}

#[maybe_async_cfg::maybe(
    idents(Read(sync), Write(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<P: Read + ReadReady + Write> Sensor<2> for Sds011<P> {
    type Error = Error<P::Error>;

    const OUTPUTS: [Output; 2] = OUTPUTS;

    /// Begins a measurement; the first one, and one after an error, wakes and configures the part.
    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.is_started = false;
        if !self.is_configured {
            let mode = match self.mode {
                Mode::Active => wire::BE_ACTIVE,
                Mode::Query => wire::BE_ASKED,
            };
            self.line.ask(&wire::WORK).await?;
            self.line.ask(&mode).await?;
            self.is_configured = true;
        }
        let wait_ms = match self.mode {
            Mode::Active => {
                self.line.ask(&[]).await?;
                wire::ACTIVE_WAIT_MS
            }
            Mode::Query => {
                self.line.ask(&wire::QUERY).await?;
                wire::ASKED_WAIT_MS
            }
        };
        self.is_started = true;
        Ok(self.running.wait(wait_ms))
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        if !self.is_started {
            return Err(Error::NotReady);
        }
        match self.line.newest(&wire::Frames).await {
            Ok(values) => {
                self.is_started = false;
                self.running.over();
                Ok(values.map(i32::from))
            }
            Err(error) => {
                // It may have been asleep, or in the other mode.
                self.is_configured = false;
                Err(error)
            }
        }
    }

    fn quality(&self, _output: usize) -> Quality {
        if self.running.millis() < wire::WARM_UP_MS { Quality::Uncalibrated } else { Quality::Good }
    }
}
