//! Servers and lines that break the rules, and what they get: a typed error, no data, no panic.
#![cfg(feature = "tls")]
#![expect(clippy::expect_used, reason = "a test panics where it fails")]

mod tls_support;

use std::io::Write;
use std::sync::mpsc::channel;
use std::time::Duration;

use sundew_transport::tls::{Buffers, Error, Server, Session, TrustAnchor, Wire};
use tls_support::certificates::{Identity, authority, identity, self_signed, server, signed};
use tls_support::hostile::Message::{
    Certificate, Extensions, Finished, Request, Ticket, Verify, WrongFinished, WrongVerify,
};
use tls_support::hostile::{HONEST, Message, Peer, record, serve};
use tls_support::{Socket, SocketError, now, patience, read_exactly, rng, with_session};

/// Makes the bytes that a server sends, and names the error they are refused with.
type Case = (fn(&mut Peer) -> Vec<u8>, Error<SocketError>);

/// Lets `script` play the server up to the end of its flight and returns why it was refused.
fn refused(script: impl FnOnce(&mut Peer) + Send + 'static) -> Error<SocketError> {
    let (ca, leaf) = identity();
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::hello(stream, &leaf, &[]);
        script(&mut peer);
        peer.expect_silence();
    });
    let outcome = with_session(port, ("broker.test", ca.der(), now()), |_| Ok(()));
    thread.join().expect("the server's script");
    outcome.expect_err("this server must not get a session")
}

#[test]
fn the_honest_server_of_these_tests_gets_a_session() {
    for grouped in [false, true] {
        let (ca, leaf) = identity();
        let (port, thread) = serve(move |stream| {
            let mut peer = Peer::hello(stream, &leaf, &[]);
            if grouped {
                peer.send_messages(&HONEST);
            } else {
                peer.send_flight(&HONEST);
            }
            peer.finish();
            peer.send_messages(&[Ticket]);
            assert_eq!(peer.receive(), Some((23, b"ping".to_vec())));
            peer.send(23, b"pong");
            assert_eq!(peer.receive(), Some((21, vec![1, 0])), "close_notify");
        });
        let done = with_session(port, ("broker.test", ca.der(), now()), |mut session| {
            session.write_all(b"ping")?;
            assert_eq!(read_exactly(&mut session, 4)?, b"pong");
            session.close()
        });
        assert_eq!(done, Ok(()));
        thread.join().expect("the server's script");
    }
}

#[test]
fn nothing_may_be_left_out() {
    let cases: [(&[Message], Error<SocketError>); 6] = [
        (&[Extensions, Finished], Error::MissingCertificate),
        (&[Extensions, Verify, Finished], Error::MissingCertificate),
        (&[Extensions, Certificate, Finished], Error::MissingSignature),
        (&[Certificate, Verify, Finished], Error::OutOfOrder),
        (&[Finished], Error::OutOfOrder),
        (&[Extensions, Request, Finished], Error::MissingCertificate),
    ];
    for (flight, error) in cases {
        assert_eq!(refused(move |peer| peer.send_messages(flight)), error, "{flight:?}");
        assert_eq!(refused(move |peer| peer.send_flight(flight)), error, "split {flight:?}");
    }
}

#[test]
fn nothing_may_come_twice_or_elsewhere() {
    let cases: [&[Message]; 8] = [
        &[Extensions, Extensions, Certificate, Verify, Finished],
        &[Extensions, Certificate, Certificate, Verify, Finished],
        &[Extensions, Certificate, Verify, Verify, Finished],
        &[Extensions, Certificate, Extensions, Verify, Finished],
        &[Extensions, Certificate, Request, Verify, Finished],
        &[Extensions, Certificate, Verify, Certificate, Finished],
        &[Extensions, Ticket, Certificate, Verify, Finished],
        &[Extensions, Certificate, Verify, Ticket, Finished],
    ];
    for flight in cases {
        let error = refused(move |peer| peer.send_messages(flight));
        assert_eq!(error, Error::OutOfOrder, "{flight:?}");
        let error = refused(move |peer| peer.send_flight(flight));
        assert_eq!(error, Error::OutOfOrder, "split {flight:?}");
    }
    // Behind Finished the keys change, so it ends its record.
    for late in [Ticket, Certificate, Finished] {
        let error = refused(move |peer| {
            peer.send_messages(&[Extensions, Certificate, Verify, Finished, late]);
        });
        assert_eq!(error, Error::OutOfOrder, "{late:?}");
    }
}

#[test]
fn signatures_have_to_fit_this_handshake() {
    let wrong = [Extensions, Certificate, WrongVerify, Finished];
    assert_eq!(refused(move |peer| peer.send_flight(&wrong)), Error::BadSignature);
    let wrong = [Extensions, Certificate, Verify, WrongFinished];
    assert_eq!(refused(move |peer| peer.send_flight(&wrong)), Error::BadSignature);
}

