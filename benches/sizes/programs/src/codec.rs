//! `codec-record`, `codec-encode`, `codec-decode`: three readings into what the queue keeps and back;
//! into a SenML pack; out of one.

use core::hint::black_box;

#[cfg(feature = "codec-record")]
#[inline(never)]
pub(crate) fn record() -> bool {
    use sundew_codec::record;
    use sundew_units::{ChannelId, Quality};

    let values = black_box([(1, 2_345), (2, 4_500), (3, -105)])
        .map(|(id, value)| (ChannelId(id), value, Quality::Good));
    let mut bytes = [0; record::capacity(3)];
    let Ok(length) = record::encode(black_box(1), values, &mut bytes) else { return false };
    let Ok(decoded) = record::decode(bytes.get(..length).unwrap_or_default()) else {
        return false;
    };
    decoded.eq(values.map(Ok))
}

#[cfg(feature = "codec-encode")]
#[inline(never)]
pub(crate) fn encode() -> bool {
    use sundew_codec::{
        Origin, Time,
        senml::{PackEncoder, Record},
    };
    use sundew_units::{Channel, ChannelId, Quantity};

    static CHANNELS: [Channel; 3] = [
        Channel::new(ChannelId(1), "air", Quantity::Temperature, -2),
        Channel::new(ChannelId(2), "damp", Quantity::RelativeHumidity, -2),
        Channel::new(ChannelId(3), "soil", Quantity::Temperature, -1),
    ];
    let mut payload = [0; 128];
    let mut pack = PackEncoder::new(&mut payload, "urn:dev:mac:0024befffe804ff1:");
    let time = Time::Unix(black_box(1_700_000_000));
    for (channel, value) in CHANNELS.iter().zip(black_box([2_345, 4_500, -105])) {
        let record = Record::of(channel, value).at(time).with_origin(Origin::new(3, 1_041));
        if pack.push(&record).is_err() {
            return false;
        }
    }
    black_box(pack.finish()).len() == 121
}

#[cfg(feature = "codec-decode")]
#[inline(never)]
pub(crate) fn decode() -> bool {
    use sundew_codec::{Time, senml::PackDecoder};

    // What `encode` makes.
    static PACK: &[u8] = include_bytes!("pack.cbor");
    let mut sum = 0;
    for record in PackDecoder::new(black_box(PACK)) {
        let Ok(record) = record else { return false };
        let Some(value) = record.value.and_then(|value| value.dec()) else { return false };
        if record.time != Time::Unix(1_700_000_000) {
            return false;
        }
        sum += value.mantissa();
    }
    sum == 2_345 + 4_500 - 105
}
