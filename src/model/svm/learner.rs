//! The SVM as a [`Learner`]: one fit on all labelled rows, then refits on parts of them for honest probabilities.
//!
//! The decision values of rows that took part in a fit are too sure of themselves, so the probability is calibrated (Platt)
//! on values of rows held out from refits, in stratified parts. All rows count the same in the calibration even when
//! classes are weighted in the fits, so that the probabilities keep the base rate.
//!
//! Calibrated on what there is: with fewer rows of a class than parts, there are fewer parts; with a single row of a class,
//! and as long as no part is ready when stopped early, the fit's own rows have to serve, and the probabilities are too sure.

use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand::seq::SliceRandom as _;

use super::machine::{Evaluation, SvmModel};
use super::problem::Problem;
use super::settings::{ClassWeight, SvmParameters};
use super::solver::{Limits, Solver};
use crate::model::calibration::Platt;
use crate::model::{
    Advance, Classifier, FitFacts, Learner, ModelError, Phase, Point, Progress, StopReason, TrainingSet,
};
use crate::random::{Purpose, stream};

/// Units of work in one portion (see [`Solver::advance`]): a few milliseconds.
const PORTION: u64 = 2_000_000;

/// Fits, calibrates, and keeps the best model so far at hand.
#[derive(Clone, Debug)]
pub struct SvmLearner {
    set: Arc<TrainingSet>,
    parameters: SvmParameters,
    /// The rows with C = 1, from which the problems of the fits are made.
    rows: Problem,
    solver: Solver,
    /// The rows held out in each part. Empty where no part can be made.
    parts: Vec<Vec<usize>>,
    part: Option<Part>,
    held_out: HeldOut,
    platt: Option<Platt>,
    rows_seen_in_parts: u64,
    fraction: f64,
}

/// One refit, and then the decision values of the rows held out from it.
#[derive(Clone, Debug)]
struct Part {
    index: usize,
    solver: Solver,
    scoring: Option<(Evaluation, Array2<f32>)>,
}

/// Decision values of held-out rows, and whether each row is bad.
#[derive(Clone, Debug, Default)]
struct HeldOut {
    decisions: Vec<f64>,
    bad: Vec<bool>,
}

impl SvmLearner {
    /// A learner for the labelled rows of `set`, class 1 being the bad one. The seed decides which rows go to which part of
    /// the calibration ([`Purpose::Calibration`]); the fit itself draws no random number.
    ///
    /// # Errors
    /// [`ModelError::NotTwoClasses`], [`ModelError::TooFewRows`] below two labelled rows, [`ModelError::OneClass`], and those
    /// of [`TrainingSet::check_labelled`].
    pub fn new(set: Arc<TrainingSet>, parameters: SvmParameters, seed: u64) -> Result<Self, ModelError> {
        let rows = Problem::of_set(&set)?;
        let parts = stratified_parts(&set.y, parameters.settings().calibration_parts, seed);
        let solver = solver(&rows, &parameters, true);
        Ok(Self {
            set,
            parameters,
            rows,
            solver,
            parts,
            part: None,
            held_out: HeldOut::default(),
            platt: None,
            rows_seen_in_parts: 0,
            fraction: 0.0,
        })
    }

    /// Starts the refit of part `index`, or calibrates and is done when there are no more parts.
    fn start_part(&mut self, index: usize) {
        let Some(held_out) = self.parts.get(index) else {
            self.part = None;
            self.platt = Some(self.best_calibration());
            return;
        };
        let mut taken = vec![true; self.rows.n_rows()];
        for &row in held_out {
            taken[row] = false;
        }
        let taken: Vec<usize> = (0..taken.len()).filter(|&row| taken[row]).collect();
        let solver = solver(&self.rows.at(&taken), &self.parameters, false);
        self.part = Some(Part { index, solver, scoring: None });
    }

    /// One portion of the present part.
    fn advance_part(&mut self, mut part: Part) {
        let held_out = &self.parts[part.index];
        let Some((scoring, x)) = &mut part.scoring else {
            if part.solver.advance(PORTION, &mut |_| {}).is_some() {
                part.solver.release_cache();
                let x = self.set.x.select(Axis(0), held_out);
                part.scoring = Some((Evaluation::new(part.solver.model()), x));
            }
            self.part = Some(part);
            return;
        };
        if let Some(values) = scoring.advance(x, PORTION).1 {
            self.held_out.decisions.extend(values);
            self.held_out.bad.extend(held_out.iter().map(|&row| self.set.y[row] == 1));
            self.rows_seen_in_parts += rows_seen(&part.solver);
            self.start_part(part.index + 1);
        } else {
            self.part = Some(part);
        }
    }

