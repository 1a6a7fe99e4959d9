//! The live plots: reconstruction error per RBM, fine-tuning loss, accuracy, the SVM's KKT gap.

use std::ops::RangeInclusive;

use egui::{Align, Frame, Id, Layout, Margin, Ui};

use super::{monitors, opponents, search};
use crate::app::actions::Intent;
use crate::app::panels::thousands;
use crate::app::theme::{self, Palette, model_style};
use crate::app::widgets::{Band, Flag, LinePlot, Reference, Series as Line, columns, segmented};
use crate::app::workspace::{DataState, Workspace};
use crate::evaluation::Metric;
use crate::model::dbn::MAX_LAYERS;
use crate::model::{FitFacts, Phase, Series, StopReason};
use crate::training::{End, Mode, ModelKind, NetHistory};

const GAP: f32 = 10.0;
/// Least height of a plot with its card, in points.
const LEAST_HEIGHT: f32 = 210.0;
/// Height of a plot from which three rows are shown at once, in points.
const ROOMY_HEIGHT: f32 = 270.0;
pub(in crate::app::panels) const VALIDATION_DASH: egui_plot::LineStyle = egui_plot::LineStyle::Dashed { length: 5.0 };

/// The axis that the plots of a net share: its phases and what was changed while it ran.
#[derive(Clone, Copy)]
pub(super) struct Epochs<'a> {
    bands: &'a [Band<'a>],
    flags: &'a [Flag<'a>],
    /// What the net drawn has shown: of an ensemble one, the one at the moment shown.
    pub(super) net: &'a NetHistory<'a>,
    /// The moment that the timeline has gone back to.
    here: Option<f64>,
}

impl<'a> Epochs<'a> {
    /// Up to the moment shown.
    fn so_far(self) -> RangeInclusive<f64> {
        f64::NEG_INFINITY..=self.here.unwrap_or(f64::INFINITY)
    }

