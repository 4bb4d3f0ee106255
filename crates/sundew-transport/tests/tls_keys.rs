//! Other keys than those of P-256, where the build has them.
#![cfg(feature = "tls")]

mod tls_support;

use sundew_transport::tls::{Error, Server};
use tls_support::certificates::{
    Identity, authority, key, pin, self_signed, server, signed, signed_with,
};
use tls_support::openssl::OpensslServer;
use tls_support::{SocketError, now, read_exactly, with_server, with_session};

type Outcome = Result<(), Error<SocketError>>;

/// Tries the profiles `chain` and `pin` (of the authority, which is sent).
fn outcomes(leaf: &Identity, ca: &Identity) -> [Outcome; 2] {
    let server = OpensslServer::start(leaf, &[ca]);
    let chain = with_session(server.port, ("broker.test", ca.der(), now()), |mut session| {
        session.write_all(b"sundew\n")?;
        assert_eq!(read_exactly(&mut session, 7)?, b"wednus\n");
        session.close()
    });
    let pins = [pin(ca)];
    let pinned = Server::pin("broker.test", &pins, now());
    let pinned = with_server(server.port, &pinned, |mut session| {
        session.write_all(b"sundew\n")?;
        session.close()
    });
    [chain, pinned]
}

/// Tries such a key for both, for the server and for the authority.
fn with_key(make: impl Fn() -> rcgen::KeyPair) -> [[Outcome; 2]; 3] {
    let p256 = self_signed(authority("ca"));
    let other = signed_with(authority("ca"), make(), None);
    let below = signed(server("broker.test"), &other);
    [
        outcomes(&signed_with(server("broker.test"), make(), Some(&other)), &other),
        outcomes(&signed_with(server("broker.test"), make(), Some(&p256)), &p256),
        outcomes(&below, &other),
    ]
}

#[test]
fn ed25519_is_checked_where_it_is_built_in() {
    let expected =
        if cfg!(feature = "ed25519") { Ok(()) } else { Err(Error::UnsupportedAlgorithm) };
    assert_eq!(with_key(|| key(&["ED25519"])), [[expected; 2]; 3]);
}

#[test]
fn p384_is_checked_where_it_is_built_in() {
    let expected = if cfg!(feature = "p384") { Ok(()) } else { Err(Error::UnsupportedAlgorithm) };
    let p384 = || key(&["EC", "-pkeyopt", "ec_paramgen_curve:P-384"]);
    assert_eq!(with_key(p384), [[expected; 2]; 3]);
}

/// The engine does not offer RSA signatures, so such a server ends the handshake itself.
#[test]
fn a_server_with_an_rsa_key_says_that_it_has_no_other() {
    let rsa = key(&["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
    let leaf = signed_with(server("broker.test"), rsa, None);
    let ca = self_signed(authority("ca"));
    let server = OpensslServer::start(&leaf, &[]);
    let outcome = with_session(server.port, ("broker.test", ca.der(), now()), |_| Ok(()));
    assert_eq!(outcome, Err(Error::PeerAlert(40)));
}
