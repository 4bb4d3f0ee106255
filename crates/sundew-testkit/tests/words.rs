//! The model of a part of 16-bit commands: what it takes, refuses and answers.

use embedded_hal::i2c::I2c;
use sundew_testkit::{BusError, SimBus, SimClock, SimWords, WordCommand};

const ASK: u16 = 0x3682;
const SET: u16 = 0x2427;

fn with_world(test: impl FnOnce(&SimClock, &SimWords<'_, 2>, &SimBus<'_, 1>)) {
    let clock = SimClock::new();
    let commands = [
        WordCommand::new(ASK).lasting(1_000).answering(0xBEEF),
        WordCommand::new(SET).taking(1).lasting(1_000),
    ];
    let part = SimWords::new(&clock, 0x62, commands);
    test(&clock, &part, &SimBus::new([&part]));
}

fn read(mut bus: &SimBus<'_, 1>) -> Result<[u8; 6], BusError> {
    let mut bytes = [0; 6];
    bus.read(0x62, &mut bytes).map(|()| bytes)
}

#[test]
fn what_it_does_not_know_is_refused() {
    with_world(|clock, part, mut bus| {
        for bytes in [&[0x36, 0x83][..], &[0x36, 0x82, 0x00], &[0x24, 0x27, 0x01, 0xE0, 0xB5]] {
            assert_eq!(bus.write(0x62, bytes), Err(BusError::DataNack), "{bytes:02X?}");
            clock.advance_millis(2);
        }
        assert_eq!((part.times(SET), part.arguments(SET)), (0, [0, 0]));
        // Half of a command is none.
        assert_eq!(bus.write(0x62, &[0x24, 0x27, 0x01]), Ok(()));
        assert_eq!(part.times(SET), 0);
        assert_eq!(bus.write(0x62, &[0x24, 0x27, 0x01, 0xE0, 0xB4]), Ok(()));
        assert_eq!((part.times(SET), part.arguments(SET)), (1, [0x01E0, 0]));
    });
}

#[test]
fn an_answer_comes_in_time_and_once() {
    with_world(|clock, part, mut bus| {
        assert_eq!(read(bus), Err(BusError::AddressNack), "nothing was asked");
        bus.write(0x62, &ASK.to_be_bytes()).unwrap();
        assert_eq!(read(bus), Err(BusError::AddressNack), "too early");
        assert_eq!(bus.write(0x62, &ASK.to_be_bytes()), Err(BusError::AddressNack), "busy");
        clock.advance_millis(1);
        assert_eq!(read(bus), Ok([0xBE, 0xEF, 0x92, 0xFF, 0xFF, 0xFF]));
        assert_eq!(read(bus), Err(BusError::AddressNack), "read already");
        part.break_crc(Some(0));
        part.slow_down(1_000);
        bus.write(0x62, &ASK.to_be_bytes()).unwrap();
        // Asking takes time on the wire, so that whoever asks again and again gets there.
        let tries = (1..100).find(|_| read(bus).is_ok());
        assert_eq!(tries, Some(24));
    });
}

#[test]
fn what_it_was_doing_is_lost_with_the_supply() {
    with_world(|clock, part, mut bus| {
        bus.write(0x62, &ASK.to_be_bytes()).unwrap();
        part.unplug();
        assert_eq!(bus.write(0x62, &ASK.to_be_bytes()), Err(BusError::AddressNack));
        part.plug();
        clock.advance_millis(1);
        assert_eq!(read(bus), Err(BusError::AddressNack));
        part.withhold(ASK, 5_000);
        part.set_answer(ASK, &[1, 2]);
        part.set_duration(ASK, 0);
        bus.write(0x62, &ASK.to_be_bytes()).unwrap();
        assert_eq!(read(bus), Err(BusError::AddressNack), "no data yet");
        clock.advance_millis(5);
        bus.write(0x62, &ASK.to_be_bytes()).unwrap();
        assert_eq!(read(bus).map(|bytes| [bytes[1], bytes[4]]), Ok([1, 2]));
    });
}
