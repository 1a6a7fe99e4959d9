//! Everything a person can ask for. Panels only return intents; they are carried out after drawing.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Key, KeyboardShortcut, Modifiers};

use super::cutoffs::Ask;
use super::export::{Document, Export};
use super::lecture::Answer;
use super::saving::Keep;
use super::scoring::ScoreAsk;
use super::standing::StandAsk;
use super::window::LeftAsk;
use crate::data::{Combination, ReadOptions, Roles};
use crate::model::dbn::Moment;
use crate::storage::{LectureSettings, Override};
pub(super) use crate::storage::{NetworkTab, Screen};
use crate::training::{RunSettings, StudySettings};

impl NetworkTab {
    /// Every tab, in the order they stand in.
    pub(super) const ALL: [Self; 7] =
        [Self::Theatre, Self::Weights, Self::HiddenUnits, Self::FreeEnergy, Self::Layers, Self::Regions, Self::Dreams];

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Theatre => "Theatre",
            Self::Weights => "Weights",
            Self::HiddenUnits => "Hidden units",
            Self::FreeEnergy => "Free energy",
            Self::Layers => "Layers",
            Self::Regions => "Regions",
            Self::Dreams => "Dreams",
        }
    }
}

/// By what the timeline steps and plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// One mini-batch.
    Update,
    /// All mini-batches of an epoch.
    Epoch,
}

/// What the timeline is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum TimelineAsk {
    /// Show this moment.
    Scrub(Moment),
    /// Show the present again.
    Live,
    /// Play from the moment shown.
    Play,
    /// The same, backwards.
    PlayBack,
    /// Stop playing, and stay.
    Hold,
    /// So many on, or back when negative.
    Step(Unit, i64),
    /// By what it plays.
    Unit(Unit),
    /// How fast, as a multiple; infinite: as fast as it goes.
    Speed(f64),
}

impl Screen {
    /// Every screen, in the order of the work.
    pub(super) const ALL: [Self; 6] =
        [Self::Data, Self::Train, Self::Compare, Self::Network, Self::Cutoff, Self::Score];
}

/// An action with a name, a key and a place in the menus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Ask for a file.
    OpenDialog,
    /// Type a path.
    OpenPath,
    /// A second table to hold beside the open one.
    OpenSecond,
    /// The bundled sample.
    OpenSample,
    /// Stop opening; the open table stays.
    StopOpening,
    /// Take back the last edit of the data.
    Undo,
    /// Make it again.
    Redo,
    /// Go to a screen.
    Show(Screen),
    /// Start training, or go on.
    Train,
    /// Hold.
    Pause,
    /// One epoch.
    Step,
    /// Back to the same initial weights.
    Rewind,
    /// End and keep.
    Stop,
    /// Another seed.
    NewSeed,
    /// Every setting as it was at first.
    ResetSettings,
    /// Start the comparison.
    Compare,
    /// Stop the comparison and keep what is finished.
    StopCompare,
    /// Light, dark, as the desktop.
    NextTheme,
    /// Risk or Lecture.
    Lecture,
    /// The whole screen, or a window again.
    FullScreen,
    /// Controls away, or back.
    HideControls,
    /// Ask for a lesson.
    OpenLesson,
    /// The next step of the lesson.
    NextStep,
    /// The step before.
    PreviousStep,
    /// Back to one's own work.
    LeaveLesson,
    /// All the work to a file.
    SaveWork,
    /// The run again, from its record.
    Replay,
    /// Close the window.
    Quit,
}

impl Command {
    /// Every command, once.
    pub(super) const ALL: [Self; 33] = [
        Self::OpenDialog,
        Self::OpenPath,
        Self::OpenSecond,
        Self::OpenSample,
        Self::StopOpening,
        // Before Undo, whose key is the same but for Shift.
        Self::Redo,
        Self::Undo,
        Self::Show(Screen::Data),
        Self::Show(Screen::Train),
        Self::Show(Screen::Compare),
        Self::Show(Screen::Network),
        Self::Show(Screen::Cutoff),
        Self::Show(Screen::Score),
        Self::Train,
        Self::Pause,
        Self::Step,
        Self::Rewind,
        Self::Stop,
        Self::NewSeed,
        Self::ResetSettings,
        Self::Compare,
        Self::StopCompare,
        Self::NextTheme,
        Self::Lecture,
        Self::FullScreen,
        Self::HideControls,
        Self::OpenLesson,
        Self::NextStep,
        Self::PreviousStep,
        Self::LeaveLesson,
        Self::SaveWork,
        Self::Replay,
        Self::Quit,
    ];

