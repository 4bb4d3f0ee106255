//! `settings`: a value is saved and loaded. `queue`, `queue-eeprom`: a record is kept, found and
//! acknowledged.

use core::hint::black_box;

use sundew_core::Region;

use crate::bench::Flash;

/// As much of the model's flash as settings and EEPROM take.
#[cfg(any(feature = "settings", feature = "queue-eeprom"))]
const REGION: Region = Region::new(0, 512);
/// The whole of it: the log wants three pages at least.
#[cfg(feature = "queue")]
const WHOLE: Region = Region::new(0, if cfg!(target_arch = "avr") { 512 } else { 1_024 });

#[cfg(feature = "settings")]
#[inline(never)]
pub(crate) fn settings(flash: &mut Flash) -> bool {
    use sundew_store::{Key, Settings};

    const INTERVAL: Key = match Key::application(64) {
        Some(key) => key,
        None => unreachable!(),
    };
    let settings = Settings::new(REGION);
    let erased = settings.erase(flash).is_ok();
    let saved = settings.save(flash, INTERVAL, &black_box([0, 60])).is_ok();
    let mut value = [0; 2];
    let loaded = settings.load(flash, INTERVAL, &mut value).is_ok_and(|found| found == Some(2));
    erased && saved && loaded && value == [0, 60]
}

#[cfg(feature = "queue")]
#[inline(never)]
pub(crate) fn queue(flash: &mut Flash) -> bool {
    use sundew_queue::NorLog;
    use sundew_queue::{Cursor, Priority, Queue, Stamp, WhenFull};

    let mut queue = Queue::new(NorLog::new(WHOLE), WhenFull::DropOldest);
    if queue.open(flash, black_box(7)).is_err() {
        return false;
    }
    let stamp = Stamp::Unix(black_box(1_760_000_000));
    let Ok(position) = queue.record(flash, stamp, Priority::Normal, &black_box([5; 12])) else {
        return false;
    };
    let mut buffer = [0; 32];
    let Ok(Some(record)) = queue.peek(flash, &mut Cursor::default(), &mut buffer) else {
        return false;
    };
    let (found, mark) = (record.position, record.mark);
    queue.ack(flash, mark).is_ok() && found == position && queue.is_empty()
}

#[cfg(feature = "queue-eeprom")]
#[inline(never)]
pub(crate) fn queue_eeprom(flash: &mut Flash) -> bool {
    use sundew_queue::{Cursor, Priority, Queue, Stamp, WhenFull};
    use sundew_store::log::EepromLog;

    let mut queue = Queue::new(EepromLog::<32>::new(REGION), WhenFull::DropOldest);
    if queue.open(flash, black_box(7)).is_err() {
        return false;
    }
    let stamp = Stamp::Unix(black_box(1_760_000_000));
    let Ok(position) = queue.record(flash, stamp, Priority::Normal, &black_box([5; 12])) else {
        return false;
    };
    let (mut reader, mut buffer) = (Cursor::default(), [0; 22]);
    let Ok(Some(record)) = queue.peek(flash, &mut reader, &mut buffer) else { return false };
    let (found, mark) = (record.position, record.mark);
    found == position && queue.ack(flash, mark).is_ok() && queue.is_empty()
}
