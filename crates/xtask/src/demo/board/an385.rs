//! Real firmware for the MPS2 AN385 (Cortex-M3), in QEMU.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Board;
use crate::demo::ledger::Ledger;
use crate::demo::profile::Profile;
use crate::failure::{Context, Failure};
use crate::packages::{QEMU_ARM, ensure};
use crate::process::{command, root, run};
use crate::qmp::Qmp;
use crate::toolchain;

const TARGET: &str = "thumbv7m-none-eabi";

/// Holds the firmware that was built, and where QEMU takes orders.
pub(super) struct An385 {
    firmware: PathBuf,
    /// Names a folder of its own: the path of a Unix socket has at most 107 bytes.
    orders: PathBuf,
}

impl An385 {
    /// Builds `boards/mps2-an385` and makes sure that there is an emulator.
    pub(super) fn build(profile: Profile, ledger: &Ledger) -> Result<Self, Failure> {
        ensure(&[QEMU_ARM])?;
        ledger.show().say("building the firmware for the AN385 (a compiler first, the first time)");
        let toolchain = toolchain::prepare_one(TARGET)?;
        let mut build = toolchain.cargo("build");
        build.args(["--release", "--quiet", "--bin", "node"]);
        // Firmware holds one profile, chosen while compiling.
        if profile == Profile::Compact {
            build.args(["--features", "compact"]);
        }
        run(build.current_dir(root().join("boards/mps2-an385")))?;
        Self::with(toolchain.release_dir().join("node"))
    }

    fn with(firmware: PathBuf) -> Result<Self, Failure> {
        let orders = std::env::temp_dir().join(format!("sundew-{}", std::process::id()));
        std::fs::create_dir_all(&orders).context(|| format!("cannot make {}", orders.display()))?;
        Ok(Self { firmware, orders })
    }

    /// Returns the command for the machine, with no program in it yet.
    fn machine(&self, flash: &Path) -> Command {
        // A killed QEMU leaves its socket behind.
        let _ = std::fs::remove_file(self.socket());
        let mut qemu = command("qemu-system-arm");
        qemu.args(["-M", "mps2-an385,memory-backend=flash", "-object"]).arg(format!(
            "memory-backend-file,id=flash,size=16M,share=on,mem-path={}",
            flash.display()
        ));
        qemu.args(["-device", "tmp105,id=air,bus=i2c,address=0x48", "-nic", "user"]);
        qemu.arg("-qmp").arg(format!("unix:{},server=on,wait=off", self.socket().display()));
        qemu.args(["-display", "none", "-monitor", "none", "-serial", "stdio"]);
        qemu
    }

    fn socket(&self) -> PathBuf {
        self.orders.join("qmp")
    }

    fn order(&self, millicelsius: i32) -> Result<(), Failure> {
        Qmp::connect(&self.socket())?.set("air", "temperature", millicelsius.into())
    }
}

impl Drop for An385 {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.orders);
    }
}

impl Board for An385 {
    fn name(&self) -> &'static str {
        "mps2-an385"
    }

    fn image_bytes(&self) -> u64 {
        // QEMU wants a file for the whole PSRAM, of which the first MiB is the flash.
        16 << 20
    }

    fn command(&self, flash: &Path, port: u16) -> Command {
        let mut qemu = self.machine(flash);
        qemu.arg("-semihosting-config");
        qemu.arg(format!("enable=on,target=native,arg=node,arg=port={port}"));
        qemu.arg("-kernel").arg(&self.firmware);
        qemu
    }

    fn set_temperature(&self, millicelsius: i32) -> Option<Result<(), Failure>> {
        Some(self.order(millicelsius).context(|| "cannot set the sensor over QMP"))
    }
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;
    use crate::demo::guard::Guard;

    #[test]
    fn qemu_takes_a_temperature_and_refuses_an_impossible_one() {
        assert!(QEMU_ARM.is_there(), "this test needs qemu-system-arm (apt-get install it)");
        let board = An385::with(PathBuf::new()).unwrap();
        let flash = board.orders.join("flash.bin");
        std::fs::File::create(&flash).unwrap().set_len(16 << 20).unwrap();
        let mut machine = board.machine(&flash);
        // Stopped before its first instruction: the sensor listens all the same.
        machine.arg("-S").stdin(Stdio::null()).stdout(Stdio::null());
        let mut machine = Guard::start("QEMU", &mut machine).unwrap();
        board.set_temperature(-7_000).unwrap().unwrap();
        board.set_temperature(21_500).unwrap().unwrap();
        let refused = board.set_temperature(1_000_000).unwrap().unwrap_err();
        assert!(refused.to_string().contains("out of range"), "{refused}");
        machine.check_alive().unwrap();
    }
}
