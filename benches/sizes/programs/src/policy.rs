//! `policy`: a link that fails, comes back, refuses once and takes what it is sent.

use core::hint::black_box;

use sundew_core::Ticks;
use sundew_queue::policy::{Action, Airtime, Fate, Jitter, Policy, Retry};
use sundew_queue::{Effort, Position};

const RETRY: Retry =
    Retry::new(1_000, 300_000).stagger_ms(60_000).airtime(Airtime::per_hour(36_000, 1_000));

#[inline(never)]
pub(crate) fn run() -> bool {
    let mut now = black_box(Ticks::from_millis(0));
    let mut policy = Policy::new(RETRY, Jitter::new(&black_box(*b"station"), 7, now), now);
    let mut sleep = |policy: &mut Policy| match policy.poll(now) {
        Action::Wait(until) => {
            now = until;
            (policy.poll(now), now)
        }
        action => (action, now),
    };
    let (first, lost) = sleep(&mut policy);
    policy.link_lost(lost);
    let (second, _) = sleep(&mut policy);
    policy.link_up();
    let (third, sent) = sleep(&mut policy);
    policy.sent(sent, black_box(1_483));
    let record = Position { boot: 7, sequence: black_box(3) };
    let fate = policy.refused(sent, record, black_box(Effort::Few), black_box(Some(60_000)));
    let (fourth, _) = sleep(&mut policy);
    policy.taken();
    (first, second, third, fourth) == (Action::Connect, Action::Connect, Action::Send, Action::Send)
        && fate == Fate::Keep
}
