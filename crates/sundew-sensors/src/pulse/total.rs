//! Running totals that do not drift.

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::meaning::{self, Meaning};
use crate::pulse::{Count, Gauge};
use crate::{ConfigError, Output, Sensor};
use core::convert::Infallible;

/// Adds up what the pulses of a counter stand for.
///
/// The total is the exact product, rounded down: what a division leaves over is carried to the
/// next reading, so a million readings are as exact as one. It counts from 0 and goes on at 0
/// after [`modulus`](Self::modulus) - 1; the channel is a
/// [`Kind::Counter`](sundew_units::Kind::Counter) of the same modulus where the total is saved and
/// resumed, else a [`Kind::CounterSinceBoot`](sundew_units::Kind::CounterSinceBoot).
///
/// *Blocking time*: none; the count is read and converted, with a division of 32 bits where the
/// [`Gauge`]'s denominator is not 1.
///
/// *RAM*: the counter's handle and 20 bytes.
///
/// ```
/// use sundew_sensors::pulse::{Counter, FLOW_450_PER_LITRE, Total};
/// use sundew_sensors::{Mounted, Source};
/// use sundew_units::{Channel, ChannelId, Kind, Quantity, Sample};
///
/// static WATER: Channel = Channel::new(ChannelId(3), "water", Quantity::Volume, -6)
///     .with_kind(Kind::CounterSinceBoot { modulus: 1 << 31 });
/// static TURBINE: Counter = Counter::new();
///
/// let mut water = Mounted::new(Total::new(&TURBINE, FLOW_450_PER_LITRE), [&WATER])?;
/// let mut sample = Sample::new();
/// (0..450).for_each(|_| TURBINE.pulse());
/// water.read_into(&mut sample).unwrap();
/// assert_eq!(sample.values().next().unwrap().1, 1_000); // millilitres
/// # Ok::<(), sundew_sensors::ConfigError>(())
/// ```
#[derive(Debug)]
pub struct Total<C, M> {
    counter: C,
    gauge: Gauge<M>,
    seen: u16,
    saved: Saved,
    modulus: u32,
}

/// Holds a total as it is kept across a restart.
///
/// ```
/// use sundew_sensors::pulse::{Counter, FLOW_450_PER_LITRE, Saved, Total};
/// use sundew_sensors::Sensor;
///
/// static TURBINE: Counter = Counter::new();
/// let mut water = Total::new(&TURBINE, FLOW_450_PER_LITRE);
/// (0..100).for_each(|_| TURBINE.pulse());
/// assert_eq!(water.read(), Ok([222])); // and 2/9
/// let kept: [u8; 6] = water.save().to_bytes();
///
/// let mut water = Total::new(&TURBINE, FLOW_450_PER_LITRE).resume(Saved::from_bytes(kept));
/// (0..350).for_each(|_| TURBINE.pulse());
/// assert_eq!(water.read(), Ok([1_000]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Saved {
    mantissa: u32,
    remainder: u16,
}

impl Saved {
    /// Returns what was written by [`to_bytes`](Self::to_bytes).
    pub const fn from_bytes(bytes: [u8; 6]) -> Self {
        let [mantissa @ .., low, high] = bytes;
        Self { mantissa: u32::from_le_bytes(mantissa), remainder: u16::from_le_bytes([low, high]) }
    }

    /// Returns six bytes, least significant first: the total in steps, then what remains of one.
    pub const fn to_bytes(self) -> [u8; 6] {
        let mut bytes = [0; 6];
        let [mantissa @ .., low, high] = &mut bytes;
        *mantissa = self.mantissa.to_le_bytes();
        [*low, *high] = self.remainder.to_le_bytes();
        bytes
    }
}

impl<C: Count, M: Meaning> Total<C, M> {
    /// Holds the modulus of a total that was given no other: all that an `i32` can count.
    pub const FULL: u32 = 1 << 31;

    /// Starts at 0 with the count as it is now.
    pub fn new(mut counter: C, gauge: Gauge<M>) -> Self {
        let seen = counter.count();
        Self { counter, gauge, seen, saved: Saved::default(), modulus: Self::FULL }
    }

