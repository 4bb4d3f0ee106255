//! What a device answers when it has no values, and all that can fail.

use crate::Error;
use core::fmt;
use sundew_core::{Classify, ErrorKind};

/// Names why a device refuses ("MODBUS application protocol" V1.1b3, section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Exception {
    /// Names 1: the device does not know the function.
    IllegalFunction,
    /// Names 2: a register is not there.
    IllegalAddress,
    /// Names 3: the number of registers is not allowed.
    IllegalValue,
    /// Names 4: the device failed.
    DeviceFailure,
    /// Names 6: the device is busy.
    Busy,
    /// Names 10: a gateway has no way to the device.
    NoPath,
    /// Names 11: the device behind a gateway does not answer.
    NoAnswer,
    /// Names another number.
    Other(u8),
}

impl Exception {
    /// Returns the exception of a number.
    pub const fn from_number(number: u8) -> Self {
        match number {
            1 => Self::IllegalFunction,
            2 => Self::IllegalAddress,
            3 => Self::IllegalValue,
            4 => Self::DeviceFailure,
            6 => Self::Busy,
            10 => Self::NoPath,
            11 => Self::NoAnswer,
            other => Self::Other(other),
        }
    }
}

/// Says why a block of registers could not be read; `E` is the port's own error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ModbusError<E> {
    /// Reports what happened on the line; no answer, or half of one, is [`Error::NotReady`].
    Line(Error<E>),
    /// Reports that the device refused.
    Refused(Exception),
}

impl<E: fmt::Debug> Classify for ModbusError<E> {
    /// Returns [`ErrorKind::Config`] for what only another map can mend.
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Line(error) => error.kind(),
            Self::Refused(
                Exception::IllegalFunction | Exception::IllegalAddress | Exception::IllegalValue,
            ) => ErrorKind::Config,
            Self::Refused(_) => ErrorKind::Bus,
        }
    }
}

impl<E> fmt::Display for ModbusError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(error) => error.fmt(f),
            Self::Refused(_) => f.write_str("device refuses the request"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for ModbusError<E> {}
