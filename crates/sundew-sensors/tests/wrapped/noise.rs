//! A bus on which anything comes.

use core::cell::{Cell, RefCell};
use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, Operation};
use sundew_sensors::Sensor;
use sundew_testkit::SimClock;

/// Answers every read with bytes drawn at random, ends of the range more often than others.
///
/// The crates are built with overflow checks here, so an overflow fails the test too.
pub(crate) struct Noise {
    state: Cell<u64>,
    written: RefCell<Vec<u8>>,
    /// Puts in what the driver must find to go on, given what was written last.
    mend: fn(&[u8], &mut [u8]),
}

impl Noise {
    pub(crate) fn new(seed: u64, mend: fn(&[u8], &mut [u8])) -> Self {
        let state = Cell::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        Self { state, written: RefCell::default(), mend }
    }

    /// Draws a number (xorshift, Marsaglia 2003).
    fn draw(&self) -> u8 {
        let mut state = self.state.get();
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.state.set(state);
        (state >> 32) as u8
    }
}

impl ErrorType for &Noise {
    type Error = ErrorKind;
}

impl I2c for &Noise {
    fn transaction(&mut self, _: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        for operation in operations {
            match operation {
                Operation::Write(bytes) => *self.written.borrow_mut() = bytes.to_vec(),
                Operation::Read(bytes) => {
                    for byte in &mut **bytes {
                        *byte = match self.draw() {
                            0..64 => 0,
                            64..128 => 0xFF,
                            128..144 => 0x7F,
                            144..160 => 0x80,
                            _ => self.draw(),
                        };
                    }
                    (self.mend)(&self.written.borrow(), bytes);
                }
            }
        }
        Ok(())
    }
}

/// Gives every word its checksum, by Sensirion's polynomial.
pub(crate) fn with_checksums(_: &[u8], bytes: &mut [u8]) {
    for word in bytes.chunks_exact_mut(3) {
        if let [data @ .., crc] = word {
            *crc = data.iter().fold(0xFF_u8, |crc, byte| {
                (0..8).fold(crc ^ byte, |crc, _| crc << 1 ^ if crc & 0x80 == 0 { 0 } else { 0x31 })
            });
        }
    }
}

/// Measures on many such buses, and returns how many measurements gave a value.
///
/// What is tried is called with a bus and does all that it likes; it is a test that nothing panics.
pub(crate) fn survived(
    mend: fn(&[u8], &mut [u8]),
    mut tried: impl FnMut(&'static Noise) -> u32,
) -> u32 {
    (0..20_000).map(|seed| tried(Box::leak(Box::new(Noise::new(seed, mend))))).sum()
}

/// Measures four times, and returns how often there was a value.
pub(crate) fn values<S: Sensor<N>, const N: usize>(sensor: &mut S, clock: &SimClock) -> u32 {
    let values = (0..4).map(|_| {
        let value = crate::measure(sensor, clock);
        assert!((0..N).all(|output| sensor.quality(output).number() < 16));
        u32::from(value.is_ok())
    });
    values.sum()
}
