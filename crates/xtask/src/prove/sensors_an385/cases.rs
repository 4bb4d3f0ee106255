//! What is measured, and what must come of it.

/// Holds one measurement.
#[derive(Debug)]
pub(super) struct Case {
    /// What the parts are set to before: device, property, value.
    pub(super) sets: Vec<(&'static str, &'static str, i64)>,
    /// What the firmware is asked.
    pub(super) ask: &'static str,
    /// The compass must have this range before it is set.
    pub(super) range: Option<&'static str>,
    pub(super) expected: Expected,
    /// Says in what QEMU's model differs from the part.
    pub(super) known: Option<&'static str>,
}

/// Says what must come of it.
#[derive(Debug)]
pub(super) enum Expected {
    /// These values, each within its bound.
    Values(Vec<Bound>),
    /// These bytes of registers.
    Registers(&'static [u8]),
    /// This answer: an error of the driver.
    Text(&'static str),
    /// QEMU does not take the value.
    Refused,
}

/// Bounds one value of a driver.
#[derive(Debug)]
pub(super) struct Bound {
    /// What the datasheet makes of the register, in the output's last place: a fraction.
    pub(super) exact: (i64, i64),
    /// How far the driver states that it may be off, in hundredths of the last place.
    pub(super) off_hundredths: i64,
    pub(super) quality: &'static str,
}

impl Bound {
    /// Returns whether a value is near enough.
    pub(super) fn holds(&self, value: i64) -> bool {
        let (numerator, denominator) = self.exact;
        (value * denominator - numerator).abs() * 100 <= self.off_hundredths * denominator
    }
}

impl Case {
    fn new(ask: &'static str, expected: Expected) -> Self {
        Self { sets: Vec::new(), ask, range: None, expected, known: None }
    }

    /// Returns whether no slice goes without it.
    pub(super) fn is_fault(&self) -> bool {
        !matches!(self.expected, Expected::Values(_))
    }
}

/// Returns all cases; the parts take turns, as on a bus that several drivers share.
pub(super) fn all() -> Vec<Case> {
    let streams = [air(), chips(), compass(), faults(), faults(), faults()];
    let mut placed = Vec::new();
    for stream in streams {
        let length = stream.len();
        // In millionths of the way through its stream.
        let place = |index: usize| (2 * index + 1) * 500_000 / length;
        placed.extend(stream.into_iter().enumerate().map(|(index, case)| (place(index), case)));
    }
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, case)| case).collect()
}

/// Every step of the TMP105's register at 12 bits, every seventh at the other resolutions.
fn air() -> Vec<Case> {
    let resolutions =
        [("tmp105 12", 12, 1), ("tmp105 9", 9, 7), ("tmp105 10", 10, 7), ("tmp105 11", 11, 7)];
    let mut cases = Vec::new();
    for (ask, bits, stride) in resolutions {
        for sixteenths in (-2_048..2_048_i64).step_by(stride) {
            // The least millidegrees from which QEMU makes this step.
            let millicelsius = (sixteenths * 125 + 1).div_euclid(2);
            let unused = 1_i64 << (12 - bits);
            let shown = sixteenths.div_euclid(unused) * unused;
            // 6.25 hundredths, halves upwards (the driver's page), so there is no room at all.
            let exact = ((shown * 25 + 2).div_euclid(4), 1);
            let bound = Bound { exact, off_hundredths: 0, quality: "Good" };
            cases.push(Case {
                sets: vec![("air", "temperature", millicelsius)],
                ..Case::new(ask, Expected::Values(vec![bound]))
            });
        }
    }
    cases
}

