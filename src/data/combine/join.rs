//! Columns of one file beside those of another, where the values of the key columns are the same. Every row of the base
//! stays; of the other files each key has one row at most.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use super::{CombineError, Combined, Piece, and_more, counted, listed, unique};
use crate::data::missing::MissingCode;
use crate::data::roles::nearest;
use crate::data::table::Table;

/// The key columns of one piece and the key of each row; none where a part of it is missing.
struct Keyed<'a, 'b> {
    piece: &'b Piece<'a>,
    columns: Vec<usize>,
    keys: Vec<Option<String>>,
    /// The first row of each key.
    first: HashMap<String, usize>,
    /// The first two rows of one key.
    repeated: Option<(usize, usize)>,
}

/// Joins the tables on these columns. The base, whose rows the result has, is the file in which keys repeat, or else
/// the first one; keys may repeat in one file only.
pub(super) fn join(pieces: &[Piece<'_>], on: &[String]) -> Result<Combined, CombineError> {
    let keyed = keyed(pieces, on)?;
    let mut repeating = (0..keyed.len()).filter(|&p| keyed[p].repeated.is_some());
    let (base, second) = (repeating.next(), repeating.next());
    if let (Some(first), Some(second)) = (base, second) {
        let lines = |p: usize| keyed[p].repeated.map_or_else(String::new, |(a, b)| keyed[p].shown(a, Some(b)));
        let file = |p: usize| pieces[p].file.clone();
        let (first_key, second_key) = (lines(first), lines(second));
        return Err(CombineError::ManyToMany { first: file(first), first_key, second: file(second), second_key });
    }
    let base = base.unwrap_or(0);
    let others: Vec<usize> = (0..keyed.len()).filter(|&p| p != base).collect();

    let mut notes = Vec::new();
    // For each other file the row beside each row of the base.
    let mut partners: Vec<Vec<Option<usize>>> = Vec::new();
    for &other in &others {
        let found = partners_of(&keyed[base], &keyed[other]);
        if found.iter().all(Option::is_none) {
            return Err(no_partner(&keyed[base], &keyed[other]));
        }
        notes.extend(told(&keyed[base], &keyed[other], &found, on));
        partners.push(found);
    }

    let (base, others): (&Keyed<'_, '_>, Vec<&Keyed<'_, '_>>) =
        (&keyed[base], others.iter().map(|&p| &keyed[p]).collect());
    let table = beside(base, &others, &partners, &mut notes);
    Ok(Combined { table, notes, source_column: None })
}

/// Finds the key columns in every piece, and the keys of its rows. A key column is compared by numbers when it holds
/// numbers in all files, so that 17 and 17.0 are one id, and letter by letter otherwise.
fn keyed<'a, 'b>(pieces: &'b [Piece<'a>], on: &[String]) -> Result<Vec<Keyed<'a, 'b>>, CombineError> {
    if on.is_empty() {
        return Err(CombineError::NoKey);
    }
    let column = |piece: &Piece<'_>, name: &String| {
        piece.table.position(name.trim()).ok_or_else(|| CombineError::NoSuchKey {
            column: name.clone(),
            file: piece.file.clone(),
            nearest: nearest(name, piece.table.names()),
        })
    };
    let columns: Vec<Vec<usize>> =
        pieces.iter().map(|piece| on.iter().map(|name| column(piece, name)).collect()).collect::<Result<_, _>>()?;
    let numeric: Vec<bool> = (0..on.len())
        .map(|k| pieces.iter().zip(&columns).all(|(piece, columns)| piece.table.numbers(columns[k]).is_some()))
        .collect();
    Ok(pieces.iter().zip(columns).map(|(piece, columns)| Keyed::new(piece, columns, &numeric)).collect())
}

