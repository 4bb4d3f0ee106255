//! Maxim `DS18B20`, `DS1822` and `DS18S20`: temperature, over 1-Wire.
//!
//! After the datasheets 19-7487 revision 6 (`DS18B20`) and 19-5474 (`DS18S20`). The alarms are left
//! as they are and nothing is written to the part's EEPROM.
//!
//! With several parts on a bus a read that comes too early gives the value before, and nothing
//! tells; alone on its bus a part with its own supply tells. A part whose supply broke down shows
//! 85 Cel and its stored resolution: either is [`Error::Restarted`]. Copies of the part that show
//! neither cannot be told.

mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
#[cfg(feature = "async")]
use crate::one_wire::OneWireAsync;
use crate::one_wire::{Fault, OneWire, Pull, Rom};
use crate::{Bus, ConfigError, Error, Output, Part, Sensor};
use sundew_units::Quantity;
pub use wire::{Resolution, Scratchpad};

/// Describes the one value: hundredths of a degree Celsius.
pub const OUTPUTS: [Output; 1] = [Output::new(Quantity::Temperature, -2)];

/// Describes the driver's parts.
pub const PART: Part = Part {
    module: "ds18b20",
    parts: "DS18B20, DS1822, DS18S20",
    bus: Bus::OneWire,
    outputs: &OUTPUTS,
    accuracy: &["±0.5 Cel (DS18B20, DS18S20), ±2 Cel (DS1822)"],
    blocking: "17 ms over a pin",
};

/// Says where a part has its supply from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Supply {
    /// Is its own pin.
    External,
    /// Is the data line: [`OneWire::pull`] must really pull while it converts, and nothing else may
    /// happen on the bus meanwhile.
    Parasite,
}

/// Drives one part, which measures temperature in 0.01 Cel.
///
/// Steps of 0.0625 Cel are rounded to the nearest hundredth, halves upwards: at most 0.005 Cel off.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::ds18b20::{Ds18b20, Resolution};
/// use sundew_sensors::one_wire::PinWire;
/// use sundew_testkit::{SimClock, SimDs18b20, SimOneWire};
///
/// let clock = SimClock::new();
/// let part = SimDs18b20::new(&clock, 0x28, 7);
/// let line = SimOneWire::new(&clock, [&part]);
/// part.set_sixteenths(-162); // -10.125 Cel
///
/// let mut sensor = Ds18b20::only(PinWire::new(&line, &clock), Resolution::Twelve);
/// clock.advance_millis(sensor.start().unwrap());
/// assert_eq!(sensor.read(), Ok([-1_012]));
/// ```
///
/// *Blocking time*: over a pin `start` takes 2 ms (7 ms with a code; the first one 12 and 26 ms),
/// `read` 8 ms (12 ms); over a UART half as much again.
///
/// *Cancel safety* (async): a future that is dropped leaves a transfer unfinished, which the next
/// start ends; with a parasite supply the bus may stay pulled until then.
///
/// *RAM*: the bus and 14 bytes.
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Ds18b20<B> {
    bus: B,
    rom: Option<Rom>,
    kind: wire::Kind,
    resolution: Resolution,
    supply: Supply,
    is_configured: bool,
    is_started: bool,
}

#[maybe_async_cfg::maybe(idents(OneWire(sync)), sync(keep_self), async(feature = "async"))]
impl<B: OneWire> Ds18b20<B> {
    /// Takes a bus with nothing on it but one `DS18B20` or `DS1822`; nothing is sent yet.
    pub const fn only(bus: B, resolution: Resolution) -> Self {
        Self {
            bus,
            rom: None,
            kind: wire::Kind::Fine,
            resolution,
            supply: Supply::External,
            is_configured: false,
            is_started: false,
        }
    }

    /// Takes a bus and the code of the part, which says its kind; nothing is sent yet.
    ///
    /// A `DS18S20` always measures in sixteenths, whatever `resolution` is.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Address`] where the code is that of another family.
    pub fn at(bus: B, rom: Rom, resolution: Resolution) -> Result<Self, ConfigError> {
        let kind = wire::Kind::of(rom).ok_or(ConfigError::Address)?;
        Ok(Self { rom: Some(rom), kind, ..Self::only(bus, resolution) })
    }

    /// Says where the part has its supply from; without this it is its own pin.
    #[must_use]
    pub fn with_supply(self, supply: Supply) -> Self {
        Self { supply, ..self }
    }

