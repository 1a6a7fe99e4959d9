//! The table of models: the figures that were chosen, mean ± sd over the folds or with the bootstrap's interval, sorted as
//! wished, the best of each column marked, one metric fold by fold as dots, and the majority as the floor.

use std::cmp::Ordering;

use egui::text::LayoutJob;
use egui::{
    Align, FontSelection, Label, Layout, RichText, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::in_card;
use super::words::{figure, name, over_folds, seconds, symbol};
use crate::app::panels::count;
use crate::app::theme::{self, Palette, model_style};
use crate::app::widgets::{Column, Icon, Sort, data_table, segmented, status_dot, take_table};
use crate::evaluation::{Metric, Summary};
use crate::report::models_table;
use crate::training::{Analysis, Comparison, ModelKind, ModelResult};

/// Width of the mark of the best figure, in points.
const TICK: f32 = 9.0;

/// A column of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Figure {
    Metric(Metric),
    FitTime,
    ScoreTime,
}

impl Figure {
    /// All there are, in the order of the columns.
    fn all() -> impl Iterator<Item = Self> {
        Metric::ALL.into_iter().map(Self::Metric).chain([Self::FitTime, Self::ScoreTime])
    }

    fn head(self) -> &'static str {
        match self {
            Self::Metric(metric) => metric.short_label(),
            Self::FitTime => "Fit",
            Self::ScoreTime => "Scoring",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Metric(metric) => metric.label(),
            Self::FitTime => "Time to fit",
            Self::ScoreTime => "Time to score a test part",
        }
    }

    fn formula(self) -> &'static str {
        match self {
            Self::Metric(metric) => metric.formula(),
            Self::FitTime => "Wall time of one fit with its calibration, mean over the folds",
            Self::ScoreTime => "Wall time of scoring the rows of a test part, mean over the folds",
        }
    }

    fn is_time(self) -> bool {
        !matches!(self, Self::Metric(_))
    }

    /// Whether more is better.
    fn rises(self) -> bool {
        matches!(self, Self::Metric(metric) if metric.higher_is_better())
    }

    fn of(self, model: &ModelResult) -> Summary {
        match self {
            Self::Metric(metric) => model.summary(metric),
            Self::FitTime => model.fit_seconds(),
            Self::ScoreTime => model.score_seconds(),
        }
    }

    /// How a value is written.
    fn written(self, value: f64) -> String {
        match self {
            Self::Metric(Metric::ExpectedCost) => crate::app::widgets::precise(value),
            Self::Metric(_) => figure(value),
            Self::FitTime | Self::ScoreTime => seconds(value),
        }
    }
}

/// What stands behind a mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Spread {
    /// Standard deviation over the folds.
    #[default]
    Sd,
    /// The bootstrap's 95 % interval over the tested rows.
    Interval,
}

/// What the table shows, and how it is sorted.
#[derive(Clone, Debug)]
pub(super) struct TableView {
    shown: Vec<Figure>,
    sorted: Sorted,
    descending: bool,
    spread: Spread,
}

/// What the lines are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sorted {
    Name,
    By(Figure),
}

impl Default for TableView {
    fn default() -> Self {
        let shown = Metric::TABLE.into_iter().map(Figure::Metric).chain([Figure::FitTime]).collect();
        let sorted = Sorted::By(Figure::Metric(Metric::Auc));
        Self { shown, sorted, descending: true, spread: Spread::Sd }
    }
}

impl TableView {
    /// The sort as the table's widget has it: its columns are the name, the figures, the dots.
    fn sort(&self, metric: Metric) -> Sort {
        let column = match self.sorted {
            Sorted::Name => 0,
            Sorted::By(figure) => match self.shown.iter().position(|&shown| shown == figure) {
                Some(place) => place + 1,
                None if figure == Figure::Metric(metric) => self.shown.len() + 1,
                None => usize::MAX,
            },
        };
        Sort { column, descending: self.descending }
    }

    fn take_sort(&mut self, sort: Sort, metric: Metric) {
        self.descending = sort.descending;
        self.sorted = match sort.column.checked_sub(1) {
            None => Sorted::Name,
            Some(place) if place <= self.shown.len() => {
                Sorted::By(self.shown.get(place).copied().unwrap_or(Figure::Metric(metric)))
            }
            Some(_) => self.sorted,
        };
    }

