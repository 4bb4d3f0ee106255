//! The registry once more, written from the RFCs and not from the library.

use sundew_units::Unit;

use super::exact::Exact;
use crate::failure::{Context, Failure};

/// Units that others are defined by, or that stand alone: RFC 8428 table 12 and RFC 8798 section 2.
const ALONE: &str = "
    m kg s A K cd mol Hz rad sr N Pa J W C V F Ohm S Wb T H lm lx Bq Gy Sv kat m2 m3 m/s m/s2 m3/s
    W/m2 cd/m2 bit bit/s lat lon pH dB dBW count / %RH %EL EL 1/s S/m VA VAs var vars J/m kg/m3 NTU";

/// The others: symbol, the unit it is defined by, scale, offset. First the primary ones as their
/// descriptions say, then RFC 8798 section 3 with its own figures, then later entries.
const DERIVED: &str = "
    g kg 1/1000 0
    Cel K 1 273.15
    l m3 1/1000 0
    l/s m3/s 1/1000 0
    % / 1 0
    1/min 1/s 1/60 0
    beat/min 1/s 1/60 0
    beats count 1 0
    Bspl dB 10 0
    B bit 8 0
    deg rad pi/180 0

    ms s 1/1000 0
    min s 60 0
    h s 3600 0
    MHz Hz 1000000 0
    kW W 1000 0
    kVA VA 1000 0
    kvar var 1000 0
    Ah C 3600 0
    Wh J 3600 0
    kWh J 3600000 0
    varh vars 3600 0
    kvarh vars 3600000 0
    kVAh VAs 3600000 0
    Wh/km J/m 3.6 0
    KiB B 1024 0
    GB B 1e9 0
    Mbit/s bit/s 1000000 0
    B/s bit/s 8 0
    MB/s bit/s 8000000 0
    mV V 1/1000 0
    mA A 1/1000 0
    dBm dBW 1 -30
    ug/m3 kg/m3 1e-9 0
    mm/h m/s 1/3600000 0
    m/h m/s 1/3600 0
    ppm / 1e-6 0
    /100 / 1/100 0
    /1000 / 1/1000 0
    hPa Pa 100 0
    mm m 1/1000 0
    cm m 1/100 0
    km m 1000 0
    km/h m/s 1/3.6 0

    ppb / 1e-9 0
    ppt / 1e-12 0
    VAh VAs 3600 0
    mg/l kg/m3 1/1000 0
    ug/l kg/m3 1e-6 0
    g/l kg/m3 1 0";

/// Holds how a unit is defined: `root = value x scale + offset`.
pub(super) struct Row {
    pub(super) unit: Unit,
    pub(super) root: &'static str,
    pub(super) scale: Exact,
    pub(super) offset: Exact,
}

/// Returns all units of the registry.
///
/// # Errors
/// The library does not know a symbol, or the text above is no table.
pub(super) fn rows() -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for symbol in ALONE.split_whitespace() {
        let (scale, offset) = (Exact::integer(1), Exact::integer(0));
        rows.push(Row { unit: unit(symbol)?, root: symbol, scale, offset });
    }
    for line in DERIVED.lines().filter(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let mut word = || words.next().context(|| format!("too short: {line}"));
        let (symbol, by, scale, offset) = (word()?, word()?, word()?, word()?);
        let (scale, offset) = (Exact::parse(scale)?, Exact::parse(offset)?);
        let by_row = rows.iter().find(|row| row.unit.symbol() == by);
        let by_row = by_row.context(|| format!("{symbol} is defined by {by}, which is not yet"))?;
        // KiB by way of B.
        let scale = &scale * &by_row.scale;
        rows.push(Row { unit: unit(symbol)?, root: by_row.root, scale, offset });
    }
    Ok(rows)
}

fn unit(symbol: &str) -> Result<Unit, Failure> {
    Unit::from_symbol(symbol).context(|| format!("the library does not know {symbol}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_unit_once() {
        let rows = rows().unwrap();
        assert_eq!(rows.len(), 106);
        for number in 0..=u8::MAX {
            let count = rows.iter().filter(|row| row.unit.number() == number).count();
            assert_eq!(count, usize::from(Unit::from_number(number).is_some()), "{number}");
        }
    }
}
