//! A device's table of channels.

use sundew_codec::descriptor;
use sundew_units::{Access, Channel, Device, Kind};

use super::Frame;
use crate::failure::{Context, Failure};

/// Adds the descriptor of a device, with its hash.
pub(super) fn add(device: &Device, frames: &mut Vec<Frame>) -> Result<(), Failure> {
    let mut bytes = vec![0; descriptor::len(device)];
    descriptor::encode(device, &mut bytes).context(|| "a descriptor")?;
    let (model, version) = (device.model(), device.version());
    let retired: Vec<String> = device.retired().iter().map(|id| id.0.to_string()).collect();
    let mut rows = vec![format!("1|{model}|{version}|{:08x}", descriptor::hash(device))];
    rows.extend((!retired.is_empty()).then(|| retired.join(",")));
    rows.extend(device.channels().iter().map(row));
    frames.push(Frame::rows("descriptor", bytes, rows));
    Ok(())
}

fn row(channel: &Channel) -> String {
    let (low, high) = channel.range();
    let (kind, modulus) = match channel.kind() {
        Kind::Gauge => (0, None),
        Kind::Counter { modulus } => (1, Some(modulus)),
        Kind::CounterSinceBoot { modulus } => (2, Some(modulus)),
        Kind::State => (3, None),
        Kind::Event => (4, None),
        other => (u8::MAX, other.growth(0, 0)),
    };
    let modulus = modulus.map_or("-".to_owned(), |modulus| modulus.to_string());
    let access = u8::from(channel.access() == Access::Writable);
    format!(
        "{}|{}|{}|{}|{}|{low}|{high}|{}|{kind}|{modulus}|{access}",
        channel.id().0,
        channel.name(),
        channel.quantity() as u8,
        channel.symbol(),
        channel.exponent(),
        channel.bits(),
    )
}
