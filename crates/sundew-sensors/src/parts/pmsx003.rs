//! Plantower `PMS5003`, `PMS7003` and `PMSA003`: particulate matter, over a UART.
//!
//! After the `PMS5003` series data manual V2.3 (2016-06-01) and the `PMS7003` data manual V2.5;
//! the bytes of the commands are checked against public drivers. 9,600 baud, 8N1. The
//! `PMS3003` (24 bytes a frame) and those that measure formaldehyde (40 bytes) are not driven.
//!
//! A part that is silent, absent or asleep cannot be told from one that is not through:
//! all are [`Error::NotReady`]. Values are uncalibrated until the part has run for 30 s.

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

/// Describes the three values: PM1, PM2.5 and PM10 in the atmosphere, in micrograms in a cubic
/// metre.
pub const OUTPUTS: [Output; 3] = [Output::new(Quantity::ParticulateMatter, -9); 3];

/// Describes the driver's parts.
pub const PART: Part = Part {
    module: "pmsx003",
    parts: "PMS5003, PMS7003, PMSA003",
    bus: Bus::Uart,
    outputs: &OUTPUTS,
    accuracy: &["±10 ug/m3 or ±10 %", "±10 ug/m3 or ±10 %", "±10 ug/m3 or ±10 %"],
    blocking: "none with a transmit buffer of 21 bytes, else 21.9 ms at 9,600 baud",
};

/// Says who begins a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Mode {
    /// Lets the part speak every 0.2 to 2.3 s, as it does after power-up.
    Active,
    /// Asks the part each time.
    Passive,
}

/// Drives one part, which gives PM1, PM2.5 and PM10 as whole micrograms in a cubic metre.
///
/// They are the part's own integers, so the driver adds no error.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::pmsx003::{Mode, Pmsx003};
/// use sundew_testkit::{SimClock, SimPmsx003, SimSerial};
/// use sundew_units::Quality;
///
/// let clock = SimClock::new();
/// let part = SimPmsx003::new(&clock);
/// let port = SimSerial::new(&clock, &part);
/// part.set([3, 12, 20]);
///
/// let mut sensor = Pmsx003::new(&port, Mode::Passive);
/// clock.advance_millis(sensor.start().unwrap());
/// assert_eq!(sensor.read(), Ok([3, 12, 20]));
/// assert_eq!(sensor.quality(1), Quality::Uncalibrated);
/// sensor.has_run_for(30_000); // as the board's clock says
/// assert_eq!(sensor.quality(1), Quality::Good);
/// ```
///
/// *Blocking time*: `read` takes bytes that are there already; `start` hands over 21 bytes at most
/// (7 in the later ones), for which a port without a transmit buffer takes 21.9 ms. The receiver must hold the 32 bytes of
/// a frame until `read`, and what comes after it, or be fetched into a [`Parser`] instead.
///
/// *Cancel safety* (async): a future that is dropped loses a frame at most.
///
/// *RAM*: the port, 35 bytes for the frame, 32 for the last values and 10 more.
#[maybe_async_cfg::maybe(idents(Line(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Pmsx003<P> {
    line: Line<P, { wire::LEN }>,
    mode: Mode,
    is_configured: bool,
    is_started: bool,
    running: Running,
    last: Option<Frame>,
}

#[maybe_async_cfg::maybe(
    idents(Line(sync), Read(sync), Write(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<P: Read + ReadReady + Write> Pmsx003<P> {
    /// Takes a port at 9,600 baud, 8N1; nothing is sent yet.
    pub const fn new(port: P, mode: Mode) -> Self {
        Self {
            line: Line::new(port),
            mode,
            is_configured: false,
            is_started: false,
            running: Running::new(),
            last: None,
        }
    }

    /// Returns the last frame that was read, with counts and the values of the factory's
    /// calibration.
    pub const fn last(&self) -> Option<&Frame> {
        self.last.as_ref()
    }

    /// Says for how long the part has been awake at least, in milliseconds.
    ///
    /// The driver has no clock: by itself it counts only the waits that it asked for.
    pub const fn has_run_for(&mut self, millis: u32) {
        self.running.at_least(millis);
    }

    /// Stops fan and laser, which last for three years of running; the next start wakes the part.
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
impl<P: Read + ReadReady + Write> Sensor<3> for Pmsx003<P> {
    type Error = Error<P::Error>;

    const OUTPUTS: [Output; 3] = OUTPUTS;

    /// Begins a measurement; the first one, and one after an error, wakes and configures the part.
    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.is_started = false;
        if !self.is_configured {
            let mode = match self.mode {
                Mode::Active => wire::BE_ACTIVE,
                Mode::Passive => wire::BE_PASSIVE,
            };
            self.line.ask(&wire::WAKE).await?;
            self.line.ask(&mode).await?;
            self.is_configured = true;
        }
        let wait_ms = match self.mode {
            Mode::Active => {
                self.line.ask(&[]).await?;
                wire::ACTIVE_WAIT_MS
            }
            Mode::Passive => {
                self.line.ask(&wire::READ).await?;
                wire::PASSIVE_WAIT_MS
            }
        };
        self.is_started = true;
        Ok(self.running.wait(wait_ms))
    }

    async fn read(&mut self) -> Result<[i32; 3], Self::Error> {
        if !self.is_started {
            return Err(Error::NotReady);
        }
        match self.line.newest(&wire::Values).await {
            Ok(frame) => {
                self.is_started = false;
                self.running.over();
                self.last = Some(frame);
                Ok(frame.atmosphere.map(i32::from))
            }
            Err(error) => {
                // It may have been asleep, or in the other mode since its supply broke down.
                self.is_configured = false;
                Err(error)
            }
        }
    }

    fn quality(&self, _output: usize) -> Quality {
        if self.running.millis() < wire::WARM_UP_MS { Quality::Uncalibrated } else { Quality::Good }
    }
}
