//! Everything that a run needs, set up in order and taken down whichever way it ends.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use super::board;
use super::broker::{self, Broker};
use super::ledger::Ledger;
use super::profile::Profile;
use super::provision::{self, Device};
use super::relay::Relay;
use super::runner::{Runner, folder, unix_now};
use super::show::Show;
use super::stop::Stop;
use super::subscriber::Subscriber;
use super::{certificates, pack};
use crate::failure::Failure;

/// How long a full queue may take to arrive, a new link and its backoff included.
const DRAIN_PATIENCE: Duration = Duration::from_secs(40);

/// Holds broker, line, subscriber, flash image and node.
pub(crate) struct Stage {
    // Fields are dropped in this order: the node first, the broker last.
    runner: Runner,
    /// Sees what arrives.
    pub(crate) subscriber: Subscriber,
    /// Stands between node and broker.
    pub(crate) relay: Relay,
    broker: Broker,
    device: Device,
    profile: Profile,
}

impl Stage {
    /// Builds the board, makes certificates and flash image, starts broker, line and subscriber.
    pub(crate) fn set(
        purpose: &str,
        name: &str,
        profile: Profile,
        kind: broker::Kind,
        show: Show,
    ) -> Result<Self, Failure> {
        let folder = folder(purpose, name)?;
        let ledger = Ledger::create(&folder, show, Stop::listen()?)?;
        let board = board::build(name, profile, &ledger)?;
        let device = Device::fresh()?;
        let certificates = certificates::make(&folder, &device.server_name)?;
        show.say(format!("a fresh authority, and a certificate for {}", device.server_name));
        let flash = folder.join("flash.bin");
        provision::image(&flash, board.image_bytes(), &device, &certificates.anchor_der)?;
        show.say(format!("a blank flash, provisioned as {}", device.id));
        let broker = Broker::start(kind, &folder, &certificates, &device, &ledger)?;
        let relay = Relay::start(broker.tls_port())?;
        let subscriber = Subscriber::start(broker.plain_port(), &device, profile, &ledger)?;
        let runner = Runner::new(board, folder, flash, relay.port(), ledger, DRAIN_PATIENCE);
        Ok(Self { runner, subscriber, relay, broker, device, profile })
    }

    /// Returns the port of the broker's plain listener.
    pub(crate) fn plain_port(&self) -> u16 {
        self.broker.plain_port()
    }

    /// Returns the topics of what the node announces and of its readings.
    pub(crate) fn topics(&self) -> [String; 2] {
        ["birth", "up"].map(|end| format!("sundew/{}/{end}", self.device.id))
    }

    /// Sends a command that sets the seconds between two readings, in tenths, and waits until its
    /// result came back.
    pub(crate) fn set_interval(&mut self, tenths: i32) -> Result<(), Failure> {
        let now = unix_now()?;
        let done = self.ledger.look(|seen| seen.results.len());
        let id = now.wrapping_add(u32::try_from(done).unwrap_or(0));
        let value = sundew_units::Dec::new(tenths, -1);
        let expires = now + 60;
        let command = pack::Command { id, channel: "interval", value, unit: "s", expires };
        self.ledger.show().say(format!("command {id}: interval = {value} s"));
        let profile = self.profile;
        let payload =
            self.ledger.look(|seen| profile.command(&command, seen.descriptor.as_deref()))?;
        self.subscriber.command(payload)?;
        let patience = Duration::from_secs(10);
        self.wait("the command on the node's console", patience, |seen| {
            seen.commands.contains(&(id, "ok".to_owned()))
        })?;
        self.wait("the command's result at the subscriber", patience, |seen| {
            seen.results.contains(&(id, 0))
        })
    }

    /// Delivers what is left and ends the node, so that nothing recorded is still on its way.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        self.relay.mend();
        self.runner.finish()
    }
}

impl Deref for Stage {
    type Target = Runner;

    fn deref(&self) -> &Runner {
        &self.runner
    }
}

impl DerefMut for Stage {
    fn deref_mut(&mut self) -> &mut Runner {
        &mut self.runner
    }
}
