//! An I2C bus whose devices are models, whose faults are ordered and whose traffic is kept.

use core::cell::Cell;
use embedded_hal::i2c::{
    Error, ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation as I2cOperation,
};

/// Says which way the bytes of a transfer go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the bus has one bit for it")]
pub enum Direction {
    /// Marks a transfer from the device.
    Read,
    /// Marks a transfer to the device.
    Write,
}

/// Says whether a device pulls the acknowledge bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the bus has one bit for it")]
pub enum Ack {
    /// Marks a byte that was taken.
    Ack,
    /// Marks a byte that was not.
    Nack,
}

/// Models one device on a [`SimBus`], byte by byte as the wire shows them.
///
/// All methods take `&self`: the test keeps a reference to the model and changes what it measures
/// while the driver talks to it.
pub trait SimDevice {
    /// Returns the right-aligned 7-bit address.
    fn address(&self) -> u8;

    /// Begins a transfer: the address byte was sent after a START or a repeated START.
    fn start(&self, direction: Direction) -> Ack;

    /// Takes one byte.
    fn write(&self, byte: u8) -> Ack;

    /// Gives one byte.
    fn read(&self) -> u8;

    /// Ends the transaction.
    fn stop(&self) {}
}

/// Says why a transaction on a [`SimBus`] failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BusError {
    /// Reports that no device took the address: absent, or busy.
    AddressNack,
    /// Reports that the device did not take a byte.
    DataNack,
    /// Reports that another master won the bus.
    ArbitrationLost,
    /// Reports a line that is held low.
    Stuck,
}

impl core::fmt::Display for BusError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::AddressNack => "address not acknowledged",
            Self::DataNack => "data not acknowledged",
            Self::ArbitrationLost => "arbitration lost",
            Self::Stuck => "bus line held low",
        })
    }
}

impl core::error::Error for BusError {}

impl Error for BusError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::AddressNack => ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address),
            Self::DataNack => ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data),
            Self::ArbitrationLost => ErrorKind::ArbitrationLoss,
            Self::Stuck => ErrorKind::Bus,
        }
    }
}

/// Records one transaction on a [`SimBus`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transaction {
    /// Holds the address asked for.
    pub address: u8,
    /// Counts the bytes written, without the address.
    pub written: u16,
    /// Counts the bytes read.
    pub read: u16,
    /// Says how it ended.
    pub result: Result<(), BusError>,
    head: [u8; Self::HEAD],
}

impl Transaction {
    const HEAD: usize = 4;

    const fn new(address: u8) -> Self {
        Self { address, written: 0, read: 0, result: Ok(()), head: [0; Self::HEAD] }
    }

    /// Returns the first bytes written, at most four.
    pub fn head(&self) -> &[u8] {
        self.head.get(..usize::from(self.written)).unwrap_or(&self.head)
    }
}

#[derive(Clone, Copy)]
struct Fault {
    calls_left: u32,
    times: u32,
    error: BusError,
}

/// Simulates an I2C bus with `N` device models.
///
/// `&SimBus` implements `embedded_hal::i2c::I2c` (and, with feature `async`, its async twin), so
/// several drivers and the test share one bus. An address that no model has is not acknowledged.
///
/// ```
/// use embedded_hal::i2c::I2c;
/// use sundew_testkit::{BusError, SimBus, SimClock, SimTmp105};
///
/// let clock = SimClock::new();
/// let sensor = SimTmp105::new(&clock, 0x48);
/// let bus = SimBus::new([&sensor]);
/// sensor.set_millicelsius(-7_500);
/// clock.advance_millis(38);
///
/// let mut register = [0; 2];
/// (&bus).write_read(0x48, &[0x00], &mut register).unwrap();
/// assert_eq!(register, [0xF8, 0x80]); // -7.5 in steps of 0.0625, left-aligned
/// assert_eq!((&bus).write(0x49, &[0]), Err(BusError::AddressNack));
/// assert_eq!(bus.logged(0).unwrap().head(), [0x00]);
/// assert_eq!(bus.transactions(), 2);
/// ```
pub struct SimBus<'d, const N: usize> {
    devices: [&'d dyn SimDevice; N],
    fault: Cell<Fault>,
    log: [Cell<Transaction>; LOG],
    count: Cell<usize>,
}

