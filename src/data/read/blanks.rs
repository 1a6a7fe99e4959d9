//! Tables whose cells are separated by one blank or several: as R writes them, and columns set below each other by hand.
//! The lines are rewritten with a tab between the cells, line for line, and read on as that.

use crate::data::written::{Decimal, looks_numeric, written};

use super::records::{Place, line_at};

/// Lines looked at.
const LOOKED_AT: usize = 50;

/// Characters that may separate the names above a body separated by blanks.
const OTHERS: [char; 4] = [',', ';', '\t', '|'];

/// `text` with its lines from `place` on rewritten, when nearly all of them have the same number of cells set apart by
/// blanks, at least two, one column is numbers, and the first line has as many or one fewer. A first line that is
/// separated otherwise stays as it is.
pub(super) fn to_tabs(text: &str, place: Place) -> Option<String> {
    let mut lines = lines(text, place.offset).filter(|(line, _)| !line.trim().is_empty());
    let (first, _) = lines.next()?;
    let rows: Vec<Vec<&str>> = lines.take(LOOKED_AT).map(|(line, _)| cells(line)).collect();
    let columns = most_common(&rows)?;
    let alike = rows.iter().filter(|row| row.len() == columns);
    let fits = |names: usize| names == columns || (names + 1 == columns && columns > 2);
    let otherwise = OTHERS.into_iter().any(|c| first.contains(c) && fits(first.split(c).count()));
    let numeric = |column: usize| alike.clone().all(|row| looks_numeric(row[column]));
    if 10 * alike.clone().count() < 9 * rows.len()
        || !(otherwise || fits(cells(first).len()))
        || !(0..columns).any(numeric)
    {
        return None;
    }
    let mut rewritten = String::with_capacity(text.len());
    rewritten.push_str(&text[..place.offset]);
    let mut is_first = true;
    for (line, end) in self::lines(text, place.offset) {
        if is_first && otherwise {
            rewritten.push_str(line);
        } else {
            rewritten.push_str(&cells(line).join("\t"));
        }
        is_first &= line.trim().is_empty();
        rewritten.push_str(end);
    }
    Some(rewritten)
}

/// Whether the commas of the first lines are all decimal ones when the cells are set apart by blanks.
pub(super) fn commas_are_decimal(text: &str, place: Place) -> bool {
    let mut rows = lines(text, place.offset).filter(|(line, _)| !line.trim().is_empty()).skip(1).take(LOOKED_AT);
    rows.all(|(line, _)| cells(line).iter().all(|cell| !cell.contains(',') || written(cell, Decimal::Comma).is_some()))
}

/// The lines from `offset` on, each with its line end.
fn lines(text: &str, mut offset: usize) -> impl Iterator<Item = (&str, &str)> {
    std::iter::from_fn(move || {
        let (line, next) = line_at(text, offset)?;
        let end = &text[offset + line.len()..next];
        offset = next;
        Some((line, end))
    })
}

/// The cells of a line, quotes kept: blanks inside them separate nothing.
fn cells(line: &str) -> Vec<&str> {
    let mut cells = Vec::new();
    let (mut start, mut quoted) = (None, false);
    for (at, c) in line.char_indices() {
        let is_blank = matches!(c, ' ' | '\t');
        match start {
            None if !is_blank => (start, quoted) = (Some(at), c == '"'),
            Some(from) if is_blank && !quoted => {
                cells.push(&line[from..at]);
                start = None;
            }
            Some(_) if c == '"' => quoted = false,
            _ => {}
        }
    }
    cells.extend(start.map(|from| &line[from..]));
    cells
}

/// The most common number of cells, at least two.
fn most_common(rows: &[Vec<&str>]) -> Option<usize> {
    let mut counts: Vec<usize> = rows.iter().map(Vec::len).filter(|&n| n > 1).collect();
    counts.sort_unstable();
    counts.chunk_by(|a, b| a == b).max_by_key(|run| run.len()).map(|run| run[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Place = Place { offset: 0, line: 1 };

    #[test]
    fn cells_are_set_apart_by_tabs() {
        for (text, expected) in [
            ("a b\n1  2\r\n 3 \t4\n", "a\tb\n1\t2\r\n3\t4\n"),
            ("\"x\" \"y\"\n\"A B\" 1 2.5\n\"C\" 3 4\n", "\"x\"\t\"y\"\n\"A B\"\t1\t2.5\n\"C\"\t3\t4\n"),
            ("net income,total\n1 2\n3 4", "net income,total\n1\t2\n3\t4"),
        ] {
            assert_eq!(to_tabs(text, START).as_deref(), Some(expected));
        }
    }

    #[test]
    fn other_texts_are_left_alone() {
        for text in ["firm\nAlpha Ltd\nBeta Ltd\n", "a\n1\n2\n", "a b c\n1 2\n3 4 5\n6\n", "", "a b\n"] {
            assert_eq!(to_tabs(text, START), None, "{text}");
        }
    }
}
