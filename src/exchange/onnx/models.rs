//! The models as operators: prepared inputs `(rows, n_inputs)` → the score of each row `(rows, 1)` in double precision.
//!
//! A net is worked out in single precision and its logits go on in double, as in the program itself; everything else is in
//! double precision.

use super::graph::{Graph, Value};
use super::messages::data_type::{DOUBLE, INT64};
use super::preparation::Prepared;
use crate::model::FittedKind;
use crate::model::dbn::{DbnModel, Net};
use crate::model::kernels::BINS;
use crate::model::logistic::LogisticModel;
use crate::model::network::{Activation, Skip};
use crate::model::svm::{Kernel, SvmModel};
use crate::model::trees::TreesModel;

/// The score that ranks rows: log-odds, an SVM's decision value, or one constant.
pub(super) fn score(graph: &mut Graph, rows: &Prepared, model: &FittedKind) -> Value {
    if let FittedKind::Dbn(model) = model {
        return ensemble(graph, rows, model);
    }
    let x = graph.cast(rows.x, DOUBLE);
    match model {
        FittedKind::Dbn(_) => x,
        FittedKind::Svm(fitted) => machine(graph, x, rows.n_inputs, &fitted.model),
        FittedKind::Logistic(LogisticModel { coefficients, intercept }) => {
            line(graph, x, &coefficients.to_vec(), *intercept)
        }
        FittedKind::Trees(model) => trees(graph, x, rows.n_inputs, model),
        FittedKind::Majority(shares) => line(graph, x, &vec![0.0; rows.n_inputs], shares.bad()),
    }
}

/// `x·w + b`.
fn line(graph: &mut Graph, x: Value, w: &[f64], b: f64) -> Value {
    let (w, b) = (graph.constant(&[w.len(), 1], w), graph.scalar(b));
    let product = graph.op("MatMul", &[x, w]);
    graph.op("Add", &[product, b])
}

/// The log-odds of the mean of the nets' probabilities, by logarithms.
fn ensemble(graph: &mut Graph, rows: &Prepared, model: &DbnModel) -> Value {
    let log_p: Vec<Value> = model.nets.iter().map(|net| log_probabilities(graph, rows, net)).collect();
    // Good firms' in the first half of the columns, bad ones' in the second. The number of nets cancels.
    let both = [0, 1].map(|class| {
        let of_class: Vec<Value> = log_p.iter().map(|&log_p| graph.columns(log_p, 2, &[class])).collect();
        let all = graph.beside(&of_class);
        if of_class.len() > 1 { log_sum_exp(graph, all) } else { all }
    });
    graph.op("Sub", &[both[1], both[0]])
}

/// ln Σ eˣ of each row without overflow.
fn log_sum_exp(graph: &mut Graph, x: Value) -> Value {
    let top = graph.of_row("ReduceMax", x);
    let below = graph.op("Sub", &[x, top]);
    let exp = graph.op("Exp", &[below]);
    let sum = graph.of_row("ReduceSum", exp);
    let log = graph.op("Log", &[sum]);
    graph.op("Add", &[log, top])
}

/// ln P(class | row) of one net, `(rows, 2)`.
fn log_probabilities(graph: &mut Graph, rows: &Prepared, net: &Net) -> Value {
    let mut h = rows.x;
    let last = net.network.layers.len().saturating_sub(1);
    for (at, layer) in net.network.layers.iter().enumerate() {
        let (n_in, n_out) = layer.w.dim();
        let w: Vec<f32> = layer.w.iter().copied().collect();
        let (w, b) = (graph.constant(&[n_in, n_out], &w), graph.row(&layer.b.to_vec()));
        let z = graph.op("MatMul", &[h, w]);
        h = graph.op("Add", &[z, b]);
        if at < last {
            h = match net.network.activation {
                Activation::Logistic => graph.op("Sigmoid", &[h]),
                Activation::Identity => h,
                Activation::Rectified => graph.op("Relu", &[h]),
            };
        }
    }
    if let Some(skip) = net.network.skip.as_ref().filter(|skip| skip.encoding.width() > 0) {
        let past = skipped(graph, rows, skip);
        h = graph.op("Add", &[h, past]);
    }
    let log_weights = graph.row(&net.log_weights.to_vec());
    let logits = graph.op("Sub", &[h, log_weights]);
    let logits = graph.cast(logits, DOUBLE);
    graph.op_with("LogSoftmax", &[logits], &[("axis", 1)])
}

/// What the way past the hidden layers adds to the logits.
fn skipped(graph: &mut Graph, rows: &Prepared, skip: &Skip) -> Value {
    let (passed, bins) = (skip.encoding.passed(), skip.encoding.binned());
    let mut parts = Vec::new();
    if !passed.is_empty() {
        let passed: Vec<usize> = passed.iter().map(|&input| input as usize).collect();
        parts.push(graph.columns(rows.x, rows.n_inputs, &passed));
    }
    if !bins.is_empty() {
        let inputs: Vec<usize> = bins.iter().flat_map(|bins| [bins.input as usize; BINS]).collect();
        let centres: Vec<f32> = bins.iter().flat_map(|bins| bins.centre).collect();
        let slopes: Vec<f32> = bins.iter().flat_map(|bins| bins.slope).collect();
        let (centres, slopes) = (graph.row(&centres), graph.row(&slopes));
        let (low, high) = (graph.scalar(-1.0_f32), graph.scalar(1.0_f32));
        let x = graph.columns(rows.x, rows.n_inputs, &inputs);
        let x = graph.op("Sub", &[x, centres]);
        let x = graph.op("Mul", &[x, slopes]);
        parts.push(graph.within(x, low, high));
    }
    let encoded = graph.beside(&parts);
    let (n_classes, width) = skip.w.dim();
    let w: Vec<f32> = skip.w.t().iter().copied().collect();
    let w = graph.constant(&[width, n_classes], &w);
    graph.op("MatMul", &[encoded, w])
}

