//! The licence of every dependency, against the list in deny.toml.
//!
//! `cargo deny` reads the same file and knows more, so it is asked too where it is installed. It is
//! not installed by this command: that would build some hundreds of crates to read one list.

use cargo_metadata::MetadataCommand;
use toml_edit::DocumentMut;

use super::Tests;
use crate::failure::{Context, Failure};
use crate::process::{self, find_program};
use crate::workspace::FIRMWARE;

pub(super) fn check(_tests: &mut Tests) -> Result<(), Failure> {
    if find_program("cargo-deny").is_some() {
        let mut deny = process::cargo();
        process::run(deny.args([
            "deny",
            "--all-features",
            "check",
            "licenses",
            "bans",
            "sources",
        ]))?;
    }
    let allowed = allowed()?;
    let mut refused = Vec::new();
    let mut seen = 0;
    let manifests = std::iter::once(".").chain(FIRMWARE.iter().map(|firmware| firmware.dir));
    for dir in manifests {
        let manifest = process::root().join(dir).join("Cargo.toml");
        let mut command = MetadataCommand::new();
        command.manifest_path(&manifest).other_options(vec!["--all-features".to_owned()]);
        let metadata = command.exec().context(|| manifest.display().to_string())?;
        for package in &metadata.packages {
            seen += 1;
            let licence = package.license.clone().unwrap_or_default();
            if !is_allowed(&licence, &allowed) {
                refused.push(format!("{} {}: `{licence}`", package.name, package.version));
            }
        }
    }
    refused.sort();
    refused.dedup();
    if refused.is_empty() {
        println!("{seen} packages, all under one of: {}", allowed.join(", "));
        return Ok(());
    }
    Err(Failure::new(format!("not allowed by deny.toml:\n  {}", refused.join("\n  "))))
}

fn allowed() -> Result<Vec<String>, Failure> {
    let path = process::root().join("deny.toml");
    let text = std::fs::read_to_string(&path).context(|| path.display().to_string())?;
    let document: DocumentMut = text.parse().context(|| path.display().to_string())?;
    let list = document
        .get("licenses")
        .and_then(|table| table.get("allow"))
        .and_then(toml_edit::Item::as_array)
        .context(|| "deny.toml has no licenses.allow")?;
    Ok(list.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
}

/// Judges an SPDX expression of ORs and ANDs; parentheses occur around ORs only.
///
/// Old manifests write `MIT/Apache-2.0` for an OR.
fn is_allowed(licence: &str, allowed: &[String]) -> bool {
    let normal = licence.replace('/', " OR ");
    let alternatives = |group: &str| {
        let group = group.trim_matches(|c: char| c.is_whitespace() || "()".contains(c));
        group.split(" OR ").any(|name| {
            let name = name.trim_matches(|c: char| c.is_whitespace() || "()".contains(c));
            allowed.iter().any(|known| known == name)
        })
    };
    // `A OR (B AND C)` binds the other way round from `(A OR B) AND C`.
    if normal.contains('(') {
        return normal.split(" AND ").all(alternatives);
    }
    normal.split(" OR ").any(|group| group.split(" AND ").all(alternatives))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_judged_by_their_parts() {
        let allowed = ["MIT".to_owned(), "Apache-2.0".to_owned(), "Unicode-3.0".to_owned()];
        for good in [
            "MIT",
            "GPL-3.0 OR MIT",
            "MIT/Apache-2.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "MIT AND Unicode-3.0",
        ] {
            assert!(is_allowed(good, &allowed), "{good}");
        }
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND GPL-3.0"] {
            assert!(!is_allowed(bad, &allowed), "{bad}");
        }
    }
}
