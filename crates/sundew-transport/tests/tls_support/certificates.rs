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

/// The hash of the public key of a certificate, as openssl makes it of the key.
pub fn pin(identity: &Identity) -> [u8; 32] {
    use rcgen::PublicKeyData;
    use sha2::Digest;
    sha2::Sha256::digest(identity.key.subject_public_key_info()).into()
}

/// A key of the kind that `options` of `openssl genpkey` say.
pub fn key(options: &[&str]) -> KeyPair {
    let made = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm"])
        .args(options)
        .stderr(std::process::Stdio::null())
        .output()
        .expect("the program `openssl`");
    KeyPair::from_pem(&String::from_utf8(made.stdout).expect("text")).expect("key")
}

/// A certificate with `key`, by `by` or by itself.
pub fn signed_with(params: CertificateParams, key: KeyPair, by: Option<&Identity>) -> Identity {
    let certificate = match by {
        Some(by) => params.signed_by(&key, &Issuer::from_params(&by.params, &by.key)),
        None => params.self_signed(&key),
    };
    Identity { certificate: certificate.expect("certificate"), key, params }
}
