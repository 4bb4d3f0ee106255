//! What `SimFlash` refuses, what a cut leaves behind, and what it counts.
#![expect(clippy::unwrap_used, reason = "a failure of a helper is a failed test")]

use embedded_storage::nor_flash::{NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};
use sundew_testkit::{FlashError, Operation, Rewrite, SimFlash, Torn};

type Flash = SimFlash<1024, 256, 4>;

fn read<const N: usize>(flash: &mut Flash, offset: u32) -> [u8; N] {
    let mut bytes = [0; N];
    flash.read(offset, &mut bytes).unwrap();
    bytes
}

#[test]
fn the_contract_is_enforced() {
    let mut flash = Flash::new();
    assert_eq!(flash.capacity(), 1024);
    assert_eq!(flash.write(1, &[0; 4]), Err(FlashError::NotAligned));
    assert_eq!(flash.write(0, &[0; 3]), Err(FlashError::NotAligned));
    assert_eq!(flash.write(1024, &[0; 4]), Err(FlashError::OutOfBounds));
    assert_eq!(flash.write(u32::MAX - 3, &[0; 4]), Err(FlashError::OutOfBounds));
    assert_eq!(flash.read(1020, &mut [0; 5]), Err(FlashError::OutOfBounds));
    assert_eq!(flash.erase(0, 255), Err(FlashError::NotAligned));
    assert_eq!(flash.erase(4, 256), Err(FlashError::NotAligned));
    assert_eq!(flash.erase(512, 256), Err(FlashError::OutOfBounds));
    assert_eq!(flash.erase(768, 1280), Err(FlashError::OutOfBounds));
    assert_eq!(flash.image(), &[0xFF; 1024]);
    assert_eq!(FlashError::OutOfBounds.kind(), NorFlashErrorKind::OutOfBounds);
    let mut strict = SimFlash::<1024, 256, 4, 4>::new();
    assert_eq!(strict.read(2, &mut [0; 4]), Err(FlashError::NotAligned));
    assert_eq!(strict.read(4, &mut [0; 4]), Ok(()));
}

#[test]
fn a_second_write_may_clear_bits_and_never_set_one() {
    let mut flash = Flash::new();
    flash.write(8, &[0xF0, 0xFF, 0xFF, 0xFF]).unwrap();
    flash.write(8, &[0x30, 0xFF, 0x00, 0xFF]).unwrap();
    assert_eq!(read(&mut flash, 8), [0x30, 0xFF, 0x00, 0xFF]);
    assert_eq!(flash.counters().rewrites, 1);
    // The word before it is free, and still is after the refusal.
    let refused = flash.write(4, &[0, 0, 0, 0, 0x31, 0xFF, 0x00, 0xFF]);
    assert_eq!(refused, Err(FlashError::NotErased { offset: 8 }));
    assert_eq!(read(&mut flash, 4), [0xFF; 4]);
    flash.erase(0, 256).unwrap();
    flash.write(8, &[0x31; 4]).unwrap();
}

#[test]
fn write_once_cells_refuse_even_the_same_bytes() {
    let mut flash = Flash::new().with_rewrite(Rewrite::Refused);
    // All ones look erased, yet the cell's check bits are spent.
    flash.write(0, &[0xFF; 4]).unwrap();
    assert_eq!(flash.write(0, &[0xFF; 4]), Err(FlashError::NotErased { offset: 0 }));
    flash.erase(0, 256).unwrap();
    flash.write(0, &[1; 4]).unwrap();
    assert_eq!(flash.write(0, &[0; 4]), Err(FlashError::NotErased { offset: 0 }));
    let mut again = Flash::from_image(flash.image()).with_rewrite(Rewrite::Refused);
    assert_eq!(again.write(0, &[0; 4]), Err(FlashError::NotErased { offset: 0 }));
    again.write(4, &[0; 4]).unwrap();
}

#[test]
fn a_cut_write_keeps_the_words_before_it() {
    let cases = [
        (Torn::Before, [0xFF, 0xFF, 0xFF, 0xFF]),
        (Torn::FirstHalf, [0x00, 0x00, 0xFF, 0xFF]),
        (Torn::Bits(0x0F), [0xF0, 0xF0, 0xF0, 0xF0]),
        (Torn::Whole, [0, 0, 0, 0]),
    ];
    for (torn, left) in cases {
        let mut flash = Flash::new();
        flash.cut_after(2, torn);
        assert_eq!(flash.write(0, &[0; 16]), Err(FlashError::PowerLost), "{torn:?}");
        for step in [flash.write(64, &[0; 4]), flash.erase(0, 256), flash.read(0, &mut [0])] {
            assert_eq!(step, Err(FlashError::PowerLost));
        }
        assert!(!flash.is_powered());
        flash.power_on();
        assert_eq!(read(&mut flash, 0), [0; 8]);
        assert_eq!(read(&mut flash, 8), left, "{torn:?}");
        assert_eq!(read(&mut flash, 12), [0xFF; 4]);
        flash.write(64, &[0; 4]).unwrap();
    }
}

