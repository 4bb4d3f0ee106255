//! What one call of the node comes back with.

use core::fmt;

use sundew_core::{Classify, ErrorKind, Ticks};
use sundew_queue::Position;
use sundew_units::{ChannelId, Sample, Timestamp};

use super::CommandError;

/// Holds what one call of [`Node::poll`](super::Node::poll) comes back with; `A`, `L` and `F` are
/// the errors of application, link and flash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Step<A, L, F> {
    /// Holds the latest moment at which to call again; a message that comes in is a reason to call
    /// earlier. Until then the board may sleep.
    pub wake_at: Ticks,
    /// Says that the board should bring a link up. It stays so until one is up or
    /// [`Node::link_failed`](super::Node::link_failed) was told: also while a link logs in.
    pub need_link: bool,
    /// Holds what happened, at most one thing a call.
    pub event: Option<Event<A, L, F>>,
}

/// Says what happened in a call; `A`, `L` and `F` are the errors of application, link and flash.
///
/// A board needs to act on [`LinkLost`](Self::LinkLost) only; the rest is for consoles, lights and
/// counters. Each error among them says who must act:
///
/// ```
/// use sundew::core::{Classify, ErrorKind};
/// use sundew::node::Event;
///
/// fn is_for_a_technician<A: Classify, L: Classify, F: core::fmt::Debug>(
///     event: &Event<A, L, F>,
/// ) -> bool {
///     let kind = match event {
///         Event::SensorFault { error, .. } => error.kind(),
///         Event::StorageFault(error) => error.kind(),
///         Event::LinkLost(error) => error.kind(),
///         _ => return false,
///     };
///     kind == ErrorKind::Bus
/// }
/// # type E = Event<ErrorKind, ErrorKind, ErrorKind>;
/// assert!(is_for_a_technician(&E::SensorFault { task: 0, error: ErrorKind::Bus }));
/// assert!(!is_for_a_technician(&E::LinkLost(ErrorKind::Peer)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Event<A, L, F> {
    /// Reports a sample that is durable in flash now.
    Recorded {
        /// Names the record.
        position: Position,
        /// Tells when the sample was taken.
        time: Timestamp,
        /// Holds the values.
        sample: Sample,
    },
    /// Reports that the other side holds every record up to one, and the flash has let go of them.
    Delivered {
        /// Names the newest record of the batch.
        up_to: Position,
        /// Holds how many records the batch had.
        records: u16,
    },
    /// Reports a command that was carried out or refused; its result goes up the link.
    Command {
        /// Holds the number that the sender gave the command.
        id: u32,
        /// Names the channel; `None` where the device has none of that name.
        channel: Option<ChannelId>,
        /// Holds the value asked for, at the channel's exponent.
        mantissa: i32,
        /// Says whether it was done.
        outcome: Result<(), Refusal>,
    },
    /// Reports that the link carries messages now.
    LinkUp,
    /// Reports that the link died; the board drops it. What was in flight is sent again.
    LinkLost(L),
    /// Reports that the other side will never take a batch: its records are given up.
    Rejected {
        /// Names the newest record of the batch.
        up_to: Position,
        /// Holds how many records the batch had.
        records: u16,
    },
    /// Reports records that hold no value which this firmware can read, through damage or because
    /// an update took their channels away: they are given up.
    Unreadable {
        /// Names the newest of them.
        up_to: Position,
        /// Holds how many they were.
        records: u16,
    },
    /// Reports a sensor that failed; the task has its next turn as planned.
    SensorFault {
        /// Holds the number of the task.
        task: usize,
        /// Tells who must act.
        error: A,
    },
    /// Reports that a sample could not be recorded, read back or let go of.
    StorageFault(sundew_queue::Error<F>),
    /// Reports a message on the command channel that is no command.
    NoCommand(CommandError),
    /// Reports a command that was longer than the link's buffer; it is gone and not answered.
    CommandTooLong {
        /// Holds its length in bytes.
        bytes: u32,
    },
    /// Reports that a message of this link can hold nothing of the oldest record: what waits stays
    /// until the link takes more or another is up. Or it cannot hold the result of a command, which
    /// is given up.
    LinkTooNarrow {
        /// Holds the payload bytes that one message may have.
        payload: u16,
    },
}

/// Says why a command was not carried out; the numbers are frozen, they go back as its result.
///
/// ```
/// use sundew::node::Refusal;
///
/// assert_eq!(Refusal::OutOfRange.number(), 3);
/// assert_eq!(Refusal::OutOfRange.to_string(), "value out of range");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
#[non_exhaustive]
pub enum Refusal {
    /// Reports a name that is no channel of the device.
    UnknownChannel = 1,
    /// Reports a channel that the device alone sets.
    ReadOnly = 2,
    /// Reports a value outside the channel's range, or finer than its last decimal place.
    OutOfRange = 3,
    /// Reports a command whose time has passed.
    Expired = 4,
    /// Reports a command with an expiry on a device that does not know the time.
    ClockUnknown = 5,
    /// Reports a writable channel that the application does not set.
    Unsupported = 6,
    /// Reports a value that could not be kept in flash.
    NotStored = 7,
    /// Reports a part that did not take the value.
    Fault = 8,
    /// Reports a value in another unit than the channel's.
    WrongUnit = 9,
}

impl Refusal {
    /// Returns the frozen number; 0 is never one, it means done.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

impl Classify for Refusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Fault => ErrorKind::Bus,
            Self::NotStored | Self::ClockUnknown => ErrorKind::Resource,
            Self::Unsupported => ErrorKind::Config,
            _ => ErrorKind::Peer,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownChannel => "no such channel",
            Self::ReadOnly => "channel is not writable",
            Self::OutOfRange => "value out of range",
            Self::Expired => "command has expired",
            Self::ClockUnknown => "command may have expired",
            Self::Unsupported => "channel is not set by the application",
            Self::NotStored => "value could not be kept",
            Self::Fault => "part did not take the value",
            Self::WrongUnit => "value in another unit",
        })
    }
}

impl core::error::Error for Refusal {}

/// Says why a node could not be opened.
///
/// ```
/// use sundew::core::{Classify, ErrorKind};
/// use sundew::node::OpenError;
///
/// let error: OpenError<core::convert::Infallible> = OpenError::Queue(sundew::queue::Error::Region);
/// assert_eq!(error.kind(), ErrorKind::Config); // the firmware's author must act
/// assert_eq!(error.to_string(), "queue: the region does not suit the flash");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum OpenError<F> {
    /// Reports the queue's region.
    Queue(sundew_queue::Error<F>),
    /// Reports the settings' region.
    Settings(sundew_store::Error<F>),
}

impl<F: fmt::Debug> Classify for OpenError<F> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Queue(error) | Self::Settings(error) => error.kind(),
        }
    }
}

impl<F: fmt::Debug> fmt::Display for OpenError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queue(error) => write!(f, "queue: {error}"),
            Self::Settings(error) => write!(f, "settings: {error}"),
        }
    }
}

impl<F: fmt::Debug> core::error::Error for OpenError<F> {}
