//! The table of attacks: each is refused with a typed error, in each profile that it concerns.
//!
//! `cargo prove tls-attacks` runs this and prints the table.
#![cfg(feature = "tls")]
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test panics where it fails")]

mod tls_support;

use std::collections::BTreeSet;
use std::net::Shutdown;
use std::time::Duration;

use rcgen::{CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, GeneralSubtree};
use rcgen::{IsCa, KeyUsagePurpose, NameConstraints, date_time_ymd};
use sundew_identity::Psk;
use sundew_transport::tls::{Buffers, CertTime, Error, Server, Session, TrustAnchor, Wire};
use tls_support::certificates::{
    Identity, authority, identity, key, pin, self_signed, server, signed, signed_with,
};
use tls_support::hostile::Message::{
    Certificate, Extensions, Finished, Raw, Request, Verify, WrongFinished, WrongVerify,
};
use tls_support::hostile::{HONEST, Message, Peer, record, serve};
use tls_support::openssl::OpensslServer;
use tls_support::{Socket, SocketError, now, patience, read_exactly, rng, with_server};

type Refused = Error<SocketError>;

const KEY: [u8; 16] = *b"sixteen bytes ok";
const PSK: Psk<'static> = Psk { identity: b"weather-7", key: &KEY };

#[derive(Clone, Copy, Debug, PartialEq)]
enum Profile {
    Psk,
    Pin,
    Chain,
}

use Profile::{Chain, Pin};

/// Is who attacks, and whom the device believes.
struct Scene {
    leaf: Identity,
    chain: Vec<Identity>,
    /// The anchor of the profile `chain`, and pinned in the profile `pin`.
    trusted: Identity,
    time: CertTime,
}

impl Scene {
    /// An honest server under an authority.
    fn honest() -> Self {
        let (ca, leaf) = identity();
        Self::of(leaf, Vec::new(), ca)
    }

    fn of(leaf: Identity, chain: Vec<Identity>, trusted: Identity) -> Self {
        Self { leaf, chain, trusted, time: now() }
    }

    /// Has a session with a server that does as `script` says, and returns how it ended.
    fn play(
        self,
        profile: Profile,
        script: impl FnOnce(&mut Peer) + Send + 'static,
    ) -> Result<(), Refused> {
        let Self { leaf, mut chain, trusted, time } = self;
        // In the profile `pin` the one who vouches has to be shown.
        if profile == Pin && trusted.der() != leaf.der() {
            let certificate = trusted.params.self_signed(&trusted.key).unwrap();
            let (key, params) = (rcgen::KeyPair::generate().unwrap(), trusted.params.clone());
            chain.push(Identity { certificate, key, params });
        }
        let (port, thread) = serve(move |stream| {
            let chain: Vec<&Identity> = chain.iter().collect();
            let mut peer = if profile == Profile::Psk {
                Peer::with_key(stream, &KEY, &leaf, |_| {})
            } else {
                Peer::hello(stream, &leaf, &chain)
            };
            script(&mut peer);
            let _ = peer.stream.shutdown(Shutdown::Write);
            peer.expect_silence();
        });
        let outcome = match profile {
            Profile::Psk => with_server(port, &Server::psk(PSK), |_| Ok(())),
            Pin => {
                let pins = [pin(&trusted)];
                with_server(port, &Server::pin("broker.test", &pins, time), |_| Ok(()))
            }
            Chain => {
                let anchor = TrustAnchor::from_der(trusted.der()).unwrap();
                with_server(port, &Server::chain("broker.test", anchor, time), |_| Ok(()))
            }
        };
        thread.join().unwrap();
        outcome
    }

    /// Shows the certificates of the scene as an honest server would.
    fn shown(self, profile: Profile) -> Refused {
        self.play(profile, |peer| peer.send_flight(&HONEST)).expect_err("must be refused")
    }
}

/// Lets an honest certificate be part of a flight that is not.
fn flight(profile: Profile, messages: &'static [Message]) -> Refused {
    let scene = Scene::honest();
    scene.play(profile, move |peer| peer.send_flight(messages)).expect_err("must be refused")
}

