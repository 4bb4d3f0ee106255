//! `DS18B20` and its kin over a pin and over a UART: values, and every way in which it can fail.

use crate::{Case, Outcome, leaked, measure};
use core::convert::Infallible;
use embedded_io::{ErrorType, Read, ReadReady, Write};
use std::fmt::Debug;
use sundew_sensors::ds18b20::{Ds18b20, Resolution, Supply};
use sundew_sensors::one_wire::{BaudRate, Fault, OneWire, PinWire, Pull, Rom, Search, UartWire};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{SerialError, SimClock, SimDs18b20, SimOneWire, SimSerial};

type Line = SimOneWire<'static, 2>;

struct World {
    part: &'static SimDs18b20<'static>,
    line: &'static Line,
}

/// Changes the speed of both ends of the simulated UART.
#[derive(Clone, Copy)]
struct Port {
    line: &'static Line,
    serial: &'static SimSerial<'static>,
}

impl ErrorType for Port {
    type Error = SerialError;
}

impl Read for Port {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, SerialError> {
        self.serial.read(bytes)
    }
}

impl ReadReady for Port {
    fn read_ready(&mut self) -> Result<bool, SerialError> {
        self.serial.read_ready()
    }
}

impl Write for Port {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, SerialError> {
        self.serial.write(bytes)
    }
    fn flush(&mut self) -> Result<(), SerialError> {
        self.serial.flush()
    }
}

impl BaudRate for Port {
    fn set_baud_rate(&mut self, baud: u32) -> Result<(), SerialError> {
        self.serial.set_baud_rate(baud);
        self.line.set_baud_rate(baud);
        Ok(())
    }
}

#[cfg(feature = "async")]
impl embedded_io_async::Read for Port {
    async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, SerialError> {
        Read::read(self, bytes)
    }
}

#[cfg(feature = "async")]
impl embedded_io_async::Write for Port {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, SerialError> {
        Write::write(self, bytes)
    }
    async fn flush(&mut self) -> Result<(), SerialError> {
        Ok(())
    }
}

fn table<E: Debug + PartialEq>() -> [Case<World, 1, Fault<E>>; 12] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("20 Cel", Ok([2_000])),
        Case { before_start: |w| w.part.set_sixteenths(0), ..quiet("zero", Ok([0])) },
        Case {
            before_start: |w| w.part.set_sixteenths(-880),
            ..quiet("lowest of the part", Ok([-5_500]))
        },
        Case {
            before_start: |w| w.part.set_sixteenths(2_000),
            ..quiet("highest of the part", Ok([12_500]))
        },
        Case {
            before_start: |w| w.part.set_sixteenths(85 * 16),
            ..quiet("85 Cel that were measured", Ok([8_500]))
        },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(Fault::Absent))))
        },
        Case {
            before_start: |w| w.line.short(),
            ..quiet("short circuit at start", Err(Start(Error::Bus(Fault::Shorted))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged meanwhile", Err(Read(Error::Bus(Fault::Absent))))
        },
        Case {
            before_start: |w| w.part.damage(Some(70)),
            ..quiet("checksum wrong at start", Err(Start(Error::Checksum)))
        },
        Case {
            before_read: |w| w.part.damage(Some(3)),
            ..quiet("checksum wrong", Err(Read(Error::Checksum)))
        },
        Case {
            before_read: |w| w.part.plug(),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
        Case { early_ms: 90, ..quiet("read too early", Err(Read(Error::NotReady))) },
    ]
}

struct Bench {
    clock: &'static SimClock,
    world: World,
    other: &'static SimDs18b20<'static>,
    serial: &'static SimSerial<'static>,
}

fn bench(family: u8) -> Bench {
    let clock: &SimClock = leaked(SimClock::new());
    let part: &SimDs18b20<'_> = leaked(SimDs18b20::new(clock, family, 0x0102_0304));
    let other: &SimDs18b20<'_> = leaked(SimDs18b20::new(clock, 0x28, 0x0102_0305));
    other.set_sixteenths(-1);
    let line: &Line = leaked(SimOneWire::new(clock, [part, other]));
    let serial = leaked(SimSerial::new(clock, line));
    Bench { clock, world: World { part, line }, other, serial }
}

impl Bench {
    fn port(&self) -> Port {
        Port { line: self.world.line, serial: self.serial }
    }
}

const RESOLUTIONS: [Resolution; 4] =
    [Resolution::Nine, Resolution::Ten, Resolution::Eleven, Resolution::Twelve];

/// Runs each case on a fresh part, alone or beside another one, then one more measurement.
fn run_table<S, E: Debug + PartialEq + Copy>(driver: impl Fn(&Bench, Option<Rom>) -> S, family: u8)
where
    S: Sensor<1, Error = Error<Fault<E>>>,
{
    for is_alone in [true, false] {
        for case in table() {
            let bench = bench(family);
            let Bench { clock, world, other, .. } = &bench;
            let rom = Rom::new(world.part.rom()).unwrap();
            if is_alone {
                other.unplug();
            }
            let addressed = family == 0x10 || !is_alone;
            let mut sensor = driver(&bench, addressed.then_some(rom));
            let is_early = case.early_ms > 0;
            if family == 0x10 && case.name == "85 Cel that were measured" {
                // It looks like power-up on that part.
                continue;
            }
            let is_gone = case.name == "unplugged meanwhile" || case.name == "absent";
            if addressed && (is_early || is_gone && !is_alone) {
                // With a code nothing tells that it is too early, and the other part answers.
                continue;
            }
            assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
            case.run(&mut sensor, clock, world);
            world.part.plug();
            world.part.damage(None);
            world.line.mend();
            world.part.set_sixteenths(504);
            clock.advance_millis(1_000);
            let again = measure(&mut sensor, clock).or_else(|_| measure(&mut sensor, clock));
            assert_eq!(again, Ok([3_150]), "after {}", case.name);
            assert_eq!(world.line.violations(), 0, "after {}", case.name);
        }
    }
}

fn over_pin(bench: &Bench) -> PinWire<&'static Line, &'static SimClock> {
    PinWire::new(bench.world.line, bench.clock)
}

fn over_uart(bench: &Bench) -> UartWire<Port, &'static SimClock> {
    UartWire::new(bench.port(), bench.clock)
}

