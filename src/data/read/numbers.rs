//! The decimal mark of a table, and the numbers of columns that are not written plainly. Each column is read as a whole: all its cells agree
//! on one way of writing, or it stays text as it is. What was left out of cells is told, one sentence for each kind.

use std::sync::Arc;

use rayon::prelude::*;

use super::plain::{self, Plain};
use super::{ReadError, ids};
use crate::data::progress::Progress;
use crate::data::table::Table;
use crate::data::written::{Decimal, Thousands, Written, number, written};

/// A table whose columns of numbers are settled.
pub(super) struct Settled {
    pub(super) table: Table,
    /// The mark that most columns leave no doubt about.
    pub(super) decimal: Decimal,
    pub(super) notes: Vec<String>,
}

/// How far a column can be told from its cells.
enum Column {
    /// Digits, signs, points and exponents only, or missing; whether there is a point.
    Plain { point: bool },
    /// Something else somewhere: whether all cells agree under each mark.
    Adorned { point: Option<Agreed>, comma: Option<Agreed> },
}

/// What the cells of a column agree on.
#[derive(Default)]
struct Agreed {
    thousands: Option<Thousands>,
    lakhs: Option<bool>,
    currency: Option<&'static str>,
    percent: Option<bool>,
    unbracketed: bool,
    fraction: bool,
}

impl Agreed {
    /// Takes one more cell; whether it agrees with those before.
    fn admit(&mut self, cell: &Written) -> bool {
        fn same<T: PartialEq>(kept: &mut Option<T>, new: Option<T>) -> bool {
            let agree = kept.is_none() || new.is_none() || *kept == new;
            if kept.is_none() {
                *kept = new;
            }
            agree
        }
        self.unbracketed |= !cell.brackets;
        self.fraction |= cell.fraction;
        // A zero is the same with a percent sign and without.
        let is_zero = cell.plain.bytes().all(|b| matches!(b, b'0' | b'.' | b'-'));
        same(&mut self.thousands, cell.thousands)
            && same(&mut self.lakhs, cell.lakhs)
            && same(&mut self.currency, cell.currency)
            && same(&mut self.percent, Some(cell.percent).filter(|_| !is_zero))
    }
}

/// Settles the decimal mark, or takes the one that is `forced`, and gives the table the numbers of its columns. Those
/// `declared` to be numbers are no ids.
pub(super) fn settle(
    mut table: Table,
    delimiter: Option<char>,
    forced: Option<Decimal>,
    declared: &[String],
    progress: &Progress,
) -> Result<Settled, ReadError> {
    let mut plain = plain::columns(&table, progress)?;
    let mut notes: Vec<String> = ids::declare(&mut table, declared, &plain).into_iter().collect();
    let look = |(c, plain): (usize, &mut Option<Plain>)| {
        plain.take_if(|_| table.is_declared_text(c));
        match plain {
            Some(Plain { point, .. }) => Column::Plain { point: *point },
            None => look(&table, c),
        }
    };
    let columns: Vec<Column> = plain.par_iter_mut().enumerate().map(look).collect();
    let decimal = forced.unwrap_or_else(|| decide(&table, &columns, delimiter));

    let mut against = Vec::new();
    let readings: Vec<Option<Decimal>> = columns
        .iter()
        .enumerate()
        .map(|(c, column)| match column {
            Column::Plain { point } => {
                let apart = *point && decimal == Decimal::Comma;
                let thousands = apart && agree(&table, c, Decimal::Comma).is_some();
                if apart && !thousands {
                    against.push(c);
                }
                thousands.then_some(Decimal::Comma)
            }
            Column::Adorned { point, comma } => {
                let reads = |d| {
                    matches!(d, Decimal::Point if point.is_some()) || matches!(d, Decimal::Comma if comma.is_some())
                };
                let other = decimal.other();
                if reads(decimal) {
                    Some(decimal)
                } else if reads(other) && forced.is_none() {
                    against.push(c);
                    Some(other)
                } else {
                    None
                }
            }
        })
        .collect();

    notes.extend(doubt(&table, &columns, &readings));
    if let Some(&first) = against.first() {
        let (mark, rest) = match decimal {
            Decimal::Point => ("comma", "points"),
            Decimal::Comma => ("point", "commas"),
        };
        let columns =
            if against.len() == 1 { "1 column has".to_owned() } else { format!("{} columns have", against.len()) };
        notes.push(format!(
            "{columns} a decimal {mark} where the rest of the table has {rest}, and {} read so; the first is \"{}\".",
            if against.len() == 1 { "is" } else { "are" },
            table.names()[first]
        ));
    }
    let read: Vec<(Option<Arc<[f64]>>, Told)> = readings
        .par_iter()
        .zip(&mut plain)
        .enumerate()
        .map(|(column, (reading, plain))| match reading {
            Some(decimal) => {
                let (numbers, told) = read_as(&table, column, *decimal);
                (Some(numbers), told)
            }
            None => (plain.take().and_then(|plain| plain.numbers), Told::default()),
        })
        .collect();
    let mut told = Told::default();
    for (column, (numbers, of_column)) in read.into_iter().enumerate() {
        table.set_numbers(column, numbers);
        told.add(of_column);
    }
    notes.extend(told.sentences(decimal));
    Ok(Settled { table, decimal, notes })
}

