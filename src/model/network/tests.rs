//! The gradient against finite differences of a loss written in f64 from MATH alone, and the edges.

use super::*;
use crate::model::kernels::Lanes;
use crate::random::{Purpose, stream};
use ndarray::{array, s};
use rand::RngExt as _;

fn numbers(shape: (usize, usize), scale: f32, seed: u64) -> Array2<f32> {
    let mut random = stream(seed, Purpose::InitialWeights, 0);
    Array2::from_shape_simple_fn(shape, || (random.random::<f32>() - 0.5) * 2.0 * scale)
}

fn network(sizes: &[usize], skip: Option<Encoding>, seed: u64) -> Network {
    let layer = |(l, s): (usize, &[usize])| Layer {
        w: numbers((s[0], s[1]), 1.0, seed + l as u64),
        b: numbers((1, s[1]), 1.0, seed + 100 + l as u64).row(0).to_owned(),
    };
    let n_classes = sizes[sizes.len() - 1];
    let skip = skip.map(|encoding| Skip { w: numbers((n_classes, encoding.width()), 1.0, seed + 200), encoding });
    Network { layers: sizes.windows(2).enumerate().map(layer).collect(), skip, activation: Activation::Logistic }
}

fn lanes() -> Lanes {
    Lanes::new(&mut stream(7, Purpose::FineTuning, 1))
}

fn plain(class_weights: Vec<f32>) -> Objective {
    Objective { class_weights, label_smoothing: 0.0 }
}

/// A net in f64, its masks of dropout fixed: per hidden layer and row what each activation is multiplied with.
#[derive(Clone)]
struct Wide {
    layers: Vec<(Array2<f64>, Array1<f64>)>,
    skip: Option<Array2<f64>>,
    masks: Vec<Array2<f64>>,
    activation: Activation,
}

impl Wide {
    fn of(net: &Network, masks: Vec<Array2<f64>>) -> Self {
        let layers = net.layers.iter().map(|l| (l.w.mapv(f64::from), l.b.mapv(f64::from))).collect();
        Self { layers, skip: net.skip.as_ref().map(|skip| skip.w.mapv(f64::from)), masks, activation: net.activation }
    }

    /// The loss, one row and one unit at a time. `encoded` are the rows as the skip input has them.
    fn loss(&self, x: &Array2<f32>, encoded: &Array2<f32>, y: &[usize], objective: &Objective) -> f64 {
        let mut total = 0.0;
        for (i, &y) in y.iter().enumerate() {
            let mut h: Vec<f64> = x.row(i).iter().map(|&x| f64::from(x)).collect();
            for (l, (w, b)) in self.layers.iter().enumerate() {
                let below = h;
                h = (0..b.len()).map(|j| b[j] + (0..below.len()).map(|k| below[k] * w[[k, j]]).sum::<f64>()).collect();
                if l + 1 < self.layers.len() {
                    let f = |z: f64| match self.activation {
                        Activation::Logistic => 1.0 / (1.0 + (-z).exp()),
                        Activation::Identity => z,
                        Activation::Rectified => z.max(0.0),
                    };
                    h = h.iter().enumerate().map(|(j, &z)| self.masks[l][[i, j]] * f(z)).collect();
                }
            }
            for (z, s) in h.iter_mut().zip(self.skip.iter().flat_map(|s| s.rows())) {
                *z += s.iter().zip(encoded.row(i)).map(|(s, &e)| s * f64::from(e)).sum::<f64>();
            }
            let sum: f64 = h.iter().map(|z| z.exp()).sum();
            let (eps, k) = (f64::from(objective.label_smoothing), h.len() as f64);
            for (class, z) in h.iter().enumerate() {
                let q = eps / k + if class == y { 1.0 - eps } else { 0.0 };
                total -= f64::from(objective.class_weights[y]) * q * (z.exp() / sum).ln();
            }
        }
        total / y.len() as f64
    }

    /// All numbers, in the order of the gradient's.
    fn numbers(&mut self) -> Vec<&mut f64> {
        let layers = self.layers.iter_mut().flat_map(|(w, b)| w.iter_mut().chain(b.iter_mut()));
        layers.chain(self.skip.iter_mut().flat_map(|s| s.iter_mut())).collect()
    }
}

fn flat(gradient: &Gradient) -> Vec<f32> {
    let layers = gradient.layers.iter().flat_map(|l| l.w.iter().chain(&l.b));
    layers.chain(gradient.skip.iter().flatten()).copied().collect()
}

/// The masks that back-propagation is going to draw: each unit of each row, layer by layer.
fn masks(net: &Network, rows: usize, dropout: f32, mut lanes: Lanes) -> Vec<Array2<f64>> {
    let hidden = &net.layers[..net.layers.len() - 1];
    let mask = |layer: &Layer| {
        let n = rows * layer.b.len();
        let mut drawn = vec![1.0; n];
        if dropout > 0.0 {
            kernels::draw_bernoulli(&mut lanes, &vec![1.0 - dropout; n], &mut drawn);
        }
        let scaled = drawn.iter().map(|&d| f64::from(d) / f64::from(1.0 - dropout)).collect();
        Array2::from_shape_vec((rows, layer.b.len()), scaled).unwrap()
    };
    hidden.iter().map(mask).collect()
}

