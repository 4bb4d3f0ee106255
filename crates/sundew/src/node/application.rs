//! What a node asks of the application: its sensors and its writable channels.

use sundew_core::Classify;
use sundew_sensors::{Mounted, ReadError, Sensor, Source};
#[cfg(feature = "async")]
use sundew_sensors::{MountedAsync, SensorAsync, SourceAsync};
use sundew_units::{Channel, Sample};

use super::Refusal;

/// Gives a node the sensors and the writable channels of one device.
///
/// Reading is split in two so that nothing waits in between: `start` triggers the parts of a task
/// and says how long they take, `read` collects their values once that time has passed.
///
/// One [`Mounted`] sensor is an application by itself. With more of them, or with channels to set:
///
/// ```
/// use sundew::core::Classify;
/// use sundew::node::{Application, Refusal};
/// use sundew::sensors::{ReadError, Source};
/// use sundew::units::{Channel, Sample};
///
/// struct Station<S, T> {
///     air: S,
///     soil: T,
///     lamp: bool,
/// }
///
/// impl<E: Classify, S: Source<Error = E>, T: Source<Error = E>> Application for Station<S, T> {
///     type Error = ReadError<E>;
///
///     fn start(&mut self, task: usize) -> Result<u32, Self::Error> {
///         let wait = if task == 0 { self.air.start() } else { self.soil.start() };
///         wait.map_err(ReadError::Driver)
///     }
///
///     fn read(&mut self, task: usize, sample: &mut Sample) -> Result<(), Self::Error> {
///         if task == 0 { self.air.read_into(sample) } else { self.soil.read_into(sample) }
///     }
///
///     fn set(&mut self, channel: &'static Channel, mantissa: i32) -> Result<(), Refusal> {
///         match channel.name() {
///             "lamp" => self.lamp = mantissa == 1,
///             _ => return Err(Refusal::Unsupported),
///         }
///         Ok(())
///     }
/// }
/// ```
#[maybe_async_cfg::maybe(
    sync(self = "Application", keep_self),
    async(
        self = "ApplicationAsync",
        feature = "async",
        inner(expect(async_fn_in_trait, reason = "for one executor of one core: no Send needed"))
    )
)]
pub trait Application {
    /// Tells who must act when a sensor fails.
    type Error: Classify;

    /// Begins task number `task` of the schedule and returns the milliseconds until
    /// [`read`](Self::read) may be called; 0 where nothing needs to warm up.
    ///
    /// # Errors
    ///
    /// Returns an error where a part does not answer; the task is tried again at its next turn.
    async fn start(&mut self, task: usize) -> Result<u32, Self::Error>;

    /// Adds the values of task number `task` to `sample`.
    ///
    /// # Errors
    ///
    /// Returns an error where a part does not answer or its bytes fail their check. Nothing of the
    /// task is recorded then: parts that can fail apart belong into tasks of their own.
    async fn read(&mut self, task: usize, sample: &mut Sample) -> Result<(), Self::Error>;

    /// Sets a writable channel, within its range, because a command asked for it.
    ///
    /// Interval channels of the schedule never get here: the node sets those itself.
    ///
    /// # Errors
    ///
    /// Returns the [`Refusal`] that goes back as the command's result.
    async fn set(&mut self, channel: &'static Channel, mantissa: i32) -> Result<(), Refusal> {
        let _ = (channel, mantissa);
        Err(Refusal::Unsupported)
    }
}

/// Makes one mounted sensor the whole application: the schedule has one task.
#[maybe_async_cfg::maybe(
    sync(keep_self),
    async(
        keep_self,
        feature = "async",
        idents(
            Application(async = "ApplicationAsync"),
            Mounted(async = "MountedAsync"),
            Sensor(async = "SensorAsync"),
            Source(async = "SourceAsync"),
        )
    )
)]
impl<S: Sensor<N>, const N: usize> Application for Mounted<S, N> {
    type Error = ReadError<S::Error>;

    async fn start(&mut self, _: usize) -> Result<u32, Self::Error> {
        Source::start(self).await.map_err(ReadError::Driver)
    }

    async fn read(&mut self, _: usize, sample: &mut Sample) -> Result<(), Self::Error> {
        self.read_into(sample).await
    }
}
