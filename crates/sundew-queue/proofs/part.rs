//! Memories under test, which notice what a log must never do to them.

use core::hash::{Hash, Hasher};

use crate::image;
use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};
use sundew_testkit::explore::Memory;
use sundew_testkit::{Defect, FlashError, Operation, SimEeprom, SimFlash, Torn};

/// Is a memory that knows what was done to it.
pub(crate) trait Watched: Memory<Tear = Torn> {
    const GRAIN: Grain;

    /// Counts pages erased, wholly or not, since the memory was made.
    fn erased(&self) -> u32;

    /// Returns how many pages may be erased while the log is opened.
    fn erases_in_open(&self) -> u32 {
        1
    }

    /// Counts words that were to be programmed though they do not look blank, or though a cut had
    /// begun to program them.
    ///
    /// A word that looks blank may be tried out by programming all of its bits: what a cut left of it
    /// is settled by that. And a page that reads as before, though a cut had begun to erase it, may
    /// be written on: nothing can tell.
    fn programmed_twice(&self) -> u32;

    /// Returns how often all of the memory was written, on average.
    fn wraps(&self) -> f32;

    /// Wears out what holds an offset, a page or a byte, for ever; it may lie beyond the end.
    fn wear_out(&mut self, offset: u32, defect: Defect);

    /// Lets the read behind the next `calls` ones fail; `None`: none fails.
    fn fail_read(&mut self, calls: Option<u32>);
}

/// Says how a memory is written, and with it how fast a log's promises can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grain {
    /// By words, each once: what an operation leaves torn stays torn.
    Words,
    /// By bytes, over what they held: one time in 256 a second cut makes whole again what the first
    /// one tore. And a byte that is worn out keeps its slot's item, dropped or not.
    Bytes,
}

/// Says what two memories must have in common to be one state.
#[derive(Clone, Copy, Debug)]
pub(crate) enum View {
    /// Every bit.
    Bytes,
    /// What decides about a [`NorLog`](sundew_store::log::NorLog).
    NorLog,
    /// What decides about [`Settings`](sundew_store::Settings).
    Settings,
}

/// Is a flash that remembers what a log must keep off.
#[derive(Clone)]
pub(crate) struct Part<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> {
    flash: SimFlash<SIZE, PAGE, WORD, READ>,
    /// What an erased byte reads as.
    blank: u8,
    view: View,
    twice: u32,
    /// The pages that a cut left half erased, as bits.
    half_erased: u64,
    /// The pages that are worn out, as bits.
    worn_out: u64,
    /// Whether words may be programmed twice, and pages be mended while the log is opened.
    may_rewrite: bool,
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
    Part<SIZE, PAGE, WORD, READ>
{
    pub(crate) const fn new(
        flash: SimFlash<SIZE, PAGE, WORD, READ>,
        blank: u8,
        view: View,
    ) -> Self {
        Self { flash, blank, view, twice: 0, half_erased: 0, worn_out: 0, may_rewrite: false }
    }

    /// Lets words be programmed twice and `open` erase each page, for a log that cannot do without.
    pub(crate) const fn with_rewrites(mut self) -> Self {
        self.may_rewrite = true;
        self
    }

    /// Tells whether a word of a page reads as one thing today and as another tomorrow.
    fn wavers(&self, page: u32) -> bool {
        let start = page * PAGE as u32;
        (start..start + PAGE as u32).step_by(WORD).any(|at| self.flash.is_metastable_at(at))
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> Watched
    for Part<SIZE, PAGE, WORD, READ>
{
    const GRAIN: Grain = Grain::Words;

    fn erased(&self) -> u32 {
        self.flash.counters().pages
    }

    fn erases_in_open(&self) -> u32 {
        if self.may_rewrite { (SIZE / PAGE) as u32 } else { 1 }
    }

    fn programmed_twice(&self) -> u32 {
        self.twice
    }

    fn wraps(&self) -> f32 {
        self.erased() as f32 / (SIZE / PAGE) as f32
    }

    fn wear_out(&mut self, offset: u32, defect: Defect) {
        let offset = offset % SIZE as u32;
        self.worn_out |= 1 << (offset / PAGE as u32);
        self.flash.break_page(offset, defect);
    }

    fn fail_read(&mut self, calls: Option<u32>) {
        self.flash.fail(Operation::Read, calls.unwrap_or(0), u32::from(calls.is_some()));
    }
}

/// Knows of no pages, and of no words: a byte may be written at any time.
impl<const SIZE: usize> Watched for SimEeprom<SIZE> {
    const GRAIN: Grain = Grain::Bytes;

    fn erased(&self) -> u32 {
        0
    }

    fn programmed_twice(&self) -> u32 {
        0
    }

    fn wraps(&self) -> f32 {
        self.steps() as f32 / SIZE as f32
    }

    fn wear_out(&mut self, offset: u32, defect: Defect) {
        self.break_byte(offset % SIZE as u32, defect);
    }

    fn fail_read(&mut self, calls: Option<u32>) {
        self.fail(Operation::Read, calls.unwrap_or(0), u32::from(calls.is_some()));
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
        Memory::power_on(&mut self.flash, reading);
    }

    fn fingerprint<H: Hasher>(&self, hasher: &mut H) {
        let counting = match self.view {
            View::Bytes => None,
            View::NorLog => image::fingerprint(&self.flash, self.blank, hasher),
            View::Settings => image::settings::fingerprint(&self.flash, self.blank, hasher),
        };
        self.flash.is_powered().hash(hasher);
        if counting.is_none() {
            self.flash.fingerprint(hasher);
        }
        (self.half_erased & counting.unwrap_or(u64::MAX)).hash(hasher);
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
        for page in from / PAGE as u32..to / PAGE as u32 {
            let bit = 1 << page;
            let is_torn = erased == Err(FlashError::PowerLost);
            self.half_erased =
                if is_torn { self.half_erased | bit } else { self.half_erased & !bit };
        }
        erased
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        let page = offset / PAGE as u32;
        let is_half_erased = self.half_erased >> page & 1 == 1;
        // What a page does that ignores its erase, the log cannot know before it has tried.
        let is_worn_out = self.worn_out >> page & 1 == 1;
        // Word by word, to see what becomes of each.
        for (at, word) in (offset..).step_by(WORD).zip(bytes.chunks(WORD)) {
            let held = self.flash.image().get(at as usize..).unwrap_or_default();
            let is_blank = held.iter().take(WORD).all(|byte| *byte == self.blank);
            let before = self.flash.counters();
            let written = self.flash.write(at, word);
            let is_refused = matches!(written, Err(FlashError::NotErased { .. }));
            let is_tried = word.iter().all(|byte| *byte == !self.blank);
            let is_again = is_refused || self.flash.counters().rewrites > before.rewrites;
            // All bits may be programmed wherever the part takes them, and what cannot be read does
            // no harm. Of a word that wavers nobody knows that it was torn, on a day when it looks
            // blank, before it is refused or what it holds is read again; nor of a blank one that was
            // tried out behind it, on a day when what wavers looked longer.
            let wavers = is_again && self.wavers(page);
            let may = self.may_rewrite
                || is_worn_out
                || is_tried && (!is_refused || self.flash.read(at, &mut [0; WORD]).is_err())
                || is_blank && (is_tried || is_half_erased || wavers);
            self.twice += u32::from((is_again || !is_blank) && !may);
            written?;
        }
        Ok(())
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> MultiwriteNorFlash
    for Part<SIZE, PAGE, WORD, READ>
{
}
