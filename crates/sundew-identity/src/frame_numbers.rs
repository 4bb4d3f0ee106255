//! Numbers of which none comes twice, for nonces.

use crate::Error;
use embedded_storage::nor_flash::NorFlash;
use sundew_store::{Setting, Settings};

/// Holds a block of numbers that were reserved durably before the first is used, so that no number
/// comes twice, whenever the power fails: a start that is cut short loses the rest of its block.
///
/// A key whose nonces are such numbers lasts for 2^32 - 1 of them, blocks that were lost included: with
/// blocks of 256 and ten starts a day for 4,500 years. Should the newest value rot in flash, the one
/// before it comes back, and so does a block; the store keeps each value under a checksum and says
/// nothing of it. The block is not `Clone`: who has it has it alone.
///
/// *RAM*: 8 bytes.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FrameNumbers {
    next: u32,
    left: u32,
}

impl FrameNumbers {
    /// Reserves the next `count` numbers, from 1 on; fewer where fewer are left, and none at last.
    ///
    /// *Blocking time*: one load and one save, see [`Settings`].
    ///
    /// # Errors
    ///
    /// Returns [`Error::Storage`] where the settings cannot be read or written, and [`Error::Corrupt`]
    /// where the stored value is not four bytes long. No number is reserved then.
    ///
    /// ```
    /// use sundew_core::Region;
    /// use sundew_identity::FrameNumbers;
    /// use sundew_store::Settings;
    /// use sundew_testkit::SimFlash;
    ///
    /// let mut flash = SimFlash::<8192, 4096, 4>::new();
    /// let settings = Settings::new(Region::new(0, 8192));
    /// let mut numbers = FrameNumbers::reserve(&mut flash, &settings, 100).unwrap();
    /// assert_eq!([numbers.take(), numbers.take()], [Some(1), Some(2)]);
    /// // After a restart the rest of the block is gone.
    /// let mut numbers = FrameNumbers::reserve(&mut flash, &settings, 100).unwrap();
    /// assert_eq!(numbers.take(), Some(101));
    /// ```
    pub fn reserve<F: NorFlash>(
        flash: &mut F,
        settings: &Settings,
        count: u16,
    ) -> Result<Self, Error<F::Error>> {
        let next = match settings.read(flash, Setting::FRAME_NUMBER) {
            // 0 stands for nothing taken, here and on the other side.
            Ok(stored) => stored.unwrap_or(1).max(1),
            Err(sundew_store::Error::Corrupt) => return Err(Error::Corrupt),
            Err(error) => return Err(error.into()),
        };
        let end = next.saturating_add(u32::from(count));
        settings.write(flash, Setting::FRAME_NUMBER, &end)?;
        Ok(Self { next, left: end - next })
    }

    /// Takes a block of `count` numbers that something else keeps, such as an EEPROM.
    ///
    /// It must be reserved durably: a number that comes twice under one key gives the key's messages
    /// away.
    pub const fn from_reserved(first: u32, count: u16) -> Self {
        let end = first.saturating_add(count as u32);
        Self { next: first, left: end - first }
    }

    /// Returns the next number; `None` once the block is used up.
    pub const fn take(&mut self) -> Option<u32> {
        let Some(left) = self.left.checked_sub(1) else { return None };
        let number = self.next;
        self.left = left;
        self.next = number.saturating_add(1);
        Some(number)
    }

    /// Returns how many numbers are left in the block.
    pub const fn left(&self) -> u32 {
        self.left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_and_never_begin_again() {
        let mut last = FrameNumbers::from_reserved(u32::MAX - 2, 100);
        assert_eq!(last.left(), 2);
        assert_eq!([last.take(), last.take()], [Some(u32::MAX - 2), Some(u32::MAX - 1)]);
        assert_eq!([last.take(), last.take()], [None, None]);
        assert_eq!(FrameNumbers::from_reserved(u32::MAX, 9).take(), None);
    }
}
