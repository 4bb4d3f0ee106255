//! The steps that compile for microcontrollers.

use cargo_metadata::Package;

use super::Tests;
use crate::failure::{Context, Failure};
use crate::toolchain::{self, TARGETS, Target, Toolchain};
use crate::workspace::{self, FIRMWARE};
use crate::{packages, process, sizes};

/// What a target cannot carry, and why.
struct CannotCarry {
    package: &'static str,
    /// `None` is the package itself.
    feature: Option<&'static str>,
    triple: &'static str,
    reason: &'static str,
}

const NO_LIMBS: &str = "P-256 needs crypto-bigint, which has no limbs of 8 or 16 bits";
const NO_TABLES: &str = "the tables of ed25519-compact are larger than its usize";

const CANNOT_CARRY: &[CannotCarry] = &[
    CannotCarry {
        package: "sundew-transport",
        feature: Some("tls"),
        triple: "avr-none",
        reason: NO_LIMBS,
    },
    CannotCarry {
        package: "sundew-transport",
        feature: Some("ed25519"),
        triple: "avr-none",
        reason: NO_LIMBS,
    },
    CannotCarry {
        package: "sundew-transport",
        feature: Some("p384"),
        triple: "avr-none",
        reason: NO_LIMBS,
    },
    CannotCarry { package: "sundew", feature: Some("tls"), triple: "avr-none", reason: NO_LIMBS },
    CannotCarry {
        package: "sundew-identity",
        feature: Some("ed25519"),
        triple: "avr-none",
        reason: NO_TABLES,
    },
    CannotCarry {
        package: "sundew",
        feature: Some("ed25519"),
        triple: "avr-none",
        reason: NO_TABLES,
    },
    CannotCarry {
        package: "sundew-example-mqtt-node",
        feature: None,
        triple: "avr-none",
        reason: NO_LIMBS,
    },
];

pub(super) fn toolchain(_tests: &mut Tests) -> Result<(), Failure> {
    toolchain::prepare(&TARGETS).map(drop)
}

/// Checks each crate on thumbv6m with no feature, and with each feature alone.
pub(super) fn features(_tests: &mut Tests) -> Result<(), Failure> {
    let toolchain = toolchain::prepare_one("thumbv6m-none-eabi")?;
    for package in workspace::no_std_packages()? {
        let carried = carried(&package, toolchain.target);
        println!("{}: none {}", package.name, carried.join(" "));
        check(&toolchain, &package, None)?;
        for feature in &carried {
            check(&toolchain, &package, Some(feature))?;
        }
    }
    Ok(())
}

/// Builds every crate for every target, with default features and with all that it carries.
pub(super) fn targets(_tests: &mut Tests) -> Result<(), Failure> {
    let packages = workspace::no_std_packages()?;
    refuse_stale_rows(&packages)?;
    for CannotCarry { package, feature, triple, reason } in CANNOT_CARRY {
        let feature = feature.map(|name| format!("/{name}")).unwrap_or_default();
        println!("cannot carry: {package}{feature} on {triple}: {reason}");
    }
    for toolchain in toolchain::prepare(&TARGETS)? {
        println!("{}", toolchain.target.triple);
        let is_here = |package: &&Package| !cannot(package, None, toolchain.target);
        let packages: Vec<&Package> = packages.iter().filter(is_here).collect();
        // An example turns features of the crates on, which would hide what they lack without.
        let is_crate = |package: &&Package| !package.name.starts_with("sundew-example");
        let crates: Vec<&Package> = packages.iter().copied().filter(is_crate).collect();
        let mut build = build_all(&toolchain, &crates);
        process::run(&mut build).context(|| "default features")?;
        let mut features = Vec::new();
        for package in &packages {
            let carried = carried(package, toolchain.target);
            features.extend(carried.iter().map(|feature| format!("{}/{feature}", package.name)));
        }
        let mut build = build_all(&toolchain, &packages);
        process::run(build.args(["--features", &features.join(",")]))
            .context(|| "all features that the target carries")?;
    }
    Ok(())
}

/// Builds the firmware packages and asks clippy about them.
pub(super) fn firmware(_tests: &mut Tests) -> Result<(), Failure> {
    for (folder, triples) in FIRMWARE.iter().flat_map(|firmware| firmware.packages) {
        let dir = process::root().join(folder);
        for triple in *triples {
            println!("{folder} for {triple}");
            let toolchain = toolchain::prepare_one(triple)?;
            if toolchain.clippy().is_none()
                && let Err(failure) = packages::ensure(&[packages::CLIPPY])
            {
                println!("  clippy: {failure}");
            }
            let mut build = toolchain.cargo("build");
            process::run(build.current_dir(&dir).args(["--quiet", "--release", "--locked"]))?;
            if let Some(mut clippy) = toolchain.clippy() {
                clippy.current_dir(&dir).args(["--quiet", "--release", "--all-features"]);
                process::run(clippy.args(["--", "-D", "warnings"]))?;
            } else {
                println!("  no clippy for this compiler: not asked");
            }
        }
    }
    Ok(())
}

/// Fails when a size program of our own crates can panic or counts in floats.
pub(super) fn panics(_tests: &mut Tests) -> Result<(), Failure> {
    sizes::refuse_panics_and_floats()
}

fn build_all(toolchain: &Toolchain, packages: &[&Package]) -> std::process::Command {
    let mut build = toolchain.cargo("build");
    build.args(["--quiet", "--release", "--lib"]);
    for package in packages {
        build.args(["-p", package.name.as_str()]);
    }
    build
}

fn check(toolchain: &Toolchain, package: &Package, feature: Option<&str>) -> Result<(), Failure> {
    let mut check = toolchain.cargo("check");
    check.args(["--quiet", "--lib", "-p", package.name.as_str()]);
    if let Some(feature) = feature {
        check.args(["--features", feature]);
    }
    process::run(&mut check)
}

/// Returns the features of a package that a target carries; none has an operating system.
fn carried(package: &Package, target: Target) -> Vec<String> {
    let is_carried = |feature: &str| {
        feature != "default" && feature != "std" && !cannot(package, Some(feature), target)
    };
    package.features.keys().filter(|feature| is_carried(feature)).cloned().collect()
}

fn cannot(package: &Package, feature: Option<&str>, target: Target) -> bool {
    CANNOT_CARRY.iter().any(|row| {
        let is_package = row.package == package.name.as_str() && row.triple == target.triple;
        is_package && row.feature == feature
    })
}

/// A row that names what no longer exists would hide the next feature of that name.
fn refuse_stale_rows(packages: &[Package]) -> Result<(), Failure> {
    for CannotCarry { package, feature, .. } in CANNOT_CARRY {
        let is_named = |candidate: &Package| {
            let has_it = feature.is_none_or(|name| candidate.features.contains_key(name));
            candidate.name.as_str() == *package && has_it
        };
        if !packages.iter().any(is_named) {
            return Err(Failure::new(format!("stale row of CANNOT_CARRY: {package} {feature:?}")));
        }
    }
    Ok(())
}
