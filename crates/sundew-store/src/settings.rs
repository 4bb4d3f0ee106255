//! A small typed key-value store.

use crate::Error;
use crate::bridge::{Immediate, Reins, finish_storage};
use embedded_storage::nor_flash::NorFlash;
use sequential_storage::cache::{Cache, Uncached};
use sequential_storage::map::{MapConfig, MapStorage};
use sundew_core::Region;

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
    /// Names how often the device has started: u16, little-endian (`sundew-identity`).
    pub const BOOT_COUNTER: Self = Self(1);
    /// Names the seed of the random generator's next start: 32 bytes (`sundew-identity`).
    pub const RANDOM_SEED: Self = Self(2);
    /// Names the moment that the clock cannot be before; kept free for `sundew-identity`.
    pub const TIME_FLOOR: Self = Self(3);
    /// Names how far an update has come; kept free for `sundew-ota`.
    pub const UPDATE_PROGRESS: Self = Self(4);

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
/// costs a few words, and an erase only when a page is full.
///
/// *RAM*: nothing between calls, about 1,100 bytes of stack within one (sum of the frames on
/// thumbv6m at opt-level z).
///
/// *Blocking time*: a load reads the newest page once, or all of them for a key that is missing. A
/// save erases at most one page, except where it mends what a power cut left: then up to three.
///
/// *Cancel safety*: calls are not futures and run to their end; power may fail within any of them.
///
/// ```
/// use sundew_core::Region;
/// use sundew_store::{Key, Settings};
/// use sundew_testkit::SimFlash;
///
/// let mut flash = SimFlash::<8192, 4096, 4>::new();
/// let settings = Settings::new(Region::new(0, 8192));
/// assert_eq!(settings.load(&mut flash, Key::BOOT_COUNTER, &mut [0; 2])?, None);
/// settings.save(&mut flash, Key::BOOT_COUNTER, &[1, 0])?;
/// settings.save(&mut flash, Key::BOOT_COUNTER, &[2, 0])?;
/// let mut value = [0; 2];
/// settings.load(&mut flash, Key::BOOT_COUNTER, &mut value)?;
/// assert_eq!(value, [2, 0]);
/// # Ok::<(), sundew_store::Error<sundew_testkit::FlashError>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    region: Region,
}

/// The longest value and its key byte; a multiple of every word size up to 32 bytes.
const ITEM: usize = 64;

impl Settings {
    /// Holds the length in bytes of the longest value.
    ///
    /// Short on purpose: the storage reads each item that it passes into one buffer on the stack.
    pub const LONGEST: usize = ITEM - 1;

    /// Keeps settings in `region`; nothing is read yet.
    pub const fn new(region: Region) -> Self {
        Self { region }
    }

    /// Reads the value of `key` into the front of `value` and returns its length in bytes, or
    /// `None` where the key was never saved.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLong`] where `value` is too short, [`Error::Corrupt`] where the region
    /// holds no store that can be mended, [`Error::Region`] where it suits no store, and
    /// [`Error::Flash`] where the driver fails.
    pub fn load<F: NorFlash>(
        &self,
        flash: &mut F,
        key: Key,
        value: &mut [u8],
    ) -> Result<Option<usize>, Error<F::Error>> {
        let mut buffer = Aligned([0; ITEM]);
        let mut fake = None;
        loop {
            let reins = reins(fake);
            let mut map = self.open(flash, &reins)?;
            match finish_storage(map.fetch_item::<&[u8]>(&mut buffer.0, &key.0)) {
                Ok(None) => return Ok(None),
                Ok(Some(found)) => {
                    let needed = found.len();
                    let target = value.get_mut(..needed).ok_or(Error::TooLong { needed })?;
                    target.copy_from_slice(found);
                    return Ok(Some(needed));
                }
                Err(error) => fake = Some(fake_header(error, &reins, fake)?),
            }
        }
    }

    /// Saves `value` under `key`; it is durable when this returns.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLong`] where the value is longer than [`LONGEST`](Self::LONGEST),
    /// [`Error::Full`] where the newest values of all keys leave no room, otherwise what
    /// [`load`](Self::load) returns. After an error the key holds its old value or the new one.
    pub fn save<F: NorFlash>(
        &self,
        flash: &mut F,
        key: Key,
        value: &[u8],
    ) -> Result<(), Error<F::Error>> {
        if value.len() > Self::LONGEST {
            return Err(Error::TooLong { needed: value.len() });
        }
        let mut buffer = Aligned([0; ITEM]);
        let mut fake = None;
        loop {
            let reins = reins(fake);
            let mut map = self.open(flash, &reins)?;
            match finish_storage(map.store_item(&mut buffer.0, &key.0, &value)) {
                Ok(()) => return Ok(()),
                Err(error) => fake = Some(fake_header(error, &reins, fake)?),
            }
        }
    }

    /// Erases every setting, for a region that cannot be mended or a device that changes hands.
    ///
    /// *Blocking time*: one erase per page of the region.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Region`] or [`Error::Flash`].
    pub fn erase<F: NorFlash>(&self, flash: &mut F) -> Result<(), Error<F::Error>> {
        let mut part = crate::Partition::new(flash, self.region)?;
        part.erase(0, self.region.len())
    }

    fn open<'f, F: NorFlash>(
        self,
        flash: &'f mut F,
        reins: &'f Reins,
    ) -> Result<Map<'f, F>, Error<F::Error>> {
        let immediate = Immediate::new(flash, self.region, reins)?;
        let config = MapConfig::try_new(0..self.region.len()).map_err(|_| Error::Region)?;
        Ok(MapStorage::new(immediate, config, Cache::new_uncached()))
    }
}

type Map<'f, F> = MapStorage<u8, Immediate<'f, F>, Cache<Uncached, Uncached, Uncached, u8>>;

/// Holds one item; some drivers take only word-aligned buffers.
#[repr(align(4))]
struct Aligned([u8; ITEM]);

fn reins(fake: Option<u32>) -> Reins {
    let reins = Reins::new(u8::MAX);
    if let Some(offset) = fake {
        reins.zero(offset);
    }
    reins
}

/// Returns where a header stands that claims more than any saved value has.
///
/// Damaged pages hold such headers by chance: their length is guarded by 16 bits only, one in
/// 65,536 words of noise passes. The storage itself would stop at it for ever. One is looked past;
/// a region with two is [`Error::Corrupt`].
fn fake_header<E>(error: Error<E>, reins: &Reins, known: Option<u32>) -> Result<u32, Error<E>> {
    match (error, known) {
        (Error::TooLong { needed }, None) if needed > ITEM => Ok(reins.last_read()),
        (Error::TooLong { .. }, _) => Err(Error::Corrupt),
        (error, _) => Err(error),
    }
}
