//! Robustness, the learning curve, and the spread from seed to seed: curves of every model against one thing that is varied.

use egui::{Label, Ui};

use super::verdict::signed;
use super::words::{list, short_name};
use super::{NARROW, in_card};
use crate::app::actions::Intent;
use crate::app::panels::count;
use crate::app::studies::KeptStudy;
use crate::app::theme::{self, Palette, Tone, model_style};
use crate::app::widgets::{ActionButton, Icon, LinePlot, Series, columns, meter, remark, segmented, table_title};
use crate::app::workspace::Workspace;
use crate::data::Spread;
use crate::evaluation::Metric;
use crate::report::study_table;
use crate::training::{ModelKind, Study, StudyKind, StudyPoint, StudySettings};

/// Which study is looked at, and how the next is to be made.
#[derive(Clone, Copy, Debug)]
pub(super) struct StudyView {
    kind: StudyKind,
    in_training: bool,
    noise_unit: Spread,
}

impl Default for StudyView {
    fn default() -> Self {
        // Of heavy-tailed ratios a tenth of the standard deviation is more than most values differ by.
        Self { kind: StudyKind::Noise, in_training: false, noise_unit: Spread::Iqr }
    }
}

/// Height of the two plots, in points.
const HEIGHT: f32 = 270.0;

/// Draws the card and its plots.
pub(super) fn ui(ui: &mut Ui, view: &mut StudyView, workspace: &Workspace, intents: &mut Vec<Intent>) {
    in_card(ui, |ui| {
        let title = theme::heading("How robust are they?");
        match workspace.studies.of(view.kind) {
            Some(kept) => table_title(ui, "study", title, || study_table(&kept.study)),
            None => drop(ui.label(title)),
        }
        ui.add(Label::new(theme::weak(purpose(view.kind))).wrap());
        ui.horizontal_wrapped(|ui| {
            let kinds = StudyKind::ALL.map(|kind| (kind, kind.title()));
            segmented(ui, "Study", &mut view.kind, &kinds);
        });
        controls_ui(ui, view, workspace, intents);
    });
    let Some(kept) = workspace.studies.of(view.kind) else { return };
    let plot = |ui: &mut Ui, i: usize| {
        let metric = [Metric::Auc, Metric::Recall][i];
        curves_ui(ui, &kept.study, metric);
    };
    if ui.available_width() < NARROW {
        (0..2).for_each(|i| plot(ui, i));
    } else {
        columns(ui, 2, HEIGHT, plot);
    }
}

/// What the study shows, in a sentence.
fn purpose(kind: StudyKind) -> &'static str {
    match kind {
        StudyKind::Noise => {
            "Random noise is added to the indicators of the firms that are scored: how fast does each model give way?"
        }
        StudyKind::Missing => "Cells are knocked out at random and filled as the preparation does: what do gaps cost?",
        StudyKind::LabelNoise => {
            "Labels of training rows are turned round at random; those that are tested stay as they are."
        }
        StudyKind::Labels => {
            "Fewer training rows keep their label. The DBN still learns from the others without one, the method's promise."
        }
        StudyKind::Seeds => "The same folds with other seeds for the fits: what of a difference is mere luck?",
    }
}

fn controls_ui(ui: &mut Ui, view: &mut StudyView, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let running = workspace.studies.running();
    let kept = workspace.studies.of(view.kind);
    ui.horizontal(|ui| {
        if let Some((kind, share)) = running {
            if ActionButton::new("Stop study").with_icon(Icon::Stop).show(ui).clicked() {
                intents.push(Intent::StopStudy);
            }
            ui.label(theme::weak(format!("{} · {:.0} %", kind.title(), share * 100.0)));
            ui.allocate_ui(egui::vec2(160.0, 8.0), |ui| meter(ui, "Study", share, Palette::of(ui).accent));
        } else {
            let text = if kept.is_some() { "Run again" } else { "Run study" };
            let tooltip = "Every model is fitted on the folds of the first repeat; it runs in the background";
            let button = ActionButton::new(text).with_icon(Icon::Play).tooltip(tooltip).enabled(workspace.is_ready());
            if button.show(ui).clicked() {
                let in_training = view.in_training && view.kind.disturbs_cells();
                let noise_unit = view.noise_unit;
                let settings = StudySettings { in_training, noise_unit, ..StudySettings::of(view.kind) };
                intents.push(Intent::StartStudy(Box::new(settings)));
            }
            if view.kind == StudyKind::Noise {
                let units = [(Spread::Iqr, "of the middle half"), (Spread::Sd, "of all values")];
                ui.label(theme::weak("spread"));
                segmented(ui, "Spread of noise", &mut view.noise_unit, &units).on_hover_text(
                    "Noise is measured by the interquartile range / 1.349, or by the standard deviation, which a few extreme \
                     values make huge",
                );
            }
            if view.kind.disturbs_cells() {
                ui.checkbox(&mut view.in_training, "In the training rows too")
                    .on_hover_text("Otherwise models learned from clean rows are asked about disturbed ones. A fit for each level: slower");
            }
        }
    });
    let Some(kept) = kept else { return };
    for warning in kept.study.warnings.iter().take(3) {
        remark(ui, Tone::Warn, warning);
    }
    if let Some(stale) = stale(kept, workspace) {
        remark(ui, Tone::Warn, stale);
    }
}

