//! The main reason of each firm that is in view, worked out in the background a few firms at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use egui::Ui;

use crate::app::latest::Latest;
use crate::app::scoring::ScoredTable;
use crate::explanation::{Explainer, Reason, Reasons, ShapleySettings, reasons};

/// Firms that are explained in one go: so few that scrolling is followed soon.
const AT_ONCE: usize = 4;

/// The reasons found so far, of one scored table.
#[derive(Default)]
pub(super) struct MainReasons {
    serial: u64,
    found: HashMap<usize, String>,
    work: Latest<(u64, Vec<usize>), Found>,
}

/// Firms by place, with their main reasons; of the table of this number.
struct Found {
    serial: u64,
    reasons: Vec<(usize, String)>,
}

impl MainReasons {
    /// The main reason of a firm, as far as it is known.
    pub(super) fn text(&self, scored: &ScoredTable, place: usize) -> &str {
        let known = (self.serial == scored.serial).then(|| self.found.get(&place)).flatten();
        known.map_or("…", String::as_str)
    }

    /// Takes in what was found, and goes on with firms in view whose reason is not known.
    pub(super) fn work_out(&mut self, ui: &Ui, scored: &Arc<ScoredTable>, in_view: &[usize]) {
        if self.serial != scored.serial {
            self.found.clear();
            self.serial = scored.serial;
        }
        let wanted = in_view.iter().filter(|place| !self.found.contains_key(place)).take(AT_ONCE);
        let wanted: Vec<usize> = wanted.copied().collect();
        if wanted.is_empty() {
            return;
        }
        let (of, places) = (Arc::clone(scored), wanted.clone());
        let work = move |stop: &AtomicBool| Found { serial: of.serial, reasons: explain(&of, &places, stop) };
        let found = self.work.get(ui.ctx(), (scored.serial, wanted), "reasons", work);
        let before = self.found.len();
        if let Some(found) = found.filter(|found| found.serial == scored.serial) {
            self.found.extend(found.reasons.iter().cloned());
        }
        if self.found.len() > before {
            // They stand in the next frame, and the next firms are begun with it.
            ui.ctx().request_repaint();
        }
    }
}

/// The main reason of each of these firms; of a firm that cannot be explained a dash.
fn explain(scored: &ScoredTable, places: &[usize], stop: &AtomicBool) -> Vec<(usize, String)> {
    let explainer = Explainer::new(&scored.model, ShapleySettings::of(&scored.model)).ok();
    let text = |place: usize| {
        let x = scored.model.inputs(&scored.data, &[place], &[place]);
        let explanation = explainer.as_ref()?.explain(&x.row(0)).ok()?;
        let Reasons { raising, lowering } = reasons(&explanation, 1);
        let size = |reason: &Reason| reason.contribution.abs();
        let main = raising.into_iter().chain(lowering).max_by(|a, b| size(a).total_cmp(&size(b)))?;
        let points = format!("{:+.1}", 100.0 * main.contribution).replace('-', "−");
        Some(format!("{} {points} points", main.indicator))
    };
    let firms = places.iter().take_while(|_| !stop.load(Ordering::Relaxed));
    firms.map(|&place| (place, text(place).unwrap_or_else(|| "–".to_owned()))).collect()
}
