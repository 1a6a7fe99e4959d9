//! The readings in the strip: what the program found out about the file, each with what else it could be and how the
//! first rows would look then.

use egui::{Grid, Label, Popup, PopupCloseBehavior, RichText, Role as Access, ScrollArea, Ui, WidgetInfo, vec2};

use super::pieces::chip_button;
use crate::app::actions::Intent;
use crate::app::theme::{self, Palette, Tone};
use crate::app::widgets::remark;
use crate::app::workspace::OpenTable;
use crate::data::{Head, ReadOptions, Reading};

/// Encodings offered; any other label of the web's Encoding Standard can be given on the command line.
const ENCODINGS: [&str; 10] = [
    "UTF-8",
    "GB18030",
    "Big5",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "Shift_JIS",
    "EUC-KR",
    "UTF-16LE",
    "UTF-16BE",
];
/// Columns of the first rows that are shown.
const COLUMNS: usize = 5;
const POPUP_WIDTH: f32 = 460.0;

/// What can be settled by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Delimiter,
    Decimal,
    Encoding,
    Header,
    Sheet,
}

impl Asked {
    fn name(self) -> &'static str {
        match self {
            Self::Delimiter => "Delimiter",
            Self::Decimal => "Decimal mark",
            Self::Encoding => "Encoding",
            Self::Header => "Names of columns",
            Self::Sheet => "Sheet",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Delimiter => "What separates the cells of a line",
            Self::Decimal => "What separates the whole part of a number from its fraction",
            Self::Encoding => "How the file's bytes stand for letters",
            Self::Header => "Whether the first line holds the names of the columns",
            Self::Sheet => "Which sheet of the workbook is read",
        }
    }

    /// How it was read, in a few words; `None` where there is nothing to choose.
    fn text(self, reading: &Reading) -> Option<String> {
        // Several files that are all separated alike are read alike.
        let is_text = reading.format == "csv" || (reading.format == "several" && reading.delimiter.is_some());
        let is_workbook = reading.sheet.is_some();
        match self {
            Self::Delimiter if is_text => Some(reading.delimiter.map_or_else(|| "one column".to_owned(), mark_name)),
            Self::Decimal if is_text || is_workbook => {
                Some(if reading.decimal == ',' { "decimal comma" } else { "decimal point" }.to_owned())
            }
            Self::Encoding if !is_workbook => Some(reading.encoding.to_owned()),
            Self::Header if is_text || is_workbook => {
                Some(if reading.header { "names in first line" } else { "no names in the file" }.to_owned())
            }
            Self::Sheet => reading.sheet.as_ref().map(|sheet| format!("sheet {sheet}")),
            _ => None,
        }
    }

    /// What it can be, with its name; first of all what the program finds out by itself.
    fn offers(self, reading: &Reading) -> Vec<(String, ReadOptions)> {
        let base = ReadOptions::default;
        let mut offers: Vec<(String, ReadOptions)> = match self {
            Self::Delimiter => [',', ';', '\t', '|']
                .map(|mark| (mark_name(mark), ReadOptions { delimiter: Some(mark), ..base() }))
                .into(),
            Self::Decimal => [('.', "decimal point"), (',', "decimal comma")]
                .map(|(mark, name)| (name.to_owned(), ReadOptions { decimal: Some(mark), ..base() }))
                .into(),
            Self::Encoding => ENCODINGS
                .map(|label| (label.to_owned(), ReadOptions { encoding: Some(label.to_owned()), ..base() }))
                .into(),
            Self::Header => [(true, "names in first line"), (false, "no names in the file")]
                .map(|(header, name)| (name.to_owned(), ReadOptions { header: Some(header), ..base() }))
                .into(),
            Self::Sheet => reading
                .sheets
                .iter()
                .map(|sheet| (sheet.clone(), ReadOptions { sheet: Some(sheet.clone()), ..base() }))
                .collect(),
        };
        offers.insert(0, ("found out by itself".to_owned(), base()));
        offers
    }

    /// The options with this reading as in `choice`.
    fn put(self, options: &ReadOptions, choice: &ReadOptions) -> ReadOptions {
        let mut put = options.clone();
        match self {
            Self::Delimiter => put.delimiter = choice.delimiter,
            Self::Decimal => put.decimal = choice.decimal,
            Self::Encoding => put.encoding.clone_from(&choice.encoding),
            Self::Header => put.header = choice.header,
            Self::Sheet => put.sheet.clone_from(&choice.sheet),
        }
        put
    }
}

fn mark_name(mark: char) -> String {
    match mark {
        ',' => "comma".to_owned(),
        ';' => "semicolon".to_owned(),
        '\t' => "tab".to_owned(),
        ' ' => "blanks".to_owned(),
        '|' => "bar |".to_owned(),
        other => format!("“{other}”"),
    }
}

/// The first rows under readings that were looked at.
#[derive(Default)]
pub(super) struct Readings {
    heads: Vec<(ReadOptions, Result<Box<Head>, String>)>,
    /// The reading that was last asked for.
    asked: Option<ReadOptions>,
}

