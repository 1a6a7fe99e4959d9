//! Annealed importance sampling against ln Z by enumeration.

use ndarray::Axis;

use super::*;

#[test]
fn forward_and_backward_estimates_bracket_log_z() {
    for kind in [Kind::Bernoulli, Kind::Unit, Kind::Gaussian, Kind::Mixed] {
        let rbm = machine(kind, Hidden::Bernoulli, 8, 6, 3);
        let exact = Exact::new(&rbm).log_z().unwrap();
        let states = exact_samples(&rbm, 200);
        let means = states.mean_axis(Axis(0)).unwrap();
        let mut random = stream(1, Purpose::PreTraining, 3);
        let mut forward = Ais::new(&rbm, &means, 200, 300, &mut random).unwrap();
        let mut backward = Ais::backward(&rbm, &means, &states, 300, &mut random).unwrap();
        assert_eq!(forward.estimate(), None, "not before the end");
        while forward.advance(7) {}
        backward.advance(usize::MAX);
        assert_eq!(forward.progress(), 1.0);
        for ais in [forward, backward] {
            let AisEstimate { log_z, low, high, effective_chains, chains } = ais.estimate().unwrap();
            assert!(low.unwrap() < exact && exact < high.unwrap(), "{kind:?} {low:?} {exact} {high:?}");
            assert!((log_z - exact).abs() < 0.1, "{kind:?} {log_z} {exact}");
            assert!(chains == 200 && effective_chains > 100.0 && effective_chains <= 200.0 + 1e-6);
        }
    }
}

#[test]
fn other_machines_with_a_closed_form_agree_too() {
    let mut joint = machine(Kind::Bernoulli, Hidden::Bernoulli, 8, 5, 4);
    joint.n_classes = 3;
    let gaussian = machine(Kind::Gaussian, Hidden::Gaussian, 4, 3, 4);
    let linear = machine(Kind::Bernoulli, Hidden::Gaussian, 6, 3, 4);
    for rbm in [joint, gaussian, linear] {
        let exact = Exact::new(&rbm).log_z().unwrap();
        let means = Array1::from_elem(rbm.n_visible(), 0.4);
        let mut ais = Ais::new(&rbm, &means, 300, 300, &mut stream(1, Purpose::PreTraining, 3)).unwrap();
        while ais.advance(50) {}
        let got = ais.estimate().unwrap();
        assert!((got.log_z - exact).abs() < 0.1, "{:?} {got:?} {exact}", rbm.visible);
    }
}

#[test]
fn too_few_temperatures_show_in_the_spread() {
    let mut rbm = machine(Kind::Bernoulli, Hidden::Bernoulli, 12, 10, 5);
    rbm.w *= 4.0;
    let means = Array1::from_elem(12, 0.5);
    let spread = |temperatures| {
        let mut ais = Ais::new(&rbm, &means, 50, temperatures, &mut stream(1, Purpose::PreTraining, 3)).unwrap();
        while ais.advance(10) {}
        ais.estimate().unwrap()
    };
    let (one, many) = (spread(1), spread(2000));
    assert!(one.effective_chains < 10.0 && one.low.is_none(), "{one:?}");
    assert!(many.effective_chains > 25.0, "{many:?}");
    let rectified = rbm.with_hidden(Hidden::Rectified);
    assert!(Ais::new(&rectified, &means, 50, 10, &mut stream(1, Purpose::PreTraining, 3)).is_none());
}
