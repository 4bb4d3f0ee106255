//! Settings that have a type.

use core::marker::PhantomData;

use super::Key;

/// Is a type that a setting can have; the bytes are frozen, little-endian.
pub trait Value: Sized {
    /// Is the value as it is stored, at most [`Settings::LONGEST`](super::Settings::LONGEST) long.
    type Bytes: AsRef<[u8]>;

    /// Returns the bytes that are stored.
    fn to_bytes(&self) -> Self::Bytes;

    /// Returns the value of stored bytes; `None` where they are of another length or no value.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl Value for $integer {
            type Bytes = [u8; size_of::<$integer>()];

            fn to_bytes(&self) -> Self::Bytes {
                self.to_le_bytes()
            }

            fn from_bytes(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self::from_le_bytes)
            }
        }
    )*};
}

integers!(u8, u16, u32, i32);

impl<const LEN: usize> Value for [u8; LEN] {
    type Bytes = Self;

    fn to_bytes(&self) -> Self {
        *self
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok()
    }
}

/// Names a setting together with its type.
///
/// ```
/// use sundew_core::Region;
/// use sundew_store::{Key, Setting, Settings};
/// use sundew_testkit::SimFlash;
///
/// const OFFSET: Setting<i32> = Setting::new(Key::application(64).unwrap());
///
/// let mut flash = SimFlash::<8192, 4096, 8>::new();
/// let settings = Settings::new(Region::new(0, 8192));
/// assert_eq!(settings.read(&mut flash, OFFSET)?, None);
/// settings.write(&mut flash, OFFSET, &-25)?;
/// assert_eq!(settings.read(&mut flash, OFFSET)?, Some(-25));
/// # Ok::<(), sundew_store::Error<sundew_testkit::FlashError>>(())
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Setting<T> {
    key: Key,
    #[cfg_attr(feature = "defmt", defmt(Debug2Format))]
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Setting<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Setting<T> {}

impl<T> Setting<T> {
    /// Says that what is kept under `key` is a `T`.
    pub const fn new(key: Key) -> Self {
        Self { key, kind: PhantomData }
    }

    /// Returns the key without its type.
    pub const fn key(self) -> Key {
        self.key
    }
}

impl Setting<u16> {
    /// Counts how often the device has started (`sundew-identity`).
    pub const BOOT_COUNTER: Self = Self::new(Key::BOOT_COUNTER);
}

impl Setting<[u8; 6]> {
    /// Holds which copy of the device record counts (`sundew-identity`).
    pub const DEVICE_RECORD: Self = Self::new(Key::DEVICE_RECORD);
}

impl Setting<u32> {
    /// Counts how often the random generator was started (`sundew-identity`).
    pub const RANDOM_COUNTER: Self = Self::new(Key::RANDOM_COUNTER);
    /// Holds the moment that the clock cannot be before, in seconds of Unix time.
    pub const TIME_FLOOR: Self = Self::new(Key::TIME_FLOOR);
    /// Holds the first number of a sealed frame that is not reserved (`sundew-identity`).
    pub const FRAME_NUMBER: Self = Self::new(Key::FRAME_NUMBER);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survives<T: Value + PartialEq + core::fmt::Debug>(value: &T, bytes: &[u8]) {
        assert_eq!(value.to_bytes().as_ref(), bytes);
        assert_eq!(T::from_bytes(bytes).as_ref(), Some(value));
        assert_eq!(T::from_bytes(&[0; 40][..=bytes.len()]), None);
    }

    #[test]
    fn values_are_little_endian_and_of_one_length() {
        survives(&7_u8, &[7]);
        survives(&0x0102_u16, &[2, 1]);
        survives(&0x0102_0304_u32, &[4, 3, 2, 1]);
        survives(&-2_i32, &[0xFE, 0xFF, 0xFF, 0xFF]);
        survives(&[1, 2, 3], &[1, 2, 3]);
    }
}
