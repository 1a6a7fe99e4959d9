//! Lesson files, `.lesson.json`: a table, a seed, settings, and steps that say and show one thing each.
//!
//! A file is read piece by piece, so that every refusal names its step and its key; what has been read is checked whole, so
//! that giving a lesson meets no unknown name and no setting out of its range. Nothing is given here: see `app::lecture`.

mod action;
mod bundled;
mod error;

use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use self::action::{Action, Control, NetworkTab, Outcome, Playing, RowChoice, Screen, WaitFor};
pub use self::bundled::course;
pub use self::error::{LessonError, Place};
use crate::data::SAMPLES;
use crate::training::RunSettings;

/// Schema number of lesson files.
pub const LESSON_SCHEMA: u32 = 1;

/// Bytes that a lesson has at most.
const MOST_BYTES: u64 = 1 << 20;
const MOST_STEPS: usize = 40;
const MOST_ACTIONS: usize = 20;
const MOST_SENTENCES: usize = 3;
/// Letters of a line that stands over others, and of a text of a few sentences.
const MOST_LETTERS: (usize, usize) = (80, 420);

/// A lesson that has been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// Its name.
    pub title: String,
    /// What it is about, in a sentence or two.
    pub about: String,
    /// The table that it begins with: see [`LessonData`].
    pub data: LessonData,
    /// The settings that it begins with: the defaults, its seed, and what it says.
    pub settings: RunSettings,
    /// Tabs of the Network screen that are shown; empty: all.
    pub tabs: Vec<NetworkTab>,
    /// What is taken off the window for the whole lesson.
    pub hidden: Vec<Control>,
    /// Its steps, at least one.
    pub steps: Vec<Step>,
}

/// Where the rows of a lesson come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LessonData {
    /// A sample of the program, by its name.
    Sample(&'static str),
    /// A file; relative in a lesson file to its folder, and complete once that is known.
    File(PathBuf),
}

/// A step that has been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// A few words: "Toss the coin".
    pub title: String,
    /// What to see, in one to three sentences.
    pub caption: String,
    /// A question that is answered before anything is done.
    pub predict: Option<Predict>,
    /// What is done, in order.
    pub actions: Vec<StepAction>,
    /// What has to happen before the next step.
    pub wait_for: WaitFor,
    /// The settings that hold when the step begins.
    pub settings: Box<RunSettings>,
    /// The table that is open when it begins.
    pub data: LessonData,
}

/// An action with what it needs at hand.
#[derive(Clone, Debug, PartialEq)]
pub enum StepAction {
    /// Open this table.
    Open(LessonData),
    /// Let these settings hold.
    Settings(Box<RunSettings>),
    /// Anything else, never [`Action::Open`] nor [`Action::Set`].
    Do(Action),
}

/// A question whose answer is in what comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predict {
    /// What will happen?
    pub question: String,
    /// Two to four answers, all different.
    pub choices: Vec<String>,
    /// Which of them is true.
    pub answer: usize,
    /// Why, in one to three sentences.
    pub because: String,
}

/// A file as it stands, before anything is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LessonFile {
    #[serde(rename = "schema")]
    _schema: u32,
    title: String,
    about: String,
    data: String,
    seed: u64,
    #[serde(default)]
    settings: Map<String, Value>,
    #[serde(default)]
    tabs: Vec<NetworkTab>,
    #[serde(default)]
    hidden: Vec<Control>,
    steps: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    title: String,
    caption: String,
    #[serde(default)]
    predict: Option<PredictFile>,
    #[serde(default)]
    actions: Vec<Value>,
    #[serde(default)]
    wait_for: WaitFor,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PredictFile {
    question: String,
    choices: Vec<String>,
    answer: String,
    because: String,
}