    /// A plot over this axis.
    pub(super) fn of(self, plot: LinePlot<'a>) -> LinePlot<'a> {
        plot.x_name("epoch").whole_x().link_x(Id::unique("epochs")).bands(self.bands).flags(self.flags)
    }
}

/// What can be drawn.
#[derive(Clone, Copy)]
enum Plot {
    Reconstruction,
    Loss,
    Accuracy,
    KktGap,
    FreeEnergy,
    UpdateRatio,
    Search,
    Boosting,
    Importance,
    Odds,
}

impl Plot {
    /// The plots of these models, those that are looked at first in front.
    fn of(models: &[ModelKind]) -> Vec<Self> {
        let has = |kind| models.contains(&kind);
        let (net, svm) = (has(ModelKind::Dbn) || has(ModelKind::Mlp), has(ModelKind::Svm));
        let all = [
            (net, Self::Reconstruction),
            (net, Self::Loss),
            (net, Self::Accuracy),
            (svm, Self::KktGap),
            (svm, Self::Search),
            (has(ModelKind::Logistic), Self::Odds),
            (has(ModelKind::Gbt), Self::Importance),
            (has(ModelKind::Gbt), Self::Boosting),
            (net, Self::FreeEnergy),
            (net, Self::UpdateRatio),
        ];
        all.into_iter().filter_map(|(wanted, plot)| wanted.then_some(plot)).collect()
    }
}

/// Heading and the plots.
pub(super) fn ui(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    heading(ui, workspace, intents);
    ui.add_space(2.0);
    // Rows of two, or one column where there is little room; the third row is scrolled to unless there is room for it.
    let per_row = if ui.available_width() < 520.0 { 1 } else { 2 };
    let rows = if ui.available_height() > 3.0 * ROOMY_HEIGHT { 3.0 } else { 2.0 };
    let height = ((ui.available_height() - (rows - 1.0) * GAP) / rows).floor().max(LEAST_HEIGHT);
    // The DBN's curves; the net without pre-training stands in where no DBN is trained.
    let net = if workspace.settings.models.contains(&ModelKind::Dbn) { ModelKind::Dbn } else { ModelKind::Mlp };
    // Where the timeline has gone back to.
    let back = workspace.timeline.state().filter(|_| workspace.timeline.is_back());
    let here = back.map(|state| state.moment().epochs as f64);
    let of_net = workspace.run.history.net(net, back.map(|state| state.net().index));
    let bands = bands(workspace, net, &of_net);
    let bands: Vec<Band<'_>> = bands.iter().map(|(from, to, name)| Band { from: *from, to: *to, name }).collect();
    let marks = &workspace.run.history.flags;
    let mut flags: Vec<Flag<'_>> =
        marks.iter().filter(|f| f.model == net).map(|f| Flag { x: f.x, text: &f.text }).collect();
    flags.extend(here.map(|x| Flag { x, text: "here" }));
    let epochs = Epochs { bands: &bands, flags: &flags, net: &of_net, here };
    // Room for the scroll bar where there is one.
    let shown = Plot::of(&workspace.settings.models);
    let right = if shown.len().div_ceil(per_row) as f32 > rows { 8 } else { 0 };
    let content = Frame::new().inner_margin(Margin { right, ..Margin::ZERO });
    let scrolled = egui::ScrollArea::vertical().auto_shrink(false);
    scrolled.show(ui, |ui| {
        content.show(ui, |ui| {
            for (row, plots) in shown.chunks(per_row).enumerate() {
                if row > 0 {
                    ui.add_space(GAP - ui.spacing().item_spacing.y);
                }
                columns(ui, per_row, height, |ui, column| match plots.get(column) {
                    Some(Plot::Reconstruction) => reconstruction(ui, workspace, net, epochs),
                    Some(Plot::Loss) => loss(ui, workspace, net, epochs),
                    Some(Plot::Accuracy) => accuracy(ui, workspace, net, epochs),
                    Some(Plot::KktGap) => kkt(ui, workspace),
                    Some(Plot::FreeEnergy) => monitors::free_energy(ui, workspace, net, epochs),
                    Some(Plot::UpdateRatio) => monitors::update_ratio(ui, workspace, net, epochs),
                    Some(Plot::Odds) => opponents::odds(ui, workspace, height),
                    Some(Plot::Importance) => opponents::importance(ui, workspace, height),
                    Some(Plot::Boosting) => opponents::boosting(ui, workspace),
                    Some(Plot::Search) => search::ui(ui, workspace, height, intents),
                    None => {}
                });
            }
        })
    });
}

fn heading(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let (title, rest) = state(workspace);
    ui.horizontal(|ui| {
        ui.label(theme::heading(title));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mut pace = workspace.pace.map(|p| p as u32);
            let options = [(Some(2), "Slow"), (Some(30), "Watch"), (None, "Full speed")];
            let before = pace;
            segmented(ui, "Pace", &mut pace, &options)
                .on_hover_text("Epochs a second: 2, 30, or as fast as possible. Further nets follow at full speed. Never changes a number.");
            if pace != before {
                intents.push(Intent::SetPace(pace.map(f64::from)));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(theme::weak(rest)).truncate());
            });
        });
    });
}

/// What the run is doing, and a word on it.
fn state(workspace: &Workspace) -> (String, String) {
    let run = &workspace.run;
    let rows = run.prepared.as_ref().map_or(String::new(), |p| {
        format!(
            "{} labelled rows to learn from, {} without a label, {} held out",
            thousands(p.n_train),
            thousands(p.n_unlabelled),
            thousands(p.n_test)
        )
    });
    match (&run.end, &run.snapshot, &run.worker) {
        (Some(End::Finished), ..) => {
            let failed = run.trained.iter().find(|t| t.diverged());
            let title = failed.map_or("Trained".to_owned(), |t| format!("The {} failed", t.model.title()));
            let changed = run.spec.as_ref().is_some_and(|s| s.settings != workspace.settings);
            (title, if changed { "with other settings than those shown now: press Train".to_owned() } else { rows })
        }
        (Some(End::Stopped), ..) => ("Stopped; the models so far are kept".to_owned(), rows),
        (Some(End::Failed(_)), ..) => ("Training stopped".to_owned(), String::new()),
        (None, Some(s), Some(worker)) => {
            let p = &s.progress;
            let paused = if worker.desired().mode == Mode::Pause { ", paused" } else { "" };
            let place = match p.planned {
                Some(planned) => format!("{}, epoch {} of {planned}{paused}", p.phase, p.done),
                None => format!("{}, iteration {}{paused}", p.phase, thousands(p.done as usize)),
            };
            (place, rows)
        }
        (None, None, Some(_)) => ("Preparing".to_owned(), String::new()),
        _ => match workspace.table.as_ref().map(|t| &t.data) {
            None => ("No table is open".to_owned(), "Open one, or the sample, from the File menu".to_owned()),
            Some(DataState::Building) => ("Reading the table".to_owned(), String::new()),
            Some(DataState::Ready(_)) => ("Ready".to_owned(), "Press Train, or the space bar".to_owned()),
            Some(DataState::Unusable(why)) => ("Not ready to train".to_owned(), why.clone()),
        },
    }
}

