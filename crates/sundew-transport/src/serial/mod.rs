//! Frames over a serial line, for nodes behind a gateway.
//!
//! A frame is header, body and what protects them, at most 254 bytes, stuffed by COBS between two
//! bytes of 0. Little end first:
//!
//! | byte | what |
//! |---|---|
//! | 0 | the guard (0x10 CRC-32, 0x20 sealed) and the kind (1 message, 2 taken, 3 command) |
//! | 1 to 4 | the device's number on this line |
//! | 5 to 8 | the number of the message, or of the one that is answered |
//! | 9 on | the body: of a message its port (1 readings, 2 result, 3 birth) and payload |
//! | last 4 or 16 | CRC-32, or the tag of Ascon-AEAD128 |
//!
//! A device sends a message under a number that it never used before ([`Sealer`]), and again, byte for
//! byte, until it is answered. The gateway takes each number once ([`Opener`]) and answers "taken", or
//! "taken, and here is a command". An answer is bound to the number that it answers, so that an old one
//! does nothing, and a device needs to remember nothing about commands. [`SerialLink`] is the device's
//! side as a [`Link`](crate::link::Link).
//!
//! ```
//! use sundew_identity::FrameNumbers;
//! use sundew_transport::link::Port;
//! use sundew_transport::serial::{Crc32, Deframer, ON_THE_WIRE, Opened, Opener, Sealer, Window};
//!
//! let mut sealer = Sealer::new(Crc32, 7, FrameNumbers::from_reserved(1, 100));
//! let mut wire = [0; ON_THE_WIRE];
//! let (number, length) = sealer.seal(Port::Readings, b"21.5", &mut wire).unwrap();
//!
//! let mut opener = Opener::new(Crc32, 7, Window::EMPTY);
//! let mut buffer = [0; 255];
//! let mut deframer = Deframer::new(&mut buffer);
//! for _ in 0..2 {
//!     for byte in &wire[..length] {
//!         let Some(frame) = deframer.push(*byte).unwrap() else { continue };
//!         match opener.open(frame).unwrap() {
//!             Opened::New(message) => assert_eq!(message.payload, b"21.5"),
//!             // The second time it is known.
//!             Opened::Again { number: again } => assert_eq!(again, number),
//!             _ => unreachable!(),
//!         }
//!     }
//! }
//! ```

mod cobs;
mod deframer;
mod error;
mod frame;
mod guard;
#[cfg(feature = "sealed")]
mod key;
mod link;
mod opener;
mod sealer;
mod window;

pub use deframer::Deframer;
pub use error::{FrameError, LinkError, SealError};
pub use frame::{HEADER, Header, Kind, LONGEST, ON_THE_WIRE};
pub use guard::{Crc32, Guard};
#[cfg(feature = "sealed")]
pub use key::Key;
pub use link::{Buffers, SerialLink, Timing};
pub use opener::{Message, Opened, Opener, Ticket};
pub use sealer::{Answer, Sealer};
pub use window::Window;

use crate::link::Port;

/// Returns the bytes on the wire that a message takes beside its payload: 29 sealed, 17 with a checksum.
pub const fn overhead<G: Guard>() -> usize {
    // Two delimiters, a distance, and the port.
    3 + HEADER + 1 + G::BYTES
}

/// Frozen: it is on the wire.
const fn code(port: Port) -> u8 {
    match port {
        Port::Readings => 1,
        Port::CommandResult => 2,
        Port::Birth => 3,
    }
}

const fn port(code: u8) -> Option<Port> {
    Some(match code {
        1 => Port::Readings,
        2 => Port::CommandResult,
        3 => Port::Birth,
        _ => return None,
    })
}

/// Copies as much of `from` as `to` has room for.
fn copy(to: &mut [u8], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}
