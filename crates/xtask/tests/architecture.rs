//! The house of Sundew: which crate may import which, and what every crate must say of itself.
//!
//! Read from `cargo metadata`, so that a new dependency that breaks a floor fails here and not in
//! a review.

// clippy.toml allows these in tests, but does not see the helpers below as part of them.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Who may import whom. A crate that is not a key may not exist under `crates/`.
///
/// Floor by floor from the ground; no arrow inside a floor, none up.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("sundew-units", &[]),
    ("sundew-core", &[]),
    ("sundew-store", &["sundew-core"]),
    ("sundew-sensors", &["sundew-units", "sundew-core"]),
    ("sundew-codec", &["sundew-units"]),
    ("sundew-identity", &["sundew-core", "sundew-store"]),
    ("sundew-queue", &["sundew-core", "sundew-store"]),
    ("sundew-transport", &["sundew-core", "sundew-identity"]),
    ("sundew-ota", &["sundew-core", "sundew-identity", "sundew-store"]),
    (
        "sundew",
        &[
            "sundew-codec",
            "sundew-core",
            "sundew-identity",
            "sundew-ota",
            "sundew-queue",
            "sundew-sensors",
            "sundew-store",
            "sundew-transport",
            "sundew-units",
        ],
    ),
    ("sundew-testkit", &[]),
];

/// The programs of this computer; they may import every crate, and no crate may import them.
const PROGRAMS: &[&str] = &["sundew-tool", "xtask"];

/// The one crate of ours that tests may import besides what the code imports.
const TESTKIT: &str = "sundew-testkit";

#[test]
fn no_crate_imports_what_its_floor_must_not_see() {
    let packages = crates();
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut wrong = Vec::new();
    for package in packages.values() {
        if PROGRAMS.contains(&package.name.as_str()) {
            continue;
        }
        let Some(may) = allowed.get(package.name.as_str()) else {
            wrong.push(format!("{} has no floor: add it to MAY_IMPORT", package.name));
            continue;
        };
        for dependency in &package.dependencies {
            // By folder, not by name, so that a renamed path dependency is seen too.
            let is_ours = dependency.path.is_some();
            let is_fine = match dependency.kind {
                DependencyKind::Development => {
                    // On itself: a crate's tests may turn its features on.
                    dependency.name == TESTKIT
                        || dependency.name == package.name.as_str()
                        || may.contains(&dependency.name.as_str())
                }
                _ => may.contains(&dependency.name.as_str()),
            };
            if is_ours && !is_fine {
                wrong
                    .push(format!("{} -> {} ({})", package.name, dependency.name, dependency.kind));
            }
        }
    }
    assert!(wrong.is_empty(), "forbidden imports:\n{}", wrong.join("\n"));
}

#[test]
fn the_table_names_crates_that_exist_and_holds_no_cycle() {
    let packages = crates();
    let mut seen: Vec<&str> = Vec::new();
    for (name, may) in MAY_IMPORT {
        assert!(packages.contains_key(*name), "{name} is in the table, but not under crates/");
        // Each crate stands above those that it imports, so no cycle can be written.
        assert!(may.iter().all(|import| seen.contains(import)), "{name} stands too low");
        seen.push(name);
    }
}

#[test]
fn every_crate_says_what_it_is() {
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("unsafe_code = \"forbid\""), "unsafe_code is not forbidden");
    for package in crates().values() {
        let name = &package.name;
        let dir = package.manifest_path.parent().unwrap().as_std_path();
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        for line in ["license.workspace = true", "rust-version.workspace = true"] {
            assert!(manifest.contains(line), "{name}: Cargo.toml lacks `{line}`");
        }
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name}: not our lints");
        assert!(package.description.is_some(), "{name}: no description");
        if PROGRAMS.contains(&name.as_str()) {
            continue;
        }
        assert!(dir.join("README.md").is_file(), "{name}: no README.md");
        assert_eq!(package.readme.as_ref().map(ToString::to_string), Some("README.md".to_owned()));
        let default = package.features.get("default");
        assert!(default.is_some_and(Vec::is_empty), "{name}: lacks `default = []`");
        assert!(
            package.metadata["docs"]["rs"]["all-features"] == true,
            "{name}: docs.rs would not show every feature"
        );
        let library = std::fs::read_to_string(dir.join("src/lib.rs")).unwrap();
        assert!(
            library.contains("include_str!(\"../README.md\")"),
            "{name}: README is not its docs"
        );
        assert!(library.contains("no_std"), "{name}: not no_std");
        assert!(library.lines().count() <= 40, "{name}: lib.rs is over 40 lines");
    }
}

#[test]
fn every_source_file_stays_readable() {
    let mut long = Vec::new();
    for package in crates().values() {
        let dir = package.manifest_path.parent().unwrap().as_std_path();
        for file in sources(&dir.join("src")) {
            let lines = std::fs::read_to_string(&file).unwrap().lines().count();
            if lines > 500 {
                long.push(format!("{}: {lines} lines", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "over 500 lines:\n{}", long.join("\n"));
}

#[test]
fn firmware_says_the_same_rust_version_and_licence_as_the_workspace() {
    let packages = crates();
    let ours = packages.get("sundew-core").unwrap();
    for dir in excluded() {
        let metadata = read(&dir.join("Cargo.toml"));
        for package in &metadata.packages {
            let place = dir.display();
            assert_eq!(package.rust_version, ours.rust_version, "{place}: rust-version");
            assert_eq!(package.license, ours.license, "{place}: license");
        }
    }
}

/// The packages under `crates/`, by name.
fn crates() -> BTreeMap<String, Package> {
    let folder = root().join("crates");
    let is_crate = |package: &Package| package.manifest_path.starts_with(&folder);
    let packages = read(&root().join("Cargo.toml")).packages.into_iter().filter(is_crate);
    packages.map(|package| (package.name.to_string(), package)).collect()
}

/// The folders of the workspaces outside ours.
fn excluded() -> Vec<PathBuf> {
    let boards = std::fs::read_dir(root().join("boards")).unwrap();
    let mut found: Vec<PathBuf> = boards.map(|entry| entry.unwrap().path()).collect();
    found.push(root().join("benches/sizes"));
    found.retain(|dir| {
        let manifest = std::fs::read_to_string(dir.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line == "[workspace]")
    });
    assert!(found.len() >= 2, "boards or size programs moved: {found:?}");
    found
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn read(manifest: &Path) -> Metadata {
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}
