//! Chains on the top machine, and their way down to inputs.

use ndarray::{Array2, ArrayRef2, Axis, Slice, s};
use rand::RngExt as _;

use crate::model::dbn::InputMap;
use crate::model::kernels::Lanes;
use crate::model::rbm::{GibbsChains, Rbm};
use crate::random::{Purpose, Stream, derived_seed, stream};

/// Most chains at once.
pub const MAX_CHAINS: usize = 1000;

/// Words of a chain's stream between the places where two sweeps begin: what seeds one set of [`Lanes`].
const WORDS: u128 = 64;

/// What dreams: the machines of a net as they stand, the lowest first; the last may still be in training.
#[derive(Clone, Copy, Debug)]
pub struct Stack<'a> {
    /// RBMs; the last may be joint.
    pub machines: &'a [Rbm],
    /// How inputs are shown to the lowest.
    pub map: Option<&'a InputMap>,
}

/// How to dream.
#[derive(Clone, Debug, PartialEq)]
pub struct DreamOptions {
    /// The class whose label unit is held on, with a joint top machine; without one it is of no effect but on the random
    /// numbers. `None`: the label is free.
    pub class: Option<usize>,
    /// Inputs that are held, and at what, in prepared units. Inputs that there are not are left out.
    pub held: Vec<(usize, f32)>,
    /// Number of chains, 1..=[`MAX_CHAINS`].
    pub chains: usize,
    /// Whether units are drawn on the way down, inputs included, so that the spread of many dreams is that of the model;
    /// or each is the mean given the layer above, which shows one dream without the noise around it. A Bernoulli input that
    /// is drawn is the least or the largest value of its column.
    pub drawn: bool,
}

/// Chains under way: their states, and the rows of inputs they stand for.
#[derive(Clone, Debug)]
pub struct Dreams {
    options: DreamOptions,
    /// One a chain: where it stands in a stream decides what it draws.
    streams: Vec<Stream>,
    chains: GibbsChains,
    /// `(n_chains, n_inputs)`, prepared.
    inputs: Array2<f32>,
    sweeps: u64,
}

/// The seed of dreams at one moment of a training: after `epochs` epochs and `updates` updates of the next.
pub fn dream_seed(seed: u64, epochs: u64, updates: u64) -> u64 {
    let (epochs, updates) = (epochs & ((1 << 27) - 1), updates & ((1 << 20) - 1));
    derived_seed(seed, Purpose::Dreams, 1 << 47 | epochs << 20 | updates)
}

impl<'a> Stack<'a> {
    /// Classes that the top machine has label units for; 0 when it is not joint.
    pub fn n_classes(&self) -> usize {
        self.machines.last().map_or(0, |top| top.n_classes)
    }

    /// The machine whose units the chains draw, and those below it.
    fn top(&self) -> Option<(&'a Rbm, &'a [Rbm])> {
        self.machines.split_last()
    }

    /// Features of the top machine for rows of inputs, by E[h | v] of the machines below, as in training.
    fn up(&self, below: &[Rbm], inputs: &ArrayRef2<f32>) -> Array2<f32> {
        let mut shown = inputs.to_owned();
        if let Some(map) = self.map {
            map.apply(&mut shown);
        }
        below.iter().fold(shown, |v, machine| machine.hidden_mean(&v))
    }

    /// Inputs for rows of features of the top machine: each machine below gives v for the h above it, drawn with one of
    /// `lanes` for each row, or their means where there are none.
    fn down(&self, below: &[Rbm], features: Array2<f32>, lanes: &mut [Lanes]) -> Array2<f32> {
        let mut inputs = below.iter().rev().fold(features, |h, machine| machine.draw_visible(&h, lanes));
        if let Some(map) = self.map {
            map.undo(&mut inputs);
        }
        inputs
    }
}

