//! The queue against a simple one in memory, over random operations, power cuts included.

mod harness;

use harness::{Clock, Operation, PARTS, run_on};
use proptest::prelude::*;
use sundew_queue::{Class, Effort, Priority, WhenFull};
use sundew_testkit::Torn;

fn operation() -> impl Strategy<Value = Operation<Torn>> {
    let priority = prop_oneof![
        1 => Just(Priority::Low),
        3 => Just(Priority::Normal),
        1 => Just(Priority::High),
    ];
    let effort = prop_oneof![Just(Effort::UntilTaken), Just(Effort::Few), Just(Effort::Once)];
    let class = (priority, effort).prop_map(|(priority, effort)| Class { priority, effort });
    let clock = prop_oneof![Just(Clock::Boot), Just(Clock::Unix)];
    prop_oneof![
        8 => (class, clock, 0_u8..40).prop_map(|(class, clock, len)| {
            Operation::Record(class, clock, len)
        }),
        8 => Just(Operation::Peek),
        3 => (0_u8..6).prop_map(Operation::Ack),
        1 => Just(Operation::Restart),
        1 => Just(Operation::Reboot),
        1 => Just(Operation::Reopen),
        1 => (0_u16..40, tear()).prop_map(|(steps, tear)| Operation::Cut(steps, tear)),
    ]
}

fn tear() -> impl Strategy<Value = Torn> {
    prop_oneof![
        Just(Torn::Before),
        Just(Torn::FirstHalf),
        Just(Torn::LastHalf),
        any::<u8>().prop_map(Torn::Bits),
        any::<u32>().prop_map(Torn::Random),
        Just(Torn::Programmed),
        Just(Torn::Erased),
        Just(Torn::Unreadable),
        Just(Torn::Metastable),
        Just(Torn::Whole),
    ]
}

/// A run clears at most once: what was filled is worth more.
fn operations() -> impl Strategy<Value = Vec<Operation<Torn>>> {
    let run = || prop::collection::vec(operation(), 0..150);
    (run(), prop::option::of(run())).prop_map(|(mut first, second)| {
        if let Some(second) = second {
            first.push(Operation::Clear);
            first.extend(second);
        }
        first
    })
}

fn when_full() -> impl Strategy<Value = WhenFull> {
    prop_oneof![Just(WhenFull::RefuseNew), Just(WhenFull::DropOldest)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_does_what_a_simple_one_does(
        part in 0..PARTS,
        when_full in when_full(),
        operations in operations(),
    ) {
        run_on(part, when_full, operations.into_iter(), |_| false);
    }
}
