//! Runs `sundew describe` and reads what it writes.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::{assert_fails, descriptor_of, hex, printed, sundew, weather};
use serde_json::Value;
use sundew_units::{Channel, ChannelId, Device, Quantity};

fn json(arguments: &[&str]) -> Value {
    let mut all = vec!["describe"];
    let hex = weather();
    all.push(&hex);
    all.extend(arguments);
    serde_json::from_str(&printed(&all, b"")).unwrap()
}

#[test]
fn the_table_tells_what_each_channel_takes() {
    let text = printed(&["describe", &weather()], b"");
    let mut lines = text.lines();
    let head = lines.next().unwrap();
    assert!(head.starts_with("weather, version 7, hash "), "{head}");
    let row = |name: &str| text.lines().find(|line| line.contains(name)).unwrap();
    assert!(
        row("air").split_whitespace().eq([
            "1",
            "air",
            "temperature",
            "Cel",
            "0.01",
            "-40.00",
            "85.00",
            "14",
            "gauge"
        ]),
        "{text}"
    );
    assert!(row("rain").contains("counter mod 1024"), "{text}");
    assert!(row("interval").ends_with("yes"), "{text}");
    // From a pipe, and back as CBOR.
    assert_eq!(printed(&["describe"], weather().as_bytes()), text);
    let cbor = sundew(&["describe", &weather(), "--to", "cbor"], b"").stdout;
    assert_eq!(hex(&cbor), weather());
}

#[test]
fn home_assistant_gets_what_it_requires() {
    let message = json(&[
        "--to",
        "home-assistant",
        "--id",
        "hut-1",
        "--name",
        "Hut",
        "--manufacturer",
        "Acme",
        "--availability",
        "sundew/hut-1/avail",
        "--expire-after",
        "900",
    ]);
    assert_eq!(message["dev"]["ids"][0], "hut-1");
    assert_eq!(message["dev"]["mf"], "Acme");
    assert!(message["o"]["name"].is_string());
    assert_eq!(message["stat_t"], "sundew/hut-1/state");
    assert_eq!(message["avty_t"], "sundew/hut-1/avail");
    assert!(message.get("~").is_none());
    let components = message["cmps"].as_object().unwrap();
    assert_eq!(components.len(), 6);
    for (key, component) in components {
        assert!(component["p"].is_string(), "{key}");
        assert_eq!(component["uniq_id"], format!("hut-1_{key}"));
    }
    let air = &components["air"];
    assert_eq!((&air["dev_cla"], &air["unit_of_meas"]), (&"temperature".into(), &"\u{b0}C".into()));
    assert_eq!(air["stat_cla"], "measurement");
    assert_eq!(air["val_tpl"], "{{ value_json[\"air\"] | default('') }}");
    assert_eq!(air["sug_dsp_prc"].to_string(), "2");
    assert_eq!(air["exp_aft"].to_string(), "900");
    let rain = &components["rain"];
    assert_eq!((&rain["dev_cla"], &rain["unit_of_meas"]), (&"precipitation".into(), &"mm".into()));
    assert_eq!(rain["stat_cla"], "total_increasing");
    let template = rain["val_tpl"].as_str().unwrap();
    assert!(template.contains("* 1000) | round(1)"), "{template}");
    // A fault is null, and a value that is missing is nothing, which is passed over.
    assert!(template.ends_with("else value_json[\"rain\"] | default('') }}"), "{template}");
    let turns = &components["turns"];
    assert!(turns.get("dev_cla").is_none());
    assert_eq!(turns["unit_of_meas"], "1/min");
    let interval = &components["interval"];
    assert_eq!(
        (&interval["p"], &interval["cmd_t"]),
        (&"number".into(), &"sundew/hut-1/set".into())
    );
    assert_eq!(
        (interval["min"].to_string(), interval["max"].to_string()),
        ("10".into(), "3600".into())
    );
    assert_eq!(interval["cmd_tpl"], "{\"interval\":{{value}}}");
    assert_eq!(components["heater"]["p"], "switch");
    assert_eq!(components["heater"]["pl_on"], "{\"heater\":1}");
}

#[test]
fn a_state_in_tenths_is_no_switch() {
    const HEATER: Channel = Channel::new(ChannelId(1), "heater", Quantity::State, -1);
    static TENTHS: Device = Device::new("oven", 1, &[HEATER.with_range(0, 10)]);
    let oven = descriptor_of(&TENTHS);
    let message = printed(&["describe", &oven, "--to", "home-assistant"], b"");
    let message: Value = serde_json::from_str(&message).unwrap();
    // 1.0 is what comes, and "1" is what a switch waits for.
    assert_eq!(message["cmps"]["heater"]["p"], "sensor");
}

