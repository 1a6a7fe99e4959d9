//! The table of models as CSV, a line for each figure of each model.

use crate::evaluation::{Metric, Summary};
use crate::training::{Analysis, Comparison};

/// CSV with a header: `model, metric, mean, sd, low, high, n`.
///
/// `low` and `high` end the 95 % bootstrap interval, `n` counts the folds on which the figure is defined; undefined values
/// are empty. After the metrics come `fit_seconds` and `score_seconds`, without an interval.
pub fn models_csv(comparison: &Comparison, analysis: Option<&Analysis>) -> Vec<u8> {
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let mut lines = vec!["model,metric,mean,sd,low,high,n".to_owned()];
    for model in &comparison.models {
        // Names of models and metrics hold neither commas nor quotes.
        let mut add = |metric: &str, Summary { mean, sd, n }: Summary, interval: Option<[f64; 2]>| {
            let [low, high] = interval.map_or([None; 2], |interval| interval.map(Some)).map(number);
            lines.push(format!("{},{metric},{},{},{low},{high},{n}", model.kind.key(), number(mean), number(sd)));
        };
        let intervals = analysis.and_then(|analysis| analysis.model(model.kind)?.intervals.as_ref());
        for metric in Metric::ALL {
            add(metric.name(), model.summary(metric), intervals.and_then(|intervals| intervals.get(metric)));
        }
        add("fit_seconds", model.fit_seconds(), None);
        add("score_seconds", model.score_seconds(), None);
    }
    lines.push(String::new());
    lines.join("\n").into_bytes()
}
