//! The table of models: mean ± sd over the folds, sorted as wished, the best of each column marked, AUC fold by fold as
//! dots, and the majority as the floor.

use std::cmp::Ordering;

use egui::text::LayoutJob;
use egui::{Align, FontSelection, Label, RichText, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::in_card;
use super::words::{figure, name, over_folds, seconds, symbol};
use crate::app::panels::count;
use crate::app::theme::{self, Palette, model_style};
use crate::app::widgets::{Column, Icon, Sort, data_table, status_dot};
use crate::evaluation::{Metric, Summary};
use crate::training::{Comparison, ModelKind, ModelResult};

/// The column that the table is sorted by at first.
pub(super) const AUC_COLUMN: usize = 1;
const FIT_COLUMN: usize = Metric::TABLE.len() + 1;
const DOTS_COLUMN: usize = FIT_COLUMN + 1;

/// The least width of all columns, in points.
const LEAST_WIDTH: f32 = 924.0;
/// Width of the mark of the best figure, in points.
const TICK: f32 = 9.0;

/// One model's line.
#[derive(Clone, Debug)]
struct Line {
    kind: ModelKind,
    /// The metrics, then the fit time in seconds.
    figures: [Summary; Metric::TABLE.len() + 1],
    /// AUC of each fold.
    auc: Vec<Option<f64>>,
}

impl Line {
    fn of(model: &ModelResult) -> Self {
        let figure =
            |i: usize| Metric::TABLE.get(i).map_or_else(|| model.fit_seconds(), |&metric| model.summary(metric));
        Self {
            kind: model.kind,
            figures: std::array::from_fn(figure),
            auc: model.folds.iter().map(|fold| fold.scored.metrics.auc).collect(),
        }
    }

    /// The figure in a column of figures; that of the dots is the AUC.
    fn summary(&self, column: usize) -> Summary {
        let column = if column == DOTS_COLUMN { AUC_COLUMN } else { column };
        column.checked_sub(1).and_then(|i| self.figures.get(i)).copied().unwrap_or_default()
    }

    fn is_floor(&self) -> bool {
        self.kind == ModelKind::Majority
    }
}

/// Indices of the lines in the order to show: undefined figures after all others whichever way it is sorted, the floor
/// always last.
fn order(lines: &[Line], sort: Sort) -> Vec<usize> {
    let directed = |ordering: Ordering| if sort.descending { ordering.reverse() } else { ordering };
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&lines[a], &lines[b]);
        let by_column = if sort.column == 0 {
            directed(name(a.kind).cmp(&name(b.kind)))
        } else {
            match (a.summary(sort.column).mean, b.summary(sort.column).mean) {
                (Some(a), Some(b)) => directed(a.total_cmp(&b)),
                (a, b) => b.is_some().cmp(&a.is_some()),
            }
        };
        a.is_floor().cmp(&b.is_floor()).then(by_column)
    });
    order
}

/// How a mean is written.
fn written(column: usize, mean: f64) -> String {
    if column == FIT_COLUMN { seconds(mean) } else { figure(mean) }
}

/// Whether a line has the best figure of its column as far as the written digits tell; where all are alike, none is
/// best. The floor takes part, so that a model which does not reach it is not called best, but not in time.
fn is_best(lines: &[Line], line: usize, column: usize) -> bool {
    let takes_part = |line: &&Line| !(line.is_floor() && column == FIT_COLUMN);
    let means: Vec<f64> = lines.iter().filter(takes_part).filter_map(|line| line.summary(column).mean).collect();
    let metric = column.checked_sub(1).and_then(|i| Metric::TABLE.get(i));
    let best = if metric.is_some_and(|metric| metric.higher_is_better()) {
        means.iter().copied().max_by(f64::total_cmp)
    } else {
        means.iter().copied().min_by(f64::total_cmp)
    };
    let Some(best) = best.map(|best| written(column, best)) else { return false };
    let own = lines.get(line).filter(takes_part).and_then(|line| line.summary(column).mean);
    own.is_some_and(|own| written(column, own) == best) && means.iter().any(|&mean| written(column, mean) != best)
}

/// Draws the card; the header buttons change `sort`.
pub(super) fn ui(ui: &mut Ui, sort: &mut Sort, comparison: &Comparison) {
    let lines: Vec<Line> = comparison.models.iter().map(Line::of).collect();
    let range = auc_range(&lines);
    in_card(ui, |ui| {
        // Where there is too little room for all figures, as with large type, the table scrolls sideways.
        let width = ui.available_width().max(LEAST_WIDTH);
        ScrollArea::horizontal().id_salt("figures").show(ui, |ui| {
            ui.set_width(width);
            let columns = columns(width);
            let order = order(&lines, *sort);
            data_table(ui, "models", &columns, order.len(), Some(sort), |ui, row, column| {
                let index = order[row];
                let line = &lines[index];
                match column {
                    0 => name_cell(ui, line),
                    DOTS_COLUMN => dots_cell(ui, line, range),
                    _ => figure_cell(ui, line, column, is_best(&lines, index, column)),
                }
            });
        });
        ui.add_space(1.0);
        legend(ui, comparison, range);
    });
}

