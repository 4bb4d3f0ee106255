//! The async face: the same servers, and futures that are dropped half-way.
#![cfg(all(feature = "tls", feature = "async"))]
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test panics where it fails")]

mod tls_support;

use std::sync::mpsc::channel;
use std::time::Duration;

use sundew_transport::tls::{Buffers, Error, Server, SessionAsync, TrustAnchor, WireAsync};
use tls_support::asynch::{SocketAsync, run};
use tls_support::certificates::{Identity, identity};
use tls_support::hostile::Message::{Certificate, Extensions, Finished, Ticket};
use tls_support::hostile::{HONEST, Peer, record, serve};
use tls_support::openssl::OpensslServer;
use tls_support::{SocketError, now, rng};

const LONG: Duration = Duration::from_secs(10);

type Outcome<T> = Result<T, Error<SocketError>>;

/// Opens a session with the server at `port` and lets `act` use it.
fn with_session<T>(
    port: u16,
    anchor: &Identity,
    act: impl AsyncFnOnce(SessionAsync<'_, '_, SocketAsync>) -> Outcome<T>,
) -> Outcome<T> {
    let anchor = TrustAnchor::from_der(anchor.der()).expect("an anchor");
    let server = Server::chain("broker.test", anchor, now());
    let (mut staging, mut receive, mut transmit) = ([0; 1024], [0; 4096], [0; 512]);
    let mut wire = WireAsync::new(SocketAsync::connect(port), &mut staging);
    let buffers = Buffers::new(&mut receive, &mut transmit);
    let mut rng = rng();
    run(LONG, async {
        let session = SessionAsync::open(&mut wire, buffers, &server, &mut rng).await?;
        act(session).await
    })
    .expect("in time")
}

async fn read_exactly(
    session: &mut SessionAsync<'_, '_, SocketAsync>,
    count: usize,
) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() < count {
        let mut some = [0; 100];
        let length = session.read(&mut some).await?;
        bytes.extend_from_slice(&some[..length]);
    }
    Ok(bytes)
}

#[test]
fn openssl_gets_a_session_and_a_stranger_does_not() {
    let (ca, leaf) = identity();
    let (stranger, _) = identity();
    let server = OpensslServer::start(&leaf, &[]);
    let talk = async |mut session: SessionAsync<'_, '_, SocketAsync>| {
        session.write_all(b"sundew\n").await?;
        assert_eq!(read_exactly(&mut session, 7).await?, b"wednus\n");
        session.close().await
    };
    assert_eq!(with_session(server.port, &ca, talk), Ok(()));
    assert_eq!(with_session(server.port, &stranger, talk), Err(Error::UntrustedIssuer));
}

#[test]
fn what_is_left_out_is_missed() {
    for (flight, error) in [
        ([Extensions, Finished].as_slice(), Error::MissingCertificate),
        (&[Extensions, Certificate, Finished], Error::MissingSignature),
    ] {
        let (ca, leaf) = identity();
        let (port, thread) = serve(move |stream| {
            let mut peer = Peer::hello(stream, &leaf, &[]);
            peer.send_messages(flight);
            peer.expect_silence();
        });
        assert_eq!(with_session(port, &ca, async |_| Ok(())), Err(error));
        thread.join().expect("the server's script");
    }
}

#[test]
fn a_record_in_the_clear_is_refused() {
    let (ca, leaf) = identity();
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::hello(stream, &leaf, &[]);
        peer.send_flight(&HONEST);
        peer.finish();
        peer.send_bytes(&record(21, &[1, 0]));
    });
    let outcome = with_session(port, &ca, async |mut session| {
        let refused = read_exactly(&mut session, 1).await.map(|_| ());
        assert_eq!(session.ready(), Err(Error::Closed), "it stays dead");
        refused
    });
    assert_eq!(outcome, Err(Error::IllegalRecord));
    thread.join().expect("the server's script");
}

/// The server sends a ticket and a record byte by byte; for each byte a read is begun and dropped.
#[test]
fn a_dropped_read_has_taken_nothing() {
    let (ca, leaf) = identity();
    let (next, turn) = channel();
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::hello(stream, &leaf, &[]);
        peer.send_flight(&HONEST);
        peer.finish();
        peer.send_messages(&[Ticket]);
        for byte in peer.seal(23, b"whole") {
            turn.recv().expect("the client is there");
            peer.send_bytes(&[byte]);
        }
    });
    let read = with_session(port, &ca, async |mut session| {
        // 5 of header, 5 of content, 1 of type, 16 of tag.
        for _ in 0..27 {
            let dropped = run(Duration::from_millis(3), session.read(&mut [0; 8]));
            assert_eq!(dropped, None);
            next.send(()).expect("the server is there");
        }
        read_exactly(&mut session, 5).await
    });
    assert_eq!(read, Ok(b"whole".to_vec()));
    thread.join().expect("the server's script");
}
