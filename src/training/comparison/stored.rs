//! How a comparison stands in files: its fits and their answers. Curves, means, tests and the verdict follow from these and are
//! worked out again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Comparison, Fit, FoldCurves, FoldResult, ModelResult, summary};
use crate::evaluation::Metric;
use crate::model::{FitFacts, StopReason};
use crate::training::{ModelKind, Scored};

/// More splits than anybody waits for: a larger number is a damaged one.
const MOST_SPLITS: usize = 1_000_000;

/// [`Comparison`] in a file.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Stored {
    models: Vec<StoredModel>,
    n_splits: usize,
    notes: Vec<String>,
    metric: Metric,
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredModel {
    kind: ModelKind,
    folds: Vec<StoredFold>,
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredFold {
    fold: usize,
    repeat: usize,
    n_train: usize,
    test_rows: Vec<usize>,
    facts: FitFacts,
    stop_reason: StopReason,
    fit_seconds: f64,
    score_seconds: f64,
    notices: Vec<String>,
    scored: Scored,
}

impl From<Comparison> for Stored {
    fn from(comparison: Comparison) -> Self {
        let Comparison { models, n_splits, notes, metric, comparisons: _, verdict: _, warnings: _, stopped: _ } =
            comparison;
        let model = |model: ModelResult| StoredModel {
            kind: model.kind,
            folds: model.folds.into_iter().map(StoredFold::from).collect(),
        };
        Self { models: models.into_iter().map(model).collect(), n_splits, notes, metric }
    }
}

impl From<FoldResult> for StoredFold {
    fn from(FoldResult { fit, scored }: FoldResult) -> Self {
        let Fit {
            fold,
            repeat,
            n_train,
            test_rows,
            curves: _,
            facts,
            stop_reason,
            fit_seconds,
            score_seconds,
            notices,
        } = Arc::unwrap_or_clone(fit);
        let test_rows = test_rows.to_vec();
        Self { fold, repeat, n_train, test_rows, facts, stop_reason, fit_seconds, score_seconds, notices, scored }
    }
}

impl TryFrom<Stored> for Comparison {
    type Error = &'static str;

    fn try_from(Stored { models, n_splits, notes, metric }: Stored) -> Result<Self, Self::Error> {
        if n_splits > MOST_SPLITS {
            return Err("a comparison has more splits than there can be");
        }
        let model = |StoredModel { kind, folds }: StoredModel| {
            if folds.len() > n_splits {
                return Err("a compared model has more folds than there are");
            }
            let folds: Result<Vec<_>, _> = folds.into_iter().map(FoldResult::try_from).collect();
            Ok(ModelResult::new(kind, folds?))
        };
        let models: Result<Vec<_>, _> = models.into_iter().map(model).collect();
        Ok(summary::summarise(models?, n_splits, notes, metric))
    }
}

impl TryFrom<StoredFold> for FoldResult {
    type Error = &'static str;

    fn try_from(stored: StoredFold) -> Result<Self, Self::Error> {
        let StoredFold {
            fold,
            repeat,
            n_train,
            test_rows,
            facts,
            stop_reason,
            fit_seconds,
            score_seconds,
            notices,
            scored,
        } = stored;
        if test_rows.len() != scored.answers.bad.len() {
            return Err("a fold has not as many answers as held-out rows");
        }
        let (test_rows, curves) = (test_rows.into(), FoldCurves::of(&scored.answers));
        let fit =
            Fit { fold, repeat, n_train, test_rows, curves, facts, stop_reason, fit_seconds, score_seconds, notices };
        Ok(Self { fit: Arc::new(fit), scored })
    }
}
