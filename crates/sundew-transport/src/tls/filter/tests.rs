extern crate std;

use std::vec;
use std::vec::Vec;

use super::*;

const HELLO: [u8; 123] = {
    let mut hello = [0x55; 123];
    let mut at = 0;
    let head = [2, 0, 0, 119, 3, 3];
    while at < head.len() {
        hello[at] = head[at];
        at += 1;
    }
    let tail =
        [0, 0x13, 0x01, 0, 0, 79, 0, 43, 0, 2, 3, 4, 0, 51, 0, 69, 0x00, 0x17, 0x00, 0x41, 4];
    at = 0;
    while at < tail.len() {
        hello[38 + at] = tail[at];
        at += 1;
    }
    hello
};

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16).to_be_bytes();
    [&[kind, 3, 3], length.as_slice(), body].concat()
}

/// What a handshake looks like on the line: hello, change, two sealed records.
fn flight() -> Vec<u8> {
    [
        record(HANDSHAKE, &HELLO),
        record(CHANGE_CIPHER_SPEC, &[1]),
        record(APPLICATION_DATA, &[7; 40]),
        record(APPLICATION_DATA, &[8; 17]),
    ]
    .concat()
}

/// Brings `line` through `filter` in pieces of `piece` bytes and returns what the engine gets in
/// reads of `wish` bytes.
fn run(
    filter: &mut Filter<'_>,
    line: &[u8],
    piece: usize,
    wish: usize,
) -> Result<Vec<u8>, Refusal> {
    let mut line = line.iter().copied();
    let mut engine = Vec::new();
    loop {
        let mut out = vec![0; wish];
        let served = filter.serve(&mut out);
        if served > 0 {
            engine.extend(&out[..served]);
            continue;
        }
        let stream = filter.to_stream().min(piece);
        if stream > 0 {
            let bytes: Vec<u8> = line.by_ref().take(stream).collect();
            if bytes.is_empty() {
                return Ok(engine);
            }
            filter.streamed(bytes.len());
            engine.extend(bytes);
            continue;
        }
        let space = filter.space();
        assert_ne!(space.len(), 0, "the filter is stuck");
        let room = space.len().min(piece);
        let mut count = 0;
        for (to, byte) in space.iter_mut().zip(line.by_ref().take(room)) {
            *to = byte;
            count += 1;
        }
        if count == 0 {
            return Ok(engine);
        }
        filter.received(count, Progress::Nothing)?;
    }
}

#[test]
fn pieces_do_not_matter_and_the_change_is_dropped() {
    let mut expected = record(HANDSHAKE, &HELLO);
    for (body, place) in [([7; 40].as_slice(), Place::First), (&[8; 17], Place::BeforeCertificate)]
    {
        let mut sealed = record(APPLICATION_DATA, body);
        sealed[2] = place.mark();
        expected.extend(sealed);
    }
    for piece in [1, 2, 3, 5, 7, 64, 1000] {
        for wish in [1, 5, 64] {
            let mut stage = [0; 123];
            let mut filter = Filter::new(&mut stage);
            assert!(filter.start(2000, Evidence::Certificate));
            assert_eq!(
                run(&mut filter, &flight(), piece, wish).unwrap(),
                expected,
                "{piece} {wish}"
            );
        }
    }
}

#[test]
fn open_records_are_staged_whole() {
    let line = record(APPLICATION_DATA, &[9; 30]);
    let mut stage = [0; 30];
    let mut filter = Filter::new(&mut stage);
    assert!(filter.start(2000, Evidence::Certificate));
    filter.finish();
    for byte in &line {
        assert!(!filter.holds_record());
        assert_eq!(filter.serve(&mut [0; 8]), 0);
        filter.space()[0] = *byte;
        filter.received(1, Progress::Verified).unwrap();
    }
    assert!(filter.holds_record());
    assert_eq!(filter.space().len(), 0, "one record at a time");
    let mut out = [0; 40];
    assert_eq!(filter.serve(&mut out), 5);
    assert_eq!(filter.serve(&mut out[5..]), 30);
    assert_eq!(out[..5], [23, 3, Place::Open.mark(), 0, 30]);
    assert!(!filter.holds_record());
    assert_eq!(filter.space().len(), HEADER);
}

#[test]
fn the_place_follows_the_guard() {
    for (progress, place) in [
        (Progress::Nothing, Place::BeforeCertificate),
        (Progress::Certificate, Place::BeforeSignature),
        (Progress::Verified, Place::BeforeFinished),
    ] {
        let mut filter = Filter::new(&mut []);
        assert!(filter.start(2000, Evidence::Certificate));
        filter.phase = Phase::Flight(1);
        filter.space().copy_from_slice(&[23, 3, 3, 0, 17]);
        filter.received(HEADER, progress).unwrap();
        assert_eq!(filter.header[2], place.mark());
    }
}

proptest::proptest! {
    #[test]
    fn no_line_breaks_the_filter(
        bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300),
        start in 0..4usize,
        piece in 1..40usize,
    ) {
        let mut stage = [0; 128];
        let mut filter = Filter::new(&mut stage);
        filter.start(200, Evidence::Certificate);
        filter.phase = [Phase::Hello, Phase::Sealed, Phase::Flight(1), Phase::Open][start];
        let _ = run(&mut filter, &bytes, piece, 64);
    }

    #[test]
    fn a_changed_flight_never_reaches_the_engine_unmarked(
        at in 0..flight().len(),
        with in proptest::num::u8::ANY,
    ) {
        let mut line = flight();
        line[at] = with;
        let mut stage = [0; 128];
        let mut filter = Filter::new(&mut stage);
        filter.start(2000, Evidence::Certificate);
        if let Ok(engine) = run(&mut filter, &line, 64, 64) {
            // Behind the hello there are only sealed records that carry a mark.
            let mut rest = engine.get(128..).unwrap_or_default();
            while let [kind, major, mark, high, low, more @ ..] = rest {
                assert_eq!((*kind, *major, mark & 0xF0), (23, 3, 0xF0));
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                rest = more.get(length..).unwrap_or_default();
            }
        }
    }
}
