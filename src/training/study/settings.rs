//! What a study varies and how far, as plain settings.

use serde::{Deserialize, Serialize};

use crate::data::Spread;
use crate::training::Problem;

/// What is varied. The discriminant is part of the random numbers: never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum StudyKind {
    /// Gaussian noise added to every numeric indicator; levels in spreads of the indicator over the training rows of the
    /// fold.
    Noise = 1,
    /// Cells of indicators knocked out at random and filled by the fold's own preparation; levels are shares of the cells.
    Missing = 2,
    /// Labels of training rows flipped at random, those of test rows clean; levels are shares of each class, see
    /// [`Dataset::with_labels_flipped`](crate::data::Dataset::with_labels_flipped).
    LabelNoise = 3,
    /// Fewer labelled training rows, the others learned from without a label (the DBN pre-trains on them); levels are
    /// shares of each class up to 1, or numbers of rows above.
    Labels = 4,
    /// The same folds, another seed for the fits; levels are their running numbers from 1, which is that of the
    /// comparison.
    Seeds = 5,
}

impl StudyKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Noise, Self::Missing, Self::LabelNoise, Self::Labels, Self::Seeds];

    /// Name in files and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Noise => "noise",
            Self::Missing => "missing",
            Self::LabelNoise => "label_noise",
            Self::Labels => "labels",
            Self::Seeds => "seeds",
        }
    }

    /// Name on screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Noise => "Noise on the indicators",
            Self::Missing => "Missing cells",
            Self::LabelNoise => "Wrong labels in training",
            Self::Labels => "Learning curve",
            Self::Seeds => "Seed to seed",
        }
    }

    /// What the levels are, for an axis.
    pub fn level_label(self) -> &'static str {
        match self {
            Self::Noise => "Noise, in spreads of the indicator",
            Self::Missing => "Share of cells knocked out",
            Self::LabelNoise => "Share of training labels flipped",
            Self::Labels => "Labelled training rows",
            Self::Seeds => "Seed",
        }
    }

    /// The kind of this key; a dash counts as the line below.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key.replace('-', "_"))
    }

    /// The levels where none are given.
    pub fn default_levels(self) -> Vec<f64> {
        match self {
            Self::Noise => vec![0.0, 0.1, 0.25, 0.5, 0.75, 1.0],
            Self::Missing => vec![0.0, 0.1, 0.2, 0.3, 0.45, 0.6],
            Self::LabelNoise => vec![0.0, 0.05, 0.1, 0.2, 0.3, 0.4],
            Self::Labels => vec![0.05, 0.1, 0.2, 0.4, 0.7, 1.0],
            Self::Seeds => vec![1.0, 2.0, 3.0, 4.0, 5.0],
        }
    }

    /// The lowest and the highest level there may be.
    fn range(self) -> (f64, f64) {
        match self {
            Self::Noise => (0.0, 10.0),
            Self::Missing => (0.0, 0.95),
            Self::LabelNoise => (0.0, 0.45),
            Self::Labels => (f64::MIN_POSITIVE, 1e9),
            Self::Seeds => (1.0, 100.0),
        }
    }

    /// Whether it disturbs cells, of the scored rows alone or of the training rows too.
    pub fn disturbs_cells(self) -> bool {
        matches!(self, Self::Noise | Self::Missing)
    }
}

/// A study, as plain settings. Nothing is trusted before [`Self::check`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StudySettings {
    /// What is varied. Default noise.
    pub kind: StudyKind,
    /// Whether noise and missing cells befall the training rows as well, with a fit for each level; else only the rows
    /// that are scored, by a model fitted on clean ones. Default false. Other kinds always concern training.
    pub in_training: bool,
    /// The levels, ascending, 1 to 50 of them: noise 0..=10, missing cells 0..=0.95, label noise 0..=0.45, labels shares
    /// above 0 to 1 or else whole numbers of rows, seeds whole numbers 1..=100. Default none: those of the kind, see
    /// [`StudyKind::default_levels`].
    pub levels: Option<Vec<f64>>,
    /// How often each level is drawn at random, 1..=100. Default none: 5 times where only scored rows are disturbed, else
    /// once, since each is a fit. Of no meaning to seeds.
    pub draws: Option<usize>,
    /// What noise is measured in. Default standard deviations; of no meaning to other kinds.
    pub noise_unit: Spread,
    /// On how many of the run's repeats, 1..=100. Default 1, the first: the cost is in proportion.
    pub repeats: usize,
}

impl Default for StudySettings {
    fn default() -> Self {
        Self::of(StudyKind::Noise)
    }
}

impl StudySettings {
    /// The usual study of this kind.
    pub fn of(kind: StudyKind) -> Self {
        Self { kind, in_training: false, levels: None, draws: None, noise_unit: Spread::Sd, repeats: 1 }
    }

