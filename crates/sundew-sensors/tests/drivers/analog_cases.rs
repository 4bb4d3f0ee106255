//! Analog inputs: averages, marks, faults of the converter, through both traits.

use crate::{leaked, measure};
use sundew_core::{Classify, ErrorKind};
use sundew_sensors::analog::{
    Analog, Oversampling, VANE_SPARKFUN, Vane, closure, current_loop, divider,
};
use sundew_sensors::meaning::{Current, Temperature, Voltage};
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{AdcError, SimAdc, SimClock};
use sundew_units::transform::{Affine, Bounded, Divider, Namur, Ntc, Table, Then};
use sundew_units::{Marked, Quality, Transform};

/// Squares codes of 12 bits, so that the order of averaging and converting shows.
#[derive(Clone, Copy)]
struct Square;

impl Transform for Square {
    fn apply(&self, raw: i32) -> Marked {
        Marked::good((raw >> 4) * (raw >> 4))
    }
}

/// Leaks an input: the async driver is wrapped like the others.
fn adc(bits: u32) -> &'static SimAdc {
    leaked(SimAdc::new(bits))
}

const LEVEL: Then<Affine, Namur> = current_loop(3_300, 150, 0, 16_000);

fn check_mean<S: Sensor<1, Error = Error<AdcError>>>(make: fn(&'static SimAdc) -> S) {
    let (clock, adc) = (SimClock::new(), adc(12));
    let mut sensor = make(adc);
    adc.set(100);
    adc.set_noise(10);
    assert_eq!(sensor.start(), Ok(25), "the circuit settles");
    // 110, 100, 90, 100: their mean squared would be 10,000.
    assert_eq!(measure(&mut sensor, &clock), Ok([10_050]));
    assert_eq!(adc.conversions(), 8);
    adc.fail(5, 1);
    let error = sensor.read().unwrap_err();
    assert_eq!((error, error.kind()), (Error::Bus(AdcError::Overrun), ErrorKind::Bus));
    assert_eq!(measure(&mut sensor, &clock).map(|[value]| value / 1_000), Ok(10), "recovers");
    for (code, expected) in [(0, 0), (4_095, 16_769_025)] {
        adc.set_noise(0);
        adc.set(code);
        assert_eq!(sensor.read(), Ok([expected]));
    }
}

fn check_marks<S: Sensor<1, Error = Error<AdcError>>>(make: fn(&'static SimAdc) -> S) {
    let adc = adc(12);
    let mut sensor = make(adc);
    for (microampere, value, quality) in [
        (0, -4_000, Quality::Fault),
        (3_590, -410, Quality::Fault),
        (3_700, -300, Quality::UnderRange),
        (4_000, 0, Quality::Good),
        (12_000, 8_000, Quality::Good),
        (20_000, 16_000, Quality::Good),
        (20_700, 16_700, Quality::OverRange),
        (21_500, 17_500, Quality::Fault),
    ] {
        adc.set_ratio(microampere, 22_000);
        let [given] = sensor.read().unwrap();
        // A step of the converter is 5.4 microamperes.
        assert!((given - value).abs() <= 6, "{microampere}: {given}");
        assert_eq!(sensor.quality(0), quality, "{microampere}");
    }
    // One conversion of four in a fault band makes the value one.
    adc.set_ratio(3_615, 22_000);
    adc.set_noise(4);
    sensor.read().unwrap();
    assert_eq!(sensor.quality(0), Quality::Fault);
}

fn check_vane<S: Sensor<1, Error = Error<AdcError>>>(
    adc: &SimAdc,
    mut vane: S,
    sample: fn(&mut S) -> Result<(), S::Error>,
) {
    let near = |given: i32, wanted: i32| {
        let apart = (given - wanted).rem_euclid(36_000);
        assert!(apart.min(36_000 - apart) <= 3, "{given} for {wanted}");
    };
    let ohms = [(33_000, 0), (6_570, 2_250), (1_000, 9_000), (64_900, 31_500), (21_880, 33_750)];
    for (ohm, direction) in ohms {
        adc.set_ratio(ohm, ohm + 10_000);
        near(vane.read().unwrap()[0], direction);
        assert_eq!(vane.quality(0), Quality::Good);
    }
    // Across north: 337.5, 0, 22.5 and 22.5 degrees.
    for ohm in [21_880, 33_000, 6_570] {
        adc.set_ratio(ohm, ohm + 10_000);
        sample(&mut vane).unwrap();
    }
    near(vane.read().unwrap()[0], 579);
    // Two opposite directions have no mean.
    adc.set_ratio(33_000, 43_000);
    sample(&mut vane).unwrap();
    adc.set_ratio(3_900, 13_900);
    vane.read().unwrap();
    assert_eq!(vane.quality(0), Quality::Suspect);
    // An open wire is left out while there is anything else.
    adc.set_ratio(1_000, 11_000);
    sample(&mut vane).unwrap();
    adc.set_ratio(1, 1);
    near(vane.read().unwrap()[0], 9_000);
    assert_eq!(vane.quality(0), Quality::Good);
    assert_eq!((vane.read(), vane.quality(0)), (Ok([0]), Quality::Fault));
    // Half-way between 67.5 and 90 degrees.
    adc.set((divider(891, 10_000) / 2 + divider(1_000, 10_000) / 2) >> 4);
    vane.read().unwrap();
    assert_eq!(vane.quality(0), Quality::Suspect);
    adc.fail(0, 2);
    assert_eq!(vane.read(), Err(Error::Bus(AdcError::Overrun)));
    assert_eq!(sample(&mut vane), Err(Error::Bus(AdcError::Overrun)));
    adc.set_ratio(120_000, 130_000);
    near(vane.read().unwrap()[0], 27_000);
}

#[test]
fn blocking() {
    check_mean(|adc| {
        let input = closure::<12, _>(|| adc.sample());
        Analog::<Voltage<-3>, _, _>::new(input, Square, Oversampling::Of8).with_settling(25)
    });
    check_marks(|adc| {
        let input = closure::<12, _>(|| adc.sample());
        Analog::<Current<-6>, _, _>::new(input, LEVEL, Oversampling::Of4)
    });
    let adc = adc(12);
    let vane = Vane::new(closure::<12, _>(|| adc.sample()), VANE_SPARKFUN);
    check_vane(adc, vane, Vane::sample);
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::{Polled, finish};
    use sundew_sensors::analog::VaneAsync;
    check_mean(|adc| {
        let input = closure::<12, _>(async || adc.sample());
        Polled(Analog::<Voltage<-3>, _, _>::new(input, Square, Oversampling::Of8).with_settling(25))
    });
    check_marks(|adc| {
        let input = closure::<12, _>(async || adc.sample());
        Polled(Analog::<Current<-6>, _, _>::new(input, LEVEL, Oversampling::Of4))
    });
    let adc = adc(12);
    let vane = VaneAsync::new(closure::<12, _>(async || adc.sample()), VANE_SPARKFUN);
    check_vane(adc, Polled(vane), |vane| finish(vane.0.sample()));
}

#[test]
fn a_thermistor_is_right_at_any_resolution_of_the_converter() {
    // 10 kilohms, Beta 3950, 10 kilohms to the reference; 64 steps of 1,024 are full scale.
    const PROBE: Bounded<Table<i16, 65, 10>> =
        Bounded::new(Ntc::beta(10_000, 2_500, 3_950).table(Divider::PullUp(10_000)))
            .raws(1_000, 64_500)
            .values(-4_000, 12_500);
    for bits in [10, 12, 16] {
        let adc = adc(bits);
        let mut worst = 0.0_f64;
        for celsius in -20..=60 {
            let kelvin = f64::from(celsius) + 273.15;
            let ohm = 10_000.0 * (3_950.0 * (1.0 / kelvin - 1.0 / 298.15)).exp();
            adc.set_ratio(ohm.round() as u32, ohm.round() as u32 + 10_000);
            let code = adc.sample().unwrap();
            let value = PROBE.apply(i32::from(code) << (16 - bits));
            assert_eq!(value.quality, Quality::Good, "{celsius}");
            worst = worst.max((f64::from(value.mantissa) / 100.0 - f64::from(celsius)).abs());
        }
        // A step of 10 bits is up to 0.23 K, the table's own error 0.05 K.
        assert!(worst < if bits == 10 { 0.30 } else { 0.12 }, "{bits} bits: {worst}");
        let input = closure::<16, _>(|| adc.sample());
        let mut probe = Analog::<Temperature<-2>, _, _>::new(input, PROBE, Oversampling::Of2);
        adc.set(u16::MAX);
        if bits == 16 {
            probe.read().unwrap();
            assert_eq!(probe.quality(0), Quality::Fault, "no probe");
        }
    }
}
