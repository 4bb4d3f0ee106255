//! What a broker sends, in both versions: what is taken is what an independent reading takes, in pieces of any size.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_core::Ticks;
use sundew_transport::mqtt::packet::{Packet, decode};
use sundew_transport::mqtt::{Config, DeviceId, Engine, Protocol, V3_1_1, V5, Version};
use sundew_transport_fuzz::mutant;

fuzz_target!(|input: &[u8]| {
    let [piece, input @ ..] = input else { return };
    let piece = usize::from(*piece).max(1);
    let [old, five] = [Version::V3_1_1, Version::V5(V5::new())];
    packets(V3_1_1, input);
    packets(V5::new(), input);
    assert_eq!(
        decode(V5::new(), input).map(|decoded| decoded.map(|decoded| decoded.length)),
        decode(five, input).map(|decoded| decoded.map(|decoded| decoded.length)),
        "what is known at run time only reads otherwise"
    );
    let three = session(V3_1_1, input, usize::MAX);
    assert_eq!(three, session(old, input, piece), "pieces matter in 3.1.1");
    assert_eq!(session(V5::new(), input, usize::MAX), session(five, input, piece), "and in 5");
});

/// Takes packet by packet, and compares messages with what is plainly there.
fn packets<P: Protocol>(protocol: P, mut input: &[u8]) {
    while let Ok(Some(decoded)) = decode(protocol, input) {
        assert!(!mutant("panic-on-frame"), "the mutant panics on a packet that is taken");
        let (packet, rest) = input.split_at(decoded.length);
        if let Packet::Publish(message) = decoded.packet {
            let is_five = size_of::<P::Memory>() > 0;
            let header = packet[1..].iter().position(|byte| byte & 0x80 == 0).expect("ends") + 2;
            let length = usize::from(u16::from_be_bytes([packet[header], packet[header + 1]]));
            let (topic, mut payload) = packet[header + 2..].split_at(length);
            assert_eq!(message.topic, topic, "another topic");
            assert!(!topic.is_empty() && std::str::from_utf8(topic).is_ok());
            let has_id = packet[0] & 0b0110 != 0;
            let id = has_id.then(|| u16::from_be_bytes([payload[0], payload[1]]));
            assert_eq!(message.id.map(|id| id.number()), id, "another number");
            payload = &payload[2 * usize::from(has_id)..];
            if is_five {
                let size = payload.iter().position(|byte| byte & 0x80 == 0).expect("ends") + 1;
                let fold = |sum, byte: &u8| sum << 7 | usize::from(byte & 0x7F);
                let properties = payload[..size].iter().rev().fold(0, fold);
                payload = &payload[size + properties..];
            }
            assert_eq!(message.payload, payload, "another payload");
        }
        input = rest;
    }
}

/// Lets an engine take the input in pieces, and returns what it made of it.
fn session<P: Protocol>(protocol: P, input: &[u8], piece: usize) -> Vec<String> {
    const ROOM: usize = 96;
    let now = Ticks::from_millis(0);
    let config = Config::new(DeviceId::new("d").expect("a name")).with_protocol(protocol);
    let mut engine = Engine::new(&config, ROOM as u32, now);
    let (mut held, mut out, mut said) = (Vec::new(), [0; 128], Vec::new());
    let mut left = input;
    loop {
        // As a link does: all that is due goes out, then more comes in where there is room.
        loop {
            match engine.transmit(now, &mut out) {
                Ok(0) => break,
                Ok(length) => said.push(format!("{:02x?}", &out[..length])),
                Err(error) => return [said, vec![format!("{error:?}")]].concat(),
            }
        }
        let consumed = match engine.receive(&held) {
            Ok(received) => {
                said.extend(received.event.map(|event| format!("{event:?}")));
                received.consumed
            }
            Err(error) => return [said, vec![format!("{error:?}")]].concat(),
        };
        held.drain(..consumed);
        if consumed == 0 {
            let count = piece.min(left.len()).min(ROOM - held.len());
            if count == 0 {
                return said;
            }
            held.extend(&left[..count]);
            left = &left[count..];
        }
    }
}
