//! Three versions of a device that follow the rules, and the frames of the middle one.

use sundew_codec::{
    Answer, Command, Origin, Row, Time, compact, descriptor, record,
    senml::{PackEncoder, Record},
    tiny::{self, Carrier, Selection},
};
use sundew_units::{Channel, ChannelId, Device, Kind, Quality, Quantity};

const fn channel(id: u8, name: &'static str, quantity: Quantity, exponent: i8) -> Channel {
    Channel::new(ChannelId(id), name, quantity, exponent)
}

const AIR: Channel = channel(1, "air", Quantity::Temperature, -2).with_range(-4_000, 8_500);
const DAMP: Channel = channel(2, "damp", Quantity::RelativeHumidity, -1).with_range(0, 1_000);
const PRESSURE: Channel =
    channel(3, "pressure", Quantity::AirPressure, 0).with_range(50_000, 115_535);
const WIND: Channel = channel(4, "wind", Quantity::WindSpeed, -1).with_range(0, 1_000);
const DIRECTION: Channel = channel(5, "direction", Quantity::WindDirection, 0).with_range(0, 359);
const RAIN: Channel =
    channel(6, "rain", Quantity::Rainfall, -4).with_kind(Kind::Counter { modulus: 1_024 });
const BATTERY: Channel = channel(7, "battery", Quantity::Voltage, -3).with_range(2_000, 4_047);
const INTERVAL: Channel = channel(8, "interval", Quantity::Duration, 0).with_range(0, 65_535);
const GUSTS: Channel = channel(9, "gusts", Quantity::WindSpeed, -1).with_range(0, 1_000);

/// Describes the version before.
pub(crate) const OLDER: Device = Device::new("weather", 6, &[AIR, DAMP, PRESSURE, WIND, DIRECTION]);

/// Describes the version whose frames are stored; frozen.
pub(crate) const STORED: Device = Device::new(
    "weather",
    7,
    &[AIR, DAMP, PRESSURE, WIND, DIRECTION, RAIN, BATTERY, INTERVAL.writable()],
)
.evolved_from(&OLDER);

/// Describes the version after: the wind is measured otherwise, its direction may reach 360, and
/// the table is in another order.
pub(crate) const NEWER: Device = Device::new(
    "weather",
    8,
    &[GUSTS, AIR, DAMP, PRESSURE, DIRECTION.with_range(0, 360), RAIN, BATTERY, INTERVAL],
)
.with_retired(&[ChannelId(4)])
.evolved_from(&STORED);

pub(crate) const BASE: &str = "urn:dev:mac:0024befffe804ff1:";
pub(crate) const UNIX: u32 = 1_700_000_000;
pub(crate) const ORIGIN: Origin = Origin::new(3, 1_041);
pub(crate) const COMMAND: Command = Command::new(77, ChannelId(8), 300).expiring(UNIX + 3_600);
pub(crate) const ANSWER: Answer = Answer::done(77, ChannelId(8), 300);
pub(crate) const ROWS: u32 = 24;

/// Holds what the stored frames tell of one moment, without the interval.
pub(crate) const VALUES: [(u8, i32, Quality); 7] = [
    (1, 2_345, Quality::Good),
    (2, 412, Quality::Good),
    (3, 101_325, Quality::Good),
    (4, 53, Quality::Good),
    (5, 270, Quality::Good),
    (6, 126, Quality::Good),
    (7, 3_712, Quality::Good),
];

/// Holds the same where two of them are not good.
pub(crate) const MARKED: [(u8, i32, Quality); 7] = {
    let mut values = VALUES;
    values[2].2 = Quality::Stale;
    values[5].2 = Quality::Suspect;
    values
};

/// Returns the values of one row of the batch: the battery only now and then.
pub(crate) fn batched(row: u32) -> Vec<(u8, i32, Quality)> {
    let at = row as i32;
    let mut values = vec![
        (1, 2_345 - 37 * at + at * at, Quality::Good),
        (2, 412 + 5 * at, if row == 9 { Quality::Stale } else { Quality::Good }),
        (6, (1_000 + 3 * at) % 1_024, Quality::Good),
    ];
    if row.is_multiple_of(6) {
        values.push((7, 3_712 - at, Quality::Good));
    }
    values
}

