//! One seed, one stream per purpose (MATH §7). Nothing in the program draws from any other random source.
//!
//! Streams are derived, not shared: how many numbers one purpose draws never moves another, so adding a fold, a layer
//! or a picture leaves every other result as it was.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

/// The generator used everywhere: a counter-based stream cipher, the same bits on every machine, cheap to clone, so that
/// a rewind or a step back restores it exactly.
pub type Stream = ChaCha8Rng;

/// What a stream of random numbers is for. The discriminant is part of every record: never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// The bundled samples: index = enterprise, or 2³² + toy set.
    Sample = 1,
    /// Which rows go to which fold.
    Split = 2,
    /// Initial weights, index = layer.
    InitialWeights = 3,
    /// Gibbs sampling in pre-training, index = layer.
    PreTraining = 4,
    /// Order of rows in fine-tuning.
    FineTuning = 5,
    /// Rows set apart for early stopping.
    EarlyStopping = 6,
    /// Folds of the rows that a probability calibration is fitted on.
    Calibration = 7,
    /// A seed of one fit within a comparison, index = fold number over all repeats; 2⁴⁷ of a fit on all rows.
    Fit = 8,
    /// Filling of missing cells by an RBM: its seed, index = repeat · 2²⁴ + fold; and its chains, index = row.
    Filling = 9,
    /// A seed of one net of an ensemble, index = net.
    Net = 10,
    /// Order of rows in pre-training, index = layer.
    PreTrainingOrder = 11,
    /// Annealed importance sampling, index = layer.
    Annealing = 13,
    /// Which rows take part in the search for an SVM's C and γ, and their folds.
    Tuning = 14,
    /// Which training rows keep their label, index = repeat · 2²⁴ + fold.
    LabelFraction = 12,
    /// Rows and columns that a boosted tree is grown on, index = tree.
    Boosting = 15,
    /// Which rows a resample of the tested rows draws, index = resample.
    Bootstrap = 16,
    /// What befalls the cells and labels of a table that is disturbed on purpose, index = column (the label after the
    /// indicators), place in the stream = row.
    Disturbance = 20,
    /// A seed of one disturbance, or of one more fit, within a study, index = kind · 2⁴⁴ + split · 2¹⁶ + draw.
    Study = 21,
    /// Which rows of a long table a picture shows, and where its iterations start, index = picture.
    Picture = 27,
    /// Dreams of a net: a seed for each moment of its training, index = 2⁴⁷ + epochs · 2²⁰ + updates; and under it the
    /// chains, index = class · 2³² + chain (class 0: free), place in the stream = sweep.
    Dreams = 25,
    /// Rows that are kept with a model, index 0: the background of its explanations, 1: probabilities to hold others against.
    Background = 31,
    /// Coins of the theatre, index = try number under a seed derived from row, layer and moment; and rows
    /// picked at random, index = 2⁴⁰ + pick.
    Theatre = 30,
    /// Orders in which the indicators of a firm come into play, index = background row · 2¹⁶ + pair of orders.
    Shapley = 35,
    /// Permutation importance: which rows are looked at, index 2⁴⁷, and their shuffles, index = repeat.
    Importance = 36,
}

/// The stream for `purpose` number `index` under `seed`.
pub fn stream(seed: u64, purpose: Purpose, index: u64) -> Stream {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    stream.set_stream(((purpose as u64) << 48) | index);
    stream
}

/// A seed of its own for fit `index` of a comparison, so that folds do not share initial weights.
pub fn derived_seed(seed: u64, purpose: Purpose, index: u64) -> u64 {
    use rand::Rng as _;
    stream(seed, purpose, index).next_u64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng as _;

    #[test]
    fn streams_are_repeatable_and_distinct() {
        let draw = |seed, purpose, index| stream(seed, purpose, index).next_u64();
        assert_eq!(draw(1, Purpose::Split, 0), draw(1, Purpose::Split, 0));
        assert_ne!(draw(1, Purpose::Split, 0), draw(2, Purpose::Split, 0));
        assert_ne!(draw(1, Purpose::Split, 0), draw(1, Purpose::Split, 1));
        assert_ne!(draw(1, Purpose::Split, 0), draw(1, Purpose::FineTuning, 0));
    }
}