    /// From the held-out values there are, else from the fit's own rows.
    fn best_calibration(&self) -> Platt {
        if self.held_out.decisions.is_empty() {
            let bad: Vec<bool> = self.rows.y().iter().map(|&y| y > 0.0).collect();
            Platt::fit_rising(&self.solver.own_decision_values(), &bad)
        } else {
            Platt::fit_rising(&self.held_out.decisions, &self.held_out.bad)
        }
    }

    /// The share of all the work that is done, as far as the gaps tell. A refit on all but one of p parts costs about
    /// ((p − 1)/p)² of the full fit.
    fn estimated_fraction(&self) -> f64 {
        let tolerance = self.parameters.settings().tolerance;
        let n_parts = self.parts.len() as f64;
        let part_cost = if self.parts.is_empty() { 0.0 } else { ((n_parts - 1.0) / n_parts).powi(2) };
        let parts_done = match (&self.platt, &self.part) {
            (Some(_), _) => return 1.0,
            (None, Some(part)) => part.index as f64 + fraction_by_gap(&part.solver, tolerance),
            (None, None) => 0.0,
        };
        (fraction_by_gap(&self.solver, tolerance) + part_cost * parts_done) / (1.0 + part_cost * n_parts)
    }
}

/// A solver for C-SVC on the given rows.
fn solver(rows: &Problem, parameters: &SvmParameters, certify: bool) -> Solver {
    let settings = parameters.settings();
    let limits = Limits {
        tolerance: settings.tolerance,
        max_iterations: settings.max_iterations,
        cache_bytes: settings.cache_mb.saturating_mul(1 << 20),
        certify,
    };
    let problem = rows.clone().bounded(settings.c, settings.class_weight == ClassWeight::Balanced);
    let kernel = parameters.kernel(problem.x().ncols());
    Solver::new(problem, kernel, limits)
}

/// How far the gap has come on a log axis from its first value, 2, to the tolerance.
fn fraction_by_gap(solver: &Solver, tolerance: f64) -> f64 {
    if solver.stop_reason().is_some() {
        return 1.0;
    }
    ((2.0 / solver.gap()).ln() / (2.0 / tolerance).ln()).clamp(0.0, 1.0)
}

fn rows_seen(solver: &Solver) -> u64 {
    solver.iterations() * solver.problem().n_rows() as u64
}

/// Deals the rows of each class, shuffled, to `n_parts` parts in turn: to fewer where a class has fewer rows, and to none
/// where a class has a single row, for then no refit could do without it.
fn stratified_parts(classes: &[usize], n_parts: usize, seed: u64) -> Vec<Vec<usize>> {
    let mut by_class = [0, 1].map(|class| (0..classes.len()).filter(|&row| classes[row] == class).collect::<Vec<_>>());
    let n_parts = by_class.iter().map(Vec::len).fold(n_parts, usize::min);
    if n_parts < 2 {
        return Vec::new();
    }
    let mut random = stream(seed, Purpose::Calibration, 0);
    for rows in &mut by_class {
        rows.shuffle(&mut random);
    }
    let mut parts = vec![Vec::new(); n_parts];
    for (place, &row) in by_class.iter().flatten().enumerate() {
        parts[place % n_parts].push(row);
    }
    for rows in &mut parts {
        rows.sort_unstable();
    }
    parts
}

impl Learner for SvmLearner {
    fn advance(&mut self, record: &mut dyn FnMut(Point)) -> Advance {
        match self.part.take() {
            _ if self.platt.is_some() => {}
            Some(part) => self.advance_part(part),
            None => {
                if self.solver.advance(PORTION, record).is_some() {
                    self.solver.release_cache();
                    self.start_part(0);
                }
            }
        }
        self.fraction = self.fraction.max(self.estimated_fraction());
        match (&self.platt, self.solver.stop_reason()) {
            (Some(_), Some(reason)) => Advance::Finished(reason),
            _ => Advance::Boundary,
        }
    }

    fn progress(&self) -> Progress {
        let (phase, done) = match (&self.platt, &self.part) {
            (Some(_), _) => (Phase::Finished, self.solver.iterations()),
            (None, Some(part)) => (Phase::Calibration { part: part.index }, part.solver.iterations()),
            (None, None) => (Phase::SvmFit, self.solver.iterations()),
        };
        let in_part = self.part.as_ref().map_or(0, |part| rows_seen(&part.solver));
        let rows_seen = rows_seen(&self.solver) + self.rows_seen_in_parts + in_part;
        Progress { phase, done, planned: None, fraction: self.fraction, rows_seen }
    }

