//! Frames on a serial line against somebody who sits on it: no message is taken twice, none that was
//! altered is taken at all, and no number is used twice, whenever the power fails on either side.
//!
//! A life is a device with its flash and a gateway with its window. Whoever sits on the line has every
//! frame that ever passed and the whole description; only the key is not theirs. Each thing they put on
//! the line is a case.

#![expect(clippy::indexing_slicing, reason = "a prover may stop where it is wrong itself")]

mod alter;
mod guards;
mod others;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use sundew_core::Region;
use sundew_identity::FrameNumbers;
use sundew_store::Settings;
use sundew_testkit::{SimFlash, Torn};
use sundew_transport::link::Port;
use sundew_transport::serial::{
    Answer, Deframer, ON_THE_WIRE, Opened, Opener, Sealer, Ticket, Window,
};

use super::{Found, Proof, Request};
use crate::demo::Choices;
use crate::failure::Failure;
use guards::Guarded;

pub(super) const PROOF: Proof = Proof {
    name: "sealed-frames",
    what: "sealed frames against whoever sits on the line, power cuts, and another implementation",
    options: &[],
    mutants: &[
        ("take-altered", "the guard finds nothing wrong with any frame"),
        ("checksum-for-seal", "frames are protected by a checksum that everybody can make"),
        ("number-not-sealed", "the seal leaves the number out"),
        ("forget-window", "the gateway forgets at each restart what it took"),
        ("number-before-flash", "the device uses numbers before they are reserved durably"),
        ("answer-twice", "the gateway seals a second command under the number of the first"),
    ],
    run,
};

/// How many cases there are unless it is said; they take about a minute in a debug build.
const CASES: u64 = 3_000_000;
/// How many there are of a mutant: most are caught in the first life.
const CASES_OF_MUTANT: u64 = 50_000;

fn run(request: &Request<'_>) -> Result<Found, Failure> {
    let started = Instant::now();
    let mut choices = Choices::from_seed(request.seed);
    let mut judge = Judge::default();
    if request.mutant.is_none() {
        others::compare(&mut choices, &mut judge)?;
    }
    let default = if request.mutant.is_some() { CASES_OF_MUTANT } else { CASES };
    let wanted = request.cases.unwrap_or(default);
    let mut lives = 0;
    while judge.cases < wanted && request.limit.is_none_or(|limit| started.elapsed() < limit) {
        Life::new(&mut choices, request.mutant).run(&mut choices, &mut judge);
        lives += 1;
    }
    println!(
        "{lives} lives, {} messages sealed, {} taken, {} restarts with the power cut, {:.1} s",
        judge.sealed,
        judge.taken,
        judge.cuts,
        started.elapsed().as_secs_f32()
    );
    Ok(Found { cases: judge.cases, known: 0, violations: judge.violations })
}

/// Counts what was tried, and keeps what is wrong.
#[derive(Default)]
struct Judge {
    cases: u64,
    sealed: u64,
    taken: u64,
    cuts: u64,
    violations: Vec<String>,
}

impl Judge {
    fn check(&mut self, is_right: bool, say: impl FnOnce() -> String) {
        // A mutant is wrong many times; a few show how.
        if !is_right && self.violations.len() < 100 {
            self.violations.push(say());
        }
    }
}

type Flash = SimFlash<768, 256, 4>;

const SETTINGS: Settings = Settings::new(Region::new(0, 768));
const DEVICE: u32 = 0x0700_0001;
const PORTS: [Port; 3] = [Port::Readings, Port::CommandResult, Port::Birth];
const TORN: [Torn; 6] = [
    Torn::Before,
    Torn::FirstHalf,
    Torn::Bits(0x5A),
    Torn::Unreadable,
    Torn::Metastable,
    Torn::Whole,
];
/// How many numbers a device reserves at once: few, so that it does so often.
const BLOCK: u16 = 4;

struct Life {
    mutant: Option<&'static str>,
    guard: Guarded,
    flash: Flash,
    sealer: Sealer<Guarded>,
    opener: Opener<Guarded>,
    /// What the gateway keeps over a restart.
    kept: Window,
    /// What the device gave to be sealed, by number.
    sent: BTreeMap<u32, (Port, Vec<u8>)>,
    taken: BTreeSet<u32>,
    /// The commands that the gateway gave, by the number that they answer.
    commands: BTreeMap<u32, Vec<u8>>,
    answered: BTreeMap<u32, Vec<u8>>,
    /// Every frame that was made, as it went over the wire and without stuffing.
    wire: Vec<Vec<u8>>,
    genuine: BTreeSet<Vec<u8>>,
}

