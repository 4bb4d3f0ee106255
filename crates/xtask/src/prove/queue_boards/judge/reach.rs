//! At which moments the power went: a run whose kills hit nothing proves nothing.

use std::fmt;

use queue_drill::{Place, Tear};

use crate::failure::Failure;

/// Counts the kills by what they hit.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Lives whose start was read to the end.
    pub(super) lives: u64,
    pub(super) in_record: u64,
    pub(super) in_ack: u64,
    pub(super) between: u64,
    /// Kills while the queue was opened or read back.
    pub(super) before_opened: u64,
    /// Records that were pending and there at the next start.
    pub(super) survived: u64,
    /// Records that were told to be dropped.
    pub(super) dropped: u64,
    /// Acknowledgements that found no room.
    pub(super) passed_by: u64,
    pub(super) most_held: usize,
    words: u64,
    torn_words: u64,
    erases: u64,
    torn_erases: u64,
}

impl Reach {
    pub(super) fn cut(&mut self, place: Place) {
        let is_torn = !matches!(place.tear, Tear::Before | Tear::After);
        let (all, torn) = if place.erasing {
            (&mut self.erases, &mut self.torn_erases)
        } else {
            (&mut self.words, &mut self.torn_words)
        };
        *all += 1;
        *torn += u64::from(is_torn);
    }

    /// Fails where the kills came at moments at which nothing could have gone wrong.
    pub(super) fn check(&self, kills: u64) -> Result<(), Failure> {
        // Of 270 kills some 150 are in a record, 50 in an acknowledgement, 45 in an erase, 90 in a
        // torn word; far less than that keeps chance from failing a short run.
        let enough = [
            ("in a record", self.in_record, kills / 10),
            ("in an acknowledgement", self.in_ack, kills / 20),
            ("in an erase", self.erases, kills / 20),
            ("in a torn word", self.torn_words, kills / 10),
        ];
        for (what, count, least) in enough {
            if count < least {
                return Err(Failure::new(format!(
                    "{kills} kills prove little: {count} {what}, not {least}"
                )));
            }
        }
        Ok(())
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { in_record, in_ack, between, before_opened, survived, .. } = self;
        write!(f, "killed in {in_record} records ({survived} of them stored), {in_ack} acks, ")?;
        write!(f, "{between} between, {before_opened} at the start; cut in ")?;
        let Self { words, torn_words, erases, torn_erases, .. } = self;
        write!(f, "{words} words ({torn_words} torn), {erases} erases ({torn_erases} torn); ")?;
        let Self { dropped, passed_by, most_held, .. } = self;
        write!(f, "{dropped} dropped, {passed_by} acks passed by, at most {most_held} held")
    }
}
