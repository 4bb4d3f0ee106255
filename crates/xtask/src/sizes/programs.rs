//! Which size programs there are, and which target runs which.

use sundew_sensors::{PARTS, Part};

/// A machine that runs size programs.
pub(super) struct Machine {
    /// The target that is built.
    pub(super) triple: &'static str,
    /// What the table calls it.
    pub(super) label: &'static str,
    /// The package that starts the programs, from the root of the repository.
    pub(super) dir: &'static str,
    /// How the program is run; the program's path follows.
    pub(super) run: Run,
}

/// What runs the machine code.
#[derive(Clone, Copy)]
pub(super) enum Run {
    /// An emulator, with these words before the path.
    Qemu(&'static str, &'static [&'static str]),
    /// The harness that is compiled against simavr.
    Simavr,
}

const AN385: Run = Run::Qemu(
    "qemu-system-arm",
    // With -icount, virtual time counts instructions, and so does a timer of 25 MHz.
    &["-M", "mps2-an385", "-icount", "shift=7", "-semihosting-config", "enable=on,target=native"],
);
const VIRT: Run = Run::Qemu(
    "qemu-system-riscv32",
    // With -icount and an instruction a nanosecond, the counter of instructions is exact.
    &["-M", "virt", "-bios", "none", "-icount", "shift=0"],
);

/// The machines, in the order of the table's columns. The Cortex-M3 also runs thumbv6m code.
pub(super) const MACHINES: [Machine; 4] = [
    Machine {
        triple: "thumbv6m-none-eabi",
        label: "thumbv6m",
        dir: "benches/sizes/cortex-m",
        run: AN385,
    },
    Machine {
        triple: "thumbv7m-none-eabi",
        label: "thumbv7m",
        dir: "benches/sizes/cortex-m",
        run: AN385,
    },
    Machine {
        triple: "riscv32imc-unknown-none-elf",
        label: "riscv32imc",
        dir: "benches/sizes/riscv32",
        run: VIRT,
    },
    Machine { triple: "avr-none", label: "ATmega328P", dir: "benches/sizes/avr", run: Run::Simavr },
];

/// A size program: a feature of `benches/sizes/programs`.
#[derive(Clone, Copy)]
pub(super) struct Program {
    /// The feature's name.
    pub(super) name: &'static str,
    /// What it does, for the table.
    pub(super) what: &'static str,
    /// Whether everything in it is ours, so that no panic may be linked.
    pub(super) panics: Panics,
    /// The only targets that it is measured on; empty is all of them.
    pub(super) only_on: &'static [&'static str],
    /// The targets that do not carry it, and why.
    pub(super) not_on: &'static [(&'static str, &'static str)],
    /// Files below `benches/sizes/programs/src` that stand for what comes over a wire; they lie in
    /// flash for want of one, and are not counted.
    pub(super) recordings: &'static [&'static str],
}

/// What the panic check asks of a program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Panics {
    /// No symbol of `core::panicking` may be in it.
    Refused,
    /// A dependency brings panics; the reason names it. Fails once that is over.
    Known(&'static str),
}

const fn ours(name: &'static str, what: &'static str) -> Program {
    Program { name, what, panics: Panics::Refused, only_on: &[], not_on: &[], recordings: &[] }
}

const fn node(name: &'static str, what: &'static str) -> Program {
    Program {
        not_on: &[("avr-none", "its queue on NOR flash alone takes 18 of the 32 KiB")],
        ..ours(name, what)
    }
}