    /// Its name in menus and for screen readers.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::OpenDialog => "Open table…",
            Self::OpenPath => "Open by path…",
            Self::OpenSecond => "Second file…",
            Self::OpenSample => "Open the sample",
            Self::StopOpening => "Stop opening",
            Self::Undo => "Undo",
            Self::Redo => "Redo",
            Self::Show(Screen::Data) => "Data",
            Self::Show(Screen::Train) | Self::Train => "Train",
            Self::Show(Screen::Compare) | Self::Compare => "Compare",
            Self::Show(Screen::Network) => "Network",
            Self::Show(Screen::Cutoff) => "Cut-off",
            Self::Show(Screen::Score) => "Score",
            Self::Pause => "Pause",
            Self::Step => "Step",
            Self::Rewind => "Rewind",
            Self::Stop => "Stop",
            Self::NewSeed => "New seed",
            Self::ResetSettings => "Default settings",
            Self::StopCompare => "Stop and keep",
            Self::NextTheme => "Light or dark",
            Self::Lecture => "Risk or Lecture",
            Self::FullScreen => "Full screen",
            Self::HideControls => "Hide or show controls",
            Self::OpenLesson => "Open a lesson…",
            Self::NextStep => "Next step",
            Self::PreviousStep => "Step before",
            Self::LeaveLesson => "Leave the lesson",
            Self::SaveWork => "Save workspace…",
            Self::Replay => "Replay the run",
            Self::Quit => "Quit",
        }
    }

    /// What it does, in a sentence.
    pub(super) fn tooltip(self) -> &'static str {
        match self {
            Self::OpenDialog => "Choose a table with the desktop's file dialog",
            Self::OpenPath => "Type the path of a table",
            Self::OpenSecond => "A second table, of another year or branch: do its firms look like those learned from?",
            Self::OpenSample => "The bundled synthetic enterprises",
            Self::StopOpening => "Stop reading; the table that is open stays",
            Self::Undo => "Take back the last change of roles, readings, preparation or splits",
            Self::Redo => "Make the change again that was taken back",
            Self::Show(Screen::Data) => "The table, its columns and their roles",
            Self::Show(Screen::Train) => "Train one DBN and one SVM and watch them learn",
            Self::Show(Screen::Compare) => "Compare the models on held-out rows",
            Self::Show(Screen::Network) => "See the network think: step by step, and at any moment of its training",
            Self::Show(Screen::Cutoff) => "From which probability a firm is called bad, and what that costs",
            Self::Show(Screen::Score) => "Score firms with a trained model, and see why one is scored as it is",
            Self::Train => "Train from the beginning, or go on where it was paused",
            Self::Pause => "Hold; nothing is lost",
            Self::Step => "One epoch (or one round of SVM iterations), then hold",
            Self::Rewind => "Back to the start, with the same initial weights",
            Self::Stop => "End here and keep the models so far",
            Self::ResetSettings => "Every setting of the models, the folds and the seed as it was at first",
            Self::NewSeed => "Other initial weights, other folds",
            Self::Compare => "Fit every model on every fold and compare them on the held-out rows",
            Self::StopCompare => "End the comparison and keep the fits that are finished",
            Self::NextTheme => "Light, dark, or as the desktop has it",
            Self::Lecture => "For a class: large type, wide lines, high contrast; the same work as in Risk",
            Self::FullScreen => "The whole screen, or a window again",
            Self::HideControls => "Take menus, side panels and the status line away, or bring them back",
            Self::OpenLesson => "Choose a lesson file (.lesson.json); one can also be dropped here",
            Self::NextStep => "The next step of the lesson, once this one has come to its end",
            Self::PreviousStep => "The step of the lesson before this one",
            Self::LeaveLesson => "Back to the table, the settings and the results that were here before the lesson",
            Self::SaveWork => "All the work with its tables and results, as one file that opens on any computer",
            Self::Replay => {
                "Run the record of this training again and see whether its numbers are the same, bit for bit"
            }
            Self::Quit => "Close the window; settings are kept, and work without a file is offered at the next start",
        }
    }

    /// Its key. Space and the arrow are heard only while no field is being typed in.
    pub(super) fn shortcut(self) -> Option<KeyboardShortcut> {
        let command = |key| Some(KeyboardShortcut::new(Modifiers::COMMAND, key));
        let plain = |key| Some(KeyboardShortcut::new(Modifiers::NONE, key));
        match self {
            Self::OpenDialog => command(Key::O),
            Self::OpenPath => command(Key::L),
            Self::Undo => command(Key::Z),
            Self::Redo => Some(KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z)),
            Self::Show(Screen::Data) => command(Key::Num1),
            Self::Show(Screen::Train) => command(Key::Num2),
            Self::Show(Screen::Compare) => command(Key::Num3),
            Self::Show(Screen::Network) => command(Key::Num4),
            Self::Show(Screen::Cutoff) => command(Key::Num5),
            Self::Show(Screen::Score) => command(Key::Num6),
            Self::Train => plain(Key::Space),
            Self::Step => plain(Key::ArrowRight),
            Self::Rewind => plain(Key::Home),
            Self::Stop => command(Key::Period),
            Self::Compare => command(Key::Enter),
            Self::Lecture => plain(Key::F2),
            Self::FullScreen => plain(Key::F11),
            Self::HideControls => plain(Key::H),
            Self::NextStep => plain(Key::PageDown),
            Self::PreviousStep => plain(Key::PageUp),
            Self::SaveWork => command(Key::S),
            Self::Quit => command(Key::Q),
            Self::OpenSample
            | Self::OpenSecond
            | Self::StopOpening
            | Self::Pause
            | Self::NewSeed
            | Self::ResetSettings
            | Self::StopCompare
            | Self::OpenLesson
            | Self::LeaveLesson
            | Self::Replay
            | Self::NextTheme => None,
        }
    }

    /// Whether its key is heard on every screen, whatever has the focus but a field that is being typed in.
    pub(super) fn is_heard_everywhere(self) -> bool {
        matches!(self, Self::Lecture | Self::FullScreen | Self::HideControls | Self::NextStep | Self::PreviousStep)
    }
}

