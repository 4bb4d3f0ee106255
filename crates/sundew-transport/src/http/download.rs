//! A download over a session: a [`Get`], a stream and two buffers.

use super::{DownloadError, Event, Get, Head, Request, RequestError};
use crate::mqtt::Stream;
#[cfg(feature = "async")]
use crate::mqtt::StreamAsync;

/// Fetches one range over a session.
///
/// Nothing here knows the time: whoever polls gives up when nothing has come for as long as they wait, and
/// asks again from the byte behind the last that is safe.
///
/// *Blocking time:* a poll reads once, and only while the stream is ready; writing takes as long as the
/// stream takes to accept the request.
///
/// *Cancel safety:* the async `poll` is cancel safe where the stream's `read`, `write` and `flush` are.
///
/// *RAM:* 224 bytes on a 32-bit part, the stream and the [`Buffers`].
#[derive(Debug)]
pub struct Download<'a, S> {
    stream: S,
    get: Get<'a>,
    data: &'a mut [u8],
    /// Counts the bytes of the request in `data`, and those that are out.
    staged: usize,
    sent: usize,
    unflushed: Pending,
    /// Says which bytes of `data` were read and not handed on.
    from: usize,
    to: usize,
    /// Counts the bytes of the body that were handed on.
    position: u32,
}

/// Lends a download its memory.
#[derive(Debug)]
pub struct Buffers<'a> {
    /// Holds a header line: 128 bytes.
    pub line: &'a mut [u8],
    /// Holds the request and then what comes; what is read at once is at most as much.
    pub data: &'a mut [u8],
}

/// Says what a poll of a [`Download`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'b> {
    /// Has nothing yet.
    Waiting,
    /// Knows what comes.
    Head(Head),
    /// Brings some of the body.
    Body {
        /// Holds where the bytes belong in the file.
        at: u32,
        /// Holds the bytes, at least one.
        bytes: &'b [u8],
    },
    /// Has brought everything.
    Done,
}

impl<'a, S> Download<'a, S> {
    /// Begins to send a request.
    ///
    /// # Errors
    ///
    /// Returns [`RequestError::NoRoom`] where the buffer for data has no room for the request.
    pub fn new(
        request: &Request<'_>,
        stream: S,
        buffers: Buffers<'a>,
    ) -> Result<Self, RequestError> {
        let Buffers { line, data } = buffers;
        let staged = request.write(data)?;
        let get = Get::new(request, line);
        let position = request.start;
        let (sent, from, to) = (0, 0, 0);
        Ok(Self { stream, get, data, staged, sent, unflushed: Pending::No, from, to, position })
    }

    /// Returns the stream, for the next request where [`Head::keeps_open`] says so.
    pub fn into_stream(self) -> S {
        self.stream
    }

    /// Takes the next part out of what was read.
    fn next(&mut self) -> Result<Next, super::Error> {
        while self.from < self.to {
            let input = self.data.get(self.from..self.to).unwrap_or_default();
            let received = self.get.receive(input)?;
            self.from += received.consumed;
            match received.event {
                Some(Event::Head(head)) => return Ok(Next::Head(head)),
                Some(Event::Body(bytes)) => return Ok(Next::Body(bytes.len())),
                None => {}
            }
        }
        Ok(if self.get.is_done() { Next::Done } else { Next::More })
    }

    fn progress(&mut self, next: &Next) -> Progress<'_> {
        match *next {
            Next::Head(head) => Progress::Head(head),
            Next::Body(length) => {
                let at = self.position;
                self.position = self.position.wrapping_add(length as u32);
                let from = self.from.saturating_sub(length);
                Progress::Body { at, bytes: self.data.get(from..self.from).unwrap_or_default() }
            }
            Next::Done => Progress::Done,
            Next::More => Progress::Waiting,
        }
    }
}

impl<S: Stream> Download<'_, S> {
    /// Sends what is left of the request, and takes the next part of the answer; never waits for the
    /// server.
    ///
    /// # Errors
    ///
    /// Returns [`DownloadError`] where the session broke or the answer is not taken.
    pub fn poll(&mut self) -> Result<Progress<'_>, DownloadError<S::Error>> {
        let next = drive(self)?;
        Ok(self.progress(&next))
    }
}

#[cfg(feature = "async")]
impl<S: StreamAsync> Download<'_, S> {
    /// Does the same, and waits for the server.
    ///
    /// # Errors
    ///
    /// Returns [`DownloadError`] where the session broke or the answer is not taken.
    pub async fn poll_async(&mut self) -> Result<Progress<'_>, DownloadError<S::Error>> {
        let next = drive_async(self).await?;
        Ok(self.progress(&next))
    }
}

const NEVER_WAITS: bool = false;
#[cfg(feature = "async")]
const MAY_WAIT: bool = true;

/// Sends what is left of the request, and reads once where nothing is left of the last read.
#[maybe_async_cfg::maybe(
    idents(
        Stream(sync = "Stream", async = "StreamAsync"),
        WAITS(sync = "NEVER_WAITS", async = "MAY_WAIT"),
    ),
    sync(self = "drive"),
    async(self = "drive_async", feature = "async")
)]
async fn drive<S: Stream>(download: &mut Download<'_, S>) -> Result<Next, DownloadError<S::Error>> {
    while let Some(rest @ [_, ..]) = download.data.get(download.sent..download.staged) {
        let written = download.stream.write(rest).await.map_err(DownloadError::Transport)?;
        if written == 0 {
            return Err(DownloadError::Closed);
        }
        download.sent += written;
        download.unflushed = Pending::Yes;
    }
    if download.unflushed == Pending::Yes {
        download.stream.flush().await.map_err(DownloadError::Transport)?;
        download.unflushed = Pending::No;
    }
    // From here on the buffer is for what comes.
    (download.sent, download.staged) = (0, 0);
    match download.next()? {
        Next::More => {}
        next => return Ok(next),
    }
    if !WAITS && !download.stream.ready().map_err(DownloadError::Transport)? {
        return Ok(Next::More);
    }
    let read = download.stream.read(download.data).await.map_err(DownloadError::Transport)?;
    if read == 0 {
        return Err(DownloadError::Closed);
    }
    (download.from, download.to) = (0, read.min(download.data.len()));
    Ok(download.next()?)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pending {
    No,
    Yes,
}

/// Says what was in the bytes that were read.
enum Next {
    Head(Head),
    Body(usize),
    Done,
    More,
}
