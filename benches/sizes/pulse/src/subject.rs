//! What is counted and read: the crate's counter, or one that tears.

#[cfg(not(feature = "mutant-torn"))]
mod whole {
    use sundew_sensors::pulse::Counter;

    static COUNTER: Counter = Counter::new();

    pub(crate) fn pulse() {
        COUNTER.pulse();
    }

    pub(crate) fn count() -> u16 {
        COUNTER.count()
    }
}

#[cfg(feature = "mutant-torn")]
mod torn {
    use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

    static LOW: AtomicU8 = AtomicU8::new(0);
    static HIGH: AtomicU8 = AtomicU8::new(0);

    pub(crate) fn pulse() {
        let count = u16::from_le_bytes([LOW.load(Relaxed), HIGH.load(Relaxed)]);
        let [low, high] = count.wrapping_add(1).to_le_bytes();
        LOW.store(low, Relaxed);
        HIGH.store(high, Relaxed);
    }

    pub(crate) fn count() -> u16 {
        let low = LOW.load(Relaxed);
        // Some instructions apart, so that a carry falls between them often enough.
        (0..4).for_each(|pause| _ = core::hint::black_box(pause));
        u16::from_le_bytes([low, HIGH.load(Relaxed)])
    }
}

#[cfg(feature = "mutant-torn")]
pub(crate) use torn::{count, pulse};
#[cfg(not(feature = "mutant-torn"))]
pub(crate) use whole::{count, pulse};
