//! The same frames, written by a program that shares nothing with the library.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use sundew_identity::FrameNumbers;
use sundew_transport::link::Port;
use sundew_transport::serial::{Crc32, Guard, Key, ON_THE_WIRE, Opened, Opener, Sealer, Window};

use super::{Judge, frames};
use crate::demo::Choices;
use crate::failure::{Context, Failure};
use crate::python::{COBS, python};

/// How many frames are compared, half of them sealed.
const FRAMES: usize = 400;

/// Seals messages of all lengths here and in Python, and compares the wires byte for byte.
pub(super) fn compare(choices: &mut Choices, judge: &mut Judge) -> Result<(), Failure> {
    let mut asked = String::new();
    let mut ours = Vec::new();
    for index in 0..FRAMES {
        let key: [u8; 16] = std::array::from_fn(|_| choices.below(256) as u8);
        let device = choices.below(1 << 32) as u32;
        let number = choices.below((1 << 32) - 1) as u32 + 1;
        let payload: Vec<u8> =
            (0..index / 2).map(|_| if choices.below(4) == 0 { 0 } else { index as u8 }).collect();
        let body: Vec<u8> = std::iter::once(1).chain(payload.iter().copied()).collect();
        let (guard, key_shown) =
            if index % 2 == 0 { ("seal", hex(&key)) } else { ("crc", "-".into()) };
        let _ = writeln!(asked, "{guard} {key_shown} 1 {device} {number} {}", hex(&body));
        ours.push(if index % 2 == 0 {
            there_and_back(&Key::new(key), device, number, &payload)
        } else {
            there_and_back(&Crc32, device, number, &payload)
        });
    }
    let answers = ask(&asked)?;
    for (ours, theirs) in ours.iter().zip(answers.lines()) {
        judge.cases += 1;
        judge.check(hex(ours) == theirs, || format!("ours {}, theirs {theirs}", hex(ours)));
    }
    let answered = answers.lines().count();
    judge.check(answered == FRAMES, || format!("{answered} answers for {FRAMES} frames"));
    println!("{FRAMES} frames are the same in Python, byte for byte");
    Ok(())
}

/// Returns a message on the wire; nothing where it does not open again.
fn there_and_back<G: Guard + Clone>(
    guard: &G,
    device: u32,
    number: u32,
    payload: &[u8],
) -> Vec<u8> {
    let mut out = [0; ON_THE_WIRE];
    let numbers = FrameNumbers::from_reserved(number, 1);
    let sealed =
        Sealer::new(guard.clone(), device, numbers).seal(Port::Readings, payload, &mut out);
    let wire = sealed.map_or(&[][..], |(_, length)| &out[..length]);
    let mut opener = Opener::new(guard.clone(), device, Window::EMPTY);
    let opens = frames(wire).iter_mut().any(|frame| {
        matches!(opener.open(frame), Ok(Opened::New(message)) if message.payload == payload)
    });
    if opens { wire.to_vec() } else { Vec::new() }
}

fn ask(lines: &str) -> Result<String, Failure> {
    let python = python(&[COBS])?;
    let mut program = Command::new(python)
        .args(["-c", include_str!("frames.py")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context(|| "cannot start python3")?;
    let mut input = program.stdin.take().context(|| "no input")?;
    input.write_all(lines.as_bytes()).context(|| "python3 takes no frames")?;
    drop(input);
    let output = program.wait_with_output().context(|| "python3")?;
    if !output.status.success() {
        return Err(Failure::new("frames.py failed"));
    }
    String::from_utf8(output.stdout).context(|| "frames.py")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
