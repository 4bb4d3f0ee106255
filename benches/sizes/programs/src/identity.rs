//! `identity`: a device record is read, the boot is counted, the generator is seeded.

use core::hint::black_box;

use rand_core::Rng as _;
use sundew_core::Region;
use sundew_identity::{DeviceRecord, Drbg, next_boot};
use sundew_store::Settings;

use crate::bench::Flash;

/// What the provisioning tool would have written: 64 bytes stand for the anchor.
static RECORD: &[u8] = include_bytes!("record.raw");

#[inline(never)]
pub(crate) fn run(flash: &mut Flash) -> bool {
    let settings = Settings::new(Region::new(0, 512));
    let Ok(record) = DeviceRecord::decode::<()>(black_box(RECORD)) else { return false };
    let provisioned =
        Drbg::provision(flash, &settings, &black_box(*b"thirty-two bytes of no secrecy..")).is_ok();
    let counted = next_boot(flash, &settings).is_ok_and(|boot| boot == 1);
    let Ok(mut generator) = Drbg::open(flash, &settings) else { return false };
    provisioned
        && counted
        && record.anchor.len() == 64
        && generator.next_u32() != generator.next_u32()
}