impl<'a, 'b> Keyed<'a, 'b> {
    fn new(piece: &'b Piece<'a>, columns: Vec<usize>, numeric: &[bool]) -> Self {
        let table = piece.table;
        // With their lengths, so that no two lists of parts make one key.
        let part = |key: &mut String, part: &str| _ = write!(key, "{}:{part}", part.len());
        let key = |row: usize| {
            let mut key = String::new();
            for (&column, &numeric) in columns.iter().zip(numeric) {
                match table.numbers(column).filter(|_| numeric).map(|numbers| numbers[row]) {
                    _ if table.is_missing(row, column) => return None,
                    // Shortest form that parses back: one text for each number, and 0 for −0.
                    Some(number) => part(&mut key, &(number + 0.0).to_string()),
                    None => part(&mut key, table.cell(row, column)),
                }
            }
            Some(key)
        };
        let keys: Vec<Option<String>> = (0..table.n_rows()).map(key).collect();
        let mut first = HashMap::with_capacity(keys.len());
        let mut repeated = None;
        for (row, key) in keys.iter().enumerate().filter_map(|(row, key)| Some((row, key.as_ref()?))) {
            match first.get(key) {
                Some(&before) => repeated = repeated.or(Some((before, row))),
                None => drop(first.insert(key.clone(), row)),
            }
        }
        Self { piece, columns, keys, first, repeated }
    }

    /// The key of a row and its line, or the lines of two rows: `firm "A", year "2019" on line 3`.
    fn shown(&self, row: usize, second: Option<usize>) -> String {
        let table = self.piece.table;
        let part = |&column: &usize| format!("{} \"{}\"", table.names()[column], table.cell(row, column));
        let parts: Vec<String> = self.columns.iter().map(part).collect();
        let lines = match second {
            Some(second) => format!("lines {} and {}", table.line(row), table.line(second)),
            None => format!("line {}", table.line(row)),
        };
        format!("{} on {lines}", parts.join(", "))
    }
}

fn partners_of(base: &Keyed<'_, '_>, other: &Keyed<'_, '_>) -> Vec<Option<usize>> {
    base.keys.iter().map(|key| other.first.get(key.as_ref()?).copied()).collect()
}

fn no_partner(base: &Keyed<'_, '_>, other: &Keyed<'_, '_>) -> CombineError {
    let first = |keyed: &Keyed<'_, '_>| {
        let row = keyed.keys.iter().position(Option::is_some);
        row.map_or_else(|| "no key at all".to_owned(), |row| keyed.shown(row, None))
    };
    CombineError::NoPartner {
        base: base.piece.file.clone(),
        other: other.piece.file.clone(),
        base_key: first(base),
        other_key: first(other),
    }
}

/// What matched and what did not, both ways.
fn told(base: &Keyed<'_, '_>, other: &Keyed<'_, '_>, found: &[Option<usize>], on: &[String]) -> Vec<String> {
    let (a, b) = (&base.piece.file, &other.piece.file);
    let mut used = vec![false; other.keys.len()];
    found.iter().flatten().for_each(|&row| used[row] = true);
    let with = found.iter().flatten().count();
    let mut notes = vec![format!(
        "{b} is joined to {a} on {}: {with} of {} have a partner, {} of {b} in use.",
        listed(on),
        counted(found.len(), "row"),
        counted(used.iter().filter(|used| **used).count(), "row"),
    )];
    let rows_without = |keyed: &Keyed<'_, '_>, without: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..keyed.keys.len()).filter(|&row| keyed.keys[row].is_some() && without(row)).collect()
    };
    let examples = |keyed: &Keyed<'_, '_>, rows: &[usize]| {
        let shown: Vec<String> = rows.iter().take(super::LISTED).map(|&row| keyed.shown(row, None)).collect();
        and_more(&shown, rows.len())
    };
    let have = |n: usize| if n == 1 { "has" } else { "have" };
    let lonely = rows_without(base, &|row| found[row].is_none());
    if !lonely.is_empty() {
        notes.push(format!(
            "{} of {a} {} no partner in {b} and nothing in its columns: {}.",
            counted(lonely.len(), "row"),
            have(lonely.len()),
            examples(base, &lonely)
        ));
    }
    let left_out = rows_without(other, &|row| !used[row]);
    if !left_out.is_empty() {
        notes.push(format!(
            "{} of {b} {} no partner in {a} and {} left out: {}.",
            counted(left_out.len(), "row"),
            have(left_out.len()),
            if left_out.len() == 1 { "is" } else { "are" },
            examples(other, &left_out)
        ));
    }
    for (keyed, fate) in [(base, "nothing in the columns of the other file"), (other, "no place in the table")] {
        let without = keyed.keys.iter().filter(|key| key.is_none()).count();
        if without > 0 {
            let rows = counted(without, "row");
            notes.push(format!("{rows} of {} {} no key and so {fate}.", keyed.piece.file, have(without)));
        }
    }
    notes
}

