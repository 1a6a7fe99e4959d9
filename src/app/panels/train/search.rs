//! The search for an SVM's C and γ as a map: how well each pair ranks held-out rows, coarse squares first, finer ones on
//! top of them.

use egui::{Align2, Color32, CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::app::actions::Intent;
use crate::app::theme::{self, Palette};
use crate::app::widgets::{ActionButton, Taking, card, titles};
use crate::app::workspace::Workspace;
use crate::model::svm::{Tuning, TuningCell};
use crate::model::{FitFacts, Phase};
use crate::report::{Cell, ColumnKind, ReportTable};
use crate::training::ModelKind;

/// Room for the ticks left of and below the map, in points.
const LEFT: f32 = 46.0;
const BELOW: f32 = 34.0;
/// Cells reach so far to each side of the outermost places: half the coarsest step.
const MARGIN: i32 = 2;

/// The search of this run: under way, or as it ended.
fn tuning(workspace: &Workspace) -> Option<&Tuning> {
    let run = &workspace.run;
    let trained = run.trained.iter().find(|t| t.model == ModelKind::Svm);
    match trained.map(|t| &t.facts) {
        Some(FitFacts::Svm(facts)) => facts.tuning.as_ref(),
        _ => run
            .snapshot
            .as_ref()
            .filter(|s| s.model == ModelKind::Svm)
            .and_then(|s| s.monitors.as_ref()?.search.as_ref()),
    }
}

/// The card.
pub(super) fn ui(ui: &mut Ui, workspace: &Workspace, height: f32, intents: &mut Vec<Intent>) {
    let snapshot = workspace.run.snapshot.as_ref().filter(|_| workspace.run.is_active());
    let searching = snapshot.is_some_and(|s| s.progress.phase == Phase::Search);
    card(ui, |ui| {
        ui.set_height(height - 22.0);
        let Some(tuning) = tuning(workspace).filter(|t| t.folds > 0) else {
            nothing(ui, workspace);
            return;
        };
        let best = tuning.best();
        let taking = Taking::begin(ui, "search for C and γ");
        ui.horizontal_top(|ui| {
            let room = ui.available_width() - Taking::room(ui) - if searching { 150.0 } else { 0.0 };
            ui.vertical(|ui| {
                ui.set_width(room);
                titles(ui, &title(best, searching), &subtitle(tuning));
            });
            let button = ActionButton::new("Use the best so far").enabled(best.is_some());
            if searching && button.tooltip("Ends the search and fits with this C and γ").show(ui).clicked() {
                intents.push(Intent::SkipSearch);
            }
        });
        ui.add_space(4.0);
        map(ui, tuning, best);
        taking.end(ui, &title(best, searching), || table(tuning));
    });
}

fn table(tuning: &Tuning) -> ReportTable {
    let heads = ["C", "γ", "Mean AUC", "Tried (1: on all folds)"].map(|head| (head, ColumnKind::Numbers));
    let mut table = ReportTable::new("search_for_c_and_gamma", subtitle(tuning), heads);
    let row = |cell: &TuningCell| {
        let numbers = [Some(cell.c()), cell.gamma(), cell.auc].map(|x| Cell::Number(x, 5));
        numbers.into_iter().chain([Cell::Count(Some(usize::from(cell.done)))]).collect()
    };
    table.rows = tuning.cells.iter().map(row).collect();
    table
}

fn nothing(ui: &mut Ui, workspace: &Workspace) {
    titles(ui, "Search for C and γ", "mean AUC of held-out training rows, by pair");
    let svm = &workspace.settings.svm;
    let words = if svm.tuning.on {
        "No search yet: it begins with the SVM"
    } else {
        "C and γ are given: see the SVM's settings"
    };
    ui.centered_and_justified(|ui| ui.label(theme::weak(words)));
}

fn title(best: Option<&TuningCell>, searching: bool) -> String {
    let Some(best) = best else { return "Searching C and γ".to_owned() };
    let gamma = best.gamma().map_or(String::new(), |gamma| format!(", γ {}", short(gamma)));
    let words = if searching { "Best so far" } else { "Chosen" };
    format!("{words}: C {}{gamma} — AUC {:.3}", short(best.c()), best.auc.unwrap_or(f64::NAN))
}

fn subtitle(tuning: &Tuning) -> String {
    let done = tuning.cells.iter().filter(|cell| cell.done).count();
    let rows = if tuning.rows < tuning.of_rows {
        format!("{} of {} training rows", tuning.rows, tuning.of_rows)
    } else {
        format!("{} training rows", tuning.rows)
    };
    format!("mean AUC over {} folds of {rows}; {done} pairs tried", tuning.folds)
}

/// A power of two as a person reads it.
fn short(x: f64) -> String {
    match x.abs() {
        x_abs if x_abs >= 1.0 => format!("{x:.0}"),
        x_abs if x_abs >= 0.001 => {
            let digits = (1 - x_abs.log10().floor() as i32).max(0) as usize;
            format!("{x:.digits$}")
        }
        _ => format!("{x:.0e}"),
    }
}

/// Where places stand on the picture.
struct Frame {
    area: Rect,
    c: (i32, i32),
    gamma: (i32, i32),
}

impl Frame {
    fn of(area: Rect, cells: &[TuningCell]) -> Self {
        let range = |values: &mut dyn Iterator<Item = i32>| {
            let (low, high) = values.fold((i32::MAX, i32::MIN), |(low, high), v| (low.min(v), high.max(v)));
            if low > high { (-MARGIN, MARGIN) } else { (low - MARGIN, high + MARGIN) }
        };
        let c = range(&mut cells.iter().map(|cell| cell.log2_c));
        let gamma = range(&mut cells.iter().map(|cell| cell.log2_gamma.unwrap_or(0)));
        Self { area, c, gamma }
    }

    fn x(&self, log2_c: f32) -> f32 {
        let share = (log2_c - self.c.0 as f32) / (self.c.1 - self.c.0) as f32;
        self.area.left() + share * self.area.width()
    }

    fn y(&self, log2_gamma: f32) -> f32 {
        let share = (log2_gamma - self.gamma.0 as f32) / (self.gamma.1 - self.gamma.0) as f32;
        self.area.bottom() - share * self.area.height()
    }

    fn rect(&self, cell: &TuningCell) -> Rect {
        let half = cell.step as f32 / 2.0;
        let (c, gamma) = (cell.log2_c as f32, cell.log2_gamma.unwrap_or(0) as f32);
        // A single row of cells fills the height.
        let half_gamma = if cell.log2_gamma.is_some() { half } else { MARGIN as f32 };
        let corners =
            [pos2(self.x(c - half), self.y(gamma + half_gamma)), pos2(self.x(c + half), self.y(gamma - half_gamma))];
        Rect::from_min_max(corners[0], corners[1]).intersect(self.area).shrink(0.5)
    }
}

fn map(ui: &mut Ui, tuning: &Tuning, best: Option<&TuningCell>) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Map of the search for C and γ"));
    let area = Rect::from_min_max(rect.min + vec2(LEFT, 2.0), rect.max - vec2(4.0, BELOW));
    if area.width() < 40.0 || area.height() < 24.0 {
        return;
    }
    let frame = Frame::of(area, &tuning.cells);
    let aucs = || tuning.cells.iter().filter_map(|cell| cell.auc);
    let (low, high) = aucs().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), auc| (l.min(auc), h.max(auc)));
    let painter = ui.painter();
    painter.rect_filled(area, CornerRadius::ZERO, palette.plot);
    let mut by_size: Vec<&TuningCell> = tuning.cells.iter().collect();
    by_size.sort_by_key(|cell| std::cmp::Reverse(cell.step));
    for cell in &by_size {
        let at = frame.rect(cell);
        match cell.auc {
            Some(auc) => {
                painter.rect_filled(at, CornerRadius::ZERO, shade(palette, auc, low, high));
            }
            None if cell.done => {
                painter.circle_filled(at.center(), 2.0, palette.weak);
            }
            None => {
                painter.rect_stroke(at, CornerRadius::ZERO, Stroke::new(1.0, palette.line), StrokeKind::Inside);
            }
        }
    }
    if let Some(best) = best {
        let at = frame.rect(best).expand(1.5);
        painter.rect_stroke(at, CornerRadius::ZERO, Stroke::new(2.0, palette.text), StrokeKind::Outside);
    }
    ticks(ui, &frame, tuning, palette);
    if low <= high {
        legend(ui, rect, palette, [low, high]);
    }
    if let Some(pointer) = response.hover_pos()
        && let Some(cell) = by_size.iter().rev().find(|cell| frame.rect(cell).contains(pointer))
    {
        let stroke = Stroke::new(1.0, palette.accent);
        ui.painter().rect_stroke(frame.rect(cell), CornerRadius::ZERO, stroke, StrokeKind::Inside);
        let gamma = cell.gamma().map_or(String::new(), |gamma| format!(", γ {}", short(gamma)));
        let auc = match (cell.auc, cell.done) {
            (Some(auc), _) => format!("AUC {auc:.4}"),
            (None, true) => "AUC undefined".to_owned(),
            (None, false) => "not judged yet".to_owned(),
        };
        response.on_hover_text(format!("C {}{gamma}: {auc}", short(cell.c())));
    }
}

