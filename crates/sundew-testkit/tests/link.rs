//! What the two ends of a link see when it is cut, stalled, closed or full.

use embedded_io::{Read, ReadReady, Write, WriteReady};
use sundew_testkit::{LinkError, Side, SimLink};

#[test]
fn bytes_keep_their_order_round_the_ring() {
    let link = SimLink::<7>::new();
    let (mut near, mut far) = (link.near(), link.far());
    let (mut sent, mut received) = (0_u8, 0_u8);
    for round in 0..100 {
        let chunk: Vec<u8> = (0..=round % 7).map(|i| sent.wrapping_add(i)).collect();
        if let Ok(count) = near.write(&chunk) {
            sent = sent.wrapping_add(count as u8);
        }
        let mut bytes = [0; 5];
        if let Ok(count) = far.read(&mut bytes) {
            for byte in &bytes[..count] {
                assert_eq!(*byte, received);
                received = received.wrapping_add(1);
            }
        }
    }
    assert!(received > 100);
}

#[test]
fn a_full_link_takes_no_more_and_an_empty_one_gives_none() {
    let link = SimLink::<4>::new();
    let (mut near, mut far) = (link.near(), link.far());
    assert_eq!(far.read_ready(), Ok(false));
    assert_eq!(far.read(&mut [0]), Err(LinkError::WouldBlock));
    assert_eq!(near.write(b"abcdef"), Ok(4));
    assert_eq!(near.write_ready(), Ok(false));
    assert_eq!(near.write(b"e"), Err(LinkError::WouldBlock));
    assert_eq!(near.write(b""), Ok(0));
    assert_eq!(far.read(&mut []), Ok(0));
    assert_eq!((link.in_flight(Side::Near), link.sent(Side::Near)), (4, 4));
    let mut bytes = [0; 3];
    assert_eq!(far.read(&mut bytes), Ok(3));
    assert_eq!(&bytes, b"abc");
    assert_eq!(near.write_ready(), Ok(true));
    assert_eq!(near.read_ready(), Ok(false), "the directions are apart");
}

#[test]
fn a_cut_reaches_both_ends_and_loses_what_is_on_the_way() {
    let link = SimLink::<16>::new();
    let (mut near, mut far) = (link.near(), link.far());
    near.write_all(b"lost").unwrap();
    link.cut();
    assert_eq!(far.read_ready(), Ok(true), "there is an error to be read");
    assert_eq!(far.read(&mut [0; 4]), Err(LinkError::Cut));
    assert_eq!(near.read(&mut [0; 4]), Err(LinkError::Cut));
    assert_eq!(near.write(b"x"), Err(LinkError::Cut));
    assert_eq!(far.flush(), Err(LinkError::Cut));
    link.restore();
    near.write_all(b"new").unwrap();
    assert_eq!(far.read(&mut [0; 4]), Ok(3));
}

#[test]
fn a_cut_after_n_bytes_delivers_them() {
    let link = SimLink::<16>::new();
    let (mut near, mut far) = (link.near(), link.far());
    link.cut_after(Side::Near, 3);
    assert_eq!(near.write(b"abcdef"), Ok(3));
    assert_eq!(near.write(b"def"), Err(LinkError::Cut));
    assert_eq!(far.write(b"answer"), Err(LinkError::Cut));
    assert_eq!(far.read(&mut [0; 8]), Ok(3));
    assert_eq!(far.read(&mut [0; 8]), Err(LinkError::Cut));
}

#[test]
fn a_closed_stream_ends_behind_its_last_byte() {
    let link = SimLink::<16>::new();
    let (mut near, mut far) = (link.near(), link.far());
    far.write_all(b"bye").unwrap();
    link.close(Side::Far);
    assert_eq!(near.read(&mut [0; 8]), Ok(3));
    assert_eq!(near.read(&mut [0; 8]), Ok(0));
    assert_eq!(far.write(b"x"), Err(LinkError::Cut));
    assert_eq!(near.write(b"x"), Ok(1), "the other direction is still open");
}

#[test]
fn stalls_and_chunks_hold_bytes_back() {
    let link = SimLink::<16>::new();
    let (mut near, mut far) = (link.near(), link.far());
    link.stall_after(Side::Far, 1);
    far.write_all(b"abc").unwrap();
    assert_eq!(near.read(&mut [0; 8]), Ok(1));
    assert_eq!(near.read_ready(), Ok(false));
    assert_eq!(near.read(&mut [0; 8]), Err(LinkError::WouldBlock));
    link.stall_after(Side::Far, 1);
    assert_eq!(near.read(&mut [0; 8]), Ok(1));
    link.resume(Side::Far);
    link.limit_chunks(Side::Far, 2);
    assert_eq!(far.write(b"defg"), Ok(2));
    assert_eq!(near.read(&mut [0; 8]), Ok(2));
    assert_eq!(near.read(&mut [0; 8]), Ok(1));
    link.limit_chunks(Side::Far, 0);
    assert_eq!(far.write(b"hi"), Ok(1), "a call that moves nothing would be the end");
    link.stall_after(Side::Far, 0);
    link.close(Side::Far);
    assert_eq!(near.read_ready(), Ok(false), "the end stalls with the bytes before it");
    assert_eq!(near.read(&mut [0; 8]), Err(LinkError::WouldBlock));
}

#[cfg(feature = "async")]
#[test]
fn an_async_reader_is_woken_by_the_writer() {
    use core::{future::Future, pin::pin};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task;

    struct Count(AtomicU32);
    impl task::Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let count = Arc::new(Count(AtomicU32::new(0)));
    let waker = task::Waker::from(count.clone());
    let mut context = task::Context::from_waker(&waker);
    let link = SimLink::<4>::new();
    let (mut near, mut far) = (link.near(), link.far());
    let mut bytes = [0; 2];
    {
        let mut reading = pin!(embedded_io_async::Read::read(&mut far, &mut bytes));
        assert!(reading.as_mut().poll(&mut context).is_pending());
        near.write_all(b"ok").unwrap();
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        assert_eq!(reading.poll(&mut context), task::Poll::Ready(Ok(2)));
    }
    assert_eq!(&bytes, b"ok");
}