/// How the study differs from what would be run now.
fn stale(kept: &KeptStudy, workspace: &Workspace) -> Option<&'static str> {
    if !workspace.data().is_some_and(|data| std::sync::Arc::ptr_eq(data, &kept.data)) {
        return Some("Made from another table, or with other roles.");
    }
    let spec = workspace.spec()?;
    let same = spec.settings.models == kept.spec.settings.models
        && spec.settings.models.iter().all(|&kind| spec.fits_as(&kept.spec, kind));
    (!same).then_some("Made with other settings than those chosen now.")
}

/// A metric of every model against the level, with the spread over folds.
fn curves_ui(ui: &mut Ui, study: &Study, metric: Metric) {
    let palette = Palette::of(ui);
    let rows = study.labelled_rows();
    // A learning curve is read in rows, not in shares.
    let x = |level: usize, point: &StudyPoint| match study.kind {
        StudyKind::Labels => rows.get(level).copied().flatten().unwrap_or(point.level),
        _ => point.level,
    };
    let learned = || study.models.iter().enumerate().filter(|(_, kind)| **kind != ModelKind::Majority);
    let mut lines = Vec::new();
    for (i, &kind) in learned() {
        let points: Vec<(f64, StudyPoint)> = study
            .curve(i, metric)
            .into_iter()
            .enumerate()
            .filter(|(_, point)| point.n > 0)
            .map(|(level, point)| (x(level, &point), point))
            .collect();
        let line: Vec<[f64; 2]> = points.iter().filter_map(|(x, p)| Some([*x, p.mean?])).collect();
        let spread = points.iter().filter_map(|(x, p)| Some([*x, p.mean? - p.sd?, p.mean? + p.sd?]));
        lines.push((kind, line, spread.collect::<Vec<[f64; 3]>>()));
    }
    let series = lines.iter().map(|(kind, line, spread)| {
        let style = model_style(palette, kind.key());
        Series::new(short_name(*kind), line, style.color).dash(style.dash).marker(style.marker).spread(spread)
    });
    let series: Vec<Series<'_>> = series.collect();
    let subtitle = format!(
        "{} against {}, {}, ± sd shaded",
        metric.in_sentence(),
        lower(level_label(study)),
        count(study.n_splits, "fold")
    );
    let title = if study.kind == StudyKind::Seeds { seeds_finding(study, metric) } else { finding(study, metric) };
    let id = if metric == Metric::Auc { "study auc" } else { "study recall" };
    LinePlot::new(id, &title, &series)
        .subtitle(&subtitle)
        .x_name(level_label(study))
        .height(HEIGHT)
        .empty("Under way", "The first fits are not finished yet")
        .show(ui);
}

/// What the levels are, for an axis.
fn level_label(study: &Study) -> &'static str {
    match (study.kind, study.noise_unit) {
        (StudyKind::Noise, Spread::Iqr) => "Noise, in interquartile ranges / 1.349",
        (kind, _) => kind.level_label(),
    }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// What becomes of the figure from the first level to the last: "From first to last level AUC changes by −.080 for DBN, …".
fn finding(study: &Study, metric: Metric) -> String {
    let mut changes: Vec<(ModelKind, f64)> = Vec::new();
    for (i, &kind) in study.models.iter().enumerate().filter(|(_, kind)| **kind != ModelKind::Majority) {
        let curve = study.curve(i, metric);
        let whole = |point: &&StudyPoint| point.n == study.n_splits;
        let ends = curve.first().filter(whole).zip(curve.last().filter(whole));
        if let Some((first, last)) = ends.and_then(|(first, last)| first.mean.zip(last.mean)) {
            changes.push((kind, last - first));
        }
    }
    changes.sort_by(|a, b| b.1.total_cmp(&a.1));
    match &changes[..] {
        [(best, most), .., (worst, least)] => format!(
            "{}: from first to last {} {}, {} {}",
            metric.short_label(),
            short_name(*best),
            signed(*most),
            short_name(*worst),
            signed(*least)
        ),
        _ => format!("{} of every model", metric.label()),
    }
}

/// "From seed to seed DBN moves by ±.004, SVM by ±.000".
fn seeds_finding(study: &Study, metric: Metric) -> String {
    let spreads: Vec<String> = study
        .models
        .iter()
        .enumerate()
        .filter(|(_, kind)| **kind != ModelKind::Majority)
        .filter_map(|(i, &kind)| {
            let sd = study.over_levels(i, metric).sd?;
            Some(format!("{} ±{}", short_name(kind), super::words::figure(sd)))
        })
        .collect();
    if spreads.is_empty() {
        return format!("{} from seed to seed", metric.label());
    }
    format!("{} from seed to seed: {}", metric.short_label(), list(&spreads))
}