/// From the ground for the worst to the SVM's colour for the best; the top of the range gets most of the shades, since
/// that is where pairs are chosen.
fn shade(palette: &Palette, auc: f64, low: f64, high: f64) -> Color32 {
    let share = if high > low { ((auc - low) / (high - low)) as f32 } else { 1.0 };
    palette.line.lerp_to_gamma(palette.svm, share.powi(2))
}

/// Values of C below, of γ on the left, every fourth power of two.
fn ticks(ui: &Ui, frame: &Frame, tuning: &Tuning, palette: &Palette) {
    let (painter, font) = (ui.painter(), theme::tick_font(ui));
    let area = frame.area;
    let coarse = |(from, to): (i32, i32)| (from + MARGIN..=to - MARGIN).step_by(4);
    for c in coarse(frame.c) {
        let at = pos2(frame.x(c as f32), area.bottom() + 3.0);
        painter.text(at, Align2::CENTER_TOP, short(f64::from(c).exp2()), font.clone(), palette.weak);
    }
    painter.text(pos2(area.left() - 4.0, area.bottom() + 3.0), Align2::RIGHT_TOP, "C", font.clone(), palette.weak);
    if tuning.cells.iter().all(|cell| cell.log2_gamma.is_none()) {
        return;
    }
    for gamma in coarse(frame.gamma) {
        let at = pos2(area.left() - 4.0, frame.y(gamma as f32));
        painter.text(at, Align2::RIGHT_CENTER, short(f64::from(gamma).exp2()), font.clone(), palette.weak);
    }
    painter.text(pos2(area.left() - LEFT, area.top()), Align2::LEFT_TOP, "γ", font, palette.weak);
}

