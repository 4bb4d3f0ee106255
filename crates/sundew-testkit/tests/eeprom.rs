//! What `SimEeprom` keeps, what a cut leaves of a byte, and how it wears.

use core::hash::{Hash, Hasher};
use embedded_storage::{ReadStorage, Storage};
use std::hash::DefaultHasher;
use sundew_testkit::{Defect, EepromError, Operation, Reading, SimEeprom, Torn};

type Eeprom = SimEeprom<16>;

fn byte(eeprom: &mut Eeprom, offset: u32) -> Result<u8, EepromError> {
    let mut byte = [0];
    eeprom.read(offset, &mut byte).map(|()| byte[0])
}

fn fingerprint(eeprom: &Eeprom) -> u64 {
    let mut state = DefaultHasher::new();
    eeprom.hash(&mut state);
    state.finish()
}

/// Writes 0x5C over 0x3A at 2 and 3, and loses power in the second.
fn torn(torn: Torn) -> Eeprom {
    let mut eeprom = Eeprom::from_image(&[0x3A; 16]);
    eeprom.cut_after(1, torn);
    assert_eq!(eeprom.write(2, &[0x5C; 3]), Err(EepromError::PowerLost));
    assert_eq!(eeprom.read(0, &mut [0]), Err(EepromError::PowerLost));
    eeprom
}

#[test]
fn bytes_are_written_over_one_another() {
    let mut eeprom = Eeprom::new();
    assert_eq!((eeprom.capacity(), byte(&mut eeprom, 15)), (16, Ok(0xFF)));
    eeprom.write(14, &[1, 2]).unwrap();
    eeprom.write(15, &[0xF2]).unwrap();
    assert_eq!((byte(&mut eeprom, 14), byte(&mut eeprom, 15)), (Ok(1), Ok(0xF2)));
    assert_eq!(eeprom.write(15, &[1, 2]), Err(EepromError::OutOfBounds));
    assert_eq!(eeprom.read(u32::MAX, &mut [0; 2]), Err(EepromError::OutOfBounds));
    assert_eq!((eeprom.wear()[14], eeprom.wear()[15], eeprom.steps()), (1, 2, 3));
}

#[test]
fn a_cut_tears_one_byte() {
    let cases = [
        (Torn::Before, 0x3A),
        (Torn::FirstHalf, 0x5A),
        (Torn::LastHalf, 0x3C),
        (Torn::Prefix(0), 0x3A),
        (Torn::Suffix(1), 0x5C),
        (Torn::Bits(0x18), 0x3A & !0x18 | 0x18),
        (Torn::Programmed, 0),
        (Torn::Erased, 0xFF),
        (Torn::Whole, 0x5C),
    ];
    for (how, left) in cases {
        let mut eeprom = torn(how);
        eeprom.power_on();
        assert_eq!(eeprom.image()[..5], [0x3A, 0x3A, 0x5C, left, 0x3A], "{how:?}");
        assert_eq!(eeprom.wear()[3], u32::from(how != Torn::Before));
        eeprom.write(3, &[7]).unwrap();
        assert_eq!(byte(&mut eeprom, 3), Ok(7));
    }
    let mut random: Vec<u8> = (0..64).map(|seed| torn(Torn::Random(seed)).image()[3]).collect();
    assert!(random.iter().all(|byte| byte & 0x18 == 0x18 && byte & 0x81 == 0));
    random.sort_unstable();
    random.dedup();
    assert!(random.len() > 8, "{random:02X?}");
}

#[test]
fn a_metastable_byte_reads_old_new_or_mixed_until_it_is_written() {
    let mut eeprom = torn(Torn::Metastable);
    assert!(eeprom.is_metastable());
    let off = fingerprint(&eeprom);
    let mut read = |reading| {
        eeprom.power_on_reading(reading);
        let found = byte(&mut eeprom, 3).unwrap();
        eeprom.power_off();
        assert_eq!(fingerprint(&eeprom), off, "without power it has no reading");
        found
    };
    assert_eq!((read(Reading::Old), read(Reading::New)), (0x3A, 0x5C));
    assert!((0..64).any(|seed| ![0x3A, 0x5C].contains(&read(Reading::Mixed(seed)))));
    eeprom.power_on();
    eeprom.write(3, &[9]).unwrap();
    assert!(!eeprom.is_metastable());
    eeprom.power_off();
    eeprom.power_on_reading(Reading::Old);
    assert_eq!(byte(&mut eeprom, 3), Ok(9));
}

#[test]
fn an_unreadable_byte_is_mended_by_a_write() {
    let mut eeprom = torn(Torn::Unreadable);
    eeprom.power_on();
    assert_eq!(eeprom.read(0, &mut [0; 8]), Err(EepromError::Unreadable { offset: 3 }));
    assert_eq!(eeprom.read(0, &mut [0; 3]), Ok(()));
    eeprom.write(3, &[1]).unwrap();
    assert_eq!(byte(&mut eeprom, 3), Ok(1));
    eeprom.make_unreadable(4);
    assert_eq!(byte(&mut eeprom, 4), Err(EepromError::Unreadable { offset: 4 }));
}

#[test]
fn a_worn_byte_fails_for_ever_and_alone() {
    let cases = [
        (Defect::EraseFails, Err(EepromError::BadByte { offset: 1 }), 0x0F),
        (Defect::ProgramFails, Err(EepromError::BadByte { offset: 1 }), 0x0F),
        (Defect::EraseIgnored, Ok(()), 0x03),
        (Defect::ProgramIgnored, Ok(()), 0xFF),
    ];
    for (defect, outcome, left) in cases {
        let mut eeprom = Eeprom::from_image(&[0x0F; 16]);
        eeprom.break_byte(1, defect);
        for _ in 0..3 {
            assert_eq!(eeprom.write(1, &[0x33]), outcome, "{defect:?}");
            assert_eq!(byte(&mut eeprom, 1), Ok(left), "{defect:?}");
        }
        assert_eq!(eeprom.write(0, &[0x33]), Ok(()));
    }
}

#[test]
fn injected_faults_come_when_they_were_asked_for() {
    let mut eeprom = Eeprom::new();
    eeprom.fail(Operation::Write, 1, 1);
    eeprom.fail(Operation::Read, 0, 1);
    eeprom.fail(Operation::Erase, 0, 1);
    assert_eq!(eeprom.write(0, &[1]), Ok(()));
    assert_eq!(eeprom.write(0, &[2]), Err(EepromError::Injected));
    assert_eq!(byte(&mut eeprom, 0), Err(EepromError::Injected));
    assert_eq!(byte(&mut eeprom, 0), Ok(1));
}

#[test]
fn a_fingerprint_leaves_out_wear_and_counters() {
    let mut eeprom = Eeprom::new();
    eeprom.write(0, &[1]).unwrap();
    eeprom.write(0, &[0xFF]).unwrap();
    assert_eq!(fingerprint(&eeprom), fingerprint(&Eeprom::new()));
    eeprom.break_byte(0, Defect::EraseFails);
    assert_ne!(fingerprint(&eeprom), fingerprint(&Eeprom::new()));
}
