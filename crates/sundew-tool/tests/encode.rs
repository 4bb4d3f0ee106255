//! Runs `sundew encode`, and `sundew decode` on what it wrote.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::fmt::Write as _;

use common::{assert_fails, descriptor_of, printed, sundew, weather};
use sundew_units::{Channel, ChannelId, Dec, Device, Quantity};

/// Encodes JSON lines and returns what they decode to.
#[track_caller]
fn back(lines: &str, encode: &[&str], decode: &[&str]) -> String {
    let mut arguments = vec!["encode"];
    arguments.extend(encode);
    let message = printed(&arguments, lines.as_bytes());
    let mut arguments = vec!["decode", "--json", "--lines"];
    arguments.extend(decode);
    printed(&arguments, message.as_bytes())
}

const READINGS: &str = "\
{\"name\":\"air\",\"value\":-7.25,\"unit\":\"Cel\",\"time\":1700000000,\"boot\":3,\"seq\":1041,\"quality\":\"good\"}
{\"name\":\"humidity\",\"value\":41.2,\"unit\":\"%RH\",\"time\":1700000000,\"boot\":3,\"seq\":1041,\"quality\":\"stale\"}
{\"name\":\"interval\",\"value\":60,\"unit\":\"s\",\"time\":1700000000,\"boot\":3,\"seq\":1041,\"quality\":\"good\"}
";

#[test]
fn readings_come_back_from_every_profile() {
    let weather = weather();
    let known = ["--descriptor", &weather];
    for to in ["senml", "senml-json", "compact", "tiny"] {
        let encode = [&["--to", to], &known[..]].concat();
        assert_eq!(back(READINGS, &encode, &known), READINGS, "{to}");
    }
    let encode = [&["--to", "tiny", "--in-port"], &known[..]].concat();
    let output = sundew(&[&["encode"], &encode[..]].concat(), READINGS.as_bytes());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "sundew: port 15\n");
    let decode = [&["decode", "--json", "--port", "15"], &known[..]].concat();
    assert_eq!(printed(&decode, &output.stdout), READINGS);
    // A pack needs no descriptor, and a base name is no part of the name.
    let named = READINGS.replace("\"name\":\"", "\"name\":\"dev1:");
    assert_eq!(back(&named, &["--to", "senml", "--base-name", "dev1:"], &[]), named);
    // What is in the pack goes on into a frame.
    let pack = printed(&["encode", "--to", "senml", "--base-name", "dev1:"], named.as_bytes());
    let frame = printed(&[&["encode", "--to", "compact"], &known[..]].concat(), pack.as_bytes());
    let decode = [&["decode", "--json"], &known[..]].concat();
    assert_eq!(printed(&decode, frame.as_bytes()), READINGS);
}

#[test]
fn senml_goes_from_one_form_to_the_other() {
    // RFC 8428 section 5.1.2, shortened.
    let json =
        b"[{\"bn\":\"urn:dev:ow:10e2073a01080063:\",\"n\":\"voltage\",\"u\":\"V\",\"v\":120.1},\
        {\"n\":\"current\",\"u\":\"A\",\"v\":1.20}]";
    let shown = printed(&["decode"], json);
    assert!(shown.contains("urn:dev:ow:10e2073a01080063:current  1.20   A"), "{shown}");
    let cbor = printed(&["encode", "--to", "senml"], json);
    assert_eq!(printed(&["decode"], cbor.as_bytes()), shown);
    let again = printed(&["encode", "--to", "senml-json"], cbor.as_bytes());
    assert_eq!(printed(&["decode"], again.as_bytes()), shown);
    let error = sundew(&["decode"], b"[{\"n\":\"a\",\"v\":}]").stderr;
    assert!(error.starts_with(b"sundew: malformed at byte 14 of 16\n"), "{error:?}");
}

#[test]
fn the_queue_keeps_neither_time_nor_origin() {
    let lines = "\
        {\"schema\":7,\"channel\":1,\"mantissa\":-725,\"quality\":\"good\"}\n\
        {\"schema\":7,\"channel\":9,\"mantissa\":2147483647,\"quality\":\"fault\"}\n";
    assert_eq!(back(lines, &["--to", "record", "--schema", "7"], &["--as", "record"]), lines);
}

#[test]
fn every_mantissa_comes_back() {
    let mut lines = String::new();
    let mut mantissa = 1_i64;
    for row in 0..400_i64 {
        // Over all sizes and both signs.
        mantissa = (mantissa * 1_664_525 + 1_013_904_223 + row) & 0xFFFF_FFFF;
        let value = (mantissa as u32 as i32) >> (row % 32);
        let time = 1_700_000_000 + 60 * row + row % 7;
        writeln!(
            lines,
            "{{\"schema\":9,\"channel\":4,\"mantissa\":{value},\"time\":{time},\"quality\":\"good\"}}",
        )
        .unwrap();
    }
    let compact = ["--to", "compact", "--schema", "9"];
    assert_eq!(back(&lines, &compact, &[]), lines);
    // The same in frames of 51 bytes.
    let small = ["--to", "compact", "--schema", "9", "--limit", "51"];
    assert_eq!(back(&lines, &small, &[]), lines);
    let frames = printed(&[&["encode"], &small[..]].concat(), lines.as_bytes());
    assert!(frames.lines().all(|frame| frame.len() <= 2 * 51) && frames.lines().count() > 2);
}

/// Has a channel of every mantissa, which takes 32 bits.
static WIDE: Device =
    Device::new("wide", 9, &[Channel::new(ChannelId(4), "level", Quantity::Distance, -3)]);

#[test]
fn every_value_comes_back_by_its_name() {
    let mut lines = String::new();
    let mut mantissa = i32::MIN;
    for row in 0..200_i32 {
        let value = Dec::new(mantissa, -3);
        writeln!(
            lines,
            "{{\"name\":\"level\",\"value\":{value},\"unit\":\"m\",\"from_now\":{},\"quality\":\"good\"}}",
            row - 200,
        )
        .unwrap();
        mantissa = (mantissa >> (row % 32)).wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    }
    let wide = descriptor_of(&WIDE);
    for to in ["senml", "senml-json", "compact", "tiny"] {
        let encode = ["--to", to, "--descriptor", &wide];
        assert_eq!(back(&lines, &encode, &["--descriptor", &wide]), lines, "{to}");
    }
}

#[test]
fn words_are_a_row() {
    let weather = weather();
    let words = ["encode", "--to", "compact", "--time", "1700000000", "--origin", "3:1041"];
    let values = ["--descriptor", &weather, "air=23.45", "humidity=41.2,stale", "heater=on"];
    let frame = printed(&[&words[..], &values[..]].concat(), b"");
    let shown = printed(&["decode", "--state", "--descriptor", &weather], frame.as_bytes());
    assert_eq!(shown, "{\"air\":23.45,\"humidity\":41.2,\"heater\":1}\n");
    // And what --state prints is taken again.
    let arguments = ["encode", "--to", "tiny", "--descriptor", &weather];
    let again = printed(&arguments, shown.as_bytes());
    assert_eq!(printed(&["decode", "--state", "--descriptor", &weather], again.as_bytes()), shown);
}

#[test]
fn a_tiny_frame_says_what_it_left_out() {
    let weather = weather();
    let arguments = ["encode", "--to", "tiny", "--limit", "4", "--descriptor", &weather];
    let output = sundew(&[&arguments[..], &["air=23.45", "humidity=41.2"]].concat(), b"");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "sundew: left out: humidity\n");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout.len(), 2 * 4 + 1);
}

