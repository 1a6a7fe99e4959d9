//! The Theatre tab: contrastive divergence on one row, or averaged over the next mini-batch, sub-step by sub-step.

mod columns;
mod find;
mod heat;
mod play;
mod side;
#[cfg(test)]
mod tests;
mod units;
mod work;

use std::sync::Arc;
use std::time::Duration;

use egui::{Key as KeyName, Label, Modifiers, Rect, ScrollArea, Ui, UiBuilder};

use self::columns::{Cast, columns_ui, fit, table};
use self::find::Finder;
use self::heat::Heats;
use self::play::{Beat, Neighbours, after, seconds, stepped};
use self::units::Which;
use self::work::{Key, Played, Shown};
use super::Scene;
use crate::app::actions::{Intent, TimelineAsk, Unit as TimelineUnit};
use crate::app::latest::Latest;
use crate::app::theme::{self, CARD_GAP};
use crate::app::widgets::{Taking, card, empty_state};
use crate::app::workspace::Workspace;
use crate::inspection::theatre::{SubStep, Unit};
use crate::model::dbn::Moment;
use crate::model::rbm::Hidden;
use crate::storage::Control;

/// Width of the side, in points for text of the usual size, and its share of the room at most.
const SIDE: (f32, f32) = (290.0, 0.42);

/// The step, or a sentence why there is none.
type Answer = Result<Arc<Shown>, &'static str>;

/// The Theatre tab.
pub(in crate::app) struct TheatrePanel {
    step: SubStep,
    /// The pair of units that formulas and lines are about.
    unit: Unit,
    played: Played,
    /// The machine, when it is not the one in training.
    layer: Option<usize>,
    /// Tosses before this one, and rows picked.
    attempt: u64,
    picks: u64,
    /// When the next unit is due while units are played, in seconds of the window's time.
    due: Option<f64>,
    speed: f64,
    /// Which visible and which hidden units are shown.
    which: [Which; 2],
    neighbours: Neighbours,
    /// The last wish of a lesson that was followed.
    cue: u64,
    latest: Latest<Key, (Key, Answer)>,
    heats: Heats,
    finder: Finder,
}

impl Default for TheatrePanel {
    fn default() -> Self {
        Self {
            step: SubStep::default(),
            unit: Unit::default(),
            played: Played::default(),
            layer: None,
            attempt: 0,
            picks: 0,
            due: None,
            speed: 1.0,
            which: [Which::default(); 2],
            neighbours: Neighbours::default(),
            cue: 0,
            latest: Latest::default(),
            heats: Heats::default(),
            finder: Finder::default(),
        }
    }
}

impl TheatrePanel {
    /// Goes `by` sub-steps on, back when negative; beyond the ends to other updates of the run.
    pub(in crate::app) fn step(&mut self, by: i64, intents: &mut Vec<Intent>) {
        let (step, updates) = stepped(self.step, by, self.neighbours);
        self.step = step;
        if updates != 0 {
            intents.push(Intent::Timeline(TimelineAsk::Step(TimelineUnit::Update, updates)));
        }
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, workspace: &Workspace, intents: &mut Vec<Intent>) {
        let state = scene.state;
        let Some(last) = state.machines().len().checked_sub(1) else {
            let hint = "The theatre plays contrastive divergence: train a DBN with pre-training switched on.";
            return empty_state(ui, "This net was not pre-trained", hint);
        };
        let layer = self.layer.filter(|&layer| layer <= last).or(state.in_training()).unwrap_or(last);
        let trains = state.in_training() == Some(layer);
        let after = trains && !workspace.timeline.is_at_last();
        self.neighbours = Neighbours { before: trains && state.moment() != Moment::default(), after };
        if let Some(step) = workspace.stage.theatre.fresh(&mut self.cue) {
            self.step = SubStep::ALL[step.clamp(1, SubStep::ALL.len()) - 1];
        }
        let held = workspace.stage.held;
        if held {
            self.due = None;
        } else {
            self.keys(ui, intents);
        }
        let answer = self.answer(ui, scene, layer);
        let shown = answer.as_ref().and_then(|answer| answer.as_ref().ok()).cloned();
        self.keep_unit(shown.as_deref());

        title_ui(ui, self.step, shown.as_deref());
        let area = ui.available_rect_before_wrap();
        let side = theme::width_for_text(ui, SIDE.0).min(SIDE.1 * area.width());
        let split = area.right() - side - CARD_GAP;
        let mut left = ui.new_child(UiBuilder::new().id_salt("stage").max_rect(area.with_max_x(split)));
        let said = card(&mut left, |ui| match (&shown, &answer) {
            (Some(shown), _) => self.stage_ui(ui, shown, held),
            (None, Some(Err(sentence))) => {
                ui.add(Label::new(*sentence).wrap());
                Default::default()
            }
            (None, _) => {
                ui.label(theme::weak("The numbers are on their way."));
                Default::default()
            }
        });
        let right = Rect::from_min_max(egui::pos2(split + CARD_GAP, area.top()), area.max);
        let mut right = ui.new_child(UiBuilder::new().id_salt("side").max_rect(right));
        ScrollArea::vertical().id_salt("theatre side").auto_shrink(false).show(&mut right, |ui| {
            self.steps_ui(ui, held, intents);
            self.formulas_ui(ui, shown.as_deref(), held);
            if workspace.stage.shows(Control::SidePanels) {
                self.row_ui(ui, scene, layer, intents);
                let totals = shown.map_or([0, 0], |shown| [shown.trace.v.len(), shown.trace.h.len()]);
                self.units_ui(ui, &said, totals);
            }
        });
        ui.advance_cursor_after_rect(area);
    }

