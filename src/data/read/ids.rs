//! Columns whose cells are made of digits and are no quantities: ids and codes, which as numbers would lose their
//! leading zeros, their last digits or their groups, so that different firms became one. They are kept as text.

use rayon::prelude::*;

use super::plain::Plain;
use crate::data::table::Table;

/// Significant digits that a 64-bit float always gives back.
const EXACT_DIGITS: usize = 15;

/// What shows in one cell that its digits are no quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// `007`, and `01.11` of a classification.
    LeadingZeros,
    /// `1234567890123456789`.
    ManyDigits,
    /// `732 829 320`, when all other cells have as many groups of three.
    Groups(usize),
    /// `12.2021`, when all other cells are such.
    MonthAndYear,
}

/// Declares columns of ids and codes to be text, unless they are among those that hold `numbers`, and says so in one note.
/// What is `plain` of the columns tells where to look.
pub(super) fn declare(table: &mut Table, numbers: &[String], plain: &[Option<Plain>]) -> Option<String> {
    let sign = |(column, plain): (usize, &Option<Plain>)| {
        let is_open = !table.is_declared_text(column) && !numbers.contains(&table.names()[column]);
        let (row, sign) = is_open.then(|| sign_of_column(table, column, plain.as_ref()))??;
        Some((column, row, sign))
    };
    let found: Vec<(usize, usize, Sign)> = plain.par_iter().enumerate().filter_map(sign).collect();
    for &(column, ..) in &found {
        table.declare_text(column);
    }
    let (count, first) = (found.len(), found.first().copied());
    let (column, row, sign) = first?;
    let (name, cell, line) = (&table.names()[column], table.cell(row, column), table.line(row));
    let why = match sign {
        Sign::LeadingZeros => "leading zeros",
        Sign::ManyDigits => "its last digits",
        Sign::Groups(_) => "the groups of digits that are alike in every row",
        Sign::MonthAndYear => "the month and the year",
    };
    let kept = if count == 1 {
        format!("\"{name}\" is kept as text")
    } else {
        format!("{count} columns are kept as text, the first of them \"{name}\"")
    };
    Some(format!("{kept}, because a number would lose {why}: \"{cell}\" on line {line}."))
}

/// The first row with a sign that the column holds no quantities, when no other cell speaks against it.
fn sign_of_column(table: &Table, column: usize, plain: Option<&Plain>) -> Option<(usize, Sign)> {
    let name = &table.names()[column];
    let is_missing = |cell: &str| table.missing_tokens().holds(name, cell, true);
    let present = || table.column(column).enumerate().filter(|(_, cell)| !is_missing(cell));
    let (_, first) = table.column(column).enumerate().find(|(_, cell)| !is_missing(cell))?;
    // Most columns end here, at their first letter or because no cell has a sign.
    let of_all = common_sign(first);
    let any = || plain.map_or_else(|| table.column(column).any(may_be_one), |plain| plain.id);
    if !is_code(first) || is_date(first) || (of_all.is_none() && !any()) {
        return None;
    }
    let (mut found, mut all_alike, mut rows) = (None, true, 0);
    for (row, cell) in present() {
        if !is_code(cell) {
            return None;
        }
        rows += 1;
        all_alike &= common_sign(cell) == of_all;
        found = found.or_else(|| Some((row, sign_of_cell(cell)?)));
    }
    match of_all {
        Some(sign) if all_alike && rows > 1 => present().next().map(|(row, _)| (row, sign)),
        _ => found,
    }
}

/// Digits, and points or blanks of one kind between them.
fn is_code(cell: &str) -> bool {
    let mut mark = None;
    let mut after_digit = false;
    for c in cell.chars() {
        let is_digit = c.is_ascii_digit();
        if !is_digit && (!after_digit || !is_mark(c) || *mark.get_or_insert(c) != c) {
            return false;
        }
        after_digit = is_digit;
    }
    after_digit
}

/// Day, month and year with points, either way round: text as it is, and no id.
fn is_date(cell: &str) -> bool {
    let parts: Vec<usize> = cell.split('.').map(str::len).collect();
    matches!(parts[..], [1..=2, 1..=2, 4] | [4, 1..=2, 1..=2])
}

fn is_mark(c: char) -> bool {
    matches!(c, '.' | ' ' | '\u{a0}' | '\u{202f}')
}

