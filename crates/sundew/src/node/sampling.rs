//! From the schedule to a record in flash.

use embedded_storage::nor_flash::NorFlash;
use sundew_codec::record;
use sundew_core::Ticks;
use sundew_queue::{Class, Effort, Error, Priority, Stamp};
use sundew_units::{Sample, Timestamp};

#[cfg(feature = "async")]
use super::ApplicationAsync;
use super::profile::Profile;
use super::schedule::Due;
use super::{Application, Event, Node, Task};

#[maybe_async_cfg::maybe(
    sync(keep_self),
    async(
        keep_self,
        feature = "async",
        idents(
            Application(async = "ApplicationAsync"),
            sample_due(async = "sample_due_async"),
            collect(async = "collect_async")
        )
    )
)]
impl<A, const TASKS: usize, const FRAME: usize, P> Node<'_, A, TASKS, FRAME, P>
where
    A: Application,
    P: Profile,
{
    /// Starts or reads the task whose turn it is, if any.
    pub(super) async fn sample_due<L, F: NorFlash>(
        &mut self,
        now: Ticks,
        flash: &mut F,
    ) -> Option<Event<A::Error, L, F::Error>> {
        match self.schedule.due(now)? {
            Due::Start(task) => match self.application.start(task).await {
                Ok(0) => Self::collect(self, task, now, flash).await,
                Ok(wait) => {
                    self.schedule.started(task, now, wait);
                    None
                }
                Err(error) => {
                    self.schedule.finished(task, now);
                    Some(Event::SensorFault { task, error })
                }
            },
            Due::Read(task) => Self::collect(self, task, now, flash).await,
        }
    }

    /// Reads a task's sensors and records their values.
    async fn collect<L, F: NorFlash>(
        &mut self,
        task: usize,
        now: Ticks,
        flash: &mut F,
    ) -> Option<Event<A::Error, L, F::Error>> {
        self.schedule.finished(task, now);
        let mut sample = Sample::new();
        match self.application.read(task, &mut sample).await {
            Ok(()) if sample.is_empty() => None,
            Ok(()) => {
                let class = self.config.tasks.get(task).map_or_else(Class::default, Task::waits);
                Some(self.record(sample, class, flash))
            }
            Err(error) => Some(Event::SensorFault { task, error }),
        }
    }
}

impl<A, const TASKS: usize, const FRAME: usize, P: Profile> Node<'_, A, TASKS, FRAME, P> {
    /// Makes a reading of what the queue lost, where that is wanted and has grown.
    ///
    /// Once the queue is empty: it has room then, and this does not go before what was kept.
    pub(super) fn tell_losses<E, L, F: NorFlash>(
        &mut self,
        flash: &mut F,
    ) -> Option<Event<E, L, F::Error>> {
        let losses = self.config.losses?;
        let counters = self.queue.counters();
        let is_told = counters.dropped == self.told.dropped
            && counters.refused == self.told.refused
            && counters.unreadable == self.told.unreadable;
        if is_told || !self.queue.is_empty() {
            return None;
        }
        self.told = counters;
        let mut sample = Sample::new();
        let counts = [
            (losses.dropped, counters.dropped),
            (losses.refused, counters.refused),
            (losses.unreadable, counters.unreadable),
        ];
        for (channel, count) in counts {
            // A sample has room for eight.
            let _ = sample.push(channel, i32::try_from(count).unwrap_or(i32::MAX));
        }
        let class = Class { priority: Priority::Low, effort: Effort::UntilTaken };
        Some(self.record(sample, class, flash))
    }

    fn record<E, L, F: NorFlash>(
        &mut self,
        sample: Sample,
        class: Class,
        flash: &mut F,
    ) -> Event<E, L, F::Error> {
        let time = self.uptime.timestamp();
        let stamp = match time {
            Timestamp::Unix(unix) => Stamp::Unix(unix),
            _ => Stamp::SinceBoot(self.uptime.seconds()),
        };
        let mut payload = [0; record::capacity(Sample::CAPACITY)];
        let len = record::encode(self.config.device.version(), sample.values(), &mut payload);
        // The buffer is sized for the longest sample there is.
        let payload = len.ok().and_then(|len| payload.get(..len)).unwrap_or_default();
        let mut stored = self.queue.record(flash, stamp, class, payload);
        if matches!(stored, Err(Error::Flash(_) | Error::Corrupt)) {
            // A bad page: the second attempt goes to the next one.
            stored = self.queue.record(flash, stamp, class, payload);
        }
        match stored {
            Ok(position) => Event::Recorded { position, time, sample },
            Err(error) => Event::StorageFault(error),
        }
    }
}
