//! Which character separates the cells: the one that splits the first records into the most equally many.

use super::records::{Place, Records};

/// Separators tried, in order of preference when two do equally well.
pub(super) const CANDIDATES: [(u8, &str); 3] = [(b',', "comma"), (b';', "semicolon"), (b'\t', "tab")];

/// Records looked at.
const RECORDS: usize = 50;

/// The separator for which most of the first 50 records from `place` on have the same number of cells, two or more;
/// among equals the one with more cells. `None` when no candidate makes at least half of the records alike.
///
/// Counting records before cells lets a semicolon win over the decimal commas of its own file: the header has none.
pub(super) fn detect(text: &str, place: Place) -> Option<u8> {
    let mut best: Option<((usize, usize), u8)> = None;
    for (delimiter, _) in CANDIDATES {
        let counts: Vec<usize> = Records::new(text, delimiter, place)
            .take(RECORDS)
            .map(|record| record.map_or(0, |record| record.cells.len()))
            .collect();
        let Some(score) = most_common(&counts).filter(|&(alike, _)| 2 * alike >= counts.len()) else { continue };
        if best.is_none_or(|(best_score, _)| score > best_score) {
            best = Some((score, delimiter));
        }
    }
    best.map(|(_, delimiter)| delimiter)
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
    fn the_three_separators() {
        assert_eq!(detected("a,b,c\n1,2,3\n"), Some(','));
        assert_eq!(detected("a;b\n1;2\n"), Some(';'));
        assert_eq!(detected("a\tb\n1\t2\n"), Some('\t'));
    }

    #[test]
    fn decimal_commas_and_commas_in_text_do_not_win() {
        assert_eq!(detected("a;b\n0,1;0,2\n1,5;2,5\n"), Some(';'));
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