/// The lowest and the highest AUC with their shades, in the corner below.
fn legend(ui: &Ui, rect: Rect, palette: &Palette, [low, high]: [f64; 2]) {
    const STEPS: usize = 24;
    const WIDTH: f32 = 72.0;
    let (painter, font) = (ui.painter(), theme::tick_font(ui));
    let bottom = rect.bottom() - 3.0;
    let text = painter.text(
        pos2(rect.right() - 4.0, bottom),
        Align2::RIGHT_BOTTOM,
        format!("{high:.3}"),
        font.clone(),
        palette.weak,
    );
    let right = text.left() - 4.0;
    for step in 0..STEPS {
        let share = step as f64 / (STEPS - 1) as f64;
        let x = right - WIDTH + WIDTH * step as f32 / STEPS as f32;
        let at = Rect::from_min_size(pos2(x, bottom - 10.0), vec2(WIDTH / STEPS as f32 + 0.5, 8.0));
        painter.rect_filled(at, CornerRadius::ZERO, shade(palette, share, 0.0, 1.0));
    }
    let at = pos2(right - WIDTH - 4.0, bottom);
    painter.text(at, Align2::RIGHT_BOTTOM, format!("{low:.3}"), font, palette.weak);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(log2_c: i32, log2_gamma: Option<i32>, step: i32) -> TuningCell {
        TuningCell { log2_c, log2_gamma, step, auc: Some(0.8), lead_error: None, done: true }
    }

    #[test]
    fn powers_of_two_are_short() {
        let powers = [-15, -11, -7, -5, -1, 0, 3, 15].map(|power| short(f64::from(power).exp2()));
        assert_eq!(powers, ["3e-5", "5e-4", "0.0078", "0.031", "0.50", "1", "8", "32768"]);
    }

    #[test]
    fn cells_lie_side_by_side_within_the_picture() {
        let area = Rect::from_min_size(pos2(10.0, 20.0), vec2(240.0, 100.0));
        let cells = [cell(-5, Some(-15), 4), cell(-1, Some(-15), 4), cell(15, Some(1), 4)];
        let frame = Frame::of(area, &cells);
        let [first, second, last] = cells.map(|cell| frame.rect(&cell));
        assert!((first.right() - second.left()).abs() < 1.5 && first.width() > 30.0);
        assert!(area.contains_rect(first) && area.contains_rect(last));
        assert!(first.bottom() > last.bottom(), "γ grows upwards");
        let finer = cell(-5, Some(-15), 1);
        assert!(frame.rect(&finer).width() < first.width() / 3.0);
        let line = [cell(3, None, 2)];
        assert!((Frame::of(area, &line).rect(&line[0]).height() - 99.0).abs() < 1e-3);
    }
}