impl Readings {
    /// The chips in the strip.
    pub(super) fn ui(&mut self, ui: &mut Ui, table: &OpenTable, intents: &mut Vec<Intent>) {
        let reading = &table.source.reading;
        for asked in [Asked::Sheet, Asked::Delimiter, Asked::Decimal, Asked::Encoding, Asked::Header] {
            let Some(text) = asked.text(reading) else { continue };
            let by_hand = asked.put(&table.options, &ReadOptions::default()) != table.options;
            let tooltip = format!("{}: click to choose another", asked.meaning());
            let chip = chip_button(ui, &text, by_hand, &tooltip);
            chip.widget_info(|| WidgetInfo::labeled(Access::Button, true, format!("{}: {text}", asked.name())));
            Popup::menu(&chip).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
                ui.set_width(POPUP_WIDTH);
                ui.label(theme::section(asked.name()));
                self.choice_ui(ui, table, asked, intents);
            });
        }
    }

    /// The offers, and the first rows under the one that the pointer or the focus is on.
    fn choice_ui(&mut self, ui: &mut Ui, table: &OpenTable, asked: Asked, intents: &mut Vec<Intent>) {
        let mut looked_at = table.options.clone();
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
            ui.spacing_mut().button_padding = vec2(8.0, 2.0);
            for (name, choice) in asked.offers(&table.source.reading) {
                let options = asked.put(&table.options, &choice);
                let chosen = options == table.options;
                let offer = ui.add(egui::Button::selectable(chosen, &name));
                offer.widget_info(|| {
                    WidgetInfo::selected(Access::RadioButton, true, chosen, format!("{}: {name}", asked.name()))
                });
                if offer.clicked() && !chosen {
                    let what = format!("{} {name}", asked.name().to_lowercase());
                    intents.push(Intent::SetReading { options: Box::new(options.clone()), what });
                    ui.close();
                }
                if offer.hovered() || offer.has_focus() {
                    looked_at = options;
                }
            }
        });
        ui.separator();
        self.head_ui(ui, looked_at, intents);
    }

    fn head_ui(&mut self, ui: &mut Ui, options: ReadOptions, intents: &mut Vec<Intent>) {
        ui.label(theme::weak("The first rows would be"));
        ui.allocate_ui(vec2(POPUP_WIDTH, 130.0), |ui| {
            ui.set_min_height(130.0);
            match self.heads.iter().find(|(of, _)| *of == options) {
                Some((_, Ok(head))) => grid_ui(ui, head),
                Some((_, Err(sentence))) => remark(ui, Tone::Bad, sentence.as_str()),
                None => {
                    ui.label(theme::weak("…"));
                    if self.asked.as_ref() != Some(&options) {
                        self.asked = Some(options.clone());
                        intents.push(Intent::Peek(Box::new(options)));
                    }
                }
            }
        });
    }

    /// An answer may have been lost with the reading before: it is asked for again.
    pub(super) fn forget_asked(&mut self) {
        self.asked = None;
    }

    /// Keeps the first rows that were asked for.
    pub(super) fn take(&mut self, options: ReadOptions, head: Result<Box<Head>, String>) {
        self.heads.push((options, head));
    }
}

fn grid_ui(ui: &mut Ui, head: &Head) {
    let palette = Palette::of(ui);
    let shown = head.names.len().min(COLUMNS);
    ScrollArea::horizontal().show(ui, |ui| {
        Grid::new("first rows").spacing(vec2(14.0, 3.0)).min_row_height(18.0).show(ui, |ui| {
            let cell = |ui: &mut Ui, text: RichText| {
                ui.scope(|ui| {
                    ui.set_max_width(120.0);
                    ui.add(Label::new(text).truncate());
                });
            };
            for name in &head.names[..shown] {
                cell(ui, theme::weak(name).strong().color(palette.text));
            }
            if head.names.len() > shown {
                cell(ui, theme::weak(format!("+ {}", head.names.len() - shown)));
            }
            ui.end_row();
            for row in &head.rows {
                for text in &row[..shown] {
                    cell(ui, theme::weak(if text.is_empty() { "–" } else { text }));
                }
                ui.end_row();
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_can_be_taken_out_again() {
        let set = ReadOptions { delimiter: Some('|'), header: Some(false), ..ReadOptions::default() };
        let without = Asked::Delimiter.put(&set, &ReadOptions::default());
        assert_eq!(without, ReadOptions { header: Some(false), ..ReadOptions::default() });
        for asked in [Asked::Delimiter, Asked::Decimal, Asked::Encoding, Asked::Header] {
            for (name, choice) in asked.offers(&head_of("a;b\n1;2\n")).into_iter().skip(1) {
                assert_ne!(asked.put(&ReadOptions::default(), &choice), ReadOptions::default(), "{name}");
            }
        }
    }

    fn head_of(text: &str) -> Reading {
        crate::data::read(text.as_bytes()).unwrap().1
    }

    #[test]
    fn only_what_a_format_has_is_offered() {
        let csv = head_of("a;b\n1,5;x\n");
        let texts: Vec<_> = [Asked::Sheet, Asked::Delimiter, Asked::Decimal, Asked::Encoding, Asked::Header]
            .iter()
            .filter_map(|asked| asked.text(&csv))
            .collect();
        assert_eq!(texts, ["semicolon", "decimal comma", "UTF-8", "names in first line"]);
        let arff = head_of("@relation r\n@attribute a real\n@attribute b {x,y}\n@data\n1,x\n");
        assert_eq!(Asked::Delimiter.text(&arff), None);
        assert_eq!(Asked::Encoding.text(&arff).as_deref(), Some("UTF-8"));
    }
}
