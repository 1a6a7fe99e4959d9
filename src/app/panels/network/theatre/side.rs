//! Beside the columns: the formulas, the row, the machine, and how it plays.

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Color32, FontId, Label, Role, Sense, TextStyle, Ui, WidgetInfo};
use rand::RngExt as _;

use super::TheatrePanel;
use super::play::SPEEDS;
use super::units::Which;
use super::work::{Played, Shown};
use crate::app::actions::Intent;
use crate::app::panels::network::Scene;
use crate::app::panels::network::layers::row_name;
use crate::app::theme::{self, Palette};
use crate::app::widgets::{ActionButton, Field, Icon, card, segmented};
use crate::inspection::theatre::{SubStep, UnitKind, filled, formula, left_out, listed};
use crate::random::{Purpose, stream};

/// Picks of rows are numbered from here.
const PICKS: u64 = 1 << 40;

/// A row picked at random among some, the same for the same number.
pub(super) fn picked(seed: u64, pick: u64, rows: &[usize]) -> Option<usize> {
    let mut random = stream(seed, Purpose::Theatre, PICKS + pick);
    (!rows.is_empty()).then(|| rows[random.random_range(0..rows.len())])
}

impl TheatrePanel {
    /// The formulas of all six sub-steps; the one that is reached with its numbers. While a question is open those that
    /// are not reached are not there, and none leads anywhere.
    pub(super) fn formulas_ui(&mut self, ui: &mut Ui, shown: Option<&Shown>, held: bool) {
        ui.label(theme::section("Formula"));
        card(ui, |ui| {
            let Some((shown, rbm)) = shown.and_then(|shown| Some((shown, shown.rbm()?))) else {
                ui.label(theme::weak("The numbers are on their way."));
                return;
            };
            let kind = UnitKind::of(rbm, self.unit.visible.min(rbm.n_visible().saturating_sub(1)));
            let reached = self.step.index();
            for step in SubStep::ALL.into_iter().filter(|step| !held || step.index() <= reached) {
                let lit = step == self.step;
                let palette = Palette::of(ui);
                let color = if lit { palette.text } else { palette.weak.gamma_multiply(0.75) };
                let text = format!("{} · {}", step.index() + 1, formula(step, rbm, kind));
                let response = ui.add(Label::new(subscripted(ui, &text, color)).wrap().sense(Sense::click()));
                let title = step.title(rbm.hidden);
                let name = format!("Sub-step {}: {title}", step.index() + 1);
                response.widget_info(|| WidgetInfo::selected(Role::Button, !held, lit, &name));
                if response.on_hover_text(title).clicked() && !held {
                    self.step = step;
                }
                if lit {
                    for line in filled(step, rbm, &shown.trace, self.unit) {
                        ui.add(Label::new(theme::semibold(line)).wrap());
                    }
                    if step == SubStep::Products {
                        let why =
                            "The data side takes the probabilities, not the tossed states: less noise, the same mean.";
                        ui.add(Label::new(theme::weak(why)).wrap());
                    }
                }
                ui.add_space(2.0);
            }
        });
    }

    /// Sub-steps, playing and its speed.
    pub(super) fn steps_ui(&mut self, ui: &mut Ui, held: bool, intents: &mut Vec<Intent>) {
        ui.horizontal_wrapped(|ui| {
            let back = ActionButton::new("← Back").enabled(!held).tooltip("The sub-step before (left arrow)");
            if back.show(ui).clicked() {
                self.step(-1, intents);
            }
            let more = self.step != SubStep::Update || self.neighbours.after;
            let tooltip = if more {
                "The next sub-step; after the last the next update (right arrow)"
            } else {
                "No update of this machine follows"
            };
            let next = ActionButton::new("Next →").enabled(!held && more).primary();
            if next.tooltip(tooltip).show(ui).clicked() {
                self.step(1, intents);
            }
            let (icon, text) =
                if self.due.is_some() { (Icon::Pause, "Hold units") } else { (Icon::Play, "Play units") };
            let play = ActionButton::new(text).with_icon(icon).enabled(!held);
            if play.tooltip("Goes from unit to unit, and on to the next sub-step").show(ui).clicked() {
                self.due = if self.due.is_some() { None } else { Some(ui.input(|i| i.time)) };
            }
        });
        ui.horizontal_wrapped(|ui| {
            ui.label(theme::weak("Units' speed"));
            segmented(ui, "Units' speed", &mut self.speed, &SPEEDS);
        });
    }

