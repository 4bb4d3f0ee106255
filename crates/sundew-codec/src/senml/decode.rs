//! A pack into resolved records.

use core::marker::PhantomData;

use sundew_units::Dec;

use super::{
    ExactSums, Name, Number, Record, Sums, Text, VERSION, VERSION_SECONDARY_UNITS, Value, label,
    number::Moment,
};
use crate::{
    Error, FIRST_ABSOLUTE, Origin, Time,
    cbor::{Reader, major},
};

/// Iterates over the records of a pack, with the base fields applied (RFC 8428 section 4.6).
///
/// Arrays and maps of definite and indefinite length are read; labels that are not known are
/// passed over, however they nest (to 8 levels), unless they end in `_`. A record of base fields
/// alone changes what follows and is not returned. After the first error the iteration ends.
///
/// ```
/// use sundew_codec::{Error, Time, senml::PackDecoder};
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
pub struct PackDecoder<'a, A: Sums = ExactSums> {
    reader: Reader<'a>,
    state: State,
    base: Base<'a>,
    version: u8,
    sums: PhantomData<A>,
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
    /// Starts at the first byte of a pack; nothing is read yet. Base values are added where the sum
    /// is an exact decimal, and are a fault elsewhere.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self::with_sums(bytes)
    }
}

impl<'a, A: Sums> PackDecoder<'a, A> {
    /// Starts at the first byte of a pack, to add base values as `A` does: see [`RoundedSums`].
    ///
    /// [`RoundedSums`]: super::RoundedSums
    pub const fn with_sums(bytes: &'a [u8]) -> Self {
        let base = Base {
            name: Text(&[]),
            time: Moment { seconds: 0, millis: 0 },
            unit: Text(&[]),
            value: None,
            sum: None,
            boot: None,
        };
        let reader = Reader::new(bytes);
        Self { reader, state: State::Start, base, version: VERSION, sums: PhantomData }
    }

    /// Returns the version that the records so far declared: [`VERSION`] where they are silent, and
    /// [`VERSION_SECONDARY_UNITS`] where units may be those of RFC 8798 section 3.
    ///
    /// A secondary unit in a pack of version 10 is passed on like any other: primary and secondary
    /// names share one namespace, so that it cannot be mistaken, and the reading is worth more than
    /// the sender's fault.
    pub const fn version(&self) -> u8 {
        self.version
    }

    /// Returns where the last record began.
    pub(super) const fn record_start(&self) -> usize {
        self.reader.start
    }

    /// Returns whether `fields` holds a record; `None` where the reader holds a fault.
    fn read(&mut self, fields: &mut Fields<'a>) -> Option<bool> {
        loop {
            match self.state {
                State::Start => {
                    self.reader.expect(major::ARRAY)?;
                    self.state = if self.reader.is_indefinite() {
                        State::Indefinite
                    } else {
                        State::Definite(self.reader.count()?)
                    };
                    continue;
                }
                State::Ended => return Some(false),
                State::Definite(0) => break,
                State::Definite(left) => self.state = State::Definite(left - 1),
                State::Indefinite if self.reader.take_break() => break,
                State::Indefinite => {}
            }
            self.record(fields)?;
            // A record of base fields alone is none: it changed what follows, but what it resolves
            // to must not stay for the next one.
            if fields.is_regular {
                self.resolve(fields)?;
                return Some(true);
            }
            fields.seen = 0;
        }
        self.state = State::Ended;
        if self.reader.is_at_end() {
            return Some(false);
        }
        self.reader.start = self.reader.position();
        self.reader.syntax()
    }

    fn record(&mut self, fields: &mut Fields<'a>) -> Option<()> {
        self.reader.expect(major::MAP)?;
        let start = self.reader.start;
        if self.reader.is_indefinite() {
            while !self.reader.take_break() {
                self.field(fields)?;
            }
        } else {
            for _ in 0..self.reader.count()? {
                self.field(fields)?;
            }
        }
        self.reader.start = start;
        Some(())
    }

