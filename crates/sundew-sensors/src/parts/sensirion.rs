//! What Sensirion's parts share: words with a checksum, 16-bit commands, and two conversions.

use crate::Error;
use embedded_hal::i2c::{Error as _, ErrorKind, I2c};
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;

/// Covers the 1 ms of a short command.
///
/// One millisecond is added: a clock that counts milliseconds may tick just after the start, and
/// then its first millisecond is none.
pub(crate) const SHORT_WAIT_MS: u32 = 2;

/// Bounds how often a part is asked that works on a command of 1 ms. An address byte that is not
/// acknowledged takes 11 microseconds at 1 MHz, the fastest that these parts know, so a hundred are
/// enough; at 100 kHz ten are, and only a part that vanished meanwhile needs all, in 11 ms.
const TRIES: u8 = 100;

/// Talks to a part with 16-bit commands at one address.
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Port<I2C> {
    pub(crate) i2c: I2C,
    pub(crate) address: u8,
}

#[maybe_async_cfg::maybe(idents(I2c(sync), Port(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Port<I2C> {
    pub(crate) async fn send(&mut self, command: u16) -> Result<(), Error<I2C::Error>> {
        self.write(&command.to_be_bytes()).await
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), Error<I2C::Error>> {
        self.i2c.write(self.address, bytes).await.map_err(Error::Bus)
    }

    /// Writes again and again while the part is busy with the command before.
    pub(crate) async fn write_patiently(&mut self, bytes: &[u8]) -> Result<(), Error<I2C::Error>> {
        let mut tries = TRIES;
        loop {
            tries -= 1;
            let written = self.i2c.write(self.address, bytes).await;
            let Err(error) = written else { return Ok(()) };
            let is_busy = matches!(error.kind(), ErrorKind::NoAcknowledge(_));
            if !is_busy || tries == 0 {
                return Err(Error::Bus(error));
            }
        }
    }

    /// Reads the answer to the last command.
    pub(crate) async fn read<const N: usize>(&mut self) -> Result<[u16; N], Error<I2C::Error>> {
        let mut frames = [[0; 3]; N];
        let read = self.i2c.read(self.address, frames.as_flattened_mut()).await;
        read.map_err(Error::while_reading)?;
        words(frames).ok_or(Error::Checksum)
    }

    /// Sends a command that is answered within 1 ms, and asks until it is.
    pub(crate) async fn query<const N: usize>(
        &mut self,
        command: u16,
    ) -> Result<[u16; N], Error<I2C::Error>> {
        self.send(command).await?;
        self.answer().await
    }

    /// Sends a command to a part that may have vanished or still be busy.
    pub(crate) async fn ask(&mut self, command: u16) -> Result<(), Error<I2C::Error>> {
        let written = self.i2c.write(self.address, &command.to_be_bytes()).await;
        written.map_err(Error::while_reading)
    }

    /// Reads the answer to the last command, again and again while there is none.
    pub(crate) async fn answer<const N: usize>(&mut self) -> Result<[u16; N], Error<I2C::Error>> {
        let mut tries = TRIES;
        loop {
            tries -= 1;
            match self.read().await {
                Err(Error::NotReady) if tries > 0 => {}
                result => return result,
            }
        }
    }
}

/// Returns the words of an answer, or `None` where a checksum is wrong.
pub(crate) fn words<const N: usize>(frames: [[u8; 3]; N]) -> Option<[u16; N]> {
    let right = frames.iter().all(|[high, low, crc]| crc8([*high, *low]) == *crc);
    right.then(|| frames.map(|[high, low, _]| u16::from_be_bytes([high, low])))
}

/// Returns whether each third byte is the checksum of the two before it.
#[cfg(feature = "sen5x")]
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    let (frames, rest) = bytes.as_chunks::<3>();
    rest.is_empty() && frames.iter().all(|[high, low, crc]| crc8([*high, *low]) == *crc)
}

/// Returns a command with one argument, as it is sent.
pub(crate) fn with_word(command: u16, word: u16) -> [u8; 5] {
    let [[a, b], [c, d]] = [command, word].map(u16::to_be_bytes);
    [a, b, c, d, crc8([c, d])]
}

/// Returns a command with two arguments, as it is sent.
pub(crate) fn with_words(command: u16, words: [u16; 2]) -> [u8; 8] {
    let [first, second] = words;
    let [upper, lower, a, b, crc] = with_word(command, first);
    let [high, low] = second.to_be_bytes();
    [upper, lower, a, b, crc, high, low, crc8([high, low])]
}

