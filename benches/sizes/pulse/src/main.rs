//! Reads a counter 204,800 times while a timer interrupt counts, then times what the crate does.

#![no_std]
#![no_main]

#[allow(unsafe_code)]
mod board;
mod subject;

use board::{DONE, FIRST, PANICKED, READ, STOP, mark, pulsed, report, start_timer, stop_timer};
use core::cell::Cell;
use core::hint::black_box;
use sundew_sensors::Sensor;
use sundew_sensors::meaning::WindSpeed;
use sundew_sensors::pulse::{
    Counter, Debounced, FLOW_450_PER_LITRE, RAIN_0_2794_MM, Rate, Total, Wind,
};
use sundew_units::anemometer::SPARKFUN;

/// The interrupt comes after 200 to 327 cycles, another number for each block: with one alone it
/// can fall into step with the loop and meet few of its instructions.
const SHORTEST: u16 = 200;
const BLOCKS: u16 = 512;
const READS: u16 = 400;

fn on_timer() {
    subject::pulse();
    pulsed();
}

fn run() {
    for block in 0..BLOCKS {
        start_timer(SHORTEST + (block & 127));
        for _ in 0..READS {
            mark(READ);
            report(subject::count());
        }
    }
    stop_timer();
    // All of them have been counted, and none twice.
    mark(READ);
    report(subject::count());
    time();
    mark(DONE);
}

/// Times each call, in the order in which the harness names them.
fn time() {
    static FAST: Counter = Counter::new();
    static CONTACT: Debounced = Debounced::new(10);

    let mut place = FIRST;
    let mut clocked = |work: &mut dyn FnMut()| {
        mark(place);
        work();
        mark(STOP);
        place += 1;
    };
    let now = Cell::new(0);
    let clock = || {
        now.set(now.get() + black_box(10_000_u32));
        now.get()
    };
    let mut rain = Total::new(&FAST, RAIN_0_2794_MM);
    let mut flow = Total::new(&FAST, FLOW_450_PER_LITRE);
    let mut rate = Rate::<WindSpeed<-3>, _, _, _>::new(&FAST, clock, SPARKFUN, 5_000);
    let mut wind = Wind::<WindSpeed<-3>, _, _, _>::new(&FAST, clock, SPARKFUN, 5_000);
    let started = [rate.start().is_ok(), wind.start().is_ok()];
    black_box(started);
    clocked(&mut || {});
    clocked(&mut || FAST.pulse());
    clocked(&mut || CONTACT.pulse(black_box(500)));
    clocked(&mut || CONTACT.pulse(black_box(505)));
    (0..black_box(1_000)).for_each(|_| FAST.pulse());
    clocked(&mut || {
        black_box(rain.update());
    });
    clocked(&mut || {
        black_box(flow.update());
    });
    clocked(&mut || {
        black_box(rate.read().is_ok());
    });
    clocked(&mut || wind.poll());
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    mark(PANICKED);
    loop {}
}