/// Prints a row of the table, and makes sure that it is right.
fn row(attack: &str, profile: Profile, found: &[Refused], legal: &[&str]) {
    let kind = |error: &Refused| {
        let text = format!("{error:?}");
        text.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
    };
    let kinds: BTreeSet<String> = found.iter().map(kind).collect();
    assert!(!kinds.is_empty(), "{attack}");
    for kind in &kinds {
        assert!(legal.contains(&kind.as_str()), "{attack}, {profile:?}: {kind}");
    }
    let kinds = kinds.into_iter().collect::<Vec<_>>().join(", ");
    println!("attack: {attack} | {profile:?} | {kinds} | {}", found.len());
}

#[test]
fn messages_left_out_moved_and_doubled() {
    for profile in [Pin, Chain] {
        let left_out: &[&[Message]] = &[&[Extensions, Finished], &[Extensions, Verify, Finished]];
        let found: Vec<_> = left_out.iter().map(|it| flight(profile, it)).collect();
        row("Certificate left out", profile, &found, &["MissingCertificate"]);
        let found = [flight(profile, &[Extensions, Certificate, Finished])];
        row("CertificateVerify left out", profile, &found, &["MissingSignature"]);
        let found = [
            flight(profile, &[Extensions, Verify, Certificate, Finished]),
            flight(profile, &[Certificate, Extensions, Verify, Finished]),
            flight(profile, &[Extensions, Certificate, Request, Verify, Finished]),
        ];
        row("messages in another order", profile, &found, &["MissingCertificate", "OutOfOrder"]);
        let found = [
            flight(profile, &[Extensions, Certificate, Certificate, Verify, Finished]),
            flight(profile, &[Extensions, Certificate, Verify, Verify, Finished]),
        ];
        row("Certificate or CertificateVerify twice", profile, &found, &["OutOfOrder"]);
        let found = [
            flight(profile, &[Extensions, Certificate, WrongVerify, Finished]),
            flight(profile, &[Extensions, Certificate, Verify, WrongFinished]),
        ];
        row("a signature or Finished of another handshake", profile, &found, &["BadSignature"]);
    }
    let found = [
        flight(Profile::Psk, &[Extensions, Certificate, Verify, Finished]),
        flight(Profile::Psk, &[Extensions, Request, Finished]),
        flight(Profile::Psk, &[Finished]),
    ];
    row("a certificate beside the shared key", Profile::Psk, &found, &["OutOfOrder"]);
    let found = [flight(Profile::Psk, &[Extensions, WrongFinished])];
    row("a Finished of another handshake", Profile::Psk, &found, &["BadSignature"]);
    let (_, leaf) = identity();
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::hello(stream, &leaf, &[]);
        peer.send_flight(&HONEST);
        peer.expect_silence();
    });
    let found = with_server(port, &Server::psk(PSK), |_| Ok(())).expect_err("refused");
    thread.join().unwrap();
    row("a server that does not take the shared key", Profile::Psk, &[found], &["PskNotTaken"]);
    let (_, leaf) = identity();
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::with_key(stream, &[0; 32], &leaf, |_| {});
        peer.send_flight(&[Extensions, Finished]);
        peer.expect_silence();
    });
    let found = with_server(port, &Server::psk(PSK), |_| Ok(())).expect_err("refused");
    thread.join().unwrap();
    row("a server that takes the key without having it", Profile::Psk, &[found], &["BadRecord"]);
}

