//! An SPI bus with one device, whose faults are ordered and whose traffic is kept.

use core::cell::Cell;
use embedded_hal::spi::{Error, ErrorKind, ErrorType, Operation as SpiOperation, SpiDevice};

/// Models the device behind a [`SimSpi`], byte by byte as the wires show them.
///
/// All methods take `&self`: the test keeps a reference to the model and changes what it measures
/// while the driver talks to it.
pub trait SimSpiDevice {
    /// Begins a transaction: chip select fell.
    fn select(&self) {}

    /// Takes one byte and gives the one that goes the other way at the same time, which can depend
    /// on the bytes before only.
    fn exchange(&self, byte: u8) -> u8;

    /// Ends the transaction: chip select rose.
    fn deselect(&self) {}
}

/// Says why a transaction on a [`SimSpi`] failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpiError {
    /// Reports that the peripheral lost bytes.
    Overrun,
    /// Reports that another controller drove the bus.
    ModeFault,
    /// Reports that chip select could not be driven.
    ChipSelect,
}

impl core::fmt::Display for SpiError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Overrun => "bytes lost",
            Self::ModeFault => "another controller on the bus",
            Self::ChipSelect => "chip select cannot be driven",
        })
    }
}

impl core::error::Error for SpiError {}

impl Error for SpiError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Overrun => ErrorKind::Overrun,
            Self::ModeFault => ErrorKind::ModeFault,
            Self::ChipSelect => ErrorKind::ChipSelectFault,
        }
    }
}

/// Records one transaction on a [`SimSpi`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpiTransaction {
    /// Counts the bytes exchanged.
    pub bytes: u16,
    /// Says how it ended.
    pub result: Result<(), SpiError>,
    head: [u8; Self::HEAD],
}

impl SpiTransaction {
    const HEAD: usize = 4;

    const fn new() -> Self {
        Self { bytes: 0, result: Ok(()), head: [0; Self::HEAD] }
    }

    /// Returns the first bytes sent to the device, at most four.
    pub fn head(&self) -> &[u8] {
        self.head.get(..usize::from(self.bytes)).unwrap_or(&self.head)
    }
}

#[derive(Clone, Copy)]
struct Fault {
    calls_left: u32,
    times: u32,
    error: SpiError,
}

/// Simulates an SPI bus with one device model.
///
/// `&SimSpi` implements `embedded_hal::spi::SpiDevice` (and, with feature `async`, its async twin),
/// so the driver and the test share it. Delays within a transaction pass no time.
///
/// SPI has no acknowledgement: a device that is missing reads as one level of the line, for ever.
///
/// ```
/// use embedded_hal::spi::SpiDevice;
/// use sundew_testkit::{SimSpi, SimSpiFrame};
///
/// let part = SimSpiFrame::new([0x12, 0x34]);
/// let spi = SimSpi::new(&part);
/// let mut bytes = [0; 3];
/// (&spi).read(&mut bytes).unwrap();
/// assert_eq!(bytes, [0x12, 0x34, 0x00]);
/// spi.unplug(0xFF);
/// (&spi).read(&mut bytes).unwrap();
/// assert_eq!(bytes, [0xFF; 3]);
/// ```
pub struct SimSpi<'d> {
    device: &'d dyn SimSpiDevice,
    absent: Cell<Option<u8>>,
    fault: Cell<Fault>,
    log: [Cell<SpiTransaction>; LOG],
    count: Cell<usize>,
}

const LOG: usize = 32;

impl<'d> SimSpi<'d> {
    /// Simulates a bus with this device.
    pub const fn new(device: &'d dyn SimSpiDevice) -> Self {
        Self {
            device,
            absent: Cell::new(None),
            fault: Cell::new(Fault { calls_left: 0, times: 0, error: SpiError::Overrun }),
            log: [const { Cell::new(SpiTransaction::new()) }; LOG],
            count: Cell::new(0),
        }
    }

    /// Removes the device; each byte reads as `line` then, 0x00 or 0xFF by the line's resistor.
    pub fn unplug(&self, line: u8) {
        self.absent.set(Some(line));
    }

    /// Puts the device back; what it holds then, the test says.
    pub fn plug(&self) {
        self.absent.set(None);
    }

    /// Lets `calls` transactions pass and the `times` after them fail without reaching the device.
    pub fn fail(&self, calls: u32, times: u32, error: SpiError) {
        self.fault.set(Fault { calls_left: calls, times, error });
    }

    /// Returns how many transactions there were, failed ones included.
    pub fn transactions(&self) -> usize {
        self.count.get()
    }

    /// Returns a transaction by its number, counted from 0; the newest 32 are kept.
    pub fn logged(&self, number: usize) -> Option<SpiTransaction> {
        let count = self.count.get();
        if number < count && count - number <= LOG {
            self.log.get(number % LOG).map(Cell::get)
        } else {
            None
        }
    }