#[test]
fn a_value_out_of_range_is_told_and_marked() {
    let weather = weather();
    let known = ["--descriptor", &weather];
    let output = sundew(&[&["encode", "--to", "tiny", "air=200"], &known[..]].concat(), b"");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(error, "sundew: 'air' is 200.00, outside of -40.00 to 85.00\n");
    let shown = printed(&[&["decode", "--json"], &known[..]].concat(), &output.stdout);
    assert!(shown.contains("\"quality\":\"over-range\""), "{shown}");
}

#[test]
fn commands_come_back_with_their_numbers() {
    let weather = weather();
    for (to, most) in [("compact", 16), ("tiny", 8)] {
        let arguments = [
            "encode",
            "--to",
            to,
            "--descriptor",
            &weather,
            "--command",
            "9",
            "--expires",
            "1700000640",
            "interval=60",
        ];
        let command = printed(&arguments, b"");
        assert!(command.trim().len() <= 2 * most, "{to}: {command}");
        let decode = ["decode", "--as", "command", "--json", "--descriptor", &weather];
        let line =
            "{\"name\":\"interval\",\"value\":60,\"unit\":\"s\",\"id\":9,\"expires\":1700000640}\n";
        assert_eq!(printed(&decode, command.as_bytes()), line);
        // And from the JSON to the same bytes.
        let again = printed(&["encode", "--to", to, "--descriptor", &weather], line.as_bytes());
        assert_eq!(again, command);
    }
    // As Home Assistant sends them, by the message of sundew describe.
    let lines = b"{\"interval\":60}\n{\"heater\":1}\n";
    let arguments =
        ["encode", "--lines", "--to", "compact", "--descriptor", &weather, "--command", "9"];
    let commands = printed(&arguments, lines);
    let shown = printed(&["decode", "--lines", "--json"], commands.as_bytes());
    assert_eq!(
        shown,
        "{\"channel\":5,\"mantissa\":60,\"id\":9}\n{\"channel\":6,\"mantissa\":1,\"id\":10}\n"
    );
    let failed = "{\"id\":9,\"result\":3}\n";
    assert_eq!(back(failed, &["--to", "compact"], &[]), failed);
    let done = "{\"channel\":5,\"mantissa\":60,\"id\":9,\"result\":0}\n";
    assert_eq!(back(done, &["--to", "tiny"], &["--as", "answer"]), done);
}

