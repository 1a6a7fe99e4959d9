//! The formulas of MATH §2–3, for one kind of unit, and the same with the numbers of one hidden and one visible unit.
//!
//! In formulas `_` and the letters after it stand below the line: `W_ij`. σm is the logistic function, `σ_i` the scale of a
//! visible unit.

use super::coins::spread;
use super::number::{number, plus, subscript, term, told_apart};
use super::{Inputs, SubStep, Trace};
use crate::model::rbm::{Hidden, Rbm};

/// One hidden and one visible unit, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    /// i.
    pub visible: usize,
    /// j.
    pub hidden: usize,
}

/// The kind of a visible unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitKind {
    /// Binary.
    Bernoulli,
    /// Real-valued.
    Gaussian,
    /// One of the label of a joint machine.
    Label,
}

impl UnitKind {
    /// Of visible unit `unit`, from 0.
    pub fn of(rbm: &Rbm, unit: usize) -> Self {
        match unit {
            _ if unit >= rbm.n_features() => Self::Label,
            _ if rbm.is_gaussian(unit) => Self::Gaussian,
            _ => Self::Bernoulli,
        }
    }
}

/// The formula of a sub-step in symbols, `visible` being the kind of the visible unit that is looked at.
pub fn formula(step: SubStep, rbm: &Rbm, visible: UnitKind) -> &'static str {
    let scaled = rbm.log_variance.is_some();
    match (step, rbm.hidden, visible) {
        (SubStep::Hidden, Hidden::Bernoulli, _) if scaled => "p(h_j=1|v) = σm(c_j + Σ_i v_i W_ij/σ_i)",
        (SubStep::Hidden, Hidden::Bernoulli, _) => "p(h_j=1|v) = σm(c_j + Σ_i v_i W_ij)",
        (SubStep::Hidden, Hidden::Gaussian, _) if scaled => "E[h_j|v] = c_j + Σ_i v_i W_ij/σ_i",
        (SubStep::Hidden, Hidden::Gaussian, _) => "E[h_j|v] = c_j + Σ_i v_i W_ij",
        (SubStep::Hidden, Hidden::Rectified, _) if scaled => "max(0, x_j),  x_j = c_j + Σ_i v_i W_ij/σ_i",
        (SubStep::Hidden, Hidden::Rectified, _) => "max(0, x_j),  x_j = c_j + Σ_i v_i W_ij",
        (SubStep::Coin, Hidden::Bernoulli, _) => "h_j = 1 where the coin u_j < p(h_j=1|v), else 0",
        (SubStep::Coin, Hidden::Gaussian, _) => "h_j = E[h_j|v] + ε_j,  ε_j from N(0, 1)",
        (SubStep::Coin, Hidden::Rectified, _) => "h_j = max(0, x_j + √σm(x_j) · ε_j),  ε_j from N(0, 1)",
        (SubStep::Visible, _, UnitKind::Bernoulli) => "v′_i = p(v_i=1|h) = σm(b_i + Σ_j W_ij h_j)",
        (SubStep::Visible, _, UnitKind::Gaussian) if scaled => "v′_i = E[v_i|h] = b_i + σ_i Σ_j W_ij h_j",
        (SubStep::Visible, _, UnitKind::Gaussian) => "v′_i = E[v_i|h] = b_i + Σ_j W_ij h_j",
        (SubStep::Visible, _, UnitKind::Label) => "v′_i = softmax of b_i + Σ_j W_ij h_j over the label",
        (SubStep::HiddenAgain, Hidden::Bernoulli, _) if scaled => "p(h_j=1|v′) = σm(c_j + Σ_i v′_i W_ij/σ_i)",
        (SubStep::HiddenAgain, Hidden::Bernoulli, _) => "p(h_j=1|v′) = σm(c_j + Σ_i v′_i W_ij)",
        (SubStep::HiddenAgain, Hidden::Gaussian, _) if scaled => "E[h_j|v′] = c_j + Σ_i v′_i W_ij/σ_i",
        (SubStep::HiddenAgain, Hidden::Gaussian, _) => "E[h_j|v′] = c_j + Σ_i v′_i W_ij",
        (SubStep::HiddenAgain, Hidden::Rectified, _) if scaled => "max(0, x′_j),  x′_j = c_j + Σ_i v′_i W_ij/σ_i",
        (SubStep::HiddenAgain, Hidden::Rectified, _) => "max(0, x′_j),  x′_j = c_j + Σ_i v′_i W_ij",
        (SubStep::Products, ..) if scaled => "g_ij = <v_i h_j/σ_i>data − <v_i h_j/σ_i>recon",
        (SubStep::Products, ..) => "g_ij = <v_i h_j>data − <v_i h_j>recon",
        (SubStep::Update, ..) => "ΔW_ij = m ΔW_ij + r (g_ij − d W_ij),  W_ij += ΔW_ij",
    }
}

