//! What the other side does not take now is sent later, or given up as its effort says.

use std::cell::RefCell;

use sundew::core::Ticks;
use sundew::node::{Config, Event, Node, Task};
use sundew::queue::policy::{Airtime, Retry};
use sundew::queue::{Class, Effort, Priority};

use crate::bench::{
    CONFIG, DEVICE, EVERY, Flash, In, QUEUE, SETTINGS, Sensor, TestLink, open, run,
};

#[test]
fn a_refused_batch_is_sent_again_after_the_pause_that_was_asked_for() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let mut node = open(&mut sensor, &flash, 1, 0);
    link.incoming.push_back(In::Refuse(Some(300)));
    let events = run(&mut node, &mut link, &flash, 0, 300);
    assert!(!events.iter().any(|(_, event)| matches!(event, Event::LinkLost(_))), "{events:?}");
    assert_eq!(link.sent.len(), 1, "nothing goes before the other side wants it");
    link.reply = Some(In::Ack);
    // The pause that was asked for, and up to 100 ms of its own on top.
    run(&mut node, &mut link, &flash, 300, 110);
    assert_eq!(link.sent.len(), 2);
    assert_eq!(link.sent[0], link.sent[1]);
    assert!(node.queue().is_empty());
}

/// Refused for as long as it takes, a record goes as its effort says; one that is to be delivered
/// stays.
#[test]
fn refusals_make_dead_letters_of_what_is_not_worth_more() {
    for (effort, attempts) in
        [(Effort::Once, Some(1)), (Effort::Few, Some(3)), (Effort::UntilTaken, None)]
    {
        let class = Class { priority: Priority::Normal, effort };
        let config: Config<1> =
            Config::new(&DEVICE, [Task::every_millis(60_000).class(class)], QUEUE, SETTINGS)
                .retry(Retry::new(10, 40).few(3));
        let (flash, mut sensor, mut link) =
            (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
        let start = Ticks::from_millis(0);
        let mut node =
            Node::open(config, "bench/", &mut sensor, 1, start, &mut *flash.borrow_mut()).unwrap();
        link.reply = Some(In::Refuse(None));
        let events = run(&mut node, &mut link, &flash, 0, 5_000);
        let given_up = |(_, event): &(u32, _)| matches!(event, Event::Rejected { records: 1, .. });
        assert_eq!(events.iter().any(given_up), attempts.is_some(), "{effort:?}: {events:?}");
        assert_eq!(node.queue().is_empty(), attempts.is_some(), "{effort:?}");
        match attempts {
            Some(attempts) => assert_eq!(link.sent.len(), attempts, "{effort:?}"),
            None => assert!(link.sent.len() > 50, "{effort:?}: it goes on trying"),
        }
    }
}

#[test]
fn messages_wait_for_the_airtime_that_the_device_allows_itself() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    link.air_ms = 100;
    // Two messages at once, then one every 10 s.
    let config = CONFIG.retry(Retry::new(100, 400).airtime(Airtime::per_hour(36_000, 200)));
    let start = Ticks::from_millis(0);
    let mut node =
        Node::open(config, "bench/", &mut sensor, 1, start, &mut *flash.borrow_mut()).unwrap();
    link.reply = Some(In::Ack);
    run(&mut node, &mut link, &flash, 0, 60 * EVERY);
    let sent = link.sent.len() + link.births.len();
    assert!((6..=9).contains(&sent), "{sent} messages of 100 ms in a minute of 600 ms");
}
