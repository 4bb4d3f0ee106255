//! The drill of the retry queue (`examples/queue_drill`) on the board's flash; the order is the
//! first line that comes in on the console, and `cargo prove queue-an385` gives it.
#![no_std]
#![no_main]

use core::fmt::{self, Write as _};
use core::ops::Range;

use board::console::Console;
use board::flash::{self, Error, Flash};
use board::semihosting::{self, Verdict};
use board::{Board, clock};
use queue_drill::{Board as _, Line, Order};
use sundew::core::Region;
use sundew::store::log::NorLog;

/// Few enough that the pages come round again every some hundred records.
const QUEUE: Region = Region::new(0, 6 * flash::PAGE);

#[cortex_m_rt::entry]
fn main() -> ! {
    let Some(Ok(board)) = Board::take() else { semihosting::exit(Verdict::Failed) };
    Terminal.tell(Line::Ready);
    let line = Console::new().read_line::<256>(clock::idle);
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
            clock::idle();
        }
    }
}