#[test]
fn back_propagation_agrees_with_finite_differences_through_the_whole_stack() {
    let x = numbers((7, 4), 2.0, 9);
    let y = [0, 2, 1, 1, 0, 2, 2];
    let bins = Encoding::piecewise_linear(&x);
    let cases = [
        (Activation::Logistic, None, 0.0, 0.0),
        (Activation::Logistic, Some(Encoding::linear(4)), 0.0, 0.1),
        (Activation::Logistic, Some(bins), 0.4, 0.2),
        (Activation::Identity, None, 0.0, 0.0),
        (Activation::Identity, None, 0.4, 0.0),
        (Activation::Rectified, None, 0.0, 0.0),
        (Activation::Rectified, None, 0.4, 0.0),
    ];
    for (activation, skip, dropout, label_smoothing) in cases {
        let net = Network { activation, ..network(&[4, 5, 3, 3], skip, 3) };
        let objective = Objective { class_weights: vec![1.0, 0.5, 2.0], label_smoothing };
        let mut encoded = Array2::zeros((7, net.skip.as_ref().map_or(0, |skip| skip.w.ncols())));
        if let Some(skip) = &net.skip {
            skip.encoding.write(&x, &mut encoded);
        }
        let wide = Wide::of(&net, masks(&net, 7, dropout, lanes()));
        let mut bp = BackPropagation::new(&net, 7, objective.clone(), dropout, lanes());
        let got = flat(bp.gradient(&net, &x, &y));
        assert_eq!(got.len(), net.n_parameters());
        let eps = 1e-5;
        for (place, &got) in got.iter().enumerate() {
            let at = |by: f64| {
                let mut moved = wide.clone();
                *moved.numbers()[place] += by;
                moved.loss(&x, &encoded, &y, &objective)
            };
            let numeric = (at(eps) - at(-eps)) / (2.0 * eps);
            assert!((f64::from(got) - numeric).abs() < 1e-6, "dropout {dropout}, {place}: {got} {numeric}");
        }
        // What is predicted is the same net without any mask.
        let plain_loss = Wide::of(&net, masks(&net, 7, 0.0, lanes()));
        let plain_objective = plain(objective.class_weights);
        let want = plain_loss.loss(&x, &encoded, &y, &plain_objective);
        let measured = Measures::new(&net.logits(&x), &y, &plain_objective.class_weights).unwrap();
        assert!((measured.loss - want).abs() < 1e-6);
    }
}

#[test]
fn a_short_batch_is_the_mean_of_its_own_rows() {
    let net = network(&[3, 4, 2], Some(Encoding::linear(3)), 5);
    let x = numbers((3, 3), 1.0, 8);
    let y = [1, 0, 1];
    let mut bp = BackPropagation::new(&net, 16, plain(vec![1.0, 3.0]), 0.0, lanes());
    bp.gradient(&net, &numbers((16, 3), 5.0, 1), &[0; 16]);
    let together = flat(bp.gradient(&net, &x, &y));
    let mut mean = vec![0.0; together.len()];
    for i in 0..3 {
        let one = flat(bp.gradient(&net, &x.slice(s![i..=i, ..]), &y[i..=i]));
        mean.iter_mut().zip(one).for_each(|(mean, g)| *mean += g / 3.0);
    }
    assert!(together.iter().zip(mean).all(|(a, b)| (a - b).abs() < 1e-6));
}

#[test]
fn huge_logits_stay_finite() {
    let net = Network {
        layers: vec![Layer { w: array![[1e4_f32, -1e4]], b: array![0.0, 0.0] }],
        skip: None,
        activation: Activation::Logistic,
    };
    let x = array![[1.0_f32], [-1.0]];
    assert_eq!(softmax(net.logits(&x)), array![[1.0, 0.0], [0.0, 1.0]]);
    let mut bp = BackPropagation::new(&net, 2, plain(vec![1.0, 1.0]), 0.0, lanes());
    let gradient = bp.gradient(&net, &x, &[1, 1]);
    // Row 1 is wholly wrong, row 2 wholly right: ½·(1, −1).
    assert_eq!(gradient.layers[0].w, array![[0.5, -0.5]]);
}

#[test]
fn dropout_keeps_the_mean() {
    // One hidden layer of 200 units at ½, and an output that sums them up: what training sees against what is predicted.
    let hidden = Layer { w: Array2::zeros((1, 200)), b: Array1::zeros(200) };
    let output = Layer { w: Array2::from_elem((200, 2), 0.01), b: Array1::zeros(2) };
    let net = Network { layers: vec![hidden, output], skip: None, activation: Activation::Logistic };
    let x = Array2::zeros((100, 1));
    let mut bp = BackPropagation::new(&net, 100, plain(vec![1.0, 1.0]), 0.3, lanes());
    bp.gradient(&net, &x, &[0; 100]);
    // The gradient of V is the mean of h·δ, and δ is −½ in every row, so −2·its mean is that of h: ½.
    let mean = -2.0 * bp.gradient(&net, &x, &[0; 100]).layers[1].w.column(0).mean().unwrap();
    // The standard deviation of one activation is ½·√(0.3/0.7); of 20,000 of them 0.0023.
    assert!((mean - 0.5).abs() < 0.01, "{mean}");
    assert_ne!(mean, 0.5, "some were left out");
    let logits = net.logits(&x);
    assert!(logits.iter().all(|z| (z - 1.0).abs() < 1e-5), "nothing is left out in predicting");
}

#[test]
fn many_rows_are_answered_like_few() {
    let net = network(&[3, 4, 2], Some(Encoding::linear(3)), 5);
    let x = numbers((600, 3), 1.0, 8);
    let all = net.logits(&x);
    let last = net.logits(&x.slice(s![590.., ..]));
    assert!((&all.slice(s![590.., ..]) - &last).iter().all(|d| d.abs() < 1e-6));
    assert_eq!(net.logits(&Array2::zeros((0, 3))).dim(), (0, 2));
}
