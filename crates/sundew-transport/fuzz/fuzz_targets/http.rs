//! An answer to a GET of a range: what is taken is what an independent reading takes, in pieces of any size.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_transport::http::{ETag, Error, Event, Get, Head, Request};
use sundew_transport_fuzz::mutant;

fuzz_target!(|input: &[u8]| {
    let [start, length, tagged, piece, answer @ ..] = input else { return };
    let length = u32::from(*length).max(1);
    let mut request = Request::new("h", "/", u32::from(*start), length).expect("in bounds");
    if tagged & 1 == 1 {
        request = request.unchanged(ETag::new(b"\"e\"").expect("a tag"));
    }
    let whole = read(&request, answer, usize::MAX);
    assert_eq!(whole, read(&request, answer, usize::from(*piece).max(1)), "pieces matter");
    let Ok((Some(head), body)) = whole else { return };
    assert!(!mutant("panic-on-frame"), "the mutant panics on an answer that is taken");
    // By lines of text, as one would do it with memory to spare.
    let at = answer.windows(4).position(|end| end == b"\r\n\r\n").expect("a head ends");
    let lines = String::from_utf8_lossy(&answer[..at]).into_owned();
    let mut lines = lines.split("\r\n");
    assert!(lines.next().expect("a first line").starts_with("HTTP/1.1 206"));
    let fields: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').expect("a field"))
        .map(|(name, value)| {
            (name.to_ascii_lowercase(), value.trim_matches([' ', '\t']).to_owned())
        })
        .collect();
    let only = |name: &str| {
        let mut found = fields.iter().filter(|(other, _)| other == name).map(|(_, value)| value);
        let value = found.next();
        assert!(found.next().is_none(), "{name} came twice");
        value.map(String::as_str)
    };
    assert!(only("transfer-encoding").is_none());
    let last = (head.start + length - 1).min(head.total - 1);
    let range =
        only("content-range").and_then(|range| range.strip_prefix("bytes ")).expect("a range");
    let numbers: Vec<u32> =
        range.split(['-', '/']).map(|number| number.parse().expect("a number")).collect();
    assert_eq!(numbers, [u32::from(*start), last, head.total], "another range");
    assert_eq!(only("content-length").expect("a length").parse(), Ok(last - head.start + 1));
    if tagged & 1 == 1 {
        assert_eq!(only("etag"), Some("\"e\""), "another file");
    }
    assert_eq!(body, &answer[at + 4..], "another body");
});

/// Reads an answer in pieces; the body is what was handed out, and there is none without a head.
fn read(
    request: &Request<'_>,
    answer: &[u8],
    piece: usize,
) -> Result<(Option<Head>, Vec<u8>), Error> {
    let mut line = [0; 48];
    let mut get = Get::new(request, &mut line);
    let (mut head, mut body) = (None, Vec::new());
    for mut part in answer.chunks(piece.min(answer.len().max(1))) {
        while !part.is_empty() {
            let received = get.receive(part)?;
            match received.event {
                Some(Event::Head(found)) => head = Some(found),
                Some(Event::Body(bytes)) => {
                    assert!(head.is_some());
                    body.extend(bytes);
                }
                _ => {}
            }
            part = &part[received.consumed..];
        }
    }
    Ok((head, body))
}
