//! Which text encoding a file is in, decided on the whole of it.
//!
//! UTF-8 (with or without a byte-order mark) or GB18030 (so GBK and GB2312). A prefix does not
//! tell: many exports are plain ASCII for a megabyte before the first Chinese character. So the
//! guess is fed every byte, and a sequence cut by the end of a chunk is carried over.
//!
//! One bad byte in a UTF-8 file must not turn the file into GB18030, which would read nearly any
//! bytes as some Chinese. In UTF-8 a Chinese character is a valid three-byte sequence; GBK text
//! hardly ever makes one, and makes an invalid one at nearly every character. The two counts are
//! far apart, and decide.

use encoding_rs::GB18030;

/// U+FEFF in UTF-8, which some editors write at the head of a file.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A text encoding that files come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// GB 18030, a superset of GBK and GB 2312.
    Gb18030,
}

impl Encoding {
    /// The encoding named on the command line: `utf-8`, `utf8`, `gb18030`, `gbk` or `gb2312`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "utf-8-sig" => Some(Self::Utf8),
            "gb18030" | "gbk" | "gb2312" | "gb-18030" | "cp936" => Some(Self::Gb18030),
            _ => None,
        }
    }

    /// The text of `bytes`, or `None` when they are not valid in this encoding.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
            Self::Gb18030 => GB18030
                .decode_without_bom_handling_and_without_replacement(bytes)
                .map(std::borrow::Cow::into_owned),
        }
    }

    /// The text of `bytes` with U+FFFD for what is invalid: for showing, never for use.
    #[must_use]
    pub fn decode_lossy(self, bytes: &[u8]) -> String {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Gb18030 => GB18030.decode_without_bom_handling(bytes).0.into_owned(),
        }
    }
}

/// Tells the encoding of a byte stream that is fed to it in chunks of any size.
#[derive(Debug, Default)]
pub struct Guess {
    carried: Vec<u8>,
    head: Vec<u8>,
    utf8_wide: u64,
    utf8_errors: u64,
    gb: GbScan,
}

impl Guess {
    /// Takes the next bytes.
    pub fn feed(&mut self, chunk: &[u8]) {
        let missing = BYTE_ORDER_MARK.len().saturating_sub(self.head.len());
        self.head.extend(chunk.iter().take(missing));
        self.gb.feed(chunk);
        if self.carried.is_empty() {
            self.scan_utf8(chunk);
        } else {
            let mut joined = std::mem::take(&mut self.carried);
            joined.extend_from_slice(chunk);
            self.scan_utf8(&joined);
        }
    }

    /// The encoding, once every byte was fed.
    #[must_use]
    pub fn finish(&self) -> Encoding {
        let errors = self.utf8_errors + u64::from(!self.carried.is_empty());
        let gb_errors = self.gb.errors + u64::from(self.gb.state != GbState::Start);
        let marked = self.head == BYTE_ORDER_MARK;
        if marked || errors == 0 || self.utf8_wide >= errors || gb_errors >= errors {
            Encoding::Utf8
        } else {
            Encoding::Gb18030
        }
    }

    fn scan_utf8(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    self.utf8_wide += wide(valid);
                    return;
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    self.utf8_wide += wide(std::str::from_utf8(valid).unwrap_or_default());
                    let Some(skip) = error.error_len() else {
                        self.carried = after.to_vec();
                        return;
                    };
                    self.utf8_errors += 1;
                    rest = after.get(skip..).unwrap_or_default();
                }
            }
        }
    }
}

/// How many characters of three or more bytes: lead bytes from 0xE0.
fn wide(text: &str) -> u64 {
    if text.is_ascii() {
        return 0;
    }
    let count = text.bytes().filter(|byte| *byte >= 0xE0).count();
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum GbState {
    #[default]
    Start,
    Second,
    Third,
    Fourth,
}

/// Counts the byte sequences that GB 18030 has no reading for, by its lead and trail ranges.
#[derive(Debug, Default)]
struct GbScan {
    state: GbState,
    errors: u64,
}

impl GbScan {
    fn feed(&mut self, chunk: &[u8]) {
        if self.state == GbState::Start && chunk.is_ascii() {
            return;
        }
        for byte in chunk {
            self.state = match (self.state, byte) {
                (GbState::Start, 0x81..=0xFE) => GbState::Second,
                (GbState::Second, 0x30..=0x39) => GbState::Third,
                (GbState::Third, 0x81..=0xFE) => GbState::Fourth,
                (GbState::Start, 0x00..=0x80)
                | (GbState::Second, 0x40..=0x7E | 0x80..=0xFE)
                | (GbState::Fourth, 0x30..=0x39) => GbState::Start,
                _ => {
                    self.errors += 1;
                    GbState::Start
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Encoding) {
        for size in [1, 2, 3, 5, 7, 4096] {
            let mut guess = Guess::default();
            bytes.chunks(size).for_each(|chunk| guess.feed(chunk));
            assert_eq!(guess.finish(), expected, "chunks of {size}");
        }
    }

    fn gbk(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    #[test]
    fn encodings_are_told_apart() {
        check(b"", Encoding::Utf8);
        check(b"uscc,name\n", Encoding::Utf8);
        check("统一社会信用代码,名称\n".as_bytes(), Encoding::Utf8);
        check("\u{feff}名称".as_bytes(), Encoding::Utf8);
        check(&gbk("统一社会信用代码,名称\n"), Encoding::Gb18030);
        check(&gbk("名"), Encoding::Gb18030);
        check(&gbk("㐀𠀀䶮"), Encoding::Gb18030);
        check("𠀀䶮".as_bytes(), Encoding::Utf8);
    }

    #[test]
    fn chinese_after_much_ascii_still_counts() {
        let mut bytes = vec![b'a'; 1 << 20];
        bytes.extend(gbk("行政处罚"));
        check(&bytes, Encoding::Gb18030);
    }

    #[test]
    fn bad_bytes_in_utf8_do_not_make_it_gb18030() {
        let mut bytes = "名称,六安市测试公司\n".as_bytes().to_vec();
        bytes.extend(b"\xE6\xB5,\xFF\xFE\n");
        check(&bytes, Encoding::Utf8);
        check(b"a,b\n1,\xFF\n", Encoding::Utf8);
        // A character cut in the middle, whose rest GB 18030 would read as one of its own.
        check(
            "名称,六安市测试公司\n"
                .as_bytes()
                .iter()
                .chain(b"\xE6\xB5,x\n")
                .copied()
                .collect::<Vec<u8>>()
                .as_slice(),
            Encoding::Utf8,
        );
    }

    #[test]
    fn bad_bytes_in_gb18030_do_not_make_it_utf8() {
        let mut bytes = gbk("名称,六安市测试公司违法行为类型处罚决定\n");
        bytes.extend(b"\xFF\n");
        check(&bytes, Encoding::Gb18030);
    }
}
