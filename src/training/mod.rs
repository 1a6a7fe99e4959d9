//! From a table and settings to trained, compared models: what is run, the one loop, the comparison, the worker.
//!
//! The engine below knows no thread and no clock; both live here. The window and the command line run the same code.

mod analysis;
mod comparison;
mod control;
mod cutoff;
mod filling;
mod fit;
mod grading;
mod history;
mod live;
mod made_once;
mod memory;
mod model_kind;
mod money;
mod presets;
mod scored;
mod settings;
mod single;
mod standing;
mod study;
mod timeline;
mod trace;
pub mod worker;

pub use analysis::{Analysis, Disagreement, ModelAnalysis, PairTests, analyse};
pub use comparison::{
    CellState, CompareEvent, Comparison, Curve, Fit, FoldCurves, FoldResult, ModelResult, Outcome, Rows, Unfinished,
    compare,
};
pub use control::{Control, drive};
pub use cutoff::{Cutoff, CutoffRule};
pub use filling::RbmFilling;
pub use fit::{PreparedFold, TrainingError, learner, prepare};
pub use grading::{GradeMethod, GradeSettings, GradingError};
pub use history::{Flag, History, NetHistory, PhaseMark};
pub use live::{Desired, End, Event, Fitted, Mode, ModelDone, Snapshot};
pub use model_kind::ModelKind;
pub use money::MoneySettings;
pub use presets::Preset;
pub use scored::{Answers, Scored};
pub use settings::{Problem, RunSettings, RunSpec, SettingError};
use single::drive_again;
pub use single::{LiveChanges, held_out_rows, train, train_split};
pub use standing::{Against, StabilityReport, Standing, stand, stand_first};
pub use study::{
    FEWEST_LABELLED, Study, StudyCell, StudyEvent, StudyKind, StudyPoint, StudySettings, StudySpec, study,
};
pub use timeline::{MOST_BYTES, Recording, Timeline};
pub use trace::Stretch;
