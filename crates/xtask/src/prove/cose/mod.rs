//! Signed messages, both ways, with `cbor2` and OpenSSL (`cryptography`) on the other side.
//!
//! What we sign they check, and what they sign we check; a quarter has one bit turned, where both
//! must refuse it. (`pycose` would be nearer at hand, but does not know algorithm -19.)

use std::time::Instant;

use ed25519_compact::{KeyPair, Seed};
use sundew_identity::cose::{Algorithm, Ed25519, Refused, Sign1, Signer, sign};

use super::interop::others::{answers, hex};
use super::{Found, Proof, Request};
use crate::demo::Choices;
use crate::failure::{Context, Failure};
use crate::process::target_dir;
use crate::python::{CBOR2, CRYPTOGRAPHY, python};

/// The entry of the table.
pub(super) const PROOF: Proof = Proof {
    name: "cose-interop",
    what: "what we sign cbor2 and OpenSSL find signed, and the other way round",
    options: &[],
    mutants: &[
        ("turned-bit", "each message has one bit turned, and nobody is told"),
        ("other-end", "each message is checked for another end than it was signed for"),
    ],
    run,
};

const PROGRAM: &str = include_str!("cose.py");
const CASES: u64 = 4_000;
/// How many cases the other side gets at once.
const AT_ONCE: u64 = 500;

/// Holds what a message is made of.
struct Case {
    pair: KeyPair,
    key_id: Vec<u8>,
    payload: Vec<u8>,
    external: Vec<u8>,
    is_detached: bool,
    /// Which bit is turned, counted from the end of the message.
    turned: Option<usize>,
}

fn run(request: &Request<'_>) -> Result<Found, Failure> {
    let cases = request.cases.unwrap_or(CASES);
    let python = python(&[CBOR2, CRYPTOGRAPHY])?;
    let folder = target_dir().join("prove/cose");
    std::fs::create_dir_all(&folder).context(|| folder.display().to_string())?;
    let program = folder.join("cose.py");
    std::fs::write(&program, PROGRAM).context(|| program.display().to_string())?;
    let ask = |lines: &[String]| {
        let mut command = std::process::Command::new(&python);
        answers(command.arg("-I").arg(&program), &folder, lines)
    };
    let mut choices = Choices::from_seed(request.seed);
    let mut found = Found::default();
    let started = Instant::now();
    while found.cases < cases && request.limit.is_none_or(|limit| started.elapsed() < limit) {
        let count = AT_ONCE.min(cases - found.cases);
        let batch: Vec<Case> = (0..count).map(|_| made(&mut choices)).collect();
        let mut ours = Vec::new();
        for case in &batch {
            ours.push(turned(case, request.mutant, signed(case)?));
        }
        let ends: Vec<Vec<u8>> = batch.iter().map(|case| end(case, request.mutant)).collect();
        let lines: Vec<String> = batch
            .iter()
            .zip(&ours)
            .zip(&ends)
            .map(|((case, message), end)| {
                let public = words(case.pair.pk.as_slice());
                let payload = if case.is_detached { words(&case.payload) } else { "-".to_owned() };
                format!("check {public} {} {payload} {}", words(end), words(message))
            })
            .chain(batch.iter().map(line_to_sign))
            .collect();
        let answers = ask(&lines)?;
        let (verdicts, theirs) = answers.split_at(batch.len());
        for (case, answer) in batch.iter().zip(verdicts) {
            let expected = case.turned.is_none().then(|| words(&case.payload));
            let is_right = match &expected {
                Some(payload) => answer == payload,
                None => answer.starts_with('!'),
            };
            if !is_right {
                found.violations.push(format!("they say {answer} to {}", shown(case)));
            }
        }
        for ((case, message), end) in batch.iter().zip(theirs).zip(&ends) {
            let message = turned(case, request.mutant, unhex(message)?);
            let verdict = checked(case, &message, end);
            if verdict.is_ok() != case.turned.is_none() {
                found.violations.push(format!("we say {verdict:?} to {}", shown(case)));
            }
        }
        found.cases += count;
        println!("  {} of {cases} cases, each both ways", found.cases);
    }
    Ok(found)
}

