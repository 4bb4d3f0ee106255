//! What each fault model of `SimFlash` leaves behind, and for how long.
#![expect(clippy::unwrap_used, reason = "a failure of a helper is a failed test")]

use core::hash::{Hash, Hasher};
use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
use std::hash::DefaultHasher;
use sundew_testkit::{
    Defect, Erased, FlashError, Operation, Reading, Rewrite, SimFlash, Torn, Worn,
};

type Flash = SimFlash<64, 16, 4>;

fn read<const N: usize>(flash: &mut Flash, offset: u32) -> [u8; N] {
    let mut bytes = [0; N];
    flash.read(offset, &mut bytes).unwrap();
    bytes
}

fn fingerprint(flash: &Flash) -> u64 {
    let mut state = DefaultHasher::new();
    flash.hash(&mut state);
    state.finish()
}

/// Programs a word at 4, and loses power in it.
fn torn_word(flash: Flash, torn: Torn, word: [u8; 4]) -> Flash {
    let mut flash = flash;
    flash.cut_after(0, torn);
    assert_eq!(flash.write(4, &word), Err(FlashError::PowerLost));
    flash
}

/// Erases the page that holds `old` four times, and loses power in it.
fn torn_page(torn: Torn, old: [u8; 4]) -> Flash {
    let mut flash = Flash::new();
    flash.write(0, old.repeat(4).as_slice()).unwrap();
    flash.cut_after(0, torn);
    assert_eq!(flash.erase(0, 16), Err(FlashError::PowerLost));
    flash
}

#[test]
fn a_part_may_erase_to_zeros() {
    let mut flash = Flash::new().with_erased(Erased::Zeros);
    assert_eq!(flash.image(), &[0; 64]);
    flash.write(4, &[0x0F, 0, 0, 0]).unwrap();
    // There programming sets bits, and clearing one wants an erase.
    flash.write(4, &[0xFF, 0, 0, 1]).unwrap();
    assert_eq!(flash.write(4, &[0xF0, 0, 0, 1]), Err(FlashError::NotErased { offset: 4 }));
    flash.erase(0, 16).unwrap();
    assert_eq!(read(&mut flash, 4), [0; 4]);

    let cases = [
        (Torn::Prefix(3), [1, 2, 3, 0]),
        (Torn::Bits(1), [1, 0, 1, 0]),
        (Torn::Programmed, [0xFF; 4]),
        (Torn::Erased, [0; 4]),
    ];
    for (torn, left) in cases {
        let flash = torn_word(Flash::new().with_erased(Erased::Zeros), torn, [1, 2, 3, 4]);
        assert_eq!(flash.image()[4..8], left, "{torn:?}");
    }
}

#[test]
fn an_image_is_judged_by_what_erased_is() {
    let mut image = [0; 64];
    image[4..8].fill(0xFF);
    let flash = Flash::new().with_rewrite(Rewrite::Refused);
    let mut zeros = flash.clone().with_erased(Erased::Zeros).with_image(&image);
    assert_eq!(zeros.write(4, &[0xFF; 4]), Err(FlashError::NotErased { offset: 4 }));
    assert_eq!(zeros.write(0, &[1; 4]), Ok(()));
    let mut ones = flash.with_image(&image);
    assert_eq!(ones.write(0, &[0; 4]), Err(FlashError::NotErased { offset: 0 }));
    assert_eq!(ones.write(4, &[1; 4]), Ok(()));
}

