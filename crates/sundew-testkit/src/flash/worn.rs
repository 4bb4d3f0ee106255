//! How often each page was erased.

use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};

/// Counts the erases of each page of a flash, a simulated one or a vendor's own.
///
/// An erase counts when it is asked for: one that fails, or in which power is lost, wears too.
/// Pages behind the first `PAGES` are not counted.
///
/// *RAM*: four bytes per page.
///
/// ```
/// use embedded_storage::nor_flash::NorFlash;
/// use sundew_testkit::{SimFlash, Worn};
///
/// let mut flash = Worn::<_, 4>::new(SimFlash::<1024, 256, 4>::new());
/// flash.erase(0, 512).unwrap();
/// flash.erase(256, 512).unwrap();
/// assert_eq!(flash.erases(), &[1, 2, 0, 0]);
/// ```
#[derive(Clone, Debug)]
pub struct Worn<F, const PAGES: usize> {
    flash: F,
    erases: [u32; PAGES],
}

impl<F, const PAGES: usize> Worn<F, PAGES> {
    /// Wraps a flash whose pages are as new.
    pub const fn new(flash: F) -> Self {
        Self { flash, erases: [0; PAGES] }
    }

    /// Returns how often each page was erased.
    pub const fn erases(&self) -> &[u32; PAGES] {
        &self.erases
    }

    /// Returns the flash, for what only it can do.
    pub const fn flash(&mut self) -> &mut F {
        &mut self.flash
    }

    fn count(&mut self, from: u32, to: u32, page: usize) {
        for (index, erases) in self.erases.iter_mut().enumerate() {
            let begin = index.saturating_mul(page) as u32;
            *erases += u32::from(from <= begin && begin < to);
        }
    }
}

impl<F: ErrorType, const PAGES: usize> ErrorType for Worn<F, PAGES> {
    type Error = F::Error;
}

impl<F: ReadNorFlash, const PAGES: usize> ReadNorFlash for Worn<F, PAGES> {
    const READ_SIZE: usize = F::READ_SIZE;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), F::Error> {
        self.flash.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.flash.capacity()
    }
}

impl<F: NorFlash, const PAGES: usize> NorFlash for Worn<F, PAGES> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), F::Error> {
        self.count(from, to, F::ERASE_SIZE);
        self.flash.erase(from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), F::Error> {
        self.flash.write(offset, bytes)
    }
}

impl<F: MultiwriteNorFlash, const PAGES: usize> MultiwriteNorFlash for Worn<F, PAGES> {}

#[cfg(feature = "async")]
mod asynch {
    use super::Worn;
    use embedded_storage_async::nor_flash::{MultiwriteNorFlash, NorFlash, ReadNorFlash};

    impl<F: ReadNorFlash, const PAGES: usize> ReadNorFlash for Worn<F, PAGES> {
        const READ_SIZE: usize = F::READ_SIZE;

        async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), F::Error> {
            self.flash.read(offset, bytes).await
        }

        fn capacity(&self) -> usize {
            self.flash.capacity()
        }
    }

    impl<F: NorFlash, const PAGES: usize> NorFlash for Worn<F, PAGES> {
        const WRITE_SIZE: usize = F::WRITE_SIZE;
        const ERASE_SIZE: usize = F::ERASE_SIZE;

        async fn erase(&mut self, from: u32, to: u32) -> Result<(), F::Error> {
            self.count(from, to, F::ERASE_SIZE);
            self.flash.erase(from, to).await
        }

        async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), F::Error> {
            self.flash.write(offset, bytes).await
        }
    }

    impl<F: MultiwriteNorFlash, const PAGES: usize> MultiwriteNorFlash for Worn<F, PAGES> {}
}
