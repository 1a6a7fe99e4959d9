//! `compare --report`: one page for a risk committee. It holds all it needs (figures as inline SVG, no script, no other file),
//! prints, and follows the light or dark theme of the reader.

mod data;
mod decisions;
mod models;
mod page;

use self::page::Page;
use super::verdict_text::beneath_verdict;
use super::{Compared, Figure, figure_svg};

/// Width and height of the figures, in pixels.
const FIGURE_SIZE: [u32; 2] = [560, 400];

/// The page. `command` is the command line that does the same again.
pub fn html_report(compared: &Compared<'_>, command: &str) -> String {
    let Compared { source, data: _, spec, comparison, analysis, findings: _ } = compared;
    let name = source.path.file_name().map_or_else(|| source.path.to_string_lossy(), |name| name.to_string_lossy());
    let mut page = Page::new(&format!("Beliefscope: {name}"));
    page.classed("over", &format!("Beliefscope: models of the risk of enterprises compared on {name}"));
    match &comparison.verdict {
        Some(verdict) => {
            page.title(&verdict.headline);
            page.classed("lead", &verdict.detail);
        }
        None => page.title("Nothing to compare"),
    }
    for line in beneath_verdict(compared) {
        page.paragraph(&line);
    }
    let warnings = compared.warnings();
    if !warnings.is_empty() {
        page.heading("What the reader must know");
        page.list("warnings", &warnings);
    }
    data::section(&mut page, compared);
    models::table(&mut page, compared);
    models::tests(&mut page, compared);
    page.heading("Figures");
    let figures = Figure::all(&spec.settings.models)
        .into_iter()
        .map(|figure| (figure_svg(figure, comparison, *analysis, &spec.settings, FIGURE_SIZE), figure.caption()));
    page.figures(&figures.collect::<Vec<_>>());
    decisions::cutoff(&mut page, compared);
    decisions::disagreements(&mut page, compared);
    data::settings(&mut page, compared, command);
    page.finish()
}

#[cfg(test)]
mod tests;