    /// Lets the total go on at 0 after `modulus - 1`, as a meter with few digits does.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Setting`] where `modulus` is 0 or more than [`FULL`](Self::FULL).
    pub fn with_modulus(mut self, modulus: u32) -> Result<Self, ConfigError> {
        if modulus == 0 || modulus > Self::FULL {
            return Err(ConfigError::Setting);
        }
        self.modulus = modulus;
        self.saved.mantissa %= modulus;
        Ok(self)
    }

    /// Goes on from a total that was kept; pulses between the save and the restart are lost.
    #[must_use]
    pub fn resume(mut self, saved: Saved) -> Self {
        self.saved.mantissa = saved.mantissa % self.modulus;
        self.saved.remainder = self.gauge.possible(saved.remainder);
        self
    }

    /// Returns what is to be kept to go on after a restart: the total as of the last reading.
    pub const fn save(&self) -> Saved {
        self.saved
    }

    /// Returns the modulus.
    pub const fn modulus(&self) -> u32 {
        self.modulus
    }

    /// Takes in the pulses since the last call and returns the total.
    pub fn update(&mut self) -> i32 {
        let count = self.counter.count();
        let (steps, remainder) =
            self.gauge.share(count.wrapping_sub(self.seen), self.saved.remainder);
        self.seen = count;
        // Both are below the modulus, which is at most 2^31, so the sum fits 32 bits. The
        // divisions are for what seldom comes: each would cost AVR 600 cycles.
        let steps = if steps < self.modulus { steps } else { steps % self.modulus };
        let sum = self.saved.mantissa + steps;
        let mantissa = if sum < self.modulus { sum } else { sum - self.modulus };
        self.saved = Saved { mantissa, remainder };
        mantissa as i32
    }
}

#[maybe_async_cfg::maybe(
    idents(Sensor(sync)),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl<C: Count, M: Meaning> Sensor<1> for Total<C, M> {
    type Error = Infallible;

    const OUTPUTS: [Output; 1] = [M::OUTPUT];

    async fn start(&mut self) -> Result<u32, Infallible> {
        Ok(0)
    }

    async fn read(&mut self) -> Result<[i32; 1], Infallible> {
        Ok([self.update()])
    }
}

/// Gives a total together with the number of the boot at which it began.
///
/// The number is the application's: a boot count in flash, or any number that is another one after
/// each start. [`gained`] shows what a receiver does with the pair.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::pulse::{Counter, RAIN_0_2_MM, Total, WithEpoch};
///
/// static TIPS: Counter = Counter::new();
/// let boot = 41;
/// let mut rain = WithEpoch::new(Total::new(&TIPS, RAIN_0_2_MM), boot);
/// TIPS.pulse();
/// assert_eq!(rain.read(), Ok([2_000, 41]));
/// ```
#[derive(Debug)]
pub struct WithEpoch<C, M> {
    total: Total<C, M>,
    epoch: u16,
}

impl<C: Count, M: Meaning> WithEpoch<C, M> {
    /// Gives `total` beside the number of the boot at which it began at 0.
    pub const fn new(total: Total<C, M>, epoch: u16) -> Self {
        Self { total, epoch }
    }
}

#[maybe_async_cfg::maybe(
    idents(Sensor(sync)),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl<C: Count, M: Meaning> Sensor<2> for WithEpoch<C, M> {
    type Error = Infallible;

    const OUTPUTS: [Output; 2] = [M::OUTPUT, meaning::Count::<0>::OUTPUT];

    async fn start(&mut self) -> Result<u32, Infallible> {
        Ok(0)
    }

    async fn read(&mut self) -> Result<[i32; 2], Infallible> {
        Ok([self.total.update(), i32::from(self.epoch)])
    }
}

