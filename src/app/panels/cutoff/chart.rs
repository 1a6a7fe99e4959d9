//! Scores and costs over one axis of probabilities, and the line through both that is dragged.

use egui::{Align2, Key, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::axis::{Axis, percent};
use super::numbers::thresholds_in_words;
use crate::app::panels::compare::words::name;
use crate::app::panels::thousands;
use crate::app::theme::{self, Palette, model_style};
use crate::app::widgets::{hatch, picture_card, scale};
use crate::report::{Cell, ColumnKind, ReportTable};
use crate::training::{Cutoff, ModelResult, MoneySettings, Outcome, Rows};

/// Heights of the two pictures and of what is around them, in points.
const SCORES: f32 = 190.0;
const COSTS: f32 = 130.0;
const TAG: f32 = 22.0;
const TICKS: f32 = 20.0;
const BETWEEN: f32 = 26.0;
/// Room for the figures on the left, in points.
const FIGURES: f32 = 46.0;
/// Width of a bin, in points.
const BIN: f32 = 12.0;
/// Bins of the table of the pictures.
const ROWS: usize = 100;
/// Distance of two ticks, in points.
const APART: f32 = 44.0;

/// Draws the pictures. Returns where the line was dragged to, and whether it was let go.
pub(super) fn ui(ui: &mut Ui, model: &ModelResult, cutoff: Cutoff, money: &MoneySettings) -> (Option<f64>, bool) {
    // Without calibration there is nothing to choose on but the test rows; it is said beside the figures.
    let rows = if model.pd_range(Rows::Validation).is_some() { Rows::Validation } else { Rows::Test };
    let outcome = model.outcome(cutoff, money, rows);
    let title = finding(model, outcome.as_ref());
    let of =
        if rows == Rows::Validation { "training rows, scored by fits that had not seen them" } else { "test rows" };
    let subtitle = format!("share of the good and of the bad {of}, by probability of default");
    let numbers = || table(model, rows, money, &title);
    picture_card(ui, "scores and costs", [&title, &subtitle], numbers, |ui| {
        let height = TAG + SCORES + BETWEEN + COSTS + TICKS;
        let (area, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click_and_drag());
        let inner = area.with_min_x(area.left() + FIGURES).with_max_x(area.right() - 8.0);
        let axis = Axis::new(range(model, rows), inner);
        let scores = Rect::from_x_y_ranges(inner.x_range(), area.top() + TAG..=area.top() + TAG + SCORES);
        let costs =
            Rect::from_x_y_ranges(inner.x_range(), scores.bottom() + BETWEEN..=scores.bottom() + BETWEEN + COSTS);
        let threshold = outcome.as_ref().map(|outcome| outcome.thresholds);
        refused_ground(ui, &[scores, costs], &axis, threshold);
        scores_ui(ui, model, rows, &axis, scores);
        costs_ui(ui, model, money, &axis, costs);
        ticks_ui(ui, &axis, scores, costs);
        if let Some(threshold) = threshold {
            line_ui(
                ui,
                &axis,
                scores,
                costs,
                threshold,
                response.hovered() || response.dragged() || response.has_focus(),
            );
        }
        let now = threshold.map_or(0.5, |[low, high]| low.midpoint(high));
        let response = response.on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
        response
            .widget_info(|| WidgetInfo::slider(true, now, "Cut-off: the probability from which a firm is called bad"));
        let mut moved = None;
        if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked()) {
            moved = Some(axis.p(pointer.x));
        }
        let mut let_go = response.drag_stopped() || response.clicked();
        if response.has_focus() {
            let step = ui.input(|i| {
                let by = |key| i.num_presses(key) as f64;
                (by(Key::ArrowRight) - by(Key::ArrowLeft)) * if i.modifiers.shift { 0.05 } else { 0.005 }
            });
            ui.memory_mut(|m| {
                m.set_focus_lock_filter(
                    response.id,
                    egui::EventFilter { horizontal_arrows: true, ..egui::EventFilter::default() },
                );
            });
            if step != 0.0 {
                moved = Some(axis.moved(now, step));
                let_go = true;
            }
        }
        (moved, let_go)
    })
}

/// The probabilities that there are.
fn range(model: &ModelResult, rows: Rows) -> [f64; 2] {
    model.pd_range(rows).unwrap_or([0.01, 0.99])
}

/// Firms by probability of default, and what calling them bad from there on costs.
fn table(model: &ModelResult, rows: Rows, money: &MoneySettings, caption: &str) -> ReportTable {
    let edges = Axis::new(range(model, rows), Rect::ZERO).edges(ROWS);
    let heads = ["From", "Up to", "Good", "Bad", "Cost a firm, rows it is chosen on", "Cost a firm, test rows"];
    let heads = heads.map(|head| (head, ColumnKind::Numbers));
    let curves = [Rows::Validation, Rows::Test].map(|rows| model.cost_curve(rows, money.costs(), &edges));
    let cost = |curve: &[[f64; 2]], from: f64| curve.iter().find(|[t, _]| *t == from).map(|[_, cost]| *cost);
    let mut table = ReportTable::new("scores_and_costs", caption, heads);
    for (bin, ends) in model.histogram(rows, &edges).into_iter().zip(edges.windows(2)) {
        let mut row: Vec<Cell> = ends.iter().map(|p| Cell::Number(Some(*p), 5)).collect();
        row.extend(bin.map(|n| Cell::Count(Some(n))));
        row.extend(curves.iter().map(|curve| Cell::Number(cost(curve, ends[0]), 4)));
        table.rows.push(row);
    }
    table
}

