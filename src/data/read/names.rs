//! Names of columns: whether the first record holds them, and how they become unique and never empty.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::data::missing::MissingTokens;
use crate::data::written::{looks_numeric, number};

/// Records below the first that are looked at.
pub(super) const LOOKED_AT: usize = 50;

/// What the first record of a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    Names,
    /// Names for want of a sign that they are values: nothing but texts, above texts that never repeat.
    NamesInDoubt,
    Values,
}

impl First {
    /// What a person says it holds.
    pub(super) fn forced(names: bool) -> Self {
        if names { Self::Names } else { Self::Values }
    }

    pub(super) fn is_names(self) -> bool {
        self != Self::Values
    }

    /// What a person should know of a guess about the record on `line`.
    pub(super) fn note(self, line: u64) -> Option<String> {
        match self {
            Self::Names => None,
            Self::NamesInDoubt => Some(format!(
                "Nothing tells whether line {line} holds names or the first row: it is taken as names. Say that there is \
                 no header if that is wrong."
            )),
            Self::Values => Some(NO_NAMES.to_owned()),
        }
    }
}

/// Whether `first` holds names or values, seen against the records `below` it, as long as itself.
///
/// Names, unless a number or missing token in it stands where every cell below is a number or missing too, and no text
/// in it stands above such a column. Years are names, and so are numbers that go up in equal steps, as programs write
/// that number their columns. In a table of nothing but texts a record whose texts come back below it is a row.
pub(super) fn holds(first: &[Cow<'_, str>], below: &[Vec<Cow<'_, str>>]) -> First {
    let missing = MissingTokens::default();
    let is_missing = |cell: &str| missing.holds("", cell, true);
    let is_value = |cell: &str| looks_numeric(cell) || (!cell.is_empty() && is_missing(cell));
    let is_year = |cell: &str| number(cell).is_some_and(|x| x.fract() == 0.0 && (1900.0..=2100.0).contains(&x));
    let (mut values, mut any_numeric) = (0, false);
    for (column, cell) in first.iter().map(|cell| cell.trim()).enumerate() {
        let mut cells = below.iter().map(|row| row[column].trim()).filter(|cell| !is_missing(cell)).peekable();
        let numeric = cells.peek().is_some() && cells.all(looks_numeric);
        any_numeric |= numeric;
        if numeric && is_value(cell) && !is_year(cell) {
            values += 1;
        } else if numeric && !cell.is_empty() && !is_value(cell) {
            return First::Names;
        }
    }
    if values > 0 && !in_equal_steps(first) {
        First::Values
    } else if any_numeric || below.is_empty() {
        First::Names
    } else {
        among_texts(first, below)
    }
}

/// [`holds`] where no column holds numbers: by how many of the columns whose texts repeat have that of `first` too.
fn among_texts(first: &[Cow<'_, str>], below: &[Vec<Cow<'_, str>>]) -> First {
    let (mut repeating, mut coming_back) = (0, 0);
    for (column, cell) in first.iter().map(|cell| cell.trim()).enumerate() {
        let cells = below.iter().map(|row| row[column].trim()).filter(|cell| !cell.is_empty());
        let mut seen = HashSet::new();
        let repeats = cells.clone().any(|cell| !seen.insert(cell));
        repeating += usize::from(repeats);
        coming_back += usize::from(!cell.is_empty() && cells.clone().any(|other| other == cell));
    }
    match (repeating, coming_back) {
        (0, 0) => First::NamesInDoubt,
        (_, 0) => First::Names,
        (repeating, back) if 2 * back >= repeating => First::Values,
        _ => First::NamesInDoubt,
    }
}

