//! What parts with registers of 8 or 16 bits share: reading, writing, and how far a driver got.

use crate::Error;
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;

/// Says how far a driver got with its part.
///
/// It is taken for unknown before a transfer and set again after it, so that an error and a future
/// that is dropped both leave it unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Knows nothing of the part: the next start brings it up.
    Unknown,
    /// Brought it up.
    Up,
    /// Began a measurement.
    Started,
}

/// Talks to a part with registers at one address.
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registers<I2C> {
    pub(crate) i2c: I2C,
    pub(crate) address: u8,
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Registers(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Registers<I2C> {
    /// Reads `LEN` bytes from the register `first` on.
    pub(crate) async fn read<const LEN: usize>(
        &mut self,
        first: u8,
    ) -> Result<[u8; LEN], Error<I2C::Error>> {
        let mut bytes = [0; LEN];
        let read = self.i2c.write_read(self.address, &[first], &mut bytes).await;
        read.map_err(Error::Bus)?;
        Ok(bytes)
    }

    pub(crate) async fn write(&mut self, register: u8, value: u8) -> Result<(), Error<I2C::Error>> {
        self.i2c.write(self.address, &[register, value]).await.map_err(Error::Bus)
    }

    /// Reads a register of 16 bits, high byte first.
    pub(crate) async fn read_word(&mut self, register: u8) -> Result<u16, Error<I2C::Error>> {
        let mut bytes = [0; 2];
        let read = self.i2c.write_read(self.address, &[register], &mut bytes).await;
        read.map_err(Error::Bus)?;
        Ok(u16::from_be_bytes(bytes))
    }

    /// Writes a register of 16 bits, high byte first.
    pub(crate) async fn write_word(
        &mut self,
        register: u8,
        word: u16,
    ) -> Result<(), Error<I2C::Error>> {
        let [high, low] = word.to_be_bytes();
        self.i2c.write(self.address, &[register, high, low]).await.map_err(Error::Bus)
    }
}
