//! One form only: everything else is refused by its name, and nothing panics.

use proptest::prelude::*;
use sundew_identity::cose::{Algorithm, Refused, Sign1, sign};
use sundew_identity::{Fault, Malformed};

use crate::keys::Factory;

/// Returns a message of these protected and unprotected headers and payload, well signed.
fn message(protected: &[u8], unprotected: &[u8], payload: &[u8]) -> Vec<u8> {
    let signature = [0x41, 7];
    let len = u8::try_from(protected.len()).unwrap();
    assert!(len < 24);
    [&[0xD2, 0x84, 0x40 | len], protected, unprotected, payload, &signature].concat()
}

fn fault(message: &[u8]) -> Result<(), (Fault, usize)> {
    match Sign1::parse(message) {
        Ok(_) => Ok(()),
        Err(Malformed { fault, position }) => Err((fault, position)),
    }
}

const ALGORITHM: &[u8] = &[0xA1, 1, 0x32];
const PAYLOAD: &[u8] = &[0x41, 9];

#[test]
fn each_wrong_envelope_has_its_fault() {
    let good = message(ALGORITHM, &[0xA0], PAYLOAD);
    assert_eq!(fault(&good), Ok(()));
    for len in 0..good.len() {
        let cut = fault(&good[..len]).unwrap_err().0;
        assert_eq!(cut, Fault::Truncated, "{len} bytes");
    }
    assert_eq!(fault(&[&good[..], &[0]].concat()), Err((Fault::Trailing, good.len())));
    let with = |at: usize, bytes: &[u8]| [&good[..at], bytes, &good[at + 1..]].concat();
    assert_eq!(fault(&with(0, &[0xD1])), Err((Fault::Tag, 1)));
    assert_eq!(fault(&with(0, &[0xD8, 18])), Err((Fault::NotShortest, 2)));
    assert_eq!(fault(&with(0, &[0xD2, 0xD2])), Err((Fault::Type, 2)), "tagged twice");
    assert_eq!(fault(&with(1, &[0x83])), Err((Fault::Missing, 2)));
    assert_eq!(fault(&with(1, &[0x85])), Err((Fault::Trailing, 2)));
    assert_eq!(fault(&with(1, &[0x9F])), Err((Fault::Indefinite, 2)));
    assert_eq!(fault(&with(1, &[0x98, 4])), Err((Fault::NotShortest, 3)));
    assert_eq!(fault(&with(1, &[0x9B, 0, 0, 0, 0, 0, 0, 0, 4])), Err((Fault::Range, 2)));
    assert_eq!(fault(&with(1, &[0x9C])), Err((Fault::Type, 2)));
    assert_eq!(fault(&with(2, &[0x5F])), Err((Fault::Indefinite, 3)));
    assert_eq!(fault(&with(2, &[0x63])), Err((Fault::Type, 3)), "a text, no bytes");
    // A payload that is a text or missing, and no signature.
    assert_eq!(fault(&message(ALGORITHM, &[0xA0], &[0x61, b'a'])), Err((Fault::Type, 8)));
    assert_eq!(fault(&message(ALGORITHM, &[0xA0], &[0xF7])), Err((Fault::Type, 8)));
    assert_eq!(fault(&message(ALGORITHM, &[0xA0], &[0xF6])), Ok(()), "detached");
    assert_eq!(fault(&[&good[..good.len() - 2], &[0x40]].concat()), Err((Fault::Missing, 10)));
}

