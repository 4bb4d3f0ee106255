//! The traits of embedded-storage, blocking and async, over the one simulation.

use super::{FlashError, SimFlash};
use embedded_storage::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::NotAligned => NorFlashErrorKind::NotAligned,
            Self::OutOfBounds => NorFlashErrorKind::OutOfBounds,
            _ => NorFlashErrorKind::Other,
        }
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> ErrorType
    for SimFlash<SIZE, PAGE, WORD, READ>
{
    type Error = FlashError;
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> ReadNorFlash
    for SimFlash<SIZE, PAGE, WORD, READ>
{
    const READ_SIZE: usize = READ;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        self.read_bytes(offset, bytes)
    }

    fn capacity(&self) -> usize {
        SIZE
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> NorFlash
    for SimFlash<SIZE, PAGE, WORD, READ>
{
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        self.erase_range(from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        self.write_bytes(offset, bytes)
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> MultiwriteNorFlash
    for SimFlash<SIZE, PAGE, WORD, READ>
{
}

#[cfg(feature = "async")]
mod asynch {
    use super::{FlashError, SimFlash};
    use embedded_storage_async::nor_flash::{MultiwriteNorFlash, NorFlash, ReadNorFlash};

    impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> ReadNorFlash
        for SimFlash<SIZE, PAGE, WORD, READ>
    {
        const READ_SIZE: usize = READ;

        async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
            self.read_bytes(offset, bytes)
        }

        fn capacity(&self) -> usize {
            SIZE
        }
    }

    impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> NorFlash
        for SimFlash<SIZE, PAGE, WORD, READ>
    {
        const WRITE_SIZE: usize = WORD;
        const ERASE_SIZE: usize = PAGE;

        async fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
            self.erase_range(from, to)
        }

        async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
            self.write_bytes(offset, bytes)
        }
    }

    impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
        MultiwriteNorFlash for SimFlash<SIZE, PAGE, WORD, READ>
    {
    }
}
