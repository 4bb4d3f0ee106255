//! Which size programs there are, and which target runs which.

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
    &["-M", "mps2-an385", "-semihosting-config", "enable=on,target=native"],
);
const VIRT: Run = Run::Qemu("qemu-system-riscv32", &["-M", "virt", "-bios", "none"]);

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
pub(super) struct Program {
    /// The feature's name.
    pub(super) name: &'static str,
    /// What it does, for the table.
    pub(super) what: &'static str,
    /// Whether everything in it is ours, so that no panic may be linked.
    pub(super) panics: Panics,
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
    Program { name, what, panics: Panics::Refused, not_on: &[], recordings: &[] }
}

const fn stored(name: &'static str, what: &'static str) -> Program {
    Program { name, what, panics: Panics::Known(LOG), not_on: &[], recordings: &[] }
}

const LOG: &str = "sequential-storage 8 asserts, and an async fn panics where it is polled again; \
                   both go with the log of our own";

/// The programs, in the order of the table's rows.
pub(super) const PROGRAMS: &[Program] = &[
    ours("units", "three channels take a value, two are rescaled"),
    ours("units-convert", "a wind from km/h to m/s, for any value"),
    ours("units-typed", "the same, for a range known while compiling"),
    ours("sensor-sht4x", "one measurement into a sample"),
    ours("codec-record", "three readings to queue bytes and back"),
    ours("codec-encode", "three readings into a SenML pack"),
    Program { recordings: &["pack.cbor"], ..ours("codec-decode", "the same pack out of SenML") },
    stored("settings", "a setting saved and loaded"),
    stored("queue", "a record kept, found, acknowledged"),
    Program {
        not_on: &[(
            "avr-none",
            "a generator that makes four blocks at a time takes 2.2 KB of stack",
        )],
        recordings: &["record.raw"],
        ..stored("identity", "a device record, a boot counted, a generator seeded")
    },
    ours("mqtt", "log in, subscribe, publish, acknowledged"),
    Program {
        not_on: &[("avr-none", "the queue on sequential-storage leaves 3 of the 32 KiB")],
        ..stored("node", "sensor, queue, pack, link, acknowledged")
    },
    Program {
        name: "tls",
        what: "a handshake with a verified server, one record",
        panics: Panics::Known("third-party cryptography: embedded-tls, p256, rustls-webpki"),
        not_on: &[("avr-none", "P-256 needs crypto-bigint, which has no limbs of 8 or 16 bits")],
        recordings: &["tls/flight.raw", "tls/time.raw"],
    },
];
