//! `senml-encode`, `senml-decode`: temperature, humidity and pressure into a pack of 54 bytes by
//! prefixes, and out of it.

use core::hint::black_box;

#[cfg(feature = "senml-encode")]
#[inline(never)]
pub(crate) fn encode(frame: &mut [u8]) -> bool {
    use sundew_codec::senml::{Prefix, PrefixedPack};
    use sundew_units::{Channel, ChannelId, Quantity};

    const AIR: Channel = Channel::new(ChannelId(1), "temp", Quantity::Temperature, -2);
    const DAMP: Channel = Channel::new(ChannelId(2), "rh", Quantity::RelativeHumidity, -1);
    const PRESSURE: Channel = Channel::new(ChannelId(3), "pres", Quantity::AirPressure, 0);
    static AIR_PREFIX: Prefix<[u8; Prefix::len_of(&AIR)]> = Prefix::of(&AIR);
    static DAMP_PREFIX: Prefix<[u8; Prefix::len_of(&DAMP)]> = Prefix::of(&DAMP);
    static PRESSURE_PREFIX: Prefix<[u8; Prefix::len_of(&PRESSURE)]> = Prefix::of(&PRESSURE);

    let readings: [(&Prefix, i32); 3] = [
        (&AIR_PREFIX, black_box(2_345)),
        (&DAMP_PREFIX, black_box(412)),
        (&PRESSURE_PREFIX, black_box(101_325)),
    ];
    black_box(PrefixedPack::new(&readings).encode(frame)) == Ok(54)
}

#[cfg(feature = "senml-decode")]
#[inline(never)]
pub(crate) fn decode() -> bool {
    use sundew_codec::senml::measurements;

    // What `encode` makes.
    static SCRIPT: [u8; 54] = *include_bytes!("senml.cbor");
    // Names and units by their lengths: 18 letters.
    let mut sum = 0;
    let read = measurements(black_box(&SCRIPT), |reading| {
        sum += reading.value.mantissa() + i32::from(reading.value.exponent());
        sum += (reading.name.own.as_bytes().len() + reading.unit.as_bytes().len()) as i32;
    });
    read.is_ok() && sum == 2_345 - 2 + 412 - 1 + 101_325 + 18
}
