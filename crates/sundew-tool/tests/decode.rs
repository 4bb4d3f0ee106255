//! Runs the binary.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::{WEATHER, assert_fails, assert_shows, hex, printed, raw, sundew, weather};
use sundew_codec::{
    Answer, Command, Row, Time, compact, record,
    tiny::{self, Carrier, Selection},
};
use sundew_units::{Channel, ChannelId, Device, Quality, Quantity, Unit};

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
    let examples = text.lines().filter_map(|line| line.strip_prefix("  sundew decode "));
    let (with_files, plain): (Vec<_>, Vec<_>) = examples.partition(|line| line.contains(".cbor"));
    assert_eq!((with_files.len(), plain.len()), (2, 2));
    for example in plain {
        let arguments: Vec<_> = std::iter::once("decode").chain(example.split(' ')).collect();
        assert_eq!(sundew(&arguments, b"").status.code(), Some(0), "{example}");
    }
    assert_eq!(sundew(&["--help"], b"").status.code(), Some(0));
    assert_eq!(sundew(&["--version"], b"").stdout, b"sundew 0.1.0\n");
}

/// Encodes `values` as a record of the queue's, under the schema of the weather station.
fn record_of(values: &[(u8, i32)]) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    let values = values.iter().map(|&(id, mantissa)| (ChannelId(id), mantissa, Quality::Good));
    let len = record::encode(7, values, &mut bytes).unwrap();
    bytes.truncate(len);
    bytes
}

fn tiny_of(record: &[u8], carrier: Carrier) -> Vec<u8> {
    let row = Row::new(record::decode(record).unwrap());
    let mut frame = vec![0; 64];
    let packed = tiny::encode(&WEATHER, &row, Selection::ALL, carrier, &mut frame).unwrap();
    frame.truncate(packed.len);
    frame
}

#[test]
fn a_descriptor_names_and_scales_the_values() {
    let record = record_of(&[(1, 2_345), (9, 4)]);
    assert_shows(
        &sundew(&["decode", &hex(&record), "--descriptor", &weather()], b""),
        "queue record, weather version 7\n\
         channel  name  mantissa  value  unit  quality\n\
         \x20        air             23.45  Cel   good\n\
         9              4                      good\n",
    );
    let frame = hex(&tiny_of(&record_of(&[(1, -725), (2, 412)]), Carrier::Frame));
    let expected = "\
        {\"name\":\"air\",\"value\":-7.25,\"unit\":\"Cel\",\"from_now\":0,\"quality\":\"good\"}\n\
        {\"name\":\"humidity\",\"value\":41.2,\"unit\":\"%RH\",\"from_now\":0,\"quality\":\"good\"}\n";
    let arguments = ["decode", "--json", "--descriptor", &weather(), &frame];
    assert_eq!(printed(&arguments, b""), expected);
    let port = hex(&tiny_of(&record_of(&[(1, -725), (2, 412)]), Carrier::Port));
    let arguments = ["decode", "--json", "--port", "14", "--descriptor", &weather(), &port];
    assert_eq!(printed(&arguments, b""), expected);
    let arguments = ["decode", "--state", "--port", "14", "--descriptor", &weather(), &port];
    assert_eq!(printed(&arguments, b""), "{\"air\":-7.25,\"humidity\":41.2}\n");
}

#[test]
fn a_tiny_frame_without_a_descriptor_says_what_it_lacks() {
    let frame = hex(&tiny_of(&record_of(&[(1, -725)]), Carrier::Frame));
    assert_fails(
        &sundew(&["decode", "--as", "tiny", &frame], b""),
        1,
        "sundew: a tiny frame needs the descriptor of its device\n",
    );
}

#[test]
fn commands_and_births_are_told_apart() {
    let mut bytes = [0; 16];
    let command = Command::new(9, ChannelId(5), 60).expiring(1_700_000_640);
    let len = tiny::encode_command(&command, Carrier::Frame, &mut bytes).unwrap();
    let text = hex(&bytes[..len]);
    let shown = printed(&["decode", "--as", "command", "--descriptor", &weather(), &text], b"");
    assert!(shown.contains("interval  60     s") && shown.contains("id=9 expires=2023"), "{shown}");

    let answer = Answer::failed(9, 3);
    let len = tiny::encode_answer(&answer, Carrier::Port, &mut bytes).unwrap();
    let text = hex(&bytes[..len]);
    let shown = printed(&["decode", "--as", "answer", "--port", "222", "--json", &text], b"");
    assert_eq!(shown, "{\"id\":9,\"result\":3}\n");

    let len = tiny::encode_birth(7, 0x0123_4567, Carrier::Frame, &mut bytes).unwrap();
    let text = hex(&bytes[..len]);
    let expected = "birth, schema 7, descriptor 01234567\n";
    assert_shows(&sundew(&["decode", &text], b""), expected);
    // These six bytes are a record of channels 35 and 103 as well.
    let len = tiny::encode_birth(7, 0x0123_0567, Carrier::Frame, &mut bytes).unwrap();
    let text = hex(&bytes[..len]);
    assert_fails(
        &sundew(&["decode", &text], b""),
        1,
        "sundew: the message may be a queue record or a birth: say with --as which\n",
    );
    let output = sundew(&["decode", "--as", "birth", "--descriptor", &weather(), &text], b"");
    assert_shows(&output, "birth, schema 7, descriptor 01230567, not the descriptor given\n");
}

