//! The plot of the fleet, as SVG: one element a line, whole numbers only, so that it is the same on
//! every computer and a change of it can be read.

use std::fmt::Write;

use super::world::Seen;
use super::{END, OUTAGES};

const NAMES: [(&str, &str); 3] =
    [("retry each second", "#c0392b"), ("doubling, no jitter", "#d68910"), ("sundew", "#1f618d")];

const WIDTH: u64 = 720;
const LEFT: u64 = 56;
const TOP: u64 = 34;
const HIGH: u64 = 190;
const GAP: u64 = 56;
/// Seconds that one point stands for.
const STEP: usize = 20;

/// Draws connects per second above, records that wait below.
pub(super) fn draw(runs: [&Seen; 3], accepts: u32) -> String {
    let bottom = TOP + HIGH;
    let second = bottom + GAP;
    let end = second + HIGH;
    let mut svg = String::new();
    // Writing to a String cannot fail.
    let mut line = |text: std::fmt::Arguments<'_>| {
        let _ = writeln!(svg, "{text}");
    };
    let (all_wide, all_high) = (LEFT + WIDTH + 12, end + 44);
    line(format_args!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {all_wide} {all_high}\" \
         font-family=\"sans-serif\" font-size=\"12\">"
    ));
    line(format_args!("<rect width=\"{all_wide}\" height=\"{all_high}\" fill=\"#ffffff\"/>"));
    for (top, title) in [
        (TOP, "Connects per second, the most in 20 s (logarithmic)"),
        (second, "Records that wait in all devices"),
    ] {
        line(format_args!(
            "<text x=\"{LEFT}\" y=\"{}\" font-weight=\"bold\">{title}</text>",
            top - 8
        ));
        for (from, to) in OUTAGES {
            let (from, to) = (across(from / 1_000), across(to / 1_000));
            let wide = (to - from).max(1);
            line(format_args!(
                "<rect x=\"{from}\" y=\"{top}\" width=\"{wide}\" height=\"{HIGH}\" fill=\"#eeeeee\"/>"
            ));
        }
    }
    for value in [1, 10, 100, 1_000, 10_000] {
        grid(&mut line, bottom - up_log(value), value);
    }
    let most = runs.iter().flat_map(|seen| &seen.waiting).max().copied().unwrap_or(1).max(1);
    let unit = 200_000;
    for value in (0..=most / unit).map(|times| times * unit) {
        grid(&mut line, end - up(value, most), value);
    }
    let limit = bottom - up_log(accepts);
    line(format_args!(
        "<line x1=\"{LEFT}\" y1=\"{limit}\" x2=\"{}\" y2=\"{limit}\" stroke=\"#1e8449\" \
         stroke-dasharray=\"6 4\"/>",
        LEFT + WIDTH
    ));
    line(format_args!(
        "<text x=\"{}\" y=\"{}\" fill=\"#1e8449\" text-anchor=\"end\">the broker accepts \
         {accepts}</text>",
        LEFT + WIDTH - 4,
        limit - 4
    ));
    for (seen, (_, colour)) in runs.iter().zip(NAMES) {
        let most_of = |seconds: &[u32]| seconds.iter().max().copied().unwrap_or(0);
        let heights = seen.attempts.chunks(STEP).map(|it| bottom - up_log(most_of(it)));
        polyline(&mut line, heights, colour);
    }
    for (seen, (_, colour)) in runs.iter().zip(NAMES) {
        let last_of = |seconds: &[u32]| seconds.last().copied().unwrap_or(0);
        let heights = seen.waiting.chunks(STEP).map(|it| end - up(last_of(it), most));
        polyline(&mut line, heights, colour);
    }
    for minute in (0..=END / 60_000).step_by(10) {
        let x = across(minute * 60);
        line(format_args!(
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{minute}</text>",
            end + 16
        ));
    }
    for (index, (name, colour)) in NAMES.iter().enumerate() {
        let x = LEFT + index as u64 * 170;
        let y = end + 36;
        line(format_args!(
            "<line x1=\"{x}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{colour}\" stroke-width=\"3\"/>",
            y - 4,
            x + 24,
            y - 4
        ));
        line(format_args!("<text x=\"{}\" y=\"{y}\">{name}</text>", x + 30));
    }
    let y = end + 36;
    line(format_args!(
        "<text x=\"{}\" y=\"{y}\" text-anchor=\"end\">minutes; grey: the broker is away</text>",
        LEFT + WIDTH
    ));
    line(format_args!("</svg>"));
    svg
}

fn grid(line: &mut impl FnMut(std::fmt::Arguments<'_>), y: u64, value: u32) {
    let right = LEFT + WIDTH;
    line(format_args!(
        "<line x1=\"{LEFT}\" y1=\"{y}\" x2=\"{right}\" y2=\"{y}\" stroke=\"#dddddd\"/>"
    ));
    line(format_args!(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{value}</text>",
        LEFT - 6,
        y + 4
    ));
}

/// Draws a line through heights, one each [`STEP`] seconds, with eight points in a line of text.
fn polyline(
    line: &mut impl FnMut(std::fmt::Arguments<'_>),
    heights: impl Iterator<Item = u64>,
    colour: &str,
) {
    let points: Vec<String> = heights
        .enumerate()
        .map(|(index, y)| format!("{},{y}", across((index * STEP) as u64)))
        .collect();
    line(format_args!("<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\""));
    for some in points.chunks(8) {
        line(format_args!("{}", some.join(" ")));
    }
    line(format_args!("\"/>"));
}

fn across(second: u64) -> u64 {
    LEFT + second * WIDTH * 1_000 / END
}

fn up(value: u32, most: u32) -> u64 {
    u64::from(value) * (HIGH - 10) / u64::from(most)
}

/// Returns how high a value stands on a scale of powers of two, up to 2^14; between them straight.
fn up_log(value: u32) -> u64 {
    let value = u64::from(value.max(1));
    let power = value.ilog2();
    let between = ((value << 10) >> power) - (1 << 10);
    (u64::from(power) * 1_024 + between) * HIGH / (14 * 1_024)
}
