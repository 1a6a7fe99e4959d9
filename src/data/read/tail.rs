//! Rows at the end of a table that are sums of those above. They are told and stay: a firm may be called Total.

use crate::data::table::Table;

/// Rows at the end that are looked at.
const LAST: usize = 3;

/// What the first text of a row of sums says, in small letters.
const TOTALS: [&str; 24] = [
    "total",
    "totals",
    "grand total",
    "sum",
    "sums",
    "subtotal",
    "summe",
    "gesamt",
    "insgesamt",
    "totale",
    "somme",
    "suma",
    "razem",
    "celkem",
    "celkom",
    "spolu",
    "összesen",
    "итого",
    "всего",
    "合计",
    "总计",
    "小计",
    "共计",
    "總計",
];

/// What a person should know of such rows.
pub(super) fn totals(table: &Table) -> Option<String> {
    let rows = table.n_rows();
    let (row, cell) = (rows.saturating_sub(LAST)..rows).find_map(|row| {
        let mut cells = (0..table.n_columns()).map(|column| table.cell(row, column));
        let first = cells.find(|cell| !cell.is_empty())?;
        let word = first.trim_end_matches([':', '：', '.']).trim_end().to_lowercase();
        TOTALS.contains(&word.as_str()).then_some((row, first))
    })?;
    Some(format!(
        "The row on line {} may hold sums of the others, as it starts with \"{cell}\": remove it from the file if so.",
        table.line(row)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_at_the_end_are_told() {
        let told = |last: &str| {
            let mut table = Table::new(vec!["firm".to_owned(), "x".to_owned()]);
            for (line, row) in [["A", "1"], ["B", "2"], ["", ""], [last, "3"]].into_iter().enumerate() {
                table.push_row(line as u64 + 2, row);
            }
            totals(&table)
        };
        assert!(told("Total:").is_some_and(|note| note.contains("line 5") && note.contains("\"Total:\"")));
        assert!(told("合计").is_some());
        assert_eq!(told("Total Energies"), None);
    }
}
