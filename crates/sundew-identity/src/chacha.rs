//! One block of `ChaCha20`.
//!
//! Read first: RFC 8439 section 2.3. The generator of the crate `chacha20` makes four blocks at a
//! time, and moves the 256 bytes: 320 bytes of state and 2.2 KB of stack, more than the ATmega328P
//! has. One block of 64 bytes is what a device draws; the tests below hold it against that crate.

use zeroize::Zeroizing;

const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646E, 0x7962_2D32, 0x6B20_6574];

pub(crate) type Words<const LEN: usize> = Zeroizing<[u32; LEN]>;

/// Computes the block of a key: `place` is what RFC 8439 calls block count and nonce.
#[inline(never)]
pub(crate) fn block(key: &[u32; 8], place: [u32; 4]) -> Words<16> {
    let [c0, c1, c2, c3] = CONSTANTS;
    let [k0, k1, k2, k3, k4, k5, k6, k7] = *key;
    let [p0, p1, p2, p3] = place;
    let start = Words::new([c0, c1, c2, c3, k0, k1, k2, k3, k4, k5, k6, k7, p0, p1, p2, p3]);
    let mut words = start.clone();
    for _ in 0..10 {
        double_round(&mut words);
    }
    for (word, first) in words.iter_mut().zip(start.iter()) {
        *word = word.wrapping_add(*first);
    }
    words
}

/// Mixes the four columns, then the four diagonals.
fn double_round(words: &mut [u32; 16]) {
    let [a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3] = words;
    let quarters = [
        [&mut *a0, &mut *b0, &mut *c0, &mut *d0],
        [&mut *a1, &mut *b1, &mut *c1, &mut *d1],
        [&mut *a2, &mut *b2, &mut *c2, &mut *d2],
        [&mut *a3, &mut *b3, &mut *c3, &mut *d3],
    ];
    quarters.into_iter().for_each(quarter_round);
    let quarters = [[a0, b1, c2, d3], [a1, b2, c3, d0], [a2, b3, c0, d1], [a3, b0, c1, d2]];
    quarters.into_iter().for_each(quarter_round);
}

#[inline(never)]
fn quarter_round([a, b, c, d]: [&mut u32; 4]) {
    for (first, second) in [(16, 12), (8, 7)] {
        *a = a.wrapping_add(*b);
        *d = (*d ^ *a).rotate_left(first);
        *c = c.wrapping_add(*d);
        *b = (*b ^ *c).rotate_left(second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use proptest::prelude::*;
    use rand_core::{Rng, SeedableRng};

    #[test]
    fn the_block_of_rfc_8439() {
        // Section 2.3.2: the key 00 01 02 .. 1f, block 1, nonce 00:00:00:09:00:00:00:4a:00:00:00:00.
        let bytes: [u8; 32] = core::array::from_fn(|index| index as u8);
        let key: [u32; 8] = core::array::from_fn(|index| {
            u32::from_le_bytes(bytes[4 * index..][..4].try_into().unwrap())
        });
        let made = block(&key, [1, 0x0900_0000, 0x4A00_0000, 0]);
        assert_eq!(
            *made,
            [
                0xE4E7_F110,
                0x1559_3BD1,
                0x1FDD_0F50,
                0xC471_20A3,
                0xC7F4_D1C7,
                0x0368_C033,
                0x9AAA_2204,
                0x4E6C_D4C3,
                0x4664_82D2,
                0x09AA_9F07,
                0x05D7_C214,
                0xA202_8BD9,
                0xD19C_12B5,
                0xB94E_16DE,
                0xE883_D0CB,
                0x4E3C_50A2,
            ]
        );
    }

    proptest! {
        #[test]
        fn blocks_are_those_of_the_crate_chacha20(seed: [u8; 32], count: u64, stream: u64) {
            let mut reference = ChaCha20Rng::from_seed(seed);
            reference.set_stream(stream);
            reference.set_block_pos(count);
            let key: [u32; 8] = core::array::from_fn(|index| {
                u32::from_le_bytes(seed[4 * index..][..4].try_into().unwrap())
            });
            let place =
                [count as u32, (count >> 32) as u32, stream as u32, (stream >> 32) as u32];
            for word in block(&key, place).iter() {
                prop_assert_eq!(*word, reference.next_u32());
            }
        }
    }
}
