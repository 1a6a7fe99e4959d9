//! Bytes to text: by byte-order mark, as strict UTF-8, as UTF-16 by its zero bytes, and else by what letters the bytes
//! would make (`letters`). Labels are those of the web's Encoding Standard.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memchr;

use super::letters::most_probable;
use super::records::line_breaks;
use super::{ReadError, counted};

const WITH_MARK: &str = " with a byte-order mark";
const UTF_8_WITH_MARK: &str = "UTF-8 with a byte-order mark";

/// Bytes that the detector looks at: from a little before the first that is no UTF-8.
const BEFORE: usize = 1 << 16;
const AFTER: usize = 1 << 20;

/// Text and how it was found.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) encoding: &'static str,
    pub(super) notes: Vec<String>,
}

/// Bytes that are text in UTF-8 as they stand.
pub(super) struct WholeText {
    pub(super) text: String,
    /// Bytes of a byte-order mark before the text.
    pub(super) start: usize,
    pub(super) encoding: &'static str,
}

/// The text of bytes that are UTF-8 and need no decoding; the bytes themselves when they may be anything else, damaged
/// too, for [`decode`] to say.
pub(super) fn whole(bytes: Vec<u8>) -> Result<WholeText, Vec<u8>> {
    if memchr(0, &bytes).is_some() {
        return Err(bytes);
    }
    let text = String::from_utf8(bytes).map_err(std::string::FromUtf8Error::into_bytes)?;
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    Ok(WholeText { text, start, encoding: if start > 0 { UTF_8_WITH_MARK } else { UTF_8.name() } })
}

/// An encoding, and how it was found.
pub(super) struct Settled {
    pub(super) encoding: &'static Encoding,
    /// Bytes of a byte-order mark before the text.
    pub(super) start: usize,
    /// What a person should know of a guess.
    pub(super) note: Option<String>,
}

impl Settled {
    /// Its name as [`super::Reading::encoding`] has it.
    pub(super) fn name(&self) -> &'static str {
        if self.encoding == UTF_8 && self.start > 0 { UTF_8_WITH_MARK } else { display(self.encoding) }
    }
}

/// Settles on the encoding that is `forced`, or on what the bytes seem to be.
pub(super) fn settle(bytes: &[u8], forced: Option<&str>) -> Result<Settled, ReadError> {
    let marked = Encoding::for_bom(bytes);
    let (encoding, start, note) = match (forced, marked) {
        (Some(label), _) => {
            let encoding = named(label)?;
            let mark = marked.filter(|(of, _)| *of == encoding).map_or(0, |(_, length)| length);
            (encoding, mark, None)
        }
        (None, Some((encoding, length))) => (encoding, length, None),
        (None, None) => {
            let (encoding, note) = detect(bytes)?;
            (encoding, 0, note)
        }
    };
    Ok(Settled { encoding, start, note })
}

/// Decodes as `forced`, or as the bytes seem to be.
pub(super) fn decode<'a>(bytes: &'a [u8], forced: Option<&str>) -> Result<Decoded<'a>, ReadError> {
    let settled = settle(bytes, forced)?;
    let name = settled.name();
    let Settled { encoding, start, note } = settled;
    let (text, _) = encoding.decode_without_bom_handling(&bytes[start..]);
    if let Some(at) = text.find('\0') {
        let line_start = text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let line = 1 + line_breaks(&text.as_bytes()[..at]);
        return Err(ReadError::Nul { line, character: 1 + text[line_start..at].chars().count() });
    }
    let mut notes: Vec<String> = note.into_iter().collect();
    if let Some(undecoded) = undecoded(&text, &bytes[start..], encoding) {
        notes.push(undecoded);
    }
    Ok(Decoded { text, encoding: name, notes })
}

/// GB18030 in capitals, as its standard writes it; the others as they are.
fn display(encoding: &'static Encoding) -> &'static str {
    if encoding == GB18030 { "GB18030" } else { encoding.name() }
}

/// The encoding of this label, also as [`super::Reading::encoding`] has it.
fn named(label: &str) -> Result<&'static Encoding, ReadError> {
    let bare = label.strip_suffix(WITH_MARK).unwrap_or(label);
    Encoding::for_label_no_replacement(bare.as_bytes()).ok_or_else(|| ReadError::Option {
        what: "encoding",
        value: label.to_owned(),
        use_instead: "use UTF-8, UTF-16LE, UTF-16BE, GB18030, Big5, Shift_JIS, EUC-KR, windows-1250, windows-1251, windows-1252 or \
                      another name of the Encoding Standard"
            .to_owned(),
    })
}

