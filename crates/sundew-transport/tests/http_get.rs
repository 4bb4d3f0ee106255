//! Answers that are what was asked for, and all the others.

// clippy.toml allows these in tests, but does not see the helpers below as part of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use sundew_core::{Classify, ErrorKind};
use sundew_transport::http::{ETag, Error, Event, Get, HEAD_BYTES, Head, Request, RequestError};

/// Reads an answer in pieces of `piece` bytes; returns its head and its body.
fn read(request: &Request<'_>, answer: &[u8], piece: usize) -> Result<(Head, Vec<u8>), Error> {
    let mut line = [0; 128];
    let mut get = Get::new(request, &mut line);
    let (mut head, mut body) = (None, Vec::new());
    for mut part in answer.chunks(piece) {
        while !part.is_empty() {
            let received = match get.receive(part) {
                Ok(received) => received,
                Err(error) => {
                    assert_eq!(get.receive(b"x"), Err(error), "an error stays");
                    return Err(error);
                }
            };
            match received.event {
                Some(Event::Head(found)) => head = Some(found),
                Some(Event::Body(bytes)) => body.extend(bytes),
                _ => {}
            }
            part = part.get(received.consumed..).unwrap();
        }
    }
    assert_eq!(get.is_done(), head.is_some_and(|head| head.length as usize == body.len()));
    Ok((head.expect("the head is whole"), body))
}

fn ask(start: u32, length: u32) -> Request<'static> {
    Request::new("h", "/f", start, length).unwrap()
}

const GOOD: &str = "HTTP/1.1 206 Partial Content\r\nServer: nginx/1.22.1\r\nContent-Length: 5\r\n\
    ETag: \"66-5\"\r\nContent-Range: bytes 10-14/100\r\n\r\nhello";

fn with(from: &str, to: &str) -> Result<(Head, Vec<u8>), Error> {
    assert!(GOOD.contains(from));
    read(&ask(10, 5), GOOD.replace(from, to).as_bytes(), 7)
}

#[test]
fn the_request_is_these_bytes() {
    let mut out = [0; 200];
    let request = Request::new("updates.example:8443", "/a?b=c", 0, u32::MAX).unwrap();
    let length = request.write(&mut out).unwrap();
    let expected =
        "GET /a?b=c HTTP/1.1\r\nHost: updates.example:8443\r\nRange: bytes=0-4294967294\r\n\r\n";
    assert_eq!(out.get(..length), Some(expected.as_bytes()));
    let request = ask(1_000, 24).unchanged(ETag::new(b"\"x\"").unwrap());
    let length = request.write(&mut out).unwrap();
    let expected =
        "GET /f HTTP/1.1\r\nHost: h\r\nRange: bytes=1000-1023\r\nIf-Match: \"x\"\r\n\r\n";
    assert_eq!(out.get(..length), Some(expected.as_bytes()));
    // What the documentation says is enough.
    let longest = Request::new("h", "/f", u32::MAX, 1).unwrap().write(&mut out).unwrap();
    assert_eq!(longest, 1 + 2 + 61);
    for room in 0..length {
        assert_eq!(request.write(out.get_mut(..room).unwrap()), Err(RequestError::NoRoom));
    }
    let wrong = |host, path, start, length| Request::new(host, path, start, length).unwrap_err();
    for host in ["", "a b", "a\r\nX: y", "ü"] {
        assert_eq!(wrong(host, "/", 0, 1), RequestError::Host);
    }
    for path in ["", "a", "/a b", "/\r\n", "/ü"] {
        assert_eq!(wrong("h", path, 0, 1), RequestError::Path);
    }
    for (start, length) in [(0, 0), (u32::MAX, 2)] {
        assert_eq!(wrong("h", "/", start, length), RequestError::Range);
    }
}

#[test]
fn an_answer_is_taken_in_pieces_of_any_size() {
    for piece in 1..GOOD.len() {
        let (head, body) = read(&ask(10, 5), GOOD.as_bytes(), piece).unwrap();
        assert_eq!((head.start, head.length, head.total), (10, 5, 100));
        assert_eq!((head.etag, head.keeps_open), (ETag::new(b"\"66-5\""), true));
        assert_eq!(body, b"hello");
    }
    // The end of the file: fewer bytes than were asked for.
    let (head, _) = read(&ask(10, 500), GOOD.replace("/100", "/15").as_bytes(), 9).unwrap();
    assert_eq!((head.length, head.total), (5, 15));
    assert!(!with("Server: ", "connection: te, Close\r\nS: ").unwrap().0.keeps_open);
    assert_eq!(with("\"66-5\"", "W/\"66-5\"").unwrap().0.etag, None);
    assert!(with("Content-Length: 5", "CONTENT-LENGTH:5  \t").is_ok());
    assert!(with(" Partial Content", "").is_ok());
    assert!(with("nginx/1.22.1", &"x".repeat(5_000)).is_ok(), "what does not matter may be long");
}

#[test]
fn only_the_status_206_of_http_1_1_is_taken() {
    for status in [200, 301, 304, 404, 412, 416, 503, 100, 207, 999] {
        assert_eq!(with("206", &status.to_string()), Err(Error::Status(status)));
    }
    for line in [
        "HTTP/1.0 206",
        "HTTP/1.1  206",
        "HTTP/1.1 0206",
        "HTTP/1.1 2o6",
        "http/1.1 206",
        "ICY 206",
        "",
    ] {
        assert_eq!(with("HTTP/1.1 206", line), Err(Error::BadStatusLine), "{line}");
    }
    assert_eq!(with("206 Partial", "206Partial"), Err(Error::BadStatusLine));
    assert_eq!(Error::Status(404).kind(), ErrorKind::Config);
    assert_eq!(Error::Status(503).kind(), ErrorKind::Peer);
}