#[test]
fn certificates_that_are_for_somebody_or_something_else() {
    let under = |params: CertificateParams| {
        let ca = self_signed(authority("ca"));
        Scene::of(signed(params, &ca), Vec::new(), ca)
    };
    let with = |change: fn(&mut CertificateParams)| {
        let mut params = server("broker.test");
        change(&mut params);
        params
    };
    let critical = |params: &mut CertificateParams| {
        let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions.push(extension);
    };
    for profile in [Pin, Chain] {
        let one =
            |attack, scene: Scene, error| row(attack, profile, &[scene.shown(profile)], &[error]);
        one("wrong name", under(server("other.test")), "WrongName");
        let leaf = signed(server("broker.test"), &self_signed(authority("ca")));
        let trusted = self_signed(authority("ca"));
        one("wrong CA", Scene::of(leaf, Vec::new(), trusted), "UntrustedIssuer");
        let alone = self_signed(server("broker.test"));
        let trusted = self_signed(authority("ca"));
        one("self-signed", Scene::of(alone, Vec::new(), trusted), "UntrustedIssuer");
        let expired = with(|params| params.not_after = date_time_ymd(2021, 1, 1));
        one("expired", under(expired), "Expired");
        let early = with(|params| params.not_before = date_time_ymd(4000, 1, 1));
        one("not yet valid", under(early), "NotYetValid");
        let ca = self_signed(authority("ca"));
        let mut params = server("other.test");
        params.key_usages.push(KeyUsagePurpose::KeyCertSign);
        let other = signed(params, &ca);
        let leaf = signed(server("broker.test"), &other);
        one("leaf as CA", Scene::of(leaf, vec![other], ca), "UntrustedIssuer");
        let client = with(|params| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        });
        one("wrong EKU", under(client), "WrongUsage");
        let agreement = with(|params| params.key_usages = vec![KeyUsagePurpose::KeyAgreement]);
        one("a key that may not sign", under(agreement), "WrongUsage");
        let mut params = server("broker.test");
        critical(&mut params);
        one("unknown critical extension", under(params), "BadCertificate");
        let issuer = with(|params| params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained));
        one("a CA as the server", under(issuer), "UntrustedIssuer");
        let ca = self_signed(authority("ca"));
        let mut params = authority("middle");
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName("example.org".into())],
            excluded_subtrees: vec![],
        });
        let middle = signed(params, &ca);
        let leaf = signed(server("broker.test"), &middle);
        one("name-constraint violation", Scene::of(leaf, vec![middle], ca), "UntrustedIssuer");
        let ca = self_signed(authority("ca"));
        let leaf = signed(server("broker.test"), &ca);
        let others = (0..5).map(|at| self_signed(authority(&format!("a{at}")))).collect();
        one("huge chain", Scene::of(leaf, others, ca), "TooManyCertificates");
        let (ca, mut leaf) = identity();
        leaf.key = rcgen::KeyPair::generate().unwrap();
        one("a certificate without its key", Scene::of(leaf, Vec::new(), ca), "BadSignature");
    }
}

/// Another kind of key than the anchor's, in a certificate that its own key has signed.
#[test]
fn self_signed_with_another_kind_of_key() {
    for options in [["ED25519"].as_slice(), &["EC", "-pkeyopt", "ec_paramgen_curve:P-384"]] {
        let leaf = signed_with(server("broker.test"), key(options), None);
        let port = OpensslServer::start(&leaf, &[]);
        let ca = self_signed(authority("ca"));
        let anchor = TrustAnchor::from_der(ca.der()).unwrap();
        let chain = Server::chain("broker.test", anchor, now());
        let found = with_server(port.port, &chain, |_| Ok(())).expect_err("refused");
        let legal = ["UntrustedIssuer", "UnsupportedAlgorithm"];
        row("self-signed with another kind of key", Chain, &[found], &legal);
        let pins = [pin(&ca)];
        let pinned = Server::pin("broker.test", &pins, now());
        let found = with_server(port.port, &pinned, |_| Ok(())).expect_err("refused");
        row("self-signed with another kind of key", Pin, &[found], &legal);
    }
}