#[test]
fn no_form_brings_a_character_that_a_terminal_obeys() {
    // A window's title, a colour by C1, and text that runs backwards.
    let model = "\u{1b}]0;x\u{7}\u{9b}31m\u{7f}\u{202e}\u{2028}';//\n";
    let mut table: Value =
        serde_json::from_str(&printed(&["describe", &weather(), "--to", "json"], b"")).unwrap();
    table["model"] = model.into();
    let named = sundew(&["describe", "--to", "cbor"], table.to_string().as_bytes()).stdout;
    let known = hex(&named);
    for form in ["table", "json", "cddl", "javascript", "home-assistant", "grafana", "wot"] {
        let text = printed(&["describe", &known, "--to", form, "--id", "hut-1"], b"");
        let obeyed =
            |each: char| each.is_control() && each != '\n' || "\u{202e}\u{2028}".contains(each);
        assert!(!text.contains(obeyed), "{form}: {text}");
        if text.starts_with('{') {
            serde_json::from_str::<Value>(&text).unwrap();
        }
    }
    assert_eq!(sundew(&["describe", "--to", "cbor", &known], b"").stdout, named);
    let back = printed(&["describe", &known, "--to", "json"], b"");
    assert_eq!(sundew(&["describe", "--to", "cbor"], back.as_bytes()).stdout, named);
}

#[test]
fn a_complaint_brings_no_such_character_either() {
    let table = b"{\"format\":1,\"\\u001b[31m\\u202e\":1}";
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sundew"));
    command.args(["describe", str::from_utf8(table).unwrap()]).env("CLICOLOR_FORCE", "1");
    let error = String::from_utf8(command.output().unwrap().stderr).unwrap();
    assert!(error.contains("\\u{1b}[31m\\u{202e}: not one of"), "{error}");
}

#[test]
fn no_two_channels_share_a_key() {
    const fn heat(id: u8, name: &'static str) -> Channel {
        Channel::new(ChannelId(id), name, Quantity::Temperature, -2)
    }
    static ALIKE: Device = Device::new("oven", 1, &[heat(1, "a.b"), heat(2, "a:b")]);
    static SAME: Device =
        Device::new("oven", 1, &[heat(1, "a.b"), heat(2, "a:b"), heat(3, "a_b_1")]);
    static NAMELESS: Device = Device::new("", 1, &[heat(1, "air")]);
    let oven = descriptor_of(&ALIKE);
    let thing = printed(&["describe", &oven, "--to", "wot"], b"");
    assert!(thing.contains("\"a_b_1\": {") && thing.contains("\"a_b_2\": {"), "{thing}");
    let output = sundew(&["describe", &descriptor_of(&SAME), "--to", "home-assistant"], b"");
    assert_fails(&output, 1, "sundew: the names of two channels become 'a_b_1'\n");

    let output = sundew(&["describe", &descriptor_of(&NAMELESS), "--to", "home-assistant"], b"");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn ids_topics_and_classes_of_the_user_are_checked() {
    let hex = weather();
    for (option, value, says) in [
        ("--id", "a b", "--id takes"),
        ("--topic", "a/#", "no topic"),
        ("--topic", "a//b", "no topic"),
        ("--command-topic", "a/+", "no topic"),
        ("--availability", "", "no topic"),
        ("--class", "air", "--class takes"),
    ] {
        let option = format!("{option}={value}");
        let output = sundew(&["describe", &hex, "--to", "home-assistant", &option], b"");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(says), "{option}: {error}");
        assert_eq!(output.status.code(), Some(2), "{option}");
    }
    let broker = ["describe", &hex, "--to", "wot", "--broker", "http://x/y"];
    assert_eq!(sundew(&broker, b"").status.code(), Some(2));
    assert_fails(
        &sundew(&["describe", &hex, "--to", "home-assistant", "--class", "turns=wind_speed"], b""),
        1,
        "sundew: channel 'turns': class 'wind_speed' takes the units Beaufort, ft/s, in/s, km/h, kn, \
         m/s, mm/s, mph, not 1/min\n",
    );
}

