//! One direction of a link: a ring of bytes, and what is to happen to them.

use super::LinkError;
use core::cell::Cell;
use core::task::Waker;

pub(super) struct Pipe<const N: usize> {
    ring: [Cell<u8>; N],
    first: Cell<usize>,
    len: Cell<usize>,
    sent: Cell<usize>,
    // Bytes that may still arrive, be sent, or move in one call; usize::MAX is no limit.
    may_arrive: Cell<usize>,
    may_be_sent: Cell<usize>,
    chunk: Cell<usize>,
    closed: Cell<bool>,
    cut: Cell<bool>,
    reader: Cell<Option<Waker>>,
    writer: Cell<Option<Waker>>,
}

impl<const N: usize> Pipe<N> {
    const CAPACITY: () = assert!(N > 0, "a link must hold a byte");

    pub(super) const fn new() -> Self {
        let () = Self::CAPACITY;
        Self {
            ring: [const { Cell::new(0) }; N],
            first: Cell::new(0),
            len: Cell::new(0),
            sent: Cell::new(0),
            may_arrive: Cell::new(usize::MAX),
            may_be_sent: Cell::new(usize::MAX),
            chunk: Cell::new(usize::MAX),
            closed: Cell::new(false),
            cut: Cell::new(false),
            reader: Cell::new(None),
            writer: Cell::new(None),
        }
    }

    pub(super) fn read(&self, bytes: &mut [u8]) -> Result<usize, LinkError> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let ready = self.len.get().min(self.may_arrive.get());
        if ready == 0 {
            return match (self.cut.get(), self.closed.get() && self.len.get() == 0) {
                (true, _) => Err(LinkError::Cut),
                (false, true) => Ok(0),
                (false, false) => Err(LinkError::WouldBlock),
            };
        }
        let count = ready.min(bytes.len()).min(self.chunk.get());
        let first = self.first.get();
        for (byte, cell) in bytes.iter_mut().zip(self.ring.iter().cycle().skip(first).take(count)) {
            *byte = cell.get();
        }
        self.first.set((first + count) % N);
        self.len.set(self.len.get() - count);
        spend(&self.may_arrive, count);
        wake(&self.writer);
        Ok(count)
    }

    pub(super) fn write(&self, bytes: &[u8]) -> Result<usize, LinkError> {
        if self.cut.get() || self.closed.get() {
            return Err(LinkError::Cut);
        }
        let (first, len) = (self.first.get(), self.len.get());
        let room = (N - len).min(self.may_be_sent.get());
        if room == 0 && !bytes.is_empty() {
            return Err(LinkError::WouldBlock);
        }
        let count = room.min(bytes.len()).min(self.chunk.get());
        let free = self.ring.iter().cycle().skip(first + len);
        for (byte, cell) in bytes.iter().zip(free.take(count)) {
            cell.set(*byte);
        }
        self.len.set(len + count);
        self.sent.set(self.sent.get() + count);
        spend(&self.may_be_sent, count);
        if self.may_be_sent.get() == 0 {
            self.cut();
        }
        wake(&self.reader);
        Ok(count)
    }

    pub(super) fn is_readable(&self) -> bool {
        let over = self.cut.get() || self.closed.get() && self.len.get() == 0;
        over || self.len.get().min(self.may_arrive.get()) > 0
    }

    pub(super) fn is_writable(&self) -> bool {
        self.cut.get() || self.closed.get() || self.len.get() < N
    }

    pub(super) fn len(&self) -> usize {
        self.len.get()
    }

    pub(super) fn sent(&self) -> usize {
        self.sent.get()
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut.get()
    }

    pub(super) fn clear(&self) {
        self.len.set(0);
    }

    pub(super) fn cut(&self) {
        self.cut.set(true);
        self.wake_both();
    }

    pub(super) fn cut_after(&self, bytes: usize) {
        self.may_be_sent.set(bytes);
        if bytes == 0 {
            self.cut();
        }
    }

    pub(super) fn restore(&self) {
        self.clear();
        self.sent.set(0);
        self.may_arrive.set(usize::MAX);
        self.may_be_sent.set(usize::MAX);
        self.chunk.set(usize::MAX);
        self.closed.set(false);
        self.cut.set(false);
        self.wake_both();
    }

    pub(super) fn stall_after(&self, bytes: usize) {
        self.may_arrive.set(bytes);
        self.wake_both();
    }

    pub(super) fn resume(&self) {
        self.stall_after(usize::MAX);
    }

    pub(super) fn limit_chunks(&self, bytes: usize) {
        // A call that moves nothing would look like the end of the stream.
        self.chunk.set(bytes.max(1));
    }

    pub(super) fn close(&self) {
        self.closed.set(true);
        self.wake_both();
    }

    #[cfg(feature = "async")]
    pub(super) fn wake_reader_by(&self, waker: &Waker) {
        self.reader.set(Some(waker.clone()));
    }

    #[cfg(feature = "async")]
    pub(super) fn wake_writer_by(&self, waker: &Waker) {
        self.writer.set(Some(waker.clone()));
    }

    fn wake_both(&self) {
        wake(&self.reader);
        wake(&self.writer);
    }
}

fn spend(budget: &Cell<usize>, count: usize) {
    let left = budget.get();
    if left != usize::MAX {
        budget.set(left.saturating_sub(count));
    }
}

fn wake(waiting: &Cell<Option<Waker>>) {
    if let Some(waker) = waiting.take() {
        waker.wake();
    }
}