/// Phases along the epochs; the present one reaches to its planned end.
fn bands(workspace: &Workspace, net: ModelKind, of_net: &NetHistory<'_>) -> Vec<(f64, f64, String)> {
    let run = &workspace.run;
    let marks = &of_net.phases;
    let mut bands = Vec::new();
    for (i, mark) in marks.iter().enumerate() {
        if mark.phase == Phase::Finished {
            continue;
        }
        let next = marks.get(i + 1).map(|next| next.x).or(of_net.end);
        let to = match (next, &run.snapshot) {
            (Some(next), _) => next,
            (None, Some(s)) if s.model == net => mark.x + s.progress.planned.unwrap_or(0) as f64,
            (None, _) => mark.x,
        };
        if to > mark.x {
            bands.push((mark.x, to, mark.phase.alone().to_string()));
        }
    }
    bands
}

fn reconstruction(ui: &mut Ui, workspace: &Workspace, net: ModelKind, epochs: Epochs<'_>) {
    let palette = Palette::of(ui);
    let curve = |series| epochs.net.stretch(series);
    let has = |series| !curve(series).points().is_empty();
    let layers: Vec<usize> = (0..MAX_LAYERS).take_while(|&l| has(Series::ReconstructionTraining(l))).collect();
    let names: Vec<String> = layers.iter().map(|l| format!("RBM {}", l + 1)).collect();
    let mut lines = Vec::new();
    for (&l, name) in layers.iter().zip(&names) {
        let color = palette.layer(l);
        lines.push(Line::of(name, curve(Series::ReconstructionTraining(l)), color));
        lines.push(Line::of(name, curve(Series::ReconstructionValidation(l)), color).dash(VALIDATION_DASH).unnamed());
    }
    let rising = layers.iter().find(|&&l| {
        let c = curve(Series::ReconstructionTraining(l)).points();
        c.len() > 2 && c[c.len() - 1][1] > c[0][1]
    });
    let title = match (layers.len(), rising) {
        (0, _) => "Reconstruction error".to_owned(),
        (_, Some(l)) => format!("Reconstruction error rises in RBM {}", l + 1),
        (1, None) => "Reconstruction error falls".to_owned(),
        (_, None) => "Reconstruction error falls in every layer".to_owned(),
    };
    let (nothing, hint) = match net {
        _ if failed(workspace, net) => DIVERGED,
        ModelKind::Mlp => ("No pre-training", "This net goes straight to fine-tuning"),
        _ if workspace.run.is_active() => ("No pre-training yet", "Press Go on, or Step for one epoch"),
        _ => ("No pre-training yet", "Press Train"),
    };
    epochs
        .of(LinePlot::new("reconstruction", &title, &lines))
        .subtitle("mean squared — solid training, dashed validation rows")
        .include_y(0.0..=0.1)
        .empty(nothing, hint)
        .show(ui);
}

/// What the plots of a net say that ran away before there was anything to draw.
pub(super) const DIVERGED: (&str, &str) = ("It diverged before an epoch was done", "Try a smaller rate");

pub(super) fn failed(workspace: &Workspace, net: ModelKind) -> bool {
    workspace.run.trained.iter().any(|t| t.model == net && t.diverged())
}

/// What the plots of fine-tuning say before there is anything to draw.
fn not_fine_tuned(workspace: &Workspace, net: ModelKind) -> (&'static str, &'static str) {
    if failed(workspace, net) { DIVERGED } else { ("Not fine-tuned yet", "It follows pre-training") }
}

