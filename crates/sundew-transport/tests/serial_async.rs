//! The async faces of the serial link and of a download: the same bytes, and no future that may not be
//! dropped.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use embedded_io::{ErrorType, Read, ReadReady, Write};
use sundew_core::{ErrorKind, Ticks};
use sundew_identity::FrameNumbers;
use sundew_testkit::{SimEnd, SimLink};
use sundew_transport::http::{self, Download, Progress, Request};
use sundew_transport::link::{Incoming, LinkAsync, Port};
use sundew_transport::mqtt::StreamAsync;
use sundew_transport::serial::{
    Buffers, Deframer, Key, ON_THE_WIRE, Opened, Opener, SerialLink, Window,
};

/// Makes each call of a line wait for so many polls before it does anything, and passes on a byte or two.
struct Slow<'a> {
    line: SimEnd<'a, 1024>,
    polls: usize,
}

impl Slow<'_> {
    async fn wait(&self) {
        let mut left = self.polls;
        poll_fn(|_| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            Poll::Pending
        })
        .await;
    }

    async fn take(&mut self, buffer: &mut [u8]) -> usize {
        self.wait().await;
        while !self.line.read_ready().unwrap() {
            let mut yielded = false;
            poll_fn(|_| {
                let poll = if yielded { Poll::Ready(()) } else { Poll::Pending };
                yielded = true;
                poll
            })
            .await;
        }
        let room = buffer.len().min(2);
        self.line.read(&mut buffer[..room]).unwrap()
    }

    async fn put(&mut self, bytes: &[u8]) -> usize {
        self.wait().await;
        self.line.write(&bytes[..bytes.len().min(3)]).unwrap()
    }
}

impl ErrorType for Slow<'_> {
    type Error = embedded_io::ErrorKind;
}

impl ReadReady for Slow<'_> {
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        Ok(self.line.read_ready().unwrap())
    }
}

impl embedded_io_async::Read for Slow<'_> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        Ok(self.take(buffer).await)
    }
}

impl embedded_io_async::Write for Slow<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        Ok(self.put(bytes).await)
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        self.wait().await;
        Ok(())
    }
}

/// The same as the stream below a download.
struct Session<'a>(Slow<'a>);

impl StreamAsync for Session<'_> {
    type Error = ErrorKind;

    fn ready(&mut self) -> Result<bool, ErrorKind> {
        Ok(self.0.line.read_ready().unwrap())
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        Ok(self.0.take(buffer).await)
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        Ok(self.0.put(bytes).await)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        self.0.wait().await;
        Ok(())
    }
}

/// Polls a future so many times, then drops it.
fn poll_for<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
    }
    None
}

fn gather(line: &mut SimEnd<'_, 1024>, bytes: &mut Vec<u8>) {
    let mut chunk = [0; 64];
    while line.read_ready().unwrap() {
        let read = line.read(&mut chunk).unwrap();
        bytes.extend(&chunk[..read]);
    }
}

#[test]
fn a_dropped_future_of_the_link_loses_nothing() {
    for (waits, polls) in [(0, 2), (1, 2), (1, 3), (2, 4), (3, 5), (3, 40)] {
        let wire = SimLink::<1024>::new();
        let (mut receive, mut transmit) = ([0; 255], [0; 128]);
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
        let line = Slow { line: wire.near(), polls: waits };
        let numbers = FrameNumbers::from_reserved(1, 9);
        let mut link = SerialLink::new(line, Key::new([7; 16]), 3, numbers, buffers);
        let mut far = wire.far();
        let now = Ticks::from_millis(5);
        // Given up in the middle of the frame, as like as not.
        let _ = poll_for(polls, link.send(now, Port::Readings, b"21.5"));
        let mut opener = Opener::new(Key::new([7; 16]), 3, Window::EMPTY);
        let (mut came, mut bytes) = (Vec::new(), Vec::new());
        for _ in 0..2_000 {
            match poll_for(polls, link.poll(now, &mut [0; 16])) {
                Some(Ok(Some(Incoming::Acknowledged(token)))) => came.push(vec![token.0 as u8]),
                Some(Ok(Some(Incoming::Command(command)))) => came.push(command.to_vec()),
                Some(Ok(None)) | None => {}
                other => panic!("{other:?}"),
            }
            gather(&mut far, &mut bytes);
            let mut buffer = [0; 255];
            let mut deframer = Deframer::new(&mut buffer);
            for byte in &bytes {
                let Ok(Some(frame)) = deframer.push(*byte) else { continue };
                let Ok(Opened::New(message)) = opener.open(frame) else { continue };
                assert_eq!(message.payload, b"21.5");
                let mut answer = [0; ON_THE_WIRE];
                let length = opener.command(message.ticket, b"blink", &mut answer).unwrap();
                far.write_all(&answer[..length]).unwrap();
            }
        }
        assert_eq!(came, [vec![1], b"blink".to_vec()], "{waits} waits, {polls} polls");
    }
}

#[test]
fn a_dropped_future_of_a_download_loses_nothing() {
    let answer =
        b"HTTP/1.1 206 x\r\nContent-Range: bytes 3-13/14\r\nContent-Length: 11\r\n\r\nhello world";
    for (waits, polls) in [(0, 2), (1, 2), (1, 3), (2, 4), (3, 5), (3, 4_000)] {
        let wire = SimLink::<1024>::new();
        let (mut line, mut data) = ([0; 64], [0; 96]);
        let buffers = http::Buffers { line: &mut line, data: &mut data };
        let request = Request::new("h", "/f", 3, 50).unwrap();
        let session = Session(Slow { line: wire.near(), polls: waits });
        let mut download = Download::new(&request, session, buffers).unwrap();
        let mut far = wire.far();
        far.write_all(answer).unwrap();
        let (mut body, mut sent, mut done) = (Vec::<u8>::new(), Vec::new(), false);
        for _ in 0..4_000 {
            match poll_for(polls, download.poll_async()) {
                Some(Ok(Progress::Body { at, bytes })) => {
                    assert_eq!(at as usize, 3 + body.len());
                    body.extend(bytes);
                }
                Some(Ok(Progress::Done)) => {
                    done = true;
                    break;
                }
                Some(Ok(_)) | None => {}
                Some(Err(error)) => panic!("{error}"),
            }
        }
        gather(&mut far, &mut sent);
        assert!(done, "{waits} waits, {polls} polls");
        assert_eq!(body, b"hello world");
        assert_eq!(sent, b"GET /f HTTP/1.1\r\nHost: h\r\nRange: bytes=3-52\r\n\r\n");
    }
}