/// The encoding of bytes without a mark, and a note when it is a guess.
fn detect(bytes: &[u8]) -> Result<(&'static Encoding, Option<String>), ReadError> {
    if let Some(utf16) = utf16(bytes) {
        return Ok((utf16, None));
    }
    let Err(error) = std::str::from_utf8(bytes) else { return Ok((UTF_8, None)) };
    let first = error.valid_up_to();
    let sample = &bytes[first.saturating_sub(BEFORE)..bytes.len().min(first + AFTER)];
    // A picture or program, not letters: control characters other than blanks, line ends and the old end-of-file mark.
    let controls = sample.iter().filter(|b| matches!(b, 0..=8 | 11 | 14..=25 | 27..=31)).count();
    if 50 * controls > sample.len() {
        return Err(ReadError::OtherFormat { what: "a binary file" });
    }
    // One bad byte in a large file of UTF-8 is damage, not another encoding.
    let (utf8, _) = UTF_8.decode_without_bom_handling(sample);
    let bad = utf8.matches(char::REPLACEMENT_CHARACTER).count();
    let good = utf8.chars().filter(|c| !c.is_ascii() && *c != char::REPLACEMENT_CHARACTER).count();
    if good > 20 * bad {
        return Ok((UTF_8, None));
    }
    let encoding = most_probable(sample);
    let line = 1 + line_breaks(&bytes[..first]);
    let note = format!(
        "The text is no UTF-8 (line {line}); from its letters it is taken as {}: choose another encoding if names look \
         wrong.",
        display(encoding)
    );
    Ok((encoding, Some(note)))
}

/// UTF-16 without a mark: digits, delimiters and Latin letters leave every other byte zero.
fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    const LOOKED_AT: usize = 4096;
    let sample = &bytes[..bytes.len().min(LOOKED_AT) & !1];
    let zeros = |first: usize| sample.iter().skip(first).step_by(2).filter(|&&b| b == 0).count();
    match (zeros(0), zeros(1)) {
        (0, high) if high > 1 && 10 * high >= sample.len() => Some(UTF_16LE),
        (high, 0) if high > 1 && 10 * high >= sample.len() => Some(UTF_16BE),
        _ => None,
    }
}

/// How many places the encoding has no letter for.
fn undecoded(text: &str, bytes: &[u8], encoding: &'static Encoding) -> Option<String> {
    let at = text.find(char::REPLACEMENT_CHARACTER)?;
    // In UTF-8 the character may stand in the file itself.
    if encoding == UTF_8 && std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let count = text.matches(char::REPLACEMENT_CHARACTER).count();
    let (are, line) = (if count == 1 { "is" } else { "are" }, 1 + line_breaks(&text.as_bytes()[..at]));
    Some(format!(
        "{} {are} not valid {} and {are} read as \u{fffd}; the first is on line {line}.",
        counted(count, "place"),
        display(encoding)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{GBK, WINDOWS_1250, WINDOWS_1251};

    fn decoded(bytes: &[u8]) -> (String, &'static str, usize) {
        let Decoded { text, encoding, notes } = decode(bytes, None).unwrap();
        (text.into_owned(), encoding, notes.len())
    }

    const CHINESE: &str = "企业名称,资产负债率,净利润,是否违约\n甲公司,0.5,100,是\n乙公司,0.7,200,否\n";

    #[test]
    fn utf8_and_utf16_with_and_without_a_mark() {
        assert_eq!(decoded(b"a,b"), ("a,b".to_owned(), "UTF-8", 0));
        assert_eq!(decoded("\u{feff}é".as_bytes()), ("é".to_owned(), "UTF-8 with a byte-order mark", 0));
        for (big, name) in [(false, "UTF-16LE"), (true, "UTF-16BE")] {
            for mark in ["", "\u{feff}"] {
                let units = format!("{mark}{CHINESE}");
                let bytes: Vec<u8> = units
                    .encode_utf16()
                    .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                    .collect();
                assert_eq!(decoded(&bytes), (CHINESE.to_owned(), name, 0));
            }
        }
    }

    #[test]
    fn national_encodings_are_told_apart() {
        let slovak = "podnik;tržby;zadlženosť;úpadok\nŽelezničná spoločnosť;1;2;áno\nČervený kameň ľad;3;4;nie\n";
        let russian = "предприятие;выручка;банкрот\nЗавод имени Ленина;1;да\nООО Ромашка;2;нет\n";
        for (text, encoding, name) in [
            (CHINESE, GBK, "GB18030"),
            (slovak, WINDOWS_1250, "windows-1250"),
            (russian, WINDOWS_1251, "windows-1251"),
            ("société;café;élève\nà côté;1;2\n", encoding_rs::WINDOWS_1252, "windows-1252"),
        ] {
            let (bytes, _, unmappable) = encoding.encode(text);
            assert!(!unmappable);
            assert_eq!(decoded(&bytes), (text.to_owned(), name, 1));
        }
    }

    #[test]
    fn an_encoding_can_be_forced_and_what_it_lacks_is_counted() {
        let bytes = b"B\xFCkk,1\n\xFF,2";
        let forced = |label| decode(bytes, Some(label)).unwrap();
        assert_eq!(forced("windows-1252").text, "Bükk,1\nÿ,2");
        let utf8 = forced("UTF-8 with a byte-order mark");
        assert_eq!((utf8.encoding, utf8.notes.len()), ("UTF-8", 1));
        assert!(utf8.notes[0].starts_with("2 places are not valid UTF-8"), "{:?}", utf8.notes);
        assert!(decode(bytes, Some("klingon")).is_err());
    }

    #[test]
    fn damage_is_no_other_encoding_and_a_picture_is_no_text() {
        let mut bytes = CHINESE.repeat(5).into_bytes();
        bytes.extend(b"\xFF,1\n");
        let (_, encoding, notes) = decoded(&bytes);
        assert_eq!((encoding, notes), ("UTF-8", 1));
        assert!(decode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01", None).is_err());
    }
}
