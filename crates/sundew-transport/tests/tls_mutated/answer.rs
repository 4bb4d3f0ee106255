//! Whoever answers: it has the keys of this handshake, and a certificate with its key.

use std::io::Read as _;
use std::net::Shutdown;

use sundew_identity::Psk;
use sundew_transport::tls::{Server, TrustAnchor};

use super::tls_support::certificates::{Identity, authority, self_signed, server, signed};
use super::tls_support::hostile::Message::{Certificate, Extensions, Finished, Request, Verify};
use super::tls_support::hostile::{HONEST, Peer, serve};
use super::tls_support::{now, with_server};
use super::{Choices, Expected, Outcome};

const PSK: Psk<'static> = Psk { identity: b"weather-7", key: b"sixteen bytes ok" };

/// Holds what all handshakes have in common.
pub(super) struct Scene {
    ca: Identity,
    /// The right one, one for another name, one by another authority.
    leaves: [Identity; 3],
}

impl Scene {
    pub(super) fn new() -> Self {
        let ca = self_signed(authority("ca"));
        let leaves = [
            signed(server("broker.test"), &ca),
            signed(server("other.test"), &ca),
            signed(server("broker.test"), &self_signed(authority("ca"))),
        ];
        Self { ca, leaves }
    }

    /// Has one handshake with a server that may be wrong somewhere.
    pub(super) fn run(&self, choices: &mut Choices) -> Outcome {
        let shared = choices.one_in(4);
        let which = if choices.one_in(8) { 1 + choices.below(2) } else { 0 };
        let leaf = &self.leaves[which];
        let key = rcgen::KeyPair::try_from(leaf.key.serialize_der()).unwrap();
        let (certificate, params) = (leaf.certificate.clone(), leaf.params.clone());
        let identity = Identity { certificate, key, params };
        // What is sent is planned here and made there.
        let mut messages = if shared { vec![Extensions, Finished] } else { HONEST.to_vec() };
        if choices.one_in(3) {
            let (at, to) = (choices.below(messages.len()), choices.below(messages.len()));
            match choices.below(4) {
                0 => drop(messages.remove(at)),
                1 => messages.insert(to, messages[at]),
                2 if at != to => messages.swap(at, to),
                2 => messages.truncate(at),
                _ => messages[at] = [Certificate, Verify, Request, Extensions][choices.below(4)],
            }
        }
        let altered = choices.one_in(2).then(|| choices.below(messages.len().max(1)));
        let (how, seed) = (choices.below(5), choices.below(1 << 30));
        let grouping = choices.below(16);
        let extra = choices.one_in(8).then(|| choices.below(4));
        let names =
            |messages: &[_]| messages.iter().map(|it| format!("{it:?}")).collect::<Vec<_>>();
        let plan = names(if shared { &[Extensions, Finished] } else { &HONEST });
        let begun = (shared || which == 0)
            && extra.is_none()
            && names(&messages).starts_with(&plan)
            && altered.is_none_or(|at| at >= plan.len());
        let expected = match begun {
            true if messages.len() == plan.len() => Expected::Accepted,
            // What comes in a record behind the handshake is no part of it.
            true => Expected::Either,
            false => Expected::Refused,
        };
        let (port, thread) = serve(move |stream| {
            let _ = stream.set_read_timeout(Some(std::time::Duration::from_secs(10)));
            let mut peer = if shared {
                Peer::with_key(stream, PSK.key, &identity, |_| {})
            } else {
                Peer::hello(stream, &identity, &[])
            };
            let made = peer.altered(&messages, |at, bytes| {
                if altered == Some(at) {
                    alter(bytes, how, seed);
                }
            });
            let mut line = Vec::new();
            match extra {
                Some(0) => line.extend(peer.seal_raw(&[])),
                Some(1) => line.extend(peer.seal_raw(&[0; 20])),
                Some(2) => line.extend(peer.seal(23, b"early")),
                Some(_) => line.extend(peer.seal(21, &[1, 90])),
                None => {}
            }
            let mut content = Vec::new();
            for (at, bytes) in made.into_iter().enumerate() {
                content.extend(bytes);
                if grouping >> (at % 4) & 1 != 0 {
                    line.extend(peer.seal(22, &content));
                    content.clear();
                }
            }
            if !content.is_empty() {
                line.extend(peer.seal(22, &content));
            }
            peer.send_bytes(&line);
            let _ = peer.stream.shutdown(Shutdown::Write);
            let _ = peer.stream.read_to_end(&mut Vec::new());
        });
        let accepted = if shared {
            with_server(port, &Server::psk(PSK), |_| Ok(())).is_ok()
        } else {
            let anchor = TrustAnchor::from_der(self.ca.der()).unwrap();
            with_server(port, &Server::chain("broker.test", anchor, now()), |_| Ok(())).is_ok()
        };
        thread.join().unwrap();
        Outcome { accepted, expected }
    }
}

/// Changes one message for certain.
fn alter(bytes: &mut Vec<u8>, how: usize, seed: usize) {
    let at = seed % bytes.len();
    match how {
        0 | 1 => bytes[at] ^= 1 << (seed % 8),
        2 => drop(bytes.remove(at)),
        3 => bytes.insert(at, bytes[at].wrapping_add(1)),
        // A whole extension that nobody asked for (max_fragment_length), or a byte behind the end.
        _ if bytes.starts_with(&[8, 0, 0, 2]) => {
            *bytes = vec![8, 0, 0, 7, 0, 5, 0, 1, 0, 1, 1];
        }
        _ => bytes.push(0),
    }
}
