//! `compare --json`, exactly as documented in the README.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::analysis_json::{cutoff, disagreements, intervals, reliability, tests};
use super::{Compared, SCHEMA};
use crate::evaluation::{Metric, Summary};
use crate::model::FitFacts;
use crate::training::{Analysis, FoldResult, ModelKind, ModelResult};

/// The whole comparison as JSON; undefined values are null.
pub fn compare_json(compared: &Compared<'_>) -> Value {
    let Compared { source, data, spec, comparison, analysis, .. } = compared;
    let settings = &spec.settings;
    let repeats = if settings.validation.kind.repeats() { settings.validation.repeats } else { 1 };
    json!({
        "schema": SCHEMA,
        "data": {
            "path": source.path.to_string_lossy(),
            "sha256": source.reading.sha256,
            "rows_read": source.reading.rows_read,
            "rows_rejected": source.reading.rejected.len(),
            "rows_used": data.n_rows(),
            "indicators": data.indicators.len(),
            "positives": data.n_bad(),
        },
        "settings": value(settings),
        "seed": settings.seed,
        "metric": comparison.metric().name(),
        "cutoff": value(&settings.cutoff),
        "money": value(&settings.money),
        "validation": {
            "kind": value(&settings.validation.kind),
            "folds": comparison.n_splits / repeats.max(1),
            "repeats": repeats,
        },
        "models": comparison.models.iter().map(|m| model(m, compared)).collect::<Vec<_>>(),
        "comparisons": comparison.comparisons.iter().map(|c| pair(c, *analysis)).collect::<Vec<_>>(),
        "disagreements": analysis.and_then(|analysis| disagreements(comparison, analysis)),
        "verdict": comparison.verdict.as_ref().map(crate::evaluation::Verdict::sentence),
        "warnings": compared.warnings(),
    })
}

/// A value that cannot fail to serialise: plain structs of numbers and text.
pub(super) fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).unwrap_or(Value::Null)
}

fn model(result: &ModelResult, compared: &Compared<'_>) -> Value {
    let settings = &compared.spec.settings;
    let own = match result.kind {
        ModelKind::Dbn | ModelKind::Mlp => value(&settings.dbn),
        ModelKind::Svm => value(&settings.svm),
        ModelKind::Logistic => value(&settings.logistic),
        ModelKind::Gbt => value(&settings.gbt),
        ModelKind::Majority => json!({}),
    };
    let (mut mean, mut sd) = (Map::new(), Map::new());
    let mut add = |name: &str, summary: Summary| {
        mean.insert(name.to_owned(), value(&summary.mean));
        sd.insert(name.to_owned(), value(&summary.sd));
    };
    let of = |get: &dyn Fn(&FoldResult) -> Option<f64>| Summary::of(result.folds.iter().map(get));
    add("n_test", of(&|f| Some(f.scored.metrics.n_test as f64)));
    add("positives", of(&|f| Some(f.scored.metrics.positives as f64)));
    for metric in Metric::ALL {
        add(metric.name(), result.summary(metric));
    }
    add("threshold", of(&|f| f.scored.metrics.threshold));
    add("fit_seconds", of(&|f| Some(f.fit.fit_seconds)));
    add("score_seconds", of(&|f| Some(f.fit.score_seconds)));
    let analysed = compared.analysis.and_then(|analysis| analysis.model(result.kind));
    json!({
        "name": result.kind.key(),
        "settings": own,
        "folds": result.folds.iter().map(fold).collect::<Vec<_>>(),
        "mean": mean,
        "sd": sd,
        "intervals": intervals(analysed),
        "resamples": compared.analysis.map(|analysis| analysis.resamples),
        "confusion": value(&result.confusion()),
        "reliability": analysed.map(reliability),
        "cutoff": cutoff(result, settings),
    })
}

/// Two models on one metric, and the tests of their rows.
fn pair(c: &crate::evaluation::Comparison, analysis: Option<&Analysis>) -> Value {
    let mut fields = json!({
        "a": c.a, "b": c.b, "metric": c.metric.name(), "mean_difference": c.mean_difference,
        "corrected_t_p": c.corrected_t_p, "p_a_better": c.p_a_better, "p_equivalent": c.p_equivalent,
        "p_b_better": c.p_b_better,
    });
    let pair = analysis.and_then(|analysis| analysis.against(ModelKind::from_key(&c.b)?));
    if let (Value::Object(fields), Value::Object(tests)) = (&mut fields, tests(pair)) {
        fields.extend(tests);
    }
    fields
}

/// What a fit says about itself, by the documented names.
fn facts(facts: &FitFacts) -> Value {
    match facts {
        FitFacts::Dbn { layers, pretrain_epochs, reconstruction_error, best_epochs, .. } => json!({
            "layers": layers, "pretrain_epochs": pretrain_epochs, "reconstruction_error": reconstruction_error,
            // Of several nets the mean, rounded down.
            "best_epoch": best_epochs.iter().sum::<usize>().checked_div(best_epochs.len()).unwrap_or(0),
        }),
        FitFacts::Svm(svm) => json!({
            "support_vectors": svm.support_vectors, "iterations": svm.iterations, "objective": svm.objective,
            "max_kkt_violation": svm.max_kkt_violation, "stop_reason": svm.stop_reason.key(),
            "kernel": svm.kernel, "c": svm.c, "gamma": svm.gamma, "tuning": svm.tuning,
        }),
        FitFacts::Logistic {
            coefficients,
            odds_ratios,
            standard_errors,
            intercept,
            iterations,
            gradient_norm,
            stop_reason,
        } => json!({
            "coefficients": coefficients, "odds_ratios": odds_ratios, "standard_errors": standard_errors,
            "intercept": intercept, "iterations": iterations, "gradient_norm": gradient_norm,
            "stop_reason": stop_reason.key(),
        }),
        FitFacts::Trees { trees, grown, importance, stop_reason } => json!({
            "trees": trees, "trees_grown": grown, "importance": importance, "stop_reason": stop_reason.key(),
        }),
        FitFacts::Plain {} => json!({}),
    }
}

/// One fold: where it stands, its figures, its times, what the fit says about itself. Folds and repeats from 1.
fn fold(result: &FoldResult) -> Value {
    let mut fields = Map::new();
    fields.insert("fold".to_owned(), json!(result.fit.fold + 1));
    fields.insert("repeat".to_owned(), json!(result.fit.repeat + 1));
    fields.insert("n_train".to_owned(), json!(result.fit.n_train));
    fields.insert("confusion".to_owned(), value(&result.scored.confusion));
    for part in [value(&result.scored.metrics), facts(&result.fit.facts)] {
        if let Value::Object(part) = part {
            fields.extend(part);
        }
    }
    fields.insert("fit_seconds".to_owned(), json!(result.fit.fit_seconds));
    fields.insert("score_seconds".to_owned(), json!(result.fit.score_seconds));
    Value::Object(fields)
}
