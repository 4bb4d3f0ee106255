//! What a device gets in the factory, written into its flash image.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use embedded_storage::nor_flash::NorFlash;
use mqtt_node::{FLASH_MAP, IDENTITY, SETTINGS};
use sundew_identity::{DeviceRecord, Drbg};
use sundew_store::Settings;
use sundew_testkit::SimFlash;

use super::random;
use crate::failure::{Context, Failure};

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

/// The front of the part, with the pages and words of both boards. What lies behind it stays erased;
/// the whole MiB would be too much for the stack of a thread.
type Front = SimFlash<{ IDENTITY.range().end as usize }, { FLASH_MAP.erase_size() as usize }, 4>;

const _: () = assert!(SETTINGS.range().end <= IDENTITY.range().end);

/// Writes an erased flash image with the device's record and its random seed. The file gets
/// `length` bytes; those past the part do not count.
pub(crate) fn image(
    path: &Path,
    length: u64,
    device: &Device,
    anchor: &[u8],
) -> Result<(), Failure> {
    let mut part = Box::new(Front::new());
    let record = DeviceRecord::new(&device.id, &device.server_name, anchor)
        .with_credentials(&device.user, device.password.as_bytes());
    let mut bytes = vec![0xFF; IDENTITY.len() as usize];
    record.encode(&mut bytes).context(|| "device record")?;
    part.write(IDENTITY.start(), &bytes).context(|| "device record")?;
    let seed = random::bytes()?;
    Drbg::provision(&mut *part, &Settings::new(SETTINGS), &seed).context(|| "random seed")?;

    let file = File::create(path).and_then(|mut file| {
        file.write_all(part.image())?;
        let behind = FLASH_MAP.capacity() - IDENTITY.range().end;
        file.write_all(&vec![0xFF; behind as usize])?;
        file.set_len(length)
    });
    file.context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use sundew_identity::next_boot;

    use super::*;

    #[test]
    fn a_board_finds_its_record_and_its_seed() {
        let path = std::env::temp_dir().join(format!("sundew-image-{}", std::process::id()));
        let device = Device::fresh().unwrap();
        image(&path, 2 << 20, &device, b"an authority").unwrap();
        let written = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(written.len(), 2 << 20);

        assert!(written[IDENTITY.range().end as usize..1 << 20].iter().all(|byte| *byte == 0xFF));
        let mut part = Box::new(Front::new());
        let front = part.image().len();
        part.image_mut().copy_from_slice(&written[..front]);
        let mut buffer = [0; 512];
        let record = DeviceRecord::load(&mut *part, IDENTITY, &mut buffer).unwrap();
        assert_eq!((record.id, record.anchor), ("weather-1", b"an authority".as_slice()));
        assert_eq!(record.password, Some(device.password.as_bytes()));
        let settings = Settings::new(SETTINGS);
        assert!(Drbg::open(&mut *part, &settings).is_ok());
        assert_eq!(next_boot(&mut *part, &settings).unwrap(), 1);
    }
}
