//! A client key and its certificate, which `openssl` signs.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use super::secrets;
use crate::Failure;

/// Is who vouches for devices.
pub(super) struct Authority<'a> {
    pub(super) certificate: &'a Path,
    pub(super) key: &'a Path,
    pub(super) days: u32,
}

/// Holds a key of P-256 and its certificate in DER.
pub(super) struct Client {
    pub(super) key: [u8; 32],
    pub(super) certificate: Vec<u8>,
}

impl Authority<'_> {
    /// Makes a key and a certificate that names the device. The key goes to `openssl` through a pipe:
    /// it is on no disk and in no list of processes.
    pub(super) fn certify(&self, id: &str) -> Result<Client, Failure> {
        let key = private_key()?;
        let mut number: [u8; 16] = secrets::fresh()?;
        // RFC 5280 section 4.1.2.2 wants it positive.
        number[0] = number[0] & 0x7F | 0x40;
        let mut child = Command::new("openssl")
            .args(["req", "-x509", "-new", "-config", "/dev/null", "-sha256"])
            .args(["-key", "/dev/stdin", "-keyform", "DER", "-outform", "DER"])
            .args(["-subj", &format!("/CN={id}"), "-days", &self.days.to_string()])
            .args(["-set_serial", &format!("0x{}", secrets::hex(&number))])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .args(["-addext", "keyUsage=critical,digitalSignature"])
            .args(["-addext", "extendedKeyUsage=clientAuth"])
            .arg("-CA")
            .arg(self.certificate)
            .arg("-CAkey")
            .arg(self.key)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| Failure::Input(format!("cannot run openssl: {error}")))?;
        if let Some(mut input) = child.stdin.take() {
            // Where openssl ends early it says why below.
            let _ = input.write_all(&sec1(&key));
        }
        let output = child.wait_with_output()?;
        if !output.status.success() || !output.stdout.starts_with(&[0x30]) {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::Input(format!("openssl: {}", said.trim())));
        }
        Ok(Client { key, certificate: output.stdout })
    }
}

/// Returns a number from 1 to below the order of P-256, FFFFFFFF 00000000 FFFFFFFF .... Of 2^32 numbers
/// one that begins with 32 ones is drawn again, most of them without need; and zero.
fn private_key() -> Result<[u8; 32], Failure> {
    loop {
        let key: [u8; 32] = secrets::fresh()?;
        if !key.starts_with(&[0xFF; 4]) && key != [0; 32] {
            return Ok(key);
        }
    }
}

/// Returns the key as an `ECPrivateKey` (RFC 5915) that names the curve.
fn sec1(key: &[u8; 32]) -> Vec<u8> {
    let front = [0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20];
    let curve = [0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
    [front.as_slice(), key, &curve].concat()
}
