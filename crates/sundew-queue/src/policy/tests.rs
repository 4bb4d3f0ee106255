//! The machine as a whole: what it may say when, under any calls at any time.

extern crate std;

use super::*;
use proptest::prelude::*;
use std::vec::Vec;

const RETRY: Retry = Retry::new(1_000, 60_000);
const FIRST: Position = Position { boot: 1, sequence: 0 };

fn at(millis: u32) -> Ticks {
    Ticks::from_millis(millis)
}

fn policy(retry: Retry) -> Policy {
    Policy::new(retry, Jitter::from_seed(1), at(0))
}

#[test]
fn a_policy_is_small() {
    assert_eq!((size_of::<Policy>(), size_of::<Airtime>()), (56, 16));
}

#[test]
fn pauses_grow_until_the_other_side_answers() {
    let mut policy = policy(RETRY);
    let mut now = at(u32::MAX - 100_000);
    for failures in 0..20_u8 {
        // Came up and died before it took anything: no success.
        policy.link_up();
        policy.link_lost(now);
        let ceiling = (1_000_u32 << failures.min(6)).min(60_000);
        assert_eq!(RETRY.ceiling_ms(failures), ceiling);
        if let Action::Wait(until) = policy.poll(now) {
            assert!(until.since(now) <= ceiling);
            now = until;
        }
        assert_eq!(policy.poll(now), Action::Connect);
    }
    policy.link_up();
    policy.taken();
    policy.link_lost(now);
    assert!(policy.next_wakeup(now).is_none_or(|until| until.since(now) <= 1_000));
}

#[test]
fn a_link_that_the_device_closes_costs_no_pause() {
    let mut policy = policy(RETRY);
    policy.link_up();
    policy.link_closed();
    assert_eq!((policy.poll(at(0)), policy.is_up()), (Action::Connect, false));
}

#[test]
fn a_link_that_comes_up_by_itself_ends_the_pause() {
    let mut policy = policy(Retry::new(60_000, 60_000));
    policy.link_lost(at(0));
    assert!(policy.next_wakeup(at(0)).is_some());
    policy.link_up();
    assert_eq!(policy.poll(at(0)), Action::Send);
}

#[test]
fn what_the_other_side_asked_for_holds_on_the_next_link_too() {
    let mut policy = policy(RETRY);
    policy.link_up();
    policy.refused(at(0), FIRST, Effort::UntilTaken, Some(600_000));
    policy.link_lost(at(10));
    policy.link_up();
    assert!(policy.next_wakeup(at(20)).unwrap().since(at(0)) >= 600_000);
}

#[test]
fn nobody_is_silenced_for_more_than_a_day() {
    let mut policy = policy(RETRY);
    policy.link_up();
    policy.refused(at(0), FIRST, Effort::UntilTaken, Some(u32::MAX));
    assert!(policy.next_wakeup(at(0)).unwrap().since(at(0)) <= 86_400_000 + 1_000);
}

#[test]
fn the_effort_says_when_a_refused_record_is_given_up() {
    let mut policy = policy(RETRY.few(3));
    policy.link_up();
    let mut refused =
        |sequence, effort| policy.refused(at(0), Position { boot: 1, sequence }, effort, None);
    assert_eq!(refused(0, Effort::Once), Fate::DeadLetter);
    for _ in 0..300 {
        assert_eq!(refused(1, Effort::UntilTaken), Fate::Keep);
    }
    assert_eq!(
        [1, 2, 3].map(|_| refused(2, Effort::Few)),
        [Fate::Keep, Fate::Keep, Fate::DeadLetter]
    );
    // One that comes between, such as an alarm, does not lend its count, nor take it.
    assert_eq!([3, 3, 4, 3, 3].map(|record| refused(record, Effort::Few)), [Fate::Keep; 5]);
}

#[test]
fn a_dead_letter_does_not_shorten_the_pauses() {
    let mut policy = policy(Retry::new(1_000, 1 << 20).few(1));
    policy.link_up();
    for sequence in 0..10 {
        policy.refused(at(0), Position { boot: 1, sequence }, Effort::Few, None);
    }
    assert_eq!(policy.snapshot(at(0)).refusals, 10);
}

