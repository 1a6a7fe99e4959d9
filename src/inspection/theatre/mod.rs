//! One step of contrastive divergence, taken apart (MATH §2–3).
//!
//! A row goes up (p(h | v) and a coin for each hidden unit), down (v′, the means of p(v | h)) and up again (p(h | v′)); the
//! products of both sides are held against each other, and the difference moves W. [`row`] plays that for one row as if it
//! were a mini-batch by itself, with coins of its own ([`Toss`]); [`batch`] gives the averages over a mini-batch that
//! training makes. Both come to one [`Trace`], which the formulas ([`filled`]) read their numbers from.
//!
//! Means are those that the learner works with: the same products through the same kernels. Only the coins differ: training
//! draws its own from another stream.

mod coins;
mod formula;
mod number;
mod plain;
#[cfg(test)]
mod tests;

use ndarray::{Array1, Array2, ArrayRef1, Axis};

pub use self::coins::Toss;
pub use self::formula::{Unit, UnitKind, filled, formula};
pub use self::number::{number, subscript};
pub use self::plain::{left_out, listed};
use crate::model::rbm::{CdStep, Hidden, Rbm};
use crate::random::Stream;

/// The parts of one step, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubStep {
    /// p(h | v).
    #[default]
    Hidden,
    /// h, drawn from it.
    Coin,
    /// v′, the means of p(v | h).
    Visible,
    /// p(h | v′).
    HiddenAgain,
    /// `<vh>` of the data and of the reconstruction.
    Products,
    /// What is added to W.
    Update,
}

impl SubStep {
    /// In order.
    pub const ALL: [Self; 6] =
        [Self::Hidden, Self::Coin, Self::Visible, Self::HiddenAgain, Self::Products, Self::Update];

    /// Its place among all, from 0.
    pub fn index(self) -> usize {
        self as usize
    }

    /// A few words.
    pub fn title(self, hidden: Hidden) -> &'static str {
        match (self, hidden) {
            (Self::Hidden, _) => "Drive the hidden units",
            (Self::Coin, Hidden::Bernoulli) => "Toss the coin",
            (Self::Coin, _) => "Add the noise",
            (Self::Visible, _) => "Reconstruct",
            (Self::HiddenAgain, _) => "Drive the hidden units again",
            (Self::Products, _) => "Compare the products",
            (Self::Update, _) => "Update the weights",
        }
    }

    /// What happens, in part of a sentence.
    pub fn explanation(self, hidden: Hidden) -> &'static str {
        match (self, hidden) {
            (Self::Hidden, Hidden::Bernoulli) => "the data give each hidden unit its probability to be on",
            (Self::Hidden, _) => "the data give each hidden unit its mean",
            (Self::Coin, Hidden::Bernoulli) => "each hidden unit switches on with its probability",
            (Self::Coin, Hidden::Gaussian) => "each hidden unit strays from its mean by a draw from N(0, 1)",
            (Self::Coin, Hidden::Rectified) => "each hidden unit strays by its own noise and is cut off at 0",
            (Self::Visible, _) => "the drawn hidden units say what they take the data to be",
            (Self::HiddenAgain, _) => "the reconstruction drives the hidden units as the data did",
            (Self::Products, _) => "how units go together in the data, and how in the reconstruction",
            (Self::Update, _) => "each weight moves towards the data and away from the reconstruction",
        }
    }
}

/// What lies behind the values of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    /// c + v̂·W, `n_hidden`.
    pub up: Array1<f32>,
    /// Uniform numbers in 0..1 of Bernoulli hidden units, draws from N(0, 1) of others, `n_hidden`.
    pub coins: Array1<f32>,
    /// b + σ·W·h, `n_visible`: before the logistic function, or the softmax of a label.
    pub down: Array1<f32>,
    /// c + v̂′·W, `n_hidden`.
    pub up_again: Array1<f32>,
}

/// What is added to W.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// Rate, momentum and weight cost.
    pub step: CdStep,
    /// What the update before has added, `(n_visible, n_hidden)`; zeros where there was none.
    pub last: Array2<f32>,
    /// ΔW, `(n_visible, n_hidden)`.
    pub delta: Array2<f32>,
    /// W + ΔW, `(n_visible, n_hidden)`.
    pub after: Array2<f32>,
}

