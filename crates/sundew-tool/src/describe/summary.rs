//! The channels as a table.

use std::io::Write;

use sundew_codec::{
    Row, Time, compact,
    descriptor::{Described, Descriptor},
    record,
    tiny::{self, Carrier, Selection},
};
use sundew_units::{Access, Dec, Kind, Quality, Quantity};

use crate::{
    Failure,
    style::printable,
    table::{self, Cell},
};

/// Writes the channels, one on a line, under what holds for the whole device.
pub(super) fn write(
    descriptor: &Descriptor<'_>,
    older: Option<&Descriptor<'_>>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let channels: Vec<_> = descriptor.channels().collect();
    let bits: u32 = channels.iter().map(|channel| u32::from(channel.bits)).sum();
    writeln!(
        out,
        "{}, version {}, hash {:08x}, {} bytes",
        printable(&descriptor.model().to_string()),
        descriptor.version(),
        descriptor.hash(),
        descriptor.as_bytes().len(),
    )?;
    writeln!(out, "{} channels, {bits} bits", channels.len())?;
    if let Some([Some(compact), tiny]) = sizes(descriptor, &channels) {
        writeln!(out, "all of them in a compact frame with the time: {compact} bytes at most")?;
        match tiny {
            Some(tiny) => writeln!(out, "in a tiny frame: {tiny} bytes, {} with a port", tiny - 1)?,
            None => writeln!(out, "in a tiny frame: impossible, by the version or an id of 0")?,
        }
    }
    if let Some(older) = older {
        let version = older.version();
        writeln!(out, "its frames and those of version {version} are readable by each other")?;
    }
    writeln!(out)?;
    let header = ["id", "name", "quantity", "unit", "step", "low", "high", "bits", "kind", "set"];
    let rows: Vec<_> = channels.iter().map(row).collect();
    let kept = header.map(|title| title != "set");
    Ok(table::write(out, header, kept, &rows)?)
}

/// Returns the bytes of a compact and of a tiny frame that has each channel once, at the end of its
/// range that takes more.
fn sizes(descriptor: &Descriptor<'_>, channels: &[Described<'_>]) -> Option<[Option<usize>; 2]> {
    let values = channels.iter().map(|channel| {
        let is_low_longer = channel.low.unsigned_abs() > channel.high.unsigned_abs();
        let end = if is_low_longer { channel.low } else { channel.high };
        (channel.id, end, Quality::Good)
    });
    let mut stored = vec![0; record::capacity(channels.len())];
    let len = record::encode(descriptor.version(), values, &mut stored).ok()?;
    let row = Row::new(record::decode(stored.get(..len)?).ok()?);
    let timed = row.clone().at(Time::Unix(1_700_000_000));
    let compact = compact::len(std::iter::once(timed)).ok();
    let packed = tiny::plan(descriptor, &row, Selection::ALL, Carrier::Frame, usize::MAX >> 4).ok();
    let whole = packed.filter(|packed| packed.unknown.is_empty());
    Some([compact, whole.map(|packed| packed.len)])
}

fn row(channel: &Described<'_>) -> [Cell; 10] {
    let place = |mantissa| Dec::new(mantissa, channel.exponent).to_string();
    let bound = |bound: i32, none| if bound == none { String::new() } else { place(bound) };
    let quantity = channel.quantity.map_or("?", Quantity::name).into();
    [
        channel.id.0.to_string(),
        printable(&channel.name.to_string()),
        quantity,
        printable(&channel.unit.to_string()),
        place(1),
        bound(channel.low, i32::MIN),
        bound(channel.high, i32::MAX),
        channel.bits.to_string(),
        kind(channel.kind),
        if channel.access == Access::Writable { "yes".into() } else { String::new() },
    ]
    .map(Cell::plain)
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Gauge => "gauge".into(),
        Kind::Counter { modulus } => format!("counter mod {modulus}"),
        Kind::CounterSinceBoot { modulus } => format!("counter since boot mod {modulus}"),
        Kind::State => "state".into(),
        Kind::Event => "event".into(),
        _ => "?".into(),
    }
}
