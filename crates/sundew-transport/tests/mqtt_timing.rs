//! A link and time: time-outs, keep-alive, and how long a poll may take.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "that is how a test fails"
)]

mod mqtt_server;

use mqtt_server::{START, config, log_in, publish, quiet, with_link};
use sundew_core::{Classify, ErrorKind};
use sundew_transport::link::{Incoming, Link, Port};
use sundew_transport::mqtt::{Duty, Error, LinkError, Timing};

#[test]
fn a_silent_server_times_the_log_in_out() {
    let steps: [&[&[u8]]; 4] =
        [&[], &[&[0x20]], &[&[0x20, 2, 0, 0]], &[&[0x20, 2, 0, 0], &[0x90, 3, 0]]];
    for said in steps {
        with_link(config(), |link, server| {
            quiet(link, START);
            for bytes in said {
                server.say(bytes);
                quiet(link, START.after(19_999));
            }
            assert_eq!(link.wake_at(), Some(START.after(20_000)));
            let error = link.poll(START.after(20_000), &mut []).unwrap_err();
            assert_eq!(error, LinkError::Mqtt(Error::TimedOut(Duty::LogIn)));
            assert_eq!(error.kind(), ErrorKind::Peer);
        });
    }
}

#[test]
fn an_overdue_acknowledgement_ends_the_link() {
    with_link(config(), |link, server| {
        log_in(link, server);
        link.send(START.after(10), Port::Readings, b"x").unwrap();
        assert_eq!(link.wake_at(), Some(START.after(20_010)));
        // A stall in the middle of a packet holds no poll.
        server.say(&[0x40, 2, 0]);
        for ms in (10..20_010).step_by(100) {
            quiet(link, START.after(ms));
        }
        let error = link.poll(START.after(20_010), &mut []).unwrap_err();
        assert_eq!(error, LinkError::Mqtt(Error::TimedOut(Duty::Acknowledgement)));
    });
}

#[test]
fn an_answer_that_waited_while_the_board_slept_is_not_late() {
    with_link(config(), |link, server| {
        log_in(link, server);
        let token = link.send(START, Port::Readings, b"x").unwrap();
        server.say(&[0x40, 2, 0, 2]);
        let late = START.after(90_000);
        assert_eq!(link.poll(late, &mut []), Ok(Some(Incoming::Acknowledged(token))));
    });
}

#[test]
fn keep_alive_pings_and_notices_silence() {
    let timing = Timing { keep_alive_s: 10, answer_ms: 3_000, ..Timing::DEFAULT };
    with_link(config().with_timing(timing), |link, server| {
        log_in(link, server);
        let mut now = START;
        for _ in 0..3 {
            assert_eq!(link.wake_at(), Some(now.after(7_500)), "three quarters");
            quiet(link, now.after(7_499));
            assert_eq!(server.heard(), b"");
            now = now.after(7_500);
            quiet(link, now);
            assert_eq!(server.heard(), [0xC0, 0]);
            assert_eq!(link.wake_at(), Some(now.after(3_000)));
            server.say(&[0xD0, 0]);
            quiet(link, now.after(2_000));
        }
        // A message is a sign of life as well as a ping.
        now = now.after(5_000);
        let token = link.send(now, Port::Readings, b"x").unwrap();
        server.say(&[0x40, 2, 0, 2]);
        assert_eq!(link.poll(now, &mut []), Ok(Some(Incoming::Acknowledged(token))));
        assert_eq!(link.wake_at(), Some(now.after(7_500)));
        server.heard();

        now = now.after(7_500);
        quiet(link, now);
        assert_eq!(server.heard(), [0xC0, 0]);
        quiet(link, now.after(2_999));
        let error = link.poll(now.after(3_000), &mut []).unwrap_err();
        assert_eq!(error, LinkError::Mqtt(Error::TimedOut(Duty::KeepAlive)));
    });
    let timing = Timing { keep_alive_s: 0, ..Timing::DEFAULT };
    with_link(config().with_timing(timing), |link, server| {
        log_in(link, server);
        assert_eq!(link.wake_at(), None);
        quiet(link, START.after(1 << 30));
        assert_eq!(server.heard(), b"");
    });
}

#[test]
fn a_flood_does_not_hold_the_loop() {
    with_link(config(), |link, server| {
        log_in(link, server);
        server.at_most_per_read(1);
        server.say(&publish("elsewhere", None, &[0; 40]));
        quiet(link, START.after(1));
        assert_eq!(server.unread(), 53 - 8, "eight reads");
        assert_eq!(link.wake_at(), Some(START.after(1)), "and at once again");
    });
}

/// Messages on foreign topics are dropped, commands are passed on: either way there is always more.
#[test]
fn a_flood_does_not_put_a_time_out_off() {
    for (topic, flood) in [("elsewhere", 64), ("sundew/dev/cmd", 1)] {
        with_link(config(), |link, server| {
            log_in(link, server);
            link.send(START, Port::Readings, b"x").unwrap();
            let mut buffer = [0; 64];
            let ended = (0..60_000).step_by(50).find_map(|ms| {
                for _ in server.unread()..=flood {
                    server.say(&publish(topic, None, &[0; 40]));
                }
                server.at_most_per_read(40);
                let polled = link.poll(START.after(ms), &mut buffer);
                if polled == Ok(None) {
                    let at = link.wake_at().expect("more to read");
                    assert!(START.after(ms).has_reached(at), "at once again");
                }
                polled.err().map(|error| (ms, error))
            });
            let (ms, error) = ended.expect("no answer in 60 s");
            assert_eq!(error, LinkError::Mqtt(Error::TimedOut(Duty::Acknowledgement)), "{topic}");
            assert!((20_000..=40_000).contains(&ms), "{topic}: {ms} ms");
        });
    }
    // With nothing awaited there is nothing to time out, and no end.
    let timing = Timing { keep_alive_s: 0, ..Timing::DEFAULT };
    with_link(config().with_timing(timing), |link, server| {
        log_in(link, server);
        server.at_most_per_read(1);
        for ms in (0..60_000).step_by(50) {
            server.say(&publish("elsewhere", None, &[0; 40]));
            quiet(link, START.after(ms));
            let at = link.wake_at().expect("more to read");
            assert!(START.after(ms).has_reached(at), "at once again");
        }
    });
}
