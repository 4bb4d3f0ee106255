//! What a life is told at its start: one line, `order` and words of the form `name=value`.

use core::fmt;
use core::str::FromStr;

use sundew_queue::WhenFull;

/// Says what the device does with its life. The host writes it with `Display` and the firmware
/// reads it with `parse`.
///
/// ```
/// use queue_drill::{Cut, From, Order, Tear};
///
/// let cut = Cut { from: From::Erase(1), steps: 3, tear: Tear::Prefix };
/// let order = Order { boot: 7, cut: Some(cut), ..Order::default() };
/// assert_eq!(order.to_string().parse(), Ok(order));
/// assert!("order boot=70000".parse::<Order>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "whoever gives an order fills all of it")]
pub struct Order {
    /// Holds the number of the boot, which the queue puts in each record.
    pub boot: u16,
    /// Holds the number of the first record.
    pub first: u32,
    /// Holds the start of the choices: what comes after what.
    pub seed: u32,
    /// Ends the life after so many calls, for one that shall not be cut.
    pub calls: Option<u32>,
    /// Holds the length of the shortest payload in bytes.
    pub shortest: u8,
    /// Holds the length of the longest payload in bytes.
    pub longest: u8,
    /// Holds how many of a hundred choices deliver; the rest record.
    pub deliveries: u8,
    /// Holds how many records one delivery takes at most.
    pub window: u16,
    /// Says what the queue does when it is full.
    pub when_full: WhenFull,
    /// Says when the power goes; `None` leaves it to whoever gave the order.
    pub cut: Option<Cut>,
    /// Says whether the device tells the truth.
    pub habit: Habit,
}

/// Says when the power goes: counted in steps, of which a word programmed is one, and a page erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "whoever orders a cut fills all of it")]
pub struct Cut {
    /// Says where counting starts.
    pub from: From,
    /// Holds the steps that are done before the one that is cut.
    pub steps: u32,
    /// Says what becomes of the step that is cut.
    pub tear: Tear,
}

/// Says where steps are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the firmware knows all of them")]
pub enum From {
    /// Counts from the start of the life.
    Start,
    /// Counts from the so manyth erase, which is step 0; the first is 1.
    Erase(u16),
    /// Counts from the so manyth acknowledgement, whose first step is step 0; the first is 1.
    Ack(u16),
}

/// Says what the step in which the power goes leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the firmware does all of them")]
pub enum Tear {
    /// Leaves all as it was.
    Before,
    /// Leaves the first part done.
    Prefix,
    /// Leaves the last part done.
    Suffix,
    /// Leaves bits of a word at random, or a page with zeros strewn over it.
    Noise,
    /// Leaves all done, and nobody told.
    After,
}

/// Says whether the device tells the truth; all but the first are lies that a judge must notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the firmware has all of them")]
pub enum Habit {
    /// Tells what was done after it was done.
    Honest,
    /// Says `recorded` before it is.
    Early,
    /// Says `acked` and does nothing.
    NoAck,
    /// Says that nothing was dropped.
    NoDrop,
}

/// Tells that a line is no order, or one with a word that is unknown or missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoOrder;

const TEARS: [(&str, Tear); 5] = [
    ("before", Tear::Before),
    ("prefix", Tear::Prefix),
    ("suffix", Tear::Suffix),
    ("noise", Tear::Noise),
    ("after", Tear::After),
];

const HABITS: [(&str, Habit); 4] = [
    ("honest", Habit::Honest),
    ("early", Habit::Early),
    ("no-ack", Habit::NoAck),
    ("no-drop", Habit::NoDrop),
];

const REFUSE: &str = "refuse";
const DROP: &str = "drop";

impl Tear {
    /// Holds all of them, each once.
    pub const ALL: [Self; 5] = [Self::Before, Self::Prefix, Self::Suffix, Self::Noise, Self::After];
}

impl Default for Order {
    fn default() -> Self {
        Self {
            boot: 1,
            first: 0,
            seed: 0,
            calls: None,
            shortest: 16,
            longest: 16,
            deliveries: 25,
            window: 8,
            when_full: WhenFull::DropOldest,
            cut: None,
            habit: Habit::Honest,
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { boot, first, seed, shortest, longest, deliveries, window, .. } = self;
        write!(f, "order boot={boot} first={first} seed={seed} shortest={shortest}")?;
        write!(f, " longest={longest} deliveries={deliveries} window={window}")?;
        let full = if self.when_full == WhenFull::RefuseNew { REFUSE } else { DROP };
        write!(f, " full={full} habit={}", name(&HABITS, &self.habit))?;
        if let Some(calls) = self.calls {
            write!(f, " calls={calls}")?;
        }
        let Some(Cut { from, steps, tear }) = self.cut else { return Ok(()) };
        write!(f, " steps={steps} tear={}", name(&TEARS, &tear))?;
        match from {
            From::Start => Ok(()),
            From::Erase(count) => write!(f, " erase={count}"),
            From::Ack(count) => write!(f, " ack={count}"),
        }
    }
}

impl FromStr for Order {
    type Err = NoOrder;

    fn from_str(line: &str) -> Result<Self, NoOrder> {
        let mut words = line.split_ascii_whitespace();
        if words.next() != Some("order") {
            return Err(NoOrder);
        }
        let mut order = Self::default();
        let (mut from, mut steps, mut tear) = (From::Start, None, Tear::Before);
        for word in words {
            let (name, value) = word.split_once('=').ok_or(NoOrder)?;
            match name {
                "boot" => order.boot = number(value)?,
                "first" => order.first = number(value)?,
                "seed" => order.seed = number(value)?,
                "calls" => order.calls = Some(number(value)?),
                "shortest" => order.shortest = number(value)?,
                "longest" => order.longest = number(value)?,
                "deliveries" => order.deliveries = number(value)?,
                "window" => order.window = number(value)?,
                "full" if value == REFUSE => order.when_full = WhenFull::RefuseNew,
                "full" if value == DROP => order.when_full = WhenFull::DropOldest,
                "habit" => order.habit = named(&HABITS, value)?,
                "erase" => from = From::Erase(number(value)?),
                "ack" => from = From::Ack(number(value)?),
                "steps" => steps = Some(number(value)?),
                "tear" => tear = named(&TEARS, value)?,
                _ => return Err(NoOrder),
            }
        }
        order.cut = steps.map(|steps| Cut { from, steps, tear });
        Ok(order)
    }
}

impl fmt::Display for Tear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(name(&TEARS, self))
    }
}

impl FromStr for Tear {
    type Err = NoOrder;

    fn from_str(word: &str) -> Result<Self, NoOrder> {
        named(&TEARS, word)
    }
}

fn number<N: FromStr>(value: &str) -> Result<N, NoOrder> {
    value.parse().map_err(|_| NoOrder)
}

fn name<T: PartialEq>(table: &[(&'static str, T)], wanted: &T) -> &'static str {
    table.iter().find(|(_, value)| value == wanted).map_or("", |(name, _)| name)
}

fn named<T: Copy>(table: &[(&str, T)], wanted: &str) -> Result<T, NoOrder> {
    table.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value).ok_or(NoOrder)
}
