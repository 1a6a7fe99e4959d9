//! Bars and stripes (Fischer, Igel, 2014): a small set whose exact log-likelihood tells which way of
//! training holds, and which lets it rise and then fall.

use super::*;

/// All 3 × 3 pictures of whole bars or whole stripes: 14, with the empty and the full one twice.
fn pictures() -> Array2<f32> {
    Array2::from_shape_fn((16, 9), |(r, pixel)| {
        let line = if r < 8 { pixel / 3 } else { pixel % 3 };
        ((r % 8) >> line & 1) as f32
    })
}

/// Exact log-likelihood: the highest met and the last.
fn train(options: CdOptions, gibbs_steps: usize, rate: f32) -> (f64, f64) {
    let x = pictures();
    let mut rbm = Rbm::new(Visible::Bernoulli, 9, &x, &mut stream(2, Purpose::InitialWeights, 0));
    let mut cd = ContrastiveDivergence::with_options(&rbm, 16, &options);
    let step = CdStep { gibbs_steps, ..cd1(rate) };
    let mut lanes = lanes(1);
    let (mut best, mut last) = (f64::NEG_INFINITY, 0.0);
    for update in 1..=12_000 {
        cd.update(&mut rbm, &x, &step, &mut lanes);
        if update % 400 == 0 {
            let exact = Exact::new(&rbm);
            last = exact.log_likelihood(&x, exact.log_z().unwrap()).unwrap();
            best = best.max(last);
        }
    }
    (best, last)
}

#[test]
fn log_likelihood_rises_above_independent_pixels_and_stays() {
    // Every pixel is on in half of the pictures.
    let independent = 9.0 * 0.5_f64.ln();
    // Minus the entropy of 12 pictures once and 2 twice is the most that any model reaches.
    let most = 12.0 / 16.0 * (1.0_f64 / 16.0).ln() + 4.0 / 16.0 * (2.0_f64 / 16.0).ln();
    let of = |negative_phase| CdOptions { negative_phase, ..CdOptions::default() };
    let (data, persistent) = (of(NegativePhase::Data), of(NegativePhase::Persistent));
    let centred = CdOptions { centring: Some(0.01), ..data };
    // Persistent chains need the lower rate: they fall behind weights that move faster than they mix.
    for (name, options, k, rate, holds) in [
        ("CD-1", data, 1, 0.05, false),
        ("CD-10", data, 10, 0.05, true),
        ("CD-10, centred", centred, 10, 0.05, true),
        ("PCD-1", persistent, 1, 0.03, true),
        ("PCD-1, tempered", of(NegativePhase::Tempered { temperatures: 5 }), 1, 0.05, true),
    ] {
        let (best, last) = train(options, k, rate);
        println!(
            "bars and stripes, {name}, rate {rate}: log-likelihood {best:.3} at best, {last:.3} after 12,000 updates"
        );
        assert!(best > independent + 1.0 && best <= most, "{name}: {best}");
        if holds {
            assert!(last > independent + 1.0 && last > best - 0.3, "{name}: {best} then {last}");
        }
    }
}
