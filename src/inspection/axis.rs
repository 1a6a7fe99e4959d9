//! An indicator along an axis: where its cells begin and end, and rows of a table made from cells.

use crate::data::{Dataset, Indicator, Values, quantile};

/// Shares of the rows below and above which an axis does not go.
const ENDS: [f64; 2] = [0.01, 0.99];
/// Positive numbers are laid out by their logarithm where the ends have at least this ratio, and half of the rows would be
/// crowded into this share of the axis at its beginning.
const LOG_FROM: (f64, f64) = (20.0, 0.2);
/// Levels of a category that an axis shows at most, by first appearance.
const MOST_LEVELS: usize = 24;

/// A cell of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell {
    /// A number in the unit of the file, NaN where missing.
    Number(f64),
    /// An index into the levels of a category, `None` where missing.
    Level(Option<u32>),
}

/// How the values of an indicator lie along an axis.
#[derive(Clone, Debug, PartialEq)]
pub enum Span {
    /// Numbers from the 1st to the 99th percentile.
    Numbers {
        /// At the beginning of the axis, in the unit of the file.
        low: f64,
        /// At its end, above `low`.
        high: f64,
        /// Whether equal distances are equal ratios.
        log: bool,
    },
    /// The levels of a category, one beside the other.
    Levels(Vec<String>),
}

/// One axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Index of the indicator.
    pub indicator: usize,
    /// Its name.
    pub name: String,
    /// What lies where.
    pub span: Span,
    /// Number of cells.
    cells: usize,
}

impl Axis {
    /// The axis of an indicator over what `rows` hold, in `cells` cells; of a category one for each level. `None` without two
    /// different values.
    pub fn new(data: &Dataset, rows: &[usize], indicator: usize, cells: usize) -> Option<Self> {
        let Indicator { name, values } = data.indicators.get(indicator)?;
        let (span, cells) = match values {
            Values::Numeric(numbers) => (span(numbers, rows)?, cells.max(1)),
            Values::Category { levels, .. } => {
                let shown: Vec<String> = levels.iter().take(MOST_LEVELS).cloned().collect();
                let count = shown.len();
                (count > 1).then_some((Span::Levels(shown), count))?
            }
        };
        Some(Self { indicator, name: name.clone(), span, cells })
    }

    /// Number of cells, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.cells
    }

    /// What stands at `share` of the way along the axis, from 0 to 1.
    pub fn at(&self, share: f64) -> Cell {
        match &self.span {
            Span::Numbers { low, high, log: false } => Cell::Number(low * (1.0 - share) + high * share),
            Span::Numbers { low, high, log: true } => {
                Cell::Number((low.ln() * (1.0 - share) + high.ln() * share).exp())
            }
            Span::Levels(levels) => {
                let level = (share * levels.len() as f64).max(0.0) as usize;
                Cell::Level(Some(level.min(levels.len() - 1) as u32))
            }
        }
    }

    /// What stands in the middle of a cell, counted from 0.
    pub fn middle(&self, cell: usize) -> Cell {
        self.at((cell as f64 + 0.5) / self.cells as f64)
    }

    /// How far along the axis a value lies, from 0 to 1; `None` for a missing one or one beside it.
    pub fn place(&self, value: Cell) -> Option<f32> {
        let share = match (&self.span, value) {
            (Span::Numbers { low, high, log: false }, Cell::Number(x)) => (x - low) / (high - low),
            (Span::Numbers { low, high, log: true }, Cell::Number(x)) => (x / low).ln() / (high / low).ln(),
            (Span::Levels(levels), Cell::Level(Some(level))) => (f64::from(level) + 0.5) / levels.len() as f64,
            _ => return None,
        };
        (0.0..=1.0).contains(&share).then_some(share as f32)
    }
}

/// The span of the numbers of `rows`: all of them, where the percentiles fall together.
fn span(numbers: &[f64], rows: &[usize]) -> Option<Span> {
    let mut present: Vec<f64> = rows.iter().map(|&row| numbers[row]).filter(|x| x.is_finite()).collect();
    present.sort_unstable_by(f64::total_cmp);
    let ends = [*present.first()?, *present.last()?];
    let inner = ENDS.map(|q| quantile(&present, q));
    let [low, high] = if inner[0] < inner[1] { inner } else { ends };
    let (ratio, share) = LOG_FROM;
    let crowded = quantile(&present, 0.5) - low < share * (high - low);
    // Infinite where even the distance is beyond a float.
    let is_span = (high - low).is_finite() && low < high;
    is_span.then_some(Span::Numbers { low, high, log: low > 0.0 && high / low >= ratio && crowded })
}

/// The cell of `row`.
pub fn cell_of(values: &Values, row: usize) -> Cell {
    match values {
        Values::Numeric(numbers) => Cell::Number(numbers.get(row).copied().unwrap_or(f64::NAN)),
        Values::Category { codes, .. } => Cell::Level(codes.get(row).copied().flatten()),
    }
}

/// Rows without a label that hold these cells: `columns[i]` are those of indicator i of `data`, all equally many.
///
/// A number where the indicator is a category, or the other way round, counts as missing.
pub fn with_cells(data: &Dataset, columns: &[Vec<Cell>]) -> Dataset {
    let n_rows = columns.first().map_or(0, Vec::len);
    let values = |(indicator, cells): (&Indicator, &Vec<Cell>)| {
        let values = match &indicator.values {
            Values::Numeric(_) => {
                let number = |cell: &Cell| if let Cell::Number(x) = *cell { x } else { f64::NAN };
                Values::Numeric(cells.iter().map(number).collect())
            }
            Values::Category { levels, .. } => {
                let code = |cell: &Cell| if let Cell::Level(code) = *cell { code } else { None };
                Values::Category { codes: cells.iter().map(code).collect(), levels: levels.clone() }
            }
        };
        Indicator { name: indicator.name.clone(), values }
    };
    Dataset {
        indicators: data.indicators.iter().zip(columns).map(values).collect(),
        bad: vec![None; n_rows],
        label_name: data.label_name.clone(),
        label_codes: vec![None; n_rows],
        label_levels: data.label_levels.clone(),
        bad_value: data.bad_value.clone(),
        enterprise: None,
        enterprise_names: Vec::new(),
        period: None,
        split: None,
        exposure: None,
        source_rows: (1..=n_rows as u64).collect(),
        notices: Vec::new(),
    }
}
