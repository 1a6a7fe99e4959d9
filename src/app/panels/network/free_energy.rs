//! Free energy of training rows against held-out ones, beside the reconstruction error that contrastive divergence does not
//! minimise, and the log-likelihood where it can be enumerated.

use std::ops::RangeInclusive;

use egui::{Id, ScrollArea, Ui};

use super::Scene;
use crate::app::actions::Intent;
use crate::app::panels::train::VALIDATION_DASH;
use crate::app::theme::{self, Palette};
use crate::app::widgets::{Flag, LinePlot, Series as Line, card_titled, columns, segmented};
use crate::app::workspace::Workspace;
use crate::model::{Phase, Series};
use crate::training::{ModelKind, NetHistory};

/// What the tab remembers.
#[derive(Default)]
pub(super) struct FreeEnergyPanel {
    layer: usize,
}

impl FreeEnergyPanel {
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, workspace: &Workspace, _intents: &mut Vec<Intent>) {
        let n = scene.state.machines().len();
        if n == 0 {
            crate::app::widgets::empty_state(
                ui,
                "This net is not pre-trained",
                "Free energy belongs to restricted Boltzmann machines: train a DBN",
            );
            return;
        }
        // A moment with fewer machines does not change what was chosen.
        let mut shown = Self { layer: self.layer.min(n - 1) };
        if n > 1 {
            let names: Vec<String> = (1..=n).map(|l| format!("RBM {l}")).collect();
            let options: Vec<(usize, &str)> = names.iter().enumerate().map(|(l, name)| (l, name.as_str())).collect();
            let before = shown.layer;
            segmented(ui, "Machine", &mut shown.layer, &options);
            if shown.layer != before {
                self.layer = shown.layer;
            }
            ui.add_space(4.0);
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let height = ((ui.available_height() - 10.0) / 2.0).clamp(210.0, 420.0);
            columns(ui, 2, height, |ui, column| {
                if column == 0 {
                    shown.energy(ui, scene, workspace);
                } else {
                    shown.reconstruction(ui, scene, workspace);
                }
            });
            ui.add_space(10.0);
            columns(
                ui,
                2,
                height,
                |ui, column| {
                    if column == 0 { shown.likelihood(ui, scene, workspace) } else { card(ui) }
                },
            );
        });
    }

    fn energy(&self, ui: &mut Ui, scene: &Scene<'_>, workspace: &Workspace) {
        let color = Palette::of(ui).layer(self.layer);
        let net = net_of(scene, workspace);
        let curve = |series| net.curve(series);
        let (training, validation) =
            (curve(Series::FreeEnergyTraining(self.layer)), curve(Series::FreeEnergyValidation(self.layer)));
        let gap: Vec<[f64; 3]> =
            training.iter().zip(validation).map(|(t, v)| [t[0], t[1].min(v[1]), t[1].max(v[1])]).collect();
        let lines = [
            Line::new("training", training, color).spread(&gap),
            Line::new("held out", validation, color).dash(VALIDATION_DASH),
        ];
        // What is said is said of the moment shown.
        let widths = net.free_energy_gap(self.layer).within(&so_far(scene, workspace)).points();
        let title = match widths {
            [[_, first], _, .., [_, last]] => {
                // Held-out rows may be the likelier ones by chance: only a gap on their cost, and a wider one, is a sign.
                let grows = *last > 0.0 && last - first > 0.25 * first.abs().max(1.0);
                let way = if grows { "grows: over-fitting begins" } else { "does not grow: no over-fitting seen" };
                format!("The gap {way} ({first:.2} → {last:.2} nats)")
            }
            _ => "Free energy".to_owned(),
        };
        let plot = LinePlot::new("network free energy", &title, &lines)
            .subtitle(
                "mean F(v) in nats, up to the unknown ln Z — solid training, dashed held-out rows, shaded the gap",
            )
            .empty("Not looked at yet", "It is measured while the machine is trained");
        over_epochs(ui, scene, plot);
    }

    fn reconstruction(&self, ui: &mut Ui, scene: &Scene<'_>, workspace: &Workspace) {
        let color = Palette::of(ui).layer(self.layer);
        let net = net_of(scene, workspace);
        let curve = |series| net.stretch(series);
        let lines = [
            Line::of("training", curve(Series::ReconstructionTraining(self.layer)), color),
            Line::of("held out", curve(Series::ReconstructionValidation(self.layer)), color).dash(VALIDATION_DASH),
        ];
        let plot = LinePlot::new("network reconstruction", "Reconstruction error: not what is minimised", &lines)
            .subtitle("mean squared (v − E[v | h])²; it can fall while the model of the data gets worse")
            .include_y(0.0..=0.1)
            .empty("Not looked at yet", "It is measured while the machine is trained");
        over_epochs(ui, scene, plot);
    }

    fn likelihood(&self, ui: &mut Ui, scene: &Scene<'_>, workspace: &Workspace) {
        let color = Palette::of(ui).layer(self.layer);
        let net = net_of(scene, workspace);
        let curve = |series| net.stretch(series);
        let training = curve(Series::LogLikelihoodTraining(self.layer));
        let lines = [
            Line::of("training", training, color),
            Line::of("held out", curve(Series::LogLikelihoodValidation(self.layer)), color).dash(VALIDATION_DASH),
        ];
        let so_far = training.within(&so_far(scene, workspace));
        let best = so_far.extremes(f64::NEG_INFINITY);
        let title = match (best, so_far.points().last()) {
            (Some([_, best]), Some(last)) if last[1] < best[1] - 0.05 * best[1].abs() => {
                format!("Log-likelihood was best at epoch {:.0} and has fallen since", best[0])
            }
            (Some(_), Some(last)) => format!("Log-likelihood {:.2} nats a row", last[1]),
            _ => "Log-likelihood".to_owned(),
        };
        let busy = matches!(scene.state.phase(), Phase::PreTraining { .. });
        let hint = if busy {
            "It is enumerated for machines of up to 20 hidden or binary visible units, where that costs little"
        } else {
            "Too large to enumerate: the Train screen estimates it once the DBN is trained"
        };
        let plot = LinePlot::new("network likelihood", &title, &lines)
            .subtitle("exact mean ln p(v), by enumerating ln Z — what learning is for")
            .empty("Not enumerated", hint);
        over_epochs(ui, scene, plot);
    }
}

