//! A table to be scored: the columns that a model knows, read cell by cell as they were learned.
//!
//! Cells are read one by one, and not as a column that has to agree with itself: a part of a long table gives what the
//! whole gives, and one text among numbers costs its own cell only.

use std::sync::Arc;

use super::{Dataset, Indicator, Values, coded};
use crate::data::table::Table;
use crate::data::written::{Decimal, number, same_value, written};

/// Where the columns of a model stand in a table to be scored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnsToScore {
    /// The indicators, in the order in which the model has them.
    pub indicators: Vec<ColumnToScore>,
    /// Column with the enterprise id.
    pub enterprise: Option<usize>,
    /// Column with the period.
    pub period: Option<usize>,
    /// Column with the exposure at default, in money.
    pub exposure: Option<usize>,
    /// Column with the outcome, where it is known already, and its bad value.
    pub label: Option<(usize, String)>,
    /// Decimal mark of each column, `n_columns` values; of those that are lacking a point. See [`Table::decimals`].
    pub decimals: Vec<Decimal>,
}

/// One indicator of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnToScore {
    /// Its name in the model.
    pub name: String,
    /// Its column of the table; without one every cell is missing.
    pub column: Option<usize>,
    /// Whether numbers were learned, else texts.
    pub numeric: bool,
}

/// A cell that holds a text where numbers were learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotANumber {
    /// Row of the table, from 0.
    pub row: usize,
    /// Place in [`ColumnsToScore::indicators`].
    pub indicator: usize,
}

/// What stands in a cell where numbers were learned.
enum NumericCell {
    Number(f64),
    Missing,
    Text,
}

impl Dataset {
    /// The rows of `table` as rows of a model's indicators, in the order of `columns`, and the cells that hold a text where
    /// numbers were learned: they are missing, NaN.
    ///
    /// No row needs a label; where there is a column of labels, `bad` says what is known, so that a scoring can be tested.
    /// A row without an id is an enterprise of its own. An exposure that is no amount is NaN.
    pub fn unlabelled(table: &Table, columns: &ColumnsToScore) -> (Self, Vec<NotANumber>) {
        let mut not_numbers = Vec::new();
        let mut indicators = Vec::with_capacity(columns.indicators.len());
        for (indicator, ColumnToScore { name, column, numeric }) in columns.indicators.iter().enumerate() {
            let values = match (column, numeric) {
                (None, true) => Values::Numeric(std::iter::repeat_n(f64::NAN, table.n_rows()).collect()),
                (None, false) => Values::Category { codes: vec![None; table.n_rows()], levels: Vec::new() },
                (Some(column), true) => {
                    let read = Reads::indicator(table, *column, name);
                    Values::Numeric(read.numbers(columns.decimal(*column), |row| {
                        not_numbers.push(NotANumber { row, indicator });
                    }))
                }
                (Some(column), false) => {
                    let (codes, levels) = coded(Reads::indicator(table, *column, name).texts());
                    Values::Category { codes, levels }
                }
            };
            indicators.push(Indicator { name: name.clone(), values });
        }
        let (enterprise, enterprise_names) = match columns.enterprise {
            Some(column) => {
                let (codes, names) = enterprises(table, column);
                (Some(codes), names)
            }
            None => (None, Vec::new()),
        };
        let (label_codes, mut label_levels, bad, label_name) = match &columns.label {
            Some((column, bad)) => {
                let (codes, levels) = coded(Reads::column(table, *column).texts());
                let is_bad: Vec<bool> = levels.iter().map(|level| same_value(level, bad)).collect();
                let of_rows = codes.iter().map(|code| code.map(|code| is_bad[code as usize])).collect();
                (codes, levels, of_rows, table.names()[*column].clone())
            }
            None => (vec![None; table.n_rows()], Vec::new(), vec![None; table.n_rows()], String::new()),
        };
        let bad_value = columns.label.as_ref().map_or_else(String::new, |(_, bad)| bad.clone());
        if !label_levels.iter().any(|level| same_value(level, &bad_value)) {
            label_levels.push(bad_value.clone());
        }
        let exposure = |column| {
            let amounts = Reads::column(table, column).numbers(columns.decimal(column), |_| {});
            amounts.iter().map(|&amount| if amount >= 0.0 { amount } else { f64::NAN }).collect()
        };
        let period =
            |column| Reads::column(table, column).texts().map(|cell| cell.unwrap_or_default().to_owned()).collect();
        let data = Self {
            indicators,
            bad,
            label_name,
            label_codes,
            label_levels,
            bad_value,
            enterprise,
            enterprise_names,
            period: columns.period.map(period),
            split: None,
            exposure: columns.exposure.map(exposure),
            source_rows: (1..=table.n_rows() as u64).collect(),
            notices: Vec::new(),
        };
        not_numbers.sort_unstable_by_key(|cell| (cell.row, cell.indicator));
        (data, not_numbers)
    }
}

