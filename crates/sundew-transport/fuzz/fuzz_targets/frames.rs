//! Bytes on a serial line: what opens under a checksum is what a device would have written, byte for byte;
//! nothing opens under a key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_identity::FrameNumbers;
use sundew_transport::serial::{
    Crc32, Deframer, Guard, Header, Key, Kind, ON_THE_WIRE, Opened, Opener, Sealer, Window,
};
use sundew_transport_fuzz::mutant;

fuzz_target!(|input: &[u8]| {
    let (size, line) = input.split_first().unwrap_or((&0, &[]));
    let mut buffer = vec![0; usize::from(*size)];
    let mut deframer = Deframer::new(&mut buffer);
    let mut window = Window::EMPTY;
    for byte in line {
        let Ok(Some(frame)) = deframer.push(*byte) else { continue };
        let mut sealed = frame.to_vec();
        let key = Key::new([7; 16]);
        if let Ok(Header { device, .. }) = Header::peek::<Key>(&sealed) {
            let opened = Opener::new(key.clone(), device, Window::EMPTY).open(&mut sealed).is_ok();
            assert!(!opened, "a frame opens that nobody has sealed");
        }
        protect(frame);
        window = plain(frame, window);
    }
});

/// Puts the checksum right, which no fuzzer finds.
fn protect(frame: &mut [u8]) {
    if Header::peek::<Crc32>(frame).is_err() {
        return;
    }
    let (head, rest) = frame.split_first_chunk_mut().expect("it has a header");
    let (body, trailer) = rest.split_at_mut(rest.len() - Crc32::BYTES);
    Crc32.protect(head, body, trailer);
}

fn plain(frame: &mut [u8], window: Window) -> Window {
    let Ok(header) = Header::peek::<Crc32>(frame) else { return window };
    let raw = frame.to_vec();
    let mut opener = Opener::new(Crc32, header.device, window);
    match opener.open(frame) {
        Ok(Opened::New(message)) => {
            assert!(!mutant("panic-on-frame"), "the mutant panics on a frame that opens");
            let number = message.ticket.number();
            let numbers = FrameNumbers::from_reserved(number, 1);
            let mut sealer = Sealer::new(Crc32, header.device, numbers);
            let mut wire = [0; ON_THE_WIRE];
            // The largest number is kept back: a device never has it.
            if let Ok((again, length)) = sealer.seal(message.port, message.payload, &mut wire) {
                assert_eq!((again, header.kind), (number, Kind::Message));
                let mut buffer = [0; 255];
                let mut deframer = Deframer::new(&mut buffer);
                let found = wire[..length].iter().find_map(|byte| {
                    deframer.push(*byte).expect("it was written").map(|frame| frame.to_vec())
                });
                assert_eq!(found, Some(raw), "another frame than came in");
            } else {
                assert_eq!(number, u32::MAX);
            }
        }
        Ok(Opened::Again { number }) => assert!(window.highest() >= number),
        Ok(_) => {}
        Err(_) => assert_eq!(opener.window(), window, "what is refused changes nothing"),
    }
    let sealer = Sealer::new(Crc32, header.device, FrameNumbers::from_reserved(1, 1));
    if let Ok(answer) = sealer.answer(frame) {
        assert_eq!(answer.number, header.number);
    }
    opener.window()
}