/// Every number of one step: of one row, or the averages over a mini-batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Rows that are averaged over; 1 for one row.
    pub rows: usize,
    /// As the machine is shown it, `n_visible`.
    pub v: Array1<f32>,
    /// p(h = 1 | v) of Bernoulli hidden units, E[h | v] of Gaussian ones, `max(0, x)` of rectified ones, `n_hidden`.
    pub h_mean: Array1<f32>,
    /// h, drawn from it, `n_hidden`.
    pub h: Array1<f32>,
    /// v′, the mean of p(v | h), `n_visible`; the label of a joint machine by softmax.
    pub v_recon: Array1<f32>,
    /// As `h_mean`, given v′, `n_hidden`.
    pub h_recon: Array1<f32>,
    /// What lies behind them, for one row.
    pub inputs: Option<Inputs>,
    /// `<v/σ ⊗ h>` of the data, h being `h_mean`, `(n_visible, n_hidden)`.
    pub data: Array2<f32>,
    /// `<v′/σ ⊗ h>` of the reconstruction, `(n_visible, n_hidden)`.
    pub recon: Array2<f32>,
    /// The gradient: their difference, and in a mini-batch of training what its options add to it.
    pub g: Array2<f32>,
    /// `None` where nothing is added any more.
    pub update: Option<Update>,
}

impl Trace {
    /// Whether the gradient is more than the difference of the products: with sparsity or centring.
    pub fn is_corrected(&self) -> bool {
        let largest = self.g.iter().fold(1e-3_f32, |m, g| m.max(g.abs()));
        let pairs = self.data.iter().zip(&self.recon).zip(&self.g);
        pairs.into_iter().any(|((d, r), g)| (d - r - g).abs() > 1e-3 * largest)
    }
}

/// Plays one step of CD-1 on the row `v` `(n_visible)`, as the machine is shown it.
///
/// [`with_label`] makes such a row. Numbers that are missing count as 0. `step` is `None` when nothing is added any more; `last` is the ΔW before, of the shape of W.
pub fn row(rbm: &Rbm, v: &[f32], step: Option<&CdStep>, last: Option<&Array2<f32>>, random: &mut Stream) -> Trace {
    let (n, m) = rbm.w.dim();
    let v = Array1::from_shape_fn(n, |i| v.get(i).copied().unwrap_or(0.0));
    let up = driving(rbm, &v);
    let h_mean = only_row(rbm.hidden_mean(&v.view().insert_axis(Axis(0))));
    let (coins, h) = coins::draw(rbm.hidden, &up, &h_mean, random);
    let down = Array1::from_shape_fn(n, |i| rbm.b[i] + rbm.sigma(i) * rbm.w.row(i).dot(&h));
    let v_recon = only_row(rbm.visible_mean(&h.view().insert_axis(Axis(0))));
    let up_again = driving(rbm, &v_recon);
    let h_recon = only_row(rbm.hidden_mean(&v_recon.view().insert_axis(Axis(0))));
    let outer = |v: &Array1<f32>, h: &Array1<f32>| Array2::from_shape_fn((n, m), |(i, j)| v[i] / rbm.sigma(i) * h[j]);
    let (data, recon) = (outer(&v, &h_mean), outer(&v_recon, &h_recon));
    let g = &data - &recon;
    let update = step.map(|step| {
        let last = last.filter(|last| last.dim() == (n, m)).cloned().unwrap_or_else(|| Array2::zeros((n, m)));
        let delta = Array2::from_shape_fn((n, m), |at| {
            step.momentum * last[at] + step.rate * (g[at] - step.weight_cost * rbm.w[at])
        });
        Update { step: *step, after: &rbm.w + &delta, delta, last }
    });
    let inputs = Some(Inputs { up, coins, down, up_again });
    Trace { rows: 1, v, h_mean, h, v_recon, h_recon, inputs, data, recon, g, update }
}