#[test]
fn signatures_of_crafted_lengths() {
    let mut found = Vec::new();
    for length in [0, 1, 2, 7, 8, 63, 64, 65, 70, 72, 73, 104, 144, 255, 256, 512, 1024] {
        for first in [0x30, 0x00] {
            let mut body = vec![4, 3];
            body.extend((length as u16).to_be_bytes());
            body.resize(4 + length, 0xFF);
            let head = [first, (length as u8).wrapping_sub(2), 2, 0x81];
            body.iter_mut().skip(4).zip(head).for_each(|(to, from)| *to = from);
            let mut message = (body.len() as u32).to_be_bytes().to_vec();
            message[0] = 15;
            message.extend(body);
            let messages = [Extensions, Certificate, Raw(message.leak()), Finished];
            found.push(flight(Chain, Box::leak(Box::new(messages))));
        }
    }
    row("crafted signature lengths", Chain, &found, &["BadSignature", "Handshake"]);
}

#[test]
fn other_protocols_and_extensions() {
    let found = (1..7).map(|at| {
        let (ca, leaf) = identity();
        let (port, thread) = serve(move |stream| {
            // Version, suite, compression, the version inside, group, and one extension too many.
            let _ = Peer::hello_with(stream, &leaf, &[], |hello| match at {
                1 => hello[1] = 1,
                2 => hello[36] ^= 3,
                3 => hello[37] = 1,
                4 => hello[45] = 3,
                5 => hello[51] = 29,
                _ => {
                    hello[39] += 4;
                    hello.extend([0, 16, 0, 0]);
                }
            });
        });
        let anchor = TrustAnchor::from_der(ca.der()).unwrap();
        let server = Server::chain("broker.test", anchor, now());
        let found = with_server(port, &server, |_| Ok(())).expect_err("refused");
        thread.join().unwrap();
        found
    });
    let found: Vec<_> = found.collect();
    row("downgrade, and a ServerHello that was not asked for", Chain, &found, &["Incompatible"]);
    let (ca, leaf) = identity();
    let old = OpensslServer::start_with(&leaf, &[], &["-tls1_2"]);
    let anchor = TrustAnchor::from_der(ca.der()).unwrap();
    let found = with_server(old.port, &Server::chain("broker.test", anchor, now()), |_| Ok(()));
    row("a server of TLS 1.2", Chain, &[found.expect_err("refused")], &["PeerAlert"]);
    for profile in [Profile::Psk, Chain] {
        let found = [
            flight(profile, &[Raw(&[8, 0, 0, 6, 0, 4, 0, 16, 0, 0]), Finished]),
            flight(profile, &[Raw(&[8, 0, 0, 6, 0, 4, 0, 42, 0, 0]), Finished]),
        ];
        row("unsolicited extension", profile, &found, &["UnsolicitedExtension"]);
    }
}

/// Lets somebody on the line change the sealed flight.
fn altered(
    profile: Profile,
    cases: usize,
    alter: impl Fn(&mut Vec<u8>, usize) + Send + Copy + 'static,
) -> Vec<Refused> {
    let messages: &[Message] =
        if profile == Profile::Psk { &[Extensions, Finished] } else { &HONEST };
    let one = |case| {
        let scene = Scene::honest();
        let outcome = scene.play(profile, move |peer| {
            let mut flight = Vec::new();
            for message in messages {
                flight.extend(peer.seal_messages(&[*message]));
            }
            alter(&mut flight, case);
            peer.send_bytes(&flight);
        });
        outcome.expect_err("must be refused")
    };
    (0..cases).map(one).collect()
}

/// The flight of the shared key has 22 + 5 and 53 + 5 bytes; that with a certificate some 760.
fn length(profile: Profile) -> usize {
    if profile == Profile::Psk { 81 } else { 600 }
}

const LINE: [&str; 4] = ["BadRecord", "IllegalRecord", "RecordTooLong", "CutOff"];

#[test]
fn truncated_and_overlong_records_at_every_byte() {
    for profile in [Profile::Psk, Chain] {
        let found = altered(profile, length(profile), Vec::truncate);
        row("cut at every byte of the flight", profile, &found, &LINE);
        let found = altered(profile, length(profile), |flight, at| flight.insert(at, 0x17));
        row("a byte more at every place of the flight", profile, &found, &LINE);
        let found = altered(profile, 20, |flight, at| {
            let length = u16::from_be_bytes([flight[3], flight[4]]) as usize;
            let changed = (length + at).wrapping_sub(10 - usize::from(at >= 10)) as u16;
            flight[3..5].copy_from_slice(&changed.to_be_bytes());
        });
        row("a record that lies about its length", profile, &found, &LINE);
    }
}