#[test]
fn a_certificate_without_its_key_is_worth_nothing() {
    let (ca, mut leaf) = identity();
    leaf.key = rcgen::KeyPair::generate().unwrap();
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::hello(stream, &leaf, &[]);
        peer.send_flight(&HONEST);
        peer.expect_silence();
    });
    let outcome = with_session(port, ("broker.test", ca.der(), now()), |_| Ok(()));
    assert_eq!(outcome, Err(Error::BadSignature));
    thread.join().expect("the server's script");
}

#[test]
fn a_key_that_may_not_sign_proves_nothing() {
    let ca = self_signed(authority("ca"));
    let mut params = server("broker.test");
    params.key_usages = vec![rcgen::KeyUsagePurpose::KeyAgreement];
    let leaf = signed(params, &ca);
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::hello(stream, &leaf, &[]);
        peer.send_flight(&HONEST);
        peer.expect_silence();
    });
    let outcome = with_session(port, ("broker.test", ca.der(), now()), |_| Ok(()));
    assert_eq!(outcome, Err(Error::WrongUsage));
    thread.join().expect("the server's script");
}

#[test]
fn a_chain_may_not_be_endless() {
    let (ca, leaf) = identity();
    let others: Vec<Identity> =
        (0..5).map(|at| self_signed(authority(&format!("a{at}")))).collect();
    let (port, thread) = serve(move |stream| {
        let chain: Vec<&Identity> = others.iter().collect();
        let mut peer = Peer::hello(stream, &leaf, &chain);
        peer.send_flight(&HONEST);
        peer.expect_silence();
    });
    let outcome = with_session(port, ("broker.test", ca.der(), now()), |_| Ok(()));
    assert_eq!(outcome, Err(Error::TooManyCertificates));
    thread.join().expect("the server's script");
}

#[test]
fn an_anchor_may_limit_the_length_of_its_chains() {
    let limits = [
        (rcgen::BasicConstraints::Constrained(0), Err(Error::UntrustedIssuer)),
        (rcgen::BasicConstraints::Constrained(1), Ok(())),
        (rcgen::BasicConstraints::Constrained(200), Ok(())),
    ];
    for (limit, expected) in limits {
        let mut params = authority("ca");
        params.is_ca = rcgen::IsCa::Ca(limit);
        let ca = self_signed(params);
        let middle = signed(authority("middle"), &ca);
        let leaf = signed(server("broker.test"), &middle);
        let (port, thread) = serve(move |stream| {
            let mut peer = Peer::hello(stream, &leaf, &[&middle]);
            peer.send_flight(&HONEST);
            let _ = peer.receive();
        });
        let outcome = with_session(port, ("broker.test", ca.der(), now()), |_| Ok(()));
        assert_eq!(outcome, expected, "{limit:?}");
        thread.join().expect("the server's script");
    }
}

/// Everyone calls himself the anchor, so that every order of the chain looks worth a try.
#[test]
fn a_maze_of_issuers_is_left_soon() {
    let ca = self_signed(authority("ca"));
    let others: Vec<Identity> = (0..4).map(|_| self_signed(authority("ca"))).collect();
    let leaf = signed(server("broker.test"), &others[0]);
    let (port, thread) = serve(move |stream| {
        let chain: Vec<&Identity> = others.iter().collect();
        let mut peer = Peer::hello(stream, &leaf, &chain);
        peer.send_flight(&HONEST);
        peer.expect_silence();
    });
    let outcome = with_session(port, ("broker.test", ca.der(), now()), |_| Ok(()));
    assert_eq!(outcome, Err(Error::UntrustedIssuer));
    thread.join().expect("the server's script");
}

#[test]
fn a_client_certificate_is_asked_for_in_vain() {
    let (ca, leaf) = identity();
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::hello(stream, &leaf, &[]);
        peer.send_flight(&[Extensions, Request, Certificate, Verify, Finished]);
        // Certificate with no context and no entry.
        assert_eq!(peer.receive(), Some((22, vec![11, 0, 0, 4, 0, 0, 0, 0])));
    });
    let outcome = with_session(port, ("broker.test", ca.der(), now()), |_| Ok(()));
    assert_eq!(outcome, Ok(()), "it is the server that may refuse us then");
    thread.join().expect("the server's script");
}

/// Each request is legal where it stands, and whoever is on the line can seal it: nothing is proven
/// yet. As long as there is always another one to read, the wait hook is never asked.
#[test]
fn a_server_that_never_stops_asking_is_left() {
    let found = refused(|peer| {
        peer.send_messages(&[Extensions]);
        for _ in 0..1000 {
            peer.send_messages(&[Request]);
        }
        peer.send_messages(&[Certificate, Verify, Finished]);
    });
    assert_eq!(found, Error::IllegalRecord);
}

