//! `identity`: a device record is read, the boot is counted, the generator is seeded. `drbg`: the
//! last of these alone.

use core::hint::black_box;

use rand_core::Rng as _;
use sundew_core::Region;
use sundew_identity::{DeviceRecord, Drbg};
use sundew_store::Settings;

use crate::bench::Flash;

const SETTINGS: Settings = Settings::new(Region::new(0, 512));

/// What the provisioning tool would have written: 64 bytes stand for the anchor.
#[cfg(feature = "identity")]
static RECORD: &[u8] = include_bytes!("record.raw");

#[cfg(feature = "identity")]
#[inline(never)]
pub(crate) fn run(flash: &mut Flash) -> bool {
    use sundew_identity::{Role, next_boot};

    let Ok(record) = DeviceRecord::decode::<()>(black_box(RECORD)) else { return false };
    let counted = next_boot(flash, &SETTINGS).is_ok_and(|boot| boot == 1);
    let Ok(mut generator) = Drbg::open(flash, &SETTINGS, &record) else { return false };
    counted
        && record.anchors.of(Role::Server).any(|anchor| anchor.bytes.len() == 64)
        && generator.next_u32() != generator.next_u32()
}

#[cfg(all(feature = "drbg", not(feature = "identity")))]
#[inline(never)]
pub(crate) fn draw(flash: &mut Flash) -> bool {
    let seed = black_box(*b"thirty-two bytes of no secrecy..");
    let record = DeviceRecord::new("").with_seed(&seed);
    let Ok(mut generator) = Drbg::open(flash, &SETTINGS, &record) else { return false };
    generator.next_u32() != generator.next_u32()
}