fn sensor<B: OneWire>(bus: B, rom: Option<Rom>, resolution: Resolution) -> Ds18b20<B> {
    match rom {
        None => Ds18b20::only(bus, resolution),
        Some(rom) => Ds18b20::at(bus, rom, resolution).unwrap(),
    }
}

#[test]
fn blocking() {
    for family in [0x28, 0x22, 0x10] {
        for resolution in RESOLUTIONS {
            run_table::<_, Infallible>(|w, rom| sensor(over_pin(w), rom, resolution), family);
            run_table::<_, SerialError>(|w, rom| sensor(over_uart(w), rom, resolution), family);
        }
    }
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::ds18b20::Ds18b20Async;
    use sundew_sensors::one_wire::{OneWireAsync, UartWireAsync};
    fn sensor<B: OneWireAsync>(
        bus: B,
        rom: Option<Rom>,
        resolution: Resolution,
    ) -> Polled<Ds18b20Async<B>> {
        Polled(match rom {
            None => Ds18b20Async::only(bus, resolution),
            Some(rom) => Ds18b20Async::at(bus, rom, resolution).unwrap(),
        })
    }
    for family in [0x28, 0x10] {
        for resolution in RESOLUTIONS {
            run_table::<_, Infallible>(|w, rom| sensor(over_pin(w), rom, resolution), family);
            run_table::<_, SerialError>(
                |w, rom| sensor(UartWireAsync::new(w.port(), w.clock), rom, resolution),
                family,
            );
        }
    }
}

#[test]
fn a_missing_part_among_others_is_absent() {
    let bench = bench(0x28);
    let rom = Rom::new(bench.world.part.rom()).unwrap();
    let mut sensor = Ds18b20::at(over_pin(&bench), rom, Resolution::Twelve).unwrap();
    bench.world.part.unplug();
    assert_eq!(sensor.start(), Err(Error::Bus(Fault::Absent)));
    bench.world.part.plug();
    let wait_ms = sensor.start().unwrap();
    bench.clock.advance_millis(wait_ms);
    bench.world.part.unplug();
    assert_eq!(sensor.read(), Err(Error::Bus(Fault::Absent)));
}

#[test]
fn the_resolution_is_set_and_the_alarms_are_kept() {
    for (resolution, config) in RESOLUTIONS.into_iter().zip([0x1F, 0x3F, 0x5F, 0x7F]) {
        let bench = bench(0x28);
        bench.other.unplug();
        let mut sensor = Ds18b20::only(over_uart(&bench), resolution);
        bench.world.part.set_sixteenths(0x0191);
        let step = 128 >> (config >> 5);
        let exact = f64::from((0x0191_i32 * 16 / step * step) / 16) * 6.25;
        let [given] = measure(&mut sensor, bench.clock).unwrap();
        assert!((f64::from(given) - exact).abs() <= 50.0, "{given} {exact}");
        assert_eq!(bench.world.part.alarms_and_config(), [0x4B, 0x46, config]);
    }
}

