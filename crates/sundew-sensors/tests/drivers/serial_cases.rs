//! `PMSx003`, `SDS011` and `MH-Z19`: values, and every way in which a line can fail.

use crate::{Case, Outcome, leaked, measure};
use sundew_sensors::mhz19::{Mhz19, Model, Range, SelfCalibration};
use sundew_sensors::pmsx003::{self, Pmsx003};
use sundew_sensors::sds011::{self, Sds011};
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{
    Damage, SerialError, SimClock, SimMhz19, SimPmsx003, SimSds011, SimSerial, SimTalker,
};
use sundew_units::Quality;

type Port = &'static SimSerial<'static>;

struct World<P: 'static> {
    part: &'static P,
    port: Port,
}

/// Describes what differs between the parts; `BEFORE` bytes of answers come before the frame.
trait Part<const N: usize, const BEFORE: u32, const LEN: u32>: SimTalker + Sized + 'static {
    const VALUES: [i32; N];
    /// Is when the frame is not there yet, counted back from the end of the wait.
    const EARLY_MS: u32;
    fn new(clock: &'static SimClock) -> Self;
    fn set_values(&self);
    fn set_highest(&self);
    fn restart(&self) {}
}

impl Part<3, 8, 32> for SimPmsx003<'static> {
    const VALUES: [i32; 3] = [3, 12, 20];
    const EARLY_MS: u32 = 950;
    fn new(clock: &'static SimClock) -> Self {
        SimPmsx003::new(clock)
    }
    fn set_values(&self) {
        self.set([3, 12, 20]);
    }
    fn set_highest(&self) {
        self.set([0xFFFF; 3]);
    }
    fn restart(&self) {
        self.restart();
    }
}

impl Part<2, 20, 10> for SimSds011<'static> {
    const VALUES: [i32; 2] = [1_236, 2_618];
    const EARLY_MS: u32 = 600;
    fn new(clock: &'static SimClock) -> Self {
        SimSds011::new(clock)
    }
    fn set_values(&self) {
        self.set([1_236, 2_618]);
    }
    fn set_highest(&self) {
        self.set([0xFFFF; 2]);
    }
    fn restart(&self) {
        self.restart();
    }
}

impl Part<1, 0, 9> for SimMhz19 {
    const VALUES: [i32; 1] = [544];
    const EARLY_MS: u32 = 100;
    fn new(_: &'static SimClock) -> Self {
        SimMhz19::new()
    }
    fn set_values(&self) {
        self.set(544);
    }
    fn set_highest(&self) {
        self.set(0xFFFF);
    }
}

fn table<P, const N: usize, const BEFORE: u32, const LEN: u32>()
-> [Case<World<P>, N, SerialError>; 14]
where
    P: Part<N, BEFORE, LEN>,
{
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("values", Ok(P::VALUES)),
        Case { before_start: |w| w.part.set_highest(), ..quiet("highest", Ok([0xFFFF; N])) },
        Case { before_start: |w| w.port.unplug(), ..quiet("absent", Err(Read(Error::NotReady))) },
        Case {
            before_start: |w| w.port.fail(0, 1, SerialError::Framing),
            ..quiet("port fails at start", Err(Start(Error::Bus(SerialError::Framing))))
        },
        Case {
            before_read: |w| w.port.fail(0, 1, SerialError::Overrun),
            ..quiet("port fails at read", Err(Read(Error::Bus(SerialError::Overrun))))
        },
        Case {
            before_start: |w| w.port.inject(&[0x42, 0x4D, 0x00, 0x1C, 0xAA, 0xC0, 0xFF, 0x86]),
            ..quiet("old bytes", Ok(P::VALUES))
        },
        Case {
            // As of a part that speaks by itself to a port that nobody reads.
            before_start: |w| {
                w.port.inject(&[0x42, 0x4D, 0x00, 0x1C]);
                w.port.fail(0, 1, SerialError::Overrun);
            },
            ..quiet("overrun before the start", Ok(P::VALUES))
        },
        Case {
            before_start: |w| w.port.damage(BEFORE, 1, Damage::Flip(0x08)),
            ..quiet("head damaged", Err(Read(Error::Frame)))
        },
        Case {
            before_start: |w| w.port.damage(BEFORE + 3, 1, Damage::Flip(0x80)),
            ..quiet(
                "body damaged",
                Err(Read(if LEN == 32 { Error::Frame } else { Error::Checksum })),
            )
        },
        Case {
            before_start: |w| w.port.damage(BEFORE + LEN - 2, 1, Damage::Flip(1)),
            ..quiet("checksum damaged", Err(Read(Error::Checksum)))
        },
        Case {
            before_start: |w| w.port.damage(BEFORE + LEN / 2, 1, Damage::Lose),
            ..quiet("byte lost", Err(Read(Error::NotReady)))
        },
        Case {
            before_start: |w| w.port.damage(0, 1_000, Damage::Lose),
            ..quiet("all bytes lost", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| w.port.inject(&[0x55; 40]),
            ..quiet("noise behind the frame", Ok(P::VALUES))
        },
        Case { early_ms: P::EARLY_MS, ..quiet("read too early", Err(Read(Error::NotReady))) },
    ]
}

