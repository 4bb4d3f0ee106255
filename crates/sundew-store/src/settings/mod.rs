//! A small typed key-value store.

mod page;
mod store;
mod value;

pub use value::{Setting, Value};

use embedded_storage::nor_flash::NorFlash;
use sundew_core::Region;

use self::page::ITEM;
use self::store::Store;
use crate::log::nor::bank::{Area, Bank};
use crate::log::nor::page::Kind;
use crate::{Error, Partition};

/// Names one setting; the numbers are what the flash holds, so they are frozen.
///
/// Numbers below 64 belong to Sundew, the others to the application:
///
/// ```
/// use sundew_store::Key;
///
/// const OFFSET: Key = Key::application(64).unwrap();
/// assert_eq!(OFFSET.number(), 64);
/// assert!(Key::application(63).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Key(u8);

impl Key {
    /// Names how often the device has started: [`Setting::BOOT_COUNTER`].
    pub const BOOT_COUNTER: Self = Self(1);
    /// Names how often the random generator was started: [`Setting::RANDOM_COUNTER`].
    pub const RANDOM_COUNTER: Self = Self(2);
    /// Names the moment that the clock cannot be before: [`Setting::TIME_FLOOR`].
    pub const TIME_FLOOR: Self = Self(3);
    /// Names how far an update has come, in at most [`Settings::LONGEST`] bytes of `sundew-ota`.
    pub const UPDATE_PROGRESS: Self = Self(4);
    /// Names which copy of the device record counts: [`Setting::DEVICE_RECORD`].
    pub const DEVICE_RECORD: Self = Self(5);
    /// Names the first frame number that is not reserved: [`Setting::FRAME_NUMBER`].
    pub const FRAME_NUMBER: Self = Self(6);

    /// Names the interval that a command has set for a task of the node; `None` past the 16th.
    pub const fn interval(task: u8) -> Option<Self> {
        if task < 16 { Some(Self(16 + task)) } else { None }
    }

    /// Names a setting of the application; `None` below 64.
    pub const fn application(number: u8) -> Option<Self> {
        if number >= 64 { Some(Self(number)) } else { None }
    }

    /// Returns the number that the flash holds.
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// Keeps short values under [`Key`]s in one region of at least two pages.
///
/// Saving appends; the newest value of a key counts, the old one stays until then. So each save
/// costs a few words, and an erase only when a page is full. No word is ever programmed twice, so
/// it works on parts with ECC and on parts whose words can be programmed once. The newest values of
/// all keys must fit into one page; the pages take turns, so that all of them wear alike.
///
/// A save that was cut has happened or not: its value may even be there at one start and gone at
/// the next, until the key is saved again. What a save that returned has stored is never older
/// later.
///
/// *RAM*: nothing between calls.
///
/// *Blocking time*: a load reads the header of each page and one page twice. A save reads as much,
/// writes the value and reads it back; where the page is full it erases one page and copies the
/// newest values, each of which is searched for once. A page that refuses costs one more erase.
///
/// *Cancel safety*: calls are not futures and run to their end; power may fail within any of them.
///
/// ```
/// use sundew_core::Region;
/// use sundew_store::{Setting, Settings};
/// use sundew_testkit::SimFlash;
///
/// let mut flash = SimFlash::<8192, 4096, 4>::new();
/// let settings = Settings::new(Region::new(0, 8192));
/// assert_eq!(settings.read(&mut flash, Setting::BOOT_COUNTER)?, None);
/// settings.write(&mut flash, Setting::BOOT_COUNTER, &1)?;
/// settings.write(&mut flash, Setting::BOOT_COUNTER, &2)?;
/// assert_eq!(settings.read(&mut flash, Setting::BOOT_COUNTER)?, Some(2));
/// # Ok::<(), sundew_store::Error<sundew_testkit::FlashError>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    region: Region,
    blank: u8,
}

impl Settings {
    /// Holds the length in bytes of the longest value.
    ///
    /// Short on purpose: each call has a buffer of this size on the stack.
    pub const LONGEST: usize = ITEM - 1;

