//! What our encoders write, decoded by others and compared value by value.
//!
//! [`made`] makes devices and rows by chance, [`frames`] has them encoded and says what must be
//! found in each frame, [`others`] runs whoever decodes, [`described`] does the same for what the tool
//! writes about a device, and [`firmware`] for what a node sent in a demo. Where one of them is known to refuse a
//! form, that refusal is expected, and counted as known: a frame that passes all the same fails the
//! run, so that the list of what is known stays true.

mod described;
mod firmware;
mod frames;
mod javascript;
mod made;
pub(super) mod others;

use std::path::PathBuf;
use std::time::Instant;

use super::{Found, Proof, Request};
use crate::demo::Choices;
use crate::failure::{Context, Failure};
use crate::process::target_dir;
use frames::{Expected, Frame};

/// The entry of the table.
pub(super) const PROOF: Proof = Proof {
    name: "codec-interop",
    what: "what we, the tool and a node write is read by others the same, value by value",
    options: &[],
    mutants: MUTANTS,
    run,
};

const MUTANTS: &[(&str, &str)] = &[
    ("exponent-sign", "decimals go out with the sign of their exponent turned"),
    ("shifted-bit", "the last two bytes of tiny frames are one bit to the left"),
    ("other-hash", "births carry a hash with one bit turned"),
    ("wrong-class", "temperatures are shown to Home Assistant as pressures"),
    ("firmware-bit", "one bit of each frame that a node sent is turned"),
    ("lost-row", "one of the expected values is not looked for"),
];

/// Takes a minute; a case has some 15 frames of up to 300 values.
const CASES: u64 = 2_000;
/// How many cases a decoder gets at once.
const AT_ONCE: u64 = 200;
/// One case in so many is described by the tool too, which is a program to be started each time.
const SCRIPTED: u64 = 10;

fn run(request: &Request<'_>) -> Result<Found, Failure> {
    let cases = request.cases.unwrap_or(CASES);
    let mut choices = Choices::from_seed(request.seed);
    let mut found = Found::default();
    let mut tally = Tally::default();
    let tool = described::tool()?;
    let started = Instant::now();
    while found.cases < cases && request.limit.is_none_or(|limit| started.elapsed() < limit) {
        let at_once = AT_ONCE.min(cases - found.cases);
        let mut batch = Vec::new();
        for case in 0..at_once {
            let made = made::make(&mut choices)?;
            frames::all(&made, &mut choices, &mut batch)?;
            if case % SCRIPTED == 0 {
                batch.extend(javascript::frames(&tool, &folder()?, &made, &mut choices)?);
            }
        }
        if let Some(mutant) = request.mutant {
            break_on_purpose(mutant, &mut batch);
        }
        judge(&batch, &mut tally, &mut found)?;
        found.cases += at_once;
        println!("  {} of {cases} cases, {} frames", found.cases, tally.frames());
    }
    tally.print();
    described::judge(&tool, &mut choices, found.cases / SCRIPTED, request.mutant, &mut found)?;
    firmware::judge(&tool, request.mutant, &mut found)?;
    Ok(found)
}

/// Lets everybody decode and compares.
fn judge(batch: &[Frame], tally: &mut Tally, found: &mut Found) -> Result<(), Failure> {
    let (in_crate, rest): (Vec<_>, Vec<_>) =
        batch.iter().partition(|frame| frame.format == "senml-cbor");
    let (in_node, rest): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|frame| frame.format.starts_with("javascript"));
    let (in_zcbor, in_python): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|frame| frame.format.starts_with("cddl"));
    let mut answers = others::in_python(&in_python)?;
    if !in_node.is_empty() {
        answers.extend(javascript::in_node(&folder()?, &in_node)?);
    }
    if !in_zcbor.is_empty() {
        answers.extend(javascript::in_zcbor(&folder()?, &in_zcbor)?);
    }
    answers.extend(in_crate.iter().map(|frame| others::senml_cbor(&frame.bytes)));
    let frames = in_python.iter().chain(&in_node).chain(&in_zcbor).chain(&in_crate);
    for (frame, answer) in frames.zip(answers) {
        tally.count(frame);
        match difference(frame, &answer) {
            Some(text) => found.violations.push(text),
            None if matches!(frame.expected, Expected::Refusal(_)) => found.known += 1,
            None => {}
        }
    }
    Ok(())
}

