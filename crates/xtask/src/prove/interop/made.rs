//! Devices and rows by chance, as a node could have them.

use sundew_codec::{FIRST_ABSOLUTE, Origin, Row, Time, record};
use sundew_units::{Channel, ChannelId, Device, Kind, Quality, Quantity, Unit};

use crate::demo::Choices;
use crate::failure::{Context, Failure};

/// Holds one model of device with some of its rows.
pub(super) struct Made {
    pub(super) device: Device,
    pub(super) base_name: String,
    pub(super) rows: Vec<MadeRow>,
}

/// Holds values that were taken together.
pub(super) struct MadeRow {
    pub(super) values: Vec<(ChannelId, i32, Quality)>,
    pub(super) time: Time,
    pub(super) origin: Option<Origin>,
    stored: Vec<u8>,
}

impl MadeRow {
    /// Returns the row as the queue gives it.
    pub(super) fn row(&self) -> Result<Row<'_>, Failure> {
        let values = record::decode(&self.stored).context(|| "a record of our own")?;
        let row = Row::new(values).at(self.time);
        Ok(match self.origin {
            Some(origin) => row.with_origin(origin),
            None => row,
        })
    }
}

/// Every quantity, by this list's own count.
const QUANTITIES: [Quantity; 39] = [
    Quantity::Temperature,
    Quantity::RelativeHumidity,
    Quantity::AirPressure,
    Quantity::WindSpeed,
    Quantity::WindDirection,
    Quantity::Rainfall,
    Quantity::Voltage,
    Quantity::Current,
    Quantity::Power,
    Quantity::Energy,
    Quantity::Illuminance,
    Quantity::BatteryLevel,
    Quantity::Duration,
    Quantity::Count,
    Quantity::State,
    Quantity::Distance,
    Quantity::Mass,
    Quantity::Acceleration,
    Quantity::MagneticFluxDensity,
    Quantity::Resistance,
    Quantity::CarbonDioxide,
    Quantity::ParticulateMatter,
    Quantity::AbsoluteHumidity,
    Quantity::SeaLevelPressure,
    Quantity::DewPoint,
    Quantity::SoilMoisture,
    Quantity::Volume,
    Quantity::VolumeFlow,
    Quantity::RainRate,
    Quantity::EventRate,
    Quantity::VolatileOrganics,
    Quantity::RawSignal,
    Quantity::Angle,
    Quantity::Irradiance,
    Quantity::Charge,
    Quantity::Frequency,
    Quantity::Acidity,
    Quantity::Conductivity,
    Quantity::Share,
];

/// Returns every pair of a quantity and a unit that measures it.
pub(super) fn pairs() -> impl Iterator<Item = (Quantity, Unit)> {
    QUANTITIES.into_iter().flat_map(|quantity| units(quantity).map(move |unit| (quantity, unit)))
}

fn units(quantity: Quantity) -> impl Iterator<Item = Unit> {
    let canonical = quantity.canonical_unit();
    (0..=u8::MAX)
        .filter_map(Unit::from_number)
        .filter(move |unit| unit.is_convertible_to(canonical))
}