    /// The menu that chooses the columns.
    fn menu(&mut self, ui: &mut Ui) {
        ui.menu_button("Columns", |ui| {
            for figure in Figure::all() {
                let mut on = self.shown.contains(&figure);
                let response = ui.checkbox(&mut on, figure.label()).on_hover_text(figure.formula());
                if response.changed() {
                    self.shown =
                        Figure::all().filter(|&f| if f == figure { on } else { self.shown.contains(&f) }).collect();
                }
            }
        });
    }
}

/// One model's line.
#[derive(Clone, Debug)]
struct Line {
    kind: ModelKind,
    /// Every figure, in the order of [`Figure::all`].
    figures: Vec<(Figure, Summary)>,
    /// The bootstrap's intervals of the same; none for times.
    intervals: Vec<Option<[f64; 2]>>,
    /// The metric of the dots on each fold.
    dots: Vec<Option<f64>>,
}

impl Line {
    fn of(model: &ModelResult, metric: Metric, analysis: Option<&Analysis>) -> Self {
        let intervals = analysis.and_then(|analysis| analysis.model(model.kind)?.intervals.as_ref());
        let interval = |figure| match figure {
            Figure::Metric(metric) => intervals.and_then(|intervals| intervals.get(metric)),
            Figure::FitTime | Figure::ScoreTime => None,
        };
        Self {
            kind: model.kind,
            figures: Figure::all().map(|figure| (figure, figure.of(model))).collect(),
            intervals: Figure::all().map(interval).collect(),
            dots: model.folds.iter().map(|fold| metric.get(&fold.scored.metrics)).collect(),
        }
    }

    fn place(&self, figure: Figure) -> Option<usize> {
        self.figures.iter().position(|(f, _)| *f == figure)
    }

    fn summary(&self, figure: Figure) -> Summary {
        self.place(figure).map_or_else(Summary::default, |place| self.figures[place].1)
    }

    fn interval(&self, figure: Figure) -> Option<[f64; 2]> {
        self.intervals.get(self.place(figure)?).copied().flatten()
    }

    fn is_floor(&self) -> bool {
        self.kind == ModelKind::Majority
    }
}

/// Indices of the lines in the order to show: undefined figures after all others whichever way it is sorted, the floor
/// always last.
fn order(lines: &[Line], sorted: Sorted, descending: bool) -> Vec<usize> {
    let directed = |ordering: Ordering| if descending { ordering.reverse() } else { ordering };
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&lines[a], &lines[b]);
        let by_column = match sorted {
            Sorted::Name => directed(name(a.kind).cmp(&name(b.kind))),
            Sorted::By(figure) => match (a.summary(figure).mean, b.summary(figure).mean) {
                (Some(a), Some(b)) => directed(a.total_cmp(&b)),
                (a, b) => b.is_some().cmp(&a.is_some()),
            },
        };
        a.is_floor().cmp(&b.is_floor()).then(by_column)
    });
    order
}

/// Whether a line has the best figure of its column as far as the written digits tell; where all are alike, none is
/// best. The floor takes part, so that a model which does not reach it is not called best, but not in time.
fn is_best(lines: &[Line], line: usize, figure: Figure) -> bool {
    let takes_part = |line: &&Line| !(line.is_floor() && figure.is_time());
    let means: Vec<f64> = lines.iter().filter(takes_part).filter_map(|line| line.summary(figure).mean).collect();
    let best = if figure.rises() {
        means.iter().copied().max_by(f64::total_cmp)
    } else {
        means.iter().copied().min_by(f64::total_cmp)
    };
    let Some(best) = best.map(|best| figure.written(best)) else { return false };
    let own = lines.get(line).filter(takes_part).and_then(|line| line.summary(figure).mean);
    own.is_some_and(|own| figure.written(own) == best) && means.iter().any(|&mean| figure.written(mean) != best)
}

