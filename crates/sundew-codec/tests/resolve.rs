//! The rules of resolved packs (RFC 8428 section 4.6) that its examples leave out.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use sundew_codec::{Error, senml};

const NOW: u32 = 1_700_000_000;

fn resolved(pack: &[u8]) -> Result<String, Error> {
    let mut buffer = [0; 512];
    let bytes = senml::resolve(pack, NOW, &mut buffer)?;
    Ok(minicbor::display(bytes).to_string())
}

#[test]
fn indefinite_lengths_become_definite_and_all_base_fields_are_applied() {
    // [_ {_ -2: "a/", -3: 1700000010, -4: "m", -5: 4([-1, 5]), -6: 100},
    //    {_ 0: "x", 2: 1, 5: 4([-2, 150]), 7: 60}, {_ 0: "y", 3: "on", 6: -20}, {_ 0: "z", 1: "s"}]
    let pack = b"\x9F\xBF\x21\x62a/\x22\x1A\x65\x53\xF1\x0A\x23\x61m\x24\xC4\x82\x20\x05\
        \x25\x18\x64\xFF\
        \xBF\x00\x61x\x02\x01\x05\xC4\x82\x21\x18\x96\x07\x18\x3C\xFF\
        \xBF\x00\x61y\x03\x62on\x06\x33\xFF\
        \xBF\x00\x61z\x01\x61s\xFF\xFF";
    assert_eq!(
        resolved(pack).unwrap(),
        "[{0: \"a/y\", 1: \"m\", 3: \"on\", 5: 100, 6: 1699999990}, \
         {0: \"a/x\", 1: \"m\", 2: 4([-1, 15]), 5: 4([-2, 10150]), 6: 1700000010, 7: 60}, \
         {0: \"a/z\", 1: \"s\", 2: 4([-1, 5]), 5: 100, 6: 1700000010}]"
    );
}

#[test]
fn our_boot_stands_beside_each_seq_and_a_time_since_boot_counts_as_now() {
    // [{-2: "d:", 0: "a", 2: 1, "boot": 3, "seq": 7, "up": 90}, {0: "a", 4: true, 6: -1, "seq": 8},
    //  {0: "a", 8: h'FF'}]
    let pack = b"\x83\xA6\x21\x62d:\x00\x61a\x02\x01\x64boot\x03\x63seq\x07\x62up\x18\x5A\
        \xA4\x00\x61a\x04\xF5\x06\x20\x63seq\x08\
        \xA2\x00\x61a\x08\x41\xFF";
    assert_eq!(
        resolved(pack).unwrap(),
        "[{0: \"d:a\", 4: true, 6: 1699999999, \"boot\": 3, \"seq\": 8}, \
         {0: \"d:a\", 2: 1, 6: 1700000000, \"boot\": 3, \"seq\": 7, \"up\": 90}, \
         {0: \"d:a\", 8: h'ff', 6: 1700000000}]"
    );
}

#[test]
fn records_of_one_time_keep_their_order() {
    // [{0: "a", 2: 1}, {0: "b", 2: 2, 6: -5}, {0: "c", 2: 3}, {0: "d", 2: 4, 6: -5}]
    let pack = b"\x84\xA2\x00\x61a\x02\x01\xA3\x00\x61b\x02\x02\x06\x24\
        \xA2\x00\x61c\x02\x03\xA3\x00\x61d\x02\x04\x06\x24";
    let names: String =
        resolved(pack).unwrap().split("0: \"").skip(1).map(|rest| &rest[..1]).collect();
    assert_eq!(names, "bdac");
}

#[test]
fn what_cannot_be_resolved_is_named() {
    // A time before 1978: [{0: "a", 2: 1}, {0: "a", 2: 1, 6: -1600000000}]
    let pack = b"\x82\xA2\x00\x61a\x02\x01\xA3\x00\x61a\x02\x01\x06\x3A\x5F\x5E\x0F\xFF";
    assert_eq!(resolved(pack), Err(Error::Range { position: 7 }));
    assert_eq!(resolved(b"\x81\xA2\x00\x61a\x62x_\x01"), Err(Error::Unsupported { position: 5 }));
    assert_eq!(resolved(b"\x80"), Ok("[]".into()));
    assert_eq!(senml::resolve(b"\x80", NOW, &mut []), Err(Error::Full { needed: 1 }));
    let three = b"\x81\xA2\x00\x61a\x02\x01"; // and 6 bytes of time
    assert_eq!(senml::resolve(three, NOW, &mut [0; 12]), Err(Error::Full { needed: 13 }));
    assert_eq!(senml::resolve(three, NOW, &mut [0; 13]).unwrap().len(), 13);
}
