//! The profile `pin`: a key that was named, or whom it vouches for.
#![cfg(feature = "tls")]

mod tls_support;

use rcgen::{BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose};
use rcgen::{GeneralSubtree, IsCa, KeyUsagePurpose, NameConstraints, SanType, date_time_ymd};
use sundew_transport::tls::{CertTime, Error, Server};
use tls_support::certificates::{Identity, authority, identity, pin, self_signed, server, signed};
use tls_support::hostile::{HONEST, Peer, serve};
use tls_support::openssl::OpensslServer;
use tls_support::{SocketError, now, read_exactly, with_server};

type Outcome = Result<(), Error<SocketError>>;

fn talk(port: u16, name: &str, pins: &[[u8; 32]], time: CertTime) -> Outcome {
    with_server(port, &Server::pin(name, pins, time), |mut session| {
        session.write_all(b"sundew\n")?;
        assert_eq!(read_exactly(&mut session, 7)?, b"wednus\n");
        session.close()
    })
}

fn outcome(leaf: &Identity, chain: &[&Identity], pinned: &Identity) -> Outcome {
    let server = OpensslServer::start(leaf, chain);
    talk(server.port, "broker.test", &[[0; 32], pin(pinned)], now())
}

fn with(change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = server("broker.test");
    change(&mut params);
    params
}

fn authority_with(name: &str, change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = authority(name);
    change(&mut params);
    params
}

#[test]
fn a_pinned_server_gets_a_session_whoever_signed_it() {
    let (ca, leaf) = identity();
    assert_eq!(outcome(&leaf, &[], &leaf), Ok(()));
    assert_eq!(outcome(&leaf, &[&ca], &leaf), Ok(()));
    let alone = self_signed(server("broker.test"));
    assert_eq!(outcome(&alone, &[], &alone), Ok(()));
    // As `openssl req -x509` makes them: an authority without any usage.
    let plain = self_signed(with(|params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages.clear();
        params.extended_key_usages.clear();
    }));
    assert_eq!(outcome(&plain, &[], &plain), Ok(()));
}

#[test]
fn whom_a_pinned_authority_vouches_for_gets_a_session() {
    let (ca, leaf) = identity();
    assert_eq!(outcome(&leaf, &[&ca], &ca), Ok(()));
    assert_eq!(outcome(&leaf, &[], &ca), Err(Error::UntrustedIssuer), "it has to be shown");
    let middle = signed(authority("middle"), &ca);
    let lower = signed(authority("lower"), &middle);
    let leaf = signed(server("broker.test"), &lower);
    assert_eq!(outcome(&leaf, &[&lower, &middle], &middle), Ok(()));
    assert_eq!(outcome(&leaf, &[&lower], &lower), Ok(()));
    assert_eq!(outcome(&leaf, &[&ca, &middle, &lower], &ca), Ok(()), "in any order");
    assert_eq!(outcome(&leaf, &[&middle, &ca], &ca), Err(Error::UntrustedIssuer));
}

#[test]
fn nobody_else_does() {
    let (ca, leaf) = identity();
    let other = self_signed(authority("ca"));
    assert_eq!(outcome(&leaf, &[&ca], &other), Err(Error::UntrustedIssuer));
    // The pinned one is shown and has signed nothing: it has the name of who did.
    assert_eq!(outcome(&leaf, &[&other], &other), Err(Error::UntrustedIssuer));
    assert_eq!(outcome(&leaf, &[&other, &ca], &other), Err(Error::UntrustedIssuer));
    let alone = self_signed(server("broker.test"));
    assert_eq!(outcome(&alone, &[&ca], &ca), Err(Error::UntrustedIssuer));
    let port = OpensslServer::start(&leaf, &[&ca]);
    assert_eq!(talk(port.port, "broker.test", &[], now()), Err(Error::BadAnchor));
}

#[test]
fn the_pinned_key_has_to_sign_the_handshake() {
    let (_, leaf) = identity();
    let pinned = pin(&leaf);
    let thief = Identity { key: rcgen::KeyPair::generate().unwrap(), ..leaf };
    let (port, thread) = serve(move |stream| {
        let mut peer = Peer::hello(stream, &thief, &[]);
        peer.send_flight(&HONEST);
        peer.expect_silence();
    });
    let server = Server::pin("broker.test", std::slice::from_ref(&pinned), now());
    assert_eq!(with_server(port, &server, |_| Ok(())), Err(Error::BadSignature));
    thread.join().unwrap();
}

#[test]
fn the_name_has_to_be_the_certificates() {
    let leaf = self_signed(server("other.test"));
    assert_eq!(outcome(&leaf, &[], &leaf), Err(Error::WrongName));
    let common = self_signed(with(|params| params.subject_alt_names.clear()));
    assert_eq!(outcome(&common, &[], &common), Err(Error::WrongName));
    let leaf = self_signed(with(|params| {
        params.subject_alt_names.push(SanType::DnsName("*.eu.test".try_into().unwrap()));
        params.subject_alt_names.push(SanType::IpAddress("127.0.0.1".parse().unwrap()));
        params.subject_alt_names.push(SanType::IpAddress("::1".parse().unwrap()));
    }));
    let server = OpensslServer::start(&leaf, &[]);
    for name in ["broker.test", "BROKER.test", "a.eu.test", "127.0.0.1", "::1"] {
        assert_eq!(talk(server.port, name, &[pin(&leaf)], now()), Ok(()), "{name}");
    }
    for name in ["eu.test", "a.b.eu.test", "127.0.0.2", "::2", "roker.test"] {
        let found = talk(server.port, name, &[pin(&leaf)], now());
        assert_eq!(found, Err(Error::WrongName), "{name}");
    }
    let found = talk(server.port, "broker test", &[pin(&leaf)], now());
    assert_eq!(found, Err(Error::BadServerName));
}

