//! A row to be looked at, by the name of its firm.

use std::sync::Arc;

use egui::{Key, Label, TextEdit, Ui};

use crate::app::latest::Latest;
use crate::app::panels::network::layers::row_name;
use crate::app::theme;
use crate::data::Dataset;

/// Rows that are offered at most.
const MOST: usize = 6;

/// What is typed, and the rows found for it.
#[derive(Default)]
pub(super) struct Finder {
    text: String,
    found: Latest<String, Vec<usize>>,
    of: Option<Arc<Dataset>>,
}

impl Finder {
    /// A field for a part of a firm's name, and the rows of the firms found. Returns the row that was chosen. Nothing is drawn
    /// where the table has no ids.
    pub(super) fn ui(&mut self, ui: &mut Ui, data: &Arc<Dataset>) -> Option<usize> {
        data.enterprise.as_ref()?;
        if !self.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, data)) {
            *self = Self { of: Some(Arc::clone(data)), ..Self::default() };
        }
        let Self { text, found, of: _ } = self;
        let label = ui.label("Find a firm");
        let field = TextEdit::singleline(text).hint_text("part of its name").desired_width(ui.available_width());
        let field = ui.add(field).labelled_by(label.id);
        let typed = text.trim().to_owned();
        if typed.is_empty() {
            return None;
        }
        let (of, asked) = (Arc::clone(data), typed.clone());
        let work = move |_: &_| of.rows_of_enterprises(&asked, MOST);
        let rows = found.get(ui.ctx(), typed.clone(), "find a firm", work).cloned().unwrap_or_default();
        let is_current = found.is_current(&typed);
        if is_current && rows.is_empty() {
            ui.add(Label::new(theme::weak(format!("No firm's name holds \"{typed}\"."))).wrap());
        }
        let entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let mut chosen = rows.first().copied().filter(|_| entered && is_current);
        for row in rows {
            if ui.link(row_name(data, row)).on_hover_text("Look at this row in all tabs").clicked() {
                chosen = Some(row);
            }
        }
        chosen
    }
}