    fn classifier(&self) -> Arc<dyn Classifier> {
        let platt = self.platt.unwrap_or_else(|| self.best_calibration());
        Arc::new(SvmClassifier { model: self.solver.model(), platt })
    }

    fn facts(&self) -> FitFacts {
        FitFacts::Svm {
            support_vectors: self.solver.model().n_support(),
            iterations: self.solver.iterations(),
            objective: self.solver.objective(),
            max_kkt_violation: self.solver.gap(),
            stop_reason: self.solver.stop_reason().unwrap_or(StopReason::Stopped),
        }
    }
}

/// Decision values and the calibration that makes probabilities of them.
#[derive(Clone, Debug)]
struct SvmClassifier {
    model: SvmModel,
    platt: Platt,
}

impl Classifier for SvmClassifier {
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Array2<f64> {
        let decisions = self.model.decision_values(&x);
        let mut probabilities = Array2::zeros((decisions.len(), 2));
        for (mut row, &decision) in probabilities.outer_iter_mut().zip(&decisions) {
            let bad = self.platt.probability(decision);
            row[0] = 1.0 - bad;
            row[1] = bad;
        }
        probabilities
    }

    fn scores(&self, x: ArrayView2<'_, f32>) -> Array1<f64> {
        self.model.decision_values(&x)
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::SvmSettings;
    use super::*;
    use crate::model::Series;
    use rand::RngExt as _;

    /// Two overlapping clouds, `n_bad` of `n` rows around (1, 1), the others around (−1, −1).
    fn clouds(n: usize, n_bad: usize, seed: u64) -> Arc<TrainingSet> {
        let mut random = stream(seed, Purpose::Sample, 2);
        let y: Vec<usize> = (0..n).map(|row| usize::from(row < n_bad)).collect();
        let x = Array2::from_shape_fn((n, 2), |(row, _)| {
            let centre = if y[row] == 1 { 1.0 } else { -1.0 };
            centre + random.random_range(-2.0_f32..2.0)
        });
        Arc::new(TrainingSet { x, y, x_unlabelled: Array2::zeros((0, 2)), n_classes: 2 })
    }

    fn learner(set: &Arc<TrainingSet>, settings: &SvmSettings) -> SvmLearner {
        SvmLearner::new(Arc::clone(set), settings.check().unwrap(), 5).unwrap()
    }

    /// Runs to the end, holding up the contract on the way.
    fn run(learner: &mut SvmLearner) -> (StopReason, Vec<Point>, Vec<Phase>) {
        let (mut points, mut phases, mut fraction) = (Vec::new(), vec![learner.progress().phase], 0.0);
        loop {
            let advance = learner.advance(&mut |point| points.push(point));
            let progress = learner.progress();
            assert!(progress.fraction >= fraction && progress.fraction <= 1.0);
            fraction = progress.fraction;
            if phases.last() != Some(&progress.phase) {
                phases.push(progress.phase);
            }
            if let Advance::Finished(reason) = advance {
                assert_eq!(fraction, 1.0);
                assert_eq!(learner.advance(&mut |_| unreachable!()), Advance::Finished(reason.clone()));
                return (reason, points, phases);
            }
        }
    }

    #[test]
    fn phases_points_and_answers() {
        let set = clouds(300, 90, 1);
        let mut learner = learner(&set, &SvmSettings::default());
        let (reason, points, phases) = run(&mut learner);
        assert_eq!(reason, StopReason::Converged);
        let part = |part| Phase::Calibration { part };
        assert_eq!(phases, [Phase::SvmFit, part(0), part(1), part(2), Phase::Finished]);

        let gaps: Vec<&Point> = points.iter().filter(|point| point.series == Series::KktGap).collect();
        assert_eq!((gaps[0].x, gaps[0].y), (0.0, 2.0));
        let FitFacts::Svm { iterations, objective, max_kkt_violation, support_vectors, .. } = learner.facts() else {
            unreachable!()
        };
        let last = points.last().unwrap();
        assert_eq!((last.series, last.x, last.y), (Series::DualObjective, iterations as f64, objective));
        assert_eq!(gaps.last().unwrap().y, max_kkt_violation);
        assert!(max_kkt_violation < 1e-3 && support_vectors > 2 && points.len() < 1000);

        let classifier = learner.classifier();
        let scores = classifier.scores(set.x.view());
        let probabilities = classifier.probabilities(set.x.view());
        let right = (0..300).filter(|&row| (probabilities[[row, 1]] > 0.5) == (set.y[row] == 1)).count();
        assert!(right > 260, "{right} of 300");
        for row in 1..300 {
            assert!((probabilities.row(row).sum() - 1.0).abs() < 1e-12);
            let rises = |a: usize, b: usize| scores[a] < scores[b] && probabilities[[a, 1]] > probabilities[[b, 1]];
            assert!(!rises(row - 1, row) && !rises(row, row - 1));
        }
    }

    #[test]
    fn class_weights_move_the_border_but_not_the_base_rate() {
        let set = clouds(600, 90, 2);
        let with = |class_weight| SvmSettings { class_weight, ..SvmSettings::default() };
        let answers = |settings: &SvmSettings| {
            let mut learner = learner(&set, settings);
            run(&mut learner);
            let classifier = learner.classifier();
            let n_above = classifier.scores(set.x.view()).iter().filter(|&&score| score > 0.0).count();
            (n_above, classifier.probabilities(set.x.view()).column(1).mean().unwrap())
        };
        let (plain, plain_rate) = answers(&with(ClassWeight::None));
        let (weighted, weighted_rate) = answers(&with(ClassWeight::Balanced));
        assert!(weighted > plain + 20, "{weighted} against {plain}");
        assert!((plain_rate - 0.15).abs() < 0.03 && (weighted_rate - 0.15).abs() < 0.03);
    }

    #[test]
    fn usable_at_every_moment() {
        let set = clouds(2500, 1000, 3);
        let mut learner = learner(&set, &SvmSettings { c: 100.0, ..SvmSettings::default() });
        let mut moments = 0;
        loop {
            let probabilities = learner.classifier().probabilities(set.x.view());
            assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
            assert!(matches!(learner.facts(), FitFacts::Svm { .. }));
            moments += 1;
            if let Advance::Finished(_) = learner.advance(&mut |_| {}) {
                break;
            }
        }
        assert!(moments > 5);
    }

    #[test]
    fn parts_are_stratified_and_as_many_as_possible() {
        let classes: Vec<usize> = (0..20).map(|row| usize::from(row % 4 == 0)).collect();
        let parts = stratified_parts(&classes, 3, 1);
        let mut all: Vec<usize> = parts.concat();
        all.sort_unstable();
        assert_eq!(all, (0..20).collect::<Vec<_>>());
        for part in &parts {
            assert!((6..=7).contains(&part.len()));
            assert!((1..=2).contains(&part.iter().filter(|&&row| classes[row] == 1).count()));
        }
        assert_ne!(parts, stratified_parts(&classes, 3, 2));
        assert_eq!(stratified_parts(&[0, 0, 0, 1, 1], 3, 1).len(), 2);
        assert!(stratified_parts(&[0, 0, 0, 1], 3, 1).is_empty());
    }

    #[test]
    fn a_single_bad_row_is_calibrated_on_the_fit_itself() {
        let set = clouds(30, 1, 4);
        let mut learner = learner(&set, &SvmSettings::default());
        let (reason, _, phases) = run(&mut learner);
        assert_eq!((reason, phases), (StopReason::Converged, vec![Phase::SvmFit, Phase::Finished]));
        assert!(learner.classifier().probabilities(set.x.view()).iter().all(|p| p.is_finite()));
    }

    #[test]
    fn faults_of_the_set_are_named() {
        let fault = |change: &dyn Fn(&mut TrainingSet)| {
            let mut set = (*clouds(10, 4, 1)).clone();
            change(&mut set);
            SvmLearner::new(Arc::new(set), SvmSettings::default().check().unwrap(), 1).map(|_| ()).unwrap_err()
        };
        assert_eq!(fault(&|set| set.y.fill(0)), ModelError::OneClass);
        assert_eq!(fault(&|set| set.n_classes = 3), ModelError::NotTwoClasses { n_classes: 3 });
        assert_eq!(fault(&|set| set.x[[4, 1]] = f32::NAN), ModelError::NotFinite { row: 4, column: 1 });
        assert_eq!(fault(&|set| set.y.truncate(9)), ModelError::LabelCount { n_rows: 10, n_labels: 9 });
        let one_row = |set: &mut TrainingSet| {
            set.x = Array2::zeros((1, 2));
            set.y = vec![1];
        };
        assert_eq!(fault(&one_row), ModelError::TooFewRows { n_rows: 1, needed: 2 });
    }
}
