//! Short decimal fractions to f64, exactly and without a branch on their digits: the fast way for nearly all numbers of a
//! table. A loop over the digits guesses wrong at the point and at the end of nearly every cell, which costs more than
//! all else.

use wide::u8x16;

/// Bytes looked at side by side.
const LANES: usize = 16;

/// Bytes needed: a sign before them.
const WINDOW: usize = LANES + 1;

/// The lanes below each, as a mask of bytes.
const BELOW: [u128; LANES + 1] = {
    let mut below = [u128::MAX; LANES + 1];
    let mut lane = 0;
    while lane < LANES {
        below[lane] = (1 << (8 * lane)) - 1;
        lane += 1;
    }
    below
};

/// Powers of ten, all of them exact in f64.
const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A number at the start of some text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Leading {
    /// Its length in bytes.
    pub(super) length: usize,
    pub(super) value: f64,
    /// Whether it has a decimal point.
    pub(super) point: bool,
}

/// The number of a cell that is an optional minus, up to fifteen digits, and at most one point. `None` says nothing:
/// the cell may still be a number.
pub(super) fn short(cell: &str) -> Option<f64> {
    let mut window = [0; WINDOW];
    window[..WINDOW - 1].get_mut(..cell.len())?.copy_from_slice(cell.as_bytes());
    leading(&window).filter(|number| number.length == cell.len()).map(|number| number.value)
}

/// The number at the start of `text`: an optional minus, digits and at most one point, up to fifteen bytes, and behind
/// them anything else. Needs 17 bytes. `None` says nothing, as for [`short`].
///
/// The bytes are taken as lanes of one number, the first the lowest. Digits `m` and `k` of them behind the point
/// are `m / 10^k`; with both exact in f64, one division rounds once, as the standard asks: W. D. Clinger, "How to read
/// floating point numbers accurately", PLDI 1990.
#[inline]
pub(super) fn leading(text: &[u8]) -> Option<Leading> {
    let window = text.first_chunk::<WINDOW>()?;
    let minus = usize::from(window[0] == b'-');
    let x = u128::from_le_bytes(*window[minus..].first_chunk()?) ^ u128::from_ne_bytes([b'0'; LANES]);
    // One bit a lane, the first the lowest: digits and points.
    let lanes = u8x16::new(x.to_le_bytes());
    let digits = lanes.min(u8x16::splat(9)).simd_eq(lanes).to_bitmask();
    let points = lanes.simd_eq(u8x16::splat(b'.' ^ b'0')).to_bitmask();
    let stop = !(digits | points);
    let end = stop.trailing_zeros() as usize;
    let points = points & ((1 << end) - 1);
    let at = (points | stop).trailing_zeros() as usize;
    let n_fraction = (end - at).saturating_sub(1);
    let n_digits = at + n_fraction;
    if n_digits == 0 || end >= LANES || points & points.wrapping_sub(1) != 0 {
        return None;
    }
    // The digits behind the point move up to those before it; sixteen of them with zeros before, the last highest.
    let digits = (x & BELOW[at]) | ((x & BELOW[end] & !BELOW[at + 1]) >> 8);
    let digits = digits << (8 * (LANES - n_digits));
    let number = 100_000_000 * eight(digits as u64) + eight((digits >> 64) as u64);
    // From signed numbers the conversion is one instruction.
    let value = number.cast_signed() as f64 / POWERS[n_fraction % POWERS.len()];
    let value = f64::from_bits(value.to_bits() | (minus as u64) << 63);
    Some(Leading { length: minus + end, value, point: points != 0 })
}

/// The number that eight digits make, one a byte, the first the lowest: neighbours are put together to hundreds, these to
/// ten thousands, and these to the whole (D. Lemire, "Number parsing at a gigabyte per second", 2021).
fn eight(digits: u64) -> u64 {
    const PAIRS: u64 = 0x0000_00FF_0000_00FF;
    let pairs = digits * 10 + (digits >> 8);
    let first = (pairs & PAIRS).wrapping_mul(100 + (1_000_000 << 32));
    let second = ((pairs >> 16) & PAIRS).wrapping_mul(1 + (10_000 << 32));
    first.wrapping_add(second) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    #[test]
    fn what_is_short_by_hand() {
        for (cell, value) in [
            ("0", 0.0),
            ("-12.50", -12.5),
            ("-.5", -0.5),
            ("7.", 7.0),
            ("123456789012345", 123456789012345.0),
            ("-12345678.9012345", -12345678.9012345),
            ("0.0000000000001", 1e-13),
        ] {
            assert_eq!(short(cell), Some(value).filter(|_| cell.len() <= 16), "{cell}");
        }
        assert!(short("-0.0").is_some_and(|x| x == 0.0 && x.is_sign_negative()));
        for cell in ["", ".", "-", "-.", "1e5", "1.2.3", "--1", "1 ", "1\0", "1234567890123456", "１", "+1", "1é"] {
            assert_eq!(short(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_number_ends_where_something_else_starts() {
        let number = |text: &[u8]| leading(text).map(|n| (n.length, n.value, n.point));
        assert_eq!(number(b"-1.25,9.9.9;;;;;;;;"), Some((5, -1.25, true)));
        assert_eq!(number(b"42\r\n.5,,,,,,,,,,,,,"), Some((2, 42.0, false)));
        assert_eq!(number(b"3\xFF\x80..............."), Some((1, 3.0, false)));
        assert_eq!(number(b"42,1"), None, "too little text to look at");
        assert_eq!(number(b",1.5,,,,,,,,,,,,,,,"), None);
    }

    #[test]
    fn every_short_number_is_what_the_standard_library_reads() {
        let mut random = stream(5, Purpose::Sample, 0);
        let mut read = 0;
        for _ in 0..200_000 {
            let length = random.random_range(1..=18);
            let letters = b"0123456789012345678901234567890123456789...-+e";
            let cell: String =
                (0..length).map(|_| char::from(letters[random.random_range(0..letters.len())])).collect();
            if let Some(value) = short(&cell) {
                assert_eq!(value.to_bits(), cell.parse::<f64>().unwrap().to_bits(), "{cell}");
                read += 1;
            }
        }
        assert!(read > 10_000, "{read}");
    }
}
