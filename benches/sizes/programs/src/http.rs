//! `http`: a range of a file asked for, the answer of nginx taken.

use core::hint::black_box;

use sundew_transport::http::{ETag, Event, Get, Request};

static ANSWER: &[u8] = include_bytes!("answer.http");

#[inline(never)]
pub(crate) fn run() -> bool {
    let Some(etag) = ETag::new(black_box(b"\"6921f5bd-186a0\"")) else { return false };
    let Ok(request) = Request::new("updates.example", "/fw.bin", black_box(4_096), 64) else {
        return false;
    };
    let request = request.unchanged(etag);
    let (mut line, mut out) = ([0; 96], [0; 128]);
    if request.write(&mut out).is_err() {
        return false;
    }
    black_box(&out);
    let mut get = Get::new(&request, &mut line);
    let (mut input, mut bytes) = (black_box(ANSWER), 0);
    while !input.is_empty() {
        let Ok(received) = get.receive(input) else { return false };
        if let Some(Event::Body(body)) = received.event {
            bytes += body.len();
        }
        input = input.get(received.consumed..).unwrap_or_default();
    }
    get.is_done() && bytes == 64
}
