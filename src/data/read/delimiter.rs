//! Which character separates the cells: the one that splits the first records into the most equally many.

use super::ReadError;
use super::records::{Place, Record, Records};
use crate::data::written::{Decimal, written};

/// Separators tried, in order of preference when two do equally well.
const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Records looked at.
const RECORDS: usize = 50;

/// The separator for which most of the first 50 records from `place` on have the same number of cells, two or more;
/// among equals the one with more cells. `None` when no candidate makes at least half of the records alike.
///
/// Counting records before cells lets a semicolon win over the decimal commas of its own file when the header has none.
/// Without a header, commas lose when another candidate does as well and leaves every comma inside a number.
pub(super) fn detect(text: &str, place: Place) -> Option<u8> {
    let mut best: Option<((usize, usize), u8)> = None;
    for delimiter in CANDIDATES {
        let Some(score) = score(text, place, delimiter) else { continue };
        let better = match best {
            Some((of_commas, b',')) if score.0 == of_commas.0 && commas_are_decimal(text, place, delimiter) => true,
            Some((best_score, _)) => score > best_score,
            None => true,
        };
        if better {
            best = Some((score, delimiter));
        }
    }
    best.map(|(_, delimiter)| delimiter)
}

/// A separator given by hand: `None` when it makes no columns.
pub(super) fn checked(text: &str, place: Place, delimiter: char) -> Result<Option<u8>, ReadError> {
    let byte = u8::try_from(delimiter).ok().filter(|b| b.is_ascii() && !matches!(b, b'"' | b'\n' | b'\r'));
    let byte = byte.ok_or_else(|| ReadError::Option {
        what: "delimiter",
        value: delimiter.to_string(),
        use_instead: "use a comma, semicolon, tab, vertical bar or another ASCII character".to_owned(),
    })?;
    let columns = |record: Result<Record<'_>, _>| record.is_ok_and(|record| record.cells.len() > 1);
    Ok(Records::new(text, byte, place).take(RECORDS).any(columns).then_some(byte))
}

/// How many of the first records are alike, and their number of cells.
fn score(text: &str, place: Place, delimiter: u8) -> Option<(usize, usize)> {
    let records = Records::new(text, delimiter, place).take(RECORDS);
    let counts: Vec<usize> = records.map(|record| record.map_or(0, |record| record.cells.len())).collect();
    most_common(&counts).filter(|&(alike, _)| 2 * alike >= counts.len())
}

/// Whether there are commas in the cells, and each is in a number with a decimal comma.
fn commas_are_decimal(text: &str, place: Place, delimiter: u8) -> bool {
    let mut any = false;
    for record in Records::new(text, delimiter, place).take(RECORDS).filter_map(Result::ok) {
        for cell in record.cells.iter().filter(|cell| cell.contains(',')) {
            any = true;
            if written(cell, Decimal::Comma).is_none() {
                return false;
            }
        }
    }
    any
}

/// How many records have the most common number of cells, and that number; single cells do not count.
fn most_common(counts: &[usize]) -> Option<(usize, usize)> {
    let mut sorted: Vec<usize> = counts.iter().copied().filter(|&n| n > 1).collect();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0])).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(text: &str) -> Option<char> {
        detect(text, Place { offset: 0, line: 1 }).map(char::from)
    }

    #[test]
    fn the_separators() {
        assert_eq!(detected("a|b\n1|2\n"), Some('|'));
        assert_eq!(detected("a,b,c\n1,2,3\n"), Some(','));
        assert_eq!(detected("a;b\n1;2\n"), Some(';'));
        assert_eq!(detected("a\tb\n1\t2\n"), Some('\t'));
    }

    #[test]
    fn decimal_commas_and_commas_in_text_do_not_win() {
        assert_eq!(detected("a;b\n0,1;0,2\n1,5;2,5\n"), Some(';'));
        assert_eq!(detected("0,1;0,2\n1,5;2,5\n"), Some(';'), "without a header");
        assert_eq!(detected("firm\tnote\nA\tx, y, z\nB\tx\nC\tx, y\n"), Some('\t'));
        assert_eq!(detected("a,b,c\n\"x;y\",\"p;q\",1\n\"x;y\",\"p;q\",1\n"), Some(','));
    }

    #[test]
    fn one_column_has_no_separator() {
        assert_eq!(detected("a\n1\n2\n"), None);
        assert_eq!(detected(""), None);
        assert_eq!(detected("a\nb\nc\nd, e\n"), None);
    }
}
