//! Any two-class learner with honest probabilities: fitted on all rows, calibrated on rows that a fit has not seen.
//!
//! What a model says of rows it was fitted on is too sure of itself, so its ranking scores become probabilities by a curve
//! fitted to scores of held-out rows: those the learner makes by the way (a net scores the rows set apart from it), else
//! those of refits without one part of the rows at a time. All rows count the same in the curve even where classes are
//! weighted in the fits, so that the probabilities keep the base rate.

use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::calibration::{Calibration, CalibrationMethod, CalibrationSettings};
use super::dbn::{Edit, Moment, NetState};
use super::parts::stratified_parts;
use super::{
    Advance, Classifier, FitFacts, FittedModel, Learner, ModelError, Monitors, Phase, Point, Progress, StopReason,
    Support, TrainingSet, Tunables,
};
use crate::random::{Purpose, stream};

/// Held-out rows scored in one portion.
const SCORED: usize = 512;

/// A learner that can be calibrated.
pub trait Refit: Learner {
    /// Scores of labelled rows, `(row, score)`, by fits that did not see them and that it makes on its way: all of them once it
    /// has finished. `None` where it makes none.
    fn held_out_scores(&self) -> Option<Vec<(usize, f64)>> {
        None
    }

    /// The same model with what it has found out for itself (such as C and γ of an SVM), to be fitted on other rows.
    ///
    /// # Errors
    /// When it cannot learn from these rows.
    fn refit(&self, set: Arc<TrainingSet>) -> Result<Box<dyn Learner>, ModelError>;

    /// What a refit on as many rows costs, in units of the whole fit; less than 1 where a fit also searches.
    fn refit_cost(&self) -> f64 {
        1.0
    }
}

/// A learner and then its calibration.
pub struct Calibrated<L> {
    set: Arc<TrainingSet>,
    settings: CalibrationSettings,
    learner: L,
    /// Why the fit itself ended.
    ended: Option<StopReason>,
    /// The rows held out in each part. Empty where none are needed, or no part can be made.
    parts: Vec<Vec<usize>>,
    part: Option<Part>,
    parts_done: usize,
    held_out: HeldOut,
    calibration: Option<Calibration>,
    rows_seen: u64,
    fraction: f64,
}

/// One refit, and then the scores of the rows held out from it.
struct Part {
    learner: Box<dyn Learner>,
    scoring: Option<Scoring>,
}

/// Scores of the rows of a part, as far as they are made.
struct Scoring {
    model: Arc<dyn Classifier>,
    scores: Vec<f64>,
}

/// Held-out rows, their scores, and whether each row is bad.
#[derive(Default)]
struct HeldOut {
    rows: Vec<usize>,
    scores: Vec<f64>,
    bad: Vec<bool>,
}

impl<L: Refit> Calibrated<L> {
    /// For a learner of the labelled rows of `set`, two classes, class 1 being the bad one. The seed decides which rows go to
    /// which part ([`Purpose::Calibration`]).
    ///
    /// More classes than two keep the learner's own probabilities: a curve is fitted to the score of one class.
    pub fn new(set: Arc<TrainingSet>, learner: L, mut settings: CalibrationSettings, seed: u64) -> Self {
        if set.n_classes != 2 {
            settings.method = CalibrationMethod::None;
        }
        let needed = settings.method != CalibrationMethod::None && learner.held_out_scores().is_none();
        let parts = if needed {
            stratified_parts(&set, settings.parts, &mut stream(seed, Purpose::Calibration, 0))
        } else {
            Vec::new()
        };
        Self {
            set,
            settings,
            learner,
            ended: None,
            parts,
            part: None,
            parts_done: 0,
            held_out: HeldOut::default(),
            calibration: None,
            rows_seen: 0,
            fraction: 0.0,
        }
    }

    /// Begins the next refit that can be made; the calibration is fitted when there are no more.
    fn next_part(&mut self) {
        self.part = None;
        while let Some(held_out) = self.parts.get(self.parts_done) {
            let taken: Vec<usize> = (0..self.set.y.len()).filter(|row| held_out.binary_search(row).is_err()).collect();
            if let Ok(learner) = self.learner.refit(Arc::new(labelled_rows(&self.set, &taken))) {
                self.part = Some(Part { learner, scoring: None });
                return;
            }
            self.parts_done += 1;
        }
        for (row, score) in self.learner.held_out_scores().unwrap_or_default() {
            self.held_out.rows.push(row);
            self.held_out.scores.push(score);
            self.held_out.bad.push(self.set.y[row] == 1);
        }
        self.calibration = self.fitted();
    }

    /// One portion of the present part.
    fn advance_part(&mut self, mut part: Part) {
        let Some(scoring) = &mut part.scoring else {
            if let Advance::Finished(_) = part.learner.advance(&mut |_| {}) {
                self.rows_seen += part.learner.progress().rows_seen;
                part.scoring = Some(Scoring { model: part.learner.classifier(), scores: Vec::new() });
            }
            self.part = Some(part);
            return;
        };
        let held_out = &self.parts[self.parts_done];
        let from = scoring.scores.len();
        let rows = &held_out[from..held_out.len().min(from + SCORED)];
        scoring.scores.extend(scoring.model.scores(self.set.x.select(Axis(0), rows).view()));
        if scoring.scores.len() < held_out.len() {
            self.part = Some(part);
            return;
        }
        self.held_out.rows.extend(held_out);
        self.held_out.scores.append(&mut scoring.scores);
        self.held_out.bad.extend(held_out.iter().map(|&row| self.set.y[row] == 1));
        self.parts_done += 1;
        self.next_part();
    }

    /// The curve of the held-out scores there are. `None` without any: the model's own probabilities have to serve.
    fn fitted(&self) -> Option<Calibration> {
        Calibration::fit(self.settings.method, &self.held_out.scores, &self.held_out.bad)
    }