impl ColumnsToScore {
    fn decimal(&self, column: usize) -> Decimal {
        self.decimals.get(column).copied().unwrap_or(Decimal::Point)
    }
}

impl Table {
    /// The number in a cell under a decimal mark; `None` where it is missing or no number.
    pub fn number(&self, row: usize, column: usize, decimal: Decimal) -> Option<f64> {
        match Reads::column(self, column).numeric_cell(decimal, self.cell(row, column)) {
            NumericCell::Number(value) => Some(value),
            NumericCell::Missing | NumericCell::Text => None,
        }
    }

    /// The decimal mark that reads each column, `n_columns` values: that of the table, or the other one where only that
    /// reads all cells of a column that are not missing.
    pub fn decimals(&self, of_table: Decimal) -> Vec<Decimal> {
        let reads = |column, decimal| {
            let read = Reads::column(self, column);
            !self.column(column).any(|cell| matches!(read.numeric_cell(decimal, cell), NumericCell::Text))
        };
        let mark = |column| {
            if !reads(column, of_table) && reads(column, of_table.other()) { of_table.other() } else { of_table }
        };
        (0..self.n_columns()).map(mark).collect()
    }
}

/// A column being read.
struct Reads<'a> {
    table: &'a Table,
    column: usize,
    /// The indicator that it holds, where codes are declared for that and its own name is another one.
    indicator: Option<&'a str>,
}

impl<'a> Reads<'a> {
    fn column(table: &'a Table, column: usize) -> Self {
        Self { table, column, indicator: None }
    }

    /// A value declared missing for the indicator is so in the column that holds it, whatever that is called.
    fn indicator(table: &'a Table, column: usize, indicator: &'a str) -> Self {
        let has_codes = indicator != table.names()[column] && table.missing_tokens().has_own_codes(indicator);
        Self { table, column, indicator: has_codes.then_some(indicator) }
    }

    /// The numbers, `n_rows`, NaN where missing; rows whose cell is no number are told.
    fn numbers(&self, decimal: Decimal, mut no_number: impl FnMut(usize)) -> Arc<[f64]> {
        // Settled by the reader: every cell is a number under this mark, or missing.
        if let Some(numbers) = self.table.numbers(self.column).filter(|_| self.indicator.is_none()) {
            return Arc::clone(numbers);
        }
        let cells = self.table.column(self.column).enumerate();
        let numbers = cells.map(|(row, cell)| match self.numeric_cell(decimal, cell) {
            NumericCell::Number(value) => value,
            NumericCell::Missing => f64::NAN,
            NumericCell::Text => {
                no_number(row);
                f64::NAN
            }
        });
        numbers.collect()
    }

    fn numeric_cell(&self, decimal: Decimal, cell: &str) -> NumericCell {
        let plain = number(cell).filter(|_| decimal == Decimal::Point || !cell.contains('.'));
        match plain {
            Some(_) if self.is_code(cell) => NumericCell::Missing,
            Some(value) => NumericCell::Number(value),
            None if self.is_missing(cell, true) => NumericCell::Missing,
            None => match written(cell, decimal).and_then(|written| number(&written.plain)) {
                Some(value) => NumericCell::Number(value),
                None => NumericCell::Text,
            },
        }
    }

