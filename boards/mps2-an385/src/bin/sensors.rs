//! Reads the parts on the emulated I2C bus with our drivers, one measurement for each line that
//! comes in on the console; `cargo prove sensors-an385` sets the parts and compares.
//!
//! An answer is `answer LINE: ok VALUE.. QUALITY..` or `answer LINE: ERROR`. Around each one, other
//! parts of the same bus are used, which must not suffer from it: a byte is written to the EEPROM
//! before and read back after, and the clock is read; `eeprom=ADDRESS,BYTE rtc=SECONDS` follows.
#![no_std]
#![no_main]

use core::{cell::RefCell, fmt::Debug, fmt::Write as _};

use board::{
    Board, clock,
    console::Console,
    i2c::{self, I2c},
    say, semihosting,
};
use embedded_hal::i2c::{ErrorType, I2c as _, Operation};
use heapless::String;
use sundew::sensors::Sensor;
use sundew::sensors::dps310::{self, Dps310};
use sundew::sensors::emc1413::{self, Emc1413, Emc1414};
use sundew::sensors::lsm303::{self, Lsm303Agr, Lsm303Dlhc};
use sundew::sensors::tmp105::{self, Config, Resolution, Tmp105};

const EEPROM: u8 = 0x50;
const EEPROM_BYTES: u16 = 4_096;
const RTC: u8 = 0x68;
const DPS310: u8 = 0x77;

/// Holds the longest answer: four values and their qualities.
type Answer = String<192>;

/// The drivers, each with its own handle of the bus; they live as long as the program.
struct Parts<'b> {
    bus: Shared<'b>,
    air: Tmp105<Shared<'b>>,
    air_resolution: Resolution,
    chip: Emc1413<Shared<'b>>,
    large_chip: Emc1414<Shared<'b>>,
    compass: Lsm303Dlhc<Shared<'b>>,
    compass_range: lsm303::Range,
    answers: u16,
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let Some(Ok(board)) = Board::take() else { semihosting::exit(semihosting::Verdict::Failed) };
    let bus = RefCell::new(board.i2c);
    let bus = Shared(&bus);
    let (air_resolution, compass_range) = (Resolution::Twelve, lsm303::Range::Gauss1_3);
    let mut parts = Parts {
        bus,
        air: Tmp105::new(bus, tmp105::Address::X48, Config::continuous(air_resolution)),
        air_resolution,
        chip: Emc1413::new(bus, emc1413::Address::X4C, emc1413::Range::Standard),
        large_chip: Emc1414::new(bus, emc1413::Address::X4D, emc1413::Range::Standard),
        compass: Lsm303Dlhc::new(bus, compass_range),
        compass_range,
        answers: 0,
    };
    say!("sensors ready");
    loop {
        let line: String<64> = Console::new().read_line(clock::idle);
        let answer = parts.answer(&line);
        say!("answer {line}: {answer}");
    }
}

