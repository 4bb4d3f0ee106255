//! A port that takes no byte, against the contract of `Write`: `write_all` would panic.

use core::convert::Infallible;
use embedded_io::{ErrorType, Read, ReadReady, Write};
use sundew_sensors::mhz19::{Mhz19, Model};
use sundew_sensors::one_wire::{BaudRate, Fault, OneWire, UartWire};
use sundew_sensors::{Error, Sensor};
use sundew_testkit::SimClock;

struct Deaf;

impl ErrorType for Deaf {
    type Error = Infallible;
}

impl Read for Deaf {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Infallible> {
        Ok(0)
    }
}

impl ReadReady for Deaf {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(false)
    }
}

impl Write for Deaf {
    fn write(&mut self, _: &[u8]) -> Result<usize, Infallible> {
        Ok(0)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl BaudRate for Deaf {
    fn set_baud_rate(&mut self, _: u32) -> Result<(), Infallible> {
        Ok(())
    }
}

#[test]
fn a_port_that_takes_nothing_is_an_error() {
    assert_eq!(Mhz19::new(Deaf, Model::B).start(), Err(Error::NotReady));
    let clock = SimClock::new();
    assert!(matches!(UartWire::new(Deaf, &clock).reset(), Err(Fault::Silent)));
}
