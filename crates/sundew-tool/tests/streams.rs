//! Runs the binary where its streams and its input are not what they should be.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::{
    fmt::Write as _,
    io::Write,
    process::{Command, Stdio},
};

use common::{assert_fails, sundew, weather};

#[test]
fn any_bytes_are_shown_or_refused() {
    let mut lines = String::new();
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    // First bytes of every kind, then noise.
    for first in 0..=255_u8 {
        for _ in 0..8 {
            let len = next() % 24;
            write!(lines, "{first:02x}").unwrap();
            for _ in 0..len {
                write!(lines, "{:02x}", next() as u8).unwrap();
            }
            lines.push('\n');
        }
    }
    let weather = weather();
    for more in [
        &[][..],
        &["--json", "--descriptor", &weather],
        &["--state", "--descriptor", &weather, "--port", "15"],
        &["--as", "compact"],
        &["--as", "descriptor"],
        &["--as", "answer"],
    ] {
        let output = sundew(&[&["decode", "--lines"], more].concat(), lines.as_bytes());
        let code = output.status.code();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(code, Some(0 | 1)) && !errors.contains("panicked"), "{more:?}: {errors}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_fault() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sundew"))
        .args(["decode", "--lines"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    let _ = input.write_all("81a2006361697202187b\n".repeat(10_000).as_bytes());
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_line_that_is_no_text_does_not_end_the_stream() {
    let good = "81a2006361697202187b\n";
    let lines = [good.as_bytes(), b"\xff\xfe\n\n", good.as_bytes()].concat();
    for (arguments, shown) in [
        (&["decode", "--lines", "--state"][..], "{\"air\":123}\n{\"air\":123}\n"),
        (
            &["encode", "--lines", "--to", "senml-json"],
            "[{\"n\":\"air\",\"v\":123}]\n[{\"n\":\"air\",\"v\":123}]\n",
        ),
    ] {
        let output = sundew(arguments, &lines);
        assert_eq!(String::from_utf8_lossy(&output.stdout), shown);
        let error = "sundew: line 2: the line is no text\nsundew: 1 bad lines\n";
        assert_fails(&output, 1, error);
    }
}

#[test]
fn a_message_without_a_value_is_no_state() {
    // A birth, and a pack of a name alone.
    let output = sundew(&["decode", "--lines", "--state"], b"01aabbccdd07\n81a1006161\n");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn what_has_no_end_does_not_fill_the_memory() {
    let long = vec![b'8'; (16 << 20) + 1];
    let refused = "more than 16 MiB are no message\n";
    for arguments in [&["decode"][..], &["encode", "--to", "senml"], &["describe"]] {
        assert_fails(&sundew(arguments, &long), 1, &format!("sundew: {refused}"));
    }
    let lines = [&long[..], b"88888888\n81a2006361697202187b\n"].concat();
    let output = sundew(&["decode", "--lines", "--state"], &lines);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "{\"air\":123}\n");
    assert_fails(&output, 1, &format!("sundew: line 1: {refused}sundew: 1 bad lines\n"));
}

#[test]
fn a_name_that_stands_in_each_record_does_not_fill_the_memory() {
    // A base name of 1 MiB, and 4,000 records of 3 bytes: 4 GB where each holds its name.
    let mut pack = vec![0x9F, 0xA2, 0x21, 0x7A, 0, 0x10, 0, 0];
    pack.resize(pack.len() + (1 << 20), b'a');
    pack.extend([0x02, 0x01]);
    pack.extend([0xA1, 0x02, 0x01].repeat(4_000));
    pack.push(0xFF);
    let output = sundew(&["decode", "--state", "--as", "senml"], &pack);
    let error = "sundew: behind 64 records the names are more than 64 MiB\n";
    assert_fails(&output, 1, error);
}

#[test]
fn colours_are_for_terminals() {
    let coloured = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sundew"));
        command.args(["decode", "81a2006361697202187b"]);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        for (name, value) in variables {
            command.env(name, value);
        }
        command.output().unwrap().stdout.contains(&0x1B)
    };
    assert!(!coloured(&[]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("NO_COLOR", "1")]));
}

#[test]
fn each_command_has_help_with_examples() {
    for command in ["decode", "encode", "describe"] {
        let output = sundew(&[command, "--help"], b"");
        let help = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0));
        let (_, examples) = help.split_once("\nExamples:\n").unwrap();
        assert!(examples.matches(&format!("  sundew {command} ")).count() >= 4, "{help}");
    }
}
