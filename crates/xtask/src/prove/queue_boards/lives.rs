//! What each life is ordered to do, and when it ends.

use std::time::Duration;

use queue_drill::{Cut, From, Habit, Order, Tear};
use sundew_queue::WhenFull;

use super::board::Board;
use super::machine::{Kill, Moment};
use crate::demo::Choices;

/// Holds one life.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) order: Order,
    pub(super) kill: Kill,
}

/// Makes up lives: of nine, three are cut around a page turn, two in acknowledgements, one where a
/// record comes to be, one anywhere, and two are killed from outside.
pub(super) struct Lives<'b> {
    board: &'b Board,
    habit: Habit,
    begun: u32,
    turns: u32,
    acks: u32,
    records: u32,
    boot: u16,
}

/// The words behind an erase that are swept: a header of 6 words (of 3, where they have 8 bytes), and
/// an acknowledgement or the first words of a record.
const TURN_STEPS: u32 = 9;
/// The words of an acknowledgement, and one of what follows.
const ACK_STEPS: u32 = 3;
/// The last two words of a record, and the first of what follows.
const RECORD_STEPS: u32 = 3;
/// Kills from outside come within so many lines.
const LINES: u64 = 120;
/// Two lines are some 50 us (16 bytes) to 1 ms (a page erase, a long record) apart.
const AFTER_MICROS: u64 = 500;

impl<'b> Lives<'b> {
    pub(super) fn new(board: &'b Board, habit: Habit) -> Self {
        Self { board, habit, begun: 0, turns: 0, acks: 0, records: 0, boot: 0 }
    }

    /// Returns the next life, which starts with record `first`.
    pub(super) fn next(&mut self, choices: &mut Choices, first: u32) -> Life {
        let mut order = self.order(first);
        order.seed = u32::try_from(choices.below(1 << 32)).unwrap_or(0);
        let records = self.board.page_records();
        // From an outage, in which the queue fills up, to a line that takes more than comes.
        (order.deliveries, order.window) = match choices.below(5) {
            0 | 1 => (0, 1),
            2 => (4, draw(choices, records)),
            3 => (20, 8),
            _ => (20, draw(choices, 2 * records)),
        };
        if order.deliveries > 0 && choices.below(3) == 0 {
            order.when_full = WhenFull::RefuseNew;
        }
        let kind = self.begun % 9;
        self.begun += 1;
        let kill = match kind {
            0 | 3 | 6 => {
                // Every other cut is in the erase itself: where it ends in the page is drawn.
                let (step, tear) = swept(self.turns / 2, TURN_STEPS);
                let steps = if self.turns.is_multiple_of(2) { 0 } else { 1 + step };
                self.turns += 1;
                order.cut = Some(Cut { from: From::Erase(1), steps, tear });
                Kill::Halted
            }
            1 | 4 => {
                let (steps, tear) = swept(self.acks, ACK_STEPS);
                self.acks += 1;
                order.deliveries = order.deliveries.max(10);
                let from = From::Ack(1 + draw::<u16>(choices, 6));
                order.cut = Some(Cut { from, steps, tear });
                Kill::Halted
            }
            2 => {
                // Records of one length only, so that the end of one can be counted to.
                (order.deliveries, order.shortest) = (0, order.longest);
                let (step, tear) = swept(self.records, RECORD_STEPS);
                self.records += 1;
                let words = self.board.words(order.longest);
                let steps = (1 + draw::<u32>(choices, 8)) * words - 2 + step;
                order.cut = Some(Cut { from: From::Start, steps, tear });
                Kill::Halted
            }
            5 => {
                let steps = draw(choices, u64::from(self.board.reach));
                let (_, tear) = swept(draw(choices, 5), 1);
                order.cut = Some(Cut { from: From::Start, steps, tear });
                Kill::Halted
            }
            _ => {
                let lines = draw(choices, LINES);
                let after = Duration::from_micros(choices.below(AFTER_MICROS));
                let moment = Moment { lines, after };
                let is_early = choices.below(8) == 0;
                if is_early { Kill::Starting(moment) } else { Kill::Working(moment) }
            }
        };
        Life { order, kill }
    }

    /// Returns a life that reads and acknowledges all there is.
    pub(super) fn empty(&mut self, first: u32) -> Life {
        let order =
            Order { deliveries: 100, window: u16::MAX, calls: Some(12), ..self.order(first) };
        Life { order, kill: Kill::Halted }
    }

    /// Returns a life that fills the queue and drops nothing.
    pub(super) fn fill(&mut self, first: u32) -> Life {
        let order = Order {
            deliveries: 0,
            when_full: WhenFull::RefuseNew,
            shortest: self.board.longest,
            calls: Some(self.board.many),
            ..self.order(first)
        };
        Life { order, kill: Kill::Halted }
    }

    fn order(&mut self, first: u32) -> Order {
        self.boot += 1;
        Order {
            boot: self.boot,
            first,
            // Where nothing ends it sooner: a queue that is full and refuses erases no more.
            calls: Some(2 * self.board.many),
            shortest: self.board.shortest,
            longest: self.board.longest,
            habit: self.habit,
            ..Order::default()
        }
    }
}

/// Returns the so manyth pair of a step and a way to tear it, over and over.
fn swept(number: u32, steps: u32) -> (u32, Tear) {
    let ways = Tear::ALL.len() as u32;
    let way = Tear::ALL.into_iter().nth((number % ways) as usize);
    (number / ways % steps, way.unwrap_or(Tear::Before))
}

fn draw<N: TryFrom<u64> + Default>(choices: &mut Choices, below: u64) -> N {
    N::try_from(choices.below(below)).unwrap_or_default()
}