fn made(choices: &mut Choices) -> Case {
    let mut bytes = |longest: usize| {
        let len = choices.below(longest as u64 + 1) as usize;
        (0..len).map(|_| choices.below(256) as u8).collect::<Vec<u8>>()
    };
    let (key_id, payload, external) = (bytes(9), bytes(700), bytes(40));
    let mut seed = [0; 32];
    seed.fill_with(|| choices.below(256) as u8);
    let is_detached = choices.below(4) == 0;
    // The signature's bits: those of the payload and the headers may make other messages.
    let turned = (choices.below(4) == 0).then(|| choices.below(64 * 8) as usize);
    let pair = KeyPair::from_seed(Seed::new(seed));
    Case { pair, key_id, payload, external, is_detached, turned }
}

/// Returns what the message is checked for.
fn end(case: &Case, mutant: Option<&str>) -> Vec<u8> {
    let mut end = case.external.clone();
    if mutant == Some("other-end") {
        end.push(0);
    }
    end
}

/// Returns the message with one bit of the signature turned, where the case or the mutant wants it.
fn turned(case: &Case, mutant: Option<&str>, mut message: Vec<u8>) -> Vec<u8> {
    let bit = case.turned.or((mutant == Some("turned-bit")).then_some(0));
    if let Some(bit) = bit
        && let Some(byte) = message.iter_mut().nth_back(bit / 8)
    {
        *byte ^= 1 << (bit % 8);
    }
    message
}

struct Key<'k>(&'k KeyPair);

impl Signer for Key<'_> {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ED25519
    }

    fn sign(&mut self, parts: &[&[u8]], signature: &mut [u8]) -> Result<usize, Refused> {
        let made = self.0.sk.sign(parts.concat(), None);
        let to = signature.get_mut(..made.len()).ok_or(Refused::Room { needed: made.len() })?;
        to.copy_from_slice(made.as_ref());
        Ok(made.len())
    }
}

/// Signs by our own library.
fn signed(case: &Case) -> Result<Vec<u8>, Failure> {
    let Case { pair, key_id, payload, external, .. } = case;
    let mut message = vec![0; payload.len() + 120];
    let len = sign(&mut Key(pair), key_id, payload, external, &mut message)
        .context(|| "signing".to_owned())?;
    message.truncate(len);
    if !case.is_detached {
        return Ok(message);
    }
    // The same, with null for the payload: it and its head lie before the signature's 66 bytes.
    let behind = message.split_off(len - 66);
    let head = match payload.len() {
        0..24 => 1,
        24..256 => 2,
        _ => 3,
    };
    message.truncate(message.len() - payload.len() - head);
    message.push(0xF6);
    message.extend(behind);
    Ok(message)
}

/// Checks by our own library.
fn checked(case: &Case, message: &[u8], end: &[u8]) -> Result<(), String> {
    let text = |error: &dyn std::fmt::Debug| format!("{error:?}");
    let key = Ed25519::new(*case.pair.pk);
    let signed = Sign1::parse(message).map_err(|error| text(&error))?;
    if signed.key_id().unwrap_or_default() != case.key_id {
        return Err("another key id".to_owned());
    }
    if case.is_detached {
        let len = case.payload.len();
        let mut check = signed.begin(end, len, key).map_err(|error| text(&error))?;
        case.payload.chunks(100).for_each(|piece| check.absorb(piece));
        return check.finish().map_err(|error| text(&error));
    }
    match signed.verify(end, key) {
        Ok(payload) if payload == case.payload => Ok(()),
        Ok(_) => Err("another payload".to_owned()),
        Err(error) => Err(text(&error)),
    }
}

fn line_to_sign(case: &Case) -> String {
    let Case { pair, key_id, payload, external, is_detached, .. } = case;
    let how = if *is_detached { "detached" } else { "attached" };
    let [seed, key_id, payload, external] =
        [pair.sk.seed().as_slice(), key_id, payload, external].map(words);
    format!("sign {seed} {key_id} {payload} {external} {how}")
}

fn shown(case: &Case) -> String {
    format!("{} turned {:?}", line_to_sign(case), case.turned)
}

fn words(bytes: &[u8]) -> String {
    if bytes.is_empty() { "-".to_owned() } else { hex(bytes) }
}

fn unhex(text: &str) -> Result<Vec<u8>, Failure> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some((digit(*high)? * 16 + digit(*low)?) as u8),
        _ => None,
    });
    pairs.collect::<Option<Vec<u8>>>().context(|| format!("no bytes: {text}"))
}
