//! What the simulated sensor measures: a day of two minutes, with frost at night.

use sundew_testkit::SimSht4x;

/// Holds the length of a day in milliseconds.
const DAY: u64 = 120_000;

/// Sets what `sensor` measures at a time of day, so that a restart does not jump.
pub(crate) fn measure(sensor: &SimSht4x<'_>, millis: u64) {
    let (centi_celsius, centi_percent) = at(millis);
    sensor.set(centi_celsius, centi_percent);
}

/// Returns temperature and humidity in hundredths: -4.00 to 21.00 Cel up and down in even steps,
/// 95.00 to 45.00 %RH the other way, since warmer air holds more water.
fn at(millis: u64) -> (i32, i32) {
    let phase = i32::try_from(millis % DAY).unwrap_or(0);
    let half = i32::try_from(DAY / 2).unwrap_or(1);
    let height = if phase < half { phase } else { 2 * half - phase };
    let part = |range: i32| (i64::from(range) * i64::from(height) / i64::from(half)) as i32;
    (part(2_500) - 400, 9_500 - part(5_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_goes_up_and_down_slowly() {
        assert_eq!(at(0), (-400, 9_500));
        assert_eq!(at(DAY / 2), (2_100, 4_500));
        assert_eq!(at(DAY), at(0));
        for second in 0..DAY / 1_000 {
            let (now, then) = (at(second * 1_000), at(second * 1_000 + 1_000));
            assert!((now.0 - then.0).abs() <= 42, "{second}");
            assert!((now.1 - then.1).abs() <= 84, "{second}");
        }
    }
}
