//! Somebody on the line to rustls, without keys.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection};
use sundew_transport::tls::{Buffers, Profile, Server, Session, TrustAnchor, Wait, Wire};

use super::tls_support::certificates::{Identity, identity, pin};
use super::tls_support::{SocketError, now, rng};
use super::{Choices, Expected, Outcome};

/// Holds what all handshakes have in common.
pub(super) struct Scene {
    config: Arc<ServerConfig>,
    ca: Identity,
    pins: [[u8; 32]; 1],
}

impl Scene {
    pub(super) fn new() -> Self {
        let (ca, leaf) = identity();
        let chain = [&leaf, &ca].map(|link| CertificateDer::from(link.der().to_vec())).to_vec();
        let key = PrivatePkcs8KeyDer::from(leaf.key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key.into())
            .unwrap();
        let pins = [pin(&ca)];
        Self { config: Arc::new(config), ca, pins }
    }

    /// Has one handshake and changes it.
    pub(super) fn run(&self, choices: &mut Choices) -> Outcome {
        let anchor = TrustAnchor::from_der(self.ca.der()).unwrap();
        if choices.one_in(2) {
            self.attempt(choices, &Server::chain("broker.test", anchor, now()))
        } else {
            self.attempt(choices, &Server::pin("broker.test", &self.pins, now()))
        }
    }

    fn attempt<P: Profile>(&self, choices: &mut Choices, server: &Server<P>) -> Outcome {
        let mut line = Line {
            server: ServerConnection::new(self.config.clone()).unwrap(),
            choices,
            arrived: Vec::new(),
            taken: 0,
            up: None,
            down: None,
        };
        let (mut staging, mut receive, mut transmit) = ([0; 1024], [0; 4096], [0; 512]);
        let mut wire = Wire::new(&mut line, || Wait::GiveUp, &mut staging);
        let buffers = Buffers::new(&mut receive, &mut transmit);
        let accepted = match Session::open(&mut wire, buffers, server, &mut rng()) {
            Ok(mut session) => {
                let mut answer = [0; 4];
                let done = session.write_all(b"ping").and_then(|()| session.read(&mut answer));
                if done == Ok(4) {
                    assert_eq!(&answer, b"pong", "what comes is what was sent");
                }
                true
            }
            Err(_) => false,
        };
        let meaning = [line.up, line.down].map(|way| way.unwrap_or(Expected::Accepted));
        let expected = if meaning.contains(&Expected::Refused) {
            Expected::Refused
        } else if meaning.contains(&Expected::Either) {
            Expected::Either
        } else {
            Expected::Accepted
        };
        Outcome { accepted, expected }
    }
}

/// Is the line, with rustls at its end.
struct Line<'c> {
    server: ServerConnection,
    choices: &'c mut Choices,
    arrived: Vec<u8>,
    taken: usize,
    /// What was done to the hello of the client, and to the flight of the server.
    up: Option<Expected>,
    down: Option<Expected>,
}

impl Line<'_> {
    fn carry(&mut self, bytes: &[u8]) {
        let mut up = bytes.to_vec();
        if self.up.is_none() {
            if self.choices.one_in(6) {
                change(&mut up, self.choices);
            }
            self.up = Some(judge(bytes, &up));
        }
        let mut rest = up.as_slice();
        while !rest.is_empty() && self.server.read_tls(&mut rest).is_ok_and(|count| count > 0) {
            if self.server.process_new_packets().is_err() {
                break;
            }
        }
        let mut request = [0; 4];
        if self.server.reader().read(&mut request).is_ok_and(|count| count == 4) {
            let _ = self.server.writer().write_all(b"pong");
        }
        let mut down = Vec::new();
        while self.server.wants_write() && self.server.write_tls(&mut down).is_ok() {}
        if !down.is_empty() && self.down.is_none() {
            let sent = down.clone();
            if self.up == Some(Expected::Accepted) && !self.choices.one_in(20) {
                for _ in 0..=self.choices.below(2) {
                    change(&mut down, self.choices);
                }
            }
            self.down = Some(judge(&sent, &down));
        }
        self.arrived.extend(down);
    }
}

