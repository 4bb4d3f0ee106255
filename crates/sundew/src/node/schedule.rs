//! Which task is due, and when the next one is.

use core::num::NonZeroU32;

use sundew_core::Ticks;

use super::Task;

/// Keeps the turn of every task.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule<const TASKS: usize> {
    turns: [Turn; TASKS],
}

#[derive(Clone, Copy, Debug)]
struct Turn {
    /// In ms; not zero, so that keeping the beat cannot divide by it.
    every: NonZeroU32,
    due: Ticks,
    /// Set while the task's sensors warm up: when they may be read.
    ready: Option<Ticks>,
}

/// Says what a task needs now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Start(usize),
    Read(usize),
}

impl<const TASKS: usize> Schedule<TASKS> {
    /// Makes every task due at once.
    pub(super) fn new(tasks: &[Task; TASKS], now: Ticks) -> Self {
        Self {
            turns: tasks.map(|task| Turn {
                every: at_least_one(task.millis()),
                due: now,
                ready: None,
            }),
        }
    }

    /// Returns what is due; sensors that are warm go before those that are to be started.
    pub(super) fn due(&self, now: Ticks) -> Option<Due> {
        let warm = |turn: &Turn| turn.ready.is_some_and(|ready| now.has_reached(ready));
        let cold = |turn: &Turn| turn.ready.is_none() && now.has_reached(turn.due);
        let read = self.turns.iter().position(warm).map(Due::Read);
        read.or_else(|| self.turns.iter().position(cold).map(Due::Start))
    }

    /// Notes that a task was started and may be read `wait` ms from now.
    pub(super) fn started(&mut self, task: usize, now: Ticks, wait: u32) {
        if let Some(turn) = self.turns.get_mut(task) {
            turn.ready = Some(now.after(wait));
        }
    }

    /// Notes that a task had its turn, and plans the next one.
    ///
    /// Turns keep their beat: one that came late does not move those after it, and turns that were
    /// missed altogether are left out rather than made up for in a burst.
    pub(super) fn finished(&mut self, task: usize, now: Ticks) {
        if let Some(turn) = self.turns.get_mut(task) {
            turn.ready = None;
            let late = now.since(turn.due) % turn.every;
            turn.due = now.after(turn.every.get() - late);
        }
    }

    /// Changes a task's interval; its next turn is one new interval from now.
    pub(super) fn set_interval(&mut self, task: usize, now: Ticks, millis: u32) {
        if let Some(turn) = self.turns.get_mut(task) {
            turn.every = at_least_one(millis);
            turn.due = now.after(turn.every.get());
        }
    }

    /// Returns the earliest moment at which something will be due.
    pub(super) fn wake_at(&self) -> Option<Ticks> {
        self.turns.iter().map(|turn| turn.ready.unwrap_or(turn.due)).reduce(Ticks::earlier)
    }
}

const fn at_least_one(millis: u32) -> NonZeroU32 {
    match NonZeroU32::new(millis) {
        Some(millis) => millis,
        None => NonZeroU32::MIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u32) -> Ticks {
        Ticks::from_millis(millis)
    }

    #[test]
    fn a_late_turn_keeps_the_beat() {
        let mut schedule = Schedule::new(&[Task::every_millis(100)], at(0));
        assert_eq!(schedule.due(at(0)), Some(Due::Start(0)));
        schedule.started(0, at(0), 10);
        assert_eq!(schedule.due(at(9)), None);
        assert_eq!(schedule.due(at(30)), Some(Due::Read(0)));
        schedule.finished(0, at(30));
        assert_eq!(schedule.wake_at(), Some(at(100)));
        schedule.finished(0, at(530));
        assert_eq!(schedule.wake_at(), Some(at(600)), "four missed turns are left out");
    }

    #[test]
    fn the_warm_go_first_and_a_new_interval_counts_from_now() {
        let tasks = [Task::every_millis(100), Task::every_millis(100)];
        let mut schedule = Schedule::new(&tasks, at(0));
        schedule.started(1, at(0), 5);
        assert_eq!(schedule.due(at(4)), Some(Due::Start(0)));
        assert_eq!(schedule.due(at(5)), Some(Due::Read(1)));
        schedule.finished(1, at(5));
        schedule.finished(0, at(5));
        schedule.set_interval(1, at(50), 20);
        assert_eq!(schedule.wake_at(), Some(at(70)));
    }
}
