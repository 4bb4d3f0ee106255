//! Vishay `VEML7700`: the illumination of a surface, from moonlight to sunlight.
//!
//! After datasheet 84286 revision 1.7 (29 November 2023) and the application note 84323, cited by
//! their headings; neither was at hand in full, so registers, polynomial and identity were checked
//! against public drivers, the resolution against what cites the revision. That one mends it:
//! 0.0042 lx for a count at the highest gain and time, where older papers and many drivers say
//! 0.0036 and so 14 % less light.
//!
//! The part sleeps between measurements, at 0.5 microampere. Gain and time are the configuration's:
//! nothing is ranged by itself, a full count is [`Quality::OverRange`], and what then suits better
//! is set by [`Veml7700::set_config`]. Neither the white channel nor the interrupt is read, and the
//! modes of the power-saving register, which only space measurements out, are left off.
//!
//! The part always answers, with the value before where a read comes too early, and the datasheet
//! gives the integration time as typical only; so twice of it is waited, and 2.5 ms to wake up
//! ("wait time"). After a break-down of the supply it sleeps: the driver reads the configuration
//! back each time and returns [`Error::Restarted`].

mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Bus, Error, Output, Part, Sensor};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::{Quality, Quantity};
pub use wire::{Config, Gain, Integration};

/// Describes the one value: ten-thousandths of a lux, of which the finest step is 42.
pub const OUTPUTS: [Output; 1] = [Output::new(Quantity::Illuminance, -4)];

/// Describes the driver's parts.
pub const PART: Part = Part {
    module: "veml7700",
    parts: "VEML7700",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±10 %"],
    blocking: "1.8 ms at 100 kHz",
};

/// Drives one part, which measures illumination in 0.0001 lx.
///
/// Counts are scaled exactly. Above 1,000 lx and with the gains 1/4 and 1/8 the vendor's correction
/// polynomial is added, unless the [`Config`] says otherwise: in integers, at most 0.02 % off it. It
/// begins with a step of 7.5 %, since below the vendor calls the part linear. With the gains 1 and
/// 2, which are meant for less than 100 lx, there is no correction.
///
/// *Blocking time*: one transfer of 4 bytes in `start` (one of 5 more at the first), two of 5 and
/// one of 4 in `read` (1.7 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped may leave the part awake; the next
/// measurement puts it to sleep again.
///
/// *RAM*: the bus handle and 9 bytes.
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Veml7700<I2C> {
    i2c: I2C,
    config: Config,
    is_known: bool,
    is_started: bool,
    is_saturated: bool,
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Veml7700<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, config: Config) -> Self {
        Self { i2c, config, is_known: false, is_started: false, is_saturated: false }
    }

    /// Checks that the part is what it should be; the first `start` does so by itself.
    ///
    /// An identity of 0 or 0xFFFF passes: older parts may have none, and then nothing tells.
    ///
    /// # Errors
    ///
    /// Returns [`Error::WrongPart`] with the identity register of another part, and [`Error::Bus`]
    /// where the bus fails.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        let word = self.register(wire::IDENTITY).await?;
        if !wire::is_right(word) {
            return Err(Error::WrongPart(word));
        }
        self.is_known = true;
        Ok(())
    }

    /// Chooses how to measure from the next start on.
    pub const fn set_config(&mut self, config: Config) {
        self.config = config;
        self.is_started = false;
    }

    /// Returns the bus handle.
    pub fn release(self) -> I2C {
        self.i2c
    }

    async fn register(&mut self, register: u8) -> Result<u16, Error<I2C::Error>> {
        let mut bytes = [0; 2];
        let read = self.i2c.write_read(wire::ADDRESS, &[register], &mut bytes).await;
        read.map_err(Error::Bus)?;
        Ok(u16::from_le_bytes(bytes))
    }

    async fn configure(&mut self, word: u16) -> Result<(), Error<I2C::Error>> {
        let [low, high] = word.to_le_bytes();
        let bytes = [wire::CONFIGURATION, low, high];
        self.i2c.write(wire::ADDRESS, &bytes).await.map_err(Error::Bus)
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<1> for Veml7700<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 1] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.is_started = false;
        if !self.is_known {
            self.init().await?;
        }
        self.configure(self.config.word()).await?;
        self.is_started = true;
        Ok(self.config.wait_ms())
    }

    async fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        if !self.is_started {
            return Err(Error::NotReady);
        }
        let word = self.register(wire::CONFIGURATION).await?;
        if word != self.config.word() {
            self.is_started = false;
            self.is_known = false;
            return Err(Error::Restarted);
        }
        let counts = self.register(wire::LIGHT).await?;
        self.configure(self.config.word() | wire::ASLEEP).await?;
        self.is_started = false;
        let (value, is_saturated) = wire::light(counts, self.config);
        self.is_saturated = is_saturated;
        Ok([value])
    }

    fn quality(&self, _output: usize) -> Quality {
        if self.is_saturated { Quality::OverRange } else { Quality::Good }
    }
}
