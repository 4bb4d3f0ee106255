//! A sensor whose outputs are bound to channels of the device.

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{ConfigError, Output, ReadError, Sensor};
use sundew_core::Classify;
use sundew_units::{Channel, Quality, Sample};

/// Checks that each channel has the quantity, unit and exponent of the output at its place.
///
/// [`Mounted::new`] does so too; in a constant it stops the build:
///
/// ```
/// use sundew_sensors::{check, sht4x};
/// use sundew_units::{Channel, ChannelId, Quantity};
///
/// static AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
/// static DAMP: Channel = Channel::new(ChannelId(2), "damp", Quantity::RelativeHumidity, -2);
/// const _: () = assert!(check(&sht4x::OUTPUTS, &[&AIR, &DAMP]).is_ok());
/// ```
///
/// ```compile_fail
/// # use sundew_sensors::{check, sht4x};
/// # use sundew_units::{Channel, ChannelId, Quantity};
/// # static AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
/// # static DAMP: Channel = Channel::new(ChannelId(2), "damp", Quantity::RelativeHumidity, -2);
/// const _: () = assert!(check(&sht4x::OUTPUTS, &[&DAMP, &AIR]).is_ok());
/// ```
///
/// # Errors
///
/// Returns the first [`ConfigError`] that applies, with the number of the output.
pub const fn check<const N: usize>(
    outputs: &[Output; N],
    channels: &[&'static Channel; N],
) -> Result<(), ConfigError> {
    let mut output: u8 = 0;
    let mut rest: (&[Output], &[&Channel]) = (outputs, channels);
    while let ([wanted, outputs @ ..], [channel, channels @ ..]) = rest {
        // Enums cannot be compared in constants yet; their numbers can.
        if channel.quantity() as u8 != wanted.quantity as u8 {
            return Err(ConfigError::Quantity { output });
        }
        if channel.unit() as u8 != wanted.quantity.canonical_unit() as u8 {
            return Err(ConfigError::Unit { output });
        }
        if channel.exponent() != wanted.exponent {
            return Err(ConfigError::Exponent { output });
        }
        output = output.wrapping_add(1);
        rest = (outputs, channels);
    }
    Ok(())
}

/// Adds values to samples: a mounted sensor of any number of outputs.
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[allow(async_fn_in_trait, reason = "what a future may be sent to is the caller's matter")]
pub trait Source {
    /// Says why a measurement failed, and who must act on it.
    type Error: Classify;

    /// Begins a measurement and returns the milliseconds to wait before it can be read.
    ///
    /// # Errors
    ///
    /// Returns the driver's error; nothing was begun then.
    async fn start(&mut self) -> Result<u32, Self::Error>;

    /// Adds all values of the measurement that was begun, or none of them.
    ///
    /// A value outside its channel's range is marked so by [`Sample::push`].
    ///
    /// # Errors
    ///
    /// Returns [`ReadError::Full`] where `sample` has no room for all (the part is not asked then),
    /// else the driver's error.
    async fn read_into(&mut self, sample: &mut Sample) -> Result<(), ReadError<Self::Error>>;

    /// Adds 0 with [`Quality::Fault`] for each channel, so that a failed part is reported as one.
    ///
    /// # Errors
    ///
    /// Returns [`ReadError::Full`] where `sample` has no room for all.
    fn fault_into(&self, sample: &mut Sample) -> Result<(), ReadError<Self::Error>>;
}

/// Binds the outputs of a sensor to channels of the device.
///
/// Wrong channels are found when it is made, not on a dashboard:
///
/// ```
/// use sundew_sensors::tmp105::{self, Tmp105};
/// use sundew_sensors::{ConfigError, Mounted, Source};
/// use sundew_testkit::{SimBus, SimClock, SimTmp105};
/// use sundew_units::{Channel, ChannelId, Quantity, Sample};
///
/// static AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
/// static COARSE: Channel = Channel::new(ChannelId(2), "coarse", Quantity::Temperature, -1);
///
/// let clock = SimClock::new();
/// let part = SimTmp105::new(&clock, 0x48);
/// let bus = SimBus::new([&part]);
/// part.set_millicelsius(-7_500);
///
/// let config = tmp105::Config::one_shot(tmp105::Resolution::Twelve);
/// let driver = || Tmp105::new(&bus, tmp105::Address::X48, config);
/// let wrong = Mounted::new(driver(), [&COARSE]);
/// assert_eq!(wrong.err(), Some(ConfigError::Exponent { output: 0 }));
///
/// let mut air = Mounted::new(driver(), [&AIR]).unwrap();
/// let mut sample = Sample::new();
/// clock.advance_millis(air.start().unwrap());
/// air.read_into(&mut sample).unwrap();
/// assert_eq!(sample.values().next().unwrap().1, -750);
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Mounted<S, const N: usize> {
    sensor: S,
    channels: [&'static Channel; N],
}

#[maybe_async_cfg::maybe(
    idents(Sensor(sync), Source(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<S: Sensor<N>, const N: usize> Mounted<S, N> {
    /// Binds each output of `sensor` to the channel at its place.
    ///
    /// # Errors
    ///
    /// Returns the first [`ConfigError`] that [`check`] finds.
    pub fn new(sensor: S, channels: [&'static Channel; N]) -> Result<Self, ConfigError> {
        match check(&S::OUTPUTS, &channels) {
            Ok(()) => Ok(Self { sensor, channels }),
            Err(error) => Err(error),
        }
    }

    /// Returns the channels, in the order of the sensor's outputs.
    pub const fn channels(&self) -> &[&'static Channel; N] {
        &self.channels
    }

    /// Returns the driver, for what only this part can do.
    pub const fn sensor(&mut self) -> &mut S {
        &mut self.sensor
    }
}

#[maybe_async_cfg::maybe(
    idents(Sensor(sync), Source(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<S: Sensor<N>, const N: usize> Source for Mounted<S, N> {
    type Error = S::Error;

    async fn start(&mut self) -> Result<u32, S::Error> {
        self.sensor.start().await
    }

    async fn read_into(&mut self, sample: &mut Sample) -> Result<(), ReadError<S::Error>> {
        if Sample::CAPACITY - sample.len() < N {
            return Err(ReadError::Full);
        }
        let values = self.sensor.read().await.map_err(ReadError::Driver)?;
        for (output, (channel, value)) in self.channels.iter().zip(values).enumerate() {
            let pushed = match self.sensor.quality(output) {
                Quality::Good => sample.push(channel, value),
                quality => sample.push_marked(channel.id(), value, quality),
            };
            pushed.map_err(|_| ReadError::Full)?;
        }
        Ok(())
    }

    fn fault_into(&self, sample: &mut Sample) -> Result<(), ReadError<S::Error>> {
        if Sample::CAPACITY - sample.len() < N {
            return Err(ReadError::Full);
        }
        for channel in &self.channels {
            let pushed = sample.push_marked(channel.id(), 0, Quality::Fault);
            pushed.map_err(|_| ReadError::Full)?;
        }
        Ok(())
    }
}
