//! A day of temperature and humidity in one compact frame, and what it would take otherwise.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

use sundew_codec::{Origin, Row, Time, compact, record};
use sundew_units::{ChannelId, Quality};

/// Holds a made summer day in 0.01 Cel, every hour from midnight: 14 Cel before sunrise, 23 Cel in
/// the afternoon, a shower at 17 h, and the noise of a sensor.
const TEMPERATURE: [i32; 24] = [
    1_672, 1_608, 1_541, 1_495, 1_446, 1_411, 1_432, 1_538, 1_667, 1_791, 1_902, 2_013, 2_108,
    2_187, 2_243, 2_279, 2_252, 2_141, 2_049, 1_981, 1_906, 1_840, 1_779, 1_723,
];
/// Holds the relative humidity of the same day in 0.1 %RH.
const HUMIDITY: [i32; 24] = [
    786, 804, 831, 848, 866, 879, 871, 836, 791, 744, 703, 665, 628, 596, 573, 561, 582, 634, 669,
    688, 711, 732, 755, 772,
];
const MIDNIGHT: u32 = 1_700_006_400;

fn records() -> Vec<Vec<u8>> {
    let day = TEMPERATURE.iter().zip(HUMIDITY);
    day.map(|(&temperature, humidity)| {
        let values = [(1, temperature), (2, humidity)];
        let values = values.map(|(id, mantissa)| (ChannelId(id), mantissa, Quality::Good));
        let mut bytes = vec![0; record::capacity(2)];
        let len = record::encode(7, values, &mut bytes).unwrap();
        bytes.truncate(len);
        bytes
    })
    .collect()
}

/// Returns the length of the frame where row `n` was taken `late(n)` seconds after the hour.
fn len(late: impl Fn(u32) -> u32, origins: impl Fn(u32) -> Option<Origin>) -> usize {
    let records = records();
    let rows: Vec<Row<'_>> = (0..)
        .zip(&records)
        .map(|(hour, record)| {
            let time = Time::Unix(MIDNIGHT + 3_600 * hour + late(hour));
            let row = Row::new(record::decode(record).unwrap()).at(time);
            match origins(hour) {
                Some(origin) => row.with_origin(origin),
                None => row,
            }
        })
        .collect();
    let mut frame = [0; 256];
    let len = compact::encode(rows.iter().cloned(), &mut frame).unwrap();
    assert_eq!(compact::len(rows.iter().cloned()), Ok(len));
    let entries: Vec<_> = compact::decode(&frame[..len]).unwrap().map(Result::unwrap).collect();
    for (number, entry) in entries.iter().enumerate() {
        let (column, row) = (number / 24, number % 24);
        assert_eq!(entry.mantissa, [TEMPERATURE, HUMIDITY][column][row]);
        assert_eq!((entry.time, entry.origin), (rows[row].time, rows[row].origin));
    }
    assert_eq!(entries.len(), 48);
    len
}

#[test]
fn a_day_of_48_readings_takes_at_most_72_bytes_with_times() {
    assert_eq!(len(|_| 0, |_| None), 71);
}

#[test]
fn times_that_vary_and_origins_have_their_price() {
    // A clock that is a second late in every fifth row.
    assert_eq!(len(|hour| u32::from(hour % 5 == 4), |_| None), 77);
    assert_eq!(len(|_| 0, |hour| Some(Origin::new(3, 1_041 + hour))), 76);
    // A queue in which other records lie between.
    assert_eq!(len(|_| 0, |hour| Some(Origin::new(3, 1_041 + hour + hour / 7))), 81);
}

/// The same frame with each step as a zig-zag varint.
#[test]
fn as_varints_the_same_day_is_longer() {
    let varint = |value: i32| match (value << 1 ^ value >> 31) as u32 {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        _ => 3,
    };
    let column = |values: [i32; 24]| {
        let steps: usize = values.windows(2).map(|pair| varint(pair[1] - pair[0])).sum();
        3 + varint(values[0]) + steps // id, head of the string in two bytes
    };
    // [7, [1700006400, 24, 3600], {..}]
    assert_eq!(14 + column(TEMPERATURE) + column(HUMIDITY), 83);
}
