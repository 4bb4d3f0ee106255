//! Lines for people and test programs: the NS16550A.
//!
//! Registers: National Semiconductor PC16550D datasheet, section 8.

use core::fmt;

use heapless::String;

use crate::memory_map::UART;

const DATA: usize = 0;
const INTERRUPTS: usize = 1;
const LINE_CONTROL: usize = 3;
const LINE_STATUS: usize = 5;
/// With the latch open, registers 0 and 1 hold the divisor.
const DIVISOR_LOW: usize = 0;
const DIVISOR_HIGH: usize = 1;

const CONTROL_LATCH: u8 = 1 << 7;
/// Eight bits, no parity, one stop bit.
const CONTROL_8N1: u8 = 0b11;
const STATUS_RECEIVED: u8 = 1 << 0;
/// Nothing is left in the part, not even the byte that is being shifted out.
const STATUS_SENT: u8 = 1 << 6;

/// 3,686,400 Hz / (16 x 115,200).
const DIVISOR: u8 = 2;

/// Writes to the UART at 115,200 baud, and reads from it.
///
/// A line is written by one writer at a time, so the type may be had anywhere, also while
/// panicking.
///
/// # Blocking time
///
/// 87 us for each byte on silicon; in QEMU as long as the reader of the character device takes.
/// What was written has left the part when a call returns: a test judges by what was told before
/// the power went.
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
    /// Until the line has come.
    pub fn read_line<const BYTES: usize>(&self) -> String<BYTES> {
        let mut line = String::new();
        loop {
            while UART.read_byte(LINE_STATUS) & STATUS_RECEIVED == 0 {
                core::hint::spin_loop();
            }
            match UART.read_byte(DATA) {
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
            UART.write_byte(DATA, byte);
            while UART.read_byte(LINE_STATUS) & STATUS_SENT == 0 {}
        }
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
    UART.write_byte(LINE_CONTROL, CONTROL_LATCH | CONTROL_8N1);
    UART.write_byte(DIVISOR_LOW, DIVISOR);
    UART.write_byte(DIVISOR_HIGH, 0);
    UART.write_byte(LINE_CONTROL, CONTROL_8N1);
    UART.write_byte(INTERRUPTS, 0);
}
