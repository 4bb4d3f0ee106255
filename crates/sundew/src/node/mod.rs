//! The node: the one place where sensors, queue, codec and link meet.
//!
//! A board calls [`Node::poll`] and sleeps until the moment it names. Each call does one thing at
//! most: it reads one group of sensors, takes one message from the link, or sends one. The path of
//! a value is always the same: sensor, [`Sample`](sundew_units::Sample), record in flash, batch,
//! link, and back comes the acknowledgement on which the flash lets go of it.
//!
//! Readings stay readings until they are sent: the flash keeps bare integers, and the node's
//! [`profile`] makes of them what the link takes at that moment. Before the first reading of each
//! boot it announces what the device is, where the link has room for that: the descriptor of its
//! channels, with which a collector reads every profile.
//!
//! The node waits for nothing. Sampling goes on while an acknowledgement is awaited, while the
//! link is down, and, through [`Node::sample`], while a board is busy bringing one up.
//!
//! # With an executor
//!
//! The feature `async` adds `poll_async` and `sample_async`, for a `LinkAsync` and an
//! `ApplicationAsync`. `poll_async` waits within the link until something comes in, so a task races
//! it against the moment that the step before named:
//!
//! ```
//! # #[cfg(feature = "async")]
//! # async fn run<A, L, F>(
//! #     mut node: sundew::node::Node<'_, A, 1, 256>, mut link: L, mut flash: F,
//! #     now: fn() -> sundew::core::Ticks, timer: impl AsyncFn(sundew::core::Ticks),
//! # ) where
//! #     A: sundew::node::ApplicationAsync,
//! #     L: sundew::transport::link::LinkAsync,
//! #     F: embedded_storage::nor_flash::NorFlash,
//! # {
//! # /// Stands for `embassy_futures::select::select`.
//! # async fn select<T>(work: impl Future<Output = T>, other: impl Future<Output = ()>) -> Option<T> {
//! #     use core::{future::poll_fn, pin::pin, task::Poll};
//! #     let (mut work, mut other) = (pin!(work), pin!(other));
//! #     poll_fn(|context| match work.as_mut().poll(context) {
//! #         Poll::Ready(value) => Poll::Ready(Some(value)),
//! #         Poll::Pending => other.as_mut().poll(context).map(|()| None),
//! #     })
//! #     .await
//! # }
//! let mut wake_at = now();
//! loop {
//!     let work = node.poll_async(now(), &mut link, &mut flash);
//!     if let Some(step) = select(work, timer(wake_at)).await {
//!         wake_at = step.wake_at;
//!         // step.event, step.need_link
//!     }
//! }
//! # }
//! ```

mod application;
mod command;
mod config;
mod delivery;
mod exchange;
pub mod profile;
mod sampling;
mod schedule;
mod step;
mod uptime;

use embedded_storage::nor_flash::NorFlash;
use sundew_core::Ticks;
use sundew_queue::policy::{Jitter, Policy};
use sundew_queue::{Counters, Queue};
use sundew_store::Settings;
use sundew_store::log::NorLog;
use sundew_transport::link::Link;
#[cfg(feature = "async")]
use sundew_transport::link::LinkAsync;

pub use application::Application;
#[cfg(feature = "async")]
pub use application::ApplicationAsync;
pub use command::CommandError;
pub use config::{Config, Losses, Presence, Task};
pub use step::{Event, OpenError, Refusal, Step};

use command::Commands;
use delivery::Flight;
use profile::{Profile, Senml, Speaker};
use schedule::Schedule;
use uptime::Uptime;

