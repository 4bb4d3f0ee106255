//! How a page is divided.

use core::marker::PhantomData;

use embedded_storage::nor_flash::NorFlash;

use super::NONE;
#[cfg(feature = "async")]
use super::NorFlashAsync;
use super::item::MARK;
use super::page::Page;

/// Holds the bytes that are read or programmed in one call, at most.
pub(crate) const CHUNK: usize = 32;

/// Holds how many signs fit at most into the end of a page that is kept for them, each behind burned
/// units.
///
/// One is what a change of pages takes that nothing disturbs; each further one settles one that was
/// cut so that its words waver (see [the module](super)). With words of 8 bytes six of them take 96,
/// 2.3 % of a page of 4 KiB. Where a page has no room for so many they take half of it: two in the
/// 128 bytes of an STM32L0.
const MOST_SIGNS: u16 = 6;

/// Knows how the pages of a flash are divided into units: what is aligned to be written starts at
/// one, and what was cut short ends in one.
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
pub(crate) struct Grid<F>(PhantomData<F>);

#[maybe_async_cfg::maybe(
    idents(NorFlash(sync), Grid(sync)),
    sync(keep_self),
    async(feature = "async")
)]
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
    pub(crate) const HEADER: u16 = Self::units(super::page::LEN);
    /// Holds how many units are burned behind what an earlier start left.
    ///
    /// Words of 8 bytes and more have error correction, and refuse to be programmed where a cut had
    /// begun to; smaller ones take it. There, one may have been torn at each of three starts in a
    /// row, behind each other.
    pub(crate) const BURNED: u16 = if Self::UNIT < 8 { 3 } else { 1 };
    /// Holds the unit that the part for signs starts at; records and marks stand before it.
    pub(crate) const SIGNS: u16 = {
        let sign = Self::BURNED + Self::units(MARK);
        let room = Self::UNITS.saturating_sub(Self::HEADER);
        let has_room = room >= MOST_SIGNS * sign + 3;
        let signs = if has_room { MOST_SIGNS } else { room / 2 / sign };
        Self::UNITS.saturating_sub(signs * sign)
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
        && Self::SIGNS > Self::HEADER
        && Self::SIGNS < Self::UNITS;

    /// Returns the units that `bytes` take.
    pub(crate) const fn units(bytes: usize) -> u16 {
        bytes.div_ceil(Self::UNIT) as u16
    }

    /// Returns the last place of a page.
    pub(crate) const fn last_place(page: Page) -> u32 {
        page.first.wrapping_add(Self::PLACES - 1)
    }

    /// Returns the unit that a place names, or one behind all where it does not lie in the page.
    pub(crate) fn unit_of(page: Page, place: u32) -> u16 {
        let unit = place.wrapping_sub(page.first);
        if unit < Self::PLACES { unit as u16 } else { NONE }
    }
}

/// Returns whether the place `a` is later than `b`, both wrapping.
pub(crate) const fn later(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) > 0
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
        assert_eq!(
            (Grains::<1, 1>::SIGNS, Grains::<8, 1>::SIGNS, Grains::<32, 4>::SIGNS),
            (256 - 30, 128 - 12, 32 - 12)
        );
        assert_eq!(Grid::<SimFlash<3072, 768, 8>>::PLACES, 128);
        const { assert!(Grains::<16, 4>::SUITS && Grains::<2, 4>::SUITS && Grains::<4, 1>::SUITS) };
        const { assert!(!Grains::<64, 1>::SUITS && !Grid::<SimFlash<144, 48, 8>>::SUITS) };
    }

    #[test]
    fn places_are_compared_over_the_wrap() {
        assert!(later(1, 0) && !later(0, 0) && !later(0, 1));
        assert!(later(3, u32::MAX) && !later(u32::MAX, 3));
    }
}
