//! Sensirion `SCD40`, `SCD41` and `SCD43`: carbon dioxide, temperature and relative humidity.
//!
//! After datasheet `SCD4x` version 1.3 (September 2022), cited by its sections; the variant's
//! command and the `SCD43` are younger and after the vendor's public driver. A part that does not
//! acknowledge that command is taken for an older one that does not know it, and used unchecked,
//! single shots included. Neither forced recalibration nor the writing of settings to the part's EEPROM is driven.
//!
//! A part that another run of the firmware left measuring takes no setting, so bringing it up
//! takes two steps: the first `start` stops it and returns half a second, and the `read` after it
//! is [`Error::NotReady`]; the second `start` checks the variant, sets what the [`Config`] says and
//! begins. [`Scd4x::init`] does both at boot. A fresh part wants a second after power-up before it
//! takes a command (3.1).
//!
//! A running part has one value for each interval (5 s, or 30 s with low power) and says nothing in
//! between: [`Error::NotReady`]. The next `start` returns the interval then, and if there is still
//! nothing the part lost its supply and runs no more: [`Error::Restarted`]. A part between single
//! shots loses its settings without a trace; one that is not there when it is started is brought up
//! anew. Run the bus at 100 kHz: users report trouble above.
//!
//! The first value of carbon dioxide after bring-up is
//! [`Quality::Uncalibrated`]: the vendor advises to discard it in single shots after power-up.
//!
//! ```
//! use sundew_sensors::scd4x::{Config, Mode, Scd4x};
//! use sundew_sensors::{Error, Sensor};
//! use sundew_testkit::{SimBus, SimClock, SimWords, WordCommand};
//!
//! let clock = SimClock::new();
//! let part = SimWords::new(&clock, 0x62, [
//!     WordCommand::new(0x3F86).lasting(500_000),                    // stop
//!     WordCommand::new(0x202F).lasting(1_000).answering(0x0440),    // an SCD40
//!     WordCommand::new(0x2427).taking(1).lasting(1_000),            // altitude
//!     WordCommand::new(0x21B1),                                     // start
//!     WordCommand::new(0xEC05).lasting(1_000),                      // read
//! ]);
//! part.set_answer(0xEC05, &[500, 0x6667, 0x5EB9]);
//! let bus = SimBus::new([&part]);
//!
//! let config = Config::new(Mode::Periodic).with_altitude(500)?;
//! let mut sensor = Scd4x::new(&bus, config);
//! loop {
//!     match sensor.init().unwrap() {
//!         0 => break,
//!         wait_ms => clock.advance_millis(wait_ms),
//!     }
//! }
//! clock.advance_millis(sensor.start().unwrap());
//! assert_eq!(sensor.read(), Ok([500, 2_500, 3_700]));
//! # Ok::<(), sundew_sensors::ConfigError>(())
//! ```

mod config;
mod wire;

use crate::parts::sensirion::{self, Port};
use crate::{Bus, Error, Output, Part, Sensor};
#[cfg(feature = "async")]
use crate::{SensorAsync, parts::sensirion::PortAsync};
pub use config::{Config, Mode, Pressure, SelfCalibration};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::{Quality, Quantity};

/// Describes the values: parts per million, hundredths of a degree Celsius and of a percent.
pub const OUTPUTS: [Output; 3] = [
    Output::new(Quantity::CarbonDioxide, -6),
    Output::new(Quantity::Temperature, -2),
    Output::new(Quantity::RelativeHumidity, -2),
];

/// Describes the driver's parts.
pub const PART: Part = Part {
    module: "scd4x",
    parts: "SCD40, SCD41, SCD43",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±(50 ppm + 5 %) (SCD40), ±(30 ppm + 3 %) (SCD43)", "±0.8 Cel", "±6 %RH"],
    blocking: "1.2 ms at 100 kHz",
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Knows nothing of the part.
    Unknown,
    /// Told it to stop.
    Stopping,
    /// Set it up for single shots.
    Idle,
    /// Began a single shot.
    Shooting,
    /// Set it up and let it run.
    Running,
    /// Found no value where a running part should have had one.
    Missed,
}

