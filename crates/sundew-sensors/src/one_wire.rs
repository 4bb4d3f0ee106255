//! The 1-Wire bus: one line for data, over an open-drain pin or a UART.
//!
//! After Maxim's application notes 126 (timings), 214 (UART), 187 (search) and 27 (checksum).
//! Standard speed only.

mod pin;
mod rom;
mod search;
mod shared;
mod uart;

#[cfg(feature = "async")]
pub use asynch::OneWireAsync;
use core::fmt;
pub use pin::PinWire;
pub use rom::Rom;
pub(crate) use rom::crc8;
pub use search::Search;
#[cfg(feature = "async")]
pub use search::SearchAsync;
pub use shared::Shared;
#[cfg(feature = "async")]
pub use uart::UartWireAsync;
pub use uart::{BaudRate, UartWire};

/// Says why a bus could not be used; `E` is the error of the pin or port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault<E> {
    /// Reports that no part answers.
    Absent,
    /// Reports a search that found a code with a wrong checksum, or lost the part meanwhile.
    Damaged,
    /// Reports that the pin or port failed.
    Port(E),
    /// Reports a line that stays low: a short circuit, or no pull-up.
    Shorted,
    /// Reports a UART that does not hear itself: its lines are not joined, or another user holds
    /// the bus.
    Silent,
}

impl<E> fmt::Display for Fault<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "no part answers",
            Self::Damaged => "code of a part is damaged",
            Self::Port(_) => "pin or port failed",
            Self::Shorted => "line stays low",
            Self::Silent => "port does not hear itself",
        })
    }
}

impl<E: fmt::Debug> core::error::Error for Fault<E> {}

/// Says how the line is pulled up between slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Pull {
    /// Connects the line with the supply, to feed parts without one of their own.
    Strong,
    /// Leaves it to the resistor.
    Weak,
}

#[cfg(feature = "async")]
mod asynch {
    pub use super::bus::OneWireAsync;
}
pub use bus::OneWire;

mod bus {
    use super::{Fault, Pull};
    use core::fmt::Debug;

    /// Drives a 1-Wire bus: a reset, slots of one bit, and bytes made of those.
    #[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
    #[allow(async_fn_in_trait, reason = "what a future may be sent to is the caller's matter")]
    pub trait OneWire {
        /// Says why the pin or port failed.
        type Error: Debug;

        /// Resets all parts.
        ///
        /// # Errors
        ///
        /// Returns [`Fault::Absent`] where none answers, [`Fault::Shorted`] where the line is low.
        async fn reset(&mut self) -> Result<(), Fault<Self::Error>>;

        /// Sends a bit and returns the line's level: a part can turn a 1 into a 0.
        ///
        /// Reading is sending a 1.
        ///
        /// # Errors
        ///
        /// Returns [`Fault::Port`] or, over a UART, [`Fault::Silent`].
        async fn slot(&mut self, bit: bool) -> Result<bool, Fault<Self::Error>>;

        /// Connects the line with the supply, or no longer, where the board can; else does nothing.
        ///
        /// A part without a supply of its own needs it within 10 us after the command to convert.
        ///
        /// # Errors
        ///
        /// Returns [`Fault::Port`].
        async fn pull(&mut self, pull: Pull) -> Result<(), Fault<Self::Error>> {
            let _ = pull;
            Ok(())
        }

        /// Sends a byte, least significant bit first.
        ///
        /// # Errors
        ///
        /// As for [`slot`](Self::slot).
        async fn write_byte(&mut self, byte: u8) -> Result<(), Fault<Self::Error>> {
            let mut rest = byte;
            for _ in 0..8 {
                self.slot(rest & 1 == 1).await?;
                rest >>= 1;
            }
            Ok(())
        }

        /// Reads a byte, least significant bit first.
        ///
        /// # Errors
        ///
        /// As for [`slot`](Self::slot).
        async fn read_byte(&mut self) -> Result<u8, Fault<Self::Error>> {
            let mut byte = 0;
            for _ in 0..8 {
                byte >>= 1;
                if self.slot(true).await? {
                    byte |= 0x80;
                }
            }
            Ok(byte)
        }
    }

    #[maybe_async_cfg::maybe(idents(OneWire(sync)), sync(keep_self), async(feature = "async"))]
    impl<B: OneWire> OneWire for &mut B {
        type Error = B::Error;

        async fn reset(&mut self) -> Result<(), Fault<B::Error>> {
            B::reset(self).await
        }

        async fn slot(&mut self, bit: bool) -> Result<bool, Fault<B::Error>> {
            B::slot(self, bit).await
        }

        async fn pull(&mut self, pull: Pull) -> Result<(), Fault<B::Error>> {
            B::pull(self, pull).await
        }
    }
}
