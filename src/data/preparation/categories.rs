//! Categories to inputs: one per level, for at most `max_levels` levels that are most frequent in training, one for all
//! the others together. A missing cell is 0 in each of them.

use std::cmp::Reverse;

use ndarray::ArrayViewMut1;
use serde::{Deserialize, Serialize};

use super::{PreparationSettings, Scale};

/// The fitted levels of one indicator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Categories {
    /// Levels with an input of their own, the most frequent first.
    levels: Vec<String>,
    /// Whether an input stands for all other levels: only when some training row has one.
    other: bool,
    /// Whether a level that a row does not have is −1 and not 0.
    signed: bool,
}

impl Categories {
    /// Fits on the codes of the training rows that have one, the number of rows that have none, and the texts of the
    /// codes. `None` with fewer than two levels, unless missing cells are told from the one level by nothing else.
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
        let told_apart = used.len() + usize::from(n_missing > 0 && !settings.missing_flags);
        if told_apart < 2 {
            return None;
        }
        // Stable: equally frequent levels stay in the order in which the training rows first show them.
        used.sort_by_key(|&code| Reverse(counts[code]));
        let other = used.len() > settings.max_levels;
        used.truncate(settings.max_levels);
        Some(Self {
            levels: used.into_iter().map(|code| levels[code].clone()).collect(),
            other,
            signed: settings.scale == Scale::NormalScores,
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

    /// For each level of a data set, which of the inputs stands for it; `None` where none does.
    pub(super) fn positions(&self, levels: &[String]) -> Vec<Option<usize>> {
        let other = self.other.then_some(self.levels.len());
        levels.iter().map(|level| self.levels.iter().position(|l| l == level).or(other)).collect()
    }

    /// Writes the inputs of a row whose level has this position, from `first` on.
    pub(super) fn write(&self, position: Option<usize>, inputs: &mut ArrayViewMut1<'_, f32>, first: usize) {
        for place in 0..self.width() {
            inputs[first + place] = match (position == Some(place), self.signed) {
                (true, _) => 1.0,
                (false, true) => -1.0,
                (false, false) => 0.0,
            };
        }
    }
}
