//! What counts as missing: the tokens found in the file with their cells, those that could be, and codes declared by hand.

use egui::{
    Align, Button, Checkbox, Key, Layout, Margin, Popup, PopupCloseBehavior, Role as Access, ScrollArea, TextEdit, Ui,
    WidgetInfo, vec2,
};

use super::percent;
use super::pieces::chip_button;
use crate::app::actions::Intent;
use crate::app::panels::{count, thousands};
use crate::app::theme;
use crate::app::widgets::{ActionButton, table_choices};
use crate::app::workspace::OpenTable;
use crate::data::{MissingCode, MissingTokens, ReadOptions, same_value};
use crate::report::missing_table;

const POPUP_WIDTH: f32 = 340.0;

/// What is being typed.
#[derive(Default)]
pub(super) struct Tokens {
    new: String,
}

impl Tokens {
    /// The chip in the strip.
    pub(super) fn ui(&mut self, ui: &mut Ui, table: &OpenTable, intents: &mut Vec<Intent>) {
        let source = &table.source;
        let cells = source.table.n_rows() * source.table.n_columns();
        let missing: usize = source.profiles.iter().map(|p| p.missing).sum();
        let text = if missing == 0 {
            "no cell missing".to_owned()
        } else {
            format!("{} of cells missing", percent(missing, cells))
        };
        let by_hand = table.options.missing != MissingTokens::default();
        let tooltip = format!(
            "{} of {} cells: click to see and change what counts as missing",
            thousands(missing),
            thousands(cells)
        );
        let chip = chip_button(ui, &text, by_hand, &tooltip);
        chip.widget_info(|| WidgetInfo::labeled(Access::Button, true, format!("Missing cells: {text}")));
        Popup::menu(&chip).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
            ui.set_width(POPUP_WIDTH);
            self.popup_ui(ui, table, intents);
        });
    }

    fn popup_ui(&mut self, ui: &mut Ui, table: &OpenTable, intents: &mut Vec<Intent>) {
        let mut missing = table.options.missing.clone();
        let mut what = None;
        let found = &table.source.reading.missing;
        let cells = |token: &str| {
            found.iter().find(|count| count.token.eq_ignore_ascii_case(token)).map_or(0, |count| count.cells)
        };
        let names = table.source.table.names();
        let code_cells = |code: &MissingCode| -> usize {
            let is_here = |column: usize| code.column.as_ref().is_none_or(|name| *name == names[column]);
            let same = found.iter().filter(|count| same_value(&count.token, &code.value));
            same.flat_map(|count| &count.columns).filter(|(column, _)| is_here(*column)).map(|(_, cells)| cells).sum()
        };
        let cells_of = |token: &Token| match &token.kind {
            Kind::Code(code) => code_cells(code),
            Kind::Everywhere | Kind::AmongNumbers => cells(&token.text),
        };
        ui.label(theme::section("What counts as missing"));
        ScrollArea::vertical().max_height(260.0).show(ui, |ui| {
            line(ui, "empty cells", cells(""), None);
            let (here, absent): (Vec<Token>, Vec<Token>) =
                tokens(&missing).into_iter().partition(|token| cells_of(token) > 0 || token.is_code());
            for token in here {
                let mut counts = token.counts(&missing);
                if line(ui, &token.name(), cells_of(&token), Some(&mut counts)) {
                    token.put(&mut missing, counts);
                    what = Some(token.text);
                }
            }
            if !absent.is_empty() {
                ui.add_space(2.0);
                ui.label(theme::weak("Would count too"));
            }
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = vec2(4.0, 2.0);
                for token in absent {
                    let counts = token.counts(&missing);
                    let button = ui.add(Button::selectable(counts, theme::weak(token.name())));
                    if button.clicked() {
                        token.put(&mut missing, !counts);
                        what = Some(token.text);
                    }
                }
            });
        });
        ui.separator();
        ui.horizontal(|ui| {
            let field = TextEdit::singleline(&mut self.new).hint_text("Another, such as -999").desired_width(220.0);
            let field = ui.add(field.margin(Margin::symmetric(6, 4)));
            field.widget_info(|| WidgetInfo::labeled(Access::TextInput, true, "Another missing token"));
            let entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            let text = self.new.trim().to_owned();
            let add = ActionButton::new("Add").primary().enabled(!text.is_empty()).tooltip("In every column").show(ui);
            if (add.clicked() || entered) && !text.is_empty() {
                missing.codes.push(MissingCode { column: None, value: text.clone() });
                self.new.clear();
                what = Some(text);
            }
        });
        ui.label(theme::weak("A code of one column is declared in that column's own card."));
        if !found.is_empty() {
            ui.separator();
            table_choices(ui, || missing_table(found));
        }
        if let Some(token) = what {
            let options = ReadOptions { missing, ..table.options.clone() };
            intents.push(Intent::SetReading { options: Box::new(options), what: format!("missing token {token}") });
        }
    }
}