/// Whether one cell alone shows that it is no quantity, unless others speak against it.
pub(super) fn may_be_one(cell: &str) -> bool {
    sign_of_cell(cell).is_some()
}

/// What one cell alone shows.
fn sign_of_cell(cell: &str) -> Option<Sign> {
    let bytes = cell.as_bytes();
    // 00 is no more than 0.
    if bytes.len() > 1
        && bytes[0] == b'0'
        && bytes[1].is_ascii_digit()
        && bytes.iter().any(|b| matches!(b, b'1'..=b'9'))
    {
        return Some(Sign::LeadingZeros);
    }
    let long = bytes.len() > EXACT_DIGITS
        && bytes.iter().all(u8::is_ascii_digit)
        && cell.trim_end_matches('0').len() > EXACT_DIGITS;
    long.then_some(Sign::ManyDigits)
}

/// What a cell shows when all others of its column show the same.
fn common_sign(cell: &str) -> Option<Sign> {
    let is_month_and_year = |(month, year): (&str, &str)| {
        month.len() == 2
            && matches!(month.parse(), Ok(1..=12))
            && year.len() == 4
            && matches!(year.parse(), Ok(1900..=2100))
    };
    if cell.split_once('.').is_some_and(is_month_and_year) {
        return Some(Sign::MonthAndYear);
    }
    let groups = cell.split(is_mark);
    let of_three = groups.clone().all(|group| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit()));
    Some(groups.count()).filter(|&n| of_three && n > 2).map(Sign::Groups)
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;
    use crate::data::progress::Progress;

    fn declared(table: &mut Table, numbers: &[String]) -> Option<String> {
        let plain = plain::columns(table, &Progress::new()).unwrap();
        declare(table, numbers, &plain)
    }

    fn note(cells: &[&str]) -> Option<String> {
        let mut table = Table::new(vec!["c".to_owned()]);
        for (row, cell) in cells.iter().enumerate() {
            table.push_row(row as u64 + 2, [*cell]);
        }
        let note = declared(&mut table, &[]);
        assert_eq!(note.is_some(), table.is_declared_text(0));
        note
    }

    #[test]
    fn ids_and_codes() {
        for (cells, why) in [
            (["12", "007", "NA"], "leading zeros: \"007\" on line 3"),
            (["1234567890123456789", "1234567890123456788", ""], "its last digits: \"1234567890123456789\" on line 2"),
            (["10.11", "01.11", "47.19"], "leading zeros: \"01.11\" on line 3"),
            (["01.11.1", "62.01", "62"], "leading zeros"),
            (["732 829 320", "-", "552 100 554"], "groups"),
            (["100.200.300", "100.200.301", "?"], "groups"),
            (["10.2021", "11.2021", "12.2021"], "the month and the year: \"10.2021\" on line 2"),
            (["09.2021", "10.2021", "11.2021"], "the month and the year"),
        ] {
            let note = note(&cells).unwrap_or_default();
            assert!(note.contains(why), "{cells:?}: {note}");
        }
    }

    #[test]
    fn quantities_are_left_alone() {
        for cells in [
            ["0", "0.5", "10"],
            ["-0.5", "007", "1"],
            ["0.12345678901234567", "1", "2"],
            ["10000000000000000000", "2000000000000000000", "5"],
            ["1 234 567", "12 345 678", "123 456 789"],
            ["1.234.567", "100.200.300", "0,5"],
            ["10.2021", "13.2021", "1.5"],
            ["007", "A12", "3"],
            ["1.0", "0", "00"],
            ["", "NA", "?"],
            ["123456789012345", "1", "2"],
        ] {
            assert_eq!(note(&cells), None, "{cells:?}");
        }
    }

    #[test]
    fn several_columns_are_told_in_one_note() {
        let mut table = Table::new(vec!["a".to_owned(), "x".to_owned(), "b".to_owned()]);
        table.push_row(2, ["01", "1", "0007"]);
        let mut both = table.clone();
        let numbers = ["a", "b"].map(str::to_owned);
        assert_eq!(declared(&mut both, &numbers), None);
        assert!(
            declared(&mut table, &[])
                .is_some_and(|note| note.starts_with("2 columns are kept as text, the first of them \"a\""))
        );
    }
}
