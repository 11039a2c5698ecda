//! Truth values: 是/否, true/false, yes/no, 1/0.

use super::fold;

/// Reads a truth value; `None` for any other word.
#[must_use]
pub fn parse_truth(text: &str) -> Option<bool> {
    match fold(text).to_lowercase().as_str() {
        "是" | "true" | "t" | "yes" | "y" | "1" | "真" => Some(true),
        "否" | "false" | "f" | "no" | "n" | "0" | "假" | "不是" | "非" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_is_read_in_both_languages() {
        for text in ["是", "true", "TRUE", "1", "Y", " 是 ", "Ｙ"] {
            assert_eq!(parse_truth(text), Some(true), "{text}");
        }
        for text in ["否", "false", "0", "n", "N"] {
            assert_eq!(parse_truth(text), Some(false), "{text}");
        }
        for text in ["", "2", "也许", "是否"] {
            assert_eq!(parse_truth(text), None, "{text}");
        }
    }
}
