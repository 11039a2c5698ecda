//! Identifiers: check characters of credit codes (GB 32100) and resident numbers (GB 11643).

/// The alphabet of the unified social credit code: no I, O, S, V or Z.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The check character of the first 17 characters of a unified social credit code.
pub fn credit_check(body: &str) -> char {
    assert_eq!(body.len(), 17, "a code's body has 17 characters");
    let mut weight = 1;
    let mut sum = 0;
    for character in body.chars() {
        sum += weight
            * ALPHABET
                .find(character)
                .expect("a character of the alphabet");
        weight = weight * 3 % 31;
    }
    ALPHABET.chars().nth((31 - sum % 31) % 31).unwrap()
}

/// Whether a code has the right length, alphabet and check character.
pub fn is_credit_code(code: &str) -> bool {
    code.len() == 18
        && code.chars().all(|character| ALPHABET.contains(character))
        && code.ends_with(credit_check(&code[..17]))
}

/// The inner check character (GB 11714) of the eight characters of an organisation code.
pub fn organisation_check(body: &str) -> char {
    assert_eq!(
        body.len(),
        8,
        "an organisation code's body has 8 characters"
    );
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let value = |character: char| character.to_digit(36).expect("a digit or a letter");
    let sum: u32 = body
        .chars()
        .zip(weights)
        .map(|(one, weight)| value(one) * weight)
        .sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap(),
    }
}

/// The check character of the first 17 digits of a resident identity number.
pub fn resident_check(body: &str) -> char {
    assert_eq!(body.len(), 17, "a number's body has 17 digits");
    let mut weight = 1 << 17;
    let mut sum = 0;
    for digit in body.chars() {
        sum += weight % 11 * digit.to_digit(10).expect("a digit");
        weight /= 2;
    }
    "10X98765432"
        .chars()
        .nth(usize::try_from(sum % 11).unwrap())
        .unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_check() {
        assert!(is_credit_code("91350100M000100Y43"));
        assert!(!is_credit_code("91350100M000100Y44"));
        assert_eq!(resident_check("11010519491231002"), 'X');
        assert_eq!(resident_check("44052418800101001"), '4');
        assert_eq!(organisation_check("D2143569"), 'X');
    }
}
