//! What may come once a session is open, and how it comes.
#![cfg(feature = "tls")]
#![expect(clippy::expect_used, reason = "a test panics where it fails")]

mod tls_support;

use std::sync::mpsc::channel;
use std::time::Duration;

use sundew_core::{Classify, ErrorKind};
use sundew_transport::tls::{Error, Wait};
use tls_support::certificates::identity;
use tls_support::hostile::Message::Ticket;
use tls_support::hostile::{HONEST, Peer, record, serve};
use tls_support::{Live, SocketError, now, read_exactly, with_session};

/// Makes the bytes that a server sends, and names the error they are refused with.
type Case = (fn(&mut Peer) -> Vec<u8>, Error<SocketError>);

/// Does an honest handshake, then lets `script` play the server and `act` the client.
fn talk<T>(
    script: impl FnOnce(&mut Peer) + Send + 'static,
    act: impl FnOnce(Live<'_, '_, &mut dyn FnMut() -> Wait>) -> Result<T, Error<SocketError>>,
) -> Result<T, Error<SocketError>> {
    let (ca, leaf) = identity();
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::hello(stream, &leaf, &[]);
        peer.send_flight(&HONEST);
        peer.finish();
        script(&mut peer);
    });
    let outcome = with_session(port, ("broker.test", ca.der(), now()), act);
    thread.join().expect("the server's script");
    outcome
}

/// Sends `bytes` after an honest handshake and returns what the client says to them.
fn after_handshake(make: impl FnOnce(&mut Peer) -> Vec<u8> + Send + 'static) -> Error<SocketError> {
    let outcome = talk(
        move |peer| {
            let bytes = make(peer);
            peer.send_bytes(&bytes);
        },
        |mut session| {
            let refused = read_exactly(&mut session, 1).map(|_| ());
            assert_eq!(session.read(&mut [0; 8]), Err(Error::Closed), "it stays dead");
            assert_eq!(session.write(b"x"), Err(Error::Closed));
            refused
        },
    );
    outcome.expect_err("must be refused")
}

#[test]
fn after_the_handshake_only_sealed_records_count() {
    for kind in [0, 20, 21, 22, 24] {
        // As someone on the line without keys would put it there: an alert, a ticket, a change.
        for content in [[1, 0].as_slice(), &[1], &[4, 0, 0, 0], &[0; 40]] {
            let found = after_handshake(move |_| record(kind, content));
            assert_eq!(found, Error::IllegalRecord, "type {kind}");
            assert_eq!(found.kind(), ErrorKind::Bus, "worth another try");
        }
    }
    assert_eq!(after_handshake(|_| record(23, &[0; 16])), Error::IllegalRecord);
    assert_eq!(after_handshake(|_| record(23, &[])), Error::IllegalRecord);
    assert_eq!(after_handshake(|_| record(23, &[0; 40])), Error::BadRecord);
    let long = after_handshake(|_| vec![23, 3, 3, 4, 1]);
    assert_eq!(long, Error::RecordTooLong { needed: 1025 });
    assert_eq!(after_handshake(|_| Vec::new()), Error::CutOff, "no close_notify");
}

#[test]
fn sealed_records_after_the_handshake_are_looked_into() {
    let cases: [Case; 13] = [
        (|peer| peer.seal_raw(&[]), Error::IllegalRecord),
        (|peer| peer.seal_raw(&[0; 20]), Error::IllegalRecord),
        (|peer| peer.seal(20, &[1]), Error::IllegalRecord),
        (|peer| peer.seal(22, &[]), Error::IllegalRecord),
        (|peer| peer.seal(21, &[1]), Error::IllegalRecord),
        (|peer| peer.seal(21, &[1, 0]), Error::Closed),
        (|peer| peer.seal(21, &[2, 116]), Error::PeerAlert(116)),
        (|peer| peer.seal(22, &[24, 0, 0, 1, 0]), Error::KeyUpdate),
        (|peer| peer.seal(22, &[24, 0, 0, 1, 1]), Error::KeyUpdate),
        (|peer| peer.seal(22, &[13, 0, 0, 3, 0, 0, 0]), Error::OutOfOrder),
        (|peer| peer.seal(22, &[20, 0, 0, 0]), Error::OutOfOrder),
        (|peer| peer.seal(22, &[4, 0, 0, 9, 0]), Error::SplitMessage),
        (
            |peer| {
                let mut bytes = peer.seal(23, b"intact");
                bytes[8] ^= 1;
                bytes
            },
            Error::BadRecord,
        ),
    ];
    for (at, (make, error)) in cases.into_iter().enumerate() {
        assert_eq!(after_handshake(make), error, "case {at}");
    }
    for kind in 0..=255 {
        let found = after_handshake(move |peer| peer.seal(22, &[kind, 0, 0, 0, 24, 0, 0, 0]));
        assert!(matches!(found, Error::KeyUpdate | Error::OutOfOrder), "{kind}: {found:?}");
    }
}

#[test]
fn a_replayed_record_is_refused() {
    let found = after_handshake(|peer| {
        let bytes = peer.seal(22, &[4, 0, 0, 0]);
        bytes.repeat(2)
    });
    assert_eq!(found, Error::BadRecord);
}

#[test]
fn padding_and_empty_data_are_legal() {
    let read = talk(
        |peer| {
            let empty = peer.seal(23, &[]);
            let padded = peer.seal_raw(b"padded\x17\0\0\0\0\0");
            let last = peer.seal(23, b"last");
            peer.send_bytes(&[empty, padded, last].concat());
        },
        |mut session| read_exactly(&mut session, 10),
    );
    assert_eq!(read, Ok(b"paddedlast".to_vec()));
}

#[test]
fn a_ticket_is_not_data_and_does_not_block() {
    let (sent, heard) = channel();
    let read = talk(
        move |peer| {
            peer.send_flight(&[Ticket; 9]);
            heard.recv().unwrap();
            peer.send(23, b"x");
        },
        |mut session| {
            std::thread::sleep(Duration::from_millis(50));
            // Nine tickets, four a call, and then nothing: each call returns at once.
            for _ in 0..4 {
                assert_eq!(session.ready(), Ok(false));
                assert_eq!(session.read(&mut [0; 4]), Ok(0));
            }
            sent.send(()).unwrap();
            read_exactly(&mut session, 1)
        },
    );
    assert_eq!(read, Ok(b"x".to_vec()));
}

#[test]
fn a_stall_anywhere_in_a_record_loses_nothing() {
    let (next, turn) = channel();
    let read = talk(
        move |peer| {
            let bytes = peer.seal(23, b"whole");
            for byte in bytes {
                turn.recv().unwrap();
                peer.send_bytes(&[byte]);
            }
        },
        |mut session| {
            // 5 of header, 5 of content, 1 of type, 16 of tag.
            for _ in 0..27 {
                assert_eq!(session.ready(), Ok(false));
                assert_eq!(session.read(&mut [0; 8]), Ok(0));
                next.send(()).unwrap();
                std::thread::sleep(Duration::from_millis(5));
            }
            assert_eq!(session.ready(), Ok(true));
            let mut two = [0; 2];
            assert_eq!(session.read(&mut two), Ok(2));
            assert_eq!(&two, b"wh", "in pieces");
            read_exactly(&mut session, 3)
        },
    );
    assert_eq!(read, Ok(b"ole".to_vec()));
}
