//! Readings into a pack by copying prefixes.

use super::{Prefix, label, prefix::more_bytes};
use crate::{
    Error, FIRST_ABSOLUTE,
    cbor::{Writer, major},
};

/// Holds readings that are to become one pack: prefixes that were built while compiling, each with
/// its mantissa.
///
/// For a device that sends values of its own channels: on AVR it takes a quarter of the cycles
/// and half the flash of [`PackEncoder`](super::PackEncoder), whose bytes it makes of
/// `Record::of(channel, mantissa)`. All readings are of one time. Times of their own, origins,
/// qualities and more than 255 records need the `PackEncoder`.
///
/// ```
/// use sundew_codec::{Error, senml::{Prefix, PrefixedPack}};
/// use sundew_units::{Channel, ChannelId, Quantity};
///
/// const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
/// const DAMP: Channel = Channel::new(ChannelId(2), "damp", Quantity::RelativeHumidity, -1);
/// static AIR_PREFIX: Prefix<[u8; Prefix::len_of(&AIR)]> = Prefix::of(&AIR);
/// static DAMP_PREFIX: Prefix<[u8; Prefix::len_of(&DAMP)]> = Prefix::of(&DAMP);
///
/// let readings: [(&Prefix, i32); 2] = [(&AIR_PREFIX, 2_345), (&DAMP_PREFIX, 412)];
/// let pack = PrefixedPack::new(&readings).with_base_name("dev1:").at(1_700_000_000);
/// assert_eq!(pack.len(), 51);
/// let mut payload = [0; 51];
/// assert_eq!(pack.encode(&mut payload), Ok(51));
/// assert_eq!(payload[..4], [0x82, 0xA5, 0x21, 0x65]); // [{-2: "dev1:", ..
/// assert_eq!(pack.encode(&mut payload[..50]), Err(Error::Full { needed: 51 }));
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PrefixedPack<'a> {
    readings: &'a [(&'a Prefix, i32)],
    base_name: &'a str,
    /// Holds 0 where there is none.
    base_time: u32,
}

#[expect(
    clippy::inline_always,
    reason = "who has no base fields then does not link their code: 908 of 1,766 bytes stay on AVR"
)]
impl<'a> PrefixedPack<'a> {
    /// Holds readings, of now.
    pub const fn new(readings: &'a [(&'a Prefix, i32)]) -> Self {
        Self { readings, base_name: "", base_time: 0 }
    }

    /// Lets all names begin with `base_name`.
    ///
    /// Base name and name together must be a SenML name (RFC 8428 section 4.5.1); that is not
    /// checked here, since [`Channel`](sundew_units::Channel) checks its part while compiling.
    #[must_use]
    pub const fn with_base_name(mut self, base_name: &'a str) -> Self {
        self.base_name = base_name;
        self
    }

    /// Sets the time of all readings, in Unix seconds from 2^28 (1978) on.
    #[must_use]
    pub const fn at(mut self, unix: u32) -> Self {
        self.base_time = unix;
        self
    }

    /// Returns the number of bytes that [`encode`](Self::encode) writes.
    #[inline(always)]
    pub fn len(&self) -> usize {
        let mut writer = Writer::new(&mut [], 0);
        let begun = self.base(&mut writer);
        let head = if self.readings.len() < 24 { 1 } else { 2 };
        let records = self.readings.iter().map(|(prefix, mantissa)| prefix.record_len(*mantissa));
        records.fold(head + writer.position() - begun, usize::saturating_add)
    }

    /// Returns whether there is no reading.
    pub const fn is_empty(&self) -> bool {
        self.readings.is_empty()
    }

    /// Writes the pack, and returns the number of bytes.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Full`] where it does not fit, and [`Error::Range`] for more than 255
    /// readings and for a time before 1978. After an error the buffer holds no pack.
    #[inline(always)]
    pub fn encode(&self, buffer: &mut [u8]) -> Result<usize, Error> {
        let is_absolute = self.base_time == 0 || self.base_time >= FIRST_ABSOLUTE;
        match u8::try_from(self.readings.len()) {
            Ok(count) if is_absolute => {
                self.join(count, buffer).ok_or_else(|| Error::Full { needed: self.len() })
            }
            _ => Err(Error::Range { position: 0 }),
        }
    }

    #[inline(always)]
    fn join(&self, count: u8, buffer: &mut [u8]) -> Option<usize> {
        let size = buffer.len();
        let (first, mut rest) = buffer.split_first_mut()?;
        *first = (major::ARRAY << 5) + count.min(24);
        if count >= 24 {
            let (second, after) = rest.split_first_mut()?;
            *second = count;
            rest = after;
        }
        let mut writer = Writer::new(rest, 0);
        let mut begun = self.base(&mut writer);
        let base = writer.finish().ok()?;
        rest = rest.get_mut(base..)?;
        for (prefix, mantissa) in self.readings {
            let prefix = prefix.as_bytes().get(begun..)?;
            begun = 0;
            let (copy, after) = rest.split_at_mut_checked(prefix.len())?;
            copied(prefix, copy);
            let sign = mantissa >> 31;
            let mut argument = (mantissa ^ sign) as u32;
            let more = more_bytes(argument);
            let (number, after) = after.split_at_mut_checked(usize::from(more) + 1)?;
            for slot in number.iter_mut().rev() {
                *slot = argument as u8;
                argument >>= 8;
            }
            if let Some(head) = number.first_mut() {
                *head |= sign as u8 & major::NEGATIVE << 5;
                if more != 0 {
                    *head |= 24 + (more >> 1); // 24, 25 and 26 for 1, 2 and 4 bytes
                }
            }
            rest = after;
        }
        Some(size - rest.len())
    }

    /// Writes the base fields and the head of the map they are in, which is that of the first
    /// record; returns how many bytes of that record are thereby written.
    #[inline(always)]
    fn base(&self, writer: &mut Writer<'_>) -> usize {
        let fields = u8::from(!self.base_name.is_empty()) + u8::from(self.base_time != 0);
        let Some((prefix, _)) = self.readings.first().filter(|_| fields != 0) else { return 0 };
        let Some(map) = prefix.as_bytes().first() else { return 0 };
        writer.byte(map + fields);
        if !self.base_name.is_empty() {
            writer.integer(label::BASE_NAME);
            writer.string(major::TEXT, self.base_name.as_bytes());
        }
        if self.base_time != 0 {
            writer.integer(label::BASE_TIME);
            writer.head(major::UNSIGNED, self.base_time);
        }
        1
    }
}

/// Copies four bytes at once, which on a Cortex-M3 is one load and one store: a call of `memcpy` for
/// 12 to 16 bytes takes twice as long.
fn copied(from: &[u8], to: &mut [u8]) {
    let ((fours, rest), (to_fours, to_rest)) = (from.as_chunks::<4>(), to.as_chunks_mut::<4>());
    for (from, to) in fours.iter().zip(to_fours) {
        *to = *from;
    }
    for (from, to) in rest.iter().zip(to_rest) {
        *to = *from;
    }
}