#[test]
fn a_torn_word_counts_as_written() {
    let mut flash = Flash::new().with_rewrite(Rewrite::Refused);
    flash.cut_after(0, Torn::Bits(0));
    assert_eq!(flash.write(0, &[0; 4]), Err(FlashError::PowerLost));
    flash.power_on();
    assert_eq!(read(&mut flash, 0), [0xFF; 4]);
    assert_eq!(flash.write(0, &[0; 4]), Err(FlashError::NotErased { offset: 0 }));
}

#[test]
fn an_unreadable_word_fails_until_it_is_erased() {
    let mut flash = Flash::new();
    flash.cut_after(1, Torn::Unreadable);
    assert_eq!(flash.write(0, &[0; 12]), Err(FlashError::PowerLost));
    flash.power_on();
    assert_eq!(flash.read(7, &mut [0; 1]), Err(FlashError::Unreadable { offset: 4 }));
    assert_eq!(flash.read(0, &mut [0; 5]), Err(FlashError::Unreadable { offset: 4 }));
    assert_eq!(read(&mut flash, 0), [0; 4]);
    assert_eq!(read(&mut flash, 8), [0xFF; 4]);
    assert_eq!(flash.write(4, &[0; 4]), Err(FlashError::NotErased { offset: 4 }));
    flash.erase(0, 256).unwrap();
    assert_eq!(read(&mut flash, 4), [0xFF; 4]);
    flash.make_unreadable(513);
    assert_eq!(flash.read(515, &mut [0]), Err(FlashError::Unreadable { offset: 512 }));
}

#[test]
fn a_cut_erase_leaves_part_of_the_old_page() {
    let mut flash = Flash::from_image(&[0; 1024]);
    flash.cut_after(1, Torn::FirstHalf);
    assert_eq!(flash.erase(0, 768), Err(FlashError::PowerLost));
    let image = flash.image();
    assert!(image[..384].iter().all(|byte| *byte == 0xFF));
    assert!(image[384..].iter().all(|byte| *byte == 0));
    // The half that looks erased is not to be trusted by write-once users.
    flash.power_on();
    let mut flash = flash.with_rewrite(Rewrite::Refused);
    assert_eq!(flash.write(256, &[0; 4]), Err(FlashError::NotErased { offset: 256 }));
}

#[test]
fn injected_faults_come_when_they_were_asked_for() {
    let mut flash = Flash::new();
    flash.fail(Operation::Write, 1, 2);
    assert_eq!(flash.write(0, &[0; 4]), Ok(()));
    assert_eq!(flash.read(0, &mut [0; 4]), Ok(()));
    assert_eq!(flash.write(4, &[0; 4]), Err(FlashError::Injected));
    assert_eq!(flash.write(4, &[0; 4]), Err(FlashError::Injected));
    assert_eq!(flash.write(4, &[0; 4]), Ok(()));
    flash.fail(Operation::Erase, 0, 1);
    assert_eq!(flash.erase(0, 256), Err(FlashError::Injected));
    assert_eq!(read(&mut flash, 0), [0; 8]);
}

#[test]
fn every_call_is_counted() {
    let mut flash = Flash::new();
    flash.erase(0, 512).unwrap();
    flash.write(0, &[0; 12]).unwrap();
    flash.read(0, &mut [0; 7]).unwrap();
    let _ = flash.read(1024, &mut [0; 1]);
    let counters = flash.counters();
    assert_eq!((counters.erases, counters.pages), (1, 2));
    assert_eq!((counters.writes, counters.words), (1, 3));
    assert_eq!((counters.reads, counters.bytes_read), (2, 7));
    assert_eq!(counters.steps(), 5);
    assert_eq!(counters.rewrites, 0);
}

#[cfg(feature = "async")]
#[test]
fn the_async_traits_drive_the_same_flash() {
    use core::{future::Future, pin::pin, task};
    use embedded_storage_async::nor_flash as asynch;

    async fn work<F: asynch::MultiwriteNorFlash>(flash: &mut F) -> Result<[u8; 4], F::Error> {
        flash.erase(0, 256).await?;
        flash.write(4, &[1, 2, 3, 4]).await?;
        let mut bytes = [0; 4];
        flash.read(4, &mut bytes).await?;
        Ok(bytes)
    }
    let mut flash = Flash::new();
    let mut context = task::Context::from_waker(task::Waker::noop());
    let done = pin!(work(&mut flash)).poll(&mut context);
    assert_eq!(done, task::Poll::Ready(Ok([1, 2, 3, 4])));
    assert_eq!(flash.image()[4..8], [1, 2, 3, 4]);
}
