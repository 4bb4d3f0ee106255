//! Memories under test, which notice what a log must never do to them.

use core::hash::{Hash, Hasher};

use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};
use sundew_testkit::explore::Memory;
use sundew_testkit::{FlashError, SimFlash, Torn};

/// Is a memory that knows what was done to it.
pub(crate) trait Watched: Memory {
    /// Counts pages erased, wholly or not, since the memory was made.
    fn erased(&self) -> u32;

    /// Counts words that were to be programmed though they do not look blank, or though a cut had
    /// begun to program them and the log could have known.
    fn programmed_twice(&self) -> u32;

    /// Returns whether a word was programmed that a cut had begun to program or erase, where no log
    /// can know: it looked blank, and it was the first that a life wrote into an older page, or the
    /// whole page reads as before.
    ///
    /// What two lives read the same they do the same with, so the second one writes there again.
    /// Parts that refuse it are not in doubt: the log sees the refusal and writes elsewhere.
    fn is_doubtful(&self) -> bool;
}

/// Is a flash that remembers what a log must keep off.
#[derive(Clone)]
pub(crate) struct Part<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> {
    flash: SimFlash<SIZE, PAGE, WORD, READ>,
    /// What an erased byte reads as.
    blank: u8,
    twice: u32,
    is_doubtful: bool,
    /// The pages that were erased or written since the start, as bits.
    touched: u64,
    /// The offsets of words that no log can know to be torn.
    hidden: Vec<u32>,
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
    Part<SIZE, PAGE, WORD, READ>
{
    pub(crate) const fn new(flash: SimFlash<SIZE, PAGE, WORD, READ>, blank: u8) -> Self {
        let hidden = Vec::new();
        Self { flash, blank, twice: 0, is_doubtful: false, touched: 0, hidden }
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> Watched
    for Part<SIZE, PAGE, WORD, READ>
{
    fn erased(&self) -> u32 {
        self.flash.counters().pages
    }

    fn programmed_twice(&self) -> u32 {
        self.twice
    }

    fn is_doubtful(&self) -> bool {
        self.is_doubtful
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> Memory
    for Part<SIZE, PAGE, WORD, READ>
{
    type Tear = Torn;

    fn tears(&self) -> impl IntoIterator<Item = Torn> {
        self.flash.tears()
    }

    fn steps(&self) -> u32 {
        Memory::steps(&self.flash)
    }

    fn cut_after(&mut self, steps: u32, tear: Torn) {
        self.flash.cut_after(steps, tear);
    }

    fn power_off(&mut self) {
        self.flash.power_off();
    }

    fn is_powered(&self) -> bool {
        self.flash.is_powered()
    }

    fn readings(&self) -> u32 {
        self.flash.readings()
    }

    fn power_on(&mut self, reading: u32) {
        self.touched = 0;
        Memory::power_on(&mut self.flash, reading);
    }

    fn fingerprint<H: Hasher>(&self, hasher: &mut H) {
        self.flash.fingerprint(hasher);
        (self.is_doubtful, &self.hidden).hash(hasher);
        if self.is_powered() {
            self.touched.hash(hasher);
        }
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> ErrorType
    for Part<SIZE, PAGE, WORD, READ>
{
    type Error = FlashError;
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> ReadNorFlash
    for Part<SIZE, PAGE, WORD, READ>
{
    const READ_SIZE: usize = READ;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        self.flash.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        SIZE
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> NorFlash
    for Part<SIZE, PAGE, WORD, READ>
{
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        let erased = self.flash.erase(from, to);
        self.hidden.retain(|at| !(from..to).contains(at));
        if erased == Err(FlashError::PowerLost) {
            // It may read as before at the next start, and as a page to be written on.
            self.hidden.extend((from..to).step_by(WORD));
        }
        for page in from / PAGE as u32..to / PAGE as u32 {
            self.touched |= 1 << page;
        }
        erased
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        let page = 1 << (offset / PAGE as u32);
        let is_first = self.touched & page == 0;
        self.touched |= page;
        // Word by word, to see what becomes of each.
        for (at, word) in (offset..).step_by(WORD).zip(bytes.chunks(WORD)) {
            let held = self.flash.image().get(at as usize..).unwrap_or_default();
            let is_blank = held.iter().take(WORD).all(|byte| *byte == self.blank);
            let before = self.flash.counters();
            let written = self.flash.write(at, word);
            let is_refused = matches!(written, Err(FlashError::NotErased { .. }));
            if is_refused || self.flash.counters().rewrites > before.rewrites || !is_blank {
                if is_blank && self.hidden.contains(&at) {
                    // Where it is refused the log notices, and no harm is done.
                    self.is_doubtful |= !is_refused;
                } else {
                    self.twice += 1;
                }
            }
            if written == Err(FlashError::PowerLost) && is_first && at == offset {
                self.hidden.push(at);
            }
            written?;
        }
        Ok(())
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> MultiwriteNorFlash
    for Part<SIZE, PAGE, WORD, READ>
{
}
