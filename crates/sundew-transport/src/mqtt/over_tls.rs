//! A TLS session as the stream below a link.

use embedded_io::{Read, ReadReady, Write, WriteReady};

use super::stream::sealed::Sealed;
use super::{Stream, Verified};
use crate::tls::{Error, Session, Wait};

impl<S, W> Stream for Session<'_, '_, S, W>
where
    S: Read + Write + ReadReady + WriteReady,
    W: FnMut() -> Wait,
{
    type Error = Error<S::Error>;

    fn ready(&mut self) -> Result<bool, Self::Error> {
        match Session::ready(self) {
            // The end is there to be read.
            Err(Error::Closed) => Ok(true),
            ready => ready,
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        match Session::read(self, buffer) {
            Err(Error::Closed) => Ok(0),
            read => read,
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        Session::write(self, bytes)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Session::flush(self)
    }
}

impl<S, W> Verified for Session<'_, '_, S, W>
where
    S: Read + Write + ReadReady + WriteReady,
    W: FnMut() -> Wait,
{
}

impl<S, W> Sealed for Session<'_, '_, S, W>
where
    S: Read + Write + ReadReady + WriteReady,
    W: FnMut() -> Wait,
{
}

#[cfg(feature = "async")]
mod asynch {
    use embedded_io_async::{Read, Write};

    use super::{Error, Sealed, Verified};
    use crate::mqtt::StreamAsync;
    use crate::tls::SessionAsync;

    impl<S: Read + Write> StreamAsync for SessionAsync<'_, '_, S> {
        type Error = Error<S::Error>;

        fn ready(&mut self) -> Result<bool, Self::Error> {
            match SessionAsync::ready(self) {
                Err(Error::Closed) => Ok(true),
                ready => ready,
            }
        }

        async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
            match SessionAsync::read(self, buffer).await {
                Err(Error::Closed) => Ok(0),
                read => read,
            }
        }

        async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
            SessionAsync::write(self, bytes).await
        }

        async fn flush(&mut self) -> Result<(), Self::Error> {
            SessionAsync::flush(self).await
        }
    }

    impl<S: Read + Write> Verified for SessionAsync<'_, '_, S> {}

    impl<S: Read + Write> Sealed for SessionAsync<'_, '_, S> {}
}
