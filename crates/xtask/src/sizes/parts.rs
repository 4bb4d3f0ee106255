//! The table of parts: what each driver drives, as its catalogue entry says, and what it costs.

use std::fmt::Write;

use sundew_sensors::{Bus, Output, PARTS, Part};

use super::book::Book;
use super::programs::DRIVERS_ON;
use super::table::grouped;

const HEAD: &str = "\
| driver | parts | bus | values in steps of | accuracy | start and read block for | thumbv6m | ATmega328P |
|---|---|---|---|---|---|---:|---:|
";

/// Returns the table as Markdown.
pub(super) fn markdown(book: &Book) -> String {
    let mut text = String::from(HEAD);
    for part in PARTS {
        let Part { module, parts, blocking, .. } = part;
        let bus = bus(part.bus);
        let values = listed(part.outputs.iter().copied().map(step));
        let accuracy = listed(part.accuracy.iter().map(|it| (*it).to_owned()));
        let mut costs = DRIVERS_ON.iter().map(|triple| cost(book, module, triple));
        let mut cost = || costs.next().unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| `{module}` | {parts} | {bus} | {values} | {accuracy} | {blocking} | {} | {} |",
            cost(),
            cost(),
        );
    }
    text
}

/// Joins what is said of each output; what is said of all alike is said once.
fn listed(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.collect();
    let count = items.len();
    items.dedup();
    match items.as_slice() {
        [one] if count > 1 => format!("{count} x {one}"),
        _ => items.join(", "),
    }
}

/// Says what the last place of an output is worth, such as `0.01 Cel`.
fn step(output: Output) -> String {
    let unit = output.quantity.canonical_unit().symbol();
    let places = usize::from(output.exponent.unsigned_abs());
    let step = match output.exponent {
        0 => "1".to_owned(),
        ..0 if places > 4 => format!("1e-{places}"),
        ..0 => format!("0.{}1", "0".repeat(places - 1)),
        _ => format!("1{}", "0".repeat(places)),
    };
    format!("{step} {unit}")
}

fn bus(bus: Bus) -> &'static str {
    match bus {
        Bus::Analog => "ADC",
        Bus::I2c => "I2C",
        Bus::OneWire => "1-Wire",
        Bus::Pins => "pins",
        Bus::Spi => "SPI",
        Bus::Uart => "UART",
        _ => "other",
    }
}

fn cost(book: &Book, module: &str, triple: &str) -> String {
    let Some(cost) = book.cost(&format!("driver-{module}"), triple) else {
        return "–".to_owned();
    };
    let flash = format!("{} B", grouped(cost.flash));
    let cycles = cost.cycles.map(|cycles| format!(", {} cycles", grouped(cycles)));
    flash + &cycles.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sundew_units::Quantity;

    #[test]
    fn steps_are_told_in_the_canonical_unit() {
        let steps = [(Quantity::Temperature, -2), (Quantity::AirPressure, 0), (Quantity::Mass, -9)];
        let told = steps.map(|(quantity, exponent)| step(Output::new(quantity, exponent)));
        assert_eq!(told, ["0.01 Cel", "1 Pa", "1e-9 kg"]);
    }

    #[test]
    fn what_is_alike_is_said_once() {
        let alike = ["a", "a", "a"].map(str::to_owned);
        assert_eq!(listed(alike.into_iter()), "3 x a");
        assert_eq!(listed(["a", "b"].map(str::to_owned).into_iter()), "a, b");
    }

    /// A module that the catalogue lacks would have neither row nor size.
    #[test]
    fn every_module_of_a_part_is_in_the_catalogue() {
        let sources = crate::process::root().join("crates/sundew-sensors/src");
        let list = std::fs::read_to_string(sources.join("parts.rs")).unwrap();
        let modules =
            list.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
        let mut seen = 0;
        for module in modules {
            seen += 1;
            assert!(PARTS.iter().any(|part| part.module == module), "{module} is not in PARTS");
        }
        assert_eq!(seen, PARTS.len());
        for part in PARTS {
            assert_eq!(part.outputs.len(), part.accuracy.len(), "{}", part.module);
        }
    }
}
