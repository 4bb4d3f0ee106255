//! The async face does what the blocking one does: same calls, same events.

use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use sundew::core::{ErrorKind, Ticks};
use sundew::node::profile::{Compact, Profile, Senml, Tiny};
use sundew::node::{ApplicationAsync, Node};
use sundew::transport::link::{Capabilities, Incoming, Link, LinkAsync, Port, Token};
use sundew::units::Sample;

use crate::bench::{self, BenchEvent, CONFIG, EVERY, Flash, In, Sensor, TestLink};

/// Lets the blocking parts of the bench be awaited; a link with nothing to say stays pending.
struct Awaited<T>(T);

impl ApplicationAsync for Awaited<&mut Sensor> {
    type Error = ErrorKind;

    async fn start(&mut self, task: usize) -> Result<u32, ErrorKind> {
        sundew::node::Application::start(&mut self.0, task)
    }

    async fn read(&mut self, task: usize, sample: &mut Sample) -> Result<(), ErrorKind> {
        sundew::node::Application::read(&mut self.0, task, sample)
    }
}

impl LinkAsync for Awaited<&mut TestLink> {
    type Error = ErrorKind;

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    fn is_up(&self) -> bool {
        self.0.is_up()
    }

    async fn send(&mut self, now: Ticks, port: Port, data: &[u8]) -> Result<Token, ErrorKind> {
        self.0.send(now, port, data)
    }

    async fn poll<'b>(
        &mut self,
        now: Ticks,
        buffer: &'b mut [u8],
    ) -> Result<Option<Incoming<'b>>, ErrorKind> {
        while self.0.incoming.is_empty() {
            std::future::pending::<()>().await;
        }
        self.0.poll(now, buffer)
    }

    fn wake_at(&self) -> Option<Ticks> {
        self.0.wake_at()
    }
}

/// Polls once; what is still pending is dropped, as a board's timer would drop it.
fn once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

fn run_async<P: Profile>(
    profile: P,
    link: &mut TestLink,
    flash: &RefCell<Flash>,
    millis: u32,
) -> Vec<(u32, BenchEvent)> {
    let mut sensor = Sensor::default();
    let start = Ticks::from_millis(0);
    let flash = &mut *flash.borrow_mut();
    let config = CONFIG.profile(profile);
    let mut node: Node<'_, _, 1, 256, P> =
        Node::open(config, "bench/", Awaited(&mut sensor), 1, start, flash).unwrap();
    let mut events = Vec::new();
    for now in 0..millis {
        let ticks = Ticks::from_millis(now);
        while let Some(step) = once(node.poll_async(ticks, &mut Awaited(&mut *link), &mut *flash)) {
            let Some(event) = step.event else { break };
            events.push((now, event));
        }
    }
    events
}

#[test]
fn the_async_node_does_what_the_blocking_one_does() {
    does_the_same(Senml, 256);
    does_the_same(Compact, 256);
    does_the_same(Tiny, 51);
    does_the_same(Tiny, 7); // in parts
}

fn does_the_same<P: Profile>(profile: P, payload: u16) {
    let (flash, mut link) = (RefCell::new(Flash::new()), TestLink::new());
    link.payload = payload;
    link.incoming.extend([In::Ack, In::Ack, In::Ack]);
    let awaited = run_async(profile, &mut link, &flash, 10 * EVERY);

    let (other_flash, mut other_link) = (RefCell::new(Flash::new()), TestLink::new());
    other_link.payload = payload;
    other_link.incoming.extend([In::Ack, In::Ack, In::Ack]);
    let mut sensor = Sensor::default();
    let mut node = bench::open_as(profile, &mut sensor, &other_flash, 1, 0);
    let blocking = bench::run(&mut node, &mut other_link, &other_flash, 0, 10 * EVERY);

    let events = |events: &[(u32, BenchEvent)]| -> Vec<_> {
        events.iter().map(|(_, event)| *event).collect()
    };
    assert_eq!(events(&awaited), events(&blocking));
    assert!(link.sent.len() >= 2 && link.births.len() == 1, "{link:?}");
    assert_eq!((&link.sent, &link.births), (&other_link.sent, &other_link.births));
    assert_eq!(flash.borrow().image(), other_flash.borrow().image());
}
