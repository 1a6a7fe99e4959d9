//! The verdict: the largest sentence on the screen, the same size and the same words whoever wins, the probabilities it
//! rests on, and what it was made from.

use std::sync::Arc;

use egui::{Align, Color32, ComboBox, CornerRadius, Label, Layout, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::words::{seconds, short_name};
use super::{NARROW, compare_button, in_card};
use crate::app::actions::Intent;
use crate::app::comparing::CompareResult;
use crate::app::panels::count;
use crate::app::panels::time_left;
use crate::app::theme::{self, Palette, Tone, model_style};
use crate::app::widgets::{columns, remark};
use crate::app::workspace::Workspace;
use crate::data::{ValidationKind, ValidationSettings};
use crate::evaluation::{Metric, Verdict, percent};
use crate::training::{Comparison, ModelKind, RunSettings};

/// Width of the bar of probabilities, in points.
const BAR: f32 = 348.0;

/// Draws the card. The opponent of the first model is chosen in it, and the metric of the verdict.
pub(super) fn ui(
    ui: &mut Ui,
    opponent: &mut Option<ModelKind>,
    result: &CompareResult,
    workspace: &Workspace,
    intents: &mut Vec<Intent>,
) {
    in_card(ui, |ui| {
        let comparison = &result.comparison;
        let pair = pair(comparison, *opponent);
        question_ui(ui, opponent, pair, comparison, workspace, intents);
        let against = pair.and_then(|[a, b]| comparison.against(a, b, comparison.metric()));
        let verdict = against.as_ref().map(|(_, verdict)| verdict);
        let (headline, detail) = words(comparison, verdict);
        let probabilities = verdict.and_then(|verdict| verdict.p).zip(pair);
        let sentences = |ui: &mut Ui| {
            ui.add(Label::new(theme::title(format!("{headline}."))).wrap());
            ui.add(Label::new(egui::RichText::new(&detail).weak()).wrap());
        };
        let room = ui.available_width();
        match probabilities {
            Some((p, pair)) if room >= NARROW => {
                ui.horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing.x = 28.0;
                    ui.vertical(|ui| {
                        ui.set_width(room - BAR - 28.0);
                        sentences(ui);
                    });
                    ui.vertical(|ui| {
                        ui.set_width(BAR);
                        ui.add_space(3.0);
                        probability_bar(ui, p, pair);
                    });
                });
            }
            _ => {
                sentences(ui);
                if let Some((p, pair)) = probabilities {
                    probability_bar(ui, p, pair);
                }
            }
        }
        ui.add(Label::new(theme::weak(provenance(result))).wrap());
        let done: usize = comparison.models.iter().map(|model| model.folds.len()).sum();
        let all = comparison.n_splits * comparison.models.len();
        let running = workspace.compare.is_running();
        if comparison.stopped && !running {
            ui.horizontal(|ui| {
                if stale(result, workspace).is_none() {
                    compare_button(ui, "Resume", false, workspace, intents);
                }
                remark(ui, Tone::Warn, format!("Stopped early: everything here rests on {done} of {all} fits."));
            });
        }
        let stale = stale(result, workspace);
        if running {
            let compare = &workspace.compare;
            let left = compare.seconds_left().map_or_else(String::new, |s| format!(", {}", time_left(s)));
            let text = if comparison.stopped && result.is_of(workspace) {
                format!("Under way: what is shown rests on {done} of {all} fits so far{left}.")
            } else {
                let (done, all) = (compare.fits_done(), count(compare.cells.len(), "fit"));
                format!("A new comparison is running: {done} of {all}{left}. Until then this is the last result.")
            };
            remark(ui, Tone::Info, text);
        } else if let Some(stale) = stale {
            ui.horizontal(|ui| {
                compare_button(ui, "Compare again", false, workspace, intents);
                remark(ui, Tone::Warn, &stale);
            });
        }
    });
}

/// The two models that the verdict is about: the first, and the opponent that was chosen or else the second.
fn pair(comparison: &Comparison, opponent: Option<ModelKind>) -> Option<[ModelKind; 2]> {
    let (first, others) = comparison.models.split_first()?;
    let chosen = others.iter().find(|model| Some(model.kind) == opponent).or_else(|| others.first())?;
    Some([first.kind, chosen.kind])
}

