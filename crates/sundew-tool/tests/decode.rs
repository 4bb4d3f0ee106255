//! Runs the binary.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::{assert_fails, assert_shows, raw, sundew};

/// Holds [{-2: "dev1:", -3: 1700000000, 0: "air", 1: "Cel", 2: 4([-2, 2345]), "boot": 3,
/// "seq": 1041}, {0: "rain", 1: "m", 2: 4([-4, 126]), 6: -1700000000, "seq": 1042, "up": 9, "q": 2}].
const READINGS: &str = "82a7216564657631 3a221a6553f10000 6361697201634365 6c02c48221190929\
    64626f6f7403 63736571190411 a700647261696e01616d02c48223187e063a6553f0ff63736571190412\
    627570096171 02";

const TABLE: &str = "\
name       value   unit  time                  boot  seq   quality
dev1:air   23.45   Cel   2023-11-14T22:13:20Z  3     1041  good
dev1:rain  0.0126  m     +9s                   3     1042  suspect
";

const JSON: &str = "\
{\"name\":\"dev1:air\",\"value\":23.45,\"unit\":\"Cel\",\"time\":1700000000,\"boot\":3,\"seq\":1041,\"quality\":\"good\"}
{\"name\":\"dev1:rain\",\"value\":0.0126,\"unit\":\"m\",\"up\":9,\"boot\":3,\"seq\":1042,\"quality\":\"suspect\"}
";

#[test]
fn readings_from_every_source() {
    assert_shows(&sundew(&["decode", READINGS], b""), TABLE);
    let parts: Vec<_> = std::iter::once("decode").chain(READINGS.split_whitespace()).collect();
    assert_shows(&sundew(&parts, b""), TABLE);
    assert_shows(&sundew(&["decode"], &raw(READINGS)), TABLE);
    assert_shows(&sundew(&["decode", "-"], READINGS.as_bytes()), TABLE);

    let file = std::env::temp_dir().join(format!("sundew-decode-{}.cbor", std::process::id()));
    std::fs::write(&file, raw(READINGS)).unwrap();
    let output = sundew(&["decode", "--json", file.to_str().unwrap()], b"");
    std::fs::remove_file(&file).unwrap();
    assert_shows(&output, JSON);
}

#[test]
fn a_command_and_its_result_show_their_fields() {
    // [{0: "interval", 1: "s", 2: 60, "id": 7, "exp": 1700000600, "res": 0}]
    let hex = "81a60068696e74657276616c0161730218 3c 6269640763657870 1a6553f358 6372657300";
    assert_shows(
        &sundew(&["decode", hex], b""),
        "name      value  unit  time  quality  more\n\
         interval  60     s     now   good     id=7 expires=2023-11-14T22:23:20Z result=0\n",
    );
    assert_shows(
        &sundew(&["decode", "--json", hex], b""),
        "{\"name\":\"interval\",\"value\":60,\"unit\":\"s\",\"from_now\":0,\"quality\":\"good\",\
         \"id\":7,\"expires\":1700000600,\"result\":0}\n",
    );
}

#[test]
fn a_queue_record_shows_channels() {
    let expected = "queue record, schema 7\n\
        channel  mantissa  quality\n\
        1        2345      good\n\
        2        -400      fault\n";
    assert_shows(&sundew(&["decode", "0700019249 02df0c05"], b""), expected);
    assert_shows(
        &sundew(&["decode", "--json", "--as", "record", "8100019249"], b""),
        "{\"schema\":129,\"channel\":1,\"mantissa\":2345,\"quality\":\"good\"}\n",
    );
}

#[test]
fn other_values_are_shown_whole() {
    // [{0: "a", 2: 5000000000}, {0: "b", 2: 0.1}, {0: "c", 3: "x\u{1b}[2J"}, {0: "d", 4: true},
    //  {0: "e", 8: h'0102', 6: 4([-1, -15])}]
    let hex = "85a2006161021b000000012a05f200a200616202fb3fb999999999999aa20061630365781b5b324a\
        a200616404f5a3006165084201 0206c4822 02e";
    assert_shows(
        &sundew(&["decode", hex], b""),
        "name  value         unit  time        quality\n\
         a     5000000000          now         good\n\
         b     0.1                 now         good\n\
         c     \"x\\u{1b}[2J\"        now         good\n\
         d     true                now         good\n\
         e     h'0102'             now-1.500s  good\n",
    );
    let json = sundew(&["decode", "--json", hex], b"");
    let json = String::from_utf8(json.stdout).unwrap();
    assert!(json.contains("\"value\":\"x\\u001b[2J\""), "{json}");
    assert!(json.contains("\"data\":\"0102\",\"from_now\":-1.500"), "{json}");
}

#[test]
fn lines_are_messages_and_a_bad_one_does_not_end_them() {
    let air = "81a2006361697202187b";
    let input = format!("{air}\n\n81a1\nzz\n{air}\n");
    let output = sundew(&["decode", "--lines", "--json"], input.as_bytes());
    let line = "{\"name\":\"air\",\"value\":123,\"from_now\":0,\"quality\":\"good\"}\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), line.repeat(2));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("line 3: cut short at byte 2"), "{errors}");
    assert!(errors.contains("line 4: 'z' is no hex digit"), "{errors}");
    assert!(errors.ends_with("sundew: 2 bad lines\n"), "{errors}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn errors_name_the_byte_and_what_came_before_is_shown() {
    // The second record has a name twice.
    let output = sundew(&["decode", "82a2006361697202187b a300636169720201 0063666f6f"], b"");
    assert_fails(
        &output,
        1,
        "sundew: malformed at byte 18 of 23\n  .. a3 00 63 61 69 72 02 01 00 63 66 6f 6f\n\
         \x20                            ^^\n",
    );
    assert!(output.stdout.ends_with(b"air   123          now   good\n"), "{output:?}");
}

#[test]
fn wrong_arguments_are_told_apart_from_wrong_input() {
    for wrong in [&["fly"][..], &["decode", "--xml"], &["decode", "--as", "xml"]] {
        let output = sundew(wrong, b"");
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(output.stdout.is_empty() && !output.stderr.contains(&0x1B), "{wrong:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("--help"), "{wrong:?}");
    }
    assert_fails(
        &sundew(&["decode", "no/such/file"], b""),
        1,
        "sundew: 'no/such/file' is neither a file nor hex\n",
    );
    assert_fails(
        &sundew(&["decode", "81a"], b""),
        1,
        "sundew: '81a' is no file, and as hex it has an odd number of digits, 3\n",
    );
    assert_fails(&sundew(&["decode"], b""), 1, "sundew: cut short at byte 0 of 0\n    \n     ^^\n");
}

#[test]
fn help_has_examples_that_work() {
    let help = sundew(&["decode", "--help"], b"");
    let text = String::from_utf8(help.stdout).unwrap();
    let examples: Vec<_> =
        text.lines().filter_map(|line| line.strip_prefix("  sundew decode ")).collect();
    assert_eq!(examples.len(), 3);
    for example in examples.iter().filter(|example| !example.contains("captured")) {
        let arguments: Vec<_> = std::iter::once("decode").chain(example.split(' ')).collect();
        assert_eq!(sundew(&arguments, b"").status.code(), Some(0), "{example}");
    }
    assert_eq!(sundew(&["--help"], b"").status.code(), Some(0));
    assert_eq!(sundew(&["--version"], b"").stdout, b"sundew 0.1.0\n");
}

#[test]
fn the_readme_shows_what_is_printed() {
    let (_, example) = include_str!("../README.md").split_once("$ sundew ").unwrap();
    let (command, rest) = example.split_once('\n').unwrap();
    let (expected, _) = rest.split_once("```").unwrap();
    let arguments: Vec<_> = command.split(' ').collect();
    assert_shows(&sundew(&arguments, b""), expected);
}