/// The formula of a sub-step with the numbers of `trace` for one pair of units: one line after the other. Empty for a unit
/// that is not there.
pub fn filled(step: SubStep, rbm: &Rbm, trace: &Trace, unit: Unit) -> Vec<String> {
    if unit.visible >= trace.v.len() || unit.hidden >= trace.h.len() || rbm.w.dim() != trace.data.dim() {
        return Vec::new();
    }
    match (step, &trace.inputs) {
        (SubStep::Products, _) => products(rbm, trace, unit),
        (SubStep::Update, _) => update(rbm, trace, unit),
        (_, Some(inputs)) => of_row(step, rbm, trace, inputs, unit),
        (_, None) => of_batch(step, rbm, trace, unit),
    }
}

fn of_row(step: SubStep, rbm: &Rbm, trace: &Trace, inputs: &Inputs, unit: Unit) -> Vec<String> {
    let Unit { visible: i, hidden: j } = unit;
    match step {
        SubStep::Hidden => vec![driven(rbm, "v", j, inputs.up[j], trace.h_mean[j])],
        SubStep::HiddenAgain => vec![driven(rbm, "v′", j, inputs.up_again[j], trace.h_recon[j])],
        SubStep::Coin => vec![coin(rbm.hidden, trace, inputs, j)],
        _ => reconstructed(rbm, trace, inputs, i),
    }
}

/// "p(h₅=1|v) = σm(0.31 + 2.13) = 0.92"
fn driven(rbm: &Rbm, of: &str, j: usize, x: f32, mean: f32) -> String {
    let (at, c) = (subscript(j + 1), rbm.c[j]);
    let sum = format!("{}{}", number(c), plus(x - c));
    match rbm.hidden {
        Hidden::Bernoulli => format!("p(h{at}=1|{of}) = σm({sum}) = {}", number(mean)),
        Hidden::Gaussian => format!("E[h{at}|{of}] = {sum} = {}", number(mean)),
        Hidden::Rectified => format!("max(0, {sum}) = max(0, {}) = {}", number(x), number(mean)),
    }
}

/// "coin 0.37 < 0.92 → on"
fn coin(kind: Hidden, trace: &Trace, inputs: &Inputs, j: usize) -> String {
    let (coin, h, at) = (inputs.coins[j], number(trace.h[j]), subscript(j + 1));
    match kind {
        Hidden::Bernoulli => {
            let [coin_text, p] = told_apart(coin, trace.h_mean[j]);
            if trace.h[j] > 0.0 {
                format!("coin {coin_text} < {p} → h{at} is on")
            } else {
                format!("coin {coin_text} ≥ {p} → h{at} is off")
            }
        }
        Hidden::Gaussian => format!("h{at} = {}{} = {h}", number(trace.h_mean[j]), plus(coin)),
        Hidden::Rectified => {
            let x = inputs.up[j];
            format!("h{at} = max(0, {} + {} · {}) = {h}", number(x), number(spread(x)), term(coin))
        }
    }
}

/// "v′₂ = −0.10 + 1.20 · (−0.58) = −0.80"
fn reconstructed(rbm: &Rbm, trace: &Trace, inputs: &Inputs, i: usize) -> Vec<String> {
    let (at, b, x, mean) = (subscript(i + 1), rbm.b[i], inputs.down[i], number(trace.v_recon[i]));
    let sum = format!("{}{}", number(b), plus(x - b));
    match UnitKind::of(rbm, i) {
        UnitKind::Bernoulli => vec![format!("v′{at} = σm({sum}) = {mean}")],
        UnitKind::Gaussian if rbm.log_variance.is_some() => {
            let sigma = rbm.sigma(i);
            vec![format!("v′{at} = {} + {} · {} = {mean}", number(b), number(sigma), term((x - b) / sigma))]
        }
        UnitKind::Gaussian => vec![format!("v′{at} = {sum} = {mean}")],
        UnitKind::Label => {
            let all: Vec<String> =
                (rbm.n_features()..rbm.n_visible()).map(|k| format!("exp({})", number(inputs.down[k]))).collect();
            vec![
                format!("x{at} = {sum} = {}", number(x)),
                format!("v′{at} = exp({}) / ({}) = {mean}", number(x), all.join(" + ")),
            ]
        }
    }
}

