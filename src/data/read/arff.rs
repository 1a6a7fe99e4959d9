//! Attribute-relation files, the format of Weka: `@attribute name type` for each column, then rows after `@data`, dense
//! (`1, ?, 'a b'`) or sparse (`{0 1, 7 'a b'}`, the rest being zero or the first of a nominal attribute's values).
//!
//! Witten, Frank, Hall & Pal (2017), *Data Mining*, 4th ed., and the format's description in Weka's manual. Comments
//! start with `%`; a cell in quotes may hold anything, with a backslash before a quote of its own.

use std::collections::HashSet;

use super::records::line_at;
use super::{Body, ReadError, Rejected, counted, names};
use crate::data::missing::MissingTokens;
use crate::data::table::Table;

/// Most columns a sparse file may declare for each of its rows to be written out in full.
const MAX_CELLS: usize = 1 << 30;

/// The type of an attribute, as far as it matters here.
enum Attribute {
    Number,
    /// Free text or a date.
    Text,
    Nominal(Vec<String>),
}

/// Whether the first line that is neither blank nor a comment is a declaration.
pub(super) fn is_arff(text: &str) -> bool {
    lines(text)
        .find(|(_, line)| !line.is_empty() && !line.starts_with('%'))
        .is_some_and(|(_, line)| ["@relation", "@attribute"].iter().any(|word| keyword(line, word).is_some()))
}

/// Reads `text`.
pub(super) fn read(text: &str) -> Result<Body, ReadError> {
    let mut lines = lines(text).filter(|(_, line)| !line.is_empty() && !line.starts_with('%'));
    let (mut written, mut attributes, mut data) = (Vec::new(), Vec::new(), None);
    for (line, content) in lines.by_ref() {
        if keyword(content, "@data").is_some() {
            data = Some(line);
            break;
        } else if let Some(declared) = keyword(content, "@attribute") {
            let (name, attribute) =
                attribute(declared).ok_or_else(|| ReadError::Attribute { line, text: shortened(content) })?;
            written.push(name.into());
            attributes.push(attribute);
        } else if keyword(content, "@relation").is_none() {
            return Err(ReadError::Attribute { line, text: shortened(content) });
        }
    }
    let (Some(first_line), false) = (data, attributes.is_empty()) else { return Err(ReadError::NoArffData) };

    let mut notes = Vec::new();
    let mut table = Table::new(names::column_names(&written, &mut notes));
    for (column, attribute) in attributes.iter().enumerate() {
        if !matches!(attribute, Attribute::Number) {
            table.declare_text(column);
        }
    }
    let missing = MissingTokens::default();
    let declared: Vec<Option<HashSet<&str>>> = attributes.iter().map(values_of).collect();
    let mut undeclared: Option<(usize, u64, String)> = None;
    let mut rejected = Vec::new();
    for (line, content) in lines {
        if table.n_rows().saturating_mul(attributes.len()) > MAX_CELLS {
            return Err(ReadError::TooManyCells { line, most: MAX_CELLS });
        }
        let cells = match content.strip_prefix('{') {
            Some(sparse) => sparse_row(sparse, &attributes),
            None => dense_row(content, attributes.len()),
        };
        match cells {
            Ok(cells) => {
                for (cell, values) in cells.iter().zip(&declared) {
                    if values.as_ref().is_some_and(|v| !missing.holds("", cell, false) && !v.contains(cell.as_str())) {
                        undeclared.get_or_insert_with(|| (0, line, cell.clone())).0 += 1;
                    }
                }
                table.push_row(line, cells.iter().map(String::as_str));
            }
            Err(reason) => rejected.push(Rejected { line, reason }),
        }
    }
    if let Some((count, line, first)) = undeclared {
        notes.push(format!(
            "{} not among the values that their attribute declares; the first is \"{first}\" on line {line}.",
            if count == 1 { "1 cell is".to_owned() } else { format!("{count} cells are") }
        ));
    }
    Ok(Body {
        format: "arff",
        delimiter: Some(','),
        header: true,
        first_line,
        table,
        rejected,
        notes,
        sheet: None,
        sheets: Vec::new(),
    })
}

