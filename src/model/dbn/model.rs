//! What is left of a DBN when learning ends: plain numbers that can be written to a file, answer for rows and be learned
//! with further.

use ndarray::{Array1, Array2, ArrayRef2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::input_map::InputMap;
use crate::model::fitted::{all_finite_f32, as_many};
use crate::model::network::Network;
use crate::model::rbm::{JointRbm, Rbm};
use crate::model::{Classifier, FittedKind, FittedModel};

/// One trained net.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Net {
    /// The fine-tuned net.
    pub network: Network,
    /// The machines as pre-training left them, from the lowest; none when it was not pre-trained.
    pub machines: Vec<Rbm>,
    /// The last machine where it was trained with the label: for rows of a class, and classification by free energy.
    pub top: Option<JointRbm>,
    /// How inputs are shown to the lowest machine; `None` as they are. The net takes them as they are in either case.
    pub map: Option<InputMap>,
    /// ln of each class's weight in the loss, `n_classes`. With class weights w the softmax learns probabilities in
    /// proportion to `w_k·p_k`; taking `ln w_k` off the logits gives the real bad rate back.
    pub log_weights: Array1<f32>,
}

/// A trained deep belief network, or the same net without pre-training: one net, or an ensemble whose probabilities are
/// averaged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DbnModel {
    /// The nets, at least one; all take the same inputs and know the same classes.
    pub nets: Vec<Net>,
    /// Labelled rows it has learned from, in all fits so far.
    pub rows_learned: u64,
}

impl Net {
    fn check(&self, n_inputs: usize) -> Result<(), String> {
        self.network.check(n_inputs, 2)?;
        as_many("class weights", self.log_weights.len(), 2)?;
        all_finite_f32("class weights", self.log_weights.iter())?;
        let mut below = n_inputs;
        for machine in &self.machines {
            machine.check_shapes(below + machine.n_classes)?;
            below = machine.c.len();
        }
        if let Some(map) = &self.map {
            map.check(n_inputs)?;
        }
        // The joint machine is the last one again, or stands on it.
        self.top.as_ref().map_or(Ok(()), |top| top.rbm().check_shapes(top.rbm().b.len()))
    }

    /// ln P(class | row) of rows `x` `(n_rows, n_inputs)`: `(n_rows, n_classes)`, in f64, without overflow.
    fn log_probabilities(&self, x: &ArrayRef2<f32>) -> Array2<f64> {
        let mut z = (self.network.logits(x) - &self.log_weights).mapv_into_any(f64::from);
        for mut row in z.rows_mut() {
            let log_sum = log_sum_exp(row.iter().copied());
            row -= log_sum;
        }
        z
    }
}

/// `ln Σ e^x` without overflow; −∞ of nothing.
fn log_sum_exp(xs: impl Iterator<Item = f64> + Clone) -> f64 {
    let top = xs.clone().fold(f64::NEG_INFINITY, f64::max);
    if top.is_finite() { top + xs.map(|x| (x - top).exp()).sum::<f64>().ln() } else { top }
}

impl DbnModel {
    /// Inputs it takes and classes it knows.
    pub fn shape(&self) -> (usize, usize) {
        let network = self.nets.first().map(|net| &net.network.layers);
        let inputs = network.and_then(|layers| layers.first()).map_or(0, |layer| layer.w.nrows());
        (inputs, network.and_then(|layers| layers.last()).map_or(0, |layer| layer.b.len()))
    }

    /// Whether every net takes `n_inputs` inputs, knows two classes and holds finite numbers.
    pub(in crate::model) fn check(&self, n_inputs: usize) -> Result<(), String> {
        if self.nets.is_empty() {
            return Err("there is no net".to_owned());
        }
        self.nets.iter().try_for_each(|net| net.check(n_inputs))
    }

    /// ln of the mean over the nets of P(class | row), `(n_rows, n_classes)`.
    fn log_probabilities(&self, x: &ArrayRef2<f32>) -> Array2<f64> {
        let of_nets: Vec<Array2<f64>> = self.nets.iter().map(|net| net.log_probabilities(x)).collect();
        match &of_nets[..] {
            [] => Array2::zeros((x.nrows(), 0)),
            [one] => one.clone(),
            [first, ..] => {
                let log_n = (of_nets.len() as f64).ln();
                Array2::from_shape_fn(first.dim(), |place| log_sum_exp(of_nets.iter().map(|net| net[place])) - log_n)
            }
        }
    }
}

impl Classifier for DbnModel {
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Array2<f64> {
        let mut p = self.log_probabilities(&x).mapv_into(f64::exp);
        for mut row in p.rows_mut() {
            let sum = row.sum();
            row /= sum;
        }
        p
    }

    /// The logit of the averaged probability, from logarithms: probabilities within a rounding error of 0 or 1 are still
    /// told apart.
    fn scores(&self, x: ArrayView2<'_, f32>) -> Array1<f64> {
        let log_p = self.log_probabilities(&x);
        log_p.rows().into_iter().map(|row| row[1] - row[0]).collect()
    }

    fn fitted(&self) -> Option<FittedModel> {
        (self.shape().1 == 2).then(|| FittedModel::plain(FittedKind::Dbn(self.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::network::{Activation, Layer};
    use ndarray::array;

    /// A net of one input whose logit of class 1 over class 0 is `slope` times it.
    fn net(slope: f32) -> Net {
        let layer = Layer { w: array![[0.0, slope]], b: array![0.0, 0.0] };
        let network = Network { layers: vec![layer], skip: None, activation: Activation::Logistic };
        Net { network, machines: Vec::new(), top: None, map: None, log_weights: array![0.0, 0.0] }
    }

    #[test]
    fn probabilities_are_the_mean_and_scores_its_logit() {
        let model = DbnModel { nets: vec![net(1.0), net(-3.0)], rows_learned: 0 };
        let x = array![[0.0_f32], [2.0]];
        let logistic = |z: f64| 1.0 / (1.0 + (-z).exp());
        let p = f64::midpoint(logistic(2.0), logistic(-6.0));
        let got = model.probabilities(x.view());
        assert!((got[[1, 1]] - p).abs() < 1e-15 && (got[[0, 1]] - 0.5).abs() < 1e-15, "{got}");
        assert!((model.scores(x.view())[1] - (p / (1.0 - p)).ln()).abs() < 1e-12);
    }

    #[test]
    fn scores_rank_where_probabilities_have_become_one() {
        let model = DbnModel { nets: vec![net(100.0), net(101.0)], rows_learned: 0 };
        let x = array![[1.0_f32], [2.0], [50.0]];
        assert!(model.probabilities(x.view()).column(1).iter().all(|&p| p == 1.0));
        let scores = model.scores(x.view());
        assert!(scores[0] < scores[1] && scores[1] < scores[2] && scores[2].is_finite(), "{scores}");
    }

    #[test]
    fn a_file_gives_the_same_bits_back() {
        let model = DbnModel { nets: vec![net(0.1)], rows_learned: 7 };
        let text = serde_json::to_string(&model).unwrap();
        assert_eq!(serde_json::from_str::<DbnModel>(&text).unwrap(), model);
    }
}
