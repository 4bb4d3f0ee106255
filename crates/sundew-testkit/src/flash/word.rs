//! One word of flash: what programming and erasing make of it, whole or torn.

use super::{Defect, Rewrite};
use crate::{Reading, Torn};

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Erased = 0,
    Programmed = 1,
    Unreadable = 2,
    /// Some bits waver between erased (the old value) and programmed (the new one).
    TornWord = 3,
    /// Some bits waver between programmed (the old value) and erased (the new one).
    TornPage = 4,
}

/// Holds the state of a word and, in the first word of a page, what is wrong with the page.
#[derive(Clone, Copy)]
pub(super) struct Cell(u8);

impl Cell {
    pub(super) const ERASED: Self = Self(State::Erased as u8);
    pub(super) const PROGRAMMED: Self = Self(State::Programmed as u8);
    const STATE: u8 = 0x0F;

    const fn state(self) -> State {
        match self.0 & Self::STATE {
            0 => State::Erased,
            1 => State::Programmed,
            2 => State::Unreadable,
            3 => State::TornWord,
            _ => State::TornPage,
        }
    }

    const fn set(&mut self, state: State) {
        self.0 = self.0 & !Self::STATE | state as u8;
    }

    pub(super) fn is_erased(self) -> bool {
        self.state() == State::Erased
    }

    pub(super) fn is_unreadable(self) -> bool {
        self.state() == State::Unreadable
    }

    pub(super) fn is_metastable(self) -> bool {
        matches!(self.state(), State::TornWord | State::TornPage)
    }

    pub(super) const fn defect(self) -> Option<Defect> {
        match self.0 & !Self::STATE {
            0x10 => Some(Defect::EraseFails),
            0x20 => Some(Defect::ProgramFails),
            0x30 => Some(Defect::EraseIgnored),
            0x40 => Some(Defect::ProgramIgnored),
            _ => None,
        }
    }

    pub(super) const fn set_defect(&mut self, defect: Defect) {
        let bits = match defect {
            Defect::EraseFails => 0x10,
            Defect::ProgramFails => 0x20,
            Defect::EraseIgnored => 0x30,
            Defect::ProgramIgnored => 0x40,
        };
        self.0 = self.0 & Self::STATE | bits;
    }

    /// Returns all there is to know, for a fingerprint.
    pub(super) const fn bits(self) -> u8 {
        self.0
    }
}

/// Lends one word: its state, its bytes and which of their bits waver.
pub(super) struct Word<'a> {
    pub(super) cell: &'a mut Cell,
    pub(super) bytes: &'a mut [u8],
    pub(super) unstable: &'a mut [u8],
    /// What turns the part's polarity into the one used here, where erased bits are 1.
    pub(super) flip: u8,
    /// The offset in the flash, in bytes.
    pub(super) at: usize,
}

impl Word<'_> {
    /// Returns whether the part takes `new` here.
    pub(super) fn accepts(&self, new: &[u8], rewrite: Rewrite) -> bool {
        let clears = || {
            let mut pairs = new.iter().zip(&*self.bytes);
            pairs.all(|(new, held)| (new ^ self.flip) & !(held ^ self.flip) == 0)
        };
        match (self.cell.state(), rewrite) {
            (State::Erased, _) => true,
            (State::Unreadable, _) | (_, Rewrite::Refused) => false,
            (_, Rewrite::ClearsBits) => clears(),
        }
    }

    /// Marks the word as one whose error correction fails until it is erased.
    pub(super) fn spoil(&mut self) {
        self.unstable.fill(0);
        self.cell.set(State::Unreadable);
    }

    pub(super) fn program(&mut self, new: &[u8], torn: Torn) {
        if torn == Torn::Unreadable {
            return self.spoil();
        }
        let len = self.bytes.len();
        let mut wavers = false;
        let held = self.bytes.iter_mut().zip(&mut *self.unstable);
        for (position, ((byte, unstable), new)) in held.zip(new).enumerate() {
            let wanted = !(new ^ self.flip);
            let programmed = match torn {
                Torn::Programmed => 0xFF,
                _ => wanted & torn.mask(position, len, self.at + position),
            };
            *unstable &= !programmed;
            if torn == Torn::Metastable {
                let open = wanted & (*byte ^ self.flip);
                *unstable |= open;
                wavers |= open != 0;
            }
            *byte = (*byte ^ self.flip) & !programmed ^ self.flip;
        }
        self.note(if wavers { State::TornWord } else { State::Programmed });
    }

    /// Erases the word as part of its page, in which it begins at `position` of `page` bytes.
    pub(super) fn erase(&mut self, torn: Torn, position: usize, page: usize) {
        if torn == Torn::Unreadable {
            return self.spoil();
        }
        let mut wavers = false;
        for (index, (byte, unstable)) in self.bytes.iter_mut().zip(&mut *self.unstable).enumerate()
        {
            let held = *byte ^ self.flip;
            let (left, settled) = match torn {
                Torn::Programmed => (0, 0xFF),
                Torn::Erased => (0xFF, 0xFF),
                _ => {
                    let mask = torn.mask(position + index, page, self.at + index);
                    (held | mask, mask)
                }
            };
            *unstable &= !settled;
            if torn == Torn::Metastable {
                *unstable |= !held;
                wavers |= *unstable != 0;
            }
            *byte = left ^ self.flip;
        }
        // A torn erase leaves cells that may look erased and are not: they refuse ECC writes.
        match torn {
            Torn::Whole => self.cell.set(State::Erased),
            _ if wavers => self.note(State::TornPage),
            _ => self.note(State::Programmed),
        }
    }

    /// Gives the wavering bits the values that they read as until the next power-on.
    pub(super) fn settle(&mut self, reading: Reading, page: usize) {
        let (is_page, page) = match self.cell.state() {
            State::TornWord => (false, None),
            State::TornPage => (true, Some(page)),
            _ => return,
        };
        for (index, (byte, unstable)) in self.bytes.iter_mut().zip(&*self.unstable).enumerate() {
            let new = reading.new_bits(page, self.at, self.at + index);
            // What an erase makes is ones, what programming makes is zeros.
            let ones = if is_page { new } else { !new };
            *byte = ((*byte ^ self.flip) & !unstable | ones & unstable) ^ self.flip;
        }
    }

    /// Sets the state, but keeps what an earlier tear left where some of its bits still waver.
    fn note(&mut self, state: State) {
        let keeps = state == State::Programmed
            && self.cell.is_metastable()
            && self.unstable.iter().any(|bits| *bits != 0);
        if !keeps {
            self.cell.set(state);
        }
    }
}
