//! The way to a state: for people, and as an id that goes it again.

use core::fmt;
use std::string::{String, ToString};
use std::vec::Vec;

use super::turn::{Act, Cut, Turn};

/// Shows the way from the start to a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub(super) turns: Vec<Turn>,
    /// One line for each turn.
    pub(super) lines: Vec<String>,
    pub(super) violation: Option<String>,
}

impl Path {
    /// Returns the id by which [`Explorer::rerun`](super::Explorer::rerun) goes the same way.
    pub fn id(&self) -> String {
        let words: Vec<String> = self.turns.iter().map(ToString::to_string).collect();
        words.join(".")
    }

    /// Returns the turns, a line for people each, without the violation.
    pub fn turns(&self) -> &[String] {
        &self.lines
    }

    /// Returns what is wrong at its end.
    pub fn violation(&self) -> Option<&str> {
        self.violation.as_deref()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, line) in (1..).zip(&self.lines) {
            writeln!(f, "{number:>4}. {line}")?;
        }
        match &self.violation {
            Some(what) => writeln!(f, "      {what}")?,
            None => writeln!(f, "      and nothing is wrong")?,
        }
        write!(f, "  id: {}", self.id())
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.act {
            Act::Boot(0) => f.write_str("b")?,
            Act::Boot(reading) => write!(f, "b{reading}")?,
            Act::Do(choice) => write!(f, "d{choice}")?,
            Act::Unplug => f.write_str("x")?,
        }
        match self.cut {
            Some(Cut { step, tear }) => write!(f, "c{step}t{tear}"),
            None => Ok(()),
        }
    }
}

/// Reads the turns of an id; `None` where it is none.
pub(super) fn parsed(id: &str) -> Option<Vec<Turn>> {
    id.split('.').map(turn).collect()
}

fn turn(word: &str) -> Option<Turn> {
    let (act, cut) = match word.split_once('c') {
        None => (word, None),
        Some((act, cut)) => {
            let (step, tear) = cut.split_once('t')?;
            (act, Some(Cut { step: step.parse().ok()?, tear: tear.parse().ok()? }))
        }
    };
    let act = match act.split_at_checked(1)? {
        ("b", "") => Act::Boot(0),
        ("b", reading) => Act::Boot(reading.parse().ok()?),
        ("d", choice) => Act::Do(choice.parse().ok()?),
        ("x", "") => Act::Unplug,
        _ => return None,
    };
    Some(Turn { act, cut })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_as_the_turns_that_made_it() {
        let id = "b.d0.d12c3t4.b2.x.b1c0t5";
        let turns = parsed(id).unwrap();
        let path = Path { turns, lines: Vec::new(), violation: None };
        assert_eq!(path.id(), id);
        for wrong in ["", "b.", "q", "d", "d1c", "d1c2", "d1ct", "x1", "b-1", "dé"] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }
}