/// Every value of the register that the model has, on each input of both parts.
fn chips() -> Vec<Case> {
    const INPUTS: [&str; 4] = ["temperature0", "temperature1", "temperature2", "temperature3"];
    let mut cases = Vec::new();
    for (device, ask, inputs) in [("chip", "emc1413", 3), ("large", "emc1414", 4)] {
        for register in 0..=255_i64 {
            let mut sets = Vec::new();
            let mut bounds = Vec::new();
            for (index, input) in (0_i64..).zip(INPUTS.iter().take(inputs)) {
                // Another value on each input: one that is mistaken for another shows.
                let celsius = (register + 61 * index) % 256;
                sets.push((device, *input, celsius * 1_000));
                let quality = match celsius {
                    0 => "UnderRange",
                    1..=127 => "Good",
                    // The standard range ends at 127.875 Cel.
                    _ => "OverRange",
                };
                bounds.push(Bound { exact: (celsius * 1_000, 1), off_hundredths: 0, quality });
            }
            cases.push(Case { sets, ..Case::new(ask, Expected::Values(bounds)) });
        }
    }
    cases
}

/// What the DLHC makes of a gauss: range, along X and Y, along Z (datasheet, "Gain setting").
const GAINS: [(&str, i64, i64); 7] = [
    ("lsm303 1.3", 1_100, 980),
    ("lsm303 1.9", 855, 760),
    ("lsm303 2.5", 670, 600),
    ("lsm303 4.0", 450, 400),
    ("lsm303 4.7", 400, 355),
    ("lsm303 5.6", 330, 295),
    ("lsm303 8.1", 230, 205),
];

/// Every positive step of the narrowest range, every eighth of the others.
fn compass() -> Vec<Case> {
    let mut cases = Vec::new();
    for (index, (ask, gain_xy, gain_z)) in GAINS.into_iter().enumerate() {
        let stride = if index == 0 { 1 } else { 8 };
        for x in (0..2_048_i64).step_by(stride) {
            let axes = [x, 2_047 - x, x * 5 % 2_048];
            let gains = [gain_xy, gain_xy, gain_z];
            let mut sets = Vec::new();
            let mut bounds = Vec::new();
            for ((property, steps), gain) in
                ["mag-x", "mag-y", "mag-z"].into_iter().zip(axes).zip(gains)
            {
                // The least nanotesla from which QEMU makes so many steps.
                sets.push(("compass", property, (steps * 100_000 + gain - 1) / gain));
                let exact = (steps * 100_000, gain);
                bounds.push(Bound { exact, off_hundredths: 57, quality: "Good" });
            }
            cases.push(Case { sets, range: Some(ask), ..Case::new(ask, Expected::Values(bounds)) });
        }
    }
    cases
}

/// What must end in an error of its own, and what QEMU's models lack.
fn faults() -> Vec<Case> {
    use Expected::{Refused, Registers, Text};
    const NOBODY: &str = "Bus(NoAcknowledgeAddress)";
    vec![
        Case::new("tmp105 absent", Text(NOBODY)),
        Case::new("emc1413 absent", Text(NOBODY)),
        Case::new("tmp105 restarted", Text("Restarted")),
        Case::new("lsm303 restarted", Text("Restarted")),
        // An EMC1414 where an EMC1413 should be: 0x5D25; a DLHC where an AGR should be.
        Case::new("emc1413 mistaken", Text("WrongPart(23845)")),
        Case::new("lsm303 mistaken", Text("WrongPart(0)")),
        Case::new("dps310 raw", Registers(&[0xFE, 0x2F, 0xEE, 0x02, 0x69, 0xA6])),
        Case::new(
            "dps310 coefficients",
            Registers(&[
                0x0E, 0x1E, 0xDD, 0x13, 0xCA, 0x5F, 0x21, 0x52, 0xF9, 0xC6, 0x04, 0xD1, 0xDB, 0x47,
                0x00, 0x5B, 0xFB, 0x3A,
            ]),
        ),
        Case {
            known: Some("the model answers 0xFF for its identity (0x10 in the datasheet)"),
            ..Case::new("dps310 identity", Registers(&[0xFF]))
        },
        Case {
            known: Some("the driver refuses a part with the model's identity"),
            ..Case::new("dps310", Text("WrongPart(255)"))
        },
        Case {
            known: Some("the model keeps no configuration, so its extended range looks restarted"),
            ..Case::new("emc1413 extended", Text("Restarted"))
        },
        Case {
            sets: vec![("compass", "mag-x", -25_000)],
            known: Some("QEMU 7.2 refuses a negative field"),
            ..Case::new("lsm303 1.3", Refused)
        },
    ]
}
