//! Rows of one file below those of another, columns by their names.

use std::collections::{HashMap, HashSet};

use super::{CombineError, Combined, Piece, counted, listed, shared_of_all, unique};
use crate::data::table::Table;
use crate::data::written::looks_numeric;

/// What the cells of a column are in one file.
enum Cells {
    Numbers,
    /// A row that is not missing, where there is one a word; none when the file declares the column to be text.
    Text(Option<usize>),
    /// All missing.
    Nothing,
}

/// Stacks the tables in their order. The first column says from which file each row is.
pub(super) fn stack(pieces: &[Piece<'_>]) -> Result<Combined, CombineError> {
    let piece_names = names(pieces)?;
    if shared_of_all(&piece_names).0 == 0 {
        return Err(CombineError::NothingShared { files: super::quoted_files(pieces) });
    }
    let mut columns: Vec<&String> = Vec::new();
    let mut seen = HashSet::new();
    columns.extend(piece_names.iter().flatten().filter(|name| seen.insert(*name)));
    let source = unique("source", |name| seen.contains(&name.to_owned()));
    // Where each column of the whole is in each piece.
    let places: Vec<Vec<Option<usize>>> = piece_names
        .iter()
        .map(|names| {
            let at: HashMap<&String, usize> = names.iter().enumerate().map(|(column, name)| (name, column)).collect();
            columns.iter().map(|name| at.get(name).copied()).collect()
        })
        .collect();

    let mut notes = vec![told_rows(pieces, &source)];
    notes.extend(told_names(pieces, &piece_names));
    notes.extend(told_missing(pieces, &columns, &places));

    let mut table = Table::new(std::iter::once(&source).chain(columns.iter().copied()).cloned().collect());
    table.declare_text(0);
    let missing = pieces.first().map(|piece| piece.table.missing_tokens().clone()).unwrap_or_default();
    table.set_missing(missing);
    let kinds = kinds(pieces, &places, columns.len());
    fill(&mut table, pieces, &places, &kinds);
    for (c, kinds) in kinds.iter().enumerate() {
        if let Some(note) = settle(&mut table, pieces, &places, c, kinds) {
            notes.push(note);
        }
    }
    Ok(Combined { table, notes, source_column: Some(0) })
}

/// The names of each piece's columns. A file without names has those of the first that has any, in the same order.
pub(super) fn names(pieces: &[Piece<'_>]) -> Result<Vec<Vec<String>>, CombineError> {
    let Some(model) = pieces.iter().find(|piece| piece.header).or(pieces.first()) else { return Ok(Vec::new()) };
    let of = |piece: &Piece<'_>| {
        let (columns, other_columns) = (piece.table.n_columns(), model.table.n_columns());
        if piece.header {
            Ok(piece.table.names().to_vec())
        } else if columns == other_columns {
            Ok(model.table.names().to_vec())
        } else {
            let (file, other) = (piece.file.clone(), model.file.clone());
            Err(CombineError::NoNames { file, columns, other, other_columns })
        }
    };
    pieces.iter().map(of).collect()
}

/// Copies all rows. In a column that holds numbers in one file only, the cells that were missing there stay so, though
/// their tokens may be values among texts.
fn fill(table: &mut Table, pieces: &[Piece<'_>], places: &[Vec<Option<usize>>], kinds: &[Vec<Option<Cells>>]) {
    let is_text = |kinds: &Vec<Option<Cells>>| kinds.iter().any(|kind| matches!(kind, Some(Cells::Text(_))));
    let text: Vec<bool> = kinds.iter().map(is_text).collect();
    let mut file_of = Vec::new();
    for (p, (piece, places)) in pieces.iter().zip(places).enumerate() {
        for row in 0..piece.table.n_rows() {
            let cell = |(c, place): (usize, &Option<usize>)| {
                let Some(column) = *place else { return "" };
                let gone =
                    text[c] && matches!(kinds[c][p], Some(Cells::Numbers)) && piece.table.is_missing(row, column);
                if gone { "" } else { piece.table.cell(row, column) }
            };
            let cells = std::iter::once(&piece.stem[..]).chain(places.iter().enumerate().map(cell));
            table.push_row(piece.table.line(row), cells);
            file_of.push(p as u32);
        }
    }
    table.set_files(pieces.iter().map(|piece| piece.file.clone()).collect(), file_of);
}

/// What each column of the whole is in each piece; none where it is absent.
fn kinds(pieces: &[Piece<'_>], places: &[Vec<Option<usize>>], n_columns: usize) -> Vec<Vec<Option<Cells>>> {
    let kind = |p: usize, c: usize| places[p][c].map(|column| cells(pieces[p].table, column));
    (0..n_columns).map(|c| (0..pieces.len()).map(|p| kind(p, c)).collect()).collect()
}

fn cells(table: &Table, column: usize) -> Cells {
    if table.numbers(column).is_some() {
        return Cells::Numbers;
    }
    if table.is_declared_text(column) {
        return Cells::Text(None);
    }
    let name = &table.names()[column];
    let mut values =
        table.column(column).enumerate().filter(|(_, cell)| !table.missing_tokens().holds(name, cell, true));
    let Some((first, cell)) = values.next() else { return Cells::Nothing };
    // Numbers that are not all written in one way make a text column too; a word shows more.
    let word = std::iter::once((first, cell)).chain(values).find(|(_, cell)| !looks_numeric(cell));
    Cells::Text(Some(word.map_or(first, |(row, _)| row)))
}

/// Gives column `c` of the pieces, after the one of sources, its numbers or leaves it text; says so where files differ.
fn settle(
    table: &mut Table,
    pieces: &[Piece<'_>],
    places: &[Vec<Option<usize>>],
    c: usize,
    kinds: &[Option<Cells>],
) -> Option<String> {
    let numbers = kinds.iter().position(|kind| matches!(kind, Some(Cells::Numbers)));
    let text = kinds.iter().enumerate().find_map(|(p, kind)| match kind {
        Some(Cells::Text(row)) => Some((p, *row)),
        _ => None,
    });
    let Some((p, row)) = text else {
        numbers?;
        let mut whole = Vec::with_capacity(table.n_rows());
        for (piece, places) in pieces.iter().zip(places) {
            match places[c].and_then(|column| piece.table.numbers(column)) {
                Some(numbers) => whole.extend_from_slice(numbers),
                None => whole.resize(whole.len() + piece.table.n_rows(), f64::NAN),
            }
        }
        let name = &table.names()[c + 1];
        if table.missing_tokens().has_codes(name) {
            // Declared under the name that the column has here: a file without names was read without it.
            for (number, cell) in whole.iter_mut().zip(table.column(c + 1)) {
                if table.missing_tokens().is_code(name, cell) {
                    *number = f64::NAN;
                }
            }
        }
        table.set_numbers(c + 1, Some(whole.into()));
        return None;
    };
    // Declared in one file, it is text in all.
    let declared = |(piece, places): (&Piece<'_>, &Vec<Option<usize>>)| {
        places[c].is_some_and(|column| piece.table.is_declared_text(column))
    };
    if pieces.iter().zip(places).any(declared) {
        table.declare_text(c + 1);
    }
    let name = table.names()[c + 1].clone();
    let numbers = &pieces[numbers?].file;
    let text = &pieces[p];
    let example = row.zip(places[p][c]).map_or_else(
        || "where it is declared to be text".to_owned(),
        |(row, column)| format!("there \"{}\" on line {}", text.table.cell(row, column), text.table.line(row)),
    );
    Some(format!(
        "\"{name}\" holds numbers in {numbers} and text in {}, {example}: it is read as text in all files.",
        text.file
    ))
}

fn told_rows(pieces: &[Piece<'_>], source: &str) -> String {
    let rows: Vec<String> =
        pieces.iter().map(|piece| format!("{} of {}", counted(piece.table.n_rows(), "row"), piece.file)).collect();
    format!("Stacked: {}; the column \"{source}\" says which.", super::and_more(&rows, rows.len()))
}

fn told_names(pieces: &[Piece<'_>], names: &[Vec<String>]) -> Option<String> {
    let renamed =
        |(piece, names): (&Piece<'_>, &Vec<String>)| (piece.table.names() != &names[..]).then(|| piece.file.clone());
    let files: Vec<String> = pieces.iter().zip(names).filter_map(renamed).collect();
    let (has, takes) = if files.len() == 1 { ("has", "takes") } else { ("have", "take") };
    let files = (!files.is_empty()).then(|| super::and_more(&files, files.len()))?;
    Some(format!("{files} {has} no names of columns and {takes} those of the other file, in its order."))
}

/// For each file, the columns that it lacks.
fn told_missing(pieces: &[Piece<'_>], columns: &[&String], places: &[Vec<Option<usize>>]) -> Vec<String> {
    let lacking = |(piece, places): (&Piece<'_>, &Vec<Option<usize>>)| {
        let lacks: Vec<&String> =
            columns.iter().zip(places).filter(|(_, place)| place.is_none()).map(|(name, _)| *name).collect();
        (!lacks.is_empty()).then(|| {
            format!(
                "{} lacks {}, missing in all its rows: {}.",
                piece.file,
                counted(lacks.len(), "column"),
                listed(&lacks)
            )
        })
    };
    pieces.iter().zip(places).filter_map(lacking).collect()
}
