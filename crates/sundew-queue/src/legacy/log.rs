//! The items on flash, through `sequential-storage`.

use embedded_storage::nor_flash::{MultiwriteNorFlash, NorFlash};
use sequential_storage::cache::{Cache, Uncached};
use sequential_storage::queue::{QueueConfig, QueueStorage};
use sundew_core::Region;
use sundew_store::Error;
use sundew_store::bridge::{Immediate, Reins, finish_storage};

type Storage<'f, F> = QueueStorage<Immediate<'f, F>, Cache<Uncached, Uncached, Uncached>>;

/// Says how a walk goes on after an item.
pub(crate) enum Step {
    Keep,
    Remove,
    Stop,
}

/// Says whether an append may erase the oldest page with what is on it.
#[derive(Clone, Copy)]
pub(crate) enum Room {
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
pub(crate) fn append<F: NorFlash>(
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
/// `each` is a trait object since there are six walks: one copy of the storage's futures instead of
/// six saves 900 of 13,800 bytes on thumbv6m.
#[inline(never)]
pub(crate) fn walk<F: MultiwriteNorFlash>(
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