/// "DBN against SVM on AUC", with both to be chosen.
fn question_ui(
    ui: &mut Ui,
    opponent: &mut Option<ModelKind>,
    pair: Option<[ModelKind; 2]>,
    comparison: &Comparison,
    workspace: &Workspace,
    intents: &mut Vec<Intent>,
) {
    let Some([first, other]) = pair else { return };
    ui.horizontal(|ui| {
        let label = ui.label(theme::weak(format!("{} against", short_name(first))));
        let combo = ComboBox::from_id_salt("opponent").selected_text(short_name(other)).width(96.0).show_ui(ui, |ui| {
            for model in comparison.models.iter().skip(1) {
                if ui.selectable_label(model.kind == other, short_name(model.kind)).clicked() {
                    *opponent = Some(model.kind);
                }
            }
        });
        combo.response.labelled_by(label.id);
        let label = ui.label(theme::weak("on"));
        let mut metric = workspace.settings.verdict_metric;
        let combo =
            ComboBox::from_id_salt("verdict metric").selected_text(metric.label()).width(210.0).show_ui(ui, |ui| {
                for choice in Metric::ALL.into_iter().filter(|&metric| metric.is_comparable()) {
                    ui.selectable_value(&mut metric, choice, choice.label()).on_hover_text(choice.formula());
                }
            });
        combo.response.labelled_by(label.id);
        if metric != workspace.settings.verdict_metric {
            let settings = RunSettings { verdict_metric: metric, ..workspace.settings.clone() };
            intents.push(Intent::SetSettings(Box::new(settings)));
        }
    });
}

/// Headline without full stop, and the sentences under it.
fn words(comparison: &Comparison, verdict: Option<&Verdict>) -> (String, String) {
    match verdict {
        Some(verdict) => (verdict.headline.clone(), verdict.detail.clone()),
        None if comparison.models.len() < 2 => {
            let title = comparison.models.first().map_or("no model", |model| model.kind.title());
            (format!("Nothing to compare the {title} with"), "Choose at least two models for a verdict.".to_owned())
        }
        None => ("Nothing can be concluded yet".to_owned(), "No fold was finished by both models.".to_owned()),
    }
}

/// "+0.008", "−0.008", "0.000".
pub(super) fn signed(value: f64) -> String {
    let text = format!("{:.3}", value.abs());
    match value {
        _ if text == "0.000" => text,
        v if v < 0.0 => format!("−{text}"),
        _ => format!("+{text}"),
    }
}

/// Three shares of one bar, and under each its figure in words.
fn probability_bar(ui: &mut Ui, p: [f64; 3], [a, b]: [ModelKind; 2]) {
    let palette = Palette::of(ui);
    let words =
        [format!("{} better", a.title()), "no practical difference".to_owned(), format!("{} better", b.title())];
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 18.0), Sense::hover());
    let spoken: Vec<String> = words.iter().zip(p).map(|(words, p)| format!("{words} {}", percent(p))).collect();
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Probabilities: {}", spoken.join(", "))));
    let colors = [model_style(palette, a.key()).color, palette.line, model_style(palette, b.key()).color];
    paint_shares(ui, rect, p, colors);
    let response = response.on_hover_text(
        "Bayesian correlated t-test over the folds [Benavoli et al. 2017]: better means by more than 0.01",
    );
    let height = 2.0 * ui.text_style_height(&egui::TextStyle::Small) + ui.text_style_height(&egui::TextStyle::Body);
    columns(ui, 3, height, |ui, i| {
        let side = [Align::Min, Align::Center, Align::Max][i];
        ui.with_layout(Layout::top_down(side), |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.label(theme::semibold(percent(p[i])));
            ui.add(Label::new(theme::weak(&words[i])).wrap());
        });
    });
    drop(response);
}

/// Segments side by side, with a gap between those that can be seen.
fn paint_shares(ui: &Ui, rect: Rect, p: [f64; 3], colors: [Color32; 3]) {
    let painter = ui.painter();
    painter.rect_filled(rect, 4.0, Palette::of(ui).line);
    let edge = |share: f64| (rect.left() + rect.width() * share.clamp(0.0, 1.0) as f32).round();
    let edges = [rect.left(), edge(p[0]), edge(p[0] + p[1]), rect.right()];
    for i in [0, 2] {
        let segment = Rect::from_min_max(pos2(edges[i], rect.top()), pos2(edges[i + 1], rect.bottom()));
        let [left, right] = [edges[i] <= rect.left(), edges[i + 1] >= rect.right()].map(|end| if end { 4 } else { 0 });
        painter.rect_filled(segment, CornerRadius { nw: left, sw: left, ne: right, se: right }, colors[i]);
    }
}

