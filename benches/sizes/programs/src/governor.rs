//! `governor`: a LoRaWAN frame booked in its sub-band, the next one put off.

use core::hint::black_box;

use sundew_core::Ticks;
use sundew_transport::lorawan::{Denied, Governor, Region};

#[inline(never)]
pub(crate) fn run() -> bool {
    let region = black_box(Region::Eu868);
    let Some(rate) = region.data_rate(black_box(0)) else { return false };
    let mut governor = Governor::new(region);
    let now = Ticks::from_millis(0);
    let first = governor.claim(now, black_box(868_100_000), rate, black_box(51));
    let second = governor.claim(now, black_box(868_300_000), rate, black_box(51));
    first == Ok(2_793_472) && second == Err(Denied::Until(now.after(279_348)))
}
