//! A pack into resolved records.

use sundew_units::Quality;

use super::{
    FIRST_ABSOLUTE, Name, Number, Origin, Record, Text, Time, VERSION, Value, label, number::Moment,
};
use crate::{
    Error,
    cbor::{Head, Reader, major},
};

/// Iterates over the records of a pack, with the base fields applied (RFC 8428 section 4.6).
///
/// Arrays and maps of definite and indefinite length are read; labels that are not known are
/// passed over, however they nest (to 8 levels), unless they end in `_`. A record of base fields
/// alone changes what follows and is not returned. After the first error the iteration ends.
///
/// ```
/// use sundew_codec::{Error, senml::{PackDecoder, Time}};
/// use sundew_units::Dec;
///
/// // [{-2: "dev1:", -3: 1700000000, 0: "air", 1: "Cel", 2: 4([-2, 2345])}]
/// let bytes = b"\x81\xA5\x21\x65dev1:\x22\x1A\x65\x53\xF1\x00\x00\x63air\x01\x63Cel\x02\
///     \xC4\x82\x21\x19\x09\x29";
/// for record in PackDecoder::new(bytes) {
///     let record = record?;
///     assert_eq!(record.name, "dev1:air");
///     assert_eq!(record.unit, "Cel");
///     assert_eq!(record.value.unwrap().dec(), Some(Dec::new(2_345, -2)));
///     assert_eq!(record.time, Time::Unix(1_700_000_000));
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PackDecoder<'a> {
    reader: Reader<'a>,
    state: State,
    base: Base<'a>,
}

#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum State {
    Start,
    /// Waits for so many records.
    Definite(usize),
    /// Waits for a break.
    Indefinite,
    Ended,
}

/// Holds the base fields that are in force (RFC 8428 section 4.1).
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Base<'a> {
    name: Text<'a>,
    time: Moment,
    unit: Text<'a>,
    value: Option<Number>,
    sum: Option<Number>,
    boot: Option<u16>,
}

impl<'a> PackDecoder<'a> {
    /// Starts at the first byte of a pack; nothing is read yet.
    pub const fn new(bytes: &'a [u8]) -> Self {
        let base = Base {
            name: Text(&[]),
            time: Moment { seconds: 0, millis: 0 },
            unit: Text(&[]),
            value: None,
            sum: None,
            boot: None,
        };
        Self { reader: Reader::new(bytes), state: State::Start, base }
    }

