//! What one call of the node comes back with.

use sundew_core::{Classify, ErrorKind, Ticks};
use sundew_queue::Position;
use sundew_units::{ChannelId, Sample, Timestamp};

use super::CommandError;

/// Holds what one call of [`Node::poll`](super::Node::poll) comes back with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step<A, L, F> {
    /// Holds the latest moment at which to call again; a message that comes in is a reason to call
    /// earlier. Until then the board may sleep.
    pub wake_at: Ticks,
    /// Says that the board should bring a link up now.
    pub need_link: bool,
    /// Holds what happened, at most one thing a call.
    pub event: Option<Event<A, L, F>>,
}

/// Says what happened in a call; `A`, `L` and `F` are the errors of application, link and flash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Reports that the oldest record is longer than a message of this link can be.
    LinkTooNarrow {
        /// Holds the payload bytes that one message may have.
        payload: u16,
    },
}

/// Says why a command was not carried out; the numbers are frozen, they go back as its result.
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

/// Says why a node could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError<F> {
    /// Reports the queue's region.
    Queue(sundew_queue::Error<F>),
    /// Reports the settings' region.
    Settings(sundew_store::Error<F>),
}

impl<F: core::fmt::Debug> Classify for OpenError<F> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Queue(error) | Self::Settings(error) => error.kind(),
        }
    }
}
