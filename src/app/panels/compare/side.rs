//! What is compared on which folds, how far it is, and everything that the reader of the result must know.

use egui::{Align, Checkbox, CornerRadius, Label, Layout, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::words::{name, short_name};
use crate::app::actions::{Command, Intent};
use crate::app::comparing::CompareState;
use crate::app::panels::folds::{folds_ui, planned_splits, problem};
use crate::app::panels::{count, time_left};
use crate::app::theme::{self, Palette, Tone, model_style};
use crate::app::widgets::{ActionButton, Icon, card, remark, segmented};
use crate::app::workspace::Workspace;
use crate::training::{CellState, Cutoff, CutoffRule, ModelKind, RunSettings};

/// Draws the panel.
pub(super) fn ui(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let mut settings = workspace.settings.clone();
    let mut changed = false;
    section(ui, "Folds");
    card(ui, |ui| changed |= folds_ui(ui, &mut settings.validation, workspace));
    section(ui, "Models");
    card(ui, |ui| {
        changed |= models_ui(ui, &mut settings, workspace);
        ui.add_space(4.0);
        changed |= cutoff_ui(ui, &mut settings.cutoff, workspace);
    });
    section(ui, "Models × folds");
    card(ui, |ui| grid_ui(ui, workspace, intents));
    if let Some(result) = &workspace.compare.result
        && !result.warnings.is_empty()
    {
        section(ui, "To know about this result");
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 8.0;
            // How the file was read is news; what went wrong in learning is a warning.
            let read = result.origin.source.notices();
            for warning in &result.warnings {
                remark(ui, if read.contains(warning) { Tone::Info } else { Tone::Warn }, warning);
            }
        });
    }
    if changed {
        intents.push(Intent::SetSettings(Box::new(settings)));
    }
}

fn section(ui: &mut Ui, title: &str) {
    ui.add_space(6.0);
    ui.label(theme::section(title));
}

/// Which models take part. Returns whether anything was changed.
fn models_ui(ui: &mut Ui, settings: &mut RunSettings, workspace: &Workspace) -> bool {
    let palette = Palette::of(ui);
    let mut changed = false;
    ui.spacing_mut().interact_size.y = 22.0;
    for kind in ModelKind::ALL {
        let mut included = settings.models.contains(&kind);
        ui.horizontal(|ui| {
            changed |= ui.add(Checkbox::new(&mut included, name(kind))).changed();
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(9.0, 9.0), Sense::hover());
                ui.painter().circle_filled(rect.center(), 4.5, model_style(palette, kind.key()).color);
            });
        });
        settings.include(kind, included);
    }
    if let [first, second, ..] = settings.models[..] {
        ui.label(theme::weak(format!("The verdict: {} against {}", short_name(first), short_name(second))));
    }
    problem(ui, workspace, "models");
    changed
}

/// From which probability a row is called bad. Returns whether it was changed.
fn cutoff_ui(ui: &mut Ui, cutoff: &mut Cutoff, workspace: &Workspace) -> bool {
    let own = match *cutoff {
        // Short, for there is little room; below it stands whole.
        Cutoff::Value(value) if value != 0.5 => Some((*cutoff, format!("{value:.3}"))),
        Cutoff::Value(_) | Cutoff::Rule(CutoffRule::BadRate) => None,
        Cutoff::Rule(_) => Some((*cutoff, "rule".to_owned())),
    };
    let mut options = vec![(Cutoff::Value(0.5), "0.5"), (Cutoff::Rule(CutoffRule::BadRate), "bad rate")];
    if let Some((value, text)) = &own {
        options.insert(1, (*value, text));
    }
    let changed = ui
        .horizontal(|ui| {
            ui.label("Cut-off");
            let layout = Layout::right_to_left(Align::Center);
            ui.with_layout(layout, |ui| segmented(ui, "Cut-off", cutoff, &options).changed()).inner
        })
        .inner;
    let hint = match cutoff {
        Cutoff::Value(value) => format!("Called bad from a probability of {value} on"),
        Cutoff::Rule(CutoffRule::BadRate) => "Called bad when riskier than the average row".to_owned(),
        Cutoff::Rule(_) => format!("By a rule of the Cut-off screen: {}", cutoff.in_words()),
    };
    ui.add(Label::new(theme::weak(hint)).wrap());
    problem(ui, workspace, "cutoff");
    changed
}