fn of_batch(step: SubStep, rbm: &Rbm, trace: &Trace, unit: Unit) -> Vec<String> {
    let (i, j) = (subscript(unit.visible + 1), subscript(unit.hidden + 1));
    let [mean, drawn, recon, again] =
        [trace.h_mean[unit.hidden], trace.h[unit.hidden], trace.v_recon[unit.visible], trace.h_recon[unit.hidden]]
            .map(number);
    let over = format!("mean over {} rows", trace.rows);
    let of_hidden = |of: &str| match rbm.hidden {
        Hidden::Bernoulli => format!("p(h{j}=1|{of})"),
        Hidden::Gaussian => format!("E[h{j}|{of}]"),
        Hidden::Rectified => format!("max(0, x{j}) given {of}"),
    };
    vec![match (step, rbm.hidden) {
        (SubStep::Hidden, _) => format!("{over} of {}: {mean}", of_hidden("v")),
        (SubStep::HiddenAgain, _) => format!("{over} of {}: {again}", of_hidden("v′")),
        (SubStep::Coin, Hidden::Bernoulli) => {
            format!("h{j} came up on in {drawn} of the {} rows; its mean p is {mean}", trace.rows)
        }
        (SubStep::Coin, _) => format!("{over} of h{j}: {drawn}; of its mean {mean}"),
        _ => format!("{over} of v′{i}: {recon}; of v{i}: {}", number(trace.v[unit.visible])),
    }]
}

fn products(rbm: &Rbm, trace: &Trace, unit: Unit) -> Vec<String> {
    let Unit { visible: i, hidden: j } = unit;
    let [data, recon, g] = [trace.data[[i, j]], trace.recon[[i, j]], trace.g[[i, j]]];
    let pair = format!("{}{}", subscript(i + 1), if j + 1 > 9 || i + 1 > 9 { "," } else { "" }) + &subscript(j + 1);
    let difference = if trace.is_corrected() {
        format!(
            "{}{} = {}; with sparsity or centring g{pair} = {}",
            number(data),
            plus(-recon),
            number(data - recon),
            number(g)
        )
    } else {
        format!("g{pair} = {}{} = {}", number(data), plus(-recon), number(g))
    };
    if trace.inputs.is_none() {
        let over = format!("over {} rows", trace.rows);
        return vec![format!("data {over}: {}", number(data)), format!("recon {over}: {}", number(recon)), difference];
    }
    let sigma = rbm.sigma(i);
    let over = if rbm.log_variance.is_some() { format!(" / {}", number(sigma)) } else { String::new() };
    let product = |v: f32, h: f32, vh: f32| format!("{} · {}{over} = {}", number(v), term(h), number(vh));
    vec![
        format!("data: {}", product(trace.v[i], trace.h_mean[j], data)),
        format!("recon: {}", product(trace.v_recon[i], trace.h_recon[j], recon)),
        difference,
    ]
}

fn update(rbm: &Rbm, trace: &Trace, unit: Unit) -> Vec<String> {
    let Unit { visible: i, hidden: j } = unit;
    let Some(update) = &trace.update else { return vec!["nothing is added any more".to_owned()] };
    let (w, step, at) = (rbm.w[[i, j]], &update.step, [i, j]);
    let [momentum, rate, cost] = [step.momentum, step.rate, step.weight_cost].map(number);
    let wanted = step.momentum * update.last[at] + step.rate * (trace.g[at] - step.weight_cost * w);
    let sum = format!(
        "ΔW = {momentum} · {} + {rate} · ({} − {cost} · {}) = {}",
        term(update.last[at]),
        number(trace.g[at]),
        term(w),
        number(wanted)
    );
    let limited = (wanted - update.delta[at]).abs() > 1e-3 * wanted.abs() + 1e-9;
    let shortened = || format!("shortened to {} by the limit on updates", number(update.delta[at]));
    let after = format!("W = {}{} = {}", number(w), plus(update.delta[at]), number(update.after[at]));
    std::iter::once(sum).chain(limited.then(shortened)).chain([after]).collect()
}