#[test]
fn a_hello_has_to_be_the_one_asked_for() {
    // Version, session id, suite, compression, extension, version in it, group.
    for at in [1, 34, 36, 37, 41, 45, 51] {
        let (ca, leaf) = identity();
        let (port, thread) = serve(move |stream| {
            let _ = Peer::hello_with(stream, &leaf, &[], |hello| hello[at] ^= 1);
        });
        let outcome = with_session(port, ("broker.test", ca.der(), now()), |_| Ok(()));
        assert_eq!(outcome, Err(Error::Incompatible), "byte {at}");
        thread.join().expect("the server's script");
    }
}

#[test]
fn sealed_flight_records_are_looked_into() {
    let cases: [Case; 9] = [
        (|peer| peer.seal_raw(&[]), Error::IllegalRecord),
        (|peer| peer.seal_raw(&[0; 20]), Error::IllegalRecord),
        (|peer| peer.seal(22, &[]), Error::IllegalRecord),
        (|peer| peer.seal(20, &[1]), Error::IllegalRecord),
        (|peer| peer.seal(23, b"early"), Error::OutOfOrder),
        (|peer| peer.seal(21, &[2, 80]), Error::PeerAlert(80)),
        (|peer| peer.seal(22, &[8, 0, 0]), Error::SplitMessage),
        (|peer| peer.seal(22, &[8, 0, 0, 9, 0, 0]), Error::SplitMessage),
        (|peer| peer.seal(22, &[8, 0, 0, 2, 0, 9]), Error::IllegalRecord),
    ];
    for (at, (make, error)) in cases.into_iter().enumerate() {
        let found = refused(move |peer| {
            let bytes = make(peer);
            peer.send_bytes(&bytes);
        });
        assert_eq!(found, error, "case {at}");
    }
}

#[test]
fn after_hello_nothing_comes_in_the_clear() {
    for kind in [0, 20, 21, 22, 24, 255] {
        let found = refused(move |peer| peer.send_bytes(&record(kind, &[2, 40])));
        assert_eq!(found, Error::IllegalRecord, "type {kind}");
    }
    // One ChangeCipherSpec is legal there, a second one and a later one are not.
    let change = record(20, &[1]);
    let two = change.repeat(2);
    assert_eq!(refused(move |peer| peer.send_bytes(&two)), Error::IllegalRecord);
    assert_eq!(refused(|peer| peer.send_bytes(&record(20, &[2]))), Error::IllegalRecord);
    let found = refused(move |peer| {
        peer.send_messages(&[Extensions]);
        peer.send_bytes(&change);
    });
    assert_eq!(found, Error::IllegalRecord);
    // Shorter than any sealed record, and longer than any record.
    assert_eq!(refused(|peer| peer.send_bytes(&record(23, &[0; 16]))), Error::IllegalRecord);
    assert_eq!(refused(|peer| peer.send_bytes(&[23, 3, 3, 0x41, 1])), Error::IllegalRecord);
    let long = refused(|peer| peer.send_bytes(&record(23, &[0; 4097])));
    assert_eq!(long, Error::RecordTooLong { needed: 4097 });
    assert_eq!(refused(|peer| peer.send_bytes(&[23, 3, 1, 0, 20])), Error::IllegalRecord);
    assert_eq!(refused(|peer| peer.send_bytes(&record(23, &[0; 40]))), Error::BadRecord);
}

#[test]
fn a_server_that_speaks_something_else_is_no_server() {
    for bytes in [b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), &[0x20, 2, 0, 0, 0, 0]] {
        let (ca, _) = identity();
        let (port, thread) = serve(move |mut stream| {
            stream.write_all(bytes).unwrap();
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        });
        let outcome = with_session(port, ("broker.test", ca.der(), now()), |_| Ok(()));
        assert_eq!(outcome, Err(Error::IllegalRecord));
        thread.join().expect("the server's script");
    }
}

