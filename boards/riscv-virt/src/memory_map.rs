//! Where the parts of `virt` are: the one file that turns an address into a pointer.
//!
//! QEMU 7.2, `hw/riscv/virt.c`, which is also what the device tree says (`-M virt,dumpdtb=FILE`).
#![expect(unsafe_code, reason = "registers are reached through pointers")]

/// Names the NS16550A, whose registers are a byte each.
pub(crate) const UART: Block = Block::new(0x1000_0000, 0x100);
/// Names the second bank of parallel NOR flash; the first would be booted from.
pub(crate) const FLASH: Block = Block::new(0x2200_0000, 0x200_0000);
/// Names the test device, which ends the emulator.
pub(crate) const TEST: Block = Block::new(0x0010_0000, 0x1000);

/// Holds a run of bytes outside what the compiler manages: registers, or the flash.
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
        let Some(address) = self.address(offset & !3) else { return 0 };
        // SAFETY: the address is aligned and lies in one of the blocks above. They are mapped on
        // this board, and the linker script gives the compiler none of them.
        unsafe { (address as *const u32).read_volatile() }
    }

    /// Writes the word that holds byte `offset`; does nothing past the end.
    pub(crate) fn write(self, offset: usize, value: u32) {
        let Some(address) = self.address(offset & !3) else { return };
        // SAFETY: as in `read`; and none of these devices masters the bus, so no value written
        // here changes memory that the compiler manages.
        unsafe { (address as *mut u32).write_volatile(value) }
    }

    /// Reads the byte `offset`; 0 past the end.
    pub(crate) fn read_byte(self, offset: usize) -> u8 {
        let Some(address) = self.address(offset) else { return 0 };
        // SAFETY: as in `read`; a byte is always aligned.
        unsafe { (address as *const u8).read_volatile() }
    }

    /// Writes the byte `offset`; does nothing past the end.
    pub(crate) fn write_byte(self, offset: usize, value: u8) {
        let Some(address) = self.address(offset) else { return };
        // SAFETY: as in `write`; a byte is always aligned.
        unsafe { (address as *mut u8).write_volatile(value) }
    }

    const fn address(self, offset: usize) -> Option<usize> {
        if offset < self.len_bytes { Some(self.base + offset) } else { None }
    }
}
