//! Records into a pack.

use core::marker::PhantomData;

use sundew_units::Quality;

use super::{Exact, Record, Style, VERSION, Value, label, style::Sealed};
use crate::{
    Error, FIRST_ABSOLUTE, Time,
    cbor::{Writer, major},
};

/// Fills a slice with one pack.
///
/// The array has a definite length, integers are as short as they can be, and the base name and
/// base time stand once, in the first record. The base time is that record's, where it has an
/// absolute one.
///
/// ```
/// use sundew_codec::{Error, Time, senml::{PackEncoder, Record}};
/// use sundew_units::Dec;
///
/// let mut payload = [0; 40];
/// let mut pack = PackEncoder::new(&mut payload, "dev1:");
/// let air = Record::new("air").with_unit("Cel").at(Time::Unix(1_700_000_000));
/// pack.push(&air.with_value(Dec::new(2_345, -2)))?;
/// let later = air.at(Time::Unix(1_700_000_060)).with_value(Dec::new(2_350, -2));
/// assert_eq!(pack.push(&later), Err(Error::Full { needed: 53 }));
///
/// assert_eq!((pack.count(), pack.len()), (1, 32)); // what was in it still is
/// let bytes = pack.finish();
/// assert_eq!(bytes[..4], [0x81, 0xA5, 0x21, 0x65]); // [{-2: "dev1:", ..
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct PackEncoder<'b, S: Style = Exact> {
    buffer: &'b mut [u8],
    base_name: &'b str,
    stands: Mark,
    style: PhantomData<S>,
}

impl<'b> PackEncoder<'b> {
    /// Starts a pack whose records' names all begin with `base_name`, which may be empty.
    ///
    /// Base name and name together must be a SenML name (RFC 8428 section 4.5.1); that is not
    /// checked here, since [`Channel`](sundew_units::Channel) checks its part while compiling.
    pub const fn new(buffer: &'b mut [u8], base_name: &'b str) -> Self {
        Self::with_style(buffer, base_name)
    }
}

impl<'b, S: Style> PackEncoder<'b, S> {
    /// Starts a pack that is written in another way than [`Exact`]; else like [`new`].
    ///
    /// [`new`]: PackEncoder::new
    pub const fn with_style(buffer: &'b mut [u8], base_name: &'b str) -> Self {
        Self { buffer, base_name, stands: Mark::START, style: PhantomData }
    }

    /// Adds a record. The base part of its name is not written, since the pack has its own.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Full`] where it does not fit, and [`Error::Range`] where the pack has
    /// 65,535 records, or where its time cannot be told: absolute before 1978, from now by more than
    /// 8.5 years, or in the style [`Exact`] with milliseconds, by more than 24.8 days from the base
    /// time. After an error the pack is as it was.
    pub fn push(&mut self, record: &Record<'_>) -> Result<(), Error> {
        let next = self.stands.after::<S>(record, self.base_name, self.buffer)?;
        if next.len > self.buffer.len() {
            return Err(Error::Full { needed: next.len });
        }
        if head_len(next.count) > head_len(self.stands.count) {
            // One byte more for the count: everything behind it moves by one.
            let mut carried = 0;
            for byte in self.buffer.iter_mut().take(next.len) {
                core::mem::swap(byte, &mut carried);
            }
        }
        self.stands = next;
        Ok(())
    }

    /// Returns where the pack stands, for [`rewind`](Self::rewind).
    pub const fn mark(&self) -> Mark {
        self.stands
    }

    /// Takes out the records that were added since `mark`, so that values which belong together
    /// go into one pack or into the next, but not into both.
    ///
    /// ```
    /// use sundew_codec::senml::{PackEncoder, Record};
    /// use sundew_units::Dec;
    ///
    /// let mut payload = [0; 20];
    /// let mut pack = PackEncoder::new(&mut payload, "");
    /// let mark = pack.mark();
    /// pack.push(&Record::new("a").with_value(Dec::new(1, 0))).unwrap();
    /// pack.rewind(mark);
    /// assert_eq!(pack.finish(), [0x80]);
    /// ```
    pub fn rewind(&mut self, mark: Mark) {
        if mark.count > self.stands.count {
            return; // of another pack
        }
        let shrinks = head_len(self.stands.count) - head_len(mark.count);
        let used = self.buffer.get_mut(..self.stands.len).unwrap_or_default();
        if shrinks > 0
            && let Some(body) = used.get_mut(1..)
        {
            body.rotate_left(shrinks.min(body.len()));
        }
        self.stands = mark;
    }