/// Draws the card; the header buttons and the menu change `view`.
pub(super) fn ui(ui: &mut Ui, view: &mut TableView, comparison: &Comparison, analysis: Option<&Analysis>) {
    let metric = comparison.metric();
    let lines: Vec<Line> = comparison.models.iter().map(|model| Line::of(model, metric, analysis)).collect();
    let range = dots_range(&lines);
    in_card(ui, |ui| {
        let columns = columns(ui.available_width(), &view.shown, metric, view.spread);
        // Where there is too little room for all figures, as with large type, the table scrolls sideways.
        let width: f32 = columns.iter().map(|column| column.width.unwrap_or(LEAST_DOTS)).sum();
        let width = width.max(ui.available_width());
        let mut sort = view.sort(metric);
        let order = order(&lines, view.sorted, view.descending);
        ScrollArea::horizontal().id_salt("figures").show(ui, |ui| {
            ui.set_width(width);
            data_table(ui, "models", &columns, order.len(), Some(&mut sort), |ui, row, column| {
                let index = order[row];
                let line = &lines[index];
                match column.checked_sub(1).map(|place| view.shown.get(place)) {
                    None => name_cell(ui, line),
                    Some(None) => dots_cell(ui, line, metric, range),
                    Some(Some(&figure)) => figure_cell(ui, line, figure, view.spread, is_best(&lines, index, figure)),
                }
            });
        });
        view.take_sort(sort, metric);
        ui.add_space(1.0);
        legend(ui, view, comparison, analysis, range);
    });
}

/// Width of the dots where there is room for it, in points.
const DOTS: f32 = 130.0;
/// Least width of the dots: without it the table scrolls sideways.
const LEAST_DOTS: f32 = 80.0;

/// The columns in a card of this width: figures get what they need, and of more room some; the dots get the rest.
fn columns<'a>(width: f32, shown: &[Figure], metric: Metric, spread: Spread) -> Vec<Column<'a>> {
    let (names, times) = (184.0, 64.0);
    let n_times = shown.iter().filter(|figure| figure.is_time()).count();
    let n_metrics = (shown.len() - n_times).max(1);
    let room = width - names - n_times as f32 * times - DOTS;
    let [least, most] = if spread == Spread::Interval { [112.0, 136.0] } else { [85.0, 116.0] };
    let figures = (room / n_metrics as f32).clamp(least, most).floor();
    let mut columns = vec![Column::words("Model", names)];
    columns.extend(shown.iter().map(|figure| {
        Column::numeric(figure.head(), if figure.is_time() { times } else { figures }).tooltip(figure.formula())
    }));
    columns.push(Column::text(dots_head(metric)));
    columns
}

/// The head of the column of dots.
fn dots_head(metric: Metric) -> &'static str {
    match metric {
        Metric::Auc => "AUC by fold",
        Metric::Recall => "Recall by fold",
        Metric::Accuracy => "Accuracy by fold",
        _ => "By fold",
    }
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

fn figure_cell(ui: &mut Ui, line: &Line, figure: Figure, spread: Spread, best: bool) {
    let palette = Palette::of(ui);
    let Summary { mean, sd, n } = line.summary(figure);
    let mean_text = mean.map_or_else(|| "–".to_owned(), |mean| figure.written(mean));
    let interval = line.interval(figure).map(|ends| ends.map(|end| figure.written(end)));
    let sd = sd.filter(|_| !figure.is_time()).map(|sd| figure.written(sd));
    let spread_text = match spread {
        Spread::Sd => sd.as_ref().map(|sd| format!(" ±{sd}")),
        Spread::Interval => interval.as_ref().map(|[low, high]| format!(" {low}–{high}")),
    };
    let spread_text = spread_text.unwrap_or_default();
    let text_color = if line.is_floor() { palette.weak } else { palette.text };
    let mut job = LayoutJob::default();
    let mut append = |text: RichText| text.append_to(&mut job, ui.style(), FontSelection::Default, Align::Center);
    append(if best { theme::semibold(&mean_text) } else { RichText::new(&mean_text) }.color(text_color));
    append(RichText::new(&spread_text).font(theme::tick_font(ui)).color(palette.weak));
    ui.spacing_mut().item_spacing.x = 4.0;
    let response = ui.add(Label::new(job));
    if best {
        symbol(ui, Icon::Check, TICK, palette.text);
    }
    let (what, formula) = (figure.label(), figure.formula());
    let place = if best { ", the best" } else { "" };
    let spoken = format!("{what} of {}: {mean_text}{spread_text}{place}", name(line.kind));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    let defined = match (n, line.dots.len()) {
        (0, _) => "Undefined on every fold".to_owned(),
        (n, all) if n < all => format!("Defined on {n} of {}", count(all, "fold")),
        (_, all) => format!("Mean {}", over_folds(all)),
    };
    let sd = sd.map_or_else(String::new, |sd| format!("\nStandard deviation over the folds {sd}"));
    let interval = interval.map_or_else(String::new, |[low, high]| {
        format!("\n95 % interval {low} to {high}: which rows happened to be tested (bootstrap)")
    });
    response.on_hover_text(format!("{what}\n{formula}\n{defined}{sd}{interval}"));
}

