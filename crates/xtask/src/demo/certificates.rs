//! A fresh certificate authority and a server certificate under it, for one run.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::{EncodePrivateKey, LineEnding};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyIdMethod, KeyUsagePurpose, PublicKeyData, SerialNumber, SignatureAlgorithm,
};

use super::random;
use crate::failure::{Context, Failure};

/// How long the certificates are good, on both sides of now.
const DAY: Duration = Duration::from_hours(24);

/// Holds what the broker and the device need to know of each other.
pub(crate) struct Certificates {
    /// Holds the certificate of the authority, which the device trusts.
    pub(crate) anchor_der: Vec<u8>,
    /// Names the file with the server's certificate as PEM.
    pub(crate) server: PathBuf,
    /// Names the file with the server's private key as PEM.
    pub(crate) server_key: PathBuf,
}

/// Makes both certificates (ECDSA with P-256) and writes them to `folder`.
///
/// The keys exist for this run only; the authority's is not even written down.
pub(crate) fn make(folder: &Path, server_name: &str) -> Result<Certificates, Failure> {
    let authority_key = Key::fresh()?;
    let mut authority = parameters("Sundew demo authority", &authority_key, Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let anchor = authority.self_signed(&authority_key).context(|| "authority's certificate")?;
    let issuer = Issuer::new(authority, authority_key);

    let server_key = Key::fresh()?;
    let mut server = parameters(server_name, &server_key, vec![server_name.to_owned()])?;
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    let certificate = server.signed_by(&server_key, &issuer).context(|| "server's certificate")?;

    write(folder, "authority.pem", &anchor.pem())?;
    let key_pem = server_key.private.to_pkcs8_pem(LineEnding::LF).context(|| "server's key")?;
    Ok(Certificates {
        anchor_der: anchor.der().to_vec(),
        server: write(folder, "server.pem", &certificate.pem())?,
        server_key: write(folder, "server.key", &key_pem)?,
    })
}

fn parameters(name: &str, key: &Key, hosts: Vec<String>) -> Result<CertificateParams, Failure> {
    let mut parameters = CertificateParams::new(hosts).context(|| "server name")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context(|| "clock before 1970")?;
    let now = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(now.as_secs());
    parameters.not_before = now - DAY;
    parameters.not_after = now + 30 * DAY;
    parameters.distinguished_name.push(DnType::CommonName, name);
    // 19 bytes with the top bit clear: positive, and within the 20 of RFC 5280 section 4.1.2.2.
    let mut serial: [u8; 19] = random::bytes()?;
    serial[0] = serial[0] & 0x7F | 0x40;
    parameters.serial_number = Some(SerialNumber::from_slice(&serial));
    // RFC 5280 section 4.2.1.2 leaves the identifier open as long as it is unique.
    let point = key.point.iter().skip(1).take(20).copied().collect();
    parameters.key_identifier_method = KeyIdMethod::PreSpecified(point);
    Ok(parameters)
}

/// Writes a file that other users cannot read.
fn write(folder: &Path, name: &str, text: &str) -> Result<PathBuf, Failure> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    let path = folder.join(name);
    let file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// Signs by the pure Rust P-256 that the transport verifies with, so that no second
/// cryptographic library is built for the demo.
struct Key {
    private: SigningKey,
    /// Holds the public key, as an uncompressed point.
    point: Vec<u8>,
}

impl Key {
    fn fresh() -> Result<Self, Failure> {
        loop {
            // All but 2^-32 of the 256-bit numbers are a private key (FIPS 186-5 A.2.2).
            let bytes: [u8; 32] = random::bytes()?;
            if let Ok(private) = SigningKey::from_slice(&bytes) {
                let point = private.verifying_key().to_encoded_point(false).as_bytes().to_vec();
                return Ok(Self { private, point });
            }
        }
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: DerSignature =
            self.private.try_sign(message).map_err(|_| rcgen::Error::RemoteKeyError)?;
        Ok(signature.as_bytes().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn openssl_follows_the_path_where_it_is_installed() {
        let folder = std::env::temp_dir().join(format!("sundew-certs-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let made = make(&folder, "localhost").unwrap();
        assert!(made.anchor_der.len() < 1024, "{} bytes", made.anchor_der.len());
        if crate::process::find_program("openssl").is_some() {
            let mut check = Command::new("openssl");
            check.args(["verify", "-x509_strict", "-purpose", "sslserver"]);
            check.args(["-verify_hostname", "localhost", "-CAfile"]);
            check.arg(folder.join("authority.pem")).arg(&made.server);
            crate::process::capture(&mut check).unwrap();
            let text = Command::new("openssl")
                .args(["pkey", "-noout", "-in"])
                .arg(&made.server_key)
                .status();
            assert!(text.unwrap().success());
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
