//! A verified server that stalls in the middle of a TLS record holds nothing up but the link.

use std::cell::Cell;

use crate::bench::{run, with_a_large_stack};
use crate::openssl::{Authority, NOW, Server};
use crate::socket::Socket;

fn check() {
    let authority = Authority::new();
    let server = Server::start(&authority);
    // After the handshake openssl sends two session tickets, and nothing more: it speaks no MQTT.
    let whole = Cell::new(0);
    let socket = Socket::connect(server.port, &whole, usize::MAX);
    run("localhost", authority.der(), Some(NOW), socket);
    drop(server);

    // 1 byte short of the second ticket's end, in its middle, in its head, in the first ticket.
    for missing in [1, 100, 232, 300] {
        let server = Server::start(&authority);
        let (received, limit) = (Cell::new(0), whole.get() - missing);
        let socket = Socket::connect(server.port, &received, limit);
        let said = run("localhost", authority.der(), Some(NOW), socket);
        assert_eq!(received.get(), limit, "the stall was reached");
        let (_, down) = said.lines("link down").next().unwrap();
        assert_eq!(down, "link down peer Mqtt(TimedOut(LogIn))", "{missing} missing: {said:?}");
        assert!(said.lines("recorded").count() >= 20, "{missing} missing: {said:?}");
        said.assert_no_reading_is_late();
    }
}

#[test]
fn sampling_goes_on_while_the_server_stalls_within_a_record() {
    with_a_large_stack(check);
}