/// From the smallest to the largest value of any model on any fold, with a little room.
fn dots_range(lines: &[Line]) -> Option<[f64; 2]> {
    let all = lines.iter().filter(|line| !line.is_floor()).flat_map(|line| line.dots.iter().flatten());
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
    let room = 0.05 * (high - low).max(1e-3);
    (low <= high).then_some([low - room, high + room])
}

/// The metric on each fold as a dot on a scale that all models share, and their mean as a line.
fn dots_cell(ui: &mut Ui, line: &Line, metric: Metric, range: Option<[f64; 2]>) {
    let size = vec2(ui.available_width(), ui.available_height());
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let column = Figure::Metric(metric);
    let all: Vec<String> =
        line.dots.iter().map(|dot| dot.map_or_else(|| "–".to_owned(), |dot| column.written(dot))).collect();
    let spoken = format!("{} by fold of {}: {}", metric.short_label(), name(line.kind), all.join(" "));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &spoken));
    let Some([low, high]) = range.filter(|_| !line.is_floor()) else { return };
    let color = model_style(Palette::of(ui), line.kind.key()).color;
    let inner = rect.shrink2(vec2(4.0, 0.0));
    let x = |dot: f64| inner.left() + inner.width() * ((dot - low) / (high - low).max(1e-9)) as f32;
    for (i, dot) in line.dots.iter().enumerate().filter_map(|(i, dot)| Some((i, (*dot)?))) {
        // Neighbours are kept apart upwards and downwards by the golden section, the same way in every frame.
        let offset = if line.dots.len() == 1 { 0.0 } else { ((i as f32 * 0.618).fract() - 0.5) * 11.0 };
        ui.painter().circle_filled(pos2(x(dot), rect.center().y + offset), 2.4, color.gamma_multiply(0.75));
    }
    let Summary { mean, n, .. } = line.summary(column);
    if let Some(mean) = mean.filter(|_| n > 1) {
        let height = rect.center().y - 9.0..=rect.center().y + 9.0;
        ui.painter().vline(x(mean), height, Stroke::new(1.5, Palette::of(ui).text));
    }
    response.on_hover_text(format!("{} by fold: {}", metric.short_label(), all.join(" · ")));
}

fn legend(
    ui: &mut Ui,
    view: &mut TableView,
    comparison: &Comparison,
    analysis: Option<&Analysis>,
    range: Option<[f64; 2]>,
) {
    let done = comparison.models.iter().map(|model| model.folds.len()).max().unwrap_or(0);
    let (figures, line) = match (view.spread, done) {
        (Spread::Interval, _) => ("Mean and 95 % interval", ""),
        (_, 1) => ("Figures", ""),
        _ => ("Mean ± sd", ", line at their mean"),
    };
    let over = if comparison.stopped && comparison.n_splits > 1 {
        format!("{figures} over {done} of {}", count(comparison.n_splits, "fold"))
    } else {
        format!("{figures} {}", over_folds(comparison.n_splits))
    };
    let mut parts = vec![over, "– undefined".to_owned()];
    if let Some([low, high]) = range {
        let written = |value| Figure::Metric(comparison.metric()).written(value);
        parts.push(format!("dots from {} to {}{line}", written(low), written(high)));
    }
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            // The corner of the card is the head of the last column.
            take_table(ui, "models", || models_table(comparison, analysis));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                view.menu(ui);
                segmented(ui, "Spread", &mut view.spread, &[(Spread::Sd, "± sd"), (Spread::Interval, "95 % interval")]);
                ui.add_space(6.0);
                ui.spacing_mut().item_spacing.x = 4.0;
                symbol(ui, Icon::Check, TICK, Palette::of(ui).text);
                ui.label(theme::weak("best of its column"));
                ui.add(Label::new(theme::weak(format!(" ·  {}", parts.join("  ·  ")))).truncate());
            });
        });
    });
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
