//! The loop that keeps a node going, with a link and without.

use core::cell::{Cell, RefCell};
use core::convert::Infallible;
use core::fmt;

use embedded_io::{Read, ReadReady, Write, WriteReady};
use embedded_storage::nor_flash::NorFlash;
use sundew::core::{Classify, ErrorKind, Ticks};
use sundew::identity::{Anchor, AnchorKind, DeviceRecord, Drbg, Role, next_boot};
use sundew::node::profile::{Profile, Senml};
use sundew::node::{Application, Event, Node, OpenError};
use sundew::store::Settings;
use sundew::transport::link::{Link, NoLink};
use sundew::transport::mqtt::{self, ConfigError, DeviceId, MqttLink, Timing};
use sundew::transport::tls::{self, CertTime, Server, Session, TrustAnchor, Wait, Wire};

use crate::console::Line;
use crate::device::{FRAME, SETTINGS, TIME_FLOOR, WEATHER, config};

/// Holds how long in ms the station bears with a handshake, or with a write that is stuck.
const PATIENCE: u32 = 10_000;

/// Waits for answers to pings and publishes as long as a demonstration can wait for.
const TIMING: Timing = Timing { keep_alive_s: 10, login_ms: 5_000, answer_ms: 3_000 };

/// Gives a station what only the board knows.
pub trait Board {
    /// Returns the milliseconds since power-on.
    fn now(&self) -> Ticks;

    /// Returns the Unix time in seconds, where the board has a clock that keeps it.
    fn unix(&self) -> Option<u32>;

    /// Sleeps until `until`, or until something came in.
    fn sleep(&self, until: Ticks);

    /// Writes to the console; lines carry their end. What it does not take is lost.
    fn print(&self, text: fmt::Arguments<'_>);
}

/// Says why a station could not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StationError<F> {
    /// Reports a boot count or random generator that could not be had.
    Identity(sundew::identity::Error<F>),
    /// Reports a queue or settings that could not be opened.
    Node(OpenError<F>),
    /// Reports a device record whose trust anchor is no certificate of an authority.
    Anchor(tls::Error<Infallible>),
    /// Reports a device record whose id or credentials MQTT cannot carry.
    LogIn(ConfigError),
}

impl<F: fmt::Debug> Classify for StationError<F> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Identity(error) => error.kind(),
            Self::Node(error) => error.kind(),
            Self::Anchor(_) | Self::LogIn(_) => ErrorKind::Config,
        }
    }
}

/// Keeps one node going.
///
/// The parts are in [`RefCell`]s, since a socket that waits for its peer calls back to keep the
/// sensors' schedule; nothing here is touched from an interrupt.
pub struct Station<'n, B, A, F, P: Profile = Senml> {
    board: B,
    server_name: &'n str,
    anchor: TrustAnchor<'n>,
    log_in: mqtt::Config<'n>,
    last_failure: Cell<Option<ErrorKind>>,
    node: RefCell<Node<'n, A, 1, FRAME, P>>,
    flash: RefCell<F>,
    rng: RefCell<Drbg>,
}

