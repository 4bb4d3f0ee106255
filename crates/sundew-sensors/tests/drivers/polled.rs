//! Lets an async driver pass for a blocking one, where no call ever has to wait.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use sundew_sensors::{Output, Sensor, SensorAsync};
use sundew_units::Quality;

/// Polls a future once; on a simulated bus that is enough.
#[expect(clippy::panic, reason = "a failure of a helper is a failed test")]
pub(crate) fn finish<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a simulated bus never waits"),
    }
}

pub(crate) struct Polled<S>(pub(crate) S);

impl<S: SensorAsync<N>, const N: usize> Sensor<N> for Polled<S> {
    type Error = S::Error;

    const OUTPUTS: [Output; N] = S::OUTPUTS;

    fn start(&mut self) -> Result<u32, S::Error> {
        finish(self.0.start())
    }

    fn read(&mut self) -> Result<[i32; N], S::Error> {
        finish(self.0.read())
    }

    fn quality(&self, output: usize) -> Quality {
        self.0.quality(output)
    }
}
