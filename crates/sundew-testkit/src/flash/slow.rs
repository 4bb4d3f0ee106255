//! Flash that takes its time, so that futures can be dropped while they wait for it.

use core::future::poll_fn;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use super::{FlashError, SimFlash};
use crate::Torn;
use embedded_storage::nor_flash::ErrorType;
use embedded_storage_async::nor_flash::{NorFlash, ReadNorFlash};

/// Makes the async calls of a [`SimFlash`] wait, as those of a driver with interrupts do: once
/// before they have an effect, and once when they are done and nobody knows yet.
///
/// A write or erase that is dropped at the first leaves what a driver leaves that breaks off: half
/// of its steps are done and the next one is torn, though there is power all the time. With
/// [`poll_at_most`] all moments can be visited:
///
/// ```
/// use embedded_storage_async::nor_flash::NorFlash;
/// use sundew_testkit::{SimFlash, Slow, Torn, poll_at_most};
///
/// for polls in 1.. {
///     let mut flash = SimFlash::<1024, 256, 4>::new();
///     let mut slow = Slow::new(&mut flash, Torn::FirstHalf);
///     let written = poll_at_most(polls, slow.write(0, b"sundew.."));
///     let expected = if polls == 1 { b"sundew\xFF\xFF" } else { b"sundew.." };
///     assert_eq!(&flash.image()[..8], expected, "after {polls}");
///     if written.is_some() {
///         break;
///     }
/// }
/// ```
pub struct Slow<'f, const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize = 1>
{
    flash: &'f mut SimFlash<SIZE, PAGE, WORD, READ>,
    torn: Torn,
}

/// Polls a future so many times and drops it; returns what it came to, if it did.
pub fn poll_at_most<T>(times: u32, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..times {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
    }
    None
}

impl<'f, const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
    Slow<'f, SIZE, PAGE, WORD, READ>
{
    /// Slows down a flash; `torn` says what becomes of the step in which a call is dropped.
    pub const fn new(flash: &'f mut SimFlash<SIZE, PAGE, WORD, READ>, torn: Torn) -> Self {
        Self { flash, torn }
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> ErrorType
    for Slow<'_, SIZE, PAGE, WORD, READ>
{
    type Error = FlashError;
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> ReadNorFlash
    for Slow<'_, SIZE, PAGE, WORD, READ>
{
    const READ_SIZE: usize = READ;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        wait_once().await;
        let read = self.flash.read_bytes(offset, bytes);
        wait_once().await;
        read
    }

    fn capacity(&self) -> usize {
        SIZE
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> NorFlash
    for Slow<'_, SIZE, PAGE, WORD, READ>
{
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        let mut begun = Begun { slow: self, change: Some(Change::Erase(from, to)) };
        wait_once().await;
        let erased = begun.finish();
        wait_once().await;
        erased
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        let mut begun = Begun { slow: self, change: Some(Change::Write(offset, bytes)) };
        wait_once().await;
        let written = begun.finish();
        wait_once().await;
        written
    }
}

async fn wait_once() {
    let mut has_waited = false;
    poll_fn(|context| {
        if has_waited {
            return Poll::Ready(());
        }
        has_waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[derive(Clone, Copy)]
enum Change<'b> {
    Write(u32, &'b [u8]),
    Erase(u32, u32),
}

/// Is a change that was begun; `None` when it is through.
struct Begun<'s, 'f, 'b, const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
{
    slow: &'s mut Slow<'f, SIZE, PAGE, WORD, READ>,
    change: Option<Change<'b>>,
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
    Begun<'_, '_, '_, SIZE, PAGE, WORD, READ>
{
    fn finish(&mut self) -> Result<(), FlashError> {
        match self.change.take() {
            Some(Change::Write(offset, bytes)) => self.slow.flash.write_bytes(offset, bytes),
            Some(Change::Erase(from, to)) => self.slow.flash.erase_range(from, to),
            None => Ok(()),
        }
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> Drop
    for Begun<'_, '_, '_, SIZE, PAGE, WORD, READ>
{
    fn drop(&mut self) {
        let steps = match self.change {
            Some(Change::Write(_, bytes)) => bytes.len() / WORD,
            Some(Change::Erase(from, to)) => (to.saturating_sub(from) as usize) / PAGE,
            None => return,
        };
        self.slow.flash.cut_after(steps as u32 / 2, self.slow.torn);
        let _ = self.finish();
        self.slow.flash.power_on();
    }
}