/// Runs each case on a fresh part, then one more measurement, which is a good one.
fn run_table<P, S, const N: usize, const BEFORE: u32, const LEN: u32>(driver: impl Fn(Port) -> S)
where
    P: Part<N, BEFORE, LEN>,
    S: Sensor<N, Error = Error<SerialError>>,
{
    for case in table::<P, N, BEFORE, LEN>() {
        // Cases hold function pointers, which cannot name a shorter life.
        let clock: &SimClock = leaked(SimClock::new());
        let part: &P = leaked(P::new(clock));
        let port: Port = leaked(SimSerial::new(clock, part));
        part.set_values();
        let mut sensor = driver(port);
        assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
        case.run(&mut sensor, clock, &World { part, port });
        port.plug();
        part.set_values();
        assert_eq!(measure(&mut sensor, clock), Ok(P::VALUES), "after {}", case.name);
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
        // A part that was switched off is configured again after the first failure at the latest.
        part.restart();
        let again = measure(&mut sensor, clock).or_else(|_| measure(&mut sensor, clock));
        assert_eq!(again, Ok(P::VALUES), "restarted after {}", case.name);
    }
}

#[test]
fn blocking() {
    for mode in [pmsx003::Mode::Active, pmsx003::Mode::Passive] {
        run_table::<SimPmsx003<'static>, _, 3, 8, 32>(|port| Pmsx003::new(port, mode));
    }
    for mode in [sds011::Mode::Active, sds011::Mode::Query] {
        run_table::<SimSds011<'static>, _, 2, 20, 10>(|port| Sds011::new(port, mode));
    }
    for model in [Model::B, Model::C] {
        run_table::<SimMhz19, _, 1, 0, 9>(|port| Mhz19::new(port, model));
    }
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::mhz19::Mhz19Async;
    use sundew_sensors::pmsx003::Pmsx003Async;
    use sundew_sensors::sds011::Sds011Async;
    for mode in [pmsx003::Mode::Active, pmsx003::Mode::Passive] {
        let driver = |port| Polled(Pmsx003Async::new(port, mode));
        run_table::<SimPmsx003<'static>, _, 3, 8, 32>(driver);
    }
    for mode in [sds011::Mode::Active, sds011::Mode::Query] {
        run_table::<SimSds011<'static>, _, 2, 20, 10>(|port| Polled(Sds011Async::new(port, mode)));
    }
    for model in [Model::B, Model::C] {
        run_table::<SimMhz19, _, 1, 0, 9>(|port| Polled(Mhz19Async::new(port, model)));
    }
}

