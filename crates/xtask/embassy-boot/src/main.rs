//! The swap of embassy-boot 0.7.0 under power cuts: one at each step, and any number of them.
//!
//! Prints what it does for people. Lines with tabs in them are for `cargo prove queue-embassy-boot`,
//! which knows what is to be found: what was run (place, cases, whether nothing is left), and what
//! was found (place, what, cuts, how often).

mod closure;
mod device;
mod sweep;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use device::Mutant;
use sundew_testkit::explore::{Finding, Report};

const HELP: &str = "\
usage: sundew-embassy-boot [--model MODEL] [--states N] [--seconds S] [--rerun ID]
                           [--mutant forgets-progress|allows-rewrite]";

/// Ten times what the largest closure that closes has.
const STATES: u64 = 100_000;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Default)]
struct Asked {
    states: Option<u64>,
    seconds: Option<u64>,
    mutant: Option<Mutant>,
    model: Option<String>,
    rerun: Option<String>,
}

impl Asked {
    fn read(mut args: impl Iterator<Item = String>) -> Option<Self> {
        let mut asked = Self::default();
        while let Some(option) = args.next() {
            let value = args.next()?;
            match option.as_str() {
                "--states" => asked.states = Some(value.parse().ok()?),
                "--seconds" => asked.seconds = Some(value.parse().ok()?),
                "--model" => asked.model = Some(value),
                "--rerun" => asked.rerun = Some(value),
                "--mutant" => {
                    asked.mutant = Some(match value.as_str() {
                        "forgets-progress" => Mutant::ForgetsProgress,
                        "allows-rewrite" => Mutant::AllowsRewrite,
                        _ => return None,
                    });
                }
                _ => return None,
            }
        }
        Some(asked)
    }
}

fn run() -> Result<(), String> {
    let asked = Asked::read(std::env::args().skip(1)).ok_or(HELP)?;
    let chosen = |name: &str| asked.model.as_deref().is_none_or(|model| model == name);
    let models = || closure::MODELS.iter().filter(|model| chosen(model.name));
    if models().next().is_none() {
        let names: Vec<&str> = closure::MODELS.iter().map(|model| model.name).collect();
        return Err(format!("--model is one of: {}", names.join(", ")));
    }
    if let Some(id) = &asked.rerun {
        for model in models() {
            println!("{}: {}", model.name, model.explorer(asked.mutant).rerun(id)?);
        }
        return Ok(());
    }
    if asked.model.is_none() {
        println!("one cut at each step, then three starts; 6 pages of 256 bytes, words of 8");
        println!("  {:<26}{:>6}{:>7}{:>7}{:>9}", "", "cuts", "stuck", "mixed", "untried");
        sweep::run(asked.mutant)?.iter().for_each(show_row);
    }
    println!("any number of cuts; 3 pages of 64 bytes, words of 8");
    let started = Instant::now();
    for (index, model) in models().enumerate() {
        let states = asked.states.unwrap_or(STATES);
        let mut explorer = model.explorer(asked.mutant).max_states(states);
        if let Some(seconds) = asked.seconds {
            // The small ones come first: what they leave is shared by the others.
            let left = Duration::from_secs(seconds).saturating_sub(started.elapsed());
            let share = left / (models().count() - index) as u32;
            explorer = explorer.max_time(share.max(Duration::from_secs(1)));
        }
        show_report(&format!("closure/{}", model.name), &explorer.run());
    }
    Ok(())
}

fn show_row(row: &sweep::Row) {
    let sweep::Row { place, cuts, stuck, mixed, untried } = row;
    println!("  {place:<26}{cuts:>6}{stuck:>7}{mixed:>7}{untried:>9}");
    println!("ran\t{place}\t{cuts}\tyes");
    for (what, count) in [("stuck", stuck), ("mixed", mixed), ("untried", untried)] {
        if *count > 0 {
            println!("found\t{place}\t{what}\t{count}\t{count}");
        }
    }
}

fn show_report(place: &str, report: &Report) {
    println!("  {place:<26}{report}");
    let closed = if report.closed { "yes" } else { "cap" };
    println!("ran\t{place}\t{}\t{closed}", report.states);
    for Finding { what, count, path, .. } in &report.findings {
        let cuts = closure::cuts(path);
        println!("    {what} {count} times, nearest {cuts} cuts: {}", path.id());
        println!("found\t{place}\t{what}\t{cuts}\t{count}");
    }
}