/// Joins sensors, queue and link of one device.
///
/// The board holds clock, link and flash, and lends them to each call:
///
/// ```
/// use sundew::core::{Region, Ticks};
/// use sundew::node::{Config, Event, Node, Task};
/// use sundew::sensors::Mounted;
/// use sundew::sensors::sht4x::{self, Sht4x};
/// use sundew::transport::link::NoLink;
/// use sundew::units::{Channel, ChannelId, Device, Quantity};
/// use sundew_testkit::{SimBus, SimClock, SimFlash, SimSht4x};
///
/// static AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
/// static DAMP: Channel = Channel::new(ChannelId(2), "damp", Quantity::RelativeHumidity, -2);
/// static DEVICE: Device = Device::new("hut", 1, &[AIR, DAMP]);
/// const EVERY_MINUTE: [Task; 1] = [Task::every_millis(60_000)];
/// const CONFIG: Config<1> =
///     Config::new(&DEVICE, EVERY_MINUTE, Region::new(0, 0x4000), Region::new(0x4000, 0x2000));
///
/// // Simulated parts; on a board these are the HAL's.
/// let clock = SimClock::new();
/// let part = SimSht4x::new(&clock, 0x44);
/// let bus = SimBus::new([&part]);
/// let mut flash = SimFlash::<0x6000, 0x1000, 4>::new();
///
/// let driver = Sht4x::new(&bus, sht4x::Address::A, sht4x::Precision::High);
/// let sensor = Mounted::new(driver, [&AIR, &DAMP])?;
/// let now = Ticks::from_millis(clock.millis());
/// let mut node: Node<'_, _, 1, 128> = Node::open(CONFIG, "hut-1/", sensor, 1, now, &mut flash)?;
/// let mut recorded = 0;
/// while recorded < 3 {
///     let now = Ticks::from_millis(clock.millis());
///     let step = node.poll(now, &mut NoLink, &mut flash);
///     assert!(step.need_link || step.event.is_some());
///     if let Some(Event::Recorded { .. }) = step.event {
///         recorded += 1;
///     }
///     clock.advance_millis(step.wake_at.since(now)); // sleep
/// }
/// assert!(!node.queue().is_empty()); // durable, and waiting for a link
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// `A` is the application with its sensors, `TASKS` the length of the schedule, `FRAME` the bytes
/// of the buffer in which messages are put together; what is longer than it, or than the link's
/// payload, waits for the next message. A command is taken into the same buffer. `P` is how the
/// node speaks.
///
/// *RAM*: 236 bytes on thumbv6m, 24 for each task, `FRAME` and the application; 28 more where `P`
/// is [`Tiny`](profile::Tiny). The peak of the stack is that of the programs `node`,
/// `node-compact` and `node-tiny` in the project's `sizes.toml`.
#[derive(Debug)]
pub struct Node<'n, A, const TASKS: usize, const FRAME: usize, P: Profile = Senml> {
    config: Config<TASKS, P>,
    name: &'n str,
    application: A,
    schedule: Schedule<TASKS>,
    uptime: Uptime,
    settings: Settings,
    queue: Queue<NorLog>,
    flight: Option<Flight<P::Left>>,
    /// Remembers what is left of the oldest record, where a link took a part of it.
    left: P::Left,
    commands: Commands,
    /// Tells that the collector was told in this boot what the device is.
    is_announced: bool,
    policy: Policy,
    /// What was made a reading of, of what the queue lost.
    told: Counters,
    /// Tells that the last call sent or took something, so that there may be more at once.
    has_more: bool,
    hold: Hold,
    frame: [u8; FRAME],
}

/// Says why no batch is sent although records wait and the link is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    None,
    /// Not even the oldest record fits a message of so many bytes, nor a smaller one.
    Wider(u16),
    /// The flash failed; it is left alone for a while.
    Until(Ticks),
}

impl<'n, A, const TASKS: usize, const FRAME: usize, P: Profile> Node<'n, A, TASKS, FRAME, P> {
    /// Opens the flash and starts the schedule; every task has its first turn at once.
    ///
    /// `boot` numbers this boot, from [`next_boot`](sundew_identity::next_boot); `name` stands
    /// before the channels' names in every SenML message, such as `station-1/`.
    ///
    /// # Errors
    ///
    /// Returns an error where the queue's or the settings' flash cannot be read, or a region does
    /// not suit the flash. Damaged contents are no error: they cost what they hit.
    ///
    /// *Blocking time*: reads the queue's region once, and the settings' once for each task with an
    /// interval channel. Erases what [`Queue::open`] says.
    pub fn open<F: NorFlash>(
        config: Config<TASKS, P>,
        name: &'n str,
        application: A,
        boot: u16,
        now: Ticks,
        flash: &mut F,
    ) -> Result<Self, OpenError<F::Error>> {
        let mut queue = Queue::new(NorLog::new(config.queue), config.when_full);
        queue.open(flash, boot).map_err(OpenError::Queue)?;
        let settings = Settings::new(config.settings);
        let mut schedule = Schedule::new(&config.tasks, now);
        for (task, planned) in config.tasks.iter().enumerate() {
            let Some(channel) = planned.interval_channel() else { continue };
            let Some(key) = config::interval_key(task) else { continue };
            let mut value = [0; 4];
            let kept = settings.load(flash, key, &mut value).map_err(OpenError::Settings)?;
            let mantissa = i32::from_le_bytes(value);
            let millis = config::interval_millis(channel, mantissa);
            if let (Some(4), Some(millis), true) = (kept, millis, channel.contains(mantissa)) {
                schedule.set_interval(task, now, millis);
            }
        }
        let jitter = Jitter::new(name.as_bytes(), boot, now);
        Ok(Self {
            config,
            name,
            application,
            schedule,
            uptime: Uptime::new(boot, now),
            settings,
            queue,
            flight: None,
            left: P::Left::default(),
            commands: Commands::new(),
            is_announced: false,
            policy: Policy::new(config.retry, jitter, now),
            told: Counters::default(),
            has_more: false,
            hold: Hold::None,
            frame: [0; FRAME],
        })
    }

    /// Tells the node the time: Unix seconds, from a clock that the board trusts.
    ///
    /// Records of this boot that were taken before get their time too, when they are sent. A time
    /// before 1978 comes from a clock that was never set, and leaves the node without one.
    pub fn set_clock(&mut self, now: Ticks, unix: u32) {
        self.uptime.advance(now);
        self.uptime.set_unix(unix);
    }

    /// Tells the node that a link could not be brought up; it waits before it wants one again.
    ///
    /// The pause grows with each failure as [`Config::retry`] says, and is drawn by lot below that,
    /// by the node's name and boot, so that a fleet does not come back at one moment.
    pub fn link_failed(&mut self, now: Ticks) {
        self.forget_link();
        self.policy.link_lost(now);
    }

