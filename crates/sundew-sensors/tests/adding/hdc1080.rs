//! Texas Instruments `HDC1080`: temperature and relative humidity.
//!
//! After datasheet SNAS672A, cited by its sections. The heater and the battery bit are not used.
//!
//! A measurement that is read before it is through is not acknowledged, so it is
//! [`Error::NotReady`]. A part whose supply broke down measures in the same way as before, for the
//! driver uses the configuration that it wakes up with.

use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
#[cfg(feature = "async")]
use sundew_sensors::SensorAsync;
use sundew_sensors::{Error, Output, Sensor};
use sundew_units::Quantity;

/// Describes the two values: hundredths of a degree Celsius, hundredths of a percent.
pub const OUTPUTS: [Output; 2] =
    [Output::new(Quantity::Temperature, -2), Output::new(Quantity::RelativeHumidity, -2)];

/// The only address that the part can have (section 8.5.1.1); others would be an enum.
const ADDRESS: u8 = 0x40;

/// Drives one part, which measures temperature in 0.01 Cel and humidity in 0.01 %RH.
///
/// Both are the datasheet's formula to the nearest integer.
///
/// *Blocking time*: in `start` one transfer of 2 bytes, at first three of 12 bytes; in `read` one
/// of 5 bytes (0.5 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a measurement running.
///
/// *RAM*: the bus handle and 1 byte.
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Hdc1080<I2C> {
    i2c: I2C,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing is known of the part.
    Unknown,
    Ready,
    Measuring,
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Hdc1080<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C) -> Self {
        Self { i2c, state: State::Unknown }
    }

    /// Looks for the part and configures it; `start` does so where it is needed.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where nothing answers, and [`Error::WrongPart`] with the identity
    /// that was found.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        let mut bytes = [0; 2];
        let read = self.i2c.write_read(ADDRESS, &[wire::DEVICE_ID], &mut bytes).await;
        read.map_err(Error::Bus)?;
        let identity = u16::from_be_bytes(bytes);
        if identity != wire::HDC1080 {
            return Err(Error::WrongPart(identity));
        }
        self.i2c.write(ADDRESS, &wire::CONFIGURE).await.map_err(Error::Bus)?;
        self.state = State::Ready;
        Ok(())
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<2> for Hdc1080<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 2] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if self.state == State::Unknown {
            self.init().await?;
        }
        self.state = State::Unknown;
        self.i2c.write(ADDRESS, &[wire::TEMPERATURE]).await.map_err(Error::Bus)?;
        self.state = State::Measuring;
        Ok(wire::WAIT_MS)
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        if self.state != State::Measuring {
            return Err(Error::NotReady);
        }
        let mut bytes = [0; 4];
        self.state = State::Unknown;
        self.i2c.read(ADDRESS, &mut bytes).await.map_err(Error::while_reading)?;
        self.state = State::Ready;
        let [a, b, c, d] = bytes;
        Ok([
            wire::centi_celsius(u16::from_be_bytes([a, b])),
            wire::centi_percent(u16::from_be_bytes([c, d])),
        ])
    }
}

/// Registers, times and conversion; all pure.
mod wire {
    /// Holds the temperature; writing this pointer starts a measurement (section 8.6.1).
    pub(super) const TEMPERATURE: u8 = 0x00;
    /// Holds the identity of the part (section 8.6.6).
    pub(super) const DEVICE_ID: u8 = 0xFF;
    /// Holds what the identity register of this part shows.
    pub(super) const HDC1080: u16 = 0x1050;
    /// Measures both values one after the other, with 14 bits each (section 8.6.3).
    pub(super) const CONFIGURE: [u8; 3] = [0x02, 0x10, 0x00];
    /// Covers 6.35 ms for the temperature and 6.5 ms for the humidity, and half as much again, for
    /// section 7.5 gives typical times and no maximum.
    pub(super) const WAIT_MS: u32 = 21;