/// What the net at the moment shown has shown of itself.
fn net_of<'a>(scene: &Scene<'_>, workspace: &'a Workspace) -> NetHistory<'a> {
    workspace.run.history.net(ModelKind::Dbn, Some(scene.state.net().index))
}

/// The epochs up to the moment shown; all of them while that is the present one.
fn so_far(scene: &Scene<'_>, workspace: &Workspace) -> RangeInclusive<f64> {
    let end = if workspace.timeline.is_back() { scene.state.moment().epochs as f64 } else { f64::INFINITY };
    f64::NEG_INFINITY..=end
}

/// A plot over the epochs, with a line where the moment shown is.
fn over_epochs(ui: &mut Ui, scene: &Scene<'_>, plot: LinePlot<'_>) {
    let here = [Flag { x: scene.state.moment().epochs as f64, text: "here" }];
    plot.x_name("epoch").whole_x().link_x(Id::unique("free energy")).flags(&here).show(ui);
}

/// What to look for.
fn card(ui: &mut Ui) {
    card_titled(ui, "What to look for", "", |ui| {
        let mut line = |text: &str| ui.add(egui::Label::new(text).wrap());
        line(
            "Free energy is lower for rows the machine finds likelier. Its level says nothing, since ln Z is unknown; only the distance between training and held-out rows does.",
        );
        line(
            "Sound: both lines move together. Fault: held-out rows stay behind while training rows go on falling. The machine learns rows by heart; fewer units, fewer epochs or a higher weight cost help.",
        );
        ui.add(egui::Label::new(theme::weak("Contrastive divergence follows neither the reconstruction error nor exactly the likelihood (Hinton 2010; Fischer and Igel 2014): where the likelihood can be had, believe it first.")).wrap());
    });
}