#[test]
fn range_and_length_are_those_that_were_asked_for() {
    for range in [
        "bytes 9-13/100",
        "bytes 10-13/100",
        "bytes 10-15/100",
        "bytes 10-14/*",
        "bytes */100",
        "bytes 10-14/14",
        "bytes 10-14/0",
        "bytes=10-14/100",
        "bytes 10-14",
        "bytes 14-10/100",
        "bytes 10-14/99999999999",
        "bytes +10-14/100",
        "bytes 10 -14/100",
        "items 10-14/100",
        "",
    ] {
        assert_eq!(with("bytes 10-14/100", range), Err(Error::BadRange), "{range}");
    }
    assert_eq!(with("Content-Range", "Content-Rang"), Err(Error::BadRange));
    for length in ["4", "6", "", "5, 5", "+5", "-5", "0x5", "5.0", "4294967301", "00000000005"] {
        let found = with("Content-Length: 5", &format!("Content-Length: {length}"));
        assert_eq!(found, Err(Error::BadLength), "{length}");
    }
    assert_eq!(with("Content-Length", "Content-Lengt"), Err(Error::BadLength));
    assert_eq!(with("hello", "hello!"), Err(Error::Surplus));
}

#[test]
fn what_comes_twice_or_encoded_or_changed_is_refused() {
    for field in ["Content-Length: 5", "Content-Range: bytes 10-14/100", "ETag: \"66-5\""] {
        assert_eq!(with(field, &format!("{field}\r\n{field}")), Err(Error::Repeated), "{field}");
    }
    for field in
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity", "Content-Encoding: gzip"]
    {
        assert_eq!(with("Server: nginx/1.22.1", field), Err(Error::Encoded), "{field}");
    }
    assert!(with("Server: nginx/1.22.1", "Content-Encoding: identity").is_ok());
    let same = ask(10, 5).unchanged(ETag::new(b"\"66-5\"").unwrap());
    assert!(read(&same, GOOD.as_bytes(), 50).is_ok());
    for tag in ["\"66-6\"", "W/\"66-5\"", "66-5", ""] {
        let found = read(&same, GOOD.replace("\"66-5\"", tag).as_bytes(), 50);
        assert_eq!(found, Err(Error::Changed), "{tag}");
    }
    let gone = read(&same, GOOD.replace("206", "412").as_bytes(), 50);
    assert_eq!(gone, Err(Error::Changed));
}

#[test]
fn lines_are_those_of_the_standard() {
    for (from, to) in [
        ("\r\nETag", "\nETag"),
        ("\r\nETag", "\r\n\tETag"),
        ("\r\nETag", "\r\n ETag"),
        ("ETag:", "ETag :"),
        ("ETag:", ":"),
        ("ETag: ", "ETag"),
        ("ETag", "E(ag"),
        ("nginx", "ngi\0nx"),
        ("nginx", "ngi\rnx"),
        ("nginx", "ngi\u{7f}nx"),
    ] {
        assert_eq!(with(from, to), Err(Error::BadField), "{to:?}");
    }
    let long = format!("ETag: \"{}\"", "x".repeat(130));
    assert_eq!(with("ETag: \"66-5\"", &long), Err(Error::LineTooLong));
    let long = format!("{}: 1", "x".repeat(130));
    assert_eq!(with("ETag: \"66-5\"", &long), Err(Error::LineTooLong));
    let endless = format!("HTTP/1.1 206 x\r\n{}", "a: b\r\n".repeat(usize::from(HEAD_BYTES)));
    assert_eq!(read(&ask(10, 5), endless.as_bytes(), 999), Err(Error::HeadTooLong));
}

#[test]
fn tags_are_strong_quoted_and_short() {
    for good in [&b"\"\""[..], b"\"a\"", b"\"\xFF!#~\"", &[&b"\""[..], &[b'x'; 62], b"\""].concat()]
    {
        assert_eq!(ETag::new(good).unwrap().as_bytes(), good);
    }
    for bad in [
        &b""[..],
        b"\"",
        b"a",
        b"W/\"a\"",
        b"\"a b\"",
        b"\"a\"b\"",
        &[&b"\""[..], &[b'x'; 63], b"\""].concat(),
    ] {
        assert_eq!(ETag::new(bad), None);
    }
}

proptest! {
    /// How an answer is cut into pieces changes nothing, be it good or not.
    #[test]
    fn pieces_do_not_matter(
        at in 0..GOOD.len(),
        byte in any::<u8>(),
        end in 0..=GOOD.len(),
        piece in 1_usize..40,
    ) {
        let mut answer = GOOD.as_bytes().to_vec();
        if let Some(slot) = answer.get_mut(at) {
            *slot = byte;
        }
        answer.truncate(end);
        let run = |piece: usize| {
            let mut line = [0; 64];
            let request = ask(10, 5);
            let mut get = Get::new(&request, &mut line);
            let mut body: Vec<u8> = Vec::new();
            for mut part in answer.chunks(piece) {
                while !part.is_empty() {
                    let received = match get.receive(part) {
                        Ok(received) => received,
                        Err(error) => return (Some(error), body),
                    };
                    if let Some(Event::Body(bytes)) = received.event {
                        body.extend(bytes);
                    }
                    part = part.get(received.consumed..).unwrap_or_default();
                }
            }
            (None, body)
        };
        prop_assert_eq!(run(piece), run(1));
        prop_assert_eq!(run(piece), run(1_000));
    }
}