/// Returns what was gained between two readings of `(total, epoch)` of a counter.
///
/// In one epoch a smaller total came round at `modulus`, once: it must not come round twice
/// between two readings that arrive. In another epoch it began again at 0, and what the device
/// counted after the earlier reading and before it stopped is lost.
///
/// `None` where a total is not below `modulus`, or negative: it is no reading of this counter.
///
/// ```
/// use sundew_sensors::pulse::gained;
///
/// assert_eq!(gained((9_990, 41), (5, 41), 10_000), Some(15)); // came round
/// assert_eq!(gained((9_990, 41), (5, 42), 10_000), Some(5)); // began again
/// assert_eq!(gained((9_990, 41), (10_000, 41), 10_000), None);
/// ```
pub const fn gained(before: (i32, i32), after: (i32, i32), modulus: u32) -> Option<u32> {
    let (first, second) = (before.0 as u32, after.0 as u32);
    // A negative total is above 2^31 here, which is above any modulus.
    if first >= modulus || second >= modulus || modulus > 1 << 31 {
        return None;
    }
    Some(if before.1 != after.1 {
        second
    } else if second >= first {
        second - first
    } else {
        modulus - first + second
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meaning::{Energy, Rainfall, Volume};
    use crate::pulse::{Counter, FLOW_450_PER_LITRE, RAIN_0_2794_MM, S0_1000_PER_KILOWATT_HOUR};
    use core::cell::Cell;

    /// Shows any count that the test sets.
    type Played = Cell<u16>;

    impl Count for &Played {
        fn count(&mut self) -> u16 {
            self.get()
        }
    }

    fn add(count: &Played, pulses: u16) {
        count.set(count.get().wrapping_add(pulses));
    }

    /// Adds pulses in gulps of every size and compares with one exact product.
    fn agrees<M: Meaning>(gauge: Gauge<M>, numerator: u64, denominator: u64, modulus: u32) {
        let count = Played::new(0);
        let mut total = Total::new(&count, gauge).with_modulus(modulus).unwrap();
        let (mut pulses, mut gulp) = (0_u64, 1_u32);
        for _ in 0..20_000 {
            gulp = gulp * 75 % 65_537; // runs through 1..=65,536
            add(&count, gulp as u16);
            pulses += u64::from(gulp as u16);
            let exact = pulses * numerator / denominator % u64::from(modulus);
            assert_eq!(u64::try_from(total.update()), Ok(exact), "{pulses} pulses");
        }
    }

    #[test]
    fn totals_are_the_exact_product_whatever_the_gulps() {
        agrees::<Rainfall<-7>>(RAIN_0_2794_MM, 2_794, 1, 1 << 31);
        agrees::<Volume<-6>>(FLOW_450_PER_LITRE, 1_000, 450, 1 << 31);
        agrees::<Energy<2>>(S0_1000_PER_KILOWATT_HOUR, 36_000, 1_000, 1 << 31);
        agrees::<Energy<2>>(Gauge::per_kilowatt_hour(10_000), 18, 5, 10_000);
        agrees::<Energy<2>>(Gauge::new(u16::MAX, u16::MAX), 1, 1, 1 << 31);
        agrees::<Energy<2>>(Gauge::new(u16::MAX, 1), 65_535, 1, 1 << 31);
        agrees::<Energy<2>>(Gauge::new(u16::MAX, 65_534), 65_535, 65_534, 7);
        agrees::<Energy<2>>(Gauge::new(1, u16::MAX), 1, 65_535, 1);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert_eq!(Gauge::<Volume<-6>>::try_new(0, 1).err(), Some(ConfigError::Setting));
        assert_eq!(Gauge::<Volume<-6>>::try_new(1, 0).err(), Some(ConfigError::Setting));
        for modulus in [0, (1 << 31) + 1] {
            let counter = Counter::new();
            let total = Total::new(&counter, RAIN_0_2794_MM);
            assert_eq!(total.with_modulus(modulus).err(), Some(ConfigError::Setting));
        }
    }

    #[test]
    fn what_was_kept_damaged_cannot_break_the_sum() {
        let count = Played::new(65_530);
        let mut total = Total::new(&count, FLOW_450_PER_LITRE).resume(Saved::from_bytes([0xFF; 6]));
        assert_eq!(total.save(), Saved { mantissa: (1 << 31) - 1, remainder: 0 });
        add(&count, 1);
        assert_eq!(total.update(), 1);
    }

    #[test]
    fn a_receiver_tells_a_turn_from_a_restart() {
        assert_eq!(gained((5, 1), (5, 1), 10), Some(0));
        assert_eq!(gained((5, 1), (4, 1), 10), Some(9));
        assert_eq!(gained((5, 1), (7, 2), 10), Some(7));
        assert_eq!(gained((-1, 1), (7, 1), 10), None);
        assert_eq!(gained((0, 1), (i32::MAX, 1), 1 << 31), Some(i32::MAX as u32));
        assert_eq!(gained((0, 1), (1, 1), u32::MAX), None);
    }
}
