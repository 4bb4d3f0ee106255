//! The search itself: layer by layer, so that the first way to a state is a shortest one.

use core::hash::{BuildHasherDefault, Hasher};
use std::collections::HashSet;
use std::format;
use std::panic::resume_unwind;
use std::string::{String, ToString};
use std::thread;
use std::time::{Duration, Instant};
use std::vec;
use std::vec::Vec;

use super::path::{self, Path};
use super::turn::{Act, Cut, State, Tear, Turn};
use super::{Finding, Memory, Report, System};

/// States of one layer that are looked at before the next look at the bounds; the same number
/// with any number of threads, so that every run finds the same.
const BATCH: usize = 4096;
/// States that can be numbered, with room for what one batch adds.
const MOST: u64 = u32::MAX as u64 / 2;
/// Different texts of violations that are kept.
const FINDINGS: usize = 32;

/// Searches every state that a [`System`] can reach under any number of power cuts.
///
/// See the [module](super) for an example.
#[derive(Clone, Debug)]
pub struct Explorer<S: System> {
    system: S,
    tears: Vec<Tear<S>>,
    max_states: u64,
    max_time: Duration,
    threads: usize,
    goes_on: bool,
}

impl<S: System> Explorer<S> {
    /// Prepares a search with every tear of the memory, without bounds (but 2^31 states), on all cores.
    pub fn new(system: S) -> Self {
        let tears = system.start().0.tears().into_iter().collect();
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let (max_states, max_time) = (MOST, Duration::MAX);
        Self { system, tears, max_states, max_time, threads, goes_on: false }
    }

    /// Tries these tears only. The ids of paths count the places in this list.
    #[must_use]
    pub fn tears(mut self, tears: impl IntoIterator<Item = Tear<S>>) -> Self {
        self.tears = tears.into_iter().collect();
        self
    }

    /// Ends the search soon after so many states.
    #[must_use]
    pub const fn max_states(mut self, states: u64) -> Self {
        self.max_states = if states < MOST { states } else { MOST };
        self
    }

    /// Ends the search soon after this time.
    #[must_use]
    pub const fn max_time(mut self, time: Duration) -> Self {
        self.max_time = time;
        self
    }

    /// Uses so many threads.
    #[must_use]
    pub const fn threads(mut self, threads: usize) -> Self {
        self.threads = if threads == 0 { 1 } else { threads };
        self
    }

    /// Goes on behind the first violation, to count them all; no way leads on from one.
    #[must_use]
    pub const fn go_on(mut self) -> Self {
        self.goes_on = true;
        self
    }

    /// Searches.
    pub fn run(&self) -> Report {
        let started = Instant::now();
        let mut search = Search {
            explorer: self,
            seen: Seen::default(),
            parents: vec![None],
            boots: 0,
            violations: 0,
            found: Vec::new(),
        };
        let start = first(&self.system);
        search.seen.insert(start.fingerprint());
        let mut layer = vec![(0, start)];
        let mut depth = 0;
        let mut closed = true;
        'search: while !layer.is_empty() {
            let mut next = Vec::new();
            for batch in layer.chunks(BATCH) {
                let is_full = search.parents.len() as u64 >= self.max_states;
                if is_full || started.elapsed() >= self.max_time {
                    closed = false;
                    break 'search;
                }
                search.expand(batch, &mut next);
            }
            depth += 1;
            if !self.goes_on && search.violations > 0 {
                closed = next.is_empty();
                break;
            }
            layer = next;
        }
        let findings = search.found.iter().map(|(turns, what, count)| Finding {
            what: what.clone(),
            count: *count,
            path: self.walked(turns.clone()),
        });
        Report {
            states: search.parents.len() as u64,
            boots: search.boots,
            depth,
            time: started.elapsed(),
            closed,
            violations: search.violations,
            findings: findings.collect(),
        }
    }

    /// Goes a way again, by its id, as far as it goes.
    ///
    /// Both sides must use the same system and the same tears.
    ///
    /// # Errors
    ///
    /// Returns a text where the id is none.
    pub fn rerun(&self, id: &str) -> Result<Path, String> {
        let turns = path::parsed(id).ok_or_else(|| format!("`{id}` is not the id of a path"))?;
        Ok(self.walked(turns))
    }

    fn walked(&self, turns: Vec<Turn>) -> Path {
        let mut state = first(&self.system);
        let mut lines = Vec::new();
        for turn in &turns {
            lines.push(self.line(*turn));
            match state.take(&self.system, *turn, &self.tears).next {
                Ok(next) => state = next,
                Err(what) => return Path { turns, lines, violation: Some(what) },
            }
        }
        Path { turns, lines, violation: None }
    }

    /// Says what happens in a turn.
    fn line(&self, turn: Turn) -> String {
        let act = match turn.act {
            Act::Boot(0) => "boot".to_string(),
            Act::Boot(reading) => format!("boot, doubtful cells read their way {reading}"),
            Act::Do(choice) => self.system.name(choice as usize),
            Act::Unplug => "power is lost while nothing is done".to_string(),
        };
        let Some(Cut { step, tear }) = turn.cut else { return act };
        match self.tears.get(tear as usize) {
            Some(tear) => format!("{act}: power is lost in step {step}, {tear:?}"),
            None => act,
        }
    }
}

