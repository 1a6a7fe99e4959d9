//! Which epoch is kept.

use super::super::EarlyStopping;
use crate::model::network::{Measures, Network};

/// The best net so far, by what is watched on the rows set apart.
#[derive(Clone)]
pub(super) struct Best {
    watched: EarlyStopping,
    kept: Option<Kept>,
}

#[derive(Clone)]
struct Kept {
    network: Network,
    epoch: usize,
    /// Less is better; the second decides where the first is equal.
    worth: (f64, f64),
}

impl Best {
    pub(super) fn new(watched: EarlyStopping) -> Self {
        Self { watched, kept: None }
    }

    /// Shows it the net after `epoch` epochs, measured on the rows set apart.
    pub(super) fn see(&mut self, network: &Network, epoch: usize, measured: &Measures) {
        let worth = match self.watched {
            EarlyStopping::Off => return,
            EarlyStopping::Loss => (measured.loss, 0.0),
            EarlyStopping::Auc => (measured.auc.map_or(0.0, |auc| -auc), measured.loss),
        };
        match &mut self.kept {
            Some(kept) if worth >= kept.worth => {}
            Some(kept) => {
                kept.network.clone_from(network);
                (kept.epoch, kept.worth) = (epoch, worth);
            }
            None => self.kept = Some(Kept { network: network.clone(), epoch, worth }),
        }
    }

    /// The best net and after how many epochs it was; `None` where nothing is watched, or not yet.
    pub(super) fn kept(&self) -> Option<(&Network, usize)> {
        self.kept.as_ref().map(|kept| (&kept.network, kept.epoch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::network::{Activation, Layer};
    use ndarray::{Array1, Array2};

    /// Epochs kept after each of some looks of (loss, AUC).
    fn kept(watched: EarlyStopping, looks: &[(f64, Option<f64>)]) -> Vec<Option<usize>> {
        let mut best = Best::new(watched);
        let look = |(i, &(loss, auc)): (usize, &(f64, Option<f64>))| {
            let layer = Layer { w: Array2::zeros((1, 2)), b: Array1::from_elem(2, i as f32) };
            best.see(
                &Network { layers: vec![layer], skip: None, activation: Activation::Logistic },
                i + 1,
                &Measures { loss, accuracy: 0.5, auc },
            );
            best.kept().map(|(network, epoch)| {
                assert_eq!(network.layers[0].b[0] as usize + 1, epoch, "the net is that of the epoch");
                epoch
            })
        };
        looks.iter().enumerate().map(look).collect()
    }

    #[test]
    fn each_rule_keeps_its_own_epoch() {
        let looks = [(0.5, Some(0.7)), (0.3, Some(0.6)), (0.4, Some(0.8)), (0.35, Some(0.8)), (0.3, Some(0.8))];
        assert_eq!(kept(EarlyStopping::Loss, &looks), [1, 2, 2, 2, 2].map(Some), "the first of equal ones");
        assert_eq!(kept(EarlyStopping::Auc, &looks), [1, 1, 3, 4, 5].map(Some), "of equal areas the least loss");
        assert_eq!(kept(EarlyStopping::Off, &looks), [None; 5]);
        let undefined = [(0.5, None), (0.3, None), (0.4, None)];
        assert_eq!(kept(EarlyStopping::Auc, &undefined), [1, 2, 2].map(Some), "by the loss where no area is defined");
    }
}