/// The base's columns, then those of each other file that are no key, under the base's rows.
fn beside(
    base: &Keyed<'_, '_>,
    others: &[&Keyed<'_, '_>],
    partners: &[Vec<Option<usize>>],
    notes: &mut Vec<String>,
) -> Table {
    let whole = base.piece.table;
    let mut names = whole.names().to_vec();
    let mut taken: HashSet<String> = names.iter().cloned().collect();
    let mut missing = whole.missing_tokens().clone();
    // Which other file, which of its columns.
    let mut added: Vec<(usize, usize)> = Vec::new();
    for (o, other) in others.iter().enumerate() {
        let mut renamed = Vec::new();
        for (column, name) in other.piece.table.names().iter().enumerate() {
            if other.columns.contains(&column) {
                continue;
            }
            let new = if taken.contains(name) {
                unique(&format!("{name} ({})", other.piece.stem), |name| taken.contains(name))
            } else {
                name.clone()
            };
            if new != *name {
                // A value declared missing under the old name is so under the new one.
                let codes = missing.codes.iter().filter(|code| code.column.as_ref() == Some(name));
                let codes: Vec<MissingCode> =
                    codes.map(|code| MissingCode { column: Some(new.clone()), value: code.value.clone() }).collect();
                missing.codes.extend(codes);
                renamed.push(new.clone());
            }
            taken.insert(new.clone());
            names.push(new);
            added.push((o, column));
        }
        if !renamed.is_empty() {
            notes.push(format!(
                "{} of {} had the name of another and now its file's name behind its own: {}.",
                counted(renamed.len(), "column"),
                other.piece.file,
                listed(&renamed)
            ));
        }
    }

    let mut table = Table::new(names);
    table.set_missing(missing);
    for row in 0..whole.n_rows() {
        let own = (0..whole.n_columns()).map(|column| whole.cell(row, column));
        let beside = added
            .iter()
            .map(|&(o, column)| partners[o][row].map_or("", |partner| others[o].piece.table.cell(partner, column)));
        table.push_row(whole.line(row), own.chain(beside));
    }
    for column in 0..whole.n_columns() {
        if whole.is_declared_text(column) {
            table.declare_text(column);
        } else if let Some(numbers) = whole.numbers(column) {
            table.set_numbers(column, Some(Arc::clone(numbers)));
        }
    }
    for (i, &(o, column)) in added.iter().enumerate() {
        let (other, place) = (others[o].piece.table, whole.n_columns() + i);
        if other.is_declared_text(column) {
            table.declare_text(place);
        } else if let Some(numbers) = other.numbers(column) {
            let of = |partner: &Option<usize>| partner.map_or(f64::NAN, |row| numbers[row]);
            let numbers: Vec<f64> = partners[o].iter().map(of).collect();
            // A column without a single number is none of numbers.
            if numbers.iter().any(|x| !x.is_nan()) {
                table.set_numbers(place, Some(numbers.into()));
            }
        }
    }
    table.set_files(vec![base.piece.file.clone()], vec![0; whole.n_rows()]);
    table
}
