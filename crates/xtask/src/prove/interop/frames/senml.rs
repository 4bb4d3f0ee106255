//! SenML packs: with decimals, and with floats for those who know no decimals.

use sundew_codec::Time;
use sundew_codec::senml::{Number, PackEncoder, Record};
use sundew_units::{Channel, Dec, Quality};

use super::{Frame, Made, origin_of, time};
use crate::failure::{Context, Failure};
use crate::prove::interop::made::MadeRow;

const NO_TAG_4: &str = "no decimal fractions (tag 4 of RFC 8949)";

const NO_TEXT_LABELS: &str =
    "no labels in text, which RFC 8428 section 4.4 would have it pass over";

const NO_32_BITS: &str = "no integers of 4 bytes, such as a Unix time";

/// Adds the packs of all rows, with decimals and with floats.
pub(super) fn add(made: &Made, frames: &mut Vec<Frame>) -> Result<(), Failure> {
    let decimal = |record: Record<'static>, _: Dec| record;
    let float = |record: Record<'static>, dec: Dec| {
        record.with_value(Number::Float(nearest(dec).to_bits()))
    };
    let bytes = pack(made, &made.rows, decimal, Labels::All)?;
    frames.push(Frame::rows(
        "senml",
        bytes.clone(),
        expected(made, |dec| format!("{}e{}", dec.mantissa(), dec.exponent())),
    ));
    let is_fraction = |id| made.device.channel(id).is_some_and(|channel| channel.exponent() != 0);
    let has_fraction =
        made.rows.iter().flat_map(|row| &row.values).any(|(id, _, _)| is_fraction(*id));
    if has_fraction {
        frames.push(Frame::refused("micropython-senml", &bytes, NO_TAG_4));
        let bytes = pack(made, &made.rows, decimal, Labels::Values)?;
        frames.push(Frame::refused("senml-cbor", &bytes, NO_TAG_4));
    }
    let all = pack(made, &made.rows, float, Labels::All)?;
    frames.push(Frame::rows("senml", all.clone(), expected(made, bits)));
    let timed = pack(made, &made.rows, float, Labels::Standard)?;
    if all != timed {
        frames.push(Frame::refused("senml-cbor", &all, NO_TEXT_LABELS));
    }
    let is_far = |time| seconds(time).unsigned_abs() > u64::from(u16::MAX) + 1;
    if made.rows.iter().any(|row| is_far(row.time) && !row.values.is_empty()) {
        frames.push(Frame::refused("senml-cbor", &timed, NO_32_BITS));
        let bytes = pack(made, &made.rows, float, Labels::Values)?;
        frames.push(Frame::rows("senml-cbor", bytes, for_senml_cbor(made, |_| 0)));
    } else {
        frames.push(Frame::rows("senml-cbor", timed, for_senml_cbor(made, seconds)));
    }
    // The library keeps one value for a name, and in one row all names are different.
    let Some(first) = made.rows.first() else { return Ok(()) };
    let bytes = pack(made, std::slice::from_ref(first), float, Labels::All)?;
    let rows = values(made, first)
        .map(|(channel, dec, _)| format!("{}{}|{}", made.base_name, channel.name(), bits(dec)))
        .collect();
    frames.push(Frame::rows("micropython-senml", bytes, rows));
    Ok(())
}

/// Says which labels a pack has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Labels {
    /// Those of name, unit and value.
    Values,
    /// Those of RFC 8428.
    Standard,
    /// Ours too: origin, quality and time since boot.
    All,
}

/// Returns the double that is nearest to a decimal, as the standard library parses it.
pub(in crate::prove::interop) fn nearest(dec: Dec) -> f64 {
    format!("{}e{}", dec.mantissa(), dec.exponent()).parse().unwrap_or(f64::NAN)
}

fn bits(dec: Dec) -> String {
    format!("f{:016x}", nearest(dec).to_bits())
}

fn pack(
    made: &Made,
    rows: &[MadeRow],
    with: impl Fn(Record<'static>, Dec) -> Record<'static>,
    labels: Labels,
) -> Result<Vec<u8>, Failure> {
    let mut buffer = vec![0; 1 << 16];
    let mut pack = PackEncoder::new(&mut buffer, &made.base_name);
    for row in rows {
        for (channel, dec, quality) in values(made, row) {
            let record = with(Record::of(channel, dec.mantissa()), dec);
            let record = match (labels, row.time) {
                (Labels::Values, _) | (Labels::Standard, Time::SinceBoot(_)) => record,
                (_, time) => record.at(time),
            };
            let record = match row.origin {
                _ if labels != Labels::All => record,
                Some(origin) => record.with_quality(quality).with_origin(origin),
                None => record.with_quality(quality),
            };
            pack.push(&record).context(|| "a pack")?;
        }
    }
    Ok(pack.finish().to_vec())
}

/// Returns the values of a row with their channels.
fn values<'a>(
    made: &'a Made,
    row: &'a MadeRow,
) -> impl Iterator<Item = (&'static Channel, Dec, Quality)> + 'a {
    row.values.iter().filter_map(|(id, mantissa, quality)| {
        let channel = made.device.channel(*id)?;
        Some((channel, Dec::new(*mantissa, channel.exponent()), *quality))
    })
}

/// Returns the lines of `decode.py` for packs.
fn expected(made: &Made, write: impl Fn(Dec) -> String) -> Vec<String> {
    let mut lines = Vec::new();
    for row in &made.rows {
        for (channel, dec, quality) in values(made, row) {
            // A pack of version 10 has no secondary units.
            let unit = if channel.unit().is_primary() { channel.symbol() } else { "" };
            let [time, origin] = [time(row.time), origin_of(row.origin)];
            let value = write(dec);
            let (base, name) = (&made.base_name, channel.name());
            lines.push(format!("{base}{name}|{unit}|{value}|{time}|{origin}|{}", quality.number()));
        }
    }
    lines
}

/// Returns the lines of `others::senml_cbor`: it knows no labels but the RFC's.
fn for_senml_cbor(made: &Made, seconds: impl Fn(Time) -> i64) -> Vec<String> {
    let mut lines = Vec::new();
    for row in &made.rows {
        for (channel, dec, _) in values(made, row) {
            let unit = if channel.unit().is_primary() { channel.symbol() } else { "" };
            let seconds = seconds(row.time);
            let (base, name) = (&made.base_name, channel.name());
            lines.push(format!("{base}{name}|{unit}|{}|{seconds}", bits(dec)));
        }
    }
    lines
}

/// Returns the seconds of a time in labels of RFC 8428.
fn seconds(time: Time) -> i64 {
    match time {
        Time::Unix(seconds) => i64::from(seconds),
        Time::FromNow(seconds) => i64::from(seconds),
        _ => 0,
    }
}
