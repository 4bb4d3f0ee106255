//! The simulation: devices, broker and network, event by event, in ms.

use sundew_core::Ticks;
use sundew_queue::Effort;
use sundew_queue::policy::{Action, Fate, Jitter, Retry};

use super::Fault;
use super::broker::Broker;
use super::device::{Decider, Device, Ends, Link, Scheme, effort};
use crate::demo::Choices;

/// Holds what a run is about.
pub(super) struct Plan {
    pub(super) nodes: usize,
    pub(super) scheme: Scheme,
    pub(super) retry: Retry,
    pub(super) fault: Option<Fault>,
    pub(super) seed: u64,
}

/// What was seen, second by second and in sum.
pub(super) struct Seen {
    /// Attempts at a connection in each second.
    pub(super) attempts: Vec<u32>,
    /// Records that wait, at the end of each second.
    pub(super) waiting: Vec<u32>,
    /// When all that was recorded before the broker came back was let go of, in ms after that.
    pub(super) drained_ms: Option<u64>,
    pub(super) received: u64,
    /// Messages that the broker had already.
    pub(super) duplicates: u64,
    pub(super) refused: u64,
    pub(super) dead: u64,
    /// Links that died with a message on its way: each may cost one duplicate.
    pub(super) cut_in_flight: u64,
    pub(super) devices: Vec<Device>,
}

#[derive(Clone, Copy)]
enum Event {
    /// A sensor is read, and its value recorded.
    Read,
    Wake,
    Connected,
    Failed,
    /// A message reaches the broker.
    Arrived {
        epoch: u32,
        sequence: u32,
    },
    Answered {
        epoch: u32,
        answer: Answer,
    },
    Died {
        epoch: u32,
    },
}

#[derive(Clone, Copy)]
enum Answer {
    Taken,
    Refused,
    Rejected,
}

/// How often each device records, in ms.
const EVERY: u64 = super::EVERY as u64 * 1_000;
/// How long a device waits for an answer before it gives up the link.
const TIMEOUT: u64 = 5_000;
/// One message in so many has its link die of itself: every other time before the broker has it,
/// else before the answer is there.
const FLAKY: u64 = 5_000;
/// One record in so many is never taken.
const POISON: u64 = 20_000;

pub(super) struct World {
    choices: Choices,
    broker: Broker,
    fault: Option<Fault>,
    now: u64,
    /// What is to happen, a list for each ms of a ring that is longer than any delay.
    ring: Vec<Vec<(u32, Event)>>,
    /// The devices that have not let go of all that they recorded before the broker came back.
    undrained: Vec<u32>,
    left: usize,
    waiting: u32,
    seen: Seen,
}