/// A mini-batch update as training makes it: rows by hidden or visible units, and what comes of them.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// `(n_rows, n_visible)`.
    pub v: &'a Array2<f32>,
    /// Means given the data, `(n_rows, n_hidden)`.
    pub h_mean: &'a Array2<f32>,
    /// Draws given the data, `(n_rows, n_hidden)`.
    pub h: &'a Array2<f32>,
    /// The visible side of the negative phase, `(n_chains, n_visible)`.
    pub v_recon: &'a Array2<f32>,
    /// Its hidden means, `(n_chains, n_hidden)`.
    pub h_recon: &'a Array2<f32>,
    /// The gradient of W.
    pub g_w: &'a Array2<f32>,
    /// What is added to W.
    pub d_w: &'a Array2<f32>,
    /// Rate, momentum and weight cost.
    pub step: CdStep,
}

/// The averages over a mini-batch. `last` is the ΔW before. `None` when the shapes do not belong to `rbm`, or there is no row.
pub fn batch(rbm: &Rbm, batch: &Batch<'_>, last: Option<&Array2<f32>>) -> Option<Trace> {
    let shape @ (n, m) = rbm.w.dim();
    let fits = |v: &Array2<f32>, h: &Array2<f32>| v.ncols() == n && h.ncols() == m && v.nrows() == h.nrows();
    if !fits(batch.v, batch.h_mean) || !fits(batch.v, batch.h) || !fits(batch.v_recon, batch.h_recon) {
        return None;
    }
    if batch.g_w.dim() != shape || batch.d_w.dim() != shape {
        return None;
    }
    let products = |v: &Array2<f32>, h: &Array2<f32>| {
        let mut mean = v.t().dot(h) / v.nrows().max(1) as f32;
        for (i, mut row) in mean.rows_mut().into_iter().enumerate() {
            row /= rbm.sigma(i);
        }
        mean
    };
    let last = last.filter(|last| last.dim() == shape).cloned().unwrap_or_else(|| Array2::zeros(shape));
    Some(Trace {
        rows: batch.v.nrows(),
        v: batch.v.mean_axis(Axis(0))?,
        h_mean: batch.h_mean.mean_axis(Axis(0))?,
        h: batch.h.mean_axis(Axis(0))?,
        v_recon: batch.v_recon.mean_axis(Axis(0))?,
        h_recon: batch.h_recon.mean_axis(Axis(0))?,
        inputs: None,
        data: products(batch.v, batch.h_mean),
        recon: products(batch.v_recon, batch.h_recon),
        g: batch.g_w.clone(),
        update: Some(Update { step: batch.step, last, delta: batch.d_w.clone(), after: &rbm.w + batch.d_w }),
    })
}

/// The visible units of a row of features `x` `(n_features)` as training shows them to `rbm`.
///
/// Where the machine is joint they end with the one-hot label; without a label, with p(y | x) as the machine sees it, and
/// zeros where it sees none (rectified hidden units). A row that is long enough is left as it is.
pub fn with_label(rbm: &Rbm, x: &[f32], class: Option<usize>) -> Vec<f32> {
    let (n, n_features, n_classes) = (rbm.n_visible(), rbm.n_features(), rbm.n_classes);
    let mut v = x.to_vec();
    if v.len() >= n {
        v.truncate(n);
        return v;
    }
    v.resize(n_features, 0.0);
    let one_hot = |class: usize| (0..n_classes).map(move |k| if k == class { 1.0 } else { 0.0 });
    if let Some(class) = class {
        v.extend(one_hot(class));
        return v;
    }
    let rows: Vec<f32> = (0..n_classes).flat_map(|class| v.iter().copied().chain(one_hot(class))).collect();
    let rows = Array2::from_shape_vec((n_classes, n), rows).unwrap_or_else(|_| Array2::zeros((0, n)));
    match rbm.free_energy(&rows) {
        Some(energy) => {
            let least = energy.iter().copied().fold(f64::INFINITY, f64::min);
            let shares = energy.mapv(|f| (least - f).exp());
            v.extend((&shares / shares.sum()).iter().map(|p| *p as f32));
        }
        None => v.resize(n, 0.0),
    }
    v
}

/// c + v̂·W.
fn driving(rbm: &Rbm, v: &ArrayRef1<f32>) -> Array1<f32> {
    let scaled = Array1::from_shape_fn(rbm.n_visible(), |i| v[i] / rbm.sigma(i));
    scaled.dot(&rbm.w) + &rbm.c
}

fn only_row(rows: Array2<f32>) -> Array1<f32> {
    rows.index_axis_move(Axis(0), 0)
}
