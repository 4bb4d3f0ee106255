//! From the schedule to a record in flash.

use embedded_storage::nor_flash::MultiwriteNorFlash;
use sundew_codec::record;
use sundew_core::Ticks;
use sundew_queue::{Priority, Stamp};
use sundew_units::{Sample, Timestamp};

#[cfg(feature = "async")]
use super::ApplicationAsync;
use super::profile::Profile;
use super::schedule::Due;
use super::{Application, Event, Node};

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
    pub(super) async fn sample_due<L, F: MultiwriteNorFlash>(
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
    async fn collect<L, F: MultiwriteNorFlash>(
        &mut self,
        task: usize,
        now: Ticks,
        flash: &mut F,
    ) -> Option<Event<A::Error, L, F::Error>> {
        self.schedule.finished(task, now);
        let mut sample = Sample::new();
        match self.application.read(task, &mut sample).await {
            Ok(()) if sample.is_empty() => None,
            Ok(()) => Some(self.record(sample, flash)),
            Err(error) => Some(Event::SensorFault { task, error }),
        }
    }
}

impl<A, const TASKS: usize, const FRAME: usize, P: Profile> Node<'_, A, TASKS, FRAME, P> {
    fn record<E, L, F: MultiwriteNorFlash>(
        &mut self,
        sample: Sample,
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
        match self.queue.record(flash, stamp, Priority::Normal, payload) {
            Ok(position) => Event::Recorded { position, time, sample },
            Err(error) => Event::StorageFault(error),
        }
    }
}
