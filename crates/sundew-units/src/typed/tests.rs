extern crate std;
use super::*;
use std::string::ToString;

const ROUNDINGS: [Rounding; 5] = [
    Rounding::HalfEven,
    Rounding::HalfAwayFromZero,
    Rounding::TowardZero,
    Rounding::Floor,
    Rounding::Ceiling,
];

/// The narrow way gives what the general one gives.
#[test]
fn thirty_two_bits_do_where_the_range_is_small() {
    type Wind = KilometrePerHour<-1, -3_000, 3_000>;
    type Cold = Celsius<-3, -100_000, 200_000>;
    for rounding in ROUNDINGS {
        for mantissa in -3_000..=3_000 {
            let wind = Wind::new(mantissa).unwrap();
            let (fine, coarse): (MetrePerSecond<-3>, MetrePerSecond<0>) =
                (wind.to(rounding), wind.to(rounding));
            assert_eq!(wind.try_to(rounding), Some(fine));
            assert_eq!(wind.try_to(rounding), Some(coarse));
        }
        for mantissa in (-100_000..=200_000).step_by(7) {
            let cold = Cold::new(mantissa).unwrap();
            let (fine, coarse): (Kelvin<-4>, Kelvin<-1>) = (cold.to(rounding), cold.to(rounding));
            assert_eq!(cold.try_to(rounding), Some(fine));
            assert_eq!(cold.try_to(rounding), Some(coarse));
        }
    }
}

#[test]
fn the_ends_of_the_full_range_are_kept() {
    let least = Millivolt::<0>::from_mantissa(i32::MIN);
    let volt: Volt<-3> = least.to(Rounding::HalfEven);
    assert_eq!(volt.mantissa(), i32::MIN);
    let whole: Volt<0> = least.to(Rounding::HalfEven);
    assert_eq!(whole.mantissa(), -2_147_484);
    let hours: Hour<0> = Second::<0>::from_mantissa(i32::MAX).to(Rounding::Floor);
    assert_eq!(hours.mantissa(), 596_523);
    let far: Metre<100> = Metre::<-100>::from_mantissa(i32::MIN).to(Rounding::Floor);
    assert_eq!(far.mantissa(), -1);
}

#[test]
fn text_and_numbers_go_both_ways() {
    let air = Celsius::<-2>::from_dec("-7.5".parse().unwrap()).unwrap();
    assert_eq!(air.to_string(), "-7.50 Cel");
    assert_eq!(std::format!("{air:?}"), "-750e-2 Cel");
    assert_eq!(Celsius::<-2>::from_dec(Dec::new(1, -3)), None);
    assert_eq!(Celsius::<-2, 0, 5>::from_dec(Dec::new(6, -2)), None);
    let [two, three] = [2, 3].map(|mantissa| Ratio::<0, 0, 4>::new(mantissa).unwrap());
    assert_eq!(two.checked_add(three), None);
    assert_eq!(three.checked_sub(two).map(Amount::mantissa), Some(1));
    assert!(two < three);
    assert_eq!(size_of_val(&two), 4);
}

#[test]
fn outputs_and_channels_are_told_apart() {
    use crate::ChannelId;
    let air = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
    assert!(Celsius::<-2>::fits(&air) && !Celsius::<-1>::fits(&air));
    assert!(!Kelvin::<-2>::fits(&air) && Kelvin::<-2>::fits(&air.with_unit(Unit::Kelvin)));
    let air = air.with_range(-4_000, 12_500);
    assert!(Celsius::<-2, -4_000, 12_500>::fits(&air));
    assert!(!Celsius::<-2, -4_001, 12_500>::fits(&air));
    assert!(Pascal::<0>::is_output(Quantity::AirPressure, 0));
    assert!(!Hectopascal::<0>::is_output(Quantity::AirPressure, 0));
}
