//! What goes over the link: batches and results up, acknowledgements and commands down.

use embedded_storage::nor_flash::MultiwriteNorFlash;
use rand_core::CryptoRng;
use sundew_core::Ticks;
#[cfg(feature = "async")]
use sundew_transport::link::LinkAsync;
use sundew_transport::link::{Delivery, Incoming, Link, Port, Token};
use sundew_units::Channel;

#[cfg(feature = "async")]
use super::ApplicationAsync;
use super::command::{Answer, Received};
use super::config::{interval_key, interval_millis};
use super::delivery::{Batch, Flight, Packed, pack};
use super::{Application, Event, FLASH_PAUSE, Hold, Node, Refusal};

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
impl<A: Application, const TASKS: usize, const FRAME: usize> Node<'_, A, TASKS, FRAME> {
    /// Sends what waits, or takes one message from the link.
    pub(super) async fn exchange<L: Link, F: MultiwriteNorFlash>(
        &mut self,
        now: Ticks,
        link: &mut L,
        flash: &mut F,
        rng: &mut impl CryptoRng,
    ) -> Option<Event<A::Error, L::Error, F::Error>> {
        if link.is_up() != self.link_was_up {
            // What was in flight on a link that the board has dropped goes back among what waits.
            self.flight = None;
            self.hold = Hold::None;
            self.link_was_up = link.is_up();
            if self.link_was_up {
                self.backoff.reset();
                return Some(Event::LinkUp);
            }
        }
        if link.is_up() && self.flight.is_none() {
            match Self::send_next(self, now, link, flash).await {
                Ok(None) => {}
                Ok(event) => return event,
                Err(error) => return Some(self.lost(error, now, rng)),
            }
        }
        match link.poll(now, &mut self.frame).await {
            Ok(Some(Incoming::Acknowledged(token))) => self.acknowledged(token, now, flash),
            Ok(Some(Incoming::Rejected(token))) => self.rejected(token, now, flash),
            Ok(Some(Incoming::Command(payload))) => {
                let unix = self.uptime.unix();
                match self.commands.receive(payload, self.name, self.config.device, unix) {
                    Ok(received) => Some(Self::obey(self, received, now, flash).await),
                    Err(error) => Some(Event::NoCommand(error)),
                }
            }
            Ok(Some(Incoming::Oversized { bytes })) => Some(Event::CommandTooLong { bytes }),
            Ok(_) => None,
            Err(error) => Some(self.lost(error, now, rng)),
        }
    }

    /// Sends the result of a command, else the oldest records.
    #[allow(clippy::type_complexity, reason = "an alias would hide which error is whose")]
    async fn send_next<L: Link, F: MultiwriteNorFlash>(
        &mut self,
        now: Ticks,
        link: &mut L,
        flash: &mut F,
    ) -> Result<Option<Event<A::Error, L::Error, F::Error>>, L::Error> {
        let capabilities = link.capabilities();
        let payload = usize::from(capabilities.payload).min(FRAME);
        let Some(frame) = self.frame.get_mut(..payload) else { return Ok(None) };
        if let Some((id, packed)) = self.commands.pack(self.name, frame) {
            let Ok(message) = packed else {
                self.commands.told(id);
                return Ok(Some(Event::LinkTooNarrow { payload: capabilities.payload }));
            };
            let token = link.send(now, Port::CommandResult, message).await?;
            self.flight = Some(Flight::Answer(token, id));
        } else {
            match self.hold {
                Hold::None => {}
                Hold::Until(until) if now.has_reached(until) => self.hold = Hold::None,
                _ => return Ok(None),
            }
            if self.queue.is_empty() {
                return Ok(None);
            }
            let device = self.config.device;
            let packed = pack(&mut self.queue, flash, self.name, device, &self.uptime, frame);
            match packed {
                Ok(Packed::Message(message, batch)) => {
                    let token = link.send(now, Port::Readings, message).await?;
                    self.flight = Some(Flight::Batch(token, batch));
                }
                Ok(Packed::Unreadable(batch)) => return Ok(Some(self.let_go(batch, now, flash))),
                Ok(Packed::Nothing) => return Ok(None),
                Ok(Packed::TooNarrow) => {
                    self.hold = Hold::NewLink;
                    return Ok(Some(Event::LinkTooNarrow { payload: capabilities.payload }));
                }
                Err(error) => return Ok(Some(self.storage_fault(error, now))),
            }
        }
        match (capabilities.delivery, self.flight) {
            (Delivery::Unconfirmed, Some(flight)) => {
                Ok(self.acknowledged(flight.token(), now, flash))
            }
            _ => Ok(None),
        }
    }

    /// Carries out a command, or repeats its answer.
    async fn obey<L, F: MultiwriteNorFlash>(
        &mut self,
        received: Received,
        now: Ticks,
        flash: &mut F,
    ) -> Event<A::Error, L, F::Error> {
        let answer = match received {
            Received::Answered(answer) => answer,
            Received::Command { id, channel, mantissa } => {
                let task = self.config.tasks.iter().position(|task| {
                    task.interval_channel().is_some_and(|other| other.id() == channel.id())
                });
                let outcome = match task {
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

impl<A, const TASKS: usize, const FRAME: usize> Node<'_, A, TASKS, FRAME> {
    /// Keeps a new interval in flash, then works by it: what is reported as done holds after a
    /// restart.
    fn set_interval<F: MultiwriteNorFlash>(
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

    fn acknowledged<E, L, F: MultiwriteNorFlash>(
        &mut self,
        token: Token,
        now: Ticks,
        flash: &mut F,
    ) -> Option<Event<E, L, F::Error>> {
        match self.landed(token)? {
            Flight::Batch(_, batch) => Some(self.let_go(batch, now, flash)),
            Flight::Answer(_, id) => {
                self.commands.told(id);
                None
            }
        }
    }

    /// Gives up what the other side will never take, since it would stand in the way of the rest.
    fn rejected<E, L, F: MultiwriteNorFlash>(
        &mut self,
        token: Token,
        now: Ticks,
        flash: &mut F,
    ) -> Option<Event<E, L, F::Error>> {
        match self.landed(token)? {
            Flight::Batch(_, batch) => Some(match self.let_go(batch, now, flash) {
                Event::Delivered { up_to, .. } => Event::Rejected { up_to },
                fault => fault,
            }),
            Flight::Answer(_, id) => {
                self.commands.told(id);
                None
            }
        }
    }

    fn landed(&mut self, token: Token) -> Option<Flight> {
        self.flight.take_if(|flight| flight.token() == token)
    }

    /// Lets the flash forget a batch.
    fn let_go<E, L, F: MultiwriteNorFlash>(
        &mut self,
        batch: Batch,
        now: Ticks,
        flash: &mut F,
    ) -> Event<E, L, F::Error> {
        match self.queue.ack(flash, batch.up_to) {
            Ok(_) => Event::Delivered { up_to: batch.up_to, records: batch.records },
            Err(error) => self.storage_fault(error, now),
        }
    }

    /// Leaves the flash alone for a while; what waits in it is sent, or sent again, later.
    fn storage_fault<E, L, F>(
        &mut self,
        error: sundew_queue::Error<F>,
        now: Ticks,
    ) -> Event<E, L, F> {
        self.hold = Hold::Until(now.after(FLASH_PAUSE));
        Event::StorageFault(error)
    }

    /// Notes that the link died; what was in flight goes back among what waits.
    fn lost<E, L, F>(&mut self, error: L, now: Ticks, rng: &mut impl CryptoRng) -> Event<E, L, F> {
        self.link_failed(now, rng);
        Event::LinkLost(error)
    }
}
