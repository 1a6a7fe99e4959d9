//! The coins of the theatre: the same whenever one comes back to them, others on request.

use ndarray::Array1;
use rand::RngExt as _;
use rand_distr::{Distribution as _, StandardNormal};

use crate::model::rbm::Hidden;
use crate::random::{Purpose, Stream, derived_seed, stream};

/// Which toss it is. Equal ones give equal coins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Toss {
    /// The run's seed.
    pub seed: u64,
    /// Row of the dataset.
    pub row: usize,
    /// Which machine, from 0.
    pub layer: usize,
    /// The moment of the run: epochs since it began, and updates within the epoch.
    pub moment: [u64; 2],
    /// 0 at first; another number tosses again.
    pub attempt: u64,
}

impl Toss {
    /// The stream that its coins are drawn from.
    pub fn stream(&self) -> Stream {
        let Self { seed, row, layer, moment: [epochs, updates], attempt } = *self;
        // One seed within the other, so that no two places share a stream.
        let parts = [row as u64, layer as u64, epochs, updates];
        let seed = parts.into_iter().fold(seed, |seed, part| derived_seed(seed, Purpose::Theatre, part));
        stream(seed, Purpose::Theatre, attempt)
    }
}

/// Coins (uniform in 0..1 for Bernoulli units, else from N(0, 1)) and the states that come of them. `x` are the inputs of
/// the units, `mean` their means.
pub(super) fn draw(
    kind: Hidden,
    x: &Array1<f32>,
    mean: &Array1<f32>,
    random: &mut Stream,
) -> (Array1<f32>, Array1<f32>) {
    let coins = Array1::from_shape_simple_fn(x.len(), || match kind {
        Hidden::Bernoulli => random.random::<f32>(),
        Hidden::Gaussian | Hidden::Rectified => StandardNormal.sample(random),
    });
    let states = Array1::from_shape_fn(x.len(), |j| match kind {
        Hidden::Bernoulli => f32::from(u8::from(coins[j] < mean[j])),
        Hidden::Gaussian => mean[j] + coins[j],
        Hidden::Rectified => (x[j] + spread(x[j]) * coins[j]).max(0.0),
    });
    (coins, states)
}

/// √σm(x), the standard deviation of the noise of a rectified unit with input x.
pub(super) fn spread(x: f32) -> f32 {
    (1.0 / (1.0 + (-x).exp())).sqrt()
}
