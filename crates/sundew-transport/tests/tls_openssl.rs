//! Sessions with `openssl s_server`: who gets one and who does not.
#![cfg(feature = "tls")]

mod tls_support;

use rcgen::{CustomExtension, ExtendedKeyUsagePurpose, GeneralSubtree, KeyUsagePurpose};
use rcgen::{IsCa, NameConstraints, SanType, date_time_ymd};
use sundew_transport::tls::{CertTime, Error};
use tls_support::certificates::{Identity, authority, self_signed, server, signed};
use tls_support::openssl::OpensslServer;
use tls_support::{SocketError, now, read_exactly, with_session};

type Outcome = Result<(), Error<SocketError>>;

/// Expects the server called `name` under `anchor`, and a line back from it.
fn talk(port: u16, name: &str, anchor: &Identity, time: CertTime) -> Outcome {
    with_session(port, (name, anchor.der(), time), |mut session| {
        session.write_all(b"sundew\n")?;
        assert_eq!(read_exactly(&mut session, 7)?, b"wednus\n");
        session.close()
    })
}

fn outcome(leaf: &Identity, chain: &[&Identity], anchor: &Identity) -> Outcome {
    let server = OpensslServer::start(leaf, chain);
    talk(server.port, "broker.test", anchor, now())
}

#[test]
fn a_server_under_the_anchor_gets_a_session() {
    let ca = self_signed(authority("ca"));
    let leaf = signed(server("broker.test"), &ca);
    assert_eq!(outcome(&leaf, &[], &ca), Ok(()));
    // The CA in the chain as well, as mosquitto sends it.
    assert_eq!(outcome(&leaf, &[&ca], &ca), Ok(()));
}

#[test]
fn intermediates_lead_to_the_anchor() {
    let ca = self_signed(authority("ca"));
    let middle = signed(authority("middle"), &ca);
    let lower = signed(authority("lower"), &middle);
    let leaf = signed(server("broker.test"), &lower);
    assert_eq!(outcome(&leaf, &[&lower, &middle], &ca), Ok(()));
    assert_eq!(outcome(&leaf, &[&middle, &lower], &ca), Ok(()), "in any order");
    assert_eq!(outcome(&leaf, &[&lower], &ca), Err(Error::UntrustedIssuer));
}

#[test]
fn another_authority_is_refused_even_under_the_same_name() {
    let ca = self_signed(authority("ca"));
    let leaf = signed(server("broker.test"), &self_signed(authority("ca")));
    assert_eq!(outcome(&leaf, &[], &ca), Err(Error::UntrustedIssuer));
    let leaf = signed(server("broker.test"), &self_signed(authority("other")));
    assert_eq!(outcome(&leaf, &[], &ca), Err(Error::UntrustedIssuer));
}

#[test]
fn a_self_signed_server_is_refused() {
    let ca = self_signed(authority("ca"));
    let leaf = self_signed(server("broker.test"));
    assert_eq!(outcome(&leaf, &[], &ca), Err(Error::UntrustedIssuer));
}

#[test]
fn a_server_certificate_issues_nothing() {
    let ca = self_signed(authority("ca"));
    let mut params = server("other.test");
    params.key_usages.push(KeyUsagePurpose::KeyCertSign);
    let other = signed(params, &ca);
    let leaf = signed(server("broker.test"), &other);
    assert_eq!(outcome(&leaf, &[&other], &ca), Err(Error::UntrustedIssuer));
}

#[test]
fn an_authority_that_may_not_sign_certificates_issues_nothing() {
    let ca = self_signed(authority("ca"));
    let mut params = authority("middle");
    params.key_usages = vec![KeyUsagePurpose::CrlSign];
    let middle = signed(params, &ca);
    let leaf = signed(server("broker.test"), &middle);
    assert_eq!(outcome(&leaf, &[&middle], &ca), Err(Error::WrongUsage));
}

#[test]
fn the_name_has_to_be_the_certificates() {
    let ca = self_signed(authority("ca"));
    let leaf = signed(server("other.test"), &ca);
    assert_eq!(outcome(&leaf, &[], &ca), Err(Error::WrongName));
    // A wildcard stands for one label (RFC 6125 section 6.4.3).
    let wild = OpensslServer::start(&signed(server("*.broker.test"), &ca), &[]);
    assert_eq!(talk(wild.port, "eu.broker.test", &ca, now()), Ok(()));
    assert_eq!(talk(wild.port, "a.eu.broker.test", &ca, now()), Err(Error::WrongName));
    assert_eq!(talk(wild.port, "broker.test", &ca, now()), Err(Error::WrongName));
    // A common name is no name (RFC 6125 section 6.4.4).
    let mut params = server("other.test");
    params.distinguished_name.push(rcgen::DnType::CommonName, "broker.test");
    assert_eq!(outcome(&signed(params, &ca), &[], &ca), Err(Error::WrongName));
}

#[test]
fn addresses_are_names_too() {
    let ca = self_signed(authority("ca"));
    let mut params = server("broker.test");
    params.subject_alt_names.push(SanType::IpAddress("127.0.0.1".parse().unwrap()));
    let server = OpensslServer::start(&signed(params, &ca), &[]);
    assert_eq!(talk(server.port, "127.0.0.1", &ca, now()), Ok(()));
    assert_eq!(talk(server.port, "127.0.0.2", &ca, now()), Err(Error::WrongName));
    assert_eq!(talk(server.port, "::1", &ca, now()), Err(Error::WrongName));
}

