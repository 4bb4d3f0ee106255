//! Names that count up.

use crate::Failure;

/// Returns `count` names, the first of which is `name`: the digits at its end count up and keep their
/// number. An empty name stays empty.
pub(super) fn up(option: &str, name: &str, count: u32) -> Result<Vec<String>, Failure> {
    if count == 1 || name.is_empty() {
        return Ok(vec![name.to_owned(); count as usize]);
    }
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = name.strip_prefix(stem).unwrap_or_default();
    let width = digits.len();
    let first: u64 = digits.parse().map_err(|_| {
        Failure::Usage(format!("{option} must end in digits that can count up, such as {stem}001"))
    })?;
    // A name that grows at 1000 sorts before 999, and a field of fixed width is cut.
    let last = first.checked_add(u64::from(count) - 1);
    let last = last.filter(|last| last.to_string().len() <= width).ok_or_else(|| {
        Failure::Usage(format!("{option} has too few digits to count up {count} times"))
    })?;
    Ok((first..=last).map(|number| format!("{stem}{number:0width$}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_keep_their_number() {
        let names = |name, count| up("--id", name, count).ok();
        assert_eq!(names("hut-008", 3).unwrap(), ["hut-008", "hut-009", "hut-010"]);
        assert_eq!(names("hut", 1).unwrap(), ["hut"]);
        assert_eq!(names("", 2).unwrap(), ["", ""]);
        assert_eq!((names("hut", 2), names("hut-9", 2), names("99", 2)), (None, None, None));
        assert_eq!(names("18446744073709551615", 2), None);
    }
}
