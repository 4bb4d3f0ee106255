#![doc = include_str!("../README.md")]
#![no_std]

mod bus;
mod clock;
mod flash;
mod link;
mod model;
mod serial;

pub use bus::{Ack, BusError, Direction, SimBus, SimDevice, Transaction};
pub use clock::SimClock;
pub use flash::{FlashCounters, FlashError, Operation, Rewrite, SimFlash, Torn};
pub use link::{LinkError, Side, SimEnd, SimLink};
pub use model::{Increment, SimRegisters, SimSht4x, SimTmp105, SimWords, Word, WordCommand};
pub use serial::{
    Damage, Exchange, Outbox, SerialError, SimMhz19, SimPmsx003, SimScript, SimSds011, SimSerial,
    SimTalker,
};