fn values_of(attribute: &Attribute) -> Option<HashSet<&str>> {
    match attribute {
        Attribute::Nominal(values) => Some(values.iter().map(String::as_str).collect()),
        Attribute::Number | Attribute::Text => None,
    }
}

/// All lines with their numbers, trimmed.
fn lines(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let mut offset = 0;
    (1..).map_while(move |number| {
        let (line, next) = line_at(text, offset)?;
        offset = next;
        Some((number, line.trim()))
    })
}

/// What follows a word in any case, when the line starts with it.
fn keyword<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let (start, rest) = line.split_at_checked(word.len())?;
    (start.eq_ignore_ascii_case(word) && !rest.starts_with(char::is_alphanumeric)).then(|| rest.trim_start())
}

/// Name and type.
fn attribute(declared: &str) -> Option<(String, Attribute)> {
    let (name, rest) = token(declared, &[' ', '\t'])?;
    let rest = rest.trim();
    if let Some(values) = rest.strip_prefix('{') {
        let values = values.rsplit_once('}')?.0;
        return Some((name, Attribute::Nominal(cells(values)?)));
    }
    let kind = rest.split_whitespace().next()?.to_ascii_lowercase();
    match kind.as_str() {
        "numeric" | "real" | "integer" => Some((name, Attribute::Number)),
        "string" | "date" => Some((name, Attribute::Text)),
        _ => None,
    }
}

/// One token up to a separator, its quotes taken off, and the rest from the separator on. `None` when a quote is open.
fn token<'a>(text: &'a str, separators: &[char]) -> Option<(String, &'a str)> {
    let text = text.trim_start_matches([' ', '\t']);
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        let end = text.find(separators).unwrap_or(text.len());
        return Some((text[..end].trim().to_owned(), &text[end..]));
    };
    let mut token = String::new();
    let mut letters = text[1..].char_indices();
    while let Some((at, c)) = letters.next() {
        match c {
            '\\' => token.push(letters.next()?.1),
            c if c == quote => return Some((token, text[at + 2..].trim_start_matches([' ', '\t']))),
            c => token.push(c),
        }
    }
    None
}

/// Cells separated by commas, or by tabs where there is no comma.
fn cells(text: &str) -> Option<Vec<String>> {
    let separator = if text.contains(',') { ',' } else { '\t' };
    let mut cells = Vec::new();
    let mut rest = text;
    loop {
        let (cell, after) = token(rest, &[separator])?;
        cells.push(cell);
        if after.is_empty() {
            return Some(cells);
        }
        rest = after.strip_prefix(separator)?;
    }
}

fn dense_row(content: &str, columns: usize) -> Result<Vec<String>, String> {
    let mut row = cells(content).ok_or("has a quote that is not closed where the cell ends")?;
    // A weight in braces may follow the cells.
    if row.len() == columns + 1 && row.last().is_some_and(|last| last.starts_with('{') && last.ends_with('}')) {
        row.pop();
    }
    if row.len() == columns {
        Ok(row)
    } else {
        Err(format!("has {}, {} declared", counted(row.len(), "cell"), counted(columns, "attribute")))
    }
}

fn sparse_row(content: &str, attributes: &[Attribute]) -> Result<Vec<String>, String> {
    let inside = content.split_once('}').filter(|(inside, _)| !inside.contains(['\'', '"']));
    let inside = inside.or_else(|| content.rsplit_once('}')).ok_or("opens a brace that is not closed")?.0;
    let mut row: Vec<String> = attributes
        .iter()
        .map(|attribute| match attribute {
            Attribute::Nominal(values) => values.first().cloned().unwrap_or_default(),
            Attribute::Number => "0".to_owned(),
            Attribute::Text => String::new(),
        })
        .collect();
    let mut rest = inside.trim();
    while !rest.is_empty() {
        let (index, after) = token(rest, &[' ', '\t']).ok_or("has a quote that is not closed")?;
        let place = index.parse().ok().and_then(|i: usize| row.get_mut(i));
        let place =
            place.ok_or_else(|| format!("has a cell numbered \"{index}\", not 0 to {}", attributes.len() - 1))?;
        let (cell, after) = token(after, &[',']).ok_or("has a quote that is not closed")?;
        *place = cell;
        rest = match after.strip_prefix(',') {
            Some(after) => after.trim(),
            None if after.is_empty() => after,
            None => return Err("has something after a quoted cell".to_owned()),
        };
    }
    Ok(row)
}