#[test]
fn a_torn_word_is_what_was_chosen() {
    let cases = [
        (Torn::Before, [0xFF, 0xFF, 0xFF, 0xFF]),
        (Torn::Prefix(0), [0xFF, 0xFF, 0xFF, 0xFF]),
        (Torn::Prefix(1), [0x10, 0xFF, 0xFF, 0xFF]),
        (Torn::Prefix(3), [0x10, 0x20, 0x30, 0xFF]),
        (Torn::Suffix(1), [0xFF, 0xFF, 0xFF, 0x40]),
        (Torn::FirstHalf, [0x10, 0x20, 0xFF, 0xFF]),
        (Torn::LastHalf, [0xFF, 0xFF, 0x30, 0x40]),
        (Torn::Bits(0xF0), [0x1F, 0x2F, 0x3F, 0x4F]),
        (Torn::Programmed, [0, 0, 0, 0]),
        (Torn::Erased, [0xFF, 0xFF, 0xFF, 0xFF]),
        (Torn::Whole, [0x10, 0x20, 0x30, 0x40]),
    ];
    for (torn, left) in cases {
        let once = Flash::new().with_rewrite(Rewrite::Refused);
        let mut flash = torn_word(once, torn, [0x10, 0x20, 0x30, 0x40]);
        flash.power_on();
        assert_eq!(read(&mut flash, 4), left, "{torn:?}");
        // Whatever can be seen of it: the word was begun, and may not be programmed again.
        let begun =
            if torn == Torn::Before { Ok(()) } else { Err(FlashError::NotErased { offset: 4 }) };
        assert_eq!(flash.write(4, &[0; 4]), begun, "{torn:?}");
        flash.erase(0, 16).unwrap();
        assert_eq!(flash.write(4, &[0; 4]), Ok(()));
    }
}

#[test]
fn random_bits_are_those_of_the_seed() {
    let word = |seed| {
        let flash = torn_word(Flash::new(), Torn::Random(seed), [0; 4]);
        u32::from_le_bytes(flash.image()[4..8].try_into().unwrap())
    };
    assert_eq!(word(1), word(1));
    for bit in 0..32 {
        let is_set = |seed: &u32| word(*seed) >> bit & 1 == 1;
        let ones = (0..64).filter(is_set).count();
        assert!((12..52).contains(&ones), "bit {bit} is set {ones} times in 64");
    }
}

#[test]
fn a_torn_page_is_what_was_chosen() {
    let old = [0x10, 0x20, 0x30, 0x40];
    let kept = |from: usize, to: usize| {
        let mut page: [u8; 16] = core::array::from_fn(|at| old[at % 4]);
        page[..from].fill(0xFF);
        page[to..].fill(0xFF);
        page
    };
    let cases = [
        (Torn::Before, kept(0, 16)),
        (Torn::Prefix(6), kept(6, 16)),
        (Torn::Suffix(6), kept(0, 10)),
        (Torn::FirstHalf, kept(8, 16)),
        (Torn::LastHalf, kept(0, 8)),
        (Torn::Programmed, [0; 16]),
        (Torn::Erased, [0xFF; 16]),
        (Torn::Whole, [0xFF; 16]),
    ];
    for (torn, left) in cases {
        let mut flash = torn_page(torn, old).with_rewrite(Rewrite::Refused);
        flash.power_on();
        assert_eq!(read(&mut flash, 0), left, "{torn:?}");
        // Only an erase that came to its end makes words that may be programmed.
        let is_clean = torn == Torn::Whole;
        assert_eq!(flash.write(0, &[0; 4]).is_ok(), is_clean, "{torn:?}");
        flash.erase(0, 16).unwrap();
        flash.write(0, &[0; 4]).unwrap();
    }
    let random = torn_page(Torn::Random(3), [0; 4]);
    let ones: u32 = random.image()[..16].iter().map(|byte| byte.count_ones()).sum();
    assert!((32..96).contains(&ones), "{ones} of 128 bits");
}