#[test]
fn names_that_are_none_are_refused_before_a_byte_is_sent() {
    let ca = self_signed(authority("ca"));
    let server = OpensslServer::start(&signed(server("broker.test"), &ca), &[]);
    for name in ["", "broker test", "broker.test.", "broker.test:8883", "*.test"] {
        assert_eq!(talk(server.port, name, &ca, now()), Err(Error::BadServerName), "{name:?}");
    }
}

#[test]
fn dates_are_checked_against_the_clock_or_the_floor() {
    let ca = self_signed(authority("ca"));
    let mut params = server("broker.test");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
    let (begin, end) = (1_577_836_800, 1_609_459_200);
    let server = OpensslServer::start(&signed(params, &ca), &[]);
    let try_at = |time| talk(server.port, "broker.test", &ca, time);

    assert_eq!(try_at(now()), Err(Error::Expired));
    assert_eq!(try_at(CertTime::Now(end + 1)), Err(Error::Expired));
    assert_eq!(try_at(CertTime::Now(end)), Ok(()));
    assert_eq!(try_at(CertTime::Now(begin)), Ok(()));
    assert_eq!(try_at(CertTime::Now(begin - 1)), Err(Error::NotYetValid));
    assert_eq!(try_at(CertTime::Floor(0)), Ok(()), "a floor never calls a certificate too new");
    assert_eq!(try_at(CertTime::Floor(end)), Ok(()));
    assert_eq!(try_at(CertTime::Floor(end + 1)), Err(Error::Expired));
}

#[test]
fn under_a_floor_the_whole_chain_shares_one_moment() {
    let years = |mut params: rcgen::CertificateParams, from, to| {
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        params
    };
    let ca = self_signed(authority("ca"));
    let middle = signed(years(authority("middle"), 2022, 2026), &ca);
    let overlapping = signed(years(server("broker.test"), 2023, 2024), &middle);
    let later = signed(years(server("broker.test"), 2027, 2028), &middle);
    let try_it = |leaf: &Identity| {
        let server = OpensslServer::start(leaf, &[&middle]);
        talk(server.port, "broker.test", &ca, CertTime::Floor(0))
    };
    assert_eq!(try_it(&overlapping), Ok(()));
    assert_eq!(try_it(&later), Err(Error::Expired), "its issuer was gone before it began");
}

#[test]
fn usages_are_kept_apart() {
    let ca = self_signed(authority("ca"));
    let mut params = server("broker.test");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    assert_eq!(outcome(&signed(params, &ca), &[], &ca), Err(Error::WrongUsage));
    let mut params = server("broker.test");
    params.extended_key_usages.clear();
    assert_eq!(outcome(&signed(params, &ca), &[], &ca), Ok(()), "no extension, any purpose");
}

#[test]
fn what_is_critical_and_unknown_is_refused() {
    let ca = self_signed(authority("ca"));
    let mut params = server("broker.test");
    let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
    extension.set_criticality(true);
    params.custom_extensions.push(extension);
    assert_eq!(outcome(&signed(params, &ca), &[], &ca), Err(Error::BadCertificate));
}

#[test]
fn name_constraints_bind_the_leaf() {
    let ca = self_signed(authority("ca"));
    let mut params = authority("middle");
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("example.org".into())],
        excluded_subtrees: vec![],
    });
    let middle = signed(params, &ca);
    let leaf = signed(server("broker.test"), &middle);
    assert_eq!(outcome(&leaf, &[&middle], &ca), Err(Error::UntrustedIssuer));
}

#[test]
fn an_authority_is_no_server() {
    let ca = self_signed(authority("ca"));
    let mut params = server("broker.test");
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    assert_eq!(outcome(&signed(params, &ca), &[], &ca), Err(Error::UntrustedIssuer));
}

#[test]
fn a_server_without_tls_1_3_or_our_suite_says_so() {
    let ca = self_signed(authority("ca"));
    let leaf = signed(server("broker.test"), &ca);
    for (options, alert) in [
        (["-tls1_2"].as_slice(), 70),
        (&["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"], 40),
        (&["-tls1_3", "-curves", "X25519"], 40),
    ] {
        let server = OpensslServer::start_with(&leaf, &[], options);
        let outcome = talk(server.port, "broker.test", &ca, now());
        assert_eq!(outcome, Err(Error::PeerAlert(alert)), "{options:?}");
    }
}

#[test]
fn long_data_crosses_in_both_directions() {
    let ca = self_signed(authority("ca"));
    let leaf = signed(server("broker.test"), &ca);
    let options = ["-tls1_3", "-max_send_frag", "512"];
    let server = OpensslServer::start_with(&leaf, &[], &options);
    let line: Vec<u8> = (0..4000u32).map(|at| b'a' + (at % 23) as u8).collect();
    let sent = with_session(server.port, ("broker.test", ca.der(), now()), |mut session| {
        session.write_all(&line)?;
        session.write_all(b"\n")?;
        read_exactly(&mut session, line.len() + 1)
    });
    let expected: Vec<u8> = line.iter().rev().copied().chain([b'\n']).collect();
    assert_eq!(sent, Ok(expected));
}
