//! The weather node over a simulated LoRaWAN radio, class A.

mod link;
mod packet;

use std::convert::Infallible;
use std::fmt;

use mqtt_node::{Board, FRAME, INTERVAL, Line, QUEUE, SETTINGS, WEATHER};
use sundew::codec::{descriptor, tiny};
use sundew::core::Classify;
use sundew::identity::{DeviceRecord, next_boot};
use sundew::node::profile::Tiny;
use sundew::node::{Application, Config, Event, Node, Task};
use sundew::store::Settings;
use sundew::transport::lorawan::{DataRate, Region};

use crate::Simulated;
use crate::flash::{FileFlash, FlashError};
use link::RadioLink;

// Ports stand for schemas here, and there is a bit for each channel from 1 on.
const _: () = assert!(tiny::fits(&WEATHER));

/// Holds the data rate with the longest range, and the longest time on air.
const RATE: DataRate = match Region::Eu868.data_rate(0) {
    Some(rate) => rate,
    None => panic!("Europe has a DR0"),
};

// The descriptor does not fit a frame, so its hash goes up: all that does is a tiny frame, whose first
// byte can travel as the port.
const _: () = assert!(descriptor::len(&WEATHER) > 1 + RATE.payload() as usize);

/// Reads the sensors every six minutes: a frame at DR0 keeps its sub-band closed for three.
const CONFIG: Config<1, Tiny> =
    Config::new(&WEATHER, [Task::every_millis(360_000).set_by(&INTERVAL)], QUEUE, SETTINGS)
        .profile(Tiny);

/// Runs the node until the process is killed; `port` is that of the air.
pub(crate) fn run<A: Application>(
    board: &Simulated<'_>,
    record: &DeviceRecord<'_>,
    application: A,
    mut flash: FileFlash,
    port: u16,
) -> Result<Infallible, String> {
    let settings = Settings::new(SETTINGS);
    let boot = next_boot(&mut flash, &settings).map_err(cannot("count the boot"))?;
    let now = board.now();
    let mut node: Node<'_, A, 1, FRAME, Tiny> =
        Node::open(CONFIG, record.id, application, boot, now, &mut flash)
            .map_err(cannot("open the node"))?;
    if let Some(unix) = board.unix() {
        node.set_clock(now, unix);
    }
    board.print(format_args!("boot {boot}\n"));
    let mut link = RadioLink::open(port, RATE, Region::Eu868.duty_parts(), boot)
        .map_err(cannot("reach the air"))?;
    loop {
        let step = node.poll(board.now(), &mut link, &mut flash);
        if let Some(event) = &step.event {
            say(board, event);
            if matches!(event, Event::Recorded { .. } | Event::Delivered { .. }) {
                let waiting = node.waiting(&mut flash).unwrap_or_default();
                board.print(format_args!("queue {waiting}\n"));
            }
        }
        board.sleep(step.wake_at);
    }
}

fn say<E: Classify, L: Classify>(board: &Simulated<'_>, event: &Event<E, L, FlashError>) {
    board.print(format_args!("{}", Line(&WEATHER, event)));
}

fn cannot<E: fmt::Debug>(what: &'static str) -> impl Fn(E) -> String {
    move |error| format!("cannot {what}: {error:?}")
}