/// What a panel asks for.
#[derive(Clone, Debug)]
pub(super) enum Intent {
    /// As from a menu or a key.
    Do(Command),
    /// Open these files.
    Open(Vec<PathBuf>),
    /// Ask where to keep this.
    Keep(Keep),
    /// Keep it there.
    KeepAt(Keep, PathBuf),
    /// Of work that was left behind.
    Left(LeftAsk),
    /// Open the bundled sample of this name, and start training.
    OpenSample(&'static str),
    /// Roles were chosen; `bad_confirmed` when the bad value was among what the person chose. `what` names the edit.
    SetRoles { roles: Roles, bad_confirmed: bool, what: String },
    /// How the file's first rows would be read.
    Peek(Box<ReadOptions>),
    /// Another column's preparation is looked at.
    LookAtPreparation,
    /// How several files become one table was settled by hand.
    SetCombination { combination: Combination, what: String },
    /// A reading of the file was settled by hand.
    SetReading { options: Box<ReadOptions>, what: String },
    /// A field was changed.
    SetSettings(Box<RunSettings>),
    /// Epochs a second at most.
    SetPace(Option<f64>),
    /// The search for C and γ should end with the best found so far.
    SkipSearch,
    /// A file is wanted of the comparison; where to is asked.
    Export(Export),
    /// Write it there.
    ExportTo(Export, PathBuf),
    /// What a panel shows is wanted as a file; where to is asked.
    Save(Arc<dyn Document>),
    /// Write it there.
    SaveTo(Arc<dyn Document>, PathBuf),
    /// Hold this file beside the open table.
    OpenSecond(PathBuf),
    /// How a model's probabilities stand is wanted.
    Stand(StandAsk),
    /// A study of the models is wanted.
    StartStudy(Box<StudySettings>),
    /// The study under way should end and keep what is finished.
    StopStudy,
    /// What rules for a cut-off would do is wanted.
    TryCutoffs(Ask),
    /// The log-likelihoods of the RBMs are wanted.
    EstimateLogLikelihood,
    /// Something about lessons.
    Lesson(LessonAsk),
    /// A row of the table is looked at, on every tab.
    LookAtRow(usize),
    /// A tab of the Network screen is shown.
    ShowTab(NetworkTab),
    /// The timeline is asked for something.
    Timeline(TimelineAsk),
    /// A person decides otherwise than the model.
    Override(Box<Override>),
    /// Something about firms that are scored.
    Score(ScoreAsk),
    /// A notice has been read.
    Dismiss(usize),
}

/// What is asked of a lecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LessonAsk {
    /// Give this lesson of the course, from 0.
    Course(usize),
    /// Answer the question.
    Answer(Answer),
    /// Captions and the ring.
    Settings(LectureSettings),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_commands_share_a_key() {
        let keys: Vec<_> = Command::ALL.iter().filter_map(|c| c.shortcut()).collect();
        for (i, key) in keys.iter().enumerate() {
            assert!(!keys[i + 1..].contains(key), "{key:?}");
        }
    }

    #[test]
    fn every_command_is_listed_once_and_says_what_it_does() {
        for (i, command) in Command::ALL.iter().enumerate() {
            assert!(!Command::ALL[i + 1..].contains(command));
            assert!(!command.label().is_empty() && !command.tooltip().is_empty());
        }
    }
}
