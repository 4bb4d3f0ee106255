//! The node: the one place where sensors, queue, codec and link meet.
//!
//! A board calls [`Node::poll`] and sleeps until the moment it names. Each call does one thing at
//! most: it reads one group of sensors, takes one message from the link, or sends one. The path of
//! a value is always the same: sensor, [`Sample`](sundew_units::Sample), record in flash, batch,
//! link, and back comes the acknowledgement on which the flash lets go of it.
//!
//! The node waits for nothing. Sampling goes on while an acknowledgement is awaited, while the
//! link is down, and, through [`Node::sample`], while a board is busy bringing one up.

mod application;
mod command;
mod config;
mod delivery;
mod exchange;
mod sampling;
mod schedule;
mod step;
mod uptime;

use embedded_storage::nor_flash::MultiwriteNorFlash;
use rand_core::CryptoRng;
use sundew_core::Ticks;
use sundew_queue::{Backoff, Queue};
use sundew_store::Settings;
use sundew_transport::link::Link;
#[cfg(feature = "async")]
use sundew_transport::link::LinkAsync;

pub use application::Application;
#[cfg(feature = "async")]
pub use application::ApplicationAsync;
pub use command::CommandError;
pub use config::{Config, Presence, Task};
pub use step::{Event, OpenError, Refusal, Step};

use command::Commands;
use delivery::Flight;
use schedule::Schedule;
use uptime::Uptime;

/// Joins sensors, queue and link of one device.
///
/// `A` is the application with its sensors, `TASKS` the length of the schedule, `FRAME` the bytes
/// of the buffer in which messages are put together; what is longer than it, or than the link's
/// payload, waits for the next message.
#[derive(Debug)]
pub struct Node<'n, A, const TASKS: usize, const FRAME: usize> {
    config: Config<TASKS>,
    name: &'n str,
    application: A,
    schedule: Schedule<TASKS>,
    uptime: Uptime,
    settings: Settings,
    queue: Queue,
    flight: Option<Flight>,
    commands: Commands,
    backoff: Backoff,
    retry_at: Option<Ticks>,
    link_was_up: bool,
    hold: Hold,
    frame: [u8; FRAME],
}

/// Says why no batch is sent although records wait and the link is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    None,
    /// Not even the oldest record fits the link.
    NewLink,
    /// The flash failed; it is left alone for a while.
    Until(Ticks),
}

impl<'n, A, const TASKS: usize, const FRAME: usize> Node<'n, A, TASKS, FRAME> {
    /// Opens the flash and starts the schedule; every task has its first turn at once.
    ///
    /// `boot` numbers this boot, from [`next_boot`](sundew_identity::next_boot); `name` stands
    /// before the channels' names in every message, such as `station-1/`.
    ///
    /// # Errors
    ///
    /// Returns an error where the queue's or the settings' flash cannot be read.
    ///
    /// *Blocking time*: one scan of the queue's region.
    pub fn open<F: MultiwriteNorFlash>(
        config: Config<TASKS>,
        name: &'n str,
        application: A,
        boot: u16,
        now: Ticks,
        flash: &mut F,
    ) -> Result<Self, OpenError<F::Error>> {
        let mut queue = Queue::new(config.queue, config.when_full);
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
        let (first, longest) = config.retry;
        Ok(Self {
            config,
            name,
            application,
            schedule,
            uptime: Uptime::new(boot, now),
            settings,
            queue,
            flight: None,
            commands: Commands::new(),
            backoff: Backoff::new(first, longest),
            retry_at: None,
            link_was_up: false,
            hold: Hold::None,
            frame: [0; FRAME],
        })
    }

    /// Tells the node the time: Unix seconds, from a clock that the board trusts.
    ///
    /// Records of this boot that were taken before get their time too, when they are sent.
    pub fn set_clock(&mut self, now: Ticks, unix: u32) {
        self.uptime.advance(now);
        self.uptime.set_unix(unix);
    }

