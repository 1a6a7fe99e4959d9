//! Quantiles of what the training rows hold.

/// The q-quantile of ascending values, at least one: linear between order statistics (type 7 of Hyndman and Fan 1996).
pub(crate) fn quantile(ascending: &[f64], q: f64) -> f64 {
    let place = q.clamp(0.0, 1.0) * (ascending.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(ascending.len() - 1);
    let (low, high, share) = (ascending[below], ascending[above], place - below as f64);
    // The sum of two shares of the same number may miss it by a bit, and 1 % and 99 % of it by different bits.
    if low == high { low } else { low * (1.0 - share) + high * share }
}
