//! Any part that speaks Sensirion's protocol: 16-bit commands, and words that carry a checksum.

use crate::{Ack, Direction, SimClock, SimDevice};
use core::cell::Cell;

const WORDS: usize = 8;

/// Describes one command of a [`SimWords`]: what it takes, how long it lasts, what it answers.
#[derive(Clone, Copy, Debug)]
pub struct WordCommand {
    code: u16,
    arguments: u8,
    micros: u32,
    words: [u16; WORDS],
    len: u8,
}

impl WordCommand {
    /// Describes a command without arguments and answer that is through at once.
    pub const fn new(code: u16) -> Self {
        Self { code, arguments: 0, micros: 0, words: [0; WORDS], len: 0 }
    }

    /// Takes `arguments` words with their checksums, at most two.
    #[must_use]
    pub const fn taking(self, arguments: u8) -> Self {
        Self { arguments: if arguments < 2 { arguments } else { 2 }, ..self }
    }

    /// Lasts `micros` microseconds, in which the part acknowledges nothing.
    #[must_use]
    pub const fn lasting(self, micros: u32) -> Self {
        Self { micros, ..self }
    }

    /// Answers with one word.
    #[must_use]
    pub const fn answering(self, word: u16) -> Self {
        Self { words: [word, 0, 0, 0, 0, 0, 0, 0], len: 1, ..self }
    }
}

/// Models a part of `COMMANDS` commands, each of two bytes, with words of two bytes and a checksum.
///
/// As these parts do, it acknowledges neither its address while a command lasts nor a read for
/// which there is no answer, and it refuses a command that it does not know and an argument whose
/// checksum is wrong. An answer can be read once. The clock moves by 90 microseconds for each byte
/// on the wire, as it does at 100 kHz: a driver that asks until the part answers gets there.
///
/// What depends on more than the last command (a part that runs, or that has no data yet) is the
/// test's matter, by [`set_answer`](Self::set_answer), [`withhold`](Self::withhold) and
/// [`on_command`](Self::on_command).
///
/// ```
/// use embedded_hal::i2c::I2c;
/// use sundew_testkit::{BusError, SimBus, SimClock, SimWords, WordCommand};
///
/// let clock = SimClock::new();
/// let measure = WordCommand::new(0x260F).taking(2).lasting(30_000).answering(0xBEEF);
/// let part = SimWords::new(&clock, 0x59, [measure]);
/// let bus = SimBus::new([&part]);
///
/// let mut bytes = [0; 3];
/// let compensated = [0x26, 0x0F, 0x80, 0x00, 0xA2, 0x66, 0x66, 0x93];
/// (&bus).write(0x59, &compensated).unwrap();
/// assert_eq!((&bus).read(0x59, &mut bytes), Err(BusError::AddressNack)); // too early
/// clock.advance_millis(30);
/// (&bus).read(0x59, &mut bytes).unwrap();
/// assert_eq!(bytes, [0xBE, 0xEF, 0x92]);
/// assert_eq!(part.arguments(0x260F), [0x8000, 0x6666]);
/// ```
pub struct SimWords<'c, const COMMANDS: usize> {
    clock: &'c SimClock,
    address: u8,
    commands: [Cell<State>; COMMANDS],
    wrong_crc: Cell<Option<u8>>,
    plugged: Cell<bool>,
    extra_micros: Cell<u32>,
    busy_until: Cell<u64>,
    received: Cell<([u8; 8], usize)>,
    answer: Cell<Option<([u16; WORDS], u8)>>,
    position: Cell<u8>,
    on_command: Cell<Option<Behaviour<'c, COMMANDS>>>,
}

type Behaviour<'c, const COMMANDS: usize> = fn(&SimWords<'c, COMMANDS>, u16);

#[derive(Clone, Copy)]
struct State {
    command: WordCommand,
    arguments: [u16; 2],
    times: u32,
    silent_until: u64,
}

impl<'c, const COMMANDS: usize> SimWords<'c, COMMANDS> {
    /// Models a part at `address` that knows `commands`.
    pub fn new(clock: &'c SimClock, address: u8, commands: [WordCommand; COMMANDS]) -> Self {
        let state =
            |command| Cell::new(State { command, arguments: [0; 2], times: 0, silent_until: 0 });
        Self {
            clock,
            address,
            commands: commands.map(state),
            wrong_crc: Cell::new(None),
            plugged: Cell::new(true),
            extra_micros: Cell::new(0),
            busy_until: Cell::new(0),
            received: Cell::new(([0; 8], 0)),
            answer: Cell::new(None),
            position: Cell::new(0),
            on_command: Cell::new(None),
        }
    }

    /// Sets what a command answers from now on: up to eight words, or none at all.
    pub fn set_answer(&self, code: u16, words: &[u16]) {
        self.change(code, |command| {
            command.words = [0; WORDS];
            command.words.iter_mut().zip(words).for_each(|(slot, word)| *slot = *word);
            command.len = words.len().min(WORDS) as u8;
        });
    }

    /// Withholds the answer of a command, as of one that has no data, for `micros` microseconds.
    pub fn withhold(&self, code: u16, micros: u32) {
        if let Some(cell) = self.state(code) {
            let silent_until = self.clock.micros() + u64::from(micros);
            cell.set(State { silent_until, ..cell.get() });
        }
    }

