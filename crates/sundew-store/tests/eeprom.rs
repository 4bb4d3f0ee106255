//! The EEPROM log with power on: what fits, what goes, what wears, and the bytes.

#![allow(clippy::unwrap_used, reason = "a test that fails says where")]
use std::collections::VecDeque;

use proptest::prelude::*;
use sundew_core::Region;
use sundew_store::Error;
use sundew_store::log::{
    Appended, Cursor, Draft, EepromLog, Log, Mark, Occupancy, Priority, WhenFull,
};
use sundew_testkit::{Defect, EepromError, SimEeprom};

const PRIORITIES: [Priority; 3] = [Priority::Low, Priority::Normal, Priority::High];

type Opened<const SLOT: usize, const SIZE: usize> = (EepromLog<SLOT>, SimEeprom<SIZE>);

fn opened<const SLOT: usize, const SIZE: usize>() -> Opened<SLOT, SIZE> {
    let mut eeprom = SimEeprom::new();
    let mut log = EepromLog::new(Region::new(0, SIZE as u32));
    log.open(&mut eeprom).unwrap();
    (log, eeprom)
}

fn append<const SLOT: usize, const SIZE: usize>(
    (log, eeprom): &mut Opened<SLOT, SIZE>,
    priority: Priority,
    body: &[u8],
) -> Result<Appended, Error<EepromError>> {
    log.append(eeprom, Draft { priority, tag: 5, head: &[], body }, WhenFull::DropOldest)
}

fn read<const SLOT: usize, const SIZE: usize>(
    (log, eeprom): &mut Opened<SLOT, SIZE>,
) -> Vec<(Mark, Vec<u8>)> {
    let (mut cursor, mut buffer, mut found) = (Cursor::default(), [0; 255], Vec::new());
    while let Some(item) = log.next(eeprom, &mut cursor, &mut buffer).unwrap() {
        found.push((item.mark, item.bytes.to_vec()));
    }
    found
}

#[test]
fn the_bytes_are_those_of_the_spec() {
    let mut part = opened::<20, 60>();
    let first = append(&mut part, Priority::Normal, b"21.5 Cel").unwrap();
    append(&mut part, Priority::High, b"alarm").unwrap();
    part.0.release(&mut part.1, first.mark).unwrap();
    assert_eq!(part.1.image()[..], *include_bytes!("golden/eeprom-1.bin"));
}

#[test]
fn an_image_of_version_1_opens_for_ever() {
    let image = include_bytes!("golden/eeprom-1.bin");
    let mut part = (EepromLog::<20>::new(Region::new(0, 60)), SimEeprom::from_image(image));
    part.0.open(&mut part.1).unwrap();
    let items = read(&mut part);
    assert_eq!(items.len(), 1);
    assert_eq!((items[0].0.priority(), &items[0].1[..]), (Priority::High, &b"alarm"[..]));
    let mut other = EepromLog::<15>::new(Region::new(0, 60));
    other.open(&mut part.1).unwrap();
    assert!(other.is_empty(), "slots of another length are no items");
}

#[test]
fn a_full_log_drops_one_item_the_oldest_of_the_lowest_priority() {
    let mut part = opened::<12, 48>();
    for (priority, body) in [(1, b"a"), (0, b"b"), (2, b"c"), (0, b"d")] {
        assert_eq!(append(&mut part, PRIORITIES[priority], body).unwrap().dropped, 0);
    }
    let bodies = |part: &mut _| -> Vec<u8> {
        read(part).iter().flat_map(|(_, body)| body.clone()).collect()
    };
    assert_eq!(append(&mut part, Priority::High, b"e").unwrap().dropped, 1);
    assert_eq!(bodies(&mut part), b"cead");
    assert_eq!(append(&mut part, Priority::Low, b"f").unwrap().dropped, 1);
    assert_eq!(bodies(&mut part), b"ceaf");
    append(&mut part, Priority::High, b"g").unwrap();
    assert_eq!(append(&mut part, Priority::Low, b"h"), Err(Error::Full), "none above its own");
    append(&mut part, Priority::High, b"i").unwrap();
    assert_eq!(bodies(&mut part), b"cegi");
    assert_eq!(append(&mut part, Priority::Normal, b"j"), Err(Error::Full));
    let draft = Draft { priority: Priority::High, tag: 0, head: &[], body: &[] };
    let refused = part.0.append(&mut part.1, draft, WhenFull::RefuseNew);
    assert_eq!(refused, Err(Error::Full));
}

