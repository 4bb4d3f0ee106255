//! Changed handshakes by the hundred thousand, and broken guards that they find.

use super::super::mutant::{Mutant, listed};
use super::super::{Found, Proof, Request};
use super::heard;
use crate::failure::{Context, Failure};

pub(in super::super) const PROOF: Proof = Proof {
    name: "tls-mutations",
    what: "TLS handshakes changed on the line and by the server: no panic, none accepted wrongly",
    options: &[],
    mutants: &LISTED,
    run,
};

const LISTED: [(&str, &str); 5] = listed(&TABLE);

/// They take about two minutes.
const CASES: u64 = 100_000;
const CASES_OF_MUTANT: u64 = 3_000;

const TABLE: [Mutant; 5] = [
    Mutant {
        name: "any-signature",
        breaks: "a signature of P-256 is read and not checked",
        file: "crates/sundew-transport/src/tls/keys.rs",
        find: "let signature = Signature::from_der(signature).map_err(|_| wrong())?;
                key.verify(message, &signature).map_err(|_| wrong())",
        replace: "let signature = Signature::from_der(signature).map_err(|_| wrong())?;
                let _ = key.verify(message, &signature);
                Ok(())",
    },
    Mutant {
        name: "any-name",
        breaks: "the name in the certificate is not compared",
        file: "crates/sundew-transport/src/tls/chain.rs",
        find: "return end.verify_is_valid_for_subject_name(&name).map_err(refusal);",
        replace: "let _ = end.verify_is_valid_for_subject_name(&name);
                    return Ok(());",
    },
    Mutant {
        name: "any-extension",
        breaks: "extensions are not compared with what was asked for",
        file: "crates/sundew-transport/src/tls/inspect.rs",
        find: "extensions::check(kind, body)?;",
        replace: "let _ = extensions::check(kind, body);",
    },
    Mutant {
        name: "any-version",
        breaks: "the version of a record does not count",
        file: "crates/sundew-transport/src/tls/filter.rs",
        find: "if !legal_version || length",
        replace: "let _ = legal_version;
        if length",
    },
    Mutant {
        name: "panic-on-padding",
        breaks: "a record that is all padding panics",
        file: "crates/sundew-transport/src/tls/inspect.rs",
        find: "rposition(|byte| *byte != 0)?;",
        replace: "rposition(|byte| *byte != 0).expect(\"a type\");",
    },
];

fn run(request: &Request<'_>) -> Result<Found, Failure> {
    let mutant = request.mutant.and_then(|name| TABLE.iter().find(|it| it.name == name));
    let default = if mutant.is_some() { CASES_OF_MUTANT } else { CASES };
    let cases = request.cases.unwrap_or(default);
    let told =
        [("SUNDEW_TLS_CASES", cases.to_string()), ("SUNDEW_TLS_SEED", request.seed.to_string())];
    let (text, passed) = heard("tls_mutations", mutant, &told)?;
    let mut found = judged(&text)?;
    if !passed && found.violations.is_empty() {
        found.violations.push("the test failed".to_owned());
    }
    Ok(found)
}

/// Reads the lines `violation: WHAT` and `mutations: cases=N ...`.
fn judged(text: &str) -> Result<Found, Failure> {
    let mut found = Found::default();
    let mut counts = None;
    for line in text.lines() {
        if let Some((_, what)) = line.split_once("violation: ") {
            found.violations.push(what.to_owned());
        } else if let Some((_, line)) = line.split_once("mutations: cases=") {
            counts = Some(line);
        }
    }
    let counts = counts.context(|| "the test printed no counts")?;
    println!("cases={counts}");
    let digits = counts.split(' ').next().unwrap_or_default();
    found.cases = digits.parse().context(|| counts.to_owned())?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_test_prints_is_understood() {
        let found = judged("violation: case 1\nmutations: cases=7 accepted=1").unwrap();
        assert_eq!((found.cases, found.violations), (7, vec!["case 1".to_owned()]));
        assert!(judged("nothing").is_err());
    }

    #[test]
    fn every_mutant_finds_its_place() {
        for mutant in &TABLE {
            mutant.check().unwrap();
        }
    }
}
