//! Handshakes that were changed: on the line by somebody without keys, and by whoever answers.
//!
//! `cargo prove tls-mutations` runs many; `SUNDEW_TLS_CASES` and `SUNDEW_TLS_SEED` say which.
#![cfg(feature = "tls")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test panics where it fails"
)]

#[path = "tls_mutated/answer.rs"]
mod answer;
#[path = "tls_mutated/relay.rs"]
mod relay;
mod tls_support;

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Draws the choices of a run.
struct Choices(u64);

impl Choices {
    fn below(&mut self, end: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// Says what became of a handshake, and what would be right.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    accepted: bool,
    expected: Expected,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    /// Nothing was changed that counts.
    Accepted,
    /// What was changed means the same to a server or client that is less strict than it may be.
    Either,
    Refused,
}

#[derive(Default)]
struct Counts {
    accepted: u32,
    unchanged: u32,
    same_meaning: u32,
    violations: Vec<String>,
}

impl Counts {
    fn judge(&mut self, case: &str, outcome: &std::thread::Result<Outcome>) {
        let Ok(Outcome { accepted, expected }) = outcome else {
            self.violations.push(format!("{case}: panic"));
            return;
        };
        self.accepted += u32::from(*accepted);
        self.unchanged += u32::from(*expected == Expected::Accepted);
        self.same_meaning += u32::from(*expected == Expected::Either);
        match (*accepted, *expected) {
            (true, Expected::Refused) => {
                self.violations.push(format!("{case}: a changed handshake is accepted"));
            }
            (false, Expected::Accepted) => {
                self.violations.push(format!("{case}: an unchanged handshake is refused"));
            }
            _ => {}
        }
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn no_changed_handshake_is_accepted() {
    let (cases, seed) = (number("SUNDEW_TLS_CASES", 1_000), number("SUNDEW_TLS_SEED", 1));
    let scene = &relay::Scene::new();
    let answers = &answer::Scene::new();
    let run = |worker: u64| {
        let mut counts = Counts::default();
        for case in (worker..cases).step_by(2) {
            let choices = &mut Choices(seed.wrapping_mul(1 << 32).wrapping_add(case));
            let by_relay = choices.below(4) > 0;
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                if by_relay { scene.run(choices) } else { answers.run(choices) }
            }));
            let who = if by_relay { "on the line" } else { "by the server" };
            counts.judge(&format!("case {case}, {who}"), &outcome);
            if counts.violations.len() > 20 {
                break;
            }
        }
        counts
    };
    let mut counts = std::thread::scope(|scope| {
        let other = scope.spawn(|| run(1));
        let mut mine = run(0);
        let other = other.join().expect("the other half");
        mine.accepted += other.accepted;
        mine.unchanged += other.unchanged;
        mine.same_meaning += other.same_meaning;
        mine.violations.extend(other.violations);
        mine
    });
    for violation in &counts.violations {
        println!("violation: {violation}");
    }
    println!(
        "mutations: cases={cases} accepted={} unchanged={} same-meaning={} violations={}",
        counts.accepted,
        counts.unchanged,
        counts.same_meaning,
        counts.violations.len()
    );
    assert!(counts.violations.drain(..).next().is_none());
    assert!(cases < 100 || counts.accepted > 0, "none is accepted: nothing is proven");
}
