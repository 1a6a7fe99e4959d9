//! What the logistic regression and the trees make of each indicator, and how the trees learned.

use egui::{Align2, Color32, CornerRadius, Rect, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::app::theme::{self, Palette, model_style};
use crate::app::widgets::{LinePlot, Series as Line, Taking, card, file_stem, titles};
use crate::app::workspace::Workspace;
use crate::evaluation::percent;
use crate::model::{FitFacts, Series};
use crate::report::{Cell, ColumnKind, ReportTable};
use crate::training::ModelKind;

/// Height of a line of the charts, in points.
const LINE: f32 = 18.0;
/// Share of the width for the names.
const NAMES: f32 = 0.42;
/// Room for the figures on the right, in points.
const FIGURES: f32 = 44.0;
/// Standard errors to each side of a coefficient.
const SPREAD: f64 = 2.0;

/// One indicator of a chart.
struct Entry {
    /// Its place among the inputs.
    input: usize,
    value: f64,
    /// From and to, where there is a spread.
    spread: Option<[f64; 2]>,
    /// A further figure before that of the value.
    also: Option<f64>,
}

/// The odds ratios of the logistic regression, strongest first.
pub(super) fn odds(ui: &mut Ui, workspace: &Workspace, height: f32) {
    let facts = facts(workspace, ModelKind::Logistic);
    let Some(FitFacts::Logistic { coefficients, odds_ratios, standard_errors, stop_reason, .. }) = facts else {
        let subtitle = "by what one standard deviation multiplies the odds of the bad outcome";
        nothing(ui, height, "Logistic regression", subtitle, "No logistic regression yet");
        return;
    };
    let entry = |input: usize| {
        let log = odds_ratios[input].ln();
        // The error of the coefficient in the unit of the ratio's logarithm.
        let scale = if coefficients[input] == 0.0 { 0.0 } else { log / coefficients[input] };
        let error = standard_errors.get(input).map(|error| SPREAD * error * scale.abs());
        Entry {
            input,
            value: log,
            spread: error.map(|error| [log - error, log + error]),
            also: Some(coefficients[input]),
        }
    };
    let mut entries: Vec<Entry> = (0..odds_ratios.len()).map(entry).filter(|e| e.value.is_finite()).collect();
    entries.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
    let names = names(workspace);
    let title = entries.first().map_or("Logistic regression".to_owned(), |first| {
        format!("Odds × {} per sd of {}", ratio(first.value), name(names, first.input))
    });
    let subtitle = format!("coefficient and odds ratio per sd, ± 2 standard errors given the penalty — {stop_reason}");
    let style = model_style(Palette::of(ui), ModelKind::Logistic.key());
    let file = ("odds ratios", "Odds ratio per sd", f64::exp as fn(f64) -> f64);
    let chart = Chart { title: &title, subtitle: &subtitle, names, color: style.color, figure: ratio, file };
    chart.show(ui, height, &entries);
}

/// The share of each indicator in what the trees' splits gained, largest first.
pub(super) fn importance(ui: &mut Ui, workspace: &Workspace, height: f32) {
    let Some(FitFacts::Trees { importance, trees, .. }) = facts(workspace, ModelKind::Gbt) else {
        let subtitle = "share of each indicator in what the splits gained";
        nothing(ui, height, "Trees: what they split on", subtitle, "No trees yet");
        return;
    };
    let entry = |(input, &value): (usize, &f64)| Entry { input, value, spread: None, also: None };
    let mut entries: Vec<Entry> = importance.iter().enumerate().map(entry).filter(|e| e.value > 0.0).collect();
    entries.sort_by(|a, b| b.value.total_cmp(&a.value));
    let names = names(workspace);
    let title = entries
        .first()
        .map_or("Trees: no split".to_owned(), |first| format!("Trees split most on {}", name(names, first.input)));
    let subtitle = format!("share of each indicator in what the splits of {trees} trees gained");
    let style = model_style(Palette::of(ui), ModelKind::Gbt.key());
    let file = ("splits of the trees", "Share of what splits gained", (|share| share) as fn(f64) -> f64);
    let chart = Chart { title: &title, subtitle: &subtitle, names, color: style.color, figure: percent, file };
    chart.show(ui, height, &entries);
}

/// The trees' loss, tree by tree.
pub(super) fn boosting(ui: &mut Ui, workspace: &Workspace) {
    let style = model_style(Palette::of(ui), ModelKind::Gbt.key());
    let curve = |series| workspace.run.history.stretch(ModelKind::Gbt, series);
    let validation = curve(Series::LossValidation);
    let mut lines = vec![Line::of("training", curve(Series::LossTraining), style.color)];
    if !validation.points().is_empty() {
        lines.push(Line::of("validation", validation, style.color).dash(super::plots::VALIDATION_DASH));
    }
    let title = match facts(workspace, ModelKind::Gbt) {
        Some(FitFacts::Trees { trees, grown, .. }) if trees < grown => format!("{trees} of {grown} trees kept"),
        Some(FitFacts::Trees { trees, .. }) => format!("{trees} trees"),
        _ => "Gradient-boosted trees, loss".to_owned(),
    };
    LinePlot::new("boosting", &title, &lines)
        .subtitle("cross-entropy in nats, by tree")
        .x_name("tree")
        .whole_x()
        .empty("No trees yet", "They follow in the order of the models")
        .show(ui);
}

fn facts(workspace: &Workspace, kind: ModelKind) -> Option<&FitFacts> {
    workspace.run.trained.iter().find(|t| t.model == kind).map(|t| &t.facts)
}

fn names(workspace: &Workspace) -> &[String] {
    workspace.run.prepared.as_ref().map_or(&[], |p| &p.inputs)
}

fn name(names: &[String], input: usize) -> String {
    names.get(input).map_or_else(|| format!("input {}", input + 1), Clone::clone)
}

/// A coefficient with its sign.
fn signed(x: f64) -> String {
    format!("{x:+.2}").replace('-', "−")
}

/// An odds ratio from its logarithm, with two figures.
fn ratio(log: f64) -> String {
    match log.exp() {
        r if r >= 1000.0 => "> 1000".to_owned(),
        r if r >= 10.0 => format!("{r:.0}"),
        r if r >= 0.1 => format!("{r:.2}"),
        r if r >= 0.001 => format!("{r:.3}"),
        _ => "< 0.001".to_owned(),
    }
}

fn nothing(ui: &mut Ui, height: f32, title: &str, subtitle: &str, words: &str) {
    card(ui, |ui| {
        ui.set_height(height - 22.0);
        titles(ui, title, subtitle);
        ui.centered_and_justified(|ui| ui.label(theme::weak(words)));
    });
}

/// A picture of indicators.
struct Chart<'a> {
    title: &'a str,
    subtitle: &'a str,
    names: &'a [String],
    color: Color32,
    figure: fn(f64) -> String,
    /// Its name when it is taken out of the window, and there what its values are and how they become so.
    file: (&'a str, &'a str, fn(f64) -> f64),
}

