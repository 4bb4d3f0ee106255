//! A record of the queue on its way to the wire.

use crate::{Origin, Time, record};

/// Holds values that were taken together, with what the queue's header knows of them.
///
/// ```
/// use sundew_codec::{Origin, Row, Time, record};
/// let stored = [7, 0, 1, 0x92, 0x49]; // schema 7, channel 1: 2345
/// let row = Row::new(record::decode(&stored)?)
///     .at(Time::Unix(1_700_000_000))
///     .with_origin(Origin::new(3, 1_041));
/// assert_eq!(row.schema(), 7);
/// # Ok::<(), sundew_codec::Error>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Row<'a> {
    /// Holds the values.
    pub values: record::Values<'a>,
    /// Tells when they were taken.
    pub time: Time,
    /// Names the queue's record.
    pub origin: Option<Origin>,
}

impl<'a> Row<'a> {
    /// Holds values of now.
    pub const fn new(values: record::Values<'a>) -> Self {
        Self { values, time: Time::NOW, origin: None }
    }

    /// Sets the time.
    #[must_use]
    pub const fn at(mut self, time: Time) -> Self {
        self.time = time;
        self
    }

    /// Sets the queue's record that the values come from.
    #[must_use]
    pub const fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Returns the number of the schema that the channels belong to.
    pub const fn schema(&self) -> u16 {
        self.values.schema()
    }
}
