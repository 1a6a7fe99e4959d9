//! A table as a file has it: one value a cell. CSV with commas for programs, with tabs for the clipboard.

use super::{Cell, Column, ColumnKind, ReportTable};

/// A value of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Flat {
    Words(String),
    /// Unrounded, and how a workbook shows it.
    Number(f64, Shown),
    /// Undefined, or a column that this row has no use for.
    Nothing,
}

/// How a workbook shows a number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shown {
    Decimals(usize),
    Whole,
    Percent,
    Money(String),
}

impl Column {
    /// The heads of its columns in a file.
    fn heads(&self) -> Vec<String> {
        let parts: &[&str] = match self.holds {
            ColumnKind::Words | ColumnKind::Numbers => return vec![self.title.clone()],
            ColumnKind::Estimates => &["mean", "sd", "low", "high"],
            ColumnKind::Ranges => &["lowest", "highest"],
        };
        parts.iter().map(|part| format!("{}, {part}", self.title)).collect()
    }
}

impl Cell {
    /// Its values in a file, as many as [`Column::heads`] of its kind.
    fn values(&self) -> Vec<Flat> {
        let number = |value: Option<f64>, shown: Shown| {
            value.filter(|value| value.is_finite()).map_or(Flat::Nothing, |value| Flat::Number(value, shown))
        };
        match self {
            Self::Words(words) | Self::Finding(_, words) => vec![Flat::Words(words.clone())],
            Self::Number(value, decimals) => vec![number(*value, Shown::Decimals(*decimals))],
            Self::Count(count) => vec![number(count.map(|n| n as f64), Shown::Whole)],
            Self::Share(share) | Self::Chance(share) => vec![number(*share, Shown::Percent)],
            Self::P(p) => vec![number(*p, Shown::Decimals(3))],
            Self::Money(amount, currency) => vec![number(*amount, Shown::Money(currency.clone()))],
            Self::Estimate { mean, sd, interval, decimals, .. } => {
                let [low, high] = interval.map_or([None; 2], |ends| ends.map(Some));
                [*mean, *sd, low, high].map(|value| number(value, Shown::Decimals(*decimals))).into()
            }
            Self::Range(ends, decimals) => ends
                .map_or([None; 2], |ends| ends.map(Some))
                .map(|value| number(value, Shown::Decimals(*decimals)))
                .into(),
        }
    }
}

impl ReportTable {
    /// The heads of the columns of a file.
    pub(super) fn flat_head(&self) -> Vec<String> {
        self.columns.iter().flat_map(Column::heads).collect()
    }

    /// The rows of a file: each as long as the head. A cell of another kind than its column, a remark in a column of
    /// estimates, stands in the first of the columns.
    pub(super) fn flat_rows(&self) -> impl Iterator<Item = Vec<Flat>> + '_ {
        self.rows.iter().map(|row| {
            let cells = self.columns.iter().zip(row).flat_map(|(column, cell)| {
                let mut values = cell.values();
                values.resize(column.heads().len(), Flat::Nothing);
                values
            });
            cells.collect()
        })
    }

    /// CSV with a header, numbers unrounded with a decimal point; undefined values are empty.
    ///
    /// # Errors
    /// Never on memory: the error is that of the csv writer.
    pub fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(self.flat_head())?;
        for row in self.flat_rows() {
            out.write_record(row.into_iter().map(plain))?;
        }
        out.into_inner().map_err(|e| e.into_error().into())
    }

    /// The same for the clipboard, as spreadsheets paste it: cells separated by tabs, lines by line feeds.
    pub fn tsv(&self) -> String {
        // Inside a cell both would begin another.
        let cell = |text: String| text.replace(['\t', '\n', '\r'], " ");
        let line = |cells: Vec<String>| cells.into_iter().map(cell).collect::<Vec<_>>().join("\t") + "\n";
        let rows = self.flat_rows().map(|row| line(row.into_iter().map(plain).collect()));
        std::iter::once(line(self.flat_head())).chain(rows).collect()
    }
}

fn plain(value: Flat) -> String {
    match value {
        Flat::Words(words) => words,
        Flat::Number(number, _) => number.to_string(),
        Flat::Nothing => String::new(),
    }
}
