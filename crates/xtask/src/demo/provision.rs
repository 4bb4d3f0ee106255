//! What a device gets in the factory, written into its flash image.

use std::convert::Infallible;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use embedded_storage::nor_flash::NorFlash;
use mqtt_node::{FLASH_MAP, IDENTITY, SETTINGS};
use sundew_identity::{Anchor, AnchorKind, Anchors, DeviceRecord, Role, Roles};
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
    let authority = Anchor {
        roles: Roles::of(&[Role::Server]),
        kind: AnchorKind::Certificate,
        key_id: &[],
        bytes: anchor,
    };
    let mut bytes = vec![0; IDENTITY.len() as usize];
    let anchors = Anchors::encode(&[authority], &mut bytes);
    let anchors = anchors.map_err(|needed| Failure::new(format!("anchors of {needed} bytes")))?;
    let seed = random::bytes()?;
    let record = DeviceRecord::new(&device.id)
        .with_server(&device.server_name)
        .with_credentials(&device.user, device.password.as_bytes())
        .with_seed(&seed)
        .with_anchors(1, anchors);
    // As a programmer does it: one copy at the start of the region, and no settings.
    let mut image = vec![0xFF; IDENTITY.len() as usize / 2];
    record.encode::<Infallible>(&mut image).context(|| "device record")?;
    part.write(IDENTITY.start(), &image).context(|| "device record")?;

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
    use mqtt_node::RECORD;
    use sundew_identity::{Drbg, next_boot};
    use sundew_store::Settings;

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
        let record = RECORD.load(&mut *part, &mut buffer).unwrap();
        let authority = record.anchors.of(Role::Server).next().unwrap();
        assert_eq!((record.id, authority.bytes), ("weather-1", b"an authority".as_slice()));
        assert_eq!(record.password, Some(device.password.as_bytes()));
        let settings = Settings::new(SETTINGS);
        assert!(Drbg::open(&mut *part, &settings, &record).is_ok());
        assert_eq!(next_boot(&mut *part, &settings).unwrap(), 1);
    }
}
