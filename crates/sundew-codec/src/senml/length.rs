//! How long a pack will be, without writing it.

use core::marker::PhantomData;

use super::{Exact, Mark, Record, Style};
use crate::Error;

/// Counts what a [`PackEncoder`](super::PackEncoder) of the same style would write, without a
/// buffer.
///
/// ```
/// use sundew_codec::{Error, senml::{PackEncoder, PackLength, Record}};
/// use sundew_units::Dec;
///
/// let air = Record::new("air").with_unit("Cel").with_value(Dec::new(2_345, -2));
/// let mut length: PackLength<'_> = PackLength::new("dev1:");
/// length.push(&air)?;
/// length.push(&air)?;
///
/// let mut payload = vec![0; length.len()];
/// let mut pack = PackEncoder::new(&mut payload, "dev1:");
/// pack.push(&air)?;
/// pack.push(&air)?;
/// assert_eq!(pack.finish().len(), length.len());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PackLength<'n, S: Style = Exact> {
    base_name: &'n str,
    stands: Mark,
    style: PhantomData<S>,
}

impl<'n, S: Style> PackLength<'n, S> {
    /// Starts with a pack that has a base name and no record.
    pub const fn new(base_name: &'n str) -> Self {
        Self { base_name, stands: Mark::START, style: PhantomData }
    }

    /// Adds a record.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Range`] for what [`PackEncoder::push`](super::PackEncoder::push) refuses
    /// likewise, and counts nothing then.
    pub fn push(&mut self, record: &Record<'_>) -> Result<(), Error> {
        self.stands = self.stands.after::<S>(record, self.base_name, &mut [])?;
        Ok(())
    }

    /// Returns the number of records.
    pub const fn count(&self) -> u16 {
        self.stands.count
    }

    /// Returns whether there is no record yet.
    pub const fn is_empty(&self) -> bool {
        self.stands.count == 0
    }

    /// Returns the bytes of the pack; 1 where it has no record.
    pub const fn len(&self) -> usize {
        self.stands.len
    }
}
