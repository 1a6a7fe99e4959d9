//! How well a straight line tells the classes apart: of the inputs, and of what each hidden layer makes of them.
//!
//! A logistic regression with a slight penalty (C = 1 on standardised columns) is fitted to the rows that the net learns
//! from and judged on rows that neither has seen. A layer that helps a straight line has done part of the work; one that does
//! not may still have, in a way that needs the layers above.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::{Array2, ArrayRef2, Axis};

use crate::evaluation::{auc, auc_interval, delong};
use crate::model::logistic::{LogisticLearner, LogisticSettings};
use crate::model::{Advance, Learner as _, TrainingSet};

/// What a straight line makes of held-out rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Area under the ROC curve.
    pub auc: f64,
    /// Its 95 % interval; `None` with fewer than two rows of a class.
    pub interval: Option<[f64; 2]>,
    /// Share of the rows on the right side.
    pub accuracy: f64,
    /// The score of each held-out row.
    scores: Vec<f64>,
}

/// Fits a straight line to `x` `(n_rows, n_columns)` with the outcomes `bad` and judges it on the held-out rows.
///
/// `None` where it is undefined: rows of one class only on either side, numbers that are not finite; and when `stop` is set.
pub fn straight_line(
    (x, bad): (&ArrayRef2<f32>, &[bool]),
    (x_held_out, bad_held_out): (&ArrayRef2<f32>, &[bool]),
    stop: &AtomicBool,
) -> Option<Line> {
    if x.nrows() != bad.len() || x_held_out.nrows() != bad_held_out.len() || x.ncols() != x_held_out.ncols() {
        return None;
    }
    if x.iter().chain(x_held_out).any(|value| !value.is_finite()) {
        return None;
    }
    let (x, x_held_out) = standardised(x, x_held_out);
    let y: Vec<usize> = bad.iter().map(|&bad| usize::from(bad)).collect();
    let n_columns = x.ncols();
    let set = TrainingSet { x, y, x_unlabelled: Array2::zeros((0, n_columns)), n_classes: 2, groups: Vec::new() };
    let parameters = LogisticSettings::default().check().ok()?;
    let mut learner = LogisticLearner::new(Arc::new(set), parameters).ok()?;
    while !matches!(learner.advance(&mut |_| {}), Advance::Finished(_)) {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
    }
    let scores = learner.classifier().scores(x_held_out.view()).to_vec();
    let right = scores.iter().zip(bad_held_out).filter(|(score, bad)| (**score >= 0.0) == **bad).count();
    let auc = auc(bad_held_out, &scores)?;
    let interval = auc_interval(bad_held_out, &scores).and_then(|interval| interval.interval);
    Some(Line { auc, interval, accuracy: right as f64 / scores.len() as f64, scores })
}

/// Both parts by mean and standard deviation of the first; a constant column becomes 0.
fn standardised(x: &ArrayRef2<f32>, held_out: &ArrayRef2<f32>) -> (Array2<f32>, Array2<f32>) {
    let (mut x, mut held_out) = (x.to_owned(), held_out.to_owned());
    for (mut column, mut other) in x.axis_iter_mut(Axis(1)).zip(held_out.axis_iter_mut(Axis(1))) {
        let n = column.len().max(1) as f64;
        let mean = column.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        let variance = column.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n;
        let sd = variance.sqrt();
        // Below that it is the rounding of a constant.
        let scale = if sd > 1e-6 * mean.abs().max(1e-6) { sd.recip() } else { 0.0 };
        let standard = |x: &f32| ((f64::from(*x) - mean) * scale) as f32;
        column.mapv_inplace(|x| standard(&x));
        other.mapv_inplace(|x| standard(&x));
    }
    (x, held_out)
}

/// What the layers did for a straight line, in a sentence: the inputs first, then layer by layer, all judged on the same
/// held-out rows with the outcomes `bad`.
pub fn in_words(lines: &[Option<Line>], bad: &[bool]) -> String {
    let [Some(inputs), .., Some(last)] = lines else {
        return match lines {
            [Some(_)] => "There is no hidden layer yet.".to_owned(),
            _ if bad.iter().all(|&bad| bad) || !bad.contains(&true) => {
                "How well a straight line does is undefined: the held-out rows are all of one class.".to_owned()
            }
            _ => {
                "How well a straight line does is undefined for some layer: its rows are of one class, or its numbers \
                  ran away."
                    .to_owned()
            }
        };
    };
    let Some(test) = delong(bad, &last.scores, &inputs.scores) else {
        return "The held-out rows are too few to say whether the layers help a straight line.".to_owned();
    };
    let range = test.interval.map_or(String::new(), |[low, high]| format!(" (95 % interval {low:+.3} to {high:+.3})"));
    let rows = bad.len();
    match test.interval {
        Some([low, _]) if low > 0.0 => format!(
            "The layers help a straight line: after the last one its AUC is {:.3} higher than on the inputs{range}, on \
             {rows} held-out rows.",
            test.difference
        ),
        Some([_, high]) if high < 0.0 => format!(
            "The layers stand in the way of a straight line: after the last one its AUC is {:.3} lower than on the \
             inputs{range}, on {rows} held-out rows.",
            -test.difference
        ),
        _ => format!(
            "As far as {rows} held-out rows can tell, the layers neither help nor hinder a straight line: after the last one \
             its AUC differs by {:+.3} from that on the inputs{range}.",
            test.difference
        ),
    }
}

#[cfg(test)]
mod tests;