    /// Returns the bus; the part keeps its resolution until its supply ends.
    pub fn release(self) -> B {
        self.bus
    }

    async fn address(&mut self, command: u8) -> Result<(), Error<Fault<B::Error>>> {
        self.bus.reset().await.map_err(Error::Bus)?;
        match self.rom {
            None => self.send(wire::SKIP_ROM).await?,
            Some(rom) => {
                self.send(wire::MATCH_ROM).await?;
                for byte in rom.to_bytes() {
                    self.send(byte).await?;
                }
            }
        }
        self.send(command).await
    }

    async fn send(&mut self, byte: u8) -> Result<(), Error<Fault<B::Error>>> {
        self.bus.write_byte(byte).await.map_err(Error::Bus)
    }

    async fn scratchpad(&mut self) -> Result<[u8; 9], Error<Fault<B::Error>>> {
        self.address(wire::READ_SCRATCHPAD).await?;
        let mut bytes = [0; 9];
        for byte in &mut bytes {
            *byte = self.bus.read_byte().await.map_err(Error::Bus)?;
        }
        Ok(bytes)
    }

    /// Sets the resolution where it is another, and leaves the alarms beside it as they are.
    async fn configure(&mut self) -> Result<(), Error<Fault<B::Error>>> {
        let bytes = self.scratchpad().await?;
        let [_, _, upper, lower, configuration, ..] = bytes;
        self.judge(&bytes)?;
        if self.kind == wire::Kind::Fine && configuration != self.resolution as u8 {
            self.address(wire::WRITE_SCRATCHPAD).await?;
            for byte in [upper, lower, self.resolution as u8] {
                self.send(byte).await?;
            }
        }
        self.is_configured = true;
        Ok(())
    }

    /// Refuses what is no scratchpad of this part.
    fn judge(&self, bytes: &[u8; 9]) -> Result<Scratchpad, Error<Fault<B::Error>>> {
        let found = match self.kind {
            wire::Kind::Fine => Scratchpad::of_ds18b20(bytes),
            wire::Kind::Halves => Scratchpad::of_ds18s20(bytes),
        };
        match found {
            Scratchpad::Absent => Err(Error::Bus(Fault::Absent)),
            Scratchpad::Damaged => Err(Error::Checksum),
            Scratchpad::Foreign => Err(Error::Frame),
            Scratchpad::PowerUp | Scratchpad::Measured { .. } => Ok(found),
        }
    }

    async fn fetch(&mut self) -> Result<[i32; 1], Error<Fault<B::Error>>> {
        let bytes = self.scratchpad().await?;
        match self.judge(&bytes)? {
            Scratchpad::Measured { sixteenths, configuration }
                if self.kind == wire::Kind::Halves || configuration == self.resolution as u8 =>
            {
                Ok([wire::centi_celsius(sixteenths)])
            }
            _ => Err(Error::Restarted),
        }
    }
}

#[maybe_async_cfg::maybe(
    idents(OneWire(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<B: OneWire> Sensor<1> for Ds18b20<B> {
    type Error = Error<Fault<B::Error>>;

    const OUTPUTS: [Output; 1] = OUTPUTS;

    /// Begins a measurement; the first one, and one after an error, sets the resolution.
    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.is_started = false;
        if self.supply == Supply::Parasite {
            // A measurement that was begun and never read has left it so.
            self.bus.pull(Pull::Weak).await.map_err(Error::Bus)?;
        }
        if !self.is_configured {
            self.configure().await?;
        }
        self.address(wire::CONVERT).await?;
        if self.supply == Supply::Parasite {
            self.bus.pull(Pull::Strong).await.map_err(Error::Bus)?;
        }
        self.is_started = true;
        Ok(self.kind.wait_ms(self.resolution))
    }

    async fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        if !self.is_started {
            return Err(Error::NotReady);
        }
        match self.supply {
            Supply::Parasite => self.bus.pull(Pull::Weak).await.map_err(Error::Bus)?,
            // Alone, it shows 0 until it is through.
            Supply::External if self.rom.is_none() => {
                if !self.bus.slot(true).await.map_err(Error::Bus)? {
                    // Or it was restarted, and converts at its stored resolution.
                    self.is_configured = false;
                    return Err(Error::NotReady);
                }
            }
            Supply::External => {}
        }
        self.is_started = false;
        let outcome = self.fetch().await;
        self.is_configured = outcome.is_ok();
        outcome
    }
}
