//! HTTP/1.1 GET of a part of a file, as updates are fetched: strict, without allocation.
//!
//! [`Get`] reads the answer without I/O and takes nothing but what was asked for: status 206, the range
//! that was asked for or its begin where the file ends, a length that agrees, the file unchanged.
//! [`Download`] does it over a session. Other parts of HTTP are refused: redirects, chunks, compression,
//! several ranges in one answer.
//!
//! ```
//! use sundew_transport::http::{Event, Get, Request};
//!
//! let request = Request::new("updates.example", "/fw/1.4.2.bin", 0, 512).unwrap();
//! let mut out = [0; 128];
//! let length = request.write(&mut out).unwrap();
//! assert!(out[..length].starts_with(b"GET /fw/1.4.2.bin HTTP/1.1\r\nHost: updates.example\r\n"));
//!
//! let mut answer = &b"HTTP/1.1 206 Partial Content\r\nETag: \"5f\"\r\n\
//!     Content-Range: bytes 0-4/5\r\nContent-Length: 5\r\n\r\nhello"[..];
//! let mut line = [0; 128];
//! let mut get = Get::new(&request, &mut line);
//! while !get.is_done() {
//!     let received = get.receive(answer).unwrap();
//!     match received.event {
//!         Some(Event::Head(head)) => assert_eq!((head.length, head.total), (5, 5)),
//!         Some(Event::Body(bytes)) => assert_eq!(bytes, b"hello"),
//!         Some(_) | None => unreachable!("all of the answer is there"),
//!     }
//!     answer = &answer[received.consumed..];
//! }
//! ```

mod download;
mod error;
mod etag;
mod field;
mod get;
mod request;

pub use download::{Buffers, Download, Progress};
pub use error::{DownloadError, Error, RequestError};
pub use etag::ETag;
pub use get::{Event, Get, HEAD_BYTES, Head, Received};
pub use request::Request;
