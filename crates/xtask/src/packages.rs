//! What comes from the system's package manager: looked for first, installed where that is possible.

use std::path::Path;
use std::sync::Once;

use crate::failure::{Context, Failure};
use crate::process::{self, find_program};

/// Names a package of Debian and the file that proves that it is there.
#[derive(Clone, Copy)]
pub(crate) struct Package {
    /// The name that `apt-get install` takes.
    pub(crate) name: &'static str,
    /// A program on PATH, or a file when it begins with `/`.
    pub(crate) proof: &'static str,
}

impl Package {
    /// Makes the pair; `proof` is a program on PATH, or a file when it begins with `/`.
    pub(crate) const fn new(name: &'static str, proof: &'static str) -> Self {
        Self { name, proof }
    }

    /// Returns whether what the package brings is there, from whichever source it came.
    pub(crate) fn is_there(self) -> bool {
        if self.proof.starts_with('/') {
            return Path::new(self.proof).exists();
        }
        // Debian keeps daemons such as mosquitto where only root has them on PATH.
        find_program(self.proof).is_some() || Path::new("/usr/sbin").join(self.proof).is_file()
    }
}

/// The emulator of the Cortex-M boards.
pub(crate) const QEMU_ARM: Package = Package::new("qemu-system-arm", "qemu-system-arm");
/// The emulator of the RISC-V boards.
pub(crate) const QEMU_RISCV: Package = Package::new("qemu-system-misc", "qemu-system-riscv32");
/// The broker, the client that is not ours, and the certificates of the demo.
pub(crate) const BROKER: [Package; 3] = [
    Package::new("mosquitto", "mosquitto"),
    Package::new("mosquitto-clients", "mosquitto_sub"),
    Package::new("openssl", "openssl"),
];
/// Another broker, by others in another language, that speaks MQTT 3.1.1 only.
pub(crate) const NATS: Package = Package::new("nats-server", "nats-server");
/// The server that updates are fetched from.
pub(crate) const NGINX: Package = Package::new("nginx-light", "nginx");
/// What runs the decoders that LoRaWAN servers run.
pub(crate) const NODE_JS: Package = Package::new("nodejs", "node");
/// The 8-bit simulator's library; the harness of `cargo sizes` is compiled against it.
pub(crate) const SIMAVR: [Package; 2] = [
    Package::new("libsimavr-dev", "/usr/include/simavr/sim_avr.h"),
    Package::new("libelf-dev", "/usr/include/libelf.h"),
];
/// The linker and the C library that 8-bit firmware links against.
pub(crate) const AVR_LINKER: [Package; 3] = [
    Package::new("gcc-avr", "avr-gcc"),
    Package::new("binutils-avr", "avr-ld"),
    Package::new("avr-libc", "/usr/lib/avr/include/avr/io.h"),
];

/// The clippy that fits Debian's compiler.
pub(crate) const CLIPPY: Package = Package::new("rust-web-clippy", "/usr/bin/cargo-clippy");

/// Makes sure that the packages are there: on Debian as root it installs what is missing.
///
/// # Errors
/// Something is missing and cannot be installed from here; the failure is the line to type.
pub(crate) fn ensure(packages: &[Package]) -> Result<(), Failure> {
    let missing: Vec<&str> =
        packages.iter().filter(|package| !package.is_there()).map(|package| package.name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if find_program("apt-get").is_none() {
        return Err(Failure::new(format!("please install (names as in Debian 12): {names}")));
    }
    let by_hand = format!("sudo apt-get install --no-install-recommends {names}");
    if !is_root() {
        return Err(Failure::new(format!("please run: {by_hand}")));
    }
    install(&missing).context(|| format!("please run: {by_hand}"))?;
    match packages.iter().find(|package| !package.is_there()) {
        None => Ok(()),
        Some(Package { name, proof }) => {
            Err(Failure::new(format!("{name} is installed, but {proof} is not there")))
        }
    }
}

/// Brings installed packages to the newest version that the package lists offer.
///
/// # Errors
/// They cannot be installed from here; the failure is the line to type.
pub(crate) fn upgrade(packages: &[Package]) -> Result<(), Failure> {
    let names: Vec<&str> = packages.iter().map(|package| package.name).collect();
    let by_hand =
        format!("please run: sudo apt-get update; sudo apt-get install {}", names.join(" "));
    if find_program("apt-get").is_none() || !is_root() {
        return Err(Failure::new(by_hand));
    }
    install(&names).context(|| by_hand)
}

fn install(names: &[&str]) -> Result<(), Failure> {
    static UPDATED: Once = Once::new();
    // A fresh machine has no package lists, or old ones: those of Debian 12's main archive alone
    // offer a compiler that is too old. Where the update fails, what is listed may do all the same.
    UPDATED.call_once(|| {
        let _ = process::capture(apt_get().arg("update"));
    });
    println!("installing {}", names.join(" "));
    let mut apt = apt_get();
    apt.args(["install", "-y", "-q", "--no-install-recommends"]).args(names);
    process::capture(&mut apt).map(drop)
}

fn apt_get() -> std::process::Command {
    let mut apt = process::command("apt-get");
    // Installing a broker must not start one of the system's own on port 1883.
    apt.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
    // Another apt may run (unattended upgrades of a fresh machine do): wait for it.
    apt.args(["-o", "DPkg::Lock::Timeout=300"]);
    apt
}

fn is_root() -> bool {
    process::capture(process::command("id").arg("-u")).is_ok_and(|text| text.trim() == "0")
}
