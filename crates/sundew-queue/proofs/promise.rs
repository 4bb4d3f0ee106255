//! What the queue has promised, and whether it is kept.

use sundew_queue::Priority;
use sundew_testkit::explore::Stop;

use crate::part::Grain;

/// Numbers a record in the order of recording, over all lines.
pub(crate) type Id = u16;

/// Holds the records of each line, lowest priority first, oldest first.
pub(crate) type Lines = [Vec<Id>; 3];

pub(crate) const PRIORITIES: [Priority; 3] = [Priority::Low, Priority::Normal, Priority::High];

/// Holds what the world knows, cuts or no cuts.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Promises {
    /// How much of the script was begun.
    pub(crate) begun: u16,
    lines: [Vec<Promise>; 3],
}

/// Is what changes what waits.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) enum Deed {
    Record(Priority, Id),
    /// Lets go of the records of a line up to and with one.
    Ack(Priority, Id),
}

#[derive(Clone, Copy, Debug, Hash)]
struct Promise {
    id: Id,
    kept: Kept,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kept {
    /// It was recorded, and nobody let go of it.
    Surely,
    /// It was being recorded, acknowledged or dropped when power was lost.
    Perhaps,
}

impl Promises {
    pub(crate) const fn none() -> Self {
        Self { begun: 0, lines: [const { Vec::new() }; 3] }
    }

    /// Notes what is about to be done: from now on it may have been, or not.
    pub(crate) fn begin(&mut self, deed: Deed) {
        match deed {
            Deed::Record(priority, id) => {
                self.line(priority).push(Promise { id, kept: Kept::Perhaps });
            }
            Deed::Ack(priority, up_to) => self.loosen(priority, up_to),
        }
    }

    /// Notes that it is done.
    pub(crate) fn done(&mut self, deed: Deed) {
        match deed {
            Deed::Record(priority, id) => {
                for promise in self.line(priority).iter_mut().filter(|promise| promise.id == id) {
                    promise.kept = Kept::Surely;
                }
            }
            Deed::Ack(priority, up_to) => self.gone(priority, up_to),
        }
    }

    /// Notes that it was refused: a record must not be there, the acknowledged may come again.
    pub(crate) fn refused(&mut self, deed: Deed) {
        if let Deed::Record(priority, id) = deed {
            self.line(priority).retain(|promise| promise.id != id);
        }
    }

    /// Notes that the records up to and with one may go at any time.
    pub(crate) fn loosen(&mut self, priority: Priority, up_to: Id) {
        for promise in self.line(priority).iter_mut().filter(|promise| promise.id <= up_to) {
            promise.kept = Kept::Perhaps;
        }
    }

    /// Notes that the records up to and with one are gone, and must not come again.
    pub(crate) fn gone(&mut self, priority: Priority, up_to: Id) {
        self.line(priority).retain(|promise| promise.id > up_to);
    }

    /// Compares with what was found.
    pub(crate) fn check(&self, found: &Lines) -> Result<(), Stop> {
        for ((line, found), priority) in self.lines.iter().zip(found).zip(PRIORITIES) {
            if !found.is_sorted() {
                return Err(Stop::violation(format!("{priority:?}: out of order: {found:?}")));
            }
            for id in found {
                if !line.iter().any(|promise| promise.id == *id) {
                    return Err(Stop::violation(format!("{priority:?}: came again: {id}")));
                }
            }
            for Promise { id, kept } in line {
                if *kept == Kept::Surely && !found.contains(id) {
                    return Err(Stop::violation(format!("{priority:?}: lost: {id}")));
                }
            }
        }
        Ok(())
    }

    /// Takes what was found for settled: it stays, and what was not found does not come, if a cut
    /// cannot mend what another one tore.
    ///
    /// For cells that read the same at every start.
    pub(crate) fn settle(&mut self, found: &Lines, grain: Grain) {
        for (line, found) in self.lines.iter_mut().zip(found) {
            if grain == Grain::Words {
                line.retain(|promise| found.contains(&promise.id));
            }
            for promise in line.iter_mut().filter(|promise| found.contains(&promise.id)) {
                promise.kept = Kept::Surely;
            }
        }
    }

    fn line(&mut self, priority: Priority) -> &mut Vec<Promise> {
        let [low, normal, high] = &mut self.lines;
        match priority {
            Priority::Low => low,
            Priority::Normal => normal,
            Priority::High => high,
        }
    }
}