/// What someone on the line can do: change a bit of the server's flight, or end it anywhere.
#[test]
fn no_changed_or_cut_flight_gets_a_session() {
    for at in (0..).step_by(13) {
        let (ca, leaf) = identity();
        let (port, thread) = serve(move |stream| {
            let mut peer = Peer::hello(stream, &leaf, &[]);
            let mut flight: Vec<u8> = Vec::new();
            for message in HONEST {
                flight.extend(peer.seal_messages(&[message]));
            }
            if at >= flight.len() {
                return; // Every byte had its turn, and a hello alone is a cut one.
            }
            if at % 2 == 0 {
                flight[at] ^= 1 << (at % 8);
            } else {
                flight.truncate(at);
            }
            peer.send_bytes(&flight);
            // To a server that waits, a client that waits for more looks like one that is content.
            let _ = peer.stream.shutdown(std::net::Shutdown::Write);
            peer.expect_silence();
        });
        let outcome = with_session(port, ("broker.test", ca.der(), now()), |_| Ok(()));
        let error = outcome.expect_err("a changed flight");
        let at_the_line = matches!(
            error,
            Error::BadRecord | Error::IllegalRecord | Error::RecordTooLong { .. } | Error::CutOff
        );
        assert!(at_the_line, "byte {at}: {error:?}");
        thread.join().expect("the server's script");
        if at > 1000 {
            break;
        }
    }
}

#[test]
fn a_silent_server_is_given_up() {
    for flight in [None, Some([].as_slice()), Some(&[Extensions, Certificate])] {
        let (ca, leaf) = identity();
        let (end, ended) = channel::<()>();
        let (port, thread) = serve(move |stream| {
            let mut keep = None;
            if let Some(flight) = flight {
                let mut peer = Peer::hello(stream, &leaf, &[]);
                peer.send_flight(flight);
                peer.send_bytes(&[23, 3]);
                keep = Some(peer);
            }
            let _ = ended.recv();
            drop(keep);
        });
        let anchor = TrustAnchor::from_der(ca.der()).unwrap();
        let server = Server::chain("broker.test", anchor, now());
        let (mut staging, mut receive, mut transmit) = ([0; 256], [0; 2048], [0; 256]);
        let wait = patience(Duration::from_millis(50));
        let mut wire = Wire::new(Socket::connect(port), wait, &mut staging);
        let buffers = Buffers::new(&mut receive, &mut transmit);
        let outcome = Session::open(&mut wire, buffers, &server, &mut rng());
        assert_eq!(outcome.err(), Some(Error::TimedOut));
        let (mut receive, mut transmit) = ([0; 256], [0; 256]);
        let buffers = Buffers::new(&mut receive, &mut transmit);
        let again = Session::open(&mut wire, buffers, &server, &mut rng());
        assert_eq!(again.err(), Some(Error::Closed), "a wire serves one session");
        drop(end);
        thread.join().expect("the server's script");
    }
}

#[test]
fn buffers_that_are_too_small_say_how_much_is_missing() {
    let (ca, leaf) = identity();
    let needed = leaf.der().len();
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::hello(stream, &leaf, &[]);
        peer.send_flight(&HONEST);
        peer.expect_silence();
    });
    let anchor = TrustAnchor::from_der(ca.der()).unwrap();
    let server = Server::chain("broker.test", anchor, now());
    let (mut staging, mut receive, mut transmit) = ([0; 256], [0; 256], [0; 255]);
    let wait = patience(Duration::from_secs(10));
    let mut wire = Wire::new(Socket::connect(port), wait, &mut staging);
    let buffers = Buffers::new(&mut receive, &mut transmit);
    let outcome = Session::open(&mut wire, buffers, &server, &mut rng());
    assert_eq!(outcome.err(), Some(Error::BufferTooSmall { needed: 256 }));
    // Message header, context, list length, entry length, extensions, type and tag: 30 bytes more.
    let mut transmit = [0; 256];
    let buffers = Buffers::new(&mut receive, &mut transmit);
    let outcome = Session::open(&mut wire, buffers, &server, &mut rng());
    let needed = (needed + 4 + 1 + 3 + 3 + 2 + 17) as u16;
    assert_eq!(outcome.err(), Some(Error::RecordTooLong { needed }));
    drop(wire);
    thread.join().expect("the server's script");
}

#[test]
fn only_an_authority_can_be_the_anchor() {
    let (ca, leaf) = identity();
    assert!(TrustAnchor::from_der(ca.der()).is_ok());
    assert_eq!(TrustAnchor::from_der(leaf.der()).err(), Some(Error::BadAnchor));
    let mut pretender = server("broker.test");
    pretender.key_usages.push(rcgen::KeyUsagePurpose::KeyCertSign);
    let pretender = self_signed(pretender);
    assert_eq!(TrustAnchor::from_der(pretender.der()).err(), Some(Error::BadAnchor));
    let mut crl_only = authority("ca");
    crl_only.key_usages = vec![rcgen::KeyUsagePurpose::CrlSign];
    assert_eq!(TrustAnchor::from_der(self_signed(crl_only).der()).err(), Some(Error::BadAnchor));
    for end in 0..ca.der().len() {
        assert_eq!(TrustAnchor::from_der(&ca.der()[..end]).err(), Some(Error::BadAnchor));
    }
}
