//! Lives that are made up, and what the judge says of them.

use std::fmt::Write as _;

use queue_drill::{Habit, LONGEST, Sample};

use super::*;
use crate::prove::queue_boards::board::AN385;
use crate::prove::queue_boards::lives::Lives;

const LEN: u8 = 20;

/// Returns the first so many numbers whose records have this priority.
fn numbers(priority: Priority, count: usize) -> Vec<u32> {
    let has = |number: &u32| Sample { number: *number, len: LEN }.class().priority == priority;
    (0..).filter(has).take(count).collect()
}

/// Tells a record as it must come back.
fn told(verb: &str, number: u32, position: (u16, u32)) -> String {
    let sample = Sample { number, len: LEN };
    let mut buffer = [0; LONGEST];
    let class = sample.class();
    let record = Named { priority: class.priority, number };
    let sum = Sample::sum(sample.stamp(), class.effort, sample.payload(&mut buffer));
    let position = Position { boot: position.0, sequence: position.1 };
    let shown = Shown { record, len: LEN, sum, position };
    Line::Seen(shown).to_string().replacen("seen", verb, 1)
}

struct Court {
    judge: Judge<'static>,
    lives: Lives<'static>,
}

impl Court {
    fn new() -> Self {
        Self { judge: Judge::new(&AN385), lives: Lives::new(&AN385, Habit::Honest) }
    }

    /// Lets one life tell these lines, then kills it.
    fn live(&mut self, lines: &[String]) {
        self.judge.begin(&self.lives.empty(0));
        for line in lines {
            assert!(!self.judge.hear(line), "{line}");
        }
        self.judge.end();
    }

    fn violations(&self) -> String {
        self.judge.violations.iter().fold(String::new(), |mut all, next| {
            let _ = writeln!(all, "{next}");
            all
        })
    }
}

/// Tells that these were recorded, in boot 1.
fn recorded(numbers: &[u32]) -> Vec<String> {
    let mut lines = vec!["opened".to_owned()];
    for (sequence, number) in numbers.iter().enumerate() {
        let priority = Sample { number: *number, len: LEN }.class().priority;
        let record = Named { priority, number: *number };
        lines.push(Line::Record { record, len: LEN }.to_string());
        lines.push(format!("recorded 1 {sequence} 0"));
    }
    lines
}

fn held(numbers: &[(u32, u32)]) -> Vec<String> {
    let mut lines: Vec<String> =
        numbers.iter().map(|(number, sequence)| told("held", *number, (1, *sequence))).collect();
    lines.push("drained".to_owned());
    lines.push("opened".to_owned());
    lines
}

#[test]
fn what_comes_back_as_it_was_told_is_right() {
    let normal = numbers(Priority::Normal, 3);
    let mut court = Court::new();
    court.live(&recorded(&normal));
    court.live(&held(&[(normal[0], 0), (normal[1], 1), (normal[2], 2)]));
    assert_eq!(court.violations(), "");
}

#[test]
fn lost_and_swapped_and_altered_records_are_noticed() {
    let normal = numbers(Priority::Normal, 3);
    for (lines, expected) in [
        (held(&[(normal[0], 0), (normal[2], 2)]), "lost"),
        (held(&[(normal[1], 1), (normal[0], 0), (normal[2], 2)]), "out of order"),
        (held(&[(normal[0], 7), (normal[1], 1), (normal[2], 2)]), "came back as"),
        (held(&[(normal[0], 0), (normal[1], 1), (normal[2], 2), (90_000, 3)]), "never recorded"),
    ] {
        let mut court = Court::new();
        court.live(&recorded(&normal));
        court.live(&lines);
        assert!(court.violations().contains(expected), "{expected}: {}", court.violations());
    }
    let mut court = Court::new();
    court.live(&recorded(&normal[..1]));
    let altered = told("held", normal[0], (1, 0)).replacen(" 20 ", " 21 ", 1);
    court.live(&[altered, "opened".to_owned()]);
    assert!(court.violations().contains("came back as"), "{}", court.violations());
}

#[test]
fn what_the_power_cut_short_may_be_there_or_not_and_stays_so() {
    let normal = numbers(Priority::Normal, 3);
    for is_there in [false, true] {
        let mut lines = recorded(&normal);
        // `recorded` of the last was never told.
        lines.pop();
        let mut all = vec![(normal[0], 0), (normal[1], 1)];
        if is_there {
            all.push((normal[2], 2));
        }
        let mut court = Court::new();
        court.live(&lines);
        // A kill before the queue is open settles nothing.
        court.live(&held(&all)[..1]);
        court.live(&held(&all));
        assert_eq!(court.violations(), "");
        all.pop();
        court.live(&held(&all));
        assert!(court.violations().contains("lost"), "{is_there}");
    }
}

#[test]
fn what_was_told_to_be_acknowledged_must_not_return() {
    let normal = numbers(Priority::Normal, 3);
    for is_told in [true, false] {
        let mut lines = recorded(&normal);
        lines.push(format!("ack normal {}", normal[1]));
        lines.extend(is_told.then(|| "acked".to_owned()));
        let mut court = Court::new();
        court.live(&lines);
        court.live(&held(&[(normal[1], 1), (normal[2], 2)]));
        assert_eq!(court.violations().contains("was told to be gone"), is_told);
        // Behind the mark nothing may go in any case.
        court.live(&held(&[]));
        assert!(court.violations().contains(&format!("lost: record {}", normal[2])));
    }
}

#[test]
fn only_told_drops_of_the_lowest_priority_are_allowed() {
    let (high, low) = (numbers(Priority::High, 1), numbers(Priority::Low, 2));
    let all = [low[0], low[1], high[0]];
    for (dropped, is_right) in [(0, false), (1, true), (2, false)] {
        let mut lines = recorded(&all);
        lines.pop();
        lines.push(format!("recorded 1 2 {dropped}"));
        let mut court = Court::new();
        court.live(&lines);
        court.live(&held(&[(high[0], 2), (low[1], 1)]));
        assert_eq!(court.violations().is_empty(), is_right, "{}", court.violations());
    }
}

#[test]
fn a_reader_must_come_by_all_in_order() {
    let (high, low) = (numbers(Priority::High, 1), numbers(Priority::Low, 2));
    let seen = [told("seen", high[0], (1, 2)), told("seen", low[0], (1, 0))];
    for (order, end, is_right) in [
        ([0, 1], told("seen", low[1], (1, 1)), true),
        ([1, 0], told("seen", low[1], (1, 1)), false),
        ([0, 1], "drained".to_owned(), false),
    ] {
        let mut lines = recorded(&[low[0], low[1], high[0]]);
        lines.push("reading".to_owned());
        lines.extend(order.map(|index| seen[index].clone()));
        lines.push(end);
        let mut court = Court::new();
        court.live(&lines);
        assert_eq!(court.violations().is_empty(), is_right, "{}", court.violations());
    }
}
