//! The flash between the queue and the part: counts steps, keeps the rules, and loses its power.

use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};

use crate::drill::Board;
use crate::line::{Line, Place};
use crate::order::{Cut, From, Tear};
use crate::sample::mixed;

/// Hands every call on to a part, and in the step where the order says so leaves the step torn,
/// tells it and halts.
///
/// An emulator does a word at once; here half a word is a write of half the bits. It also tells
/// where a word is programmed twice, but with all bits, which the part itself might let pass.
pub struct Cutter<'b, B: Board> {
    part: B::Flash,
    board: &'b B,
    cut: Option<Cut>,
    /// How many steps are left, once they count.
    until_cut: u32,
    /// How many erases or acknowledgements are left until they do.
    until_count: u16,
    steps: u32,
    erases: u32,
}

impl<'b, B: Board> Cutter<'b, B> {
    /// Lets `part` lose its power as `cut` says.
    pub fn new(part: B::Flash, board: &'b B, cut: Option<Cut>) -> Self {
        let until_count = match cut {
            Some(Cut { from: From::Erase(count) | From::Ack(count), .. }) => count,
            _ => 0,
        };
        let until_cut = cut.map_or(0, |cut| cut.steps);
        Self { part, board, cut, until_cut, until_count, steps: 0, erases: 0 }
    }

    /// Is told that an acknowledgement begins.
    pub fn acking(&mut self) {
        if matches!(self.cut, Some(Cut { from: From::Ack(_), .. })) {
            self.until_count = self.until_count.saturating_sub(1);
        }
    }

    /// Returns how many pages were erased.
    pub fn erases(&self) -> u32 {
        self.erases
    }

    /// Returns whether the power holds for so many words more, and counts them where it does.
    fn lasts(&mut self, words: u32) -> bool {
        if self.cut.is_some() && self.until_count == 0 {
            let Some(left) = self.until_cut.checked_sub(words) else { return false };
            self.until_cut = left;
        }
        self.steps = self.steps.wrapping_add(words);
        true
    }

    /// Counts a step; returns how it is torn where it is the last.
    fn step(&mut self, erasing: bool) -> Option<Tear> {
        self.steps = self.steps.wrapping_add(1);
        let cut = self.cut?;
        if erasing && matches!(cut.from, From::Erase(_)) {
            self.until_count = self.until_count.saturating_sub(1);
        }
        if self.until_count > 0 {
            return None;
        }
        match self.until_cut.checked_sub(1) {
            Some(left) => {
                self.until_cut = left;
                None
            }
            None => Some(cut.tear),
        }
    }

    /// Tells the end and is gone.
    fn lose_power(&self, erasing: bool, offset: u32, tear: Tear) -> ! {
        self.board.tell(Line::Cut(Place { erasing, offset, tear, steps: self.steps }));
        self.board.halt()
    }

    /// Tells where words are to be programmed that are not blank, but for all bits: what was torn may
    /// be burned.
    fn check_blank(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Fault<B>> {
        let mut before = [0; WORD];
        for (at, word) in (offset..).step_by(WORD).zip(bytes.chunks(WORD)) {
            let Some(before) = before.get_mut(..word.len()) else { continue };
            self.part.read(at, before)?;
            let is_burned = word.iter().all(|byte| *byte == 0);
            if !is_burned && before.iter().any(|byte| *byte != 0xFF) {
                self.board.tell(Line::Fault("a word is programmed twice"));
            }
        }
        Ok(())
    }

    fn write_word(&mut self, offset: u32, word: &[u8]) -> Result<(), Fault<B>> {
        let Some(tear) = self.step(false) else { return self.part.write(offset, word) };
        let half = word.len() / 2;
        let noise = mixed(offset ^ self.steps);
        let mut torn = [0xFF; WORD];
        for (at, (to, new)) in torn.iter_mut().zip(word).enumerate() {
            *to = match tear {
                Tear::Before => 0xFF,
                Tear::Prefix if at >= half => 0xFF,
                Tear::Suffix if at < half => 0xFF,
                Tear::Noise => new | mixed(noise ^ at as u32) as u8,
                _ => *new,
            };
        }
        // Nothing, where nothing is done: a write of ones might be more to a part than none.
        if let (true, Some(torn)) = (tear != Tear::Before, torn.get(..word.len())) {
            self.part.write(offset, torn)?;
        }
        self.lose_power(false, offset, tear)
    }

    fn erase_page(&mut self, page: u32) -> Result<(), Fault<B>> {
        let size = B::Flash::ERASE_SIZE as u32;
        self.erases = self.erases.wrapping_add(1);
        let Some(tear) = self.step(true) else { return self.part.erase(page, page + size) };
        let draw = mixed(page ^ self.steps);
        // Anywhere in the page but at its ends.
        let chunks = size / CHUNK;
        let middle = page + (1 + draw % (chunks - 1)) * CHUNK;
        match tear {
            Tear::Before => {}
            Tear::Prefix => B::erase_in_part(&mut self.part, page..middle)?,
            Tear::Suffix => B::erase_in_part(&mut self.part, middle..page + size)?,
            Tear::Noise => {
                // Some parts clear all bits before they set them.
                for piece in 0..PIECES {
                    let chunk = mixed(draw ^ piece) % chunks;
                    self.part.write(page + chunk * CHUNK, &[0; CHUNK as usize])?;
                }
            }
            Tear::After => self.part.erase(page, page + size)?,
        }
        self.lose_power(true, page, tear)
    }
}

type Fault<B> = <<B as Board>::Flash as ErrorType>::Error;

/// The largest word that the boards' parts have.
const WORD: usize = 32;
/// A torn erase ends at a multiple of this; both bytes and words of every board divide it.
const CHUNK: u32 = 32;
/// Where zeros are strewn over a page.
const PIECES: u32 = 8;

impl<B: Board> ErrorType for Cutter<'_, B> {
    type Error = Fault<B>;
}

impl<B: Board> ReadNorFlash for Cutter<'_, B> {
    const READ_SIZE: usize = B::Flash::READ_SIZE;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Fault<B>> {
        self.part.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.part.capacity()
    }
}

impl<B: Board> NorFlash for Cutter<'_, B> {
    const WRITE_SIZE: usize = B::Flash::WRITE_SIZE;
    const ERASE_SIZE: usize = B::Flash::ERASE_SIZE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Fault<B>> {
        (from..to).step_by(B::Flash::ERASE_SIZE).try_for_each(|page| self.erase_page(page))
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Fault<B>> {
        self.check_blank(offset, bytes)?;
        let written = if self.lasts((bytes.len() / B::Flash::WRITE_SIZE) as u32) {
            // In one call, since a part may have a buffer for it.
            self.part.write(offset, bytes)
        } else {
            let places = (offset..).step_by(B::Flash::WRITE_SIZE);
            let mut words = places.zip(bytes.chunks(B::Flash::WRITE_SIZE));
            words.try_for_each(|(at, word)| self.write_word(at, word))
        };
        if written.is_err() {
            self.board.tell(Line::Fault("the part refused a word"));
        }
        written
    }
}
