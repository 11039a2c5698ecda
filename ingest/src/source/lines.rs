//! Physical lines of a text file, bounded in length, which may be put back; and the encoding of
//! the whole file.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};

use super::encoding::BYTE_ORDER_MARK;
use super::{Encoding, Guess, Input, MAX_ROW_BYTES, Wrapper};
use crate::Error;

/// Bytes read at once: below [`MAX_ROW_BYTES`], so that no line in a buffer is too long.
const BUFFER: usize = 1 << 18;

/// A physical line with its line end.
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) bytes: Vec<u8>,
    /// Longer than [`MAX_ROW_BYTES`]; `bytes` holds its beginning.
    pub(super) overlong: bool,
}

/// Whole lines without any quote or NUL.
pub(super) struct Plain {
    /// The number of the first.
    pub(super) first: u64,
    /// How many there are.
    pub(super) lines: u64,
    pub(super) text: Vec<u8>,
}

/// How many bytes come before the first quote or NUL. Whole parts are looked at without asking
/// where in them: that goes many bytes at once.
fn plain_bytes(text: &[u8]) -> usize {
    let special = |byte: &u8| matches!(byte, b'"' | 0);
    let mut before = 0;
    for part in text.chunks(64) {
        if part.iter().fold(false, |found, byte| found | special(byte)) {
            let within = part.iter().position(special);
            return before + within.unwrap_or(part.len());
        }
        before += part.len();
    }
    before
}

/// Physical lines, some of which may be put back.
pub(super) struct Lines {
    input: Input,
    reader: BufReader<Box<dyn Read>>,
    number: u64,
    waiting: VecDeque<Line>,
}

impl Lines {
    /// Opens the lines of `input`.
    pub(super) fn open(input: &Input, wrapper: Wrapper) -> Result<Self, Error> {
        let reader = BufReader::with_capacity(BUFFER, input.open(wrapper)?);
        Ok(Self {
            input: input.clone(),
            reader,
            number: 0,
            waiting: VecDeque::new(),
        })
    }

    /// The next line; `None` at the end.
    pub(super) fn next_line(&mut self) -> Result<Option<Line>, Error> {
        if let Some(line) = self.waiting.pop_front() {
            return Ok(Some(line));
        }
        let mut bytes = Vec::new();
        let mut overlong = false;
        loop {
            let buffer = self
                .reader
                .fill_buf()
                .map_err(|error| self.input.unreadable(error))?;
            let end = buffer
                .iter()
                .position(|byte| *byte == b'\n')
                .map(|index| index + 1);
            let used = end.unwrap_or(buffer.len());
            if bytes.len() + used > MAX_ROW_BYTES {
                overlong = true;
            } else {
                bytes.extend(buffer.iter().take(used));
            }
            self.reader.consume(used);
            if end.is_some() || used == 0 {
                break;
            }
        }
        if bytes.is_empty() && !overlong {
            return Ok(None);
        }
        self.number += 1;
        if self.number == 1 && bytes.starts_with(BYTE_ORDER_MARK) {
            bytes.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(Some(Line {
            number: self.number,
            bytes,
            overlong,
        }))
    }

    /// Whole lines without any quote or NUL, as many as are at hand; `None` when the next line is
    /// not such a one.
    pub(super) fn next_plain(&mut self) -> Result<Option<Plain>, Error> {
        // The first line may have a byte-order mark.
        if !self.waiting.is_empty() || self.number == 0 {
            return Ok(None);
        }
        let buffer = self
            .reader
            .fill_buf()
            .map_err(|error| self.input.unreadable(error))?;
        let plain = buffer.get(..plain_bytes(buffer)).unwrap_or_default();
        let end = plain.iter().rposition(|byte| *byte == b'\n');
        let Some(text) = end.and_then(|end| plain.get(..=end)) else {
            return Ok(None);
        };
        // Short sums of equal steps, which compilers do many at once.
        let ends = |part: &[u8]| part.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>();
        let lines = text.chunks(255).map(|part| u64::from(ends(part))).sum();
        let text = text.to_vec();
        self.reader.consume(text.len());
        let first = self.number + 1;
        self.number += lines;
        Ok(Some(Plain { first, lines, text }))
    }

    /// Puts lines back, to be read again in their order.
    pub(super) fn put_back(&mut self, lines: Vec<Line>) {
        for line in lines.into_iter().rev() {
            self.waiting.push_front(line);
        }
    }

    /// The error of a file that ends before a header row.
    pub(super) fn no_header(&self, why: &str) -> Error {
        Error::NoHeader {
            file: self.input.name().to_string(),
            why: why.to_owned(),
        }
    }
}

/// Reads the whole input once to tell its encoding.
pub(super) fn guess(input: &Input, wrapper: Wrapper) -> Result<Encoding, Error> {
    let mut reader = input.open(wrapper)?;
    let mut chunk = vec![0; 1 << 16];
    let mut guess = Guess::default();
    loop {
        let read = reader
            .read(&mut chunk)
            .map_err(|error| input.unreadable(error))?;
        if read == 0 {
            return Ok(guess.finish());
        }
        guess.feed(chunk.get(..read).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::plain_bytes;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn plain_bytes_end_at_the_first_quote_or_nul(
            text in proptest::collection::vec(
                prop_oneof![40 => Just(b'a'), 1 => Just(b'"'), 1 => Just(0)], 0..200),
        ) {
            let naive = text.iter().take_while(|byte| !matches!(byte, b'"' | 0)).count();
            prop_assert_eq!(plain_bytes(&text), naive);
        }
    }
}
