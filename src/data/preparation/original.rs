//! The way back: inputs of a learner → the units of the table. What a machine reconstructs or dreams is inputs; a person
//! reads it as a person reads the table.
//!
//! Each step is undone in turn, the last first. Scales and logarithms are undone exactly, to the precision of f32 inputs;
//! ranks by straight lines between the training values. Where the chain gives the same input for many values (beyond the
//! training values under ranks, bins and 0–1, beyond the quantiles under winsorising) the answer is the end of
//! what it tells apart. Inputs that no cell would give, such as two levels at once, are read as the nearest that one would.

use ndarray::{Array1, ArrayRef1};

use super::Preparation;
use super::categories::Categories;
use super::cells::Reading;
use super::column::{Column, Encoding};

/// The value of one indicator as it stands in a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Original {
    /// A number in the file's own unit; finite when the inputs are.
    Number(f64),
    /// A level of a category.
    Level {
        /// As written in the table; [`OTHER_LEVELS`] for the levels that share one input.
        text: String,
        /// The share of this level among all levels of the indicator, 0..=1: how far its input is turned on beside the
        /// others. `None` for an ordered category, whose level is the nearest place.
        share: Option<f32>,
    },
    /// The inputs do not tell: the value is set aside and only a flag is left, or no level is likelier than another.
    Unknown,
}

/// What stands for the levels that share one input.
pub const OTHER_LEVELS: &str = "other";

/// One indicator in the units of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct OriginalValue {
    /// Its name.
    pub indicator: String,
    /// Its value. What a missing cell was filled with where one is missing: see `missing`.
    pub value: Original,
    /// How likely the cell is missing, 0..=1; `None` where no input says.
    pub missing: Option<f32>,
}

impl OriginalValue {
    /// Whether the cell is likelier missing than not.
    pub fn is_missing(&self) -> bool {
        self.missing.is_some_and(|missing| missing > 0.5)
    }
}

impl Preparation {
    /// One row of inputs `(n_inputs)` in the units of the table: one value for each indicator with inputs, in their
    /// order. Inputs beyond what a cell can give are taken as the last that one can; missing numbers of a short row are 0.
    pub fn original(&self, inputs: &ArrayRef1<f32>) -> Vec<OriginalValue> {
        let at = |input: usize| inputs.get(input).copied().unwrap_or(0.0);
        self.placed()
            .map(|(column, placed)| {
                let values: Vec<f32> = placed.values.map(at).collect();
                column.original(&values, placed.flag.map(at))
            })
            .collect()
    }

    /// The inputs that `value` of `indicator` gives, as [`Self::inputs_of`] places them: those of the value, then the flag,
    /// which says that the cell is there. `None` when the indicator has no inputs for its value, or `value` is not one of
    /// its values: text where there are numbers, a level of which no input tells, or [`Original::Unknown`].
    pub fn inputs_of_value(&self, indicator: &str, value: &Original) -> Option<Vec<f32>> {
        let column = self.columns.iter().find(|column| column.source.indicator == indicator)?;
        let mut inputs = column.inputs_of_value(value)?;
        inputs.extend(column.has_flag().then_some(0.0));
        Some(inputs)
    }

    /// The indicators with inputs, in the order of their inputs.
    pub fn indicators(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.source.indicator.as_str())
    }

    /// The levels of a category that inputs tell apart, [`OTHER_LEVELS`] the last where it is one of them, or ascending when
    /// they are ordered. Empty for a number, and for what has no inputs.
    pub fn levels_of(&self, indicator: &str) -> Vec<String> {
        let column = self.columns.iter().find(|column| column.source.indicator == indicator);
        match column.map(|column| (&column.encoding, &column.source.reading)) {
            Some((Encoding::Categories(categories), _)) => categories.told_apart().map(str::to_owned).collect(),
            Some((Encoding::Number(_), Reading::Places(order))) => order.levels().to_vec(),
            Some((Encoding::Number(_) | Encoding::Nothing, _)) | None => Vec::new(),
        }
    }
}

impl Column {
    /// Its value and flag back in the units of the table.
    fn original(&self, inputs: &[f32], flag: Option<f32>) -> OriginalValue {
        let (value, told) = match &self.encoding {
            Encoding::Number(number) => {
                let x = number.original(inputs);
                let value = match &self.source.reading {
                    Reading::Places(order) => order
                        .nearest(x)
                        .map_or(Original::Unknown, |level| Original::Level { text: level.to_owned(), share: None }),
                    Reading::Numbers | Reading::Levels => Original::Number(x),
                };
                (value, None)
            }
            Encoding::Categories(categories) => categories.original(inputs),
            Encoding::Nothing => (Original::Unknown, None),
        };
        let missing = self.flag.zip(flag).map(|(there, flag)| (flag / there).clamp(0.0, 1.0));
        OriginalValue { indicator: self.source.indicator.clone(), value, missing: missing.or(told) }
    }

    /// The inputs of `value`, without the flag.
    fn inputs_of_value(&self, value: &Original) -> Option<Vec<f32>> {
        let mut inputs = Array1::zeros(self.width());
        match (&self.encoding, &self.source.reading, value) {
            (Encoding::Number(number), Reading::Numbers, &Original::Number(x)) if x.is_finite() => {
                number.write(Some(x), inputs.view_mut());
            }
            (Encoding::Number(number), Reading::Places(order), Original::Level { text, .. }) => {
                let place = order.places(std::slice::from_ref(text))[0]?;
                number.write(Some(place), inputs.view_mut());
            }
            (Encoding::Categories(categories), _, Original::Level { text, .. }) => {
                let input = categories.inputs_of(std::slice::from_ref(text))[0]?;
                categories.write(Some(input), inputs.view_mut());
            }
            _ => return None,
        }
        Some(inputs.to_vec())
    }
}

impl Categories {
    /// The likeliest level of some inputs, and how likely it is that there is none where only these inputs say so.
    fn original(&self, inputs: &[f32]) -> (Original, Option<f32>) {
        let on: Vec<f32> = inputs.iter().map(|&x| self.on(x)).collect();
        let level = |input: usize, share| {
            let text = self.told_apart().nth(input).unwrap_or_default().to_owned();
            Original::Level { text, share: Some(share) }
        };
        if let [on] = on[..] {
            // A single level is told from missing cells alone, which are 0 under every scale.
            let there = inputs[0].clamp(0.0, 1.0);
            return (if there > 0.5 { level(0, on) } else { Original::Unknown }, Some(1.0 - there));
        }
        let likeliest = inputs.iter().enumerate().fold(None, |best: Option<(usize, f32)>, (input, &x)| match best {
            Some((_, most)) if x <= most => best,
            _ => Some((input, x)),
        });
        let alike = inputs.iter().all(|x| *x == inputs[0]);
        let value = likeliest.filter(|_| !alike).map(|(input, _)| {
            let all: f32 = on.iter().sum();
            level(input, if all > 0.0 { on[input] / all } else { 0.0 })
        });
        (value.unwrap_or(Original::Unknown), None)
    }
}
