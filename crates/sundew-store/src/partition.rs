//! A part of the flash that cannot be left by accident.

use crate::Error;
use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};
use sundew_core::Region;

/// Shows one [`Region`] of a flash as a flash of its own, borrowed for as long as it is used.
///
/// Offsets count from the region's first byte; a call that would leave the region is
/// [`Error::OutOfRange`] and does not reach the driver.
///
/// ```
/// use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
/// use sundew_core::Region;
/// use sundew_store::{Error, Partition};
/// use sundew_testkit::SimFlash;
///
/// let mut flash = SimFlash::<8192, 4096, 4>::new();
/// let mut part = Partition::new(&mut flash, Region::new(4096, 4096))?;
/// part.write(0, b"here")?;
/// assert_eq!(part.write(4096, b"away"), Err(Error::OutOfRange));
/// assert_eq!(&flash.image()[4096..4100], b"here");
/// # Ok::<(), Error<sundew_testkit::FlashError>>(())
/// ```
#[derive(Debug)]
pub struct Partition<'f, F> {
    flash: &'f mut F,
    region: Region,
}

impl<'f, F: NorFlash> Partition<'f, F> {
    /// Shows `region` of `flash`.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Region`] where the region is empty, reaches past the end of the part, is
    /// not aligned to its pages, or is longer than this target's `usize` can count.
    pub fn new(flash: &'f mut F, region: Region) -> Result<Self, Error<F::Error>> {
        let page = F::ERASE_SIZE as u32;
        let aligned = region.start().is_multiple_of(page) && region.len().is_multiple_of(page);
        // A 16-bit usize cannot say the capacity of a larger part; the driver checks it there.
        let ends = region.end().is_some_and(|end| {
            usize::try_from(end).map_or(usize::BITS < 32, |end| end <= flash.capacity())
        });
        let counted = usize::try_from(region.len()).is_ok();
        if region.is_empty() || !aligned || !ends || !counted {
            return Err(Error::Region);
        }
        Ok(Self { flash, region })
    }

    /// Returns the region that is shown.
    pub const fn region(&self) -> Region {
        self.region
    }

    fn absolute(&self, offset: u32, len: usize) -> Result<u32, Error<F::Error>> {
        let len = u32::try_from(len).map_err(|_| Error::OutOfRange)?;
        match offset.checked_add(len) {
            Some(end) if end <= self.region.len() => Ok(self.region.start() + offset),
            _ => Err(Error::OutOfRange),
        }
    }
}

impl<F: NorFlash> ErrorType for Partition<'_, F> {
    type Error = Error<F::Error>;
}

impl<F: NorFlash> ReadNorFlash for Partition<'_, F> {
    const READ_SIZE: usize = F::READ_SIZE;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        let at = self.absolute(offset, bytes.len())?;
        self.flash.read(at, bytes).map_err(Error::Flash)
    }

    fn capacity(&self) -> usize {
        self.region.len() as usize
    }
}

impl<F: NorFlash> NorFlash for Partition<'_, F> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        let len = to.checked_sub(from).ok_or(Error::OutOfRange)?;
        let at = self.absolute(from, usize::try_from(len).map_err(|_| Error::OutOfRange)?)?;
        self.flash.erase(at, at + len).map_err(Error::Flash)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        let at = self.absolute(offset, bytes.len())?;
        self.flash.write(at, bytes).map_err(Error::Flash)
    }
}

impl<F: MultiwriteNorFlash> MultiwriteNorFlash for Partition<'_, F> {}

#[cfg(test)]
mod tests {
    use super::*;
    use sundew_testkit::SimFlash;

    type Flash = SimFlash<16384, 4096, 4>;

    #[test]
    fn regions_that_do_not_suit_are_refused() {
        let mut flash = Flash::new();
        let bad = [(0, 0), (4, 4096), (0, 4100), (8192, 12288), (0xFFFF_F000, 8192)];
        for (start, len) in bad {
            let refused = Partition::new(&mut flash, Region::new(start, len));
            assert_eq!(refused.err(), Some(Error::Region), "{start} {len}");
        }
        assert!(Partition::new(&mut flash, Region::new(12288, 4096)).is_ok());
    }

    #[test]
    fn no_call_reaches_a_neighbour() {
        let mut flash = Flash::new();
        let before = *flash.image();
        let mut part = Partition::new(&mut flash, Region::new(4096, 8192)).unwrap();
        assert_eq!(part.capacity(), 8192);
        for at in [8189, 8192, 8196, u32::MAX - 3] {
            assert_eq!(part.write(at, &[0; 4]), Err(Error::OutOfRange), "{at}");
            assert_eq!(part.read(at, &mut [0; 4]), Err(Error::OutOfRange), "{at}");
        }
        assert_eq!(part.erase(4096, 12288), Err(Error::OutOfRange));
        assert_eq!(part.erase(8192, 4096), Err(Error::OutOfRange));
        part.write(8188, &[0; 4]).unwrap();
        part.erase(0, 8192).unwrap();
        assert_eq!(*flash.image(), before);
    }
}
