//! The floor under the time: who raises it, and what is checked against it.

// clippy.toml allows these in tests, but does not see the helpers below as part of them.
#![allow(clippy::unwrap_used)]

#[path = "cose/keys.rs"]
#[allow(dead_code)]
mod keys;

use keys::Factory;
use sundew_core::Region;
use sundew_identity::cose::{Refused, sign};
use sundew_identity::{
    Anchor, AnchorKind, Anchors, Basis, Error, Fault, Malformed, NotTaken, OutOfDate, Proven, Role,
    Roles, TimeFloor,
};
use sundew_store::{Setting, Settings};
use sundew_testkit::SimFlash;

type Flash = SimFlash<2048, 512, 4>;

const SETTINGS: Settings = Settings::new(Region::new(0, 2048));
const BUILT: u32 = 1_767_225_600;
const DAY: u32 = 86_400;

fn open(flash: &mut Flash) -> TimeFloor {
    TimeFloor::open(flash, &SETTINGS, BUILT).unwrap()
}

#[test]
fn proofs_raise_the_floor_and_nothing_lowers_it() {
    let mut flash = Flash::new();
    let mut floor = open(&mut flash);
    assert_eq!(floor.unix(), BUILT);
    for (proof, expected) in [
        (BUILT - 1, BUILT),
        (0, BUILT),
        (BUILT + DAY - 1, BUILT),
        (BUILT + DAY, BUILT + DAY),
        (BUILT + DAY + 1, BUILT + DAY),
        (BUILT + 2 * DAY + 1, BUILT + 2 * DAY),
        (BUILT, BUILT + 2 * DAY),
    ] {
        floor.raise(&mut flash, &SETTINGS, Proven::by_session(proof)).unwrap();
        assert_eq!(floor.unix(), expected);
        assert_eq!(open(&mut flash).unix(), expected);
    }
    // Older firmware does not lower it, newer raises it.
    assert_eq!(TimeFloor::open(&mut flash, &SETTINGS, 0).unwrap().unix(), BUILT + 2 * DAY);
    let later = BUILT + 100 * DAY;
    assert_eq!(TimeFloor::open(&mut flash, &SETTINGS, later).unwrap().unix(), later);
    let mut floor = open(&mut flash);
    let limit = floor.unix() + TimeFloor::LONGEST_LEAP;
    let leap = floor.raise(&mut flash, &SETTINGS, Proven::by_session(limit + 1));
    assert_eq!(leap, Err(Error::Leap { ahead: TimeFloor::LONGEST_LEAP + 1 }));
    assert_eq!(open(&mut flash), floor);
    floor.raise(&mut flash, &SETTINGS, Proven::by_session(limit)).unwrap();
    assert_eq!(open(&mut flash).unix(), limit);
}

#[test]
fn a_floor_that_is_none_is_refused() {
    let mut flash = Flash::new();
    SETTINGS.save(&mut flash, Setting::TIME_FLOOR.key(), &[1, 2, 3]).unwrap();
    assert_eq!(TimeFloor::open(&mut flash, &SETTINGS, BUILT), Err(Error::Corrupt));
}

#[test]
fn a_floor_that_was_not_said_for_certain_is_said_again() {
    let mut flash = Flash::new();
    SETTINGS.write(&mut flash, Setting::TIME_FLOOR, &(BUILT + DAY)).unwrap();
    let before = flash.counters().steps();
    assert_eq!(open(&mut flash).unix(), BUILT + DAY);
    assert!(flash.counters().steps() > before);
    let before = flash.counters().steps();
    assert_eq!(open(&mut flash).unix(), BUILT + DAY);
    assert_eq!(flash.counters().steps(), before, "once");
}

#[test]
fn dates_are_checked_against_the_clock_or_else_the_floor() {
    let floor = open(&mut Flash::new());
    let at = u64::from(BUILT);
    assert_eq!(floor.basis(Some(BUILT + 5)), Basis::Clock(BUILT + 5));
    assert_eq!(floor.basis(Some(BUILT)), Basis::Clock(BUILT));
    assert_eq!(floor.basis(Some(BUILT - 1)), Basis::Floor(BUILT), "a clock that was set back");
    let known = Basis::Clock(BUILT);
    assert_eq!(known.check(at, at), Ok(()));
    assert_eq!(known.check(at + 1, at + 1), Err(OutOfDate::NotYet));
    assert_eq!(known.check(0, at - 1), Err(OutOfDate::Expired));
    let bound = Basis::Floor(BUILT);
    assert_eq!(bound.check(at, at), Ok(()));
    assert_eq!(bound.check(at + 1, at + 1), Ok(()), "it may have been issued since");
    assert_eq!(bound.check(0, at - 1), Err(OutOfDate::Expired));
    // The date that RFC 5280 has for no end, 9999-12-31.
    assert_eq!(known.check(0, 253_402_300_799), Ok(()));
}

#[test]
fn a_signed_time_is_of_a_key_with_that_role() {
    let (mut clock, mut root) = (Factory::new(1), Factory::new(2));
    let (clock_key, root_key): ([u8; 32], [u8; 32]) = (*clock.0.pk, *root.0.pk);
    let anchor = |bytes, role| Anchor {
        roles: Roles::of(&[role]),
        kind: AnchorKind::Ed25519,
        key_id: b"",
        bytes,
    };
    let mut buffer = [0; 128];
    let both = [anchor(&clock_key, Role::Time), anchor(&root_key, Role::Anchors)];
    let anchors = Anchors::encode(&both, &mut buffer).unwrap();
    let said = |signer: &mut Factory, payload: &[u8], role: Role| {
        let mut message = [0; 128];
        let len = sign(signer, b"", payload, role.external(), &mut message).unwrap();
        Proven::by_signature(anchors, message.get(..len).unwrap())
    };
    let time = [&[0xA1, 1, 0x1A][..], &BUILT.to_be_bytes()].concat();
    assert_eq!(said(&mut clock, &time, Role::Time), Ok(Proven::by_session(BUILT)));
    let refused = Err(NotTaken::Refused(Refused::Signature));
    assert_eq!(said(&mut root, &time, Role::Time), refused);
    assert_eq!(said(&mut clock, &time, Role::Command), refused);
    let malformed = |fault, position| Err(NotTaken::Malformed(Malformed { fault, position }));
    assert_eq!(said(&mut clock, &[0xA1, 2, 0], Role::Time), malformed(Fault::Type, 2));
    assert_eq!(said(&mut clock, &[0xA1, 1, 0, 0], Role::Time), malformed(Fault::Trailing, 3));
    assert_eq!(said(&mut clock, &[0xA2, 1, 0, 2, 0], Role::Time), malformed(Fault::Type, 1));
}
