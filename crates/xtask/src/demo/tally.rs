//! What was recorded against what arrived.

use std::collections::BTreeMap;

use super::row::{Key, Row};

/// Keeps every row that the node recorded and every row that arrived.
#[derive(Default)]
pub(crate) struct Tally {
    recorded: BTreeMap<Key, Row>,
    delivered: BTreeMap<Key, Row>,
    duplicated: usize,
    faults: Vec<String>,
}

impl Tally {
    /// Notes that the node recorded a row.
    pub(crate) fn record(&mut self, row: &Row) {
        if let Some(arrived) = self.delivered.get(&row.key)
            && !arrived.agrees_with(row)
        {
            self.faults.push(format!("recorded {row} but {arrived} arrived"));
        }
        if let Some(before) = self.recorded.insert(row.key.clone(), row.clone()) {
            self.faults.push(format!("a number was used twice: {before} and {row}"));
        }
    }

    /// Notes that a row arrived.
    pub(crate) fn deliver(&mut self, row: Row) {
        if let Some(recorded) = self.recorded.get(&row.key)
            && !recorded.agrees_with(&row)
        {
            self.faults.push(format!("recorded {recorded} but {row} arrived"));
        }
        if let Some(before) = self.delivered.get(&row.key) {
            self.duplicated += 1;
            if !before.agrees_with(&row) {
                self.faults.push(format!("arrived as {before} and again as {row}"));
            }
        } else {
            self.delivered.insert(row.key.clone(), row);
        }
    }

    /// Notes something that should never be seen.
    pub(crate) fn fault(&mut self, text: String) {
        self.faults.push(text);
    }

    /// Returns how many rows the node recorded.
    pub(crate) fn recorded(&self) -> usize {
        self.recorded.len()
    }

    /// Returns how many of the recorded rows arrived.
    pub(crate) fn delivered(&self) -> usize {
        self.recorded.keys().filter(|key| self.delivered.contains_key(key)).count()
    }

    /// Returns how many arrivals were repetitions.
    pub(crate) fn duplicated(&self) -> usize {
        self.duplicated
    }

    /// Returns how many rows arrived whose recording was not told: a kill fell between the two.
    pub(crate) fn untold(&self) -> usize {
        self.delivered.keys().filter(|key| !self.recorded.contains_key(key)).count()
    }

    /// Returns the recorded rows that did not arrive.
    pub(crate) fn lost(&self) -> impl Iterator<Item = &Row> {
        self.recorded.values().filter(|row| !self.delivered.contains_key(&row.key))
    }

    /// Returns what should never be seen: changed values, numbers used twice.
    pub(crate) fn faults(&self) -> &[String] {
        &self.faults
    }

    /// Returns the recorded rows of one boot.
    pub(crate) fn recorded_in(&self, boot: u16) -> impl Iterator<Item = &Row> {
        self.recorded.values().filter(move |row| row.key.boot == boot)
    }

    /// Returns the rows that arrived.
    pub(crate) fn arrived(&self) -> impl Iterator<Item = &Row> {
        self.delivered.values()
    }

    /// Forgets one arrived row, for a prover that must show that it notices.
    pub(crate) fn forget_one(&mut self) -> Option<Row> {
        let key = self.recorded.keys().find(|key| self.delivered.contains_key(key)).cloned()?;
        self.delivered.remove(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::row::sample;

    #[test]
    fn loss_and_repetition_are_counted() {
        let mut tally = Tally::default();
        tally.record(&sample(1, 0, "air", "20.0"));
        tally.record(&sample(1, 1, "air", "20.1"));
        tally.deliver(sample(1, 1, "air", "20.1"));
        tally.deliver(sample(1, 1, "air", "20.1"));
        tally.deliver(sample(1, 2, "air", "20.2"));
        assert_eq!((tally.recorded(), tally.delivered(), tally.duplicated()), (2, 1, 1));
        assert_eq!(tally.untold(), 1);
        assert_eq!(tally.lost().map(|row| row.key.sequence).collect::<Vec<_>>(), [0]);
        assert!(tally.faults().is_empty());
    }

    #[test]
    fn a_changed_value_is_a_fault_whichever_side_speaks_first() {
        let mut tally = Tally::default();
        tally.record(&sample(1, 0, "air", "20.0"));
        tally.deliver(sample(1, 0, "air", "20.1"));
        tally.deliver(sample(1, 1, "air", "20.1"));
        tally.record(&sample(1, 1, "air", "20.0"));
        assert_eq!(tally.faults().len(), 2);
        tally.record(&sample(1, 1, "air", "20.1"));
        assert_eq!(tally.faults().len(), 3, "a number used twice");
    }

    #[test]
    fn what_is_forgotten_is_lost() {
        let mut tally = Tally::default();
        assert_eq!(tally.forget_one(), None);
        tally.record(&sample(1, 0, "air", "20.0"));
        tally.deliver(sample(1, 0, "air", "20.0"));
        assert!(tally.forget_one().is_some());
        assert_eq!(tally.lost().count(), 1);
    }
}
