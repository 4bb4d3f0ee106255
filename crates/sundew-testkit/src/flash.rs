//! NOR flash that forgets nothing, refuses what real parts refuse, and loses power on command.

mod calls;
mod kinds;
#[cfg(feature = "async")]
mod slow;
mod storage;
mod word;
mod worn;

pub use kinds::{Defect, Erased, FlashCounters, FlashError, Operation, Rewrite};
#[cfg(feature = "async")]
pub use slow::{Slow, poll_at_most};
pub use worn::Worn;

use crate::supply::{Fault, Supply};
use crate::{Reading, Torn};
use core::hash::{Hash, Hasher};
use word::{Cell, Word};

/// Simulates a NOR flash of `SIZE` bytes, erased in pages of `PAGE` and written in words of `WORD`.
///
/// It implements the traits of `embedded-storage` (and, with feature `async`, of
/// `embedded-storage-async`) and enforces their contract: alignment, bounds, erase before write.
/// `READ` is the alignment of reads; 1 suits most parts, some ask for 4.
///
/// *RAM*: three bytes per byte simulated.
///
/// It can be as bad as any part that was met: see [`Torn`] for what a cut leaves, [`Rewrite`] for
/// words that are programmed twice, [`Defect`] for worn-out pages, [`fail`](Self::fail) and
/// [`make_unreadable`](Self::make_unreadable) for reads. Erases per page are counted by [`Worn`].
///
/// A simulation can be cloned and hashed, so that a search knows a state it has seen. The hash is
/// of what later calls can see: bytes, states of cells, faults to come, whether there is power. It
/// leaves out the counters, and a cut that has not come.
///
/// Power may be cut at any step. Running once to count the steps and then once for each of them
/// visits every single cut:
///
/// ```
/// use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
/// use sundew_testkit::{FlashError, SimFlash, Torn};
///
/// type Flash = SimFlash<8192, 4096, 4>;
/// fn work(flash: &mut Flash) -> Result<(), FlashError> {
///     flash.erase(0, 4096)?;
///     flash.write(0, b"sundew..")
/// }
///
/// let mut flash = Flash::new();
/// work(&mut flash).unwrap();
/// for step in 0..flash.counters().steps() {
///     let mut flash = Flash::new();
///     flash.cut_after(step, Torn::FirstHalf);
///     assert_eq!(work(&mut flash), Err(FlashError::PowerLost));
///     flash.power_on();
///     let mut bytes = [0; 8];
///     flash.read(0, &mut bytes).unwrap();
///     let expected = [&[0xFF; 8], b"su\xFF\xFF\xFF\xFF\xFF\xFF", b"sundew\xFF\xFF"];
///     assert_eq!(&bytes, expected[step as usize]);
/// }
/// ```
#[derive(Clone)]
pub struct SimFlash<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize = 1>
{
    bytes: [u8; SIZE],
    // The bits that read differently after each power-on. Without power `bytes` has the old values.
    unstable: [u8; SIZE],
    // One entry per word is used; the array cannot be sized SIZE / WORD on stable Rust.
    cells: [Cell; SIZE],
    erased: Erased,
    rewrite: Rewrite,
    supply: Supply,
    faults: [Fault; 3],
    counters: FlashCounters,
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> Default
    for SimFlash<SIZE, PAGE, WORD, READ>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
    SimFlash<SIZE, PAGE, WORD, READ>
{
    const GEOMETRY: () = assert!(
        WORD > 0 && READ > 0 && PAGE > 0 && PAGE.is_multiple_of(WORD) && SIZE.is_multiple_of(PAGE),
        "a page must hold whole words, and the flash whole pages"
    );

    /// Simulates an erased part that is powered.
    ///
    /// Sizes that do not divide each other stop the build.
    pub const fn new() -> Self {
        let () = Self::GEOMETRY;
        Self {
            bytes: [Erased::Ones.byte(); SIZE],
            unstable: [0; SIZE],
            cells: [Cell::ERASED; SIZE],
            erased: Erased::Ones,
            rewrite: Rewrite::ClearsBits,
            supply: Supply::ON,
            faults: [Fault::NONE; 3],
            counters: FlashCounters {
                reads: 0,
                writes: 0,
                erases: 0,
                bytes_read: 0,
                words: 0,
                pages: 0,
                rewrites: 0,
            },
        }
    }

    /// Simulates a powered part that holds `image`; words that are not all ones count as written.
    pub fn from_image(image: &[u8; SIZE]) -> Self {
        Self::new().with_image(image)
    }

    /// Says what erased cells read as; the default is ones.
    #[must_use]
    pub fn with_erased(mut self, erased: Erased) -> Self {
        self.erased = erased;
        for (word, cell) in self.bytes.chunks_mut(WORD).zip(&self.cells) {
            if cell.is_erased() {
                word.fill(erased.byte());
            }
        }
        self
    }

    /// Fills the part; words that do not read as erased count as written.
    ///
    /// Where erased is not ones, [`with_erased`](Self::with_erased) goes first.
    #[must_use]
    pub fn with_image(mut self, image: &[u8; SIZE]) -> Self {
        self.bytes = *image;
        for (word, cell) in image.chunks(WORD).zip(&mut self.cells) {
            let is_blank = word.iter().all(|byte| *byte == self.erased.byte());
            *cell = if is_blank { Cell::ERASED } else { Cell::PROGRAMMED };
        }
        self
    }

    /// Says what writing a word again does; the default lets it clear more bits.
    #[must_use]
    pub const fn with_rewrite(mut self, rewrite: Rewrite) -> Self {
        self.rewrite = rewrite;
        self
    }

    /// Returns the bytes as the cells hold them, whether or not there is power.
    pub const fn image(&self) -> &[u8; SIZE] {
        &self.bytes
    }

    /// Returns the bytes for a test to damage; erase-before-write is not checked here.
    pub const fn image_mut(&mut self) -> &mut [u8; SIZE] {
        &mut self.bytes
    }

    /// Returns what was asked so far.
    pub const fn counters(&self) -> FlashCounters {
        self.counters
    }

    /// Cuts power in the step that follows `steps` whole ones; `torn` says what that step does.
    ///
    /// A step is one word programmed or one page erased. From the cut on every call fails, until
    /// [`power_on`](Self::power_on). A later call replaces an earlier one.
    pub const fn cut_after(&mut self, steps: u32, torn: Torn) {
        self.supply.cut_after(steps, torn);
    }

    /// Cuts power now, between two operations.
    pub fn power_off(&mut self) {
        self.supply.off();
        self.settle(Reading::Old);
    }

    /// Gives power again and forgets a cut that has not come yet; torn words stay torn.
    ///
    /// What is [metastable](Torn::Metastable) reads in another way each time, the same in each run
    /// of the test.
    pub fn power_on(&mut self) {
        let reading = Reading::Mixed(self.supply.on());
        self.settle(reading);
    }

    /// Does what [`power_on`](Self::power_on) does, and says how metastable words read from now on.
    pub fn power_on_reading(&mut self, reading: Reading) {
        self.supply.on();
        self.settle(reading);
    }

    /// Returns whether there is power.
    pub const fn is_powered(&self) -> bool {
        self.supply.is_on()
    }

    /// Returns whether a word is between two values, so that the next power-on has a choice.
    pub fn is_metastable(&self) -> bool {
        self.cells.iter().take(SIZE / WORD).any(|cell| cell.is_metastable())
    }

    /// Returns whether the word at an offset is between two values.
    pub fn is_metastable_at(&self, offset: u32) -> bool {
        let index = usize::try_from(offset).map_or(usize::MAX, |offset| offset / WORD);
        self.cells.get(index).is_some_and(|cell| cell.is_metastable())
    }

    /// Lets `calls` calls of an operation pass and the `times` after them fail, changing nothing.
    pub fn fail(&mut self, operation: Operation, calls: u32, times: u32) {
        if let Some(fault) = self.faults.get_mut(operation as usize) {
            *fault = Fault::after(calls, times);
        }
    }

    /// Marks the word that holds `offset` as one whose error correction fails until it is erased.
    pub fn make_unreadable(&mut self, offset: u32) {
        if let Some(mut word) = self.word(offset as usize / WORD) {
            word.spoil();
        }
    }

    /// Wears out the page that holds `offset`, for ever; a later defect replaces an earlier one.
    pub fn break_page(&mut self, offset: u32, defect: Defect) {
        let first = offset as usize / PAGE * PAGE / WORD;
        if let Some(word) = self.word(first) {
            word.cell.set_defect(defect);
        }
    }

    fn settle(&mut self, reading: Reading) {
        if !self.is_metastable() {
            return;
        }
        for index in 0..SIZE / WORD {
            if let Some(mut word) = self.word(index) {
                word.settle(reading, index * WORD / PAGE * PAGE);
            }
        }
    }

    fn word(&mut self, index: usize) -> Option<Word<'_>> {
        let at = index.checked_mul(WORD)?;
        let range = at..at.checked_add(WORD)?;
        Some(Word {
            cell: self.cells.get_mut(index)?,
            bytes: self.bytes.get_mut(range.clone())?,
            unstable: self.unstable.get_mut(range)?,
            flip: !self.erased.byte(),
            at,
        })
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> Hash
    for SimFlash<SIZE, PAGE, WORD, READ>
{
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
        self.unstable.hash(state);
        // Eight at a time: a search hashes millions of these.
        for cells in self.cells.get(..SIZE / WORD).unwrap_or_default().chunks(8) {
            let packed = cells.iter().fold(0, |all, cell| all << 8 | u64::from(cell.bits()));
            state.write_u64(packed);
        }
        self.faults.hash(state);
        self.is_powered().hash(state);
    }
}