/// Makes a device of 1 to 14 channels and up to 24 rows of it.
pub(super) fn make(choices: &mut Choices) -> Result<Made, Failure> {
    let count = 1 + choices.below(14);
    let mut channels: Vec<Channel> = Vec::new();
    let mut id = 0_u8;
    let mut retired = Vec::new();
    for _ in 0..count {
        if choices.below(6) == 0 {
            id += 1;
            retired.push(ChannelId(id));
        }
        id += 1;
        channels.push(channel(id, choices));
    }
    let version = 1 + u16::try_from(choices.below(110)).unwrap_or(0);
    let model = format!("model-{}", choices.below(1_000));
    // A device is a constant; the few bytes of each made one are held to the end of the run.
    let device = Device::new(leak(model), version, Vec::leak(channels));
    let device = device.with_retired(Vec::leak(retired));
    let rows = rows(&device, choices)?;
    Ok(Made { device, base_name: format!("urn:dev:mac:{:012x}:", choices.below(1 << 48)), rows })
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn channel(id: u8, choices: &mut Choices) -> Channel {
    let pick = usize::try_from(choices.below(QUANTITIES.len() as u64)).unwrap_or(0);
    let quantity = QUANTITIES.get(pick).copied().unwrap_or(Quantity::Temperature);
    let all: Vec<Unit> = units(quantity).collect();
    let pick = usize::try_from(choices.below(2 * all.len() as u64)).unwrap_or(0);
    let unit = all.get(pick).copied().unwrap_or(quantity.canonical_unit());
    let exponent = match choices.below(8) {
        0 => i8::try_from(choices.below(13)).unwrap_or(0) - 9,
        places => -i8::try_from(places % 4).unwrap_or(0),
    };
    let form = ["t", "air/t", "soil-2.t", "0:x_y"];
    let form = form.get(usize::try_from(choices.below(4)).unwrap_or(0)).copied().unwrap_or("t");
    let channel = Channel::new(ChannelId(id), leak(format!("{form}{id}")), quantity, exponent);
    let channel = channel.with_unit(unit);
    let width = 1 + choices.below(30);
    let modulus = u32::try_from(2 + choices.below(1 << width)).unwrap_or(2);
    let channel = match choices.below(8) {
        0 => channel.with_kind(Kind::Counter { modulus }),
        1 => channel.with_kind(Kind::CounterSinceBoot { modulus }),
        2 => channel.with_kind(Kind::State),
        3 => channel.with_kind(Kind::Event),
        4 => channel,
        _ => {
            let (a, b) = (any(choices), any(choices));
            channel.with_range(a.min(b), a.max(b))
        }
    };
    let channel = if choices.below(4) == 0 { channel.writable() } else { channel };
    let spare = u8::try_from(choices.below(5)).unwrap_or(0);
    match channel.bits().saturating_add(spare) {
        bits @ ..=32 => channel.with_bits(bits),
        _ => channel,
    }
}

/// Returns any number, small ones often.
fn any(choices: &mut Choices) -> i32 {
    let width = choices.below(33);
    let number = u32::try_from(choices.below(1 << width)).unwrap_or(0).cast_signed();
    if choices.below(2) == 0 { number } else { !number }
}

fn rows(device: &Device, choices: &mut Choices) -> Result<Vec<MadeRow>, Failure> {
    let count = if choices.below(3) == 0 { 1 } else { 1 + choices.below(24) };
    let form = choices.below(4);
    let step = choices.below(4_000);
    let jitter = 1 + choices.below(3) * choices.below(40);
    let start = choices.below(1 << 30);
    let origin = (choices.below(4) > 0).then(|| choices.below(1 << 16));
    let mut sequence = choices.below(1 << 31);
    let sparse = choices.below(3);
    let wild = choices.below(3) == 0;
    let mut last: Vec<Option<i32>> = vec![None; device.channels().len()];
    let mut rows = Vec::new();
    for at in 0..count {
        let seconds = start + at * step + choices.below(jitter);
        let small = u32::try_from(seconds).unwrap_or(0);
        let time = match form {
            0 => Time::SinceBoot(small),
            1 => Time::FromNow(-i32::try_from(seconds).unwrap_or(0)),
            2 if count == 1 => Time::NOW,
            _ => Time::Unix(FIRST_ABSOLUTE + small),
        };
        let boot = origin.and_then(|boot| u16::try_from(boot).ok());
        // A time since boot says nothing without the boot.
        let boot = if form == 0 { boot.or(Some(3)) } else { boot };
        let mut values = Vec::new();
        for (channel, last) in device.channels().iter().zip(&mut last) {
            if sparse == 2 && choices.below(3) == 0 {
                continue;
            }
            let mantissa = value(channel, *last, wild, choices);
            *last = Some(mantissa);
            let number = u8::try_from(choices.below(60)).unwrap_or(0);
            let quality = Quality::from_number(number).unwrap_or(Quality::Good);
            values.push((channel.id(), mantissa, quality));
        }
        let mut stored = vec![0; record::capacity(values.len())];
        let len = record::encode(device.version(), values.iter().copied(), &mut stored)
            .context(|| "a record")?;
        stored.truncate(len);
        let origin = boot.map(|boot| Origin::new(boot, u32::try_from(sequence).unwrap_or(0)));
        sequence += 1 + u64::from(sparse == 1) * choices.below(3);
        rows.push(MadeRow { values, time, origin, stored });
    }
    Ok(rows)
}

/// Returns a value in the channel's range: near the one before, or `wild`, anywhere.
fn value(channel: &Channel, last: Option<i32>, wild: bool, choices: &mut Choices) -> i32 {
    let (low, high) = channel.range();
    let span = u64::from(high.wrapping_sub(low).cast_unsigned()) + 1;
    let anywhere = |choices: &mut Choices| {
        let above = u32::try_from(choices.below(span)).unwrap_or(0);
        low.wrapping_add(above.cast_signed())
    };
    match (last, choices.below(20)) {
        (_, 0) => low,
        (_, 1) => high,
        (Some(last), 2..) if !wild => {
            let step = i32::try_from(choices.below(200)).unwrap_or(0) - 100;
            last.saturating_add(step).clamp(low, high)
        }
        _ => anywhere(choices),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_every_quantity_once() {
        for (number, quantity) in QUANTITIES.into_iter().enumerate() {
            assert_eq!(usize::from(quantity as u8), number);
        }
    }

    #[test]
    fn a_seed_repeats_its_devices() {
        let texts = |seed| {
            let mut choices = Choices::from_seed(seed);
            let made = make(&mut choices).unwrap();
            let rows: Vec<_> = made.rows.iter().map(|row| row.values.clone()).collect();
            format!("{:?} {rows:?}", made.device)
        };
        assert_eq!(texts(1), texts(1));
        assert_ne!(texts(1), texts(2));
    }
}
