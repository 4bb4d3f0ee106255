//! What goes over the link: batches and results up, acknowledgements and commands down.

use embedded_storage::nor_flash::NorFlash;
use sundew_core::Ticks;
use sundew_queue::policy::{Action, Fate};
use sundew_queue::{Effort, Error, Position};
#[cfg(feature = "async")]
use sundew_transport::link::LinkAsync;
use sundew_transport::link::{Delivery, Incoming, Link, Port, Token};
use sundew_units::Channel;

#[cfg(feature = "async")]
use super::ApplicationAsync;
use super::command::{Answer, Received};
use super::config::{interval_key, interval_millis};
use super::delivery::{Batch, Cargo, Flight, Packed, pack};
use super::profile::Profile;
use super::{Application, Event, Hold, Node, Refusal};

/// Holds the pause in ms after the flash failed while a batch was read or let go of: a part that is
/// worn out would else be asked as fast as the loop runs.
const FLASH_PAUSE: u32 = 1_000;

/// Stands for the record of a message that holds none.
const NO_RECORD: Position = Position { boot: 0, sequence: 0 };

// Calls between these are written `Self::name(self, ..)`: the macro renames paths, not methods.
#[maybe_async_cfg::maybe(
    sync(keep_self),
    async(
        keep_self,
        feature = "async",
        idents(
            Application(async = "ApplicationAsync"),
            Link(async = "LinkAsync"),
            exchange(async = "exchange_async"),
            send_next(async = "send_next_async"),
            obey(async = "obey_async"),
        )
    )
)]
impl<A, const TASKS: usize, const FRAME: usize, P> Node<'_, A, TASKS, FRAME, P>
where
    A: Application,
    P: Profile,
{
    /// Sends what waits, or takes one message from the link.
    pub(super) async fn exchange<L: Link, F: NorFlash>(
        &mut self,
        now: Ticks,
        link: &mut L,
        flash: &mut F,
    ) -> Option<Event<A::Error, L::Error, F::Error>> {
        if link.is_up() != self.policy.is_up() {
            // What was in flight on a link that the board has dropped goes back among what waits.
            self.forget_link();
            if link.is_up() {
                self.policy.link_up();
                return Some(Event::LinkUp);
            }
            self.policy.link_closed();
        }
        if let Some(event) = self.tell_losses(flash) {
            return Some(event);
        }
        if self.flight.is_none() && self.policy.poll(now) == Action::Send {
            match Self::send_next(self, now, link, flash).await {
                Ok(event) if event.is_some() || self.has_more => return event,
                Ok(_) => {}
                Err(error) => return Some(self.lost(error, now)),
            }
        }
        let speaker = self.speaker();
        let incoming = match link.poll(now, &mut self.frame).await {
            Ok(incoming) => incoming?,
            Err(error) => return Some(self.lost(error, now)),
        };
        self.has_more = true;
        match incoming {
            Incoming::Acknowledged(token) => self.settle(token, Verdict::Taken, now, flash),
            Incoming::Refused { token, retry_after_ms } => {
                self.settle(token, Verdict::NotNow(retry_after_ms), now, flash)
            }
            Incoming::Rejected(token) => self.settle(token, Verdict::Never, now, flash),
            Incoming::Command(payload) => match self.commands.receive::<P>(payload, speaker) {
                Ok(received) => Some(Self::obey(self, received, now, flash).await),
                Err(error) => Some(Event::NoCommand(error)),
            },
            Incoming::Oversized { bytes } => Some(Event::CommandTooLong { bytes }),
            _ => None,
        }
    }

    /// Sends what the device is, else the result of a command, else the oldest records.
    #[allow(clippy::type_complexity, reason = "an alias would hide which error is whose")]
    async fn send_next<L: Link, F: NorFlash>(
        &mut self,
        now: Ticks,
        link: &mut L,
        flash: &mut F,
    ) -> Result<Option<Event<A::Error, L::Error, F::Error>>, L::Error> {
        let capabilities = link.capabilities();
        let (port, len, cargo) = match self.put_together(capabilities.payload, now, flash) {
            Ok(Some(message)) => message,
            Ok(None) => return Ok(None),
            Err(event) => return Ok(Some(event)),
        };
        let message = self.frame.get(..len).unwrap_or_default();
        let token = link.send(now, port, message).await?;
        self.policy.sent(now, link.air_ms(len));
        self.flight = Some(Flight { token, cargo });
        self.has_more = true;
        Ok(match capabilities.delivery {
            Delivery::Unconfirmed => self.settle(token, Verdict::Taken, now, flash),
            _ => None,
        })
    }

    /// Carries out a command, or repeats its answer.
    async fn obey<L, F: NorFlash>(
        &mut self,
        received: Received,
        now: Ticks,
        flash: &mut F,
    ) -> Event<A::Error, L, F::Error> {
        let answer = match received {
            Received::Answered(answer) => answer,
            Received::Command { id, channel, mantissa } => {
                let sets = |other: &Channel| other.id() == channel.id();
                let mut tasks = self.config.tasks.iter();
                let outcome = match tasks.position(|task| task.interval_channel().is_some_and(sets))
                {
                    Some(task) => self.set_interval(task, channel, mantissa, now, flash),
                    None => self.application.set(channel, mantissa).await,
                };
                self.commands.answer(id, Some(channel), mantissa, outcome)
            }
        };
        let Answer { id, channel, mantissa, outcome, .. } = answer;
        Event::Command { id, channel: channel.map(Channel::id), mantissa, outcome }
    }
}

