//! Whom a device trusts, as it is said on the command line.

use std::{fs, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sundew_identity::{Anchor, AnchorKind, Role, Roles};

use crate::input::{self, Encoding};

/// Holds one anchor.
#[derive(Clone)]
pub(super) struct Trusted {
    roles: Roles,
    kind: AnchorKind,
    key_id: Vec<u8>,
    bytes: Vec<u8>,
}

impl Trusted {
    pub(super) fn anchor(&self) -> Anchor<'_> {
        Anchor { roles: self.roles, kind: self.kind, key_id: &self.key_id, bytes: &self.bytes }
    }
}

impl FromStr for Trusted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (roles, rest) = text.split_once('=').ok_or("expected ROLE=KIND:VALUE")?;
        let (kind, value) = rest.split_once(':').ok_or("expected KIND:VALUE behind the roles")?;
        let roles = roles.split('+').map(role).collect::<Result<Vec<_>, _>>()?;
        let (value, key_id) = value.split_once('#').unwrap_or((value, ""));
        let (kind, bytes, len) = match kind {
            "certificate" => (AnchorKind::Certificate, certificate(value)?, None),
            "pin" => (AnchorKind::Pin, hex(value)?, Some(32)),
            "ed25519" => (AnchorKind::Ed25519, hex(value)?, Some(32)),
            "p256" => (AnchorKind::P256, hex(value)?, Some(65)),
            other => return Err(format!("'{other}' is no kind of anchor")),
        };
        match len {
            Some(len) if bytes.len() != len => {
                Err(format!("expected {len} bytes, found {}", bytes.len()))
            }
            _ => Ok(Self { roles: Roles::of(&roles), kind, key_id: key_id.into(), bytes }),
        }
    }
}

fn role(name: &str) -> Result<Role, String> {
    Ok(match name {
        "server" => Role::Server,
        "update" => Role::Update,
        "command" => Role::Command,
        "anchors" => Role::Anchors,
        "time" => Role::Time,
        other => return Err(format!("'{other}' is no role")),
    })
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    input::line(text, Encoding::Hex).map_err(|_| format!("'{text}' is not hex"))
}

/// Reads a certificate in PEM or DER.
fn certificate(path: &str) -> Result<Vec<u8>, String> {
    let content = fs::read(path).map_err(|error| format!("cannot read '{path}': {error}"))?;
    let is_der = content.starts_with(&[0x30]);
    let der = if is_der { Some(content) } else { unarmoured(&content) };
    der.ok_or_else(|| format!("'{path}' is no single certificate in PEM or DER"))
}

/// Returns the one certificate of a PEM file. Of two nobody could say which is meant.
fn unarmoured(pem: &[u8]) -> Option<Vec<u8>> {
    let text = str::from_utf8(pem).ok()?;
    let (_, rest) = text.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, behind) = rest.split_once("-----END CERTIFICATE-----")?;
    if behind.contains("-----BEGIN") {
        return None;
    }
    let body: String = body.split_ascii_whitespace().collect();
    STANDARD.decode(body).ok().filter(|der| der.starts_with(&[0x30]))
}
