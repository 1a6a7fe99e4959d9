//! What the firms of a scored table add up to for the screen: exposures, what is doubtful, and the back-test of grades.

use crate::evaluation::{Cuts, Grade, MasterScale};
use crate::scoring::{FirmScore, FlagKind, RiskModel};

/// Why a firm's PD is to be taken with care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Concern {
    /// Unlike the rows that the model learned from: free energy above their 99th percentile.
    Novel,
    /// Indicators without a value.
    Missing,
    /// Categories that training has not seen.
    Unseen,
    /// Values outside the range of training.
    Outside,
    /// Text where numbers are expected.
    NotANumber,
}

impl Concern {
    /// All of them, the gravest first.
    pub(in crate::app) const ALL: [Self; 5] =
        [Self::Novel, Self::NotANumber, Self::Unseen, Self::Outside, Self::Missing];

    /// Its name on a chip.
    pub(in crate::app) fn name(self) -> &'static str {
        match self {
            Self::Novel => "novel",
            Self::Missing => "missing",
            Self::Unseen => "unseen",
            Self::Outside => "outside range",
            Self::NotANumber => "no number",
        }
    }

    /// What it means, in a sentence.
    pub(in crate::app) fn meaning(self) -> &'static str {
        match self {
            Self::Novel => {
                "Unlike the rows that the model learned from: its free energy is above that of 99 in 100 of them."
            }
            Self::Missing => "Indicators without a value, filled in as in training.",
            Self::Unseen => {
                "Categories that no training row has: the model takes them for its \"other\", where it has one, or for none that it \
                 knows; where categories are ordered, for missing."
            }
            Self::Outside => "Values below the lowest or above the highest of training: the model has to extrapolate.",
            Self::NotANumber => "Text where the model expects a number; it is treated as missing.",
        }
    }

    /// Whether a flag is of this kind.
    pub(in crate::app) fn holds(self, kind: &FlagKind) -> bool {
        match kind {
            FlagKind::Missing => self == Self::Missing,
            FlagKind::Unseen { .. } => self == Self::Unseen,
            FlagKind::Below { .. } | FlagKind::Above { .. } => self == Self::Outside,
            FlagKind::NotANumber { .. } => self == Self::NotANumber,
        }
    }

    /// In how many indicators a firm has it; 1 for a firm that is novel, which is said of the whole firm.
    pub(in crate::app) fn count(self, firm: &FirmScore) -> usize {
        if self == Self::Novel {
            return usize::from(firm.novel);
        }
        firm.flags.iter().filter(|flag| self.holds(&flag.kind)).count()
    }
}

/// What a scored table adds up to, beside its summary.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) struct Overview {
    /// Σ exposure of the firms called bad, and of all; `None` where no exposure is known.
    pub(in crate::app) exposure: Option<[f64; 2]>,
    /// Σ exposure in each grade, the best first; empty without grades.
    pub(in crate::app) grade_exposures: Vec<f64>,
    /// Firms with each of [`Concern::ALL`].
    pub(in crate::app) concerns: [usize; 5],
    /// Firms with any of them.
    pub(in crate::app) flagged: usize,
    /// The grades with what firms of known outcome say of them; empty without grades, and where no outcome is known.
    pub(in crate::app) tested: Vec<Grade>,
}

impl Overview {
    /// Adds up firms scored by `model`.
    pub(in crate::app) fn of(firms: &[FirmScore], model: &RiskModel) -> Self {
        let count = |holds: &dyn Fn(&FirmScore) -> bool| firms.iter().filter(|firm| holds(firm)).count();
        let sum = |holds: &dyn Fn(&FirmScore) -> bool| {
            firms.iter().filter(|firm| holds(firm)).filter_map(|firm| firm.exposure).sum::<f64>()
        };
        let any_exposure = firms.iter().any(|firm| firm.exposure.is_some());
        let n_grades = model.grades.as_ref().map_or(0, MasterScale::n_grades);
        let in_grade = |grade| sum(&|firm| firm.grade == Some(MasterScale::name(grade)));
        Self {
            exposure: any_exposure.then(|| [sum(&|firm| firm.called_bad), sum(&|_| true)]),
            grade_exposures: (0..n_grades).map(in_grade).collect(),
            concerns: Concern::ALL.map(|concern| count(&|firm| concern.count(firm) > 0)),
            flagged: count(&|firm| firm.novel || !firm.flags.is_empty()),
            tested: model.grades.as_ref().map(|scale| tested(firms, scale)).unwrap_or_default(),
        }
    }
}

/// The grades with what the firms of known outcome say of them.
fn tested(firms: &[FirmScore], scale: &MasterScale) -> Vec<Grade> {
    let (bad, pd): (Vec<bool>, Vec<f64>) = firms.iter().filter_map(|firm| Some((firm.bad?, firm.pd))).unzip();
    Cuts::new(&bad, &pd, None).map(|cuts| scale.grades(&cuts)).unwrap_or_default()
}
