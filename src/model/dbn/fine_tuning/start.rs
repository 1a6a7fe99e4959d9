//! The net that fine-tuning begins with.

use ndarray::{Array1, Array2};
use rand_distr::{Distribution as _, StandardNormal};

use super::super::SkipInput;
use super::super::rows::Rows;
use crate::model::network::{Activation, Encoding, Layer, Network, Skip};
use crate::model::rbm::{Hidden, Rbm};
use crate::random::{Purpose, Stream, stream};

/// Rows whose octiles are taken, at most: they are within half a percent of those of all rows.
const ENCODING_ROWS: usize = 10_000;

/// The stack unfolded into a feed-forward net, bit for bit the up-pass of its machines; the output layer starts at
/// N(0, 0.01²) with the log share of each class as its bias.
pub(in crate::model::dbn) fn unfold(rbms: &[Rbm], rows: &Rows, seed: u64) -> Network {
    let layer = |rbm: &Rbm| {
        let (w, b) = rbm.as_layer();
        Layer { w, b }
    };
    let mut layers: Vec<Layer> = rbms.iter().map(layer).collect();
    let below = layers.last().map_or(rows.n_inputs(), |l| l.b.len());
    layers.push(output_layer(below, rows, seed, rbms.len()));
    Network { layers, activation: activation(rbms.last().map_or(Hidden::Bernoulli, |rbm| rbm.hidden)), skip: None }
}

/// The same net with random weights: Glorot's normal for logistic units, standard deviation
/// `√(2 / (n_in + n_out))`. Hidden units are of the kind that the machines would have.
pub(in crate::model::dbn) fn random_network(sizes: &[usize], hidden: Hidden, rows: &Rows, seed: u64) -> Network {
    let mut layers = Vec::with_capacity(sizes.len() + 1);
    let mut below = rows.n_inputs();
    for (l, &size) in sizes.iter().enumerate() {
        let mut random = stream(seed, Purpose::InitialWeights, l as u64);
        let sd = (2.0 / (below + size) as f32).sqrt();
        layers.push(Layer { w: normal(below, size, sd, &mut random), b: Array1::zeros(size) });
        below = size;
    }
    layers.push(output_layer(below, rows, seed, sizes.len()));
    Network { layers, activation: activation(hidden), skip: None }
}

/// What hidden units hand on in a net.
fn activation(hidden: Hidden) -> Activation {
    match hidden {
        Hidden::Bernoulli => Activation::Logistic,
        Hidden::Gaussian => Activation::Identity,
        Hidden::Rectified => Activation::Rectified,
    }
}

/// A skip input that has learned nothing: its weights are 0. `None` where it is not wanted or has nothing to say.
pub(super) fn skip(wanted: SkipInput, rows: &Rows) -> Option<Skip> {
    let encoding = match wanted {
        SkipInput::None => return None,
        SkipInput::Linear => Encoding::linear(rows.n_inputs()),
        SkipInput::PiecewiseLinear => {
            let all = rows.pre_training();
            let chosen: Vec<_> = all.iter().copied().step_by(all.len().div_ceil(ENCODING_ROWS).max(1)).collect();
            let mut x = Array2::zeros((chosen.len(), rows.n_inputs()));
            rows.gather(&chosen, &mut x);
            Encoding::piecewise_linear(&x)
        }
    };
    let w = Array2::zeros((rows.n_classes(), encoding.width()));
    (encoding.width() > 0).then_some(Skip { encoding, w })
}

fn output_layer(below: usize, rows: &Rows, seed: u64, index: usize) -> Layer {
    let mut random = stream(seed, Purpose::InitialWeights, index as u64);
    let n = rows.fit().len() as f32;
    let b = rows.class_counts().iter().map(|&count| (count.max(1) as f32 / n).ln()).collect();
    Layer { w: normal(below, rows.n_classes(), 0.01, &mut random), b }
}

fn normal(n_in: usize, n_out: usize, sd: f32, random: &mut Stream) -> Array2<f32> {
    Array2::from_shape_simple_fn((n_in, n_out), || {
        let z: f32 = StandardNormal.sample(random);
        sd * z
    })
}
