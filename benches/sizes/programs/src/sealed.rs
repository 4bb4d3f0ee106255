//! `seal` and `frame-crc`: one message of 32 bytes in a frame on a serial line, as a device sends it.

use core::hint::black_box;

use sundew_identity::FrameNumbers;
use sundew_transport::link::Port;
use sundew_transport::serial::{Guard, ON_THE_WIRE, Sealer, overhead};

#[cfg(feature = "seal")]
#[inline(never)]
pub(crate) fn seal() -> bool {
    send(sundew_transport::serial::Key::new(black_box([7; 16])))
}

#[cfg(feature = "frame-crc")]
#[inline(never)]
pub(crate) fn crc() -> bool {
    send(sundew_transport::serial::Crc32)
}

fn send<G: Guard>(guard: G) -> bool {
    let mut sealer =
        Sealer::new(guard, black_box(7), FrameNumbers::from_reserved(black_box(1), 16));
    let mut wire = [0; ON_THE_WIRE];
    match sealer.seal(Port::Readings, &black_box([5; 32]), &mut wire) {
        Ok((number, length)) => {
            black_box(&wire);
            number == 1 && length == overhead::<G>() + 32
        }
        Err(_) => false,
    }
}
