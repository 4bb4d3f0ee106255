//! Every state that small memories can reach under any number of cuts.
//!
//! A script goes round the memory twice and more. What a cut leaves behind stays until its page is
//! erased, so that no search comes to the end of twenty acts. The script is searched in windows, each
//! overlapping the next by half: in a window power is cut as often as one likes, before it never.
//! `--window N` makes them longer.

use std::time::{Duration, Instant};

use crate::geometry::{FAULTS, Faults, Geometries, Geometry, Limits, Window};
use crate::{Options, Summary};

/// A search ends here without a result: one that closes has some 10^5 states.
const MOST_STATES: u64 = 20_000_000;
/// The fewest states that say something about a geometry.
const FEWEST: u64 = 10_000;

pub(crate) fn run(options: &Options, geometries: Geometries) -> Result<Summary, String> {
    if let Some(id) = options.value("--id") {
        return rerun(options, geometries, id);
    }
    let started = Instant::now();
    let limit = options.number("--seconds")?.map_or(Duration::MAX, Duration::from_secs);
    let length = options.number("--window")?;
    let most = options.number("--cases")?.unwrap_or(MOST_STATES);
    let mut summary = Summary::default();
    println!("geometry               faults          states       boots      time  closed");
    for geometry in geometries {
        let name = geometry.name();
        if options.value("--geometry").is_some_and(|wanted| wanted != name) {
            continue;
        }
        match geometry.wraps() {
            Ok(wraps) if wraps >= 2.0 => {}
            Ok(wraps) => summary.violations.push(format!("{name}: wraps {wraps:.1} times only")),
            Err(stop) => summary.violations.push(format!("{name}: without a cut: {stop:?}")),
        }
        let mut row = Row::default();
        for faults in FAULTS {
            let is_wanted = options.value("--faults").is_none_or(|name| name == faults.name);
            if !is_wanted || !geometry.suits(faults) {
                continue;
            }
            let known = summary.known;
            let length = length.map_or(geometry.window().min(faults.window), |acts| acts as usize);
            let length = length.max(2);
            for window in windows(*geometry, length) {
                if !geometry.claims(faults, window) {
                    continue;
                }
                let time = limit.saturating_sub(started.elapsed());
                let states = most.saturating_sub(summary.cases);
                if time.is_zero() || states == 0 {
                    return Ok(summary);
                }
                row.search(*geometry, window, faults, Limits { time, states }, &mut summary);
                if !summary.violations.is_empty() && options.has("--first") {
                    return Ok(summary);
                }
            }
            if geometry.is_known(faults) && summary.known == known {
                let what = format!("{name} {}: known to fail, and did not", faults.name);
                summary.violations.push(what);
            }
        }
        let closed = if row.is_open { "cap" } else { "yes" };
        let (Row { states, boots, .. }, time) = (&row, row.time.as_secs_f32());
        println!("{name:22} {:11} {states:>10} {boots:>11} {time:>8.1}s  closed={closed}", "all");
        if *states < FEWEST && options.value("--faults").is_none() {
            summary.violations.push(format!("{name}: {states} states say little"));
        }
    }
    Ok(summary)
}

/// Adds up what was found in one geometry.
#[derive(Default)]
struct Row {
    states: u64,
    boots: u64,
    time: Duration,
    is_open: bool,
}

impl Row {
    fn search(
        &mut self,
        geometry: &'static dyn Geometry,
        window: Window,
        faults: &Faults,
        limits: Limits,
        summary: &mut Summary,
    ) {
        let (name, kind, Window { from, to }) = (geometry.name(), faults.name, window);
        let report = geometry.close(window, faults, limits);
        self.states += report.states;
        self.boots += report.boots;
        self.time += report.time;
        let is_known = geometry.is_known(faults);
        self.is_open |= !report.closed && !is_known;
        summary.cases += report.states;
        let known = if is_known { " known" } else { "" };
        println!("{name:22} {kind:11} {report} acts={from}..{to}{known}");
        if is_known {
            summary.known += report.findings.len() as u64;
            return;
        }
        for finding in report.findings {
            println!("{finding} --geometry {name} --faults {kind} --from {from} --to {to}");
            summary.violations.push(format!("{name} {kind}: {}", finding.what));
        }
    }
}

fn windows(geometry: &dyn Geometry, length: usize) -> impl Iterator<Item = Window> {
    let acts = geometry.acts();
    let last = acts.saturating_sub(length);
    let starts = (0..last).step_by(length / 2).chain([last]);
    starts.map(move |from| Window { from, to: (from + length).min(acts) })
}

fn rerun(options: &Options, geometries: Geometries, id: &str) -> Result<Summary, String> {
    let wanted = |option| options.value(option).ok_or(format!("--id needs {option}, too"));
    let (name, faults) = (wanted("--geometry")?, wanted("--faults")?);
    let geometry = geometries.iter().find(|geometry| geometry.name() == name);
    let faults = FAULTS.iter().find(|kind| kind.name == faults);
    let (Some(geometry), Some(faults)) = (geometry, faults) else {
        return Err("no such geometry or faults".to_owned());
    };
    let from = options.number("--from")?.unwrap_or(0) as usize;
    let to = options.number("--to")?.map_or(usize::MAX, |to| to as usize);
    let path = geometry.rerun(Window { from, to }, faults, id)?;
    println!("{path}");
    let violations = path.violation().map(str::to_owned).into_iter().collect();
    Ok(Summary { cases: 1, known: 0, violations })
}
