//! NOR flash that forgets nothing, refuses what real parts refuse, and loses power on command.

mod kinds;
mod storage;

pub use kinds::{FlashCounters, FlashError, Operation, Rewrite, Torn};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cell {
    Erased,
    Programmed,
    Unreadable,
}

#[derive(Clone, Copy)]
struct Cut {
    steps_left: u32,
    torn: Torn,
}

#[derive(Clone, Copy)]
struct Fault {
    calls_left: u32,
    times: u32,
}

/// Simulates a NOR flash of `SIZE` bytes, erased in pages of `PAGE` and written in words of `WORD`.
///
/// It implements the traits of `embedded-storage` (and, with feature `async`, of
/// `embedded-storage-async`) and enforces their contract: alignment, bounds, erase before write.
/// `READ` is the alignment of reads; 1 suits most parts, some ask for 4.
///
/// *RAM*: two bytes per byte simulated.
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
    // One entry per word is used; the array cannot be sized SIZE / WORD on stable Rust.
    cells: [Cell; SIZE],
    rewrite: Rewrite,
    powered: bool,
    cut: Option<Cut>,
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
            bytes: [0xFF; SIZE],
            cells: [Cell::Erased; SIZE],
            rewrite: Rewrite::ClearsBits,
            powered: true,
            cut: None,
            faults: [Fault { calls_left: 0, times: 0 }; 3],
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
        let mut flash = Self::new();
        flash.bytes = *image;
        for (word, cell) in image.chunks(WORD).zip(&mut flash.cells) {
            if word.iter().any(|byte| *byte != 0xFF) {
                *cell = Cell::Programmed;
            }
        }
        flash
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
        self.cut = Some(Cut { steps_left: steps, torn });
    }

    /// Cuts power now, between two operations.
    pub const fn power_off(&mut self) {
        self.powered = false;
    }

    /// Gives power again and forgets a cut that has not come yet; torn words stay torn.
    pub const fn power_on(&mut self) {
        self.powered = true;
        self.cut = None;
    }

    /// Returns whether there is power.
    pub const fn is_powered(&self) -> bool {
        self.powered
    }

    /// Lets `calls` calls of an operation pass and the `times` after them fail, changing nothing.
    pub fn fail(&mut self, operation: Operation, calls: u32, times: u32) {
        if let Some(fault) = self.faults.get_mut(operation as usize) {
            *fault = Fault { calls_left: calls, times };
        }
    }

    /// Marks the word that holds `offset` as one whose error correction fails until it is erased.
    pub fn make_unreadable(&mut self, offset: u32) {
        let cell = usize::try_from(offset).ok().and_then(|at| self.cells.get_mut(at / WORD));
        if let Some(cell) = cell {
            *cell = Cell::Unreadable;
        }
    }

    /// Feeds what the cells hold and whether there is power.
    #[cfg(feature = "std")]
    pub(crate) fn hash_cells<H: core::hash::Hasher>(&self, hasher: &mut H) {
        hasher.write(&self.bytes);
        for cell in self.cells.iter().take(SIZE / WORD) {
            hasher.write_u8(*cell as u8);
        }
        hasher.write_u8(u8::from(self.powered));
    }

    fn read_bytes(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        self.counters.reads += 1;
        self.admit(Operation::Read)?;
        let at = self.checked(offset, bytes.len(), READ)?;
        let words = at / WORD..(at + bytes.len()).div_ceil(WORD);
        for index in words {
            if self.cells.get(index) == Some(&Cell::Unreadable) {
                return Err(FlashError::Unreadable { offset: (index * WORD) as u32 });
            }
        }
        if let Some(source) = self.bytes.get(at..at + bytes.len()) {
            bytes.copy_from_slice(source);
        }
        self.counters.bytes_read += bytes.len() as u32;
        Ok(())
    }

    fn write_bytes(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        self.counters.writes += 1;
        self.admit(Operation::Write)?;
        let at = self.checked(offset, bytes.len(), WORD)?;
        // A refused write changes no word at all, so that a test sees the state it had before.
        for (index, word) in (at / WORD..).zip(bytes.chunks(WORD)) {
            if !self.accepts(index, word) {
                return Err(FlashError::NotErased { offset: (index * WORD) as u32 });
            }
        }
        for (index, word) in (at / WORD..).zip(bytes.chunks(WORD)) {
            let torn = self.step();
            self.program(index, word, torn.unwrap_or(Torn::Whole));
            if torn.is_some() {
                return Err(FlashError::PowerLost);
            }
        }
        Ok(())
    }

    fn erase_range(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        self.counters.erases += 1;
        self.admit(Operation::Erase)?;
        let len = to.checked_sub(from).ok_or(FlashError::OutOfBounds)?;
        let len = usize::try_from(len).map_err(|_| FlashError::OutOfBounds)?;
        let at = self.checked(from, len, PAGE)?;
        for page in (at..at + len).step_by(PAGE) {
            let torn = self.step();
            self.erase_page(page, torn.unwrap_or(Torn::Whole));
            if torn.is_some() {
                return Err(FlashError::PowerLost);
            }
        }
        Ok(())
    }

    fn admit(&mut self, operation: Operation) -> Result<(), FlashError> {
        if !self.powered {
            return Err(FlashError::PowerLost);
        }
        if let Some(fault) = self.faults.get_mut(operation as usize)
            && fault.times > 0
        {
            if fault.calls_left == 0 {
                fault.times -= 1;
                return Err(FlashError::Injected);
            }
            fault.calls_left -= 1;
        }
        Ok(())
    }

    fn checked(&self, offset: u32, len: usize, unit: usize) -> Result<usize, FlashError> {
        let at = usize::try_from(offset).map_err(|_| FlashError::OutOfBounds)?;
        match at.checked_add(len) {
            Some(end) if end <= self.bytes.len() => {}
            _ => return Err(FlashError::OutOfBounds),
        }
        if at.is_multiple_of(unit) && len.is_multiple_of(unit) {
            Ok(at)
        } else {
            Err(FlashError::NotAligned)
        }
    }

    fn accepts(&self, index: usize, word: &[u8]) -> bool {
        let old = self.bytes.get(index * WORD..).unwrap_or_default();
        match (self.cells.get(index), self.rewrite) {
            (Some(Cell::Erased), _) => true,
            (Some(Cell::Programmed), Rewrite::ClearsBits) => {
                word.iter().zip(old).all(|(new, old)| new & !old == 0)
            }
            _ => false,
        }
    }

    /// Counts one step and returns how it is torn, where this is the one that loses power.
    fn step(&mut self) -> Option<Torn> {
        let cut = self.cut.as_mut()?;
        if cut.steps_left > 0 {
            cut.steps_left -= 1;
            return None;
        }
        let torn = cut.torn;
        self.power_off();
        Some(torn)
    }

    fn program(&mut self, index: usize, word: &[u8], torn: Torn) {
        if torn == Torn::Before {
            return;
        }
        self.counters.words += 1;
        let Some(cell) = self.cells.get_mut(index) else { return };
        if *cell == Cell::Programmed {
            self.counters.rewrites += 1;
        }
        *cell = if torn == Torn::Unreadable { Cell::Unreadable } else { Cell::Programmed };
        let bytes = self.bytes.iter_mut().skip(index * WORD);
        for (position, (byte, new)) in bytes.zip(word).enumerate() {
            *byte &= new | !torn.mask(position, WORD);
        }
    }

    fn erase_page(&mut self, page: usize, torn: Torn) {
        if torn == Torn::Before {
            return;
        }
        self.counters.pages += 1;
        for (position, byte) in self.bytes.iter_mut().skip(page).take(PAGE).enumerate() {
            *byte |= torn.mask(position, PAGE);
        }
        // A torn erase leaves cells that may look erased and are not: they refuse ECC writes.
        let state = match torn {
            Torn::Whole => Cell::Erased,
            Torn::Unreadable => Cell::Unreadable,
            _ => Cell::Programmed,
        };
        for cell in self.cells.iter_mut().skip(page / WORD).take(PAGE / WORD) {
            *cell = state;
        }
    }
}
