//! JSON both ways: what comes back, what is refused and where, and what cannot be broken.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use sundew_codec::{
    Error, Origin, Time,
    senml::{
        PackEncoder, Record,
        json::{self, JsonPack},
    },
};
use sundew_units::{Dec, Quality};

#[test]
fn our_labels_stand_beside_those_of_the_rfc() {
    let mut buffer = [0; 256];
    let mut pack = PackEncoder::new(&mut buffer, "dev1:");
    let air = Record::new("air").with_unit("Cel").with_value(Dec::new(2_345, -2));
    pack.push(&air.at(Time::SinceBoot(9)).with_origin(Origin::new(3, 7))).unwrap();
    pack.push(&air.with_quality(Quality::Stale).with_origin(Origin::new(3, 8))).unwrap();
    pack.push(&Record::new("set").with_value(1).with_id(5).expiring(1_700_000_000)).unwrap();
    pack.push(&Record::new("set").with_id(5).with_result(0)).unwrap();
    let cbor = pack.finish();
    let text = json::from_cbor(cbor).unwrap();
    assert_eq!(
        text,
        concat!(
            r#"[{"bn":"dev1:","n":"air","u":"Cel","v":23.45,"boot":3,"seq":7,"up":9},"#,
            r#"{"n":"air","u":"Cel","v":23.45,"seq":8,"q":6},"#,
            r#"{"n":"set","v":1,"id":5,"exp":1700000000},"#,
            r#"{"n":"set","id":5,"res":0}]"#
        )
    );
    assert_eq!(json::to_cbor(text.as_bytes()).unwrap(), cbor);
}

#[test]
fn what_is_wrong_is_told_where_it_stands() {
    let cases: &[(&str, Result<usize, Error>)] = &[
        ("[]", Ok(0)),
        (" [ {\"n\" : \"a\" , \"v\" : 1.0e1 } ]\n", Ok(1)),
        (r#"{"n":"a","v":1}"#, Err(Error::Syntax { position: 0 })),
        (r#"[{"n":"a","v":1},7]"#, Err(Error::Syntax { position: 17 })),
        (r#"[{"n":"a","v":1,"n":"b"}]"#, Err(Error::Syntax { position: 16 })),
        (r#"[{"n":"a","v":1,"vs":"b"}]"#, Err(Error::Syntax { position: 16 })),
        (r#"[{"n":"a","v":"1"}]"#, Err(Error::Syntax { position: 14 })),
        (r#"[{"n":7,"v":1}]"#, Err(Error::Syntax { position: 6 })),
        (r#"[{"n":"a","vb":1}]"#, Err(Error::Syntax { position: 15 })),
        (r#"[{"n":"a","vd":"a=="}]"#, Err(Error::Syntax { position: 15 })),
        (r#"[{"n":"a","vd":3}]"#, Err(Error::Syntax { position: 15 })),
        (r#"[{"n":"a","v":null}]"#, Err(Error::Syntax { position: 14 })),
        (r#"[{"bver":11,"n":"a","v":1}]"#, Err(Error::Unsupported { position: 9 })),
        (r#"[{"bver":26.0,"n":"a","v":1}]"#, Ok(1)),
        (r#"[{"bver":10.5,"n":"a","v":1}]"#, Err(Error::Syntax { position: 9 })),
        (r#"[{"n":"a","v":1,"x":{"y":[1,null,{}]}}]"#, Ok(1)),
        (r#"[{"n":"a","v":1},{"n":"a","x_":1}]"#, Err(Error::Unsupported { position: 26 })),
        (r#"[{"bv":0.1234567890123,"v":1}]"#, Ok(1)),
        (r#"[{"bv":1e308,"v":1e308}]"#, Err(Error::Unsupported { position: 1 })),
        (r#"[{"n":"a","v":1,"boot":70000}]"#, Err(Error::Range { position: 23 })),
        (r#"[{"n":"a","v":1,"seq":1}]"#, Err(Error::Syntax { position: 1 })),
        (r#"[{"n":"a","v":1,"q":-1}]"#, Err(Error::Syntax { position: 20 })),
        (r#"[{"n":"a","v":1e400}]"#, Err(Error::Range { position: 14 })),
        (r#"[{"n":"a","t":1e30}]"#, Err(Error::Range { position: 14 })),
        (r#"[{"n":"a","v":1}"#, Err(Error::Truncated { position: 16 })),
    ];
    for (text, expected) in cases {
        let found = JsonPack::parse(text.as_bytes()).map(|pack| pack.records().count());
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn unknown_fields_are_translated_where_the_other_side_has_them() {
    let text = r#"[{"n":"a","v":1,"x":{"y":[1.50,null,{"z":true}],"w":"\"\u0001ä"}}]"#;
    let cbor = json::to_cbor(text.as_bytes()).unwrap();
    assert_eq!(
        minicbor::display(&cbor).to_string(),
        "[{0: \"a\", 2: 1, \"x\": {\"y\": [4([-2, 150]), null, {\"z\": true}], \"w\": \"\"\u{1}ä\"}}]"
    );
    assert_eq!(json::from_cbor(&cbor).unwrap(), text);

    // {99: 1, "x": 1(0), "v": 5, "y": {1: 2}, "z": h'FF', 0: "a", 2: 7}: what JSON has no equal for,
    // or takes for something else, is left out.
    let cbor = b"\x81\xA7\x18\x63\x01\x61x\xC1\x00\x61v\x05\x61y\xA1\x01\x02\x61z\x41\xFF\x00\x61a\x02\x07";
    assert_eq!(json::from_cbor(cbor).unwrap(), r#"[{"z":"_w","n":"a","v":7}]"#);
    // A name that is not UTF-8.
    assert_eq!(
        json::from_cbor(b"\x81\xA2\x00\x61\xFF\x02\x07"),
        Err(Error::Syntax { position: 3 })
    );
}
