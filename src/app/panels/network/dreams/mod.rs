//! The Dreams tab: firms that the network makes up. Chains on the top machine run as one looks, and what they stand for is
//! shown in the units of the table, beside the real firms nearest to it and beside all real firms.

mod asked;
mod beside;
mod chain;
mod firm;
mod spreads;
mod strip;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use egui::{Align, Layout, Rect, ScrollArea, TextStyle, Ui, UiBuilder, vec2};

use self::asked::{Asked, Subject};
use self::beside::Beside;
pub(super) use self::beside::real_value;
use self::chain::{Chain, ChainKey};
use self::strip::Strip;
use super::{Scene, StateKey};
use crate::app::actions::{Command, Intent};
use crate::app::export::DreamFile;
use crate::app::latest::Latest;
use crate::app::panels::{count, thousands};
use crate::app::theme::{self, CARD_GAP, Tone};
use crate::app::widgets::{ActionButton, Field, Icon, card, empty_state, picture_card, remark, segmented};
use crate::app::workspace::Workspace;
use crate::inspection::dreams::MAX_CHAINS;
use crate::model::dbn::Top;
use crate::model::rbm::Hidden;
use crate::storage::Outcome;

/// Sweeps that chains are given before they are first shown.
const FIRST: u64 = 50;
/// Seconds between two sweeps while they play.
const PERIOD: f64 = 0.05;
/// Width of the card of what is held, in heights of a line.
const HELD_WIDTH: f32 = 14.0;

/// The Dreams tab.
pub(in crate::app) struct DreamsPanel {
    asked: Asked,
    /// What was asked in the last frame, of which state, and how often either has changed.
    before: Option<(Asked, StateKey)>,
    changes: u64,
    /// Sweeps that are wanted of the chains.
    sweeps: u64,
    playing: bool,
    /// When the next sweep is due, in seconds of the window's time.
    next: f64,
    /// The dream that is shown.
    shown: usize,
    /// The last wish of a lesson that was followed.
    cue: u64,
    latest: Latest<ChainKey, Option<Arc<Chain>>>,
    /// What the chains go on from.
    chain: Option<Arc<Chain>>,
    beside: Latest<ChainKey, Option<Arc<Beside>>>,
    strip: Strip,
}

impl Default for DreamsPanel {
    fn default() -> Self {
        Self {
            asked: Asked::default(),
            before: None,
            changes: 0,
            sweeps: FIRST,
            playing: false,
            next: 0.0,
            shown: 0,
            cue: 0,
            latest: Latest::default(),
            chain: None,
            beside: Latest::default(),
            strip: Strip::default(),
        }
    }
}

