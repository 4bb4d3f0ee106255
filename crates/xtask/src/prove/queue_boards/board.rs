//! What differs between the boards.

use std::path::Path;
use std::process::Command;

use crate::packages::{Package, QEMU_ARM, QEMU_RISCV};
use crate::process::command;

/// Describes a board: how its firmware is built and run, and what its flash is like.
pub(super) struct Board {
    /// The proof's name, for files.
    pub(super) name: &'static str,
    /// Its folder, from the root of the repository.
    pub(super) folder: &'static str,
    pub(super) target: &'static str,
    pub(super) emulator: Package,
    /// The length of the file that holds the flash.
    pub(super) image_bytes: usize,
    /// The bytes of a page, and how many the queue has: as the firmware says.
    pub(super) page_bytes: u64,
    pub(super) pages: u64,
    pub(super) word_bytes: u32,
    /// The payloads that are recorded: a page shall hold some records, and be full soon.
    pub(super) shortest: u8,
    pub(super) longest: u8,
    /// How many words a cut may be away from the start of a life, where no page turn is waited for.
    pub(super) reach: u32,
    /// How many records the queue holds at most, and some more.
    pub(super) many: u32,
    pub(super) start: fn(&Path, &Path) -> Command,
}

pub(super) const AN385: Board = Board {
    name: "queue-an385",
    folder: "boards/mps2-an385",
    target: "thumbv7m-none-eabi",
    emulator: QEMU_ARM,
    // QEMU wants a file for the whole PSRAM, of which the first MiB is the flash.
    image_bytes: 16 << 20,
    page_bytes: 4 << 10,
    pages: 6,
    word_bytes: 4,
    shortest: 16,
    longest: 60,
    reach: 150,
    many: 1_000,
    start: an385,
};

pub(super) const RISCV: Board = Board {
    name: "queue-riscv",
    folder: "boards/riscv-virt",
    target: "riscv32imc-unknown-none-elf",
    emulator: QEMU_RISCV,
    image_bytes: 32 << 20,
    page_bytes: 256 << 10,
    pages: 6,
    word_bytes: 8,
    // A page of 256 KiB is full after some 1,100 of these.
    shortest: 200,
    longest: 245,
    reach: 600,
    many: 5_000,
    start: riscv,
};

impl Board {
    /// Returns how many records a page holds at most: 16 bytes are around each payload.
    pub(super) fn page_records(&self) -> u64 {
        self.page_bytes / (u64::from(self.shortest) + 16)
    }

    /// Returns how many words a record takes, of so many bytes of payload and 16 around them.
    pub(super) fn words(&self, payload: u8) -> u32 {
        (u32::from(payload) + 16).div_ceil(self.word_bytes)
    }

    /// Returns how many of the longest records an empty queue must have room for, over all
    /// priorities.
    ///
    /// One page stays free and one may be used up by what was released (`NorLog::capacity`); a third
    /// by what cuts tore, or by a second priority. Beside the payload a record takes 16 bytes, up to 7 to fill
    /// its last word, and a share of the header and the signs.
    pub(super) fn room(&self) -> u64 {
        let in_a_page = self.page_bytes / (u64::from(self.longest) + 24);
        (self.pages - 3) * in_a_page
    }
}

fn an385(firmware: &Path, image: &Path) -> Command {
    let mut qemu = command("qemu-system-arm");
    qemu.args(["-M", "mps2-an385,memory-backend=flash", "-object"]);
    let image = image.display();
    qemu.arg(format!("memory-backend-file,id=flash,size=16M,share=on,mem-path={image}"));
    qemu.args(["-nic", "user", "-kernel"]).arg(firmware);
    qemu
}

fn riscv(firmware: &Path, image: &Path) -> Command {
    let mut qemu = command("qemu-system-riscv32");
    // With a second flash bank QEMU 7.2 hands -kernel to a BIOS, and does not load it itself.
    qemu.args(["-M", "virt", "-m", "16M", "-nodefaults", "-bios"]).arg(firmware);
    qemu.arg("-drive").arg(format!("if=pflash,unit=1,format=raw,file={}", image.display()));
    qemu
}
