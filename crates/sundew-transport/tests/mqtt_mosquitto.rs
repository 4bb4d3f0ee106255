//! A link against a real broker: mosquitto, started by the test on a port of its own, in both versions.
//!
//! Needs the Debian packages `mosquitto` and `mosquitto-clients`; without them the tests fail.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

mod mosquitto;
#[path = "mosquitto/scenarios.rs"]
mod scenarios;

use mosquitto::Broker;
use scenarios::{Reports, config, until_up, with_link};
use sundew_transport::mqtt::{V3_1_1, V5, Version};

macro_rules! in_both_versions {
    ($($name:ident)*) => {
        mod v3_1_1 {
            use super::*;
            $(#[test] fn $name() { scenarios::$name(&mut Broker::start(), V3_1_1) })*
        }

        mod v5 {
            use super::*;
            $(#[test] fn $name() { scenarios::$name(&mut Broker::start(), V5::new()) })*
        }
    };
}

in_both_versions! {
    readings_go_up_and_commands_come_down
    who_comes_later_learns_what_the_device_is
    a_command_given_while_the_device_is_away_arrives
    keep_alive_holds_the_connection
    credentials_are_checked_by_the_broker
    a_killed_broker_is_an_error_of_the_other_side
    a_will_is_published_when_the_device_is_lost
    what_was_in_flight_comes_again
    messages_that_nobody_acknowledges
}

#[test]
fn a_command_without_room_does_not_poison_the_session() {
    let broker = Broker::start();
    scenarios::a_command_without_room_does_not_poison_the_session(
        &broker,
        V3_1_1,
        Reports::Oversized,
    );
    let broker = Broker::start();
    scenarios::a_command_without_room_does_not_poison_the_session(
        &broker,
        V5::new(),
        Reports::Nothing,
    );
}

#[test]
fn the_version_may_be_known_at_run_time_only() {
    let broker = Broker::start();
    for version in [Version::V3_1_1, Version::V5(V5::new())] {
        with_link(config("dev", version), broker.open_port, until_up);
    }
}
