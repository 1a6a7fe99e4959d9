//! How the learning rate goes over a run.

use serde::{Deserialize, Serialize};

/// The course of the learning rate, as a share of its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateSchedule {
    /// The same throughout.
    Constant,
    /// Half a wave of the cosine, from all of it to nothing (Loshchilov and Hutter 2017, without restarts).
    Cosine,
    /// By the same factor at every update, to a hundredth in the end.
    Exponential,
}

impl RateSchedule {
    /// Share of the base rate at `update` of `updates` (from 0), of which the first `warm_up` rise in a straight line
    /// before the schedule proper begins. In 0..=1.
    pub fn share(self, update: usize, updates: usize, warm_up: usize) -> f64 {
        if update < warm_up {
            return (update + 1) as f64 / (warm_up + 1) as f64;
        }
        let done = (update - warm_up) as f64 / updates.saturating_sub(warm_up).max(1) as f64;
        match self {
            Self::Constant => 1.0,
            Self::Cosine => 0.5 + 0.5 * (std::f64::consts::PI * done.min(1.0)).cos(),
            Self::Exponential => 0.01_f64.powf(done.min(1.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_by_hand() {
        let at = |schedule: RateSchedule| [0, 50, 100].map(|t| schedule.share(t, 100, 0));
        assert_eq!(at(RateSchedule::Constant), [1.0, 1.0, 1.0]);
        for (got, want) in
            [(at(RateSchedule::Cosine), [1.0, 0.5, 0.0]), (at(RateSchedule::Exponential), [1.0, 0.1, 0.01])]
        {
            assert!(got.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-15), "{got:?}");
        }
        // A third of the way the cosine has gone a quarter of its fall.
        assert!((RateSchedule::Cosine.share(30, 90, 0) - 0.75).abs() < 1e-15);
    }

    #[test]
    fn a_warm_up_rises_to_where_the_schedule_begins() {
        let rising: Vec<f64> = (0..4).map(|t| RateSchedule::Cosine.share(t, 7, 3)).collect();
        assert_eq!(rising, [0.25, 0.5, 0.75, 1.0]);
        assert_eq!(RateSchedule::Cosine.share(5, 7, 3), 0.5);
        assert!(RateSchedule::Cosine.share(9, 7, 3) < 1e-15, "past the end");
        assert!(RateSchedule::Exponential.share(0, 0, 0).is_finite());
    }
}
