//! Times as people write them.

use sundew_codec::Time;

/// Returns a time as UTC, as an offset from now (`now-5s`) or from the boot (`+9s`).
pub(crate) fn text(time: Time, millis: u16) -> String {
    match time {
        Time::Unix(seconds) => utc(seconds, millis),
        Time::FromNow(0) if millis == 0 => "now".into(),
        Time::FromNow(seconds) => format!("now{}s", signed(seconds, millis)),
        Time::SinceBoot(seconds) => format!("+{seconds}s"),
        _ => "?".into(),
    }
}

/// Returns seconds and the milliseconds above them as one decimal with a sign.
pub(crate) fn signed(seconds: i32, millis: u16) -> String {
    let total = i64::from(seconds) * 1_000 + i64::from(millis);
    let sign = if total < 0 { '-' } else { '+' };
    format!("{sign}{}", decimal(total.unsigned_abs()))
}

/// Returns milliseconds as seconds, without a fraction of zero.
pub(crate) fn decimal(millis: u64) -> String {
    match millis % 1_000 {
        0 => (millis / 1_000).to_string(),
        fraction => format!("{}.{fraction:03}", millis / 1_000),
    }
}

/// Returns the date and time of Unix seconds (RFC 3339).
pub(crate) fn utc(seconds: u32, millis: u16) -> String {
    let (mut day, second) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1970;
    while day >= days_in_year(year) {
        day -= days_in_year(year);
        year += 1;
    }
    let mut month = 1;
    while day >= days_in_month(year, month) {
        day -= days_in_month(year, month);
        month += 1;
    }
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let fraction = if millis == 0 { String::new() } else { format!(".{millis:03}") };
    let day = day + 1;
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

// To 2106, where u32 ends, 2000 and 2100 are the only centuries.
fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && year != 2100
}

fn days_in_year(year: u32) -> u32 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_is_that_of_date() {
        // As printed by `date -u -d @N +%FT%TZ`.
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_320_067_464, "2011-10-31T13:24:24Z"), // RFC 8428 section 5.1.3
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (u32::MAX, "2106-02-07T06:28:15Z"),
        ] {
            assert_eq!(utc(seconds, 0), expected);
        }
        assert_eq!(utc(1_276_020_076, 1), "2010-06-08T18:01:16.001Z"); // section 5.1.2
    }

    #[test]
    fn offsets_have_a_sign() {
        assert_eq!(text(Time::NOW, 0), "now");
        assert_eq!(text(Time::FromNow(-5), 0), "now-5s");
        assert_eq!(text(Time::FromNow(-1), 750), "now-0.250s");
        assert_eq!(text(Time::FromNow(0), 20), "now+0.020s");
        assert_eq!(text(Time::SinceBoot(9), 0), "+9s");
    }
}