#[test]
fn every_byte_wears_alike() {
    const LAPS: u32 = 1000;
    let mut part = opened::<16, 128>();
    for _ in 0..8 * LAPS {
        let mark = append(&mut part, Priority::Normal, &[1, 2, 3, 4, 5, 6]).unwrap().mark;
        part.0.release(&mut part.1, mark).unwrap();
    }
    let wear = part.1.wear();
    for slot in wear.chunks(16) {
        assert!(slot[..10].iter().all(|count| *count == 2 * LAPS), "{slot:?}");
        assert!(slot[10..].iter().all(|count| *count == LAPS), "{slot:?}");
    }
}

#[test]
fn what_waits_long_leaves_the_wear_to_the_others() {
    let mut part = opened::<16, 128>();
    append(&mut part, Priority::High, b"waits").unwrap();
    for _ in 0..7 * 100 {
        append(&mut part, Priority::Low, b"goes").unwrap();
    }
    let wear = part.1.wear();
    assert_eq!(wear[..15], [1; 15]);
    assert!(wear.chunks(16).skip(1).all(|slot| slot[..14] == [100; 14]), "{wear:?}");
    assert_eq!(read(&mut part)[0].1, b"waits");
}

#[test]
fn a_worn_byte_costs_at_most_one_failing_call_a_lap() {
    for defect in [Defect::EraseIgnored, Defect::ProgramIgnored, Defect::ProgramFails] {
        let mut part = opened::<16, 64>();
        part.1.image_mut()[20] = 0x5A;
        part.1.break_byte(20, defect);
        let mut failed = 0;
        for number in 0..30_u8 {
            loop {
                match append(&mut part, Priority::Normal, &[number]) {
                    Ok(appended) => {
                        part.0.release(&mut part.1, appended.mark).unwrap();
                        break;
                    }
                    Err(Error::Corrupt | Error::Flash(EepromError::BadByte { .. })) => failed += 1,
                    Err(error) => panic!("{error}"),
                }
            }
        }
        assert!((1..=10).contains(&failed), "{failed} of 30, {defect:?}");
    }
}

#[test]
fn a_full_log_gets_past_a_worn_byte() {
    // In the middle of a slot's check, and in its last byte, behind a place that can be written.
    for (byte, defect) in [(17, Defect::ProgramFails), (31, Defect::ProgramIgnored)] {
        let mut part = opened::<16, 64>();
        part.1.image_mut()[byte] = 0x5A;
        part.1.break_byte(byte as u32, defect);
        for number in 0..30_u8 {
            let tries = (1..=3).find(|_| append(&mut part, Priority::Normal, &[number; 6]).is_ok());
            assert!(tries.is_some(), "{number} with {byte} {defect:?}");
        }
        assert_eq!(read(&mut part).last().unwrap().1, [29; 6]);
    }
}

