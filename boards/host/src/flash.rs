//! NOR flash in a file: 4 KiB pages, 4-byte words, each written once between erases.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read,
    check_write,
};
use sundew::core::{Classify, ErrorKind};

/// Holds the bytes of the smallest erasable unit.
pub(crate) const PAGE: usize = 4096;
/// Holds the bytes of the smallest writable unit.
pub(crate) const WORD: usize = 4;

/// Keeps its bytes in a file, as a flash part does in its cells.
///
/// Each write and erase has reached the operating system when it returns, so a killed process
/// loses none of them. A failing computer might: nothing here waits for the disk.
///
/// It is as strict as the strictest parts: a word that was written is refused until it is erased,
/// since with error correction a second writing would spoil it.
#[derive(Debug)]
pub(crate) struct FileFlash {
    file: File,
    capacity: usize,
}

/// Says why an operation on a [`FileFlash`] failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlashError {
    /// Reports an offset or length that is no multiple of the word or page.
    NotAligned,
    /// Reports a range that reaches past the end of the part.
    OutOfBounds,
    /// Reports a word that was written since the last erase.
    NotErased,
    /// Reports what the operating system answered.
    Io(io::ErrorKind),
}

impl FileFlash {
    /// Opens the image of a part; its length is the part's capacity.
    ///
    /// # Errors
    ///
    /// Returns an error where there is no such file, where its length is no multiple of the page,
    /// and where another process uses it: two owners of one flash would corrupt it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).write(true).open(path)?;
        file.try_lock()?;
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "not a whole number of pages");
        let capacity = usize::try_from(file.metadata()?.len()).map_err(|_| wrong())?;
        if capacity == 0 || !capacity.is_multiple_of(PAGE) {
            return Err(wrong());
        }
        Ok(Self { file, capacity })
    }
}

impl ErrorType for FileFlash {
    type Error = FlashError;
}

impl ReadNorFlash for FileFlash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        check_read(self, offset, bytes.len())?;
        Ok(self.file.read_exact_at(bytes, offset.into())?)
    }

    fn capacity(&self) -> usize {
        self.capacity
    }
}

impl NorFlash for FileFlash {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        check_erase(self, from, to)?;
        let erased = [0xFF; PAGE];
        for page in (from..to).step_by(PAGE) {
            self.file.write_all_at(&erased, page.into())?;
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        check_write(self, offset, bytes.len())?;
        let mut cells = vec![0; bytes.len()];
        self.file.read_exact_at(&mut cells, offset.into())?;
        if cells.iter().any(|cell| *cell != 0xFF) {
            return Err(FlashError::NotErased);
        }
        Ok(self.file.write_all_at(bytes, offset.into())?)
    }
}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::NotAligned => NorFlashErrorKind::NotAligned,
            Self::OutOfBounds => NorFlashErrorKind::OutOfBounds,
            Self::NotErased | Self::Io(_) => NorFlashErrorKind::Other,
        }
    }
}

impl Classify for FlashError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotAligned | Self::OutOfBounds | Self::NotErased => ErrorKind::Bug,
            Self::Io(_) => ErrorKind::Bus,
        }
    }
}

impl From<NorFlashErrorKind> for FlashError {
    fn from(kind: NorFlashErrorKind) -> Self {
        match kind {
            NorFlashErrorKind::NotAligned => Self::NotAligned,
            _ => Self::OutOfBounds,
        }
    }
}

impl From<io::Error> for FlashError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes an erased image of three pages that is removed again.
    struct Image(std::path::PathBuf);

    impl Image {
        fn erased(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("sundew-{name}-{}", std::process::id()));
            std::fs::write(&path, [0xFF; 3 * PAGE]).unwrap();
            Self(path)
        }
    }

    impl Drop for Image {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    #[test]
    fn a_word_is_written_once_until_its_page_is_erased() {
        let image = Image::erased("bits");
        let mut flash = FileFlash::open(&image.0).unwrap();
        flash.write(4092, &[0xF0; 8]).unwrap();
        assert_eq!(flash.write(4096, &[0x30; 4]), Err(FlashError::NotErased));
        let mut bytes = [0; 10];
        flash.read(4091, &mut bytes).unwrap();
        assert_eq!(bytes, [0xFF, 0xF0, 0xF0, 0xF0, 0xF0, 0xF0, 0xF0, 0xF0, 0xF0, 0xFF]);
        flash.erase(4096, 8192).unwrap();
        flash.read(4091, &mut bytes).unwrap();
        assert_eq!(bytes, [0xFF, 0xF0, 0xF0, 0xF0, 0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
    }

    #[test]
    fn what_was_written_is_in_the_file_at_once() {
        let image = Image::erased("durable");
        let mut flash = FileFlash::open(&image.0).unwrap();
        flash.write(8, b"kept").unwrap();
        assert_eq!(std::fs::read(&image.0).unwrap().get(8..12), Some(b"kept".as_slice()));
    }

    #[test]
    fn each_wrong_call_has_its_error_and_changes_nothing() {
        let image = Image::erased("wrong");
        let mut flash = FileFlash::open(&image.0).unwrap();
        assert_eq!(flash.write(2, &[0; 4]), Err(FlashError::NotAligned));
        assert_eq!(flash.write(4, &[0; 3]), Err(FlashError::NotAligned));
        assert_eq!(flash.write(3 * 4096, &[0; 4]), Err(FlashError::OutOfBounds));
        assert_eq!(flash.erase(0, 100), Err(FlashError::NotAligned));
        assert_eq!(flash.erase(0, 4 * 4096), Err(FlashError::OutOfBounds));
        assert_eq!(flash.read(3 * 4096 - 1, &mut [0; 2]), Err(FlashError::OutOfBounds));
        assert!(std::fs::read(&image.0).unwrap().iter().all(|byte| *byte == 0xFF));
    }

    #[test]
    fn one_image_has_one_owner_and_whole_pages() {
        let image = Image::erased("owner");
        let flash = FileFlash::open(&image.0).unwrap();
        assert!(FileFlash::open(&image.0).is_err());
        drop(flash);
        FileFlash::open(&image.0).unwrap();
        std::fs::write(&image.0, [0xFF; PAGE + 1]).unwrap();
        assert!(FileFlash::open(&image.0).is_err());
    }
}
