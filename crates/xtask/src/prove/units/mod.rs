//! Units and decimals against fractions of unlimited integers: what the library says is exact must
//! be, what it rounds must be the exact value rounded once, and what it refuses must not fit.

mod decimals;
mod exact;
mod library;
mod pairs;
mod registry;
mod typed;

use std::time::Instant;

use super::{Found, Proof, Request};
use crate::demo::Choices;
use crate::failure::Failure;
use library::Library;

pub(super) const PROOF: Proof = Proof {
    name: "units",
    what: "all 106 units in all pairs, and decimals, against fractions of unlimited integers",
    options: &[],
    mutants: library::MUTANTS,
    run,
};

/// How many cases there are at least; they take 4 s in a debug build.
const CASES: u64 = 3_000_000;

/// Every pair and the typed quantities once, then random decimals up to the number of cases.
fn run(request: &Request<'_>) -> Result<Found, Failure> {
    let started = Instant::now();
    let library = Library { mutant: request.mutant };
    let mut choices = Choices::from_seed(request.seed);
    let mut judge = Judge::default();
    pairs::run(&library, &mut choices, &mut judge)?;
    let of_pairs = judge.cases;
    typed::run(&library, &mut judge);
    let of_types = judge.cases - of_pairs;
    let wanted = request.cases.unwrap_or(CASES);
    while judge.cases < wanted && request.limit.is_none_or(|limit| started.elapsed() < limit) {
        decimals::run(&library, &mut choices, &mut judge);
    }
    println!(
        "units: {of_pairs} cases of pairs, {of_types} of typed quantities, {} of decimals, {:.1} s",
        judge.cases - of_pairs - of_types,
        started.elapsed().as_secs_f32()
    );
    Ok(Found { cases: judge.cases, known: 0, violations: judge.violations })
}

/// Counts what was compared, and keeps what is wrong.
#[derive(Default)]
struct Judge {
    cases: u64,
    violations: Vec<String>,
}

impl Judge {
    fn check(&mut self, is_right: bool, say: impl FnOnce() -> String) {
        self.cases += 1;
        // A mutant is wrong many times; a few show how.
        if !is_right && self.violations.len() < 1_000 {
            self.violations.push(say());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(mutant: Option<&'static str>, cases: u64) -> Found {
        run(&Request { cases: Some(cases), limit: None, seed: 7, mutant, own: &[] }).unwrap()
    }

    #[test]
    fn every_pair_converts_as_the_rfcs_say() {
        let Found { cases, violations, .. } = found(None, 0);
        assert_eq!(violations, Vec::<String>::new());
        assert!(cases > 900_000, "{cases}");
    }

    #[test]
    #[ignore = "long: cargo prove units --mutant all"]
    fn no_mutant_is_right() {
        for (mutant, _) in library::MUTANTS {
            assert!(!found(Some(mutant), 1_000_000).violations.is_empty(), "{mutant}");
        }
    }
}
