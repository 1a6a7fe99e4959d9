//! What a study has found: a figure for each model, level, split and draw, and the curves through them.

use serde::{Deserialize, Serialize};

use crate::data::Spread;
use crate::evaluation::{Metric, Metrics, Summary};
use crate::training::ModelKind;

use super::{StudyKind, StudySpec};

/// One model on the test part of one split at one level, as drawn once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyCell {
    /// Index into [`Study::models`].
    pub model: usize,
    /// Index into [`Study::levels`].
    pub level: usize,
    /// Which split of the run, from 0 over all repeats.
    pub split: usize,
    /// Which drawing at random, from 0.
    pub draw: usize,
    /// Labelled rows that the model learned from.
    pub n_train: usize,
    /// The figures on the test part, against its own labels.
    pub metrics: Metrics,
    /// Whether the fit ran away, so that the figures are those of an unfinished model.
    pub diverged: bool,
}

impl StudyCell {
    fn place(&self) -> (usize, usize, usize, usize) {
        (self.model, self.level, self.split, self.draw)
    }
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StudyPoint {
    /// The level, in the unit of the kind.
    pub level: f64,
    /// Mean over the splits; `None` when undefined in all of them, or none is finished.
    pub mean: Option<f64>,
    /// Sample standard deviation over the splits; `None` below two.
    pub sd: Option<f64>,
    /// How many splits it rests on.
    pub n: usize,
}

/// A study, finished, stopped or under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// What was varied.
    pub kind: StudyKind,
    /// Whether noise or missing cells were in the training rows too.
    pub in_training: bool,
    /// What noise was measured in.
    pub noise_unit: Spread,
    /// The levels, ascending.
    pub levels: Vec<f64>,
    /// The models, in the order of the run.
    pub models: Vec<ModelKind>,
    /// Splits planned.
    pub n_splits: usize,
    /// What is finished, by model, level, split and draw.
    pub cells: Vec<StudyCell>,
    /// What the reader must know: fits that ran away, a stop.
    pub warnings: Vec<String>,
    /// Whether it was stopped before the end.
    pub stopped: bool,
}

impl Study {
    /// One of which nothing is done yet.
    pub(super) fn begun(spec: &StudySpec, models: &[ModelKind], n_splits: usize) -> Self {
        Self {
            kind: spec.kind,
            in_training: spec.in_training,
            noise_unit: spec.noise_unit,
            levels: spec.levels.clone(),
            models: models.to_vec(),
            n_splits,
            cells: Vec::new(),
            warnings: Vec::new(),
            stopped: false,
        }
    }

    /// Whether its parts go together, after it was read from a file.
    ///
    /// # Errors
    /// What does not, in words.
    pub fn check(&self) -> Result<(), &'static str> {
        let there = |cell: &StudyCell| cell.model < self.models.len() && cell.level < self.levels.len();
        if !self.cells.iter().all(there) {
            return Err("a study has figures of a model or a level that it has not");
        }
        if !self.cells.is_sorted_by_key(StudyCell::place) || !self.levels.is_sorted() {
            return Err("a study is not in order");
        }
        Ok(())
    }

    /// Takes finished cells in, each to its place, so that every sum is the same in whatever order they come.
    pub fn add(&mut self, cells: Vec<StudyCell>) {
        self.cells.extend(cells);
        self.cells.sort_by_key(StudyCell::place);
    }

    /// A metric of model `model` against the level, a point for each level: the mean over draws within each split, then
    /// mean and standard deviation over the splits that are finished.
    pub fn curve(&self, model: usize, metric: Metric) -> Vec<StudyPoint> {
        let point = |(level, &x): (usize, &f64)| {
            let Summary { mean, sd, n } = Summary::of(self.by_split(model, level, metric));
            StudyPoint { level: x, mean, sd, n }
        };
        self.levels.iter().enumerate().map(point).collect()
    }

    /// Mean number of labelled rows learned from at each level; `None` before any fit is finished there.
    pub fn labelled_rows(&self) -> Vec<Option<f64>> {
        let rows =
            |level| self.cells.iter().filter(move |cell| cell.level == level).map(|cell| Some(cell.n_train as f64));
        (0..self.levels.len()).map(|level| Summary::of(rows(level)).mean).collect()
    }

    /// Seed to seed: mean and standard deviation, over the levels, of the mean over splits. Only levels whose every split
    /// is finished and defined count, since means over different rows would differ for another reason. Of meaning for
    /// [`StudyKind::Seeds`].
    pub fn over_levels(&self, model: usize, metric: Metric) -> Summary {
        let whole = self.curve(model, metric).into_iter().filter(|point| point.n == self.n_splits);
        Summary::of(whole.map(|point| point.mean))
    }

    /// The mean over draws within each split that is finished.
    fn by_split(&self, model: usize, level: usize, metric: Metric) -> Vec<Option<f64>> {
        let cells: Vec<&StudyCell> =
            self.cells.iter().filter(|cell| (cell.model, cell.level) == (model, level)).collect();
        let of_split = |draws: &[&StudyCell]| Summary::of(draws.iter().map(|cell| metric.get(&cell.metrics))).mean;
        cells.chunk_by(|a, b| a.split == b.split).map(of_split).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::StudySettings;

    fn cell(level: usize, split: usize, draw: usize, auc: Option<f64>) -> StudyCell {
        let metrics = Metrics { auc, ..Metrics::default() };
        StudyCell { model: 1, level, split, draw, n_train: 10 * (level + 1), metrics, diverged: false }
    }

    #[test]
    fn curves_by_hand() {
        let settings = StudySettings { levels: Some(vec![0.0, 0.5]), ..StudySettings::default() };
        let models = [ModelKind::Dbn, ModelKind::Svm];
        let mut study = Study::begun(&settings.check().unwrap(), &models, 2);
        assert_eq!(study.curve(1, Metric::Auc)[1], StudyPoint { level: 0.5, mean: None, sd: None, n: 0 });
        study.add(vec![cell(1, 1, 0, Some(0.5)), cell(1, 1, 1, Some(0.75)), cell(0, 1, 0, None)]);
        study.add(vec![cell(1, 0, 1, Some(0.25)), cell(0, 0, 0, Some(0.875)), cell(1, 0, 0, Some(0.5))]);
        // Splits 0.375 and 0.625: mean 0.5, sd √(2 · 0.125²).
        let curve = study.curve(1, Metric::Auc);
        assert_eq!(curve[0], StudyPoint { level: 0.0, mean: Some(0.875), sd: None, n: 1 });
        assert_eq!(curve[1], StudyPoint { level: 0.5, mean: Some(0.5), sd: Some(0.03125_f64.sqrt()), n: 2 });
        assert_eq!(study.curve(0, Metric::Auc)[0].n, 0);
        assert_eq!(study.labelled_rows(), [Some(10.0), Some(20.0)]);
        let over = study.over_levels(1, Metric::Auc);
        assert_eq!((over.mean, over.sd, over.n), (Some(0.5), None, 1), "the first level rests on one of two splits");
    }
}
