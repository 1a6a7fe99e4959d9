//! Where a delimited table starts and what its first lines are: remarks, Excel's `sep=;`, titles, the names of the
//! columns, also when they are separated otherwise than the rows or are fewer or more than the cells below.

use std::borrow::Cow;

use super::names::{self, First};
use super::records::{Flaw, MAX_CELLS, Place, Record, Records, line_at};
use super::{ReadError, counted};
use crate::data::written::looks_numeric;

/// Records above the header that can be titles.
const MOST_TITLES: usize = 10;

/// Separators that a header may have beside another one below it.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Where the table starts, and what stands before it.
pub(super) struct Opening<'a> {
    pub(super) start: Place,
    /// Lines that start with `#`, with their places and without the mark.
    remarks: Vec<(Place, &'a str)>,
    /// The separator that a line such as `sep=;` names.
    pub(super) separator: Option<char>,
}

impl<'a> Opening<'a> {
    /// Goes over blank lines, remarks and a line that names the separator.
    pub(super) fn of(text: &'a str) -> Self {
        let mut opening = Self { start: Place { offset: 0, line: 1 }, remarks: Vec::new(), separator: None };
        while let Some((line, next)) = line_at(text, opening.start.offset) {
            if let Some(remark) = line.strip_prefix('#') {
                opening.remarks.push((opening.start, remark.trim()));
            } else if let Some(separator) = named_separator(line).filter(|_| opening.separator.is_none()) {
                opening.separator = Some(separator);
            } else if !line.trim().is_empty() {
                break;
            }
            opening.start = Place { offset: next, line: opening.start.line + 1 };
        }
        opening
    }
}

/// The separator in `sep=;`, which Excel writes and reads as the first line.
fn named_separator(line: &str) -> Option<char> {
    let line = line.trim_matches(['"', ' ']);
    let separator = line.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).map(|_| &line[4..])?;
    let mut letters = separator.chars();
    letters.next().filter(|c| letters.next().is_none() && c.is_ascii_punctuation() || *c == '\t')
}

/// The names of a table and where its rows start.
pub(super) struct Head<'a> {
    pub(super) names: Vec<String>,
    pub(super) header: bool,
    /// Line of the names or the first row.
    pub(super) line: u64,
    /// The rows.
    pub(super) rows: Records<'a>,
}

/// Finds the names, or makes them; `forced` says whether there are any.
pub(super) fn head<'a>(
    text: &'a str,
    delimiter: u8,
    opening: Opening<'a>,
    forced: Option<bool>,
    notes: &mut Vec<String>,
) -> Result<Head<'a>, ReadError> {
    let Opening { start, mut remarks, .. } = opening;
    let mut records = Records::new(text, delimiter, start);
    let width = width(&records);
    let titles = skip_titles(&mut records, width);
    let mut rows = records.clone();
    let mut first = rows.next().ok_or(ReadError::Empty)?.map_err(|(line, flaw)| match flaw {
        Flaw::OpenQuote => ReadError::HeaderQuote { line },
        Flaw::TooManyCells => ReadError::TooManyColumns { line, delimiter: char::from(delimiter), most: MAX_CELLS },
    })?;
    notes.extend(titles_note(&titles));

    let hidden = hidden_header(&remarks, delimiter, &first).filter(|_| forced != Some(false));
    if let Some((hidden, above)) = hidden {
        remarks.truncate(above);
        notes.extend(remarks.iter().map(|(_, remark)| format!("File note: {remark}")));
        let names = names::column_names(&hidden.cells, notes);
        return Ok(Head { names, header: true, line: hidden.line, rows: records });
    }
    notes.extend(remarks.iter().map(|(_, remark)| format!("File note: {remark}")));
    if first.cells.len() == 1 && forced != Some(false) {
        first = otherwise_separated(first, delimiter, width, &rows, notes);
    }
    if first.cells.len() == 1 {
        return Err(ReadError::TitleLine { line: first.line });
    }
    if forced != Some(false) {
        fit(&mut first.cells, width, &rows, notes);
    }
    let alike = |record: &Record<'_>| record.cells.len() == first.cells.len();
    let below: Vec<_> =
        rows.clone().take(names::LOOKED_AT).filter_map(Result::ok).filter(alike).map(|record| record.cells).collect();
    let found = forced.map_or_else(|| names::holds(&first.cells, &below), First::forced);
    if forced.is_none() {
        notes.extend(found.note(first.line));
    }
    Ok(if found.is_names() {
        Head { names: names::column_names(&first.cells, notes), header: true, line: first.line, rows }
    } else {
        Head { names: names::numbered(width), header: false, line: first.line, rows: records }
    })
}