    fn read(&mut self) -> Result<Option<Record<'a>>, Error> {
        loop {
            match self.state {
                State::Start => {
                    let head = self.reader.head()?;
                    self.state = match head.major {
                        major::ARRAY if head.is_indefinite() => State::Indefinite,
                        major::ARRAY => State::Definite(self.reader.count(head, 1)?),
                        _ => return Err(head.syntax()),
                    };
                }
                State::Definite(0) => return self.end(),
                State::Indefinite if self.reader.take_break() => return self.end(),
                State::Definite(left) => {
                    self.state = State::Definite(left - 1);
                    if let Some(record) = self.record()? {
                        return Ok(Some(record));
                    }
                }
                State::Indefinite => {
                    if let Some(record) = self.record()? {
                        return Ok(Some(record));
                    }
                }
                State::Ended => return Ok(None),
            }
        }
    }

    fn end(&mut self) -> Result<Option<Record<'a>>, Error> {
        self.state = State::Ended;
        let position = self.reader.position();
        if self.reader.is_at_end() { Ok(None) } else { Err(Error::Syntax { position }) }
    }

    fn record(&mut self) -> Result<Option<Record<'a>>, Error> {
        let map = self.reader.head()?;
        if map.major != major::MAP {
            return Err(map.syntax());
        }
        let mut left =
            if map.is_indefinite() { usize::MAX } else { self.reader.count(map, 2)? / 2 };
        let mut fields = Fields::new();
        while left > 0 {
            if map.is_indefinite() {
                if self.reader.take_break() {
                    break;
                }
            } else {
                left -= 1;
            }
            self.field(&mut fields)?;
        }
        self.resolve(map, &fields)
    }

    fn field(&mut self, fields: &mut Fields<'a>) -> Result<(), Error> {
        let key = self.reader.head()?;
        match key.major {
            major::UNSIGNED | major::NEGATIVE => self.known(key, fields),
            major::TEXT => self.extension(key, fields),
            _ => Err(key.syntax()),
        }
    }

    fn known(&mut self, key: Head, fields: &mut Fields<'a>) -> Result<(), Error> {
        let reader = &mut self.reader;
        let Some(label) = key.integer().filter(|label| (-6..=8).contains(label)) else {
            return reader.skip();
        };
        fields.see(key, (label + 6) as u8, label >= 0)?;
        let position = reader.position();
        let out_of_range = Error::Range { position };
        match label {
            label::BASE_VERSION => {
                if reader.unsigned()? > u32::from(VERSION) {
                    return Err(Error::Unsupported { position });
                }
            }
            label::BASE_NAME => self.base.name = Text(reader.string(major::TEXT)?),
            label::BASE_TIME => {
                self.base.time = Moment::new(Number::decode(reader)?).ok_or(out_of_range)?;
            }
            label::BASE_UNIT => self.base.unit = Text(reader.string(major::TEXT)?),
            label::BASE_VALUE => self.base.value = Some(Number::decode(reader)?),
            label::BASE_SUM => self.base.sum = Some(Number::decode(reader)?),
            label::NAME => fields.record.name.own = Text(reader.string(major::TEXT)?),
            label::UNIT => fields.record.unit = Text(reader.string(major::TEXT)?),
            label::SUM => fields.record.sum = Some(Number::decode(reader)?),
            label::TIME => {
                fields.time = Moment::new(Number::decode(reader)?).ok_or(out_of_range)?;
            }
            label::UPDATE_TIME => fields.record.update_time = Some(Number::decode(reader)?),
            _ => {
                if fields.record.value.is_some() {
                    return Err(key.syntax());
                }
                fields.record.value = Some(match label {
                    label::VALUE => Value::Number(Number::decode(reader)?),
                    label::STRING_VALUE => Value::Text(Text(reader.string(major::TEXT)?)),
                    label::DATA_VALUE => Value::Data(reader.string(major::BYTES)?),
                    _ => {
                        let head = reader.head()?;
                        if head.major != major::SIMPLE {
                            return Err(head.syntax());
                        }
                        match head.information {
                            20 => Value::Boolean(false),
                            21 => Value::Boolean(true),
                            _ => return Err(head.syntax()),
                        }
                    }
                });
            }
        }
        Ok(())
    }

    fn extension(&mut self, key: Head, fields: &mut Fields<'a>) -> Result<(), Error> {
        let reader = &mut self.reader;
        let name = reader.content(key)?;
        let bit = match name {
            label::BOOT => 16,
            label::SEQUENCE => 17,
            label::QUALITY => 18,
            label::UPTIME => 19,
            label::ID => 20,
            label::EXPIRES => 21,
            label::RESULT => 22,
            [.., b'_'] => return Err(key.unsupported()),
            _ => return reader.skip(),
        };
        fields.see(key, bit, bit != 16)?;
        let position = reader.position();
        let value = reader.unsigned()?;
        let short = || u16::try_from(value).map_err(|_| Error::Range { position });
        match bit {
            16 => self.base.boot = Some(short()?),
            17 => fields.sequence = Some(value),
            18 => {
                let number = u8::try_from(value).unwrap_or(u8::MAX);
                fields.record.quality = crate::record::quality(number);
            }
            19 => fields.record.time = Time::SinceBoot(value),
            20 => fields.record.id = Some(value),
            21 => fields.record.expires = Some(value),
            _ => fields.record.result = Some(short()?),
        }
        Ok(())
    }

    /// Applies the base fields; `None` where the record had nothing else.
    fn resolve(&self, map: Head, fields: &Fields<'a>) -> Result<Option<Record<'a>>, Error> {
        let mut record = fields.record;
        if !fields.is_regular {
            return Ok(None);
        }
        record.name.base = self.base.name;
        if record.unit.is_empty() {
            record.unit = self.base.unit;
        }
        record.value = match (record.value, self.base.value) {
            (None, Some(base)) if record.sum.is_none() => Some(Value::Number(base)),
            (Some(Value::Number(own)), Some(base)) => {
                Some(Value::Number(own.plus(base).ok_or(map.unsupported())?))
            }
            (value, _) => value,
        };
        record.sum = match (record.sum, self.base.sum) {
            (Some(own), Some(base)) => Some(own.plus(base).ok_or(map.unsupported())?),
            (own, base) => own.or(base),
        };
        if record.time == Time::NOW {
            let Moment { seconds, millis } = self.base.time.plus(fields.time);
            let time = if seconds >= i64::from(FIRST_ABSOLUTE) {
                u32::try_from(seconds).map(Time::Unix)
            } else {
                i32::try_from(seconds).map(Time::FromNow)
            };
            record.time = time.map_err(|_| map.range())?;
            record.millis = millis;
        }
        if let Some(sequence) = fields.sequence {
            let boot = self.base.boot.ok_or(map.syntax())?;
            record.origin = Some(Origin { boot, sequence });
        }
        Ok(Some(record))
    }
}

impl<'a> Iterator for PackDecoder<'a> {
    type Item = Result<Record<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.read();
        if record.is_err() {
            self.state = State::Ended;
        }
        record.transpose()
    }
}

impl core::iter::FusedIterator for PackDecoder<'_> {}

/// Holds the fields of one record before they are resolved.
struct Fields<'a> {
    record: Record<'a>,
    time: Moment,
    sequence: Option<u32>,
    is_regular: bool,
    seen: u32,
}

impl Fields<'_> {
    fn new() -> Self {
        Self {
            record: Record { quality: Quality::Good, ..Record::named(Name::default()) },
            time: Moment::default(),
            sequence: None,
            is_regular: false,
            seen: 0,
        }
    }

    /// Refuses a label that comes twice in one map (RFC 8949 section 5.6).
    fn see(&mut self, key: Head, bit: u8, is_regular: bool) -> Result<(), Error> {
        let mask = 1 << bit;
        if self.seen & mask != 0 {
            return Err(key.syntax());
        }
        self.seen |= mask;
        self.is_regular |= is_regular;
        Ok(())
    }
}
