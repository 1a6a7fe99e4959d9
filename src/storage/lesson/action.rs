//! What a step of a lesson does to the window, by the names that lesson files use.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One action of a step. In a file: `"train"`, or `{"look_at": "bad"}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Go to a screen.
    Screen(Screen),
    /// Go to a tab of the Network screen, and to that screen.
    Tab(NetworkTab),
    /// Change settings, key by key as with `--set`. Rates, momentum, weight cost and Gibbs steps reach a training that is
    /// under way; all others hold from the next start.
    Set(Map<String, Value>),
    /// Open other data: see [`super::Lesson::data`].
    Open(String),
    /// Train from the beginning, as fast as possible.
    Train,
    /// Hold.
    Pause,
    /// Back to the initial weights, and hold.
    Rewind,
    /// So many epochs, 1–1,000, then hold.
    Step(u64),
    /// Play what was recorded, from its beginning.
    Play(Playing),
    /// Show the recorded state after so many epochs of the run.
    Scrub(u64),
    /// Show the newest state again.
    Live,
    /// Go to a sub-step of the theatre, from 1: p(h|v), the coin, p(v|h), p(h|v′), the two products, the update.
    Theatre(usize),
    /// Choose the row that all panels look at.
    LookAt(RowChoice),
    /// Compare the models on every fold.
    Compare,
    /// Dream of rows of one class.
    Dream(Outcome),
    /// Take controls away.
    Hide(Vec<Control>),
    /// Bring them back.
    Show(Vec<Control>),
}

/// How a recorded training is played.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playing {
    /// Until so many epochs of the run have been shown.
    pub to: u64,
    /// Epochs a second, 0.1–1,000.
    pub speed: f64,
}

/// A screen of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Screen {
    /// The table.
    Data,
    /// One training.
    Train,
    /// Models on folds.
    Compare,
    /// The network from inside.
    Network,
    /// The threshold.
    Cutoff,
    /// Firms scored with a model.
    Score,
}

/// A tab of the Network screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkTab {
    #[default]
    /// Contrastive divergence by the row.
    Theatre,
    /// Weights as pictures.
    Weights,
    /// What hidden units do.
    HiddenUnits,
    /// Free energy of training against held-out rows.
    FreeEnergy,
    /// What each layer makes of the rows.
    Layers,
    /// Decision regions.
    Regions,
    /// Rows that the machine makes up.
    Dreams,
}

/// Which row is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowChoice {
    /// The first labelled row with the bad outcome.
    Bad,
    /// The first labelled row without it.
    Good,
    /// This row of the table, from 1; the last one where there are fewer.
    Row(usize),
}

/// An outcome to dream of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Class 0.
    Good,
    /// Class 1.
    Bad,
}

/// What can be taken off the window, so that a class looks at the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// The File menu.
    Menu,
    /// The tabs of the screens.
    Screens,
    /// The seed and its button.
    Seed,
    /// Settings and results at the sides of a screen.
    SidePanels,
    /// The line along the bottom.
    StatusBar,
}

/// What a step waits for before the next one can be gone to. All but `none` also end when there is nothing left to wait for:
/// the run failed, or was stopped by hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitFor {
    /// Nothing.
    #[default]
    None,
    /// The end of the training.
    Trained,
    /// So many epochs of the run.
    Epoch(u64),
    /// The end of the comparison.
    Comparison,
    /// The timeline has come to so many epochs of the run.
    Moment(u64),
}