fn loss(ui: &mut Ui, workspace: &Workspace, net: ModelKind, epochs: Epochs<'_>) {
    let color = model_style(Palette::of(ui), net.key()).color;
    let curve = |series| epochs.net.stretch(series);
    let (training, validation) = (curve(Series::LossTraining), curve(Series::LossValidation));
    let mut lines = vec![Line::of("training", training, color)];
    if !validation.points().is_empty() {
        lines.push(Line::of("validation", validation, color).dash(VALIDATION_DASH));
    }
    // Not every epoch is measured: the first point is not the first epoch.
    let start = epochs.net.fine_tuning_start().unwrap_or(0.0);
    let title = match validation.within(&epochs.so_far()).extremes(f64::NEG_INFINITY) {
        Some([best, _]) => format!("Fine-tuning loss, lowest at epoch {:.0} ({:.3})", best[0] - start, best[1]),
        None => "Fine-tuning loss".to_owned(),
    };
    let (nothing, hint) = not_fine_tuned(workspace, net);
    epochs
        .of(LinePlot::new("loss", &title, &lines))
        .subtitle("cross-entropy in nats — solid training, dashed validation rows")
        .empty(nothing, hint)
        .show(ui);
}

fn accuracy(ui: &mut Ui, workspace: &Workspace, net: ModelKind, epochs: Epochs<'_>) {
    let palette = Palette::of(ui);
    let color = model_style(palette, net.key()).color;
    let curve = |series| epochs.net.stretch(series);
    let (training, validation) = (curve(Series::AccuracyTraining), curve(Series::AccuracyValidation));
    let mut lines = vec![Line::of("training", training, color)];
    if !validation.points().is_empty() {
        lines.push(Line::of("validation", validation, color).dash(VALIDATION_DASH));
    }
    let mut references = Vec::new();
    let mut least = 0.5;
    if let Some(p) = workspace.run.prepared.as_ref().filter(|p| p.n_test > 0 && !training.points().is_empty()) {
        let style = model_style(palette, ModelKind::Majority.key());
        let share = p.bad_test as f64 / p.n_test as f64;
        // With few bad rows everything happens near the floor.
        least = f64::max(least, 1.25 * f64::max(share, 1.0 - share) - 0.25);
        references.push(Reference {
            name: "majority",
            y: share.max(1.0 - share),
            x: None,
            color: style.color,
            dash: style.dash,
        });
    }
    let title = match validation.within(&epochs.so_far()).points().last() {
        Some(last) => format!("Accuracy {:.2} on validation rows", last[1]),
        None => "Accuracy".to_owned(),
    };
    let (nothing, hint) = not_fine_tuned(workspace, net);
    epochs
        .of(LinePlot::new("accuracy", &title, &lines))
        .subtitle("share of rows called right — dotted: calling everyone good")
        .references(&references)
        .include_y(least..=1.0)
        .empty(nothing, hint)
        .show(ui);
}

fn kkt(ui: &mut Ui, workspace: &Workspace) {
    let palette = Palette::of(ui);
    let style = model_style(palette, ModelKind::Svm.key());
    let gap = workspace.run.history.stretch(ModelKind::Svm, Series::KktGap);
    let lines = [Line::of("KKT gap", gap, style.color)];
    let tolerance = workspace.run.spec.as_ref().map_or(1e-3, |s| s.settings.svm.tolerance);
    let references = [Reference {
        name: "tolerance",
        y: tolerance,
        x: None,
        color: palette.weak,
        dash: model_style(palette, "majority").dash,
    }];
    let trained = workspace.run.trained.iter().find(|t| t.model == ModelKind::Svm);
    let title = match trained.map(|t| (&t.stop_reason, &t.facts)) {
        Some((StopReason::Converged, FitFacts::Svm(facts))) => {
            format!("SVM converged, {} support vectors", thousands(facts.support_vectors))
        }
        Some((reason, _)) => format!("SVM: {reason}"),
        None => "SVM, KKT gap".to_owned(),
    };
    let used: &[Reference<'_>] = if gap.points().is_empty() { &[] } else { &references };
    LinePlot::new("kkt", &title, &lines)
        .subtitle("largest violation of the optimality conditions, by iteration")
        .x_name("iteration")
        .whole_x()
        .references(used)
        .log_y()
        .empty("No SVM yet", "It is trained after the DBN")
        .show(ui);
}

/// The figure that the Train screen shows of a trained model.
pub(super) fn auc(workspace: &Workspace, kind: ModelKind) -> Option<f64> {
    let trained = workspace.run.trained.iter().find(|t| t.model == kind)?;
    Metric::Auc.get(&trained.scored.metrics)
}
