//! Numbers of algorithms.

/// Names an algorithm by its number in the IANA registry of COSE algorithms.
///
/// ```
/// use sundew_identity::cose::Algorithm;
///
/// assert_eq!(Algorithm::ED25519.number(), -19);
/// assert_eq!(Algorithm::new(-46).number(), -46); // HSS/LMS, RFC 8778
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Algorithm(i32);

impl Algorithm {
    /// Names Ed25519 and nothing else (RFC 9864).
    pub const ED25519: Self = Self(-19);
    /// Names ECDSA over P-256 with SHA-256 and nothing else (RFC 9864).
    pub const ESP256: Self = Self(-9);
    /// Names ECDSA with SHA-256 over any curve (RFC 9053); RFC 9864 deprecates it.
    pub const ES256: Self = Self(-7);
    /// Names `EdDSA` over any curve (RFC 9053); RFC 9864 deprecates it.
    pub const EDDSA: Self = Self(-8);

    /// Names an algorithm by its number.
    pub const fn new(number: i32) -> Self {
        Self(number)
    }

    /// Returns the number.
    pub const fn number(self) -> i32 {
        self.0
    }
}
