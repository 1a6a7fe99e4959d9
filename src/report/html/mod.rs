//! The document as one page. It holds all it needs (figures as inline SVG, equations as `MathML`, no script, no other file), prints,
//! and follows the light or dark theme of the reader. Text is always escaped, and the page is well-formed XML too.

use std::fmt::Write as _;

use super::document::{Block, Document};
use super::escape::escaped;
use super::{Cell, ColumnKind, Light, Picture, ReportTable};

/// Width and height of the figures, in pixels.
const FIGURE_SIZE: [u32; 2] = [560, 400];
/// Columns beyond which a table has small letters in print.
const MANY_COLUMNS: usize = 8;

const STYLE: &str = include_str!("style.css");

impl Document {
    /// The page.
    pub fn html(&self) -> String {
        let mut page = Page::default();
        page.opening(self);
        for block in &self.front {
            page.block(block);
        }
        page.html.push_str("</header>\n<nav>\n<h2>Contents</h2>\n<ol>\n");
        for (i, section) in self.sections.iter().enumerate() {
            page.line(&format!("<li><a href=\"#s{}\">{}</a></li>", i + 1, escaped(section.title)));
        }
        page.html.push_str("</ol>\n</nav>\n");
        for (i, section) in self.sections.iter().enumerate() {
            let n = i + 1;
            page.line(&format!("<section id=\"s{n}\">\n<h2>{n} {}</h2>", escaped(section.title)));
            for block in &section.blocks {
                page.block(block);
            }
            page.html.push_str("</section>\n");
        }
        page.html.push_str("</main>\n</body>\n</html>\n");
        page.html
    }
}

/// A page in the making.
#[derive(Default)]
struct Page {
    html: String,
    /// Tables and figures so far.
    tables: usize,
    figures: usize,
}

impl Page {
    fn line(&mut self, markup: &str) {
        self.html.push_str(markup);
        self.html.push('\n');
    }

    /// An element without attributes but a class, around text.
    fn text(&mut self, element: &str, class: &str, text: &str) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        _ = writeln!(self.html, "<{element}{class}>{}</{element}>", escaped(text));
    }

    fn opening(&mut self, document: &Document) {
        let title = format!("Model document: {}", document.subject);
        self.line("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>");
        self.line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>");
        self.line(&format!("<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>", escaped(&title)));
        self.line("<header>");
        let over = format!("Beliefscope {} · written {}", env!("CARGO_PKG_VERSION"), document.written);
        self.text("p", "over", &over);
        self.text("h1", "", &title);
        let framed = "What stands in a frame with dotted lines is to be written by a person; all else was worked out by the program.";
        self.text("p", "over", framed);
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Subheading(text) => self.text("h3", "", text),
            Block::Paragraph(text) => self.text("p", "", text),
            Block::Remark(text) => self.text("p", "remark", text),
            Block::List(items) => self.list("", items),
            Block::Warnings(items) => {
                self.text("h2", "", "What the reader must know");
                self.list("warnings", items);
            }
            Block::Verdict { headline, detail } => {
                self.line("<div class=\"verdict\">");
                self.text("p", "headline", headline);
                self.text("p", "", detail);
                self.line("</div>");
            }
            Block::Facts(table) => self.table(table, "facts"),
            Block::Table(table) => self.table(table, if table.columns.len() > MANY_COLUMNS { "many" } else { "" }),
            Block::FileOnly(table) => {
                let text = format!("In the file {}.csv of beliefscope report --tables: {}", table.name, table.caption);
                self.text("p", "remark", &text);
            }
            Block::Pictures(pictures) => self.pictures(pictures),
            Block::Equation(name, math) => {
                self.line(&format!("<div class=\"equation\">{}<span>{}</span></div>", math.block(), escaped(name)));
            }
            Block::Verbatim(text) => self.text("pre", "", text),
            Block::Blank(what, lines) => {
                self.line("<div class=\"blank\">");
                self.text("p", "", &format!("To be written: {what}"));
                self.line(&"<div></div>".repeat(*lines));
                self.line("</div>");
            }
            Block::Missing(why) => self.text("p", "missing", why),
        }
    }

    fn list(&mut self, class: &str, items: &[String]) {
        self.line(&format!("<ul class=\"{class}\">"));
        for item in items {
            self.text("li", "", item);
        }
        self.line("</ul>");
    }

    /// A table whose rows begin with their heads.
    fn table(&mut self, table: &ReportTable, class: &str) {
        self.tables += 1;
        let (n, caption) = (self.tables, escaped(&table.caption));
        self.line(&format!("<div class=\"wide\"><table class=\"{class}\" id=\"t_{}\">", escaped(&table.name)));
        self.line(&format!("<caption><b>Table {n}.</b> {caption}</caption>"));
        let is_left = |column: usize| column == 0 || table.columns[column].holds == ColumnKind::Words;
        if class != "facts" {
            self.html.push_str("<thead><tr>");
            for (i, column) in table.columns.iter().enumerate() {
                let class = if is_left(i) { " class=\"w\"" } else { "" };
                _ = write!(self.html, "<th scope=\"col\"{class}>{}</th>", escaped(&column.title));
            }
            self.line("</tr></thead>");
        }
        self.line("<tbody>");
        for row in &table.rows {
            self.html.push_str("<tr>");
            for (i, cell) in row.iter().enumerate() {
                let class = if is_left(i) { " class=\"w\"" } else { "" };
                let (element, scope) = if i == 0 { ("th", " scope=\"row\"") } else { ("td", "") };
                _ = write!(self.html, "<{element}{scope}{class}>{}</{element}>", markup(cell));
            }
            self.line("</tr>");
        }
        self.line("</tbody>\n</table></div>");
    }

    /// Figures side by side where there is room.
    fn pictures(&mut self, pictures: &[Picture]) {
        self.line(&format!("<div class=\"figures{}\">", if pictures.len() == 1 { " one" } else { "" }));
        for picture in pictures {
            self.figures += 1;
            let (n, caption) = (self.figures, escaped(&picture.caption));
            let svg = picture.svg(FIGURE_SIZE);
            self.line(&format!("<figure>\n{svg}<figcaption><b>Figure {n}.</b> {caption}</figcaption>\n</figure>"));
        }
        self.line("</div>");
    }
}

/// A cell as markup: the best of a row in weight, intervals small below, findings with their shape.
fn markup(cell: &Cell) -> String {
    let text = escaped(&cell.shown());
    match cell {
        Cell::Finding(light, _) => {
            let (class, shape) = match light {
                Light::Green => ("green", "●"),
                Light::Amber => ("amber", "▲"),
                Light::Red => ("red", "■"),
                Light::Grey => ("grey", "○"),
            };
            format!("<span class=\"{class}\">{shape}</span> {text}")
        }
        Cell::Estimate { best, .. } => {
            let figure = if *best { format!("<strong>✓ {text}</strong>") } else { text };
            let interval = cell.shown_interval();
            interval.map_or_else(|| figure.clone(), |interval| format!("{figure}<small>{}</small>", escaped(&interval)))
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests;
