//! Builds a firmware that names the example record, in each way.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{fs, path::Path, process::Command};

/// Builds the firmware; returns what cargo complains of where it fails.
fn build(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--offline", "--target-dir", "target"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    if output.status.success() { Ok(()) } else { Err(said) }
}

#[test]
fn a_release_build_with_the_example_keys_fails() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("example_keys");
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"firmware\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
         [features]\ndemonstration = [\"sundew-identity/insecure-example-keys\"]\n\
         [dependencies]\nsundew-identity = {{ path = {here:?} }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    let source =
        "#![no_std]\npub fn id() -> &'static str { sundew_identity::example_record!().id }\n";
    fs::write(folder.join("src/lib.rs"), source).unwrap();
    // The versions that are here already.
    fs::copy(here.join("../../Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    assert_eq!(build(&folder, &[]), Ok(()));
    let refused = build(&folder, &["--release"]).unwrap_err();
    assert!(refused.contains("the example keys are in a release build"), "{refused}");
    assert_eq!(build(&folder, &["--release", "--features", "demonstration"]), Ok(()));
}
