//! Time since power-on: `SysTick` counts milliseconds.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m_rt::exception;
use sundew_core::Ticks;

/// Holds the core clock in Hz (AN385 section 3.3).
pub const CORE_HZ: u32 = 25_000_000;

static LOW: AtomicU32 = AtomicU32::new(0);
static HIGH: AtomicU32 = AtomicU32::new(0);

/// Starts the interrupt that counts; consumes the timer, since nothing else can use it.
pub(crate) fn start(mut timer: SYST) {
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(CORE_HZ / 1_000 - 1);
    timer.clear_current();
    timer.enable_counter();
    timer.enable_interrupt();
}

/// Returns the milliseconds since power-on; they wrap after 49.7 days, as [`Ticks`] do.
pub fn now() -> Ticks {
    Ticks::from_millis(LOW.load(Relaxed))
}

/// Returns the milliseconds since power-on, never wrapping.
pub fn uptime_millis() -> u64 {
    loop {
        // The interrupt may carry between the two loads; then the high word has changed.
        let high = HIGH.load(Relaxed);
        let low = LOW.load(Relaxed);
        if HIGH.load(Relaxed) == high {
            return u64::from(high) << 32 | u64::from(low);
        }
    }
}

/// Sleeps until the next interrupt.
///
/// # Blocking time
///
/// At most one millisecond, since the clock itself interrupts.
pub fn idle() {
    // WFI, not WFE: QEMU 7.2 really sleeps in it, WFE costs the host a whole core.
    cortex_m::asm::wfi();
}

/// Sleeps until `deadline`.
///
/// # Blocking time
///
/// Until the deadline and up to 1 ms more.
pub fn sleep_until(deadline: Ticks) {
    sleep_until_or(deadline, || false);
}

/// Sleeps until `deadline`, or until `wake` says that there is something to do.
///
/// # Blocking time
///
/// Until the deadline and up to 1 ms more; `wake` is asked once a millisecond.
pub fn sleep_until_or(deadline: Ticks, mut wake: impl FnMut() -> bool) {
    while !now().has_reached(deadline) && !wake() {
        idle();
    }
}

#[exception]
fn SysTick() {
    let low = LOW.load(Relaxed).wrapping_add(1);
    LOW.store(low, Relaxed);
    if low == 0 {
        HIGH.store(HIGH.load(Relaxed).wrapping_add(1), Relaxed);
    }
}