/// The columns in a card of this width: figures get what they need, and of more room some; the dots get the rest.
fn columns(width: f32) -> Vec<Column<'static>> {
    let (names, fit) = (184.0, 64.0);
    let figures = ((width - names - fit - 130.0) / Metric::TABLE.len() as f32).clamp(85.0, 116.0).floor();
    let mut columns = vec![Column::words("Model", names)];
    columns.extend(
        Metric::TABLE.iter().map(|metric| Column::numeric(metric.short_label(), figures).tooltip(metric.formula())),
    );
    columns.push(Column::numeric("Fit", fit).tooltip("Wall time of one fit with its calibration, mean over the folds"));
    columns.push(Column::text("AUC by fold"));
    columns
}

fn name_cell(ui: &mut Ui, line: &Line) {
    let color = model_style(Palette::of(ui), line.kind.key()).color;
    let floor = "The share of bad rows for everyone: what a model has to beat to be of any use";
    if line.is_floor() {
        status_dot(ui, color, &format!("{}, the floor", name(line.kind))).on_hover_text(floor);
    } else {
        status_dot(ui, color, &name(line.kind));
    }
}

fn figure_cell(ui: &mut Ui, line: &Line, column: usize, best: bool) {
    let palette = Palette::of(ui);
    let Summary { mean, sd, n } = line.summary(column);
    let mean_text = mean.map_or_else(|| "–".to_owned(), |mean| written(column, mean));
    let sd_text = sd.filter(|_| column != FIT_COLUMN).map(|sd| format!(" ±{}", figure(sd))).unwrap_or_default();
    let text_color = if line.is_floor() { palette.weak } else { palette.text };
    let mut job = LayoutJob::default();
    let mut append = |text: RichText| text.append_to(&mut job, ui.style(), FontSelection::Default, Align::Center);
    append(if best { theme::semibold(&mean_text) } else { RichText::new(&mean_text) }.color(text_color));
    append(RichText::new(&sd_text).font(theme::tick_font(ui)).color(palette.weak));
    ui.spacing_mut().item_spacing.x = 4.0;
    let response = ui.add(Label::new(job));
    if best {
        symbol(ui, Icon::Check, TICK, palette.text);
    }
    let (what, formula) = match Metric::TABLE.get(column - 1) {
        Some(metric) => (metric.label(), metric.formula()),
        None => ("Time to fit", "Wall time of one fit with its calibration, mean over the folds"),
    };
    let place = if best { ", the best" } else { "" };
    let spoken = format!("{what} of {}: {mean_text}{sd_text}{place}", name(line.kind));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    let defined = match (n, line.auc.len()) {
        (0, _) => "Undefined on every fold".to_owned(),
        (n, all) if n < all => format!("Defined on {n} of {}", count(all, "fold")),
        (_, all) => format!("Mean {}", over_folds(all)),
    };
    response.on_hover_text(format!("{what}\n{formula}\n{defined}"));
}

/// From the smallest to the largest AUC of any model on any fold, with a little room.
fn auc_range(lines: &[Line]) -> Option<[f64; 2]> {
    let all = lines.iter().filter(|line| !line.is_floor()).flat_map(|line| line.auc.iter().flatten());
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
    (low <= high).then(|| [(low - 0.01).max(0.0), (high + 0.01).min(1.0)])
}

/// AUC of each fold as a dot on a scale that all models share, and their mean as a line.
fn dots_cell(ui: &mut Ui, line: &Line, range: Option<[f64; 2]>) {
    let size = vec2(ui.available_width(), ui.available_height());
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let all: Vec<String> = line.auc.iter().map(|auc| auc.map_or_else(|| "–".to_owned(), figure)).collect();
    let spoken = format!("AUC by fold of {}: {}", name(line.kind), all.join(" "));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &spoken));
    let Some([low, high]) = range.filter(|_| !line.is_floor()) else { return };
    let color = model_style(Palette::of(ui), line.kind.key()).color;
    let inner = rect.shrink2(vec2(4.0, 0.0));
    let x = |auc: f64| inner.left() + inner.width() * ((auc - low) / (high - low).max(1e-9)) as f32;
    for (i, auc) in line.auc.iter().enumerate().filter_map(|(i, auc)| Some((i, (*auc)?))) {
        // Neighbours are kept apart upwards and downwards by the golden section, the same way in every frame.
        let offset = if line.auc.len() == 1 { 0.0 } else { ((i as f32 * 0.618).fract() - 0.5) * 11.0 };
        ui.painter().circle_filled(pos2(x(auc), rect.center().y + offset), 2.4, color.gamma_multiply(0.75));
    }
    let Summary { mean, n, .. } = line.summary(AUC_COLUMN);
    if let Some(mean) = mean.filter(|_| n > 1) {
        let height = rect.center().y - 9.0..=rect.center().y + 9.0;
        ui.painter().vline(x(mean), height, Stroke::new(1.5, Palette::of(ui).text));
    }
    response.on_hover_text(format!("AUC by fold: {}", all.join(" · ")));
}

