//! The table of attacks, printed by the test that tries them.

use std::collections::BTreeMap;

use super::super::{Found, Proof, Request};
use super::heard;
use crate::failure::Failure;

pub(in super::super) const PROOF: Proof = Proof {
    name: "tls-attacks",
    what: "each attack on TLS of a table, refused with its typed error in each profile",
    options: &[],
    mutants: &[],
    run,
};

/// What cannot be helped from outside the engine, and what happens instead.
const KNOWN: [(&str, &str); 4] = [
    ("a legal Certificate that is split over records", "refused: SplitMessage"),
    ("a legal KeyUpdate", "the session ends: KeyUpdate"),
    ("what is left in RAM when a session has ended", "the engine wipes no keys"),
    ("who checks Finished under a shared key", "the engine alone; records have opened before"),
];

fn run(_: &Request<'_>) -> Result<Found, Failure> {
    let (text, passed) = heard("tls_attacks", None, &[])?;
    let rows = rows(&text);
    let mut found = Found { known: KNOWN.len() as u64, ..Found::default() };
    println!("{:<60} {:<8} {:<44} cases", "attack", "profile", "refused with");
    for ((attack, profile), (errors, cases)) in &rows {
        println!("{attack:<60} {profile:<8} {errors:<44} {cases}");
        found.cases += cases;
    }
    for (name, instead) in KNOWN {
        println!("known: {name:<53} {instead}");
    }
    if !passed {
        let failed = text.lines().filter(|line| line.ends_with("FAILED"));
        found.violations.extend(failed.map(str::to_owned));
    }
    Ok(found)
}

/// Reads the lines `attack: NAME | PROFILE | ERRORS | CASES`.
fn rows(text: &str) -> BTreeMap<(&str, &str), (&str, u64)> {
    let mut rows = BTreeMap::new();
    for line in text.lines() {
        // The name of a test may stand before what it prints.
        let Some((_, row)) = line.split_once("attack: ") else { continue };
        let mut fields = row.split(" | ");
        let (Some(attack), Some(profile), Some(errors), Some(cases)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let row: &mut (&str, u64) = rows.entry((attack, profile)).or_default();
        row.0 = errors;
        row.1 += cases.trim().parse::<u64>().unwrap_or(0);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_added_up() {
        let text =
            "test a ... attack: x | Pin | CutOff | 3\nattack: x | Pin | CutOff | 4\nattack: y";
        assert_eq!(rows(text), BTreeMap::from([(("x", "Pin"), ("CutOff", 7))]));
    }
}
