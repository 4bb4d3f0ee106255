//! The proof of the identity that takes longer than a test; `cargo prove identity-closure` builds and
//! runs it: every state that power cuts can leave, of a device in a small flash.

mod device;
mod part;
mod world;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use device::{Device, MEMORIES, SCENES};
use sundew_testkit::explore::Explorer;

/// A scene ends here without a result: the largest that closes has some 10^6 states.
const MOST_STATES: u64 = 20_000_000;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(cases) => {
            // For the program that started this one; it judges.
            println!("proofs: cases={cases} known=0");
            ExitCode::SUCCESS
        }
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<u64, String> {
    let value = |option: &str| {
        let at = words.iter().position(|word| word == option)?;
        words.get(at + 1).map(String::as_str)
    };
    let number = |option: &str| {
        let number = value(option).map(str::parse::<u64>).transpose();
        number.map_err(|error| format!("{option}: {error}"))
    };
    let limit = number("--seconds")?.map_or(Duration::MAX, Duration::from_secs);
    let most = number("--cases")?.unwrap_or(MOST_STATES);
    let is_for_one = words.iter().any(|word| word == "--first");
    let (started, mut cases, mut boots, mut is_closed) = (Instant::now(), 0, 0, true);
    let limit_is_given = words.iter().any(|word| word == "--seconds" || word == "--cases");
    for scene in &SCENES {
        if value("--scene").is_some_and(|wanted| wanted != scene.name) {
            continue;
        }
        for memory in &MEMORIES {
            if value("--memory").is_some_and(|wanted| wanted != memory.name) {
                continue;
            }
            let explorer = Explorer::new(Device { scene, memory: *memory });
            let explorer = explorer.tears(memory.tears.iter().copied());
            if let Some(id) = value("--id") {
                println!("{}", explorer.rerun(id)?);
                return Ok(1);
            }
            let time = limit.saturating_sub(started.elapsed());
            let states = most.saturating_sub(cases);
            if time.is_zero() || states == 0 {
                println!("all: states={cases} boots={boots} closed=cap");
                return Ok(cases);
            }
            let report = explorer.max_time(time).max_states(states).run();
            let place = format!("{} in {}", scene.name, memory.name);
            println!("{place:24} {report}");
            cases += report.states;
            boots += report.boots;
            for finding in &report.findings {
                println!("{finding} --scene {} --memory {}", scene.name, memory.name);
                println!("violation: {place}: {}", finding.what);
            }
            if report.findings.is_empty() && !report.closed {
                is_closed = false;
            }
            if is_for_one && !report.findings.is_empty() {
                return Ok(cases);
            }
        }
    }
    let closed = if is_closed { "yes" } else { "cap" };
    println!("all: states={cases} boots={boots} closed={closed}");
    if !is_closed && !limit_is_given {
        println!("violation: a search did not come to its end");
    }
    Ok(cases)
}
