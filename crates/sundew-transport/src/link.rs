//! What a node asks of whatever carries its messages.
//!
//! The node sees messages, never connections: an MQTT session over TLS and an 11-byte radio are
//! both a [`Link`]. It asks for the link's [`Capabilities`] and fits its frames to them; those of
//! common radios are constants of [`radio`].

mod capabilities;
mod down;
pub mod radio;

pub use capabilities::{AirBudget, Capabilities, Carriage, Delivery, Downlink, Network};
pub use down::{MaybeDown, NoLink, NotUp};

use sundew_core::{Classify, Ticks};

/// Names the purpose of a message that goes up; the link maps it to its topic or port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Port {
    /// Carries readings.
    Readings,
    /// Carries the result of a command.
    CommandResult,
    /// Carries what the device is, once a boot: the link keeps the latest for who asks later,
    /// where it can.
    Birth,
}

/// Names one message that was sent and not acknowledged yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Token(
    /// Holds the number, unique among the messages in flight on one link.
    pub u16,
);

/// Holds what came down a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Incoming<'b> {
    /// Reports that the other side holds a message.
    Acknowledged(Token),
    /// Reports that the other side does not take a message now, and may later.
    Refused {
        /// Names the message.
        token: Token,
        /// Holds how long in ms it asks to be left alone, if it said.
        retry_after_ms: Option<u32>,
    },
    /// Reports that the other side will never take a message: sending it again is of no use.
    Rejected(Token),
    /// Holds the payload of a command.
    Command(&'b [u8]),
    /// Reports a command too large for this device; it is dropped, and will not come again.
    Oversized {
        /// Holds its size as the link counts it, in bytes.
        bytes: u32,
    },
}

/// Carries messages between a node and its collector.
///
/// An error from any method means that the link is dead. The node then keeps what is in flight,
/// asks the board for a new link and sends it again.
#[maybe_async_cfg::maybe(
    sync(self = "Link", keep_self),
    async(
        self = "LinkAsync",
        feature = "async",
        inner(expect(async_fn_in_trait, reason = "for one executor of one core: no Send needed"))
    )
)]
pub trait Link {
    /// Tells who must act when the link dies.
    type Error: Classify;

    /// Returns what the link can carry.
    fn capabilities(&self) -> Capabilities;

    /// Returns whether the other side has taken the device in: logged in, joined, paired.
    ///
    /// A message in flight changes nothing about that; [`send`](Self::send) refuses a second one
    /// where the link can have only one.
    fn is_up(&self) -> bool;

    /// Returns how long in ms a message of `bytes` is on the air; 0 where that costs nothing.
    fn air_ms(&self, bytes: usize) -> u32 {
        let _ = bytes;
        0
    }

    /// Sends one message.
    ///
    /// # Errors
    ///
    /// Returns an error where the link died; the message may or may not have arrived.
    async fn send(&mut self, now: Ticks, port: Port, payload: &[u8]) -> Result<Token, Self::Error>;

    /// Takes what has come in and drives the link's own duties (log-in, keep-alive, time-outs).
    ///
    /// `buffer` takes the payload of a command. The blocking form never waits for the peer: with
    /// nothing to do it returns `Ok(None)` at once. What came in may hold more than one message:
    /// call it again until it returns `Ok(None)` before sleeping.
    ///
    /// The async form waits for the peer, is cancel safe, and returns `Ok(None)` after a wait that
    /// brought nothing, so that the caller can look at its clock. Race it against
    /// [`wake_at`](Self::wake_at).
    ///
    /// # Errors
    ///
    /// Returns an error where the link died.
    async fn poll<'b>(
        &mut self,
        now: Ticks,
        buffer: &'b mut [u8],
    ) -> Result<Option<Incoming<'b>>, Self::Error>;

    /// Returns when the link wants to be polled next for its own sake, if ever.
    fn wake_at(&self) -> Option<Ticks>;
}
