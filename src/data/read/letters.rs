//! Which of four encodings makes letters of some bytes that are no UTF-8: GB18030, and Windows' for Central Europe,
//! Cyrillic and Western Europe. A detector made for web pages (`chardetng`) knows many more and needs more text than the
//! names and labels of a table have: its opinion counts, and decides alone where there is enough text.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

/// Bytes beyond ASCII from which on the detector, if it names one of the four, is trusted alone.
const ENOUGH: usize = 400;

/// What the detector's opinion adds to a score; scores are at most 1.
const OPINION: f64 = 0.2;

/// The most probable of the four encodings.
pub(super) fn most_probable(sample: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let guess = if guess == GBK { GB18030 } else { guess };
    // Equals are taken from the last: Western Europe's letters are the most common.
    let candidates = [GB18030, WINDOWS_1251, WINDOWS_1250, WINDOWS_1252];
    if candidates.contains(&guess) && sample.iter().filter(|b| !b.is_ascii()).count() >= ENOUGH {
        return guess;
    }
    let score = |encoding: &'static Encoding| score(sample, encoding) + if encoding == guess { OPINION } else { 0.0 };
    candidates.into_iter().max_by(|a, b| score(a).total_cmp(&score(b))).unwrap_or(WINDOWS_1252)
}

/// How much sense the bytes beyond ASCII make: 1 when all are letters where letters of this kind stand, less with signs and
/// letters in odd places, below 0 with bytes that the encoding does not have.
fn score(sample: &[u8], encoding: &'static Encoding) -> f64 {
    let (text, _) = encoding.decode_without_bom_handling(sample);
    let letters: Vec<char> = text.chars().collect();
    let at = |i: usize| letters.get(i).copied().unwrap_or('\n');
    let (mut sum, mut all) = (0.0, 0.0);
    for (i, &c) in letters.iter().enumerate().filter(|(_, c)| !c.is_ascii()) {
        let (before, after) = (at(i.wrapping_sub(1)), at(i + 1));
        let (weight, sense) = if c == char::REPLACEMENT_CHARACTER {
            (1.0, -8.0)
        } else if encoding == GB18030 {
            chinese(c)
        } else if encoding == WINDOWS_1251 {
            (1.0, cyrillic(c, before, after))
        } else {
            (1.0, latin(c, before, after, encoding == WINDOWS_1250))
        };
        all += weight;
        sum += weight * sense;
    }
    if all > 0.0 { sum / all } else { 0.0 }
}

/// Bytes that a letter stands for, and its sense. The 3,755 characters of the first level of GB 2312, which make up nearly
/// all of written Chinese, have the lead bytes B0 to D7.
fn chinese(c: char) -> (f64, f64) {
    let mut buffer = [0; 4];
    let (bytes, _, _) = GBK.encode(c.encode_utf8(&mut buffer));
    match (bytes.as_ref(), c) {
        (_, '\u{2E80}'..='\u{9FFF}' | '\u{FF00}'..='\u{FFEF}') if matches!(bytes[0], 0xA1..=0xA3 | 0xB0..=0xD7) => {
            (2.0, 1.0)
        }
        (_, '\u{4E00}'..='\u{9FFF}') => (2.0, 0.3),
        ([_, _], _) => (2.0, -0.5),
        _ => (4.0, -1.0),
    }
}

/// Cyrillic letters stand beside others, a large one not after a small one.
fn cyrillic(c: char, before: char, after: char) -> f64 {
    let is_cyrillic = |c: char| ('\u{400}'..='\u{4FF}').contains(&c);
    match c {
        'А'..='я' | 'Ё' | 'ё' | 'І' | 'і' | 'Ї' | 'ї' | 'Є' | 'є' | 'Ґ' | 'ґ' | 'Ў' | 'ў' => {
            if (before.is_lowercase() && c.is_uppercase())
                || before.is_ascii_alphabetic()
                || after.is_ascii_alphabetic()
            {
                -0.5
            } else if is_cyrillic(before) || is_cyrillic(after) {
                1.0
            } else {
                0.3
            }
        }
        '№' | '«' | '»' | '–' | '—' | '\u{a0}' | '„' | '“' | '”' => 0.3,
        _ => -0.7,
    }
}

const CENTRAL: &str = "áäâăąćčçďđéěëęíîĺľłńňóôöőŕřšśşťţúůüűýžźżß";
const WESTERN: &str = "áàâäãåæçéèêëíìîïñóòôöõøœßúùûüýÿšžðþ";

/// Letters with marks stand beside plain ones, a large one not after a small one.
fn latin(c: char, before: char, after: char, central: bool) -> f64 {
    let lower = c.to_lowercase().next().unwrap_or(c);
    if (if central { CENTRAL } else { WESTERN }).contains(lower) {
        if before.is_lowercase() && c.is_uppercase() {
            -0.5
        } else if before.is_ascii_alphabetic() || after.is_ascii_alphabetic() {
            1.0
        } else if before.is_alphabetic() || after.is_alphabetic() {
            -0.3
        } else {
            0.1
        }
    } else if matches!(c, '€' | '\u{a0}' | '–' | '—' | '„' | '“' | '”' | '’' | '«' | '»' | '§' | '°' | '£' | '×' | '²')
    {
        0.3
    } else {
        -0.7
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_letters_are_enough() {
        for (encoding, texts) in [
            (
                GBK,
                &[
                    "男\n女",
                    "是\n否",
                    "企业,违约",
                    "好\n坏",
                    "正常,逾期",
                    "1,高风险\n2,低风险",
                    "北京",
                    "性别,年龄\n男,3",
                ][..],
            ),
            (
                WINDOWS_1251,
                &[
                    "да\nнет",
                    "Банк",
                    "дефолт,ИНН",
                    "муж\nжен",
                    "год,выручка\n2019,5",
                    "ООО",
                    "хороший,плохой",
                    "Фирма А",
                ],
            ),
            (WINDOWS_1250, &["áno;nie\nŽilina", "tržby;zadlženosť", "źle;dobrze", "łódź", "dobrý;špatný\nřízení"]),
            (WINDOWS_1252, &["société", "Bück", "größe;weiß", "año", "Ação", "à côté", "Malmö;Århus", "50 €"]),
        ] {
            for text in texts {
                let (bytes, _, unmappable) = encoding.encode(text);
                assert!(!unmappable, "{text}");
                let found = most_probable(&bytes);
                let expected = if encoding == GBK { GB18030 } else { encoding };
                assert_eq!(found.name(), expected.name(), "{text}");
            }
        }
    }
}
