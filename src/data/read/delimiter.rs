//! Which character separates the cells: the one that splits the first records into the most equally many.

use std::cmp::Reverse;

use super::ReadError;
use super::records::{Flaw, MAX_CELLS, Place, Record, Records, line_at};
use crate::data::written::{Decimal, written};

/// Separators tried, in order of preference when two do equally well.
const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Records looked at.
const RECORDS: usize = 50;

/// The separator for which most of the first 50 records from `place` on have the same number of cells, two or more;
/// among equals the one with more cells. `None` when no candidate makes at least half of the records alike.
///
/// Counting records before cells lets a semicolon win over the decimal commas of its own file when the header has none.
/// Commas lose when another candidate does as well and leaves the commas below the first record inside numbers.
pub(super) fn detect(text: &str, place: Place) -> Option<u8> {
    let mut best: Option<(Score, u8)> = None;
    for delimiter in CANDIDATES {
        let Some(score) = score(text, place, delimiter) else { continue };
        let better = match best {
            Some((of_commas, b',')) if score.alike == of_commas.alike && commas_are_decimal(text, place, delimiter) => {
                true
            }
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
    let columns = |record: Result<Record<'_>, (u64, Flaw)>| {
        record.map_or_else(|(_, flaw)| flaw == Flaw::TooManyCells, |record| record.cells.len() > 1)
    };
    Ok(Records::new(text, byte, place).take(RECORDS).any(columns).then_some(byte))
}

/// How well a separator fits; what is better is larger, the more telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    /// Records with the most common number of cells.
    alike: usize,
    /// Quotes that stand neither at the start nor at the end of a cell.
    stray_quotes: Reverse<usize>,
    /// The most common number of cells.
    cells: usize,
}

fn score(text: &str, place: Place, delimiter: u8) -> Option<Score> {
    let records = Records::new(text, delimiter, place).take(RECORDS);
    // Too many cells for a table count as such, so that the header is refused for them and not for another delimiter.
    let cells = |record: Result<Record<'_>, (u64, Flaw)>| match record {
        Ok(record) => record.cells.len(),
        Err((_, Flaw::OpenQuote)) => 0,
        Err((_, Flaw::TooManyCells)) => MAX_CELLS + 1,
    };
    let counts: Vec<usize> = records.map(cells).collect();
    let (alike, cells) = most_common(&counts).filter(|&(alike, _)| 2 * alike >= counts.len())?;
    Some(Score { alike, stray_quotes: Reverse(stray_quotes(text, place, delimiter)), cells })
}

/// Quotes of the first lines with neither another quote, a blank, the separator nor the end of the line on one of their
/// sides: a separator inside quotes leaves such.
fn stray_quotes(text: &str, place: Place, delimiter: u8) -> usize {
    let mut offset = place.offset;
    let lines = std::iter::from_fn(|| {
        let (line, next) = line_at(text, offset)?;
        offset = next;
        Some(line.as_bytes())
    });
    let strays = |line: &[u8]| {
        let is_side = |byte: Option<&u8>| byte.is_none_or(|&b| b == delimiter || matches!(b, b'"' | b' '));
        let is_stray = |&at: &usize| {
            line[at] == b'"' && !is_side(at.checked_sub(1).map(|before| &line[before])) && !is_side(line.get(at + 1))
        };
        (0..line.len()).filter(is_stray).count()
    };
    // A stray quote is also one whose cell goes on behind it: "a"\t"b" between commas.
    let behind = |line: &[u8]| {
        line.windows(3)
            .filter(|w| w[0] == b'"' && w[2] == b'"' && w[1] != delimiter && CANDIDATES.contains(&w[1]))
            .count()
    };
    lines.take(RECORDS).map(|line| strays(line) + behind(line)).sum()
}

/// Whether the cells below the first record, which may be names, have commas, and two of three such are numbers with a
/// decimal comma; the others may be texts.
fn commas_are_decimal(text: &str, place: Place, delimiter: u8) -> bool {
    let (mut decimal, mut other) = (0, 0);
    for record in Records::new(text, delimiter, place).take(RECORDS).skip(1).filter_map(Result::ok) {
        for cell in record.cells.iter().filter(|cell| cell.contains(',')) {
            if written(cell, Decimal::Comma).is_some() {
                decimal += 1;
            } else {
                other += 1;
            }
        }
    }
    decimal > 0 && decimal >= 2 * other
}

/// How many records have the most common number of cells, and that number; single cells do not count.
fn most_common(counts: &[usize]) -> Option<(usize, usize)> {
    let mut sorted: Vec<usize> = counts.iter().copied().filter(|&n| n > 1).collect();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0])).max()
}

/// The name of a delimiter, for a sentence.
pub(super) fn name(delimiter: char) -> Option<&'static str> {
    match delimiter {
        ',' => Some("comma"),
        ';' => Some("semicolon"),
        '\t' => Some("tab"),
        '|' => Some("vertical bar"),
        _ => None,
    }
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
        assert_eq!(detected("\"x, y\"|z, u\na|1,5\nb|2,5\n"), Some('|'), "a comma in a name");
        assert_eq!(detected("\"x\"\t\"y, z\"\n\"a\"\t\"1,5\"\n\"b, c\"\t\"2,5\"\n"), Some('\t'), "commas in quotes");
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