fn first<S: System>(system: &S) -> State<S> {
    let (mut memory, model) = system.start();
    memory.power_off();
    State::Off { memory, model }
}

/// Holds what all threads know.
struct Search<'e, S: System> {
    explorer: &'e Explorer<S>,
    seen: Seen,
    /// How each state was reached first: from which, by what; the start is number 0.
    parents: Vec<Option<(u32, Turn)>>,
    boots: u64,
    violations: u64,
    /// The way, the text and how often.
    found: Vec<(Vec<Turn>, String, u64)>,
}

type Seen = HashSet<u128, BuildHasherDefault<Folded>>;

/// Holds what one thread found.
struct Part<S: System> {
    fresh: Vec<(u128, u32, Turn, State<S>)>,
    wrong: Vec<(u32, Turn, String)>,
    boots: u64,
}

impl<S: System> Search<'_, S> {
    /// Takes every turn from each state of a batch, and keeps the states that are new.
    fn expand(&mut self, batch: &[(u32, State<S>)], next: &mut Vec<(u32, State<S>)>) {
        let share = batch.len().div_ceil(self.explorer.threads).max(1);
        let (explorer, seen) = (self.explorer, &self.seen);
        let parts: Vec<Part<S>> = thread::scope(|scope| {
            let run = |part| scope.spawn(move || explorer.expand_part(part, seen));
            let threads: Vec<_> = batch.chunks(share).map(run).collect();
            // A part that is missing would pass for one in which nothing was found.
            let part = |thread: thread::ScopedJoinHandle<'_, Part<S>>| {
                thread.join().unwrap_or_else(|panic| resume_unwind(panic))
            };
            threads.into_iter().map(part).collect()
        });
        // In the order of the batch, so that the number of threads does not show.
        for part in parts {
            self.boots += part.boots;
            for (parent, turn, what) in part.wrong {
                self.note(parent, turn, what);
            }
            for (fingerprint, parent, turn, state) in part.fresh {
                let Ok(number) = u32::try_from(self.parents.len()) else { return };
                if self.seen.insert(fingerprint) {
                    self.parents.push(Some((parent, turn)));
                    next.push((number, state));
                }
            }
        }
    }

    fn note(&mut self, parent: u32, turn: Turn, what: String) {
        self.violations += 1;
        if let Some((_, _, count)) = self.found.iter_mut().find(|(_, text, _)| *text == what) {
            *count += 1;
        } else if self.found.len() < FINDINGS {
            let mut turns = vec![turn];
            let mut at = parent;
            while let Some(Some((parent, turn))) = self.parents.get(at as usize) {
                turns.push(*turn);
                at = *parent;
            }
            turns.reverse();
            self.found.push((turns, what, 1));
        }
    }
}

impl<S: System> Explorer<S> {
    fn expand_part(&self, states: &[(u32, State<S>)], seen: &Seen) -> Part<S> {
        let mut part = Part { fresh: Vec::new(), wrong: Vec::new(), boots: 0 };
        let mut mine = Seen::default();
        for (number, state) in states {
            let mut take = |turn: Turn| -> u32 {
                part.boots += u64::from(matches!(turn.act, Act::Boot(_)));
                let outcome = state.take(&self.system, turn, &self.tears);
                match outcome.next {
                    Err(what) => part.wrong.push((*number, turn, what)),
                    Ok(next) => {
                        let fingerprint = next.fingerprint();
                        if !seen.contains(&fingerprint) && mine.insert(fingerprint) {
                            part.fresh.push((fingerprint, *number, turn, next));
                        }
                    }
                }
                outcome.steps
            };
            let acts: Vec<Act> = match state {
                State::Off { memory, .. } => (0..memory.readings()).map(Act::Boot).collect(),
                State::On { model, .. } => {
                    take(Turn { act: Act::Unplug, cut: None });
                    (0..self.system.choices(model) as u32).map(Act::Do).collect()
                }
            };
            for act in acts {
                let steps = take(Turn { act, cut: None });
                for step in 0..steps {
                    for tear in 0..self.tears.len() as u32 {
                        take(Turn { act, cut: Some(Cut { step, tear }) });
                    }
                }
            }
        }
        part
    }
}

/// Hashes what is a hash already.
#[derive(Default)]
struct Folded(u64);

impl Hasher for Folded {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(chunk) {
                *to = *from;
            }
            self.0 ^= u64::from_le_bytes(word);
        }
    }
}
