//! Whatever the flash holds, a call ends with a value or a typed error.

use proptest::prelude::*;
use sundew_core::Region;
use sundew_store::{Error, Key, Setting, Settings};
use sundew_testkit::{Defect, FlashError, Operation, SimFlash, Worn};

type Flash = SimFlash<1024, 256, 4>;

const SETTINGS: Settings = Settings::new(Region::new(0, 1024));
const KEY: Key = Key::application(200).unwrap();

#[test]
fn each_fault_has_its_error() {
    let mut flash = Flash::new();
    let save = |flash: &mut Flash, len| SETTINGS.save(flash, KEY, &[1; 64][..len]);
    assert_eq!(save(&mut flash, 64), Err(Error::TooLong { needed: 64 }));
    save(&mut flash, 63).unwrap();
    let short = SETTINGS.load(&mut flash, KEY, &mut [0; 62]);
    assert_eq!(short, Err(Error::TooLong { needed: 63 }));
    let one_page = Settings::new(Region::new(0, 256));
    assert_eq!(one_page.save(&mut flash, KEY, &[1]), Err(Error::Region));
    // A write that fails is done again further on; where all fail, the call does.
    flash.fail(Operation::Write, 0, 1);
    save(&mut flash, 2).unwrap();
    flash.fail(Operation::Write, 0, 100);
    assert_eq!(save(&mut flash, 1), Err(Error::Flash(FlashError::Injected)));
    assert_eq!(SETTINGS.load(&mut flash, KEY, &mut [0; 2]), Ok(Some(2)));
    flash.fail(Operation::Write, 0, 0);
    save(&mut flash, 1).unwrap();
    assert_eq!(SETTINGS.load(&mut flash, KEY, &mut [0]), Ok(Some(1)));
}

#[test]
fn too_many_keys_are_full_and_keep_what_is_there() {
    type Flash = SimFlash<2048, 1024, 4>;
    const SETTINGS: Settings = Settings::new(Region::new(0, 2048));
    let mut flash = Flash::new();
    let mut saved = 0;
    let full = loop {
        let key = Key::application(64 + saved).unwrap();
        match SETTINGS.save(&mut flash, key, &[saved; 60]) {
            Ok(()) => saved += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(full, Error::Full);
    assert!(saved >= 10, "{saved}");
    for number in 0..saved {
        let mut value = [0; 60];
        let key = Key::application(64 + number).unwrap();
        assert_eq!(SETTINGS.load(&mut flash, key, &mut value), Ok(Some(60)), "{number}");
        assert_eq!(value, [number; 60]);
    }
}

#[test]
fn any_region_can_be_used_and_erased() {
    for image in [[0; 1024], [0xA5; 1024]] {
        let mut flash = Flash::from_image(&image);
        assert_eq!(SETTINGS.load(&mut flash, KEY, &mut [0; 63]), Ok(None));
        SETTINGS.save(&mut flash, KEY, &[7]).unwrap();
        assert_eq!(SETTINGS.load(&mut flash, KEY, &mut [0; 63]), Ok(Some(1)));
        SETTINGS.erase(&mut flash).unwrap();
        assert_eq!(SETTINGS.load(&mut flash, KEY, &mut [0; 63]), Ok(None));
    }
}

#[test]
fn a_page_that_wears_out_costs_no_value() {
    for defect in
        [Defect::EraseFails, Defect::ProgramFails, Defect::EraseIgnored, Defect::ProgramIgnored]
    {
        for page in 0..4 {
            let mut flash = Flash::new();
            for round in 0..200_u8 {
                if round == 50 {
                    flash.break_page(page * 256, defect);
                }
                let key = Key::application(64 + round % 3).unwrap();
                SETTINGS.save(&mut flash, key, &[round; 5]).unwrap();
                for back in 0..round.min(3) {
                    let (mut value, round) = ([0; 5], round - back);
                    let key = Key::application(64 + round % 3).unwrap();
                    SETTINGS.load(&mut flash, key, &mut value).unwrap();
                    assert_eq!(value, [round; 5], "{defect:?} {page}");
                }
            }
        }
    }
}

#[test]
fn pages_wear_alike_and_one_at_a_time() {
    let mut flash = Worn::<_, 4>::new(Flash::new());
    for round in 0..2_000_u16 {
        let before: u32 = flash.erases().iter().sum();
        SETTINGS.write(&mut flash, Setting::BOOT_COUNTER, &round).unwrap();
        assert!(flash.erases().iter().sum::<u32>() <= before + 1);
    }
    let (least, most) = (flash.erases().iter().min(), flash.erases().iter().max());
    assert!(most.unwrap() - least.unwrap() <= 1, "{:?}", flash.erases());
}

proptest! {
    #[test]
    fn noise_never_panics(image in prop::collection::vec(any::<u8>(), 1024), key: u8) {
        let mut flash = Flash::from_image(&image.try_into().unwrap());
        let key = Key::application(key | 64).unwrap();
        let _ = SETTINGS.load(&mut flash, key, &mut [0; 63]);
        let saved = SETTINGS.save(&mut flash, key, &[5; 9]);
        let mut value = [0; 63];
        if saved.is_ok() {
            prop_assert_eq!(SETTINGS.load(&mut flash, key, &mut value), Ok(Some(9)));
            prop_assert_eq!(&value[..9], &[5; 9]);
        }
    }

    #[test]
    fn flipped_bits_never_invent_a_value(flips in prop::collection::vec(0..8192_usize, 1..6)) {
        let mut flash = Flash::new();
        for value in 0..60_u8 {
            SETTINGS.save(&mut flash, KEY, &[value; 12]).unwrap();
        }
        for flip in flips {
            flash.image_mut()[flip / 8] ^= 1 << (flip % 8);
        }
        let mut value = [0; 63];
        if let Ok(Some(len)) = SETTINGS.load(&mut flash, KEY, &mut value) {
            prop_assert_eq!(len, 12);
            prop_assert!(value[..12].iter().all(|byte| *byte == value[0] && *byte < 60));
        }
    }
}
