//! Sensors bound to channels, and the samples they fill.

use sundew_core::{Classify, ErrorKind};
use sundew_sensors::sht4x::{self, Address, Precision, Sht4x};
use sundew_sensors::{ConfigError, Error, Mounted, ReadError, Source, check};
use sundew_testkit::{BusError, SimBus, SimClock, SimSht4x};
use sundew_units::{Channel, ChannelId, Quality, Quantity, Sample, Unit};

static AIR: Channel =
    Channel::new(ChannelId(1), "air", Quantity::Temperature, -2).with_range(-4_000, 4_000);
static DAMP: Channel = Channel::new(ChannelId(2), "damp", Quantity::RelativeHumidity, -2);
static KELVIN: Channel =
    Channel::new(ChannelId(3), "kelvin", Quantity::Temperature, -2).with_unit(Unit::Kelvin);
static MILLI: Channel = Channel::new(ChannelId(4), "milli", Quantity::RelativeHumidity, -3);

#[test]
fn a_channel_that_does_not_fit_is_named() {
    let cases = [
        ([&AIR, &DAMP], Ok(())),
        ([&DAMP, &AIR], Err(ConfigError::Quantity { output: 0 })),
        ([&AIR, &AIR], Err(ConfigError::Quantity { output: 1 })),
        ([&KELVIN, &DAMP], Err(ConfigError::Unit { output: 0 })),
        ([&AIR, &MILLI], Err(ConfigError::Exponent { output: 1 })),
    ];
    for (channels, expected) in cases {
        assert_eq!(check(&sht4x::OUTPUTS, &channels), expected);
        let bus = SimBus::new([]);
        let sensor = Sht4x::new(&bus, Address::A, Precision::High);
        assert_eq!(Mounted::new(sensor, channels).map(|_| ()), expected);
    }
    assert_eq!(ConfigError::Unit { output: 0 }.kind(), ErrorKind::Config);
}

/// Fills samples by way of the trait, as a node does, whatever is behind it.
fn fills_samples<M: Source<Error = Error<BusError>>>(
    source: &mut M,
    part: &SimSht4x<'_>,
    clock: &SimClock,
) {
    let mut sample = Sample::new();
    part.set(4_001, 3_300);
    clock.advance_millis(source.start().unwrap());
    source.read_into(&mut sample).unwrap();
    let expected =
        [(ChannelId(1), 4_001, Quality::OverRange), (ChannelId(2), 3_300, Quality::Good)];
    assert!(sample.values().eq(expected));

    // A fault adds nothing by itself; the node decides to say so.
    assert_eq!(source.read_into(&mut sample), Err(ReadError::Driver(Error::NotReady)));
    assert_eq!(sample.len(), 2);
    source.fault_into(&mut sample).unwrap();
    let faults = [(ChannelId(1), 0, Quality::Fault), (ChannelId(2), 0, Quality::Fault)];
    assert!(sample.values().skip(2).eq(faults));

    // Room for one value is not enough for two, and then none is added.
    for _ in sample.len()..Sample::CAPACITY - 1 {
        sample.push(&AIR, 0).unwrap();
    }
    clock.advance_millis(source.start().unwrap());
    let full = source.read_into(&mut sample).unwrap_err();
    assert_eq!((full, full.kind()), (ReadError::Full, ErrorKind::Resource));
    assert_eq!(source.fault_into(&mut sample), Err(ReadError::Full));
    assert_eq!(sample.len(), Sample::CAPACITY - 1);
    sample.clear();
    source.read_into(&mut sample).unwrap();
    assert_eq!(sample.len(), 2);
}

#[test]
fn blocking() {
    let clock = SimClock::new();
    let part = SimSht4x::new(&clock, 0x44);
    let bus = SimBus::new([&part]);
    let sensor = Sht4x::new(&bus, Address::A, Precision::High);
    fills_samples(&mut Mounted::new(sensor, [&AIR, &DAMP]).unwrap(), &part, &clock);
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::finish;
    use sundew_sensors::sht4x::Sht4xAsync;
    use sundew_sensors::{MountedAsync, SourceAsync};

    struct Polled<M>(M);
    impl<M: SourceAsync> Source for Polled<M> {
        type Error = M::Error;
        fn start(&mut self) -> Result<u32, M::Error> {
            finish(self.0.start())
        }
        fn read_into(&mut self, sample: &mut Sample) -> Result<(), ReadError<M::Error>> {
            finish(self.0.read_into(sample))
        }
        fn fault_into(&self, sample: &mut Sample) -> Result<(), ReadError<M::Error>> {
            self.0.fault_into(sample)
        }
    }
    let clock = SimClock::new();
    let part = SimSht4x::new(&clock, 0x44);
    let bus = SimBus::new([&part]);
    let sensor = Sht4xAsync::new(&bus, Address::A, Precision::High);
    let mut source = Polled(MountedAsync::new(sensor, [&AIR, &DAMP]).unwrap());
    fills_samples(&mut source, &part, &clock);
}
