//! Several files in one table: how they were put together, and how else they could be.

use egui::{Button, Popup, PopupCloseBehavior, Role as Access, Ui, WidgetInfo};

use super::pieces::chip_button;
use crate::app::actions::Intent;
use crate::app::panels::count;
use crate::app::theme;
use crate::app::workspace::OpenTable;
use crate::data::{Combination, Role};

pub(super) fn files_ui(ui: &mut Ui, table: &OpenTable, intents: &mut Vec<Intent>) {
    let files = &table.source.files;
    if files.is_empty() {
        return;
    }
    let text = match &table.combination {
        Combination::Auto => count(files.len(), "file"),
        Combination::Stack => format!("{} stacked", count(files.len(), "file")),
        Combination::Join { on } => format!("{} joined on {}", count(files.len(), "file"), on.join(" and ")),
    };
    let by_hand = table.combination != Combination::Auto;
    let chip = chip_button(ui, &text, by_hand, "How the files became one table: click to choose another way");
    chip.widget_info(|| WidgetInfo::labeled(Access::Button, true, format!("Files: {text}")));
    Popup::menu(&chip).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_width(360.0);
        ui.label(theme::section("Files in this table"));
        for file in files {
            ui.label(theme::weak(format!("{}: {}", file.name, count(file.reading.rows_read, "row"))));
        }
        ui.separator();
        for (name, combination) in offers(table) {
            let chosen = combination == table.combination;
            let offer = ui.add(Button::selectable(chosen, &name));
            offer.widget_info(|| WidgetInfo::selected(Access::RadioButton, true, chosen, format!("Files: {name}")));
            if offer.clicked() && !chosen {
                intents.push(Intent::SetCombination { combination, what: format!("files {name}") });
                ui.close();
            }
        }
    });
}

/// The ways that make sense for this table; keys are those of its columns that say whose and when a row is.
fn offers(table: &OpenTable) -> Vec<(String, Combination)> {
    let column = |role| table.roles.position(role).map(|column| table.source.table.names()[column].clone());
    let mut offers = vec![
        ("as their columns suggest".to_owned(), Combination::Auto),
        ("stacked: rows below each other".to_owned(), Combination::Stack),
    ];
    let (id, period) = (column(Role::EnterpriseId), column(Role::Period));
    let keys = [id.iter().cloned().collect::<Vec<_>>(), id.iter().chain(&period).cloned().collect()];
    for on in keys {
        let name = format!("joined on {}", on.join(" and "));
        if !on.is_empty() && offers.iter().all(|(other, _)| *other != name) {
            offers.push((name, Combination::Join { on }));
        }
    }
    offers
}
