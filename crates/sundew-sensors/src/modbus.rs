//! Modbus RTU: the registers of a meter or transmitter as a sensor, by a constant map.
//!
//! After "MODBUS over serial line" V1.02 and "MODBUS application protocol" V1.1b3; scale factors
//! after the `SunSpec` device information model. One block of up to 32 registers is read at a time,
//! with function 3 or 4; nothing is written.
//!
//! Request, checksum and answer are 40 lines of our own, and `modbus-core` 0.2 is what the tests
//! compare them with. It is not linked: its `decode_response` ends in `unreachable!` behind 256
//! bytes of rubbish, so a line with noise could stop the device (`tests/drivers/modbus_cases.rs`). `rmodbus` 0.13 is a server first
//! and Apache-2.0 only.
//!
//! *RS-485*: the port switches its driver by itself, or is wrapped in one whose `write` does:
//! direction pin high, bytes out, last stop bit awaited, pin low. Where the receiver hears what is
//! sent, the echo is skipped.

mod error;
mod map;
mod number;
mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::uart::Line;
#[cfg(feature = "async")]
use crate::uart::LineAsync;
use crate::{ConfigError, Error, Output, Sensor};
use core::marker::PhantomData;
use embedded_io::{Read, ReadReady, Write};
#[cfg(feature = "async")]
use embedded_io_async::{Read as ReadAsync, Write as WriteAsync};
pub use error::{Exception, ModbusError};
pub use map::{Function, Kind, Map, Order, Register, Scale};
use sundew_units::Quality;
pub use wire::{Answer, MAX_REGISTERS, parse, question};

/// Reads the block of registers of a [`Map`] from one device.
///
/// Integers times a power of ten are exact; what has more places than its output is rounded to the
/// nearest, halves away from zero. A number that is not there (`SunSpec`'s "not implemented", a NaN),
/// or does not fit, is 0 with [`Quality::Fault`].
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::modbus::{Function, Kind, Map, Modbus, Register};
/// use sundew_testkit::{Exchange, SimClock, SimScript, SimSerial};
/// use sundew_units::Quantity;
///
/// /// A transmitter with tenths of a degree in register 1 and tenths of a percent in register 2.
/// #[derive(Clone, Copy, Debug)]
/// struct Transmitter;
///
/// impl Map<2> for Transmitter {
///     const FUNCTION: Function = Function::Input;
///     const FIRST: u16 = 1;
///     const COUNT: u16 = 2;
///     const REGISTERS: [Register; 2] = [
///         Register::new(0, Kind::I16, Quantity::Temperature, -1),
///         Register::new(1, Kind::U16, Quantity::RelativeHumidity, -1),
///     ];
/// }
///
/// let question = [0x01, 0x04, 0x00, 0x01, 0x00, 0x02, 0x20, 0x0B];
/// let answer = [0x01, 0x04, 0x04, 0xFF, 0xF6, 0x02, 0x31, 0xEB, 0x16]; // -1.0 Cel, 56.1 %RH
/// let clock = SimClock::new();
/// let device = SimScript::new([Exchange::new(&question, &answer, 5_000)]);
/// let port = SimSerial::new(&clock, &device);
///
/// let mut sensor = Modbus::<_, Transmitter, 2>::new(&port, 1, 100).unwrap();
/// clock.advance_millis(sensor.start().unwrap());
/// assert_eq!(sensor.read(), Ok([-10, 561]));
/// ```
///
/// *Blocking time*: `read` takes bytes that are there already; `start` hands over 8 bytes. The
/// receiver must hold the answer, 5 bytes and 2 for each register, until `read`.
///
/// *Cancel safety* (async): a future that is dropped loses an answer at most.
///
/// *RAM*: the port and 82 bytes, of which 69 are for the longest answer.
#[maybe_async_cfg::maybe(idents(Line(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Modbus<P, M, const N: usize> {
    line: Line<P, { wire::LEN }>,
    device: u8,
    wait_ms: u32,
    is_started: bool,
    faults: u32,
    map: PhantomData<M>,
}

#[maybe_async_cfg::maybe(
    idents(Line(sync), Read(sync), Write(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<P: Read + ReadReady + Write, M: Map<N>, const N: usize> Modbus<P, M, N> {
    /// Takes a port at the device's speed, the device's number, and how long to wait for an answer.
    ///
    /// The wait covers both frames and the device's own time, which is in its manual: at 9,600 baud
    /// 9 ms, 2.1 ms for each register, 6 ms, and often up to 1 s.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Address`] for a number that is not 1 to 247.
    pub fn new(port: P, device: u8, wait_ms: u32) -> Result<Self, ConfigError> {
        const { map::check::<M, N>() };
        if !(1..=247).contains(&device) {
            return Err(ConfigError::Address);
        }
        let line = Line::new(port);
        Ok(Self { line, device, wait_ms, is_started: false, faults: 0, map: PhantomData })
    }

    /// Returns the port.
    pub fn release(self) -> P {
        self.line.release()
    }
}

#[maybe_async_cfg::maybe(
    idents(Read(sync), Write(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<P: Read + ReadReady + Write, M: Map<N>, const N: usize> Sensor<N> for Modbus<P, M, N> {
    type Error = ModbusError<P::Error>;

    const OUTPUTS: [Output; N] = map::outputs::<M, N>();

    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.is_started = false;
        let question = wire::question(self.device, M::FUNCTION, M::FIRST, M::COUNT);
        self.line.ask(&question).await.map_err(ModbusError::Line)?;
        self.is_started = true;
        Ok(self.wait_ms)
    }

    async fn read(&mut self) -> Result<[i32; N], Self::Error> {
        if !self.is_started {
            return Err(ModbusError::Line(Error::NotReady));
        }
        let wanted = wire::Wanted { device: self.device, function: M::FUNCTION, count: M::COUNT };
        let words = match self.line.newest(&wanted).await.map_err(ModbusError::Line)? {
            Answer::Words(words) => words,
            Answer::Exception(exception) => {
                self.is_started = false;
                return Err(ModbusError::Refused(exception));
            }
        };
        self.is_started = false;
        self.faults = 0;
        let mut values = [0; N];
        let mut bit = 1;
        for (value, register) in values.iter_mut().zip(M::REGISTERS) {
            // Floats take 64-bit arithmetic, 6,214 B on AVR: linked only for maps that have one.
            let found = number::value(&words, &register, |bits, shift| {
                if const { map::has_float::<M, N>() } { number::float(bits, shift) } else { None }
            });
            match found {
                Some(number) => *value = number,
                None => self.faults |= bit,
            }
            bit <<= 1;
        }
        Ok(values)
    }

    fn quality(&self, output: usize) -> Quality {
        let is_fault = output < 32 && self.faults & (1 << output) != 0;
        if is_fault { Quality::Fault } else { Quality::Good }
    }
}
