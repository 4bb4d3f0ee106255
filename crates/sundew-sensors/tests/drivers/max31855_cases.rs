//! MAX31855: values, and every way in which a measurement can fail.

use crate::{Case, Outcome, leaked};
use sundew_sensors::max31855::Max31855;
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{SimClock, SimSpi, SimSpiFrame, SpiError};

struct World {
    part: &'static SimSpiFrame<4>,
    spi: &'static SimSpi<'static>,
}

const GOOD: [u8; 4] = [0x06, 0x4C, 0x19, 0x00];
const VALUES: [i32; 2] = [10_075, 2_500];

fn table() -> [Case<World, 2, SpiError>; 14] {
    use Outcome::Read;
    let quiet = Case::quiet;
    [
        quiet("100.75 and 25 Cel", Ok(VALUES)),
        Case {
            before_read: |w| w.part.set([0x7F, 0xFC, 0x7F, 0xF0]),
            ..quiet("highest", Ok([204_775, 12_794]))
        },
        Case {
            before_read: |w| w.part.set([0x80, 0x00, 0x80, 0x00]),
            ..quiet("lowest", Ok([-204_800, -12_800]))
        },
        Case {
            before_read: |w| w.part.set([0xFF, 0xFC, 0x00, 0x00]),
            ..quiet("a step below 0", Ok([-25, 0]))
        },
        Case {
            before_read: |w| w.part.set([0x00, 0x01, 0x19, 0x01]),
            ..quiet("open", Err(Read(Error::Defect(1))))
        },
        Case {
            before_read: |w| w.part.set([0x00, 0x01, 0x19, 0x02]),
            ..quiet("short to ground", Err(Read(Error::Defect(2))))
        },
        Case {
            before_read: |w| w.part.set([0x00, 0x01, 0x19, 0x04]),
            ..quiet("short to the supply", Err(Read(Error::Defect(4))))
        },
        Case {
            before_start: |w| w.spi.unplug(0xFF),
            ..quiet("absent, line up", Err(Read(Error::Frame)))
        },
        Case {
            before_read: |w| w.spi.unplug(0x00),
            ..quiet("unplugged meanwhile, line down", Err(Read(Error::Frame)))
        },
        Case {
            before_read: |w| w.part.set([0x06, 0x4D, 0x19, 0x00]),
            ..quiet("a fault that is none", Err(Read(Error::Frame)))
        },
        Case {
            before_read: |w| w.part.set([0x06, 0x4C, 0x19, 0x04]),
            ..quiet("a fault without its mark", Err(Read(Error::Frame)))
        },
        Case {
            before_read: |w| w.part.set([0x06, 0x4E, 0x19, 0x00]),
            ..quiet("a reserved bit", Err(Read(Error::Frame)))
        },
        Case {
            before_read: |w| w.spi.fail(0, 1, SpiError::Overrun),
            ..quiet("bytes lost", Err(Read(Error::Bus(SpiError::Overrun))))
        },
        Case {
            before_read: |w| w.spi.fail(0, 1, SpiError::ChipSelect),
            ..quiet("no chip select", Err(Read(Error::Bus(SpiError::ChipSelect))))
        },
    ]
}

fn run_table<S: Sensor<2, Error = Error<SpiError>>>(driver: fn(&'static SimSpi<'static>) -> S) {
    for case in table() {
        let clock = SimClock::new();
        let part = leaked(SimSpiFrame::new(GOOD));
        let spi = leaked(SimSpi::new(part));
        let mut sensor = driver(spi);
        assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
        assert_eq!(spi.transactions(), 0);
        case.run(&mut sensor, &clock, &World { part, spi });
        spi.plug();
        part.set(GOOD);
        assert_eq!(crate::measure(&mut sensor, &clock), Ok(VALUES), "after {}", case.name);
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
    }
}

#[test]
fn blocking() {
    run_table(Max31855::new);
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::max31855::Max31855Async;
    run_table(|spi| Polled(Max31855Async::new(spi)));
}
