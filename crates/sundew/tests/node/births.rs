//! A collector learns what the device is before its first reading.

use std::cell::RefCell;

use sundew::codec::descriptor::{self, Descriptor};
use sundew::codec::tiny::{self, Carrier};
use sundew::core::ErrorKind;
use sundew::node::profile::{Compact, Profile, Senml, Tiny};

use crate::bench::{AIR, DEVICE, EVERY, Flash, In, Sensor, TestLink, open, open_as, run};

#[test]
fn what_the_device_is_goes_up_first_and_once_a_boot() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    link.takes_births = false;
    let mut node = open(&mut sensor, &flash, 1, 0);
    run(&mut node, &mut link, &flash, 0, 10);
    assert_eq!((link.births.len(), link.sent.len()), (1, 0), "nothing goes before it");
    // The link dies before the other side had it: it goes again.
    link.incoming.push_back(In::Die(ErrorKind::Peer));
    run(&mut node, &mut link, &flash, 10, 10);
    (link.up, link.takes_births) = (true, true);
    link.incoming.push_back(In::Ack);
    run(&mut node, &mut link, &flash, 500, 10);
    assert_eq!((link.births.len(), link.sent.len()), (2, 1));
    // Another link of the same boot needs no other.
    link.up = false;
    run(&mut node, &mut link, &flash, 510, 10);
    link.up = true;
    run(&mut node, &mut link, &flash, 520, EVERY);
    assert_eq!(link.births.len(), 2);

    let described = Descriptor::parse(&link.births[1]).unwrap();
    assert_eq!((described.hash(), described.version()), (descriptor::hash(&DEVICE), 1));
    assert!(described.channel(AIR.id()).unwrap().name == *"air");
}

#[test]
fn a_link_too_narrow_for_the_descriptor_gets_its_hash() {
    fn births<P: Profile>(profile: P, payload: u16) -> Vec<Vec<u8>> {
        let (flash, mut sensor, mut link) =
            (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
        link.payload = payload;
        run(&mut open_as(profile, &mut sensor, &flash, 1, 0), &mut link, &flash, 0, 10);
        link.births
    }
    let hash = |bytes: &[u8]| tiny::decode_birth(Carrier::Frame, bytes).unwrap();
    for births in [births(Tiny, 8), births(Compact, 51)] {
        assert_eq!(births.len(), 1);
        assert_eq!(hash(&births[0]), (1, descriptor::hash(&DEVICE)));
    }
    assert!(births(Tiny, 5).is_empty(), "not even that fits");
    assert!(births(Senml, 51).is_empty(), "packs say all by themselves");
    assert_eq!(descriptor::len(&DEVICE), births(Tiny, 256)[0].len());
}

#[test]
fn a_link_without_room_for_any_birth_leaves_it_to_the_next_link() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    // Enough for a pack of one record.
    link.payload = descriptor::len(&DEVICE) as u16 - 1;
    let mut node = open(&mut sensor, &flash, 1, 0);
    run(&mut node, &mut link, &flash, 0, 10);
    assert_eq!((link.births.len(), link.sent.len()), (0, 1));
    link.up = false;
    run(&mut node, &mut link, &flash, 10, 10);
    (link.up, link.payload) = (true, 256);
    run(&mut node, &mut link, &flash, 20, 10);
    assert_eq!(link.births.len(), 1);
}