impl DreamsPanel {
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, workspace: &Workspace, intents: &mut Vec<Intent>) {
        let Some(top) = scene.state.machines().last() else {
            let hint = "Only RBMs can dream. Train a DBN with pre-training switched on.";
            return empty_state(ui, "This net was not pre-trained", hint);
        };
        let is_joint = top.n_classes > 0;
        match workspace.stage.dream.fresh(&mut self.cue) {
            Some(Outcome::Bad) => self.asked.subject = Subject::Bad,
            Some(Outcome::Good) => self.asked.subject = Subject::Good,
            None => {}
        }
        // Nothing plays before a lesson's question is answered.
        self.playing &= !workspace.stage.held;
        self.follow(ui, scene);
        let chain = self.chain.clone();
        let beside = self.look_beside(ui, chain.as_ref());
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            self.controls_ui(ui, chain.as_deref(), beside.as_ref(), !workspace.stage.held, intents);
            notes_ui(ui, scene, &self.asked, top.hidden);
            if !is_joint {
                joint_ui(ui, self.asked.subject, workspace, intents);
            }
            ui.add_space(6.0);
            let line = ui.text_style_height(&TextStyle::Body);
            let width = HELD_WIDTH * line;
            let area = ui.available_rect_before_wrap();
            let beside_width = area.width() - width - CARD_GAP;
            let mut left =
                ui.new_child(UiBuilder::new().id_salt("held").max_rect(area.with_max_x(area.left() + width)));
            asked::held_ui(&mut left, &mut self.asked, scene);
            let right = area.with_min_x(area.right() - beside_width);
            let mut right = ui.new_child(UiBuilder::new().id_salt("dream").max_rect(right));
            match (&chain, &beside) {
                (Some(chain), Some(beside)) => {
                    let (title, subtitle) = (chain_title(chain), chain.units_in_words());
                    let numbers = || strip::table(chain, &subtitle);
                    picture_card(&mut right, "chain of dreams", [&title, &subtitle], numbers, |ui| {
                        self.strip.ui(ui, chain);
                    });
                    right.add_space(CARD_GAP);
                    firm::ui(&mut right, beside, intents);
                }
                _ => card(&mut right, |ui| {
                    ui.set_min_height(6.0 * line);
                    ui.label(theme::weak("The first dreams are on their way."));
                }),
            }
            let height = left.min_rect().height().max(right.min_rect().height());
            ui.advance_cursor_after_rect(Rect::from_min_size(area.min, vec2(area.width(), height)));
            if let Some(beside) = &beside {
                ui.add_space(CARD_GAP);
                spreads::ui(ui, beside);
            }
        });
    }

    /// Brings the chains to where they are wanted, in the background.
    fn follow(&mut self, ui: &Ui, scene: &Scene<'_>) {
        let now = ui.input(|i| i.time);
        let state = scene.key();
        if self.before.as_ref().is_none_or(|(asked, of)| (asked, of) != (&self.asked, &state)) {
            self.before = Some((self.asked.clone(), state));
            self.changes += 1;
            // Other chains, which begin anew.
            self.sweeps = FIRST;
        }
        self.shown = self.shown.min(self.asked.chains.saturating_sub(1));
        if self.playing && now >= self.next && self.latest.is_current(&self.key(state)) {
            self.sweeps += 1;
            self.next = now + PERIOD;
        }
        if self.playing {
            ui.ctx().request_repaint_after(Duration::from_secs_f64((self.next - now).clamp(0.0, PERIOD)));
        }
        let key = self.key(state);
        let before = self.chain.clone();
        let (asked, net, seed) = (self.asked.clone(), Arc::clone(scene.state), scene.seed);
        let (fold, data) = (Arc::clone(scene.fold), Arc::clone(scene.data));
        let newest = self.latest.get(ui.ctx(), key, "dream", move |stop| {
            Chain::advanced(before, key, asked, &net, fold, data, seed, stop).map(Arc::new)
        });
        self.chain = newest.cloned().flatten();
    }

    fn key(&self, state: StateKey) -> ChainKey {
        ChainKey { state, changes: self.changes, shown: self.shown, sweeps: self.sweeps }
    }

    /// What stands beside the dreams, worked out apart from them, so that they need not wait.
    fn look_beside(&mut self, ui: &Ui, chain: Option<&Arc<Chain>>) -> Option<Arc<Beside>> {
        let chain = Arc::clone(chain?);
        let work = move |stop: &_| Beside::of(&chain, stop).map(Arc::new);
        self.beside.get(ui.ctx(), self.chain.as_ref()?.key, "beside dreams", work).cloned().flatten()
    }

    fn controls_ui(
        &mut self,
        ui: &mut Ui,
        chain: Option<&Chain>,
        beside: Option<&Arc<Beside>>,
        may_play: bool,
        intents: &mut Vec<Intent>,
    ) {
        ui.horizontal_wrapped(|ui| {
            ui.label("Dream of");
            segmented(ui, "Dream of", &mut self.asked.subject, &Subject::ALL.map(|subject| (subject, subject.name())));
            let (icon, text) =
                if self.playing { (Icon::Pause, "Hold the chain") } else { (Icon::Play, "Run the chain") };
            let play = ActionButton::new(text).with_icon(icon).enabled(may_play);
            if play.tooltip("At most 20 sweeps a second").show(ui).clicked() {
                self.playing = !self.playing;
            }
            let step = ActionButton::new("One sweep").with_icon(Icon::Step).enabled(may_play);
            if step.tooltip("Draw the hidden units, then the visible ones").show(ui).clicked() {
                self.playing = false;
                self.sweeps += 1;
            }
            let again = ActionButton::new("Begin again").with_icon(Icon::Rewind);
            if again.tooltip("Back to the same first states, before any sweep").show(ui).clicked() {
                self.playing = false;
                self.sweeps = 0;
            }
            let swept = chain.map_or(0, |chain| chain.dreams.sweeps());
            ui.label(theme::semibold(format!("Sweep {}", thousands(swept as usize))));
            // Dreams of what was asked before are still shown for a moment: they are not exported as those asked for now.
            let beside = beside.filter(|beside| beside.key.changes == self.changes && beside.asked == self.asked);
            let export = ActionButton::new("Export as CSV…").enabled(beside.is_some());
            if export.tooltip("All dreams, each marked as synthetic").show(ui).clicked()
                && let Some(beside) = beside
            {
                let (dreams, class) = (beside.dreams.clone(), beside.class.clone());
                intents.push(Intent::Save(Arc::new(DreamFile { dreams, class })));
            }
        });
        ui.horizontal_wrapped(|ui| {
            ui.label("Units on the way down");
            let options = [(true, "Drawn"), (false, "Means")];
            segmented(ui, "Units on the way down", &mut self.asked.drawn, &options).on_hover_text(
                "Drawn: as spread as the model believes firms are. Means: each dream without the noise around it.",
            );
            let line = ui.text_style_height(&TextStyle::Body);
            let field = |ui: &mut Ui, name: &str, value: &mut usize, most: usize, tooltip: &str| {
                let size = vec2(10.0 * line, ui.spacing().interact_size.y);
                ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
                    Field::new(name, value, 1..=most).without_track().tooltip(tooltip).show(ui);
                });
            };
            field(
                ui,
                "Dreams at once",
                &mut self.asked.chains,
                MAX_CHAINS,
                "One chain each, with random numbers of its own",
            );
            let mut number = self.shown + 1;
            let most = self.asked.chains.max(1);
            field(ui, "Dream shown", &mut number, most, "Which of the dreams is shown beside real firms");
            self.shown = number.clamp(1, most) - 1;
            self.asked.chains = self.asked.chains.clamp(1, MAX_CHAINS);
        });
    }
}

