//! The items on flash, through `sequential-storage`.

use crate::Error;
use crate::bridge::{Immediate, Reins, finish_storage};
use embedded_storage::nor_flash::{MultiwriteNorFlash, NorFlash};
use sequential_storage::cache::{Cache, Uncached};
use sequential_storage::queue::{QueueConfig, QueueStorage};
use sundew_core::Region;

type Storage<'f, F> = QueueStorage<Immediate<'f, F>, Cache<Uncached, Uncached, Uncached>>;

/// Says how a walk goes on after an item.
pub(super) enum Step {
    Keep,
    Remove,
    Stop,
}

/// Says whether a push may erase the oldest page with what is on it.
#[derive(Clone, Copy)]
pub(super) enum Room {
    Free,
    Taken,
}

fn open<'f, F: NorFlash>(
    flash: &'f mut F,
    region: Region,
    reins: &'f Reins,
) -> Result<Storage<'f, F>, Error<F::Error>> {
    let immediate = Immediate::new(flash, region, reins)?;
    let config = QueueConfig::try_new(0..region.len()).map_err(|_| Error::Region)?;
    Ok(QueueStorage::new(immediate, config, Cache::new_uncached()))
}

/// Appends an item, durably.
#[inline(never)]
pub(super) fn push<F: NorFlash>(
    flash: &mut F,
    region: Region,
    item: &[u8],
    room: Room,
) -> Result<(), Error<F::Error>> {
    let reins = Reins::new(u8::MAX);
    let mut storage = open(flash, region, &reins)?;
    finish_storage(storage.push(item, matches!(room, Room::Taken)))
}

/// Walks over the readable items, oldest first, and returns how many were passed that claim more
/// than `longest` bytes.
///
/// Such headers are made up by damage: a length is guarded by 16 bits, which one word of noise in
/// 65,536 passes. The storage would stop there for ever; here the header is shown to it as zeros,
/// so that it looks for the next one.
///
/// `each` is a trait object since there are several walks, and one copy of the storage's futures
/// is a kilobyte.
#[inline(never)]
pub(super) fn walk<F: MultiwriteNorFlash>(
    flash: &mut F,
    region: Region,
    reins: &Reins,
    buffer: &mut [u8],
    longest: usize,
    each: &mut dyn FnMut(&mut [u8]) -> Step,
) -> Result<u32, Error<F::Error>> {
    let mut storage = open(flash, region, reins)?;
    let mut items = finish_storage(storage.iter())?;
    let mut fakes = 0;
    loop {
        match finish_storage(items.next(buffer)) {
            Ok(None) => return Ok(fakes),
            Ok(Some(mut item)) => match each(&mut item) {
                Step::Keep => {}
                Step::Remove => {
                    finish_storage(item.pop())?;
                }
                Step::Stop => return Ok(fakes),
            },
            Err(Error::TooLong { needed }) if needed > longest => {
                reins.zero(reins.last_read());
                fakes += 1;
            }
            Err(error) => return Err(error),
        }
    }
}
