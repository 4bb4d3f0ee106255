//! Any bytes as what a flash holds.

use embedded_storage::nor_flash::ReadNorFlash;
use sundew_core::Region;
use sundew_queue::{Cursor, Error, Priority, Queue, Stamp, WhenFull};
use sundew_store::log::NorLog;
use sundew_testkit::SimFlash;

use crate::harness::Broken;
use crate::{mutant, policy};

const SIZE: usize = 512;
const PAGE: usize = 128;

type Flash = SimFlash<SIZE, PAGE, 4>;
type Log = Broken<NorLog>;

/// Opens a queue on an image of any bytes, or on one of its own with any bytes changed, and uses
/// it.
///
/// # Panics
///
/// Panics where a call needs more than it may, or where the queue does not work afterwards.
pub fn image(input: &[u8]) {
    let [choice, records, damage @ ..] = input else { return };
    let mut image = [0xFF; SIZE];
    if *records == 0 {
        image.iter_mut().zip(damage).for_each(|(byte, any)| *byte = *any);
    } else {
        image = own(*records, *choice);
        for patch in damage.chunks_exact(3) {
            let at = usize::from(u16::from_le_bytes([patch[0], patch[1]]));
            image[at % SIZE] = patch[2];
        }
    }
    use_it(Flash::from_image(&image), policy(*choice));
}

/// Returns what a queue leaves behind that recorded so many, and acknowledged some of them.
fn own(records: u8, choice: u8) -> [u8; SIZE] {
    let mut flash = Flash::new();
    let mut queue = queue(WhenFull::DropOldest);
    queue.open(&mut flash, 1).expect("a blank flash is a log");
    let priorities = [Priority::Normal, Priority::Low, Priority::High];
    for number in 0..records {
        let priority = priorities[usize::from(number / (1 + choice % 8)) % 3];
        queue.record(&mut flash, stamp(), priority, &[number; 14]).ok();
        if number % 16 == choice / 16 {
            let mut buffer = [0; 64];
            let oldest = queue.peek(&mut flash, &mut Cursor::default(), &mut buffer);
            let oldest = oldest.expect("reading works").expect("one was recorded").mark;
            queue.ack(&mut flash, oldest).ok();
        }
    }
    *flash.image()
}

fn use_it(mut flash: Flash, when_full: WhenFull) {
    let mut queue = queue(when_full);
    let reads = flash.counters().reads;
    queue.open(&mut flash, 2).expect("any bytes can be opened");
    // A chunk at a time, each byte at most twice, and each page's header twice more.
    let limit = (2 * SIZE.div_ceil(4) + 2 * SIZE / PAGE) as u32;
    assert!(flash.counters().reads - reads <= limit, "opening reads without end");
    assert_eq!(flash.counters().erases, 0, "opening erases");

    let mut waiting = read(&mut flash, &mut queue);
    for round in 0..40_u8 {
        let erases = flash.counters().erases;
        match queue.record(&mut flash, stamp(), Priority::High, &[round; 12]) {
            Ok(_) => waiting += 1,
            // A page that turns out to be damaged is left, and the next call goes on elsewhere.
            Err(Error::Full | Error::Flash(_) | Error::Corrupt) => {}
            Err(error) => panic!("{error:?}"),
        }
        assert!(flash.counters().erases - erases <= 1, "recording erases more than a page");
        if round % 8 == 7 {
            drain(&mut flash, &mut queue);
            waiting = 0;
        }
    }
    assert_eq!(waiting, 0);
    assert!(queue.is_empty(), "it never gets empty");
    for number in 0..3 {
        let stored = queue.record(&mut flash, stamp(), Priority::Low, &[number; 20]);
        assert!(stored.is_ok(), "an empty queue takes nothing: {stored:?}");
    }
    assert_eq!(queue.count(&mut flash), Ok(3));
    flash.read(0, &mut [0; SIZE]).expect("the simulation has power");
}

fn drain(flash: &mut Flash, queue: &mut Queue<Log>) {
    // Once for each line, and where a page must be found for it once more.
    for _ in 0..8 {
        let (mut cursor, mut last) = (Cursor::default(), None);
        while let Some(record) = queue.peek(flash, &mut cursor, &mut [0; 255]).expect("it reads") {
            last = Some(record.mark);
        }
        let Some(mark) = last else { return };
        let erases = flash.counters().erases;
        match queue.ack(flash, mark) {
            Ok(()) | Err(Error::Full | Error::Flash(_) | Error::Corrupt) => {}
            Err(error) => panic!("{error:?}"),
        }
        assert!(flash.counters().erases - erases <= 1, "an ack erases more than a page");
    }
    panic!("acks do not empty it");
}

fn read(flash: &mut Flash, queue: &mut Queue<Log>) -> usize {
    let (mut cursor, mut count) = (Cursor::default(), 0);
    while queue.peek(flash, &mut cursor, &mut [0; 255]).expect("it reads").is_some() {
        count += 1;
        assert!(count <= SIZE / 16, "more records than there is room for");
    }
    count
}

fn queue(when_full: WhenFull) -> Queue<Log> {
    let log = NorLog::new(Region::new(0, SIZE as u32));
    Queue::new(Broken { log, mutant }, when_full)
}

fn stamp() -> Stamp {
    Stamp::Unix(1_760_000_000)
}
