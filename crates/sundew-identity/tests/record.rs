//! The record's bytes, and every way in which they can be wrong.

// clippy.toml allows these in tests, but does not see the helpers below as part of them.
#![allow(clippy::unwrap_used)]

use core::convert::Infallible;

use proptest::prelude::*;
use sundew_identity::{
    Anchor, AnchorKind, Anchors, DeviceRecord, Error, Fault, Malformed, Role, Roles,
};

const SEED: [u8; 32] = [9; 32];

/// CRC-32 as in zlib, once more, so that the one under test is not judged by itself.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 0 { 0 } else { 0xEDB8_8320 }
        })
    })
}

/// Puts a right header before any body.
fn sealed(body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len()).unwrap().to_le_bytes();
    let front = [&b"SDID\x02\x00"[..], &len].concat();
    let checksum = crc32(&[&front, body].concat()).to_le_bytes();
    [&front, &checksum[..], body].concat()
}

fn decode(image: &[u8]) -> Result<DeviceRecord<'_>, Error<Infallible>> {
    DeviceRecord::decode(image)
}

fn anchors(buffer: &mut [u8]) -> Anchors<'_> {
    let key = Anchor {
        roles: Roles::of(&[Role::Update, Role::Anchors]),
        kind: AnchorKind::Ed25519,
        key_id: b"k",
        bytes: &[7; 32],
    };
    let authority = Anchor {
        roles: Roles::of(&[Role::Server]),
        kind: AnchorKind::Certificate,
        key_id: b"",
        bytes: b"DER",
    };
    Anchors::encode(&[authority, key], buffer).unwrap()
}