#[test]
fn the_dashboard_finds_devices_by_their_labels() {
    let dashboard = json(&["--to", "grafana"]);
    assert_eq!(dashboard["uid"], "sundew-weather");
    assert_eq!(dashboard["schemaVersion"].to_string(), "42");
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let names: Vec<_> =
        variables.iter().map(|variable| variable["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["datasource", "site", "device"]);
    assert_eq!(
        variables[2]["query"]["query"],
        "label_values(sundew_device_info{model=\"weather\",site=~\"$site\"}, device)",
    );
    let panels = dashboard["panels"].as_array().unwrap();
    assert_eq!((&panels[0]["type"], &panels[0]["repeat"]), (&"row".into(), &"device".into()));
    assert_eq!(panels.len(), 7);
    assert_eq!(panels[1]["fieldConfig"]["defaults"]["unit"], "celsius");
    assert_eq!(
        panels[1]["targets"][0]["expr"],
        "sundew_temperature_celsius{site=~\"$site\",device=~\"$device\",channel=\"air\"}",
    );
    let rain = panels[3]["targets"][0]["expr"].as_str().unwrap();
    assert!(rain.starts_with("increase(sundew_rainfall_meters{"), "{rain}");
    let mut ids: Vec<_> = panels.iter().map(|panel| panel["id"].to_string()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 7);

    let hex = weather();
    let source = printed(&["describe", &hex, "--to", "grafana-datasource"], b"");
    assert!(source.contains("    url: \"http://127.0.0.1:8428\"\n"), "{source}");
    let provider =
        printed(&["describe", &hex, "--to", "grafana-provider", "--dashboards", "/d"], b"");
    assert!(provider.ends_with("    options:\n      path: \"/d\"\n"), "{provider}");
}

#[test]
fn a_thing_has_the_fields_that_td_1_1_requires() {
    let thing = json(&["--to", "wot", "--id", "hut-1", "--broker", "mqtts://broker.example:8883"]);
    assert_eq!(thing["@context"][0], "https://www.w3.org/2022/wot/td/v1.1");
    assert_eq!(thing["title"], "hut-1");
    let scheme = thing["security"][0].as_str().unwrap();
    assert_eq!(thing["securityDefinitions"][scheme]["scheme"], "auto");
    assert!(thing["version"]["instance"].is_string());
    assert_eq!(thing["forms"][0]["op"][0], "observeallproperties");
    assert_eq!(thing["forms"][0]["mqv:filter"], "sundew/hut-1/state");
    // The object that encode --lines takes.
    assert_eq!(thing["forms"][1]["op"], "writemultipleproperties");
    assert_eq!(thing["forms"][1]["mqv:topic"], "sundew/hut-1/set");
    let properties = thing["properties"].as_object().unwrap();
    for (name, property) in properties {
        let forms = property["forms"].as_array().unwrap();
        for form in forms {
            assert_eq!(form["href"], "mqtts://broker.example:8883", "{name}");
        }
        assert_eq!(forms.len() == 2, property["readOnly"] == false, "{name}");
    }
    let air = &properties["air"];
    assert_eq!((&air["type"], &air["unit"]), (&"number".into(), &"Cel".into()));
    // Exact decimals, with their places.
    assert_eq!(
        (air["minimum"].to_string(), air["maximum"].to_string()),
        ("-40.00".into(), "85.00".into())
    );
    assert_eq!(properties["interval"]["type"], "integer");

    let model = json(&["--to", "wot"]);
    assert_eq!(model["@type"], "tm:ThingModel");
    assert!(model["properties"]["air"].get("forms").is_none());
    assert!(model.get("security").is_none());
}

#[test]
fn cddl_names_each_channel() {
    let rules = printed(&["describe", &weather(), "--to", "cddl"], b"");
    assert!(rules.contains("schema = 7\n"), "{rules}");
    assert!(rules.contains("ch-1 = 1 ; air, temperature, 10^-2 Cel, -40.00..85.00\n"), "{rules}");
    assert!(rules.contains("settable = ch-5 / ch-6\n"), "{rules}");
    // Each rule is defined once.
    let mut heads: Vec<_> =
        rules.lines().filter_map(|line| line.split_once(" = ")).map(|(head, _)| head).collect();
    let all = heads.len();
    heads.sort_unstable();
    heads.dedup();
    assert_eq!(heads.len(), all);
}

#[test]
fn what_is_no_descriptor_is_told_with_the_byte() {
    let output = sundew(&["describe", "a10002"], b"");
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("at byte 2 of 3"), "{error}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn an_older_version_is_checked_and_what_it_had_is_taken_away() {
    let same = sundew(&["describe", &weather(), "--against", &weather()], b"");
    assert_eq!(same.status.code(), Some(1));
    let older = descriptor_of(&OLDER);
    let text = printed(&["describe", &weather(), "--against", &older], b"");
    assert!(text.contains("those of version 6 are readable by each other"), "{text}");
    let changed = sundew(&["describe", &descriptor_of(&NEWER), "--against", &weather()], b"");
    let error = String::from_utf8(changed.stderr).unwrap();
    assert!(error.starts_with("sundew: channel "), "{error}");
    assert_eq!(changed.status.code(), Some(1));
}

const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
static OLDER: Device = Device::new("weather", 6, &[AIR.with_range(-4_000, 8_500)]);
static NEWER: Device = Device::new("weather", 8, &[AIR.with_range(-5_000, 8_500)]);

#[test]
fn json_is_the_same_descriptor() {
    let json = printed(&["describe", &weather(), "--to", "json"], b"");
    let table: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(table["channels"][0]["unit"], "Cel");
    let back = sundew(&["describe", "--to", "cbor"], json.as_bytes()).stdout;
    assert_eq!(hex(&back), weather());
    let wrong = json.replace("\"Cel\"", "\"C\"");
    let error = String::from_utf8(sundew(&["describe"], wrong.as_bytes()).stderr).unwrap();
    assert!(error.starts_with("sundew: channels[0].unit: "), "{error}");
}
