//! 编造的身份标识 / Invented identifiers with valid check digits.
//!
//! 居民身份证号码的出生年份只用 1900—1909：格式正确（GB 11643），不属于任何在世的人。
//! 统一社会信用代码的主体标识码一律以 Y 开头：符合 GB 11714 和 GB 32100，不是已发放的号段。

use super::rng::Rng;

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A unified social credit code with the prefix (category) and region given.
pub fn uscc(rng: &mut Rng, prefix: &str, region: &str) -> String {
    let mut body = vec![b'Y'];
    body.extend((0..7).map(|_| ALPHABET[rng.below(31)]));
    let inner = inner_check(&body);
    let mut code = format!("{prefix}{region}").into_bytes();
    code.extend(body);
    code.push(inner);
    code.push(outer_check(&code));
    String::from_utf8(code).unwrap_or_default()
}

/// The same code with a wrong last character: a code that was issued in error (错码).
pub fn misprinted(uscc: &str) -> String {
    let (body, last) = uscc.split_at(17);
    let wrong = if last == "0" { "1" } else { "0" };
    format!("{body}{wrong}")
}

/// The same code with a wrong inner check and a right outer one.
pub fn inner_misprinted(uscc: &str) -> String {
    let mut code = uscc.as_bytes()[..17].to_vec();
    code[16] = if code[16] == b'7' { b'8' } else { b'7' };
    code.push(outer_check(&code));
    String::from_utf8(code).unwrap_or_default()
}

fn value(symbol: u8, alphabet: &[u8]) -> usize {
    alphabet.iter().position(|a| *a == symbol).unwrap_or(0)
}

fn inner_check(body: &[u8]) -> u8 {
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let letters = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let sum: usize = body
        .iter()
        .zip(weights)
        .map(|(c, w)| value(*c, letters) * w)
        .sum();
    match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        n => b'0' + n as u8,
    }
}

fn outer_check(code: &[u8]) -> u8 {
    let mut weight = 1;
    let mut sum = 0;
    for symbol in &code[..17] {
        sum += value(*symbol, ALPHABET) * weight;
        weight = weight * 3 % 31;
    }
    ALPHABET[(31 - sum % 31) % 31]
}

/// A resident ID number of somebody who would be well over a hundred.
pub fn resident(rng: &mut Rng, region: &str) -> String {
    let body = format!(
        "{region}190{}{:02}{:02}{:03}",
        rng.below(10),
        rng.between(1, 12),
        rng.between(1, 28),
        rng.between(1, 999)
    );
    let sum: usize = body
        .bytes()
        .enumerate()
        .map(|(i, b)| usize::from(b - b'0') * ((1 << (17 - i)) % 11))
        .sum();
    let check = b"10X98765432"[sum % 11] as char;
    format!("{body}{check}")
}
