//! The number of this boot.

use crate::Error;
use embedded_storage::nor_flash::NorFlash;
use sundew_store::{Setting, Settings};

/// Counts this boot and returns its number; the count is durable before it is returned.
///
/// The first boot is 1, and 65,535 is followed by 0. A boot whose power fails in here may have
/// used up its number, but none is given twice. Should the newest count rot in flash, the one
/// before it comes back and one number repeats.
///
/// *Blocking time*: one load and one save, see [`Settings`].
///
/// # Errors
///
/// Returns [`Error::Storage`] where the settings cannot be read or written, and [`Error::Corrupt`]
/// where the stored count is not two bytes long.
///
/// ```
/// use sundew_core::Region;
/// use sundew_identity::next_boot;
/// use sundew_store::Settings;
/// use sundew_testkit::SimFlash;
///
/// let mut flash = SimFlash::<8192, 4096, 4>::new();
/// let settings = Settings::new(Region::new(0, 8192));
/// assert_eq!(next_boot(&mut flash, &settings), Ok(1));
/// assert_eq!(next_boot(&mut flash, &settings), Ok(2));
/// ```
pub fn next_boot<F: NorFlash>(flash: &mut F, settings: &Settings) -> Result<u16, Error<F::Error>> {
    let next = last_boot(flash, *settings)?.wrapping_add(1);
    settings.write(flash, Setting::BOOT_COUNTER, &next)?;
    Ok(next)
}

/// Returns the number that was given last, 0 where none was.
pub(crate) fn last_boot<F: NorFlash>(
    flash: &mut F,
    settings: Settings,
) -> Result<u16, Error<F::Error>> {
    match settings.read(flash, Setting::BOOT_COUNTER) {
        Ok(stored) => Ok(stored.unwrap_or(0)),
        Err(sundew_store::Error::Corrupt) => Err(Error::Corrupt),
        Err(error) => Err(error.into()),
    }
}
