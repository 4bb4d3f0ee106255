//! A Python with modules that are not ours: the system's where it has them, else one below
//! `target/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Context, Failure};
use crate::packages::{Package, ensure};
use crate::process::{capture, find_program, target_dir};

/// Names a module and where it comes from.
#[derive(Clone, Copy)]
pub(crate) struct Module {
    /// The word after `import`.
    import: &'static str,
    /// The package on `PyPI`.
    pip: &'static str,
    /// The same package of Debian, for Debian's own Python.
    debian: Option<Package>,
}

/// Reads and writes CBOR.
pub(crate) const CBOR2: Module = Module {
    import: "cbor2",
    pip: "cbor2",
    debian: Some(Package::new("python3-cbor2", "/usr/lib/python3/dist-packages/cbor2/__init__.py")),
};
/// Signs by OpenSSL.
pub(crate) const CRYPTOGRAPHY: Module = Module {
    import: "cryptography",
    pip: "cryptography",
    debian: Some(Package::new(
        "python3-cryptography",
        "/usr/lib/python3/dist-packages/cryptography/__init__.py",
    )),
};
/// Stuffs frames.
pub(crate) const COBS: Module = Module { import: "cobs", pip: "cobs", debian: None };
/// Reads and writes SenML with floats.
pub(crate) const MICROPYTHON_SENML: Module =
    Module { import: "senml", pip: "micropython-senml", debian: None };

/// Validates CBOR by CDDL; its newest release does not know cbor2 6 yet.
pub(crate) const ZCBOR: [Module; 2] = [
    Module { import: "zcbor", pip: "zcbor", debian: None },
    Module { import: "cbor2", pip: "cbor2<6", debian: None },
];

/// Python, where not even that is there.
const PYTHON: Package = Package::new("python3", "python3");
/// What Debian takes out of Python's own library.
const VENV: Package = Package::new("python3-venv", "/usr/share/doc/python3-venv");

/// Finds a Python that has the modules, or makes one below `target/`.
///
/// # Errors
/// Something is missing and cannot be installed from here; the failure says what to type.
pub(crate) fn python(modules: &[Module]) -> Result<PathBuf, Failure> {
    python_in("python", modules)
}

/// Does the same with a folder below `target/` of its own, for modules that others do not go with.
///
/// # Errors
/// As [`python`].
pub(crate) fn python_in(folder: &str, modules: &[Module]) -> Result<PathBuf, Failure> {
    ensure(&[PYTHON])?;
    let system = find_program("python3").context(|| "there is no python3 on PATH")?;
    let folder = target_dir().join(folder);
    let own = folder.join("bin/python3");
    for python in [&system, &own] {
        if has(python, modules) {
            return Ok(python.clone());
        }
    }
    let names: Vec<&str> = modules.iter().map(|module| module.pip).collect();
    println!("installing from PyPI: {}", names.join(" "));
    let Err(failure) = install(&system, &folder, &names) else { return Ok(own) };
    let debian = PathBuf::from("/usr/bin/python3");
    let packages: Option<Vec<Package>> = modules.iter().map(|module| module.debian).collect();
    if packages.is_some_and(|packages| ensure(&packages).is_ok()) && has(&debian, modules) {
        return Ok(debian);
    }
    let names = names.join(" ");
    Err(Failure::new(format!("please run: pip install {names}\n{failure}")))
}

fn has(python: &Path, modules: &[Module]) -> bool {
    let imports: Vec<&str> = modules.iter().map(|module| module.import).collect();
    let program = format!("import {}", imports.join(", "));
    capture(Command::new(python).args(["-c", &program])).is_ok()
}

/// Makes a Python of our own, so that the system's stays as it is.
fn install(system: &Path, folder: &Path, names: &[&str]) -> Result<(), Failure> {
    if capture(Command::new(system).args(["-c", "import ensurepip, venv"])).is_err() {
        ensure(&[VENV])?;
    }
    capture(Command::new(system).args(["-m", "venv"]).arg(folder))?;
    let own = folder.join("bin/python3");
    capture(Command::new(own).args(["-m", "pip", "install", "--quiet"]).args(names)).map(drop)
}
