//! The identity under power cuts: every state that small memories can reach.
//!
//! The proof stands beside the crate, in `crates/sundew-identity/proofs`: a program that this builds
//! with optimisation and runs. A mutant breaks one place of a copy of the crate.

mod mutants;

use super::mutant::Nursery;
use super::queue::{heard, program};
use super::{Found, Proof, Request};
use crate::failure::Failure;

/// The entry of the table.
pub(super) const PROOF: Proof = Proof {
    name: "identity-closure",
    what: "every state that one or two power cuts can leave: no stream twice, nothing falls, no key left",
    options: &[
        ("--scene", "one scene instead of all: streams, floor, anchors, reset, lives or all"),
        ("--memory", "one memory instead of all: once, clears, zeros, or the latter two -wavers"),
        ("--id", "goes one way again, as a finding names it; wants the two above"),
    ],
    mutants: &mutants::LISTED,
    run,
};

const NURSERY: Nursery = Nursery {
    name: "identity",
    crates: &["sundew-core", "sundew-identity", "sundew-store", "sundew-testkit"],
};

fn run(request: &Request<'_>) -> Result<Found, Failure> {
    let mutant = request.mutant.and_then(|name| mutants::TABLE.iter().find(|it| it.name == name));
    let mut proof = program(&NURSERY, "sundew-identity", mutant)?;
    heard(&mut proof, request)
}
