//! A weather station, and the way of its rows into frames and back.

#![allow(dead_code, reason = "not every test uses all of it")]

use sundew_codec::{
    Entry, Error, Row, record,
    tiny::{self, Carrier, Layout, Selection},
};
use sundew_units::{Channel, ChannelId, Device, Kind, Quality, Quantity};

pub(crate) const TEMPERATURE: ChannelId = ChannelId(1);
pub(crate) const HUMIDITY: ChannelId = ChannelId(2);
pub(crate) const PRESSURE: ChannelId = ChannelId(3);
pub(crate) const WIND: ChannelId = ChannelId(4);
pub(crate) const DIRECTION: ChannelId = ChannelId(5);
pub(crate) const RAIN: ChannelId = ChannelId(6);
pub(crate) const BATTERY: ChannelId = ChannelId(7);

/// Holds the channels of the next version; the last is new.
pub(crate) const CHANNELS_AFTER: [Channel; 8] = [
    Channel::new(TEMPERATURE, "t", Quantity::Temperature, -2).with_range(-4_000, 8_500),
    Channel::new(HUMIDITY, "rh", Quantity::RelativeHumidity, -1).with_range(0, 1_000),
    Channel::new(PRESSURE, "p", Quantity::AirPressure, 0).with_range(50_000, 115_535),
    Channel::new(WIND, "w", Quantity::WindSpeed, -1).with_range(0, 1_023),
    Channel::new(DIRECTION, "wd", Quantity::WindDirection, 0).with_range(0, 359),
    Channel::new(RAIN, "rain", Quantity::Rainfall, -4).with_kind(Kind::Counter { modulus: 1_024 }),
    Channel::new(BATTERY, "vbat", Quantity::Voltage, -3).with_range(2_000, 4_047),
    Channel::new(ChannelId(8), "light", Quantity::Illuminance, 0).with_range(0, 100_000),
];

/// Holds the channels of this version.
pub(crate) const CHANNELS: [Channel; 7] = match CHANNELS_AFTER.split_first_chunk() {
    Some((channels, _)) => *channels,
    None => unreachable!(),
};

/// Holds the channels of the version before.
pub(crate) const CHANNELS_BEFORE: [Channel; 5] = match CHANNELS_AFTER.split_first_chunk() {
    Some((channels, _)) => *channels,
    None => unreachable!(),
};

pub(crate) const STATION: Device = Device::new("weather", 7, &CHANNELS);

/// Holds 23.45 Cel, 41.2 %RH, 101325 Pa, 5.3 m/s, 270 deg, 0.0126 m and 3.712 V.
pub(crate) const WEATHER: [(ChannelId, i32); 7] = [
    (TEMPERATURE, 2_345),
    (HUMIDITY, 412),
    (PRESSURE, 101_325),
    (WIND, 53),
    (DIRECTION, 270),
    (RAIN, 126),
    (BATTERY, 3_712),
];

pub(crate) type Value = (ChannelId, i32, Quality);

pub(crate) fn good(values: &[(ChannelId, i32)]) -> Vec<Value> {
    values.iter().map(|&(channel, mantissa)| (channel, mantissa, Quality::Good)).collect()
}

/// Returns the record that the queue would keep.
pub(crate) fn stored(values: &[Value]) -> Vec<u8> {
    let mut buffer = vec![0; record::capacity(values.len())];
    let len = record::encode(7, values.iter().copied(), &mut buffer).unwrap();
    buffer.truncate(len);
    buffer
}

/// Packs a row into as many frames as it takes, and checks each against the limit.
pub(crate) fn frames(
    layout: &impl Layout,
    row: &Row<'_>,
    carrier: Carrier,
    limit: usize,
) -> Result<Vec<(u8, Vec<u8>)>, Error> {
    let mut frames = Vec::new();
    let mut wanted = Selection::ALL;
    loop {
        let mut buffer = vec![0xA5; limit];
        let planned = tiny::plan(layout, row, wanted, carrier, limit);
        let packed = tiny::encode(layout, row, wanted, carrier, &mut buffer);
        assert_eq!(planned, packed, "what was planned is not what was packed");
        let packed = packed?;
        assert!(packed.len <= limit);
        assert!(buffer[packed.len..].iter().all(|byte| *byte == 0xA5), "wrote past the end");
        buffer.truncate(packed.len);
        frames.push((packed.kind, buffer));
        if packed.left_out.is_empty() {
            return Ok(frames);
        }
        assert!(!packed.sent.is_empty(), "no progress");
        wanted = packed.left_out;
    }
}

pub(crate) fn received(
    layout: &impl Layout,
    kind: Option<u8>,
    bytes: &[u8],
) -> Result<Vec<Entry>, Error> {
    tiny::decode(layout, kind, bytes)?.collect()
}
