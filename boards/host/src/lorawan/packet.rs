//! Frames of LoRaWAN 1.0.4 as they are on the air, but for their secrets: nothing is encrypted, and
//! a CRC-32 stands where the integrity code would be. Their lengths are right, so that times on air
//! are.

use sundew::codec::descriptor::crc32;

const JOIN_REQUEST: u8 = 0x00;
const JOIN_ACCEPT: u8 = 0x20;
const UNCONFIRMED_DOWN: u8 = 0x60;
const CONFIRMED_UP: u8 = 0x80;
/// Says in the byte of flags that the last uplink was received.
const ACK: u8 = 0x20;

/// Asks to be taken in: 8 bytes for the application, 8 for the device, 2 that differ each time.
pub(super) fn join_request(nonce: u16) -> Vec<u8> {
    let mut frame = vec![JOIN_REQUEST];
    frame.extend(*b"sundew-1");
    frame.extend(*b"weather1");
    frame.extend(nonce.to_le_bytes());
    sealed(frame)
}

/// Carries `message` up, whose first byte travels as the port.
pub(super) fn uplink(address: [u8; 4], counter: u16, message: &[u8]) -> Vec<u8> {
    let mut frame = vec![CONFIRMED_UP];
    frame.extend(address);
    frame.push(0);
    frame.extend(counter.to_le_bytes());
    frame.extend(message);
    sealed(frame)
}

/// Holds what came down.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Down {
    /// Takes the device in, under an address.
    Accepted([u8; 4]),
    /// Answers an uplink.
    Data {
        acknowledges: bool,
        /// Holds a message, its port as the first byte.
        message: Option<Vec<u8>>,
    },
}

/// Reads what came down; `None` for noise.
pub(super) fn downlink(frame: &[u8]) -> Option<Down> {
    let (frame, code) = frame.split_last_chunk::<4>()?;
    if crc32(frame) != u32::from_le_bytes(*code) {
        return None;
    }
    match frame {
        [JOIN_ACCEPT, _, _, _, _, _, _, a, b, c, d, ..] => Some(Down::Accepted([*a, *b, *c, *d])),
        [UNCONFIRMED_DOWN, _, _, _, _, flags, _, _, message @ ..] => Some(Down::Data {
            acknowledges: flags & ACK != 0,
            message: (!message.is_empty()).then(|| message.to_vec()),
        }),
        _ => None,
    }
}

fn sealed(mut frame: Vec<u8>) -> Vec<u8> {
    frame.extend(crc32(&frame).to_le_bytes());
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_have_the_lengths_of_the_specification() {
        assert_eq!(join_request(7).len(), 23);
        // 13 bytes of LoRaWAN, one of which is the port, and the payload.
        assert_eq!(uplink([0; 4], 1, &[0; 52]).len(), 13 + 51);
    }

    #[test]
    fn what_comes_down_is_read_and_noise_is_not() {
        let mut frame = vec![UNCONFIRMED_DOWN, 1, 2, 3, 4, ACK, 0, 0, 222, 9];
        let data = Down::Data { acknowledges: true, message: Some(vec![222, 9]) };
        assert_eq!(downlink(&sealed(frame.clone())), Some(data));
        frame.truncate(8);
        let data = Down::Data { acknowledges: true, message: None };
        assert_eq!(downlink(&sealed(frame.clone())), Some(data));
        frame.extend([0; 4]);
        assert_eq!(downlink(&frame), None);
        assert_eq!(downlink(&[]), None);
        let accept = sealed(vec![JOIN_ACCEPT, 0, 0, 0, 0, 0, 0, 9, 8, 7, 6, 0, 1]);
        assert_eq!(downlink(&accept), Some(Down::Accepted([9, 8, 7, 6])));
    }
}