/// A name, and how many cells; with a tick that can be taken off where there is one. Returns whether it was.
fn line(ui: &mut Ui, name: &str, cells: usize, counts: Option<&mut bool>) -> bool {
    ui.horizontal(|ui| {
        let changed = match counts {
            Some(counts) => ui.checkbox(counts, name).changed(),
            None => ui.add_enabled(false, Checkbox::new(&mut true, name)).changed(),
        };
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(theme::weak(count(cells, "cell"))));
        changed
    })
    .inner
}

/// Something that counts as missing, or could.
struct Token {
    text: String,
    kind: Kind,
}

enum Kind {
    Everywhere,
    AmongNumbers,
    Code(MissingCode),
}

impl Token {
    fn is_code(&self) -> bool {
        matches!(self.kind, Kind::Code(_))
    }

    fn name(&self) -> String {
        match &self.kind {
            Kind::Everywhere => self.text.clone(),
            Kind::AmongNumbers => format!("{} among numbers", self.text),
            Kind::Code(code) => format!("{} in {}", self.text, code.column.as_deref().unwrap_or("every column")),
        }
    }

    fn counts(&self, missing: &MissingTokens) -> bool {
        match &self.kind {
            Kind::Everywhere => missing.tokens.contains(&self.text),
            Kind::AmongNumbers => missing.among_numbers.contains(&self.text),
            Kind::Code(code) => missing.codes.contains(code),
        }
    }

    fn put(&self, missing: &mut MissingTokens, counts: bool) {
        let list = match &self.kind {
            Kind::Everywhere => &mut missing.tokens,
            Kind::AmongNumbers => &mut missing.among_numbers,
            Kind::Code(code) => {
                missing.codes.retain(|kept| kept != code);
                missing.codes.extend(counts.then(|| code.clone()));
                return;
            }
        };
        list.retain(|kept| *kept != self.text);
        list.extend(counts.then(|| self.text.clone()));
    }
}

/// The usual tokens, those a person added, and codes.
fn tokens(missing: &MissingTokens) -> Vec<Token> {
    let usual = MissingTokens::default();
    let known = |usual: &[String], own: &[String]| -> Vec<String> {
        usual.iter().chain(own.iter().filter(|token| !usual.contains(token))).cloned().collect()
    };
    let everywhere = known(&usual.tokens, &missing.tokens).into_iter();
    let among_numbers = known(&usual.among_numbers, &missing.among_numbers).into_iter();
    let codes = missing.codes.iter();
    everywhere
        .map(|text| Token { text, kind: Kind::Everywhere })
        .chain(among_numbers.map(|text| Token { text, kind: Kind::AmongNumbers }))
        .chain(codes.map(|code| Token { text: code.value.clone(), kind: Kind::Code(code.clone()) }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_out_can_be_put_back() {
        let code = MissingCode { column: Some("age".to_owned()), value: "255".to_owned() };
        let mut missing = MissingTokens { codes: vec![code], ..MissingTokens::default() };
        let before = missing.clone();
        for token in tokens(&before) {
            assert!(token.counts(&missing), "{}", token.name());
            token.put(&mut missing, false);
            assert!(!token.counts(&missing), "{}", token.name());
            token.put(&mut missing, true);
            assert!(token.counts(&missing), "{}", token.name());
        }
        assert_eq!(tokens(&missing).len(), tokens(&before).len());
    }
}