    fn field(&mut self, fields: &mut Fields<'a>) -> Option<()> {
        self.reader.head()?;
        match self.reader.major {
            major::UNSIGNED | major::NEGATIVE => self.known(fields),
            major::TEXT => self.extension(fields),
            _ => self.reader.syntax(),
        }
    }

    fn known(&mut self, fields: &mut Fields<'a>) -> Option<()> {
        let reader = &mut self.reader;
        let Some(label) = reader.integer().filter(|label| (-6..=8).contains(label)) else {
            return reader.skip();
        };
        if fields.have(label + 6) || fields.has_value_besides(label) {
            return reader.syntax();
        }
        fields.is_regular |= label >= 0;
        match label {
            label::BASE_VERSION => {
                // Up to 10 the numbers were an order, and the RFC's own example has a 5; from then
                // on they are sets of features (RFC 9100 section 2.2), of which one is known.
                let version = reader.unsigned()?;
                if version > u32::from(VERSION) && version != u32::from(VERSION_SECONDARY_UNITS) {
                    return reader.unsupported();
                }
                self.version = version as u8;
            }
            label::BASE_NAME => self.base.name = Text(reader.text()?),
            label::BASE_UNIT => self.base.unit = Text(reader.text()?),
            label::NAME => fields.record.name.own = Text(reader.text()?),
            label::UNIT => fields.record.unit = Text(reader.text()?),
            label::STRING_VALUE => fields.record.value = Some(Value::Text(Text(reader.text()?))),
            label::DATA_VALUE => {
                reader.expect(major::BYTES)?;
                fields.record.value = Some(Value::Data(reader.content()?));
            }
            label::BOOLEAN_VALUE => {
                reader.expect(major::SIMPLE)?;
                if !matches!(reader.information, 20 | 21) {
                    return reader.syntax();
                }
                fields.record.value = Some(Value::Boolean(reader.information == 21));
            }
            _ => {
                let start = reader.position();
                let number = Number::decode(reader)?;
                match label {
                    label::BASE_VALUE => self.base.value = Some(number),
                    label::BASE_SUM => self.base.sum = Some(number),
                    label::VALUE => fields.record.value = Some(Value::Number(number)),
                    label::SUM => fields.record.sum = Some(number),
                    label::UPDATE_TIME => fields.record.update_time = Some(number),
                    _ => {
                        reader.start = start;
                        let Some(moment) = Moment::new(number) else { return reader.range() };
                        if label == label::TIME {
                            fields.time = moment;
                        } else {
                            self.base.time = moment;
                        }
                    }
                }
            }
        }
        Some(())
    }

    fn extension(&mut self, fields: &mut Fields<'a>) -> Option<()> {
        let reader = &mut self.reader;
        let name = reader.content()?;
        let bit = match packed(name) {
            BOOT => 16,
            SEQUENCE => 17,
            QUALITY => 18,
            UPTIME => 19,
            ID => 20,
            EXPIRES => 21,
            RESULT => 22,
            _ if name.ends_with(b"_") => return reader.unsupported(),
            _ => return reader.skip(),
        };
        if fields.have(bit) {
            return reader.syntax();
        }
        fields.is_regular |= bit != 16;
        let value = reader.unsigned()?;
        let short = value as u16;
        if matches!(bit, 16 | 22) && u32::from(short) != value {
            return reader.range();
        }
        match bit {
            16 => self.base.boot = Some(short),
            17 => fields.sequence = Some(value),
            18 => {
                let number = u8::try_from(value).unwrap_or(u8::MAX);
                fields.record.quality = crate::record::quality(number);
            }
            19 => fields.record.time = Time::SinceBoot(value),
            20 => fields.record.id = Some(value),
            21 => fields.record.expires = Some(value),
            _ => fields.record.result = Some(short),
        }
        Some(())
    }