fn legend(ui: &mut Ui, comparison: &Comparison, range: Option<[f64; 2]>) {
    let (figures, line) =
        if comparison.n_splits == 1 { ("Figures", "") } else { ("Mean ± sd", ", line at their mean") };
    let mut parts = vec![format!("{figures} {}", over_folds(comparison.n_splits)), "– undefined".to_owned()];
    if let Some([low, high]) = range {
        parts.push(format!("dots from {} to {}{line}", figure(low), figure(high)));
    }
    ui.spacing_mut().interact_size.y = 0.0; // a line as high as its text
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        symbol(ui, Icon::Check, TICK, Palette::of(ui).text);
        ui.label(theme::weak("best of its column"));
        ui.add(Label::new(theme::weak(format!(" ·  {}", parts.join("  ·  ")))).truncate());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: ModelKind, auc: Option<f64>, brier: Option<f64>, fit: f64) -> Line {
        let mut figures = [Summary::default(); Metric::TABLE.len() + 1];
        figures[0] = Summary { mean: auc, sd: None, n: 1 };
        figures[6] = Summary { mean: brier, sd: None, n: 1 };
        figures[7] = Summary { mean: Some(fit), sd: None, n: 1 };
        Line { kind, figures, auc: vec![auc] }
    }

    fn lines() -> [Line; 4] {
        [
            line(ModelKind::Majority, Some(0.5), Some(0.19), 0.0),
            line(ModelKind::Dbn, Some(0.81), Some(0.14), 2.0),
            line(ModelKind::Mlp, None, None, 3.0),
            line(ModelKind::Svm, Some(0.84), Some(0.13), 0.5),
        ]
    }

    const BRIER_COLUMN: usize = 7;

    #[test]
    fn undefined_figures_come_after_all_others_and_the_floor_last() {
        let down = |column| order(&lines(), Sort { column, descending: true });
        let up = |column| order(&lines(), Sort { column, descending: false });
        assert_eq!(down(AUC_COLUMN), [3, 1, 2, 0]);
        assert_eq!(up(AUC_COLUMN), [1, 3, 2, 0]);
        assert_eq!(up(BRIER_COLUMN), [3, 1, 2, 0]);
        assert_eq!(down(FIT_COLUMN), [2, 1, 3, 0]);
        assert_eq!(down(DOTS_COLUMN), down(AUC_COLUMN));
        assert_eq!(up(0), [1, 2, 3, 0], "DBN, Net, SVM");
        assert_eq!(down(99), [1, 2, 3, 0], "no such column: as in the settings");
    }

    #[test]
    fn the_best_is_the_largest_or_for_losses_and_times_the_smallest() {
        let best = |column| (0..4).filter(|&i| is_best(&lines(), i, column)).collect::<Vec<_>>();
        assert_eq!(best(AUC_COLUMN), [3]);
        assert_eq!(best(BRIER_COLUMN), [3]);
        assert_eq!(best(FIT_COLUMN), [3], "the floor takes no time and no part");
        assert_eq!(best(2), [0_usize; 0], "undefined for all");
    }

    #[test]
    fn figures_that_are_written_alike_are_alike() {
        let equal = [
            line(ModelKind::Dbn, Some(0.8401), None, 1.0),
            line(ModelKind::Svm, Some(0.8404), None, 1.0),
            line(ModelKind::Majority, Some(0.5), None, 0.0),
        ];
        assert!(is_best(&equal, 0, AUC_COLUMN) && is_best(&equal, 1, AUC_COLUMN));
        assert!(!is_best(&equal[..2], 0, AUC_COLUMN), "nothing to be better than");
        assert!(!is_best(&equal, 0, FIT_COLUMN));
    }

    #[test]
    fn a_floor_that_is_not_reached_is_the_best() {
        let lost = [line(ModelKind::Majority, Some(0.5), None, 0.0), line(ModelKind::Dbn, Some(0.4), None, 1.0)];
        assert!(is_best(&lost, 0, AUC_COLUMN) && !is_best(&lost, 1, AUC_COLUMN));
    }

    #[test]
    fn columns_fit_their_card() {
        for width in [LEAST_WIDTH, 944.0, 1200.0, 1600.0] {
            let fixed: f32 = columns(width).iter().filter_map(|column| column.width).sum();
            assert!(fixed + 80.0 <= width, "{width}: {fixed}");
        }
    }

    #[test]
    fn the_dots_share_a_scale_that_holds_them_all() {
        assert_eq!(auc_range(&lines()), Some([0.81 - 0.01, 0.84 + 0.01]));
        assert_eq!(auc_range(&lines()[2..3]), None);
    }
}