#[test]
fn bits_over_the_whole_flight() {
    for profile in [Profile::Psk, Chain] {
        let found = altered(profile, length(profile), |flight, at| flight[at] ^= 1 << (at % 8));
        row("a bit flipped in every byte of the flight", profile, &found, &LINE);
    }
}

/// What somebody on the line without keys puts into an open session.
fn injected(bytes: &'static [u8]) -> Refused {
    let (ca, leaf) = identity();
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::hello(stream, &leaf, &[]);
        peer.send_flight(&HONEST);
        peer.finish();
        peer.send_bytes(bytes);
        let _ = peer.stream.shutdown(Shutdown::Write);
        let _ = peer.receive();
    });
    let anchor = TrustAnchor::from_der(ca.der()).unwrap();
    let server = Server::chain("broker.test", anchor, now());
    let outcome = with_server(port, &server, |mut session| {
        let found = read_exactly(&mut session, 1).map(|_| ());
        assert_eq!(session.write(b"x"), Err(Error::Closed), "it stays dead");
        found
    });
    thread.join().unwrap();
    outcome.expect_err("must be refused")
}

#[test]
fn into_an_open_session() {
    let plain = |kind, content: &[u8]| injected(record(kind, content).leak());
    let found = [plain(22, &[4, 0, 0, 0]), plain(22, &[20; 36]), plain(22, &[24, 0, 0, 1, 0])];
    row("a plaintext handshake record injected", Chain, &found, &["IllegalRecord"]);
    let found = [plain(21, &[1, 0]), plain(21, &[2, 40]), plain(21, &[0; 40])];
    row("a plaintext alert injected", Chain, &found, &["IllegalRecord"]);
    let found = [plain(23, &[]), plain(22, &[]), plain(21, &[]), plain(20, &[1])];
    row("an empty record or ChangeCipherSpec injected", Chain, &found, &["IllegalRecord"]);
    row("a cut instead of close_notify", Chain, &[injected(&[])], &["CutOff"]);
}

#[test]
fn floods_and_drips() {
    let (ca, leaf) = identity();
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::hello(stream, &leaf, &[]);
        peer.send_flight(&HONEST);
        peer.finish();
        for _ in 0..1000 {
            peer.send(22, &[24, 0, 0, 1, 1]);
        }
        let _ = peer.stream.shutdown(Shutdown::Write);
    });
    let anchor = TrustAnchor::from_der(ca.der()).unwrap();
    let server = Server::chain("broker.test", anchor, now());
    let found = with_server(port, &server, |mut session| read_exactly(&mut session, 1).map(|_| ()));
    thread.join().unwrap();
    row("KeyUpdate flood", Chain, &[found.expect_err("refused")], &["KeyUpdate"]);

    let (ca, leaf) = identity();
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::hello(stream, &leaf, &[]);
        let flight = peer.seal_messages(&HONEST);
        for byte in flight {
            peer.send_bytes(&[byte]);
            std::thread::sleep(Duration::from_millis(3));
        }
    });
    let anchor = TrustAnchor::from_der(ca.der()).unwrap();
    let server = Server::chain("broker.test", anchor, now());
    let (mut staging, mut receive, mut transmit) = ([0; 256], [0; 2048], [0; 256]);
    let wait = patience(Duration::from_millis(100));
    let mut wire = Wire::new(Socket::connect(port), wait, &mut staging);
    let buffers = Buffers::new(&mut receive, &mut transmit);
    let found = Session::open(&mut wire, buffers, &server, &mut rng()).err();
    drop(wire);
    thread.join().unwrap();
    row("slow drip", Chain, &[found.expect("refused")], &["TimedOut"]);
}
