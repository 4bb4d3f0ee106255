//! The life of a device: show what is held, then record, read and acknowledge until the power goes.

use core::fmt;
use core::ops::Range;

use embedded_storage::nor_flash::{ErrorType, NorFlash};
use sundew_queue::{Cursor, Error, Mark, Priority, Queue, Record};
use sundew_store::log::Log;

use crate::cutter::Cutter;
use crate::line::{Line, Named, Shown};
use crate::order::{Habit, Order};
use crate::sample::{LONGEST, Sample, mixed};

/// Says what the drill asks of a board.
pub trait Board {
    /// Is the driver of the flash.
    type Flash: NorFlash;

    /// Sets all bits of a range within one page, as an erase does that loses its power there.
    ///
    /// # Errors
    ///
    /// Returns what the driver says.
    fn erase_in_part(
        flash: &mut Self::Flash,
        range: Range<u32>,
    ) -> Result<(), <Self::Flash as ErrorType>::Error>;

    /// Writes a line, and returns when it has left the device.
    fn print(&self, text: fmt::Arguments<'_>);

    /// Stands still for ever.
    fn halt(&self) -> !;

    /// Tells a line.
    fn tell(&self, line: Line<'_>) {
        self.print(format_args!("{line}\n"));
    }
}

/// Lives as `order` says, with a queue on `log` in `flash`, until the power goes.
///
/// # Blocking time
///
/// For ever: the end is a cut, the end of the emulator, or [`Board::halt`].
pub fn run<'b, B, L>(flash: B::Flash, board: &'b B, log: L, order: Order) -> !
where
    B: Board,
    L: Log<Cutter<'b, B>>,
{
    let flash = Cutter::new(flash, board, order.cut);
    let queue = Queue::new(log, order.when_full);
    let mut device = Device { flash, queue, board, order, number: order.first, draws: order.seed };
    match device.live() {
        Ok(()) => board.tell(Line::Ended),
        Err(what) => board.tell(Line::Fault(what)),
    }
    board.halt()
}

struct Device<'b, B: Board, L> {
    flash: Cutter<'b, B>,
    queue: Queue<L>,
    board: &'b B,
    order: Order,
    /// The number of the next record.
    number: u32,
    draws: u32,
}

/// What ends a life before its time; nothing of it may happen on a flash that is sound.
type Fault = &'static str;

/// The last mark of each priority that a reader came by, highest first.
type Reached = [(Priority, Option<(Mark, u32)>); 3];

impl<'b, B, L> Device<'b, B, L>
where
    B: Board,
    L: Log<Cutter<'b, B>>,
{
    fn live(&mut self) -> Result<(), Fault> {
        if self.queue.open(&mut self.flash, self.order.boot).is_err() {
            return Err("the queue does not open");
        }
        self.read(u32::MAX, Line::Held)?;
        self.board.tell(Line::Opened);
        let mut left = self.order.calls;
        while left != Some(0) {
            left = left.map(|calls| calls - 1);
            let erases = self.flash.erases();
            if self.draw(100) < u32::from(self.order.deliveries) {
                self.deliver()?;
            } else {
                self.record()?;
                if self.flash.erases().wrapping_sub(erases) > 1 {
                    return Err("more than one erase in a call");
                }
            }
        }
        Ok(())
    }

    fn record(&mut self) -> Result<(), Fault> {
        let Order { shortest, longest, habit, .. } = self.order;
        let number = self.number;
        self.number = number.wrapping_add(1);
        let more = self.draw(u32::from(longest.saturating_sub(shortest)) + 1);
        let sample = Sample { number, len: shortest.saturating_add(more as u8) };
        let mut buffer = [0; LONGEST];
        let (payload, class) = (sample.payload(&mut buffer), sample.class());
        let record = Named { priority: class.priority, number };
        self.board.tell(Line::Record { record, len: payload.len() as u8 });
        let before = self.queue.counters();
        if habit == Habit::Early {
            // The queue numbers from 0 in each boot, so the name is known before.
            let position =
                sundew_queue::Position { boot: self.order.boot, sequence: before.recorded };
            self.board.tell(Line::Recorded { position, dropped: 0 });
        }
        match self.queue.record(&mut self.flash, sample.stamp(), class, payload) {
            Ok(position) => {
                let dropped = self.queue.counters().dropped.wrapping_sub(before.dropped);
                let dropped = if habit == Habit::NoDrop { 0 } else { dropped };
                if habit != Habit::Early {
                    self.board.tell(Line::Recorded { position, dropped });
                }
                Ok(())
            }
            Err(Error::Full) => {
                self.board.tell(Line::Refused);
                Ok(())
            }
            Err(_) => Err("a record could not be written"),
        }
    }

    /// Reads some records from the oldest on, and acknowledges what was read, priority by priority.
    fn deliver(&mut self) -> Result<(), Fault> {
        self.board.tell(Line::Reading);
        let most = 1 + self.draw(u32::from(self.order.window));
        let reached = self.read(most, Line::Seen)?;
        // Now and then the delivery comes to nothing, and the same is read again later.
        if self.draw(8) == 0 {
            return Ok(());
        }
        for (priority, last) in reached {
            let Some((mark, number)) = last else { continue };
            self.board.tell(Line::Ack(Named { priority, number }));
            if self.order.habit == Habit::NoAck {
                self.board.tell(Line::Acked);
                continue;
            }
            let erases = self.flash.erases();
            self.flash.acking();
            match self.queue.ack(&mut self.flash, mark) {
                Ok(()) => self.board.tell(Line::Acked),
                Err(Error::Full) => self.board.tell(Line::AckPassedBy),
                Err(_) => return Err("an acknowledgement could not be written"),
            }
            if self.flash.erases().wrapping_sub(erases) > 1 {
                return Err("more than one erase in a call");
            }
        }
        Ok(())
    }

    /// Tells up to `most` records from the oldest of the highest priority on.
    fn read(&mut self, most: u32, tell: fn(Shown) -> Line<'static>) -> Result<Reached, Fault> {
        let (mut cursor, mut buffer) = (Cursor::default(), [0; u8::MAX as usize]);
        let mut reached =
            [Priority::High, Priority::Normal, Priority::Low].map(|line| (line, None));
        for _ in 0..most {
            let Ok(found) = self.queue.peek(&mut self.flash, &mut cursor, &mut buffer) else {
                return Err("a record cannot be read");
            };
            let Some(record) = found else {
                self.board.tell(Line::Drained);
                break;
            };
            let Some(shown) = shown(&record) else { return Err("a record of nobody") };
            self.board.tell(tell(shown));
            for (priority, last) in &mut reached {
                if *priority == record.priority {
                    *last = Some((record.mark, shown.record.number));
                }
            }
        }
        Ok(reached)
    }

    /// Returns a number below `below`, which is not 0.
    fn draw(&mut self, below: u32) -> u32 {
        self.draws = self.draws.wrapping_add(0x9E37_79B9);
        mixed(self.draws).checked_rem(below).unwrap_or(0)
    }
}

fn shown(record: &Record<'_>) -> Option<Shown> {
    let sample = Sample::of(record.payload)?;
    Some(Shown {
        record: Named { priority: record.priority, number: sample.number },
        len: sample.len,
        sum: Sample::sum(record.stamp, record.effort, record.payload),
        position: record.position,
    })
}
