//! A byte stream with two ends, which can be cut and stalled at a byte of the test's choosing.

mod pipe;

use embedded_io::{Error, ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};
use pipe::Pipe;

/// Names one end of a [`SimLink`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a stream has two ends")]
pub enum Side {
    /// Names the end that the device holds.
    Near,
    /// Names the end that its peer holds.
    Far,
}

/// Says why a call on an end of a [`SimLink`] failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkError {
    /// Reports that the link is cut.
    Cut,
    /// Reports that a blocking call would wait, which in one thread is for ever.
    WouldBlock,
}

impl core::fmt::Display for LinkError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Cut => "link cut",
            Self::WouldBlock => "call would block",
        })
    }
}

impl core::error::Error for LinkError {}

impl Error for LinkError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Cut => ErrorKind::ConnectionReset,
            Self::WouldBlock => ErrorKind::TimedOut,
        }
    }
}

/// Simulates a byte stream that holds up to `N` bytes on the way in each direction.
///
/// Both ends implement the traits of `embedded-io`. A blocking call that would have to wait
/// returns [`LinkError::WouldBlock`], since nobody else runs who could end the wait; code that asks
/// `read_ready` and `write_ready` first never sees it. With feature `async` the ends implement
/// `embedded-io-async` too, and there waiting is real.
///
/// ```
/// use embedded_io::{Read, ReadReady, Write};
/// use sundew_testkit::{LinkError, Side, SimLink};
///
/// let link = SimLink::<64>::new();
/// let (mut device, mut broker) = (link.near(), link.far());
/// device.write_all(b"hello").unwrap();
///
/// link.stall_after(Side::Near, 2); // the third byte hangs
/// let mut bytes = [0; 8];
/// assert_eq!(broker.read(&mut bytes), Ok(2));
/// assert_eq!(broker.read_ready(), Ok(false));
/// link.resume(Side::Near);
/// assert_eq!(broker.read(&mut bytes), Ok(3));
///
/// link.cut();
/// assert_eq!(device.write(b"?"), Err(LinkError::Cut));
/// ```
pub struct SimLink<const N: usize> {
    from_near: Pipe<N>,
    from_far: Pipe<N>,
}

impl<const N: usize> Default for SimLink<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> SimLink<N> {
    /// Simulates a link that is up and empty.
    pub const fn new() -> Self {
        Self { from_near: Pipe::new(), from_far: Pipe::new() }
    }

    /// Returns the device's end.
    pub const fn near(&self) -> SimEnd<'_, N> {
        SimEnd { link: self, side: Side::Near }
    }

    /// Returns the peer's end.
    pub const fn far(&self) -> SimEnd<'_, N> {
        SimEnd { link: self, side: Side::Far }
    }

    /// Cuts the link now; what is on the way is lost.
    pub fn cut(&self) {
        for pipe in [&self.from_near, &self.from_far] {
            pipe.clear();
            pipe.cut();
        }
    }

    /// Cuts the link once `side` has sent `bytes` more; those still arrive, nothing else does.
    pub fn cut_after(&self, side: Side, bytes: usize) {
        self.pipe(side).cut_after(bytes);
        self.share_cut();
    }

    /// Makes a fresh, empty link of it, as a new connection is.
    pub fn restore(&self) {
        self.from_near.restore();
        self.from_far.restore();
    }

    /// Lets `bytes` more bytes from `side` arrive and holds back what follows.
    ///
    /// Called again and again, it is a slow link at the speed of the test's choosing.
    pub fn stall_after(&self, side: Side, bytes: usize) {
        self.pipe(side).stall_after(bytes);
    }

    /// Ends a stall.
    pub fn resume(&self, side: Side) {
        self.pipe(side).resume();
    }

    /// Lets each call that reads from or writes to `side`'s stream move at most `bytes` bytes.
    pub fn limit_chunks(&self, side: Side, bytes: usize) {
        self.pipe(side).limit_chunks(bytes);
    }

    /// Ends the stream from `side`: its peer reads what is on the way and then the end of file.
    pub fn close(&self, side: Side) {
        self.pipe(side).close();
    }

    /// Returns how many bytes from `side` are on the way.
    pub fn in_flight(&self, side: Side) -> usize {
        self.pipe(side).len()
    }

    /// Returns how many bytes `side` has sent since the link was made or restored.
    pub fn sent(&self, side: Side) -> usize {
        self.pipe(side).sent()
    }

    const fn pipe(&self, side: Side) -> &Pipe<N> {
        match side {
            Side::Near => &self.from_near,
            Side::Far => &self.from_far,
        }
    }

    fn share_cut(&self) {
        if self.from_near.is_cut() || self.from_far.is_cut() {
            self.from_near.cut();
            self.from_far.cut();
        }
    }
}

/// Is one end of a [`SimLink`]; copies of it are the same end.
#[derive(Clone, Copy)]
pub struct SimEnd<'l, const N: usize> {
    link: &'l SimLink<N>,
    side: Side,
}

impl<'l, const N: usize> SimEnd<'l, N> {
    const fn incoming(self) -> &'l Pipe<N> {
        match self.side {
            Side::Near => &self.link.from_far,
            Side::Far => &self.link.from_near,
        }
    }

    const fn outgoing(self) -> &'l Pipe<N> {
        self.link.pipe(self.side)
    }

    fn take(self, bytes: &mut [u8]) -> Result<usize, LinkError> {
        self.incoming().read(bytes)
    }

    fn give(self, bytes: &[u8]) -> Result<usize, LinkError> {
        let result = self.outgoing().write(bytes);
        self.link.share_cut();
        result
    }
}

impl<const N: usize> ErrorType for SimEnd<'_, N> {
    type Error = LinkError;
}

impl<const N: usize> Read for SimEnd<'_, N> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, LinkError> {
        self.take(bytes)
    }
}

impl<const N: usize> ReadReady for SimEnd<'_, N> {
    fn read_ready(&mut self) -> Result<bool, LinkError> {
        Ok(self.incoming().is_readable())
    }
}

impl<const N: usize> Write for SimEnd<'_, N> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, LinkError> {
        self.give(bytes)
    }

    fn flush(&mut self) -> Result<(), LinkError> {
        if self.outgoing().is_cut() { Err(LinkError::Cut) } else { Ok(()) }
    }
}

impl<const N: usize> WriteReady for SimEnd<'_, N> {
    fn write_ready(&mut self) -> Result<bool, LinkError> {
        Ok(self.outgoing().is_writable())
    }
}

#[cfg(feature = "async")]
mod asynch {
    use super::{LinkError, SimEnd};
    use core::future::poll_fn;
    use core::task::Poll;
    use embedded_io_async::{Read, Write};

    impl<const N: usize> Read for SimEnd<'_, N> {
        async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, LinkError> {
            poll_fn(|context| match self.take(bytes) {
                Err(LinkError::WouldBlock) => {
                    self.incoming().wake_reader_by(context.waker());
                    Poll::Pending
                }
                done => Poll::Ready(done),
            })
            .await
        }
    }

    impl<const N: usize> Write for SimEnd<'_, N> {
        async fn write(&mut self, bytes: &[u8]) -> Result<usize, LinkError> {
            poll_fn(|context| match self.give(bytes) {
                Err(LinkError::WouldBlock) => {
                    self.outgoing().wake_writer_by(context.waker());
                    Poll::Pending
                }
                done => Poll::Ready(done),
            })
            .await
        }

        async fn flush(&mut self) -> Result<(), LinkError> {
            embedded_io::Write::flush(self)
        }
    }
}
