//! A serial link against a gateway, over a line that loses, repeats and changes bytes.

// clippy.toml allows these in tests, but does not see the helpers below as part of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use embedded_io::{Read, ReadReady, Write};
use proptest::prelude::*;
use sundew_core::{Classify, ErrorKind, Ticks};
use sundew_identity::FrameNumbers;
use sundew_testkit::{SimEnd, SimLink};
use sundew_transport::link::{Delivery, Downlink, Incoming, Link, Port, Token};
use sundew_transport::serial::{
    Buffers, Crc32, Deframer, FrameError, Key, LinkError, ON_THE_WIRE, Opened, Opener, SealError,
    Sealer, SerialLink, Timing, Window, overhead,
};

const DEVICE: u32 = 7;
const KEY: [u8; 16] = *b"one key a device";

fn key() -> Key {
    Key::new(KEY)
}

fn numbers(first: u32) -> FrameNumbers {
    FrameNumbers::from_reserved(first, 100)
}

fn at(millis: u32) -> Ticks {
    Ticks::from_millis(millis)
}

fn pour(line: &mut SimEnd<'_, 1024>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 64];
    while line.read_ready().unwrap() {
        let read = line.read(&mut chunk).unwrap();
        bytes.extend(&chunk[..read]);
    }
    bytes
}

/// Cuts what came over a line into frames.
fn frames(bytes: &[u8]) -> Vec<Result<Vec<u8>, FrameError>> {
    let mut buffer = [0; 255];
    let mut deframer = Deframer::new(&mut buffer);
    let mut frames = Vec::new();
    for byte in bytes {
        match deframer.push(*byte) {
            Ok(None) => {}
            Ok(Some(frame)) => frames.push(Ok(frame.to_vec())),
            Err(error) => frames.push(Err(error)),
        }
    }
    frames
}

fn frame(bytes: &[u8]) -> Vec<u8> {
    let [Ok(frame)] = &frames(bytes)[..] else { panic!("not one frame: {bytes:02x?}") };
    frame.clone()
}

fn sealed(payload: &[u8]) -> (Vec<u8>, u32) {
    let mut out = [0; ON_THE_WIRE];
    let (number, length) =
        Sealer::new(key(), DEVICE, numbers(41)).seal(Port::Readings, payload, &mut out).unwrap();
    (out[..length].to_vec(), number)
}

#[test]
fn the_bytes_on_the_wire_are_these() {
    let mut out = [0; ON_THE_WIRE];
    let mut sealer = Sealer::new(Crc32, 7, numbers(1));
    let (_, length) = sealer.seal(Port::Readings, b"21.5", &mut out).unwrap();
    let expected: [u8; 21] = [
        0, 3, 0x11, 7, 1, 1, 2, 1, 1, 1, 0x0A, 1, 0x32, 0x31, 0x2E, 0x35, 0xF4, 0xED, 0x51, 0x5F, 0,
    ];
    assert_eq!(&out[..length], expected);
    let counting = Key::new(core::array::from_fn(|index| index as u8));
    let mut sealer = Sealer::new(counting, 7, numbers(1));
    let (_, length) = sealer.seal(Port::Readings, b"2", &mut out).unwrap();
    // Made by another implementation: `frames.py` of `cargo prove sealed-frames`.
    let expected: [u8; 30] = [
        0, 3, 0x21, 7, 1, 1, 2, 1, 1, 1, 0x13, 0x59, 0x1E, 0x5D, 0x59, 0xDB, 0x37, 0x74, 0xC9,
        0x40, 0xDF, 0xC0, 0xE8, 0x9D, 0x8A, 0x4B, 0x75, 0x54, 0x05, 0,
    ];
    assert_eq!(&out[..length], expected);
}

