//! Rows, records and commands into bytes.

use sundew_codec::{
    Answer, Command, Error, compact,
    descriptor::Descriptor,
    senml::{self, PackEncoder, Record, Style},
    tiny::{self, Carrier, Selection},
};
use sundew_units::Access;

use super::{
    reading::{Channel, Reading, Value},
    rows::{self, Gathered, grown},
};
use crate::Failure;

/// Holds a message and what is to be said of it.
pub(super) struct Frame {
    pub(super) bytes: Vec<u8>,
    pub(super) remarks: Vec<String>,
}

impl From<Vec<u8>> for Frame {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, remarks: Vec::new() }
    }
}

/// Encodes readings as one pack; what `base_name` begins with is left out of the names.
pub(super) fn pack<S: Style>(
    readings: &[Reading],
    descriptor: Option<&Descriptor<'_>>,
    base_name: &str,
) -> Result<Frame, Failure> {
    let mut owned = Vec::new();
    for reading in readings {
        owned.push(named(reading, descriptor, base_name)?);
    }
    let records: Vec<_> =
        readings.iter().zip(&owned).map(|(reading, named)| record(reading, named)).collect();
    let mut len = 1_024;
    loop {
        let mut buffer = vec![0; len];
        let mut pack = PackEncoder::<S>::with_style(&mut buffer, base_name);
        match records.iter().try_for_each(|record| pack.push(record)) {
            Ok(()) => return Ok(pack.finish().to_vec().into()),
            Err(Error::Full { needed }) => len = needed.max(2 * len),
            Err(error) => return Err(rows::refused(error)),
        }
    }
}

struct Named {
    name: String,
    unit: String,
    value: Option<Value>,
}

/// Gives a reading the name, the unit and the places of its channel where the descriptor has it.
fn named(
    reading: &Reading,
    descriptor: Option<&Descriptor<'_>>,
    base_name: &str,
) -> Result<Named, Failure> {
    let known = if descriptor.is_some() { rows::described(reading, descriptor)? } else { None };
    let name = match (&reading.channel, &known) {
        (Channel::Name(name), _) => name.strip_prefix(base_name).unwrap_or(name).to_owned(),
        (_, Some(known)) => known.name.to_string(),
        (Channel::None, None) => String::new(),
        (Channel::Number(number), None) => {
            return Err(Failure::Input(format!(
                "SenML needs a name for channel {number}: give a --descriptor"
            )));
        }
    };
    let Some(known) = known else {
        return Ok(Named { name, unit: reading.unit.clone(), value: reading.value.clone() });
    };
    let value = match &reading.value {
        None => None,
        Some(Value::Text(_) | Value::Data(_)) => reading.value.clone(),
        Some(_) => {
            let (_, mantissa) = rows::mantissa(reading, descriptor)?;
            Some(Value::Number(senml::Number::Decimal(known.value(mantissa))))
        }
    };
    let unit = known.unit.to_string();
    // A pack of version 10 must not carry a secondary unit (RFC 8798 section 3).
    let primary =
        sundew_units::Unit::from_symbol(&unit).is_some_and(sundew_units::Unit::is_primary);
    Ok(Named { name, unit: if primary { unit } else { String::new() }, value })
}

fn record<'a>(reading: &Reading, named: &'a Named) -> Record<'a> {
    let mut record = Record::new(&named.name).with_unit(&named.unit).with_quality(reading.quality);
    record.value = match &named.value {
        Some(Value::Boolean(value)) => Some(senml::Value::Boolean(*value)),
        Some(Value::Data(data)) => Some(senml::Value::Data(data)),
        Some(Value::Number(number)) => Some(senml::Value::Number(*number)),
        Some(Value::Text(text)) => Some(senml::Value::Text(text.as_str().into())),
        Some(Value::Mantissa(_)) | None => None,
    };
    if let Some(time) = reading.time {
        record.time = time;
    }
    record.origin = reading.origin;
    record.id = reading.id;
    record.expires = reading.expires;
    record.result = reading.result;
    record
}