/// Drives one part, which measures carbon dioxide in ppm, temperature in 0.01 Cel and humidity in
/// 0.01 %RH.
///
/// Temperature and humidity come from 16-bit words by integer arithmetic and differ from the
/// formulas by at most 0.64 and 0.58 of their last place; the part gives ppm by itself.
///
/// *Blocking time*: one transfer of 3 bytes in `start`, one of 10 in `read` (1.2 ms at 100 kHz).
/// Bringing up takes up to 6 transfers and asks a part that works on a command until it is through,
/// 1 ms each; a part that vanishes in this very moment, or that takes the variant's command and has
/// no answer, at most 100 times (11 ms at 100 kHz). So
/// does the `read` of a single shot, once.
///
/// *Cancel safety* (async): a future that is dropped may leave the part stopped or half set up;
/// the next `start` goes on or begins again.
///
/// *RAM*: the bus handle and 18 bytes.
#[maybe_async_cfg::maybe(idents(Port(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Scd4x<I2C> {
    port: Port<I2C>,
    config: Config,
    stage: Stage,
    is_asked: bool,
    measured: u8,
}

#[maybe_async_cfg::maybe(idents(I2c(sync), Port(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Scd4x<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, config: Config) -> Self {
        let port = Port { i2c, address: wire::ADDRESS };
        Self { port, config, stage: Stage::Unknown, is_asked: false, measured: 0 }
    }

    /// Takes one step of bringing the part up, and returns the milliseconds to wait before the
    /// next one, or 0 where there is none.
    ///
    /// # Errors
    ///
    /// Returns [`Error::WrongPart`] with the variant's word for another part, and for an `SCD40`
    /// that should take single shots; [`Error::Checksum`] where the bytes are damaged;
    /// [`Error::Bus`] where the bus fails or the part does not take a setting. A part that vanished
    /// since it was stopped is told by the next `start` where nothing is set.
    pub async fn init(&mut self) -> Result<u32, Error<I2C::Error>> {
        match self.stage {
            Stage::Unknown => self.stop().await,
            Stage::Stopping => {
                // Whatever fails here, it begins with the stop again.
                self.stage = Stage::Unknown;
                self.set_up().await
            }
            Stage::Idle | Stage::Shooting | Stage::Running | Stage::Missed => Ok(0),
        }
    }

    /// Stops the part, and returns the milliseconds to wait before it takes another command; the
    /// next `start` after them begins again.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the part does not take the command.
    pub async fn stop(&mut self) -> Result<u32, Error<I2C::Error>> {
        self.stage = Stage::Unknown;
        self.port.send(wire::STOP).await?;
        self.stage = Stage::Stopping;
        Ok(wire::STOP_MS)
    }

    /// Chooses how to measure from the next start on.
    pub const fn set_config(&mut self, config: Config) {
        self.config = config;
        self.stage = Stage::Unknown;
    }

    /// Says what the pressure of the air is from now on, and returns the milliseconds to wait
    /// before the part takes another command; it may be running.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the part does not take it.
    pub async fn set_pressure(&mut self, pressure: Pressure) -> Result<u32, Error<I2C::Error>> {
        self.config = self.config.with_pressure(pressure);
        if matches!(self.stage, Stage::Unknown | Stage::Stopping) {
            return Ok(0);
        }
        let bytes = sensirion::with_word(wire::SET_PRESSURE, pressure.hectopascal());
        self.port.write(&bytes).await?;
        Ok(sensirion::SHORT_WAIT_MS)
    }

    /// Returns whether a value waits to be read.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Checksum`] where the bytes are damaged, [`Error::NotReady`] where the part
    /// has no answer, and [`Error::Bus`] where the bus fails.
    pub async fn is_data_ready(&mut self) -> Result<bool, Error<I2C::Error>> {
        let [word] = self.port.query(wire::DATA_READY).await?;
        Ok(wire::is_ready(word))
    }

    /// Returns the serial number, of 48 bits; a part that runs does not tell.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Checksum`] where the bytes are damaged, [`Error::NotReady`] where the part
    /// has no answer, and [`Error::Bus`] where the bus fails.
    pub async fn serial_number(&mut self) -> Result<u64, Error<I2C::Error>> {
        let words = self.port.query(wire::SERIAL_NUMBER).await?;
        Ok(wire::serial_number(words))
    }

    /// Returns the bus handle; the part goes on as it was configured.
    pub fn release(self) -> I2C {
        self.port.i2c
    }

    async fn set_up(&mut self) -> Result<u32, Error<I2C::Error>> {
        let asked = self.port.ask(wire::VARIANT).await;
        let variant = match asked {
            Ok(()) => self.port.answer().await,
            Err(error) => Err(error),
        };
        match variant {
            Ok([variant]) if !wire::is_right(variant, self.config.mode) => {
                return Err(Error::WrongPart(variant));
            }
            // It does not know the command; were it absent, it would not take the next one either.
            Ok(_) | Err(Error::NotReady) => {}
            Err(error) => return Err(error),
        }
        for (command, word) in self.config.settings().into_iter().flatten() {
            self.port.write_patiently(&sensirion::with_word(command, word)).await?;
        }
        self.measured = 0;
        self.is_asked = false;
        if self.config.mode == Mode::SingleShot {
            self.stage = Stage::Idle;
            return Ok(0);
        }
        self.port.write_patiently(&(self.config.mode as u16).to_be_bytes()).await?;
        self.stage = Stage::Running;
        Ok(wire::interval_ms(self.config.mode))
    }

    async fn begin(&mut self) -> Result<u32, Error<I2C::Error>> {
        self.is_asked = false;
        match self.stage {
            Stage::Running => {
                self.port.send(wire::READ).await?;
                self.is_asked = true;
                Ok(sensirion::SHORT_WAIT_MS)
            }
            Stage::Missed => Ok(wire::interval_ms(self.config.mode)),
            _ => {
                let command = self.config.mode as u16;
                self.port.write_patiently(&command.to_be_bytes()).await?;
                self.stage = Stage::Shooting;
                Ok(wire::interval_ms(self.config.mode))
            }
        }
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<3> for Scd4x<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 3] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        let wait_ms = self.init().await?;
        if wait_ms > 0 {
            return Ok(wait_ms);
        }
        let begun = self.begin().await;
        if begun.is_err() {
            self.stage = Stage::Unknown;
        }
        begun
    }

    async fn read(&mut self) -> Result<[i32; 3], Self::Error> {
        if matches!(self.stage, Stage::Unknown | Stage::Stopping | Stage::Idle) {
            return Err(Error::NotReady);
        }
        let answer = if self.is_asked {
            self.port.read().await
        } else {
            self.port.ask(wire::READ).await?;
            self.port.answer().await
        };
        self.is_asked = false;
        if matches!(answer, Err(Error::NotReady)) {
            let is_first = self.stage == Stage::Running;
            self.stage = if is_first { Stage::Missed } else { Stage::Unknown };
            return Err(if is_first { Error::NotReady } else { Error::Restarted });
        }
        let [carbon_dioxide, temperature, humidity] = answer?;
        self.stage = if self.stage == Stage::Shooting { Stage::Idle } else { Stage::Running };
        self.measured = self.measured.saturating_add(1);
        Ok([
            i32::from(carbon_dioxide),
            sensirion::centi_celsius(temperature),
            sensirion::centi_percent(humidity),
        ])
    }

    fn quality(&self, output: usize) -> Quality {
        if output == 0 && self.measured < 2 { Quality::Uncalibrated } else { Quality::Good }
    }
}