impl Lesson {
    /// Reads a lesson from a file; tables are looked for beside it.
    ///
    /// # Errors
    /// When it cannot be read, or is no lesson that could be given.
    pub fn load(path: &Path) -> Result<Self, LessonError> {
        let failed = |error| LessonError::Io { path: path.to_owned(), error };
        let mut bytes = Vec::new();
        // One byte more than there may be, so that too many are noticed.
        File::open(path).map_err(failed)?.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(LessonError::TooLong { most: MOST_BYTES });
        }
        Self::parse(&bytes, path.parent().unwrap_or(Path::new("")))
    }

    /// The lesson that these bytes are; `folder` is where its tables are looked for.
    ///
    /// # Errors
    /// When they are no lesson that could be given.
    pub fn parse(bytes: &[u8], folder: &Path) -> Result<Self, LessonError> {
        #[derive(Deserialize)]
        struct Header {
            schema: u32,
        }
        // An editor may have put a mark before the text.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let found = serde_json::from_slice::<Header>(bytes).map_err(LessonError::NoLesson)?.schema;
        if found != LESSON_SCHEMA {
            let older = || wrong(Place::Head("schema"), format!("must be {LESSON_SCHEMA}, not {found}"));
            return Err(if found > LESSON_SCHEMA { LessonError::Newer { found } } else { older() });
        }
        let file: LessonFile = serde_json::from_slice(bytes).map_err(|e| wrong(Place::Head(""), e.to_string()))?;
        file.check(folder)
    }
}

fn wrong(place: Place, message: impl Into<String>) -> LessonError {
    LessonError::Wrong { place, message: message.into() }
}

impl LessonFile {
    fn check(self, folder: &Path) -> Result<Lesson, LessonError> {
        let Self { title, about, data, seed, settings: changes, tabs, hidden, steps: values, .. } = self;
        line(&title, Place::Head("title"))?;
        sentences(&about, Place::Head("about"))?;
        if !(1..=MOST_STEPS).contains(&values.len()) {
            return Err(wrong(Place::Head("steps"), format!("there must be 1 to {MOST_STEPS} of them")));
        }
        let data = table(&data, folder).map_err(|message| wrong(Place::Head("data"), message))?;
        let mut settings = RunSettings { seed, ..RunSettings::default() };
        set_all(&mut settings, &changes).map_err(|message| wrong(Place::Head("settings"), message))?;
        let mut now = Now { settings: settings.clone(), data: data.clone(), folder, tabs: &tabs };
        let steps = values.into_iter().enumerate().map(|(i, value)| step(value, i + 1, &mut now));
        let steps = steps.collect::<Result<_, _>>()?;
        Ok(Lesson { title, about, data, settings, tabs, hidden, steps })
    }
}

/// What holds between two steps.
struct Now<'a> {
    settings: RunSettings,
    data: LessonData,
    folder: &'a Path,
    /// The tabs that the lesson shows; empty: all.
    tabs: &'a [NetworkTab],
}

fn read<T: DeserializeOwned>(value: Value, place: Place) -> Result<T, LessonError> {
    serde_json::from_value(value).map_err(|error| wrong(place, error.to_string()))
}

fn step(value: Value, number: usize, now: &mut Now<'_>) -> Result<Step, LessonError> {
    let StepFile { title, caption, predict, actions, wait_for } = read(value, Place::Step(number, ""))?;
    line(&title, Place::Step(number, "title"))?;
    sentences(&caption, Place::Step(number, "caption"))?;
    let predict = predict.map(|asked| asked.check(number)).transpose()?;
    if actions.len() > MOST_ACTIONS {
        return Err(wrong(Place::Step(number, "actions"), format!("there may be {MOST_ACTIONS} at most")));
    }
    let (settings, data) = (Box::new(now.settings.clone()), now.data.clone());
    let actions = actions.into_iter().enumerate().map(|(i, value)| {
        let place = Place::Action(number, i + 1);
        action(read(value, place)?, now).map_err(|message| wrong(place, message))
    });
    let actions = actions.collect::<Result<_, _>>()?;
    Ok(Step { title, caption, predict, actions, wait_for, settings, data })
}

