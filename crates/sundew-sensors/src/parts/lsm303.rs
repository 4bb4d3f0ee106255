//! ST `LSM303DLHC` and `LSM303AGR`: the magnetometer of the compass.
//!
//! After datasheets 018771 revision 2 (`LSM303DLHC`) and 027765 (`LSM303AGR`). The
//! accelerometer has an address of its own and is not driven (that of the `LSM303AGR` is close to a
//! [`lis3dh`](crate::lis3dh)). Nor is the thermometer of the `LSM303DLHC`: its zero is not
//! specified. Iron near the part shifts and stretches the field; correcting that is the application's.
//!
//! Each start triggers one measurement; the part sleeps in between and says when data is ready. A
//! break-down of the supply in between is [`Error::Restarted`](crate::Error::Restarted). An axis that the `LSM303DLHC` could
//! not express is marked [`Quality::OverRange`](sundew_units::Quality::OverRange), whatever its sign.
//!
//! Gains, registers and identities of the `LSM303DLHC` agree with QEMU's model of it; neither datasheet
//! states a maximum for the time of a single measurement, so the waits are estimates and the flag
//! decides. That of the `LSM303DLHC` stays set until the next measurement is written: a read that comes
//! too early may give the one before.

mod agr;
mod dlhc;
mod wire;

use crate::{Bus, Output, Part};
pub use agr::Lsm303Agr;
#[cfg(feature = "async")]
pub use agr::Lsm303AgrAsync;
pub use dlhc::Lsm303Dlhc;
#[cfg(feature = "async")]
pub use dlhc::Lsm303DlhcAsync;
use sundew_units::Quantity;
pub use wire::Range;

/// Describes the three values: nanotesla along X, Y and Z.
pub const OUTPUTS: [Output; 3] = [Output::new(Quantity::MagneticFluxDensity, -9); 3];

/// Describes the driver's parts.
pub const PART: Part = Part {
    module: "lsm303",
    parts: "LSM303DLHC, LSM303AGR",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±0.2 uT noise (DLHC), ±6 uT offset (AGR)"; 3],
    blocking: "1.8 ms at 100 kHz",
};

/// Holds the address of the magnetometer in both parts; nothing can change it.
pub const ADDRESS: u8 = 0x1E;
