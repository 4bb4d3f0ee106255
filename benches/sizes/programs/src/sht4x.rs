//! `sensor-sht4x`: one measurement of temperature and humidity, into a sample.

use sundew_sensors::sht4x::{self, Sht4x};
use sundew_sensors::{Mounted, Source};
use sundew_units::{Channel, ChannelId, Quantity, Sample};

use crate::bench::Bus;

static AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
static DAMP: Channel = Channel::new(ChannelId(2), "damp", Quantity::RelativeHumidity, -2);

#[inline(never)]
pub(crate) fn run(bus: &mut Bus) -> bool {
    let driver = Sht4x::new(bus, sht4x::Address::A, sht4x::Precision::High);
    let Ok(mut weather) = Mounted::new(driver, [&AIR, &DAMP]) else { return false };
    let mut sample = Sample::new();
    let started = weather.start().is_ok_and(|wait_ms| wait_ms > 0);
    let read = weather.read_into(&mut sample).is_ok();
    // The model answers 23.45 Cel and 45.00 %RH.
    let right = sample.values().map(|(_, value, _)| value).eq([2_345, 4_500]);
    started && read && right
}
