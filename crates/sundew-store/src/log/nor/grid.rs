//! How a page is divided, and how its bytes are read and programmed.

use core::marker::PhantomData;

use embedded_storage::nor_flash::NorFlash;

use crate::Error;

/// Holds the bytes that are read or programmed in one call, at most.
pub(crate) const CHUNK: usize = 32;

/// Stands for bytes that cannot be read; as the fifth byte of an item it means nothing.
const UNREADABLE: u8 = 0x3C;

/// Knows how the pages of a flash are divided into units: what is aligned to be written starts at
/// one, and what was cut short ends in one.
pub(crate) struct Grid<F>(PhantomData<F>);

impl<F: NorFlash> Grid<F> {
    /// Holds the bytes of a unit: words can be written and read in it, and 4 bytes fit.
    pub(crate) const UNIT: usize = {
        let coarser = if F::WRITE_SIZE > F::READ_SIZE { F::WRITE_SIZE } else { F::READ_SIZE };
        if coarser > 4 { coarser } else { 4 }
    };
    /// Holds the bytes of a unit, or of a chunk where no unit suits.
    pub(crate) const SAFE_UNIT: usize = if Self::UNIT < CHUNK { Self::UNIT } else { CHUNK };
    /// Holds the whole units of a page.
    pub(crate) const UNITS: u16 = (F::ERASE_SIZE / Self::UNIT) as u16;
    /// Holds the units that the header takes.
    pub(crate) const HEADER: u16 = super::page::LEN.div_ceil(Self::UNIT) as u16;
    /// Holds the bytes of a header, filled up to whole units.
    pub(crate) const HEADER_LEN: usize = {
        let whole = super::page::LEN.next_multiple_of(Self::UNIT);
        if whole < CHUNK { whole } else { CHUNK }
    };
    /// Holds the places of a page: its units, rounded up to a power of two.
    pub(crate) const PLACES: u32 = (Self::UNITS as u32).next_power_of_two();
    /// Says whether the words and pages are of a size that this format can hold.
    pub(crate) const SUITS: bool = Self::UNIT.is_power_of_two()
        && Self::UNIT <= CHUNK
        && Self::UNIT.is_multiple_of(F::WRITE_SIZE)
        && Self::UNIT.is_multiple_of(F::READ_SIZE)
        && F::ERASE_SIZE.is_multiple_of(Self::UNIT)
        && F::ERASE_SIZE / Self::UNIT <= 0x8000
        && Self::UNITS > Self::HEADER;

    /// Returns the units that `bytes` take.
    pub(crate) const fn units(bytes: usize) -> u16 {
        bytes.div_ceil(Self::UNIT) as u16
    }

    /// Returns the place of a unit of the page that has `number`.
    pub(crate) const fn place(number: u32, unit: u16) -> u32 {
        number.wrapping_mul(Self::PLACES).wrapping_add(unit as u32)
    }
}

/// Returns whether the place or number `a` is later than `b`, both wrapping.
pub(crate) const fn later(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) > 0
}

/// Says where a log lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Area {
    /// Holds the offset of the first page in bytes.
    pub(crate) start: u32,
    /// Holds the length in bytes.
    pub(crate) len: u32,
    /// Holds what an erased byte reads as.
    pub(crate) blank: u8,
}

impl Area {
    /// Returns the offset of a unit in bytes.
    pub(crate) fn at<F: NorFlash>(self, page: u16, unit: u16) -> u32 {
        let into = u32::from(unit) * Grid::<F>::UNIT as u32;
        self.start + u32::from(page) * F::ERASE_SIZE as u32 + into
    }

    /// Returns the number of pages.
    pub(crate) const fn pages<F: NorFlash>(self) -> u16 {
        (self.len / F::ERASE_SIZE as u32) as u16
    }
}

/// Reads, and tries once more where that fails: a bus may stumble.
#[inline(never)]
pub(crate) fn read<F: NorFlash>(flash: &mut F, at: u32, bytes: &mut [u8]) -> Result<(), F::Error> {
    if flash.read(at, bytes).is_ok() {
        return Ok(());
    }
    flash.read(at, bytes)
}

/// Reads at most [`CHUNK`] bytes, and unit by unit where that fails: one word that cannot be read
/// must not hide its neighbours. What cannot be read looks like no item, and not blank.
///
/// # Errors
///
/// Returns the flash's error where no unit can be read.
#[inline(never)]
pub(crate) fn gather<F: NorFlash>(
    flash: &mut F,
    at: u32,
    bytes: &mut [u8],
) -> Result<(), F::Error> {
    let Err(mut error) = read(flash, at, bytes) else { return Ok(()) };
    let mut unit_at = at;
    let mut is_lost = true;
    for unit in bytes.chunks_mut(Grid::<F>::UNIT) {
        match read(flash, unit_at, unit) {
            Ok(()) => is_lost = false,
            Err(failed) => {
                unit.fill(UNREADABLE);
                error = failed;
            }
        }
        unit_at += Grid::<F>::UNIT as u32;
    }
    if is_lost { Err(error) } else { Ok(()) }
}

/// Programs at most [`CHUNK`] bytes and reads them back.
#[inline(never)]
pub(crate) fn program<F: NorFlash>(
    flash: &mut F,
    at: u32,
    bytes: &[u8],
) -> Result<(), Error<F::Error>> {
    flash.write(at, bytes).map_err(Error::Flash)?;
    let mut chunk = [0; CHUNK];
    let back = chunk.get_mut(..bytes.len()).ok_or(Error::Bug)?;
    read(flash, at, back).map_err(Error::Flash)?;
    if back == bytes { Ok(()) } else { Err(Error::Corrupt) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sundew_testkit::SimFlash;

    #[test]
    fn units_hold_a_word_and_four_bytes() {
        type Grains<const WORD: usize, const READ: usize> = Grid<SimFlash<4096, 1024, WORD, READ>>;
        assert_eq!(
            (Grains::<1, 1>::UNIT, Grains::<1, 1>::UNITS, Grains::<1, 1>::HEADER),
            (4, 256, 6)
        );
        assert_eq!(
            (Grains::<8, 1>::UNIT, Grains::<8, 1>::UNITS, Grains::<8, 1>::HEADER),
            (8, 128, 3)
        );
        assert_eq!(
            (Grains::<32, 4>::UNIT, Grains::<32, 4>::UNITS, Grains::<32, 4>::HEADER),
            (32, 32, 1)
        );
        assert_eq!(Grid::<SimFlash<3072, 768, 8>>::PLACES, 128);
        const { assert!(Grains::<16, 4>::SUITS && Grains::<2, 4>::SUITS && Grains::<4, 1>::SUITS) };
        const { assert!(!Grains::<64, 1>::SUITS && !Grid::<SimFlash<96, 24, 8>>::SUITS) };
    }

    #[test]
    fn places_are_compared_over_the_wrap() {
        assert!(later(1, 0) && !later(0, 0) && !later(0, 1));
        assert!(later(3, u32::MAX) && !later(u32::MAX, 3));
    }
}
