//! What an engine tells its caller.

use super::{PacketId, Reason};

/// Says how far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum State {
    /// Waits for the answer to CONNECT.
    Connecting,
    /// Waits for the answer to SUBSCRIBE.
    Subscribing,
    /// Carries messages.
    Up,
    /// Has ended.
    Closed,
}

/// Holds what a call of [`Engine::receive`](super::Engine::receive) made of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Received<'i> {
    /// Holds the number of bytes that are done with. 0 asks for more, or for
    /// [`transmit`](super::Engine::transmit) first.
    pub consumed: usize,
    /// Holds what they meant to the caller, if anything.
    pub event: Option<Event<'i>>,
}

/// Tells the caller what came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Event<'i> {
    /// Reports that the subscription is granted and messages may be sent.
    Up,
    /// Reports that the server holds a message.
    Acknowledged(PacketId),
    /// Reports that the server does not take a message, which only MQTT 5 can say.
    Refused {
        /// Holds the number of the message.
        id: PacketId,
        /// Says why.
        reason: Reason,
    },
    /// Holds a message, on whatever topic the server chose.
    Message {
        /// Holds the topic, which is UTF-8.
        topic: &'i [u8],
        /// Holds the content.
        payload: &'i [u8],
    },
    /// Reports a message that was larger than the receive buffer, and was skipped.
    Oversized {
        /// Holds the size of its packet in bytes.
        bytes: u32,
    },
}
