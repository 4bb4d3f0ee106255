//! Certificates, fresh for each test.

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};

/// A certificate, its key and what it was made from.
pub struct Identity {
    pub certificate: Certificate,
    pub key: KeyPair,
    pub params: CertificateParams,
}

impl Identity {
    pub fn der(&self) -> &[u8] {
        self.certificate.der()
    }
}

/// Describes a certificate authority called `name`.
pub fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([]).expect("params");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// Describes a server called `name`.
pub fn server(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_string()]).expect("params");
    params.distinguished_name.push(DnType::CommonName, "server");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.is_ca = IsCa::ExplicitNoCa;
    params
}

pub fn self_signed(params: CertificateParams) -> Identity {
    let key = KeyPair::generate().expect("key");
    let certificate = params.self_signed(&key).expect("certificate");
    Identity { certificate, key, params }
}

pub fn signed(params: CertificateParams, by: &Identity) -> Identity {
    let key = KeyPair::generate().expect("key");
    let issuer = Issuer::from_params(&by.params, &by.key);
    let certificate = params.signed_by(&key, &issuer).expect("certificate");
    Identity { certificate, key, params }
}

/// An authority and the server `broker.test` under it.
pub fn identity() -> (Identity, Identity) {
    let ca = self_signed(authority("ca"));
    let leaf = signed(server("broker.test"), &ca);
    (ca, leaf)
}
