//! Proves each part of the board on the emulator, and ends it with 0 or 1.
//!
//! One line per part, then `selftest: ok`. It uses the last two pages of the flash.
#![no_std]
#![no_main]

use core::fmt::Debug;

use board::flash::{self, Error, Flash};
use board::test_device::{self, Verdict};
use board::{Board, say};
use embedded_storage::nor_flash::{NorFlash as _, ReadNorFlash as _};

/// Says what went wrong, in a word or two and with the value that shows it.
struct Failure;

#[riscv_rt::entry]
fn main() -> ! {
    let verdict = match run() {
        Ok(()) => Verdict::Passed,
        Err(Failure) => Verdict::Failed,
    };
    test_device::exit(verdict)
}

fn run() -> Result<(), Failure> {
    let mut board =
        Board::take().ok_or_else(|| fail("board", "taken"))?.map_err(failed("board"))?;
    check("board once", Board::take().is_none())?;
    flash(&mut board.flash)?;
    let runs = count_runs(&mut board.flash)?;
    say!("selftest flash ok runs={runs}");
    say!("selftest: ok");
    Ok(())
}

fn flash(flash: &mut Flash) -> Result<(), Failure> {
    let end = flash::CAPACITY - flash::PAGE;
    let page = end - flash::PAGE;
    flash.erase(page, end).map_err(failed("erase"))?;
    // Over three buffers, from the middle of the first on.
    let mut bytes = [0; 80];
    bytes.iter_mut().zip(1..).for_each(|(byte, value)| *byte = value);
    flash.write(page + 16, &bytes).map_err(failed("write"))?;
    let mut back = [0; 88];
    flash.read(page + 12, &mut back).map_err(failed("read"))?;
    check("flash bytes", back.get(4..84) == Some(&bytes[..]))?;
    check("neighbours", back.starts_with(&[0xFF; 4]) && back.ends_with(&[0xFF; 4]))?;
    flash.write(page + 16, &[0, 2, 3, 0, 5, 6, 7, 8]).map_err(failed("clear bits"))?;
    let dirty = Error::Dirty { offset: page + 20 };
    check("set bit", flash.write(page + 16, &[0, 0, 3, 0, 7, 6, 7, 8]) == Err(dirty))?;
    check("odd offset", flash.write(page + 4, &[0; 8]) == Err(Error::Unaligned))?;
    check("odd length", flash.write(page, &[0; 4]) == Err(Error::Unaligned))?;
    check("odd erase", flash.erase(page + 4, end) == Err(Error::Unaligned))?;
    check("past end", flash.read(flash::CAPACITY, &mut [0]) == Err(Error::OutOfBounds))?;
    check("backwards", flash.erase(end, page) == Err(Error::OutOfBounds))?;
    flash.erase_in_part(page..page + 24).map_err(failed("erase in part"))?;
    flash.read(page + 12, &mut back).map_err(failed("read in part"))?;
    check("in part", back.starts_with(&[0xFF; 12]) && back.get(12..84) == bytes.get(8..))?;
    flash.erase(page, end).map_err(failed("erase again"))?;
    flash.read(page + 12, &mut back).map_err(failed("read again"))?;
    check("erased", back == [0xFF; 88])
}

/// Counts the runs over the same flash file, one word each in the last page.
fn count_runs(flash: &mut Flash) -> Result<u32, Failure> {
    let page = flash::CAPACITY - flash::PAGE;
    for run in 1..=flash::PAGE / flash::WORD {
        let offset = page + (run - 1) * flash::WORD;
        let (mut word, told) = ([0; 8], u64::from(run).to_le_bytes());
        flash.read(offset, &mut word).map_err(failed("read run"))?;
        if word == [0xFF; 8] {
            flash.write(offset, &told).map_err(failed("write run"))?;
            return Ok(run);
        }
        check("run", word == told)?;
    }
    Err(fail("runs", "page full"))
}

fn check(what: &str, holds: bool) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(fail(what, "check")) }
}

fn failed<E: Debug>(what: &str) -> impl FnOnce(E) -> Failure + '_ {
    move |error| fail(what, error)
}

fn fail(what: &str, error: impl Debug) -> Failure {
    say!("selftest: failed {what} {error:?}");
    Failure
}