    /// Returns the number of records.
    pub const fn count(&self) -> u16 {
        self.stands.count
    }

    /// Returns whether there is no record yet.
    pub const fn is_empty(&self) -> bool {
        self.stands.count == 0
    }

    /// Returns the number of bytes that [`finish`](Self::finish) will return.
    pub const fn len(&self) -> usize {
        self.stands.len
    }

    /// Returns the pack; empty where the buffer has no byte at all.
    pub fn finish(self) -> &'b [u8] {
        Writer::new(self.buffer, 0).head(major::ARRAY, u32::from(self.stands.count));
        self.buffer.get(..self.stands.len).unwrap_or_default()
    }
}

/// Remembers where a pack stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mark {
    pub(super) len: usize,
    pub(super) count: u16,
    /// Holds the base time in the pack, 0 where there is none.
    base_time: u32,
    boot: Option<u16>,
}

impl Mark {
    /// Stands behind the array's head.
    pub(super) const START: Self = Self { len: 1, count: 0, base_time: 0, boot: None };

    /// Writes a record into what `buffer` has, and returns where the pack stands with it, which may
    /// be past the end. The head of the array does not grow here.
    pub(super) fn after<S: Style>(
        self,
        record: &Record<'_>,
        base_name: &str,
        buffer: &mut [u8],
    ) -> Result<Self, Error> {
        let out_of_range = Error::Range { position: self.len };
        let count = self.count.checked_add(1).ok_or(out_of_range)?;
        let base_time = match record.time {
            Time::Unix(seconds) if self.count == 0 => seconds,
            _ => self.base_time,
        };
        let seconds = relative(record.time, base_time).ok_or(out_of_range)?;
        let millis = if matches!(record.time, Time::SinceBoot(_)) { 0 } else { record.millis };
        if !S::has_time(seconds, millis) {
            return Err(out_of_range);
        }

        let mut writer = Writer::new(buffer, self.len);
        writer.byte(0); // the map's head, written when the count is known
        let mut fields = Fields { writer: &mut writer, count: 0 };
        if self.count == 0 {
            if <S as Sealed>::VERSION != VERSION {
                let version = u32::from(<S as Sealed>::VERSION);
                fields.integer(label::BASE_VERSION).head(major::UNSIGNED, version);
            }
            if !base_name.is_empty() {
                fields.string(label::BASE_NAME, major::TEXT, base_name.as_bytes());
            }
            if base_time != 0 {
                fields.integer(label::BASE_TIME).head(major::UNSIGNED, base_time);
            }
        }
        fields.record::<S>(record, seconds, millis, self.boot);
        // At most 16 fields, so the count fits the head that was kept free.
        let map = (major::MAP << 5) + fields.count;
        writer.replace(self.len, map);

        let grows = usize::from(matches!(count, 24 | 256));
        Ok(Self {
            len: writer.position().saturating_add(grows),
            count,
            base_time,
            boot: record.origin.map(|origin| origin.boot).or(self.boot),
        })
    }
}

/// Returns the bytes that the array's head takes for a number of records.
const fn head_len(count: u16) -> usize {
    match count {
        0..24 => 1,
        24..256 => 2,
        _ => 3,
    }
}

/// Returns what `t` must be for base time and `t` to mean `time` (RFC 8428 section 4.5.3).
///
/// A record without absolute time must cancel the base time, else others would take it for
/// absolute.
fn relative(time: Time, base_time: u32) -> Option<i64> {
    let from_now = match time {
        Time::Unix(seconds) if seconds < FIRST_ABSOLUTE => return None,
        Time::Unix(seconds) => i64::from(seconds),
        Time::FromNow(seconds) if seconds >= FIRST_ABSOLUTE as i32 => return None,
        Time::FromNow(seconds) => i64::from(seconds),
        Time::SinceBoot(_) => 0,
    };
    Some(from_now - i64::from(base_time))
}