    /// Row or mini-batch, which machine, which row, its coins.
    pub(super) fn row_ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, layer: usize, intents: &mut Vec<Intent>) {
        let state = scene.state;
        ui.label(theme::section("Played"));
        card(ui, |ui| {
            segmented(ui, "Played", &mut self.played, &[(Played::Row, "Row"), (Played::Batch, "Mini-batch")]);
            let n = state.machines().len();
            if n > 1 {
                let names: Vec<String> = (1..=n).map(|l| format!("RBM {l}")).collect();
                let options: Vec<(usize, &str)> = names.iter().map(String::as_str).enumerate().collect();
                let mut chosen = layer;
                if ui.horizontal_wrapped(|ui| segmented(ui, "Machine", &mut chosen, &options)).inner.changed() {
                    // The machine in training is followed to the next.
                    self.layer = (state.in_training() != Some(chosen)).then_some(chosen);
                }
            }
            ui.add(Label::new(theme::weak(standing(scene, layer, self.played))).wrap());
            if self.played == Played::Batch {
                return;
            }
            self.pick_ui(ui, scene, intents);
            let toss = ActionButton::new("Toss again").tooltip("Other coins for the same row at the same moment");
            if toss.show(ui).clicked() {
                self.attempt += 1;
            }
        });
    }

    /// The row that is looked at, and the ways to another.
    fn pick_ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, intents: &mut Vec<Intent>) {
        let (n, row) = (scene.data.n_rows(), scene.row);
        let outcome = match scene.data.bad.get(row).copied().flatten() {
            Some(true) => " (bad)",
            Some(false) => " (good)",
            None => "",
        };
        ui.add(Label::new(theme::semibold(format!("{}{outcome}", row_name(scene.data, row)))).wrap());
        let mut number = row + 1;
        if Field::new("Row number", &mut number, 1..=n.max(1)).without_track().show(ui).changed() {
            intents.push(Intent::LookAtRow(number.clamp(1, n.max(1)) - 1));
        }
        let mut look = |row: Option<usize>| intents.extend(row.map(Intent::LookAtRow));
        look(self.finder.ui(ui, scene.data));
        ui.horizontal(|ui| {
            if ActionButton::new("Previous row").enabled(row > 0).show(ui).clicked() {
                look(row.checked_sub(1));
            }
            if ActionButton::new("Next row").enabled(row + 1 < n).show(ui).clicked() {
                look(Some(row + 1));
            }
        });
        ui.horizontal(|ui| {
            if ActionButton::new("Random row").show(ui).clicked() {
                self.picks += 1;
                look(picked(scene.seed, self.picks, &(0..n).collect::<Vec<_>>()));
            }
            if ActionButton::new("A bad one").show(ui).clicked() {
                self.picks += 1;
                let bad: Vec<usize> = (0..n).filter(|&row| scene.data.bad[row] == Some(true)).collect();
                look(picked(scene.seed, self.picks, &bad));
            }
        });
    }

    /// Which units are shown when not all fit: `said` for the visible and for the hidden side.
    pub(super) fn units_ui(&mut self, ui: &mut Ui, said: &[Option<String>; 2], totals: [usize; 2]) {
        if said.iter().all(Option::is_none) {
            return;
        }
        ui.label(theme::section("Units shown"));
        card(ui, |ui| {
            for ((said, which), (name, n)) in
                said.iter().zip(&mut self.which).zip([("visible", totals[0]), ("hidden", totals[1])])
            {
                let Some(said) = said else { continue };
                ui.add(Label::new(said.as_str()).wrap());
                let mut ranged = matches!(which, Which::From(_));
                let title = format!("Units shown, {name}");
                if segmented(ui, &title, &mut ranged, &[(false, "Strongest"), (true, "From")]).changed() {
                    *which = if ranged { Which::From(0) } else { Which::Strongest };
                }
                if let Which::From(first) = which {
                    let mut number = *first + 1;
                    let title = format!("From {name} unit");
                    if Field::new(&title, &mut number, 1..=n.max(1)).without_track().show(ui).changed() {
                        *first = number.clamp(1, n.max(1)) - 1;
                    }
                }
            }
        });
    }
}

/// What the machine is at, and what of its training a row is played without.
pub(super) fn standing(scene: &Scene<'_>, layer: usize, played: Played) -> String {
    let name = layer + 1;
    let state = scene.state;
    let (Some(step), Some(rbm)) =
        (state.cd_step().filter(|_| state.in_training() == Some(layer)), state.machines().get(layer))
    else {
        return format!("RBM {name} as pre-training left it; nothing is added any more.");
    };
    match &left_out(state.pre_training(), &step, rbm.hidden)[..] {
        more @ [_, ..] if played == Played::Row => {
            let more = listed(more);
            format!("RBM {name} in training. A row is played with plain CD-1 and the means of v′: without {more}.")
        }
        _ => format!("RBM {name} in training."),
    }
}

/// Text in which `_` puts the letters i and j after it below the line.
fn subscripted(ui: &Ui, text: &str, color: Color32) -> LayoutJob {
    let font = TextStyle::Body.resolve(ui.style());
    let small = FontId::new(font.size * 0.72, font.family.clone());
    let mut job = LayoutJob::default();
    for (part, below) in parts(text) {
        let font_id = if below { small.clone() } else { font.clone() };
        job.append(part, 0.0, TextFormat { font_id, color, valign: Align::BOTTOM, ..TextFormat::default() });
    }
    job
}

/// The parts of a formula, and whether each stands below the line.
fn parts(text: &str) -> Vec<(&str, bool)> {
    let mut parts = Vec::new();
    for (k, piece) in text.split('_').enumerate() {
        let end = if k == 0 { 0 } else { piece.find(|c| c != 'i' && c != 'j').unwrap_or(piece.len()) };
        let (below, rest) = piece.split_at(end);
        parts.extend([(below, true), (rest, false)].into_iter().filter(|(part, _)| !part.is_empty()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_stand_below_the_line() {
        let want = [
            ("σm(c", false),
            ("j", true),
            (" + Σ", false),
            ("i", true),
            (" v", false),
            ("i", true),
            (" W", false),
            ("ij", true),
            (")", false),
        ];
        assert_eq!(parts("σm(c_j + Σ_i v_i W_ij)"), want);
        assert_eq!(parts("plain"), [("plain", false)]);
        assert!(parts("").is_empty());
    }

    #[test]
    fn rows_are_picked_by_number() {
        let rows = [3, 5, 9];
        let all: Vec<usize> = (0..40).filter_map(|pick| picked(1, pick, &rows)).collect();
        assert!(all.len() == 40 && rows.iter().all(|row| all.contains(row)));
        assert_eq!(picked(1, 7, &rows), picked(1, 7, &rows));
        assert_eq!(picked(1, 7, &[]), None);
    }
}
