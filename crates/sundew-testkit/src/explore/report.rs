//! What a search found.

use core::fmt;
use core::time::Duration;
use std::string::String;
use std::vec::Vec;

use super::Path;

/// Holds what a search found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// Counts the different states, with and without power.
    pub states: u64,
    /// Counts the starts that were tried.
    pub boots: u64,
    /// Counts the turns of the longest way that was gone.
    pub depth: u32,
    /// Holds how long it took.
    pub time: Duration,
    /// Says whether no state was left to look at.
    pub closed: bool,
    /// Counts the turns that ended in a violation.
    pub violations: u64,
    /// Holds each violation once, by its text, the nearest first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Returns whether every state was looked at and nothing is wrong.
    pub const fn holds(&self) -> bool {
        self.closed && self.violations == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { states, boots, time, closed, violations, .. } = self;
        let closed = if *closed { "yes" } else { "cap" };
        write!(
            f,
            "states={states} boots={boots} time={:.1}s closed={closed} violations={violations}",
            time.as_secs_f32()
        )
    }
}

/// Holds something that is wrong.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// Says what is wrong.
    pub what: String,
    /// Counts how often it was met.
    pub count: u64,
    /// Holds the shortest way to it.
    pub path: Path,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({} times), nearest:", self.what, self.count)?;
        self.path.fmt(f)
    }
}
