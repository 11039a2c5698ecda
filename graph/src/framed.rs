//! Parts as one text, each with its length before it, so that no two lists of parts are alike.

/// Bytes that nearly all texts fit in.
const ROOM: usize = 128;

/// Gives `tag ‖ (length(8) ‖ part)…` to `take`: a digest takes one text faster than many.
pub(crate) fn framed<R>(tag: u8, parts: &[&[u8]], take: impl FnOnce(&[u8]) -> R) -> R {
    let length = 1 + parts.iter().map(|part| 8 + part.len()).sum::<usize>();
    let mut room = [0; ROOM];
    let mut large = Vec::new();
    let text = if let Some(room) = room.get_mut(..length) {
        room
    } else {
        large.resize(length, 0);
        large.as_mut_slice()
    };
    let mut rest = &mut *text;
    let mut put = |bytes: &[u8]| {
        if let Some((place, after)) = std::mem::take(&mut rest).split_at_mut_checked(bytes.len()) {
            place.copy_from_slice(bytes);
            rest = after;
        }
    };
    put(&[tag]);
    for part in parts {
        put(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        put(part);
    }
    take(text)
}

#[cfg(test)]
mod tests {
    use super::framed;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_part_has_its_length_before_it(
            tag in any::<u8>(),
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..5),
        ) {
            let mut naive = vec![tag];
            for part in &parts {
                naive.extend(u64::try_from(part.len()).unwrap().to_be_bytes());
                naive.extend(part);
            }
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(framed(tag, &parts, <[u8]>::to_vec), naive);
        }
    }
}
