//! The device: its channels, its place in flash, its schedule.

use sundew::codec::descriptor;
use sundew::core::{FlashMap, Owner, Region};
use sundew::identity::Identity;
use sundew::node::profile::Profile;
use sundew::node::{Config, Task};
use sundew::queue::policy::Retry;
use sundew::store::Settings;
use sundew::units::{Channel, ChannelId, Device, Quantity};

/// Reports the air temperature in steps of 0.01 Cel.
pub const AIR: Channel =
    Channel::new(ChannelId(1), "air", Quantity::Temperature, -2).with_range(-4_000, 12_500);

/// Reports the relative humidity in steps of 0.01 %RH.
pub const HUMIDITY: Channel =
    Channel::new(ChannelId(2), "humidity", Quantity::RelativeHumidity, -2).with_range(0, 10_000);

/// Sets the seconds between two readings, in steps of 0.1 s.
pub const INTERVAL: Channel =
    Channel::new(ChannelId(9), "interval", Quantity::Duration, -1).with_range(1, 36_000).writable();

/// Describes a station with a temperature and humidity sensor.
pub const WEATHER: Device = Device::new("weather", 1, &[AIR, HUMIDITY, INTERVAL]);

/// Reads the sensors every half second, until a command says otherwise.
pub const SCHEDULE: [Task; 1] = [Task::every_millis(500).set_by(&INTERVAL)];

/// Holds the queue: 64 KiB are some 1,500 records.
pub const QUEUE: Region = Region::new(0, 0x1_0000);

/// Holds the counters of starts, which record counts, and what commands have set.
pub const SETTINGS: Region = Region::new(0x1_0000, 0x4000);

/// Holds two copies of the device record.
pub const IDENTITY: Region = Region::new(0x1_4000, 0x2000);

/// Keeps the device record.
pub const RECORD: Identity = Identity::new(IDENTITY, Settings::new(SETTINGS));

/// Maps the 1 MiB of flash that both boards have, in pages of 4 KiB.
pub const FLASH_MAP: FlashMap = FlashMap::new(0x10_0000, 0x1000)
    .with(Owner::Queue, QUEUE)
    .with(Owner::Settings, SETTINGS)
    .with(Owner::Identity, IDENTITY);

/// Holds the bytes of one message: 8 to 14 samples of two values in SenML, more in columns.
pub const FRAME: usize = 512;

// What the node announces at birth must fit: nobody could read compact frames without it.
const _: () = assert!(descriptor::len(&WEATHER) <= FRAME);

/// Describes the node: it tries again after 0.3 to 5 s, since its broker is next door.
pub const fn config<P: Profile>(profile: P) -> Config<1, P> {
    Config::new(&WEATHER, SCHEDULE, QUEUE, SETTINGS).profile(profile).retry(Retry::new(300, 5_000))
}

/// Holds a moment that has surely passed, for boards that do not know the time: 2026-01-01.
pub(crate) const TIME_FLOOR: u64 = 1_767_225_600;
