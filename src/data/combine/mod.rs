//! Several tables to one: stacked when their columns agree, joined on the enterprise id (and the period) when they do
//! not. Cells are copied as they are written, numbers as each file's own decimal mark made them, and whatever does not
//! fit is counted and told.

mod error;
mod join;
mod stack;

use std::collections::HashSet;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::missing::token_counts;
use super::read::{Reading, counted};
use super::roles::{Role, RoleRequest, guess, looks_like_period};
use super::table::Table;
use super::{Rejected, profile};
pub use error::CombineError;

/// How several files become one table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combination {
    /// Stacked when their columns agree, else joined on the enterprise id, and the period when all have it.
    #[default]
    Auto,
    /// The rows of one file below those of the other, columns by their names.
    Stack,
    /// The columns of one file beside those of the other.
    Join {
        /// Names of the columns whose values make two rows partners. At least one, in every file.
        on: Vec<String>,
    },
}

/// Share of all names that every file must have for the files to be stacked unasked. A column or two may be missing in
/// one of them, such as the label; files that share their keys alone are far below.
const AGREEING: f64 = 0.75;

/// How many names or keys a sentence lists.
const LISTED: usize = 3;

/// One of the tables to be put together.
pub(super) struct Piece<'a> {
    /// The file's name for people, different in every piece.
    pub(super) file: String,
    /// The same without its extension: the value of the `source` column.
    pub(super) stem: String,
    pub(super) table: &'a Table,
    /// Whether the names of the columns are in the file.
    pub(super) header: bool,
}

/// The table of several files.
pub(super) struct Combined {
    pub(super) table: Table,
    /// What was done and what did not fit, one sentence each.
    pub(super) notes: Vec<String>,
    /// The column that says from which file a row is.
    pub(super) source_column: Option<usize>,
}

