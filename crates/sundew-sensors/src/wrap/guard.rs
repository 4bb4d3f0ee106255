//! Register values that a driver of another crate must not see.

use core::fmt;
use embedded_hal::i2c::{self, ErrorKind, ErrorType, I2c, Operation};
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;

use crate::Error;

/// Lends a bus to a driver and refuses what its code would panic on.
pub(super) struct Guarded<B> {
    bus: B,
    accepts: fn(&mut u16, u8, &[u8]) -> bool,
    /// Is the check's own: what a later register must go with.
    noted: u16,
}

impl<B> Guarded<B> {
    /// Takes the bus and the check, which is given its note, a register and what was read of it.
    pub(super) const fn new(bus: B, accepts: fn(&mut u16, u8, &[u8]) -> bool) -> Self {
        Self { bus, accepts, noted: 0 }
    }

    fn check<E>(&mut self, operations: &[Operation<'_>]) -> Result<(), Refusal<E>> {
        match operations {
            [Operation::Write([register]), Operation::Read(bytes)]
                if !(self.accepts)(&mut self.noted, *register, bytes) =>
            {
                Err(Refusal::Value)
            }
            _ => Ok(()),
        }
    }
}

/// Says why a transfer through a [`Guarded`] bus failed.
#[derive(Debug)]
pub(super) enum Refusal<E> {
    Bus(E),
    Value,
}

impl<E> Refusal<E> {
    /// Returns what a sensor says of it, given what it says of the bus's error.
    pub(super) fn into_error<T>(self, of_the_bus: impl FnOnce(E) -> Error<T>) -> Error<T> {
        match self {
            Self::Bus(error) => of_the_bus(error),
            Self::Value => Error::Frame,
        }
    }
}

impl<E: fmt::Debug> i2c::Error for Refusal<E> {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl<B: ErrorType> ErrorType for Guarded<B> {
    type Error = Refusal<B::Error>;
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(keep_self, feature = "async"))]
impl<B: I2c> I2c for Guarded<B> {
    async fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Self::Error> {
        self.bus.transaction(address, operations).await.map_err(Refusal::Bus)?;
        self.check(operations)
    }
}
