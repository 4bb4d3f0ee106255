//! Two phases out of a method that writes, waits and reads.

use core::cell::{Cell, RefCell};
use core::fmt;
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{self, ErrorType, I2c, Operation};
#[cfg(feature = "async")]
use embedded_hal_async::{delay::DelayNs as DelayNsAsync, i2c::I2c as I2cAsync};

use crate::Error;

/// Lends a bus and a delay to another crate's driver, and can stop it where it begins to wait.
///
/// A method of such a driver sends a command, waits, and reads the answer. Called after
/// [`begin`](Self::begin), it gets as far as the wait, and from then on nothing but
/// [`SplitError::Paused`]. Called again after [`resume`](Self::resume), what it writes is left out,
/// its wait takes no time, and the answer is read. In between, the loop does something else.
///
/// The wait is the first call of the delay or, where the driver leaves the wait to its user, the
/// first transfer that begins with a read. A register that is read by a write and a read in one is
/// read both times. A driver that asks again and again is stopped after 32 transfers, by
/// [`SplitError::Paused`] too. At other times the bus and the delay are as they were.
///
/// A shared reference is the bus and the delay, so both can be given to the driver.
///
/// *RAM*: the bus, the delay and 6 bytes (on 32 bits: 12).
///
/// ```
/// use embedded_hal::delay::DelayNs;
/// use embedded_hal::i2c::{Error as _, I2c};
/// use sundew_sensors::wrap::Split;
/// use sundew_testkit::{SimBus, SimClock, SimWords, WordCommand};
///
/// /// Stands for another crate.
/// fn measure<B: I2c>(mut bus: B, mut delay: impl DelayNs) -> Result<[u8; 3], B::Error> {
///     let mut bytes = [0; 3];
///     bus.write(0x58, &[0x20, 0x08])?;
///     delay.delay_ms(12);
///     bus.read(0x58, &mut bytes)?;
///     Ok(bytes)
/// }
///
/// let clock = SimClock::new();
/// let part = SimWords::new(
///     &clock,
///     0x58,
///     [WordCommand::new(0x2008).lasting(12_000).answering(0xBEEF)],
/// );
/// let bus = SimBus::new([&part]);
/// let split = Split::new(&bus, &clock);
///
/// split.begin();
/// assert!(measure(&split, &split).is_err());
/// assert!(split.is_paused());
/// assert!(clock.micros() < 1_000);
///
/// clock.advance_millis(13); // something else
/// split.resume();
/// assert_eq!(measure(&split, &split), Ok([0xBE, 0xEF, 0x92]));
/// assert_eq!(part.times(0x2008), 1);
/// ```
#[derive(Debug)]
pub struct Split<I2C, D> {
    bus: RefCell<I2C>,
    delay: RefCell<D>,
    phase: Cell<Phase>,
    /// Counts the transfers that a phase may still make.
    left: Cell<u8>,
}

/// Holds how many transfers a phase may make: four times as many as the longest here needs, and
/// few enough for a driver that asks a stuck part for ever.
const MOST: u8 = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Changes nothing.
    Through,
    /// Lets the command out.
    Begin,
    /// Refuses everything: the driver has come to its wait.
    Paused,
    /// Leaves out the command.
    Resume,
    /// Lets the answer in, and takes no time for delays.
    Finish,
}

impl<I2C, D> Split<I2C, D> {
    /// Takes a bus and a delay; the delay is for what the driver does before the first phase.
    pub const fn new(bus: I2C, delay: D) -> Self {
        Self {
            bus: RefCell::new(bus),
            delay: RefCell::new(delay),
            phase: Cell::new(Phase::Through),
            left: Cell::new(0),
        }
    }

    /// Lets the next call of the driver come as far as its wait.
    pub fn begin(&self) {
        self.phase.set(Phase::Begin);
        self.left.set(MOST);
    }

    /// Lets the next call of the driver go on from its wait.
    pub fn resume(&self) {
        self.phase.set(Phase::Resume);
        self.left.set(MOST);
    }

