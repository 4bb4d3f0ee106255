//! A device with embassy-boot's bootloader and its client in one simulated flash.

use std::cell::RefCell;

use embassy_boot::{
    BlockingFirmwareState, BootError, BootLoader, BootLoaderConfig, FirmwareUpdaterError, State,
};
use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
use sundew_testkit::{FlashError, Rewrite, SimFlash};

pub(crate) const WORD: usize = 8;
/// Pages of the state: two, so that its erase can be cut between them.
const STATE_PAGES: usize = 2;

pub(crate) type Flash<const SIZE: usize, const PAGE: usize> = SimFlash<SIZE, PAGE, WORD>;

/// What is broken on purpose, so that the proof can show that it notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// The progress of a swap is never written.
    ForgetsProgress,
    /// Words may be programmed twice even where the model says that they may not.
    AllowsRewrite,
}

/// What stands in the active partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Image {
    Old,
    New,
    Mixed,
}

/// The firmware: a bootloader, and an application that calls its client.
///
/// The flash holds the state, the active partition and one page more for the update, in this order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Device<const SIZE: usize, const PAGE: usize> {
    pub(crate) mutant: Option<Mutant>,
}

impl<const SIZE: usize, const PAGE: usize> Device<SIZE, PAGE> {
    const PAGES: usize = (SIZE / PAGE - STATE_PAGES - 1) / 2;
    const ACTIVE: usize = STATE_PAGES * PAGE;
    const DFU: usize = Self::ACTIVE + Self::PAGES * PAGE;

    /// Returns a flash with the old image in place and the new one downloaded.
    pub(crate) fn downloaded(self, rewrite: Rewrite) -> Flash<SIZE, PAGE> {
        let mut image = [0xFF; SIZE];
        let active = (Self::ACTIVE..Self::DFU).zip(Self::bytes(Image::Old));
        let update = (Self::DFU..SIZE).zip(Self::bytes(Image::New));
        for (at, byte) in active.chain(update) {
            if let Some(held) = image.get_mut(at) {
                *held = byte;
            }
        }
        let allows = self.mutant == Some(Mutant::AllowsRewrite);
        let rewrite = if allows { Rewrite::ClearsBits } else { rewrite };
        Flash::new().with_image(&image).with_rewrite(rewrite)
    }

    /// Does what the bootloader does at each start.
    pub(crate) fn boot(self, flash: &mut Flash<SIZE, PAGE>) -> Result<State, BootError> {
        let flash = RefCell::new(flash);
        let mut loader = BootLoader::new(BootLoaderConfig {
            state: self.state(&flash),
            active: part(&flash, Self::ACTIVE, Self::DFU),
            dfu: part(&flash, Self::DFU, SIZE),
        });
        loader.prepare_boot(&mut [0; PAGE])
    }

    /// Does what the application does to have the update swapped in at the next start.
    pub(crate) fn request(self, flash: &mut Flash<SIZE, PAGE>) -> Result<(), FirmwareUpdaterError> {
        let flash = RefCell::new(flash);
        BlockingFirmwareState::new(self.state(&flash), &mut [0; WORD]).mark_updated()
    }

    /// Does what the application does to keep the update.
    pub(crate) fn confirm(self, flash: &mut Flash<SIZE, PAGE>) -> Result<(), FirmwareUpdaterError> {
        let flash = RefCell::new(flash);
        BlockingFirmwareState::new(self.state(&flash), &mut [0; WORD]).mark_booted()
    }

    /// Returns which image would run.
    pub(crate) fn image(flash: &mut Flash<SIZE, PAGE>) -> Image {
        let mut found = vec![0; Self::DFU - Self::ACTIVE];
        if flash.read(Self::ACTIVE as u32, &mut found).is_err() {
            return Image::Mixed;
        }
        let is = |image| found.iter().copied().eq(Self::bytes(image));
        match () {
            () if is(Image::Old) => Image::Old,
            () if is(Image::New) => Image::New,
            () => Image::Mixed,
        }
    }

    fn state<'a>(
        self,
        flash: &'a RefCell<&'a mut Flash<SIZE, PAGE>>,
    ) -> Part<'a, Flash<SIZE, PAGE>> {
        let forgets = self.mutant == Some(Mutant::ForgetsProgress);
        Part { forgets_from: forgets.then_some(2 * WORD as u32), ..part(flash, 0, Self::ACTIVE) }
    }

    /// Every byte says where it stands and to which image it belongs; none is 0xFF.
    fn bytes(image: Image) -> impl Iterator<Item = u8> {
        let tag = if image == Image::New { 0x80 } else { 0 };
        (0..Self::PAGES * PAGE).map(move |at| tag | (at % 127) as u8)
    }
}

/// A part of the flash, as the bootloader and its client are given it.
struct Part<'a, F> {
    flash: &'a RefCell<&'a mut F>,
    start: usize,
    end: usize,
    forgets_from: Option<u32>,
}

fn part<'a, F>(flash: &'a RefCell<&'a mut F>, start: usize, end: usize) -> Part<'a, F> {
    Part { flash, start, end, forgets_from: None }
}

impl<F> ErrorType for Part<'_, F> {
    type Error = FlashError;
}

impl<F: NorFlash<Error = FlashError>> ReadNorFlash for Part<'_, F> {
    const READ_SIZE: usize = F::READ_SIZE;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        self.flash.borrow_mut().read(self.start as u32 + offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.end - self.start
    }
}

impl<F: NorFlash<Error = FlashError>> NorFlash for Part<'_, F> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        let start = self.start as u32;
        self.flash.borrow_mut().erase(start + from, start + to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        if self.forgets_from.is_some_and(|from| offset >= from) {
            return Ok(());
        }
        self.flash.borrow_mut().write(self.start as u32 + offset, bytes)
    }
}