#[test]
fn codes_of_other_families_are_refused() {
    let bench = bench(0x28);
    let clock = bench.clock;
    let iron = Rom::new(SimDs18b20::new(clock, 0x3B, 9).rom()).unwrap();
    let refused = Ds18b20::at(over_pin(&bench), iron, Resolution::Nine).err();
    assert_eq!(refused, Some(ConfigError::Address));
    for bit in 0..64 {
        let mut wrong = iron.to_bytes();
        wrong[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(Rom::new(wrong), Err(ConfigError::Address), "bit {bit}");
    }
    assert_eq!(Rom::new([0; 8]), Err(ConfigError::Address));
}

#[test]
fn a_search_finds_every_part_and_ends() {
    let clock = SimClock::new();
    let serials = [0, 1, 2, 3, 0x8000_0000_0000, 0xFFFF_FFFF_FFFF, 0x5555_5555_5555, 0x1234];
    let parts = serials.map(|serial| SimDs18b20::new(&clock, 0x28, serial));
    let line = SimOneWire::new(&clock, parts.each_ref());
    let mut bus = PinWire::new(&line, &clock);
    let mut search = Search::new();
    let mut found = Vec::new();
    while let Some(rom) = search.next(&mut bus).unwrap() {
        found.push(rom.to_bytes());
    }
    let mut expected = parts.each_ref().map(SimDs18b20::rom);
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(search.next(&mut bus), Ok(None));

    line.short();
    assert_eq!(Search::new().next(&mut bus), Err(Fault::Shorted));
    line.mend();
    parts.iter().for_each(SimDs18b20::unplug);
    assert_eq!(Search::new().next(&mut bus), Err(Fault::Absent));
    assert_eq!(line.violations(), 0);
}

#[cfg(feature = "async")]
#[test]
fn an_async_search_finds_the_same() {
    use crate::polled::finish;
    use sundew_sensors::one_wire::SearchAsync;
    let bench = bench(0x10);
    let mut bus = over_pin(&bench);
    let mut search = SearchAsync::new();
    let first = finish(search.next(&mut bus)).unwrap().unwrap();
    let second = finish(search.next(&mut bus)).unwrap().unwrap();
    assert_eq!((first.family(), second.family()), (0x10, 0x28));
    assert_eq!(finish(search.next(&mut bus)), Ok(None));
}

#[test]
fn a_uart_that_does_not_hear_itself_gives_up() {
    let bench = bench(0x28);
    bench.serial.unplug();
    let mut sensor = Ds18b20::only(over_uart(&bench), Resolution::Nine);
    assert_eq!(sensor.start(), Err(Error::Bus(Fault::Silent)));
    assert!(bench.clock.millis() <= 4, "{} ms", bench.clock.millis());
    bench.serial.plug();
    bench.serial.fail(2, 1, SerialError::Framing);
    assert_eq!(sensor.start(), Err(Error::Bus(Fault::Port(SerialError::Framing))));
}

#[test]
fn a_parasite_supply_is_pulled_up_while_it_converts() {
    struct Fed<B>(B, Vec<Pull>);
    impl<B: OneWire> OneWire for Fed<B> {
        type Error = B::Error;
        fn reset(&mut self) -> Result<(), Fault<B::Error>> {
            assert_ne!(self.1.last(), Some(&Pull::Strong), "nothing moves meanwhile");
            self.0.reset()
        }
        fn slot(&mut self, bit: bool) -> Result<bool, Fault<B::Error>> {
            assert_ne!(self.1.last(), Some(&Pull::Strong), "nothing moves meanwhile");
            self.0.slot(bit)
        }
        fn pull(&mut self, pull: Pull) -> Result<(), Fault<B::Error>> {
            self.1.push(pull);
            Ok(())
        }
    }
    let bench = bench(0x28);
    bench.other.unplug();
    let mut bus = Fed(over_pin(&bench), Vec::new());
    let mut sensor = Ds18b20::only(&mut bus, Resolution::Twelve).with_supply(Supply::Parasite);
    sensor.start().unwrap();
    assert_eq!(measure(&mut sensor, bench.clock), Ok([2_000]));
    let expected = [Pull::Weak, Pull::Strong, Pull::Weak, Pull::Strong, Pull::Weak];
    assert_eq!(bus.1, expected);
}