    /// Lets the driver do as it likes, with its waits.
    pub fn through(&self) {
        self.phase.set(Phase::Through);
    }

    /// Returns whether the driver has come to its wait.
    pub fn is_paused(&self) -> bool {
        self.phase.get() == Phase::Paused
    }

    /// Returns the bus and the delay.
    pub fn release(self) -> (I2C, D) {
        (self.bus.into_inner(), self.delay.into_inner())
    }

    /// Returns what is to be done with a transfer: `None` is to send it.
    fn decide<E>(&self, operations: &[Operation<'_>]) -> Option<Result<(), SplitError<E>>> {
        let reads_first = matches!(operations, [Operation::Read(_), ..]);
        let only_writes = operations.iter().all(|one| matches!(one, Operation::Write(_)));
        let phase = self.phase.get();
        if phase != Phase::Through {
            let Some(left) = self.left.get().checked_sub(1) else {
                return Some(Err(SplitError::Paused));
            };
            self.left.set(left);
        }
        match phase {
            Phase::Paused => return Some(Err(SplitError::Paused)),
            Phase::Begin if reads_first => {
                self.phase.set(Phase::Paused);
                return Some(Err(SplitError::Paused));
            }
            Phase::Resume if only_writes => return Some(Ok(())),
            Phase::Resume if reads_first => self.phase.set(Phase::Finish),
            _ => {}
        }
        None
    }

    /// Returns whether a delay is to take its time.
    fn waits(&self) -> bool {
        match self.phase.get() {
            Phase::Through => return true,
            Phase::Begin => self.phase.set(Phase::Paused),
            Phase::Resume => self.phase.set(Phase::Finish),
            Phase::Paused | Phase::Finish => {}
        }
        false
    }
}

/// Says why a transfer through a [`Split`] failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SplitError<E> {
    /// Reports the bus's own error.
    Bus(E),
    /// Reports a driver that has come to its wait and is to be called again.
    Paused,
}

impl<E> SplitError<E> {
    /// Returns what a sensor says of it.
    pub fn into_error(self) -> Error<E> {
        match self {
            Self::Bus(error) => Error::Bus(error),
            Self::Paused => Error::NotReady,
        }
    }
}

impl<E: i2c::Error> i2c::Error for SplitError<E> {
    fn kind(&self) -> i2c::ErrorKind {
        match self {
            Self::Bus(error) => error.kind(),
            Self::Paused => i2c::ErrorKind::Other,
        }
    }
}

impl<E> fmt::Display for SplitError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bus(_) => "bus failed",
            Self::Paused => "driver waits",
        })
    }
}

impl<E: fmt::Debug> core::error::Error for SplitError<E> {}

impl<I2C: ErrorType, D> ErrorType for &Split<I2C, D> {
    type Error = SplitError<I2C::Error>;
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(keep_self, feature = "async"))]
#[allow(
    clippy::await_holding_refcell_ref,
    reason = "the driver that holds the other reference awaits this one"
)]
impl<I2C: I2c, D> I2c for &Split<I2C, D> {
    async fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Self::Error> {
        if let Some(decided) = self.decide(operations) {
            return decided;
        }
        let mut bus = self.bus.try_borrow_mut().map_err(|_| SplitError::Paused)?;
        bus.transaction(address, operations).await.map_err(SplitError::Bus)
    }
}

#[maybe_async_cfg::maybe(
    idents(DelayNs(sync)),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
#[allow(
    clippy::await_holding_refcell_ref,
    reason = "the driver that holds the other reference awaits this one"
)]
impl<I2C, D: DelayNs> DelayNs for &Split<I2C, D> {
    async fn delay_ns(&mut self, nanos: u32) {
        if self.waits()
            && let Ok(mut delay) = self.delay.try_borrow_mut()
        {
            delay.delay_ns(nanos).await;
        }
    }
}
