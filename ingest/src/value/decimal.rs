//! Exact decimals of up to six places, as a whole number of millionths.

/// Reads `[+-]digits[.digits]`, the whole part perhaps in groups of three, into millionths times
/// ten to the `shift`. More places than fit exactly are no number, unless they are zeros.
pub(super) fn millionths(text: &str, shift: u32) -> Option<i64> {
    let (negative, text) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (whole, part) = match text.split_once('.') {
        Some((whole, part)) => (whole, part),
        None => (text, ""),
    };
    let whole = ungrouped(whole)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(&whole) || !digits(part) || (whole.is_empty() && part.is_empty()) {
        return None;
    }
    let places = usize::try_from(shift).ok()? + 6;
    let kept = part.get(..places.min(part.len()))?;
    if part.get(kept.len()..)?.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let padding = "0".repeat(places - kept.len());
    let all = format!("{whole}{kept}{padding}");
    let all = all.trim_start_matches('0');
    let size: i64 = if all.is_empty() { 0 } else { all.parse().ok()? };
    Some(if negative { -size } else { size })
}

/// Takes `12,345,678` apart: commas only where they group by three.
fn ungrouped(whole: &str) -> Option<String> {
    if !whole.contains(',') {
        return Some(whole.to_owned());
    }
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let well = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    well.then(|| whole.replace(',', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        for (text, shift, expected) in [
            ("0", 0, Some(0)),
            ("-0", 0, Some(0)),
            ("1", 0, Some(1_000_000)),
            ("+1.5", 0, Some(1_500_000)),
            (".5", 0, Some(500_000)),
            ("5.", 0, Some(5_000_000)),
            ("0.000001", 0, Some(1)),
            ("0.0000010", 0, Some(1)),
            ("0.0000001", 0, None),
            ("0.0000001", 4, Some(1_000)),
            ("1,234,567.5", 0, Some(1_234_567_500_000)),
            ("1,23", 0, None),
            ("12,34,567", 0, None),
            (",123", 0, None),
            ("1e5", 0, None),
            ("", 0, None),
            (".", 0, None),
            ("-", 0, None),
            ("９", 0, None),
            ("9223372036854.775807", 0, Some(i64::MAX)),
            ("9223372036854.775808", 0, None),
            ("99999999999999999999999999", 4, None),
        ] {
            assert_eq!(millionths(text, shift), expected, "{text}");
        }
    }
}