const LOG: usize = 32;

impl<'d, const N: usize> SimBus<'d, N> {
    /// Simulates a bus with these devices.
    pub const fn new(devices: [&'d dyn SimDevice; N]) -> Self {
        Self {
            devices,
            fault: Cell::new(Fault { calls_left: 0, times: 0, error: BusError::Stuck }),
            log: [const { Cell::new(Transaction::new(0)) }; LOG],
            count: Cell::new(0),
        }
    }

    /// Lets `calls` transactions pass and the `times` after them fail without reaching a device.
    pub fn fail(&self, calls: u32, times: u32, error: BusError) {
        self.fault.set(Fault { calls_left: calls, times, error });
    }

    /// Returns how many transactions there were, failed ones included.
    pub fn transactions(&self) -> usize {
        self.count.get()
    }

    /// Returns a transaction by its number, counted from 0; the newest 32 are kept.
    pub fn logged(&self, number: usize) -> Option<Transaction> {
        let count = self.count.get();
        if number < count && count - number <= LOG {
            self.log.get(number % LOG).map(Cell::get)
        } else {
            None
        }
    }

    fn run(&self, address: u8, operations: &mut [I2cOperation<'_>]) -> Result<(), BusError> {
        let mut entry = Transaction::new(address);
        entry.result = self.admit().and_then(|()| {
            let mut named = self.devices.iter().filter(|device| device.address() == address);
            let device = named.next().ok_or(BusError::AddressNack)?;
            let result = transfer(*device, operations, &mut entry);
            device.stop();
            result
        });
        let count = self.count.get();
        if let Some(slot) = self.log.get(count % LOG) {
            slot.set(entry);
        }
        self.count.set(count.wrapping_add(1));
        entry.result
    }

    fn admit(&self) -> Result<(), BusError> {
        let mut fault = self.fault.get();
        if fault.times == 0 {
            return Ok(());
        }
        let result = if fault.calls_left == 0 {
            fault.times -= 1;
            Err(fault.error)
        } else {
            fault.calls_left -= 1;
            Ok(())
        };
        self.fault.set(fault);
        result
    }
}

fn transfer(
    device: &dyn SimDevice,
    operations: &mut [I2cOperation<'_>],
    entry: &mut Transaction,
) -> Result<(), BusError> {
    let mut last = None;
    for operation in operations {
        let direction = match operation {
            I2cOperation::Read(_) => Direction::Read,
            I2cOperation::Write(_) => Direction::Write,
        };
        // embedded-hal: neighbours of one direction are one transfer, without a repeated START.
        if last != Some(direction) {
            if device.start(direction) == Ack::Nack {
                return Err(BusError::AddressNack);
            }
            last = Some(direction);
        }
        match operation {
            I2cOperation::Read(bytes) => {
                for byte in bytes.iter_mut() {
                    *byte = device.read();
                    entry.read = entry.read.wrapping_add(1);
                }
            }
            I2cOperation::Write(bytes) => {
                for byte in *bytes {
                    if let Some(slot) = entry.head.get_mut(usize::from(entry.written)) {
                        *slot = *byte;
                    }
                    entry.written = entry.written.wrapping_add(1);
                    if device.write(*byte) == Ack::Nack {
                        return Err(BusError::DataNack);
                    }
                }
            }
        }
    }
    Ok(())
}

impl<const N: usize> ErrorType for &SimBus<'_, N> {
    type Error = BusError;
}

impl<const N: usize> I2c for &SimBus<'_, N> {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [I2cOperation<'_>],
    ) -> Result<(), BusError> {
        self.run(address, operations)
    }
}

#[cfg(feature = "async")]
impl<const N: usize> embedded_hal_async::i2c::I2c for &SimBus<'_, N> {
    async fn transaction(
        &mut self,
        address: u8,
        operations: &mut [I2cOperation<'_>],
    ) -> Result<(), BusError> {
        self.run(address, operations)
    }
}
