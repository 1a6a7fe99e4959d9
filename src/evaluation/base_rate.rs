//! A PD for rows among which bad outcomes are rarer or commoner than among those it was calibrated on.
//!
//! When only the share of bad rows differs and each class looks as it did, the odds change by the ratio of the shares'
//! odds (Elkan, *The foundations of cost-sensitive learning*, IJCAI 2001, theorem 2; Saerens, Latinne, Decaestecker,
//! *Adjusting the outputs of a classifier to new a priori probabilities*, Neural Computation 14, 2002, eq. 4).

/// The PD on rows whose share of bad ones is `to`, from a `pd` (0..=1) calibrated on rows with the share `from`.
///
/// A shift of the log-odds by ln(to / (1 − to)) − ln(from / (1 − from)): ranks stay, and 0 and 1 stay. `None` unless `pd` is
/// a probability and both shares lie between 0 and 1.
pub fn shift_base_rate(pd: f64, from: f64, to: f64) -> Option<f64> {
    let is_share = |share: f64| share > 0.0 && share < 1.0;
    if !(0.0..=1.0).contains(&pd) || !is_share(from) || !is_share(to) {
        return None;
    }
    // Each class by how much commoner it becomes: shares of 1e-300 neither overflow nor vanish.
    let (bad, good) = (pd * (to / from), (1.0 - pd) * ((1.0 - to) / (1.0 - from)));
    let shifted = bad / (bad + good);
    shifted.is_finite().then_some(shifted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-12, "{found} against {expected}");
    }

    /// A sign that 80 % of bad firms show and 30 % of good ones. By Bayes' rule, of the firms that show it are bad
    /// 0.8·½ / (0.8·½ + 0.3·½) = 8/11 in a balanced sample, and 0.8·0.02 / (0.8·0.02 + 0.3·0.98) = 0.016/0.31 in a
    /// population with 2 % bad.
    #[test]
    fn bayes_rule_by_hand() {
        close(shift_base_rate(8.0 / 11.0, 0.5, 0.02), 0.016 / 0.31);
        close(shift_base_rate(0.016 / 0.31, 0.02, 0.5), 8.0 / 11.0);
        // The average firm stays the average firm.
        close(shift_base_rate(0.5, 0.5, 0.02), 0.02);
    }

    #[test]
    fn the_log_odds_move_by_the_same_everywhere() {
        let log_odds = |p: f64| (p / (1.0 - p)).ln();
        let moved = log_odds(0.07) - log_odds(0.4);
        let mut before = 0.0;
        for step in 1..100 {
            let pd = f64::from(step) / 100.0;
            let shifted = shift_base_rate(pd, 0.4, 0.07).unwrap();
            assert!((log_odds(shifted) - log_odds(pd) - moved).abs() < 1e-12);
            assert!(shifted > before);
            before = shifted;
        }
        assert_eq!(shift_base_rate(0.3, 0.2, 0.2), Some(0.3));
        assert_eq!((shift_base_rate(0.0, 0.4, 0.07), shift_base_rate(1.0, 0.4, 0.07)), (Some(0.0), Some(1.0)));
    }

    #[test]
    fn what_is_no_probability_is_undefined() {
        for (pd, from, to) in [
            (-0.1, 0.5, 0.5),
            (1.1, 0.5, 0.5),
            (f64::NAN, 0.5, 0.5),
            (0.5, 0.0, 0.5),
            (0.5, 0.5, 1.0),
            (0.5, f64::NAN, 0.5),
        ] {
            assert_eq!(shift_base_rate(pd, from, to), None);
        }
        assert_eq!(shift_base_rate(1.0, 1e-310, 0.5), None);
    }
}
