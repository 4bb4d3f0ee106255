//! Readings gathered into rows of mantissas.

use std::collections::HashMap;

use sundew_codec::{
    Error, Origin, Row, Time,
    descriptor::{Described, Descriptor},
    record, senml,
};
use sundew_units::{ChannelId, Dec, Quality, Rounding};

use super::reading::{Channel, Reading, Value};
use crate::{Failure, schema::channel_named, style::printable};

/// Holds values that were taken together, as the queue would keep them.
pub(super) struct Gathered {
    stored: Vec<u8>,
    /// Holds the channels by the places of their values.
    pub(super) channels: Vec<ChannelId>,
    time: Time,
    origin: Option<Origin>,
}

impl Gathered {
    /// Returns the row.
    pub(super) fn row(&self) -> Result<Row<'_>, Failure> {
        let values = record::decode(&self.stored).map_err(Failure::input)?;
        let row = Row::new(values).at(self.time);
        Ok(match self.origin {
            Some(origin) => row.with_origin(origin),
            None => row,
        })
    }

    /// Returns the row as the queue stores it.
    pub(super) fn stored(&self) -> &[u8] {
        &self.stored
    }
}

type Values = Vec<(ChannelId, i32, Quality)>;

/// Gathers readings of one time and origin into a row each; a second value of a channel begins
/// another row.
pub(super) fn gather(
    readings: &[Reading],
    schema: u16,
    descriptor: Option<&Descriptor<'_>>,
) -> Result<Vec<Gathered>, Failure> {
    let mut rows: Vec<(Time, Option<Origin>, Values)> = Vec::new();
    // How often a channel was there in each moment, and the row of those that were there so often.
    let mut counts = HashMap::new();
    let mut places = HashMap::new();
    for reading in readings {
        let (channel, mantissa) = mantissa(reading, descriptor)?;
        let moment = (reading.time.unwrap_or(Time::NOW), reading.origin);
        let count: &mut usize = counts.entry((moment, channel)).or_default();
        let place = *places.entry((moment, *count)).or_insert(rows.len());
        *count += 1;
        let value = (channel, mantissa, reading.quality);
        match rows.get_mut(place) {
            Some((_, _, values)) => values.push(value),
            None => rows.push((moment.0, moment.1, vec![value])),
        }
    }
    rows.into_iter()
        .map(|(time, origin, values)| {
            let channels = values.iter().map(|(channel, _, _)| *channel).collect();
            let stored = grown(|buffer| record::encode(schema, values.iter().copied(), buffer))?;
            Ok(Gathered { stored, channels, time, origin })
        })
        .collect()
}

/// Returns the channel of a reading and the value in steps of its last decimal place.
pub(super) fn mantissa(
    reading: &Reading,
    descriptor: Option<&Descriptor<'_>>,
) -> Result<(ChannelId, i32), Failure> {
    let known = described(reading, descriptor)?;
    let mantissa = match (&reading.value, &known) {
        (Some(Value::Mantissa(mantissa)), _) => *mantissa,
        (Some(value), Some(known)) => exact(value, known)?,
        // Without a descriptor a plain integer is a mantissa.
        (Some(Value::Number(senml::Number::Decimal(dec))), None) if dec.exponent() == 0 => {
            dec.mantissa()
        }
        _ => return Err(Failure::input("a value is no number, and no descriptor says its scale")),
    };
    match (&reading.channel, known) {
        (_, Some(known)) => Ok((known.id, mantissa)),
        (Channel::Number(number), None) => Ok((ChannelId(*number), mantissa)),
        _ => Err(Failure::input("the number of a channel is missing")),
    }
}

/// Says that a value lies outside of the range of its channel, which is allowed: a tiny frame clips
/// and marks what its bits do not hold, all else carries it.
pub(super) fn outside(
    reading: &Reading,
    descriptor: Option<&Descriptor<'_>>,
) -> Result<Option<String>, Failure> {
    if descriptor.is_none() || !matches!(reading.value, Some(Value::Mantissa(_) | Value::Number(_)))
    {
        return Ok(None);
    }
    let Some(known) = described(reading, descriptor)? else { return Ok(None) };
    let (_, mantissa) = mantissa(reading, descriptor)?;
    let [low, high, value] = [known.low, known.high, mantissa].map(|each| known.value(each));
    let name = printable(&known.name.to_string());
    let is_outside = mantissa < known.low || mantissa > known.high;
    Ok(is_outside.then(|| format!("'{name}' is {value}, outside of {low} to {high}")))
}

/// Returns the channel of a reading as the descriptor has it.
///
/// # Errors
///
/// Returns an error for a name that the descriptor does not have, or that needs one, and for a unit
/// that is not the channel's: the same digits would be another value.
pub(super) fn described<'a>(
    reading: &Reading,
    descriptor: Option<&Descriptor<'a>>,
) -> Result<Option<Described<'a>>, Failure> {
    let known = match (&reading.channel, descriptor) {
        (Channel::Name(name), Some(descriptor)) => {
            let found = channel_named(name, descriptor);
            Some(found.ok_or_else(|| {
                Failure::Input(format!("the device has no channel '{}'", printable(name)))
            })?)
        }
        (Channel::Name(name), None) => {
            return Err(Failure::Input(format!(
                "'{}' is no channel number: give a --descriptor",
                printable(name),
            )));
        }
        (Channel::Number(number), Some(descriptor)) => descriptor.channel(ChannelId(*number)),
        _ => None,
    };
    match known.filter(|known| !reading.unit.is_empty() && known.unit != *reading.unit) {
        None => Ok(known),
        Some(known) => Err(Failure::Input(format!(
            "'{}' is in {}, not in {}",
            known.name,
            known.unit,
            printable(&reading.unit),
        ))),
    }
}

fn exact(value: &Value, channel: &Described<'_>) -> Result<i32, Failure> {
    let name = printable(&channel.name.to_string());
    let dec = match value {
        Value::Boolean(value) => Some(Dec::new(i32::from(*value), 0)),
        Value::Number(senml::Number::Decimal(dec)) => Some(*dec),
        _ => None,
    };
    let Some(dec) = dec else {
        return Err(Failure::Input(format!("the value of '{name}' is no decimal number")));
    };
    let exact = dec.at_exponent(channel.exponent).ok_or_else(|| {
        let step = channel.value(1);
        Failure::Input(if dec.rescale(channel.exponent, Rounding::HalfEven).is_none() {
            format!("'{name}' counts in steps of {step}: {dec} is more than 32 bits of them")
        } else {
            format!("'{name}' counts in steps of {step}: {dec} is none of them")
        })
    })?;
    Ok(exact.mantissa())
}

/// Encodes into a buffer that is as large as it needs to be.
pub(super) fn grown(
    mut encode: impl FnMut(&mut [u8]) -> Result<usize, Error>,
) -> Result<Vec<u8>, Failure> {
    let mut buffer = vec![0; 1_024];
    loop {
        match encode(&mut buffer) {
            Ok(len) => {
                buffer.truncate(len);
                return Ok(buffer);
            }
            Err(Error::Full { needed }) if needed > buffer.len() => buffer.resize(needed, 0),
            Err(error) => return Err(refused(error)),
        }
    }
}

/// Says why something was not encoded; there are no bytes yet whose place could be told.
pub(super) fn refused(error: Error) -> Failure {
    Failure::Input(match error {
        Error::Range { .. } => {
            "a number, a time or a channel is out of the range of this form, or the rows cannot \
             stand in one frame"
                .into()
        }
        Error::Full { needed } => format!("{needed} bytes are needed"),
        other => other.to_string(),
    })
}