impl Parts<'_> {
    /// Measures between two uses of the neighbours.
    fn answer(&mut self, line: &str) -> Answer {
        self.answers = self.answers.wrapping_add(1);
        let at = self.answers % EEPROM_BYTES;
        let [high, low] = at.to_be_bytes();
        let byte = low ^ 0xA5;
        let written = self.bus.write(EEPROM, &[high, low, byte]);
        let mut answer = self.measured(line);
        let (mut kept, mut seconds) = ([0], [0]);
        let read = self.bus.write_read(EEPROM, &[high, low], &mut kept);
        let told = self.bus.write_read(RTC, &[0], &mut seconds);
        // An answer that does not fit is cut, and then it is none that is expected.
        let _ = match (written, read, told, kept == [byte]) {
            (Ok(()), Ok(()), Ok(()), true) => {
                write!(answer, " eeprom={at},{byte} rtc={:02x}", seconds[0])
            }
            other => write!(answer, " neighbours {other:?}"),
        };
        answer
    }

    fn measured(&mut self, line: &str) -> Answer {
        match line {
            "tmp105 9" => self.air(Resolution::Nine),
            "tmp105 10" => self.air(Resolution::Ten),
            "tmp105 11" => self.air(Resolution::Eleven),
            "tmp105 12" => self.air(Resolution::Twelve),
            // As after a break-down of the supply, between start and read.
            "tmp105 restarted" => {
                let started = self.air.start().map(|_| ());
                let lost = self.bus.write(tmp105::Address::X48 as u8, &[1, 0]);
                if started.is_err() || lost.is_err() {
                    return shown::<(), _>(Err((started, lost)));
                }
                shown(self.air.read())
            }
            "tmp105 absent" => {
                let config = Config::continuous(Resolution::Twelve);
                measured(&mut Tmp105::new(self.bus, tmp105::Address::X49, config))
            }
            "emc1413" => measured(&mut self.chip),
            "emc1414" => measured(&mut self.large_chip),
            "emc1413 mistaken" => measured(&mut Emc1413::<_, 3>::new(
                self.bus,
                emc1413::Address::X4D,
                emc1413::Range::Standard,
            )),
            "emc1413 absent" => measured(&mut Emc1413::<_, 3>::new(
                self.bus,
                emc1413::Address::X18,
                emc1413::Range::Standard,
            )),
            // The model does not keep its configuration, so it looks restarted at once.
            "emc1413 extended" => measured(&mut Emc1413::<_, 3>::new(
                self.bus,
                emc1413::Address::X4C,
                emc1413::Range::Extended,
            )),
            "lsm303 1.3" => self.compass(lsm303::Range::Gauss1_3),
            "lsm303 1.9" => self.compass(lsm303::Range::Gauss1_9),
            "lsm303 2.5" => self.compass(lsm303::Range::Gauss2_5),
            "lsm303 4.0" => self.compass(lsm303::Range::Gauss4_0),
            "lsm303 4.7" => self.compass(lsm303::Range::Gauss4_7),
            "lsm303 5.6" => self.compass(lsm303::Range::Gauss5_6),
            "lsm303 8.1" => self.compass(lsm303::Range::Gauss8_1),
            "lsm303 restarted" => {
                let started = self.compass.start().map(|_| ());
                let lost = self.bus.write(lsm303::ADDRESS, &[0, 0x10]);
                if started.is_err() || lost.is_err() {
                    return shown::<(), _>(Err((started, lost)));
                }
                let answer = shown(self.compass.read());
                // Brought up anew, the first value is suspect in most ranges.
                let _ = measured(&mut self.compass);
                answer
            }
            "lsm303 mistaken" => measured(&mut Lsm303Agr::new(self.bus)),
            "dps310" => {
                let (rate, once) = (dps310::Rate::Hz1, dps310::Oversampling::X1);
                match dps310::Config::new(rate, once, once) {
                    Ok(config) => {
                        measured(&mut Dps310::new(self.bus, dps310::Address::X77, config))
                    }
                    Err(error) => shown::<(), _>(Err(error)),
                }
            }
            "dps310 identity" => self.registers::<1>(DPS310, 0x0D),
            "dps310 raw" => self.registers::<6>(DPS310, 0x00),
            "dps310 coefficients" => self.registers::<18>(DPS310, 0x10),
            _ => shown::<(), _>(Err("unknown")),
        }
    }

    fn air(&mut self, resolution: Resolution) -> Answer {
        if resolution != self.air_resolution {
            self.air_resolution = resolution;
            self.air.set_config(Config::continuous(resolution));
        }
        measured(&mut self.air)
    }

    fn compass(&mut self, range: lsm303::Range) -> Answer {
        if range != self.compass_range {
            self.compass_range = range;
            self.compass = Lsm303Dlhc::new(self.bus, range);
        }
        measured(&mut self.compass)
    }

    fn registers<const LEN: usize>(&mut self, address: u8, first: u8) -> Answer {
        let mut bytes = [0; LEN];
        let read = self.bus.write_read(address, &[first], &mut bytes);
        shown(read.map(|()| bytes))
    }
}

/// Starts, waits as told, reads, and shows values and qualities.
fn measured<S: Sensor<N>, const N: usize>(sensor: &mut S) -> Answer
where
    S::Error: Debug,
{
    let values = sensor.start().and_then(|wait_ms| {
        clock::sleep_until(clock::now().after(wait_ms));
        sensor.read()
    });
    let is_read = values.is_ok();
    let mut answer = shown(values);
    if is_read {
        for output in 0..N {
            let _ = write!(answer, " {:?}", sensor.quality(output));
        }
    }
    answer
}

fn shown<T: Debug, E: Debug>(result: Result<T, E>) -> Answer {
    let mut answer = Answer::new();
    let _ = match result {
        Ok(values) => write!(answer, "ok {values:?}"),
        Err(error) => write!(answer, "{error:?}"),
    };
    answer
}

/// Lends the one bus to several drivers; each transaction holds it for itself.
#[derive(Clone, Copy)]
struct Shared<'b>(&'b RefCell<I2c>);

impl ErrorType for Shared<'_> {
    type Error = i2c::Error;
}

impl embedded_hal::i2c::I2c for Shared<'_> {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Self::Error> {
        self.0.borrow_mut().transaction(address, operations)
    }
}
