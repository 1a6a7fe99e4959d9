//! Which units are shown when not all fit. No widget in here.

use crate::app::panels::{count, thousands};

/// Which of the units of one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Which {
    /// Those with the longest weights.
    #[default]
    Strongest,
    /// From this one on, from 0.
    From(usize),
}

/// At most `fit` of the units with these lengths of weights, ascending; the strongest always with `looked_at`.
pub(super) fn shown(lengths: &[f32], fit: usize, which: Which, looked_at: usize) -> Vec<usize> {
    let (n, fit) = (lengths.len(), fit.max(1));
    if n <= fit {
        return (0..n).collect();
    }
    match which {
        Which::From(first) => {
            let first = first.min(n - fit);
            (first..first + fit).collect()
        }
        Which::Strongest => {
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by(|&a, &b| lengths[b].total_cmp(&lengths[a]).then(a.cmp(&b)));
            order.truncate(fit);
            if looked_at < n && !order.contains(&looked_at) {
                order[fit - 1] = looked_at;
            }
            order.sort_unstable();
            order
        }
    }
}

/// "12 of 64 hidden units: those with the longest weights"; `None` when all are shown.
pub(super) fn words(n: usize, shown: &[usize], which: Which, what: &str) -> Option<String> {
    let (first, last) = (shown.first()? + 1, shown.last()? + 1);
    (shown.len() < n).then(|| {
        let of = format!("{} of {}", thousands(shown.len()), count(n, what));
        match which {
            Which::Strongest => format!("{of}: those with the longest weights"),
            Which::From(_) => format!("{of}: {} to {}", thousands(first), thousands(last)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTHS: [f32; 6] = [0.5, 2.0, 0.1, 3.0, f32::NAN, 1.0];

    #[test]
    fn as_many_are_shown_as_fit() {
        assert_eq!(shown(&LENGTHS, 9, Which::Strongest, 0), [0, 1, 2, 3, 4, 5]);
        assert_eq!(shown(&LENGTHS[..4], 2, Which::Strongest, 1), [1, 3]);
        assert_eq!(shown(&LENGTHS[..4], 2, Which::Strongest, 0), [0, 3], "with the one looked at");
        assert_eq!(shown(&LENGTHS, 2, Which::From(3), 0), [3, 4]);
        assert_eq!(shown(&LENGTHS, 2, Which::From(99), 0), [4, 5]);
        assert_eq!(shown(&LENGTHS, 0, Which::From(0), 0), [0]);
        assert!(shown(&[], 3, Which::Strongest, 0).is_empty());
    }

    #[test]
    fn what_is_left_out_is_said() {
        assert_eq!(words(2, &[0, 1], Which::Strongest, "hidden unit"), None);
        let said = words(64, &[0, 5], Which::Strongest, "hidden unit");
        assert_eq!(said.as_deref(), Some("2 of 64 hidden units: those with the longest weights"));
        assert_eq!(words(9, &[3, 4], Which::From(3), "input").as_deref(), Some("2 of 9 inputs: 4 to 5"));
        assert_eq!(words(9, &[], Which::From(3), "input"), None);
    }
}
