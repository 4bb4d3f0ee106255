//! When to connect, when to send, when to let it be.
//!
//! A [`Policy`] decides; it does nothing itself. The caller asks [`poll`](Policy::poll) and tells it
//! what became of that:
//!
//! | what happened | tell | what follows |
//! |---|---|---|
//! | the link could not be had, or died | [`link_lost`](Policy::link_lost) | a pause, longer with each failure; records stay |
//! | the other side says: not now | [`refused`](Policy::refused) | a pause on a link that stays up; the record's [`Effort`] says when it is given up |
//! | the other side will never take it | [`rejected`](Policy::rejected) | the record is a dead letter: hand it to the application, and let go of it |
//! | the other side holds it | [`taken`](Policy::taken) | pauses begin small again |
//!
//! Every pause is drawn evenly from 0 to a ceiling that doubles ("full jitter"), by a [`Jitter`]
//! that differs between devices and boots without a source of randomness. With
//! [`Retry::stagger_ms`] no ceiling is below a window over which a fleet spreads after an outage
//! that hit all of it. `cargo prove fleet` simulates 10,000 devices that record once a minute, and
//! a broker that is away for an hour and later restarts within 5 s; it accepts 200 connections and
//! keeps 2,000 messages a second:
//!
#![doc = include_str!("../../docs/fleet.svg")]
//!
//! The same code draws the plot and judges it: nothing lost, no herd, what waited is through in
//! bounded time, and no more comes twice than links died with a message on its way.

mod airtime;
mod backoff;
mod jitter;
mod retry;
#[cfg(test)]
mod tests;

pub use airtime::Airtime;
pub use jitter::Jitter;
pub use retry::Retry;

use sundew_core::Ticks;

use crate::{Effort, Position};

/// Says what may be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Action {
    /// Allows an attempt at a link, where one is wanted.
    Connect,
    /// Allows a message, where one waits and the link has room for it.
    Send,
    /// Allows neither before this moment.
    Wait(Ticks),
}

/// Says what becomes of a record that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fate {
    /// Keeps it, to be sent again after the pause.
    Keep,
    /// Gives it up: hand it to the application, then let go of it.
    DeadLetter,
}

/// Decides when to connect and when to send.
///
/// Two states, down and up, and one moment before which nothing is done; nothing is read from a
/// clock. Passed moments are forgotten by [`poll`](Self::poll), which is to be called once in 24
/// days at least, past which [`Ticks`] cannot look.
///
/// What a pause across a reset needs is a [`Snapshot`] of plain numbers.
///
/// *RAM*: 56 bytes, of which 24 are settings.
///
/// ```
/// use sundew_core::Ticks;
/// use sundew_queue::policy::{Action, Fate, Jitter, Policy, Retry};
/// use sundew_queue::{Effort, Position};
///
/// const RETRY: Retry = Retry::new(1_000, 300_000);
/// let mut now = Ticks::from_millis(0);
/// let mut policy = Policy::new(RETRY, Jitter::new(b"station-1", 7, now), now);
///
/// assert_eq!(policy.poll(now), Action::Connect);
/// policy.link_lost(now); // no network
/// if let Action::Wait(until) = policy.poll(now) {
///     assert!(until.since(now) <= 1_000);
///     now = until; // sleep
/// }
/// assert_eq!(policy.poll(now), Action::Connect);
/// policy.link_up();
/// assert_eq!(policy.poll(now), Action::Send);
/// policy.sent(now, 0);
///
/// // "Not now, in a minute."
/// let record = Position { boot: 7, sequence: 0 };
/// assert_eq!(policy.refused(now, record, Effort::UntilTaken, Some(60_000)), Fate::Keep);
/// assert!(policy.next_wakeup(now).unwrap().since(now) >= 60_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Policy {
    /// The settings, and within them what was spent of the airtime: once is enough for both.
    retry: Retry,
    jitter: Jitter,
    link: State,
    /// Counts what failed in a row before the other side answered.
    failures: u8,
    /// Counts refusals in a row before a message was taken.
    refusals: u8,
    /// Counts refusals of `head`.
    tries: u8,
    head: Position,
    /// The moment before which nothing is done.
    pause: Option<Ticks>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum State {
    Down,
    Up,
}

/// Holds what a policy knows in plain numbers, none of them a moment: for a device that loses its
/// RAM in deep sleep and shall go on where it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Snapshot {
    /// Counts the failed attempts in a row.
    pub failures: u8,
    /// Counts the refusals in a row.
    pub refusals: u8,
    /// Holds the state of the [`Jitter`].
    pub seed: u32,
    /// Holds what is left of the pause, in ms.
    pub pause_ms: u32,
    /// Holds the time in ms that it takes to earn what was spent on the air.
    pub air_owed_ms: u32,
}

impl Policy {
    /// Starts at a boot, with the link down.
    ///
    /// With [`Retry::stagger_ms`] the first attempt waits, too: what booted all of a fleet at once
    /// was a blackout.
    pub const fn new(retry: Retry, mut jitter: Jitter, now: Ticks) -> Self {
        let pause = match retry.stagger_ms {
            0 => None,
            window => Some(now.after(jitter.up_to(window))),
        };
        let head = Position { boot: 0, sequence: 0 };
        let link = State::Down;
        Self { retry, jitter, link, failures: 0, refusals: 0, tries: 0, head, pause }
    }