/// The numbers of a column whose cells all agree under a decimal mark, and what was left out of them.
fn read_as(table: &Table, column: usize, decimal: Decimal) -> (Arc<[f64]>, Told) {
    let mut told = Told::default();
    let numbers = table.column(column).enumerate().map(|(row, cell)| {
        if is_missing(table, column, cell) {
            return f64::NAN;
        }
        let Some(cell_written) = written(cell, decimal) else { return f64::NAN };
        told.count(table.line(row), cell, &cell_written);
        number(&cell_written.plain).unwrap_or(f64::NAN)
    });
    let numbers = numbers.collect();
    (numbers, told)
}

/// Columns whose every mark may be a decimal mark or stand between thousands: all of them 1,234 and none 0,123, 12,5 or
/// 1,2345. However they are read, and whatever the rest of the table says, a person has to look.
fn doubt(table: &Table, columns: &[Column], readings: &[Option<Decimal>]) -> Option<String> {
    let first_doubtful = |c: usize| -> Option<&str> {
        let mut first = None;
        for cell in table.column(c).filter(|cell| cell.contains(['.', ','])) {
            let digits = cell.trim_start_matches(['-', '+']);
            let (whole, rest) = digits.split_once(['.', ','])?;
            let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
            let may_be_either = (1..=3).contains(&whole.len()) && !whole.starts_with('0') && rest.len() == 3;
            if !may_be_either || !all_digits(whole) || !all_digits(rest) {
                return None;
            }
            first.get_or_insert(cell);
        }
        first
    };
    let is_number = |c: usize| matches!(columns[c], Column::Plain { point: true }) || readings[c].is_some();
    let found: Vec<(usize, &str)> =
        (0..columns.len()).filter(|&c| is_number(c)).filter_map(|c| Some((c, first_doubtful(c)?))).collect();
    let &(column, cell) = found.first()?;
    let read = readings[column].and_then(|d| written(cell, d)).map_or_else(|| cell.to_owned(), |w| w.plain);
    let columns = if found.len() == 1 { "one column".to_owned() } else { format!("{} columns", found.len()) };
    Some(format!(
        "Nothing in {columns} tells whether the mark is a decimal mark or stands between thousands: in \"{}\" {cell} is \
         read as {read}. Write such numbers without thousands marks, or with decimals, if that is wrong.",
        table.names()[column]
    ))
}

/// A first look, by bytes alone where the cells are plain.
fn look(table: &Table, column: usize) -> Column {
    let mut point = false;
    if table.is_declared_text(column) {
        return Column::Adorned { point: None, comma: None };
    }
    for cell in table.column(column) {
        let mut plain = !cell.is_empty();
        for byte in cell.bytes() {
            point |= byte == b'.';
            plain &= matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
        }
        // A minus behind digits is no plain one.
        let trailing = cell.len() > 1 && cell.ends_with('-');
        if (!plain || trailing) && !is_missing(table, column, cell) {
            return Column::Adorned {
                point: agree(table, column, Decimal::Point),
                comma: agree(table, column, Decimal::Comma),
            };
        }
    }
    Column::Plain { point }
}

