//! What a record asks of the flash: ours and `sequential-storage`, on a flash that counts.

use std::convert::Infallible;
use std::fmt::Write;
use std::pin::pin;
use std::task::{Context as Waiting, Poll, Waker};
use std::thread;

use embedded_storage::nor_flash as blocking;
use embedded_storage_async::nor_flash as awaited;
use sequential_storage::cache::page_pointers::ArrayPagePointers;
use sequential_storage::cache::page_states::ArrayPageStates;
use sequential_storage::cache::{Cache, CacheImpl, Uncached};
use sequential_storage::queue::{QueueConfig, QueueStorage};
use sundew_core::Region;
use sundew_queue::{Cursor, Priority, Queue, Stamp, WhenFull};
use sundew_store::log::NorLog;

use super::table::grouped;
use crate::failure::{Context, Failure};

const PAGE: usize = 4_096;
const PAGES: usize = 16;
const SIZE: u32 = (PAGE * PAGES) as u32;
/// What the application stores; ten bytes that name and date it come on top, here and there.
const PAYLOAD: usize = 22;
/// How many records are written and released for the table.
const RECORDS: u32 = 1_000_000;
/// How many wait when a restart is measured.
const BACKLOG: u32 = 1_000;

/// Runs all of them, each in a thread, and returns the table.
///
/// # Errors
/// A queue fails, or a record is not found.
pub(super) fn markdown() -> Result<String, Failure> {
    let names = [
        "sundew-queue on its log for NOR flash",
        "sequential-storage 8, no cache",
        "sequential-storage 8, pages cached",
    ];
    let rows = thread::scope(|scope| {
        let runs = [
            scope.spawn(rows::<Ours>),
            scope.spawn(rows::<Peer<Cache<Uncached, Uncached, Uncached>>>),
            scope.spawn(rows::<Peer<Cache<States, Pointers, Uncached>>>),
        ];
        runs.map(|run| run.join().ok().flatten())
    });
    let mut table = String::from(
        "| queue | released | words | of them a second time | bytes read | erases | most / mean \
         erases of a page | oldest record after a restart | a record stored after a restart |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for (name, rows) in names.iter().zip(rows) {
        for row in rows.context(|| format!("{name} failed"))? {
            // Writing to a String cannot fail.
            let _ = writeln!(table, "| {name} {row}");
        }
    }
    Ok(table)
}

type States = ArrayPageStates<PAGES>;
type Pointers = ArrayPagePointers<PAGES>;

/// A queue under test. It owns the flash.
trait Subject: Sized {
    fn open(flash: Counted) -> Option<Self>;

    fn push(&mut self, payload: &[u8; PAYLOAD]) -> Option<()>;

    /// Reads the oldest `count` records, checks them, and lets go of them.
    fn take(&mut self, count: u32) -> Option<()>;

    fn flash(&mut self) -> &mut Counted;
}

fn rows<S: Subject>() -> Option<Vec<String>> {
    [1, 16].into_iter().map(|batch| row::<S>(batch, RECORDS)).collect()
}

/// Measures records that are released `batch` by `batch`, and a restart.
fn row<S: Subject>(batch: u32, records: u32) -> Option<String> {
    let mut subject = S::open(Counted::new())?;
    for _ in 0..records / batch {
        for number in 0..batch {
            subject.push(&payload(number))?;
        }
        subject.take(batch)?;
    }
    let flash = subject.flash().clone();
    let per_record = |count: u64| {
        let tenths = count * 10 / u64::from(records);
        format!("{}.{}", grouped(tenths / 10), tenths % 10)
    };
    let erases: u64 = flash.erases.iter().map(|count| u64::from(*count)).sum();
    let most = flash.erases.iter().max().copied()?;

    let mut subject = S::open(Counted::new())?;
    for number in 0..BACKLOG {
        subject.push(&payload(number % batch))?;
    }
    let mut full = subject.flash().clone();
    (full.reads, full.bytes) = (0, 0);
    let mut subject = S::open(full.clone())?;
    subject.take(1)?;
    let found = subject.flash().clone();
    let mut subject = S::open(full)?;
    subject.push(&payload(0))?;
    let stored = subject.flash();
    Some(format!(
        "| {batch} at a time | {} | {} | {} | {} per 1,000 | {} / {} | {} reads, {} B | {} reads, \
         {} B |",
        per_record(flash.words),
        per_record(flash.rewrites),
        per_record(flash.bytes),
        per_record(erases * 1_000),
        grouped(most.into()),
        grouped(erases / PAGES as u64),
        grouped(found.reads),
        grouped(found.bytes),
        grouped(stored.reads),
        grouped(stored.bytes),
    ))
}

fn payload(number: u32) -> [u8; PAYLOAD] {
    [number as u8; PAYLOAD]
}

struct Ours {
    queue: Queue<NorLog>,
    flash: Counted,
}

impl Subject for Ours {
    fn open(mut flash: Counted) -> Option<Self> {
        let mut queue = Queue::new(NorLog::new(Region::new(0, SIZE)), WhenFull::RefuseNew);
        queue.open(&mut flash, 1).ok()?;
        Some(Self { queue, flash })
    }