impl Life {
    fn new(choices: &mut Choices, mutant: Option<&'static str>) -> Self {
        let key = std::array::from_fn(|_| choices.below(256) as u8);
        let guard = Guarded::new(key, mutant);
        let mut flash = Flash::new();
        let numbers = FrameNumbers::reserve(&mut flash, &SETTINGS, BLOCK);
        let numbers = numbers.unwrap_or(FrameNumbers::from_reserved(1, 0));
        Self {
            mutant,
            guard: guard.clone(),
            flash,
            sealer: Sealer::new(guard.clone(), DEVICE, numbers),
            opener: Opener::new(guard, DEVICE, Window::EMPTY),
            kept: Window::EMPTY,
            sent: BTreeMap::new(),
            taken: BTreeSet::new(),
            commands: BTreeMap::new(),
            answered: BTreeMap::new(),
            wire: Vec::new(),
            genuine: BTreeSet::new(),
        }
    }

    fn run(&mut self, choices: &mut Choices, judge: &mut Judge) {
        self.send(choices, judge);
        for _ in 0..200 {
            match choices.below(40) {
                0..=4 => self.send(choices, judge),
                5 => self.restart_gateway(),
                6 => self.restart_device(choices, judge),
                _ => {
                    let bytes = alter::chosen(&self.wire, choices);
                    let to_gateway = choices.below(3) > 0;
                    judge.cases += 1;
                    self.deliver(&bytes, to_gateway, choices, judge);
                }
            }
        }
    }

    /// Seals a message; what becomes of it is up to who sits on the line.
    fn send(&mut self, choices: &mut Choices, judge: &mut Judge) {
        if self.sealer.left() == 0 {
            return self.restart_device(choices, judge);
        }
        let length = choices.below(40) as usize;
        let payload: Vec<u8> = (0..length).map(|_| (choices.below(4) * 85) as u8).collect();
        let port = PORTS[choices.below(3) as usize];
        let mut out = [0; ON_THE_WIRE];
        let Ok((number, length)) = self.sealer.seal(port, &payload, &mut out) else {
            judge.check(false, || "a message that fits is not sealed".to_owned());
            return;
        };
        judge.sealed += 1;
        judge.check(!self.sent.contains_key(&number), || {
            format!("number {number} seals a second message")
        });
        self.sent.insert(number, (port, payload));
        self.note(&out[..length]);
    }

    fn note(&mut self, wire: &[u8]) {
        self.genuine.extend(frames(wire));
        self.wire.push(wire.to_vec());
    }

    fn restart_gateway(&mut self) {
        let window = if self.mutant == Some("forget-window") { Window::EMPTY } else { self.kept };
        // Through bytes, as a file would have it.
        let window = Window::from_bytes(window.to_bytes());
        self.opener = Opener::new(self.guard.clone(), DEVICE, window);
    }

    /// Cuts the power while numbers are reserved, perhaps more than once, and then lets it be.
    fn restart_device(&mut self, choices: &mut Choices, judge: &mut Judge) {
        let before = self.flash.clone();
        for _ in 0..choices.below(3) {
            let torn = TORN[choices.below(TORN.len() as u64) as usize];
            self.flash.cut_after(choices.below(12) as u32, torn);
            let cut = FrameNumbers::reserve(&mut self.flash, &SETTINGS, BLOCK);
            if let (Ok(numbers), true) = (cut, choices.below(2) == 0) {
                // Reserved before the cut: used as far as the power goes.
                self.sealer = Sealer::new(self.guard.clone(), DEVICE, numbers);
                self.send(choices, judge);
            }
            judge.cuts += 1;
            self.flash.power_on();
        }
        match FrameNumbers::reserve(&mut self.flash, &SETTINGS, BLOCK) {
            Ok(numbers) => self.sealer = Sealer::new(self.guard.clone(), DEVICE, numbers),
            Err(error) => judge.check(false, || format!("no numbers after a cut: {error:?}")),
        }
        if self.mutant == Some("number-before-flash") {
            self.flash = before;
        }
    }