impl Dreams {
    /// Chains before their first sweep. Each begins at one of the rows `start` `(n_rows, n_inputs)`, drawn by its own
    /// stream, or where there are none at states drawn from the biases of the top machine. `seed` is that of the moment:
    /// [`dream_seed`]. `None` without a machine.
    pub fn new(stack: &Stack<'_>, options: DreamOptions, start: &ArrayRef2<f32>, seed: u64) -> Option<Self> {
        let (top, below) = stack.top()?;
        let n_inputs = stack.machines.first()?.n_features();
        let mut options = options;
        options.held.retain(|&(input, value)| input < n_inputs && value.is_finite());
        let class = options.class.filter(|&class| class < top.n_classes);
        let of_class = options.class.map_or(0, |class| class as u64 + 1) << 32;
        let n = options.chains.clamp(1, MAX_CHAINS);
        let mut streams: Vec<Stream> = (0..n as u64).map(|i| stream(seed, Purpose::Dreams, of_class + i)).collect();

        let mut inputs = Array2::zeros((n, n_inputs));
        let from_rows = start.nrows() > 0 && start.ncols() == n_inputs;
        if from_rows {
            for (mut row, stream) in inputs.rows_mut().into_iter().zip(&mut streams) {
                row.assign(&start.row(stream.random_range(0..start.nrows())));
            }
        }
        hold(&mut inputs, &options.held);
        let n_features = top.n_features();
        let mut v = Array2::zeros((n, top.n_visible()));
        v.slice_mut(s![.., ..n_features]).assign(&stack.up(below, &inputs));
        let mut held: Vec<usize> = Vec::new();
        if below.is_empty() {
            held.extend(options.held.iter().map(|(input, _)| *input));
        }
        if let Some(class) = class {
            v.column_mut(n_features + class).fill(1.0);
            held.extend(n_features..top.n_visible());
        }
        let lanes = streams.iter_mut().map(|stream| lanes_at(stream, 1)).collect();
        let mut chains = GibbsChains::new(top, &v, &held, lanes);
        chains.scatter(top);
        if from_rows {
            // The label that was drawn stays where it is free.
            chains.show(&v.slice(s![.., ..n_features]));
        }
        let mut dreams = Self { options, streams, chains, inputs, sweeps: 0 };
        dreams.descend(stack);
        Some(dreams)
    }

    /// `sweeps` sweeps of every chain on the top machine of `stack`, whose sizes are those the chains began with; other
    /// sizes leave them as they are.
    pub fn advance(&mut self, stack: &Stack<'_>, sweeps: usize) {
        let Some((top, below)) = stack.top().filter(|(top, _)| top.n_visible() == self.chains.visible().ncols()) else {
            return;
        };
        if self.options.held.is_empty() || below.is_empty() {
            self.chains.advance(top, sweeps);
            self.sweeps += sweeps as u64;
            self.descend(stack);
            return;
        }
        for _ in 0..sweeps {
            self.chains.show(&stack.up(below, &self.inputs));
            self.chains.advance(top, 1);
            self.sweeps += 1;
            self.descend(stack);
        }
    }

    /// From the states of the chains down to inputs.
    fn descend(&mut self, stack: &Stack<'_>) {
        let Some((top, below)) = stack.top() else { return };
        let drawn = self.options.drawn;
        let v = if drawn { self.chains.visible() } else { self.chains.visible_mean() };
        let features = v.slice_axis(Axis(1), Slice::from(..top.n_features())).to_owned();
        let mut lanes: Vec<Lanes> = Vec::new();
        if drawn && !below.is_empty() {
            // By the sweep and not by what was drawn before: looking at a dream changes none that follows.
            lanes.extend(self.streams.iter_mut().map(|stream| lanes_at(stream, 2 + u128::from(self.sweeps))));
        }
        self.inputs = stack.down(below, features, &mut lanes);
        hold(&mut self.inputs, &self.options.held);
    }

    /// Sweeps done.
    pub fn sweeps(&self) -> u64 {
        self.sweeps
    }

    /// How they are dreamed.
    pub fn options(&self) -> &DreamOptions {
        &self.options
    }

    /// States of the top machine's visible units, its label last, `(n_chains, n_visible)`.
    pub fn visible(&self) -> &Array2<f32> {
        self.chains.visible()
    }

    /// States of the top machine's hidden units, `(n_chains, n_hidden)`.
    pub fn hidden(&self) -> &Array2<f32> {
        self.chains.hidden()
    }

    /// What is dreamed, in prepared inputs, `(n_chains, n_inputs)`.
    pub fn inputs(&self) -> &Array2<f32> {
        &self.inputs
    }
}

/// Generators from the `place`-th place of a chain's stream.
fn lanes_at(stream: &mut Stream, place: u128) -> Lanes {
    stream.set_word_pos(WORDS * place);
    Lanes::new(stream)
}

/// Puts held inputs to where they are held.
fn hold(inputs: &mut Array2<f32>, held: &[(usize, f32)]) {
    for &(input, value) in held {
        inputs.column_mut(input).fill(value);
    }
}
