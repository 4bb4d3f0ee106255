//! Channels derived from others: humidity in other measures, pressure at sea level.
//!
//! All in integers. Each item names its formula, its source, and the largest difference to the same
//! formula in f64 over a stated range; what the formula itself misses of nature is not in it.
//!
//! A derived value has a channel of its own, and is put into the sample beside what it is made of:
//!
//! ```
//! use sundew_units::derived::Magnus;
//! use sundew_units::{Channel, ChannelId, Quantity, Sample};
//!
//! static AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
//! static DAMP: Channel = Channel::new(ChannelId(2), "damp", Quantity::RelativeHumidity, -2);
//! static DEW: Channel = Channel::new(ChannelId(3), "dew", Quantity::DewPoint, -2);
//!
//! let mut sample = Sample::new();
//! let (air, damp) = (2_345, 5_678); // from a driver: 23.45 Cel, 56.78 %RH
//! sample.push(&AIR, air)?;
//! sample.push(&DAMP, damp)?;
//! let dew = Magnus::WATER.dew_point(air, damp);
//! sample.push_marked(DEW.id(), dew.mantissa, dew.quality)?;
//! assert_eq!(sample.values().last().map(|(_, value, _)| value), Some(1_438)); // 14.38 Cel
//! # Ok::<(), sundew_units::SampleFull>(())
//! ```

mod humidity;
mod power;
mod sea_level;

pub use humidity::Magnus;
pub use sea_level::{SeaLevel, sea_level};
