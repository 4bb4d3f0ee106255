//! What is fixed about a node before it runs.

use core::marker::PhantomData;

use sundew_core::Region;
use sundew_queue::policy::Retry;
use sundew_queue::{Class, Effort, Priority, WhenFull};
use sundew_store::Key;
use sundew_units::{Channel, Dec, Device};

use super::profile::{Profile, Senml};

/// Says when one group of sensors is read.
///
/// ```
/// use sundew::node::Task;
/// use sundew::units::{Channel, ChannelId, Quantity};
///
/// const INTERVAL: Channel =
///     Channel::new(ChannelId(9), "interval", Quantity::Duration, 0).with_range(1, 3_600).writable();
/// const WEATHER: Task = Task::every_millis(60_000).set_by(&INTERVAL);
/// assert_eq!(WEATHER.interval_channel().unwrap().name(), "interval");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Task {
    every_millis: u32,
    interval: Option<&'static Channel>,
    class: Class,
}

impl Task {
    /// Reads every `every_millis` milliseconds; 0 counts as 1.
    pub const fn every_millis(every_millis: u32) -> Self {
        let every_millis = if every_millis == 0 { 1 } else { every_millis };
        Self { every_millis, interval: None, class: ORDINARY }
    }

    /// Lets a command on `channel` change the interval.
    ///
    /// The channel's values are seconds; its range bounds what a command may ask for. What was set
    /// is kept in flash and holds after a restart.
    #[must_use]
    pub const fn set_by(mut self, channel: &'static Channel) -> Self {
        self.interval = Some(channel);
        self
    }

    /// Says how much the readings matter: the line in which they wait, and how hard to try.
    ///
    /// Alarms go first and are dropped last, diagnostics the other way round.
    #[must_use]
    pub const fn class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    /// Returns how much the readings matter.
    pub const fn waits(&self) -> Class {
        self.class
    }

    /// Returns the interval in milliseconds that holds until a command changes it.
    pub const fn millis(&self) -> u32 {
        self.every_millis
    }

    /// Returns the channel that sets the interval, if one does.
    pub const fn interval_channel(&self) -> Option<&'static Channel> {
        self.interval
    }
}

/// The class of readings that nothing is said about.
const ORDINARY: Class = Class { priority: Priority::Normal, effort: Effort::UntilTaken };

/// Converts a value of an interval channel to milliseconds; `None` below 1 ms or past 2^31 ms.
pub(super) const fn interval_millis(channel: &Channel, mantissa: i32) -> Option<u32> {
    match Dec::new(mantissa, channel.exponent()).at_exponent(-3) {
        Some(millis) if millis.mantissa() > 0 => Some(millis.mantissa().unsigned_abs()),
        _ => None,
    }
}

/// Returns the key under which the interval of a task is kept; `None` past the 16th.
pub(super) fn interval_key(task: usize) -> Option<Key> {
    u8::try_from(task).ok().and_then(Key::interval)
}

/// Says when the node wants a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Presence {
    /// Wants a link at all times, so that commands arrive at once.
    #[default]
    Always,
    /// Wants a link while there is something to deliver; the board may drop it once
    /// [`Node::queue`](super::Node::queue) is empty. Commands are taken meanwhile.
    ToDeliver,
}

/// Holds what is fixed about a node: its table of channels, its schedule, its place in flash.
///
/// ```
/// use sundew::core::{FlashMap, Owner, Region};
/// use sundew::node::{Config, Presence, Task};
/// use sundew::queue::{WhenFull, policy::Retry};
/// use sundew::units::{Channel, ChannelId, Device, Quantity};
///
/// const QUEUE: Region = Region::new(0, 0x8000);
/// const SETTINGS: Region = Region::new(0x8000, 0x2000);
/// // Stops the build where two owners overlap or a page is cut.
/// const _: FlashMap =
///     FlashMap::new(0x10_0000, 0x1000).with(Owner::Queue, QUEUE).with(Owner::Settings, SETTINGS);
///
/// static LEVEL: Channel = Channel::new(ChannelId(1), "level", Quantity::BatteryLevel, 0);
/// static DEVICE: Device = Device::new("gauge", 1, &[LEVEL]);
/// const CONFIG: Config<1> =
///     Config::new(&DEVICE, [Task::every_millis(3_600_000)], QUEUE, SETTINGS)
///         .when_full(WhenFull::DropOldest)
///         .presence(Presence::ToDeliver)
///         .retry(Retry::new(5_000, 900_000));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Config<const TASKS: usize, P = Senml> {
    pub(super) device: &'static Device,
    pub(super) tasks: [Task; TASKS],
    pub(super) queue: Region,
    pub(super) settings: Region,
    pub(super) when_full: WhenFull,
    pub(super) presence: Presence,
    pub(super) retry: Retry,
    pub(super) losses: Option<Losses>,
    profile: PhantomData<P>,
}

impl<const TASKS: usize> Config<TASKS> {
    /// Describes a node of model `device` that reads its sensors by `tasks` and keeps its records
    /// in the flash region `queue`, boot count and settings in `settings`.
    ///
    /// The queue refuses new records when it is full, the node wants a link at all times, tries
    /// again after 1 s, growing to 5 minutes, and speaks SenML; the methods below change that.
    pub const fn new(
        device: &'static Device,
        tasks: [Task; TASKS],
        queue: Region,
        settings: Region,
    ) -> Self {
        Self {
            device,
            tasks,
            queue,
            settings,
            when_full: WhenFull::RefuseNew,
            presence: Presence::Always,
            retry: Retry::new(1_000, 300_000),
            losses: None,
            profile: PhantomData,
        }
    }

    /// Says how the node speaks to its collector, such as [`Compact`](super::profile::Compact).
    #[must_use]
    pub const fn profile<P: Profile>(self, _: P) -> Config<TASKS, P> {
        let Self { device, tasks, queue, settings, when_full, presence, retry, losses, .. } = self;
        let profile = PhantomData;
        Config { device, tasks, queue, settings, when_full, presence, retry, losses, profile }
    }
}

impl<const TASKS: usize, P: Profile> Config<TASKS, P> {
    /// Says what happens to a record when the queue is full.
    #[must_use]
    pub const fn when_full(mut self, when_full: WhenFull) -> Self {
        self.when_full = when_full;
        self
    }

    /// Says when the node wants a link.
    #[must_use]
    pub const fn presence(mut self, presence: Presence) -> Self {
        self.presence = presence;
        self
    }

    /// Says how attempts at a link and messages are spread over time.
    #[must_use]
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Makes readings of what the queue had to drop or refuse, so that collectors know what they
    /// miss: recorded at low priority once the queue has been emptied and a count has grown.
    #[must_use]
    pub const fn losses(mut self, losses: Losses) -> Self {
        self.losses = Some(losses);
        self
    }
}

/// Names the channels of the device that carry what its queue lost; all count from boot.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the three ways in which a record can be lost")]
pub struct Losses {
    /// Counts records dropped to make room.
    pub dropped: &'static Channel,
    /// Counts records that a full queue did not take.
    pub refused: &'static Channel,
    /// Counts records that could not be read.
    pub unreadable: &'static Channel,
}
