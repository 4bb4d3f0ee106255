//! Random runs with several cuts, on memories larger than can be searched.
//!
//! A run is drawn from its seed alone: runs of one geometry have seeds that follow one another, so
//! that `--seed S --cases 1 --geometry G` goes the run of seed S again and tells of every act.

mod dice;
mod geometry;
mod plan;
mod run;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sundew_testkit::Torn;

use crate::{Options, Summary};
use geometry::{GEOMETRIES, Geometry};
use run::Tally;

/// The runs of all geometries together.
const RUNS: u64 = 1_000_000;
/// The runs that a thread takes at once.
const BATCH: u64 = 32;
/// Begins what is told of runs in which a page wears out while power is cut. There is no
/// promise for both at once in a region that is full; some two in 20,000 of such runs show why.
const WORN: &str = "worn: ";
/// Begins what is told of runs in which so many cuts in a row left wavering words that the log
/// promises nothing: `NorLog` says of how many. Two in 1,000,000 runs show why.
const WAVERED: &str = "wavered: ";
/// A geometry with so many violations is given up.
const ENOUGH: usize = 1000;

/// Says which tears are drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kinds<'a>(&'a str);

impl Kinds<'_> {
    fn has(self, torn: Torn) -> bool {
        match self.0 {
            "all" => true,
            "stable" => torn != Torn::Metastable,
            "metastable" => matches!(torn, Torn::Before | Torn::Whole | Torn::Metastable),
            _ => false,
        }
    }
}

pub(crate) fn run(options: &Options) -> Result<Summary, String> {
    let started = Instant::now();
    let limit = options.number("--seconds")?.map_or(Duration::MAX, Duration::from_secs);
    let seed = options.number("--seed")?.unwrap_or(1);
    let faults = options.value("--faults").unwrap_or("all");
    if !["all", "stable", "metastable"].contains(&faults) {
        return Err("--faults: all, stable or metastable".to_owned());
    }
    let wanted = options.value("--geometry");
    let chosen: Vec<_> = GEOMETRIES
        .iter()
        .filter(|geometry| wanted.is_none_or(|wanted| wanted == geometry.name()))
        .collect();
    let runs = options.number("--cases")?.unwrap_or(RUNS);
    let mut summary = Summary::default();
    println!("geometry                  runs       cuts      boots         acts      time");
    for (index, geometry) in (0..).zip(&chosen) {
        let (done, left) = (summary.cases, (chosen.len() as u64).saturating_sub(index).max(1));
        let share = (runs - done.min(runs)) / left;
        // What is left of the time is shared by the geometries that are left.
        let time = limit.saturating_sub(started.elapsed()) / left as u32;
        let row = Row { geometry: **geometry, kinds: Kinds(faults), seed, runs: share, time };
        if share == 1 && runs == 1 {
            row.tell(&mut summary);
        } else {
            row.go(options.has("--first"), &mut summary);
        }
        if !summary.violations.is_empty() && options.has("--first") {
            break;
        }
    }
    Ok(summary)
}

/// Is what is asked of one geometry.
struct Row<'a> {
    geometry: &'static dyn Geometry,
    kinds: Kinds<'a>,
    seed: u64,
    runs: u64,
    time: Duration,
}

impl Row<'_> {
    /// Goes one run and tells of it.
    fn tell(&self, summary: &mut Summary) {
        let course = self.geometry.course(self.kinds);
        let wrong = course.run(self.seed, &mut Tally::default(), &mut |line| println!("{line}"));
        summary.cases += 1;
        if let Some(what) = wrong {
            self.judge(self.seed, &what, summary);
        }
    }

    /// Goes all runs, on all cores.
    fn go(&self, is_first_enough: bool, summary: &mut Summary) {
        let (name, started) = (self.geometry.name(), Instant::now());
        let course = self.geometry.course(self.kinds);
        let (next, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
        let (sum, wrong) = (Mutex::new(Tally::default()), Mutex::new(Vec::new()));
        let work = || {
            let mut tally = Tally::default();
            loop {
                let from = next.fetch_add(BATCH, Ordering::Relaxed);
                let has_ended = from >= self.runs || started.elapsed() >= self.time;
                if has_ended || is_over.load(Ordering::Relaxed) {
                    break;
                }
                for run in from..(from + BATCH).min(self.runs) {
                    let seed = self.seed.wrapping_add(run);
                    let Some(what) = course.run(seed, &mut tally, &mut |_| {}) else { continue };
                    if let Ok(mut wrong) = wrong.lock() {
                        wrong.push((seed, what));
                        if is_first_enough || wrong.len() >= ENOUGH {
                            is_over.store(true, Ordering::Relaxed);
                        }
                    }
                }
            }
            if let Ok(mut sum) = sum.lock() {
                sum.add(&tally);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(work);
            }
        });
        let Tally { runs, cuts, boots, acts, .. } = sum.into_inner().unwrap_or_default();
        let mut wrong = wrong.into_inner().unwrap_or_default();
        wrong.sort_unstable();
        let known = wrong.iter().filter(|(_, what)| is_known(what)).count();
        let (violations, time) = (wrong.len() - known, started.elapsed().as_secs_f32());
        println!(
            "{name:20} {runs:>9} {cuts:>10} {boots:>10} {acts:>12} {time:>8.1}s  \
             known={known} violations={violations}"
        );
        summary.cases += runs;
        for (seed, what) in wrong {
            self.judge(seed, &what, summary);
        }
    }

    /// Tells what is wrong, and whether it is known.
    fn judge(&self, seed: u64, what: &str, summary: &mut Summary) {
        let told = self.named(seed, what);
        if is_known(what) {
            println!("known: {told}");
            summary.known += 1;
        } else {
            summary.violations.push(told);
        }
    }

    fn named(&self, seed: u64, what: &str) -> String {
        let (name, Kinds(faults)) = (self.geometry.name(), self.kinds);
        format!(
            "{name}: {what}: cargo prove queue-random --geometry {name} --faults {faults} \
             --seed {seed} --cases 1"
        )
    }
}

/// Tells whether the log promises nothing for what was done in a run.
fn is_known(what: &str) -> bool {
    [WORN, WAVERED].iter().any(|known| what.starts_with(known))
}
