//! SDI-12: each method against a model of a sensor, and every way in which it can fail.

use core::cell::{Cell, RefCell};
use embedded_io::{Read, ReadReady, Write};
use sundew_core::Ticks;
use sundew_sensors::sdi12::{Address, Check, Column, Drive, Line, Method, Sdi12, Table};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{Damage, Outbox, SerialError, SimClock, SimSerial, SimTalker};
use sundew_units::{Quality, Quantity};

const COLUMNS: [Column; 3] = [
    Column::new(Quantity::Distance, -3, -4),
    Column::new(Quantity::Temperature, 0, -2),
    Column::new(Quantity::AirPressure, 3, -1),
];
/// 1,234.5 mm, -7.25 Cel, 101.325 kPa.
const VALUES: [i32; 3] = [12_345, -725, 1_013_250];

struct Measure;
struct Concurrent;
struct Continuous;

impl Table<3> for Measure {
    const METHOD: Method = Method::Measure(0);
    const CHECK: Check = Check::Plain;
    const COLUMNS: [Column; 3] = COLUMNS;
}

impl Table<3> for Concurrent {
    const METHOD: Method = Method::Concurrent(2);
    const CHECK: Check = Check::Crc;
    const COLUMNS: [Column; 3] = COLUMNS;
}

impl Table<3> for Continuous {
    const METHOD: Method = Method::Continuous(0);
    const CHECK: Check = Check::Plain;
    const COLUMNS: [Column; 3] = COLUMNS;
}

/// Answers commands to address 7, 9 ms behind them.
struct Probe {
    outbox: Outbox,
    heard: RefCell<Vec<u8>>,
    commands: RefCell<Vec<String>>,
    answers: RefCell<Vec<(&'static str, &'static str)>>,
    service_ms: Cell<Option<u64>>,
}

const ANSWERS: [(&str, &str); 7] = [
    ("7M!", "70023"),
    ("7D0!", "7+1234.5-7.25"),
    ("7D1!", "7+101.325"),
    ("7CC2!", "700103"),
    ("7R0!", "7+1234.5-7.25+101.325"),
    ("7!", "7"),
    ("?!", "7"),
];

impl Probe {
    fn new() -> Self {
        let outbox = Outbox::new();
        outbox.set_byte_micros(8_333);
        Self {
            outbox,
            heard: RefCell::default(),
            commands: RefCell::default(),
            answers: RefCell::new(ANSWERS.to_vec()),
            service_ms: Cell::new(None),
        }
    }

    fn answer(&self, command: &'static str, line: &'static str) {
        self.answers.borrow_mut().insert(0, (command, line));
    }
}

impl SimTalker for Probe {
    fn hear(&self, byte: u8, micros: u64) {
        self.heard.borrow_mut().push(byte);
        if byte != b'!' {
            return;
        }
        let heard = String::from_utf8(self.heard.take()).unwrap();
        let line = self.answers.borrow().iter().find(|(command, _)| *command == heard).copied();
        if let Some((_, line)) = line {
            let at = micros + 9_000;
            self.outbox.send(format!("{line}\r\n").as_bytes(), at);
            if let Some(service_ms) = self.service_ms.get().filter(|_| heard == "7M!") {
                self.outbox.send(b"7\r\n", at + service_ms * 1_000);
            }
        }
        self.commands.borrow_mut().push(heard);
    }

    fn say(&self, micros: u64) -> Option<u8> {
        self.outbox.say(micros)
    }
}

/// Judges the times of the line by the specification.
struct Wire<'p> {
    clock: &'p SimClock,
    port: &'p SimSerial<'p>,
    driven: Drive,
    since: u64,
    busy_until: u64,
}

impl Line for Wire<'_> {
    type Error = SerialError;

    fn drive(&mut self, drive: Drive) -> Result<(), SerialError> {
        let now = self.clock.micros();
        let for_micros = now - self.since;
        match (self.driven, drive) {
            (Drive::Break, Drive::Mark) => assert!((12_000..=20_000).contains(&for_micros)),
            (Drive::Mark, Drive::Release) => {
                assert!(now >= self.busy_until, "released while it sends");
                assert!(now <= self.busy_until + 7_500, "released too late");
            }
            _ => {}
        }
        (self.driven, self.since) = (drive, now);
        Ok(())
    }

    fn send(&mut self, characters: &[u8]) -> Result<(), SerialError> {
        assert_eq!(self.driven, Drive::Mark);
        assert!(self.clock.micros() - self.since >= 8_330, "marking too short");
        self.busy_until = self.clock.micros() + characters.len() as u64 * 8_333;
        let mut port = self.port;
        port.write(characters).map(drop)
    }

    fn receive(&mut self) -> Result<Option<u8>, SerialError> {
        let mut port = self.port;
        let mut byte = [0];
        Ok(if port.read_ready()? && port.read(&mut byte)? > 0 { Some(byte[0]) } else { None })
    }
}

type Outcome = Result<[i32; 3], Error<SerialError>>;

