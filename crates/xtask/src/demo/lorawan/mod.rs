//! `cargo demo --link lorawan-eu868-dr0`: the same chain over a radio with a duty cycle.

mod air;
mod application;
mod scenario;

use std::time::{Duration, Instant};

use sundew_codec::descriptor;
use sundew_transport::lorawan::{DataRate, Region};

use super::board;
use super::ledger::Ledger;
use super::provision::{self, Device};
use super::random::Choices;
use super::report;
use super::runner::{Runner, folder, unix_now};
use super::show::{Detail, Show};
use super::stop::Stop;
use crate::failure::{Context, Failure};
use air::{Air, Counts};
use application::Application;

/// How many times as fast the node's time runs: at 1 %, a frame of 1.6 s waits 165 s for the next.
const TIME_LAPSE: u32 = 150;
/// How long what waits may take to arrive.
const DRAIN_PATIENCE: Duration = Duration::from_mins(1);

/// Holds the air and the node under it.
struct Field {
    // Dropped in this order: the node first.
    runner: Runner,
    air: Air,
}

/// Plays all acts and reports.
///
/// # Errors
/// Something was lost, a step was not seen, or something that the demo needs is not there.
pub(super) fn run(seed: u64) -> Result<(), Failure> {
    let show = Show::new(Detail::All);
    show.heading(format!("Setting the stage (seed {seed}, time {TIME_LAPSE} times as fast)"));
    let mut field = Field::set(seed, show)?;
    let begin = Instant::now();
    let played = scenario::play(&mut field);
    field.runner.kill_node();
    let wrong = field.airtime(begin.elapsed() * TIME_LAPSE);
    report(&field.runner, played.err(), wrong, None)
}

impl Field {
    fn set(seed: u64, show: Show) -> Result<Self, Failure> {
        let folder = folder("demo", "host-lorawan")?;
        let ledger = Ledger::create(&folder, show, Stop::listen()?)?;
        let since = u64::from(unix_now()?) * 1_000;
        let (lapse, since) = (TIME_LAPSE.to_string(), since.to_string());
        let options = ["--link", "lorawan-eu868-dr0", "--time-lapse", &lapse, "--since", &since];
        let board = board::build_host(&options, &ledger)?;
        let flash = folder.join("flash.bin");
        let device = Device::fresh()?;
        provision::image(&flash, board.image_bytes(), &device, b"no anchor: no TLS")?;
        show.say(format!("a blank flash, provisioned as {}", device.id));
        let file = folder.join("weather.descriptor");
        let mut bytes = [0; 512];
        let length = descriptor::encode(&mqtt_node::WEATHER, &mut bytes);
        let bytes = bytes.get(..length.context(|| "descriptor")?).unwrap_or_default();
        std::fs::write(&file, bytes).context(|| file.display().to_string())?;
        show.say(format!("a descriptor of {} bytes, all that the decoder knows", bytes.len()));
        let application = Application::new(vec![bytes.to_vec()], ledger.clone());
        let air = Air::start(rate()?, Choices::from_seed(seed), application)?;
        let runner = Runner::new(board, folder, flash, air.port(), ledger, DRAIN_PATIENCE);
        Ok(Self { runner, air })
    }

    /// Tells what was on the air while so much of the node's time went by, and what is wrong with
    /// that.
    fn airtime(&self, elapsed: Duration) -> Vec<String> {
        let show = self.runner.ledger.show();
        let counts = self.air.counts();
        let Counts { frames, joins, unheard, lost_answers, repeats, .. } = counts;
        let Counts { payload_bytes, micros, longest_micros, .. } = counts;
        let readings = self.runner.ledger.look(|seen| seen.tally.delivered()) as u64;
        show.heading("On the air");
        show.say(format!(
            "{frames} frames, {joins} of them to join; {unheard} not heard, {lost_answers} answers \
             lost, {repeats} came twice and counted once"
        ));
        let each = micros.checked_div(readings).unwrap_or(0);
        show.say(format!(
            "{payload_bytes} payload bytes with their ports, {} s on the air, {} ms for each of \
             {readings} readings",
            thousandths(micros / 1_000),
            each / 1_000
        ));
        let elapsed = elapsed.as_secs();
        let allowed = elapsed * 1_000_000 / 100;
        let share = (micros * 100).checked_div(allowed).unwrap_or(0);
        show.say(format!("{share} % of what 1 % of {elapsed} s allows"));
        // The silence after the last frame of each boot need not be over.
        let boots = self.runner.ledger.look(|seen| seen.boots.len()) as u64;
        if micros > allowed + boots * longest_micros {
            return vec![format!("on the air for {micros} us, {allowed} allowed")];
        }
        Vec::new()
    }
}

fn rate() -> Result<DataRate, Failure> {
    Region::Eu868.data_rate(0).context(|| "no DR0 in Europe")
}

fn thousandths(count: u64) -> String {
    format!("{}.{:03}", count / 1_000, count % 1_000)
}
