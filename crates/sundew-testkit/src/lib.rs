#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "std")]
extern crate std;

mod adc;
mod bus;
mod clock;
mod eeprom;
#[cfg(feature = "std")]
pub mod explore;
mod flash;
mod link;
mod model;
mod one_wire;
mod serial;
mod spi;
mod supply;
mod tear;

pub use adc::{AdcError, SimAdc};
pub use bus::{Ack, BusError, Direction, SimBus, SimDevice, Transaction};
pub use clock::SimClock;
pub use eeprom::{EepromError, SimEeprom};
pub use flash::{Defect, Erased, FlashCounters, FlashError, Operation, Rewrite, SimFlash, Worn};
#[cfg(feature = "async")]
pub use flash::{Slow, poll_at_most};
pub use link::{LinkError, Side, SimEnd, SimLink};
pub use model::{
    Increment, PinError, SimBh1750, SimHx711, SimHx711Clock, SimHx711Data, SimMs5611, SimRegisters,
    SimSht4x, SimSpiFrame, SimSpiRegisters, SimTmp105, SimWords, TopBit, Word, WordCommand,
};
pub use one_wire::{SimDs18b20, SimOneWire};
pub use serial::{
    Damage, Exchange, Outbox, SerialError, SimMhz19, SimPmsx003, SimScript, SimSds011, SimSerial,
    SimTalker,
};
pub use spi::{SimSpi, SimSpiDevice, SpiError, SpiTransaction};
pub use tear::{Reading, Torn};
