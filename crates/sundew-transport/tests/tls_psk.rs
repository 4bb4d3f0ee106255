//! The profile `psk`: who has the key is the server, and nobody else is.
#![cfg(feature = "tls")]
#![expect(clippy::expect_used, reason = "a test panics where it fails")]

mod tls_support;

use sundew_identity::Psk;
use sundew_transport::tls::{Error, Server};
use tls_support::certificates::identity;
use tls_support::hostile::Message::{
    Certificate, Extensions, Finished, Request, Ticket, Verify, WrongFinished,
};
use tls_support::hostile::{HONEST, Message, Peer, serve};
use tls_support::openssl::OpensslServer;
use tls_support::{SocketError, read_exactly, with_server};

const KEY: [u8; 16] = *b"sixteen bytes ok";
const PSK: Psk<'static> = Psk { identity: b"weather-7", key: &KEY };

type Outcome = Result<(), Error<SocketError>>;

fn talk(port: u16, psk: Psk<'_>) -> Outcome {
    with_server(port, &Server::psk(psk), |mut session| {
        session.write_all(b"sundew\n")?;
        assert_eq!(read_exactly(&mut session, 7)?, b"wednus\n");
        session.close()
    })
}

/// Lets `script` play a server that takes our key and has `its_key`.
fn refused(its_key: &'static [u8], script: impl FnOnce(&mut Peer) + Send + 'static) -> Outcome {
    let (_, leaf) = identity();
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::with_key(stream, its_key, &leaf, |_| {});
        script(&mut peer);
        peer.expect_silence();
    });
    let outcome = with_server(port, &Server::psk(PSK), |_| Ok(()));
    thread.join().expect("the server's script");
    outcome
}

#[test]
fn openssl_with_the_key_gets_a_session() {
    let server = OpensslServer::start_with_key("weather-7", &KEY);
    assert_eq!(talk(server.port, PSK), Ok(()));
    // The longest identity, and a long key.
    let (identity, key) = ("i".repeat(128), [9; 64]);
    let server = OpensslServer::start_with_key(&identity, &key);
    assert_eq!(talk(server.port, Psk { identity: identity.as_bytes(), key: &key }), Ok(()));
}

#[test]
fn another_key_or_identity_gets_none() {
    let server = OpensslServer::start_with_key("weather-7", &KEY);
    let other = Psk { key: b"sixteen bytes no", ..PSK };
    // illegal_parameter: the proof in our hello does not fit.
    assert_eq!(talk(server.port, other), Err(Error::PeerAlert(47)));
    let server = OpensslServer::start_with_key("weather-7", &KEY);
    assert!(talk(server.port, Psk { identity: b"weather-8", ..PSK }).is_err());
}

#[test]
fn a_server_that_has_only_a_certificate_is_refused() {
    let (_, leaf) = identity();
    let server = OpensslServer::start(&leaf, &[]);
    assert_eq!(talk(server.port, PSK), Err(Error::PskNotTaken));
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::hello(stream, &leaf, &[]);
        peer.send_flight(&HONEST);
        peer.expect_silence();
    });
    assert_eq!(talk(port, PSK), Err(Error::PskNotTaken));
    thread.join().expect("the server's script");
}

#[test]
fn the_honest_server_of_these_tests_gets_a_session() {
    for grouped in [false, true] {
        let (_, leaf) = identity();
        let (port, thread) = serve(move |stream| {
            let mut peer = Peer::with_key(stream, &KEY, &leaf, |_| {});
            if grouped {
                peer.send_messages(&[Extensions, Finished]);
            } else {
                peer.send_flight(&[Extensions, Finished]);
            }
            peer.finish();
            assert_eq!(peer.receive(), Some((23, b"ping".to_vec())));
            peer.send(23, b"pong");
            assert_eq!(peer.receive(), Some((21, vec![1, 0])), "close_notify");
        });
        let outcome = with_server(port, &Server::psk(PSK), |mut session| {
            session.write_all(b"ping")?;
            assert_eq!(read_exactly(&mut session, 4)?, b"pong");
            session.close()
        });
        assert_eq!(outcome, Ok(()));
        thread.join().expect("the server's script");
    }
}

/// Whoever takes the identity without having the key can make no record that opens.
#[test]
fn to_take_the_key_is_not_to_have_it() {
    let flight = [Extensions, Finished];
    for key in [[0; 32].as_slice(), b"sixteen bytes no"] {
        let outcome = refused(key, move |peer| peer.send_messages(&flight));
        assert_eq!(outcome, Err(Error::BadRecord));
    }
}

#[test]
fn no_certificate_may_appear_and_nothing_may_be_left_out() {
    let cases: [(&[Message], Error<SocketError>); 9] = [
        (&[Finished], Error::OutOfOrder),
        (&[Extensions, Extensions, Finished], Error::OutOfOrder),
        (&[Extensions, Certificate, Finished], Error::OutOfOrder),
        (&[Extensions, Certificate, Verify, Finished], Error::OutOfOrder),
        (&[Extensions, Verify, Finished], Error::OutOfOrder),
        (&[Extensions, Request, Finished], Error::OutOfOrder),
        (&[Certificate, Verify, Finished], Error::OutOfOrder),
        (&[Extensions, Ticket, Finished], Error::OutOfOrder),
        (&[Extensions, WrongFinished], Error::BadSignature),
    ];
    for (flight, error) in cases {
        let grouped = refused(&KEY, move |peer| peer.send_messages(flight));
        assert_eq!(grouped, Err(error), "{flight:?}");
        let split = refused(&KEY, move |peer| peer.send_flight(flight));
        assert_eq!(split, Err(error), "split {flight:?}");
    }
}

#[test]
fn only_the_first_key_was_offered_and_only_where_there_is_one() {
    // The index of the key, and a second answer to the same question.
    let cases: [fn(&mut Vec<u8>); 2] = [
        |body| *body.last_mut().expect("a hello") = 1,
        |body| {
            body[39] += 6;
            body.extend([0, 41, 0, 2, 0, 0]);
        },
    ];
    for tweak in cases {
        let (_, leaf) = identity();
        let (port, thread) = serve(move |stream| {
            let _ = Peer::with_key(stream, &KEY, &leaf, tweak);
        });
        let outcome = with_server(port, &Server::psk(PSK), |_| Ok(()));
        assert_eq!(outcome, Err(Error::Incompatible));
        thread.join().expect("the server's script");
    }
    let (ca, leaf) = identity();
    let (port, thread) = serve(move |stream| {
        let _ = Peer::with_key(stream, &KEY, &leaf, |_| {});
    });
    let anchor = ("broker.test", ca.der(), tls_support::now());
    let outcome = tls_support::with_session(port, anchor, |_| Ok(()));
    assert_eq!(outcome, Err(Error::Incompatible));
    thread.join().expect("the server's script");
}

#[test]
fn weak_keys_are_refused_before_a_byte_is_sent() {
    let (port, thread) = serve(drop);
    let long = [b'i'; 129];
    for psk in [
        Psk { key: &[7; 15], ..PSK },
        Psk { key: &[], ..PSK },
        Psk { identity: &[], ..PSK },
        Psk { identity: &long, ..PSK },
    ] {
        let stream = std::net::TcpStream::connect(("127.0.0.1", port));
        drop(stream);
        let outcome = with_server(port, &Server::psk(psk), |_| Ok(()));
        assert_eq!(outcome, Err(Error::BadPsk));
    }
    thread.join().expect("the server's script");
}
