//! Where the parts of the AN385 are: the one file that turns an address into a pointer.
//!
//! Application note AN385 (Arm DAI 0385), table 3-1 and chapter 4.
#![expect(unsafe_code, reason = "registers are reached through pointers")]

/// Names the bit-bang I2C port of the second shield connector: the one QEMU calls `i2c`.
pub(crate) const I2C: Block = Block::new(0x4002_A000, 0x8);
/// Names the SMSC LAN9118.
pub(crate) const ETHERNET: Block = Block::new(0x4020_0000, 0x100);
/// Names the first 1 MiB of the 16 MiB PSRAM, which the emulator backs with a file.
pub(crate) const PSRAM: Block = Block::new(0x2100_0000, 0x10_0000);
/// Names UART 0 (CMSDK APB UART).
pub(crate) const UART: Block = Block::new(0x4000_4000, 0x20);
/// Names the CMSDK APB watchdog.
pub(crate) const WATCHDOG: Block = Block::new(0x4000_8000, 0xC04);

/// Holds a run of 32-bit words outside what the compiler manages: registers, or the PSRAM.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    base: usize,
    len_bytes: usize,
}

impl Block {
    // Private: only the constants above make blocks, and that is what the SAFETY comments lean on.
    const fn new(base: usize, len_bytes: usize) -> Self {
        assert!(base.is_multiple_of(4) && len_bytes.is_multiple_of(4));
        Self { base, len_bytes }
    }

    /// Returns the length in bytes.
    pub(crate) const fn len_bytes(self) -> usize {
        self.len_bytes
    }

    /// Reads the word that holds byte `offset`; 0 past the end.
    pub(crate) fn read(self, offset: usize) -> u32 {
        let Some(address) = self.address(offset) else { return 0 };
        // SAFETY: the address is aligned and lies in one of the blocks above. They are mapped on
        // this board, and the linker script gives the compiler none of them.
        unsafe { (address as *const u32).read_volatile() }
    }

    /// Writes the word that holds byte `offset`; does nothing past the end.
    pub(crate) fn write(self, offset: usize, value: u32) {
        let Some(address) = self.address(offset) else { return };
        // SAFETY: as in `read`; and none of these devices masters the bus, so no value written
        // here changes memory that the compiler manages.
        unsafe { (address as *mut u32).write_volatile(value) }
    }

    const fn address(self, offset: usize) -> Option<usize> {
        if offset < self.len_bytes { Some(self.base + (offset & !3)) } else { None }
    }
}
