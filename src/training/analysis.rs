//! What is worked out of a comparison beside its means: intervals, calibration, tests on the rows, and the rows on which two
//! models disagree. It takes a while on large tables, and nothing waits for it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Comparison, FoldResult, ModelKind, ModelResult, RunSpec, TrainingError, worker};
use crate::data::Dataset;
use crate::evaluation::{
    AucInterval, DeLong, Intervals, Mcnemar, ReliabilityBin, Tested, auc_interval, bootstrap, delong, holm, mcnemar,
    reliability,
};

/// Resamples of the bootstrap for tables of moderate size.
const RESAMPLES: usize = 1000;
/// Rows weighed over all resamples at most: on long tables there are fewer resamples, and their intervals are narrow anyway.
const MOST_WEIGHED: usize = 200_000_000;
/// Fewest resamples: 2.5 % of them are still several.
const FEWEST_RESAMPLES: usize = 200;
/// Bins of the reliability diagram.
const BINS: usize = 10;

/// What is worked out of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Each model on its own, in the order of the comparison.
    pub models: Vec<ModelAnalysis>,
    /// The first model against each other.
    pub pairs: Vec<PairTests>,
    /// Rows that the first two models call differently.
    pub disagreements: Vec<Disagreement>,
    /// Resamples behind the intervals.
    pub resamples: usize,
    /// Whether whole enterprises were resampled.
    pub by_enterprise: bool,
}

/// One model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelAnalysis {
    /// Which.
    pub kind: ModelKind,
    /// The bootstrap's intervals; `None` without finished folds.
    pub intervals: Option<Intervals>,
    /// `DeLong`'s interval of the AUC, where there is a single split.
    pub auc_interval: Option<AucInterval>,
    /// Predicted against observed, over the held-out rows of the first repeat.
    pub reliability: Vec<ReliabilityBin>,
}

/// Tests of the first model against another.
#[derive(Clone, Debug, PartialEq)]
pub struct PairTests {
    /// The first model.
    pub a: ModelKind,
    /// The other.
    pub b: ModelKind,
    /// `DeLong`'s test of the AUCs, where there is a single split: scores of different fits are on no common scale.
    pub delong: Option<DeLong>,
    /// `McNemar`'s test of the calls on the held-out rows of the first repeat, each row once.
    pub mcnemar: Option<Mcnemar>,
    /// The p-value of the corrected resampled t-test on the metric of the verdict, adjusted for the number of comparisons by
    /// Holm's method.
    pub corrected_t_holm: Option<f64>,
    /// As many were compared.
    pub comparisons: usize,
}

/// A row that two models call differently.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disagreement {
    /// Row of the dataset.
    pub row: usize,
    /// What happened.
    pub bad: bool,
    /// Probability of the bad outcome by the first and by the second model.
    pub pd: [f64; 2],
    /// Whether the first calls it bad; the second then does not.
    pub first_calls_bad: bool,
}

impl Analysis {
    /// What there is of a model.
    pub fn model(&self, kind: ModelKind) -> Option<&ModelAnalysis> {
        self.models.iter().find(|model| model.kind == kind)
    }

    /// The tests of the first model against `kind`.
    pub fn against(&self, kind: ModelKind) -> Option<&PairTests> {
        self.pairs.iter().find(|pair| pair.b == kind)
    }
}

/// Analyses a comparison of models on `data`, made with the settings of `spec`, on up to `threads` threads. `None` when
/// `stop` was set on the way.
///
/// # Errors
/// When a part of the work panicked.
pub fn analyse(
    data: &Dataset,
    spec: &RunSpec,
    comparison: &Comparison,
    threads: usize,
    stop: &AtomicBool,
) -> Result<Option<Analysis>, TrainingError> {
    let weighed: usize =
        comparison.models.iter().map(|m| m.folds.iter().map(|f| f.fit.test_rows.len()).sum()).max().unwrap_or(0);
    let resamples = (MOST_WEIGHED / weighed.max(1)).clamp(FEWEST_RESAMPLES, RESAMPLES);
    let found: Vec<Mutex<Option<ModelAnalysis>>> = comparison.models.iter().map(|_| Mutex::new(None)).collect();
    worker::parallel(found.len(), threads, &|i| {
        let of_model = of_model((data, spec), &comparison.models[i], comparison.n_splits == 1, resamples, stop);
        *found[i].lock().unwrap_or_else(std::sync::PoisonError::into_inner) = of_model;
    })?;
    if stop.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let models =
        found.into_iter().filter_map(|found| found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner));
    Ok(Some(Analysis {
        models: models.collect(),
        pairs: pairs(comparison),
        disagreements: match &comparison.models[..] {
            [first, second, ..] => disagreements(first, second),
            _ => Vec::new(),
        },
        resamples,
        by_enterprise: data.enterprise.is_some(),
    }))
}

