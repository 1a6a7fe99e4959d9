//! Decision regions: what the net as it stands and the SVM say over a plane of any two indicators, side by side.

mod pane;
#[cfg(test)]
mod tests;
mod work;

use std::sync::Arc;

use egui::{ComboBox, Label, Mesh, Rect, ScrollArea, Sense, Shape, TextStyle, Ui, pos2, vec2};

use self::pane::{Over, Pane, Pointed, ring_paint, words};
use self::work::{Asked, DRAWN, Plane, Region, plane};
use super::layers::row_name;
use super::{Scene, StateKey};
use crate::app::actions::Intent;
use crate::app::latest::Latest;
use crate::app::panels::{capital, count};
use crate::app::theme::{self, CARD_GAP, Palette};
use crate::app::widgets::{ActionButton, Mark, Taking, empty_state, marks_legend, probability_color, segmented};
use crate::app::workspace::Workspace;
use crate::data::{Dataset, SAMPLES};
use crate::evaluation::percent;
use crate::inspection::regions::Held;
use crate::model::dbn::NetState;
use crate::model::{Classifier, NetOf, Support};
use crate::training::{ModelKind, PreparedFold};

/// Side of a pane, in lines of text, at least.
const LEAST_SIDE: f32 = 14.0;

/// Where the other indicators are held, as it is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Others {
    #[default]
    Median,
    Firm,
}

/// The Regions tab.
pub(super) struct RegionsPanel {
    /// Indicators along and up.
    indicators: [usize; 2],
    others: Others,
    shows_rows: bool,
    /// The last row looked at that would not have been drawn.
    also: Option<usize>,
    of_net: Latest<(StateKey, Asked), Plane>,
    of_svm: Latest<(u64, Asked), Plane>,
    net: Pane,
    svm: Pane,
    /// Where the pointer was a frame ago.
    pointer: Option<[f32; 2]>,
}

impl Default for RegionsPanel {
    fn default() -> Self {
        Self {
            indicators: [0, 1],
            others: Others::default(),
            shows_rows: true,
            also: None,
            of_net: Latest::default(),
            of_svm: Latest::default(),
            net: Pane::default(),
            svm: Pane::default(),
            pointer: None,
        }
    }
}

