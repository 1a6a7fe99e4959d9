//! Why a lesson cannot be given: where in the file, and what to do about it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::LESSON_SCHEMA;

/// Why a lesson file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    /// The operating system says no.
    #[error("the lesson {} cannot be read: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It is no text of a sensible length.
    #[error("this is no lesson: it has more than {most} bytes")]
    TooLong {
        /// How many it may have.
        most: u64,
    },
    /// It is no JSON object with a schema number.
    #[error("this is no lesson: {0}; a lesson is a JSON object that begins with \"schema\": {LESSON_SCHEMA}")]
    NoLesson(serde_json::Error),
    /// It comes from a later version of the program.
    #[error("this lesson has schema {found}, this program knows {LESSON_SCHEMA}: use a newer program")]
    Newer {
        /// Its schema number.
        found: u32,
    },
    /// Something in it is not as it must be.
    #[error("the lesson cannot be given: {place}: {message}")]
    Wrong {
        /// Where.
        place: Place,
        /// What must be different.
        message: String,
    },
}

/// A place in a lesson file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Beside the steps, under this key; empty where the message names it.
    Head(&'static str),
    /// In a step, counted from 1, under this key; empty where the message names it.
    Step(usize, &'static str),
    /// In an action of a step, both counted from 1.
    Action(usize, usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head("") => f.write_str("at the top"),
            Self::Head(key) => f.write_str(key),
            Self::Step(step, "") => write!(f, "step {step}"),
            Self::Step(step, key) => write!(f, "step {step}, {key}"),
            Self::Action(step, action) => write!(f, "step {step}, action {action}"),
        }
    }
}
