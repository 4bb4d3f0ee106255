//! Modbus: values, exceptions and every fault of the line, beside another implementation.

use crate::leaked;
use core::cell::Cell;
use modbus_core::rtu::{Header, RequestAdu, ResponseAdu, client, server};
use modbus_core::{
    Data, ExceptionResponse, FunctionCode, Request, RequestPdu, Response, ResponsePdu,
};
use sundew_core::{Classify, ErrorKind};
use sundew_sensors::modbus::{
    Answer, Exception, Function, Kind, Map, Modbus, ModbusError, Register, Scale, parse, question,
};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{Damage, Outbox, SerialError, SimClock, SimSerial, SimTalker};
use sundew_units::{Quality, Quantity};

/// A three-phase meter as `SunSpec` has it, but for the addresses.
#[derive(Clone, Copy, Debug)]
struct Meter;

impl Map<5> for Meter {
    const FUNCTION: Function = Function::Holding;
    const FIRST: u16 = 0x9C50;
    const COUNT: u16 = 9;
    const REGISTERS: [Register; 5] = [
        Register::new(0, Kind::I16, Quantity::Power, 0).sunspec(1),
        Register::new(2, Kind::U32, Quantity::Energy, 3),
        Register::new(4, Kind::F32, Quantity::Frequency, -3),
        Register::new(6, Kind::I32, Quantity::Current, -3).low_first(),
        Register::new(8, Kind::U16, Quantity::Temperature, -2).scaled(Scale::Fixed(-1)),
    ];
}

const WORDS: [u16; 9] = [0xFF38, 1, 0x0001, 0x86A0, 0x4247, 0xF5C3, 0xFFFE, 0xFFFF, 235];
/// -200 * 10 W, 100,000 kJ, 49.99 Hz, -2 mA, 23.50 Cel.
const VALUES: [i32; 5] = [-2_000, 100_000, 49_990, -2, 2_350];

/// Answers requests to device 17 by `modbus-core`.
struct Device {
    outbox: Outbox,
    words: Cell<[u16; 9]>,
    exception: Cell<Option<modbus_core::Exception>>,
    heard: Cell<[u8; 8]>,
    has_echo: Cell<bool>,
}

impl Device {
    fn new() -> Self {
        Self {
            outbox: Outbox::new(),
            words: Cell::new(WORDS),
            exception: Cell::new(None),
            heard: Cell::new([0; 8]),
            has_echo: Cell::new(false),
        }
    }
}

impl SimTalker for Device {
    fn hear(&self, byte: u8, micros: u64) {
        let mut heard = self.heard.get();
        heard.rotate_left(1);
        heard[7] = byte;
        self.heard.set(heard);
        let Ok(Some(RequestAdu { hdr, pdu: RequestPdu(request) })) = server::decode_request(&heard)
        else {
            return;
        };
        if hdr.slave != 17 {
            return;
        }
        assert_eq!(request, Request::ReadHoldingRegisters(0x9C50, 9));
        let mut buffer = [0; 18];
        let pdu = match self.exception.get() {
            Some(exception) => ResponsePdu(Err(ExceptionResponse {
                function: FunctionCode::ReadHoldingRegisters,
                exception,
            })),
            None => ResponsePdu(Ok(Response::ReadHoldingRegisters(
                Data::from_words(&self.words.get(), &mut buffer).unwrap(),
            ))),
        };
        let mut answer = [0; 64];
        let len = server::encode_response(ResponseAdu { hdr, pdu }, &mut answer).unwrap();
        if self.has_echo.get() {
            self.outbox.send(&heard, micros.saturating_sub(8 * 1_042));
        }
        self.outbox.send(answer.get(..len).unwrap(), micros + 4_000);
    }

    fn say(&self, micros: u64) -> Option<u8> {
        self.outbox.say(micros)
    }
}