    /// The texts, `None` where missing. That a dash is missing among numbers plays no part: whether there are only numbers is
    /// not known of a part of a table.
    fn texts(self) -> impl Iterator<Item = Option<&'a str>> {
        self.table.column(self.column).map(move |cell| (!self.is_missing(cell, false)).then_some(cell))
    }

    fn is_missing(&self, cell: &str, among_numbers: bool) -> bool {
        let (tokens, name) = (self.table.missing_tokens(), &self.table.names()[self.column]);
        tokens.holds(name, cell, among_numbers) || self.indicator.is_some_and(|name| tokens.is_code(name, cell))
    }

    /// Whether the cell is a value declared missing.
    fn is_code(&self, cell: &str) -> bool {
        let (tokens, name) = (self.table.missing_tokens(), &self.table.names()[self.column]);
        tokens.is_code(name, cell) || self.indicator.is_some_and(|name| tokens.is_code(name, cell))
    }
}

/// Codes of enterprises by first appearance; a row without an id is one of its own.
fn enterprises(table: &Table, column: usize) -> (Vec<u32>, Vec<String>) {
    let (codes, mut names) = coded(Reads::column(table, column).texts());
    let own = |(row, code): (usize, Option<u32>)| {
        code.unwrap_or_else(|| {
            names.push(format!("no id, {}", table.place(row)));
            (names.len() - 1) as u32
        })
    };
    let codes = codes.into_iter().enumerate().map(own).collect();
    (codes, names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{MissingCode, MissingTokens, ReadOptions, RoleRequest, Source};
    use std::path::Path;

    fn table(csv: &str) -> Table {
        Source::from_bytes(Path::new("x.csv"), csv.as_bytes(), &RoleRequest::default()).unwrap().table
    }

    fn columns(names: &[(&str, Option<usize>, bool)]) -> ColumnsToScore {
        let column = |&(name, column, numeric): &(&str, Option<usize>, bool)| ColumnToScore {
            name: name.to_owned(),
            column,
            numeric,
        };
        ColumnsToScore { indicators: names.iter().map(column).collect(), ..ColumnsToScore::default() }
    }

    /// Bits, so that NaN equals NaN.
    fn numeric(data: &Dataset, indicator: usize) -> Vec<Option<f64>> {
        match &data.indicators[indicator].values {
            Values::Numeric(values) => values.iter().map(|x| Some(*x).filter(|x| !x.is_nan())).collect(),
            Values::Category { .. } => panic!("no numbers"),
        }
    }

    #[test]
    fn cells_are_read_as_they_were_learned() {
        let table = table("id,Ratio,sector,debt\nA,1.5,1,\"1,000\"\nB,oops,2,-\n,?,,12%\n");
        let mut columns = columns(&[
            ("debt", Some(3), true),
            ("ratio", Some(1), true),
            ("sector", Some(2), false),
            ("z", None, true),
        ]);
        columns.enterprise = Some(0);
        let (data, wrong) = Dataset::unlabelled(&table, &columns);
        assert_eq!(numeric(&data, 0), [Some(1000.0), None, Some(12.0)]);
        assert_eq!(numeric(&data, 1), [Some(1.5), None, None]);
        assert_eq!(numeric(&data, 3), [None; 3]);
        let levels = vec!["1".to_owned(), "2".to_owned()];
        assert_eq!(data.indicators[2].values, Values::Category { codes: vec![Some(0), Some(1), None], levels });
        assert_eq!(wrong, [NotANumber { row: 1, indicator: 1 }], "\"oops\"; ? and - are missing");
        assert_eq!((data.n_rows(), data.n_labelled()), (3, 0));
        assert_eq!(
            (0..3).map(|row| data.enterprise_name(row).unwrap()).collect::<Vec<_>>(),
            ["A", "B", "no id, line 4"]
        );
    }

    #[test]
    fn labels_and_amounts_are_kept_where_they_are_known() {
        let table = table("x,bad,lent,when\n1,1.0,500,2019\n2,0,-3,\n3,,7,2020\n");
        let mut columns = columns(&[("x", Some(0), true)]);
        (columns.label, columns.exposure, columns.period) = (Some((1, "1".to_owned())), Some(2), Some(3));
        let (data, _) = Dataset::unlabelled(&table, &columns);
        assert_eq!(data.bad, [Some(true), Some(false), None]);
        assert_eq!((data.label_text(0), data.label_text(2)), (Some("1.0"), None));
        let lent = data.exposure.unwrap();
        assert!(lent[0] == 500.0 && lent[1].is_nan() && lent[2] == 7.0);
        assert_eq!(data.period.unwrap(), ["2019", "", "2020"]);
    }

    #[test]
    fn a_part_of_a_table_reads_as_the_whole_does() {
        let (head, rows) = ("a;b;c\n", ["1,5;1.000;x\n", "2;2,5;7\n", "-;1.234;8,5\n", "3,25;9;9\n"]);
        let whole = table(&format!("{head}{}", rows.concat()));
        let mut columns = columns(&[("a", Some(0), true), ("b", Some(1), true), ("c", Some(2), true)]);
        columns.decimals = whole.decimals(Decimal::Comma);
        assert_eq!(columns.decimals, [Decimal::Comma; 3]);
        let (data, wrong) = Dataset::unlabelled(&whole, &columns);
        assert_eq!(wrong, [NotANumber { row: 0, indicator: 2 }]);
        assert_eq!(numeric(&data, 1), [1000.0, 2.5, 1234.0, 9.0].map(Some));
        for row in 0..4 {
            let mut part = Table::new(whole.names().to_vec());
            part.push_row(2, whole.row(row));
            // Nobody has settled these columns, and 9 alone looks plain.
            for column in 0..3 {
                part.set_numbers(column, None);
            }
            let (of_part, _) = Dataset::unlabelled(&part, &columns);
            for indicator in 0..3 {
                assert_eq!(numeric(&of_part, indicator), numeric(&data, indicator)[row..=row]);
            }
        }
    }

    #[test]
    fn a_code_of_an_indicator_holds_in_the_column_that_is_matched_to_it() {
        let code = |column: &str, value: &str| MissingCode { column: Some(column.to_owned()), value: value.to_owned() };
        let codes = vec![code("debt ratio", "-999"), code("sector", "none"), code("size", "7")];
        let missing = MissingTokens { codes, ..MissingTokens::default() };
        let csv = "DEBT;branch;size;staff\n-999;none;7;7\n1,5;farm;8;-999\n";
        let options = ReadOptions { missing: missing.clone(), ..ReadOptions::default() };
        let source =
            |options| Source::from_bytes_with(Path::new("x.csv"), csv.as_bytes(), &RoleRequest::default(), options);
        let read = source(&options).unwrap().table;
        // Read without them, then held against them: the same.
        let plain = source(&ReadOptions::default()).unwrap().table;
        let mut columns = columns(&[
            ("debt ratio", Some(0), true),
            ("sector", Some(1), false),
            ("size", Some(2), true),
            ("staff", Some(3), true),
        ]);
        columns.decimals = vec![Decimal::Comma; 4];
        for table in [&read, &plain.with_missing(&missing)] {
            let (data, wrong) = Dataset::unlabelled(table, &columns);
            assert_eq!(numeric(&data, 0), [None, Some(1.5)]);
            let levels = vec!["farm".to_owned()];
            assert_eq!(data.indicators[1].values, Values::Category { codes: vec![None, Some(0)], levels });
            assert_eq!(numeric(&data, 2), [None, Some(8.0)]);
            assert_eq!(numeric(&data, 3), [7.0, -999.0].map(Some), "a code of one column is a value in another");
            assert!(wrong.is_empty());
        }
        let (data, _) = Dataset::unlabelled(&plain, &columns);
        assert_eq!(numeric(&data, 0), [-999.0, 1.5].map(Some));
    }

    #[test]
    fn a_column_with_the_other_mark_is_read_its_own_way() {
        let table = table("a;b;c\n0,5;1.25;x\n1,5;7.5;y\n");
        assert_eq!(table.decimals(Decimal::Comma), [Decimal::Comma, Decimal::Point, Decimal::Comma]);
    }
}
