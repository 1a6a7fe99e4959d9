//! What lies over the screens: the box for a path, and the hint while a file is held over the window.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Align2, FontId, Id, Key, LayerId, Modal, Order, Ui};

use super::App;
use crate::app::actions::Intent;
use crate::app::export::{Document, Export};
use crate::app::saving::Keep;
use crate::app::scoring::{PathFor, ScoreAsk};
use crate::app::theme::{self, Palette};
use crate::app::widgets::ActionButton;

const TABLES: &str = "Path of the file: CSV or other delimited text, ARFF, Excel or OpenDocument";

/// The box in which a path is typed.
#[derive(Default)]
pub(super) struct PathBox {
    path: String,
    purpose: Purpose,
}

/// What is done with the path.
#[derive(Default)]
enum Purpose {
    /// A table is opened.
    #[default]
    Open,
    /// A second table is held beside the open one.
    Second,
    /// An export is written.
    Export(Export),
    /// What a panel gives away is written.
    Save(Arc<dyn Document>),
    /// Something about scoring.
    Scoring(PathFor),
    /// A model or the work is written.
    Keep(Keep),
}

impl PathBox {
    pub(super) fn for_second() -> Self {
        Self { purpose: Purpose::Second, ..Self::default() }
    }

    pub(super) fn to_export(export: Export) -> Self {
        Self { path: export.file_name(), purpose: Purpose::Export(export) }
    }

    pub(super) fn for_scoring(what: PathFor) -> Self {
        Self { purpose: Purpose::Scoring(what), ..Self::default() }
    }

    pub(super) fn to_keep(keep: Keep) -> Self {
        Self { path: format!("work.{}", keep.ending()), purpose: Purpose::Keep(keep) }
    }

    pub(super) fn to_save(document: Arc<dyn Document>) -> Self {
        Self { path: document.file_name(), purpose: Purpose::Save(document) }
    }
}

impl App {
    pub(super) fn path_box_ui(&mut self, ui: &Ui, intents: &mut Vec<Intent>) {
        let Some(PathBox { mut path, purpose }) = self.path_box.take() else { return };
        let [heading, hint, verb] = match purpose {
            Purpose::Open => ["Open a table by its path", TABLES, "Open"],
            Purpose::Second => ["Hold a second table beside the open one", TABLES, "Open"],
            Purpose::Export(_) | Purpose::Save(_) => {
                ["Export to a file", "Path of the file; one that is there is replaced", "Write"]
            }
            Purpose::Keep(keep) => [keep.title(), "Path of the file; one that is there is replaced", "Save"],
            Purpose::Scoring(what) => [what.title(), what.hint(), "Open"],
        };
        let mut open = false;
        let frame = egui::Frame::window(ui.style());
        let modal = Modal::new(Id::unique("open by path")).frame(frame).show(ui.ctx(), |ui| {
            ui.set_width(480.0);
            ui.label(theme::heading(heading));
            ui.add_space(4.0);
            let label = ui.label(theme::weak(hint));
            let field =
                ui.add(egui::TextEdit::singleline(&mut path).desired_width(f32::INFINITY)).labelled_by(label.id);
            if !field.has_focus() && !field.lost_focus() {
                field.request_focus();
            }
            open |= field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                open |= ActionButton::new(verb).primary().enabled(!path.trim().is_empty()).show(ui).clicked();
                if ActionButton::new("Cancel").show(ui).clicked() {
                    ui.close();
                }
            });
        });
        if open && !path.trim().is_empty() {
            let path = PathBuf::from(path.trim());
            intents.push(match purpose {
                Purpose::Open => Intent::Open(vec![path]),
                Purpose::Second => Intent::OpenSecond(path),
                Purpose::Export(export) => Intent::ExportTo(export, path),
                Purpose::Save(document) => Intent::SaveTo(document, path),
                Purpose::Keep(keep) => Intent::KeepAt(keep, path),
                Purpose::Scoring(what) => Intent::Score(ScoreAsk::At(what, path)),
            });
        } else if !modal.should_close() {
            self.path_box = Some(PathBox { path, purpose });
        }
    }
}

/// Says that a file held over the window will be opened.
pub(super) fn drop_hint(ui: &Ui) {
    if ui.input(|i| i.raw.hovered_files.is_empty()) {
        return;
    }
    let palette = Palette::of(ui);
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Foreground, Id::unique("drop hint")));
    let area = ui.ctx().content_rect();
    painter.rect_filled(area, 0.0, palette.background.gamma_multiply(0.85));
    painter.text(area.center(), Align2::CENTER_CENTER, "Drop to open", FontId::proportional(28.0), palette.text);
}

/// Says what the window waits for; nothing can be done in it meanwhile.
pub(super) fn saving_hint(ui: &Ui, text: &str) {
    let frame = egui::Frame::window(ui.style());
    Modal::new(Id::unique("saving")).frame(frame).show(ui.ctx(), |ui| {
        ui.horizontal(|ui| {
            ui.spinner();
            ui.label(text);
        });
    });
}