/// Encodes rows as compact frames: as few as they fit in, each of at most `limit` bytes.
pub(super) fn compact(rows: &[Gathered], limit: Option<usize>) -> Result<Vec<Frame>, Failure> {
    let rows: Vec<_> = rows.iter().map(Gathered::row).collect::<Result<_, _>>()?;
    let fits = |rows: &[sundew_codec::Row<'_>]| match compact::len(rows.iter().cloned()) {
        Ok(len) => limit.is_none_or(|limit| len <= limit),
        Err(_) => false,
    };
    let mut frames = Vec::new();
    let mut rest = rows.as_slice();
    while !rest.is_empty() {
        // A row more never makes a frame shorter, so that halving finds the last one that fits.
        let counts: Vec<_> = (1..=rest.len()).collect();
        let count = counts.partition_point(|count| rest.get(..*count).is_some_and(fits)).max(1);
        let (frame, later) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        let bytes = grown(|buffer| compact::encode(frame.iter().cloned(), buffer))?;
        if let Some(limit) = limit.filter(|limit| bytes.len() > *limit) {
            let len = bytes.len();
            return Err(Failure::Input(format!("one row takes {len} bytes, more than {limit}")));
        }
        frames.push(bytes.into());
        rest = later;
    }
    Ok(frames)
}

/// Is more than any tiny frame takes: 255 values of 32 bits with their qualities, and what stands
/// before them.
const MAX_TINY: usize = 2_048;

/// Encodes a row as a tiny frame of at most `limit` bytes.
pub(super) fn tiny(
    gathered: &Gathered,
    descriptor: &Descriptor<'_>,
    limit: usize,
    carrier: Carrier,
) -> Result<Frame, Failure> {
    let mut bytes = vec![0; limit.min(MAX_TINY)];
    let row = gathered.row()?;
    let packed = tiny::encode(descriptor, &row, Selection::ALL, carrier, &mut bytes)
        .map_err(rows::refused)?;
    bytes.truncate(packed.len);
    let mut remarks = Vec::new();
    if carrier == Carrier::Port {
        remarks.push(format!("port {}", packed.kind));
    }
    for (selection, why) in
        [(packed.left_out, "left out"), (packed.unknown, "not in the descriptor")]
    {
        let places = gathered.channels.iter().zip(0..);
        let names: Vec<_> = places
            .filter(|(_, place)| selection.contains(*place))
            .map(|(channel, _)| {
                let known = descriptor.channel(*channel);
                known.map_or_else(|| channel.0.to_string(), |known| known.name.to_string())
            })
            .collect();
        if !names.is_empty() {
            remarks.push(format!("{why}: {}", names.join(", ")));
        }
    }
    Ok(Frame { bytes, remarks })
}

/// Encodes a command, or the answer to one where the reading has a result.
pub(super) fn command(
    reading: &Reading,
    id: u32,
    descriptor: Option<&Descriptor<'_>>,
    carrier: Option<Carrier>,
) -> Result<Frame, Failure> {
    if let Some(result) = reading.result {
        let answer = if reading.channel == Channel::None {
            Answer::failed(id, result)
        } else {
            let (channel, mantissa) = rows::mantissa(reading, descriptor)?;
            let mut answer = Answer::done(id, channel, mantissa);
            answer.result = result;
            answer
        };
        return Ok(grown(|buffer| match carrier {
            None => compact::encode_answer(&answer, buffer),
            Some(carrier) => tiny::encode_answer(&answer, carrier, buffer),
        })?
        .into());
    }
    let (channel, mantissa) = rows::mantissa(reading, descriptor)?;
    if let Some(known) = rows::described(reading, descriptor)?
        && known.access != Access::Writable
    {
        return Err(Failure::Input(format!("'{}' cannot be set", known.name)));
    }
    if let Some(remark) = rows::outside(reading, descriptor)? {
        return Err(Failure::Input(remark));
    }
    let mut command = Command::new(id, channel, mantissa);
    command.expires = reading.expires;
    Ok(grown(|buffer| match carrier {
        None => compact::encode_command(&command, buffer),
        Some(carrier) => tiny::encode_command(&command, carrier, buffer),
    })?
    .into())
}