    /// Keeps settings in `region`; nothing is read yet.
    pub const fn new(region: Region) -> Self {
        Self { region, blank: 0xFF }
    }

    /// Says that erased bytes read as zero, as on the STM32L0 and L1.
    #[must_use]
    pub const fn erased_to_zero(mut self) -> Self {
        self.blank = 0;
        self
    }

    /// Returns the value of a setting, or `None` where it was never saved.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Corrupt`] where what is stored is no `T`, and [`Error::Region`] where the
    /// region does not suit.
    pub fn read<F: NorFlash, T: Value>(
        &self,
        flash: &mut F,
        setting: Setting<T>,
    ) -> Result<Option<T>, Error<F::Error>> {
        let mut bytes = [0; ITEM];
        match self.find(flash, setting.key(), &mut bytes)? {
            Some(stored) => T::from_bytes(stored).map(Some).ok_or(Error::Corrupt),
            None => Ok(None),
        }
    }

    /// Saves the value of a setting; it is durable when this returns.
    ///
    /// # Errors
    ///
    /// Returns what [`save`](Self::save) returns.
    pub fn write<F: NorFlash, T: Value>(
        &self,
        flash: &mut F,
        setting: Setting<T>,
        value: &T,
    ) -> Result<(), Error<F::Error>> {
        self.save(flash, setting.key(), value.to_bytes().as_ref())
    }

    /// Reads the value of `key` into the front of `value` and returns its length in bytes, or
    /// `None` where the key was never saved.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLong`] where `value` is too short, and [`Error::Region`] where the
    /// region does not suit. Words that cannot be read hold no value.
    pub fn load<F: NorFlash>(
        &self,
        flash: &mut F,
        key: Key,
        value: &mut [u8],
    ) -> Result<Option<usize>, Error<F::Error>> {
        let mut bytes = [0; ITEM];
        let Some(stored) = self.find(flash, key, &mut bytes)? else { return Ok(None) };
        let needed = stored.len();
        let target = value.get_mut(..needed).ok_or(Error::TooLong { needed })?;
        for (byte, stored) in target.iter_mut().zip(stored) {
            *byte = *stored;
        }
        Ok(Some(needed))
    }

    /// Saves `value` under `key`; it is durable when this returns.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLong`] where the value is longer than [`LONGEST`](Self::LONGEST),
    /// [`Error::Full`] where the newest values of all keys leave no room in a page,
    /// [`Error::Region`] where the region does not suit, and [`Error::Flash`] or
    /// [`Error::Corrupt`] where no page took the value. After an error the key holds its old value
    /// or the new one.
    pub fn save<F: NorFlash>(
        &self,
        flash: &mut F,
        key: Key,
        value: &[u8],
    ) -> Result<(), Error<F::Error>> {
        if value.len() > Self::LONGEST {
            return Err(Error::TooLong { needed: value.len() });
        }
        let mut store = self.store(flash)?;
        let saved = store.save(key.0, value);
        saved.map_err(|stop| store.bank.told(stop))
    }

    /// Erases every setting, for a device that changes hands.
    ///
    /// *Blocking time*: one erase per page of the region.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Region`] or [`Error::Flash`].
    pub fn erase<F: NorFlash>(&self, flash: &mut F) -> Result<(), Error<F::Error>> {
        let mut part = Partition::new(flash, self.region)?;
        part.erase(0, self.region.len())
    }

    /// Returns the newest value of `key`.
    fn find<'b, F: NorFlash>(
        self,
        flash: &mut F,
        key: Key,
        bytes: &'b mut [u8; ITEM],
    ) -> Result<Option<&'b [u8]>, Error<F::Error>> {
        let len = self.store(flash)?.load(key.0, bytes);
        Ok(len.and_then(|len| bytes.get(1..len)))
    }

    fn store<F: NorFlash>(self, flash: &mut F) -> Result<Store<'_, F>, Error<F::Error>> {
        let area = Area { start: self.region.start(), len: self.region.len() };
        let bank = Bank::new(flash, area, Kind::Settings, self.blank);
        if !bank.suits() || bank.pages() < 2 {
            return Err(Error::Region);
        }
        Ok(Store { bank })
    }
}