impl World {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut choices = Choices::from_seed(plan.seed);
        let mut broker = Broker::new(
            super::accepts(plan.nodes).into(),
            plan.nodes as u64 / u64::from(super::KEEPS_ALL_IN),
        );
        broker.outages = super::OUTAGES.map(|(from, to)| from..to).to_vec();
        let devices = (0..plan.nodes as u32).map(|number| device(plan, number, &mut choices));
        let seen = Seen {
            attempts: vec![0; super::END as usize / 1_000],
            waiting: Vec::new(),
            drained_ms: None,
            received: 0,
            duplicates: 0,
            refused: 0,
            dead: 0,
            cut_in_flight: 0,
            devices: devices.collect(),
        };
        let ring = vec![Vec::new(); 1 << 20];
        let undrained = Vec::new();
        let fault = plan.fault;
        Self { choices, broker, fault, now: 0, ring, undrained, left: 0, waiting: 0, seen }
    }

    pub(super) fn run(mut self) -> Seen {
        for number in 0..self.seen.devices.len() as u32 {
            let phase = self.choices.below(EVERY);
            self.later(phase, number, Event::Read);
            self.later(0, number, Event::Wake);
        }
        while self.now < super::END {
            self.begin_millisecond();
            let slot = self.now as usize % self.ring.len();
            // What happens at once is put behind.
            let mut index = 0;
            while let Some((number, event)) = self.ring.get(slot).and_then(|list| list.get(index)) {
                self.happen(*number, *event);
                index += 1;
            }
            if let Some(list) = self.ring.get_mut(slot) {
                list.clear();
            }
            self.now += 1;
        }
        self.seen
    }

    fn begin_millisecond(&mut self) {
        if self.now % 1_000 == 999 {
            self.seen.waiting.push(self.waiting);
        }
        let begins = self.broker.outages.iter().any(|outage| outage.start == self.now);
        if begins {
            // It takes all links with it, in one moment.
            for number in 0..self.seen.devices.len() as u32 {
                let Some(device) = self.seen.devices.get(number as usize) else { continue };
                let (link, epoch) = (device.link, device.epoch);
                if link == Link::Up {
                    let after = self.latency();
                    self.later(after, number, Event::Died { epoch });
                }
            }
        }
        if self.now == super::OUTAGES[0].1 {
            self.undrained = self.seen.devices.iter().map(|it| it.records.len() as u32).collect();
            self.left = self.seen.devices.iter().filter(|device| device.waiting() > 0).count();
        }
    }

    /// A message takes 20 to 79 ms.
    fn latency(&mut self) -> u64 {
        20 + self.choices.below(60)
    }

    fn later(&mut self, after: u64, number: u32, event: Event) {
        let slot = (self.now + after) as usize % self.ring.len();
        if let Some(list) = self.ring.get_mut(slot) {
            list.push((number, event));
        }
    }

    fn happen(&mut self, number: u32, event: Event) {
        let now = self.now;
        let Some(device) = self.seen.devices.get_mut(number as usize) else { return };
        let ticks = device.now(now);
        match event {
            Event::Read => {
                device.records.push(Ends::default());
                self.waiting += 1;
                self.later(EVERY, number, Event::Read);
            }
            Event::Wake if device.wake_at != now => return,
            Event::Wake => device.wake_at = u64::MAX,
            Event::Connected if !self.broker.is_up(now) => {
                device.link = Link::Down;
                device.decider.link_lost(ticks);
            }
            Event::Connected => {
                device.link = Link::Up;
                device.epoch += 1;
                device.decider.link_up();
            }
            Event::Failed => {
                device.link = Link::Down;
                device.decider.link_lost(ticks);
            }
            Event::Died { epoch } => {
                if device.link != Link::Up || device.epoch != epoch {
                    return;
                }
                device.link = Link::Down;
                device.decider.link_lost(ticks);
                if device.is_in_flight {
                    device.is_in_flight = false;
                    self.seen.cut_in_flight += 1;
                    self.cut(number);
                }
            }
            Event::Arrived { epoch, sequence } => return self.arrive(number, epoch, sequence),
            Event::Answered { epoch, answer } => {
                if device.epoch != epoch || !device.is_in_flight {
                    return;
                }
                device.is_in_flight = false;
                self.answer(number, ticks, answer);
            }
        }
        self.act(number);
    }

    /// Does what the device may do now.
    fn act(&mut self, number: u32) {
        let now = self.now;
        let Some(device) = self.seen.devices.get_mut(number as usize) else { return };
        let ticks = device.now(now);
        match device.decider.poll(ticks) {
            Action::Connect if device.link == Link::Down => {
                device.link = Link::Coming;
                if let Some(count) = self.seen.attempts.get_mut(now as usize / 1_000) {
                    *count += 1;
                }
                let round_trip = 2 * self.latency();
                match self.broker.is_up(now).then(|| self.broker.accept(now)) {
                    Some(Some(at)) => {
                        self.later(at - now + round_trip, number, Event::Connected);
                    }
                    // Turned away without a word.
                    Some(None) => self.later(1_000, number, Event::Failed),
                    None => self.later(round_trip, number, Event::Failed),
                }
            }
            Action::Send if device.link == Link::Up && !device.is_in_flight => {
                if device.waiting() == 0 {
                    return;
                }
                device.is_in_flight = true;
                let (epoch, sequence) = (device.epoch, device.head);
                if self.fault == Some(Fault::ReleaseEarly) {
                    self.let_go(number);
                }
                let latency = self.latency();
                self.later(latency, number, Event::Arrived { epoch, sequence });
            }
            Action::Wait(until) => {
                let wake_at = now + u64::from(until.since(ticks));
                if device.wake_at > wake_at {
                    device.wake_at = wake_at;
                    self.later(wake_at - now, number, Event::Wake);
                }
            }
            _ => {}
        }
    }

    /// What the broker does with a message.
    fn arrive(&mut self, number: u32, epoch: u32, sequence: u32) {
        let chance = self.choices.below(2 * FLAKY);
        if chance == 0 {
            return self.later(TIMEOUT, number, Event::Died { epoch });
        }
        let is_poison = is_poison(number, sequence);
        let verdict = self.broker.keep(self.now);
        let back = self.latency();
        let (at, answer) = match verdict {
            None => return,
            Some(Err(())) => (self.now, Answer::Refused),
            Some(Ok(at)) if is_poison => (at, Answer::Rejected),
            Some(Ok(at)) => (at, Answer::Taken),
        };
        let Some(device) = self.seen.devices.get_mut(number as usize) else { return };
        let Some(ends) = device.records.get_mut(sequence as usize) else { return };
        match answer {
            Answer::Refused => self.seen.refused += 1,
            Answer::Rejected => ends.rejected = true,
            Answer::Taken => {
                self.seen.received += 1;
                self.seen.duplicates += u64::from(ends.received);
                ends.received = true;
            }
        }
        if chance == 1 {
            self.later(TIMEOUT, number, Event::Died { epoch });
        } else {
            self.later(at - self.now + back, number, Event::Answered { epoch, answer });
        }
    }

    /// What a device does with an answer.
    fn answer(&mut self, number: u32, ticks: Ticks, answer: Answer) {
        let fault = self.fault;
        let Some(device) = self.seen.devices.get_mut(number as usize) else { return };
        let head = device.head;
        let fate = match answer {
            Answer::Taken => {
                device.decider.taken();
                None
            }
            Answer::Rejected => {
                device.decider.rejected();
                Some(Fate::DeadLetter)
            }
            Answer::Refused if fault == Some(Fault::Deaf) => Some(Fate::Keep),
            Answer::Refused if fault == Some(Fault::GiveUp) => {
                Some(device.decider.refused(ticks, head, Effort::Once))
            }
            Answer::Refused => Some(device.decider.refused(ticks, head, effort(head))),
        };
        match fate {
            Some(Fate::Keep) => return,
            Some(_) => {
                if let Some(ends) = device.records.get_mut(head as usize) {
                    ends.dead = true;
                    self.seen.dead += 1;
                }
            }
            None => {}
        }
        if fault != Some(Fault::ReleaseEarly) {
            self.let_go(number);
        }
    }

    /// Lets go of the oldest record of a device.
    fn let_go(&mut self, number: u32) {
        let Some(device) = self.seen.devices.get_mut(number as usize) else { return };
        device.head += 1;
        self.waiting -= 1;
        if self.undrained.get(number as usize) == Some(&device.head) {
            self.left -= 1;
            if self.left == 0 {
                self.seen.drained_ms = Some(self.now - super::OUTAGES[0].1);
            }
        }
    }

    /// What the broken devices do when a link dies with a message on its way.
    fn cut(&mut self, number: u32) {
        match self.fault {
            Some(Fault::ForgetFlight) => self.let_go(number),
            Some(Fault::GoBack) => {
                let Some(device) = self.seen.devices.get_mut(number as usize) else { return };
                let back = device.head.min(3);
                device.head -= back;
                self.waiting += back;
            }
            _ => {}
        }
    }
}

/// Returns whether the broker will never take a record.
fn is_poison(number: u32, sequence: u32) -> bool {
    let mut choices = Choices::from_seed(u64::from(number) << 32 | u64::from(sequence));
    choices.below(POISON) == 0
}

fn device(plan: &Plan, number: u32, choices: &mut Choices) -> Device {
    let ticks = choices.below(1 << 32) as u32;
    let begin = Ticks::from_millis(ticks);
    // Serial numbers that follow each other, first boot, ticks that begin where the chip does.
    let serial = format!("dev-{number:05}");
    let jitter = match plan.fault {
        Some(Fault::SameSeed) => Jitter::from_seed(1),
        _ => Jitter::new(serial.as_bytes(), 1, Ticks::from_millis(0)),
    };
    Device {
        decider: Decider::new(plan.scheme, plan.retry, jitter, begin),
        ticks,
        link: Link::Down,
        epoch: 0,
        is_in_flight: false,
        wake_at: 0,
        head: 0,
        records: Vec::new(),
    }
}