#[test]
fn no_flipped_bit_cut_or_other_key_opens() {
    let (wire, _) = sealed(b"21.5 and a half");
    let genuine = frame(&wire);
    let mut opener = Opener::new(key(), DEVICE, Window::EMPTY);
    for bit in 0..genuine.len() * 8 {
        let mut altered = genuine.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(opener.open(&mut altered).is_err(), "bit {bit}");
    }
    for length in 0..genuine.len() {
        assert!(opener.open(&mut genuine[..length].to_vec()).is_err(), "{length} bytes");
    }
    let mut other = Opener::new(Key::new([1; 16]), DEVICE, Window::EMPTY);
    assert_eq!(other.open(&mut genuine.clone()).unwrap_err(), FrameError::Altered);
    let mut other = Opener::new(key(), 8, Window::EMPTY);
    assert_eq!(other.open(&mut genuine.clone()).unwrap_err(), FrameError::OtherDevice);
    let mut other = Opener::new(Crc32, DEVICE, Window::EMPTY);
    assert_eq!(other.open(&mut genuine.clone()).unwrap_err(), FrameError::Foreign);
    assert_eq!(opener.window(), Window::EMPTY, "what is refused changes nothing");
    let mut whole = genuine;
    let Ok(Opened::New(message)) = opener.open(&mut whole) else { panic!("genuine") };
    assert_eq!((message.port, message.payload), (Port::Readings, &b"21.5 and a half"[..]));
}

#[test]
fn a_message_is_taken_once_and_answered_as_often_as_it_comes() {
    let (wire, number) = sealed(b"x");
    let mut opener = Opener::new(key(), DEVICE, Window::EMPTY);
    let mut answer = [0; ON_THE_WIRE];
    assert_eq!(opener.acknowledge(number, &mut answer), Err(SealError::NotTaken));
    let mut first = frame(&wire);
    let Ok(Opened::New(message)) = opener.open(&mut first) else { panic!("new") };
    let length = opener.command(message.ticket, b"blink", &mut answer).unwrap();
    let sealer = Sealer::new(key(), DEVICE, numbers(1));
    let mut command = frame(&answer[..length]);
    let found = sealer.answer(&mut command).unwrap();
    assert_eq!((found.number, found.command), (number, Some(5)));
    assert_eq!(&command[sundew_transport::serial::Answer::COMMAND_AT..][..5], b"blink");
    // After a restart with the window that was kept.
    let mut opener = Opener::new(key(), DEVICE, Window::from_bytes(opener.window().to_bytes()));
    for _ in 0..2 {
        let Ok(Opened::Again { number: again }) = opener.open(&mut frame(&wire)) else {
            panic!("known")
        };
        assert_eq!(again, number);
        let length = opener.acknowledge(number, &mut answer).unwrap();
        let found = sealer.answer(&mut frame(&answer[..length])).unwrap();
        assert_eq!((found.number, found.command), (number, None));
    }
    // What one side sends is nothing for itself.
    let length = opener.acknowledge(number, &mut answer).unwrap();
    let own = opener.open(&mut frame(&answer[..length])).unwrap_err();
    assert_eq!(own, FrameError::WrongWay);
    assert_eq!(sealer.answer(&mut frame(&wire)).unwrap_err(), FrameError::WrongWay);
}

#[test]
fn what_does_not_fit_takes_no_number() {
    let mut sealer = Sealer::new(key(), DEVICE, numbers(1));
    let mut out = [0; ON_THE_WIRE];
    let fits = ON_THE_WIRE - overhead::<Key>();
    let payload = [0; ON_THE_WIRE];
    let seal = |sealer: &mut Sealer<Key>, bytes: usize, out: &mut [u8]| {
        sealer.seal(Port::Birth, &payload[..bytes], out)
    };
    assert_eq!(seal(&mut sealer, fits + 1, &mut out), Err(SealError::TooLarge));
    let needed = overhead::<Key>() + 10;
    assert_eq!(seal(&mut sealer, 10, &mut out[..needed - 1]), Err(SealError::NoRoom { needed }));
    assert_eq!(sealer.left(), 100);
    assert_eq!(seal(&mut sealer, fits, &mut out), Ok((1, ON_THE_WIRE)));
    let mut buffer = [0; 255];
    let mut deframer = Deframer::new(&mut buffer);
    let found = out.iter().find_map(|byte| deframer.push(*byte).unwrap().map(|frame| frame.len()));
    assert_eq!(found, Some(sundew_transport::serial::LONGEST));
    let mut sealer = Sealer::new(key(), DEVICE, FrameNumbers::from_reserved(1, 0));
    assert_eq!(seal(&mut sealer, 1, &mut out), Err(SealError::NumbersUsedUp));
}