/// The start of a line, for a message.
fn shortened(line: &str) -> String {
    line.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Kind, profile};

    fn rows(body: &Body) -> Vec<Vec<&str>> {
        let table = &body.table;
        (0..table.n_rows()).map(|r| (0..table.n_columns()).map(|c| table.cell(r, c)).collect()).collect()
    }

    #[test]
    fn a_dense_file() {
        let text = "% a comment\r\n\r\n@RELATION 'a b'\n@attribute x numeric\n@ATTRIBUTE 'the \\'name\\'' Real [0,1]\r\
                    @attribute class\t{ 1, '0 or 2', \"x,y\" }\n@attribute when date 'yyyy'\n\n@DATA\n% note\n\
                    1,2.5,1,2019\n?, -3 ,'0 or 2',?\r\n1e3,?,\"x,y\",'20''\n4,5,z,2020, {2}\n1,2\n";
        assert!(is_arff(text));
        let body = read(text).unwrap();
        assert_eq!(body.table.names(), ["x", "the 'name'", "class", "when"]);
        assert_eq!(rows(&body), [["1", "2.5", "1", "2019"], ["?", "-3", "0 or 2", "?"], ["4", "5", "z", "2020"]]);
        let rejected: Vec<_> = body.rejected.iter().map(|r| (r.line, r.reason.as_str())).collect();
        assert_eq!(
            rejected,
            [(13, "has a quote that is not closed where the cell ends"), (15, "has 2 cells, 4 attributes declared")]
        );
        assert_eq!(
            body.notes,
            ["1 cell is not among the values that their attribute declares; the first is \"z\" on line 14."]
        );
        let kinds: Vec<Kind> = profile(&body.table).iter().map(|p| p.kind).collect();
        assert_eq!(kinds, [Kind::Numeric, Kind::Numeric, Kind::Text, Kind::Text]);
    }

    #[test]
    fn nominal_numbers_stay_text() {
        let body = read("@relation r\n@attribute a {0,1}\n@attribute b integer\n@data\n0,1\n1,0\n").unwrap();
        let profiles = profile(&body.table);
        assert_eq!((profiles[0].kind, profiles[1].kind), (Kind::Text, Kind::Numeric));
    }

    #[test]
    fn a_sparse_file() {
        let text = "@relation r\n@attribute a real\n@attribute b {no,yes}\n@attribute c string\n@data\n{}\n{0 2.5, 1 yes}\n\
                    {1 ?,2 'p, {q}'}\n{7 1}\n{0 1\n{0 4}, {3}\n";
        let body = read(text).unwrap();
        assert_eq!(rows(&body), [["0", "no", ""], ["2.5", "yes", ""], ["0", "?", "p, {q}"], ["4", "no", ""]]);
        let reasons: Vec<_> = body.rejected.iter().map(|r| r.reason.as_str()).collect();
        assert_eq!(reasons, ["has a cell numbered \"7\", not 0 to 2", "opens a brace that is not closed"]);
    }

    #[test]
    fn what_is_no_such_file_says_where() {
        assert!(!is_arff("a,b\n1,2\n") && !is_arff("@relationship,b\n1,2\n") && !is_arff(""));
        assert_eq!(read("@relation r\n@attribute a real\n").err(), Some(ReadError::NoArffData));
        let error = read("@relation r\n@attribute a relational\n@data\n").err();
        assert_eq!(error, Some(ReadError::Attribute { line: 2, text: "@attribute a relational".to_owned() }));
    }
}
