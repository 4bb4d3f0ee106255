//! Sense, record, deliver: the whole path in one file, on simulated parts.
//!
//! Run it with `cargo run -p sundew-example-quickstart`. On a board the three simulated parts are
//! the HAL's I2C bus, its flash and an MQTT link; the rest stays as it is here.

mod paper;

use core::error::Error;

use sundew::core::{Region, Ticks};
use sundew::node::{Config, Event, Node, Task};
use sundew::sensors::Mounted;
use sundew::sensors::sht4x::{self, Sht4x};
use sundew::units::{Channel, ChannelId, Dec, Device, Quantity};
use sundew_testkit::{SimBus, SimClock, SimFlash, SimSht4x};

use paper::Paper;

static AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
static HUMIDITY: Channel =
    Channel::new(ChannelId(2), "humidity", Quantity::RelativeHumidity, -2).with_range(0, 10_000);
static DEVICE: Device = Device::new("quickstart", 1, &[AIR, HUMIDITY]);
const CONFIG: Config<1> = Config::new(
    &DEVICE,
    [Task::every_millis(1_000)],
    Region::new(0, 0x4000),
    Region::new(0x4000, 0x2000),
);

fn main() -> Result<(), Box<dyn Error>> {
    let clock = SimClock::new();
    let part = SimSht4x::new(&clock, 0x44);
    let bus = SimBus::new([&part]);
    let mut flash = SimFlash::<0x6000, 0x1000, 4>::new();
    let mut link = Paper::default();

    let driver = Sht4x::new(&bus, sht4x::Address::A, sht4x::Precision::High);
    let sensor = Mounted::new(driver, [&AIR, &HUMIDITY])?;
    let now = Ticks::from_millis(0);
    let mut node: Node<'_, _, 1, 256> = Node::open(CONFIG, "demo/", sensor, 1, now, &mut flash)?;

    let mut delivered = 0;
    while delivered < 3 {
        let now = Ticks::from_millis(clock.millis());
        part.set(2_100 + (clock.millis() / 100) as i32, 4_120);
        let step = node.poll(now, &mut link, &mut flash);
        match step.event {
            Some(Event::Recorded { position, sample, .. }) => {
                print!("recorded  {}", position.sequence);
                for (id, mantissa, _) in sample.values() {
                    let Some(channel) = DEVICE.channel(id) else { continue };
                    let value = Dec::new(mantissa, channel.exponent());
                    print!("  {} {value} {}", channel.name(), channel.symbol());
                }
                println!();
            }
            Some(Event::Delivered { up_to, records }) => {
                println!("delivered {} ({} bytes)", up_to.sequence, link.bytes());
                delivered += records;
            }
            Some(other) => println!("{other:?}"),
            None => {}
        }
        clock.advance_millis(step.wake_at.since(now));
    }
    Ok(())
}