    /// Tells the node that a link could not be brought up; it waits before it wants one again.
    ///
    /// The pause grows with each failure up to the longest of
    /// [`Config::retry_millis`], and is random below that, so that a fleet does not come back at
    /// one moment.
    pub fn link_failed(&mut self, now: Ticks, rng: &mut impl CryptoRng) {
        self.flight = None;
        self.link_was_up = false;
        self.hold = Hold::None;
        self.retry_at = Some(now.after(self.backoff.wait_ms(rng)));
    }

    /// Returns the queue's knowledge of itself: what waits, and what was dropped.
    pub const fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Returns the application, such as to change a sensor's configuration.
    pub const fn application_mut(&mut self) -> &mut A {
        &mut self.application
    }

    fn wants_link(&self, now: Ticks) -> bool {
        let wanted = match self.config.presence {
            Presence::Always => true,
            Presence::ToDeliver => !self.queue.is_empty(),
        };
        wanted && self.retry_at.is_none_or(|retry_at| now.has_reached(retry_at))
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
impl<A: Application, const TASKS: usize, const FRAME: usize> Node<'_, A, TASKS, FRAME> {
    /// Does the next thing there is to do and says when to call again.
    ///
    /// `link` may be `None` of an [`Option`] while there is none. The event, if any, is what
    /// happened; with an event `wake_at` is `now`, since more may wait.
    ///
    /// *Blocking time*: one sensor transaction, or one flash operation (at most one page erase), or
    /// one message handed to the link.
    pub async fn poll<L: Link, F: MultiwriteNorFlash>(
        &mut self,
        now: Ticks,
        link: &mut L,
        flash: &mut F,
        rng: &mut impl CryptoRng,
    ) -> Step<A::Error, L::Error, F::Error> {
        self.uptime.advance(now);
        let mut event = Self::sample_due(self, now, flash).await;
        if event.is_none() {
            event = Self::exchange(self, now, link, flash, rng).await;
        }
        self.step(now, link.is_up(), link.wake_at(), event)
    }

    /// Does what needs no link: reads the sensors whose turn it is and records their values.
    ///
    /// For boards that are busy bringing a link up: called from the wait hook of the connection,
    /// it keeps the schedule.
    ///
    /// *Blocking time*: one sensor transaction and one flash operation (at most one page erase).
    pub async fn sample<L, F: MultiwriteNorFlash>(
        &mut self,
        now: Ticks,
        flash: &mut F,
    ) -> Step<A::Error, L, F::Error> {
        self.uptime.advance(now);
        let event = Self::sample_due(self, now, flash).await;
        self.step(now, true, None, event)
    }
}

impl<A, const TASKS: usize, const FRAME: usize> Node<'_, A, TASKS, FRAME> {
    fn step<E, L, F>(
        &self,
        now: Ticks,
        link_is_up: bool,
        link_wakes: Option<Ticks>,
        event: Option<Event<E, L, F>>,
    ) -> Step<E, L, F> {
        let may_send = link_is_up && self.flight.is_none() && self.hold == Hold::None;
        let has_work = event.is_some() || may_send && !self.queue.is_empty();
        let retry_at = match self.hold {
            Hold::Until(until) => Some(until),
            _ => self.retry_at.filter(|_| !link_is_up),
        };
        let wake_at = [self.schedule.wake_at(), link_wakes, retry_at]
            .into_iter()
            .flatten()
            .reduce(Ticks::earlier)
            .unwrap_or(now.after(LONGEST_SLEEP));
        let wake_at = if has_work || now.has_reached(wake_at) { now } else { wake_at };
        Step { wake_at, need_link: !link_is_up && self.wants_link(now), event }
    }
}

/// Holds the pause in ms after the flash failed while a batch was read or let go of: a part that is
/// worn out would else be asked as fast as the loop runs.
const FLASH_PAUSE: u32 = 1_000;

/// Holds the longest sleep in ms: a day, well below the 24.8 days after which ticks go wrong.
const LONGEST_SLEEP: u32 = 86_400_000;
