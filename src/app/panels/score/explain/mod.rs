//! Why a model answers what it answers: one firm taken apart and changed by hand, and what drives the model over all firms.
//!
//! Everything shown here speaks of the model and not of the world, and says so.

mod answers;
mod dependence;
mod global;
mod header;
mod importance;
mod levers;
mod nearest;
mod override_;
mod reasons;
mod strip;
mod waterfall;
mod what_if;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use egui::{Frame, Label, Margin, ScrollArea, Ui};

use self::answers::Answers;
pub(super) use self::global::{GlobalPanel, GlobalScene};
use self::nearest::NearestPage;
use self::override_::OverridePage;
use self::reasons::ReasonsPage;
use self::what_if::WhatIfPage;
use crate::app::actions::Intent;
use crate::app::theme::{self, CARD_GAP};
use crate::app::widgets::{empty_state, segmented};
use crate::app::workspace::Workspace;
use crate::data::{Dataset, Source};
use crate::explanation::{Firm, NOT_CAUSES};
use crate::scoring::{FirmScore, Matching, RiskModel};

/// One firm under a model.
#[derive(Clone, Copy)]
pub(super) struct FirmScene<'a> {
    /// The model that scored it.
    pub(super) model: &'a Arc<RiskModel>,
    /// A second one beside it: of a DBN the SVM, and the other way round.
    pub(super) other: Option<&'a Arc<RiskModel>>,
    /// The table that was scored, as it was read.
    pub(super) source: Option<&'a Arc<Source>>,
    /// Its rows; their indicators bear the names of the model.
    pub(super) data: &'a Arc<Dataset>,
    /// The firm's row in it.
    pub(super) row: usize,
    /// Its score by `model`.
    pub(super) score: &'a FirmScore,
    /// What its flags speak of.
    pub(super) matching: &'a Matching,
}

impl<'a> FirmScene<'a> {
    /// The models there are, the one that scored it first.
    fn models(&self) -> impl Iterator<Item = &'a Arc<RiskModel>> {
        std::iter::once(self.model).chain(self.other)
    }

    /// The firm in the units of its table.
    fn firm(&self) -> Firm {
        Firm::of_row(self.model, self.data, self.row, self.row)
    }

    /// Whose row it is: the enterprise and the period, or its place in the file.
    fn name(&self) -> String {
        let who = self.score.enterprise.clone().unwrap_or_else(|| format!("row {}", self.score.row));
        match self.score.period.as_deref().filter(|period| !period.is_empty()) {
            Some(period) => format!("{who} · {period}"),
            None => who,
        }
    }
}

/// Which firm under which model. What a key names lives as long as the key, so that nothing else can be taken for it.
#[derive(Clone)]
struct FirmKey {
    model: Arc<RiskModel>,
    data: Arc<Dataset>,
    row: usize,
}

impl FirmKey {
    fn of(scene: &FirmScene<'_>, model: &Arc<RiskModel>) -> Self {
        Self { model: Arc::clone(model), data: Arc::clone(scene.data), row: scene.row }
    }
}

impl PartialEq for FirmKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.model, &other.model) && Arc::ptr_eq(&self.data, &other.data) && self.row == other.row
    }
}

/// What is looked at of a firm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Page {
    #[default]
    Reasons,
    WhatIf,
    Nearest,
    Override,
}

impl Page {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Reasons, "Reasons"),
        (Self::WhatIf, "What if"),
        (Self::Nearest, "Nearest change"),
        (Self::Override, "Override"),
    ];
}

/// One firm explained.
#[derive(Default)]
pub(super) struct ExplainPanel {
    page: Page,
    /// The firm that the pages are of.
    firm: Option<FirmKey>,
    /// Its values in the units of the table.
    values: Option<Firm>,
    as_it_is: Answers,
    reasons: ReasonsPage,
    what_if: WhatIfPage,
    nearest: NearestPage,
    decision: OverridePage,
}

impl ExplainPanel {
    /// Draws it in the room there is.
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &FirmScene<'_>, workspace: &Workspace, intents: &mut Vec<Intent>) {
        if scene.row >= scene.data.n_rows() {
            return empty_state(ui, "This firm is not in the table any more", "Choose a firm in the list.");
        }
        let firm = self.follow(scene);
        let room = ui.available_height();
        ScrollArea::vertical().id_salt("one firm").auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(Margin { right: 10, bottom: 12, ..Margin::ZERO }).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = CARD_GAP;
                let pds = self.as_it_is.of(ui.ctx(), scene, &firm);
                // The what-if page has a picture of its own for the PDs.
                header::ui(ui, scene, pds, workspace, self.page != Page::WhatIf);
                segmented(ui, "Show", &mut self.page, &Page::ALL);
                match self.page {
                    Page::Reasons => self.reasons.ui(ui, scene, &firm),
                    Page::WhatIf => self.what_if.ui(ui, scene, &firm, pds, room),
                    Page::Nearest => {
                        if let Some(changes) = self.nearest.ui(ui, scene, &firm) {
                            self.what_if.apply(&changes);
                            self.page = Page::WhatIf;
                        }
                    }
                    Page::Override => self.decision.ui(ui, scene, workspace, intents),
                }
            });
        });
    }

    /// Begins anew for another firm, or another model. Returns the firm.
    fn follow(&mut self, scene: &FirmScene<'_>) -> Firm {
        let key = FirmKey::of(scene, scene.model);
        if let Some(values) = self.values.as_ref().filter(|_| self.firm.as_ref() == Some(&key)) {
            return values.clone();
        }
        let firm = scene.firm();
        // What was typed about one firm is not said of another; the same one under another model keeps it.
        let another = self.firm.as_ref().is_none_or(|of| of.row != key.row || !Arc::ptr_eq(&of.data, &key.data));
        self.what_if.begin(scene.model, &firm);
        if another {
            self.decision = OverridePage::default();
        }
        self.firm = Some(key);
        self.values = Some(firm.clone());
        firm
    }
}

/// The sentence that stands under every picture of reasons.
fn no_causes_ui(ui: &mut Ui) {
    ui.add(Label::new(theme::weak(NOT_CAUSES)).wrap());
}