#[test]
fn each_wrong_header_has_its_fault() {
    let protected = |bytes: &[u8]| fault(&message(bytes, &[0xA0], PAYLOAD));
    assert_eq!(protected(&[]), Err((Fault::Missing, 3)));
    assert_eq!(protected(&[0xA0]), Err((Fault::Missing, 4)));
    assert_eq!(protected(&[0xA1, 1, 0x32, 0]), Err((Fault::Trailing, 6)));
    assert_eq!(protected(&[0xA2, 1, 0x32]), Err((Fault::Truncated, 6)));
    assert_eq!(protected(&[0xBF, 1, 0x32, 0xFF]), Err((Fault::Indefinite, 4)));
    assert_eq!(protected(&[0x82, 1, 0x32]), Err((Fault::Type, 4)));
    assert_eq!(protected(&[0xA1, 1, 0x38, 18]), Err((Fault::NotShortest, 7)));
    assert_eq!(protected(&[0xA1, 1, 0x3A, 0xFF, 0xFF, 0xFF, 0xFF]), Err((Fault::Range, 10)));
    assert_eq!(protected(&[0xA2, 1, 0x32, 1, 0x32]), Err((Fault::Duplicate, 7)));
    assert_eq!(protected(&[0xA2, 3, 0, 1, 0x32]), Err((Fault::Order, 7)));
    assert_eq!(protected(&[0xA2, 0x61, b'a', 0, 1, 0x32]), Err((Fault::Order, 8)));
    assert_eq!(protected(&[0xA2, 1, 0x32, 0x41, 0, 0]), Err((Fault::Type, 7)), "a label of bytes");
    // Critical: what is known, what is not, what is not there, nothing, no list.
    assert_eq!(protected(&[0xA2, 1, 0x32, 2, 0x81, 1]), Ok(()));
    assert_eq!(protected(&[0xA3, 1, 0x32, 2, 0x81, 4, 4, 0x41, 0]), Ok(()));
    assert_eq!(protected(&[0xA3, 1, 0x32, 2, 0x81, 3, 3, 0]), Err((Fault::Critical, 9)));
    assert_eq!(protected(b"\xA3\x01\x32\x02\x81\x61a\x61a\x00"), Err((Fault::Critical, 10)));
    assert_eq!(protected(&[0xA2, 1, 0x32, 2, 0x81, 4]), Err((Fault::Critical, 9)));
    assert_eq!(protected(&[0xA2, 1, 0x32, 2, 0x80]), Err((Fault::Critical, 8)));
    assert_eq!(protected(&[0xA2, 1, 0x32, 2, 1]), Err((Fault::Type, 8)));
    // What is not known is passed over, but not in any form, and not without end.
    let unknown = |value: &[u8]| protected(&[&[0xA2, 1, 0x32, 0x18, 99], value].concat());
    for value in [&[0x20][..], &[0x82, 0xF5, 0xF6], &[0xA2, 1, 0x81, 0, 2, 0xC1, 0]] {
        assert_eq!(unknown(value), Ok(()), "{value:?}");
    }
    assert_eq!(unknown(&[0x18, 5]), Err((Fault::NotShortest, 10)));
    assert_eq!(unknown(&[0xA2, 2, 0, 1, 0]), Err((Fault::Order, 12)));
    assert_eq!(unknown(&[0xA2, 1, 0, 1, 0]), Err((Fault::Duplicate, 12)));
    assert_eq!(unknown(&[0x9F, 0xFF]), Err((Fault::Indefinite, 9)));
    assert_eq!(unknown(&[0xF9, 0, 0]), Err((Fault::Type, 9)), "a float");
    assert_eq!(unknown(&[0xF8, 22]), Err((Fault::Type, 9)));
    assert_eq!(unknown(&[0x81, 0x81, 0x81, 0x81, 0]), Ok(()));
    assert_eq!(unknown(&[0x81, 0x81, 0x81, 0x81, 0x80]), Err((Fault::Depth, 13)));
    assert_eq!(unknown(&[0x9A, 0xFF, 0xFF, 0xFF, 0xFF]), Err((Fault::Truncated, 13)));

    let unprotected = |bytes: &[u8]| fault(&message(ALGORITHM, bytes, PAYLOAD));
    assert_eq!(unprotected(&[0xA1, 4, 0x41, 0]), Ok(()));
    assert_eq!(unprotected(&[0xA1, 1, 0x32]), Err((Fault::Duplicate, 8)));
    assert_eq!(unprotected(&[0xA1, 2, 0x81, 1]), Err((Fault::Unprotected, 8)));
    assert_eq!(unprotected(&[0xA2, 4, 0x41, 0, 4, 0x41, 0]), Err((Fault::Duplicate, 11)));
    let both = message(&[0xA2, 1, 0x32, 4, 0x41, 0], &[0xA1, 4, 0x41, 0], PAYLOAD);
    assert_eq!(fault(&both), Err((Fault::Duplicate, 11)));
    let both = message(&[0xA2, 1, 0x32, 0x18, 99, 0], &[0xA1, 0x18, 99, 0], PAYLOAD);
    assert_eq!(fault(&both), Err((Fault::Duplicate, 12)));
}

