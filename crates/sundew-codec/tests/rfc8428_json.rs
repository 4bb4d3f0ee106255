//! The examples of RFC 8428 in JSON, as they stand there, against their resolved form; and the same
//! packs through CBOR, since the two are to be equivalent.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "senml_support/section_6.rs"]
mod section_6;

use sundew_codec::{
    Error,
    senml::{
        self, Number, PackDecoder, PackEncoder, Record, Shortest, Text, Value,
        json::{self, JsonPack},
    },
};

use section_6::SECTION_6;

const NOW: u32 = 1_700_000_000;

fn resolved(pack: &[u8]) -> Result<String, Error> {
    let mut buffer = vec![0; 4_096];
    json::from_cbor(senml::resolve(pack, NOW, &mut buffer)?)
}

/// Holds an example, and its resolved records: name, then the rest of each.
#[track_caller]
fn assert_resolves(text: &str, expected: &[(&str, &str)]) {
    let lines: Vec<_> =
        expected.iter().map(|(n, rest)| format!(r#"{{"n":"{n}",{rest}}}"#)).collect();
    let expected = format!("[{}]", lines.join(","));
    let pack = JsonPack::parse(text.as_bytes()).unwrap();
    assert_eq!(resolved(pack.as_cbor()).unwrap(), expected);

    // It is translated back to the same pack, and what is resolved stays as it is.
    let back = json::from_cbor(pack.as_cbor()).unwrap();
    assert_eq!(json::to_cbor(back.as_bytes()).unwrap(), pack.as_cbor());
    let again = json::to_cbor(expected.as_bytes()).unwrap();
    assert_eq!(resolved(&again).unwrap(), expected);

    // With its numbers as the RFC's CBOR has them, it is the same in doubles.
    let records: Vec<_> = pack.records().collect();
    let mut buffer = [0; 4_096];
    let mut encoder = PackEncoder::<Shortest>::with_style(&mut buffer, "");
    let names: Vec<_> = records.iter().map(|record| record.name.to_string()).collect();
    for (record, name) in records.iter().zip(&names) {
        let mut record = *record;
        record.name.own = Text::new(name);
        encoder.push(&record).unwrap();
    }
    let float_records: Vec<_> = PackDecoder::new(encoder.finish()).map(Result::unwrap).collect();
    assert_eq!(float_records.len(), records.len());
    for (float, record) in float_records.iter().zip(&records) {
        assert_eq!((float.name, float.unit), (record.name, record.unit));
        assert_eq!((float.time, float.millis), (record.time, record.millis));
        match (float.value, record.value) {
            (Some(Value::Number(float)), Some(Value::Number(decimal))) => {
                assert_eq!(float.double(), decimal.double());
            }
            (float, value) => assert_eq!(float, value),
        }
    }
}

const DEVICE: &str = "urn:dev:ow:10e2073a01080063";

#[test]
fn sections_1_and_5_1_1_single_data_point() {
    assert_resolves(
        r#"[
     {"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}
   ]"#,
        &[(DEVICE, r#""u":"Cel","v":23.1,"t":1700000000"#)],
    );
}

#[test]
fn section_2_two_times_with_and_without_a_base_name() {
    let expected = [
        (DEVICE, r#""u":"Cel","v":23.5,"t":1276020076"#),
        (DEVICE, r#""u":"Cel","v":23.6,"t":1276020091"#),
    ];
    assert_resolves(
        r#"[
     {"n":"urn:dev:ow:10e2073a01080063","u":"Cel","t":1.276020076e+09,
      "v":23.5},
     {"n":"urn:dev:ow:10e2073a01080063","u":"Cel","t":1.276020091e+09,
      "v":23.6}
   ]"#,
        &expected,
    );
    assert_resolves(
        r#"[
     {"bn":"urn:dev:ow:10e2073a01080063","u":"Cel","t":1.276020076e+09,
      "v":23.5},
     {"u":"Cel","t":1.276020091e+09,
      "v":23.6}
   ]"#,
        &expected,
    );
}

#[test]
fn section_5_1_2_multiple_data_points() {
    assert_resolves(
        r#"[
     {"bn":"urn:dev:ow:10e2073a01080063:","n":"voltage","u":"V","v":120.1},
     {"n":"current","u":"A","v":1.2}
   ]"#,
        &[
            ("urn:dev:ow:10e2073a01080063:voltage", r#""u":"V","v":120.1,"t":1700000000"#),
            ("urn:dev:ow:10e2073a01080063:current", r#""u":"A","v":1.2,"t":1700000000"#),
        ],
    );
}

#[test]
fn section_5_1_2_a_series_and_section_6_the_same_in_cbor() {
    let text = r#"[
     {"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,
      "bu":"A","bver":5,
      "n":"voltage","u":"V","v":120.1},
     {"n":"current","t":-5,"v":1.2},
     {"n":"current","t":-4,"v":1.3},
     {"n":"current","t":-3,"v":1.4},
     {"n":"current","t":-2,"v":1.5},
     {"n":"current","t":-1,"v":1.6},
     {"n":"current","v":1.7}
   ]"#;
    // In chronological order, as a resolved pack has to be: the voltage is one of the last.
    let current = "urn:dev:ow:10e2073a0108006:current";
    let expected = [
        (current, r#""u":"A","v":1.2,"t":1276020071.001"#),
        (current, r#""u":"A","v":1.3,"t":1276020072.001"#),
        (current, r#""u":"A","v":1.4,"t":1276020073.001"#),
        (current, r#""u":"A","v":1.5,"t":1276020074.001"#),
        (current, r#""u":"A","v":1.6,"t":1276020075.001"#),
        ("urn:dev:ow:10e2073a0108006:voltage", r#""u":"V","v":120.1,"t":1276020076.001"#),
        (current, r#""u":"A","v":1.7,"t":1276020076.001"#),
    ];
    assert_resolves(text, &expected);
    assert_eq!(SECTION_6.len(), 0xC3);
    let lines: Vec<_> =
        expected.iter().map(|(n, rest)| format!(r#"{{"n":"{n}",{rest}}}"#)).collect();
    assert_eq!(resolved(SECTION_6).unwrap(), format!("[{}]", lines.join(",")));
    // And what the RFC translated to CBOR is translated to what it came from.
    assert_eq!(
        json::from_cbor(SECTION_6).unwrap(),
        concat!(
            r#"[{"bn":"urn:dev:ow:10e2073a0108006:","bt":1276020076.001,"bu":"A","bver":5,"#,
            r#""n":"voltage","u":"V","v":120.1},{"n":"current","t":-5,"v":1.2},"#,
            r#"{"n":"current","t":-4,"v":1.3},{"n":"current","t":-3,"v":1.4},"#,
            r#"{"n":"current","t":-2,"v":1.5},{"n":"current","t":-1,"v":1.6},"#,
            r#"{"n":"current","t":0,"v":1.7}]"#,
        )
    );
}

#[test]
fn section_5_1_2_a_stream() {
    let rows = [
        ("21.2", 0),
        ("21.3", 10),
        ("21.4", 20),
        ("21.4", 30),
        ("21.5", 40),
        ("21.5", 50),
        ("21.5", 60),
        ("21.6", 70),
        ("21.7", 80),
        ("21.5", 90),
        ("21.5", 91),
        ("21.5", 92),
    ];
    let rows = rows.map(|(v, at)| format!(r#""u":"%RH","v":{v},"t":{}"#, 1_320_067_464 + at));
    let rows: Vec<_> = rows.iter().map(|row| (DEVICE, row.as_str())).collect();
    assert_resolves(
        r#"[
     {"bn":"urn:dev:ow:10e2073a01080063","bt":1.320067464e+09,
      "bu":"%RH","v":21.2},
     {"t":10,"v":21.3},
     {"t":20,"v":21.4},
     {"t":30,"v":21.4},
     {"t":40,"v":21.5},
     {"t":50,"v":21.5},
     {"t":60,"v":21.5},
     {"t":70,"v":21.6},
     {"t":80,"v":21.7},
     {"t":90,"v":21.5},
     {"t":91,"v":21.5},
     {"t":92,"v":21.5}
   ]"#,
        &rows,
    );
}

#[test]
fn sections_5_1_3_and_5_1_4_multiple_measurements_and_resolved_data() {
    let row = |unit: &str, value: &str, at: u32| {
        format!(r#""u":"{unit}","v":{value},"t":{}"#, 1_320_067_464 + at)
    };
    let rows = [
        row("%RH", "20", 0),
        row("lon", "24.30621", 0),
        row("lat", "60.07965", 0),
        row("%RH", "20.3", 60),
        row("lon", "24.30622", 60),
        row("lat", "60.07965", 60),
        row("%RH", "20.7", 120),
        row("lon", "24.30623", 120),
        row("lat", "60.07966", 120),
        row("%EL", "98", 150),
        row("%RH", "21.2", 180),
        row("lon", "24.30628", 180),
        row("lat", "60.07967", 180),
    ];
    let rows: Vec<_> = rows.iter().map(|row| (DEVICE, row.as_str())).collect();
    assert_resolves(
        r#"[
     {"bn":"urn:dev:ow:10e2073a01080063","bt":1.320067464e+09,
      "bu":"%RH","v":20},
     {"u":"lon","v":24.30621},
     {"u":"lat","v":60.07965},
     {"t":60,"v":20.3},
     {"u":"lon","t":60,"v":24.30622},
     {"u":"lat","t":60,"v":60.07965},
     {"t":120,"v":20.7},
     {"u":"lon","t":120,"v":24.30623},
     {"u":"lat","t":120,"v":60.07966},
     {"u":"%EL","t":150,"v":98},
     {"t":180,"v":21.2},
     {"u":"lon","t":180,"v":24.30628},
     {"u":"lat","t":180,"v":60.07967}
   ]"#,
        &rows,
    );
    // The RFC's own resolved form, with its times as it spells them.
    assert_resolves(
        r#"[
     {"n":"urn:dev:ow:10e2073a01080063","u":"%RH","t":1.320067464e+09,
      "v":20},
     {"n":"urn:dev:ow:10e2073a01080063","u":"lon","t":1.320067464e+09,
      "v":24.30621},
     {"n":"urn:dev:ow:10e2073a01080063","u":"lat","t":1.320067464e+09,
      "v":60.07965},
     {"n":"urn:dev:ow:10e2073a01080063","u":"%RH","t":1.320067524e+09,
      "v":20.3},
     {"n":"urn:dev:ow:10e2073a01080063","u":"lon","t":1.320067524e+09,
      "v":24.30622},
     {"n":"urn:dev:ow:10e2073a01080063","u":"lat","t":1.320067524e+09,
      "v":60.07965},
     {"n":"urn:dev:ow:10e2073a01080063","u":"%RH","t":1.320067584e+09,
      "v":20.7},
     {"n":"urn:dev:ow:10e2073a01080063","u":"lon","t":1.320067584e+09,
      "v":24.30623},
     {"n":"urn:dev:ow:10e2073a01080063","u":"lat","t":1.320067584e+09,
      "v":60.07966},
     {"n":"urn:dev:ow:10e2073a01080063","u":"%EL","t":1.320067614e+09,
      "v":98},
     {"n":"urn:dev:ow:10e2073a01080063","u":"%RH","t":1.320067644e+09,
      "v":21.2},
     {"n":"urn:dev:ow:10e2073a01080063","u":"lon","t":1.320067644e+09,
      "v":24.30628},
     {"n":"urn:dev:ow:10e2073a01080063","u":"lat","t":1.320067644e+09,
      "v":60.07967}
   ]"#,
        &rows,
    );
}

#[test]
fn section_5_1_5_multiple_data_types() {
    assert_resolves(
        r#"[
     {"bn":"urn:dev:ow:10e2073a01080063:","n":"temp","u":"Cel","v":23.1},
     {"n":"label","vs":"Machine Room"},
     {"n":"open","vb":false},
     {"n":"nfv-reader","vd":"aGkgCg"}
   ]"#,
        &[
            ("urn:dev:ow:10e2073a01080063:temp", r#""u":"Cel","v":23.1,"t":1700000000"#),
            ("urn:dev:ow:10e2073a01080063:label", r#""vs":"Machine Room","t":1700000000"#),
            ("urn:dev:ow:10e2073a01080063:open", r#""vb":false,"t":1700000000"#),
            ("urn:dev:ow:10e2073a01080063:nfv-reader", r#""vd":"aGkgCg","t":1700000000"#),
        ],
    );
}

#[test]
fn section_5_1_6_collection_of_resources() {
    assert_resolves(
        r#"[
     {"bn":"2001:db8::2/","bt":1.320078429e+09,
      "n":"temperature","u":"Cel","v":25.2},
     {"n":"humidity","u":"%RH","v":30},
     {"bn":"2001:db8::1/","n":"temperature","u":"Cel","v":12.3},
     {"n":"humidity","u":"%RH","v":67}
   ]"#,
        &[
            ("2001:db8::2/temperature", r#""u":"Cel","v":25.2,"t":1320078429"#),
            ("2001:db8::2/humidity", r#""u":"%RH","v":30,"t":1320078429"#),
            ("2001:db8::1/temperature", r#""u":"Cel","v":12.3,"t":1320078429"#),
            ("2001:db8::1/humidity", r#""u":"%RH","v":67,"t":1320078429"#),
        ],
    );
}

#[test]
fn section_5_1_7_setting_an_actuator() {
    assert_resolves(
        r#"[
     {"bn":"urn:dev:ow:10e2073a01080063:"},
     {"n":"temp","u":"Cel","v":23.1},
     {"n":"heat","u":"/","v":1},
     {"n":"fan","u":"/","v":0}
   ]"#,
        &[
            ("urn:dev:ow:10e2073a01080063:temp", r#""u":"Cel","v":23.1,"t":1700000000"#),
            ("urn:dev:ow:10e2073a01080063:heat", r#""u":"/","v":1,"t":1700000000"#),
            ("urn:dev:ow:10e2073a01080063:fan", r#""u":"/","v":0,"t":1700000000"#),
        ],
    );
    assert_resolves(
        r#"[
     {"bt":1.320078429e+09,"bu":"/","n":"2001:db8::3","v":1},
     {"n":"2001:db8::4","v":1}
   ]"#,
        &[
            ("2001:db8::3", r#""u":"/","v":1,"t":1320078429"#),
            ("2001:db8::4", r#""u":"/","v":1,"t":1320078429"#),
        ],
    );
    assert_resolves(
        r#"[
     {"bt":1.320078429e+09,"bu":"/","n":"2001:db8::3","v":0.5},
     {"n":"2001:db8::4","v":0.5},
     {"n":"2001:db8::3","t":0.1,"v":0},
     {"n":"2001:db8::4","t":0.1,"v":0}
   ]"#,
        &[
            ("2001:db8::3", r#""u":"/","v":0.5,"t":1320078429"#),
            ("2001:db8::4", r#""u":"/","v":0.5,"t":1320078429"#),
            ("2001:db8::3", r#""u":"/","v":0,"t":1320078429.1"#),
            ("2001:db8::4", r#""u":"/","v":0,"t":1320078429.1"#),
        ],
    );
}

#[test]
fn section_4_6_a_version_above_10_stands_in_every_record() {
    let text = r#"[{"bver":26,"n":"a","u":"km/h","v":18},{"n":"b","u":"Cel","v":1}]"#;
    let pack = json::to_cbor(text.as_bytes()).unwrap();
    assert_eq!(
        resolved(&pack).unwrap(),
        concat!(
            r#"[{"bver":26,"n":"a","u":"km/h","v":18,"t":1700000000},"#,
            r#"{"bver":26,"n":"b","u":"Cel","v":1,"t":1700000000}]"#
        )
    );
    // RFC 8798 section 3: 100 ms are 0.1 s, and 10 dBm are -20 dBW.
    let text = r#"[{"bver":26,"n":"a","u":"ms","v":100},{"n":"b","u":"dBm","v":10}]"#;
    let pack = JsonPack::parse(text.as_bytes()).unwrap();
    let primary: Vec<_> = pack.records().map(|record| record.in_primary_unit().unwrap()).collect();
    let number = |record: &Record<'_>| record.value.unwrap().dec().map(Number::from).unwrap();
    assert_eq!((primary[0].unit, number(&primary[0]).double()), ("s".into(), 0.1_f64.to_bits()));
    assert_eq!(
        (primary[1].unit, number(&primary[1]).double()),
        ("dBW".into(), (-20_f64).to_bits())
    );
}
