//! How well the logits of a net answer for rows whose class is known.

use ndarray::ArrayRef2;

use crate::model::auc;

/// Figures over some rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// Mean cross-entropy in nats, class weights applied, labels as they are.
    pub loss: f64,
    /// Share of rows classified correctly; a tie between classes is not called right.
    pub accuracy: f64,
    /// Area under the ROC curve of class 1 against the others; `None` where there are rows of one kind only.
    pub auc: Option<f64>,
}

impl Measures {
    /// Of rows with these `logits` `(n_rows, n_classes)`, `y` `n_rows` classes, `weights` `n_classes`. `None` without rows.
    pub fn new(logits: &ArrayRef2<f32>, y: &[usize], weights: &[f32]) -> Option<Self> {
        if y.is_empty() {
            return None;
        }
        let (mut loss, mut right) = (0.0, 0usize);
        let mut score = Vec::with_capacity(y.len());
        for (z, &y) in logits.rows().into_iter().zip(y) {
            loss += f64::from(weights[y]) * (log_sum_exp(z.iter()) - f64::from(z[y]));
            right += usize::from(z.iter().enumerate().all(|(k, &other)| k == y || other < z[y]));
            // The logit of P(class 1): of two classes the difference of both logits.
            let others = z.iter().enumerate().filter(|(k, _)| *k != 1).map(|(_, z)| z);
            score.push(z.get(1).map_or(f64::NAN, |&z| f64::from(z) - log_sum_exp(others)));
        }
        let bad: Vec<bool> = y.iter().map(|&y| y == 1).collect();
        let n = y.len() as f64;
        Some(Self { loss: loss / n, accuracy: right as f64 / n, auc: auc(&bad, &score) })
    }
}

/// `ln Σ e^z` without overflow.
fn log_sum_exp<'a>(z: impl Iterator<Item = &'a f32> + Clone) -> f64 {
    let top = z.clone().fold(f32::NEG_INFINITY, |top, &z| top.max(z));
    f64::from(top) + z.map(|&z| f64::from(z - top).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn two_classes_by_hand() {
        // P(1) = ½, ¾, ¼ for classes 1, 1, 0; a tie in the first row.
        let logits = array![[0.0_f32, 0.0], [0.0, 3f32.ln()], [3f32.ln(), 0.0]];
        let m = Measures::new(&logits, &[1, 1, 0], &[1.0, 2.0]).unwrap();
        let want = (2.0 * 2f64.ln() + 2.0 * (4.0_f64 / 3.0).ln() + (4.0_f64 / 3.0).ln()) / 3.0;
        assert!((m.loss - want).abs() < 1e-7);
        assert_eq!((m.accuracy, m.auc), (2.0 / 3.0, Some(1.0)));
        assert_eq!(Measures::new(&logits, &[1, 0, 1], &[1.0, 1.0]).unwrap().auc, Some(0.0));
    }

    #[test]
    fn undefined_is_undefined_and_far_logits_are_finite() {
        assert_eq!(Measures::new(&Array2::zeros((0, 2)), &[], &[1.0, 1.0]), None);
        let m = Measures::new(&array![[1e4_f32, -1e4], [-1e4, 1e4]], &[1, 1], &[1.0, 1.0]).unwrap();
        assert_eq!((m.loss, m.accuracy, m.auc), (1e4, 0.5, None));
    }

    #[test]
    fn of_three_classes_the_bad_one_is_ranked_by_its_probability() {
        // P(1) = 0.2, 0.6, 0.5 whatever the other two share.
        let logits = array![[0.7_f32, 0.2, 0.1], [0.1, 0.6, 0.3], [0.05, 0.5, 0.45]].mapv(f32::ln);
        let of = |y: &[usize]| Measures::new(&logits, y, &[1.0; 3]).unwrap().auc;
        assert_eq!(of(&[0, 1, 2]), Some(1.0));
        assert_eq!(of(&[1, 0, 2]), Some(0.0));
        assert_eq!(of(&[2, 0, 1]), Some(0.5));
    }
}