    fn push(&mut self, payload: &[u8; PAYLOAD]) -> Option<()> {
        let stamp = Stamp::Unix(1_760_000_000);
        self.queue.record(&mut self.flash, stamp, Priority::Normal, payload).ok().map(drop)
    }

    fn take(&mut self, count: u32) -> Option<()> {
        let (mut cursor, mut buffer, mut last) = (Cursor::default(), [0; 64], None);
        for number in 0..count {
            let record = self.queue.peek(&mut self.flash, &mut cursor, &mut buffer).ok()??;
            if record.payload != payload(number) {
                return None;
            }
            last = Some(record.mark);
        }
        self.queue.ack(&mut self.flash, last?).ok()
    }

    fn flash(&mut self) -> &mut Counted {
        &mut self.flash
    }
}

struct Peer<C: CacheImpl<()>>(QueueStorage<Counted, C>);

/// Makes the cache of a kind.
trait Fresh {
    fn fresh() -> Self;
}

impl Fresh for Cache<Uncached, Uncached, Uncached> {
    fn fresh() -> Self {
        Self::new_uncached()
    }
}

impl Fresh for Cache<States, Pointers, Uncached> {
    fn fresh() -> Self {
        Self::new(States::new(), Pointers::new(), Uncached)
    }
}

impl<C: CacheImpl<()> + Fresh> Subject for Peer<C> {
    fn open(flash: Counted) -> Option<Self> {
        let config = QueueConfig::try_new(0..SIZE).ok()?;
        Some(Self(QueueStorage::new(flash, config, C::fresh())))
    }

    fn push(&mut self, payload: &[u8; PAYLOAD]) -> Option<()> {
        let mut item = [1; 10 + PAYLOAD];
        item.get_mut(10..)?.copy_from_slice(payload);
        block_on(self.0.push(&item, false)).ok()
    }

    fn take(&mut self, count: u32) -> Option<()> {
        let mut buffer = [0; 64];
        // What is in flight is read first; only what was taken is popped.
        let mut items = block_on(self.0.iter()).ok()?;
        for number in 0..count {
            let item = block_on(items.next(&mut buffer)).ok()??;
            if item.into_buf().get(10..32)? != payload(number) {
                return None;
            }
        }
        for _ in 0..count {
            block_on(self.0.pop(&mut buffer)).ok()??;
        }
        Some(())
    }

    fn flash(&mut self) -> &mut Counted {
        self.0.flash()
    }
}

/// Polls until a future is done, as firmware without an executor does.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Waiting::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

/// A flash of words of four bytes that counts, and takes any bytes as long as they clear bits.
#[derive(Clone)]
struct Counted {
    cells: Vec<u8>,
    /// How often each page was erased.
    erases: Vec<u32>,
    reads: u64,
    bytes: u64,
    words: u64,
    /// Words that were programmed again without an erase between.
    rewrites: u64,
}

impl Counted {
    fn new() -> Self {
        let cells = vec![0xFF; SIZE as usize];
        Self { cells, erases: vec![0; PAGES], reads: 0, bytes: 0, words: 0, rewrites: 0 }
    }

    fn read_at(&mut self, offset: u32, bytes: &mut [u8]) {
        self.reads += 1;
        self.bytes += bytes.len() as u64;
        if let Some(cells) = self.cells.get(offset as usize..offset as usize + bytes.len()) {
            bytes.copy_from_slice(cells);
        }
    }

    fn write_at(&mut self, offset: u32, bytes: &[u8]) {
        self.words += bytes.len() as u64 / 4;
        let words = self.cells.chunks(4).skip(offset as usize / 4).take(bytes.len() / 4);
        self.rewrites += words.filter(|word| word.iter().any(|cell| *cell != 0xFF)).count() as u64;
        for (cell, byte) in self.cells.iter_mut().skip(offset as usize).zip(bytes) {
            *cell &= byte;
        }
    }

    fn erase_at(&mut self, from: u32, to: u32) {
        for page in from as usize / PAGE..to as usize / PAGE {
            if let Some(count) = self.erases.get_mut(page) {
                *count += 1;
            }
        }
        if let Some(cells) = self.cells.get_mut(from as usize..to as usize) {
            cells.fill(0xFF);
        }
    }
}

impl blocking::ErrorType for Counted {
    type Error = Infallible;
}

impl blocking::ReadNorFlash for Counted {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.read_at(offset, bytes);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.cells.len()
    }
}

impl blocking::NorFlash for Counted {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Infallible> {
        self.erase_at(from, to);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Infallible> {
        self.write_at(offset, bytes);
        Ok(())
    }
}

impl awaited::ReadNorFlash for Counted {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.read_at(offset, bytes);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.cells.len()
    }
}

impl awaited::NorFlash for Counted {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = PAGE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Infallible> {
        self.erase_at(from, to);
        Ok(())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Infallible> {
        self.write_at(offset, bytes);
        Ok(())
    }
}

impl awaited::MultiwriteNorFlash for Counted {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_queue_gives_back_what_it_was_given() {
        for batch in [1, 16] {
            assert!(row::<Ours>(batch, 4_000).is_some());
            assert!(row::<Peer<Cache<Uncached, Uncached, Uncached>>>(batch, 4_000).is_some());
            assert!(row::<Peer<Cache<States, Pointers, Uncached>>>(batch, 4_000).is_some());
        }
    }
}