#[test]
fn a_fleet_that_lost_power_does_not_come_back_at_one_moment() {
    let retry = RETRY.stagger_ms(50_000);
    let mut drawers = [0_u32; 50];
    for serial in 0..10_000_u32 {
        let jitter = Jitter::new(&serial.to_le_bytes(), 1, at(0));
        let policy = Policy::new(retry, jitter, at(0));
        let wait = policy.snapshot(at(0)).pause_ms;
        drawers[(wait / 1_000).min(49) as usize] += 1;
    }
    // 200 a second on average, 14 the standard deviation.
    assert!(drawers.iter().all(|count| (130..=270).contains(count)), "{drawers:?}");
}

#[test]
fn airtime_holds_messages_back_and_nothing_else() {
    let mut policy = policy(RETRY.airtime(Airtime::per_hour(36_000, 0)));
    policy.sent(at(0), 100);
    assert_eq!(policy.poll(at(0)), Action::Connect);
    policy.link_up();
    assert_eq!(policy.poll(at(0)), Action::Wait(at(10_000)));
    assert_eq!(policy.poll(at(10_000)), Action::Send);
    assert_eq!(policy.next_wakeup(at(10_000)), None);
}

/// One thing that may be told.
#[derive(Clone, Copy, Debug)]
enum Told {
    Up,
    Closed,
    Lost,
    Sent(u32),
    Taken,
    Refused(u32, Effort, Option<u32>),
    Rejected,
}

fn told() -> impl Strategy<Value = Told> {
    let effort = prop::sample::select(std::vec![Effort::Once, Effort::Few, Effort::UntilTaken]);
    let after =
        prop_oneof![Just(None), (0_u32..100_000).prop_map(Some), any::<u32>().prop_map(Some)];
    prop_oneof![
        Just(Told::Up),
        Just(Told::Closed),
        Just(Told::Lost),
        (0_u32..3_000).prop_map(Told::Sent),
        any::<u32>().prop_map(Told::Sent),
        Just(Told::Taken),
        (0_u32..3, effort, after)
            .prop_map(|(sequence, effort, after)| Told::Refused(sequence, effort, after)),
        Just(Told::Rejected),
    ]
}

fn retry() -> impl Strategy<Value = Retry> {
    let millis = || prop_oneof![0_u32..300_000, any::<u32>()];
    let parts = (millis(), millis(), millis(), any::<u8>(), any::<bool>(), millis(), millis());
    parts.prop_map(|(first, cap, stagger, few, is_bounded, budget, burst)| {
        let retry = Retry::new(first, cap).stagger_ms(stagger).few(few);
        if is_bounded { retry.airtime(Airtime::per_hour(budget, burst)) } else { retry }
    })
}

fn tell(policy: &mut Policy, now: Ticks, told: Told) -> Option<Fate> {
    match told {
        Told::Up => policy.link_up(),
        Told::Closed => policy.link_closed(),
        Told::Lost => policy.link_lost(now),
        Told::Sent(air_ms) => policy.sent(now, air_ms),
        Told::Taken => policy.taken(),
        Told::Rejected => policy.rejected(),
        Told::Refused(sequence, effort, after) => {
            return Some(policy.refused(now, Position { boot: 1, sequence }, effort, after));
        }
    }
    None
}

/// A pause in front of each call: as often nothing, seconds, or days, but below the horizon.
fn pause() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), 0_u32..100_000, 0_u32..i32::MAX as u32]
}