/// The most common number of cells, two or more, in the first records; 0 when all have one.
fn width(records: &Records<'_>) -> usize {
    let records = records.clone().take(names::LOOKED_AT).filter_map(Result::ok);
    let mut counts: Vec<usize> = records.map(|record| record.cells.len()).filter(|&n| n > 1).collect();
    counts.sort_unstable();
    counts.chunk_by(|a, b| a == b).max_by_key(|run| run.len()).map_or(0, |run| run[0])
}

/// Goes over titles and records of empty cells above the names; gives the titles with their lines.
fn skip_titles<'a>(records: &mut Records<'a>, width: usize) -> Vec<(u64, Cow<'a, str>)> {
    let first: Vec<_> = records.clone().take(MOST_TITLES + names::LOOKED_AT).map_while(Result::ok).collect();
    let cells: Vec<&[Cow<'_, str>]> = first.iter().map(|record| record.cells.as_slice()).collect();
    let titles = titles(&cells, width);
    let lines = records.take(titles).filter_map(Result::ok);
    lines
        .filter_map(|record| Some((record.line, record.cells.into_iter().find(|cell| !cell.trim().is_empty())?)))
        .collect()
}

/// How many of the first `rows` of a table of `width` columns are titles, or empty, and stand above names: each has text in
/// half of the columns at most, and not in the last of them, and what follows holds names.
pub(super) fn titles(rows: &[&[Cow<'_, str>]], width: usize) -> usize {
    let filled = |row: &[Cow<'_, str>]| row.iter().filter(|cell| !cell.trim().is_empty()).count();
    let may_be = |row: &[Cow<'_, str>]| {
        filled(row) == 0 || (2 * filled(row) <= width && (row.len() < width || !row[0].trim().is_empty()))
    };
    let above = rows.iter().take(MOST_TITLES).take_while(|row| may_be(row)).count();
    let Some((names, below)) = rows[above..].split_first().filter(|_| above > 0) else { return 0 };
    if !names.iter().any(|name| !name.trim().is_empty() && !looks_numeric(name.trim())) {
        return 0;
    }
    let below: Vec<_> = below.iter().filter(|row| row.len() == names.len()).map(|row| row.to_vec()).collect();
    let found = names::holds(names, &below[..below.len().min(names::LOOKED_AT)]);
    // One cell of two is a title only where the line below it can be nothing but names.
    let short = rows[..above].iter().all(|row| row.len() < width || width > 2 || filled(row) == 0);
    if found == First::Names || (found.is_names() && short) { above } else { 0 }
}

/// What a person should know of titles.
pub(super) fn titles_note(titles: &[(u64, Cow<'_, str>)]) -> Option<String> {
    let (line, first) = titles.first()?;
    let shortened: String = first.trim().chars().take(60).collect();
    Some(match titles.len() {
        1 => format!("Line {line} is taken as a title and left out: \"{shortened}\"."),
        n => format!(
            "{n} lines above the header are taken as titles and left out, the first is line {line}: \"{shortened}\"."
        ),
    })
}

/// Some programs write the header itself behind a `#`, and tables with a column of row numbers call it `#`. That is so
/// when the last remark has as many cells as the line below, which holds a number. With the number of remarks above.
fn hidden_header<'a>(remarks: &[(Place, &'a str)], delimiter: u8, first: &Record<'_>) -> Option<(Record<'a>, usize)> {
    let (&(place, remark), above) = remarks.split_last()?;
    if !first.cells.iter().any(|cell| looks_numeric(cell.trim())) {
        return None;
    }
    let mut hidden = Records::new(remark, delimiter, Place { offset: 0, line: place.line }).next()?.ok()?;
    if hidden.cells[0].trim().is_empty() {
        hidden.cells[0] = Cow::Borrowed("#");
    }
    (hidden.cells.len() > 1 && hidden.cells.len() == first.cells.len()).then_some((hidden, above.len()))
}

/// The first record split by another separator, when that gives a name for every column of the `rows`, or for all but
/// one. Its cell holds the whole line, its quotes taken off.
fn otherwise_separated<'a>(
    first: Record<'a>,
    delimiter: u8,
    width: usize,
    rows: &Records<'_>,
    notes: &mut Vec<String>,
) -> Record<'a> {
    let holds_numbers =
        matches!(rows.clone().next(), Some(Ok(row)) if row.cells.iter().any(|c| looks_numeric(c.trim())));
    let line: &str = &first.cells[0];
    let names = SEPARATORS.into_iter().filter(|&s| s != delimiter).find_map(|separator| {
        let names: Vec<Cow<'a, str>> = line
            .split(char::from(separator))
            .map(|name| Cow::Owned(name.trim().trim_matches('"').to_owned()))
            .collect();
        let fits = names.len() > 1 && (names.len() == width || names.len() + 1 == width);
        // Rows that it splits into as many cells are separated by it too, and the delimiter is wrong.
        let in_rows =
            |row: &Record<'_>| row.cells.iter().map(|cell| cell.matches(char::from(separator)).count()).sum::<usize>();
        let splits_rows = matches!(rows.clone().next(), Some(Ok(row)) if names.len() == 1 + in_rows(&row));
        (fits && !splits_rows && names.iter().all(|name| !looks_numeric(name))).then_some((separator, names))
    });
    let Some((separator, names)) = names.filter(|_| holds_numbers) else { return first };
    let by = |separator| match separator {
        b',' => "commas",
        b';' => "semicolons",
        b'\t' => "tabs or blanks",
        _ => "vertical bars",
    };
    notes.push(format!(
        "The names on line {} are separated by {}, the rows below by {}.",
        first.line,
        by(separator),
        by(delimiter)
    ));
    Record { cells: names, ..first }
}

/// Makes the names as many as the cells of the rows where that leaves no doubt: empty names at the end are dropped, and a
/// column of row numbers, or of nothing at the end of each line, gets an empty one.
fn fit(names: &mut Vec<Cow<'_, str>>, width: usize, rows: &Records<'_>, notes: &mut Vec<String>) {
    let looked_at = || rows.clone().take(names::LOOKED_AT).filter_map(Result::ok);
    if width < 2 || looked_at().any(|record| record.cells.len() == names.len()) {
        return;
    }
    if names.len() > width && names[width..].iter().all(|name| name.trim().is_empty()) {
        let more = counted(names.len() - width, "empty name");
        names.truncate(width);
        notes.push(format!("The header ends in {more} more than the rows have cells: left out."));
    } else if names.len() + 1 == width {
        let is_empty = |record: Record<'_>| record.cells.last().is_none_or(|cell| cell.trim().is_empty());
        if looked_at().filter(|record| record.cells.len() == width).all(is_empty) {
            names.push(Cow::Borrowed(""));
            notes.push("Every row ends in a delimiter more than the header: the last column is empty.".to_owned());
        } else {
            names.insert(0, Cow::Borrowed(""));
            notes.push(
                "Every row has one cell more than the header: the first column is taken to be the one without a name, as \
                 R writes the names of rows."
                    .to_owned(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excel_names_the_separator() {
        for (line, expected) in [
            ("sep=;", Some(';')),
            ("SEP=,", Some(',')),
            ("\"sep=|\"", Some('|')),
            ("sep=\t", Some('\t')),
            ("sep=;;", None),
            ("sep=", None),
            ("sep=a", None),
            ("sept,x", None),
        ] {
            assert_eq!(named_separator(line), expected, "{line:?}");
        }
    }

    #[test]
    fn titles_stand_above_names() {
        for (text, width, expected) in [
            ("Report\na,b,c\n1,2,3", 3, 1),
            ("Report,,\n,,\na,b,c\n1,2,3", 3, 2),
            ("Report,,\n5,1,3\n4,5,6", 3, 0),
            ("Report,2020\nSource,x\na,b,c,d\n1,2,3,4", 4, 2),
            ("Report,2020,x\na,b,c,d\n1,2,3,4", 4, 0),
            ("Report,\nfirm,x\nA,1", 2, 1),
            ("id,\nA,x\nB,y", 2, 0),
            (",x\n0,5\n1,6", 2, 0),
            ("a,b,c\n1,2,3,4", 4, 0),
            ("a,b\n1,2,3,4", 4, 0),
        ] {
            let rows: Vec<Vec<Cow<'_, str>>> =
                text.lines().map(|line| line.split(',').map(Cow::Borrowed).collect()).collect();
            assert_eq!(titles(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>(), width), expected, "{text}");
        }
    }
}
