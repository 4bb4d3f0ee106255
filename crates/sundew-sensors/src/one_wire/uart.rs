//! A bus over a UART whose lines are joined.

#[cfg(feature = "async")]
use super::OneWireAsync;
use super::{Fault, OneWire};
use embedded_hal::delay::DelayNs;
#[cfg(feature = "async")]
use embedded_hal_async::delay::DelayNs as DelayNsAsync;
use embedded_io::{ErrorType, Read, ReadReady, Write};
#[cfg(feature = "async")]
use embedded_io_async::{Read as ReadAsync, Write as WriteAsync};

/// Changes the speed of a UART; implemented by the board, in the terms of its HAL.
pub trait BaudRate: ErrorType {
    /// Sends and receives at this many bits a second from now on; nothing is under way then.
    ///
    /// # Errors
    ///
    /// Returns the port's error.
    fn set_baud_rate(&mut self, baud: u32) -> Result<(), Self::Error>;
}

/// Is 4 low bits of data behind the start bit: 521 us at 9,600 baud (application note 214).
const RESET: u8 = 0xF0;
const RESET_BAUD: u32 = 9_600;
const SLOT_BAUD: u32 = 115_200;
/// Looks for the echo this often; one takes 87 us, that of a reset 1,042 us.
const POLL_US: u32 = 20;
/// Gives up after 3 ms: the port is not asked to wait, since it would for ever.
const POLLS: u8 = 150;

/// Drives a bus over a UART, after application note 214: the transmitter drives the line by way of
/// an open drain, the receiver listens to it, and a resistor pulls it up. Eight data bits, no
/// parity, one stop bit.
///
/// All edges come from the UART, so interrupts can do no harm.
///
/// *Blocking time*: 1.1 ms for a reset and 0.11 ms for a slot, at most 3 ms where the echo fails
/// to come; the async twin waits by its delay.
///
/// *Cancel safety* (async): a future that is dropped leaves a transfer unfinished, which the next
/// reset ends.
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct UartWire<P, D> {
    port: P,
    delay: D,
}

#[maybe_async_cfg::maybe(
    idents(OneWire(sync), Read(sync), Write(sync), DelayNs(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<P: Read + ReadReady + Write + BaudRate, D: DelayNs> UartWire<P, D> {
    /// Takes a port and a delay; nothing is sent yet.
    pub const fn new(port: P, delay: D) -> Self {
        Self { port, delay }
    }

    /// Returns port and delay.
    pub fn release(self) -> (P, D) {
        (self.port, self.delay)
    }

    /// Sends a byte and returns what the line made of it.
    async fn exchange(&mut self, byte: u8) -> Result<u8, Fault<P::Error>> {
        // Not `write_all`, which panics where a port takes nothing.
        if self.port.write(&[byte]).await.map_err(Fault::Port)? == 0 {
            return Err(Fault::Silent);
        }
        self.port.flush().await.map_err(Fault::Port)?;
        for _ in 0..POLLS {
            if let Some(echo) = self.heard().await? {
                return Ok(echo);
            }
            self.delay.delay_us(POLL_US).await;
        }
        Err(Fault::Silent)
    }

    async fn heard(&mut self) -> Result<Option<u8>, Fault<P::Error>> {
        let mut byte = [0];
        let count = match self.port.read_ready() {
            Ok(true) => self.port.read(&mut byte).await.map_err(Fault::Port)?,
            other => other.map(|_| 0).map_err(Fault::Port)?,
        };
        let [byte] = byte;
        Ok((count > 0).then_some(byte))
    }
}

#[maybe_async_cfg::maybe(
    idents(OneWire(sync), Read(sync), Write(sync), DelayNs(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<P: Read + ReadReady + Write + BaudRate, D: DelayNs> OneWire for UartWire<P, D> {
    type Error = P::Error;

    async fn reset(&mut self) -> Result<(), Fault<P::Error>> {
        // What was heard late belongs to a transfer that was given up.
        for _ in 0..POLLS {
            if self.heard().await?.is_none() {
                break;
            }
        }
        self.port.set_baud_rate(RESET_BAUD).map_err(Fault::Port)?;
        let echo = self.exchange(RESET).await?;
        self.port.set_baud_rate(SLOT_BAUD).map_err(Fault::Port)?;
        match echo {
            0 => Err(Fault::Shorted),
            RESET => Err(Fault::Absent),
            _ => Ok(()),
        }
    }

    async fn slot(&mut self, bit: bool) -> Result<bool, Fault<P::Error>> {
        let echo = self.exchange(if bit { 0xFF } else { 0x00 }).await?;
        // The line is sampled in the first bits of data: a part holds a 0 for 15 us at least, and
        // the first data bit is heard 13 us after the start.
        Ok(echo == 0xFF)
    }
}