impl<A, const TASKS: usize, const FRAME: usize, P: Profile> Node<'_, A, TASKS, FRAME, P> {
    /// Puts the next message into the frame; returns its length, or what happened instead.
    #[allow(clippy::type_complexity, reason = "an alias would hide which error is whose")]
    fn put_together<E, L, F: NorFlash>(
        &mut self,
        payload: u16,
        now: Ticks,
        flash: &mut F,
    ) -> Result<Option<(Port, usize, Cargo<P::Left>)>, Event<E, L, F::Error>> {
        let speaker = self.speaker();
        let limit = usize::from(payload).min(FRAME);
        let frame = self.frame.get_mut(..limit).unwrap_or_default();
        if !self.is_announced
            && let Ok(len) = P::birth(self.config.device, frame)
        {
            return Ok(Some((Port::Birth, len, Cargo::Birth)));
        }
        if let Some(answer) = self.commands.owed() {
            let id = answer.id;
            if let Ok(len) = P::answer(answer, speaker, frame) {
                return Ok(Some((Port::CommandResult, len, Cargo::Answer(id))));
            }
            self.commands.told(id);
            return Err(Event::LinkTooNarrow { payload });
        }
        // A radio's network may change its data rate, and with it the payload, under the same link.
        if matches!(self.hold, Hold::Wider(bytes) if bytes < payload) {
            self.hold = Hold::None;
        }
        if self.hold != Hold::None || self.queue.is_empty() {
            return Ok(None);
        }
        match pack::<P, F>(&mut self.queue, flash, speaker, self.left, &self.uptime, frame) {
            Ok(Packed::Message(len, cargo)) => Ok(Some((Port::Readings, len, cargo))),
            Ok(Packed::Unreadable(batch)) => {
                Err(self.let_go(batch, batch.unreadable(), now, flash))
            }
            Ok(Packed::Nothing) => Ok(None),
            Ok(Packed::TooNarrow) => {
                self.hold = Hold::Wider(payload);
                Err(Event::LinkTooNarrow { payload })
            }
            Err(error) => Err(self.storage_fault(error, now)),
        }
    }

    /// Keeps a new interval in flash, then works by it: what is reported as done holds after a
    /// restart.
    fn set_interval<F: NorFlash>(
        &mut self,
        task: usize,
        channel: &Channel,
        mantissa: i32,
        now: Ticks,
        flash: &mut F,
    ) -> Result<(), Refusal> {
        let millis = interval_millis(channel, mantissa).ok_or(Refusal::OutOfRange)?;
        let key = interval_key(task).ok_or(Refusal::Unsupported)?;
        self.settings.save(flash, key, &mantissa.to_le_bytes()).map_err(|_| Refusal::NotStored)?;
        self.schedule.set_interval(task, now, millis);
        Ok(())
    }

    /// Ends the flight of a message that the other side holds, or will never take: that would
    /// stand in the way of the rest.
    fn settle<E, L, F: NorFlash>(
        &mut self,
        token: Token,
        verdict: Verdict,
        now: Ticks,
        flash: &mut F,
    ) -> Option<Event<E, L, F::Error>> {
        let flight = self.flight.take_if(|flight| flight.token == token)?;
        if self.judge(flight.cargo, verdict, now) == Fate::Keep {
            return None;
        }
        let (batch, event) = match (flight.cargo, verdict) {
            (Cargo::Batch(batch), Verdict::Taken) => (batch, batch.delivered()),
            (Cargo::Batch(batch) | Cargo::Part(batch, _), Verdict::NotNow(_) | Verdict::Never) => {
                (batch, batch.rejected())
            }
            (Cargo::Part(_, left), Verdict::Taken) => {
                self.left = left;
                return None;
            }
            (Cargo::Answer(id), _) => {
                self.commands.told(id);
                return None;
            }
            (Cargo::Birth, _) => {
                self.is_announced = true;
                return None;
            }
        };
        Some(self.let_go(batch, event, now, flash))
    }

    /// Tells the policy what became of a message, and returns whether it is kept to be sent again.
    ///
    /// Not when the link comes up are pauses forgotten, but here: a link that dies before it took
    /// anything is no success.
    fn judge(&mut self, cargo: Cargo<P::Left>, verdict: Verdict, now: Ticks) -> Fate {
        match verdict {
            Verdict::Taken => self.policy.taken(),
            Verdict::Never => self.policy.rejected(),
            Verdict::NotNow(after) => {
                let (oldest, effort) = match cargo {
                    Cargo::Batch(batch) | Cargo::Part(batch, _) => (batch.oldest, batch.effort),
                    // Told again until somebody listens, as records are.
                    Cargo::Birth | Cargo::Answer(_) => (NO_RECORD, Effort::UntilTaken),
                };
                return self.policy.refused(now, oldest, effort, after);
            }
        }
        Fate::DeadLetter
    }

    /// Lets the flash forget a batch and returns `event`, or why it could not.
    fn let_go<E, L, F: NorFlash>(
        &mut self,
        batch: Batch,
        event: Event<E, L, F::Error>,
        now: Ticks,
        flash: &mut F,
    ) -> Event<E, L, F::Error> {
        match self.queue.ack(flash, batch.mark) {
            // No room to note it: in this boot they are passed by all the same.
            Ok(()) | Err(Error::Full) => event,
            Err(error) => self.storage_fault(error, now),
        }
    }

    /// Leaves the flash alone for a while; what waits in it is sent, or sent again, later.
    fn storage_fault<E, L, F>(&mut self, error: Error<F>, now: Ticks) -> Event<E, L, F> {
        self.hold = Hold::Until(now.after(FLASH_PAUSE));
        Event::StorageFault(error)
    }

    /// Notes that the link died; what was in flight goes back among what waits.
    fn lost<E, L, F>(&mut self, error: L, now: Ticks) -> Event<E, L, F> {
        self.link_failed(now);
        Event::LinkLost(error)
    }
}

/// Says what the other side made of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It holds the message.
    Taken,
    /// It does not take it now; it may have said after how many ms.
    NotNow(Option<u32>),
    /// It will never take it.
    Never,
}

impl Batch {
    const fn delivered<E, L, F>(self) -> Event<E, L, F> {
        Event::Delivered { up_to: self.up_to, records: self.records }
    }

    const fn rejected<E, L, F>(self) -> Event<E, L, F> {
        Event::Rejected { up_to: self.up_to, records: self.records }
    }

    const fn unreadable<E, L, F>(self) -> Event<E, L, F> {
        Event::Unreadable { up_to: self.up_to, records: self.records }
    }
}