#[test]
fn noise_does_not_hide_the_next_frame() {
    let (wire, _) = sealed(b"x");
    let mut noisy = vec![0x55; 700];
    noisy.extend(&wire);
    noisy.extend([7, 7, 0]);
    noisy.extend(&wire);
    noisy.extend([1, 1]);
    let found = frames(&noisy);
    assert_eq!(found.len(), 4);
    assert_eq!((&found[0], &found[2]), (&Err(FrameError::TooLong), &Err(FrameError::Misplaced)));
    assert!(found[1].is_ok() && found[3].is_ok());
    // A small buffer takes small frames.
    let mut buffer = [0; 20];
    let mut deframer = Deframer::new(&mut buffer);
    let longer: Vec<_> = wire.iter().filter_map(|byte| deframer.push(*byte).err()).collect();
    assert_eq!(longer, [FrameError::TooLong]);
    let lengths = [0, 1, 0].map(|byte| deframer.push(byte).map(|frame| frame.map(|f| f.len())));
    assert_eq!(lengths, [Ok(None), Ok(None), Ok(Some(0))]);
}

fn open<'a>(
    line: SimEnd<'a, 1024>,
    receive: &'a mut [u8],
    transmit: &'a mut [u8],
) -> SerialLink<'a, SimEnd<'a, 1024>, Key> {
    let buffers = Buffers { receive, transmit };
    SerialLink::new(line, key(), DEVICE, numbers(1), buffers)
}

#[test]
fn a_link_sends_again_until_it_is_answered_and_takes_the_command() {
    let wire = SimLink::<1024>::new();
    let (mut receive, mut transmit) = ([0; 255], [0; 100]);
    let mut link = open(wire.near(), &mut receive, &mut transmit);
    let capabilities = link.capabilities();
    assert_eq!(capabilities.payload, 100 - 29);
    assert_eq!(capabilities.delivery, Delivery::Acknowledged);
    assert_eq!(capabilities.downlink, Downlink::AfterUplink);
    let mut far = wire.far();
    let mut buffer = [0; 16];
    assert_eq!(link.wake_at(), None);
    let token = link.send(at(0), Port::Readings, b"21.5").unwrap();
    assert_eq!(link.send(at(0), Port::Readings, b"21.5"), Err(LinkError::Busy));
    let first = pour(&mut far);
    assert_eq!(link.poll(at(999), &mut buffer), Ok(None));
    assert_eq!(link.wake_at(), Some(at(1_000)));
    assert_eq!(pour(&mut far), []);
    assert_eq!(link.poll(at(1_000), &mut buffer), Ok(None));
    assert_eq!(pour(&mut far), first, "byte for byte the same");

    let mut opener = Opener::new(key(), DEVICE, Window::EMPTY);
    let mut frame = frame(&first);
    let Ok(Opened::New(message)) = opener.open(&mut frame) else { panic!("new") };
    let mut answer = [0; ON_THE_WIRE];
    let length = opener.command(message.ticket, b"blink", &mut answer).unwrap();
    // Noise, an altered answer, and then the answer, twice.
    let mut altered = answer;
    altered[12] ^= 4;
    far.write_all(b"noise").unwrap();
    far.write_all(&altered[..length]).unwrap();
    far.write_all(&answer[..length]).unwrap();
    far.write_all(&answer[..length]).unwrap();
    let mut came = Vec::new();
    for _ in 0..20 {
        match link.poll(at(1_001), &mut buffer).unwrap() {
            Some(Incoming::Acknowledged(acknowledged)) => {
                assert_eq!(acknowledged, token);
                came.push(Vec::new());
            }
            Some(Incoming::Command(command)) => came.push(command.to_vec()),
            Some(other) => panic!("{other:?}"),
            None => {}
        }
    }
    assert_eq!(came, [Vec::new(), b"blink".to_vec()]);
    assert_eq!(link.faults(), 3);
    assert_eq!(link.last_fault(), None, "the last was an answer to what is answered");
    // The next message has the next number; an old answer says nothing of it.
    let next = link.send(at(2_000), Port::Readings, b"21.6").unwrap();
    assert_ne!(next, token);
    far.write_all(&answer[..length]).unwrap();
    assert_eq!(link.poll(at(2_001), &mut buffer), Ok(None));
}

