//! The registers of the ATmega328P: the only pointers (datasheet DS40002061B, chapter 36).

const EECR: *mut u8 = 0x3F as *mut u8;
const EEDR: *mut u8 = 0x40 as *mut u8;
const EEARL: *mut u8 = 0x41 as *mut u8;
const EEARH: *mut u8 = 0x42 as *mut u8;
const SREG: *mut u8 = 0x5F as *mut u8;
/// GPIOR0, GPIOR1, GPIOR2: registers for free use; the harness sets them before a start and
/// watches what is written to the last.
const GPIOR: [*mut u8; 3] = [0x3E as *mut u8, 0x4A as *mut u8, 0x4B as *mut u8];

const READ: u8 = 1 << 0; // EERE
const PROGRAM: u8 = 1 << 1; // EEPE
const ALLOW: u8 = 1 << 2; // EEMPE

/// Reads a byte of the EEPROM.
pub(crate) fn eeprom_read(address: u16) -> u8 {
    select(address);
    // SAFETY: no write is under way, and reading changes nothing.
    unsafe {
        EECR.write_volatile(READ);
        EEDR.read_volatile()
    }
}

/// Erases and writes a byte of the EEPROM: 3.4 ms. Returns when it is done, so that what returned
/// is durable.
pub(crate) fn eeprom_write(address: u16, byte: u8) {
    select(address);
    // SAFETY: the hardware takes the second write within four cycles of the first: neither an
    // interrupt nor another instruction may come between. Interrupts are as before afterwards.
    unsafe {
        EEDR.write_volatile(byte);
        let interrupts = SREG.read_volatile();
        SREG.write_volatile(interrupts & 0x7F);
        EECR.write_volatile(ALLOW);
        EECR.write_volatile(ALLOW | PROGRAM);
        SREG.write_volatile(interrupts);
    }
    wait();
}

fn select(address: u16) {
    wait();
    let [low, high] = address.to_le_bytes();
    // SAFETY: no write is under way; an address alone does nothing.
    unsafe {
        EEARL.write_volatile(low);
        EEARH.write_volatile(high);
    }
}

fn wait() {
    // SAFETY: reading the register changes nothing.
    while unsafe { EECR.read_volatile() } & PROGRAM != 0 {}
}

/// Returns what the harness set before the start: the boot, and the number of the next record.
pub(crate) fn orders() -> (u8, u16) {
    let [boot, low, high] = GPIOR;
    // SAFETY: registers without a function.
    unsafe {
        let number = u16::from_le_bytes([low.read_volatile(), high.read_volatile()]);
        (boot.read_volatile(), number)
    }
}

/// Tells the harness one byte.
pub(crate) fn tell(byte: u8) {
    let [.., told] = GPIOR;
    // SAFETY: a register without a function.
    unsafe { told.write_volatile(byte) };
}

/// Entered by avr-libc's start-up code.
#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    crate::run();
    #[allow(clippy::empty_loop)]
    loop {}
}

// libgcc's division and avr-libc's memcpy are written in assembly. Named here, they are linked
// before compiler_builtins.
#[link(name = "gcc")]
#[link(name = "c")]
unsafe extern "C" {}
