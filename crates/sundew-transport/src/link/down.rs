//! Links that are not there.

use core::fmt;

use sundew_core::{Classify, ErrorKind, Ticks};

#[cfg(feature = "async")]
use super::LinkAsync;
use super::{Capabilities, Delivery, Downlink, Incoming, Link, Port, Token};

/// Is a link that never comes up, for a node that only records.
///
/// ```
/// use sundew_core::Ticks;
/// use sundew_transport::link::{Link, NoLink, NotUp, Port};
///
/// let now = Ticks::from_millis(0);
/// assert!(!NoLink.is_up());
/// assert_eq!(NoLink.send(now, Port::Readings, b""), Err(NotUp));
/// assert_eq!(NoLink.poll(now, &mut []), Ok(None));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NoLink;

/// Reports a message given to a link that is not up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NotUp;

/// Is the error of an `Option<L>`: the link's own, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum MaybeDown<E> {
    /// Reports a message given to `None`.
    NotUp,
    /// Passes on the error of the link.
    Inner(E),
}

impl Classify for NotUp {
    /// Returns [`ErrorKind::Bus`]: the same call may succeed once there is a link.
    fn kind(&self) -> ErrorKind {
        ErrorKind::Bus
    }
}

impl fmt::Display for NotUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("link is not up")
    }
}

impl core::error::Error for NotUp {}

impl<E: Classify> Classify for MaybeDown<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotUp => NotUp.kind(),
            Self::Inner(error) => error.kind(),
        }
    }
}

impl<E: fmt::Display> fmt::Display for MaybeDown<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUp => NotUp.fmt(f),
            Self::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for MaybeDown<E> {}

#[maybe_async_cfg::maybe(
    idents(Link(sync = "Link", async = "LinkAsync"), wait(sync = "at_once", async = "forever")),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl Link for NoLink {
    type Error = NotUp;

    fn capabilities(&self) -> Capabilities {
        NOTHING
    }

    fn is_up(&self) -> bool {
        false
    }

    async fn send(&mut self, _: Ticks, _: Port, _: &[u8]) -> Result<Token, NotUp> {
        Err(NotUp)
    }

    async fn poll<'b>(&mut self, _: Ticks, _: &'b mut [u8]) -> Result<Option<Incoming<'b>>, NotUp> {
        wait().await;
        Ok(None)
    }

    fn wake_at(&self) -> Option<Ticks> {
        None
    }
}

/// `None` is a link that is down: it takes no message and never has one.
#[maybe_async_cfg::maybe(
    idents(Link(sync = "Link", async = "LinkAsync"), wait(sync = "at_once", async = "forever")),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl<L: Link> Link for Option<L> {
    type Error = MaybeDown<L::Error>;

    fn capabilities(&self) -> Capabilities {
        self.as_ref().map_or(NOTHING, L::capabilities)
    }

    fn is_up(&self) -> bool {
        self.as_ref().is_some_and(L::is_up)
    }

    fn air_ms(&self, bytes: usize) -> u32 {
        self.as_ref().map_or(0, |link| link.air_ms(bytes))
    }

    async fn send(
        &mut self,
        now: Ticks,
        port: Port,
        payload: &[u8],
    ) -> Result<Token, MaybeDown<L::Error>> {
        match self {
            Some(link) => link.send(now, port, payload).await.map_err(MaybeDown::Inner),
            None => Err(MaybeDown::NotUp),
        }
    }

    async fn poll<'b>(
        &mut self,
        now: Ticks,
        buffer: &'b mut [u8],
    ) -> Result<Option<Incoming<'b>>, MaybeDown<L::Error>> {
        if let Some(link) = self {
            link.poll(now, buffer).await.map_err(MaybeDown::Inner)
        } else {
            wait().await;
            Ok(None)
        }
    }

    fn wake_at(&self) -> Option<Ticks> {
        self.as_ref().and_then(L::wake_at)
    }
}

const NOTHING: Capabilities = Capabilities::new(0, Delivery::Unconfirmed, Downlink::None);

/// Waits for what never comes: returning at once would make an async caller spin.
#[cfg(feature = "async")]
async fn forever() {
    core::future::pending::<()>().await;
}

fn at_once() {}