fn is_missing(table: &Table, column: usize, cell: &str) -> bool {
    table.missing_tokens().holds(&table.names()[column], cell, true)
}

/// What the cells of a column agree on under a decimal mark; `None` when one is no number or they do not agree.
fn agree(table: &Table, column: usize, decimal: Decimal) -> Option<Agreed> {
    let mut agreed = Agreed::default();
    for cell in table.column(column).filter(|cell| !is_missing(table, column, cell)) {
        if !agreed.admit(&written(cell, decimal)?) {
            return None;
        }
    }
    // Nothing but brackets is a list such as (1), (2), (3).
    agreed.unbracketed.then_some(agreed)
}

/// The mark of more columns that can be read under one only. Without any, in doubt, it is the point, or the comma in a
/// table separated by semicolons.
fn decide(table: &Table, columns: &[Column], delimiter: Option<char>) -> Decimal {
    let (mut points, mut commas, mut doubtful) = (0, 0, 0);
    for column in columns {
        if let Column::Adorned { point, comma } = column {
            match (point, comma) {
                (Some(_), None) => points += 1,
                (None, Some(_)) => commas += 1,
                (Some(point), Some(comma)) if point.thousands == Some(Thousands::OtherMark) && comma.fraction => {
                    doubtful += 1;
                }
                _ => {}
            }
        }
    }
    if commas == 0 && (doubtful == 0 || points > 0) {
        return Decimal::Point;
    }
    let only_point = |(c, column): (usize, &Column)| {
        matches!(column, Column::Plain { point: true }) && agree(table, c, Decimal::Comma).is_none()
    };
    points += columns.iter().enumerate().filter(|&column| only_point(column)).count();
    match (points, commas) {
        (0, 0) if delimiter == Some(';') => Decimal::Comma,
        _ if commas > points => Decimal::Comma,
        _ => Decimal::Point,
    }
}

/// What was left out of cells: how often, and where first.
#[derive(Default)]
struct Told {
    kinds: [Option<(usize, u64, String)>; 8],
}

impl Told {
    fn count(&mut self, line: u64, cell: &str, written: &Written) {
        let apart = |kind| written.thousands == Some(kind);
        let kinds = [
            apart(Thousands::Blank),
            apart(Thousands::OtherMark),
            apart(Thousands::Apostrophe),
            written.currency.is_some(),
            written.percent,
            written.brackets,
            written.minus_after,
            written.unit,
        ];
        for (kept, _) in self.kinds.iter_mut().zip(kinds).filter(|(_, is)| *is) {
            kept.get_or_insert_with(|| (0, line, cell.to_owned())).0 += 1;
        }
    }

    /// Adds what was left out of another column; the first is the one on the earliest line.
    fn add(&mut self, other: Self) {
        for (kept, new) in self.kinds.iter_mut().zip(other.kinds) {
            let Some((count, line, cell)) = new else { continue };
            let (total, first, example) = kept.get_or_insert_with(|| (0, line, cell.clone()));
            *total += count;
            if line < *first {
                (*first, *example) = (line, cell);
            }
        }
    }