    /// The arrows, heard while nothing has the focus: there they belong to it.
    fn keys(&mut self, ui: &Ui, intents: &mut Vec<Intent>) {
        if ui.memory(|m| m.focused().is_some()) {
            return;
        }
        let pressed = |key| {
            let times = ui.input_mut(|i| i.count_and_consume_key(Modifiers::NONE, key));
            i64::try_from(times).unwrap_or(0)
        };
        let by = pressed(KeyName::ArrowRight) - pressed(KeyName::ArrowLeft);
        if by != 0 {
            self.step(by, intents);
        }
    }

    /// The step for what is asked now, or the last one of the same table while that is being worked out.
    fn answer(&mut self, ui: &Ui, scene: &Scene<'_>, layer: usize) -> Option<Answer> {
        let key = Key::new(scene, layer, self.played, self.attempt);
        let (state, fold, data) = (Arc::clone(scene.state), Arc::clone(scene.fold), Arc::clone(scene.data));
        let asked = self
            .latest
            .get(ui.ctx(), key, "theatre", move |_| (key, Shown::of(state, &fold, data, &key).map(Arc::new)));
        let (of, answer) = asked?;
        let same_table = answer.as_ref().map_or(true, |shown| Arc::ptr_eq(&shown.data, scene.data));
        ((of.layer, of.played) == (layer, self.played) && same_table).then(|| answer.clone())
    }

    /// Holds the pair of units to the machine.
    fn keep_unit(&mut self, shown: Option<&Shown>) {
        if let Some(shown) = shown {
            let (n, m) = shown.trace.g.dim();
            self.unit.visible = self.unit.visible.min(n.saturating_sub(1));
            self.unit.hidden = self.unit.hidden.min(m.saturating_sub(1));
        }
    }

    /// Columns, and under them the products. Returns which units are shown, in words, where not all are.
    fn stage_ui(&mut self, ui: &mut Ui, shown: &Arc<Shown>, held: bool) -> [Option<String>; 2] {
        let height = ui.available_height();
        let has_heats = self.step == SubStep::Products || self.step == SubStep::Update && shown.trace.update.is_some();
        let heats = if has_heats { (0.42 * height).min(320.0) } else { 0.0 };
        let columns = (height - heats - 4.0).max(80.0);
        let most = fit(ui, columns);
        let [of_visible, of_hidden] = &shown.lengths;
        let visible = units::shown(of_visible, most, self.which[0], self.unit.visible);
        let hidden = units::shown(of_hidden, most, self.which[1], self.unit.hidden);
        // The unit that is looked at is one of those that can be seen.
        for (unit, shown) in [(&mut self.unit.visible, &visible), (&mut self.unit.hidden, &hidden)] {
            if !shown.contains(unit) {
                *unit = shown.first().copied().unwrap_or(0);
            }
        }
        self.beat(ui, &visible, &hidden);
        let cast = Cast { visible: &visible, hidden: &hidden, unit: self.unit, step: self.step, held };
        // While a question is open its answer could be taken out.
        let taking = (!held).then(|| Taking::begin(ui, "theatre"));
        let clicked = columns_ui(ui, shown, &cast, columns);
        if let Some(taking) = taking {
            taking.end(ui, "One step of contrastive divergence", || table(shown));
        }
        let pointed = has_heats.then(|| self.heats.ui(ui, shown, self.step, self.unit, heats)).flatten();
        self.unit = clicked.or(pointed).unwrap_or(self.unit);
        [
            units::words(of_visible.len(), &visible, self.which[0], "visible unit"),
            units::words(of_hidden.len(), &hidden, self.which[1], "hidden unit"),
        ]
    }

    /// While units are played: the next one when it is due.
    fn beat(&mut self, ui: &Ui, visible: &[usize], hidden: &[usize]) {
        let Some(due) = self.due else { return };
        let now = ui.input(|i| i.time);
        let each = seconds(self.speed);
        if now >= due + each {
            let of_visible = self.step == SubStep::Visible;
            let (units, unit) =
                if of_visible { (visible, &mut self.unit.visible) } else { (hidden, &mut self.unit.hidden) };
            match after(self.step, units, *unit) {
                Beat::Unit(next) => *unit = next,
                Beat::SubStep => {
                    self.step = stepped(self.step, 1, Neighbours::default()).0;
                    let first = |units: &[usize]| units.first().copied().unwrap_or(0);
                    self.unit = Unit { visible: first(visible), hidden: first(hidden) };
                }
                Beat::End => self.due = None,
            }
            self.due = self.due.map(|_| now);
        }
        if let Some(due) = self.due {
            ui.ctx().request_repaint_after(Duration::from_secs_f64((due + each - now).clamp(0.01, each)));
        }
    }
}

/// "2 of 6 · Toss the coin — each hidden unit switches on with its probability".
fn title_ui(ui: &mut Ui, step: SubStep, shown: Option<&Shown>) {
    let hidden = shown.and_then(Shown::rbm).map_or(Hidden::Bernoulli, |rbm| rbm.hidden);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(theme::title(format!("{} of {} · {}", step.index() + 1, SubStep::ALL.len(), step.title(hidden))));
        let over = shown.filter(|shown| shown.trace.rows > 1);
        let over = over.map_or_else(String::new, |shown| format!(", averaged over {} rows", shown.trace.rows));
        ui.label(egui::RichText::new(format!("— {}{over}", step.explanation(hidden))).weak());
    });
}
