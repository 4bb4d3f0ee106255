//! `compact-encode`, `compact-decode`, `tiny-encode`, `tiny-decode`: a record of seven weather
//! readings, as the queue keeps it, into a frame for a link, and out of it. What comes from the
//! queue or over the wire is called `SCRIPT`, and not counted.

use core::hint::black_box;

#[cfg(any(feature = "tiny-encode", feature = "tiny-decode"))]
mod station {
    use sundew_units::{Channel, ChannelId, Device, Kind, Quantity};

    static CHANNELS: [Channel; 7] = [
        Channel::new(ChannelId(1), "t", Quantity::Temperature, -2).with_range(-4_000, 8_500),
        Channel::new(ChannelId(2), "rh", Quantity::RelativeHumidity, -1).with_range(0, 1_000),
        Channel::new(ChannelId(3), "p", Quantity::AirPressure, 0).with_range(50_000, 115_535),
        Channel::new(ChannelId(4), "w", Quantity::WindSpeed, -1).with_range(0, 1_023),
        Channel::new(ChannelId(5), "wd", Quantity::WindDirection, 0).with_range(0, 359),
        Channel::new(ChannelId(6), "rain", Quantity::Rainfall, -4)
            .with_kind(Kind::Counter { modulus: 1_024 }),
        Channel::new(ChannelId(7), "vbat", Quantity::Voltage, -3).with_range(2_000, 4_047),
    ];
    pub(super) static STATION: Device = Device::new("weather", 7, &CHANNELS);
}

/// Returns the record of 23.45 Cel, 41.2 %RH, 101325 Pa, 5.3 m/s, 270 deg, 12.6 mm and 3.712 V.
#[cfg(any(feature = "compact-encode", feature = "tiny-encode"))]
fn row() -> Option<sundew_codec::Row<'static>> {
    static SCRIPT: [u8; 24] = *include_bytes!("weather.record");
    let values = sundew_codec::record::decode(black_box(&SCRIPT)).ok()?;
    Some(sundew_codec::Row::new(values))
}

/// Adds up all mantissas, or returns 0 for a fault.
#[cfg(any(feature = "compact-decode", feature = "tiny-decode"))]
fn sum(entries: impl Iterator<Item = Result<sundew_codec::Entry, sundew_codec::Error>>) -> i32 {
    let mut sum = 0;
    for entry in entries {
        let Ok(entry) = entry else { return 0 };
        sum += entry.mantissa;
    }
    sum
}

#[cfg(any(feature = "compact-decode", feature = "tiny-decode"))]
const SUM: i32 = 2_345 + 412 + 101_325 + 53 + 270 + 126 + 3_712;

#[cfg(feature = "compact-encode")]
#[inline(never)]
pub(crate) fn compact_encode(frame: &mut [u8]) -> bool {
    use sundew_codec::{Time, compact};

    let Some(row) = row() else { return false };
    let row = row.at(Time::Unix(black_box(1_700_000_000)));
    black_box(compact::encode_row(&row, frame)) == Ok(36)
}

#[cfg(feature = "compact-decode")]
#[inline(never)]
pub(crate) fn compact_decode() -> bool {
    use sundew_codec::compact;

    static SCRIPT: [u8; 36] = *include_bytes!("weather.cbor");
    compact::decode(black_box(&SCRIPT)).is_ok_and(|entries| sum(entries) == SUM)
}

#[cfg(feature = "tiny-encode")]
#[inline(never)]
pub(crate) fn tiny_encode(frame: &mut [u8]) -> bool {
    use sundew_codec::tiny::{self, Carrier, Selection};

    let Some(row) = row() else { return false };
    let Some(frame) = frame.get_mut(..black_box(12)) else { return false };
    tiny::encode(black_box(&station::STATION), &row, Selection::ALL, Carrier::Frame, frame)
        .is_ok_and(|packed| packed.len == 12)
}

#[cfg(feature = "tiny-decode")]
#[inline(never)]
pub(crate) fn tiny_decode() -> bool {
    use sundew_codec::tiny;

    static SCRIPT: [u8; 12] = *include_bytes!("weather.tiny");
    let station = black_box(&station::STATION);
    tiny::decode(station, None, black_box(&SCRIPT)).is_ok_and(|entries| sum(entries) == SUM)
}