/// Whether the numbers among the cells stand side by side and go up in equal steps: at least three of them by a whole
/// number, or five by any, or 0 and 1, or 1 and 2. Any two numbers make one step, and three make two equal ones now and then.
fn in_equal_steps(cells: &[Cow<'_, str>]) -> bool {
    let all = cells.iter().map(|cell| number(cell.trim())).skip_while(Option::is_none);
    let numbers: Vec<f64> = all.clone().map_while(|number| number).collect();
    let side_by_side = numbers.len() == all.flatten().count();
    let steps: Vec<f64> = numbers.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let Some(&step) = steps.first() else { return false };
    let counted = match numbers.len() {
        2 => numbers == [0.0, 1.0] || numbers == [1.0, 2.0],
        3 | 4 => (step - step.round()).abs() <= 1e-6 * step,
        _ => true,
    };
    side_by_side && counted && step > 0.0 && steps.iter().all(|s| (s - step).abs() <= 1e-6 * step)
}

/// Told when the first record was found to be a row.
const NO_NAMES: &str = "The first line looks like a row and not like names: it is kept as a row, and the \
    columns are numbered. Say that there is a header if that is wrong.";

/// Names for columns that have none in the file.
pub(super) fn numbered(columns: usize) -> Vec<String> {
    (1..=columns).map(|i| format!("column {i}")).collect()
}

/// Column names from the header's cells: blanks and line breaks inside become one space, empty names get their number,
/// repeated names a count. Each change of substance is noted.
pub(super) fn column_names(cells: &[Cow<'_, str>], notes: &mut Vec<String>) -> Vec<String> {
    let written: Vec<String> = cells.iter().map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    // Names that stand in the file keep them; made-up ones must not collide with any.
    let given: HashSet<&str> = written.iter().map(String::as_str).collect();
    let mut used = HashSet::new();
    let mut times: HashMap<String, usize> = HashMap::new();
    let mut names = Vec::with_capacity(written.len());
    for (i, name) in written.iter().enumerate() {
        let base = if name.is_empty() { format!("column {}", i + 1) } else { name.clone() };
        let times = times.entry(base.clone()).or_insert(0);
        let unique = loop {
            *times += 1;
            let candidate = if *times == 1 { base.clone() } else { format!("{base} ({times})") };
            if !used.contains(&candidate) && (candidate == *name || !given.contains(candidate.as_str())) {
                break candidate;
            }
        };
        if name.is_empty() {
            notes.push(format!("Column {} has no name: it is called \"{unique}\".", i + 1));
        } else if unique != *name {
            notes.push(format!("Column {} repeats the name \"{name}\": it is called \"{unique}\".", i + 1));
        }
        used.insert(unique.clone());
        names.push(unique);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> First {
        let mut rows: Vec<Vec<Cow<'_, str>>> =
            text.lines().map(|line| line.split(',').map(Cow::Borrowed).collect()).collect();
        let first = rows.remove(0);
        holds(&first, &rows)
    }

    #[test]
    fn first_records_that_hold_names() {
        for text in [
            "a,b\n1,2",
            "firm,2019,2020\na,1,2",
            ",0,1,2\nx,5,6,7",
            "400.5,401.5,402.5\n1,2,3",
            "1,a\n5,6",
            "firm,rating,failed\nA,good,no\nB,poor,yes\nC,good,no",
        ] {
            assert_eq!(first(text), First::Names, "{text}");
        }
    }

    #[test]
    fn first_records_that_are_rows() {
        for text in [
            "b,30.8,?,u\na,58.6,4,u",
            "5.1,3.5,1.4\n4.9,3.0,1.4",
            "A,2019,0.5\nB,2020,0.7",
            "x,NA\ny,5",
            "A,2.5,5.5\nB,3.5,4.5",
            "6.25,A,7.25,8.25\n1.5,B,2.5,1.5",
            "6.25,7.05,7.85\n1.5,2.5,0.5",
            // Texts alone, which come back below.
            "vhigh,small,unacc\nhigh,big,acc\nvhigh,big,unacc\nlow,small,acc",
            "A,good,no\nB,poor,yes\nC,good,no\nD,good,no",
        ] {
            assert_eq!(first(text), First::Values, "{text}");
        }
    }

    #[test]
    fn texts_that_tell_nothing_are_names_in_doubt() {
        for text in ["a,b\nx,y", "firm,city\nA,Bonn\nB,Rome", "good,yes,x,y\nq,yes,u,v\nr,no,u,v\nr,no,u,v\nr,no,u,v"] {
            assert_eq!(first(text), First::NamesInDoubt, "{text}");
        }
        assert_eq!(first("a,b"), First::Names, "a header alone");
    }
}