/// "DBN: a cut-off of 5.2 % finds 71 % of the bad and refuses 12 % of the good".
fn finding(model: &ModelResult, outcome: Option<&Outcome>) -> String {
    let Some(outcome) = outcome else { return format!("{}: no scores", name(model.kind)) };
    let counts = outcome.confusion;
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", share * 100.0));
    format!(
        "{}: bad from {} finds {} of the bad and refuses {} of the good",
        name(model.kind),
        thresholds_in_words(outcome.thresholds),
        share(counts.recall()),
        share(counts.specificity().map(|specificity| 1.0 - specificity)),
    )
}

/// Where firms are called bad, the ground is a shade darker.
fn refused_ground(ui: &Ui, rects: &[Rect], axis: &Axis, threshold: Option<[f64; 2]>) {
    let palette = Palette::of(ui);
    for rect in rects {
        ui.painter().rect_filled(*rect, 2.0, palette.plot);
        if let Some([_, high]) = threshold {
            let refused = rect.with_min_x(axis.x(high));
            ui.painter().rect_filled(refused, 2.0, palette.bad.gamma_multiply(0.10));
        }
    }
}

/// Bars of both classes, each as a share of its own rows: the few bad firms are seen beside the many good ones.
fn scores_ui(ui: &Ui, model: &ModelResult, rows: Rows, axis: &Axis, rect: Rect) {
    let palette = Palette::of(ui);
    let n_bins = (rect.width() / BIN).round().clamp(8.0, 120.0) as usize;
    let edges = axis.edges(n_bins);
    let counts = model.histogram(rows, &edges);
    let total = |class: usize| counts.iter().map(|bin| bin[class]).sum::<usize>();
    let totals = [total(0), total(1)];
    let share = |count: usize, class: usize| count as f32 / totals[class].max(1) as f32;
    let highest = counts.iter().flat_map(|bin| [share(bin[0], 0), share(bin[1], 1)]).fold(1e-6, f32::max);
    let y = |share: f32| rect.bottom() - (rect.height() - 16.0) * share / highest;
    let painter = ui.painter();
    let good = palette.majority.gamma_multiply(0.45);
    for (bin, edges) in counts.iter().zip(edges.windows(2)) {
        let bar = Rect::from_min_max(
            pos2(axis.x(edges[0]) + 0.5, y(share(bin[0], 0))),
            pos2(axis.x(edges[1]) - 0.5, rect.bottom()),
        );
        painter.rect_filled(bar, 0.0, good);
    }
    // The bad firms as an outline over them, with light stripes: told apart without colour.
    let mut outline: Vec<Pos2> = vec![pos2(rect.left(), rect.bottom())];
    for (bin, edges) in counts.iter().zip(edges.windows(2)) {
        let top = y(share(bin[1], 1));
        let (left, right) = (axis.x(edges[0]), axis.x(edges[1]));
        outline.extend([pos2(left, top), pos2(right, top)]);
        hatch(ui, Rect::from_min_max(pos2(left, top), pos2(right, rect.bottom())), palette.bad.gamma_multiply(0.35));
    }
    outline.push(pos2(rect.right(), rect.bottom()));
    painter.add(Shape::line(outline, Stroke::new(1.75, palette.bad)));
    legend(ui, rect, totals);
    let font = theme::tick_font(ui);
    for tick in scale::ticks(0.0, f64::from(highest), 3, false).iter().filter(|tick| tick.at > 0.0) {
        let at = y(tick.at as f32);
        let text = percent(tick.at);
        painter.text(pos2(rect.left() - 6.0, at), Align2::RIGHT_CENTER, text, font.clone(), palette.weak);
        painter.hline(rect.x_range(), at, Stroke::new(0.5, palette.line));
    }
}

fn legend(ui: &Ui, rect: Rect, totals: [usize; 2]) {
    let palette = Palette::of(ui);
    let font = theme::tick_font(ui);
    let mut at = pos2(rect.right() - 8.0, rect.top() + 10.0);
    for (class, text) in [(1, "bad"), (0, "good")] {
        let text = format!("{text} {}", thousands(totals[class]));
        let drawn = ui.painter().text(at, Align2::RIGHT_CENTER, text, font.clone(), palette.text);
        let swatch = Rect::from_center_size(pos2(drawn.left() - 11.0, at.y), vec2(12.0, 9.0));
        if class == 0 {
            ui.painter().rect_filled(swatch, 0.0, palette.majority.gamma_multiply(0.45));
        } else {
            hatch(ui, swatch, palette.bad.gamma_multiply(0.5));
            ui.painter().rect_stroke(swatch, 0.0, Stroke::new(1.5, palette.bad), egui::StrokeKind::Inside);
        }
        at.y += 16.0;
    }
}

