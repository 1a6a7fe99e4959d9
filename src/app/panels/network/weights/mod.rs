//! The Weights tab: histograms of the numbers of a layer, its Hinton diagram, and the whole network as nodes and edges.

mod hinton;
mod picture;
mod spreads;
#[cfg(test)]
mod tests;

use egui::{ScrollArea, Ui};

use self::hinton::HintonView;
use self::picture::PictureView;
use self::spreads::SpreadsView;
use super::looking::{layer_choice, weight_layers};
use super::{Scene, StateKey};
use crate::app::actions::Intent;
use crate::app::theme::CARD_GAP;
use crate::app::widgets::{empty_state, segmented};
use crate::app::workspace::Workspace;

/// Which picture is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum View {
    Histograms,
    #[default]
    Hinton,
    Network,
}

/// The tab.
#[derive(Default)]
pub(super) struct WeightsPanel {
    view: View,
    layer: usize,
    spreads: SpreadsView,
    hinton: HintonView,
    picture: PictureView,
}

impl WeightsPanel {
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, _workspace: &Workspace, _intents: &mut Vec<Intent>) {
        let n = weight_layers(scene.state).len();
        if n == 0 {
            return empty_state(ui, "No weights yet", "They are here as soon as the first layer is trained");
        }
        let mut layer = self.layer.min(n - 1);
        ui.horizontal_wrapped(|ui| {
            let views =
                [(View::Histograms, "Histograms"), (View::Hinton, "Hinton diagram"), (View::Network, "Network")];
            segmented(ui, "Show", &mut self.view, &views);
            if self.view != View::Network {
                layer = layer_choice(ui, scene.state, n, &mut self.layer);
            }
        });
        ui.add_space(CARD_GAP / 2.0);
        ScrollArea::vertical().id_salt(self.view as u8).auto_shrink(false).show(ui, |ui| match self.view {
            View::Histograms => self.spreads.ui(ui, scene, layer),
            View::Hinton => self.hinton.ui(ui, scene, layer),
            View::Network => self.picture.ui(ui, scene),
        });
    }
}

/// One layer of one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LayerKey {
    state: StateKey,
    layer: usize,
}
