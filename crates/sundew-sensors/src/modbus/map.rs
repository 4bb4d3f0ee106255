//! What the registers of a device mean: constant data.

use super::wire::MAX_REGISTERS;
use crate::Output;
use sundew_units::Quantity;

/// Chooses the kind of registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Function {
    /// Reads holding registers ("4x").
    Holding = 3,
    /// Reads input registers ("3x").
    Input = 4,
}

/// Names what a number is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// Is a register with a sign.
    I16,
    /// Is a register without a sign.
    U16,
    /// Is two registers with a sign.
    I32,
    /// Is two registers without a sign.
    U32,
    /// Is two registers that hold an IEEE 754 float of 32 bits; it is read by integers only.
    F32,
}

/// Says which of two registers comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Order {
    /// Is the upper half first, as `SunSpec` and most meters have it.
    HighFirst,
    /// Is the lower half first.
    LowFirst,
}

/// Says what a number is multiplied by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Scale {
    /// Multiplies by this power of ten.
    Fixed(i8),
    /// Multiplies by the power of ten in the register at this place of the block, -10 to 10, as
    /// `SunSpec`'s `sunssf` points do.
    Register(u16),
}

/// Describes one number of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Register {
    /// Holds its place in the block, counted from 0.
    pub place: u16,
    /// Holds what it is made of.
    pub kind: Kind,
    /// Holds the order of its two registers.
    pub order: Order,
    /// Holds what it is multiplied by, to give the quantity's canonical unit.
    pub scale: Scale,
    /// Names what it measures.
    pub quantity: Quantity,
    /// Holds the power of ten that the output's integer is multiplied by.
    pub exponent: i8,
    /// Holds whether 0x8000, 0xFFFF and their kin mean "not implemented", as with `SunSpec`.
    pub has_gaps: bool,
}

impl Register {
    /// Describes a number in steps of `10^exponent` of the quantity's canonical unit.
    ///
    /// For [`Kind::F32`] the number itself is in the canonical unit, and `exponent` is that of the
    /// output.
    pub const fn new(place: u16, kind: Kind, quantity: Quantity, exponent: i8) -> Self {
        let scale = match kind {
            Kind::F32 => Scale::Fixed(0),
            _ => Scale::Fixed(exponent),
        };
        let order = Order::HighFirst;
        Self { place, kind, order, scale, quantity, exponent, has_gaps: false }
    }

    /// Multiplies by another power of ten than the output's.
    #[must_use]
    pub const fn scaled(self, scale: Scale) -> Self {
        Self { scale, ..self }
    }

    /// Reads the lower register first.
    #[must_use]
    pub const fn low_first(self) -> Self {
        Self { order: Order::LowFirst, ..self }
    }

    /// Follows `SunSpec`: scale from a register, and numbers that mean "not implemented".
    #[must_use]
    pub const fn sunspec(self, scale_place: u16) -> Self {
        Self { scale: Scale::Register(scale_place), has_gaps: true, ..self }
    }

    /// Returns how many registers the number takes.
    pub const fn registers(self) -> u16 {
        match self.kind {
            Kind::I16 | Kind::U16 => 1,
            Kind::I32 | Kind::U32 | Kind::F32 => 2,
        }
    }
}

/// Describes a block of registers and `N` numbers in it; implemented by a type without values.
///
/// A number that lies outside its block stops the build:
///
/// ```compile_fail
/// use sundew_sensors::modbus::{Function, Kind, Map, Modbus, Register};
/// use sundew_units::Quantity;
/// struct Wrong;
/// impl Map<1> for Wrong {
///     const FUNCTION: Function = Function::Holding;
///     const FIRST: u16 = 0;
///     const COUNT: u16 = 1;
///     const REGISTERS: [Register; 1] = [Register::new(0, Kind::I32, Quantity::Energy, 3)];
/// }
/// # use sundew_testkit::{SimClock, SimMhz19, SimSerial};
/// # let (clock, part) = (SimClock::new(), SimMhz19::new());
/// let port = SimSerial::new(&clock, &part);
/// let sensor = Modbus::<_, Wrong, 1>::new(&port, 1, 100);
/// ```
pub trait Map<const N: usize> {
    /// Holds the kind of registers.
    const FUNCTION: Function;
    /// Holds the address of the first register, counted from 0 (40001 is holding register 0).
    const FIRST: u16;
    /// Holds the number of registers, at most 32.
    const COUNT: u16;
    /// Describes the numbers, in the order of the outputs.
    const REGISTERS: [Register; N];
}

/// Stops the build where a map cannot be.
pub(super) const fn check<M: Map<N>, const N: usize>() {
    assert!(M::COUNT > 0 && M::COUNT as usize <= MAX_REGISTERS, "a block has 1 to 32 registers");
    assert!(N <= 32, "a block has at most 32 numbers");
    let mut rest: &[Register] = &M::REGISTERS;
    while let [register, others @ ..] = rest {
        assert!(
            register.place + register.registers() <= M::COUNT,
            "a number lies outside the block"
        );
        if let Scale::Register(place) = register.scale {
            assert!(place < M::COUNT, "a scale factor lies outside the block");
        }
        rest = others;
    }
}

/// Returns whether a number of the map is a float.
pub(super) const fn has_float<M: Map<N>, const N: usize>() -> bool {
    let mut rest: &[Register] = &M::REGISTERS;
    while let [register, others @ ..] = rest {
        if matches!(register.kind, Kind::F32) {
            return true;
        }
        rest = others;
    }
    false
}

pub(super) const fn outputs<M: Map<N>, const N: usize>() -> [Output; N] {
    let mut outputs = [Output::new(Quantity::RawSignal, 0); N];
    let mut from: &[Register] = &M::REGISTERS;
    let mut to: &mut [Output] = &mut outputs;
    while let ([register, registers @ ..], [output, outputs @ ..]) = (from, to) {
        *output = Output::new(register.quantity, register.exponent);
        (from, to) = (registers, outputs);
    }
    outputs
}
