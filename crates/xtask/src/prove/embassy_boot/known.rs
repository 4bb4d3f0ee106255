//! What is known to be wrong with embassy-boot, and whether a run found just that.

use super::Found;
use crate::failure::{Context, Failure};

/// Says that a sweep or a closure was run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ran {
    place: String,
    /// Cuts of a sweep, states of a closure.
    cases: u64,
    /// Nothing was left to look at.
    is_closed: bool,
}

/// Says what was found, or what is to be found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    place: String,
    what: String,
    /// In a sweep how many cuts bring it about; in a closure how many the shortest way takes.
    cuts: u64,
    /// Found: how often it was met. Known: its cause.
    more: String,
}

impl Ran {
    pub(super) fn read(line: &str) -> Result<Self, Failure> {
        let wrong = || format!("not `place, cases, closed`: {line}");
        let [place, cases, closed] = fields(line).context(wrong)?;
        let cases = cases.parse().context(wrong)?;
        Ok(Self { place: place.to_owned(), cases, is_closed: closed == "yes" })
    }
}

impl Row {
    pub(super) fn read(line: &str) -> Result<Self, Failure> {
        let wrong = || format!("not `place, what, cuts, count or cause`: {line}");
        let [place, what, cuts, more] = fields(line).context(wrong)?;
        let cuts = cuts.parse().context(wrong)?;
        Ok(Self { place: place.to_owned(), what: what.to_owned(), cuts, more: more.to_owned() })
    }

    fn is_about(&self, other: &Self) -> bool {
        self.place == other.place && self.what == other.what
    }
}

fn fields<const N: usize>(line: &str) -> Option<[&str; N]> {
    line.split('\t').collect::<Vec<_>>().try_into().ok()
}

/// Reads the list of what is known.
///
/// # Errors
/// A line is none of a table.
pub(super) fn rows() -> Result<Vec<Row>, Failure> {
    let lines = include_str!("known.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.map(Row::read).collect()
}

/// Compares what was found with what is known.
pub(super) fn judged(ran: &[Ran], found: &[Row], known: &[Row]) -> Found {
    let mut all = Found { cases: ran.iter().map(|ran| ran.cases).sum(), ..Found::default() };
    for row in found {
        let Row { place, what, cuts, .. } = row;
        match known.iter().find(|known| known.is_about(row)) {
            Some(known) if known.cuts == *cuts => all.known += row.more.parse().unwrap_or(0),
            Some(Row { cuts: other, .. }) => {
                all.violations.push(format!("{place}: {what}: {cuts} cuts, {other} are known"));
            }
            None => all.violations.push(format!("{place}: {what}: {cuts} cuts, not known")),
        }
    }
    for row in known.iter().filter(|known| !found.iter().any(|row| row.is_about(known))) {
        let Row { place, what, more: cause, .. } = row;
        match ran.iter().find(|ran| ran.place == *place) {
            Some(ran) if ran.is_closed => {
                all.violations.push(format!("{place}: {what} no longer shows ({cause})"));
            }
            Some(_) => println!("  {place}: {what} is behind the bound of this run"),
            None => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOSED: &str = "closure/x\t100\tyes";
    const FOUND: &str = "closure/x\tstuck\t1\t7";

    fn judge(ran: &str, found: &[&str], known: &[&str]) -> Found {
        let rows = |lines: &[&str]| -> Vec<Row> {
            lines.iter().map(|line| Row::read(line).unwrap()).collect()
        };
        judged(&[Ran::read(ran).unwrap()], &rows(found), &rows(known))
    }

    #[test]
    fn what_is_known_is_counted() {
        let all = judge(CLOSED, &[FOUND], &["closure/x\tstuck\t1\ta cause"]);
        assert_eq!((all.cases, all.known, all.violations.len()), (100, 7, 0));
    }

    #[test]
    fn what_is_new_or_other_or_gone_is_a_violation() {
        let known = "closure/x\tmixed\t1\ta cause";
        assert_eq!(judge(CLOSED, &[FOUND], &[]).violations.len(), 1);
        assert_eq!(judge(CLOSED, &[FOUND], &["closure/x\tstuck\t2\ta cause"]).violations.len(), 1);
        assert_eq!(judge(CLOSED, &[], &[known]).violations.len(), 1);
        // Behind a bound nobody looked, and elsewhere nobody was.
        assert_eq!(judge("closure/x\t100\tcap", &[], &[known]).violations.len(), 0);
        assert_eq!(judge("closure/y\t100\tyes", &[], &[known]).violations.len(), 0);
    }

    #[test]
    fn the_list_can_be_read_and_names_each_row_once() {
        let rows = rows().unwrap();
        assert!(!rows.is_empty());
        for (index, row) in rows.iter().enumerate() {
            assert!(rows.iter().skip(index + 1).all(|other| !other.is_about(row)), "{row:?}");
            // Between operations of a plain flash nothing may be known: that is its promise.
            assert!(!row.place.contains("/clean/") && row.place != "closure/clean", "{row:?}");
        }
    }

    #[test]
    fn other_lines_are_refused() {
        assert!(Ran::read("closure/x\t100").is_err());
        assert!(Row::read("closure/x\tstuck\tone\t7").is_err());
    }
}
