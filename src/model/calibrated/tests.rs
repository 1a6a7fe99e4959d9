use ndarray::{Array2, array};

use super::*;
use crate::model::calibration::Platt;

/// Scores rows by their first input; says how often it was made and on which rows.
struct Scorer {
    n_rows: usize,
    steps: u32,
    ends: StopReason,
    own: Option<Vec<(usize, f64)>>,
    /// Added to the score, so that refits on different rows differ.
    shift: f64,
}

impl Scorer {
    fn new(set: &TrainingSet) -> Self {
        let shift = f64::from(set.x.column(0).mean().unwrap_or(0.0));
        Self { n_rows: set.y.len(), steps: 0, ends: StopReason::Completed, own: None, shift }
    }
}

impl Learner for Scorer {
    fn advance(&mut self, record: &mut dyn FnMut(Point)) -> Advance {
        if self.steps == 2 {
            return Advance::Finished(self.ends.clone());
        }
        self.steps += 1;
        record(Point { series: crate::model::Series::LossTraining, x: f64::from(self.steps), y: 1.0 });
        Advance::Boundary
    }

    fn progress(&self) -> Progress {
        let fraction = f64::from(self.steps) / 2.0;
        let rows_seen = u64::from(self.steps) * self.n_rows as u64;
        Progress { phase: Phase::SvmFit, done: u64::from(self.steps), planned: None, fraction, rows_seen }
    }

    fn classifier(&self) -> Arc<dyn Classifier> {
        Arc::new(Model(self.shift))
    }

    fn facts(&self) -> FitFacts {
        FitFacts::Plain {}
    }
}

impl Refit for Scorer {
    fn held_out_scores(&self) -> Option<Vec<(usize, f64)>> {
        self.own.clone()
    }

    fn refit(&self, set: Arc<TrainingSet>) -> Result<Box<dyn Learner>, ModelError> {
        Ok(Box::new(Self::new(&set)))
    }
}

struct Model(f64);

impl Classifier for Model {
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Array2<f64> {
        Array2::from_elem((x.nrows(), 2), 0.5)
    }

    fn scores(&self, x: ArrayView2<'_, f32>) -> Array1<f64> {
        x.column(0).mapv(|x| f64::from(x) + self.0)
    }
}

fn set(n: usize) -> Arc<TrainingSet> {
    let x = Array2::from_shape_fn((n, 1), |(row, _)| (row * 7 % 13) as f32 - 6.0);
    let y = (0..n).map(|row| usize::from(x[[row, 0]] + (row % 5) as f32 > 3.0)).collect();
    let groups = (0..n as u32).map(|row| row / 2).collect();
    Arc::new(TrainingSet { x, y, x_unlabelled: array![[1.0]], n_classes: 2, groups })
}

fn finish(learner: &mut dyn Learner) -> (StopReason, usize) {
    let mut points = 0;
    loop {
        if let Advance::Finished(reason) = learner.advance(&mut |_| points += 1) {
            return (reason, points);
        }
    }
}

#[test]
fn refits_without_each_part_give_the_curve() {
    let set = set(120);
    let mut learner = Calibrated::new(Arc::clone(&set), Scorer::new(&set), CalibrationSettings::default(), 3);
    // Points of refits are not those of the fit.
    assert_eq!(finish(&mut learner), (StopReason::Completed, 2));

    let parts = stratified_parts(&set, 3, &mut stream(3, Purpose::Calibration, 0));
    let (mut scores, mut bad) = (Vec::new(), Vec::new());
    for part in &parts {
        let rest: Vec<usize> = (0..120).filter(|row| !part.contains(row)).collect();
        // Rows of a group are on one side.
        assert!(part.iter().all(|row| !rest.contains(&(row ^ 1))));
        let mean = rest.iter().map(|&row| f64::from(set.x[[row, 0]])).sum::<f64>() / rest.len() as f64;
        scores.extend(part.iter().map(|&row| f64::from(set.x[[row, 0]]) + mean));
        bad.extend(part.iter().map(|&row| set.y[row] == 1));
    }
    let expected = Platt::fit_rising(&scores, &bad);
    let classifier = learner.classifier();
    let (scores, probabilities) = (classifier.scores(set.x.view()), classifier.probabilities(set.x.view()));
    for row in 0..120 {
        assert!((probabilities[[row, 1]] - expected.probability(scores[row])).abs() < 1e-5);
    }
    assert_eq!(learner.progress().rows_seen, 2 * 120 + 2 * 240);

    // A cut-off is chosen on the same rows: each once, by the refit that had not seen it.
    let mut validation = learner.validation();
    validation.sort_unstable_by_key(|&(row, _)| row);
    assert_eq!(validation.iter().map(|&(row, _)| row).collect::<Vec<_>>(), (0..120).collect::<Vec<_>>());
    for part in &parts {
        let rest: Vec<usize> = (0..120).filter(|row| !part.contains(row)).collect();
        let mean = rest.iter().map(|&row| f64::from(set.x[[row, 0]])).sum::<f64>() / rest.len() as f64;
        for &row in part {
            let expected = expected.probability(f64::from(set.x[[row, 0]]) + mean);
            assert!((validation[row].1 - expected).abs() < 1e-5);
        }
    }
}

#[test]
fn scores_that_the_learner_makes_itself_are_used_and_nothing_is_refitted() {
    let set = set(60);
    let own: Vec<(usize, f64)> = (0..60).map(|row| (row, f64::from(set.x[[row, 0]]))).collect();
    let scorer = Scorer { own: Some(own.clone()), ..Scorer::new(&set) };
    let mut learner = Calibrated::new(Arc::clone(&set), scorer, CalibrationSettings::default(), 3);
    finish(&mut learner);
    assert_eq!(learner.progress().rows_seen, 120);
    let (scores, bad): (Vec<f64>, Vec<bool>) = own.iter().map(|&(row, score)| (score, set.y[row] == 1)).unzip();
    let expected = Platt::fit_rising(&scores, &bad);
    let classifier = learner.classifier();
    let score = classifier.scores(set.x.view())[7];
    assert_eq!(classifier.probabilities(set.x.view())[[7, 1]], expected.probability(score));
}

#[test]
fn what_ran_away_or_cannot_be_divided_keeps_its_own_probabilities() {
    let set = set(60);
    let diverged = StopReason::Diverged { phase: String::new(), epoch: 1, rate: 1.0, try_rate: 0.1 };
    let scorer = Scorer { ends: diverged.clone(), ..Scorer::new(&set) };
    let mut learner = Calibrated::new(Arc::clone(&set), scorer, CalibrationSettings::default(), 3);
    assert_eq!(finish(&mut learner).0, diverged);
    let mut lonely = (*set).clone();
    lonely.y = (0..60).map(|row| usize::from(row == 8)).collect();
    let lonely = Arc::new(lonely);
    let mut alone = Calibrated::new(Arc::clone(&lonely), Scorer::new(&lonely), CalibrationSettings::default(), 3);
    finish(&mut alone);
    assert!(learner.notices().is_empty() && alone.notices()[0].contains("calibrate"));
    for learner in [&learner, &alone] {
        assert!(learner.classifier().probabilities(set.x.view()).iter().all(|&p| p == 0.5));
    }
}