    /// Sets for how many microseconds a command lasts from now on.
    pub fn set_duration(&self, code: u16, micros: u32) {
        self.change(code, |command| command.micros = micros);
    }

    /// Returns the words that a command was last given.
    pub fn arguments(&self, code: u16) -> [u16; 2] {
        self.state(code).map_or([0; 2], |state| state.get().arguments)
    }

    /// Returns how often a command was carried out.
    pub fn times(&self, code: u16) -> u32 {
        self.state(code).map_or(0, |state| state.get().times)
    }

    /// Calls `behaviour` with each command that begins, before its answer is settled.
    pub fn on_command(&self, behaviour: fn(&Self, u16)) {
        self.on_command.set(Some(behaviour));
    }

    /// Sends a wrong checksum with one word, counted from 0, or correct ones again with `None`.
    pub fn break_crc(&self, word: Option<u8>) {
        self.wrong_crc.set(word);
    }

    /// Makes each command last `micros` microseconds longer.
    pub fn slow_down(&self, micros: u32) {
        self.extra_micros.set(micros);
    }

    /// Removes the part from the bus.
    pub fn unplug(&self) {
        self.plugged.set(false);
    }

    /// Puts the part back, freshly powered: what it was doing is lost.
    pub fn plug(&self) {
        self.plugged.set(true);
        self.answer.set(None);
        self.busy_until.set(0);
    }

    fn state(&self, code: u16) -> Option<&Cell<State>> {
        self.commands.iter().find(|state| state.get().command.code == code)
    }

    fn change(&self, code: u16, change: impl FnOnce(&mut WordCommand)) {
        if let Some(cell) = self.state(code) {
            let mut state = cell.get();
            change(&mut state.command);
            cell.set(state);
        }
    }

    fn is_busy(&self) -> bool {
        self.clock.micros() < self.busy_until.get()
    }

    fn begin(&self, cell: &Cell<State>, arguments: [u16; 2]) {
        let mut state = cell.get();
        state.arguments = arguments;
        state.times += 1;
        cell.set(state);
        if let Some(behaviour) = self.on_command.get() {
            behaviour(self, state.command.code);
        }
        let State { command, silent_until, .. } = cell.get();
        let micros = u64::from(command.micros) + u64::from(self.extra_micros.get());
        self.busy_until.set(self.clock.micros() + micros);
        let answers = command.len > 0 && self.clock.micros() >= silent_until;
        self.answer.set(answers.then_some((command.words, command.len)));
    }
}

impl<const COMMANDS: usize> SimDevice for SimWords<'_, COMMANDS> {
    fn address(&self) -> u8 {
        self.address
    }

    fn start(&self, direction: Direction) -> Ack {
        self.received.set(([0; 8], 0));
        self.position.set(0);
        let silent = direction == Direction::Read && self.answer.get().is_none();
        let ack =
            if !self.plugged.get() || self.is_busy() || silent { Ack::Nack } else { Ack::Ack };
        self.clock.advance_micros(BYTE_MICROS);
        ack
    }

    fn write(&self, byte: u8) -> Ack {
        self.clock.advance_micros(BYTE_MICROS);
        let (mut bytes, count) = self.received.get();
        let Some(slot) = bytes.get_mut(count) else { return Ack::Nack };
        *slot = byte;
        self.received.set((bytes, count + 1));
        let [high, low, a, b, first, c, d, second] = bytes;
        if count == 0 {
            return Ack::Ack;
        }
        let Some(cell) = self.state(u16::from_be_bytes([high, low])) else { return Ack::Nack };
        let right = match count {
            4 => crc8([a, b]) == first,
            7 => crc8([c, d]) == second,
            _ => true,
        };
        let last = 1 + 3 * usize::from(cell.get().command.arguments);
        if !right || count > last {
            return Ack::Nack;
        }
        if count == last {
            self.begin(cell, [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]);
        }
        Ack::Ack
    }

    fn read(&self) -> u8 {
        self.clock.advance_micros(BYTE_MICROS);
        let position = self.position.get();
        self.position.set(position.saturating_add(1));
        // Nobody drives the line behind the last byte.
        let Some((words, len)) = self.answer.get() else { return 0xFF };
        let number = position / 3;
        let word = words.get(usize::from(number)).copied().unwrap_or(0);
        let [high, low] = word.to_be_bytes();
        match position % 3 {
            _ if number >= len => 0xFF,
            0 => high,
            1 => low,
            _ => crc8([high, low]) ^ u8::from(self.wrong_crc.get() == Some(number)),
        }
    }

    fn stop(&self) {
        if self.position.get() > 0 {
            self.answer.set(None);
        }
    }
}

/// Holds how long nine bits take at 100 kHz.
const BYTE_MICROS: u32 = 90;

/// Returns the checksum of all these parts: polynomial 0x31, start 0xFF.
fn crc8(bytes: [u8; 2]) -> u8 {
    let mut crc = 0xFF;
    for byte in bytes {
        crc ^= byte;
        for _ in 0..8 {
            crc = if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 0x31 };
        }
    }
    crc
}