    fn sentences(self, decimal: Decimal) -> impl Iterator<Item = String> {
        let other = if decimal == Decimal::Point { "commas" } else { "points" };
        let what = [
            "blanks between the thousands, which are left out".to_owned(),
            format!("{other} between the thousands, which are left out"),
            "apostrophes between the thousands, which are left out".to_owned(),
            "a currency sign, which is left out".to_owned(),
            "a percent sign, which is left out: 12% is read as 12".to_owned(),
            "brackets around the digits, which mean a minus".to_owned(),
            "the minus behind the digits".to_owned(),
            "a unit such as 万 or 亿, by which it is multiplied: 3.5万 is read as 35000".to_owned(),
        ];
        self.kinds.into_iter().zip(what).filter_map(|(kind, what)| {
            let (count, line, first) = kind?;
            let number = if count == 1 { "number has" } else { "numbers have" };
            Some(format!("{count} {number} {what}; the first is \"{first}\" on line {line}."))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(columns: &[&[&str]], delimiter: char) -> (Vec<Vec<String>>, char, Vec<String>) {
        let mut table = Table::new((0..columns.len()).map(|i| format!("c{i}")).collect());
        for row in 0..columns[0].len() {
            table.push_row(row as u64 + 2, columns.iter().map(|column| column[row]));
        }
        let Settled { table, decimal, notes } = settle(table, Some(delimiter), None, &[], &Progress::new()).unwrap();
        let texts = |c: usize| match table.numbers(c) {
            Some(numbers) => numbers.iter().map(f64::to_string).collect(),
            None => table.column(c).map(str::to_owned).collect(),
        };
        let cells = (0..columns.len()).map(texts).collect();
        (cells, decimal.mark(), notes)
    }

    #[test]
    fn one_column_with_a_decimal_comma_settles_those_in_doubt() {
        let (cells, decimal, notes) =
            settled(&[&["0,5", "1,25", "NA"], &["1,234", "2,500", "-"], &["1.234", "7", "?"]], '\t');
        assert_eq!(cells, [["0.5", "1.25", "NaN"], ["1.234", "2.5", "NaN"], ["1234", "7", "NaN"]]);
        assert_eq!(decimal, ',');
        assert!(
            notes[0].starts_with("Nothing in 2 columns tells") && notes[0].contains("1,234 is read as 1.234"),
            "{notes:?}"
        );
        assert_eq!(
            notes[1..],
            ["1 number has points between the thousands, which are left out; the first is \"1.234\" on line 2."]
        );
    }

    #[test]
    fn in_doubt_the_delimiter_decides_and_it_is_said() {
        let (cells, decimal, notes) = settled(&[&["1,234", "2,500"]], ';');
        assert_eq!((cells[0][0].as_str(), decimal, notes.len()), ("1.234", ',', 1));
        let (cells, decimal, notes) = settled(&[&["1,234", "2,500"]], '\t');
        assert_eq!((cells[0][0].as_str(), decimal, notes.len()), ("1234", '.', 2));
        // A fraction elsewhere settles it for the point; that it was a guess is said all the same.
        let (cells, decimal, notes) = settled(&[&["1,234", "2,500"], &["0.5", "1.25"]], ';');
        assert_eq!((cells[0][0].as_str(), decimal, notes.len()), ("1234", '.', 2));
        // Points alone are in doubt too, and one cell that can be read one way only takes the doubt away.
        let (_, _, notes) = settled(&[&["262.033", "862.966"]], ';');
        assert!(notes[0].contains("262.033 is read as 262.033"), "{notes:?}");
        assert!(settled(&[&["262.033", "0.966"]], ';').2.is_empty());
    }

    #[test]
    fn a_column_that_does_not_agree_stays_as_it_is() {
        for column in [
            ["1,5", "1.5"],
            ["$5", "€6"],
            ["12%", "0.12"],
            ["1,000.5", "1 000"],
            ["(1)", "(2)"],
            ["5", "five"],
            ["1,5", "2019-12-31"],
        ] {
            let (cells, decimal, notes) = settled(&[&column], '\t');
            assert_eq!((cells[0].as_slice(), decimal, notes.len()), (&column.map(str::to_owned)[..], '.', 0));
        }
    }

    #[test]
    fn signs_and_brackets_are_taken_off_and_told() {
        let (cells, _, notes) = settled(&[&["$1,000", "(5)", "$7-"], &["5%", "0", "7.5 %"]], '\t');
        assert_eq!(cells, [["1000", "-5", "-7"], ["5", "0", "7.5"]]);
        assert_eq!(notes.len(), 5, "{notes:?}");
        assert_eq!(
            notes[3],
            "1 number has brackets around the digits, which mean a minus; the first is \"(5)\" on line 3."
        );
    }

    #[test]
    fn one_column_against_the_others_is_read_its_own_way() {
        let (cells, decimal, notes) = settled(&[&["0,5", "1,5"], &["2,5", "3,5"], &["1.25", "7.5"]], ';');
        assert_eq!(cells, [["0.5", "1.5"], ["2.5", "3.5"], ["1.25", "7.5"]]);
        assert_eq!((decimal, notes.len()), (',', 1));
        assert!(notes[0].contains("1 column has a decimal point") && notes[0].contains("\"c2\""), "{notes:?}");
    }
}