#[test]
fn a_command_that_the_device_would_refuse_is_refused() {
    let weather = weather();
    let command = ["encode", "--descriptor", &weather, "--command", "9", "--to"];
    for to in ["compact", "tiny"] {
        for (word, says) in [
            ("air=5", "'air' cannot be set"),
            ("interval=5", "'interval' is 5, outside of 10 to 3600"),
        ] {
            let output = sundew(&[&command[..], &[to, word]].concat(), b"");
            assert_fails(&output, 1, &format!("sundew: {says}\n"));
            assert!(output.stdout.is_empty());
        }
    }
}

#[test]
fn an_option_that_the_form_has_no_use_for_is_refused() {
    let weather = weather();
    for (to, option) in [
        ("compact", &["--base-name", "dev1:"][..]),
        ("compact", &["--floats"]),
        ("senml-json", &["--floats"]),
        ("senml", &["--limit", "5"]),
        ("record", &["--limit", "5"]),
        ("compact", &["--in-port"]),
        ("record", &["--command", "9"]),
        ("tiny", &["--schema", "3"]),
    ] {
        let arguments = ["encode", "--descriptor", &weather, "--to", to, "air=1"];
        let output = sundew(&[&arguments[..], option].concat(), b"");
        assert_eq!(output.status.code(), Some(2), "{to} {option:?}");
    }
    // More than there is memory for is no limit.
    let limit =
        ["encode", "--to", "tiny", "--limit", "99999999999999999", "--descriptor", &weather];
    let frame = printed(&[&limit[..], &["air=1"]].concat(), b"");
    assert!(frame.len() < 20, "{frame}");
}

#[test]
fn bytes_are_written_as_asked() {
    let hex = printed(&["encode", "--to", "senml", "air=23.45"], b"");
    assert_eq!(hex, "81a2006361697202c48221190929\n");
    let base64 = printed(&["encode", "--to", "senml", "--output", "base64", "air=23.45"], b"");
    assert_eq!(base64, "gaIAY2FpcgLEgiEZCSk=\n");
    let raw = sundew(&["encode", "--to", "senml", "--output", "raw", "air=23.45"], b"").stdout;
    assert_eq!(raw, common::raw(&hex));
    let float = printed(&["encode", "--to", "senml", "--floats", "air=23.5"], b"");
    assert_eq!(float, "81a2006361697202f94de0\n");
}

#[test]
fn what_cannot_be_encoded_is_told() {
    let weather = weather();
    let known = ["encode", "--to", "compact", "--descriptor", &weather];
    for (words, says) in [
        (&["air=23.456"][..], "'air' counts in steps of 0.01: 23.456 is none of them"),
        (&["wind=3"], "the device has no channel 'wind'"),
        (&["stair=3"], "the device has no channel 'stair'"),
        (
            &["air=400000000"],
            "'air' counts in steps of 0.01: 400000000 is more than 32 bits of them",
        ),
    ] {
        let output = sundew(&[&known[..], words].concat(), b"");
        assert_fails(&output, 1, &format!("sundew: {says}\n"));
    }
    // The same digits in another unit are another value.
    for kelvin in [
        "{\"name\":\"air\",\"value\":23.45,\"unit\":\"K\"}",
        "[{\"n\":\"air\",\"v\":23.45,\"u\":\"K\"}]",
    ] {
        assert_fails(&sundew(&known, kelvin.as_bytes()), 1, "sundew: 'air' is in Cel, not in K\n");
    }
    let output = sundew(&known, b"{\"air\":1}\n{\"air\":}\n");
    assert_fails(&output, 1, "sundew: line 2: expected value at line 1 column 8\n");
    let output = sundew(&["encode", "--to", "compact", "air=1"], b"");
    assert_eq!(output.status.code(), Some(2));
    for wrong in [&["air"][..], &["air=warm"], &["air=1,lukewarm"]] {
        let code = sundew(&[&known[..], wrong].concat(), b"").status.code();
        assert!(matches!(code, Some(1 | 2)), "{wrong:?}");
    }
}