#[test]
fn a_cleared_log_holds_nothing_and_no_byte_of_it() {
    let mut part = opened::<16, 64>();
    let mark = append(&mut part, Priority::Normal, b"secret").unwrap().mark;
    append(&mut part, Priority::Normal, b"secret").unwrap();
    part.0.release(&mut part.1, mark).unwrap();
    part.0.clear(&mut part.1).unwrap();
    assert!(part.0.is_empty());
    assert_eq!(part.1.image(), &[0xFF; 64]);
    append(&mut part, Priority::Low, b"new").unwrap();
    assert_eq!(read(&mut part).len(), 1);
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut eeprom = SimEeprom::<64>::new();
    let mut log = EepromLog::<16>::new(Region::new(16, 64));
    assert_eq!(log.open(&mut eeprom), Err(Error::Region), "past the end");
    let draft = Draft { priority: Priority::Low, tag: 0, head: &[0; 4], body: &[0; 3] };
    assert_eq!(
        log.append(&mut eeprom, draft, WhenFull::DropOldest),
        Err(Error::TooLong { needed: 7 })
    );
    let draft = Draft { body: &[0; 2], ..draft };
    assert_eq!(log.append(&mut eeprom, draft, WhenFull::DropOldest), Err(Error::NotOpen));
    let mut log = EepromLog::<16>::new(Region::new(0, 15));
    assert_eq!(log.open(&mut eeprom), Err(Error::Region), "less than a slot");

    let mut part = opened::<16, 64>();
    let mark = append(&mut part, Priority::Low, b"abc").unwrap().mark;
    assert_eq!(
        part.0.next(&mut part.1, &mut Cursor::default(), &mut [0; 2]),
        Err(Error::TooLong { needed: 3 })
    );
    let mut fresh = opened::<16, 64>();
    assert_eq!(fresh.0.release(&mut fresh.1, mark), Err(Error::OutOfRange));
}

#[test]
fn the_log_takes_44_bytes_of_ram() {
    assert_eq!(size_of::<EepromLog<32>>(), 44);
}

#[derive(Clone, Debug)]
enum Step {
    Append(usize, Vec<u8>),
    Release(usize),
    Open,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3_usize, prop::collection::vec(any::<u8>(), 0..7)).prop_map(|(p, b)| Step::Append(p, b)),
        2 => (0..9_usize).prop_map(Step::Release),
        1 => Just(Step::Open),
    ]
}

proptest! {
    #[test]
    fn it_does_what_three_queues_do(steps in prop::collection::vec(step(), 0..200)) {
        const SLOTS: usize = 7;
        let mut part = opened::<16, { 16 * SLOTS + 3 }>();
        let mut lines: [VecDeque<Vec<u8>>; 3] = Default::default();
        for step in steps {
            match step {
                Step::Append(line, body) => {
                    let mut dropped = 0;
                    let full = lines.iter().map(VecDeque::len).sum::<usize>() == SLOTS;
                    let lowest = lines.iter().position(|line| !line.is_empty()).unwrap_or(3);
                    let answer = append(&mut part, PRIORITIES[line], &body);
                    if full && lowest > line {
                        prop_assert_eq!(answer, Err(Error::Full));
                        continue;
                    }
                    if full {
                        lines[lowest].pop_front();
                        dropped = 1;
                    }
                    lines[line].push_back(body);
                    prop_assert_eq!(answer.unwrap().dropped, dropped);
                }
                Step::Release(which) => {
                    let items = read(&mut part);
                    let Some((mark, _)) = items.get(which) else { continue };
                    part.0.release(&mut part.1, *mark).unwrap();
                    let line = mark.priority() as usize;
                    let above: usize = lines[line + 1..].iter().map(VecDeque::len).sum();
                    lines[line].drain(..=which - above);
                }
                Step::Open => part.0.open(&mut part.1).unwrap(),
            }
            let expected: Vec<_> = lines.iter().rev().flatten().cloned().collect();
            let found: Vec<_> = read(&mut part).into_iter().map(|(_, body)| body).collect();
            prop_assert_eq!(&found, &expected);
            prop_assert_eq!(part.0.is_empty(), expected.is_empty());
        }
    }

    #[test]
    fn any_bytes_open(image in any::<[[u8; 32]; 3]>(), bodies in prop::collection::vec(any::<u8>(), 9)) {
        let image: &[u8; 96] = image.as_flattened().try_into().unwrap();
        let mut part = (EepromLog::<12>::new(Region::new(0, 96)), SimEeprom::from_image(image));
        part.0.open(&mut part.1).unwrap();
        for body in &bodies {
            append(&mut part, Priority::Normal, &[*body]).unwrap();
        }
        let found: Vec<_> = read(&mut part).into_iter().flat_map(|(_, body)| body).collect();
        prop_assert_eq!(&found, &bodies[1..]);
    }
}