#[test]
fn compact_frames_and_commands_are_known_by_their_first_bytes() {
    let rows: Vec<_> = [(2_345, 0), (2_350, 60), (2_340, 120)]
        .map(|(mantissa, later)| (record_of(&[(1, mantissa), (5, 60)]), 1_700_000_000 + later))
        .into();
    let rows = rows
        .iter()
        .map(|(record, time)| Row::new(record::decode(record).unwrap()).at(Time::Unix(*time)));
    let mut bytes = [0; 64];
    let len = compact::encode(rows, &mut bytes).unwrap();
    let text = hex(&bytes[..len]);
    let shown = printed(&["decode", &text], b"");
    assert!(shown.starts_with("compact frame, schema 7\nchannel  mantissa  time"), "{shown}");
    assert_eq!(shown.lines().count(), 2 + 6);
    let state = printed(&["decode", "--state", "--descriptor", &weather(), &text], b"");
    assert_eq!(state, "{\"air\":23.40,\"interval\":60}\n");

    let command = Command::new(9, ChannelId(5), 60);
    let len = compact::encode_command(&command, &mut bytes).unwrap();
    let shown = printed(&["decode", "--json", &hex(&bytes[..len])], b"");
    assert_eq!(shown, "{\"channel\":5,\"mantissa\":60,\"id\":9}\n");
    let len = compact::encode_answer(&Answer::done(9, ChannelId(5), 60), &mut bytes).unwrap();
    let shown = printed(&["decode", "--json", &hex(&bytes[..len])], b"");
    assert_eq!(shown, "{\"channel\":5,\"mantissa\":60,\"id\":9,\"result\":0}\n");
}

#[test]
fn what_is_wrong_with_json_is_told_where_it_stands_in_the_text() {
    // The sum of the times is wrong, not the text: its place in CBOR was told.
    let json = r#"[{"n":"abcdefgh","v":1},{"bt":4e9,"n":"a","t":1e9,"v":1}]"#;
    let output = sundew(&["decode", json], b"");
    let error = String::from_utf8(output.stderr).unwrap();
    let place = error.split(' ').skip_while(|word| *word != "byte").nth(1).unwrap();
    assert!((24..json.len()).contains(&place.parse().unwrap()), "{error}");
    let sum = r#"[{"n":"abcdefgh","v":1},{"bn":"x","bv":1e30,"n":"a","v":1}]"#;
    assert_eq!(sundew(&["decode", sum], b"").status.code(), Some(0));
}

#[test]
fn a_descriptor_says_what_a_pack_leaves_out() {
    const WIND: Channel = Channel::new(ChannelId(1), "wind", Quantity::WindSpeed, -1);
    static MAST: Device = Device::new("mast", 1, &[WIND.with_unit(Unit::KilometrePerHour)]);
    let mast = common::descriptor_of(&MAST);
    let pack = printed(&["encode", "--to", "senml", "--descriptor", &mast, "wind=18.0"], b"");
    let known = ["decode", "--json", "--descriptor", &mast];
    let shown = printed(&known, pack.as_bytes());
    assert!(shown.contains("\"value\":18.0,\"unit\":\"km/h\""), "{shown}");
    // With the device's name in each name, where a base name would be shorter.
    let state = ["decode", "--state", "--descriptor", &mast, "[{\"n\":\"hut:wind\",\"v\":18}]"];
    assert_eq!(printed(&state, b""), "{\"wind\":18}\n");
}

#[test]
fn a_pack_of_any_number_of_records_is_known() {
    // From 24 on the number stands behind the head of the array, and may look like that of a schema.
    for count in [1, 23, 24, 27, 28, 255, 256, 5_000] {
        let words: Vec<_> = (0..count).map(|number| format!("n{number}=1")).collect();
        let mut arguments = vec!["encode", "--to", "senml"];
        arguments.extend(words.iter().map(String::as_str));
        let pack = printed(&arguments, b"");
        let lines = printed(&["decode", "--json"], pack.as_bytes());
        assert_eq!(lines.lines().count(), count, "{lines}");
    }
}

#[test]
fn base64_and_files_of_descriptors_are_read() {
    // The pack {0: "air", 2: 123} as in another test.
    let shown = printed(&["decode", "--json", "gaIAY2FpcgIYew=="], b"");
    assert_eq!(shown, "{\"name\":\"air\",\"value\":123,\"from_now\":0,\"quality\":\"good\"}\n");
    let shown = printed(&["decode", "--json", "--input", "base64"], b"gaIAY2FpcgIYew==\n");
    assert!(shown.contains("123"));
    let text = printed(&["decode", &weather()], b"");
    assert!(text.starts_with("descriptor, weather version 7, hash "), "{text}");
}
