//! `units`: three channels of a weather station take a value each; two are brought to another
//! decimal exponent.

use core::hint::black_box;

use sundew_units::{Channel, ChannelId, Dec, Device, Quality, Quantity, Sample};

const AIR: Channel =
    Channel::new(ChannelId(1), "air", Quantity::Temperature, -2).with_range(-4_000, 12_500);
const HUMIDITY: Channel =
    Channel::new(ChannelId(2), "humidity", Quantity::RelativeHumidity, -2).with_range(0, 10_000);
const SOIL: Channel =
    Channel::new(ChannelId(3), "soil", Quantity::Temperature, -1).with_range(-400, 850);
static STATION: Device = Device::new("weather", 1, &[AIR, HUMIDITY, SOIL]);

#[inline(never)]
pub(crate) fn run() -> bool {
    let mut sample = Sample::new();
    let soil = Dec::new(black_box(1_850), -2).at_exponent(black_box(-1));
    let air = Dec::new(black_box(23_450), -3).at_exponent(AIR.exponent());
    for (id, value) in [(1, air), (2, Some(Dec::new(black_box(4_500), -2))), (3, soil)] {
        let (Some(channel), Some(value)) = (STATION.channel(ChannelId(id)), value) else {
            return false;
        };
        if sample.push(channel, value.mantissa()).is_err() {
            return false;
        }
    }
    black_box(&sample).values().all(|(_, _, quality)| quality == Quality::Good)
}