impl RegionsPanel {
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, workspace: &Workspace, intents: &mut Vec<Intent>) {
        self.controls_ui(ui, scene, intents);
        if scene.data.indicators.len() < 2 {
            empty_state(ui, "A plane takes two indicators", "Give another column the role of an indicator.");
            return;
        }
        // A row that is not drawn has to be put in, which takes the planes to be scored anew; one that is changes nothing.
        let settled = |plane: &Plane| match plane {
            Plane::Scored(region) => Arc::ptr_eq(&region.data, scene.data) && region.settles(scene.row),
            Plane::Flat(_) | Plane::Stopped => false,
        };
        if scene.data.n_rows() <= DRAWN {
            self.also = None;
        } else if !self.of_net.newest().is_some_and(settled) {
            self.also = Some(scene.row);
        }
        let asked = |cut_off| Asked {
            indicators: self.indicators,
            held: if self.others == Others::Median { Held::Median } else { Held::Row(scene.row) },
            cut_off,
            // Of no meaning where nothing is held at the row, and then nothing has to be worked out anew.
            row: if self.others == Others::Median { 0 } else { scene.row },
            also: self.also,
            seed: scene.seed,
        };
        // The cut-off belongs to the calibrated answers of all nets at their best epochs, not to one net as it stands.
        let cut_off = svm_cut_off(workspace, scene.fold);
        let (of_net, of_svm) = (asked(None), asked(cut_off.map(|cut| cut.of_model)));
        let (state, fold, data) = (Arc::clone(scene.state), Arc::clone(scene.fold), Arc::clone(scene.data));
        let key = (scene.key(), of_net);
        let net = self.of_net.get(ui.ctx(), key, "regions of the net", move |stop| {
            plane(of_net, state.classifier().as_ref(), &[], &fold, &data, stop)
        });
        let net = seen(net.cloned(), self.of_net.is_current(&key), scene.data);
        let svm = match scene.svm {
            Some(shown) => {
                let model: Arc<dyn Classifier> = Arc::clone(&shown.fitted.classifier);
                let key = (shown.number, of_svm);
                let (fold, data) = (Arc::clone(scene.fold), Arc::clone(scene.data));
                let support = shown.support.clone();
                let work = move |stop: &_| plane(of_svm, model.as_ref(), &support, &fold, &data, stop);
                let found = self.of_svm.get(ui.ctx(), key, "regions of the SVM", work).cloned();
                seen(found, self.of_svm.is_current(&key), scene.data)
            }
            None => Err("Train the SVM too to see its regions beside the net's.".to_owned()),
        };
        self.panes_ui(ui, scene, &net, &svm, cut_off.map(|cut| cut.reported), intents);
    }

    /// Indicators, where the others are held, toy sets.
    fn controls_ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, intents: &mut Vec<Intent>) {
        let n = scene.data.indicators.len();
        let [along, up] = &mut self.indicators;
        *along = if *along < n { *along } else { 0 };
        if *up >= n || *up == *along {
            *up = usize::from(*along == 0).min(n.saturating_sub(1));
        }
        ui.horizontal_wrapped(|ui| {
            let before = self.indicators;
            for (axis, name) in ["Across", "Up"].into_iter().enumerate() {
                let label = ui.label(name);
                let name = |i: usize| scene.data.indicators.get(i).map_or("", |indicator| &indicator.name);
                let width = ui.text_style_height(&TextStyle::Body) * 9.0;
                let combo =
                    ComboBox::from_id_salt(("axis", axis)).selected_text(name(self.indicators[axis])).width(width);
                let combo = combo.truncate().show_ui(ui, |ui| {
                    for i in 0..n {
                        ui.selectable_value(&mut self.indicators[axis], i, name(i));
                    }
                });
                combo.response.labelled_by(label.id);
            }
            self.indicators = kept_apart(before, self.indicators);
            let options = [(Others::Median, "at their median"), (Others::Firm, "as this firm's")];
            ui.label("Others");
            segmented(ui, "Others", &mut self.others, &options);
            if self.others == Others::Firm {
                ui.label(theme::weak(row_name(scene.data, scene.row)));
            }
            ui.checkbox(&mut self.shows_rows, "Rows");
        });
        ui.horizontal_wrapped(|ui| {
            ui.label(theme::weak("Toy sets:"));
            for toy in SAMPLES.iter().skip(1) {
                let title = toy.title.trim_end_matches(" (synthetic)");
                if ActionButton::new(title).tooltip(toy.description).show(ui).clicked() {
                    intents.push(Intent::OpenSample(toy.name));
                }
            }
        });
    }

    fn panes_ui(
        &mut self,
        ui: &mut Ui,
        scene: &Scene<'_>,
        net: &Seen,
        svm: &Seen,
        cut_off: Option<f64>,
        intents: &mut Vec<Intent>,
    ) {
        let Self { net: net_pane, svm: svm_pane, pointer, shows_rows, .. } = self;
        let line = ui.text_style_height(&TextStyle::Body);
        // Titles above the panes, the reading and the legend below.
        let around = 7.5 * line;
        let width = (ui.available_width() - CARD_GAP) / 2.0;
        let side = width.min(ui.available_height() - around).max(LEAST_SIDE * line).min(width.max(80.0));
        let before = pointer.take();
        let over = |model, support| Over {
            model,
            data: scene.data,
            shows_rows: *shows_rows,
            support,
            looked_at: scene.row,
            pointer: before,
        };
        let mut pointed = Vec::new();
        ScrollArea::vertical().id_salt("regions").auto_shrink(false).show(ui, |ui| {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = CARD_GAP;
                let support: &[Support] = scene.svm.map_or(&[], |svm| &svm.support);
                let net_title = net_title(scene.model, scene.state);
                for (title, region, pane, over) in [
                    (net_title, net, &mut *net_pane, over(scene.model.title(), &[])),
                    (support_words(support), svm, &mut *svm_pane, over("SVM", support)),
                ] {
                    ui.vertical(|ui| {
                        ui.set_width(side);
                        match region {
                            Ok(region) => {
                                let name = format!("regions of the {}", over.model);
                                let taking = Taking::begin(ui, &name);
                                Taking::titles(ui, &title, "");
                                pointed.push(pane.ui(ui, region, side, &over));
                                taking.end(ui, &title, || pane::table(region, over.model));
                            }
                            Err(why) => {
                                ui.add(Label::new(theme::semibold(title)).truncate());
                                ui.set_min_height(side);
                                ui.add(Label::new(theme::weak(why)).wrap());
                            }
                        }
                    });
                }
            });
            let [net, svm] = [net, svm].map(|region| region.as_ref().ok());
            reading_ui(ui, scene.model, before, net, svm);
            legend_ui(ui, scene, net, cut_off.filter(|_| svm.is_some()), *shows_rows);
        });
        for Pointed { at, clicked } in pointed {
            *pointer = pointer.or(at);
            intents.extend(clicked.map(Intent::LookAtRow));
        }
        if *pointer != before {
            ui.ctx().request_repaint();
        }
    }
}

/// Whoever chooses the indicator of the other axis changes both places.
fn kept_apart(before: [usize; 2], chosen: [usize; 2]) -> [usize; 2] {
    if chosen[0] == chosen[1] { [before[1], before[0]] } else { chosen }
}

/// A region, or one sentence why there is none.
type Seen = Result<Arc<Region>, String>;

/// What was found of the table that is shown; of another it would mislead. `is_current`: it is the answer to what is asked
/// now.
fn seen(found: Option<Plane>, is_current: bool, data: &Arc<Dataset>) -> Seen {
    match found {
        Some(Plane::Scored(region)) if Arc::ptr_eq(&region.data, data) => Ok(region),
        Some(Plane::Flat(indicator)) if is_current => {
            let name = data.indicators.get(indicator).map_or("an indicator", |indicator| &indicator.name);
            Err(format!(
                "There is no plane: nearly all rows that are learned from hold one value of {name}. Choose another indicator."
            ))
        }
        _ => Err("The plane is being scored.".to_owned()),
    }
}

