//! `airtime`: how long a LoRaWAN frame is on the air, and when its sub-band is free again.

use core::hint::black_box;

use sundew_core::Ticks;
use sundew_transport::lorawan::{DutyCycle, Region};

#[inline(never)]
pub(crate) fn run() -> bool {
    let Some(rate) = black_box(Region::Eu868).data_rate(black_box(0)) else { return false };
    let micros = rate.uplink_micros(black_box(51));
    let mut band = DutyCycle::one_in(black_box(100));
    let now = Ticks::from_millis(0);
    band.sent(now, micros);
    micros == 2_793_472 && band.free_at(now) == now.after(279_348)
}
