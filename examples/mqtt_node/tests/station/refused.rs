//! A server that is not the one of the device record gets no log-in, and the station goes on.

use std::cell::Cell;

use crate::bench::{Said, run, with_a_large_stack};
use crate::openssl::{Authority, NOW, Server};
use crate::socket::Socket;

const YEAR: u32 = 31_536_000;

/// Returns what a station says that expects `name` under `anchor` at the time `unix`, and meets
/// the server `localhost` of `authority`.
fn meet(authority: &Authority, anchor: &Authority, name: &str, unix: u32) -> Said {
    let server = Server::start(authority);
    let after = Cell::new(None);
    let socket = Socket::connect(server.port, &after, usize::MAX);
    run(name, anchor.der(), Some(unix), socket)
}

fn check() {
    let (ours, other) = (Authority::new(), Authority::new());
    let cases = [
        ("UntrustedIssuer", meet(&ours, &other, "localhost", NOW)),
        ("WrongName", meet(&ours, &ours, "broker.example", NOW)),
        ("Expired", meet(&ours, &ours, "localhost", NOW + YEAR)),
        // The right server: it fails later, at the log-in, since it speaks TLS and not MQTT.
        ("Mqtt(TimedOut(LogIn))", meet(&ours, &ours, "localhost", NOW)),
    ];
    for (case, said) in cases {
        let down: Vec<_> = said.lines("link down").map(|(_, line)| line).collect();
        assert_eq!(down, [format!("link down peer {case}")], "{said:?}");
        // Every reading waits in the queue, those from before the refusal too.
        let recorded = said.lines("recorded").count();
        let (_, waiting) = said.lines("queue").last().unwrap();
        assert!(recorded >= 10, "{case}: {said:?}");
        assert_eq!(waiting, format!("queue {recorded}"), "{case}: {said:?}");
        said.assert_no_reading_is_late();
    }
}

#[test]
fn a_server_that_is_another_one_is_refused_and_costs_no_reading() {
    with_a_large_stack(check);
}
