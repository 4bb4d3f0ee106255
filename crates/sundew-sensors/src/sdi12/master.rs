//! The state machine of one measurement.

use super::codec::{Address, Command, Fault, parse_started, parse_values};
use super::table::{self, Method, Table};
#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Error, Output, Sensor};
use core::fmt::Debug;
use core::marker::PhantomData;
use sundew_core::Ticks;
use sundew_units::{Dec, Quality};

/// Says what the line is driven to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Drive {
    /// Drives it to spacing (high).
    Break,
    /// Drives it to marking (low), ready to send.
    Mark,
    /// Leaves it to the sensors.
    Release,
}

/// Is one end of the line at 1,200 baud, 7E1, inverted; implemented by the board.
pub trait Line {
    /// Says why the port failed.
    type Error: Debug;

    /// Drives the line, or leaves it.
    ///
    /// # Errors
    ///
    /// Returns the port's error.
    fn drive(&mut self, drive: Drive) -> Result<(), Self::Error>;

    /// Begins to send at most 5 characters, which takes 8.33 ms each, and returns at once.
    ///
    /// # Errors
    ///
    /// Returns the port's error.
    fn send(&mut self, characters: &[u8]) -> Result<(), Self::Error>;

    /// Returns a character that has come, parity removed.
    ///
    /// # Errors
    ///
    /// Returns the port's error, which ends the try.
    fn receive(&mut self) -> Result<Option<u8>, Self::Error>;
}

/// Covers the break of 12 ms (section 7.1) and the millisecond that a clock may miss.
const BREAK_MS: u32 = 13;
/// Covers the marking of 8.33 ms (ibidem), likewise.
const MARK_MS: u32 = 10;
/// Covers 15 ms to the first start bit, the 8.33 ms of its character, likewise.
const FIRST_MS: u32 = 25;
/// Covers a pause of 1.66 ms and a character, likewise.
const NEXT_MS: u32 = 12;
/// Is how often a command is sent before the sensor counts as absent (section 7.2).
const TRIES: u8 = 3;
/// Holds the longest line: address, 75 characters of values, checksum, end.
const LINE: usize = 81;
/// Is the wait of a whole measurement but for the sensor's own time: 11 commands and answers.
const OVERHEAD_MS: u32 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    /// Begins a try with the next poll.
    Asked,
    Break,
    Mark,
    Sending,
    Listening,
    /// Waits for the values: a service request, or the time that the sensor named.
    Measuring,
    Ready,
    Failed(Failed),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failed {
    Aborted,
    Checksum,
    Form,
    Silent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Begin,
    Data(u8),
}

/// Measures with one sensor, by a [`Table`] of what its values mean.
///
/// [`Sensor::start`] asks for a measurement, [`poll`](Self::poll) carries it on whenever the board
/// is awake, and [`Sensor::read`] takes the values once they are there. Values are exact unless
/// they have more places than their output: then rounded to the nearest, halves away from zero.
/// What is missing or does not fit is 0 with [`Quality::Fault`]. A port that fails, like a sensor
/// that is silent, is [`Error::NotReady`] after three tries; a sensor that was interrupted, or has
/// no values, is [`Error::Defect`] with 0.
///
/// ```
/// use sundew_core::Ticks;
/// use sundew_sensors::Sensor;
/// use sundew_sensors::sdi12::{Address, Check, Column, Drive, Line, Method, Sdi12, Table};
/// use sundew_units::Quantity;
///
/// /// Soil: a share in percent, a temperature.
/// struct Soil;
///
/// impl Table<2> for Soil {
///     const METHOD: Method = Method::Continuous(0);
///     const CHECK: Check = Check::Plain;
///     const COLUMNS: [Column; 2] = [
///         Column::new(Quantity::SoilMoisture, -2, -4),
///         Column::new(Quantity::Temperature, 0, -2),
///     ];
/// }
///
/// /// A line whose sensor always answers the same.
/// struct Always(std::vec::IntoIter<u8>);
///
/// impl Line for Always {
///     type Error = core::convert::Infallible;
///     fn drive(&mut self, _: Drive) -> Result<(), Self::Error> {
///         Ok(())
///     }
///     fn send(&mut self, characters: &[u8]) -> Result<(), Self::Error> {
///         assert_eq!(characters, b"0R0!");
///         self.0 = b"0+23.45-1.5\r\n".to_vec().into_iter();
///         Ok(())
///     }
///     fn receive(&mut self) -> Result<Option<u8>, Self::Error> {
///         Ok(self.0.next())
///     }
/// }
///
/// let address = Address::new(b'0').unwrap();
/// let mut sensor = Sdi12::<_, Soil, 2>::new(Always(Vec::new().into_iter()), address);
/// sensor.start().unwrap();
/// let mut now = Ticks::from_millis(0);
/// while let Some(wake_at) = sensor.poll(now) {
///     now = wake_at; // sleep, do something else
/// }
/// assert_eq!(sensor.read(), Ok([2_345, -150]));
/// ```
///
/// *Blocking time*: none; `poll` should come within 5 ms of when it wants to, since the line must
/// be left to the sensor 7.5 ms behind a command.
///
/// *RAM*: the line, 81 bytes for a line of text, 8 for each value and 20 more.
#[derive(Clone, Copy, Debug)]
pub struct Sdi12<L, T, const N: usize> {
    line: L,
    address: Address,
    state: State,
    phase: Phase,
    deadline: Ticks,
    tries: u8,
    text: [u8; LINE],
    len: u8,
    values: [Option<Dec>; N],
    count: u8,
    expected: u8,
    faults: u32,
    table: PhantomData<T>,
}