fn full(anchors: Anchors<'_>) -> DeviceRecord<'_> {
    DeviceRecord::new("d1")
        .with_serial("n")
        .with_class("c")
        .with_server("s")
        .with_credentials("u", b"pw")
        .with_psk(b"i", b"k")
        .with_certificate(b"x", b"y")
        .with_link_key(b"l")
        .with_seed(&SEED)
        .with_anchors(3, anchors)
}

#[test]
fn the_bytes_are_those_of_the_spec() {
    let mut buffer = [0; 100];
    let record = full(anchors(&mut buffer));
    let mut image = [0; 256];
    let len = record.encode::<Infallible>(&mut image).unwrap();
    let body = [
        &b"\xAE\x00\x62d1\x01\x61n\x02\x61c\x03\x61s\x04\x61u\x05\x42pw"[..],
        b"\x06\x41i\x07\x41k\x08\x41x\x09\x41y\x0A\x41l\x0B\x58\x20",
        &SEED,
        b"\x0C\x03\x0D\x82\x84\x01\x00\x40\x43DER\x84\x0A\x01\x41k\x58\x20",
        &[7; 32],
    ]
    .concat();
    assert_eq!(image[..len], sealed(&body));
    assert_eq!(decode(&image), Ok(record));
    let short = record.encode::<Infallible>(&mut image[..len - 1]);
    assert_eq!(short, Err(Error::TooLong { needed: len }));
    let certificate = vec![0; 65_536];
    let long = DeviceRecord::new("").with_certificate(&certificate, b"");
    let long = long.encode::<Infallible>(&mut vec![0; 70_000]);
    assert_eq!(long, Err(Error::TooLong { needed: usize::MAX }));
}

#[test]
fn what_a_device_does_not_have_takes_no_room() {
    let mut image = [0; 64];
    let record = DeviceRecord::new("d");
    let len = record.encode::<Infallible>(&mut image).unwrap();
    assert_eq!(image[..len], sealed(b"\xA3\x00\x61d\x0C\x00\x0D\x80"));
    assert_eq!(decode(&image), Ok(record));
}

#[test]
fn each_fault_has_its_error() {
    let fault = |body: &[u8]| match decode(&sealed(body)) {
        Ok(_) => Ok(()),
        Err(Error::Malformed(Malformed { fault, position })) => Err((fault, position)),
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!(fault(b"\xA3\x00\x61d\x0C\x00\x0D\x80"), Ok(()));
    assert_eq!(fault(b""), Err((Fault::Truncated, 0)));
    assert_eq!(fault(b"\xA2\x00\x61d\x0C\x00"), Err((Fault::Missing, 6)));
    assert_eq!(fault(b"\xA2\x00\x61d\x0D\x80"), Err((Fault::Missing, 6)));
    assert_eq!(fault(b"\xA2\x0C\x00\x0D\x80"), Err((Fault::Missing, 5)));
    assert_eq!(fault(b"\xA4\x00\x61d\x06\x41i\x0C\x00\x0D\x80"), Err((Fault::Missing, 11)));
    assert_eq!(fault(b"\xA4\x00\x61d\x00\x61d\x0C\x00\x0D\x80"), Err((Fault::Duplicate, 5)));
    assert_eq!(fault(b"\xA3\x0C\x00\x00\x61d\x0D\x80"), Err((Fault::Order, 4)));
    assert_eq!(fault(b"\xA3\x00\x61d\x0C\x00\x0D\x80\x00"), Err((Fault::Trailing, 8)));
    assert_eq!(fault(b"\xBF\x00\x61d\x0C\x00\x0D\x80\xFF"), Err((Fault::Indefinite, 1)));
    assert_eq!(fault(b"\xA3\x00\x61\xFF\x0C\x00\x0D\x80"), Err((Fault::NotText, 4)));
    assert_eq!(fault(b"\xA4\x00\x61d\x0B\x41s\x0C\x00\x0D\x80"), Err((Fault::Range, 7)));
    // An anchor that is none, one of a wrong length, and one of a kind that is not known.
    assert_eq!(fault(b"\xA3\x00\x61d\x0C\x00\x0D\x81\x80"), Err((Fault::Type, 9)));
    let anchor = |anchor: &[u8]| fault(&[b"\xA3\x00\x61d\x0C\x00\x0D\x81", anchor].concat());
    assert_eq!(anchor(b"\x84\x01\x01\x40\x41k"), Err((Fault::Range, 14)));
    assert_eq!(anchor(b"\x84\x01\x18\x63\x40\x41k"), Ok(()));
    let unknown = b"\xA4\x00\x61d\x0C\x00\x0D\x80\x18\x63\x82\x01\xA1\x02\x03";
    assert_eq!(fault(unknown), Ok(()), "an unknown entry is passed over");

    let good = sealed(b"\xA3\x00\x61d\x0C\x00\x0D\x80");
    let changed = |at: usize, to: u8| {
        let mut image = good.clone();
        image[at] = to;
        decode(&image).err()
    };
    assert_eq!(changed(14, 0xFE), Some(Error::Corrupt));
    assert_eq!(changed(4, 1), Some(Error::Version { found: 1 }));
    assert_eq!(changed(0, b'X'), Some(Error::Corrupt));
    assert_eq!(decode(&[0xFF; 64]), Err(Error::NotProvisioned));
    assert_eq!(decode(&[0; 64]), Err(Error::NotProvisioned), "parts that erase to zeros");
    assert_eq!(decode(&good[..11]), Err(Error::Corrupt));
    assert_eq!(decode(&good[..good.len() - 1]), Err(Error::Corrupt));
}

#[test]
fn debug_hides_what_is_secret() {
    let record = DeviceRecord::new("d1")
        .with_credentials("u", b"hush-1")
        .with_psk(b"i", b"hush-2")
        .with_certificate(b"x", b"hush-3")
        .with_link_key(b"hush-4")
        .with_seed(b"hush-5..........................");
    let text = format!("{record:?}{:?}", record.psk);
    assert!(text.contains("d1"), "{text}");
    assert!(!text.contains("hush") && !text.contains("104, 117, 115, 104"), "{text}");
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(
        id in ".*", serial in ".*", class in ".*", server in ".*",
        login in prop::option::of((".*", any::<Vec<u8>>())),
        psk: Option<(Vec<u8>, Vec<u8>)>,
        certificate: Vec<u8>, private_key: Vec<u8>, seed: Option<[u8; 32]>, sequence: u32,
    ) {
        let mut record = DeviceRecord::new(&id)
            .with_serial(&serial)
            .with_class(&class)
            .with_server(&server)
            .with_certificate(&certificate, &private_key);
        if let Some((user, password)) = &login {
            record = record.with_credentials(user, password);
        }
        if let Some((identity, key)) = &psk {
            record = record.with_psk(identity, key);
        }
        if let Some(seed) = &seed {
            record = record.with_seed(seed);
        }
        let mut buffer = [0; 100];
        let record = record.with_anchors(sequence, anchors(&mut buffer));
        let mut image = [0; 4096];
        let len = record.encode::<Infallible>(&mut image).unwrap();
        prop_assert_eq!(decode(&image[..len]), Ok(record));
    }

    #[test]
    fn any_bytes_give_a_record_or_an_error(
        noise in prop::collection::vec(any::<u8>(), 0..80),
        changes in prop::collection::vec((0..120_usize, any::<u8>()), 1..4),
    ) {
        let _ = decode(&noise);
        // Past the checksum: noise, and a record with some bytes changed.
        let _ = decode(&sealed(&noise));
        let mut buffer = [0; 100];
        let mut image = [0; 256];
        let len = full(anchors(&mut buffer)).encode::<Infallible>(&mut image).unwrap();
        let mut body = image[12..len].to_vec();
        for (at, value) in changes {
            body[at] = value;
        }
        if let Ok(record) = decode(&sealed(&body)) {
            for role in [Role::Server, Role::Update, Role::Command, Role::Anchors, Role::Time] {
                let _ = record.anchors.of(role).count();
            }
            prop_assert!(record.encode::<Infallible>(&mut [0; 512]).is_ok());
        }
    }
}
