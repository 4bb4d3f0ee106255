//! A peer that knows a few questions and their answers.

use super::{Outbox, SimTalker};
use core::cell::Cell;

/// Holds a question, its answer and the time between them.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Exchange<'b> {
    question: &'b [u8],
    answer: &'b [u8],
    delay_micros: u64,
}

impl<'b> Exchange<'b> {
    /// Answers `question` with `answer`, begun `delay_micros` after the question's last byte.
    pub const fn new(question: &'b [u8], answer: &'b [u8], delay_micros: u64) -> Self {
        Self { question, answer, delay_micros }
    }
}

/// Answers questions of up to 32 bytes, in whatever order they come; anything else is ignored.
pub struct SimScript<'b, const N: usize> {
    exchanges: [Exchange<'b>; N],
    heard: Cell<[u8; HEARD]>,
    count: Cell<usize>,
    answered: Cell<u32>,
    outbox: Outbox,
}

const HEARD: usize = 32;

impl<'b, const N: usize> SimScript<'b, N> {
    /// Knows these exchanges; the first whose question was just heard is taken.
    pub const fn new(exchanges: [Exchange<'b>; N]) -> Self {
        Self {
            exchanges,
            heard: Cell::new([0; HEARD]),
            count: Cell::new(0),
            answered: Cell::new(0),
            outbox: Outbox::new(),
        }
    }

    /// Returns how many questions were answered.
    pub fn answered(&self) -> u32 {
        self.answered.get()
    }
}

impl<const N: usize> SimTalker for SimScript<'_, N> {
    fn hear(&self, byte: u8, micros: u64) {
        let heard = super::remember(&self.heard, byte);
        self.count.set((self.count.get() + 1).min(HEARD));
        let known = heard.get(HEARD - self.count.get()..).unwrap_or(&heard);
        if let Some(exchange) = self.exchanges.iter().find(|e| known.ends_with(e.question)) {
            self.count.set(0);
            self.answered.set(self.answered.get() + 1);
            self.outbox.send(exchange.answer, micros + exchange.delay_micros);
        }
    }

    fn say(&self, micros: u64) -> Option<u8> {
        self.outbox.say(micros)
    }
}