/// Returns the folder that everything of this proof is in.
fn folder() -> Result<PathBuf, Failure> {
    let folder = target_dir().join("prove/interop");
    std::fs::create_dir_all(&folder).context(|| folder.display().to_string())?;
    Ok(folder)
}

/// Returns in what an answer differs from what is expected.
fn difference(frame: &Frame, answer: &str) -> Option<String> {
    let Frame { format, context, bytes, expected } = frame;
    let what = match expected {
        Expected::Refusal(cause) if !answer.starts_with('!') => {
            format!("known to be refused ({cause}), but passed: {answer}")
        }
        Expected::Refusal(_) => return None,
        Expected::Rows(_) if answer.starts_with('!') => format!("refused: {}", &answer[1..]),
        Expected::Rows(rows) => {
            let mut ours: Vec<&str> = rows.iter().map(String::as_str).collect();
            let mut theirs: Vec<&str> = answer.split(';').filter(|row| !row.is_empty()).collect();
            ours.sort_unstable();
            theirs.sort_unstable();
            if ours == theirs {
                return None;
            }
            let missing = ours.iter().find(|row| !theirs.contains(row));
            let extra = theirs.iter().find(|row| !ours.contains(row));
            format!("expected {missing:?}, found {extra:?}, {} and {}", ours.len(), theirs.len())
        }
    };
    let hex: String = others::hex(bytes).chars().take(400).collect();
    Some(format!("{format}: {what}; context {context}, frame {hex}"))
}

/// Counts the frames of each format.
#[derive(Default)]
struct Tally(Vec<(&'static str, u64, u64)>);

impl Tally {
    fn count(&mut self, frame: &Frame) {
        let (values, format) = match &frame.expected {
            Expected::Rows(rows) => (rows.len() as u64, frame.format),
            Expected::Refusal(_) => (0, frame.format),
        };
        match self.0.iter_mut().find(|(known, ..)| *known == format) {
            Some((_, frames, sum)) => {
                *frames += 1;
                *sum += values;
            }
            None => self.0.push((format, 1, values)),
        }
    }

    fn frames(&self) -> u64 {
        self.0.iter().map(|(_, frames, _)| frames).sum()
    }

    fn print(&self) {
        for (format, frames, values) in &self.0 {
            println!("{format:<18} {frames:>7} frames {values:>8} values");
        }
    }
}

/// Breaks frames, or what is expected of them.
fn break_on_purpose(mutant: &str, batch: &mut [Frame]) {
    for frame in batch {
        match (mutant, &mut frame.expected) {
            ("exponent-sign", Expected::Rows(_)) if frame.format == "senml" => {
                turn_exponents(&mut frame.bytes);
            }
            ("shifted-bit", _) if frame.format == "tiny" => shift(&mut frame.bytes),
            ("other-hash", _) if frame.format == "tiny-birth" => {
                frame.bytes.iter_mut().skip(1).take(1).for_each(|byte| *byte ^= 1);
            }
            ("lost-row", Expected::Rows(rows)) => _ = rows.pop(),
            _ => {}
        }
    }
}

/// Turns the sign of small exponents: -2 is the byte 21 behind C4 82, 2 is the byte 02.
fn turn_exponents(bytes: &mut [u8]) {
    for at in 0..bytes.len().saturating_sub(2) {
        if let Some([0xC4, 0x82, exponent @ 0x20..=0x28]) = bytes.get_mut(at..at + 3) {
            *exponent -= 0x1F;
        }
    }
}

/// Moves all bits one place on, as an encoder does that forgets where it stands.
fn shift(bytes: &mut [u8]) {
    let mut carried = 0;
    for byte in bytes.iter_mut().rev().take(2) {
        let next = *byte >> 7;
        *byte = *byte << 1 | carried;
        carried = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_differs_is_told() {
        let rows = vec!["a|1".to_owned(), "b|2".to_owned()];
        let frame = Frame::rows("senml", vec![0x80], rows);
        assert_eq!(difference(&frame, "b|2;a|1"), None);
        for other in ["b|2;a|2", "a|1", "a|1;b|2;b|2", "! Wrong: bytes", ""] {
            assert!(difference(&frame, other).is_some(), "{other}");
        }
        let expected = Expected::Refusal("no tags");
        let frame = Frame { expected, ..frame };
        assert_eq!(difference(&frame, "! Wrong: tag"), None);
        assert!(difference(&frame, "a|1").is_some());
    }
}
