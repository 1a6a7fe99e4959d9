//! Tables packed with gzip, unpacked up to a bound: a few kilobytes can hold terabytes of the same letter.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use super::ReadError;
use crate::data::progress::Progress;

/// Most bytes that a packed table may have: 2 GiB, with room for cells and profiles in the memory of a common machine.
const MAX_BYTES: u64 = 2 << 30;

/// Bytes unpacked between two looks at whether to stop.
const PIECE: u64 = 1 << 22;

/// Whether the bytes start as a file packed with gzip does.
pub(in crate::data) fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1F, 0x8B])
}

/// The bytes themselves, or what is packed in them.
pub(super) fn unpack<'a>(bytes: &'a [u8], progress: &Progress) -> Result<Cow<'a, [u8]>, ReadError> {
    unpack_within(bytes, MAX_BYTES, progress)
}

fn unpack_within<'a>(bytes: &'a [u8], most: u64, progress: &Progress) -> Result<Cow<'a, [u8]>, ReadError> {
    if !is_packed(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut unpacked = Vec::new();
    let mut decoder = MultiGzDecoder::new(bytes);
    loop {
        let before = unpacked.len();
        if let Err(error) = decoder.by_ref().take(PIECE).read_to_end(&mut unpacked) {
            return Err(ReadError::Gzip { after: unpacked.len(), why: error.to_string() });
        }
        if progress.is_cancelled() {
            return Err(ReadError::Cancelled);
        }
        if unpacked.len() as u64 > most {
            return Err(ReadError::TooLarge { most });
        }
        if unpacked.len() == before {
            break;
        }
    }
    Ok(Cow::Owned(unpacked))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::Write as _;

    pub(in crate::data::read) fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_is_packed_comes_back_up_to_the_bound() {
        let bytes = b"a,b\n1,2\n".repeat(1000);
        assert_eq!(unpack(&packed(&bytes), &Progress::new()).unwrap(), bytes.as_slice());
        assert_eq!(unpack(b"a,b", &Progress::new()).unwrap(), b"a,b".as_slice());
        assert_eq!(unpack_within(&packed(&bytes), 8000, &Progress::new()).unwrap().len(), 8000);
        assert_eq!(unpack_within(&packed(&bytes), 7999, &Progress::new()), Err(ReadError::TooLarge { most: 7999 }));
    }

    #[test]
    fn a_cut_or_broken_file_is_said_to_be_so() {
        let whole = packed(&b"a,b\n1,2\n".repeat(1000));
        for cut in [2, 10, whole.len() / 2, whole.len() - 1] {
            assert!(matches!(unpack(&whole[..cut], &Progress::new()), Err(ReadError::Gzip { .. })), "{cut}");
        }
    }
}