/// Share done of some cells, 0 to 1.
pub(super) fn share_done(cells: &[CellState]) -> f64 {
    let share = |cell: &CellState| match cell {
        CellState::Waiting => 0.0,
        CellState::Running(share) => share.clamp(0.0, 1.0),
        CellState::Done => 1.0,
    };
    cells.iter().map(share).sum::<f64>() / cells.len().max(1) as f64
}

/// The state of every fit, live; before the first comparison the fits that there will be.
fn grid_ui(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let compare = &workspace.compare;
    let planned;
    let (models, cells) = if compare.cells.is_empty() {
        let models = if compare.is_running() { &compare.models } else { &workspace.settings.models };
        // A plan of more splits than can be drawn is drawn as one bar, so there is no need to list them all.
        let splits = planned_splits(&workspace.settings.validation).min(1000);
        planned = vec![CellState::Waiting; splits * models.len()];
        (models, &planned)
    } else {
        (&compare.models, &compare.cells)
    };
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 5.0;
        for (i, &kind) in models.iter().enumerate() {
            let row: Vec<CellState> = cells.iter().skip(i).step_by(models.len()).copied().collect();
            grid_row(ui, kind, &row);
        }
    });
    ui.add_space(2.0);
    ui.label(theme::weak(progress_in_words(compare, cells.len())));
    if compare.is_running() {
        let stop = ActionButton::new(Command::StopCompare.label()).with_icon(Icon::Stop);
        if stop.tooltip(Command::StopCompare.tooltip()).show_wide(ui).clicked() {
            intents.push(Intent::Do(Command::StopCompare));
        }
    }
}

/// "121 of 125 fits · 4 s left".
pub(super) fn progress_in_words(compare: &CompareState, n_cells: usize) -> String {
    if compare.cells.is_empty() {
        return if compare.is_running() {
            "Starting…".to_owned()
        } else {
            format!("{} to do", count(n_cells, "fit"))
        };
    }
    let done = format!("{} of {}", compare.fits_done(), count(n_cells, "fit"));
    match compare.seconds_left().filter(|_| compare.is_running()) {
        Some(seconds) => format!("{done} · {}", time_left(seconds)),
        None => done,
    }
}

/// One model's cells: empty while they wait, filled from below while they run, whole when done. More cells than can be
/// told apart are one bar.
fn grid_row(ui: &mut Ui, kind: ModelKind, cells: &[CellState]) {
    let palette = Palette::of(ui);
    let color = model_style(palette, kind.key()).color;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 15.0), Sense::hover());
    let done = cells.iter().filter(|&&cell| cell == CellState::Done).count();
    let spoken = format!("{}: {done} of {} done", name(kind), count(cells.len(), "fold"));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    let painter = ui.painter();
    painter.text(rect.left_center(), egui::Align2::LEFT_CENTER, short_name(kind), theme::tick_font(ui), palette.weak);
    let names = 54.0;
    let room = Rect::from_min_max(pos2(rect.left() + names, rect.top()), rect.max);
    let pitch = (room.width() / cells.len().max(1) as f32).min(22.0);
    if pitch < 3.0 {
        let bar = room.shrink2(vec2(0.0, 4.0));
        painter.rect_filled(bar, 3.0, palette.line);
        painter.rect_filled(bar.with_max_x(bar.left() + bar.width() * share_done(cells) as f32), 3.0, color);
    } else {
        let gap = if pitch < 6.0 { 1.0 } else { 2.0 };
        for (i, cell) in cells.iter().enumerate() {
            let left = room.left() + i as f32 * pitch;
            let whole = Rect::from_min_max(pos2(left, room.top()), pos2(left + pitch - gap, room.bottom()));
            painter.rect_filled(whole, CornerRadius::same(2), palette.line);
            let share = share_done(std::slice::from_ref(cell)) as f32;
            if share > 0.0 {
                let filled = whole.with_min_y(whole.bottom() - whole.height() * share);
                painter.rect_filled(filled, CornerRadius::same(2), color);
            }
        }
    }
    response.on_hover_text(spoken);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_done_are_means_within_bounds() {
        assert_eq!(share_done(&[]), 0.0);
        assert_eq!(share_done(&[CellState::Waiting, CellState::Done]), 0.5);
        assert_eq!(share_done(&[CellState::Running(7.0), CellState::Running(0.5)]), 0.75);
    }
}
