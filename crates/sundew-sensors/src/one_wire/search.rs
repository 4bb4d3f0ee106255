//! Finding the codes of all parts on a bus.

#[cfg(feature = "async")]
use super::OneWireAsync;
use super::{Fault, OneWire, Rom};

/// Asks all parts for their codes (datasheet of each part, "Search ROM").
const SEARCH: u8 = 0xF0;

/// Finds the parts on a bus one by one, after application note 187.
///
/// ```
/// use sundew_sensors::one_wire::{PinWire, Search};
/// use sundew_testkit::{SimClock, SimDs18b20, SimOneWire};
///
/// let clock = SimClock::new();
/// let (in_air, in_soil) = (SimDs18b20::new(&clock, 0x28, 7), SimDs18b20::new(&clock, 0x28, 8));
/// let line = SimOneWire::new(&clock, [&in_air, &in_soil]);
/// let mut bus = PinWire::new(&line, &clock);
/// let mut search = Search::new();
/// let mut found = Vec::new();
/// while let Some(rom) = search.next(&mut bus).unwrap() {
///     found.push(rom.to_bytes());
/// }
/// assert_eq!(found, [in_soil.rom(), in_air.rom()]); // by the first bit that differs
/// ```
///
/// *Blocking time*: each part takes a reset and 200 slots, 15 ms over a pin.
///
/// *Cancel safety* (async): a step that is dropped is done again by the next call.
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct Search {
    rom: [u8; 8],
    /// Counts bits from 1: the last one where parts differed and the 0 was taken.
    last_fork: u8,
    is_over: bool,
}

#[maybe_async_cfg::maybe(idents(OneWire(sync)), sync(keep_self), async(feature = "async"))]
impl Search {
    /// Begins with the first part.
    pub const fn new() -> Self {
        Self { rom: [0; 8], last_fork: 0, is_over: false }
    }

    /// Returns the next part, or `None` behind the last.
    ///
    /// # Errors
    ///
    /// Returns the bus's [`Fault`]; [`Fault::Damaged`] where what was found is no code. The same
    /// part is searched again then.
    pub async fn next<B: OneWire>(&mut self, bus: &mut B) -> Result<Option<Rom>, Fault<B::Error>> {
        if self.is_over {
            return Ok(None);
        }
        bus.reset().await?;
        bus.write_byte(SEARCH).await?;
        let mut rom = [0; 8];
        let mut fork = 0;
        let mut number = 0;
        for (byte, before) in rom.iter_mut().zip(self.rom) {
            let mut mask = 1_u8;
            while mask != 0 {
                number += 1;
                let are_all_ones = bus.slot(true).await?;
                let are_all_zeros = bus.slot(true).await?;
                let choice = match (are_all_ones, are_all_zeros) {
                    (true, true) => return Err(Fault::Damaged),
                    (false, false) => {
                        let choice = match number.cmp(&self.last_fork) {
                            core::cmp::Ordering::Less => before & mask != 0,
                            core::cmp::Ordering::Equal => true,
                            core::cmp::Ordering::Greater => false,
                        };
                        if !choice {
                            fork = number;
                        }
                        choice
                    }
                    (bit, _) => bit,
                };
                if choice {
                    *byte |= mask;
                }
                bus.slot(choice).await?;
                mask <<= 1;
            }
        }
        let found = Rom::new(rom).map_err(|_| Fault::Damaged)?;
        self.rom = rom;
        self.last_fork = fork;
        self.is_over = fork == 0;
        Ok(Some(found))
    }
}
