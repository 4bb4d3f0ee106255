//! `peer-decode-*`: what the programs `peer-encode-*` make, read again. All look at the sum of the
//! values and of the lengths of names and units, 18 letters.

#![allow(unused_imports, reason = "each program uses its own")]

use core::hint::black_box;

/// With the general decoder.
#[cfg(feature = "peer-decode-sundew")]
#[inline(never)]
pub(crate) fn sundew() -> bool {
    use sundew_codec::senml::PackDecoder;

    static SCRIPT: [u8; 54] = *include_bytes!("../senml.cbor");
    let mut sum = 0;
    for record in PackDecoder::new(black_box(&SCRIPT)) {
        let Ok(record) = record else { return false };
        let Some(value) = record.value.and_then(|value| value.dec()) else { return false };
        sum += value.mantissa() + i32::from(value.exponent());
        sum += (record.name.own.as_bytes().len() + record.unit.as_bytes().len()) as i32;
    }
    sum == 2_345 - 2 + 412 - 1 + 101_325 + 18
}

/// Read by hand, with decimal fractions and labels passed over.
#[cfg(feature = "peer-decode-minicbor")]
#[inline(never)]
pub(crate) fn minicbor() -> bool {
    use minicbor::data::{Tag, Type};
    use minicbor::decode::{Decoder, Error};

    static SCRIPT: [u8; 54] = *include_bytes!("../senml.cbor");
    fn read(pack: &mut Decoder<'_>) -> Result<i32, Error> {
        let mut sum = 0;
        for _ in 0..pack.array()?.unwrap_or(0) {
            for _ in 0..pack.map()?.unwrap_or(0) {
                match pack.i8()? {
                    0 | 1 => sum += pack.str()?.len() as i32,
                    2 => {
                        if pack.datatype()? == Type::Tag {
                            if pack.tag()? != Tag::new(4) || pack.array()? != Some(2) {
                                return Err(Error::message(""));
                            }
                            sum += i32::from(pack.i8()?);
                        }
                        sum += pack.i32()?;
                    }
                    _ => pack.skip()?,
                }
            }
        }
        Ok(sum)
    }
    let sum = read(&mut Decoder::new(black_box(&SCRIPT)));
    sum.is_ok_and(|sum| sum == 2_345 - 2 + 412 - 1 + 101_325 + 18)
}

/// What `peer-encode-minicbor-derive` and `peer-encode-cbor4ii` make.
#[cfg(any(feature = "peer-decode-minicbor-derive", feature = "peer-decode-cbor4ii"))]
static SCRIPT: [u8; 52] = *b"\x83\xA3\x00\x64temp\x01\x63Cel\x02\xFA\x41\xBB\x99\x9A\
    \xA3\x00\x62rh\x01\x63%RH\x02\xFA\x42\x24\xCC\xCD\xA3\x00\x64pres\x01\x62Pa\x02\xFA\x47\xC5\xE6\x80";

/// Derived, with floats.
#[cfg(feature = "peer-decode-minicbor-derive")]
#[inline(never)]
pub(crate) fn minicbor_derive() -> bool {
    #[derive(minicbor::Decode)]
    #[cbor(map)]
    struct Reading<'a> {
        #[b(0)]
        name: &'a str,
        #[b(1)]
        unit: &'a str,
        #[n(2)]
        value: f32,
    }
    let Ok(readings) = minicbor::decode::<[Reading<'_>; 3]>(black_box(&SCRIPT)) else {
        return false;
    };
    let letters = |it: &Reading<'_>| it.name.len() + it.unit.len();
    let letters: usize = readings.iter().map(letters).sum();
    letters == 18 && black_box(readings).iter().all(|it| it.value.to_bits() != 0)
}

/// Read by hand, with floats and labels passed over.
#[cfg(feature = "peer-decode-cbor4ii")]
#[inline(never)]
pub(crate) fn cbor4ii() -> bool {
    use cbor4ii::core::dec::{Decode, Error, IgnoredAny, Read};
    use cbor4ii::core::types::{Array, Map};
    use cbor4ii::core::utils::SliceReader;

    fn read<'a>(
        pack: &mut SliceReader<'a>,
    ) -> Result<(usize, u32), Error<<SliceReader<'a> as Read<'a>>::Error>> {
        let (mut letters, mut values) = (0, 0);
        for _ in 0..Array::len(pack)?.unwrap_or(0) {
            for _ in 0..Map::len(pack)?.unwrap_or(0) {
                match i8::decode(pack)? {
                    0 | 1 => letters += <&str>::decode(pack)?.len(),
                    2 => values ^= f32::decode(pack)?.to_bits(),
                    _ => {
                        IgnoredAny::decode(pack)?;
                    }
                }
            }
        }
        Ok((letters, values))
    }
    let found = read(&mut SliceReader::new(black_box(&SCRIPT)));
    found.is_ok_and(|found| found == (18, 0x41BB_999A ^ 0x4224_CCCD ^ 0x47C5_E680))
}

/// With floats of 64 bits, the only ones it has.
#[cfg(feature = "peer-decode-senml-cbor")]
#[inline(never)]
pub(crate) fn senml_cbor() -> bool {
    use senml_cbor::Record;

    static SCRIPT: [u8; 64] =
        *b"\x83\xA3\x00\x64temp\x01\x63Cel\x02\xFB\x40\x37\x73\x33\x33\x33\x33\x33\
        \xA3\x00\x62rh\x01\x63%RH\x02\xFB\x40\x44\x99\x99\x99\x99\x99\x9A\
        \xA3\x00\x64pres\x01\x62Pa\x02\xFB\x40\xF8\xBC\xD0\x00\x00\x00\x00";
    let mut readings = [Record::empty(), Record::empty(), Record::empty()];
    if senml_cbor::cbor::decode(black_box(&SCRIPT), &mut readings).ok() != Some(3) {
        return false;
    }
    let letters = |it: &Record<'_>| it.name.map_or(0, str::len) + it.unit.map_or(0, str::len);
    let letters: usize = readings.iter().map(letters).sum();
    let value = |it: &Record<'_>| it.value.is_some_and(|value| value.to_bits() != 0);
    letters == 18 && black_box(readings).iter().all(value)
}

/// Out of JSON, with floats.
#[cfg(feature = "peer-decode-json")]
#[inline(never)]
pub(crate) fn json() -> bool {
    #[derive(serde::Deserialize)]
    struct Reading<'a> {
        n: &'a str,
        u: &'a str,
        v: f32,
    }
    static SCRIPT: [u8; 97] = *b"[{\"n\":\"temp\",\"u\":\"Cel\",\"v\":23.45},\
        {\"n\":\"rh\",\"u\":\"%RH\",\"v\":41.2},{\"n\":\"pres\",\"u\":\"Pa\",\"v\":101325}]";
    let Ok((readings, _)) = serde_json_core::from_slice::<[Reading<'_>; 3]>(black_box(&SCRIPT))
    else {
        return false;
    };
    let letters = |it: &Reading<'_>| it.n.len() + it.u.len();
    let letters: usize = readings.iter().map(letters).sum();
    letters == 18 && black_box(readings).iter().all(|it| it.v.to_bits() != 0)
}