    fn run(&self, operations: &mut [SpiOperation<'_, u8>]) -> Result<(), SpiError> {
        let mut entry = SpiTransaction::new();
        entry.result = self.admit();
        if entry.result.is_ok() {
            self.transfer(operations, &mut entry);
        }
        let count = self.count.get();
        if let Some(slot) = self.log.get(count % LOG) {
            slot.set(entry);
        }
        self.count.set(count.wrapping_add(1));
        entry.result
    }

    fn admit(&self) -> Result<(), SpiError> {
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

    fn transfer(&self, operations: &mut [SpiOperation<'_, u8>], entry: &mut SpiTransaction) {
        let absent = self.absent.get();
        if absent.is_none() {
            self.device.select();
        }
        let mut exchange = |sent: u8| {
            if let Some(slot) = entry.head.get_mut(usize::from(entry.bytes)) {
                *slot = sent;
            }
            entry.bytes = entry.bytes.wrapping_add(1);
            absent.unwrap_or_else(|| self.device.exchange(sent))
        };
        for operation in operations {
            match operation {
                // embedded-hal leaves open what is sent while only reading; most send 0.
                SpiOperation::Read(bytes) => bytes.iter_mut().for_each(|b| *b = exchange(0)),
                SpiOperation::Write(bytes) => bytes.iter().for_each(|b| _ = exchange(*b)),
                SpiOperation::TransferInPlace(bytes) => {
                    bytes.iter_mut().for_each(|b| *b = exchange(*b));
                }
                SpiOperation::Transfer(read, write) => {
                    for position in 0..read.len().max(write.len()) {
                        let byte = exchange(write.get(position).copied().unwrap_or(0));
                        if let Some(slot) = read.get_mut(position) {
                            *slot = byte;
                        }
                    }
                }
                SpiOperation::DelayNs(_) => {}
            }
        }
        if absent.is_none() {
            self.device.deselect();
        }
    }
}

impl ErrorType for &SimSpi<'_> {
    type Error = SpiError;
}

impl SpiDevice for &SimSpi<'_> {
    fn transaction(&mut self, operations: &mut [SpiOperation<'_, u8>]) -> Result<(), SpiError> {
        self.run(operations)
    }
}

#[cfg(feature = "async")]
impl embedded_hal_async::spi::SpiDevice for &SimSpi<'_> {
    async fn transaction(
        &mut self,
        operations: &mut [SpiOperation<'_, u8>],
    ) -> Result<(), SpiError> {
        self.run(operations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives back each byte one byte later, and counts transactions.
    struct Echo {
        last: Cell<u8>,
        selected: Cell<u8>,
        deselected: Cell<u8>,
    }

    impl SimSpiDevice for Echo {
        fn select(&self) {
            self.selected.set(self.selected.get() + 1);
            self.last.set(0xEE);
        }

        fn exchange(&self, byte: u8) -> u8 {
            self.last.replace(byte)
        }

        fn deselect(&self) {
            self.deselected.set(self.deselected.get() + 1);
        }
    }

    const fn echo() -> Echo {
        Echo { last: Cell::new(0), selected: Cell::new(0), deselected: Cell::new(0) }
    }

    #[test]
    fn operations_of_a_transaction_follow_each_other_under_one_select() {
        let device = echo();
        let spi = SimSpi::new(&device);
        let (mut read, mut longer, mut in_place) = ([0; 2], [0; 3], [7, 8]);
        (&spi)
            .transaction(&mut [
                SpiOperation::Write(&[1, 2]),
                SpiOperation::Read(&mut read),
                SpiOperation::Transfer(&mut longer, &[5]),
                SpiOperation::DelayNs(10),
                SpiOperation::TransferInPlace(&mut in_place),
            ])
            .unwrap();
        assert_eq!((read, longer, in_place), ([2, 0], [0, 5, 0], [0, 7]));
        let logged = spi.logged(0).unwrap();
        assert_eq!((logged.bytes, logged.head(), logged.result), (9, &[1, 2, 0, 0][..], Ok(())));
        assert_eq!((device.selected.get(), device.deselected.get()), (1, 1));
    }

    #[test]
    fn an_ordered_fault_comes_in_its_place_and_reaches_no_device() {
        let device = echo();
        let spi = SimSpi::new(&device);
        spi.fail(1, 2, SpiError::ChipSelect);
        let results = [(); 4].map(|()| (&spi).write(&[1]));
        let fault = Err(SpiError::ChipSelect);
        assert_eq!(results, [Ok(()), fault, fault, Ok(())]);
        assert_eq!(device.selected.get(), 2);
        assert_eq!(spi.transactions(), 4);
        assert_eq!(spi.logged(1).unwrap().head(), []);
        assert_eq!(spi.logged(4), None);
        assert_eq!(SpiError::ModeFault.kind(), ErrorKind::ModeFault);
        assert_eq!(SpiError::Overrun.kind(), ErrorKind::Overrun);
    }

    #[test]
    fn a_missing_device_is_never_selected() {
        let device = echo();
        let spi = SimSpi::new(&device);
        spi.unplug(0);
        let mut bytes = [9; 2];
        (&spi).read(&mut bytes).unwrap();
        assert_eq!((bytes, device.selected.get()), ([0; 2], 0));
        spi.plug();
        (&spi).read(&mut bytes).unwrap();
        assert_eq!(bytes, [0xEE, 0]);
    }
}