#[test]
fn a_link_gives_up_on_a_gateway_that_is_silent_or_talks_without_end() {
    for noise in [&[][..], &[0x55; 300]] {
        let wire = SimLink::<1024>::new();
        let (mut receive, mut transmit) = ([0; 255], [0; 100]);
        let mut link = open(wire.near(), &mut receive, &mut transmit)
            .with_timing(Timing { answer_ms: 200, repeats: 2 });
        let mut far = wire.far();
        link.send(at(0), Port::Readings, b"21.5").unwrap();
        let mut frames_sent = 0;
        let mut dead = None;
        for now in (0..2_000).step_by(10) {
            frames_sent += frames(&pour(&mut far)).len();
            // As much as the line takes.
            let _ = far.write(noise);
            if let Err(error) = link.poll(at(now), &mut [0; 8]) {
                dead = Some((now, error));
                break;
            }
        }
        assert_eq!(dead, Some((600, LinkError::TimedOut)));
        assert_eq!(frames_sent, 3);
        assert_eq!(LinkError::<()>::TimedOut.kind(), ErrorKind::Peer);
    }
}

#[test]
fn a_poll_that_leaves_bytes_wants_to_be_called_again() {
    let wire = SimLink::<1024>::new();
    let (mut receive, mut transmit) = ([0; 255], [0; 100]);
    let mut link = open(wire.near(), &mut receive, &mut transmit);
    let mut far = wire.far();
    link.send(at(0), Port::Readings, b"21.5").unwrap();
    let mut opener = Opener::new(key(), DEVICE, Window::EMPTY);
    let mut frame = frame(&pour(&mut far));
    let Ok(Opened::New(message)) = opener.open(&mut frame) else { panic!("new") };
    let mut answer = [0; ON_THE_WIRE];
    let length = opener.command(message.ticket, &[9; 200], &mut answer).unwrap();
    far.write_all(&answer[..length]).unwrap();
    // Eight reads of 16 bytes are not the whole of it.
    assert_eq!(link.poll(at(7), &mut [0; 8]), Ok(None));
    assert_eq!(link.wake_at(), Some(at(7)));
    assert!(matches!(link.poll(at(7), &mut [0; 8]), Ok(Some(Incoming::Acknowledged(_)))));
}

