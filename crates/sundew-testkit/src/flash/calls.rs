//! What a call does: who refuses it, step by step what it changes, and where power ends it.

use super::{Defect, FlashError, Operation, SimFlash};
use crate::Torn;
use crate::supply::Fault;

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
    SimFlash<SIZE, PAGE, WORD, READ>
{
    pub(super) fn read_bytes(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        self.counters.reads += 1;
        self.admit(Operation::Read)?;
        let at = self.checked(offset, bytes.len(), READ)?;
        let words = at / WORD..(at + bytes.len()).div_ceil(WORD);
        for index in words {
            if self.cells.get(index).is_some_and(|cell| cell.is_unreadable()) {
                return Err(FlashError::Unreadable { offset: (index * WORD) as u32 });
            }
        }
        if let Some(source) = self.bytes.get(at..at + bytes.len()) {
            bytes.copy_from_slice(source);
        }
        self.counters.bytes_read += bytes.len() as u32;
        Ok(())
    }

    pub(super) fn write_bytes(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        self.counters.writes += 1;
        self.admit(Operation::Write)?;
        let at = self.checked(offset, bytes.len(), WORD)?;
        // A refused write changes no word at all, so that a test sees the state it had before.
        for (index, new) in (at / WORD..).zip(bytes.chunks(WORD)) {
            self.check_defect(index * WORD, Defect::ProgramFails)?;
            let rewrite = self.rewrite;
            if !self.word(index).is_some_and(|word| word.accepts(new, rewrite)) {
                return Err(FlashError::NotErased { offset: (index * WORD) as u32 });
            }
        }
        for (index, new) in (at / WORD..).zip(bytes.chunks(WORD)) {
            let torn = self.supply.step();
            self.program(index, new, torn.unwrap_or(Torn::Whole));
            if torn.is_some() {
                self.power_off();
                return Err(FlashError::PowerLost);
            }
        }
        Ok(())
    }

    pub(super) fn erase_range(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        self.counters.erases += 1;
        self.admit(Operation::Erase)?;
        let len = to.checked_sub(from).ok_or(FlashError::OutOfBounds)?;
        let len = usize::try_from(len).map_err(|_| FlashError::OutOfBounds)?;
        let at = self.checked(from, len, PAGE)?;
        for page in (at..at + len).step_by(PAGE) {
            self.check_defect(page, Defect::EraseFails)?;
            let torn = self.supply.step();
            self.erase_page(page, torn.unwrap_or(Torn::Whole));
            if torn.is_some() {
                self.power_off();
                return Err(FlashError::PowerLost);
            }
        }
        Ok(())
    }

    fn admit(&mut self, operation: Operation) -> Result<(), FlashError> {
        if !self.is_powered() {
            return Err(FlashError::PowerLost);
        }
        if self.faults.get_mut(operation as usize).is_some_and(Fault::strikes) {
            return Err(FlashError::Injected);
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

    fn check_defect(&self, at: usize, defect: Defect) -> Result<(), FlashError> {
        let page = at / PAGE * PAGE;
        if self.has_defect(page, defect) {
            return Err(FlashError::BadPage { offset: page as u32 });
        }
        Ok(())
    }

    fn has_defect(&self, page: usize, defect: Defect) -> bool {
        self.cells.get(page / WORD).is_some_and(|cell| cell.defect() == Some(defect))
    }

    fn program(&mut self, index: usize, new: &[u8], torn: Torn) {
        if torn == Torn::Before {
            return;
        }
        self.counters.words += 1;
        let ignored = self.has_defect(index * WORD / PAGE * PAGE, Defect::ProgramIgnored);
        let Some(mut word) = self.word(index) else { return };
        let is_again = !word.cell.is_erased();
        if !ignored {
            word.program(new, torn);
        }
        self.counters.rewrites += u32::from(is_again);
    }

    fn erase_page(&mut self, page: usize, torn: Torn) {
        if torn == Torn::Before {
            return;
        }
        self.counters.pages += 1;
        if self.has_defect(page, Defect::EraseIgnored) {
            return;
        }
        for position in (0..PAGE).step_by(WORD) {
            if let Some(mut word) = self.word((page + position) / WORD) {
                word.erase(torn, position, PAGE);
            }
        }
    }
}