/// The decision value Σ βᵢK(xᵢ, x) − ρ.
fn machine(graph: &mut Graph, x: Value, n_inputs: usize, model: &SvmModel) -> Value {
    let (support, beta) = (model.support(), model.coefficients());
    let kernel = model.kernel();
    if beta.is_empty() || kernel == Kernel::Linear {
        let mut w = vec![0.0; n_inputs];
        for (row, beta) in support.rows().into_iter().zip(beta) {
            w.iter_mut().zip(row).for_each(|(w, x)| *w += beta * x);
        }
        return line(graph, x, &w, -model.rho());
    }
    let across: Vec<f64> = support.t().iter().copied().collect();
    let across = graph.constant(&[n_inputs, beta.len()], &across);
    let products = graph.op("MatMul", &[x, across]);
    let shifted = |graph: &mut Graph, gamma: f64, coef0: f64| {
        let (gamma, coef0) = (graph.scalar(gamma), graph.scalar(coef0));
        let scaled = graph.op("Mul", &[products, gamma]);
        graph.op("Add", &[scaled, coef0])
    };
    let values = match kernel {
        Kernel::Linear => products,
        Kernel::Rbf { gamma } => {
            let lengths: Vec<f64> = support.rows().into_iter().map(|row| row.dot(&row)).collect();
            let lengths = graph.row(&lengths);
            let squares = graph.op("Mul", &[x, x]);
            let length = graph.of_row("ReduceSum", squares);
            let sum = graph.op("Add", &[length, lengths]);
            let (two, minus_gamma, zero) = (graph.scalar(2.0_f64), graph.scalar(-gamma), graph.scalar(0.0_f64));
            let twice = graph.op("Mul", &[products, two]);
            let distance = graph.op("Sub", &[sum, twice]);
            let exponent = graph.op("Mul", &[distance, minus_gamma]);
            // Rounding can make the squared distance of near twins negative.
            let exponent = graph.op("Min", &[exponent, zero]);
            graph.op("Exp", &[exponent])
        }
        Kernel::Polynomial { gamma, coef0, degree } => {
            let base = shifted(graph, gamma, coef0);
            let degree = graph.scalar(f64::from(degree));
            graph.op("Pow", &[base, degree])
        }
        Kernel::Sigmoid { gamma, coef0 } => {
            let inner = shifted(graph, gamma, coef0);
            graph.op("Tanh", &[inner])
        }
    };
    line(graph, values, beta, -model.rho())
}

/// All trees as one list of nodes.
#[derive(Default)]
struct Nodes {
    roots: Vec<usize>,
    /// Input of each split; of a leaf any.
    inputs: Vec<usize>,
    splits: Vec<f64>,
    /// Where a row goes below the split and from it on; a leaf leads to itself.
    left: Vec<usize>,
    right: Vec<usize>,
    /// Answers of the leaves.
    answers: Vec<f64>,
    /// Splits on the longest way.
    depth: usize,
}

impl Nodes {
    fn of(model: &TreesModel) -> Self {
        let mut all = Self::default();
        for tree in &model.trees {
            let root = all.inputs.len();
            all.roots.push(root);
            // Splits above each node: ways lead to later nodes only.
            let mut above = vec![0; tree.nodes.len()];
            for (at, node) in tree.nodes.iter().enumerate() {
                let leaf = node.is_leaf;
                let to = if leaf { [at, at] } else { [node.left_child, node.right_child] };
                all.inputs.push(if leaf { 0 } else { node.split_feature });
                all.splits.push(if leaf { 0.0 } else { node.split_value });
                all.left.push(root + to[0]);
                all.right.push(root + to[1]);
                all.answers.push(if leaf { f64::from(node.weight_value) } else { 0.0 });
                let splits: usize = above[at];
                all.depth = all.depth.max(splits);
                for next in to.into_iter().filter(|next| *next > at) {
                    if let Some(count) = above.get_mut(next) {
                        *count = splits + 1;
                    }
                }
            }
        }
        all
    }
}

/// F₀ and the answers of all trees. All trees are gone down at once, one split in each step.
fn trees(graph: &mut Graph, x: Value, n_inputs: usize, model: &TreesModel) -> Value {
    let nodes = Nodes::of(model);
    let base = line(graph, x, &vec![0.0; n_inputs], model.base);
    if nodes.roots.is_empty() {
        return base;
    }
    let inputs = graph.list(nodes.inputs);
    let splits = graph.constant(&[nodes.splits.len()], &nodes.splits);
    let (left, right) = (graph.list(nodes.left), graph.list(nodes.right));
    let answers = graph.constant(&[nodes.answers.len()], &nodes.answers);
    // One place per row and tree: the roots for every row.
    let every = line(graph, x, &vec![0.0; n_inputs], 0.0);
    let (roots, every) = (graph.row(&nodes.roots), graph.cast(every, INT64));
    let mut places = graph.op("Add", &[every, roots]);
    for _ in 0..nodes.depth {
        let input = graph.look_up(inputs, places);
        let value = graph.op_with("GatherElements", &[x, input], &[("axis", 1)]);
        let split = graph.look_up(splits, places);
        let below = graph.op("Less", &[value, split]);
        let (left, right) = (graph.look_up(left, places), graph.look_up(right, places));
        places = graph.op("Where", &[below, left, right]);
    }
    let found = graph.look_up(answers, places);
    let sum = graph.of_row("ReduceSum", found);
    graph.op("Add", &[sum, base])
}