fn chain_title(chain: &Chain) -> String {
    let dream = chain.key.shown + 1;
    format!("Dream {dream} of {}: the top machine, sweep by sweep", thousands(chain.asked.chains))
}

/// What one has to know of these dreams.
fn notes_ui(ui: &mut Ui, scene: &Scene<'_>, asked: &Asked, hidden: Hidden) {
    remark(ui, Tone::Warn, "Made up by the network, not data.");
    let machines = scene.state.machines();
    let below = count(machines.len(), "RBM");
    match scene.state.in_training() {
        Some(_) => {
            let text = format!("Dreamed with what there is so far: {below}, the last of them still in training.");
            remark(ui, Tone::Info, text);
        }
        None if scene.state.network().is_some() => {
            remark(
                ui,
                Tone::Info,
                "Dreamed by the RBMs as pre-training left them; fine-tuning changes only the classifier.",
            );
        }
        None => {}
    }
    if !asked.held.is_empty() && machines.len() > 1 {
        let text = "Holding is approximate on a stack: rows are passed up before each sweep and down after it, and the held \
                    indicators put back. On a single RBM it is exact.";
        remark(ui, Tone::Info, text);
    }
    if hidden == Hidden::Rectified {
        remark(
            ui,
            Tone::Warn,
            "Rectified hidden units belong to no distribution: these chains need not settle in one.",
        );
    }
}

/// Without label units: what a class then means, and the way to have them.
fn joint_ui(ui: &mut Ui, subject: Subject, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let text = match subject {
        Subject::Free => {
            "The top RBM was trained without the label: the chains begin at its biases and owe nothing to a class."
        }
        Subject::Bad => {
            "The top RBM was trained without the label: the chains begin at real bad rows, and forget them as they run."
        }
        Subject::Good => {
            "The top RBM was trained without the label: the chains begin at real good rows, and forget them as they run."
        }
    };
    remark(ui, Tone::Info, text);
    let button = ActionButton::new("Use a joint top RBM and train again");
    let tooltip = "The top RBM then learns the label beside the features, and a class can be held on while it dreams";
    if button.tooltip(tooltip).enabled(workspace.is_ready()).show(ui).clicked() {
        let mut settings = workspace.settings.clone();
        settings.dbn.pre_training.top = Top::Joint;
        intents.push(Intent::SetSettings(Box::new(settings)));
        intents.extend([Command::Rewind, Command::Train].map(Intent::Do));
    }
}
