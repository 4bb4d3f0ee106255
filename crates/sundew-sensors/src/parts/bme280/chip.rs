//! The accesses that both parts share.

use super::convert::Calibration;
use super::wire::{self, Kind, Shown, Words};
use super::{Address, Config};
use crate::Error;
#[cfg(feature = "async")]
use crate::parts::registers::RegistersAsync;
use crate::parts::registers::{Registers, Stage};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;

#[maybe_async_cfg::maybe(idents(Registers(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub(super) struct Chip<I2C> {
    pub(super) registers: Registers<I2C>,
    config: Config,
    kind: Kind,
    calibration: Option<Calibration>,
    stage: Stage,
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Registers(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Chip<I2C> {
    pub(super) const fn new(i2c: I2C, address: Address, config: Config, kind: Kind) -> Self {
        let registers = Registers { i2c, address: address as u8 };
        Self { registers, config, kind, calibration: None, stage: Stage::Unknown }
    }

    pub(super) const fn set_config(&mut self, config: Config) {
        self.config = config;
        self.stage = Stage::Unknown;
    }

    pub(super) async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.stage = Stage::Unknown;
        let [id] = self.registers.read(wire::ID).await?;
        if id != self.kind as u8 {
            return Err(Error::WrongPart(u16::from(id)));
        }
        let [status] = self.registers.read(wire::STATUS).await?;
        if status & wire::STATUS_COPIES != 0 {
            return Err(Error::NotReady);
        }
        let low = self.registers.read(wire::CALIBRATION).await?;
        let high = match self.kind {
            Kind::Humid => self.registers.read(wire::CALIBRATION_HUMIDITY).await?,
            Kind::Plain => [0; 7],
        };
        let calibration = Calibration::new(low, high).ok_or(Error::Frame)?;
        // Asleep first: while it measures on its own, the part may not take a filter (5.4.6).
        self.registers.write(wire::CONTROL, 0).await?;
        self.registers.write(wire::CONFIG, self.config.config()).await?;
        if self.kind == Kind::Humid {
            self.registers.write(wire::CONTROL_HUMIDITY, self.config.control_humidity()).await?;
        }
        self.calibration = Some(calibration);
        self.stage = Stage::Up;
        Ok(())
    }

    pub(super) async fn start(&mut self) -> Result<u32, Error<I2C::Error>> {
        if self.stage == Stage::Unknown {
            self.init().await?;
        }
        self.stage = Stage::Unknown;
        self.registers.write(wire::CONTROL, self.config.control()).await?;
        self.stage = Stage::Started;
        Ok(self.config.wait_ms(self.kind))
    }

    /// Reads everything from the state to the results at once, so that they belong together.
    pub(super) async fn read(&mut self) -> Result<(Calibration, Words), Error<I2C::Error>> {
        let Some(calibration) = self.calibration.filter(|_| self.stage == Stage::Started) else {
            return Err(Error::NotReady);
        };
        self.stage = Stage::Unknown;
        match wire::shown(self.registers.read(wire::STATUS).await?, self.config) {
            Shown::Words(words) => {
                self.stage = Stage::Up;
                Ok((calibration, words))
            }
            Shown::NotReady => {
                self.stage = Stage::Started;
                Err(Error::NotReady)
            }
            Shown::OtherSettings => Err(Error::Restarted),
        }
    }
}
