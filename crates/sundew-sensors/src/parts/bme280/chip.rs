//! The accesses that both parts share.

use super::convert::Calibration;
use super::wire::{self, Kind, Shown, Words};
use super::{Address, Config};
use crate::Error;
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;

#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub(super) struct Chip<I2C> {
    pub(super) i2c: I2C,
    address: Address,
    config: Config,
    kind: Kind,
    calibration: Option<Calibration>,
    is_started: bool,
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Chip<I2C> {
    pub(super) const fn new(i2c: I2C, address: Address, config: Config, kind: Kind) -> Self {
        Self { i2c, address, config, kind, calibration: None, is_started: false }
    }

    pub(super) const fn set_config(&mut self, config: Config) {
        self.config = config;
        self.forget();
    }

    pub(super) async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.forget();
        let [id] = self.registers(wire::ID).await?;
        if id != self.kind as u8 {
            return Err(Error::WrongPart(u16::from(id)));
        }
        let [status] = self.registers(wire::STATUS).await?;
        if status & wire::STATUS_COPIES != 0 {
            return Err(Error::NotReady);
        }
        let low = self.registers(wire::CALIBRATION).await?;
        let high = match self.kind {
            Kind::Humid => self.registers(wire::CALIBRATION_HUMIDITY).await?,
            Kind::Plain => [0; 7],
        };
        let calibration = Calibration::new(low, high).ok_or(Error::Frame)?;
        // Asleep first: while it measures on its own, the part may not take a filter (5.4.6).
        self.write(wire::CONTROL, 0).await?;
        self.write(wire::CONFIG, self.config.config()).await?;
        if self.kind == Kind::Humid {
            self.write(wire::CONTROL_HUMIDITY, self.config.control_humidity()).await?;
        }
        self.calibration = Some(calibration);
        Ok(())
    }

    pub(super) async fn start(&mut self) -> Result<u32, Error<I2C::Error>> {
        if self.calibration.is_none() {
            self.init().await?;
        }
        self.write(wire::CONTROL, self.config.control()).await?;
        self.is_started = true;
        Ok(self.config.wait_ms(self.kind))
    }

    /// Reads everything from the state to the results at once, so that they belong together.
    pub(super) async fn read(&mut self) -> Result<(Calibration, Words), Error<I2C::Error>> {
        let Some(calibration) = self.calibration.filter(|_| self.is_started) else {
            return Err(Error::NotReady);
        };
        match wire::shown(self.registers(wire::STATUS).await?, self.config) {
            Shown::Words(words) => {
                self.is_started = false;
                Ok((calibration, words))
            }
            Shown::NotReady => Err(Error::NotReady),
            Shown::OtherSettings => {
                self.forget();
                Err(Error::Restarted)
            }
        }
    }

    const fn forget(&mut self) {
        self.calibration = None;
        self.is_started = false;
    }

    async fn write(&mut self, register: u8, value: u8) -> Result<(), Error<I2C::Error>> {
        let written = self.i2c.write(self.address as u8, &[register, value]).await;
        written.map_err(|error| {
            self.forget();
            Error::Bus(error)
        })
    }

    async fn registers<const LEN: usize>(
        &mut self,
        first: u8,
    ) -> Result<[u8; LEN], Error<I2C::Error>> {
        let mut bytes = [0; LEN];
        let read = self.i2c.write_read(self.address as u8, &[first], &mut bytes).await;
        read.map_err(|error| {
            self.forget();
            Error::Bus(error)
        })?;
        Ok(bytes)
    }
}
