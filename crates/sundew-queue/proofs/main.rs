//! The proofs of the queue, and of the logs and settings of `sundew-store`, that take longer than a
//! test; `cargo prove` builds and runs them.
//!
//! `queue-closure` and `settings-closure` search every state that small memories can reach;
//! `queue-random` goes many ways through what larger ones can.

mod backend;
mod closure;
mod device;
mod geometry;
mod image;
mod keeper;
mod part;
mod promise;
mod random;
mod settings;

use std::process::ExitCode;

/// Holds what a proof found.
#[derive(Debug, Default)]
struct Summary {
    cases: u64,
    /// What is wrong where nothing is claimed.
    known: u64,
    violations: Vec<String>,
}

/// Holds the words behind the proof's name.
struct Options(Vec<String>);

impl Options {
    fn value(&self, option: &str) -> Option<&str> {
        let at = self.0.iter().position(|word| word == option)?;
        self.0.get(at + 1).map(String::as_str)
    }

    fn number(&self, option: &str) -> Result<Option<u64>, String> {
        let number = self.value(option).map(str::parse).transpose();
        number.map_err(|error| format!("{option}: {error}"))
    }

    fn has(&self, option: &str) -> bool {
        self.0.iter().any(|word| word == option)
    }
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_default();
    let options = Options(words.collect());
    let result =
        match name.as_str() {
            "queue-closure" => closure::run(&options, geometry::GEOMETRIES),
            "queue-random" => random::run(&options),
            "settings-closure" => closure::run(&options, settings::GEOMETRIES),
            _ => Err("usage: queue-closure, queue-random or settings-closure; see cargo prove"
                .to_owned()),
        };
    match result {
        Ok(Summary { cases, known, violations }) => {
            for violation in violations {
                println!("violation: {violation}");
            }
            // For the program that started this one; it judges.
            println!("proofs: cases={cases} known={known}");
            ExitCode::SUCCESS
        }
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::FAILURE
        }
    }
}