fn signed(factory: &mut Factory, payload: &[u8], external: &[u8]) -> Vec<u8> {
    let mut message = vec![0; payload.len() + 100];
    let len = sign(factory, b"id", payload, external, &mut message).unwrap();
    message.truncate(len);
    message
}

#[test]
fn what_is_signed_is_found_signed_at_every_length_of_a_head() {
    let mut factory = Factory::new(1);
    for len in [0, 1, 23, 24, 255, 256, 65_535, 65_536] {
        let (payload, external) = (vec![5; len], vec![6; len]);
        let message = signed(&mut factory, &payload, &external);
        let parsed = Sign1::parse(&message).unwrap();
        assert_eq!(parsed.payload_len(), Some(len));
        assert_eq!(parsed.key_id(), Some(&b"id"[..]));
        assert_eq!(parsed.verify(&external, factory.public()), Ok(&payload[..]));
        assert_eq!(parsed.verify(b"?", factory.public()), Err(Refused::Signature));
        let other = Factory::new(2).public();
        assert_eq!(parsed.verify(&external, other), Err(Refused::Signature));
    }
}

#[test]
fn a_buffer_that_is_too_short_is_told_what_is_needed() {
    let mut factory = Factory::new(1);
    let needed = signed(&mut factory, b"payload", b"").len();
    for len in [0, 3, needed - 1] {
        let refused = sign(&mut factory, b"id", b"payload", b"", &mut vec![0; len]);
        assert_eq!(refused, Err(Refused::Room { needed }));
    }
}

#[test]
fn the_algorithm_of_the_key_must_be_that_of_the_message() {
    let mut factory = Factory::new(1);
    for number in [-8, -9, -7, -46, 0, 19, i32::MIN, i32::MAX] {
        factory.1 = Algorithm::new(number);
        let message = signed(&mut factory, b"payload", b"");
        let parsed = Sign1::parse(&message).unwrap();
        assert_eq!(parsed.algorithm(), factory.1);
        assert_eq!(parsed.verify(b"", factory.public()), Err(Refused::Algorithm));
    }
}

#[test]
fn a_payload_that_lies_elsewhere_is_checked_piece_by_piece() {
    let mut factory = Factory::new(1);
    let payload: Vec<u8> = (0..=255).collect();
    let attached = signed(&mut factory, &payload, b"x");
    // The same signature, and null for the payload.
    let at = attached.windows(256).position(|window| window == payload).unwrap();
    let detached = [&attached[..at - 3], &[0xF6], &attached[at + 256..]].concat();
    let begin = |message: &[u8], len| {
        Sign1::parse(message).unwrap().begin(b"x", len, factory.public()).map(drop)
    };
    assert_eq!(begin(&attached, 256), Err(Refused::Attached));
    let message = Sign1::parse(&detached).unwrap();
    assert_eq!(message.verify(b"x", factory.public()), Err(Refused::Detached));
    let check = |len, payload: &[u8], piece| {
        let mut check = message.begin(b"x", len, factory.public())?;
        payload.chunks(piece).for_each(|piece| check.absorb(piece));
        check.finish()
    };
    for piece in [1, 7, 128, 256] {
        assert_eq!(check(256, &payload, piece), Ok(()));
        assert_eq!(check(256, &payload[1..], piece), Err(Refused::Length));
        assert_eq!(check(255, &payload, piece), Err(Refused::Length));
        assert_eq!(check(255, &payload[1..], piece), Err(Refused::Signature));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_parsed_or_refused(
        noise in prop::collection::vec(any::<u8>(), 0..60),
        protected in prop::collection::vec(any::<u8>(), 0..20),
        unprotected in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let _ = Sign1::parse(&noise);
        let _ = Sign1::parse(&message(&protected, &unprotected, PAYLOAD));
        let _ = Sign1::parse(&message(ALGORITHM, &unprotected, &noise));
    }
}

#[test]
fn any_changed_bit_is_noticed_but_in_what_is_not_protected() {
    let mut factory = Factory::new(1);
    let good = signed(&mut factory, b"payload", b"");
    let unprotected = 6..11;
    for bit in (0..good.len() * 8).filter(|bit| !unprotected.contains(&(bit / 8))) {
        let mut message = good.clone();
        message[bit / 8] ^= 1 << (bit % 8);
        let accepted =
            Sign1::parse(&message).is_ok_and(|parsed| parsed.verify(b"", factory.public()).is_ok());
        assert!(!accepted, "bit {bit}");
    }
}