/// The programs, in the order of the table's rows.
pub(super) const PROGRAMS: &[Program] = &[
    ours("units", "three channels take a value, two are rescaled"),
    ours("units-convert", "a wind from km/h to m/s, for any value"),
    ours("units-typed", "the same, for a range known while compiling"),
    ours("transform-ntc", "a thermistor by a table of 65 entries"),
    ours("transform-wind", "pulses and a window to a wind, by quadratics"),
    ours("transform-dew", "a dew point from temperature and humidity"),
    ours("sensor-sht4x", "one measurement into a sample"),
    ours("bme280-temperature", "a raw word of a BME280 to hundredths of a degree"),
    ours("bme280-compensation", "the same, and its pressure and humidity"),
    ours("codec-record", "three readings to queue bytes and back"),
    ours("codec-encode", "three readings into a SenML pack"),
    Program { recordings: &["pack.cbor"], ..ours("codec-decode", "the same pack out of SenML") },
    ours("senml-encode", "three readings into SenML by constant prefixes"),
    ours("senml-decode", "three readings out of SenML, names, units and decimals"),
    ours("compact-encode", "a record of seven readings into a compact frame"),
    ours("compact-decode", "the same frame, values and times"),
    ours("tiny-encode", "a record of seven readings into a tiny frame of 12 bytes"),
    ours("tiny-decode", "the same frame, by the table of channels"),
    ours("settings", "a setting saved and loaded"),
    ours("queue", "a record kept, found, acknowledged"),
    ours("policy", "a link that fails, refuses and takes: when to try again"),
    Program {
        only_on: &["avr-none"],
        ..ours("queue-eeprom", "the same in EEPROM, a slot for each record")
    },
    ours("drbg", "a generator started, its count kept, two numbers drawn"),
    Program {
        recordings: &["record.raw"],
        ..ours("identity", "a device record, a boot counted, a generator seeded")
    },
    Program {
        recordings: &["signed.cose"],
        ..ours("cose", "a signed message taken apart, all that is signed shown to a key")
    },
    Program {
        not_on: &[("avr-none", "Ed25519 alone takes 75 of the 32 KiB")],
        recordings: &["signed.cose"],
        panics: Panics::Known("ed25519-compact 2.6 indexes its tables and slices"),
        ..ours("cose-ed25519", "the same message, its signature checked in software")
    },
    ours("airtime", "a LoRaWAN frame's time on air, and its duty cycle"),
    ours("governor", "a LoRaWAN frame booked in its sub-band, the next one put off"),
    ours("frame-crc", "a message of 32 bytes in a serial frame, with a checksum"),
    Program {
        panics: Panics::Known("ascon-aead 0.6 checks lengths where it takes the last block"),
        ..ours("seal", "the same, sealed with Ascon-AEAD128")
    },
    Program {
        recordings: &["answer.http"],
        ..ours("http", "a range of a file asked for, its answer taken")
    },
    ours("mqtt", "log in, subscribe, publish, acknowledged"),
    ours("mqtt5", "the same in MQTT 5"),
    node("node", "sensor, queue, SenML pack, link, acknowledged"),
    node("node-compact", "the same with compact frames"),
    node("node-tiny", "the same with tiny frames"),
    Program {
        panics: Panics::Known("third-party cryptography: embedded-tls, p256, rustls-webpki"),
        not_on: &[("avr-none", "P-256 needs crypto-bigint, which has no limbs of 8 or 16 bits")],
        recordings: &["tls/flight.raw", "tls/time.raw"],
        ..ours("tls", "a handshake with a verified server, one record")
    },
    Program {
        panics: Panics::Known("third-party cryptography: embedded-tls, p256"),
        not_on: &[("avr-none", "P-256 needs crypto-bigint, which has no limbs of 8 or 16 bits")],
        recordings: &["tls/flight.raw", "tls/time.raw"],
        ..ours("tls-pin", "the same, the server's key pinned")
    },
    Program {
        panics: Panics::Known("third-party cryptography: embedded-tls, p256"),
        not_on: &[("avr-none", "P-256 needs crypto-bigint, which has no limbs of 8 or 16 bits")],
        recordings: &["tls/flight-psk.raw"],
        ..ours("tls-psk", "the same, with a shared key")
    },
];

/// The smallest 32-bit target and the 8-bit one; the others lie between and tell nothing new.
pub(super) const DRIVERS_ON: [&str; 2] = ["thumbv6m-none-eabi", "avr-none"];

/// Returns a program for each driver of the catalogue, alone; the table of parts shows them.
pub(super) fn drivers() -> Vec<Program> {
    let driver = |part: &&Part| Program {
        only_on: &DRIVERS_ON,
        // A name lives as long as this process, as those of the table above do.
        ..ours(format!("driver-{}", part.module).leak(), part.parts)
    };
    PARTS.iter().map(driver).collect()
}