impl Chart<'_> {
    /// Bars from 0, one line for each entry, with the spread as a thin line; scrolled where there are many.
    fn show(&self, ui: &mut Ui, height: f32, entries: &[Entry]) {
        card(ui, |ui| {
            ui.set_height(height - 22.0);
            let taking = Taking::begin(ui, self.file.0);
            Taking::titles(ui, self.title, self.subtitle);
            ui.add_space(4.0);
            let ends =
                entries.iter().flat_map(|e| [e.value, e.spread.map_or(0.0, |s| s[0]), e.spread.map_or(0.0, |s| s[1])]);
            let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
            let width = (high - low).max(1e-9);
            let figures = if entries.iter().any(|e| e.also.is_some()) { 2.0 * FIGURES } else { FIGURES };
            ScrollArea::vertical().id_salt(self.title).auto_shrink(false).show_rows(
                ui,
                LINE,
                entries.len(),
                |ui, shown| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    for entry in &entries[shown] {
                        let (rect, response) =
                            ui.allocate_exact_size(vec2(ui.available_width() - 8.0, LINE), Sense::hover());
                        let own = name(self.names, entry.input);
                        let text = format!("{own}: {}", (self.figure)(entry.value));
                        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
                        let palette = Palette::of(ui);
                        let left = rect.left() + NAMES * rect.width();
                        let room = Rect::from_min_max(
                            pos2(left + 6.0, rect.top()),
                            pos2(rect.right() - figures, rect.bottom()),
                        );
                        let x = |v: f64| room.left() + ((v - low) / width) as f32 * room.width();
                        let label = Rect::from_min_max(rect.min, pos2(left, rect.bottom()));
                        let (font, middle) = (theme::tick_font(ui), rect.center().y);
                        let clipped = ui.painter().with_clip_rect(label.intersect(ui.clip_rect()));
                        clipped.text(pos2(label.left(), middle), Align2::LEFT_CENTER, &own, font.clone(), palette.text);
                        let painter = ui.painter();
                        painter.vline(x(0.0), room.y_range(), Stroke::new(1.0, palette.line));
                        let [from, to] = [x(entry.value.min(0.0)), x(entry.value.max(0.0))];
                        let bar = Rect::from_min_max(pos2(from, middle - 4.0), pos2(to, middle + 4.0));
                        painter.rect_filled(bar, CornerRadius::ZERO, self.color);
                        if let Some([from, to]) = entry.spread {
                            painter.hline(x(from)..=x(to), middle, Stroke::new(1.5, palette.text));
                        }
                        let at = pos2(rect.right(), middle);
                        painter.text(at, Align2::RIGHT_CENTER, (self.figure)(entry.value), font.clone(), palette.text);
                        if let Some(also) = entry.also {
                            let at = pos2(rect.right() - FIGURES, middle);
                            painter.text(at, Align2::RIGHT_CENTER, signed(also), font, palette.weak);
                        }
                        let words = entry.spread.map_or(text.clone(), |[from, to]| {
                            format!("{text} (± 2 standard errors: {} to {})", (self.figure)(from), (self.figure)(to))
                        });
                        response.on_hover_text(words);
                    }
                },
            );
            taking.end(ui, self.title, || self.table(entries));
        });
    }

    /// All bars, those that are scrolled out of sight too.
    fn table(&self, entries: &[Entry]) -> ReportTable {
        let (file, what, number) = self.file;
        let heads = [what, "Low", "High", "Coefficient per sd"].map(|head| (head, ColumnKind::Numbers));
        let heads = std::iter::once(("Input", ColumnKind::Words)).chain(heads);
        let mut table = ReportTable::new(&file_stem(file), self.subtitle, heads);
        let row = |entry: &Entry| {
            let [low, high] = entry.spread.map_or([None; 2], |ends| ends.map(Some));
            let figures = [Some(entry.value), low, high].map(|x| Cell::Number(x.map(number), 4));
            let first = Cell::from(name(self.names, entry.input));
            std::iter::once(first).chain(figures).chain([Cell::Number(entry.also, 4)]).collect()
        };
        table.rows = entries.iter().map(row).collect();
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_have_two_figures_and_ends() {
        let logs = [0.0, 0.5, -0.5, 3.0, 10.0, -10.0, -4.0];
        assert_eq!(logs.map(ratio), ["1.00", "1.65", "0.61", "20", "> 1000", "< 0.001", "0.018"]);
    }
}