impl<'n, B, A, F, P> Station<'n, B, A, F, P>
where
    B: Board,
    A: Application,
    F: NorFlash,
    P: Profile,
{
    /// Counts the boot, seeds the random generator and opens the node.
    ///
    /// `name` stands before the channels' names in every SenML message; `profile` says how the node
    /// speaks.
    ///
    /// # Errors
    ///
    /// Returns an error where the flash cannot be read or the record holds no seed.
    pub fn start(
        board: B,
        record: &'n DeviceRecord<'n>,
        name: &'n str,
        application: A,
        profile: P,
        mut flash: F,
    ) -> Result<Self, StationError<F::Error>> {
        let is_certificate = |anchor: &Anchor<'_>| anchor.kind == AnchorKind::Certificate;
        let anchor = record.anchors.of(Role::Server).find(is_certificate);
        // None at all is no certificate, either.
        let anchor = TrustAnchor::from_der(anchor.map_or(&[], |anchor| anchor.bytes))
            .map_err(StationError::Anchor)?;
        let log_in = log_in(record).map_err(StationError::LogIn)?;
        let settings = Settings::new(SETTINGS);
        let boot = next_boot(&mut flash, &settings).map_err(StationError::Identity)?;
        let rng = Drbg::open(&mut flash, &settings, record).map_err(StationError::Identity)?;
        let now = board.now();
        let mut node = Node::open(config(profile), name, application, boot, now, &mut flash)
            .map_err(StationError::Node)?;
        if let Some(unix) = board.unix() {
            node.set_clock(now, unix);
        }
        board.print(format_args!("boot {boot}\n"));
        Ok(Self {
            board,
            server_name: record.server_name,
            anchor,
            log_in,
            last_failure: Cell::new(None),
            node: RefCell::new(node),
            flash: RefCell::new(flash),
            rng: RefCell::new(rng),
        })
    }

    /// Takes readings until the node wants a link.
    pub fn rest(&self) {
        loop {
            let now = self.board.now();
            let (mut node, mut flash) = (self.node.borrow_mut(), self.flash.borrow_mut());
            let step = node.poll(now, &mut NoLink, &mut *flash);
            drop((node, flash));
            if let Some(event) = &step.event {
                self.say(event);
            } else if step.need_link {
                return;
            }
            self.board.sleep(step.wake_at);
        }
    }

    /// Takes the readings that are due while the board waits for something else, such as a
    /// connection.
    pub fn keep_sampling(&self) {
        // A link that is written to from within a poll waits here too: then the node is taken, and
        // the readings that are due wait for that write.
        let (Ok(mut node), Ok(mut flash)) =
            (self.node.try_borrow_mut(), self.flash.try_borrow_mut())
        else {
            return;
        };
        let step = node.sample::<ErrorKind, F>(self.board.now(), &mut *flash);
        drop((node, flash));
        if let Some(event) = &step.event {
            self.say(event);
        }
    }

    /// Notes that no connection could be had; [`rest`](Self::rest) waits before it wants another.
    pub fn no_link(&self, error: &impl Classify) {
        let kind = error.kind().name();
        self.board.print(format_args!("link down {kind} {error:?}\n"));
        self.node.borrow_mut().link_failed(self.board.now());
    }

    /// Verifies the server at the other end of `socket`, logs in and delivers until the link dies.
    pub fn talk<S: Read + Write + ReadReady + WriteReady>(&self, socket: S) {
        let (mut staging, mut receive, mut transmit) = ([0; 1_024], [0; 2_048], [0; 1_024]);
        let (mut packets_in, mut packets_out) = ([0; 512], [0; 256]);
        let deadline = Cell::new(self.board.now().after(PATIENCE));
        let wait = || {
            self.keep_sampling();
            let now = self.board.now();
            self.board.sleep(now.after(1));
            if now.has_reached(deadline.get()) { Wait::GiveUp } else { Wait::Again }
        };
        let mut wire = Wire::new(socket, wait, &mut staging);
        let session = match self.verify(&mut wire, &mut receive, &mut transmit) {
            Ok(session) => session,
            Err(error) => return self.no_link(&error),
        };
        let buffers = mqtt::Buffers { receive: &mut packets_in, transmit: &mut packets_out };
        // A command that no buffer here can take would come again with every kept session.
        let log_in = match self.last_failure.take() {
            Some(kind) => self.log_in.after_failure(kind),
            None => self.log_in,
        };
        match MqttLink::new(&log_in, session, buffers, self.board.now()) {
            Ok(link) => self.deliver(link, &deadline),
            Err(error) => self.no_link(&error),
        }
    }

    /// Keeps the node going over a link until that dies.
    fn deliver<L: Link>(&self, mut link: L, deadline: &Cell<Ticks>) {
        loop {
            let now = self.board.now();
            deadline.set(now.after(PATIENCE));
            let (mut node, mut flash) = (self.node.borrow_mut(), self.flash.borrow_mut());
            let step = node.poll(now, &mut link, &mut *flash);
            drop((node, flash));
            if let Some(event) = &step.event {
                self.say(event);
            }
            if let Some(Event::LinkLost(error)) = &step.event {
                // Only what a verified server caused counts: what anybody on the way can cause must
                // not talk the station into a clean session, which forgets waiting commands.
                self.last_failure.set(Some(error.kind()));
                return;
            }
            self.board.sleep(step.wake_at);
        }
    }

    fn say<E: Classify, L: Classify>(&self, event: &Event<E, L, F::Error>) {
        self.board.print(format_args!("{}", Line(&WEATHER, event)));
        if matches!(event, Event::Recorded { .. } | Event::Delivered { .. }) {
            let waiting = self.node.borrow_mut().waiting(&mut *self.flash.borrow_mut());
            if let Ok(waiting) = waiting {
                self.board.print(format_args!("queue {waiting}\n"));
            }
        }
    }

    fn verify<'w, 'b, S, W>(
        &self,
        wire: &'w mut Wire<'b, S, W>,
        receive: &'w mut [u8],
        transmit: &'w mut [u8],
    ) -> Result<Session<'w, 'b, S, W>, tls::Error<S::Error>>
    where
        S: Read + Write + ReadReady + WriteReady,
        W: FnMut() -> Wait,
    {
        let time = self
            .board
            .unix()
            .map_or(CertTime::Floor(TIME_FLOOR), |now| CertTime::Now(u64::from(now)));
        let server = Server::chain(self.server_name, self.anchor.clone(), time);
        // The wait hook samples, and sampling needs no randomness: the generator may be held.
        let mut rng = self.rng.borrow_mut();
        Session::open(wire, tls::Buffers::new(receive, transmit), &server, &mut *rng)
    }
}

/// Takes from the device record what the broker wants to know.
fn log_in<'n>(record: &DeviceRecord<'n>) -> Result<mqtt::Config<'n>, ConfigError> {
    let config = mqtt::Config::new(DeviceId::new(record.id)?).with_timing(TIMING);
    let config = config.with_payload_bytes(FRAME as u16);
    match (record.user, record.password) {
        (Some(user), Some(password)) => config.with_credentials(user, password),
        _ => Ok(config),
    }
}