    /// Checks every field.
    ///
    /// # Errors
    /// Every problem found, each under its key.
    pub fn check(&self) -> Result<StudySpec, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut add = |key: &str, message: String| problems.push(Problem { key: format!("study.{key}"), message });
        let levels = self.levels.clone().unwrap_or_else(|| self.kind.default_levels());
        if let Some(problem) = levels_problem(self.kind, &levels) {
            add("levels", problem);
        }
        if self.in_training && !self.kind.disturbs_cells() {
            add("in_training", format!("concerns noise and missing cells, not {}", self.kind.key()));
        }
        for (key, value) in [("draws", self.draws.unwrap_or(1)), ("repeats", self.repeats)] {
            if !(1..=100).contains(&value) {
                add(key, format!("must be a whole number from 1 to 100, not {value}"));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let by_scoring = self.kind.disturbs_cells() && !self.in_training;
        let draws = match self.kind {
            StudyKind::Seeds => 1,
            _ => self.draws.unwrap_or(if by_scoring { 5 } else { 1 }),
        };
        let Self { kind, in_training, noise_unit, repeats, .. } = *self;
        Ok(StudySpec { kind, in_training, levels, draws, noise_unit, repeats })
    }
}

/// What is wrong with the levels.
fn levels_problem(kind: StudyKind, levels: &[f64]) -> Option<String> {
    let (low, high) = kind.range();
    if levels.is_empty() || levels.len() > 50 {
        return Some(format!("needs from 1 to 50 levels, not {}", levels.len()));
    }
    if let Some(level) = levels.iter().find(|level| !(low..=high).contains(*level)) {
        return Some(match kind {
            StudyKind::Labels => format!("must be above 0: a share up to 1, or a number of rows, not {level}"),
            _ => format!("must be from {low} to {high}, not {level}"),
        });
    }
    if levels.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Some("must ascend".to_owned());
    }
    let whole = levels.iter().all(|level| level.fract() == 0.0);
    match kind {
        StudyKind::Seeds if !whole => Some("must be whole numbers".to_owned()),
        StudyKind::Labels if levels.iter().any(|&level| level > 1.0) && !(whole && levels[0] > 1.0) => {
            Some("must all be shares up to 1, or all whole numbers of rows above 1".to_owned())
        }
        _ => None,
    }
}

/// A study that has been checked, its defaults filled in. Only this can run.
#[derive(Clone, Debug, PartialEq)]
pub struct StudySpec {
    pub(super) kind: StudyKind,
    pub(super) in_training: bool,
    pub(super) levels: Vec<f64>,
    pub(super) draws: usize,
    pub(super) noise_unit: Spread,
    pub(super) repeats: usize,
}

impl StudySpec {
    /// What is varied.
    pub fn kind(&self) -> StudyKind {
        self.kind
    }

    /// Whether one fit serves all levels and draws, since only the rows that are scored change.
    pub(super) fn by_scoring(&self) -> bool {
        self.kind.disturbs_cells() && !self.in_training
    }

    /// How often this level is drawn: once where nothing is left to chance.
    pub(super) fn draws_at(&self, level: usize) -> usize {
        let undisturbed = if self.kind == StudyKind::Labels { 1.0 } else { 0.0 };
        if self.levels[level] == undisturbed { 1 } else { self.draws }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_study_is_sound_and_survives_a_round_trip() {
        for kind in StudyKind::ALL {
            let settings = StudySettings::of(kind);
            let spec = settings.check().unwrap();
            assert_eq!(spec.levels, kind.default_levels());
            assert_eq!(spec.draws, if kind.disturbs_cells() { 5 } else { 1 });
            let json = serde_json::to_value(&settings).unwrap();
            assert_eq!(json["kind"], kind.key());
            assert_eq!(serde_json::from_value::<StudySettings>(json).unwrap(), settings);
            assert_eq!(StudyKind::from_key(&kind.key().replace('_', "-")), Some(kind));
        }
        assert_eq!(serde_json::from_str::<StudySettings>("{}").unwrap(), StudySettings::default());
        assert!(serde_json::from_str::<StudySettings>(r#"{"kinds":"noise"}"#).is_err());
    }

    #[test]
    fn problems_carry_their_keys() {
        let keys = |settings: &StudySettings| -> Vec<String> {
            settings.check().err().into_iter().flatten().map(|problem| problem.key).collect()
        };
        let all = StudySettings {
            kind: StudyKind::Labels,
            in_training: true,
            levels: Some(vec![]),
            draws: Some(0),
            repeats: 101,
            ..StudySettings::default()
        };
        assert_eq!(keys(&all), ["study.levels", "study.in_training", "study.draws", "study.repeats"]);
        for (kind, levels) in [
            (StudyKind::Noise, vec![0.0, 11.0]),
            (StudyKind::Noise, vec![f64::NAN]),
            (StudyKind::Missing, vec![0.2, 0.1]),
            (StudyKind::Missing, vec![1.0]),
            (StudyKind::LabelNoise, vec![0.5]),
            (StudyKind::Labels, vec![0.0]),
            (StudyKind::Labels, vec![0.5, 20.0]),
            (StudyKind::Labels, vec![20.5]),
            (StudyKind::Seeds, vec![1.0, 1.5]),
            (StudyKind::Seeds, vec![0.0]),
        ] {
            let settings = StudySettings { levels: Some(levels.clone()), ..StudySettings::of(kind) };
            assert_eq!(keys(&settings), ["study.levels"], "{kind:?} {levels:?}");
        }
        let rows = StudySettings { levels: Some(vec![20.0, 100.0]), ..StudySettings::of(StudyKind::Labels) };
        assert!(rows.check().is_ok());
    }
}