#[test]
fn usages_and_critical_extensions_count_for_a_pinned_server_too() {
    let unfit = [
        with(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]),
        with(|params| params.key_usages = vec![KeyUsagePurpose::KeyAgreement]),
    ];
    for params in unfit {
        let leaf = self_signed(params);
        assert_eq!(outcome(&leaf, &[], &leaf), Err(Error::WrongUsage));
    }
    let leaf = self_signed(with(|params| {
        let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions.push(extension);
    }));
    assert_eq!(outcome(&leaf, &[], &leaf), Err(Error::BadCertificate));
}

#[test]
fn a_pinned_authority_has_to_be_one() {
    // Not an authority, without the usage, with too short a path, with limits on names, with a
    // critical extension, and for other uses.
    let usages = authority_with("ca", |params| params.key_usages = vec![KeyUsagePurpose::CrlSign]);
    let ca = self_signed(usages);
    let leaf = signed(server("broker.test"), &ca);
    assert_eq!(outcome(&leaf, &[&ca], &ca), Err(Error::WrongUsage));

    let none = authority_with("ca", |params| params.is_ca = IsCa::ExplicitNoCa);
    let ca = self_signed(none);
    let leaf = signed(server("broker.test"), &ca);
    assert_eq!(outcome(&leaf, &[&ca], &ca), Err(Error::UntrustedIssuer));

    let short = authority_with("ca", |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    });
    let ca = self_signed(short);
    let middle = signed(authority("middle"), &ca);
    let below = signed(server("broker.test"), &ca);
    let leaf = signed(server("broker.test"), &middle);
    assert_eq!(outcome(&below, &[&ca], &ca), Ok(()));
    assert_eq!(outcome(&leaf, &[&middle, &ca], &ca), Err(Error::UntrustedIssuer));

    let limited = authority_with("ca", |params| {
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName("example.org".into())],
            excluded_subtrees: vec![],
        });
    });
    let ca = self_signed(limited);
    let leaf = signed(server("broker.test"), &ca);
    assert_eq!(outcome(&leaf, &[&ca], &ca), Err(Error::UntrustedIssuer));

    let other = authority_with("ca", |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    let ca = self_signed(other);
    let leaf = signed(server("broker.test"), &ca);
    assert_eq!(outcome(&leaf, &[&ca], &ca), Err(Error::WrongUsage));

    let ca = self_signed(authority_with("ca", |params| {
        let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions.push(extension);
    }));
    let leaf = signed(server("broker.test"), &ca);
    assert_eq!(outcome(&leaf, &[&ca], &ca), Err(Error::BadCertificate));
}

#[test]
fn a_leaf_issues_nothing_and_an_authority_is_no_server_of_another() {
    let ca = self_signed(authority("ca"));
    let other = signed(server("other.test"), &ca);
    let leaf = signed(server("broker.test"), &other);
    assert_eq!(outcome(&leaf, &[&other, &ca], &ca), Err(Error::UntrustedIssuer));
    assert_eq!(outcome(&leaf, &[&other], &other), Err(Error::UntrustedIssuer));
    let leaf = signed(with(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)), &ca);
    assert_eq!(outcome(&leaf, &[&ca], &ca), Err(Error::UntrustedIssuer));
}

#[test]
fn dates_are_checked_of_the_server_and_of_the_pinned_authority() {
    let years = |mut params: CertificateParams, from, to| {
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        params
    };
    let (begin, end) = (1_577_836_800, 1_609_459_200);
    let check = |leaf: &Identity, chain: &[&Identity], pinned: &Identity| {
        let server = OpensslServer::start(leaf, chain);
        let try_at = |time| talk(server.port, "broker.test", &[pin(pinned)], time);
        assert_eq!(try_at(now()), Err(Error::Expired));
        assert_eq!(try_at(CertTime::Now(end + 1)), Err(Error::Expired));
        assert_eq!(try_at(CertTime::Now(end)), Ok(()));
        assert_eq!(try_at(CertTime::Now(begin)), Ok(()));
        assert_eq!(try_at(CertTime::Now(begin - 1)), Err(Error::NotYetValid));
        assert_eq!(try_at(CertTime::Floor(0)), Ok(()));
        assert_eq!(try_at(CertTime::Floor(end)), Ok(()));
        assert_eq!(try_at(CertTime::Floor(end + 1)), Err(Error::Expired));
    };
    let alone = self_signed(years(server("broker.test"), 2020, 2021));
    check(&alone, &[], &alone);
    let ca = self_signed(years(authority("ca"), 2020, 2021));
    let leaf = signed(server("broker.test"), &ca);
    check(&leaf, &[&ca], &ca);
    // Above the pinned one nothing counts.
    let server = OpensslServer::start(&leaf, &[&ca]);
    assert_eq!(talk(server.port, "broker.test", &[pin(&leaf)], now()), Ok(()));
}

/// Everyone has the name of the others, so that each could have issued each.
#[test]
fn a_maze_of_issuers_is_left_soon() {
    let others: Vec<Identity> = (0..4).map(|_| self_signed(authority("ca"))).collect();
    let leaf = signed(server("broker.test"), &others[3]);
    let chain: Vec<&Identity> = others.iter().collect();
    let unknown = self_signed(authority("ca"));
    assert_eq!(outcome(&leaf, &chain, &unknown), Err(Error::UntrustedIssuer));
    assert_eq!(outcome(&leaf, &chain, &others[3]), Ok(()));
}
