//! A server that falls silent within the handshake costs the station its patience, not a reading.

use embedded_io::Write as _;
use sundew_testkit::SimLink;

use crate::bench::{run, with_a_large_stack};
use crate::openssl::Authority;

fn check() {
    let authority = Authority::new();
    // Nothing at all; the head of a record; the head and half a body.
    for answer in [&b""[..], b"\x16\x03\x03\x00\x7A", b"\x16\x03\x03\x00\x7A\x02\x00\x00\x76\x03"] {
        let wire = SimLink::<1_024>::new();
        wire.far().write_all(answer).unwrap();
        let said = run("localhost", authority.der(), None, wire.near());
        let (_, down) = said.lines("link down").next().unwrap();
        assert_eq!(down, "link down bus TimedOut", "{answer:?}");
        assert!(said.lines("recorded").count() >= 30, "{said:?}");
        said.assert_no_reading_is_late();
    }
}

#[test]
fn sampling_goes_on_through_a_handshake_that_stalls() {
    with_a_large_stack(check);
}
