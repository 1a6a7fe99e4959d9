//! What finished cells come to: comparisons of the first model with the others, the verdict, and what there is to know.

use super::{Comparison, ModelResult};
use crate::evaluation::{self, Contender, Metric, Metrics, Verdict, mean_test_share, verdict};
use crate::model::StopReason;
use crate::training::ModelKind;

/// Figures of one model on the folds that `other` finished too.
fn shared_folds(a: &ModelResult, b: &ModelResult) -> (Vec<Metrics>, Vec<Metrics>, Vec<(usize, usize)>) {
    let (mut of_a, mut of_b, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
    for fold in &a.folds {
        if let Some(other) = b.folds.iter().find(|o| (o.fit.repeat, o.fit.fold) == (fold.fit.repeat, fold.fit.fold)) {
            of_a.push(fold.scored.metrics);
            of_b.push(other.scored.metrics);
            sizes.push((fold.fit.n_train, fold.fit.test_rows.len()));
        }
    }
    (of_a, of_b, sizes)
}

/// A verdict about models of which one failed would be about something else.
fn diverged(a: &ModelResult, b: &ModelResult) -> Option<Verdict> {
    let failed = |model: &ModelResult| model.folds.iter().filter(|f| f.fit.diverged()).count();
    let model = [a, b].into_iter().find(|m| failed(m) > 0)?;
    let failure = model.folds.iter().find(|f| f.fit.diverged());
    let reason = failure.map(|f| f.fit.stop_reason.to_string()).unwrap_or_default();
    Some(Verdict {
        headline: format!(
            "The {} failed in {} of {} folds: nothing can be concluded",
            model.kind.title(),
            failed(model),
            model.folds.len()
        ),
        detail: format!("{reason}."),
        p: None,
    })
}

impl Comparison {
    /// Two of its models on a metric: the figures, and the answer in words. `None` when a model is not there, or no fold
    /// was finished by both.
    pub fn against(&self, a: ModelKind, b: ModelKind, metric: Metric) -> Option<(evaluation::Comparison, Verdict)> {
        let (comparison, mut words) = pair(self.model(a)?, self.model(b)?, metric)?;
        if self.stopped {
            words.detail = unfinished(comparison.n_folds, self.n_splits, &words.detail);
        }
        Some((comparison, words))
    }
}

fn unfinished(folds: usize, n_splits: usize, detail: &str) -> String {
    format!("Unfinished, on {folds} of {n_splits} folds. {detail}")
}

fn pair(first: &ModelResult, other: &ModelResult, metric: Metric) -> Option<(evaluation::Comparison, Verdict)> {
    let (of_first, of_other, sizes) = shared_folds(first, other);
    let share = mean_test_share(&sizes)?;
    let a = Contender { name: first.kind.key(), title: first.kind.title(), folds: &of_first };
    let b = Contender { name: other.kind.key(), title: other.kind.title(), folds: &of_other };
    let comparison = evaluation::compare(metric, &a, &b, share);
    let bad_rows = first
        .folds
        .iter()
        .filter(|f| f.fit.repeat == 0)
        .filter(|f| other.folds.iter().any(|o| (o.fit.repeat, o.fit.fold) == (0, f.fit.fold)))
        .map(|f| f.scored.metrics.positives)
        .sum::<usize>();
    let words = diverged(first, other).unwrap_or_else(|| verdict(&comparison, &a, &b, bad_rows));
    Some((comparison, words))
}

pub(super) fn summarise(models: Vec<ModelResult>, n_splits: usize, notes: Vec<String>, metric: Metric) -> Comparison {
    let pairs = models.split_first().map(|(first, others)| others.iter().filter_map(|o| pair(first, o, metric)));
    let (comparisons, verdicts): (Vec<_>, Vec<_>) = pairs.into_iter().flatten().unzip();
    let mut words = verdicts.into_iter().next();
    let finished: usize = models.iter().map(|m| m.folds.len()).sum();
    let stopped = finished < n_splits * models.len();
    let mut warnings = notes.clone();
    if let (true, Some(words)) = (stopped, &mut words) {
        let folds = comparisons.first().map_or(0, |c: &evaluation::Comparison| c.n_folds);
        words.detail = unfinished(folds, n_splits, &words.detail);
    }
    if stopped {
        let of_each: Vec<String> = models.iter().map(|m| format!("{} {}", m.folds.len(), m.kind.title())).collect();
        warnings.push(format!(
            "Unfinished: {finished} of {} fits are done, and the means rest on those ({}).",
            n_splits * models.len(),
            of_each.join(", ")
        ));
    }
    for model in &models {
        for fold in &model.folds {
            let place = format!("{}, repeat {}, fold {}", model.kind.title(), fold.fit.repeat + 1, fold.fit.fold + 1);
            match &fold.fit.stop_reason {
                StopReason::Diverged { .. } | StopReason::Limit | StopReason::Stalled => {
                    warnings.push(format!("{place}: {}.", fold.fit.stop_reason));
                }
                StopReason::Completed | StopReason::EarlyStopped | StopReason::Converged | StopReason::Stopped => {}
            }
        }
        let fell_back = model.folds.iter().filter(|fold| fold.scored.fell_back).count();
        if fell_back > 0 {
            warnings.push(format!(
                "{}: on {fell_back} of {} folds no threshold does what the cut-off asks, and the bad rate is used there.",
                model.kind.title(),
                model.folds.len()
            ));
        }
    }
    // The same notice from every fold is said once.
    for notice in models.iter().flat_map(|m| &m.folds).flat_map(|f| &f.fit.notices) {
        if !warnings.contains(notice) {
            warnings.push(notice.clone());
        }
    }
    Comparison { models, n_splits, comparisons, verdict: words, warnings, stopped, notes, metric }
}
