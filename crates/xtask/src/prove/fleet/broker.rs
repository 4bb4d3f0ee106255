//! The broker of the fleet: what it takes in a second, and when it is away.

use std::ops::Range;

/// Holds what a broker can do, and when it cannot.
pub(super) struct Broker {
    /// When it is away, in ms.
    pub(super) outages: Vec<Range<u64>>,
    /// Connections it takes in a second.
    accepts: Server,
    /// Messages it takes in a second.
    messages: Server,
}

impl Broker {
    pub(super) fn new(accepts_per_second: u64, messages_per_second: u64) -> Self {
        Self {
            outages: Vec::new(),
            accepts: Server::new(accepts_per_second),
            messages: Server::new(messages_per_second),
        }
    }

    pub(super) fn is_up(&self, now: u64) -> bool {
        !self.outages.iter().any(|outage| outage.contains(&now))
    }

    /// Returns when a connection is taken, if it is.
    pub(super) fn accept(&mut self, now: u64) -> Option<u64> {
        let at = self.accepts.serve(now)?;
        self.lasts(now, at).then_some(at)
    }

    /// Returns when a message is kept; `Err(())` where it is refused, `None` where the broker goes
    /// away before it answers.
    pub(super) fn keep(&mut self, now: u64) -> Option<Result<u64, ()>> {
        if !self.is_up(now) {
            return None;
        }
        match self.messages.serve(now) {
            Some(at) => self.lasts(now, at).then_some(Ok(at)),
            None => Some(Err(())),
        }
    }

    fn lasts(&self, from: u64, to: u64) -> bool {
        !self.outages.iter().any(|outage| outage.start <= to && from < outage.end)
    }
}

/// Serves one after the other; whoever would wait for more than a second is turned away.
struct Server {
    /// How long one takes, in µs.
    each: u64,
    /// When all that wait are served, in µs.
    free_at: u64,
}

impl Server {
    fn new(per_second: u64) -> Self {
        Self { each: 1_000_000 / per_second.max(1), free_at: 0 }
    }

    fn serve(&mut self, now_ms: u64) -> Option<u64> {
        let now = now_ms * 1_000;
        let begins = self.free_at.max(now);
        if begins - now > 1_000_000 {
            return None;
        }
        self.free_at = begins + self.each;
        Some(self.free_at.div_ceil(1_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_work_waits_and_no_more() {
        let mut broker = Broker::new(10, 1);
        let taken = (0..100).filter_map(|_| broker.accept(5_000)).collect::<Vec<_>>();
        assert_eq!(taken, (51..=61).map(|tenth| tenth * 100).collect::<Vec<_>>());
    }

    #[test]
    fn what_an_outage_cuts_off_is_not_kept() {
        let mut broker = Broker::new(1, 1);
        broker.outages.push(1_000..2_000);
        assert_eq!(broker.keep(0), None, "would be kept at the moment it goes away");
        assert_eq!((broker.keep(1_500), broker.accept(1_500)), (None, None));
        assert_eq!(broker.keep(2_000), Some(Ok(3_000)));
    }
}