    /// Returns `165 * raw / 2^16 - 40` Cel in hundredths (section 8.6.1).
    ///
    /// 16,500 x 65,535 + 32,768 is 2^30.01, so nothing overflows.
    pub(super) const fn centi_celsius(raw: u16) -> i32 {
        ((raw as i32 * 16_500 + (1 << 15)) >> 16) - 4_000
    }

    /// Returns `100 * raw / 2^16` %RH in hundredths (section 8.6.2).
    pub(super) const fn centi_percent(raw: u16) -> i32 {
        (raw as i32 * 10_000 + (1 << 15)) >> 16
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sundew_testkit::{BusError, Increment, SimBus, SimRegisters};

    #[test]
    fn every_raw_value_is_the_datasheets() {
        for raw in 0..=u16::MAX {
            let part = f64::from(raw) / 65_536.0;
            let celsius = 16_500.0 * part - 4_000.0;
            assert!((f64::from(wire::centi_celsius(raw)) - celsius).abs() <= 0.5, "{raw}");
            let percent = 10_000.0 * part;
            assert!((f64::from(wire::centi_percent(raw)) - percent).abs() <= 0.5, "{raw}");
        }
    }

    #[maybe_async_cfg::maybe(
        idents(Hdc1080(sync), Sensor(sync)),
        sync(keep_self),
        async(feature = "async")
    )]
    async fn cases() {
        let part = SimRegisters::<256, 2>::new(ADDRESS, Increment::Always);
        let bus = SimBus::new([&part]);
        let mut sensor = Hdc1080::new(&bus);
        let set = |temperature: u16, humidity: u16| {
            part.set(0x00, temperature.to_be_bytes());
            part.set(0x01, humidity.to_be_bytes());
        };

        part.set(wire::DEVICE_ID, [0x10, 0x00]);
        assert_eq!(sensor.start().await, Err(Error::WrongPart(0x1000)), "an HDC1000");
        part.set(wire::DEVICE_ID, [0x10, 0x50]);
        part.unplug();
        assert_eq!(sensor.start().await, Err(Error::Bus(BusError::AddressNack)), "absent");
        part.plug();
        assert_eq!(sensor.read().await, Err(Error::NotReady), "not started");

        for (raw, values) in [
            ((0x0000, 0x0000), [-4_000, 0]),
            ((0x6666, 0x8000), [2_600, 5_000]),
            ((0xFFFC, 0xFFFC), [12_499, 9_999]),
        ] {
            set(raw.0, raw.1);
            assert_eq!(sensor.start().await, Ok(21));
            assert_eq!(sensor.read().await, Ok(values));
        }
        assert_eq!(part.register(0x02), [0x10, 0x00], "configured");

        for (fault, error) in [
            (BusError::AddressNack, Error::NotReady),
            (BusError::ArbitrationLost, Error::Bus(BusError::ArbitrationLost)),
            (BusError::Stuck, Error::Bus(BusError::Stuck)),
        ] {
            assert_eq!(sensor.start().await, Ok(21));
            bus.fail(0, 1, fault);
            assert_eq!(sensor.read().await, Err(error));
            assert_eq!(sensor.read().await, Err(Error::NotReady), "is begun again");
            assert_eq!(sensor.start().await, Ok(21));
            assert_eq!(sensor.read().await, Ok([12_499, 9_999]), "after {fault}");
        }
        for transfer in 0..3 {
            let mut fresh = Hdc1080::new(&bus);
            bus.fail(transfer, 1, BusError::DataNack);
            assert_eq!(fresh.start().await, Err(Error::Bus(BusError::DataNack)));
            assert_eq!(fresh.start().await, Ok(21), "after transfer {transfer}");
        }
    }

    #[test]
    fn blocking() {
        cases();
    }

    #[cfg(feature = "async")]
    #[test]
    fn asynch() {
        use core::task::{Context, Poll, Waker};
        // A simulated bus never waits: one poll is enough.
        let polled = core::pin::pin!(cases_async()).poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled, Poll::Ready(()));
    }
}