    /// Puts bytes on the line to one side, and judges what that side makes of them.
    fn deliver(
        &mut self,
        bytes: &[u8],
        to_gateway: bool,
        choices: &mut Choices,
        judge: &mut Judge,
    ) {
        for mut frame in frames(bytes) {
            let raw = frame.clone();
            if to_gateway {
                self.open(&raw, &mut frame, choices, judge);
            } else if let Ok(answer) = self.sealer.answer(&mut frame) {
                self.hear(&raw, &frame, answer, judge);
            }
        }
    }

    fn open(&mut self, raw: &[u8], frame: &mut [u8], choices: &mut Choices, judge: &mut Judge) {
        let is_genuine = self.genuine.contains(raw);
        let ticket = match self.opener.open(frame) {
            Ok(Opened::Again { number }) => {
                judge.check(is_genuine, || "an altered frame is answered".to_owned());
                judge.check(self.taken.contains(&number), || {
                    format!("number {number} is said to be taken and was not")
                });
                let again = self.answered.get(&number).cloned();
                self.wire.extend(again);
                return;
            }
            Ok(Opened::New(message)) => {
                let number = message.ticket.number();
                judge.taken += 1;
                judge.check(is_genuine, || format!("an altered frame is taken: {raw:02x?}"));
                let was_sent = self.sent.get(&number);
                let is_it = was_sent.is_some_and(|(port, payload)| {
                    (*port, payload.as_slice()) == (message.port, message.payload)
                });
                judge.check(is_it, || format!("number {number} is not what was sent"));
                judge.check(self.taken.insert(number), || format!("number {number} came twice"));
                message.ticket
            }
            Ok(_) | Err(_) => return,
        };
        // The window is kept before the answer goes: the order that the opener asks for.
        self.kept = self.opener.window();
        self.answer(ticket, choices, judge);
    }

    fn answer(&mut self, ticket: Ticket, choices: &mut Choices, judge: &mut Judge) {
        let number = ticket.number();
        let mut out = [0; ON_THE_WIRE];
        let length = if choices.below(2) == 0 {
            let command = vec![choices.below(256) as u8; choices.below(20) as usize];
            judge.check(self.commands.insert(number, command.clone()).is_none(), || {
                format!("a second command under number {number}")
            });
            let sealed = self.opener.command(ticket, &command, &mut out);
            if self.mutant == Some("answer-twice") {
                // As if the ticket were a number, and the first command were thought of again.
                let length = sealed.unwrap_or(0);
                self.note(&out[..length]);
                if let Some(second) = self.guard.second_command(DEVICE, number, &mut out) {
                    self.note(&out[..second]);
                }
                return;
            }
            sealed
        } else {
            self.opener.acknowledge(number, &mut out)
        };
        let length = length.unwrap_or(0);
        judge.check(length > 0, || format!("number {number} cannot be answered"));
        self.note(&out[..length]);
        self.answered.insert(number, out[..length].to_vec());
    }

    fn hear(&self, raw: &[u8], frame: &[u8], answer: Answer, judge: &mut Judge) {
        let Answer { number, command } = answer;
        judge.check(self.genuine.contains(raw), || "an altered answer is taken".to_owned());
        judge.check(self.taken.contains(&number), || {
            format!("an answer to {number}, which nobody has taken")
        });
        if let Some(length) = command {
            let found = frame.get(Answer::COMMAND_AT..).and_then(|rest| rest.get(..length.into()));
            let given = self.commands.get(&number).map(Vec::as_slice);
            judge.check(found == given, || format!("another command for {number}: {found:02x?}"));
        }
    }
}

/// Cuts bytes on a line into frames, without stuffing.
fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut buffer = [0; 255];
    let mut deframer = Deframer::new(&mut buffer);
    let mut found = Vec::new();
    for byte in bytes {
        if let Ok(Some(frame)) = deframer.push(*byte) {
            found.push(frame.to_vec());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_twice_and_each_mutant_is_caught() {
        let run = |mutant| {
            let mut choices = Choices::from_seed(7);
            let mut judge = Judge::default();
            while judge.cases < 20_000 {
                Life::new(&mut choices, mutant).run(&mut choices, &mut judge);
            }
            judge
        };
        let judge = run(None);
        assert_eq!(judge.violations, Vec::<String>::new());
        assert!(judge.taken > 100 && judge.cuts > 10, "{} {}", judge.taken, judge.cuts);
        for (mutant, _) in PROOF.mutants {
            assert!(!run(Some(mutant)).violations.is_empty(), "{mutant}");
        }
    }
}
