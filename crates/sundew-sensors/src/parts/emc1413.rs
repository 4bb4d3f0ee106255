//! SMSC/Microchip `EMC1412`, `EMC1413` and `EMC1414`: the chip's temperature and up to three diodes.
//!
//! After datasheets DS20005274A (`EMC1413`, `EMC1414`) and its `EMC1412` sibling. The part converts
//! four times a second, as after power-up. Not driven: standby and one-shot, other rates, the alert
//! and shut-down outputs, the choice of beta and ideality (both left automatic or at the default).
//!
//! Registers and identities agree with QEMU's model, addresses and the bits of the fault register with
//! the Linux driver; the format of the extended range was not checked on a part.
//!
//! The part always answers with the last conversion, so the wait for the first one is returned again
//! until values were read. A diode that is open or shorted is marked
//! [`Quality::Fault`] for its output alone; the others stay good. An end of the scale is marked
//! too, since it stands for everything beyond. A break-down of the supply can be told only in the
//! extended range ([`Error::Restarted`]): the standard one is the state after power-up, where
//! the outputs show 0 until the first conversion is through.

mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Bus, Error, Output, Part, Sensor};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::{Quality, Quantity};
pub use wire::{Address, Range};

const OUTPUT: Output = Output::new(Quantity::Temperature, -3);

/// Describes the values of an `EMC1413`: the chip and two diodes, in thousandths of a degree
/// Celsius. An `EMC1412` has one diode less, an `EMC1414` one more.
pub const OUTPUTS: [Output; 3] = [OUTPUT; 3];

/// Describes the driver's parts.
pub const PART: Part = Part {
    module: "emc1413",
    parts: "EMC1412, EMC1413, EMC1414",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±1 Cel (maximum)", "±1 Cel (maximum)", "±1 Cel (maximum)"],
    blocking: "3.1 ms at 100 kHz",
};

/// Drives an `EMC1412`: the chip and one diode.
pub type Emc1412<I2C> = Emc1413<I2C, 2>;
/// Drives an `EMC1414`: the chip and three diodes.
pub type Emc1414<I2C> = Emc1413<I2C, 4>;
/// Drives an `EMC1412`: the chip and one diode.
#[cfg(feature = "async")]
pub type Emc1412Async<I2C> = Emc1413Async<I2C, 2>;
/// Drives an `EMC1414`: the chip and three diodes.
#[cfg(feature = "async")]
pub type Emc1414Async<I2C> = Emc1413Async<I2C, 4>;

/// Drives one part of `N` temperatures: the chip's own first, then its diodes in order.
///
/// Values are in 0.001 Cel and exact: the part's steps are 0.125 Cel.
///
/// *Blocking time*: in the first `start`, four transfers of 3 or 4 bytes; in `read`, 2 + 2`N`
/// transfers of 4 bytes, for the part gives one register at a time (3.1 ms at 100 kHz for three).
///
/// *Cancel safety* (async): a future that is dropped changes nothing but the configuration, and the
/// next `start` completes that.
///
/// *RAM*: the bus handle and 4 + `N` bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::emc1413::{Address, Emc1413, Range};
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<256, 1>::new(0x4C, Increment::Never);
/// part.set_all(0xFD, &[[0x21], [0x5D], [0x04]]);
/// part.set_all(0x00, &[[25], [60]]); // the chip, the first diode
/// part.set(0x10, [0x60]);
/// let bus = SimBus::new([&part]);
/// let mut sensor: Emc1413<_> = Emc1413::new(&bus, Address::X4C, Range::Standard);
/// assert!(sensor.start().is_ok());
/// assert_eq!(sensor.read(), Ok([25_000, 60_375, 0]));
/// ```
///
/// There is no part of five:
///
/// ```compile_fail
/// # use sundew_sensors::emc1413::{Address, Emc1413, Range};
/// # let bus = sundew_testkit::SimBus::new([]);
/// let sensor = Emc1413::<_, 5>::new(&bus, Address::X4C, Range::Standard);
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Emc1413<I2C, const N: usize = 3> {
    i2c: I2C,
    address: Address,
    range: Range,
    is_started: bool,
    /// Holds whether values were read since the part was configured.
    is_read: bool,
    qualities: [Quality; N],
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c, const N: usize> Emc1413<I2C, N> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, range: Range) -> Self {
        const { assert!(N >= 2 && N <= 4, "the family has two, three or four temperatures") };
        let qualities = [Quality::Good; N];
        Self { i2c, address, range, is_started: false, is_read: false, qualities }
    }

    /// Identifies and configures the part; the first `start` does so by itself.
    ///
    /// # Errors
    ///
    /// Returns [`Error::WrongPart`] with the maker's number above the product's where it is another
    /// part (0x5D20, 0x5D21 and 0x5D25 are the family), [`Error::Bus`] where the bus fails.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.is_started = false;
        self.is_read = false;
        let maker = self.register(wire::MANUFACTURER_ID).await?;
        let product = self.register(wire::PRODUCT_ID).await?;
        let identity = u16::from_be_bytes([maker, product]);
        if identity != wire::identity(N) {
            return Err(Error::WrongPart(identity));
        }
        for bytes in [
            [wire::CONFIGURATION_WRITE, self.range as u8],
            [wire::CONVERSION_RATE_WRITE, wire::FOUR_A_SECOND],
        ] {
            self.i2c.write(self.address as u8, &bytes).await.map_err(Error::Bus)?;
        }
        self.is_started = true;
        Ok(())
    }

    /// Returns the bus handle; the part goes on converting.
    pub fn release(self) -> I2C {
        self.i2c
    }

    async fn register(&mut self, pointer: u8) -> Result<u8, Error<I2C::Error>> {
        let mut byte = [0];
        let read = self.i2c.write_read(self.address as u8, &[pointer], &mut byte).await;
        read.map_err(Error::Bus)?;
        let [byte] = byte;
        Ok(byte)
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c, const N: usize> Sensor<N> for Emc1413<I2C, N> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; N] = [OUTPUT; N];

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if self.is_read {
            return Ok(0);
        }
        if !self.is_started {
            self.init().await?;
        }
        Ok(wire::FIRST_WAIT_MS)
    }

    async fn read(&mut self) -> Result<[i32; N], Self::Error> {
        if !self.is_started {
            return Err(Error::NotReady);
        }
        if self.register(wire::CONFIGURATION).await? != self.range as u8 {
            self.is_started = false;
            self.is_read = false;
            return Err(Error::Restarted);
        }
        let mut faults = 0;
        if self.register(wire::STATUS).await? & wire::FAULT != 0 {
            faults = self.register(wire::DIODE_FAULT).await?;
        }
        let mut values = [0; N];
        let mut qualities = [Quality::Good; N];
        let slots = values.iter_mut().zip(qualities.iter_mut()).zip(wire::INPUTS);
        for ((value, quality), input) in slots {
            // Reading the high byte holds the low one until it is read ("Data Read Interlock").
            let high = self.register(input.high).await?;
            let low = self.register(input.low).await?;
            let steps = wire::steps([high, low]);
            *value = self.range.milli_celsius(steps);
            *quality =
                if faults & input.fault == 0 { self.range.quality(steps) } else { Quality::Fault };
        }
        self.qualities = qualities;
        self.is_read = true;
        Ok(values)
    }

    fn quality(&self, output: usize) -> Quality {
        self.qualities.get(output).copied().unwrap_or_default()
    }
}
