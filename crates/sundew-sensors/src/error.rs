//! Why a measurement or a set-up failed, and who must act.

use core::fmt;
use embedded_hal::i2c;
use sundew_core::{Classify, ErrorKind};

/// Says why a driver could not start or read a measurement; `E` is the bus's own error.
///
/// ```
/// use sundew_core::{Classify, ErrorKind};
/// use sundew_sensors::tmp105::{self, Tmp105};
/// use sundew_sensors::{Error, Sensor};
/// use sundew_testkit::{BusError, SimBus};
///
/// let nothing_there = SimBus::new([]);
/// let config = tmp105::Config::continuous(tmp105::Resolution::Twelve);
/// let mut sensor = Tmp105::new(&nothing_there, tmp105::Address::X48, config);
/// let error = sensor.start().unwrap_err();
/// assert_eq!(error, Error::Bus(BusError::AddressNack));
/// assert_eq!(error.kind(), ErrorKind::Bus);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// Reports that the bus failed, or that the part is absent.
    Bus(E),
    /// Reports bytes that fail their checksum.
    Checksum,
    /// Reports bytes that are no frame of this part: lost bytes, a wrong speed, or another part.
    Frame,
    /// Reports that nothing was started, or that it is not through yet.
    NotReady,
    /// Reports that the part itself says that it, or what is connected to it, is defective; the
    /// driver's page says what the bits mean.
    Defect(u8),
    /// Reports that the part forgot its configuration: its supply broke down meanwhile, or it is
    /// not the part it is taken for. Starting again configures it anew.
    Restarted,
    /// Reports another part than the driver is for, by what its identity register holds.
    WrongPart(u16),
}

impl<E: i2c::Error> Error<E> {
    /// Takes an address that is not acknowledged for a part that has nothing to say yet.
    pub fn while_reading(error: E) -> Self {
        match error.kind() {
            i2c::ErrorKind::NoAcknowledge(_) => Self::NotReady,
            _ => Self::Bus(error),
        }
    }
}

impl<E: fmt::Debug> Classify for Error<E> {
    /// Returns [`ErrorKind::Bus`] for all but a wrong part, which is [`ErrorKind::Config`]: each
    /// is worth another measurement, and then a look at wiring and supply. That holds for a wrong
    /// checksum too: the bytes are fresh from the wire, whereas [`ErrorKind::Corrupt`] is for what
    /// stays wrong however often it is read.
    fn kind(&self) -> ErrorKind {
        match self {
            Self::WrongPart(_) => ErrorKind::Config,
            _ => ErrorKind::Bus,
        }
    }
}

impl<E> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bus(_) => "sensor does not answer",
            Self::Checksum => "sensor data fails its checksum",
            Self::Frame => "sensor data is no frame",
            Self::NotReady => "measurement not ready",
            Self::Defect(_) => "sensor reports a defect",
            Self::Restarted => "sensor lost its configuration",
            Self::WrongPart(_) => "another part than expected",
        })
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}

/// Says why a set-up can never work: the firmware's author must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConfigError {
    /// Reports an address that the part cannot have.
    Address,
    /// Reports a setting outside what the part or the driver can do; the constructor says which.
    Setting,
    /// Reports a channel whose quantity is not what the sensor's output measures.
    Quantity {
        /// Counts the outputs from 0.
        output: u8,
    },
    /// Reports a channel in another unit than the quantity's canonical one.
    Unit {
        /// Counts the outputs from 0.
        output: u8,
    },
    /// Reports a channel whose decimal exponent is not the output's.
    Exponent {
        /// Counts the outputs from 0.
        output: u8,
    },
}

impl Classify for ConfigError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Config
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("address that the part cannot have"),
            Self::Setting => f.write_str("setting that the part cannot do"),
            Self::Quantity { output } => write!(f, "channel of output {output}: wrong quantity"),
            Self::Unit { output } => write!(f, "channel of output {output}: wrong unit"),
            Self::Exponent { output } => write!(f, "channel of output {output}: wrong exponent"),
        }
    }
}

impl core::error::Error for ConfigError {}

/// Says why a mounted sensor could not add its values to a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ReadError<E> {
    /// Reports the driver's own error.
    Driver(E),
    /// Reports a sample without room for all values of the sensor.
    Full,
}

impl<E: Classify> Classify for ReadError<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Driver(error) => error.kind(),
            Self::Full => ErrorKind::Resource,
        }
    }
}

impl<E: fmt::Display> fmt::Display for ReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Driver(error) => error.fmt(f),
            Self::Full => f.write_str("sample has no room for the values"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for ReadError<E> {}
