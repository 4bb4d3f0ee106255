//! SenML packs resolved by RFC 8428 section 4.6 from a tree of items, with exact fractions.

use num_bigint::BigInt;

use crate::item::Item;
use crate::mutant;

/// Holds an exact rational number: `numerator x 10^tens x 2^twos`.
#[derive(Clone, Debug)]
pub struct Exact {
    numerator: BigInt,
    tens: i32,
    twos: i32,
}

impl Exact {
    /// Makes `mantissa x 10^exponent`.
    pub fn decimal(mantissa: impl Into<BigInt>, exponent: i32) -> Self {
        Self { numerator: mantissa.into(), tens: exponent, twos: 0 }
    }

    /// Takes a finite float apart.
    pub fn float(value: f64) -> Self {
        let bits = value.to_bits();
        let exponent = i32::try_from(bits >> 52 & 0x7FF).unwrap_or_default();
        let fraction = bits & ((1 << 52) - 1);
        let (whole, exponent) =
            if exponent == 0 { (fraction, -1_074) } else { (fraction | 1 << 52, exponent - 1_075) };
        let numerator = BigInt::from(whole);
        let numerator = if bits >> 63 == 1 { -numerator } else { numerator };
        Self { numerator, tens: 0, twos: exponent }
    }

    /// Returns the number times `10^-tens x 2^-twos`, for exponents that are not larger than its.
    fn scaled(&self, tens: i32, twos: i32) -> BigInt {
        let power = |base: u32, by: i32| BigInt::from(base).pow(by.unsigned_abs());
        &self.numerator * power(10, self.tens - tens) * power(2, self.twos - twos)
    }

    fn aligned(&self, other: &Self) -> (BigInt, BigInt, i32, i32) {
        let (tens, twos) = (self.tens.min(other.tens), self.twos.min(other.twos));
        (self.scaled(tens, twos), other.scaled(tens, twos), tens, twos)
    }

    /// Adds.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let (a, b, tens, twos) = self.aligned(other);
        Self { numerator: a + b, tens, twos }
    }

    /// Returns whether the two are less than a `1/part` apart.
    pub fn is_near(&self, other: &Self, part: u32) -> bool {
        let unit = Self::decimal(1, 0);
        let (a, b, tens, twos) = self.aligned(other);
        let (tens, twos) = (tens.min(0), twos.min(0));
        let apart = Self { numerator: a - b, ..self.at(other) }.scaled(tens, twos);
        apart.magnitude() * part < *unit.scaled(tens, twos).magnitude()
    }

    fn at(&self, other: &Self) -> Self {
        let (tens, twos) = (self.tens.min(other.tens), self.twos.min(other.twos));
        Self { numerator: BigInt::ZERO, tens, twos }
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        let (a, b, _, _) = self.aligned(other);
        a == b
    }
}

/// Holds a value as it stands in a record.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are those of RFC 8428")]
pub enum Value {
    Number(Exact),
    Text(String),
    Boolean(bool),
    Data(Vec<u8>),
}

/// Holds a resolved record.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the names are those of RFC 8428 and of the codec's README")]
pub struct Resolved {
    pub name: String,
    pub unit: String,
    pub value: Option<Value>,
    pub sum: Option<Exact>,
    /// Seconds, absolute or from now.
    pub time: Option<Exact>,
    pub uptime: Option<i128>,
    pub update_time: Option<Exact>,
    pub quality: Option<i128>,
    pub origin: Option<(i128, i128)>,
    pub id: Option<i128>,
    pub expires: Option<i128>,
    pub result: Option<i128>,
}

/// Resolves a pack; `None` where it is none.
pub fn resolve(pack: &Item) -> Option<Vec<Resolved>> {
    let zero = Exact::decimal(0, 0);
    let (mut base_name, mut base_unit) = (String::new(), String::new());
    let (mut base_time, mut boot) = (zero.clone(), None);
    let (mut base_value, mut base_sum) = (None::<Exact>, None::<Exact>);
    let mut records = Vec::new();
    for fields in pack.array()? {
        let mut record = Resolved::default();
        let (mut own_time, mut own_name, mut sequence) = (zero.clone(), String::new(), None);
        let mut is_record = false;
        for (label, item) in fields.map()? {
            match label {
                Item::Integer(-6) => base_sum = Some(number(item)?),
                Item::Integer(-5) => base_value = Some(number(item)?),
                Item::Integer(-4) => base_unit = text(item)?,
                Item::Integer(-3) => base_time = number(item)?,
                Item::Integer(-2) => base_name = text(item)?,
                Item::Integer(-1) => _ = item.integer()?,
                Item::Text(label) if label == "boot" => boot = Some(item.integer()?),
                Item::Integer(label @ 0..=8) => {
                    is_record = true;
                    match label {
                        0 => own_name = text(item)?,
                        1 => record.unit = text(item)?,
                        2 => record.value = Some(Value::Number(number(item)?)),
                        3 => record.value = Some(Value::Text(text(item)?)),
                        4 => {
                            let Item::Boolean(value) = item else { return None };
                            record.value = Some(Value::Boolean(*value));
                        }
                        5 => record.sum = Some(number(item)?),
                        6 => own_time = number(item)?,
                        7 => record.update_time = Some(number(item)?),
                        _ => record.value = Some(Value::Data(item.bytes()?.to_vec())),
                    }
                }
                Item::Text(label) => {
                    let field = match label.as_str() {
                        "seq" => &mut sequence,
                        "q" => &mut record.quality,
                        "up" => &mut record.uptime,
                        "id" => &mut record.id,
                        "exp" => &mut record.expires,
                        "res" => &mut record.result,
                        _ => continue,
                    };
                    is_record = true;
                    *field = Some(item.integer()?);
                }
                _ => {}
            }
        }
        if !is_record {
            continue;
        }
        record.name = base_name.clone() + &own_name;
        if record.unit.is_empty() {
            record.unit.clone_from(&base_unit);
        }
        match (&mut record.value, &base_value) {
            (None, Some(base)) if record.sum.is_none() => {
                record.value = Some(Value::Number(base.clone()));
            }
            (Some(Value::Number(own)), Some(base)) => *own = own.plus(base),
            _ => {}
        }
        if mutant("other-value")
            && let Some(Value::Number(own)) = &mut record.value
        {
            *own = own.plus(&Exact::decimal(1, 0));
        }
        if let Some(base) = &base_sum {
            record.sum = Some(record.sum.map_or(base.clone(), |own| own.plus(base)));
        }
        record.time = Some(base_time.plus(&own_time));
        if let Some(sequence) = sequence {
            record.origin = Some((boot?, sequence));
        }
        records.push(record);
    }
    Some(records)
}

fn text(item: &Item) -> Option<String> {
    if let Item::Text(text) = item { Some(text.clone()) } else { None }
}

/// Reads an integer, a float, or a decimal fraction (RFC 8949 section 3.4.4).
fn number(item: &Item) -> Option<Exact> {
    match item {
        Item::Integer(value) => Some(Exact::decimal(*value, 0)),
        Item::Float(value) if value.is_finite() => Some(Exact::float(*value)),
        Item::Tag(4, item) => {
            let [exponent, mantissa] = item.array()? else { return None };
            let exponent = i32::try_from(exponent.integer()?).ok()?;
            let exponent = (-1_000..1_000).contains(&exponent).then_some(exponent)?;
            Some(Exact::decimal(mantissa.integer()?, exponent))
        }
        _ => None,
    }
}
