//! The channels as a table.

use std::io::Write;

use sundew_codec::descriptor::{Described, Descriptor};
use sundew_units::{Access, Dec, Kind, Quantity};

use crate::{
    Failure,
    style::printable,
    table::{self, Cell},
};

/// Writes the channels, one on a line, under what holds for the whole device.
pub(crate) fn write(descriptor: &Descriptor<'_>, out: &mut impl Write) -> Result<(), Failure> {
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
    writeln!(out)?;
    let header = ["id", "name", "quantity", "unit", "step", "low", "high", "bits", "kind", "set"];
    let rows: Vec<_> = channels.iter().map(row).collect();
    let kept = header.map(|title| title != "set");
    Ok(table::write(out, header, kept, &rows)?)
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
