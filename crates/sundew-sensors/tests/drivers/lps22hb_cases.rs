//! `LPS22HB`: values, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, sent, wired};
use sundew_sensors::lps22hb::{Address, Lps22hb, Mode};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};

type Registers = SimRegisters<256, 1>;
type Bus = SimBus<'static, 1>;

const VALUES: [i32; 2] = [2_345, 10_233_469];
const RESULTS: [u8; 5] = [0x8D, 0xF5, 0x3F, 0x29, 0x09];

/// Sets what a part shows that was just powered.
fn power_up(part: &Registers) {
    for register in 0..=u8::MAX {
        part.set(register, [0]);
    }
    part.set(0x0F, [0xB1]);
    part.set(0x11, [0x10]);
    part.on_write(|part, register| {
        // Through at once; the bit falls back.
        if register == 0x11 && part.register(0x11) == [0x11] {
            part.set(0x11, [0x10]);
            part.set(0x27, [0x03]);
            part.set_all(0x28, &RESULTS.map(|byte| [byte]));
        }
    });
    part.on_read(|part, register| {
        let [state] = part.register(0x27);
        match register {
            0x2A => part.set(0x27, [state & !1]),
            0x2C => part.set(0x27, [state & !2]),
            _ => {}
        }
    });
}

fn set_results(part: &Registers, results: [u8; 5]) {
    part.set_all(0x28, &results.map(|byte| [byte]));
}

fn table<'w>() -> [Case<World<'w, Registers>, 2>; 14] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("the datasheet's example", Ok(VALUES)),
        Case {
            before_read: |w| set_results(w.part, [0, 0, 0x80, 0, 0x80]),
            ..quiet("lowest words", Ok([-32_768, -20_480_000]))
        },
        Case {
            before_read: |w| set_results(w.part, [0xFF, 0xFF, 0x7F, 0xFF, 0x7F]),
            ..quiet("highest words", Ok([32_767, 20_479_998]))
        },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at the identity", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_start: |w| w.bus.fail(2, 1, BusError::DataNack),
            ..quiet("configuration refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_start: |w| w.bus.fail(3, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at the command", Err(Start(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_start: |w| w.part.set(0x0F, [0xB3]),
            ..quiet("an LPS22HH", Err(Start(Error::WrongPart(0xB3))))
        },
        Case {
            before_read: |w| w.part.set(0x27, [0x01]),
            ..quiet("read before the temperature is new", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| w.part.set(0x27, [0x02]),
            ..quiet("read before the pressure is new", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| power_up(w.part),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at read", Err(Read(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| {
                w.part.set(0x27, [0]);
                w.bus.fail(1, 1, BusError::Stuck);
            },
            ..quiet("bus stuck behind the state", Err(Read(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged meanwhile", Err(Read(Error::Bus(BusError::AddressNack))))
        },
    ]
}

/// Runs each case on a fresh part, which then is powered anew and measures well again.
fn run_table<S: Sensor<2, Error = Error<BusError>>>(driver: fn(&'static Bus) -> S) {
    for case in table() {
        let (clock, part, bus) = world();
        let mut sensor = driver(bus);
        case.run(&mut sensor, clock, &World { part, bus });
        part.plug();
        power_up(part);
        assert_eq!(measure(&mut sensor, clock), Ok(VALUES), "after {}", case.name);
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
    }
}

fn world() -> Rig<Registers> {
    let world = wired(leaked(SimClock::new()), Registers::new(0x5D, Increment::Always));
    power_up(world.1);
    world
}

#[test]
fn blocking() {
    run_table(|bus| Lps22hb::new(bus, Address::X5D, Mode::LowNoise));
    run_table(|bus| Lps22hb::new(bus, Address::X5D, Mode::LowCurrent));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::lps22hb::Lps22hbAsync;
    run_table(|bus| Polled(Lps22hbAsync::new(bus, Address::X5D, Mode::LowNoise)));
}

#[test]
fn what_is_sent_is_what_the_datasheet_says() {
    let (clock, _, bus) = world();
    let mut sensor = Lps22hb::new(bus, Address::X5D, Mode::LowCurrent);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    assert_eq!(bus.transactions(), 0);
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    sensor.set_mode(Mode::LowNoise);
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    let sent = sent(bus, 0);
    let expected: [&[u8]; 12] = [
        &[0x0F],
        &[0x10, 0x02],
        &[0x1A, 0x01],
        &[0x11, 0x11],
        &[0x27],
        &[0x0F],
        &[0x10, 0x02],
        &[0x1A, 0x00],
        &[0x11, 0x11],
        &[0x27],
        &[0x11, 0x11],
        &[0x27],
    ];
    assert_eq!(sent, expected);
}

#[test]
fn addresses_are_those_of_the_pin() {
    let valid: Vec<u8> = (0..=u8::MAX).filter(|a| Address::try_from(*a).is_ok()).collect();
    assert_eq!(valid, [0x5C, 0x5D]);
    assert_eq!(Address::try_from(0x5E), Err(ConfigError::Address));
}

/// Passes calls on, and never comes back from the one with this number.
#[cfg(feature = "async")]
struct Stalling(&'static Bus, u8);

#[cfg(feature = "async")]
impl embedded_hal_async::i2c::ErrorType for Stalling {
    type Error = BusError;
}

#[cfg(feature = "async")]
impl embedded_hal_async::i2c::I2c for Stalling {
    async fn transaction(
        &mut self,
        address: u8,
        operations: &mut [embedded_hal_async::i2c::Operation<'_>],
    ) -> Result<(), BusError> {
        embedded_hal_async::i2c::I2c::transaction(&mut self.0, address, operations).await?;
        let stalls = self.1 == 1;
        self.1 = self.1.saturating_sub(1);
        if stalls {
            core::future::pending::<()>().await;
        }
        Ok(())
    }
}

#[cfg(feature = "async")]
#[test]
fn a_future_that_is_dropped_leaves_the_part_to_be_brought_up_anew() {
    use crate::polled::finish;
    use core::pin::pin;
    use core::task::{Context, Waker};
    use sundew_sensors::{SensorAsync, lps22hb::Lps22hbAsync};
    // Identity, two registers and the command in the start; the results in the read.
    for call in 1..=5 {
        let (clock, _, bus) = world();
        let mut sensor = Lps22hbAsync::new(Stalling(bus, call), Address::X5D, Mode::LowNoise);
        {
            let measured = async {
                sensor.start().await.unwrap();
                sensor.read().await
            };
            let mut context = Context::from_waker(Waker::noop());
            assert!(pin!(measured).poll(&mut context).is_pending(), "call {call}");
        }
        assert_eq!(finish(sensor.read()), Err(Error::NotReady), "call {call}");
        let before = bus.transactions();
        clock.advance_millis(finish(sensor.start()).unwrap());
        assert_eq!(bus.transactions() - before, 4, "call {call}");
        assert_eq!(finish(sensor.read()), Ok(VALUES), "call {call}");
    }
}
