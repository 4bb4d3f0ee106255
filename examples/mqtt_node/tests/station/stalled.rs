//! A verified server that stalls in the middle of a TLS record holds nothing up but the link.

use std::cell::Cell;

use crate::bench::{run, with_a_large_stack};
use crate::openssl::{Authority, NOW, Server};
use crate::socket::Socket;

fn check() {
    let authority = Authority::new();
    // After the handshake openssl sends two session tickets of 239 bytes, and nothing more: it
    // speaks no MQTT. The stall is in the head and the body of the first, and of the second.
    for limit in [3, 100, 241, 400] {
        let server = Server::start(&authority);
        let after = Cell::new(None);
        let socket = Socket::connect(server.port, &after, limit);
        let said = run("localhost", authority.der(), Some(NOW), socket);
        assert_eq!(after.get(), Some(limit), "the stall was reached");
        let (_, down) = said.lines("link down").next().unwrap();
        assert_eq!(down, "link down peer Mqtt(TimedOut(LogIn))", "after {limit}: {said:?}");
        assert!(said.lines("recorded").count() >= 20, "after {limit}: {said:?}");
        said.assert_no_reading_is_late();
    }
}

#[test]
fn sampling_goes_on_while_the_server_stalls_within_a_record() {
    with_a_large_stack(check);
}
