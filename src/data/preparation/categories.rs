//! Categories to inputs: one per level, for the levels that are frequent enough in training, one for all the others
//! together. A missing cell is 0 in each of them, unless it takes the commonest level.

use std::cmp::Reverse;

use ndarray::ArrayViewMut1;
use serde::{Deserialize, Serialize};

use super::original::OTHER_LEVELS;
use super::settings::{Fill, PreparationSettings, ScaleMethod};

/// The fitted levels of one indicator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Categories {
    /// Levels with an input of their own, the most frequent first.
    pub(super) levels: Vec<String>,
    /// Whether an input stands for all other levels: only when some training row has one.
    pub(super) other: bool,
    /// Whether a level that a row does not have is −1 and not 0.
    pub(super) signed: bool,
    /// Whether a missing cell takes the commonest level.
    pub(super) filled: bool,
}

impl Categories {
    /// Fits on the codes of the training rows that have one, the number of rows that have none, and the texts of the
    /// codes. `None` when all inputs would be constant.
    pub(super) fn fit(
        present: &[u32],
        n_missing: usize,
        levels: &[String],
        settings: &PreparationSettings,
    ) -> Option<Self> {
        let mut counts = vec![0_usize; levels.len()];
        let mut used: Vec<usize> = Vec::new();
        for &code in present {
            if counts[code as usize] == 0 {
                used.push(code as usize);
            }
            counts[code as usize] += 1;
        }
        // Stable: equally frequent levels stay in the order in which the training rows first show them.
        used.sort_by_key(|&code| Reverse(counts[code]));
        let least = settings.categories.min_share * present.len() as f64;
        let kept = used.iter().take_while(|&&code| counts[code] as f64 >= least).count();
        let other = used.len() > kept.min(settings.categories.max_levels);
        used.truncate(kept.min(settings.categories.max_levels));
        let filled = settings.missing.fill == Fill::MostFrequent;
        // Missing cells are told from a single level only where nothing else tells them.
        let unfilled = n_missing > 0 && !filled && !settings.missing.flags;
        if used.len() + usize::from(other) + usize::from(unfilled) < 2 {
            return None;
        }
        Some(Self {
            levels: used.into_iter().map(|code| levels[code].clone()).collect(),
            other,
            signed: settings.scale.method == ScaleMethod::NormalScores,
            filled,
        })
    }

    /// Inputs filled.
    pub(super) fn width(&self) -> usize {
        self.levels.len() + usize::from(self.other)
    }

    /// Names of the inputs of `indicator`.
    pub(super) fn input_names(&self, indicator: &str) -> Vec<String> {
        let mut names: Vec<String> = self.levels.iter().map(|level| format!("{indicator} = {level}")).collect();
        if self.other {
            names.push(format!("{indicator}: other"));
        }
        names
    }

    /// What each of the inputs stands for, `width` texts.
    pub(super) fn told_apart(&self) -> impl Iterator<Item = &str> {
        self.levels.iter().map(String::as_str).chain(self.other.then_some(OTHER_LEVELS))
    }

    /// How far an input is turned on, 0..=1.
    pub(super) fn on(&self, input: f32) -> f32 {
        (if self.signed { f32::midpoint(input, 1.0) } else { input }).clamp(0.0, 1.0)
    }

    /// For each level of a data set, which of the inputs stands for it; `None` where none does.
    pub(super) fn inputs_of(&self, levels: &[String]) -> Vec<Option<usize>> {
        let other = self.other.then_some(self.levels.len());
        levels.iter().map(|level| self.levels.iter().position(|l| l == level).or(other)).collect()
    }

    /// Writes the inputs of a cell for whose level this input stands.
    pub(super) fn write(&self, input: Option<usize>, mut inputs: ArrayViewMut1<'_, f32>) {
        inputs.fill(if self.signed { -1.0 } else { 0.0 });
        if let Some(input) = input {
            inputs[input] = 1.0;
        }
    }

    /// Writes the inputs of a missing cell.
    pub(super) fn write_missing(&self, mut inputs: ArrayViewMut1<'_, f32>) {
        if self.filled {
            self.write(Some(0), inputs); // The commonest level comes first.
        } else {
            inputs.fill(0.0);
        }
    }
}