#[test]
fn a_part_is_warm_when_the_waits_say_so_or_the_board_does() {
    let clock = SimClock::new();
    let part = SimPmsx003::new(&clock);
    let port = SimSerial::new(&clock, &part);
    let mut sensor = Pmsx003::new(&port, pmsx003::Mode::Active);
    // 12 waits of 2.4 s are 28.8 s.
    for _ in 0..12 {
        measure(&mut sensor, &clock).unwrap();
        assert_eq!(sensor.quality(0), Quality::Uncalibrated);
    }
    measure(&mut sensor, &clock).unwrap();
    assert_eq!(sensor.quality(2), Quality::Good);
    sensor.sleep().unwrap();
    assert_eq!(sensor.quality(0), Quality::Uncalibrated, "asleep it cools down");
    sensor.has_run_for(30_000);
    assert_eq!(sensor.quality(0), Quality::Good);

    let part = SimMhz19::new();
    let port = SimSerial::new(&clock, &part);
    for (model, preheat_ms) in [(Model::B, 180_000), (Model::C, 60_000)] {
        let mut sensor = Mhz19::new(&port, model);
        sensor.has_run_for(preheat_ms - 1);
        assert_eq!(sensor.quality(0), Quality::Uncalibrated);
        sensor.has_run_for(preheat_ms);
        assert_eq!(sensor.quality(0), Quality::Good);
    }
}

#[test]
fn sleep_stops_the_fan_and_the_next_start_wakes_it() {
    let clock = SimClock::new();
    let (dust, fine) = (SimPmsx003::new(&clock), SimSds011::new(&clock));
    let (dust_port, fine_port) = (SimSerial::new(&clock, &dust), SimSerial::new(&clock, &fine));
    let mut dust_sensor = Pmsx003::new(&dust_port, pmsx003::Mode::Passive);
    let mut fine_sensor = Sds011::new(&fine_port, sds011::Mode::Query);
    for _ in 0..2 {
        dust_sensor.sleep().unwrap();
        fine_sensor.sleep().unwrap();
        assert!(!dust.is_awake() && !fine.is_awake());
        assert_eq!(dust_sensor.read(), Err(Error::NotReady));
        assert_eq!(fine_sensor.read(), Err(Error::NotReady));
        clock.advance_millis(60_000);
        measure(&mut dust_sensor, &clock).unwrap();
        measure(&mut fine_sensor, &clock).unwrap();
        assert!(dust.is_awake() && !dust.is_active());
        assert!(fine.is_awake() && !fine.is_active());
    }
}

#[test]
fn the_newest_of_many_frames_is_taken() {
    let clock = SimClock::new();
    let part = SimPmsx003::new(&clock);
    let port = SimSerial::new(&clock, &part);
    let mut sensor = Pmsx003::new(&port, pmsx003::Mode::Active);
    part.set([1, 1, 1]);
    sensor.start().unwrap();
    clock.advance_millis(2_400);
    port.inject(&[]);
    part.set([2, 2, 2]);
    part.set_counts([600, 500, 400, 300, 200, 100]);
    clock.advance_millis(2_400);
    assert_eq!(sensor.read(), Ok([2, 2, 2]));
    let last = sensor.last().unwrap();
    assert_eq!((last.factory, last.counts[5], last.version), ([3, 3, 3], 100, 0x97));
    // A receiver that is not emptied for a minute lost what came later, not what came first.
    clock.advance_millis(60_000);
    assert_eq!(measure(&mut sensor, &clock), Ok([2, 2, 2]));
    assert!(port.overruns() > 0);
}

#[test]
fn range_and_self_calibration_reach_the_part() {
    let clock = SimClock::new();
    let part = SimMhz19::new();
    let port = SimSerial::new(&clock, &part);
    let mut sensor = Mhz19::new(&port, Model::B);
    for (range, ppm) in
        [(Range::Ppm2000, 2_000), (Range::Ppm5000, 5_000), (Range::Ppm10000, 10_000)]
    {
        sensor.set_range(range).unwrap();
        assert_eq!(part.range(), ppm);
    }
    sensor.set_self_calibration(SelfCalibration::Off).unwrap();
    assert!(!part.calibrates_itself());
    sensor.set_self_calibration(SelfCalibration::On).unwrap();
    assert!(part.calibrates_itself());
    assert_eq!(port.newest_sent(), [0xFF, 0x01, 0x79, 0xA0, 0, 0, 0, 0, 0xE6]);
}
