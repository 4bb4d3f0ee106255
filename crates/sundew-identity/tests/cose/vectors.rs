//! Vectors that somebody else made.

use ed25519_compact::{KeyPair, Seed};
use sundew_identity::cose::{Check, Ed25519, Refused, Sign1, Verifier};
use sundew_identity::{Fault, Malformed};

use crate::keys::{Eddsa, Element};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let value = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(value).collect()
}

/// RFC 8032 section 7.1, tests 1 to 3: secret, public, message, signature.
const RFC_8032: [[&str; 4]; 3] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b
         d25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c
         387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659
         4a7c15e9716ed28dc027beceea1ec40a",
    ],
];

#[test]
fn ed25519_is_that_of_rfc_8032() {
    for [secret, public, message, signature] in RFC_8032.map(|row| row.map(hex)) {
        let pair = KeyPair::from_seed(Seed::from_slice(&secret).unwrap());
        assert_eq!(pair.pk.as_slice(), public);
        assert_eq!(pair.sk.sign(&message, None).as_slice(), signature);
        let key = || Ed25519::new(public.clone().try_into().unwrap());
        let check = |message: &[u8], signature: &[u8]| {
            let mut check = key().begin(signature)?;
            // In two pieces.
            let (front, back) = message.split_at(message.len() / 2);
            Check::absorb(&mut check, front);
            Check::absorb(&mut check, back);
            check.finish()
        };
        assert_eq!(check(&message, &signature), Ok(()));
        assert_eq!(check(b"other", &signature), Err(Refused::Signature));
        assert_eq!(check(&message, &signature[1..]), Err(Refused::Signature));
        // S and the order of the group: the same point, but no canonical number.
        let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        let mut more = signature.clone();
        let mut carry = 0;
        for (byte, add) in more[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            (*byte, carry) = (sum as u8, sum >> 8);
        }
        assert_eq!(check(&message, &more), Err(Refused::Signature));
    }
}

#[test]
fn keys_of_small_order_are_refused() {
    // The neutral element, the point of order 2, and one of the points of order 8.
    for key in [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    ] {
        let key = Ed25519::new(hex(key).try_into().unwrap());
        assert_eq!(key.begin(&[0; 64]).err(), Some(Refused::Key));
    }
}

/// `eddsa-examples/eddsa-sig-01` of the repository cose-wg/Examples, which RFC 9052 names as its
/// collection of examples.
#[test]
fn the_eddsa_example_of_the_working_group() {
    let message = hex(
        "D28445A201270300A10442313154546869732069732074686520636F6E74656E742E58407142FD2FF96D56DB85BEE905
         A76BA1D0B7321A95C8C4D3607C5781932B7AFB8711497DFA751BF40B58B3BCC32300B1487F3DB34085EEF013BF08F4A44D6F
         EF0D",
    );
    let key = Ed25519::new(hex(RFC_8032[0][1]).try_into().unwrap());
    let signed = Sign1::parse(&message).unwrap();
    assert_eq!(signed.key_id(), Some(&b"11"[..]));
    assert_eq!(signed.verify(b"", Eddsa(key)), Ok(&b"This is the content."[..]));
    assert_eq!(signed.verify(b"", key), Err(Refused::Algorithm), "-8 is not -19");
}

/// `sign1-tests` of the repository cose-wg/Examples; the key's x and y are those of all of them.
fn element() -> Element {
    let key = hex("04
        bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff
        20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e");
    Element { key: p256::ecdsa::VerifyingKey::from_sec1_bytes(&key).unwrap(), asked: 0 }
}

const PASS_02: &str = "
    D28443A10126A10442313154546869732069732074686520636F6E74656E742E5840EAE868ECC176883766C5DC5BA5B8DC
    A25DAB3C2E56A551CE5705B793914348E155388B10C4F1B59A6733EAB416870A945111A4B2FBDBEF33A77234B1DEFF2F9B";

#[test]
fn a_secure_element_checks_the_ecdsa_examples_of_the_working_group() {
    let message = hex(PASS_02);
    let external = hex("11aa22bb33cc44dd55006699");
    let signed = Sign1::parse(&message).unwrap();
    let mut element = element();
    assert_eq!(signed.verify(&external, &mut element), Ok(&b"This is the content."[..]));
    assert_eq!(signed.verify(b"", &mut element), Err(Refused::Signature));
    assert_eq!(element.asked, 2);
}

#[test]
fn the_messages_of_the_working_group_that_must_fail() {
    let good = hex(PASS_02);
    let external = hex("11aa22bb33cc44dd55006699");
    let refused = |message: &[u8]| -> Result<(), Result<Refused, Malformed>> {
        let signed = Sign1::parse(message).map_err(Err)?;
        signed.verify(&external, &mut element()).map(drop).map_err(Ok)
    };
    let malformed = |fault, position| Err(Err(Malformed { fault, position }));
    // As sign-fail-01, 02, 03, 04, 06 and 07 do it to their message: another tag, another payload,
    // an algorithm that is none, one that is a text, a protected header more, one less.
    let edit = |from: &[u8], to: &[u8]| {
        let at = good.windows(from.len()).position(|window| window == from).unwrap();
        [&good[..at], to, &good[at + from.len()..]].concat()
    };
    assert_eq!(refused(&good), Ok(()));
    assert_eq!(refused(&edit(&[0xD2], &[0xD9, 3, 0xE6])), malformed(Fault::Tag, 3));
    assert_eq!(refused(&edit(b"This", b"Thiz")), Err(Ok(Refused::Signature)));
    let unknown = [0x45, 0xA1, 1, 0x39, 3, 0xE6];
    assert_eq!(refused(&edit(&[0x43, 0xA1, 1, 0x26], &unknown)), Err(Ok(Refused::Algorithm)));
    let text = b"\x4A\xA1\x01\x67unknown";
    assert_eq!(refused(&edit(&[0x43, 0xA1, 1, 0x26], text)), malformed(Fault::Type, 6));
    let more = [0x45, 0xA2, 1, 0x26, 3, 0];
    assert_eq!(refused(&edit(&[0x43, 0xA1, 1, 0x26], &more)), Err(Ok(Refused::Signature)));
    assert_eq!(refused(&edit(&[0x43, 0xA1, 1, 0x26], &[0x40])), malformed(Fault::Missing, 3));
    // sign-pass-01 has its algorithm unprotected, and sign-pass-03 has no tag: both are refused here.
    let bare = edit(&[0x43, 0xA1, 1, 0x26, 0xA1], &[0x41, 0xA0, 0xA2, 1, 0x26]);
    assert_eq!(refused(&bare), malformed(Fault::Missing, 4));
    assert_eq!(refused(&good[1..]), malformed(Fault::Tag, 1));
}
