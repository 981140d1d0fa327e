//! Turns numbers into bytes, seven bits each and the lowest first, and back.

/// Appends a number.
pub(super) fn put(mut number: u64, bytes: &mut Vec<u8>) {
    while let Some(more) = number.checked_shr(7).filter(|more| *more > 0) {
        bytes.push(low(number) | 0x80);
        number = more;
    }
    bytes.push(low(number));
}

/// How many bytes a number takes.
pub(super) fn length(number: u64) -> usize {
    let bits = u64::BITS - number.leading_zeros();
    bits.div_ceil(7).max(1) as usize
}

/// Takes a number off the front; `None` where there is none, or one that is written longer than it need be.
pub(super) fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        number |= part.checked_shl(shift).filter(|shifted| shifted >> shift == part)?;
        if byte & 0x80 == 0 {
            return (part > 0 || shift == 0).then_some(number);
        }
    }
    None
}

fn low(number: u64) -> u8 {
    u8::try_from(number & 0x7f).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_of_every_length() {
        for bits in 0..=64_u32 {
            for number in
                [1_u64.checked_shl(bits).unwrap_or(0), 1_u64.checked_shl(bits).unwrap_or(0).wrapping_sub(1)]
            {
                let mut bytes = Vec::new();
                put(number, &mut bytes);
                assert_eq!(bytes.len(), length(number), "{number}");
                let mut rest = bytes.as_slice();
                assert_eq!((take(&mut rest), rest.len()), (Some(number), 0), "{number}");
            }
        }
    }

    #[test]
    fn what_is_no_number() {
        for bytes in [&[][..], &[0x80], &[0x80, 0], &[0xff, 0x80, 0], &[0xff; 10], &[0x80; 11]] {
            assert_eq!(take(&mut &*bytes), None, "{bytes:?}");
        }
        let most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(take(&mut &[&most[..], &[1]].concat()[..]), Some(u64::MAX));
        assert_eq!(take(&mut &[&most[..], &[2]].concat()[..]), None);
    }

    proptest! {
        #[test]
        fn bytes_that_are_a_number_are_its_bytes(bytes in prop::collection::vec(any::<u8>(), 0..12)) {
            let mut rest = bytes.as_slice();
            if let Some(number) = take(&mut rest) {
                let mut again = Vec::new();
                put(number, &mut again);
                prop_assert_eq!(Some(&again[..]), bytes.get(..bytes.len() - rest.len()));
            }
        }
    }
}