/// Writes the fields of one map and counts them.
pub(super) struct Fields<'w, 'b> {
    pub(super) writer: &'w mut Writer<'b>,
    pub(super) count: u8,
}

impl<'b> Fields<'_, 'b> {
    pub(super) fn record<S: Sealed>(
        &mut self,
        record: &Record<'_>,
        seconds: i64,
        millis: u16,
        boot: Option<u16>,
    ) {
        if !record.name.own.is_empty() {
            self.string(label::NAME, major::TEXT, record.name.own.0);
        }
        if !record.unit.is_empty() {
            self.string(label::UNIT, major::TEXT, record.unit.0);
        }
        match record.value {
            Some(Value::Number(number)) => S::number(number, self.integer(label::VALUE)),
            Some(Value::Text(text)) => self.string(label::STRING_VALUE, major::TEXT, text.0),
            Some(Value::Data(data)) => self.string(label::DATA_VALUE, major::BYTES, data),
            Some(Value::Boolean(value)) => {
                let simple = 20 + u32::from(value);
                self.integer(label::BOOLEAN_VALUE).head(major::SIMPLE, simple);
            }
            None => {}
        }
        if let Some(sum) = record.sum {
            S::number(sum, self.integer(label::SUM));
        }
        if seconds != 0 || millis != 0 {
            S::time(seconds, millis, self.integer(label::TIME));
        }
        if let Some(update_time) = record.update_time {
            S::number(update_time, self.integer(label::UPDATE_TIME));
        }
        if let Some(origin) = record.origin {
            if boot != Some(origin.boot) {
                self.extension(label::BOOT, u32::from(origin.boot));
            }
            self.extension(label::SEQUENCE, origin.sequence);
        }
        if let Time::SinceBoot(seconds) = record.time {
            self.extension(label::UPTIME, seconds);
        }
        if record.quality != Quality::Good {
            self.extension(label::QUALITY, u32::from(record.quality.number()));
        }
        let numbers = [
            (label::ID, record.id),
            (label::EXPIRES, record.expires),
            (label::RESULT, record.result.map(u32::from)),
        ];
        for (label, number) in numbers {
            if let Some(number) = number {
                self.extension(label, number);
            }
        }
    }

    pub(super) fn integer(&mut self, label: i32) -> &mut Writer<'b> {
        self.count += 1;
        // All integer labels are of one byte: 0 is 0x00, -1 is 0x20.
        self.writer.byte(if label < 0 { 0x1F - label } else { label } as u8);
        self.writer
    }

    fn string(&mut self, label: i32, major: u8, bytes: &[u8]) {
        self.integer(label).string(major, bytes);
    }

    fn extension(&mut self, label: &[u8], value: u32) {
        self.count += 1;
        self.writer.string(major::TEXT, label);
        self.writer.head(major::UNSIGNED, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sundew_units::Dec;

    /// The head grows at 24 and at 256 records, and has to shrink again.
    #[test]
    fn a_rewound_pack_is_the_pack_as_it_was() {
        let record = Record::new("a").with_value(Dec::new(1, -1));
        for kept in [0_usize, 1, 22, 23, 24, 30, 255, 256] {
            for added in [0_usize, 1, 2, 260] {
                let (mut expected, mut buffer) = ([0; 8_192], [0; 8_192]);
                let mut plain = PackEncoder::new(&mut expected, "n/");
                let mut pack = PackEncoder::new(&mut buffer, "n/");
                for _ in 0..kept {
                    plain.push(&record).unwrap();
                    pack.push(&record).unwrap();
                }
                let mark = pack.mark();
                for _ in 0..added {
                    pack.push(&record.at(Time::Unix(1_700_000_000))).unwrap();
                }
                pack.rewind(mark);
                assert_eq!(pack.finish(), plain.finish(), "{kept} kept, {added} taken out");
            }
        }
    }
}