impl<L: Line, T: Table<N>, const N: usize> Sdi12<L, T, N> {
    /// Takes a line and the sensor's address; nothing is sent yet.
    pub const fn new(line: L, address: Address) -> Self {
        const { assert!(N > 0 && N <= 32, "a sensor has 1 to 32 values here") };
        Self {
            line,
            address,
            state: State::Idle,
            phase: Phase::Begin,
            deadline: Ticks::from_millis(0),
            tries: 0,
            text: [0; LINE],
            len: 0,
            values: [None; N],
            count: 0,
            expected: 0,
            faults: 0,
            table: PhantomData,
        }
    }

    /// Returns the line.
    pub fn release(self) -> L {
        self.line
    }

    /// Carries a measurement on, and returns when to come again at the latest; `None` where there
    /// is nothing to carry on.
    pub fn poll(&mut self, now: Ticks) -> Option<Ticks> {
        // Each round either returns or reaches a later state; 16 are more than there are.
        for _ in 0..16 {
            match self.state {
                State::Idle | State::Ready | State::Failed(_) => return None,
                State::Listening | State::Measuring => {
                    if self.listen(now).is_err() {
                        self.fail(Failed::Form);
                    }
                }
                State::Break | State::Mark | State::Sending if !now.has_reached(self.deadline) => {
                    return Some(self.deadline);
                }
                State::Asked | State::Break | State::Mark | State::Sending => {}
            }
            let outcome = match self.state {
                State::Asked => self.next(State::Break, now, BREAK_MS),
                State::Break => self.next(State::Mark, now, MARK_MS),
                State::Mark => self.send(now),
                State::Sending => self.next(State::Listening, now, FIRST_MS),
                State::Listening if now.has_reached(self.deadline) => {
                    self.fail(if self.len == 0 { Failed::Silent } else { Failed::Form });
                    Ok(())
                }
                State::Measuring if now.has_reached(self.deadline) => {
                    self.ask(Phase::Data(0));
                    Ok(())
                }
                State::Listening | State::Measuring => return Some(self.deadline),
                _ => Ok(()),
            };
            if outcome.is_err() {
                self.fail(Failed::Silent);
            }
        }
        Some(now)
    }

    fn next(&mut self, state: State, now: Ticks, wait_ms: u32) -> Result<(), L::Error> {
        self.state = state;
        self.deadline = now.after(wait_ms);
        self.len = 0;
        self.line.drive(match state {
            State::Break => Drive::Break,
            State::Mark => Drive::Mark,
            _ => Drive::Release,
        })
    }

    fn send(&mut self, now: Ticks) -> Result<(), L::Error> {
        // What was heard during the break is noise.
        for _ in 0..LINE {
            if self.line.receive()?.is_none() {
                break;
            }
        }
        let command = match self.phase {
            Phase::Begin => T::METHOD.command(T::CHECK),
            Phase::Data(page) => Command::Data(page),
        };
        let characters = command.encode(self.address);
        // 25 / 3 ms a character, rounded up.
        let sending_ms = characters.as_bytes().len() as u32 * 9;
        self.state = State::Sending;
        self.deadline = now.after(sending_ms);
        self.line.send(characters.as_bytes())
    }