pub(crate) fn stored(values: &[(u8, i32, Quality)]) -> Vec<u8> {
    let mut bytes = vec![0; record::capacity(values.len())];
    let values = values.iter().map(|&(id, mantissa, quality)| (ChannelId(id), mantissa, quality));
    let len = record::encode(STORED.version(), values, &mut bytes).unwrap();
    bytes.truncate(len);
    bytes
}

fn row(stored: &[u8]) -> Row<'_> {
    Row::new(record::decode(stored).unwrap())
}

/// Fills a buffer, and returns what was filled.
fn filled(fill: impl FnOnce(&mut [u8]) -> usize) -> Vec<u8> {
    let mut buffer = vec![0; 512];
    let len = fill(&mut buffer);
    buffer.truncate(len);
    buffer
}

/// Returns every frame with the name of its file.
pub(crate) fn frames() -> Vec<(&'static str, Vec<u8>)> {
    let (good, marked) = (stored(&VALUES), stored(&MARKED));
    let told = row(&marked).at(Time::Unix(UNIX)).with_origin(ORIGIN);
    let tiny = |row: &Row<'_>, carrier| {
        filled(|buffer| {
            let packed = tiny::encode(&STORED, row, Selection::ALL, carrier, buffer).unwrap();
            assert!(packed.left_out.is_empty() && packed.unknown.is_empty());
            packed.len
        })
    };
    let batch: Vec<_> = (0..ROWS).map(|row| stored(&batched(row))).collect();
    let batch = batch.iter().zip(0..).map(|(stored, at)| {
        row(stored)
            .at(Time::Unix(UNIX + 3_600 * at))
            .with_origin(Origin::new(ORIGIN.boot, ORIGIN.sequence + at))
    });
    let set = Record::of(&INTERVAL, COMMAND.mantissa).with_id(COMMAND.id);
    vec![
        ("record", marked.clone()),
        ("descriptor", filled(|buffer| descriptor::encode(&STORED, buffer).unwrap())),
        ("senml", senml(&senml_values())),
        ("senml-command", senml(&[set.expiring(UNIX + 3_600)])),
        ("senml-answer", senml(&[set.with_result(0)])),
        ("compact-row", filled(|buffer| compact::encode_row(&told, buffer).unwrap())),
        ("compact-batch", filled(|buffer| compact::encode(batch, buffer).unwrap())),
        ("compact-command", filled(|buffer| compact::encode_command(&COMMAND, buffer).unwrap())),
        ("compact-answer", filled(|buffer| compact::encode_answer(&ANSWER, buffer).unwrap())),
        ("tiny-plain", tiny(&row(&good), Carrier::Frame)),
        ("tiny-port-14", tiny(&row(&good), Carrier::Port)),
        ("tiny-header", tiny(&told, Carrier::Frame)),
        (
            "tiny-command",
            filled(|buffer| tiny::encode_command(&COMMAND, Carrier::Frame, buffer).unwrap()),
        ),
        (
            "tiny-answer",
            filled(|buffer| tiny::encode_answer(&ANSWER, Carrier::Frame, buffer).unwrap()),
        ),
        (
            "tiny-birth",
            filled(|buffer| {
                let hash = descriptor::hash(&STORED);
                tiny::encode_birth(STORED.version(), hash, Carrier::Frame, buffer).unwrap()
            }),
        ),
    ]
}

fn senml_values() -> Vec<Record<'static>> {
    MARKED
        .iter()
        .map(|&(id, mantissa, quality)| {
            Record::of(STORED.channel(ChannelId(id)).unwrap(), mantissa)
                .at(Time::Unix(UNIX))
                .with_quality(quality)
                .with_origin(ORIGIN)
        })
        .collect()
}

fn senml(records: &[Record<'_>]) -> Vec<u8> {
    let mut buffer = vec![0; 512];
    let mut pack = PackEncoder::new(&mut buffer, BASE);
    for record in records {
        pack.push(record).unwrap();
    }
    pack.finish().to_vec()
}