fn action(action: Action, now: &mut Now<'_>) -> Result<StepAction, String> {
    Ok(match action {
        Action::Set(changes) => {
            set_all(&mut now.settings, &changes)?;
            StepAction::Settings(Box::new(now.settings.clone()))
        }
        Action::Open(name) => {
            now.data = table(&name, now.folder)?;
            StepAction::Open(now.data.clone())
        }
        Action::Step(epochs) if !(1..=1000).contains(&epochs) => return Err("step: must be 1 to 1,000".to_owned()),
        Action::Play(Playing { speed, .. }) if !(0.1..=1000.0).contains(&speed) => {
            return Err("play.speed: must be 0.1 to 1,000 epochs a second".to_owned());
        }
        Action::Theatre(sub_step) if !(1..=6).contains(&sub_step) => {
            return Err("theatre: its sub-steps are 1 to 6".to_owned());
        }
        Action::Tab(tab) if !now.tabs.is_empty() && !now.tabs.contains(&tab) => {
            return Err("tab: it is not among the tabs of the lesson; add it to \"tabs\" at the top".to_owned());
        }
        Action::LookAt(RowChoice::Row(0)) => return Err("look_at.row: rows are counted from 1".to_owned()),
        other => StepAction::Do(other),
    })
}

/// Sets every key, in order, and holds the whole to its ranges.
fn set_all(settings: &mut RunSettings, changes: &Map<String, Value>) -> Result<(), String> {
    for (key, value) in changes {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        settings.set(key, &value).map_err(|error| error.to_string())?;
    }
    let problems = settings.check().err().unwrap_or_default();
    problems.first().map_or(Ok(()), |problem| Err(problem.to_string()))
}

/// A sample by its name, else a file beside the lesson.
fn table(name: &str, folder: &Path) -> Result<LessonData, String> {
    if let Some(sample) = SAMPLES.iter().find(|sample| sample.name == name) {
        return Ok(LessonData::Sample(sample.name));
    }
    let path = Path::new(name);
    if path.extension().is_none() {
        let known = SAMPLES.iter().map(|sample| sample.name).collect::<Vec<_>>().join(", ");
        return Err(format!("there is no sample {name}; give one of {known}, or a file as in \"firms.csv\""));
    }
    if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(format!("{name} is not in the lesson's folder; copy the table there and give its name only"));
    }
    Ok(LessonData::File(folder.join(path)))
}

impl PredictFile {
    fn check(self, number: usize) -> Result<Predict, LessonError> {
        let Self { question, choices, answer, because } = self;
        let place = |key| Place::Step(number, key);
        line(&question, place("predict.question"))?;
        sentences(&because, place("predict.because"))?;
        if !(2..=4).contains(&choices.len()) {
            return Err(wrong(place("predict.choices"), "there must be 2 to 4 of them"));
        }
        for (i, choice) in choices.iter().enumerate() {
            line(choice, place("predict.choices"))?;
            if choices[..i].contains(choice) {
                return Err(wrong(place("predict.choices"), format!("\"{choice}\" is there twice")));
            }
        }
        let Some(answer) = choices.iter().position(|choice| *choice == answer) else {
            return Err(wrong(place("predict.answer"), format!("\"{answer}\" is none of the choices")));
        };
        Ok(Predict { question, choices, answer, because })
    }
}

/// A line that stands over others.
fn line(text: &str, place: Place) -> Result<(), LessonError> {
    let most = MOST_LETTERS.0;
    let fits = (1..=most).contains(&text.trim().chars().count()) && !text.contains('\n');
    if fits { Ok(()) } else { Err(wrong(place, format!("must be one line of 1 to {most} letters"))) }
}

/// A text that is read out.
fn sentences(text: &str, place: Place) -> Result<(), LessonError> {
    let text = text.trim();
    // A stop within a number or a name has no blank after it.
    let ends = |(i, letter): &(usize, char)| {
        ".?!".contains(*letter) && text[i + 1..].chars().next().is_none_or(char::is_whitespace)
    };
    let count = text.char_indices().filter(ends).count();
    let fits = (1..=MOST_LETTERS.1).contains(&text.chars().count());
    if fits && count <= MOST_SENTENCES {
        Ok(())
    } else {
        let most = MOST_LETTERS.1;
        Err(wrong(place, format!("must be 1 to {MOST_SENTENCES} sentences of {most} letters together at most")))
    }
}

#[cfg(test)]
mod tests;
