//! The registers of the ATmega328P that the program needs, and its entries.

/// GPIOR0, GPIOR1, GPIOR2: registers for free use; the harness watches what is written to them.
const MARK: *mut u8 = 0x3E as *mut u8;
const PULSED: *mut u8 = 0x4A as *mut u8;
const VALUE: *mut u8 = 0x4B as *mut u8;

const TCCR1B: *mut u8 = 0x81 as *mut u8;
const TCNT1H: *mut u8 = 0x85 as *mut u8;
const TCNT1L: *mut u8 = 0x84 as *mut u8;
const OCR1AH: *mut u8 = 0x89 as *mut u8;
const OCR1AL: *mut u8 = 0x88 as *mut u8;
const TIMSK1: *mut u8 = 0x6F as *mut u8;
const SREG: *mut u8 = 0x5F as *mut u8;

/// Ends the run.
pub(crate) const DONE: u8 = 1;
/// Ends the run in the panic handler.
pub(crate) const PANICKED: u8 = 2;
/// Says that a read begins; its value follows.
pub(crate) const READ: u8 = 3;
/// Ends a measurement of cycles.
pub(crate) const STOP: u8 = 4;
/// Begins the first measurement of cycles; the others follow.
pub(crate) const FIRST: u8 = 16;

/// Tells the harness where the program is.
#[inline(always)]
pub(crate) fn mark(place: u8) {
    // SAFETY: a register without a function.
    unsafe { MARK.write_volatile(place) };
}

/// Tells the harness that a pulse was counted.
#[inline(always)]
pub(crate) fn pulsed() {
    // SAFETY: a register without a function.
    unsafe { PULSED.write_volatile(1) };
}

/// Tells the harness what was read.
#[inline(always)]
pub(crate) fn report(value: u16) {
    let [low, high] = value.to_le_bytes();
    // SAFETY: a register without a function.
    unsafe {
        VALUE.write_volatile(low);
        VALUE.write_volatile(high);
    }
}

/// Calls `on_timer` each `cycles` cycles, with interrupts allowed.
pub(crate) fn start_timer(cycles: u16) {
    let [low, high] = (cycles - 1).to_le_bytes();
    // SAFETY: nothing else uses timer 1; the interrupt does nothing but count.
    unsafe {
        SREG.write_volatile(0);
        TCNT1H.write_volatile(0);
        TCNT1L.write_volatile(0);
        OCR1AH.write_volatile(high);
        OCR1AL.write_volatile(low);
        TIMSK1.write_volatile(1 << 1); // OCIE1A
        TCCR1B.write_volatile(1 << 3 | 1); // clear on match, no prescaler
        SREG.write_volatile(1 << 7);
    }
}

/// Forbids interrupts.
pub(crate) fn stop_timer() {
    // SAFETY: the program goes on without them.
    unsafe { SREG.write_volatile(0) };
}

#[unsafe(no_mangle)]
extern "C" fn on_timer() {
    crate::on_timer();
}

/// Entered by avr-libc's start-up code.
#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    crate::run();
    #[allow(clippy::empty_loop)]
    loop {}
}

// libgcc's division, as in `size-avr`.
#[link(name = "gcc")]
#[link(name = "c")]
unsafe extern "C" {}
