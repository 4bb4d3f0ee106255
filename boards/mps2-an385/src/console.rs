//! Lines for people and test programs: UART 0.
//!
//! Registers: Cortex-M System Design Kit TRM (Arm DDI 0479), section 4.3.

use core::fmt;

use heapless::String;

use crate::{clock::CORE_HZ, memory_map::UART};

const DATA: usize = 0x00;
const STATE: usize = 0x04;
const CONTROL: usize = 0x08;
const BAUD_DIVIDER: usize = 0x10;

const STATE_TRANSMIT_FULL: u32 = 1 << 0;
const STATE_RECEIVED: u32 = 1 << 1;
const CONTROL_TRANSMIT: u32 = 1 << 0;
const CONTROL_RECEIVE: u32 = 1 << 1;

/// Writes to UART 0 at 115,200 baud, and reads from it.
///
/// A line is written by one writer at a time, so the type may be had anywhere, also while
/// panicking.
///
/// # Blocking time
///
/// 87 us for each byte on silicon; in QEMU as long as the reader of the character device takes.
/// No line is ever dropped: the lines are what a test judges by. What was written has left the
/// register when a call returns.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Console;

impl Console {
    /// Names the console.
    pub const fn new() -> Self {
        Self
    }

    /// Returns the next line that comes in, without its end; what does not fit is dropped.
    ///
    /// # Blocking time
    ///
    /// Until the line has come; `wait` is called while there is nothing. The UART holds one byte:
    /// in QEMU the sender waits for it, on silicon a `wait` of over 87 us loses bytes.
    pub fn read_line<const BYTES: usize>(&self, wait: impl Fn()) -> String<BYTES> {
        let mut line = String::new();
        loop {
            while UART.read(STATE) & STATE_RECEIVED == 0 {
                wait();
            }
            // A byte is in the register's lowest eight bits.
            match UART.read(DATA) as u8 {
                b'\n' => return line,
                byte => {
                    let _ = line.push(char::from(byte));
                }
            }
        }
    }
}

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            while UART.read(STATE) & STATE_TRANSMIT_FULL != 0 {}
            UART.write(DATA, u32::from(byte));
        }
        // The last byte, too: a test judges by what was told before the power went.
        while UART.read(STATE) & STATE_TRANSMIT_FULL != 0 {}
        Ok(())
    }
}

/// Writes a formatted line to the [`Console`](crate::console::Console).
#[macro_export]
macro_rules! say {
    ($($part:tt)*) => {{
        use ::core::fmt::Write as _;
        // The console cannot fail.
        let _ = ::core::writeln!($crate::console::Console::new(), $($part)*);
    }};
}

pub(crate) fn start() {
    UART.write(BAUD_DIVIDER, CORE_HZ / 115_200);
    UART.write(CONTROL, CONTROL_TRANSMIT | CONTROL_RECEIVE);
}