fn of_model(
    (data, spec): (&Dataset, &RunSpec),
    model: &ModelResult,
    single_split: bool,
    resamples: usize,
    stop: &AtomicBool,
) -> Option<ModelAnalysis> {
    // Rows of one enterprise are no independent evidence.
    let unit = |&row: &usize| data.enterprise.as_ref().map_or(row as u32, |enterprise| enterprise[row]);
    let units: Vec<Vec<u32>> = model.folds.iter().map(|fold| fold.fit.test_rows.iter().map(unit).collect()).collect();
    let parts: Vec<Tested<'_>> = model
        .folds
        .iter()
        .zip(&units)
        .filter_map(|(fold, units)| {
            let answers = &fold.scored.answers;
            let threshold = fold.scored.metrics.threshold?;
            Some(Tested { bad: &answers.bad, score: &answers.score, pd: &answers.pd, threshold, units })
        })
        .collect();
    let settings = &spec.settings;
    let stopped = || stop.load(Ordering::Relaxed);
    let intervals = bootstrap(&parts, settings.money.costs(), resamples, settings.seed, &stopped);
    let single = model.folds.first().filter(|_| single_split).map(|fold| &fold.scored.answers);
    let (bad, pd) = first_repeat(model);
    (!stopped()).then(|| ModelAnalysis {
        kind: model.kind,
        intervals: intervals.filter(|_| !parts.is_empty()),
        auc_interval: single.and_then(|answers| auc_interval(&answers.bad, &answers.score)),
        reliability: reliability(&bad, &pd, BINS),
    })
}

/// Outcomes and probabilities of the held-out rows of the first repeat.
fn first_repeat(model: &ModelResult) -> (Vec<bool>, Vec<f64>) {
    let folds = || model.folds.iter().filter(|fold| fold.fit.repeat == 0).map(|fold| &fold.scored.answers);
    (folds().flat_map(|a| a.bad.iter().copied()).collect(), folds().flat_map(|a| a.pd.iter().copied()).collect())
}

/// The folds of the first repeat that both finished.
fn shared<'a>(a: &'a ModelResult, b: &'a ModelResult) -> impl Iterator<Item = (&'a FoldResult, &'a FoldResult)> {
    a.folds.iter().filter(|fold| fold.fit.repeat == 0).filter_map(|fold| {
        let other = b.folds.iter().find(|o| (o.fit.repeat, o.fit.fold) == (0, fold.fit.fold))?;
        Some((fold, other))
    })
}

/// Whether each held-out row of a fold is called bad.
fn calls(fold: &FoldResult) -> impl Iterator<Item = bool> {
    let threshold = fold.scored.metrics.threshold.unwrap_or(f64::INFINITY);
    fold.scored.answers.pd.iter().map(move |&pd| pd >= threshold)
}

fn pairs(comparison: &Comparison) -> Vec<PairTests> {
    let Some((first, others)) = comparison.models.split_first() else { return Vec::new() };
    let p_value = |other: &ModelResult| {
        let against = comparison.comparisons.iter().find(|c| c.b == other.kind.key());
        // The majority is the floor of every table and needs no test.
        against.filter(|_| other.kind != ModelKind::Majority).and_then(|c| c.corrected_t_p)
    };
    let p: Vec<Option<f64>> = others.iter().map(p_value).collect();
    let adjusted = holm(&p);
    let comparisons = p.iter().flatten().count();
    others
        .iter()
        .zip(adjusted)
        .map(|(other, corrected_t_holm)| {
            let single = comparison.n_splits == 1;
            let holdout = single.then(|| shared(first, other).next()).flatten();
            let delong = holdout
                .and_then(|(a, b)| delong(&a.scored.answers.bad, &a.scored.answers.score, &b.scored.answers.score));
            let (mut bad, mut of_first, mut of_other) = (Vec::new(), Vec::new(), Vec::new());
            for (a, b) in shared(first, other) {
                bad.extend(a.scored.answers.bad.iter().copied());
                of_first.extend(calls(a));
                of_other.extend(calls(b));
            }
            let mcnemar = mcnemar(&bad, &of_first, &of_other);
            PairTests { a: first.kind, b: other.kind, delong, mcnemar, corrected_t_holm, comparisons }
        })
        .collect()
}

fn disagreements(first: &ModelResult, second: &ModelResult) -> Vec<Disagreement> {
    let mut found = Vec::new();
    for (a, b) in shared(first, second) {
        let rows = a.fit.test_rows.iter().zip(a.scored.answers.bad.iter());
        let pd = a.scored.answers.pd.iter().zip(&b.scored.answers.pd);
        for (((&row, &bad), (&pd_a, &pd_b)), (first_calls_bad, second_calls_bad)) in
            rows.zip(pd).zip(calls(a).zip(calls(b)))
        {
            if first_calls_bad != second_calls_bad {
                found.push(Disagreement { row, bad, pd: [pd_a, pd_b], first_calls_bad });
            }
        }
    }
    found.sort_unstable_by_key(|disagreement| disagreement.row);
    found
}
