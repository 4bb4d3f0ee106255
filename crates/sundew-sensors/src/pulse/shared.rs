//! Sixteen bits between an interrupt and the loop, written by one of them and read by both.

pub(super) use cell::Shared16;

#[cfg(not(target_arch = "avr"))]
mod cell {
    use core::sync::atomic::{AtomicU16, Ordering};

    /// Holds 16 bits; a load and a store are one access each, on two cores too.
    #[derive(Debug, Default)]
    pub(in crate::pulse) struct Shared16(AtomicU16);

    impl Shared16 {
        pub(in crate::pulse) const fn new(value: u16) -> Self {
            Self(AtomicU16::new(value))
        }

        /// Returns the value; who sees it sees what was stored before it.
        #[inline]
        pub(in crate::pulse) fn load(&self) -> u16 {
            self.0.load(Ordering::Acquire)
        }

        /// Returns the value to the one who stores it.
        #[inline]
        pub(in crate::pulse) fn own(&self) -> u16 {
            self.0.load(Ordering::Relaxed)
        }

        #[inline]
        pub(in crate::pulse) fn store(&self, value: u16) {
            self.0.store(value, Ordering::Release);
        }
    }
}

/// Two halves, since `AtomicU16` cannot be used on AVR: rustc 1.96 (LLVM 22.1) loads it into the
/// registers of its own address where it likes, `ld r30, Z; ldd r31, Z+1`, so that the upper half
/// comes from elsewhere. `benches/sizes/pulse` found 198,147 of 200,000 reads wrong.
#[cfg(any(target_arch = "avr", test))]
#[cfg_attr(not(target_arch = "avr"), allow(dead_code, reason = "there it is only tested"))]
mod halves {
    use core::sync::atomic::{AtomicU8, Ordering};

    /// Holds 16 bits that are stored whole as seen from where they are loaded, or the reverse.
    ///
    /// The interrupt is never seen half-way by the loop that it interrupts, so its stores are
    /// whole; a load in the loop is repeated where the interrupt came between its halves. Of a
    /// store in the loop the interrupt may see the lower half only; `Debounced` allows for that.
    #[derive(Debug, Default)]
    pub(in crate::pulse) struct Shared16 {
        low: AtomicU8,
        high: AtomicU8,
    }

    impl Shared16 {
        pub(in crate::pulse) const fn new(value: u16) -> Self {
            let [low, high] = value.to_le_bytes();
            Self { low: AtomicU8::new(low), high: AtomicU8::new(high) }
        }

        /// Returns the value: the halves belong together when the upper one is the same before and
        /// after, for less than 256 interrupts fit into three loads.
        #[inline]
        pub(in crate::pulse) fn load(&self) -> u16 {
            loop {
                let high = self.high.load(Ordering::Acquire);
                let low = self.low.load(Ordering::Acquire);
                if self.high.load(Ordering::Acquire) == high {
                    return u16::from_le_bytes([low, high]);
                }
            }
        }

        /// Returns the value to the one who stores it.
        #[inline]
        pub(in crate::pulse) fn own(&self) -> u16 {
            let (low, high) = (self.low.load(Ordering::Relaxed), self.high.load(Ordering::Relaxed));
            u16::from_le_bytes([low, high])
        }

        #[inline]
        pub(in crate::pulse) fn store(&self, value: u16) {
            let [low, high] = value.to_le_bytes();
            self.low.store(low, Ordering::Release);
            self.high.store(high, Ordering::Release);
        }
    }
}

#[cfg(target_arch = "avr")]
use halves as cell;

#[cfg(test)]
mod tests {
    #[test]
    fn both_kinds_hold_what_was_stored() {
        let (whole, halves) = (super::cell::Shared16::new(1), super::halves::Shared16::new(1));
        assert_eq!((whole.load(), halves.load()), (1, 1));
        for value in [0, 0xFF, 0x100, 0xABCD, 0xFFFF] {
            whole.store(value);
            halves.store(value);
            assert_eq!((whole.load(), halves.load()), (value, value));
            assert_eq!((whole.own(), halves.own()), (value, value));
        }
    }
}
