//! The byte stream below a link.

use sundew_core::Classify;

/// Carries bytes in both directions, in order.
///
/// Anything may be a stream; only a [`Verified`] one may carry a link.
#[maybe_async_cfg::maybe(
    sync(self = "Stream", keep_self),
    async(
        self = "StreamAsync",
        feature = "async",
        inner(expect(async_fn_in_trait, reason = "for one executor of one core: no Send needed"))
    )
)]
pub trait Stream {
    /// Tells who must act when the stream breaks.
    type Error: Classify;

    /// Returns whether [`read`](Self::read) would return at once, be it with bytes, with the end of
    /// the stream or with an error.
    ///
    /// # Errors
    ///
    /// Returns an error where the stream is broken.
    fn ready(&mut self) -> Result<bool, Self::Error>;

    /// Reads at least one byte into `buffer`, which is not empty, and returns how many; 0 means that
    /// the other side has closed the stream.
    ///
    /// The blocking form is called only after [`ready`](Self::ready) has said yes. The async form
    /// waits, and a cancelled call must have taken nothing.
    ///
    /// # Errors
    ///
    /// Returns an error where the stream is broken.
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error>;

    /// Takes at least one byte of `bytes`, which is not empty, and returns how many; 0 means that the
    /// other side has closed the stream.
    ///
    /// # Errors
    ///
    /// Returns an error where the stream is broken.
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error>;

    /// Sends what [`write`](Self::write) has taken on its way.
    ///
    /// # Errors
    ///
    /// Returns an error where the stream is broken.
    async fn flush(&mut self) -> Result<(), Self::Error>;
}

/// Marks a stream whose far end has proven who it is.
///
/// A TLS session of this crate is one. The trait is sealed: no other stream becomes verified by
/// saying so, and without the feature `insecure-plaintext` there is no way round it.
///
/// ```compile_fail,E0277
/// use core::convert::Infallible;
/// use sundew_core::Ticks;
/// use sundew_transport::mqtt::{Buffers, Config, DeviceId, MqttLink, Stream};
///
/// struct Wire;
/// impl Stream for Wire {
///     type Error = Infallible;
///     fn ready(&mut self) -> Result<bool, Infallible> { Ok(false) }
///     fn read(&mut self, _: &mut [u8]) -> Result<usize, Infallible> { Ok(0) }
///     fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> { Ok(bytes.len()) }
///     fn flush(&mut self) -> Result<(), Infallible> { Ok(()) }
/// }
/// let buffers = Buffers { receive: &mut [0; 128], transmit: &mut [0; 128] };
/// let config = Config::new(DeviceId::new("d").unwrap());
/// let link = MqttLink::new(&config, Wire, buffers, Ticks::from_millis(0));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not prove who the server is",
    note = "open a `tls::Session` over it"
)]
pub trait Verified: sealed::Sealed {}

impl<S: Verified> Verified for &mut S {}

#[maybe_async_cfg::maybe(
    idents(Stream(sync = "Stream", async = "StreamAsync")),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl<S: Stream> Stream for &mut S {
    type Error = S::Error;

    fn ready(&mut self) -> Result<bool, S::Error> {
        S::ready(self)
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, S::Error> {
        S::read(self, buffer).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<usize, S::Error> {
        S::write(self, bytes).await
    }

    async fn flush(&mut self) -> Result<(), S::Error> {
        S::flush(self).await
    }
}

pub(super) mod sealed {
    #[expect(unnameable_types, reason = "sealed on purpose")]
    pub trait Sealed {}

    impl<S: Sealed> Sealed for &mut S {}
}