    fn is_finished(&self) -> bool {
        self.ended.is_some() && self.part.is_none()
    }

    /// The share of all the work that is done. A refit on all but one of p parts costs about ((p − 1)/p)² of the full fit.
    fn estimated_fraction(&self) -> f64 {
        if self.is_finished() {
            return 1.0;
        }
        let n_parts = self.parts.len() as f64;
        let part_cost =
            if self.parts.is_empty() { 0.0 } else { self.learner.refit_cost() * ((n_parts - 1.0) / n_parts).powi(2) };
        let in_part = self.part.as_ref().map_or(0.0, |part| part.learner.progress().fraction);
        let parts_done = self.parts_done as f64 + in_part;
        (self.learner.progress().fraction + part_cost * parts_done) / (1.0 + part_cost * n_parts)
    }
}

/// The labelled rows `rows` of a set, and the rows without a label.
fn labelled_rows(set: &TrainingSet, rows: &[usize]) -> TrainingSet {
    TrainingSet {
        x: set.x.select(Axis(0), rows),
        y: rows.iter().map(|&row| set.y[row]).collect(),
        x_unlabelled: set.x_unlabelled.clone(),
        n_classes: set.n_classes,
        groups: rows.iter().filter_map(|&row| set.groups.get(row).copied()).collect(),
    }
}

impl<L: Refit> Learner for Calibrated<L> {
    fn advance(&mut self, record: &mut dyn FnMut(Point)) -> Advance {
        let advance = if let Some(part) = self.part.take() {
            self.advance_part(part);
            Advance::Boundary
        } else if self.ended.is_some() {
            Advance::Boundary
        } else {
            match self.learner.advance(record) {
                Advance::Finished(reason) => {
                    // What ran away is not worth a calibration: its probabilities are those of an unfinished model.
                    let diverged = matches!(reason, StopReason::Diverged { .. });
                    self.ended = Some(reason);
                    if !diverged {
                        self.next_part();
                    }
                    Advance::Boundary
                }
                other => other,
            }
        };
        self.fraction = self.fraction.max(self.estimated_fraction());
        match &self.ended {
            Some(reason) if self.is_finished() => Advance::Finished(reason.clone()),
            _ => advance,
        }
    }

    fn progress(&self) -> Progress {
        let own = self.learner.progress();
        let Some(part) = &self.part else {
            return Progress { fraction: self.fraction, rows_seen: own.rows_seen + self.rows_seen, ..own };
        };
        let of_part = part.learner.progress();
        let in_part = if part.scoring.is_some() { 0 } else { of_part.rows_seen };
        Progress {
            phase: Phase::Calibration { part: self.parts_done, of: self.parts.len() },
            done: of_part.done,
            planned: None,
            fraction: self.fraction,
            rows_seen: own.rows_seen + self.rows_seen + in_part,
        }
    }

    fn tune(&mut self, tunables: &Tunables) {
        self.learner.tune(tunables);
    }

    fn skip_search(&mut self) {
        self.learner.skip_search();
    }

    fn classifier(&self) -> Arc<dyn Classifier> {
        let model = self.learner.classifier();
        match self.calibration.clone().or_else(|| self.fitted()) {
            Some(calibration) => Arc::new(CalibratedClassifier { model, calibration }),
            None => model,
        }
    }

    fn facts(&self) -> FitFacts {
        self.learner.facts()
    }

    fn notices(&self) -> Vec<String> {
        let mut notices = self.learner.notices();
        let wanted = self.settings.method != CalibrationMethod::None;
        let diverged = matches!(self.ended, Some(StopReason::Diverged { .. }));
        if wanted && !diverged && self.is_finished() && self.calibration.is_none() {
            notices.push(
                "its probabilities are as it says them itself, since too few rows (or enterprises) of a class are left to \
                 calibrate on rows it has not seen"
                    .to_owned(),
            );
        }
        notices
    }

    fn validation(&self) -> Vec<(usize, f64)> {
        let Some(calibration) = self.calibration.as_ref().filter(|_| self.is_finished()) else { return Vec::new() };
        let HeldOut { rows, scores, .. } = &self.held_out;
        rows.iter().zip(scores).map(|(&row, &score)| (row, calibration.probability(score))).collect()
    }

    fn monitors(&self) -> Monitors {
        self.learner.monitors()
    }

    fn state(&self) -> Option<NetState> {
        self.learner.state()
    }

    fn moment(&self) -> Option<Moment> {
        self.learner.moment()
    }

    fn edits(&self) -> Vec<Edit> {
        self.learner.edits()
    }

    fn state_bytes(&self) -> Option<usize> {
        self.learner.state_bytes()
    }

    /// Of the fit on all rows: refits for the calibration are on others.
    fn support(&self) -> Vec<Support> {
        self.learner.support()
    }
}

/// A classifier's scores, and the curve that makes probabilities of them.
struct CalibratedClassifier {
    model: Arc<dyn Classifier>,
    calibration: Calibration,
}

impl Classifier for CalibratedClassifier {
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Array2<f64> {
        self.answers(x).1
    }

    fn scores(&self, x: ArrayView2<'_, f32>) -> Array1<f64> {
        self.model.scores(x)
    }

    fn answers(&self, x: ArrayView2<'_, f32>) -> (Array1<f64>, Array2<f64>) {
        let scores = self.model.scores(x);
        let probabilities = self.calibration.probabilities(&scores);
        (scores, probabilities)
    }

    fn fitted(&self) -> Option<FittedModel> {
        let FittedModel { answers, .. } = self.model.fitted()?;
        Some(FittedModel { answers, calibration: Some(self.calibration.clone()) })
    }
}

#[cfg(test)]
mod tests;