    /// Takes what has come; a whole line is acted upon.
    fn listen(&mut self, now: Ticks) -> Result<(), L::Error> {
        for _ in 0..LINE {
            let Some(character) = self.line.receive()? else { break };
            let Some(slot) = self.text.get_mut(usize::from(self.len)) else {
                self.fail(Failed::Form);
                break;
            };
            *slot = character & 0x7F;
            self.len += 1;
            if self.state == State::Listening {
                self.deadline = now.after(NEXT_MS);
            }
            if character & 0x7F == b'\n' {
                self.act(now);
                break;
            }
        }
        Ok(())
    }

    fn act(&mut self, now: Ticks) {
        let text = self.text;
        let line = text.get(..usize::from(self.len)).unwrap_or(&text);
        self.len = 0;
        match (self.state, self.phase) {
            (State::Measuring, _) => {
                // A service request is the address alone; anything else is noise.
                if matches!(line, [address, b'\r', b'\n'] if *address == self.address.character()) {
                    self.ask(Phase::Data(0));
                }
            }
            (_, Phase::Begin) if !matches!(T::METHOD, Method::Continuous(_)) => {
                match parse_started(line, self.address) {
                    Err(_) => self.fail(Failed::Form),
                    Ok(started) if started.values == 0 => {
                        self.state = State::Failed(Failed::Aborted);
                    }
                    Ok(started) => {
                        self.expected = started.values;
                        self.state = State::Measuring;
                        self.tries = 0;
                        self.deadline = now.after(u32::from(started.seconds) * 1_000);
                    }
                }
            }
            (_, phase) => match parse_values(line, self.address, T::CHECK) {
                Err(Fault::Checksum) => self.fail(Failed::Checksum),
                Err(Fault::Form) => self.fail(Failed::Form),
                Ok(values) => {
                    let before = self.count;
                    for value in values {
                        if let Some(slot) = self.values.get_mut(usize::from(self.count)) {
                            *slot = Some(value);
                        }
                        self.count = self.count.saturating_add(1);
                    }
                    let is_enough = self.count >= self.expected || usize::from(self.count) >= N;
                    match phase {
                        // A line without values is how a sensor says that it was interrupted.
                        _ if self.count == before => self.state = State::Failed(Failed::Aborted),
                        Phase::Data(page @ 0..=8) if !is_enough => self.ask(Phase::Data(page + 1)),
                        _ => self.state = State::Ready,
                    }
                }
            },
        }
    }

    fn ask(&mut self, phase: Phase) {
        self.phase = phase;
        self.state = State::Asked;
        self.tries = 0;
    }

    fn fail(&mut self, why: Failed) {
        self.tries += 1;
        self.state = if self.tries < TRIES { State::Asked } else { State::Failed(why) };
    }
}

#[maybe_async_cfg::maybe(
    idents(Sensor(sync)),
    sync(keep_self),
    async(feature = "async", keep_self)
)]
impl<L: Line, T: Table<N>, const N: usize> Sensor<N> for Sdi12<L, T, N> {
    type Error = Error<L::Error>;

    const OUTPUTS: [Output; N] = table::outputs::<T, N>();

    /// Asks for a measurement, which [`poll`](Self::poll) carries out; the wait is for a sensor
    /// that takes no time of its own.
    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.ask(Phase::Begin);
        self.values = [None; N];
        (self.count, self.expected, self.faults) = (0, 0, 0);
        Ok(OVERHEAD_MS)
    }

    async fn read(&mut self) -> Result<[i32; N], Self::Error> {
        match self.state {
            State::Ready => {}
            State::Failed(Failed::Checksum) => return Err(Error::Checksum),
            State::Failed(Failed::Form) => return Err(Error::Frame),
            State::Failed(Failed::Aborted) => return Err(Error::Defect(0)),
            _ => return Err(Error::NotReady),
        }
        self.state = State::Idle;
        let mut numbers = [0; N];
        let mut bit = 1;
        for ((number, value), column) in numbers.iter_mut().zip(self.values).zip(T::COLUMNS) {
            match value.and_then(|value| column.value(value)) {
                Some(value) => *number = value,
                None => self.faults |= bit,
            }
            bit <<= 1;
        }
        Ok(numbers)
    }

    fn quality(&self, output: usize) -> Quality {
        let is_fault = output < 32 && self.faults & (1 << output) != 0;
        if is_fault { Quality::Fault } else { Quality::Good }
    }
}
