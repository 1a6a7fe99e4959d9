//! How the probabilities of a model stand, worked out in the background for what is looked at: its grades, their
//! calibration, and other rows beside those it was made from.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::comparing::CompareResult;
use super::notices::Notices;
use crate::data::{Dataset, Source};
use crate::training::worker::Background;
use crate::training::{Against, GradeSettings, ModelKind, Standing, stand};

/// What is held beside the rows that a model was made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Beside {
    /// The test rows.
    #[default]
    Test,
    /// The latest period.
    LatestPeriod,
    /// A second file.
    SecondFile,
}

/// What is to be worked out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StandAsk {
    /// Number of the comparison's result.
    pub(super) serial: u64,
    /// The model looked at.
    pub(super) model: ModelKind,
    /// Its grades.
    pub(super) grades: GradeSettings,
    /// The rows beside.
    pub(super) beside: Beside,
    /// Number of the second file.
    pub(super) second: u64,
}

/// A second table.
pub(super) struct SecondFile {
    pub(super) path: PathBuf,
    /// Fingerprint of its bytes.
    pub(super) sha256: String,
    pub(super) data: Arc<Dataset>,
}

impl SecondFile {
    pub(super) fn new(source: &Source, data: Dataset) -> Self {
        Self { path: source.path.clone(), sha256: source.reading.sha256.clone(), data: Arc::new(data) }
    }
}

/// The newest answer, and the one under way.
#[derive(Default)]
pub(super) struct Standings {
    newest: Option<(StandAsk, Standing)>,
    running: Option<(StandAsk, Background<Option<Standing>>)>,
    /// What could not be worked out is not tried again.
    failed: Option<StandAsk>,
    second: Option<SecondFile>,
    /// Number of the second file.
    pub(super) second_serial: u64,
}

impl Standings {
    /// The newest answer about the model and the result that `ask` is about, and whether it is the one to `ask` (or there is
    /// none to be had).
    pub(super) fn newest(&self, ask: &StandAsk) -> (Option<&Standing>, bool) {
        if self.failed.as_ref() == Some(ask) {
            return (None, true);
        }
        let near = self.newest.as_ref().filter(|(of, _)| (of.serial, of.model) == (ask.serial, ask.model));
        (near.map(|(_, standing)| standing), near.is_some_and(|(of, _)| of == ask))
    }

    /// The newest answer, to whatever was asked.
    pub(super) fn last(&self) -> Option<&Standing> {
        self.newest.as_ref().map(|(_, standing)| standing)
    }

    /// The file name of the second table, where one is open.
    pub(super) fn second_name(&self) -> Option<String> {
        let name = |file: &SecondFile| file.path.file_name().map(|name| name.to_string_lossy().into_owned());
        self.second.as_ref().and_then(name)
    }

    /// The second table.
    pub(super) fn second(&self) -> Option<&SecondFile> {
        self.second.as_ref()
    }

    /// Takes a second table; what was worked out with another is out of date.
    pub(super) fn take_second(&mut self, file: SecondFile) {
        self.second = Some(file);
        self.second_serial += 1;
    }

    /// Begins to work out what is asked, unless that is under way. What was under way for another ask ends.
    pub(super) fn begin(
        &mut self,
        ask: StandAsk,
        result: &CompareResult,
        wake: Box<dyn Fn() + Send + Sync>,
        notices: &mut Notices,
    ) {
        if self.running.as_ref().is_some_and(|(of, _)| *of == ask) {
            return;
        }
        let Some(model) = result.comparison.model(ask.model).cloned() else { return };
        let (data, mut spec) = (Arc::clone(&result.data), result.spec.clone());
        spec.settings.grades = ask.grades.clone();
        let against = match (ask.beside, &self.second) {
            (Beside::Test, _) | (Beside::SecondFile, None) => Against::Test,
            (Beside::LatestPeriod, _) => Against::LatestPeriod,
            (Beside::SecondFile, Some(file)) => {
                Against::File(Arc::clone(&file.data), self.second_name().unwrap_or_default())
            }
        };
        let work = move |stop: &AtomicBool| stand(&data, &spec, &model, &against, stop);
        match Background::start("standing", work, wake) {
            Ok(background) => self.running = Some((ask, background)),
            Err(why) => {
                notices.warn(format!("Grades and stability could not be worked out: {why}."));
                self.failed = Some(ask);
            }
        }
    }

    /// Takes in the answer.
    pub(super) fn drain(&mut self, notices: &mut Notices) {
        let Some(answer) = self.running.as_ref().and_then(|(_, background)| background.answer()) else { return };
        let Some((ask, _)) = self.running.take() else { return };
        match answer {
            Ok(Some(standing)) => self.newest = Some((ask, standing)),
            Ok(None) => {}
            Err(error) => {
                notices.warn(format!("Grades and stability could not be worked out: {error}."));
                self.failed = Some(ask);
            }
        }
    }
}