#[test]
fn a_command_larger_than_the_buffer_is_reported() {
    let wire = SimLink::<1024>::new();
    let (mut receive, mut transmit) = ([0; 255], [0; 100]);
    let mut link = open(wire.near(), &mut receive, &mut transmit);
    let mut far = wire.far();
    link.send(at(0), Port::Readings, b"21.5").unwrap();
    let mut opener = Opener::new(key(), DEVICE, Window::EMPTY);
    let mut frame = frame(&pour(&mut far));
    let Ok(Opened::New(message)) = opener.open(&mut frame) else { panic!("new") };
    let mut answer = [0; ON_THE_WIRE];
    let length = opener.command(message.ticket, &[9; 200], &mut answer).unwrap();
    far.write_all(&answer[..length]).unwrap();
    let mut found = Vec::new();
    for _ in 0..30 {
        match link.poll(at(1), &mut [0; 8]).unwrap() {
            Some(Incoming::Oversized { bytes }) => found.push(bytes),
            Some(Incoming::Acknowledged(_)) | None => {}
            Some(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(found, [200]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever a line does to bytes, each message that the device has seen acknowledged was taken once,
    /// as it was sent, and each command came as it was given.
    #[test]
    fn every_acknowledged_message_was_taken_once(
        faults in prop::collection::vec(any::<(u8, u8)>(), 0..200),
        messages in 1_usize..8,
    ) {
        let wire = SimLink::<1024>::new();
        let (mut receive, mut transmit) = ([0; 255], [0; 100]);
        let mut link = open(wire.near(), &mut receive, &mut transmit)
            .with_timing(Timing { answer_ms: 50, repeats: 255 });
        let mut far = wire.far();
        let mut opener = Opener::new(key(), DEVICE, Window::EMPTY);
        let mut buffer = [0; 255];
        let mut deframer = Deframer::new(&mut buffer);
        let mut answers: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
        let (mut sent, mut taken, mut acknowledged, mut commands) =
            (Vec::new(), Vec::new(), 0, Vec::new());
        let mut faults = faults.into_iter();
        let mut harm = |bytes: Vec<u8>| -> Vec<u8> {
            let mut out = Vec::new();
            for byte in bytes {
                match faults.next() {
                    Some((0..=9, _)) => {}
                    Some((10..=19, flip)) => out.push(byte ^ flip),
                    Some((20..=29, other)) => out.extend([byte, other]),
                    _ => out.push(byte),
                }
            }
            out
        };
        let mut waiting: Option<Token> = None;
        for now in (0..60_000_u32).step_by(10) {
            if waiting.is_none() {
                if sent.len() == messages {
                    break;
                }
                let payload = vec![sent.len() as u8; 1 + sent.len() * 9];
                waiting = Some(link.send(at(now), Port::Readings, &payload).unwrap());
                sent.push(payload);
            }
            for byte in harm(pour(&mut far)) {
                let Ok(Some(frame)) = deframer.push(byte) else { continue };
                let mut answer = [0; ON_THE_WIRE];
                match opener.open(frame) {
                    Ok(Opened::New(message)) => {
                        taken.push(message.payload.to_vec());
                        let number = message.ticket.number();
                        let command = [number as u8; 5];
                        let length = opener.command(message.ticket, &command, &mut answer).unwrap();
                        answers.insert(number, answer[..length].to_vec());
                        far.write_all(&harm(answer[..length].to_vec())).unwrap();
                    }
                    Ok(Opened::Again { number }) => {
                        far.write_all(&harm(answers[&number].clone())).unwrap();
                    }
                    Ok(_) => unreachable!(),
                    Err(_) => {}
                }
            }
            loop {
                match link.poll(at(now), &mut [0; 16]).unwrap() {
                    Some(Incoming::Acknowledged(token)) => {
                        prop_assert_eq!(Some(token), waiting);
                        waiting = None;
                        acknowledged += 1;
                    }
                    Some(Incoming::Command(command)) => commands.push(command.to_vec()),
                    Some(other) => panic!("{other:?}"),
                    None => break,
                }
            }
        }
        prop_assert_eq!(acknowledged, messages);
        prop_assert_eq!(&taken, &sent);
        let given: Vec<Vec<u8>> = (1..=messages).map(|number| vec![number as u8; 5]).collect();
        prop_assert!(commands.len() + 1 >= messages && given.starts_with(&commands));
    }

    /// No bytes make either side panic, and none of them are taken for a frame.
    #[test]
    fn rubbish_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut opener = Opener::new(key(), DEVICE, Window::EMPTY);
        let sealer = Sealer::new(key(), DEVICE, numbers(1));
        for frame in frames(&bytes).into_iter().flatten() {
            prop_assert!(opener.open(&mut frame.clone()).is_err());
            prop_assert!(sealer.answer(&mut frame.clone()).is_err());
        }
    }
}