#[test]
fn a_metastable_word_reads_old_new_or_mixed_until_it_is_erased() {
    let mut flash = torn_word(Flash::new(), Torn::Metastable, [0x12, 0x34, 0x56, 0xFF]);
    assert!(flash.is_metastable());
    flash.power_on_reading(Reading::Old);
    assert_eq!(read(&mut flash, 4), [0xFF; 4]);
    flash.power_off();
    flash.power_on_reading(Reading::New);
    assert_eq!(read(&mut flash, 4), [0x12, 0x34, 0x56, 0xFF]);
    assert_eq!(read(&mut flash, 4), [0x12, 0x34, 0x56, 0xFF]);
    let mut seen = Vec::new();
    for _ in 0..64 {
        flash.power_off();
        flash.power_on();
        let word: [u8; 4] = read(&mut flash, 4);
        // Bits that were to stay ones do not waver.
        assert!(word.iter().zip([0x12, 0x34, 0x56, 0xFF]).all(|(byte, new)| byte & new == new));
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    assert!(seen.contains(&[0xFF; 4]) && seen.contains(&[0x12, 0x34, 0x56, 0xFF]));
    assert!(seen.len() > 8, "{seen:02X?}");

    flash.erase(0, 16).unwrap();
    assert!(!flash.is_metastable());
    flash.power_off();
    flash.power_on_reading(Reading::New);
    assert_eq!(read(&mut flash, 4), [0xFF; 4]);
}

#[test]
fn a_metastable_page_reads_old_new_or_mixed() {
    let mut flash = torn_page(Torn::Metastable, [0x12, 0x34, 0x56, 0xFF]);
    let old: [u8; 16] = core::array::from_fn(|at| [0x12, 0x34, 0x56, 0xFF][at % 4]);
    flash.power_on_reading(Reading::Old);
    assert_eq!(read(&mut flash, 0), old);
    // Bits that are programmed meanwhile, where the part allows it, waver no more; others do.
    flash.power_on_reading(Reading::New);
    flash.write(0, &[0x7F, 0xFF, 0xFF, 0xFF]).unwrap();
    flash.power_off();
    assert_eq!(flash.image()[..4], old[..4]);
    flash.power_on_reading(Reading::New);
    assert_eq!(read(&mut flash, 0), [0x7F, 0xFF, 0xFF, 0xFF]);
    assert_eq!(read(&mut flash, 4), [0xFF; 12]);
    let mut mixed = 0;
    for seed in 0..64 {
        flash.power_on_reading(Reading::Mixed(seed));
        let page: [u8; 12] = read(&mut flash, 4);
        mixed += u32::from(page != old[4..] && page != [0xFF; 12]);
    }
    assert!((8..56).contains(&mixed), "{mixed} of 64");
}

#[test]
fn what_wavers_does_not_hide_behind_a_second_tear() {
    let mut flash = torn_page(Torn::Metastable, [0; 4]);
    flash.power_on();
    flash.cut_after(0, Torn::FirstHalf);
    assert_eq!(flash.erase(0, 16), Err(FlashError::PowerLost));
    flash.power_on_reading(Reading::Old);
    assert_eq!(read::<16>(&mut flash, 0), [[0xFF; 8], [0; 8]].concat().as_slice());
    flash.power_on_reading(Reading::New);
    assert_eq!(read(&mut flash, 0), [0xFF; 16]);
    flash.cut_after(0, Torn::Unreadable);
    assert_eq!(flash.erase(0, 16), Err(FlashError::PowerLost));
    assert!(!flash.is_metastable());
}

#[test]
fn a_bad_page_fails_for_ever_and_alone() {
    let mut flash = Flash::new();
    flash.write(16, &[0; 4]).unwrap();
    flash.break_page(20, Defect::EraseFails);
    for _ in 0..3 {
        assert_eq!(flash.erase(0, 32), Err(FlashError::BadPage { offset: 16 }));
        assert_eq!(read(&mut flash, 16), [0; 4]);
    }
    assert_eq!(flash.write(20, &[0; 4]), Ok(()));
    flash.break_page(16, Defect::ProgramFails);
    assert_eq!(flash.erase(0, 64), Ok(()));
    assert_eq!(flash.write(12, &[0; 8]), Err(FlashError::BadPage { offset: 16 }));
    assert_eq!(read(&mut flash, 12), [0xFF; 8]);
    assert_eq!(flash.write(32, &[0; 4]), Ok(()));
}

#[test]
fn a_bad_page_may_keep_silent_about_it() {
    let mut flash = Flash::new();
    flash.break_page(0, Defect::ProgramIgnored);
    assert_eq!(flash.write(0, &[0; 4]), Ok(()));
    assert_eq!(read(&mut flash, 0), [0xFF; 4]);
    flash.write(16, &[0; 4]).unwrap();
    flash.break_page(16, Defect::EraseIgnored);
    assert_eq!(flash.erase(16, 32), Ok(()));
    assert_eq!(read(&mut flash, 16), [0; 4]);
    assert_eq!(flash.counters().steps(), 3);
}

#[test]
fn every_erase_wears_even_one_that_fails() {
    let mut flash = Worn::<_, 3>::new(Flash::new());
    flash.erase(0, 64).unwrap();
    flash.flash().break_page(16, Defect::EraseFails);
    assert_eq!(flash.erase(16, 32), Err(FlashError::BadPage { offset: 16 }));
    flash.write(0, &[0; 4]).unwrap();
    assert_eq!(flash.erases(), &[1, 2, 1], "the fourth page is not counted");
    assert_eq!((flash.capacity(), flash.flash().counters().words), (64, 1));
}

#[cfg(feature = "async")]
#[test]
fn the_async_traits_wear_as_well() {
    use core::{future::Future, pin::pin, task};
    use embedded_storage_async::nor_flash as asynch;

    async fn work<F: asynch::NorFlash>(flash: &mut F) -> Result<[u8; 4], F::Error> {
        flash.erase(16, 48).await?;
        flash.write(20, &[1, 2, 3, 4]).await?;
        let mut bytes = [0; 4];
        flash.read(20, &mut bytes).await?;
        Ok(bytes)
    }
    let mut flash = Worn::<_, 4>::new(Flash::new());
    let mut context = task::Context::from_waker(task::Waker::noop());
    let done = pin!(work(&mut flash)).poll(&mut context);
    assert_eq!(done, task::Poll::Ready(Ok([1, 2, 3, 4])));
    assert_eq!(flash.erases(), &[0, 1, 1, 0]);
}

#[test]
fn a_fingerprint_is_of_what_later_calls_can_see() {
    let fresh = fingerprint(&Flash::new());
    let mut flash = Flash::new();
    flash.erase(0, 64).unwrap();
    let _ = read::<4>(&mut flash, 0);
    flash.power_off();
    flash.power_on();
    flash.cut_after(3, Torn::Whole);
    flash.fail(Operation::Write, 1, 0);
    assert_eq!(fingerprint(&flash), fresh, "counters, power-ons and cuts to come do not show");

    let mut seen = vec![fresh];
    let mut other = |what: &str, change: &dyn Fn(&mut Flash)| {
        let mut flash = Flash::new();
        change(&mut flash);
        let found = fingerprint(&flash);
        assert!(!seen.contains(&found), "{what}");
        seen.push(found);
    };
    other("a word of ones", &|flash| flash.write(0, &[0xFF; 4]).unwrap());
    other("bytes", &|flash| flash.write(0, &[0xFE; 4]).unwrap());
    other("power", &Flash::power_off);
    other("a word that cannot be read", &|flash| flash.make_unreadable(9));
    other("a bad page", &|flash| flash.break_page(0, Defect::EraseFails));
    other("another defect", &|flash| flash.break_page(0, Defect::ProgramFails));
    other("a fault to come", &|flash| flash.fail(Operation::Read, 0, 1));
    other("another fault to come", &|flash| flash.fail(Operation::Write, 0, 1));
    let torn = |torn, reading| {
        let mut flash = torn_word(Flash::new(), torn, [0; 4]);
        flash.power_on_reading(reading);
        flash
    };
    other("a metastable word", &|flash| *flash = torn(Torn::Metastable, Reading::Old));
    other("as it reads", &|flash| *flash = torn(Torn::Metastable, Reading::New));
    other("the same bytes, sound", &|flash| *flash = torn(Torn::Whole, Reading::Old));
}

#[test]
fn how_a_word_reads_is_forgotten_without_power() {
    let torn = torn_word(Flash::new(), Torn::Metastable, [0; 4]);
    let off = |reading| {
        let mut flash = torn.clone();
        flash.power_on_reading(reading);
        flash.power_off();
        fingerprint(&flash)
    };
    assert_eq!(off(Reading::Old), off(Reading::New));
    assert_eq!(off(Reading::Old), off(Reading::Mixed(5)));
    // A cut inside a call forgets it as well.
    let mut flash = torn.clone();
    flash.power_on_reading(Reading::New);
    flash.cut_after(0, Torn::Before);
    assert_eq!(flash.write(32, &[0; 4]), Err(FlashError::PowerLost));
    assert_eq!(fingerprint(&flash), fingerprint(&torn));
}
