//! A link against another real broker: the NATS server with `JetStream`, in MQTT 3.1.1.
//!
//! Needs the Debian packages `nats-server` and `mosquitto-clients`; without them the tests fail.

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
use scenarios::{Reports, config, until_error, until_up, with_link};
use sundew_core::{Classify, ErrorKind};
use sundew_transport::mqtt::{Error, LinkError, Reason, V3_1_1, V5, Version};

macro_rules! at_nats {
    ($($name:ident)*) => {
        $(#[test] fn $name() { scenarios::$name(&mut Broker::start_nats(), V3_1_1) })*
    };
}

at_nats! {
    readings_go_up_and_commands_come_down
    who_comes_later_learns_what_the_device_is
    a_command_given_while_the_device_is_away_arrives
    keep_alive_holds_the_connection
    a_killed_broker_is_an_error_of_the_other_side
    a_will_is_published_when_the_device_is_lost
    what_was_in_flight_comes_again
    messages_that_nobody_acknowledges
}

#[test]
fn a_command_without_room_does_not_poison_the_session() {
    let broker = Broker::start_nats();
    scenarios::a_command_without_room_does_not_poison_the_session(
        &broker,
        V3_1_1,
        Reports::Oversized,
    );
}

#[test]
fn a_wrong_password_is_refused() {
    let broker = Broker::start_nats();
    let right = config("dev", V3_1_1).with_credentials("alice", b"right").unwrap();
    with_link(right, broker.open_port, until_up);
    let wrong = config("dev", V3_1_1).with_credentials("alice", b"wrong").unwrap();
    let error = with_link(wrong, broker.open_port, until_error);
    assert_eq!(error, LinkError::Mqtt(Error::Refused(Reason::NotAuthorised)));
    assert!(!error.kind().is_retryable());
}

/// This server speaks no MQTT 5, and says so: a device that speaks both can take the other one.
#[test]
fn mqtt_5_is_refused_by_its_version() {
    let broker = Broker::start_nats();
    let five = config("dev", Version::V5(V5::new()));
    let error = with_link(five, broker.open_port, until_error);
    assert_eq!(error, LinkError::Mqtt(Error::Refused(Reason::Version)));
    assert_eq!(error.kind(), ErrorKind::Config);
    with_link(five.with_protocol(Version::V3_1_1), broker.open_port, until_up);
}
