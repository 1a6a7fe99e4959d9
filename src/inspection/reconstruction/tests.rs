use ndarray::{Array1, array};
use rand::RngExt as _;

use super::*;
use crate::data::{Dataset, Indicator, PreparationSettings, Values};
use crate::model::rbm::{Hidden, Visible};
use crate::random::{Purpose, stream};

fn machine(visible: Visible, n: usize, m: usize, n_classes: usize, seed: u64) -> Rbm {
    let mut random = stream(seed, Purpose::Picture, 0);
    let mut draw = || random.random::<f32>() * 2.0 - 1.0;
    Rbm {
        visible,
        hidden: Hidden::Bernoulli,
        w: Array2::from_shape_simple_fn((n, m), &mut draw),
        b: Array1::from_shape_simple_fn(n, &mut draw),
        c: Array1::from_shape_simple_fn(m, &mut draw),
        log_variance: None,
        n_classes,
    }
}

fn sigma(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Σ over units of the layer below, written from MATH §2.
fn up(machine: &Rbm, v: &[f64]) -> Vec<f64> {
    let input = |j| (0..v.len()).map(|i| v[i] * f64::from(machine.w[[i, j]])).sum::<f64>() + f64::from(machine.c[j]);
    (0..machine.n_hidden()).map(|j| sigma(input(j))).collect()
}

fn down(machine: &Rbm, h: &[f64]) -> Vec<f64> {
    let input = |i| (0..h.len()).map(|j| h[j] * f64::from(machine.w[[i, j]])).sum::<f64>() + f64::from(machine.b[i]);
    (0..machine.n_visible()).map(|i| if machine.is_gaussian(i) { input(i) } else { sigma(input(i)) }).collect()
}

fn rows(n: usize, columns: usize) -> Array2<f32> {
    let mut random = stream(7, Purpose::Picture, 1);
    Array2::from_shape_simple_fn((n, columns), || random.random::<f32>() * 4.0 - 2.0)
}

fn assert_near(got: &ArrayRef2<f32>, want: impl Fn(usize) -> Vec<f64>) {
    for (r, got) in got.rows().into_iter().enumerate() {
        for (got, want) in got.iter().zip(want(r)) {
            assert!((f64::from(*got) - want).abs() < 1e-5, "{got} is not {want}");
        }
    }
}

#[test]
fn one_machine_and_a_stack_against_plain_sums() {
    let machines = [machine(Visible::Gaussian, 5, 4, 0, 1), machine(Visible::Bernoulli, 4, 3, 0, 2)];
    let x = rows(6, 5);
    let row = |r: usize| x.row(r).iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
    let one = reconstruct(&machines[..1], None, &x).unwrap();
    assert_near(&one, |r| down(&machines[0], &up(&machines[0], &row(r))));
    let both = reconstruct(&machines, None, &x).unwrap();
    assert_near(&both, |r| {
        let h = up(&machines[1], &up(&machines[0], &row(r)));
        down(&machines[0], &down(&machines[1], &h))
    });
}

#[test]
fn the_error_of_one_machine_is_its_reconstruction_error() {
    let machine = machine(Visible::Gaussian, 5, 4, 0, 3);
    let x = rows(50, 5);
    let back = reconstruct(std::slice::from_ref(&machine), None, &x).unwrap();
    let mean = mean_squared(&x, &back, 0..5).unwrap();
    assert!((mean - machine.reconstruction_error(&x).unwrap()).abs() < 1e-6 * mean);
}

#[test]
fn inputs_are_shown_and_read_back_by_the_map() {
    let machine = machine(Visible::Mixed(vec![true, false]), 2, 3, 0, 4);
    let map = InputMap { low: array![10.0, 0.0], width: array![5.0, 1.0] };
    let x = array![[15.0_f32, 0.5], [10.0, -1.0]];
    let back = reconstruct(std::slice::from_ref(&machine), Some(&map), &x).unwrap();
    assert_near(&back, |r| {
        let v = [f64::from((x[[r, 0]] - 10.0) / 5.0), f64::from(x[[r, 1]])];
        let v = down(&machine, &up(&machine, &v));
        vec![10.0 + 5.0 * v[0], v[1]]
    });
}

#[test]
fn the_label_units_of_a_joint_machine_hold_what_it_thinks_of_the_row() {
    let machine = machine(Visible::Gaussian, 5, 4, 2, 5);
    let x = rows(4, 3);
    let back = reconstruct(std::slice::from_ref(&machine), None, &x).unwrap();
    assert_eq!(back.dim(), (4, 3));
    assert_near(&back, |r| {
        // p(y | x) ∝ e^{d_y} Π_j (1 + e^{c_j + x·W_j + U_yj}).
        let x: Vec<f64> = x.row(r).iter().map(|&x| f64::from(x)).collect();
        let weight = |y: usize| {
            let term = |j| {
                let input: f64 = (0..3).map(|i| x[i] * f64::from(machine.w[[i, j]])).sum();
                1.0 + (input + f64::from(machine.c[j]) + f64::from(machine.w[[3 + y, j]])).exp()
            };
            f64::from(machine.b[3 + y]).exp() * (0..4).map(term).product::<f64>()
        };
        let (good, bad) = (weight(0), weight(1));
        let v = [x[0], x[1], x[2], good / (good + bad), bad / (good + bad)];
        down(&machine, &up(&machine, &v))[..3].to_vec()
    });
}

#[test]
fn a_joint_machine_stands_on_top_of_a_stack() {
    // Two label units beside the four features that the lower machine hands on.
    let machines = [machine(Visible::Gaussian, 5, 4, 0, 6), machine(Visible::Bernoulli, 6, 3, 2, 7)];
    let [lower, top] = &machines;
    let x = rows(4, 5);
    let back = reconstruct(&machines, None, &x).unwrap();
    assert_eq!(back.dim(), (4, 5));
    assert_near(&back, |r| {
        let x: Vec<f64> = x.row(r).iter().map(|&x| f64::from(x)).collect();
        let features = up(lower, &x);
        let with = |label: [f64; 2]| features.iter().copied().chain(label).collect::<Vec<f64>>();
        // p(y | features) ∝ Σ over all h of e^{−E(features, y, h)}.
        let weight = |label: [f64; 2]| {
            let v = with(label);
            let bias: f64 = v.iter().zip(&top.b).map(|(v, &b)| v * f64::from(b)).sum();
            let states = (0..1_u32 << 3).map(|state| {
                let on = (0..3).filter(|j| state >> j & 1 == 1);
                let input = |j: usize| -> f64 {
                    (0..6).map(|i| v[i] * f64::from(top.w[[i, j]])).sum::<f64>() + f64::from(top.c[j])
                };
                (bias + on.map(input).sum::<f64>()).exp()
            });
            states.sum::<f64>()
        };
        let (good, bad) = (weight([1.0, 0.0]), weight([0.0, 1.0]));
        let h = up(top, &with([good / (good + bad), bad / (good + bad)]));
        down(lower, &down(top, &h)[..4])
    });
}

#[test]
fn what_does_not_fit_is_undefined() {
    let machines = [machine(Visible::Gaussian, 5, 4, 0, 1), machine(Visible::Bernoulli, 3, 3, 0, 2)];
    assert_eq!(reconstruct(&[], None, &rows(2, 5)), None);
    assert_eq!(reconstruct(&machines[..1], None, &rows(2, 4)), None);
    assert_eq!(reconstruct(&machines, None, &rows(2, 5)), None);
    assert_eq!(reconstruct(&machines[..1], None, &rows(0, 5)).map(|back| back.dim()), Some((0, 5)));
}

#[test]
fn errors_of_an_indicator_are_those_of_its_inputs() {
    // A number, and a category of three levels.
    let numbers: Vec<f64> = (0..12).map(f64::from).collect();
    let codes = (0..12).map(|i| Some(i % 3)).collect();
    let levels = ["a", "b", "c"].map(str::to_owned).to_vec();
    let data = Dataset {
        indicators: vec![
            Indicator { name: "size".into(), values: Values::Numeric(numbers.into()) },
            Indicator { name: "sector".into(), values: Values::Category { codes, levels } },
        ],
        bad: vec![Some(false); 12],
        label_name: "y".into(),
        label_codes: vec![Some(0); 12],
        label_levels: vec!["0".into(), "1".into()],
        bad_value: "1".into(),
        enterprise: None,
        enterprise_names: Vec::new(),
        period: None,
        split: None,
        exposure: None,
        source_rows: (1..=12).collect(),
        notices: Vec::new(),
    };
    let all: Vec<usize> = (0..12).collect();
    let preparation = Preparation::fit(&data, &all, &PreparationSettings::default()).unwrap();
    let x = preparation.apply(&data, &all);
    let mut back = x.clone();
    let sector = preparation.inputs_of("sector").unwrap().values;
    back.column_mut(0).mapv_inplace(|x| x + 0.5);
    back.column_mut(sector.start).mapv_inplace(|x| x - 2.0);
    let errors = indicator_errors(&preparation, &x, &back);
    assert!((errors[0].unwrap() - 0.25).abs() < 1e-6);
    assert!((errors[1].unwrap() - 4.0 / sector.len() as f64).abs() < 1e-6);
    back[[0, 0]] = f32::NAN;
    assert_eq!(indicator_errors(&preparation, &x, &back)[0], None);
    let none = x.slice(s![..0, ..]);
    assert_eq!(indicator_errors(&preparation, &none, &none), [None, None]);
}