/// Runs one measurement from start to end; returns what was read and how long it took.
fn run<T: Table<3>>(
    prepare: impl Fn(&Probe, &SimSerial<'_>),
) -> (Outcome, u32, Vec<String>, [Quality; 3]) {
    // The count of milliseconds wraps in the middle of it.
    let clock = SimClock::at_millis(u64::from(u32::MAX) - 200);
    let probe = Probe::new();
    let port = SimSerial::new(&clock, &probe);
    port.set_baud_rate(1_200);
    let begin = clock.millis();
    let address = Address::new(b'7').unwrap();
    let since = clock.micros();
    let line = Wire { clock: &clock, port: &port, driven: Drive::Release, since, busy_until: 0 };
    let mut sensor = Sdi12::<_, T, 3>::new(line, address);
    assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
    assert_eq!(sensor.poll(Ticks::from_millis(clock.millis())), None);
    prepare(&probe, &port);
    sensor.start().unwrap();
    assert_eq!(sensor.read(), Err(Error::NotReady), "nothing has happened yet");
    for _ in 0..100_000 {
        let now = Ticks::from_millis(clock.millis());
        match sensor.poll(now) {
            None => break,
            Some(wake_at) => assert!(wake_at.has_reached(now) || now.since(wake_at) < 2),
        }
        clock.advance_millis(1);
    }
    let took = clock.millis().wrapping_sub(begin);
    let outcome = sensor.read();
    let qualities = [0, 1, 2].map(|output| sensor.quality(output));
    if outcome.is_ok() {
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
    }
    (outcome, took, probe.commands.take(), qualities)
}

#[test]
fn each_method_gives_the_values() {
    let (values, took, commands, _) = run::<Measure>(|_, _| {});
    assert_eq!(
        (values, commands.as_slice()),
        (Ok(VALUES), &["7M!", "7D0!", "7D1!"].map(String::from)[..])
    );
    assert!((2_000..3_000).contains(&took), "{took} ms");

    let (values, took, _, _) = run::<Measure>(|probe, _| probe.service_ms.set(Some(500)));
    assert_eq!(values, Ok(VALUES));
    assert!((500..1_500).contains(&took), "a service request ends the wait: {took} ms");

    let (values, _, commands, _) = run::<Concurrent>(|probe, _| {
        probe.answer("7D0!", "7+1234.5-7.25+101.325OEo");
    });
    assert_eq!((values, commands.len()), (Ok(VALUES), 2));

    let (values, took, commands, _) = run::<Continuous>(|_, _| {});
    assert_eq!((values, commands.len()), (Ok(VALUES), 1));
    assert!(took < 400, "{took} ms");
}

#[test]
fn what_is_missing_or_does_not_fit_is_a_fault() {
    let (values, _, _, qualities) =
        run::<Continuous>(|probe, _| probe.answer("7R0!", "7+1234567-7.255"));
    let (good, fault) = (Quality::Good, Quality::Fault);
    // 1,234,567 mm are 12,345,670 tenths; halves are rounded away from zero.
    assert_eq!((values, qualities), (Ok([12_345_670, -726, 0]), [good, good, fault]));
    let (values, _, _, qualities) =
        run::<Continuous>(|probe, _| probe.answer("7R0!", "7+1+2+9999999"));
    assert_eq!((values, qualities), (Ok([10, 200, 0]), [good, good, fault]));
}

#[test]
fn each_fault_is_tried_three_times_and_told() {
    let flip = |at| move |_: &Probe, port: &SimSerial<'_>| port.damage(at, 1, Damage::Flip(4));
    let (values, _, commands, _) = run::<Continuous>(flip(3));
    assert_eq!((values, commands.len()), (Ok([16_345, -725, 1_013_250]), 1), "no checksum");
    let (values, _, commands, _) = run::<Continuous>(flip(0));
    assert_eq!((values, commands.len()), (Ok(VALUES), 2), "another sensor's address");
    let lose = |_: &Probe, port: &SimSerial<'_>| port.damage(22, 1, Damage::Lose);
    let (values, _, commands, _) = run::<Continuous>(lose);
    assert_eq!((values, commands.len()), (Ok(VALUES), 2), "end of the line lost");

    let (values, took, _, _) = run::<Measure>(|_, port| port.unplug());
    assert_eq!(values, Err(Error::NotReady));
    assert!(took < 300, "{took} ms");
    let (values, _, commands, _) = run::<Continuous>(|probe, _| probe.answer("7R0!", "7*"));
    assert_eq!((values, commands.len()), (Err(Error::Frame), 3));
    let (values, _, commands, _) =
        run::<Concurrent>(|probe, _| probe.answer("7D0!", "7+1234.5-7.25+101.325AAA"));
    assert_eq!((values, commands.len()), (Err(Error::Checksum), 4));
    let (values, _, _, _) = run::<Measure>(|probe, _| probe.answer("7M!", "70000"));
    assert_eq!(values, Err(Error::Defect(0)), "no values at all");
    let (values, _, _, _) = run::<Measure>(|probe, _| probe.answer("7D0!", "7"));
    assert_eq!(values, Err(Error::Defect(0)), "interrupted");
    let (values, _, _, _) = run::<Continuous>(|_, port| port.fail(0, 3, SerialError::Framing));
    assert_eq!(values, Err(Error::NotReady), "a port that fails");
    let (values, _, _, _) = run::<Continuous>(|_, port| port.fail(0, 2, SerialError::Framing));
    assert_eq!(values, Ok(VALUES), "a port that fails twice");
}

#[test]
fn endless_noise_comes_to_an_end() {
    let noise = |_: &Probe, port: &SimSerial<'_>| port.damage(0, 10_000, Damage::Flip(0x55));
    let (values, _, commands, _) = run::<Continuous>(noise);
    assert_eq!((values, commands.len()), (Err(Error::Frame), 3));
}

#[test]
fn addresses_are_letters_and_digits() {
    let valid = (0..=u8::MAX).filter(|byte| Address::new(*byte).is_ok()).count();
    assert_eq!((valid, Address::new(b'?')), (62, Err(ConfigError::Address)));
}
