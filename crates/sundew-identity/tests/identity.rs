//! The record in flash: stored, replaced, inherited, erased.

// clippy.toml allows these in tests, but does not see the helpers below as part of them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "cose/keys.rs"]
#[allow(dead_code)]
mod keys;

use keys::Factory;
use sundew_core::Region;
use sundew_identity::cose::{Refused, sign};
use sundew_identity::{
    Anchor, AnchorKind, Anchors, DeviceRecord, Error, Fault, Identity, Malformed, NotTaken, Role,
    Roles,
};
use sundew_store::Settings;
use sundew_testkit::{FlashError, SimFlash};

type Flash = SimFlash<3072, 256, 4>;

const REGION: Region = Region::new(0, 1024);
const QUEUE: Region = Region::new(2560, 512);
const IDENTITY: Identity = Identity::new(REGION, Settings::new(Region::new(1024, 1536)));

fn load(flash: &mut Flash, check: impl Fn(&DeviceRecord<'_>)) -> Result<(), Error<FlashError>> {
    let mut buffer = [0; 512];
    check(&IDENTITY.load(flash, &mut buffer)?);
    Ok(())
}

fn id_is(flash: &mut Flash, id: &str) {
    load(flash, |record| assert_eq!(record.id, id)).unwrap();
}

fn by_factory(flash: &mut Flash, id: &str) {
    let mut image = [0xFF; 512];
    DeviceRecord::new(id).encode::<FlashError>(&mut image).unwrap();
    flash.image_mut()[..512].copy_from_slice(&image);
}

#[test]
fn a_device_goes_from_record_to_record() {
    let mut flash = Flash::new();
    assert_eq!(load(&mut flash, |_| ()), Err(Error::NotProvisioned));
    by_factory(&mut flash, "from the factory");
    let before = flash.counters().steps();
    id_is(&mut flash, "from the factory");
    assert_eq!(flash.counters().steps(), before, "a load writes nothing");
    for round in 0..30 {
        let id = format!("device {round}");
        IDENTITY.store(&mut flash, &DeviceRecord::new(&id)).unwrap();
        id_is(&mut flash, &id);
        id_is(&mut flash, &id);
    }
}

#[test]
fn a_copy_that_rotted_is_no_reason_to_take_the_old_one() {
    let mut flash = Flash::new();
    by_factory(&mut flash, "old");
    IDENTITY.store(&mut flash, &DeviceRecord::new("new")).unwrap();
    id_is(&mut flash, "new");
    flash.image_mut()[512 + 20] ^= 1;
    assert_eq!(load(&mut flash, |_| ()), Err(Error::Corrupt));
    // Another record in its place, sound by itself, is not the one that was stored.
    let mut image = [0xFF; 512];
    DeviceRecord::new("odd").encode::<FlashError>(&mut image).unwrap();
    flash.image_mut()[512..1024].copy_from_slice(&image);
    assert_eq!(load(&mut flash, |_| ()), Err(Error::Corrupt));
}

#[test]
fn what_has_no_room_is_refused_and_nothing_is_lost() {
    let mut flash = Flash::new();
    by_factory(&mut flash, "kept");
    let certificate = [1; 490];
    let long = DeviceRecord::new("long").with_certificate(&certificate, b"");
    assert_eq!(IDENTITY.store(&mut flash, &long), Err(Error::TooLong { needed: 576 }));
    let mut buffer = [0; 10];
    assert_eq!(IDENTITY.load(&mut flash, &mut buffer).err(), Some(Error::TooLong { needed: 12 }));
    let mut buffer = [0; 20];
    assert_eq!(IDENTITY.load(&mut flash, &mut buffer).err(), Some(Error::TooLong { needed: 23 }));
    let one_page = Identity::new(Region::new(0, 256), Settings::new(Region::new(1024, 1536)));
    let stored = one_page.store(&mut flash, &DeviceRecord::new("x"));
    assert_eq!(stored, Err(Error::TooLong { needed: 64 }), "no room for two");
    id_is(&mut flash, "kept");
}

#[test]
fn a_reset_leaves_no_key_and_can_be_begun_again() {
    let mut flash = Flash::new();
    let settings = Settings::new(Region::new(1024, 1536));
    for round in 0..3 {
        let secret = [b"secret".as_slice(), &[round; 26]].concat();
        let record = DeviceRecord::new("d").with_psk(b"i", &secret);
        IDENTITY.store(&mut flash, &record).unwrap();
        IDENTITY.store(&mut flash, &record.with_link_key(&secret)).unwrap();
        sundew_identity::next_boot(&mut flash, &settings).unwrap();
        flash.image_mut()[2560..2564].copy_from_slice(b"mine");
        IDENTITY.reset(&mut flash, Some(QUEUE)).unwrap();
        assert!(!flash.image().windows(6).any(|window| window == b"secret"));
        assert!(flash.image()[2560..].iter().all(|byte| *byte == 0xFF));
        assert_eq!(load(&mut flash, |_| ()), Err(Error::NotProvisioned));
        assert_eq!(
            sundew_identity::next_boot(&mut flash, &settings),
            Ok(2 * u16::from(round) + 2),
            "counters go on"
        );
    }
    // Cut in the first erase.
    IDENTITY.store(&mut flash, &DeviceRecord::new("d")).unwrap();
    flash.fail(sundew_testkit::Operation::Erase, 0, 1);
    IDENTITY.reset(&mut flash, Some(QUEUE)).unwrap_err();
    assert_eq!(load(&mut flash, |_| ()), Err(Error::ResetUnderWay));
    let stored = IDENTITY.store(&mut flash, &DeviceRecord::new("e"));
    assert_eq!(stored, Err(Error::ResetUnderWay));
    IDENTITY.reset(&mut flash, Some(QUEUE)).unwrap();
    assert_eq!(load(&mut flash, |_| ()), Err(Error::NotProvisioned));
    // A programmer may write the next life there.
    by_factory(&mut flash, "second life");
    id_is(&mut flash, "second life");
    IDENTITY.store(&mut flash, &DeviceRecord::new("third")).unwrap();
    id_is(&mut flash, "third");
}

/// Returns a key's anchor.
fn anchor<'a>(key: &'a [u8; 32], key_id: &'a [u8], roles: &[Role]) -> Anchor<'a> {
    Anchor { roles: Roles::of(roles), kind: AnchorKind::Ed25519, key_id, bytes: key }
}

/// Returns the message that makes `anchors` the next set.
fn message(
    signer: &mut Factory,
    key_id: &[u8],
    sequence: u8,
    anchors: &[Anchor<'_>],
    class: Option<&str>,
) -> Vec<u8> {
    let mut buffer = [0; 256];
    Anchors::encode(anchors, &mut buffer).unwrap();
    // Its length: what it decodes to in the buffer.
    let len = (1..=256).find(|len| Anchors::decode(&buffer[..*len]).is_ok()).unwrap();
    let mut payload = vec![0xA2 + u8::from(class.is_some()), 1, sequence, 2];
    payload.extend_from_slice(&buffer[..len]);
    if let Some(class) = class {
        payload.extend_from_slice(&[3, 0x60 | class.len() as u8]);
        payload.extend_from_slice(class.as_bytes());
    }
    signed(signer, key_id, &payload, Role::Anchors)
}

fn signed(signer: &mut Factory, key_id: &[u8], payload: &[u8], role: Role) -> Vec<u8> {
    let mut message = [0; 512];
    let len = sign(signer, key_id, payload, role.external(), &mut message).unwrap();
    message[..len].to_vec()
}

#[test]
fn anchors_are_replaced_by_whom_the_present_ones_allow() {
    let mut flash = Flash::new();
    let (mut root, mut next, mut update) = (Factory::new(1), Factory::new(2), Factory::new(3));
    let [root_key, next_key, update_key]: [[u8; 32]; 3] = [*root.0.pk, *next.0.pk, *update.0.pk];
    let mut buffer = [0; 256];
    let first =
        [anchor(&update_key, b"u", &[Role::Update]), anchor(&root_key, b"r", &[Role::Anchors])];
    let anchors = Anchors::encode(&first, &mut buffer).unwrap();
    let record = DeviceRecord::new("d")
        .with_class("weather")
        .with_psk(b"i", b"kept")
        .with_anchors(4, anchors);
    IDENTITY.store(&mut flash, &record).unwrap();

    let after = [anchor(&next_key, b"n", &[Role::Anchors, Role::Command])];
    let replace = |flash: &mut Flash, message: &[u8]| {
        let mut buffer = [0; 512];
        let record = IDENTITY.load(flash, &mut buffer)?;
        IDENTITY.replace_anchors(flash, &record, message)
    };
    let mut refused = |message: &[u8]| match replace(&mut flash, message) {
        Err(Error::NotTaken(why)) => why,
        other => panic!("{other:?}"),
    };
    // Not signed by whom it must be, for another end, too old, for others, a dead end.
    let wrong = message(&mut update, b"u", 5, &after, None);
    assert_eq!(refused(&wrong), NotTaken::Refused(Refused::Key));
    let wrong = message(&mut update, b"", 5, &after, None);
    assert_eq!(refused(&wrong), NotTaken::Refused(Refused::Signature), "no name: each is tried");
    let wrong = message(&mut update, b"r", 5, &after, None);
    assert_eq!(refused(&wrong), NotTaken::Refused(Refused::Signature));
    let payload = [&[0xA2, 1, 5, 2][..], &[0x80]].concat();
    let wrong = signed(&mut root, b"r", &payload, Role::Command);
    assert_eq!(refused(&wrong), NotTaken::Refused(Refused::Signature));
    for sequence in [0, 3, 4] {
        let wrong = message(&mut root, b"r", sequence, &after, None);
        assert_eq!(refused(&wrong), NotTaken::Sequence { stored: 4 });
    }
    let wrong = message(&mut root, b"r", 5, &after, Some("gate"));
    assert_eq!(refused(&wrong), NotTaken::Class);
    let dead_end = [anchor(&next_key, b"n", &[Role::Command])];
    let wrong = message(&mut root, b"r", 5, &dead_end, None);
    assert_eq!(refused(&wrong), NotTaken::NoSuccessor);
    let malformed = |fault, position| NotTaken::Malformed(Malformed { fault, position });
    assert_eq!(refused(b""), malformed(Fault::Truncated, 0));
    for (payload, fault) in [
        (&b"\xA1\x01\x05"[..], malformed(Fault::Missing, 3)),
        (b"\xA1\x02\x80", malformed(Fault::Missing, 3)),
        (b"\xA3\x01\x05\x02\x80\x04\x00", malformed(Fault::Type, 6)),
        (b"\xA2\x01\x05\x02\x80\x00", malformed(Fault::Trailing, 5)),
        (b"\xA2\x01\x1A\x00\x00\x00\x05\x02\x80", malformed(Fault::NotShortest, 7)),
    ] {
        assert_eq!(refused(&signed(&mut root, b"r", payload, Role::Anchors)), fault);
    }

    let right = message(&mut root, b"r", 5, &after, Some("weather"));
    assert_eq!(replace(&mut flash, &right), Ok(5));
    load(&mut flash, |record| {
        assert_eq!((record.sequence, record.id, record.class), (5, "d", "weather"));
        assert_eq!(record.psk.unwrap().key, b"kept");
        assert_eq!(record.anchors.of(Role::Command).next(), Some(after[0]));
        assert_eq!(record.anchors.of(Role::Update).next(), None);
    })
    .unwrap();
    // The old root is nobody now, and the same message is old.
    assert_eq!(replace(&mut flash, &right), Err(Error::NotTaken(NotTaken::Refused(Refused::Key))));
    let back = message(&mut next, b"n", 6, &first, None);
    assert_eq!(replace(&mut flash, &back), Ok(6));
}
