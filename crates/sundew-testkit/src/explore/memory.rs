//! What the explorer asks of a memory.

use core::fmt::Debug;
use core::hash::{Hash, Hasher};

use crate::{Reading, SimEeprom, SimFlash, Torn};

/// Is a memory that can lose power at any step, such as [`SimFlash`] or a model of your own part.
///
/// A *step* is the smallest thing that power can be lost in, such as the programming of one word.
pub trait Memory: Clone + Send + Sync {
    /// Names what a step does in which power is lost.
    type Tear: Copy + Debug + Send + Sync;

    /// Lists the tears that the explorer tries at each step.
    ///
    /// A step that was not begun and one that was finished without being reported are tears, too.
    fn tears(&self) -> impl IntoIterator<Item = Self::Tear>;

    /// Counts the steps since the memory was made; it may wrap.
    fn steps(&self) -> u32;

    /// Loses power in the step that follows `steps` whole ones, counted from now.
    ///
    /// From then on every call of a driver fails and changes nothing.
    fn cut_after(&mut self, steps: u32, tear: Self::Tear);

    /// Loses power between two steps.
    fn power_off(&mut self);

    /// Returns whether there is power.
    fn is_powered(&self) -> bool;

    /// Returns in how many ways the cells may read after the next start; 1 unless some hold
    /// neither a 0 nor a 1 that lasts.
    fn readings(&self) -> u32 {
        1
    }

    /// Gives power again; `reading` (below [`readings`](Self::readings)) says how such cells read
    /// until power is lost again. Forgets a cut that did not come.
    fn power_on(&mut self, reading: u32);

    /// Feeds all that decides what the memory will do: cells, whether there is power, and with it
    /// how cells read at present; no counters.
    fn fingerprint<H: Hasher>(&self, hasher: &mut H);
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> Memory
    for SimFlash<SIZE, PAGE, WORD, READ>
{
    type Tear = Torn;

    fn tears(&self) -> impl IntoIterator<Item = Torn> {
        [
            Torn::Before,
            Torn::FirstHalf,
            Torn::LastHalf,
            Torn::Bits(0x55),
            Torn::Random(1),
            Torn::Programmed,
            Torn::Erased,
            Torn::Unreadable,
            Torn::Metastable,
            Torn::Whole,
        ]
    }

    fn steps(&self) -> u32 {
        self.counters().steps()
    }

    fn cut_after(&mut self, steps: u32, tear: Torn) {
        Self::cut_after(self, steps, tear);
    }

    fn power_off(&mut self) {
        Self::power_off(self);
    }

    fn is_powered(&self) -> bool {
        Self::is_powered(self)
    }

    fn readings(&self) -> u32 {
        readings(self.is_metastable())
    }

    fn power_on(&mut self, reading: u32) {
        self.power_on_reading(numbered(reading));
    }

    fn fingerprint<H: Hasher>(&self, hasher: &mut H) {
        self.hash(hasher);
    }
}

impl<const SIZE: usize> Memory for SimEeprom<SIZE> {
    type Tear = Torn;

    /// Lists what a byte of an 8-bit AVR may be: it has no error correction.
    fn tears(&self) -> impl IntoIterator<Item = Torn> {
        [
            Torn::Before,
            Torn::FirstHalf,
            Torn::Bits(0x55),
            Torn::Random(1),
            Torn::Erased,
            Torn::Metastable,
            Torn::Whole,
        ]
    }

    fn steps(&self) -> u32 {
        Self::steps(self)
    }

    fn cut_after(&mut self, steps: u32, tear: Torn) {
        Self::cut_after(self, steps, tear);
    }

    fn power_off(&mut self) {
        Self::power_off(self);
    }

    fn is_powered(&self) -> bool {
        Self::is_powered(self)
    }

    fn readings(&self) -> u32 {
        readings(self.is_metastable())
    }

    fn power_on(&mut self, reading: u32) {
        self.power_on_reading(numbered(reading));
    }

    fn fingerprint<H: Hasher>(&self, hasher: &mut H) {
        self.hash(hasher);
    }
}

/// Old, new and two mixes: more mixes find more states of the cells, and no more kinds of them.
const fn readings(is_metastable: bool) -> u32 {
    if is_metastable { 4 } else { 1 }
}

const fn numbered(reading: u32) -> Reading {
    match reading {
        0 => Reading::Old,
        1 => Reading::New,
        seed => Reading::Mixed(seed),
    }
}