/// What the result was made from: table, folds, cut-off, seed, time.
fn provenance(result: &CompareResult) -> String {
    let settings = &result.spec.settings;
    let synthetic = if result.origin.source.is_synthetic() { " (synthetic)" } else { "" };
    let cutoff = settings.cutoff.in_words();
    let folds = result.comparison.models.iter().flat_map(|model| &model.folds);
    let time: f64 = folds.map(|fold| fold.fit.fit_seconds).sum();
    format!(
        "{}{synthetic} · {} · cut-off {cutoff} · seed {} · {} of fitting",
        result.origin.source.name(),
        folds_in_words(&settings.validation, result.comparison.n_splits),
        settings.seed,
        seconds(time)
    )
}

/// "5 folds × 2 repeats, grouped by enterprise".
pub(super) fn folds_in_words(validation: &ValidationSettings, n_splits: usize) -> String {
    let times = |what: String| {
        if validation.repeats > 1 { format!("{what} × {}", count(validation.repeats, "repeat")) } else { what }
    };
    match validation.kind {
        ValidationKind::Holdout => format!("{}, {} held out", count(n_splits, "split"), percent(validation.test_share)),
        ValidationKind::Kfold => format!("{}, stratified", times(count(validation.folds, "fold"))),
        ValidationKind::Grouped => format!("{}, grouped by enterprise", times(count(validation.folds, "fold"))),
        ValidationKind::OutOfTime => "the latest periods held out".to_owned(),
        ValidationKind::Column => "split by the table's own column".to_owned(),
    }
}

/// How the shown result differs from what the fields and the table now say; `None` when it does not.
fn stale(result: &CompareResult, workspace: &Workspace) -> Option<String> {
    if workspace.table.as_ref().is_some_and(|table| !Arc::ptr_eq(&table.source, &result.origin.source)) {
        return Some(format!("Made from another table: {}.", result.origin.source.name()));
    }
    if workspace.table.as_ref().is_some_and(|table| table.roles != result.origin.read_as.roles) {
        return Some("Made with other roles of the columns than those chosen now.".to_owned());
    }
    let changed = changes(&result.spec.settings, &workspace.settings);
    (!changed.is_empty()).then(|| format!("Made with other settings than those chosen now: {}.", changed.join(", ")))
}

/// The groups of settings that differ.
fn changes(then: &RunSettings, now: &RunSettings) -> Vec<&'static str> {
    let RunSettings {
        seed,
        models,
        // These hold for every result at once.
        verdict_metric: _,
        cutoff: _,
        money: _,
        grades: _,
        preparation,
        validation,
        calibration,
        dbn,
        svm,
        logistic,
        gbt,
    } = then;
    let differs = [
        (*seed != now.seed, "seed"),
        (*models != now.models, "models"),
        (*preparation != now.preparation, "preparation"),
        (*validation != now.validation, "folds"),
        (*calibration != now.calibration, "calibration"),
        (*dbn != now.dbn, "DBN"),
        (*svm != now.svm, "SVM"),
        (*logistic != now.logistic, "logistic regression"),
        (*gbt != now.gbt, "trees"),
    ];
    differs.into_iter().filter_map(|(differs, what)| differs.then_some(what)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_settings_are_named() {
        let then = RunSettings::default();
        let mut now = then.clone();
        assert!(changes(&then, &now).is_empty());
        now.seed += 1;
        now.validation.folds = 7;
        now.dbn.layers = vec![3];
        assert_eq!(changes(&then, &now), ["seed", "folds", "DBN"]);
    }

    #[test]
    fn differences_have_a_sign_but_zero_has_none() {
        assert_eq!([0.0081, -0.0081, 0.0001, -0.0001].map(signed), ["+0.008", "−0.008", "0.000", "0.000"]);
    }

    #[test]
    fn folds_are_said_in_words() {
        let mut validation = ValidationSettings { repeats: 2, ..ValidationSettings::default() };
        assert_eq!(folds_in_words(&validation, 10), "5 folds × 2 repeats, stratified");
        validation = ValidationSettings { kind: ValidationKind::Grouped, ..ValidationSettings::default() };
        assert_eq!(folds_in_words(&validation, 5), "5 folds, grouped by enterprise");
        validation.kind = ValidationKind::Holdout;
        assert_eq!(folds_in_words(&validation, 1), "1 split, 30 % held out");
    }
}
