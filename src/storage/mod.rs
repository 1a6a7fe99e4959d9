//! What is kept between runs. Every file begins with a format number, and is written beside and renamed, so that it is
//! never half there.

mod atomic;
mod autosave;
mod container;
mod error;
#[cfg(test)]
mod fixture_tests;
mod lesson;
mod model_file;
mod overrides;
mod saved_file;
#[cfg(test)]
mod small;
mod workspace_file;

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use self::atomic::{AtomicFile, can_write, write_atomic};
pub use self::autosave::{Autosave, Orphan, Summary, autosave_folder, orphaned_autosaves};
pub use self::container::FileKind;
pub use self::error::StoredError;
pub use self::lesson::{
    Action, Control, LESSON_SCHEMA, Lesson, LessonData, LessonError, NetworkTab, Outcome, Place, Playing, Predict,
    RowChoice, Screen, Step, StepAction, WaitFor, course,
};
pub use self::model_file::{MODEL_FORMAT, load_model, save_model};
pub use self::overrides::{Override, OverrideModel, OverrideTable, TABLE_NOT_RECORDED};
pub use self::saved_file::SavedFile;
pub use self::workspace_file::{
    SavedComparison, SavedEnd, SavedModel, SavedPrepared, SavedRun, SavedScoring, SavedStudy, SavedTable, SavedTrained,
    SavedWorkspace, Subject, WORKSPACE_FORMAT, WorkspaceModel, load_workspace, save_workspace,
};
use crate::training::RunSettings;

/// Format number of the settings file.
pub const SETTINGS_FORMAT: u32 = 1;

/// Light, dark, or as the desktop has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the desktop has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How the window was left.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowSettings {
    /// Width and height in points.
    pub size: [f32; 2],
    /// Whether it filled the screen.
    pub maximized: bool,
    /// Light or dark.
    pub theme: Theme,
    /// Size of everything, 1 is normal.
    pub zoom: f32,
    /// Epochs a second at most while watching a training; `None` is as fast as possible.
    pub pace: Option<f64>,
    /// Before a class.
    pub lecture: LectureSettings,
}

/// How the window stands before a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LectureSettings {
    /// Large type, wide lines and high contrast. Default: no.
    pub on: bool,
    /// What a lesson says stands along the bottom. Default: yes.
    pub captions: bool,
    /// A ring follows the pointer. Default: yes.
    pub ring: bool,
}

impl Default for LectureSettings {
    fn default() -> Self {
        Self { on: false, captions: true, ring: true }
    }
}

impl Default for WindowSettings {
    fn default() -> Self {
        Self {
            size: [1280.0, 800.0],
            maximized: false,
            theme: Theme::System,
            zoom: 1.0,
            pace: Some(30.0),
            lecture: Default::default(),
        }
    }
}

impl WindowSettings {
    /// With every number inside bounds that a window can have, whatever the file said.
    #[must_use]
    pub fn sane(self) -> Self {
        let default = Self::default();
        let within = |x: f32, low: f32, high: f32, or: f32| if x.is_finite() { x.clamp(low, high) } else { or };
        Self {
            size: [
                within(self.size[0], 800.0, 7680.0, default.size[0]),
                within(self.size[1], 500.0, 4320.0, default.size[1]),
            ],
            zoom: within(self.zoom, 0.5, 3.0, default.zoom),
            pace: self.pace.filter(|p| p.is_finite() && *p > 0.0),
            ..self
        }
    }
}

/// The settings file: what the window saves, and `--settings` reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingsFile {
    /// [`SETTINGS_FORMAT`].
    pub format: u32,
    /// The run.
    pub run: RunSettings,
    /// The window.
    #[serde(default)]
    pub window: WindowSettings,
}

impl Default for SettingsFile {
    fn default() -> Self {
        Self { format: SETTINGS_FORMAT, run: RunSettings::default(), window: WindowSettings::default() }
    }
}

/// Why a settings file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The operating system says no.
    #[error("the settings file {} cannot be read: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It does not hold settings.
    #[error("the settings file {} cannot be understood: {error}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Where and why.
        error: serde_json::Error,
    },
    /// It comes from a later version of the program.
    #[error("the settings file {} has format {found}, this program knows up to {SETTINGS_FORMAT}: use a newer program", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format number.
        found: u32,
    },
}

/// Where this desktop keeps the program's settings; `None` where there is no home.
pub fn settings_path() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "beliefscope").map(|d| d.config_dir().join("settings.json"))
}

/// Reads a settings file. A file that is not there gives `None`.
///
/// # Errors
/// When it is there and cannot be used.
pub fn load_settings(path: &Path) -> Result<Option<SettingsFile>, SettingsError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(SettingsError::Io { path: path.to_owned(), error }),
    };
    let wrong = |error| SettingsError::Format { path: path.to_owned(), error };
    #[derive(Deserialize)]
    struct Header {
        format: u32,
    }
    let found = serde_json::from_str::<Header>(&text).map_err(wrong)?.format;
    if found > SETTINGS_FORMAT {
        return Err(SettingsError::Newer { path: path.to_owned(), found });
    }
    let settings: SettingsFile = serde_json::from_str(&text).map_err(wrong)?;
    Ok(Some(SettingsFile { window: settings.window.sane(), ..settings }))
}

/// Writes a settings file.
///
/// # Errors
/// When the disk refuses.
pub fn save_settings(path: &Path, settings: &SettingsFile) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    write_atomic(path, &serde_json::to_vec_pretty(settings)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("settings.json");
        assert!(load_settings(&path).unwrap().is_none());
        let mut settings = SettingsFile::default();
        settings.run.seed = 7;
        settings.window.theme = Theme::Dark;
        save_settings(&path, &settings).unwrap();
        assert_eq!(load_settings(&path).unwrap(), Some(settings));
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn a_file_that_cannot_be_used_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        std::fs::write(&path, "{ \"format\": 1, ").unwrap();
        assert!(matches!(load_settings(&path), Err(SettingsError::Format { .. })));
        std::fs::write(&path, "{ \"format\": 99, \"moon\": true }").unwrap();
        let error = load_settings(&path).unwrap_err();
        assert!(error.to_string().contains("format 99"), "{error}");
    }

    #[test]
    fn impossible_windows_are_put_right() {
        let wild = WindowSettings { size: [f32::NAN, -5.0], zoom: 1e9, pace: Some(-1.0), ..WindowSettings::default() };
        let sane = wild.sane();
        assert_eq!((sane.size, sane.zoom, sane.pace), ([1280.0, 500.0], 3.0, None));
    }
}
