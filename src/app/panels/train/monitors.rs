//! How the layers are: the gap of free energies, the size of updates, and a card with a line on each layer.

use egui::Ui;

use super::plots::{DIVERGED, Epochs, failed};
use crate::app::actions::Intent;
use crate::app::panels::thousands;
use crate::app::theme::{self, Palette, Tone, model_style};
use crate::app::widgets::{ActionButton, LinePlot, Reference, Series as Line, card, remark, stat};
use crate::app::workspace::Workspace;
use crate::evaluation::percent;
use crate::inspection::spread::{SOUND_RATIO, UpdateSize};
use crate::model::dbn::MAX_LAYERS;
use crate::model::{LayerMonitors, Series};
use crate::training::ModelKind;
use crate::training::worker::Estimate;

/// Share of saturated activations from which a layer hardly learns any more.
const MUCH_SATURATED: f64 = 0.5;

/// Free energy of validation rows less that of training rows, per RBM.
pub(super) fn free_energy(ui: &mut Ui, workspace: &Workspace, net: ModelKind, epochs: Epochs<'_>) {
    let palette = Palette::of(ui);
    let names: Vec<String> = (1..=MAX_LAYERS).map(|l| format!("RBM {l}")).collect();
    let lines: Vec<Line<'_>> = names
        .iter()
        .enumerate()
        .map(|(l, name)| Line::of(name, epochs.net.free_energy_gap(l), palette.layer(l)))
        .filter(|line| !line.points.is_empty())
        .collect();
    let (nothing, hint) = match net {
        _ if failed(workspace, net) => DIVERGED,
        ModelKind::Mlp => ("No pre-training", "This net goes straight to fine-tuning"),
        _ => ("No gap yet", "It needs validation rows and hidden units with a free energy"),
    };
    let references = [Reference {
        name: "no gap",
        y: 0.0,
        x: None,
        color: palette.weak,
        dash: model_style(palette, "majority").dash,
    }];
    epochs
        .of(LinePlot::new("free energy", "Free-energy gap", &lines))
        .subtitle("validation less training rows, in nats; growing is over-fitting")
        .references(if lines.is_empty() { &[] } else { &references })
        .empty(nothing, hint)
        .show(ui);
}

/// Mean |ΔW| over mean |W| of every layer, with the band that is sound.
pub(super) fn update_ratio(ui: &mut Ui, workspace: &Workspace, net: ModelKind, epochs: Epochs<'_>) {
    let palette = Palette::of(ui);
    let names: Vec<String> = (1..=MAX_LAYERS).map(|l| format!("layer {l}")).collect();
    let lines: Vec<Line<'_>> = names
        .iter()
        .enumerate()
        .map(|(l, name)| Line::of(name, epochs.net.stretch(Series::UpdateRatio(l)), palette.layer(l)))
        .filter(|line| !line.points.is_empty())
        .collect();
    let dash = model_style(palette, "majority").dash;
    let references = [(*SOUND_RATIO.start(), "sound from"), (*SOUND_RATIO.end(), "to")].map(|(y, name)| Reference {
        name,
        y,
        x: None,
        color: palette.weak,
        dash,
    });
    let (nothing, hint) = if failed(workspace, net) { DIVERGED } else { ("No update yet", "Press Train") };
    epochs
        .of(LinePlot::new("update ratio", "Size of updates", &lines))
        .subtitle("mean |ΔW| over mean |W| — about 0.001 is sound (H10 §7)")
        .references(if lines.is_empty() { &[] } else { &references })
        .log_y()
        .empty(nothing, hint)
        .show(ui);
}

/// A card on the layers of the net at the moment shown, once there are any.
pub(super) fn layers(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let monitors = workspace.timeline.monitors().unwrap_or(&workspace.run.monitors);
    if monitors.layers.is_empty() {
        return;
    }
    ui.label(theme::section("Layers"));
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        if let Some(fault) = &monitors.fault {
            remark(ui, Tone::Bad, sentence(&fault.to_string()));
            ui.add_space(4.0);
        }
        for (l, layer) in monitors.layers.iter().enumerate() {
            if l > 0 {
                ui.separator();
            }
            one_layer(ui, l, layer);
        }
        if let [_, bad] = monitors.predicted[..] {
            ui.separator();
            stat(ui, "Rows called bad now", &percent(bad), None);
        }
        log_likelihood(ui, workspace, intents);
    });
    ui.add_space(6.0);
}

/// What news the size of an update is.
pub(in crate::app::panels) fn update_tone(size: UpdateSize) -> Tone {
    match size {
        UpdateSize::Large => Tone::Warn,
        UpdateSize::Small => Tone::Info,
        UpdateSize::Sound => Tone::Ok,
    }
}

fn one_layer(ui: &mut Ui, l: usize, layer: &LayerMonitors) {
    ui.label(theme::semibold(format!("Layer {}, {} units", l + 1, thousands(layer.units))));
    let all_dead = layer.dead == layer.units;
    let verdict = all_dead.then_some((Tone::Bad, "all"));
    stat(ui, "Dead units", &layer.dead.to_string(), verdict);
    if let Some(share) = layer.saturated {
        let verdict = (share > MUCH_SATURATED).then_some((Tone::Warn, "much"));
        stat(ui, "Saturated", &percent(share), verdict);
    }
    if let Some(ratio) = layer.update_ratio {
        let size = UpdateSize::of(ratio);
        let verdict = (update_tone(size), size.name());
        stat(ui, "|ΔW| / |W|", &format!("{ratio:.0e}"), Some(verdict));
    }
    if let Some(gap) = layer.free_energy_gap() {
        stat(ui, "Free-energy gap", &format!("{gap:+.2}"), None);
    }
    if let [Some(training), validation] = layer.log_likelihood {
        let validation = validation.map_or(String::new(), |v| format!(" / {v:.2}"));
        stat(ui, "ln p(v), exact", &format!("{training:.2}{validation}"), None);
    }
}

/// What the RBMs make of the rows by annealed importance sampling, once the DBN is trained and somebody asks.
fn log_likelihood(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let Some(estimating) = &workspace.run.estimating else {
        if workspace.run.trained.iter().any(|t| t.model == ModelKind::Dbn && !t.diverged()) {
            ui.add_space(4.0);
            let tooltip = "Mean ln p(v) of each RBM by annealed importance sampling: 100 chains, 1,000 temperatures";
            if ActionButton::new("Estimate ln p(v)").tooltip(tooltip).show_wide(ui).clicked() {
                intents.push(Intent::EstimateLogLikelihood);
            }
        }
        return;
    };
    ui.separator();
    ui.label(theme::semibold("ln p(v), estimated (AIS)"));
    let estimates = estimating.estimates();
    for Estimate { layer, progress, result } in &estimates {
        let name = format!("RBM {}", layer + 1);
        match result {
            Some(r) => {
                let validation = r.validation.map_or(String::new(), |v| format!(" / {v:.2}"));
                stat(ui, &name, &format!("{:.2}{validation}", r.training), None);
                let spread = r.spread.map(|s| s.map_or("?".to_owned(), |s| format!("{s:.2}")));
                let [high, low] = spread;
                ui.label(theme::weak(format!("+{high} −{low}, {:.0} of 100 chains", r.effective_chains)));
            }
            None if *progress < 1.0 => stat(ui, &name, &percent(*progress), None),
            None => stat(ui, &name, "undefined", None),
        }
    }
    if estimates.is_empty() {
        ui.label(theme::weak("These machines have no density to estimate."));
    } else {
        ui.label(theme::weak("Training rows / validation rows, in nats."));
    }
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().collect::<String>() + letters.as_str() + ".")
}