/// Returns `-45 + 175 * raw / 65535` Cel in hundredths, at most 0.64 of them off.
pub(crate) const fn centi_celsius(raw: u16) -> i32 {
    share(raw, 4_375) - 4_500
}

/// Returns `100 * raw / 65535` %RH in hundredths, at most 0.58 of them off.
pub(crate) const fn centi_percent(raw: u16) -> i32 {
    share(raw, 2_500)
}

/// Returns `4 * quarter * raw / 65535`, to the nearest integer but for 0.14.
///
/// A division by 65,535 makes a driver 188 B larger on thumbv6m and 1,154 B on AVR than this
/// shift by 14 does. The bit that is added to
/// `raw` makes up for dividing by 65,536 instead: without it the error is 0.27 at the upper end.
/// 4,375 * 65,536 is 2^28.1, so nothing overflows.
pub(crate) const fn share(raw: u16, quarter: i32) -> i32 {
    let raw = raw as i32 + (raw >> 15) as i32;
    (quarter * raw + (1 << 13)) >> 14
}

/// Returns the checksum of two bytes: polynomial 0x31, start 0xFF (`SHT3x`, "Checksum
/// Calculation"; the same for all parts).
///
/// Bit by bit: a table of 256 bytes would take an eighth of an `ATmega328P`'s RAM.
fn crc8(bytes: [u8; 2]) -> u8 {
    let mut crc = 0xFF;
    for byte in bytes {
        crc ^= byte;
        for _ in 0..8 {
            crc = if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 0x31 };
        }
    }
    crc
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    #[test]
    fn the_checksum_is_the_datasheets() {
        // SHT3x, "Checksum Calculation"; SGP40, table 10; SCD4x 1.3, section 3.7.
        let table = [
            (0xBEEF_u16, 0x92),
            (0x0000, 0x81),
            (0x8000, 0xA2),
            (0x6666, 0x93),
            (0xFFFF, 0xAC),
            (0x01E0, 0xB4),
            (0x7FCE, 0x7B),
            (0x0001, 0xB0),
        ];
        for (word, crc) in table {
            assert_eq!(crc8(word.to_be_bytes()), crc, "{word:04X}");
        }
    }

    #[test]
    fn one_wrong_bit_is_found_wherever_it_is() {
        let right = [[0xBE, 0xEF, 0x92], [0x00, 0x00, 0x81]];
        assert_eq!(words(right), Some([0xBEEF, 0]));
        for bit in 0..48 {
            let mut wrong = right;
            wrong.as_flattened_mut()[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(words(wrong), None, "bit {bit}");
        }
    }

    #[test]
    fn arguments_carry_their_checksums() {
        // SCD4x 1.3, section 3.7.1; SGP40, table 9.
        assert_eq!(with_word(0x362F, 0x01E0), [0x36, 0x2F, 0x01, 0xE0, 0xB4]);
        let default = [0x26, 0x0F, 0x80, 0x00, 0xA2, 0x66, 0x66, 0x93];
        assert_eq!(with_words(0x260F, [0x8000, 0x6666]), default);
    }

    #[test]
    fn every_raw_value_is_within_the_stated_error() {
        let mut worst = [0.0_f64; 2];
        for raw in 0..=u16::MAX {
            let part = f64::from(raw) / 65_535.0;
            let exact = [17_500.0 * part - 4_500.0, 10_000.0 * part];
            for ((worst, exact), given) in
                worst.iter_mut().zip(exact).zip([centi_celsius(raw), centi_percent(raw)])
            {
                *worst = worst.max((exact - f64::from(given)).abs());
            }
            assert!(raw == 0 || centi_celsius(raw) >= centi_celsius(raw - 1));
            assert!(raw == 0 || centi_percent(raw) >= centi_percent(raw - 1));
        }
        assert!(worst[0] <= 0.64 && worst[1] <= 0.58, "{worst:?}");
        assert!(worst[0] > 0.6 && worst[1] > 0.5, "the bounds are stated too loosely: {worst:?}");
        assert_eq!((centi_celsius(0), centi_celsius(u16::MAX)), (-4_500, 13_000));
        assert_eq!((centi_percent(0), centi_percent(u16::MAX)), (0, 10_000));
        println!("cases: {}", 2 * 65_536);
    }
}