    /// Goes on from where [`snapshot`](Self::snapshot) was taken, with the link down.
    ///
    /// The time between the two is not known and counts as none. How often the oldest record was
    /// refused starts at 0.
    pub const fn resume(mut retry: Retry, snapshot: Snapshot, now: Ticks) -> Self {
        let Snapshot { failures, refusals, seed, pause_ms, air_owed_ms } = snapshot;
        let pause = match pause_ms {
            0 => None,
            left => Some(ahead(now, left)),
        };
        retry.airtime = retry.airtime.owing(now, air_owed_ms);
        let head = Position { boot: 0, sequence: 0 };
        let (link, jitter) = (State::Down, Jitter::from_seed(seed));
        Self { retry, jitter, link, failures, refusals, tries: 0, head, pause }
    }

    /// Returns what [`resume`](Self::resume) takes.
    pub const fn snapshot(&self, now: Ticks) -> Snapshot {
        Snapshot {
            failures: self.failures,
            refusals: self.refusals,
            seed: self.jitter.seed(),
            pause_ms: match self.pause {
                Some(pause) => pause.since(now),
                None => 0,
            },
            air_owed_ms: self.retry.airtime.owed_ms(now),
        }
    }

    /// Says what may be done now. The same until something is told, or a wait is over.
    ///
    /// How many messages may be on their way is the link's matter: ask once for each.
    pub fn poll(&mut self, now: Ticks) -> Action {
        // Moments that have passed are forgotten: 24.8 days later they would lie ahead again.
        self.pause = self.pause.filter(|pause| !now.has_reached(*pause));
        self.retry.airtime.settle(now);
        self.look(now)
    }

    /// Returns the moment at which [`poll`](Self::poll) will say something else by itself, if ever.
    pub fn next_wakeup(&self, now: Ticks) -> Option<Ticks> {
        match self.look(now) {
            Action::Wait(until) => Some(until),
            Action::Connect | Action::Send => None,
        }
    }

    fn look(&self, now: Ticks) -> Action {
        let mut until = match self.pause {
            Some(pause) if !now.has_reached(pause) => pause,
            _ => now,
        };
        if self.link == State::Up {
            until = later(until, self.retry.airtime.free_at(now));
        }
        match self.link {
            _ if until != now => Action::Wait(until),
            State::Up => Action::Send,
            State::Down => Action::Connect,
        }
    }

    /// Returns whether the link was told to be up.
    pub fn is_up(&self) -> bool {
        self.link == State::Up
    }

    /// Notes that the link came up, by whoever's doing.
    ///
    /// That is no success yet: one that dies before the other side answered is one more failure.
    pub const fn link_up(&mut self) {
        self.link = State::Up;
        // What the other side asked for holds for each link to it.
        if self.refusals == 0 {
            self.pause = None;
        }
    }

    /// Notes that the device itself let go of the link: no failure, no pause.
    pub const fn link_closed(&mut self) {
        self.link = State::Down;
    }

    /// Notes that the link could not be had, or died. The next attempt waits.
    ///
    /// What was sent and not answered counts as not sent: it goes again.
    pub fn link_lost(&mut self, now: Ticks) {
        self.link = State::Down;
        let wait = self.retry.draw_ms(self.failures, &mut self.jitter);
        self.failures = self.failures.saturating_add(1);
        self.hold(now, wait);
    }

    /// Notes a message that began at `now` and took `air_ms` of the air; 0 where that costs nothing.
    ///
    /// What else goes over the air, such as a connection, may be told the same way.
    pub const fn sent(&mut self, now: Ticks, air_ms: u32) {
        self.retry.airtime.sent(now, air_ms);
    }

    /// Notes that the other side holds a message.
    pub const fn taken(&mut self) {
        self.failures = 0;
        self.refusals = 0;
        self.tries = 0;
    }

    /// Notes that the other side takes a message not now, and says what becomes of its records.
    ///
    /// `record` names the oldest record of the message. A message of several goes by the strongest
    /// [`Effort`] among them, so that none is given up before its time. A
    /// `retry_after_ms` that the other side gave is kept to, up to a day, and the pause comes on
    /// top: all of a fleet may have been given the same.
    pub fn refused(
        &mut self,
        now: Ticks,
        record: Position,
        effort: Effort,
        retry_after_ms: Option<u32>,
    ) -> Fate {
        let wait = self.retry.draw_ms(self.refusals, &mut self.jitter);
        let after = retry_after_ms.unwrap_or(0).min(LONGEST_REFUSAL);
        self.hold(now, after.saturating_add(wait));
        self.failures = 0;
        self.refusals = self.refusals.saturating_add(1);
        if self.head != record {
            self.head = record;
            self.tries = 0;
        }
        self.tries = self.tries.saturating_add(1);
        let is_last = match effort {
            Effort::UntilTaken => false,
            Effort::Few => self.tries >= self.retry.few,
            Effort::Once => true,
        };
        if !is_last {
            return Fate::Keep;
        }
        self.tries = 0;
        Fate::DeadLetter
    }

    /// Notes that the other side will never take a message, whatever the [`Effort`] of its records:
    /// they are dead letters, and must not stand in the way of the rest.
    pub const fn rejected(&mut self) {
        // It answered and was not too busy to judge.
        self.taken();
    }

    fn hold(&mut self, now: Ticks, wait_ms: u32) {
        let until = ahead(now, wait_ms);
        self.pause = Some(self.pause.map_or(until, |pause| later(pause, until)));
    }
}

/// Holds the longest time in ms that the other side may ask for: a day. One that is wrong about it
/// must not silence a device for weeks.
const LONGEST_REFUSAL: u32 = 86_400_000;

const fn later(one: Ticks, other: Ticks) -> Ticks {
    if one.has_reached(other) { one } else { other }
}

/// Returns the moment `millis` ahead, or the farthest that [`Ticks`] can look.
const fn ahead(now: Ticks, millis: u32) -> Ticks {
    now.after(if millis < i32::MAX as u32 { millis } else { i32::MAX as u32 })
}