    /// Returns the queue's knowledge of itself: what waits, and what was dropped.
    pub const fn queue(&self) -> &Queue<NorLog> {
        &self.queue
    }

    /// Counts the records that wait, by reading all of them.
    ///
    /// # Errors
    ///
    /// Returns an error where the flash cannot be read.
    pub fn waiting<F: NorFlash>(
        &mut self,
        flash: &mut F,
    ) -> Result<u32, sundew_queue::Error<F::Error>> {
        self.queue.count(flash)
    }

    /// Returns the application, such as to change a sensor's configuration.
    pub const fn application_mut(&mut self) -> &mut A {
        &mut self.application
    }

    fn speaker(&self) -> Speaker<'n> {
        Speaker { name: self.name, device: self.config.device, unix: self.uptime.unix() }
    }

    fn forget_link(&mut self) {
        self.flight = None;
        self.hold = Hold::None;
    }

    /// Moves on to `now`.
    fn begin(&mut self, now: Ticks) {
        self.uptime.advance(now);
        self.has_more = false;
        // Moments that have passed are forgotten, here and there: 24.8 days later they would lie
        // ahead again.
        self.policy.poll(now);
        if matches!(self.hold, Hold::Until(until) if now.has_reached(until)) {
            self.hold = Hold::None;
        }
    }

    fn step<E, L, F>(
        &self,
        now: Ticks,
        link_is_up: bool,
        link_wakes: Option<Ticks>,
        event: Option<Event<E, L, F>>,
    ) -> Step<E, L, F> {
        let pause = match self.hold {
            Hold::Until(until) => Some(until),
            _ => None,
        };
        let allowed = self.policy.next_wakeup(now);
        let moments = [self.schedule.wake_at(), link_wakes, allowed, pause];
        let wake_at = moments.into_iter().flatten().fold(now.after(LONGEST_SLEEP), Ticks::earlier);
        let has_work = event.is_some() || self.has_more || now.has_reached(wake_at);
        let wants_link = self.config.presence == Presence::Always || !self.queue.is_empty();
        Step {
            wake_at: if has_work { now } else { wake_at },
            need_link: !link_is_up && wants_link && allowed.is_none(),
            event,
        }
    }
}

#[maybe_async_cfg::maybe(
    sync(keep_self),
    async(
        keep_self,
        feature = "async",
        idents(
            Application(async = "ApplicationAsync"),
            Link(async = "LinkAsync"),
            poll(fn, async = "poll_async"),
            sample(fn, async = "sample_async"),
            sample_due(async = "sample_due_async"),
            exchange(async = "exchange_async"),
        )
    )
)]
impl<A, const TASKS: usize, const FRAME: usize, P> Node<'_, A, TASKS, FRAME, P>
where
    A: Application,
    P: Profile,
{
    /// Does the next thing there is to do and says when to call again.
    ///
    /// `link` may be an [`Option`], `None` while there is none. The event, if any, is what
    /// happened. Where more may wait, after an event or a message, `wake_at` is `now`.
    ///
    /// What fails is an event, too: the node goes on, and the error's
    /// [`kind`](sundew_core::Classify::kind) says who must act.
    ///
    /// *Blocking time*: one sensor transaction and one record, or the records of one message read
    /// and handed to the link, or one message taken and, for an acknowledgement, its records
    /// released. At most one page erase in any of them, but for the cases after damage that
    /// [`Queue::record`] names.
    ///
    /// *Cancel safety* (of the async form): nothing that was recorded is lost. Dropped within a
    /// sensor's transaction, a future costs that reading; within
    /// [`Application::set`], that command; within a send, the link. Waiting for the
    /// link costs nothing.
    pub async fn poll<L: Link, F: NorFlash>(
        &mut self,
        now: Ticks,
        link: &mut L,
        flash: &mut F,
    ) -> Step<A::Error, L::Error, F::Error> {
        self.begin(now);
        let mut event = Self::sample_due(self, now, flash).await;
        if event.is_none() {
            event = Self::exchange(self, now, link, flash).await;
        }
        self.step(now, link.is_up(), link.wake_at(), event)
    }

    /// Does what needs no link: reads the sensors whose turn it is and records their values.
    ///
    /// For boards that are busy bringing a link up: called from the wait hook of the connection,
    /// it keeps the schedule. It never asks for a link.
    ///
    /// *Blocking time*: one sensor transaction and one record (at most one page erase, see
    /// [`Queue::record`]).
    ///
    /// *Cancel safety* (of the async form): as [`poll`](Self::poll).
    pub async fn sample<L, F: NorFlash>(
        &mut self,
        now: Ticks,
        flash: &mut F,
    ) -> Step<A::Error, L, F::Error> {
        self.begin(now);
        let event = Self::sample_due(self, now, flash).await;
        self.step(now, true, None, event)
    }
}

/// Holds the longest sleep in ms: a day, well below the 24.8 days after which ticks go wrong.
const LONGEST_SLEEP: u32 = 86_400_000;
