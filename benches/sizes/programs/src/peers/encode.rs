//! `peer-encode-*`: the three readings of `senml-encode` with other encoders. Exact decimals take
//! 54 bytes, floats of 32 bits 52, of 64 bits 64, JSON 97.

#![allow(unused_imports, reason = "each program uses its own")]

use core::hint::black_box;

/// With the general encoder.
#[cfg(feature = "peer-encode-sundew")]
#[inline(never)]
pub(crate) fn sundew(frame: &mut [u8]) -> bool {
    use sundew_codec::senml::{PackEncoder, Record};
    use sundew_units::{Channel, ChannelId, Quantity};

    static CHANNELS: [Channel; 3] = [
        Channel::new(ChannelId(1), "temp", Quantity::Temperature, -2),
        Channel::new(ChannelId(2), "rh", Quantity::RelativeHumidity, -1),
        Channel::new(ChannelId(3), "pres", Quantity::AirPressure, 0),
    ];
    let mut pack = PackEncoder::new(frame, "");
    let values = [black_box(2_345), black_box(412), black_box(101_325)];
    for (channel, value) in CHANNELS.iter().zip(values) {
        if pack.push(&Record::of(channel, value)).is_err() {
            return false;
        }
    }
    black_box(pack.finish()).len() == 54
}

/// Written by hand, with decimal fractions.
#[cfg(feature = "peer-encode-minicbor")]
#[inline(never)]
pub(crate) fn minicbor(frame: &mut [u8]) -> bool {
    use minicbor::data::Tag;
    use minicbor::encode::write::{Cursor, EndOfSlice};
    use minicbor::encode::{Encoder, Error};

    fn write(pack: &mut Encoder<Cursor<&mut [u8]>>) -> Result<(), Error<EndOfSlice>> {
        pack.array(3)?;
        let readings = [
            ("temp", "Cel", -2, black_box(2_345)),
            ("rh", "%RH", -1, black_box(412)),
            ("pres", "Pa", 0, black_box(101_325)),
        ];
        for (name, unit, exponent, mantissa) in readings {
            pack.map(3)?.u8(0)?.str(name)?.u8(1)?.str(unit)?.u8(2)?;
            if exponent != 0 {
                pack.tag(Tag::new(4))?.array(2)?.i8(exponent)?;
            }
            pack.i32(mantissa)?;
        }
        Ok(())
    }
    let mut pack = Encoder::new(Cursor::new(frame));
    black_box(write(&mut pack)).is_ok() && pack.writer().position() == 54
}

/// Derived, with floats.
#[cfg(feature = "peer-encode-minicbor-derive")]
#[inline(never)]
pub(crate) fn minicbor_derive(frame: &mut [u8]) -> bool {
    use minicbor::encode::write::Cursor;

    #[derive(minicbor::Encode)]
    #[cbor(map)]
    struct Reading<'a> {
        #[n(0)]
        name: &'a str,
        #[n(1)]
        unit: &'a str,
        #[n(2)]
        value: f32,
    }
    let readings = [
        Reading { name: "temp", unit: "Cel", value: black_box(23.45) },
        Reading { name: "rh", unit: "%RH", value: black_box(41.2) },
        Reading { name: "pres", unit: "Pa", value: black_box(101_325.0) },
    ];
    let mut cursor = Cursor::new(frame);
    black_box(minicbor::encode(&readings, &mut cursor)).is_ok() && cursor.position() == 52
}

/// Written by hand, with floats.
#[cfg(feature = "peer-encode-cbor4ii")]
#[inline(never)]
pub(crate) fn cbor4ii(frame: &mut [u8]) -> bool {
    use cbor4ii::core::enc::{Encode, Error, Write};
    use cbor4ii::core::types::{Array, Map};

    #[derive(Debug)]
    struct Full;

    impl core::fmt::Display for Full {
        fn fmt(&self, _: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            Ok(())
        }
    }

    impl core::error::Error for Full {}

    /// The crate brings a writer for a `Vec` only.
    struct Slice<'b>(&'b mut [u8]);

    impl Write for Slice<'_> {
        type Error = Full;

        fn push(&mut self, input: &[u8]) -> Result<(), Full> {
            let (to, rest) =
                core::mem::take(&mut self.0).split_at_mut_checked(input.len()).ok_or(Full)?;
            to.copy_from_slice(input);
            self.0 = rest;
            Ok(())
        }
    }

    fn write(pack: &mut Slice<'_>) -> Result<(), Error<Full>> {
        Array::bounded(3, pack)?;
        let readings = [
            ("temp", "Cel", black_box(23.45_f32)),
            ("rh", "%RH", black_box(41.2)),
            ("pres", "Pa", black_box(101_325.0)),
        ];
        for (name, unit, value) in readings {
            Map::bounded(3, pack)?;
            0_u8.encode(pack)?;
            name.encode(pack)?;
            1_u8.encode(pack)?;
            unit.encode(pack)?;
            2_u8.encode(pack)?;
            value.encode(pack)?;
        }
        Ok(())
    }
    let size = frame.len();
    let mut pack = Slice(frame);
    black_box(write(&mut pack)).is_ok() && size - pack.0.len() == 52
}

/// With floats of 64 bits, the only ones it has.
#[cfg(feature = "peer-encode-senml-cbor")]
#[inline(never)]
pub(crate) fn senml_cbor(frame: &mut [u8]) -> bool {
    use senml_cbor::Record;

    let reading = |name, unit, value| Record {
        name: Some(name),
        unit: Some(unit),
        value: Some(value),
        ..Record::empty()
    };
    let readings = [
        reading("temp", "Cel", black_box(23.45)),
        reading("rh", "%RH", black_box(41.2)),
        reading("pres", "Pa", black_box(101_325.0)),
    ];
    black_box(senml_cbor::cbor::encode(&readings, frame)).is_ok_and(|len| len == 64)
}

/// As JSON, with floats.
#[cfg(feature = "peer-encode-json")]
#[inline(never)]
pub(crate) fn json(frame: &mut [u8]) -> bool {
    #[derive(serde::Serialize)]
    struct Reading<'a> {
        n: &'a str,
        u: &'a str,
        v: f32,
    }
    let readings = [
        Reading { n: "temp", u: "Cel", v: black_box(23.45) },
        Reading { n: "rh", u: "%RH", v: black_box(41.2) },
        Reading { n: "pres", u: "Pa", v: black_box(101_325.0) },
    ];
    black_box(serde_json_core::to_slice(&readings, frame)).is_ok_and(|len| len > 90)
}
