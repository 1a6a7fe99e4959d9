//! One indicator: its cells → its inputs.

use ndarray::{ArrayViewMut1, ArrayViewMut2, Axis};
use serde::{Deserialize, Serialize};

use super::categories::Categories;
use super::cells::{Cells, Source};
use super::missing::Gap;
use super::outliers::Outliers;
use super::scale::{Filled, Scale};
use super::settings::{PreparationSettings, ScaleMethod};
use crate::data::dataset::Dataset;

/// The chain of a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Number {
    pub(super) gap: Gap,
    pub(super) outliers: Outliers,
    pub(super) scale: Scale,
}

/// What the value of an indicator turns into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Encoding {
    Number(Number),
    Categories(Categories),
    /// It is set aside; a flag may remain.
    Nothing,
}

/// One fitted indicator with inputs: those of its value, then its flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Column {
    pub(super) source: Source,
    pub(super) encoding: Encoding,
    /// What the flag is in a row where the cell is missing; elsewhere it is 0.
    pub(super) flag: Option<f32>,
}

impl Column {
    /// Fits on the training `rows` of `data`; `nearest` is what the missing ones among them take, when neighbours say.
    /// `None` when no input is left, and what there is to tell.
    pub(super) fn fit(
        source: Source,
        data: &Dataset,
        rows: &[usize],
        nearest: Option<Vec<f64>>,
        settings: &PreparationSettings,
    ) -> (Option<Self>, Option<String>) {
        let cells = source.cells(data);
        let n_missing = rows.iter().filter(|&&row| cells.is_missing(row)).count();
        let mut alike = "is constant";
        let encoding = if let Cells::Levels { codes, levels } = cells {
            let present: Vec<u32> = rows.iter().filter_map(|&row| codes[row]).collect();
            if present.iter().any(|code| *code != present[0]) {
                alike = "has no level that is frequent enough";
            }
            Categories::fit(&present, n_missing, levels, settings).map(Encoding::Categories)
        } else {
            let mut present: Vec<f64> = rows.iter().filter_map(|&row| cells.number(row)).collect();
            present.sort_unstable_by(f64::total_cmp);
            Number::fit(present, n_missing, nearest, settings).map(Encoding::Number)
        };
        let gaps = n_missing > 0 && n_missing < rows.len();
        let flag = (settings.missing.flags && gaps).then_some(match settings.scale.method {
            ScaleMethod::NormalScores => 2.0,
            _ => 1.0,
        });
        let name = &source.indicator;
        let notice = if n_missing == rows.len() {
            Some(format!("\"{name}\" has no value in any training row and is set aside."))
        } else if encoding.is_none() {
            let rest = if flag.is_some() { "; only where it is missing is used" } else { " and is set aside" };
            Some(format!("\"{name}\" {alike} over the training rows{rest}."))
        } else {
            None
        };
        let any = encoding.is_some() || flag.is_some();
        let column = Self { encoding: encoding.unwrap_or(Encoding::Nothing), flag, source };
        (any.then_some(column), notice)
    }

    /// Inputs of its value.
    pub(super) fn width(&self) -> usize {
        match &self.encoding {
            Encoding::Number(number) => number.scale.width(),
            Encoding::Categories(categories) => categories.width(),
            Encoding::Nothing => 0,
        }
    }

    pub(super) fn has_flag(&self) -> bool {
        self.flag.is_some()
    }

    /// The chain of its value, when that is a number.
    pub(super) fn number(&self) -> Option<&Number> {
        match &self.encoding {
            Encoding::Number(number) => Some(number),
            Encoding::Categories(_) | Encoding::Nothing => None,
        }
    }

    /// Names of its inputs.
    pub(super) fn input_names(&self) -> Vec<String> {
        let name = &self.source.indicator;
        let mut names = match &self.encoding {
            Encoding::Number(number) => number.scale.input_names(name),
            Encoding::Categories(categories) => categories.input_names(name),
            Encoding::Nothing => Vec::new(),
        };
        if self.has_flag() {
            names.push(format!("{name} missing"));
        }
        names
    }

