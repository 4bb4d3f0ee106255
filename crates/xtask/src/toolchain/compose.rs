//! The second way: Debian's compiler, rustup's linker, and a `core` built here.
//!
//! The sysroot is a folder of links around what must be built:
//!
//! ```text
//! target/toolchain/<key>/bin/rustc                      calls /usr/bin/rustc with this sysroot
//! target/toolchain/<key>/lib/rustlib/<host>/lib         -> Debian's, for build scripts and macros
//! target/toolchain/<key>/lib/rustlib/<host>/bin         -> rustup's, for rust-lld
//! target/toolchain/<key>/lib/rustlib/<target>/lib/*.rlib  core, alloc, compiler_builtins
//! ```
//!
//! Debian packs the source that fits its compiler (rustup's `rust-src` needs the internet), but no
//! rust-lld; so two halves make one. `RUSTC_BOOTSTRAP` is set for the build of `core` only: what
//! uses the sysroot is stable Rust.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::Target;
use crate::failure::{Context, Failure};
use crate::packages::{self, Package};
use crate::process;

const COMPILER: &str = "/usr/bin/rustc";
const NEEDED: [Package; 2] = [
    Package::new("rustc-web", COMPILER),
    Package::new("rust-web-src", "/usr/lib/rustlib/src/rust/library/core/src/lib.rs"),
];
/// What cargo leaves in `deps` of a `core` build and a sysroot must hold.
const LIBRARIES: [&str; 3] = ["libcore-", "liballoc-", "libcompiler_builtins-"];

/// Returns a sysroot that holds `core` and `alloc` for the targets, building those that it lacks.
///
/// # Errors
/// The packages are missing and cannot be installed, or `core` does not build.
pub(super) fn sysroot(targets: &[Target]) -> Result<PathBuf, Failure> {
    packages::ensure(&NEEDED).context(|| "no embedded toolchain: rustup cannot add it and")?;
    if !knows(targets)? {
        packages::upgrade(&NEEDED).context(|| format!("{COMPILER} is too old"))?;
    }
    let compiler = version(COMPILER)?;
    let linker = version("rustc")?;
    let host = field(&compiler, "host: ").context(|| format!("{COMPILER} names no host"))?;
    let key = fingerprint(&[&compiler, &linker, include_str!("compose.rs")]);
    let sysroot = cache_dir().join(format!("{key:016x}"));

    let libraries = sysroot.join("lib/rustlib");
    fs::create_dir_all(&libraries).context(|| libraries.display().to_string())?;
    let lock = File::create(sysroot.join("lock")).context(|| "toolchain lock")?;
    lock.lock().context(|| "toolchain lock")?;

    lay_out(&sysroot, host)?;
    let missing: Vec<Target> =
        targets.iter().copied().filter(|target| !libraries.join(target.triple).exists()).collect();
    if !missing.is_empty() {
        build_core(&missing, &sysroot)?;
    }
    Ok(sysroot)
}

/// Returns the folder that holds every sysroot composed here.
pub(super) fn cache_dir() -> PathBuf {
    process::target_dir().join("toolchain")
}

/// Puts everything in place that is not built.
fn lay_out(sysroot: &Path, host: &str) -> Result<(), Failure> {
    let ours = sysroot.join("lib/rustlib").join(host);
    let debian = PathBuf::from(query_sysroot(COMPILER)?).join("lib/rustlib").join(host);
    let rustup = PathBuf::from(query_sysroot("rustc")?).join("lib/rustlib").join(host);
    if !rustup.join("bin/rust-lld").exists() {
        let place = rustup.display();
        return Err(Failure::new(format!("no rust-lld in {place}; a rustup toolchain brings it")));
    }
    fs::create_dir_all(&ours).context(|| ours.display().to_string())?;
    fs::create_dir_all(sysroot.join("bin")).context(|| sysroot.display().to_string())?;
    link(&debian.join("lib"), &ours.join("lib"))?;
    link(&rustup.join("bin"), &ours.join("bin"))?;
    link(Path::new("/usr/lib/rustlib/src"), &sysroot.join("lib/rustlib/src"))?;

    let wrapper = sysroot.join("bin/rustc");
    let text = format!("#!/bin/sh\nexec {COMPILER} --sysroot '{}' \"$@\"\n", sysroot.display());
    // A cache may come back at another path; an unchanged file keeps its time, and cargo its work.
    if fs::read_to_string(&wrapper).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let draft = wrapper.with_extension("new");
    fs::write(&draft, text).context(|| draft.display().to_string())?;
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o755))
        .context(|| draft.display().to_string())?;
    fs::rename(&draft, &wrapper).context(|| wrapper.display().to_string())
}

