//! The drill of the retry queue (`examples/queue_drill`) on the board's flash; the order is the
//! first line that comes in on the console, and `cargo prove queue-riscv` gives it.
#![no_std]
#![no_main]

use core::fmt::{self, Write as _};
use core::ops::Range;

use board::Board;
use board::console::Console;
use board::flash::{self, Error, Flash};
use board::test_device::{self, Verdict};
use queue_drill::{Board as _, Line, Order};
use sundew_core::Region;
use sundew_store::log::NorLog;

/// A page for each priority, one that is two more that stay free, and one.
const QUEUE: Region = Region::new(0, 6 * flash::PAGE);

#[riscv_rt::entry]
fn main() -> ! {
    let Some(Ok(board)) = Board::take() else { test_device::exit(Verdict::Failed) };
    Terminal.tell(Line::Ready);
    let line = Console::new().read_line::<256>();
    let Ok(order) = line.parse::<Order>() else {
        Terminal.tell(Line::Fault("no order"));
        Terminal.halt()
    };
    queue_drill::run(board.flash, &Terminal, NorLog::new(QUEUE), order)
}

struct Terminal;

impl queue_drill::Board for Terminal {
    type Flash = Flash;

    fn erase_in_part(flash: &mut Flash, range: Range<u32>) -> Result<(), Error> {
        flash.erase_in_part(range)
    }

    fn print(&self, text: fmt::Arguments<'_>) {
        // The console cannot fail.
        let _ = Console::new().write_fmt(text);
    }

    fn halt(&self) -> ! {
        loop {
            core::hint::spin_loop();
        }
    }
}
