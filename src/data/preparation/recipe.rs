//! What a fitted preparation does, as plain numbers: for other programs that are to do the same.

use super::cells::Reading;
use super::column::{Column, Encoding, Number};
use super::missing::Gap;
use super::outliers::Outliers;
use super::scale::Scale;
use super::{IndicatorInputs, Preparation};

/// What one indicator goes through, from its cell to its inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnRecipe<'a> {
    /// Name of the indicator.
    pub indicator: &'a str,
    /// What its cells are taken for.
    pub cells: CellsRecipe<'a>,
    /// What its value turns into.
    pub value: ValueRecipe<'a>,
    /// What the flag is where the cell is missing, 0 elsewhere; `None` without a flag.
    pub flag: Option<f32>,
    /// Where its inputs stand.
    pub inputs: IndicatorInputs,
}

/// What cells are taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellsRecipe<'a> {
    /// Numbers; infinite ones are missing.
    Numbers,
    /// Texts.
    Levels,
    /// Texts in ascending order, each the number of its place from 0; any other text is missing.
    Places(&'a [String]),
}

/// What the value of an indicator turns into.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueRecipe<'a> {
    /// A number: filled where it is missing, then drawn in, then scaled.
    Number {
        /// What a missing one takes.
        gap: GapRecipe,
        /// What is done about values far out, filled ones among them.
        outliers: OutlierRecipe,
        /// The scale.
        scale: ScaleRecipe<'a>,
    },
    /// One input per level: 1 for the level of the cell.
    Levels {
        /// Levels with an input of their own, the commonest first.
        levels: &'a [String],
        /// Whether a last input stands for all other levels. Without it they turn none on.
        other: bool,
        /// What the inputs of the levels are that the cell does not have: 0 or −1.
        off: f32,
        /// Whether a missing cell takes the first level. Else all its inputs are 0.
        filled: bool,
    },
    /// Nothing: it is set aside, and only its flag is used.
    Nothing,
}

/// What a missing number takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GapRecipe {
    /// The input of the middle rank.
    Middle,
    /// This value.
    Value(f64),
    /// What the nearest training rows have, which only the preparation itself can tell.
    Neighbours,
}

/// What is done about values far out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OutlierRecipe {
    /// Nothing.
    Kept,
    /// Values outside become the ends.
    DrawnIn {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// sign(x)·ln(1 + |x|).
    SignedLog,
}

/// How a number is scaled, in double precision; the inputs are rounded to single.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScaleRecipe<'a> {
    /// `(x/unit − offset − centre)/spread`, kept within `low..=high`.
    Linear {
        /// Above 0.
        unit: f64,
        /// In units.
        offset: f64,
        /// In units from the offset.
        centre: f64,
        /// Above 0.
        spread: f64,
        /// Least input.
        low: f64,
        /// Largest input.
        high: f64,
    },
    /// With i the number of `values` below x: `at[i]` if x is the next one, else `between[i]`.
    NormalScores {
        /// Ascending, distinct: k ≥ 2.
        values: &'a [f64],
        /// Inputs of the values: k.
        at: &'a [f32],
        /// Inputs of what lies below, between and above them: k + 1.
        between: &'a [f32],
        /// Input of the middle rank.
        middle: f32,
    },
    /// One input for each pair of neighbouring edges: `(x/unit − lower)/(upper − lower)`, kept within 0 and 1.
    QuantileBins {
        /// Above 0.
        unit: f64,
        /// In units, ascending, distinct.
        edges: &'a [f64],
    },
}

impl Preparation {
    /// What every indicator with inputs goes through, in the order of the inputs.
    pub fn recipe(&self) -> Vec<ColumnRecipe<'_>> {
        self.placed().map(|(column, inputs)| column.recipe(inputs)).collect()
    }
}

impl Column {
    fn recipe(&self, inputs: IndicatorInputs) -> ColumnRecipe<'_> {
        let cells = match &self.source.reading {
            Reading::Numbers => CellsRecipe::Numbers,
            Reading::Levels => CellsRecipe::Levels,
            Reading::Places(order) => CellsRecipe::Places(order.levels()),
        };
        let value = match &self.encoding {
            Encoding::Number(number) => number.recipe(),
            Encoding::Categories(categories) => ValueRecipe::Levels {
                levels: &categories.levels,
                other: categories.other,
                off: if categories.signed { -1.0 } else { 0.0 },
                filled: categories.filled,
            },
            Encoding::Nothing => ValueRecipe::Nothing,
        };
        ColumnRecipe { indicator: &self.source.indicator, cells, value, flag: self.flag, inputs }
    }
}

impl Number {
    fn recipe(&self) -> ValueRecipe<'_> {
        let gap = match self.gap {
            Gap::Middle => GapRecipe::Middle,
            Gap::Value(value) => GapRecipe::Value(value),
            Gap::Neighbours => GapRecipe::Neighbours,
        };
        let outliers = match self.outliers {
            Outliers::Kept => OutlierRecipe::Kept,
            Outliers::DrawnIn { low, high } => OutlierRecipe::DrawnIn { low, high },
            Outliers::SignedLog => OutlierRecipe::SignedLog,
        };
        let scale = match &self.scale {
            Scale::Linear(scale) => ScaleRecipe::Linear {
                unit: scale.unit,
                offset: scale.offset,
                centre: scale.centre,
                spread: scale.spread,
                low: scale.low,
                high: scale.high,
            },
            Scale::NormalScores(scores) => ScaleRecipe::NormalScores {
                values: &scores.values,
                at: &scores.at,
                between: &scores.between,
                middle: scores.middle,
            },
            Scale::QuantileBins(bins) => ScaleRecipe::QuantileBins { unit: bins.unit, edges: &bins.edges },
        };
        ValueRecipe::Number { gap, outliers, scale }
    }
}
