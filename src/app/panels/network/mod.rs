//! The Network screen: one net at one moment of its training, looked at in seven ways.

mod dreams;
mod free_energy;
mod hidden;
mod layers;
mod looking;
mod regions;
mod theatre;
mod weights;

use std::sync::Arc;

use egui::{CentralPanel, Frame, Key, Margin, Modifiers, Panel, Ui};

use self::dreams::DreamsPanel;
use self::free_energy::FreeEnergyPanel;
use self::hidden::HiddenPanel;
use self::layers::LayersPanel;
use self::regions::RegionsPanel;
use self::theatre::TheatrePanel;
use self::weights::WeightsPanel;
use super::timeline;
use crate::app::actions::{Command, Intent, NetworkTab, TimelineAsk};
use crate::app::theme::{self, Palette};
use crate::app::widgets::{ActionButton, empty_state, precise, tab};
use crate::app::workspace::{SvmShown, Workspace};
use crate::data::{Dataset, Original, OriginalValue};
use crate::model::dbn::NetState;
use crate::training::{ModelKind, PreparedFold};

/// A state shown, by number: another state has another number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StateKey(pub(super) u64);

/// What every tab looks at.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    /// What kind of net is looked at.
    pub(super) model: ModelKind,
    /// It at the moment shown.
    pub(super) state: &'a Arc<NetState>,
    /// The rows of its run, split and prepared.
    pub(super) fold: &'a Arc<PreparedFold>,
    /// The table.
    pub(super) data: &'a Arc<Dataset>,
    /// The seed of the run.
    pub(super) seed: u64,
    /// The row of the table looked at.
    pub(super) row: usize,
    /// The SVM of the run, as far as it is.
    pub(super) svm: Option<&'a SvmShown>,
    key: StateKey,
}

impl<'a> Scene<'a> {
    /// What there is to look at; `None` without a run of a net.
    fn of(workspace: &'a Workspace, fold: &'a Arc<PreparedFold>) -> Option<Self> {
        let data = workspace.data()?;
        // The run may be of a table, or of roles, that are not there any more.
        if !workspace.run.data.as_ref().is_some_and(|of| Arc::ptr_eq(of, data)) {
            return None;
        }
        let settings = &workspace.run.spec.as_ref()?.settings;
        Some(Self {
            model: settings.watched()?,
            state: workspace.timeline.state()?,
            fold,
            data,
            seed: settings.seed,
            row: workspace.row.min(data.n_rows().saturating_sub(1)),
            svm: workspace.run.svm.as_ref(),
            key: StateKey(workspace.timeline.serial()),
        })
    }

    /// A number that changes whenever the state does.
    pub(super) fn key(&self) -> StateKey {
        self.key
    }
}

/// The screen, and what each tab remembers.
#[derive(Default)]
pub(in crate::app) struct NetworkPanel {
    tab: NetworkTab,
    weights: WeightsPanel,
    hidden: HiddenPanel,
    free_energy: FreeEnergyPanel,
    layers: LayersPanel,
    regions: RegionsPanel,
    dreams: DreamsPanel,
    theatre: TheatrePanel,
}

impl NetworkPanel {
    /// Shows a tab.
    pub(in crate::app) fn show_tab(&mut self, tab: NetworkTab) {
        self.tab = tab;
    }

    /// Draws the screen.
    pub(in crate::app) fn ui(&mut self, ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
        let palette = Palette::of(ui);
        let bar = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(12, 6));
        if workspace.timeline.end().is_some() {
            Panel::bottom("timeline").frame(bar).show(ui, |ui| timeline::ui(ui, workspace, intents));
        }
        let ground =
            Frame::new().fill(palette.background).inner_margin(Margin { left: 12, right: 12, top: 8, bottom: 8 });
        CentralPanel::default().frame(ground).show(ui, |ui| {
            self.tabs(ui, workspace);
            let fold = workspace.run.fold();
            match fold.as_ref().and_then(|fold| Scene::of(workspace, fold)) {
                Some(scene) => {
                    self.keys(ui, workspace, intents);
                    self.shown(ui, &scene, workspace, intents);
                }
                None => nothing(ui, workspace, intents),
            }
        });
    }

    fn tabs(&mut self, ui: &mut Ui, workspace: &Workspace) {
        let shown: Vec<NetworkTab> =
            NetworkTab::ALL.into_iter().filter(|&tab| workspace.stage.shows_tab(tab)).collect();
        if let (false, Some(&first)) = (shown.contains(&self.tab), shown.first()) {
            self.tab = first;
        }
        ui.horizontal_wrapped(|ui| {
            for which in shown {
                if tab(ui, self.tab == which, which.name()).clicked() {
                    self.tab = which;
                }
            }
        });
        ui.add_space(4.0);
    }

    fn shown(&mut self, ui: &mut Ui, scene: &Scene<'_>, workspace: &Workspace, intents: &mut Vec<Intent>) {
        match self.tab {
            NetworkTab::FreeEnergy => self.free_energy.ui(ui, scene, workspace, intents),
            NetworkTab::Layers => self.layers.ui(ui, scene, workspace, intents),
            NetworkTab::Regions => self.regions.ui(ui, scene, workspace, intents),
            NetworkTab::Dreams => self.dreams.ui(ui, scene, workspace, intents),
            NetworkTab::Weights => self.weights.ui(ui, scene, workspace, intents),
            NetworkTab::HiddenUnits => self.hidden.ui(ui, scene, workspace, intents),
            NetworkTab::Theatre => self.theatre.ui(ui, scene, workspace, intents),
        }
    }

    /// Space plays and holds, the arrows step; in the theatre they are its own. Heard while nothing has the focus.
    fn keys(&self, ui: &Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
        if ui.memory(|m| m.focused().is_some()) {
            return;
        }
        let timeline = &workspace.timeline;
        let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        let mut ask = |ask| intents.push(Intent::Timeline(ask));
        if pressed(Key::Space) {
            ask(if timeline.is_playing() { TimelineAsk::Hold } else { TimelineAsk::Play });
        }
        if self.tab == NetworkTab::Theatre {
            return;
        }
        if pressed(Key::ArrowRight) {
            ask(TimelineAsk::Step(timeline.unit, 1));
        }
        if pressed(Key::ArrowLeft) {
            ask(TimelineAsk::Step(timeline.unit, -1));
        }
    }
}

/// A value in the units of the table.
pub(super) fn value_text(value: &OriginalValue) -> String {
    match &value.value {
        _ if value.is_missing() => "missing".to_owned(),
        Original::Number(x) => precise(*x),
        Original::Level { text, share: Some(share) } => format!("{text} · {:.0} %", share * 100.0),
        Original::Level { text, share: None } => text.clone(),
        Original::Unknown => "–".to_owned(),
    }
}

/// What stands there before a net is trained.
fn nothing(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let (title, hint) = if workspace.run.is_active() {
        ("The rows are being prepared", "The network will be here in a moment")
    } else if workspace.data().is_some() {
        ("No network yet", "Train one: every moment of its training is recorded and can be looked at here")
    } else {
        ("No table is open", "Open one, or a sample, from the File menu")
    };
    empty_state(ui, title, hint);
    if workspace.is_ready() && !workspace.run.is_active() {
        ui.vertical_centered(|ui| {
            ui.label(theme::weak(""));
            if ActionButton::new("Train a network").primary().show(ui).clicked() {
                intents.push(Intent::Do(Command::Train));
            }
        });
    }
}

#[cfg(test)]
pub(super) mod tests;
