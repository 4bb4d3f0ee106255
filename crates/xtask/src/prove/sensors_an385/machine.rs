//! The emulated board with its parts: set over QMP, asked over the console.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::cases::Case;
use crate::demo::Guard;
use crate::failure::{Context, Failure};
use crate::process::{command, target_dir};
use crate::qmp::Qmp;

/// What is plugged in, beside the EEPROM.
const DEVICES: [&str; 6] = [
    "tmp105,id=air,bus=i2c,address=0x48",
    "emc1413,id=chip,bus=i2c,address=0x4c",
    "emc1414,id=large,bus=i2c,address=0x4d",
    "lsm303dlhc_mag,id=compass,bus=i2c,address=0x1e",
    "dps310,bus=i2c,address=0x77",
    "ds1338,bus=i2c,address=0x68",
];
const EEPROM_BYTES: usize = 4_096;
/// An answer takes some milliseconds, up to 0.3 s where a part is configured anew.
const PATIENCE: Duration = Duration::from_secs(20);

/// Holds the running emulator.
pub(super) struct Machine {
    qemu: Guard,
    qmp: Qmp,
    console: ChildStdin,
    lines: Receiver<String>,
    /// What the compass was asked with last: QEMU scales what it is set to by its gain.
    range: &'static str,
    image: PathBuf,
    /// A folder of its own: the path of a Unix socket has at most 107 bytes.
    orders: PathBuf,
}

impl Machine {
    pub(super) fn start(firmware: &Path) -> Result<Self, Failure> {
        let folder = target_dir().join("prove");
        std::fs::create_dir_all(&folder).context(|| folder.display().to_string())?;
        let image = folder.join(format!("eeprom-{}.bin", std::process::id()));
        std::fs::write(&image, [0xFF; EEPROM_BYTES]).context(|| image.display().to_string())?;
        let orders = std::env::temp_dir().join(format!("sundew-bus-{}", std::process::id()));
        std::fs::create_dir_all(&orders).context(|| orders.display().to_string())?;
        let socket = orders.join("qmp");
        // A killed QEMU leaves its socket behind.
        let _ = std::fs::remove_file(&socket);

        let mut qemu = command("qemu-system-arm");
        qemu.args(["-M", "mps2-an385", "-nic", "user", "-drive"]);
        qemu.arg(format!("if=none,id=cells,format=raw,file={}", image.display()));
        qemu.args(["-device", "at24c-eeprom,bus=i2c,address=0x50,rom-size=4096,drive=cells"]);
        for device in DEVICES {
            qemu.args(["-device", device]);
        }
        qemu.arg("-qmp").arg(format!("unix:{},server=on,wait=off", socket.display()));
        qemu.args(["-display", "none", "-monitor", "none", "-serial", "stdio"]);
        qemu.args(["-semihosting-config", "enable=on,target=native", "-kernel"]).arg(firmware);
        qemu.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut qemu = Guard::start("QEMU", &mut qemu)?;
        let console = qemu.child().stdin.take().context(|| "QEMU has no stdin")?;
        let stdout = qemu.child().stdout.take().context(|| "QEMU has no stdout")?;
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let qmp = Qmp::connect(&socket)?;
        let mut machine = Self { qemu, qmp, console, lines, range: "", image, orders };
        machine.line("sensors ready")?;
        Ok(machine)
    }

    /// Sets the parts, each `shift` steps off, and returns what the firmware says.
    ///
    /// # Errors
    /// The machine is gone; inside, QEMU does not take a value.
    pub(super) fn measure(
        &mut self,
        case: &Case,
        shift: i64,
    ) -> Result<Result<String, Failure>, Failure> {
        if let Some(range) = case.range
            && range != self.range
        {
            self.ask(case.ask)?;
            self.range = range;
        }
        for (device, property, value) in &case.sets {
            // Half a degree, or half a microtesla: a step of every part.
            let value = value + shift * if *device == "air" { 500 } else { 1_000 };
            if let Err(refused) = self.qmp.set(device, property, value) {
                self.qemu.check_alive()?;
                return Ok(Err(refused));
            }
        }
        self.ask(case.ask).map(Ok)
    }

    /// Ends the machine and returns the EEPROM's bytes.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, Failure> {
        self.qemu.kill();
        std::fs::read(&self.image).context(|| self.image.display().to_string())
    }

    fn ask(&mut self, line: &str) -> Result<String, Failure> {
        writeln!(self.console, "{line}").context(|| "the firmware's console")?;
        self.line(&format!("answer {line}: "))
    }

    /// Waits for a line that begins so, and returns the rest of it.
    fn line(&mut self, start: &str) -> Result<String, Failure> {
        let line = self.lines.recv_timeout(PATIENCE);
        let line = line.context(|| format!("waiting for `{start}`"))?;
        let rest = line.strip_prefix(start).context(|| format!("`{line}`, not `{start}`"))?;
        Ok(rest.to_owned())
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.orders);
        let _ = std::fs::remove_file(&self.image);
    }
}
