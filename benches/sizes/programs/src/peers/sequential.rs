//! `peer-queue-sequential`: the record of `queue` kept, found and released by `sequential-storage`,
//! as on a part without executor: its async calls through a loop that polls, as its README says.

use core::hint::black_box;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use embedded_storage::nor_flash::{NorFlash as _, ReadNorFlash as _};
use embedded_storage_async::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};
use sequential_storage::cache::{Cache, Uncached};
use sequential_storage::queue::{QueueConfig, QueueStorage};

use crate::bench::{Flash, Outside};

/// The whole of the model's flash.
const REGION: core::ops::Range<u32> = 0..512;

/// The flash of the bench with the traits of an executor.
struct Awaited<'f>(&'f mut Flash);

impl ErrorType for Awaited<'_> {
    type Error = Outside;
}

impl ReadNorFlash for Awaited<'_> {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Outside> {
        self.0.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl NorFlash for Awaited<'_> {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 256;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Outside> {
        self.0.erase(from, to)
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Outside> {
        self.0.write(offset, bytes)
    }
}

impl MultiwriteNorFlash for Awaited<'_> {}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

/// Ten bytes that name and date the record, as ours has, and twelve of payload.
#[inline(never)]
pub(crate) fn queue(flash: &mut Flash) -> bool {
    let cache: Cache<Uncached, Uncached, Uncached> = Cache::new_uncached();
    let config = QueueConfig::<Awaited<'_>>::new(REGION);
    let mut storage = QueueStorage::new(Awaited(flash), config, cache);
    if block_on(storage.push(&black_box([5; 22]), true)).is_err() {
        return false;
    }
    let mut buffer = [0; 32];
    let found = block_on(storage.peek(&mut buffer)).is_ok_and(|found| found.is_some());
    let gone = block_on(storage.pop(&mut buffer)).is_ok_and(|found| found.is_some());
    let is_empty = block_on(storage.peek(&mut buffer)).is_ok_and(|found| found.is_none());
    found && gone && is_empty
}