/// Builds `core` and `alloc` for the targets in one call, so that two cores build two of them.
fn build_core(targets: &[Target], sysroot: &Path) -> Result<(), Failure> {
    let names: Vec<&str> = targets.iter().map(|target| target.triple).collect();
    println!("building core for {} (25 s each, kept in target/toolchain)", names.join(" "));
    let started = Instant::now();
    let work = sysroot.join("build");
    // What a build that was cut left behind; absent otherwise.
    let _ = fs::remove_dir_all(&work);
    write_seed(&work)?;

    let mut cargo = process::cargo();
    cargo.current_dir(&work).args(["build", "--quiet", "--release", "-Zbuild-std=core,alloc"]);
    cargo.env("RUSTC", COMPILER).env("RUSTC_BOOTSTRAP", "1");
    cargo.env("CARGO_TARGET_DIR", work.join("target"));
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    for target in targets {
        // Bitcode lets firmware optimise across core; rustup's own core carries it too.
        let cpu = target.cpu.map(|cpu| format!(" -Ctarget-cpu={cpu}")).unwrap_or_default();
        let name = target.triple.to_uppercase().replace(['-', '.'], "_");
        cargo.env(format!("CARGO_TARGET_{name}_RUSTFLAGS"), format!("-Cembed-bitcode=yes{cpu}"));
        cargo.args(["--target", target.triple]);
    }
    process::run(&mut cargo).context(|| "core does not build")?;

    for target in targets {
        let deps = work.join("target").join(target.triple).join("release/deps");
        let draft = sysroot.join("build/finished").join(target.triple);
        let place = sysroot.join("lib/rustlib").join(target.triple);
        copy_libraries(&deps, &draft.join("lib"))?;
        // The folder appears whole or not at all: a build that is cut leaves nothing behind.
        fs::rename(&draft, &place).context(|| place.display().to_string())?;
    }
    fs::remove_dir_all(&work).context(|| work.display().to_string())?;
    println!("built core in {:.0} s", started.elapsed().as_secs_f32());
    Ok(())
}

/// Writes the empty crate whose dependencies, `core` and `alloc`, are all that is wanted of it.
fn write_seed(work: &Path) -> Result<(), Failure> {
    let source = work.join("src");
    fs::create_dir_all(&source).context(|| source.display().to_string())?;
    fs::write(source.join("lib.rs"), "#![no_std]\n").context(|| source.display().to_string())?;
    let manifest = "[package]\nname = \"seed\"\nedition = \"2024\"\n[workspace]\n\
                    [profile.release]\nopt-level = \"s\"\n";
    fs::write(work.join("Cargo.toml"), manifest).context(|| work.display().to_string())
}

fn copy_libraries(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to).context(|| to.display().to_string())?;
    let mut found = 0;
    for entry in fs::read_dir(from).context(|| from.display().to_string())? {
        let path = entry.context(|| from.display().to_string())?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_library = LIBRARIES.iter().any(|library| name.starts_with(library));
        if is_library && path.extension().is_some_and(|extension| extension == "rlib") {
            fs::copy(&path, to.join(&name)).context(|| name)?;
            found += 1;
        }
    }
    if found == LIBRARIES.len() {
        return Ok(());
    }
    Err(Failure::new(format!("{} libraries in {}, not 3", found, from.display())))
}

/// Makes a link, or puts it right when it points elsewhere.
fn link(to: &Path, at: &Path) -> Result<(), Failure> {
    if fs::read_link(at).is_ok_and(|old| old == to) {
        return Ok(());
    }
    // Absent is the common case; anything else makes the next call fail and say so.
    let _ = fs::remove_file(at);
    symlink(to, at).context(|| at.display().to_string())
}

/// Returns whether Debian's compiler has a specification of each target: 1.85 knows no `avr-none`.
fn knows(targets: &[Target]) -> Result<bool, Failure> {
    let mut command = process::command(COMPILER);
    command.args(["--print", "target-list"]).env_remove("LD_LIBRARY_PATH");
    let list = process::capture(&mut command)?;
    Ok(targets.iter().all(|target| list.lines().any(|line| line == target.triple)))
}

fn version(rustc: &str) -> Result<String, Failure> {
    process::capture(process::command(rustc).arg("-vV").env_remove("LD_LIBRARY_PATH"))
}

fn query_sysroot(rustc: &str) -> Result<String, Failure> {
    let mut command = process::command(rustc);
    let text =
        process::capture(command.args(["--print", "sysroot"]).env_remove("LD_LIBRARY_PATH"))?;
    Ok(text.trim().to_owned())
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name))
}

/// FNV-1a: the same on every run and every compiler, which the standard hasher does not promise.
fn fingerprint(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_changes_with_each_part() {
        let key = fingerprint(&["rustc 1.96.0", "rustc 1.95.0", "source"]);
        assert_ne!(key, fingerprint(&["rustc 1.96.1", "rustc 1.95.0", "source"]));
        assert_ne!(key, fingerprint(&["rustc 1.96.0", "rustc 1.95.1", "source"]));
        assert_ne!(key, fingerprint(&["rustc 1.96.0", "rustc 1.95.0", "sources"]));
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
    }

    #[test]
    fn a_link_is_put_right_when_it_points_elsewhere() {
        let dir = std::env::temp_dir().join(format!("sundew-link-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        link(Path::new("/one"), &dir.join("link")).unwrap();
        link(Path::new("/two"), &dir.join("link")).unwrap();
        assert_eq!(fs::read_link(dir.join("link")).unwrap(), Path::new("/two"));
        fs::remove_dir_all(&dir).unwrap();
    }
}
