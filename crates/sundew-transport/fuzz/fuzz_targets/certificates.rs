//! What a server shows of itself: what a profile takes, an independent reader of X.509 would take too.
//!
//! The certificates of `scene` were made by openssl; their keys are gone, so nothing new can be signed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use sundew_transport::tls::{CertTime, Server, TrustAnchor, check_certificates};
use sundew_transport_fuzz::mutant;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

const AUTHORITY: &[u8] = include_bytes!("../scene/authority.der");
const INTERMEDIATE: &[u8] = include_bytes!("../scene/intermediate.der");
const SERVER: &[u8] = include_bytes!("../scene/server.der");

/// 2027-01-15, a moment of the century in which they are valid.
const NOW: u64 = 1_800_000_000;
const NAMES: [&str; 4] = ["broker.test", "10.0.2.2", "a.example.test", "other.test"];

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    let (by, name) = (how & 3, NAMES[usize::from(how >> 2 & 3)]);
    let is_floor = how >> 4 & 1 == 1;
    let time = if is_floor { CertTime::Floor(NOW) } else { CertTime::Now(NOW) };
    let shown = split(rest);
    let certificates = shown.iter().copied();
    let pinned = [&[][..], SERVER, INTERMEDIATE, AUTHORITY][usize::from(by)];
    let taken = if by == 0 {
        let anchor = TrustAnchor::from_der(AUTHORITY).expect("it is one");
        check_certificates(&Server::chain(name, anchor, time), certificates)
    } else {
        let pins = [key_hash(&read(pinned))];
        check_certificates(&Server::pin(name, &pins, time), certificates)
    };
    if taken.is_err() {
        return;
    }
    assert!(!mutant("panic-on-frame"), "the mutant panics on a server that is taken");
    let leaf = read(shown[0]);
    suits(&leaf, name, is_floor);
    if by == 1 && key_hash(&leaf) == key_hash(&read(SERVER)) {
        return; // Nobody has to have signed it.
    }
    assert_eq!(signed(&leaf), signed(&read(SERVER)), "somebody signed another one");
    if by == 2 {
        // Its own signature is not looked at: whoever has its key could make another one.
        let is_pinned = |der: &&[u8]| {
            X509Certificate::from_der(der).is_ok_and(|(_, other)| {
                key_hash(&other) == key_hash(&read(INTERMEDIATE)) && other.is_ca()
            })
        };
        assert!(shown[1..].iter().any(|der| is_pinned(der)), "the pinned key is not shown");
    }
});

/// Takes the certificates apart: each has its length before it.
fn split(mut rest: &[u8]) -> Vec<&[u8]> {
    let mut all = Vec::new();
    while let Some((length, behind)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length)).min(behind.len());
        let (der, behind) = behind.split_at(length);
        all.push(der);
        rest = behind;
    }
    all
}

fn read(der: &[u8]) -> X509Certificate<'_> {
    let (rest, certificate) = X509Certificate::from_der(der).expect("it is taken, so it is one");
    assert!(rest.is_empty(), "something stands behind a certificate that is taken");
    certificate
}

fn signed<'c>(certificate: &'c X509Certificate<'_>) -> &'c [u8] {
    certificate.tbs_certificate.as_ref()
}

fn key_hash(certificate: &X509Certificate<'_>) -> [u8; 32] {
    Sha256::digest(certificate.tbs_certificate.subject_pki.raw).into()
}

/// Checks that a server may have this name, these uses, at this time.
fn suits(leaf: &X509Certificate<'_>, name: &str, is_floor: bool) {
    let now = i64::try_from(NOW).expect("a time");
    assert!(leaf.validity().not_after.timestamp() >= now, "it has ended");
    assert!(is_floor || leaf.validity().not_before.timestamp() <= now, "it has not begun");
    if let Some(usage) = leaf.key_usage().expect("it can be read") {
        assert!(usage.value.digital_signature(), "the key signs no handshake");
    }
    if let Some(usage) = leaf.extended_key_usage().expect("it can be read") {
        assert!(usage.value.server_auth, "the key serves nobody");
    }
    let names = leaf.subject_alternative_name().expect("it can be read").expect("it has one");
    let has = |wanted: &str| {
        names.value.general_names.iter().any(|shown| match shown {
            GeneralName::DNSName(shown) => shown.eq_ignore_ascii_case(wanted),
            GeneralName::IPAddress(shown) => wanted == "10.0.2.2" && *shown == [10, 0, 2, 2],
            _ => false,
        })
    };
    let wildcard = name.split_once('.').map(|(_, domain)| format!("*.{domain}"));
    assert!(has(name) || wildcard.is_some_and(|name| has(&name)), "it is called otherwise");
}