/// A model's cut-off, a PD.
#[derive(Clone, Copy)]
struct CutOff {
    /// As it is reported.
    reported: f64,
    /// In what the model says by itself.
    of_model: f64,
}

/// The cut-off of the SVM once it is trained.
fn svm_cut_off(workspace: &Workspace, fold: &PreparedFold) -> Option<CutOff> {
    let trained = workspace.run.trained.iter().find(|trained| trained.model == ModelKind::Svm)?;
    let reported = trained.scored.metrics.threshold?;
    Some(CutOff { reported, of_model: fold.uncorrected(reported, workspace.run.spec.as_ref()?) })
}

/// "DBN after 400 epochs, net 2 of 5, not calibrated".
fn net_title(model: ModelKind, state: &NetState) -> String {
    let (epochs, NetOf { index, of }) = (state.moment().epochs, state.net());
    let net = if of > 1 { format!(", net {} of {of}", index + 1) } else { String::new() };
    format!("{} after {}{net}, not calibrated", capital(model.title()), count(epochs as usize, "epoch"))
}

/// "SVM: 58 support vectors, 12 free and 46 at the bound".
fn support_words(support: &[Support]) -> String {
    if support.is_empty() {
        return "SVM".to_owned();
    }
    let bounded = support.iter().filter(|support| support.bounded).count();
    let free = support.len() - bounded;
    format!("SVM: {} support vectors, {free} free, {bounded} at the bound", support.len())
}

/// What both say where the pointer is.
fn reading_ui(
    ui: &mut Ui,
    model: ModelKind,
    at: Option<[f32; 2]>,
    net: Option<&Arc<Region>>,
    svm: Option<&Arc<Region>>,
) {
    let says = |region: Option<&Arc<Region>>, place| {
        let pd = region.and_then(|region| region.at(place)).filter(|pd| !pd.is_nan());
        pd.map_or_else(|| "–".to_owned(), |pd| percent(f64::from(pd)))
    };
    let text = match (at, net.or(svm)) {
        (Some(place), Some(region)) => {
            let [along, up] = &region.field.axes;
            let [x, y] = [(along, place[0]), (up, place[1])].map(|(axis, share)| words(axis, f64::from(share)));
            let [net, svm] = [says(net, place), says(svm, place)];
            let (along, up, model) = (&along.name, &up.name, model.title());
            format!("{along} = {x}, {up} = {y}: bad with {net} by the {model}, {svm} by the SVM")
        }
        _ => "Point at a place to read what both models say there; click a row to look at it, or go on by the arrow keys.".to_owned(),
    };
    ui.add(Label::new(text).truncate());
}

/// The scale of colours, the lines, the marks.
fn legend_ui(ui: &mut Ui, scene: &Scene<'_>, net: Option<&Arc<Region>>, cut_off: Option<f64>, shows_rows: bool) {
    let palette = Palette::of(ui);
    ui.horizontal_wrapped(|ui| {
        let line = ui.text_style_height(&TextStyle::Small);
        ui.label(theme::weak("P(bad) 0"));
        let (rect, _) = ui.allocate_exact_size(vec2(9.0 * line, line), Sense::hover());
        let mut mesh = Mesh::default();
        const STEPS: u8 = 24;
        for k in 0..STEPS {
            let share = |k: u8| f32::from(k) / f32::from(STEPS);
            let x = |k: u8| rect.left() + rect.width() * share(k);
            let part = Rect::from_min_max(pos2(x(k), rect.top()), pos2(x(k + 1), rect.bottom()));
            mesh.add_colored_rect(part, probability_color(palette, share(k) + 0.5 / f32::from(STEPS)));
        }
        ui.painter().add(Shape::mesh(mesh));
        ui.painter().vline(rect.center().x, rect.y_range(), egui::Stroke::new(theme::line_width(ui), palette.text));
        ui.label(theme::weak("1, solid line at 0.5"));
        if let Some(cut) = cut_off {
            ui.label(theme::weak(format!("· dashed at the SVM's cut-off, a PD of {}", percent(cut))));
        }
        let Some(region) = net.filter(|_| shows_rows) else { return };
        marks_legend(ui, &Mark::ALL[..2]);
        if scene.svm.is_some() {
            for (bounded, words) in [(false, "support vector, free"), (true, "at the bound")] {
                let (rect, _) = ui.allocate_exact_size(vec2(line, line), Sense::hover());
                ring_paint(ui.painter(), rect.center(), line * 0.55, bounded, palette);
                ui.label(theme::weak(words));
            }
        }
        if region.rows.beside > 0 {
            ui.label(theme::weak(format!("{} lie beside the plane", count(region.rows.beside, "row"))));
        }
    });
}