    /// Applies the base fields. Faults are reported at the record, since no single item has them.
    fn resolve(&mut self, fields: &mut Fields<'a>) -> Option<()> {
        let Fields { record, .. } = fields;
        record.name.base = self.base.name;
        if record.unit.is_empty() {
            record.unit = self.base.unit;
        }
        match (record.value, self.base.value) {
            (None, Some(base)) if record.sum.is_none() => {
                record.value = Some(Value::Number(base));
            }
            (Some(Value::Number(own)), Some(base)) => {
                let Some(sum) = A::sum(own, base) else { return self.reader.unsupported() };
                record.value = Some(Value::Number(sum));
            }
            _ => {}
        }
        if let Some(base) = self.base.sum {
            let own = record.sum.unwrap_or(Number::Decimal(Dec::new(0, 0)));
            let Some(sum) = A::sum(own, base) else { return self.reader.unsupported() };
            record.sum = Some(sum);
        }
        if record.time == Time::NOW {
            let Moment { seconds, millis } = self.base.time.plus(fields.time);
            let is_absolute = seconds >= i64::from(FIRST_ABSOLUTE);
            record.time = match (u32::try_from(seconds), i32::try_from(seconds)) {
                (Ok(seconds), _) if is_absolute => Time::Unix(seconds),
                (_, Ok(seconds)) if !is_absolute => Time::FromNow(seconds),
                _ => return self.reader.range(),
            };
            record.millis = millis;
        }
        if let Some(sequence) = fields.sequence {
            let Some(boot) = self.base.boot else { return self.reader.syntax() };
            record.origin = Some(Origin { boot, sequence });
        }
        Some(())
    }
}

const BOOT: u32 = packed(label::BOOT);
const SEQUENCE: u32 = packed(label::SEQUENCE);
const QUALITY: u32 = packed(label::QUALITY);
const UPTIME: u32 = packed(label::UPTIME);
const ID: u32 = packed(label::ID);
const EXPIRES: u32 = packed(label::EXPIRES);
const RESULT: u32 = packed(label::RESULT);

/// Packs a label into one number, and what is longer than ours into 0: seven comparisons of numbers
/// are smaller than seven of strings, which on AVR would also lie in RAM. So is what begins with a
/// zero, since zeros in front do not change a number.
const fn packed(label: &[u8]) -> u32 {
    if label.len() > 4 || matches!(label, [0, ..]) {
        return 0;
    }
    let mut packed = 0;
    let mut rest = label;
    while let [byte, tail @ ..] = rest {
        packed = packed << 8 | *byte as u32;
        rest = tail;
    }
    packed
}

impl<'a, A: Sums> Iterator for PackDecoder<'a, A> {
    type Item = Result<Record<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut fields = Fields::new();
        match self.read(&mut fields) {
            Some(true) => Some(Ok(fields.record)),
            Some(false) => None,
            None => {
                self.state = State::Ended;
                Some(Err(self.reader.fault))
            }
        }
    }
}

impl<A: Sums> core::iter::FusedIterator for PackDecoder<'_, A> {}

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
            record: Record::named(Name { base: Text(&[]), own: Text(&[]) }),
            time: Moment { seconds: 0, millis: 0 },
            sequence: None,
            is_regular: false,
            seen: 0,
        }
    }

    /// Returns whether a label came before in this map, which is a fault (RFC 8949 section 5.6).
    fn have(&mut self, bit: i32) -> bool {
        let before = self.seen;
        self.seen |= 1 << bit;
        before == self.seen
    }

    /// Returns whether a label would be a second value of this record (RFC 8428 section 4.2).
    fn has_value_besides(&self, label: i32) -> bool {
        let is_value = matches!(
            label,
            label::VALUE | label::STRING_VALUE | label::BOOLEAN_VALUE | label::DATA_VALUE
        );
        is_value && self.record.value.is_some()
    }
}
