//! Every setting, and how to do the same again.

use super::super::command::all_settings;
use super::super::table::ColumnKind::Words;
use super::super::{Light, ReportTable};
use super::{Block, ModelDocument};
use crate::report::Cell;

pub(super) fn section(of: &ModelDocument<'_>) -> Vec<Block> {
    let Some(settings) = of.settings() else {
        return vec![Block::missing(
            "No run is known, and so none of its settings: run Compare and write the document again.",
        )];
    };
    let all = all_settings(settings);
    let changed = all.iter().filter(|setting| setting.is_changed()).count();
    let which = match changed {
        0 => "All have their default values.".to_owned(),
        1 => "One is not the default, and marked.".to_owned(),
        n => format!("{n} are not the defaults, and marked."),
    };
    let mut blocks = vec![Block::paragraph(format!(
        "The seed is {}: every random number is drawn from a stream derived from it by purpose. The same table, settings and \
         seed give the same numbers on this kind of processor, on any number of cores. {which}",
        settings.seed
    ))];
    let columns = [("Setting", Words), ("Value", Words), ("Default", Words), ("Changed", Words)];
    let mut table = ReportTable::new("settings", "Every setting of the run.", columns);
    table.rows = all
        .into_iter()
        .map(|setting| {
            let mark = if setting.is_changed() { Cell::Finding(Light::Amber, "changed".to_owned()) } else { "".into() };
            vec![setting.key.into(), setting.value.into(), setting.default.into(), mark]
        })
        .collect();
    blocks.push(Block::Table(table));
    blocks.push(Block::Subheading("To do the same again".to_owned()));
    match of.command {
        Some(command) => blocks.push(Block::Verbatim(command.to_owned())),
        None => blocks.push(Block::missing(
            "The command line is not known: save the settings above to a file and give it to beliefscope compare --settings.",
        )),
    }
    blocks.push(Block::blank("Why settings differ from the defaults, and how they were chosen", 3));
    blocks
}