/// Puts at least two tables together. Roles that `request` names are where to look for what to join on.
pub(super) fn combine(
    pieces: &[Piece<'_>],
    combination: &Combination,
    request: &RoleRequest,
) -> Result<Combined, CombineError> {
    match combination {
        Combination::Stack => stack::stack(pieces),
        Combination::Join { on } => join::join(pieces, on),
        Combination::Auto => {
            let names = stack::names(pieces)?;
            let (shared, all) = shared_of_all(&names);
            if shared as f64 >= AGREEING * all as f64 {
                let mut combined = stack::stack(pieces)?;
                combined.notes.insert(0, format!("The files share {shared} of {all} columns, so they are stacked."));
                return Ok(combined);
            }
            let on = keys(pieces, request);
            if on.is_empty() {
                let files = quoted_files(pieces);
                return Err(CombineError::Unlike { files, shared, all });
            }
            let mut combined = join::join(pieces, &on)?;
            let why = format!("The files share {shared} of {all} columns only, so they are joined.");
            combined.notes.insert(0, why);
            Ok(combined)
        }
    }
}

/// How many names all lists share, and how many there are in any.
fn shared_of_all(names: &[Vec<String>]) -> (usize, usize) {
    let sets: Vec<HashSet<&String>> = names.iter().map(|names| names.iter().collect()).collect();
    let all: HashSet<&String> = names.iter().flatten().collect();
    let shared = names.first().into_iter().flatten().filter(|name| sets.iter().all(|set| set.contains(name)));
    (shared.count(), all.len())
}

/// Columns of all files to join on: the enterprise id that was named or that any file's guess finds, then the period.
fn keys(pieces: &[Piece<'_>], request: &RoleRequest) -> Vec<String> {
    let mut on: Vec<String> = Vec::new();
    let guesses: Vec<_> = pieces.iter().map(|piece| guessed_keys(piece.table, request)).collect();
    let in_all = |name: &String| pieces.iter().all(|piece| piece.table.position(name).is_some());
    let ids = guesses.iter().filter_map(|(id, _)| id.as_ref());
    let periods = guesses.iter().filter_map(|(_, period)| period.as_ref());
    on.extend(request.id.iter().chain(ids).find(|name| in_all(name)).cloned());
    if !on.is_empty() {
        let guessed = request.period.iter().chain(periods).find(|name| in_all(name) && on[0] != **name).cloned();
        // In files of one year each the period is constant, and no guess finds it.
        on.extend(guessed.or_else(|| {
            let like = pieces.iter().flat_map(|piece| profile(piece.table)).filter(looks_like_period);
            like.map(|profile| profile.name).find(|name| in_all(name) && on[0] != *name)
        }));
    }
    on
}

/// What a table's own names and values say about its id and period.
fn guessed_keys(table: &Table, request: &RoleRequest) -> (Option<String>, Option<String>) {
    let here = |name: &Option<String>| name.clone().filter(|name| table.position(name.trim()).is_some());
    let request = RoleRequest { id: here(&request.id), period: here(&request.period), ..RoleRequest::default() };
    let Ok(guess) = guess(table, &profile(table), &request) else { return (None, None) };
    let name = |role| guess.roles.position(role).map(|column| table.names()[column].clone());
    (name(Role::EnterpriseId), name(Role::Period))
}

/// How the whole was read, from how its parts were. `table` is the whole.
///
/// Where the parts differ, the encoding is `several` and the delimiter none. Each remark and each rejected row names its
/// file. The fingerprint is the SHA-256 of the parts' fingerprints in hexadecimal, one after the other.
pub(super) fn whole_reading(parts: &[(&str, &Reading)], table: &Table, notes: Vec<String>) -> Reading {
    fn common<T: PartialEq + Copy>(mut values: impl Iterator<Item = T>) -> Option<T> {
        let first = values.next()?;
        values.all(|value| value == first).then_some(first)
    }
    let readings = || parts.iter().map(|(_, reading)| *reading);
    let mut digest = Sha256::new();
    readings().for_each(|reading| digest.update(&reading.sha256));
    let rejected = |(file, reading): &(&str, &Reading)| {
        let named = |r: &Rejected| Rejected { line: r.line, reason: format!("in {file}, {}", r.reason) };
        reading.rejected.iter().map(named).collect::<Vec<_>>()
    };
    // What holds for all of them is said once.
    let in_all = |note: &String| readings().all(|reading| reading.notes.contains(note));
    let (mut remarks, mut said) = (Vec::new(), HashSet::new());
    for (file, note) in parts.iter().flat_map(|(file, reading)| reading.notes.iter().map(move |note| (*file, note))) {
        let file = if in_all(note) { "All files" } else { file };
        if said.insert((file, note)) {
            remarks.push(match note.strip_prefix("File note: ") {
                Some(remark) => format!("File note: {file}: {remark}"),
                None => format!("{file}: {note}"),
            });
        }
    }
    Reading {
        format: "several",
        encoding: common(readings().map(|r| r.encoding)).unwrap_or("several"),
        delimiter: common(readings().map(|r| r.delimiter)).flatten(),
        decimal: common(readings().map(|r| r.decimal)).unwrap_or('.'),
        header: readings().all(|r| r.header),
        sheet: None,
        sheets: Vec::new(),
        rows_read: table.n_rows(),
        rejected: parts.iter().flat_map(rejected).collect(),
        missing: token_counts(table),
        sha256: digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat(),
        notes: notes.into_iter().chain(remarks).collect(),
    }
}

/// Names of files for people, and the same without extensions: as short as they can be and still all different.
pub(super) fn file_labels(paths: &[&Path]) -> (Vec<String>, Vec<String>) {
    let text = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let name = |path: &Path| text(path.file_name());
    let stem = |path: &Path| {
        let name = name(path);
        let packed =
            name.len().checked_sub(3).filter(|&at| name.get(at..).is_some_and(|e| e.eq_ignore_ascii_case(".gz")));
        text(Path::new(packed.map_or(&name[..], |at| &name[..at])).file_stem())
    };
    let within = |path: &Path, of: &dyn Fn(&Path) -> String| match path.parent().and_then(Path::file_name) {
        Some(folder) => format!("{}/{}", folder.to_string_lossy(), of(path)),
        None => of(path),
    };
    let full = |path: &Path| path.display().to_string();
    let numbered = || (1..=paths.len()).map(|i| format!("file {i}")).collect();
    let first_unique = |ways: &[&dyn Fn(&Path) -> String]| {
        let labels = |way: &&dyn Fn(&Path) -> String| paths.iter().map(|path| way(path)).collect::<Vec<_>>();
        let differ = |labels: &Vec<String>| labels.iter().collect::<HashSet<_>>().len() == labels.len();
        ways.iter().map(labels).find(differ).unwrap_or_else(numbered)
    };
    let files = first_unique(&[&name, &|path| within(path, &name), &full]);
    let stems = first_unique(&[&stem, &|path| within(path, &stem), &name, &|path| within(path, &name), &full]);
    (files, stems)
}

/// `base`, or `base (2)` and so on where that is taken already.
fn unique(base: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut name = base.to_owned();
    let mut times = 1;
    while taken(&name) {
        times += 1;
        name = format!("{base} ({times})");
    }
    name
}

/// The first few in quotes, and how many more.
fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<String> = names.iter().take(LISTED).map(|name| format!("\"{}\"", name.as_ref())).collect();
    and_more(&shown, names.len())
}

/// The first few of `total`, and how many more.
fn and_more(shown: &[String], total: usize) -> String {
    let shown = &shown[..shown.len().min(LISTED)];
    match (total - shown.len(), shown) {
        (0, [firsts @ .., last]) if !firsts.is_empty() => format!("{} and {last}", firsts.join(", ")),
        (0, _) => shown.join(", "),
        (more, _) => format!("{} and {more} more", shown.join(", ")),
    }
}

fn quoted_files(pieces: &[Piece<'_>]) -> String {
    let files: Vec<String> = pieces.iter().map(|piece| piece.file.clone()).collect();
    and_more(&files, files.len())
}

#[cfg(test)]
mod tests;