    /// Writes its inputs `(rows.len(), width and flag)` of `rows` of `data`; `nearest` is what the missing ones among them
    /// take, when neighbours say.
    pub(super) fn write(
        &self,
        data: &Dataset,
        rows: &[usize],
        nearest: Option<&[f64]>,
        inputs: ArrayViewMut2<'_, f32>,
    ) {
        let cells = self.source.cells(data);
        let (mut values, mut flags) = inputs.split_at(Axis(1), self.width());
        let values = values.rows_mut().into_iter().zip(rows);
        match &self.encoding {
            Encoding::Number(number) => {
                let filled = number.filled(&cells, rows, nearest);
                for ((inputs, _), x) in values.zip(filled) {
                    number.write(x, inputs);
                }
            }
            Encoding::Categories(categories) => {
                let (codes, inputs_of) = match &cells {
                    Cells::Levels { codes, levels } => (*codes, categories.inputs_of(levels)),
                    _ => (&[][..], Vec::new()),
                };
                for (inputs, &row) in values {
                    match codes.get(row).copied().flatten() {
                        Some(code) => categories.write(inputs_of[code as usize], inputs),
                        None => categories.write_missing(inputs),
                    }
                }
            }
            Encoding::Nothing => {}
        }
        if let Some(flag) = self.flag {
            for (input, &row) in flags.iter_mut().zip(rows) {
                *input = if cells.is_missing(row) { flag } else { 0.0 };
            }
        }
    }
}

impl Number {
    /// Fits on the ascending training values. `None` when the inputs would be constant.
    fn fit(
        mut present: Vec<f64>,
        n_missing: usize,
        nearest: Option<Vec<f64>>,
        settings: &PreparationSettings,
    ) -> Option<Self> {
        if present.is_empty() {
            return None;
        }
        let gap = match nearest {
            Some(_) => Gap::Neighbours,
            None => Gap::fit(&present, settings.missing.fill, settings.scale.method),
        };
        let outliers = Outliers::fit(&present, &settings.outliers);
        for x in &mut present {
            *x = outliers.value(*x);
        }
        let filled = match (&gap, nearest) {
            (Gap::Middle, _) => Filled::Middle(n_missing),
            (Gap::Value(value), _) => Filled::Values(vec![outliers.value(*value); n_missing]),
            (Gap::Neighbours, nearest) => {
                Filled::Values(nearest.unwrap_or_default().into_iter().map(|x| outliers.value(x)).collect())
            }
        };
        let scale = Scale::fit(&present, &filled, &settings.scale)?;
        Some(Self { gap, outliers, scale })
    }

    /// The numbers of `rows` and what the missing ones take; `None` is the middle rank, which is no number.
    pub(super) fn filled<'a>(
        &'a self,
        cells: &'a Cells<'a>,
        rows: &'a [usize],
        nearest: Option<&'a [f64]>,
    ) -> impl Iterator<Item = Option<f64>> + 'a {
        let mut nearest = nearest.unwrap_or_default().iter();
        rows.iter().map(move |&row| {
            cells.number(row).or_else(|| match self.gap {
                Gap::Middle => None,
                Gap::Value(value) => Some(value),
                Gap::Neighbours => nearest.next().copied(),
            })
        })
    }

    /// A number after the step for values far out.
    pub(super) fn drawn_in(&self, x: f64) -> f64 {
        self.outliers.value(x)
    }

    /// Writes the inputs of one of [`Self::filled`].
    pub(super) fn write(&self, x: Option<f64>, inputs: ArrayViewMut1<'_, f32>) {
        self.scale.write(x.map(|x| self.drawn_in(x)), inputs);
    }

    /// The number that has these inputs: the inverse of [`Self::write`].
    pub(super) fn original(&self, inputs: &[f32]) -> f64 {
        self.outliers.original(self.scale.original(inputs))
    }
}