struct Case {
    name: &'static str,
    before_start: fn(&Device, &SimSerial<'_>),
    before_read: fn(&Device, &SimSerial<'_>),
    wait_ms: u32,
    expected: Result<[i32; 5], ModbusError<SerialError>>,
}

fn case(
    name: &'static str,
    before_start: fn(&Device, &SimSerial<'_>),
    expected: Result<[i32; 5], ModbusError<SerialError>>,
) -> Case {
    Case { name, before_start, before_read: |_, _| {}, wait_ms: 100, expected }
}

fn table() -> Vec<Case> {
    use ModbusError::{Line, Refused};
    vec![
        case("values", |_, _| {}, Ok(VALUES)),
        case("echo of the request", |device, _| device.has_echo.set(true), Ok(VALUES)),
        case("old bytes", |_, port| port.inject(&[17, 3, 18, 0, 0]), Ok(VALUES)),
        case("absent", |_, port| port.unplug(), Err(Line(Error::NotReady))),
        case(
            "port fails at start",
            |_, port| port.fail(0, 1, SerialError::Framing),
            Err(Line(Error::Bus(SerialError::Framing))),
        ),
        Case {
            before_read: |_, port| port.fail(0, 1, SerialError::Overrun),
            ..case("port fails at read", |_, _| {}, Err(Line(Error::Bus(SerialError::Overrun))))
        },
        Case {
            before_read: |_, port| port.inject(&[0x55; 100]),
            ..case("noise behind the answer", |_, _| {}, Ok(VALUES))
        },
        case(
            "checksum damaged",
            |_, port| port.damage(22, 1, Damage::Flip(1)),
            Err(Line(Error::Checksum)),
        ),
        case(
            "word damaged",
            |_, port| port.damage(9, 1, Damage::Flip(0x40)),
            Err(Line(Error::Checksum)),
        ),
        case("byte lost", |_, port| port.damage(9, 1, Damage::Lose), Err(Line(Error::NotReady))),
        Case { wait_ms: 30, ..case("read too early", |_, _| {}, Err(Line(Error::NotReady))) },
        case(
            "wrong map",
            |device, _| device.exception.set(Some(modbus_core::Exception::IllegalDataAddress)),
            Err(Refused(Exception::IllegalAddress)),
        ),
        case(
            "busy",
            |device, _| device.exception.set(Some(modbus_core::Exception::ServerDeviceBusy)),
            Err(Refused(Exception::Busy)),
        ),
    ]
}

fn run_table<S>(driver: impl Fn(&'static SimSerial<'static>) -> S)
where
    S: Sensor<5, Error = ModbusError<SerialError>>,
{
    for case in table() {
        let clock: &SimClock = leaked(SimClock::new());
        let device: &Device = leaked(Device::new());
        let port: &SimSerial<'_> = leaked(SimSerial::new(clock, device));
        let mut sensor = driver(port);
        assert_eq!(sensor.read(), Err(ModbusError::Line(Error::NotReady)), "nothing was started");
        (case.before_start)(device, port);
        let outcome = sensor.start().and_then(|_| {
            clock.advance_millis(case.wait_ms);
            (case.before_read)(device, port);
            sensor.read()
        });
        assert_eq!(outcome, case.expected, "{}", case.name);
        port.plug();
        device.exception.set(None);
        clock.advance_millis(100);
        sensor.start().unwrap();
        clock.advance_millis(100);
        assert_eq!(sensor.read(), Ok(VALUES), "after {}", case.name);
        assert_eq!(sensor.read(), Err(ModbusError::Line(Error::NotReady)), "read once");
    }
}

#[test]
fn blocking() {
    run_table(|port| Modbus::<_, Meter, 5>::new(port, 17, 100).unwrap());
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::modbus::ModbusAsync;
    run_table(|port| Polled(ModbusAsync::<_, Meter, 5>::new(port, 17, 100).unwrap()));
}

#[test]
fn a_number_that_is_not_there_is_a_fault_and_the_others_are_good() {
    let clock = SimClock::new();
    let device = Device::new();
    let port = SimSerial::new(&clock, &device);
    let mut sensor = Modbus::<_, Meter, 5>::new(&port, 17, 100).unwrap();
    let mut words = WORDS;
    (words[0], words[4]) = (0x8000, 0x7FC0);
    device.words.set(words);
    sensor.start().unwrap();
    clock.advance_millis(100);
    assert_eq!(sensor.read(), Ok([0, 100_000, 0, -2, 2_350]));
    let qualities: Vec<Quality> = (0..5).map(|output| sensor.quality(output)).collect();
    let (good, fault) = (Quality::Good, Quality::Fault);
    assert_eq!(qualities, [fault, good, fault, good, good]);
}

#[test]
fn devices_have_numbers_from_1_to_247_and_refusals_have_kinds() {
    let clock = SimClock::new();
    let device = Device::new();
    let port = SimSerial::new(&clock, &device);
    let is_valid = |number: &u8| Modbus::<_, Meter, 5>::new(&port, *number, 100).is_ok();
    assert!((0..=u8::MAX).filter(is_valid).eq(1..=247));
    let refused = Modbus::<_, Meter, 5>::new(&port, 0, 100).err();
    assert_eq!(refused, Some(ConfigError::Address));
    for number in 0..=u8::MAX {
        let error = ModbusError::<SerialError>::Refused(Exception::from_number(number));
        let is_config = (1..=3).contains(&number);
        assert_eq!(error.kind() == ErrorKind::Config, is_config, "{number}");
    }
}

/// Found by the fuzz target after 1.7 million executions.
#[test]
fn an_exception_within_what_began_like_an_answer_is_found() {
    let exception = [0x04, 0x84, 0x02];
    let sum = (0..8 * 3).fold(0xFFFF_u16, |crc, bit| {
        let crc = if bit % 8 == 0 { crc ^ u16::from(exception[bit / 8]) } else { crc };
        if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xA001 }
    });
    let mut bytes = vec![0x04; 10]; // each of them can be device, function or length
    bytes.extend(exception);
    bytes.extend(sum.to_le_bytes());
    bytes.extend([0xFB; 9]);
    let found = parse(&bytes, 4, Function::Input, 2).map(|(answer, _)| answer);
    assert_eq!(found, Some(Answer::Exception(Exception::IllegalAddress)));
}

#[test]
fn questions_and_answers_are_those_of_another_implementation() {
    let mut cases = 0;
    for first in (0..=u16::MAX).step_by(257) {
        for count in 1..=32 {
            let device = (first % 247) as u8 + 1;
            let mut theirs = [0; 8];
            for (function, request) in [
                (Function::Holding, Request::ReadHoldingRegisters(first, count)),
                (Function::Input, Request::ReadInputRegisters(first, count)),
            ] {
                let adu = RequestAdu { hdr: Header { slave: device }, pdu: RequestPdu(request) };
                client::encode_request(adu, &mut theirs).unwrap();
                assert_eq!(question(device, function, first, count), theirs);
            }
            let words: Vec<u16> = (0..count).map(|i| first.wrapping_mul(31) ^ i).collect();
            let (mut data, mut answer) = ([0; 64], [0; 80]);
            let words_of = Data::from_words(&words, &mut data).unwrap();
            let pdu = ResponsePdu(Ok(Response::ReadInputRegisters(words_of)));
            let adu = ResponseAdu { hdr: Header { slave: device }, pdu };
            let len = server::encode_response(adu, &mut answer).unwrap();
            let Some((Answer::Words(found), used)) = parse(&answer, device, Function::Input, count)
            else {
                panic!("{first} {count}")
            };
            assert_eq!((&found[..words.len()], used), (&words[..], len));
            cases += 3;
        }
    }
    println!("cases: {cases}");
}

/// Shows why the codec that the other tests compare with is not the one that is linked: once it
/// takes this, the 40 lines of `modbus/wire.rs` have lost their reason.
#[test]
fn the_other_codec_panics_on_noise() {
    let noise = [0xFF; 300];
    let theirs = std::panic::catch_unwind(|| client::decode_response(&noise).is_ok());
    assert!(theirs.is_err(), "it takes noise now: link it");
    assert_eq!(parse(&noise, 1, Function::Input, 1), None);
}
