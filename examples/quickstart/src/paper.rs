//! A link that keeps the last message and acknowledges it: what MQTT is on a real node.

use core::convert::Infallible;

use sundew::core::Ticks;
use sundew::transport::link::{Capabilities, Delivery, Downlink, Incoming, Link, Port, Token};

/// Takes every message as if on paper.
#[derive(Debug, Default)]
pub(crate) struct Paper {
    message: Vec<u8>,
    owed: Option<Token>,
}

impl Paper {
    pub(crate) fn bytes(&self) -> usize {
        self.message.len()
    }
}

impl Link for Paper {
    type Error = Infallible;

    fn capabilities(&self) -> Capabilities {
        Capabilities::new(256, Delivery::Acknowledged, Downlink::None)
    }

    fn is_up(&self) -> bool {
        true
    }

    fn send(&mut self, _: Ticks, _: Port, payload: &[u8]) -> Result<Token, Infallible> {
        self.message = payload.to_vec();
        self.owed = Some(Token(1));
        Ok(Token(1))
    }

    fn poll<'b>(&mut self, _: Ticks, _: &'b mut [u8]) -> Result<Option<Incoming<'b>>, Infallible> {
        Ok(self.owed.take().map(Incoming::Acknowledged))
    }

    fn wake_at(&self) -> Option<Ticks> {
        None
    }
}