/// Cuts bytes into records; what is no whole record is the last one.
fn records(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let length = match bytes {
            [_, _, _, high, low, ..] => 5 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => bytes.len(),
        };
        let (one, rest) = bytes.split_at(length.min(bytes.len()));
        found.push(one.to_vec());
        bytes = rest;
    }
    found
}

/// Says what a change comes to.
fn judge(sent: &[u8], arrived: &[u8]) -> Expected {
    if sent == arrived {
        return Expected::Accepted;
    }
    // ChangeCipherSpec means nothing, and neither do the version before a plaintext record and
    // where a plaintext message is split. What comes behind the handshake is no part of it: the
    // session that has begun ends there.
    let meaning = |bytes: &[u8]| {
        let mut plain = Vec::new();
        let mut sealed = Vec::new();
        for record in records(bytes) {
            match record.as_slice() {
                [20, _, _, 0, 1, 1] => {}
                [22, _, _, _, _, content @ ..] if sealed.is_empty() => {
                    plain.extend(content.to_vec());
                }
                other => sealed.push(other.to_vec()),
            }
        }
        (plain, sealed)
    };
    let (sent, arrived) = (meaning(sent), meaning(arrived));
    let same = if sent.1.is_empty() {
        arrived.0.starts_with(&sent.0)
    } else {
        arrived.0 == sent.0 && arrived.1.starts_with(&sent.1)
    };
    if same { Expected::Either } else { Expected::Refused }
}

/// Does one of the things that somebody on the line can do.
fn change(bytes: &mut Vec<u8>, choices: &mut Choices) {
    if bytes.is_empty() {
        return;
    }
    let at = choices.below(bytes.len());
    let mut all = records(bytes);
    let one = choices.below(all.len());
    match choices.below(13) {
        0..=2 => bytes[at] ^= 1 << choices.below(8),
        3 => bytes[at] = choices.below(256) as u8,
        4 => bytes.truncate(at),
        5 => bytes.insert(at, choices.below(256) as u8),
        6 => drop(bytes.remove(at)),
        kind => {
            let other = choices.below(all.len());
            match kind {
                7 => drop(all.remove(one)),
                8 => all.insert(other, all[one].clone()),
                9 => all.swap(one, other),
                10 if all[one].len() > 6 => {
                    let record = all.remove(one);
                    let middle = 1 + choices.below(record.len() - 6);
                    let (first, second) = record[5..].split_at(middle);
                    for half in [second, first] {
                        let length = (half.len() as u16).to_be_bytes();
                        all.insert(one, [&record[..3], &length, half].concat());
                    }
                }
                11 => {
                    let length = choices.below(40);
                    let kind = 20 + choices.below(5) as u8;
                    let content: Vec<u8> = (0..length).map(|_| choices.below(256) as u8).collect();
                    all.insert(one, [&[kind, 3, 3, 0, length as u8], content.as_slice()].concat());
                }
                12 if choices.one_in(2) => all.insert(one, vec![20, 3, 3, 0, 1, 1]),
                _ => {
                    // The header of a record: its type, its version, its length.
                    let place = choices.below(5.min(all[one].len()));
                    all[one][place] ^= 1 << choices.below(8);
                }
            }
            *bytes = all.concat();
        }
    }
}

impl ErrorType for Line<'_> {
    type Error = SocketError;
}

impl Read for Line<'_> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, SocketError> {
        let rest = &self.arrived[self.taken..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.taken += count;
        Ok(count)
    }
}

impl ReadReady for Line<'_> {
    fn read_ready(&mut self) -> Result<bool, SocketError> {
        Ok(true)
    }
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, SocketError> {
        self.carry(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), SocketError> {
        Ok(())
    }
}

impl WriteReady for Line<'_> {
    fn write_ready(&mut self) -> Result<bool, SocketError> {
        Ok(true)
    }
}
