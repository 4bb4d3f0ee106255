//! Runs each example of the README in a folder that has its descriptor.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::process::Command;

#[test]
fn the_readme_shows_what_is_printed() {
    let folder = std::env::temp_dir().join(format!("sundew-readme-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("weather.cbor"), common::raw(&common::weather())).unwrap();
    let mut ran = 0;
    for block in include_str!("../README.md").split("```text\n$ sundew ").skip(1) {
        let (example, _) = block.split_once("```").unwrap();
        let (command, expected) = example.split_once('\n').unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_sundew"))
            .args(command.split(' '))
            .current_dir(&folder)
            .output()
            .unwrap();
        let shown = [output.stderr, output.stdout].concat();
        assert_eq!(String::from_utf8_lossy(&shown), expected, "{command}");
        ran += 1;
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(ran, 8);
}