proptest! {
    /// Whatever is told and set, what is said fits the link, waits lie ahead, and end.
    #[test]
    fn what_is_said_always_makes_sense(
        retry in retry(), seed: u32, start: u32,
        calls in prop::collection::vec((pause(), told()), 0..60),
    ) {
        let mut now = at(start);
        let mut policy = Policy::new(retry, Jitter::from_seed(seed), now);
        let mut is_up = false;
        for (pause, told) in calls {
            now = now.after(pause);
            policy.poll(now);
            tell(&mut policy, now, told);
            is_up = match told {
                Told::Up => true,
                Told::Closed | Told::Lost => false,
                _ => is_up,
            };
            let open = if is_up { Action::Send } else { Action::Connect };
            let action = policy.poll(now);
            prop_assert_eq!(policy.poll(now), action, "asked twice");
            prop_assert_eq!(policy.is_up(), is_up);
            match action {
                Action::Wait(until) => {
                    prop_assert!(until != now && until.has_reached(now));
                    prop_assert_eq!(policy.next_wakeup(now), Some(until));
                    let mut early = policy;
                    let short_of = at(until.millis().wrapping_sub(1));
                    prop_assert_eq!(early.poll(short_of), Action::Wait(until));
                    prop_assert_eq!({ policy }.poll(until), open);
                }
                action => {
                    prop_assert_eq!(action, open);
                    prop_assert_eq!(policy.next_wakeup(now), None);
                }
            }
        }
    }

    /// Where the ticks stand when something happens changes nothing: no answer near their wrap
    /// (49.7 days) differs from that at 0.
    #[test]
    fn the_wrap_of_the_ticks_changes_nothing(
        retry in retry(), seed: u32, start: u32,
        calls in prop::collection::vec((pause(), told()), 0..60),
    ) {
        let trace = |start: Ticks| {
            let mut now = start;
            let mut policy = Policy::new(retry, Jitter::from_seed(seed), now);
            let mut trace = Vec::new();
            for (pause, told) in &calls {
                now = now.after(*pause);
                let fate = tell(&mut policy, now, *told);
                let wait = match policy.poll(now) {
                    Action::Wait(until) => Some(until.since(now)),
                    _ => None,
                };
                trace.push((fate, wait, policy.is_up(), policy.snapshot(now)));
            }
            trace
        };
        prop_assert_eq!(trace(at(start)), trace(at(0)));
    }

    /// No pause is longer than its ceiling and what the other side asked for.
    #[test]
    fn pauses_keep_below_their_ceilings(
        first in 0_u32..100_000, cap in 0_u32..1_000_000, stagger in 0_u32..100_000, seed: u32,
        after in prop::option::of(0_u32..1_000_000), rounds in 1_u8..20,
    ) {
        let retry = Retry::new(first, cap).stagger_ms(stagger);
        let mut policy = Policy::new(retry, Jitter::from_seed(seed), at(0));
        let mut now = at(stagger);
        let longest = cap.max(stagger);
        for _ in 0..rounds {
            policy.poll(now);
            policy.link_lost(now);
            let wait = policy.snapshot(now).pause_ms;
            prop_assert!(wait <= longest);
            now = now.after(wait);
            policy.poll(now);
            policy.link_up();
            policy.refused(now, FIRST, Effort::UntilTaken, after);
            let wait = policy.snapshot(now).pause_ms;
            let least = after.unwrap_or(0);
            prop_assert!((least..=least + longest).contains(&wait));
            now = now.after(wait);
        }
    }

    /// A policy that is put back from its numbers, at a boot whose ticks start anew, goes on alike.
    #[test]
    fn a_snapshot_goes_on_where_it_was_taken(
        retry in retry(), seed: u32, start: u32, restart: u32,
        before in prop::collection::vec((pause(), told()), 0..20),
        after in prop::collection::vec(pause(), 0..20),
    ) {
        let mut now = at(start);
        let mut policy = Policy::new(retry, Jitter::from_seed(seed), now);
        for (pause, told) in before {
            now = now.after(pause);
            policy.poll(now);
            tell(&mut policy, now, told);
        }
        policy.link_closed();
        policy.poll(now);
        let mut again_now = at(restart);
        let mut again = Policy::resume(retry, policy.snapshot(now), again_now);
        for pause in after {
            now = now.after(pause);
            again_now = again_now.after(pause);
            policy.poll(now);
            again.poll(again_now);
            policy.link_lost(now);
            again.link_lost(again_now);
            prop_assert_eq!(policy.snapshot(now), again.snapshot(again_now));
        }
    }
}