/// The mean cost of a firm at every cut-off: on the rows it is chosen on, and thinner on the test rows.
fn costs_ui(ui: &Ui, model: &ModelResult, money: &MoneySettings, axis: &Axis, rect: Rect) {
    let palette = Palette::of(ui);
    let thresholds = axis.edges((rect.width() / 3.0).clamp(20.0, 600.0) as usize);
    let curve = |rows| model.cost_curve(rows, money.costs(), &thresholds);
    let curves = [(curve(Rows::Validation), "chosen on"), (curve(Rows::Test), "test")];
    let all = || curves.iter().flat_map(|(curve, _)| curve).map(|point| point[1]);
    let highest = all().fold(0.0_f64, f64::max);
    let painter = ui.painter();
    let font = theme::tick_font(ui);
    let label = pos2(rect.left() + 6.0, rect.top() - 12.0);
    painter.text(label, Align2::LEFT_CENTER, "cost of wrong calls, a firm", font.clone(), palette.weak);
    if !(highest > 0.0 && highest.is_finite()) {
        return;
    }
    let y = |cost: f64| rect.bottom() - (rect.height() - 8.0) * (cost / highest) as f32;
    for tick in scale::ticks(0.0, highest, 3, false).into_iter().filter(|tick| tick.at > 0.0) {
        let at = y(tick.at);
        painter.text(pos2(rect.left() - 6.0, at), Align2::RIGHT_CENTER, tick.label, font.clone(), palette.weak);
        painter.hline(rect.x_range(), at, Stroke::new(0.5, palette.line));
    }
    let color = model_style(palette, model.kind.key()).color;
    for (i, (curve, text)) in curves.iter().enumerate() {
        let points: Vec<Pos2> = curve.iter().map(|&[t, cost]| pos2(axis.x(t), y(cost))).collect();
        let Some(&end) = points.first() else { continue };
        if i == 0 {
            painter.add(Shape::line(points.clone(), Stroke::new(2.0, color)));
        } else {
            painter.extend(Shape::dashed_line(&points, Stroke::new(1.25, palette.weak), 5.0, 3.0));
        }
        // The least of the curve is marked; names stand at the left end, where the curves come apart least often.
        let least = curve.iter().zip(&points).min_by(|a, b| a.0[1].total_cmp(&b.0[1]));
        if let (0, Some((_, at))) = (i, least) {
            painter.circle_filled(*at, 3.5, color);
            painter.text(*at + vec2(0.0, 11.0), Align2::CENTER_CENTER, "least", font.clone(), palette.weak);
        }
        let above = if i == 0 { -9.0 } else { 9.0 };
        let color = if i == 0 { palette.text } else { palette.weak };
        painter.text(end + vec2(6.0, above), Align2::LEFT_CENTER, *text, font.clone(), color);
    }
}

fn ticks_ui(ui: &Ui, axis: &Axis, scores: Rect, costs: Rect) {
    let palette = Palette::of(ui);
    for (p, x) in axis.ticks(APART) {
        for rect in [scores, costs] {
            ui.painter().vline(x, rect.bottom()..=rect.bottom() + 4.0, Stroke::new(1.0, palette.line));
        }
        let at = pos2(x, costs.bottom() + 6.0);
        ui.painter().text(at, Align2::CENTER_TOP, percent(p), theme::tick_font(ui), palette.weak);
    }
}

/// The cut-off through both pictures with its number on top; a band where folds have different ones.
fn line_ui(ui: &Ui, axis: &Axis, scores: Rect, costs: Rect, threshold: [f64; 2], held: bool) {
    let palette = Palette::of(ui);
    let [low, high] = threshold.map(|t| axis.x(t));
    let (top, bottom) = (scores.top() - 2.0, costs.bottom());
    let painter = ui.painter();
    if high - low > 1.5 {
        let band = Rect::from_min_max(pos2(low, top), pos2(high, bottom));
        painter.rect_filled(band, 0.0, palette.text.gamma_multiply(0.18));
    }
    let middle = low.midpoint(high);
    painter.vline(middle, top..=bottom, Stroke::new(if held { 3.0 } else { 2.0 }, palette.text));
    let text = thresholds_in_words(threshold);
    let galley = painter.layout_no_wrap(text, egui::TextStyle::Body.resolve(ui.style()), palette.background);
    let size = galley.size() + vec2(12.0, 2.0);
    let centre =
        middle.clamp(scores.left() + size.x / 2.0, (scores.right() - size.x / 2.0).max(scores.left() + size.x / 2.0));
    let tag = Rect::from_center_size(pos2(centre, top - size.y / 2.0), size);
    painter.rect_filled(tag, 4.0, palette.text);
    painter.galley(tag.center() - galley.size() / 2.0, galley, palette.background);
}
