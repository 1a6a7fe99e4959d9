//! The pieces of a page: text that is always escaped, tables, figures, and the one style sheet.

use std::fmt::Write as _;

use super::super::escape::escaped;

/// Markup whose text has been escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Markup(String);

impl Markup {
    pub(super) fn text(text: &str) -> Self {
        Self(escaped(text))
    }

    /// Inside an element without attributes.
    pub(super) fn inside(self, element: &'static str) -> Self {
        Self(format!("<{element}>{}</{element}>", self.0))
    }

    pub(super) fn then(mut self, next: &Self) -> Self {
        self.0.push_str(&next.0);
        self
    }

    /// A number, or a dash where it is undefined.
    pub(super) fn number(value: Option<f64>, decimals: usize) -> Self {
        Self::text(&number(value, decimals))
    }
}

/// A number, or a dash where it is undefined.
pub(super) fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.decimals$}").replace('-', "−"))
}

/// A share in per cent to a tenth, or a dash.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", 100.0 * share))
}

/// An amount in whole units with its currency, or a dash: "€ 1,234,567".
pub(super) fn money(amount: Option<f64>, currency: &str) -> String {
    let Some(amount) = amount else { return "–".to_owned() };
    let digits = format!("{:.0}", amount.abs());
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if amount <= -0.5 { "−" } else { "" };
    format!("{currency} {sign}{grouped}").trim_start().to_owned()
}

/// A page in the making.
pub(super) struct Page {
    html: String,
}

impl Page {
    pub(super) fn new(title: &str) -> Self {
        let mut html = String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
        html.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
        _ = writeln!(html, "<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>", escaped(title));
        Self { html }
    }

    pub(super) fn title(&mut self, text: &str) {
        _ = writeln!(self.html, "<h1>{}</h1>", escaped(text));
    }

    pub(super) fn heading(&mut self, text: &str) {
        _ = writeln!(self.html, "<h2>{}</h2>", escaped(text));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        _ = writeln!(self.html, "<p>{}</p>", escaped(text));
    }

    /// A paragraph of a class of the style sheet.
    pub(super) fn classed(&mut self, class: &'static str, text: &str) {
        _ = writeln!(self.html, "<p class=\"{class}\">{}</p>", escaped(text));
    }

    /// Text in which every letter counts.
    pub(super) fn verbatim(&mut self, text: &str) {
        _ = writeln!(self.html, "<pre>{}</pre>", escaped(text));
    }

    pub(super) fn list(&mut self, class: &'static str, items: &[String]) {
        _ = writeln!(self.html, "<ul class=\"{class}\">");
        for item in items {
            _ = writeln!(self.html, "<li>{}</li>", escaped(item));
        }
        self.html.push_str("</ul>\n");
    }

    /// A table whose rows begin with their heads. Every row is as long as `head`, where there is one.
    pub(super) fn table(&mut self, head: &[String], rows: &[Vec<Markup>]) {
        self.html.push_str("<div class=\"wide\"><table>\n");
        if !head.is_empty() {
            self.html.push_str("<thead><tr>");
            for cell in head {
                _ = write!(self.html, "<th scope=\"col\">{}</th>", escaped(cell));
            }
            self.html.push_str("</tr></thead>\n");
        }
        self.html.push_str("<tbody>\n");
        for row in rows {
            self.html.push_str("<tr>");
            for (i, cell) in row.iter().enumerate() {
                let (open, close) = if i == 0 { ("<th scope=\"row\">", "</th>") } else { ("<td>", "</td>") };
                _ = write!(self.html, "{open}{}{close}", cell.0);
            }
            self.html.push_str("</tr>\n");
        }
        self.html.push_str("</tbody>\n</table></div>\n");
    }

    /// What is what: a table without a head.
    pub(super) fn facts(&mut self, rows: &[Vec<Markup>]) {
        self.html.push_str("<div class=\"facts\">\n");
        self.table(&[], rows);
        self.html.push_str("</div>\n");
    }

    /// Figures side by side where there is room: an SVG document and its caption each.
    pub(super) fn figures(&mut self, figures: &[(String, String)]) {
        self.html.push_str("<div class=\"figures\">\n");
        for (svg, caption) in figures {
            _ = writeln!(self.html, "<figure>\n{svg}<figcaption>{}</figcaption>\n</figure>", escaped(caption));
        }
        self.html.push_str("</div>\n");
    }

    pub(super) fn finish(mut self) -> String {
        self.html.push_str("</main>\n</body>\n</html>\n");
        self.html
    }
}

const STYLE: &str = "
:root { color-scheme: light dark; --ground: #ffffff; --text: #16181d; --weak: #59616e; --line: #d5d9e0; --card: #f5f6f8;
  --warn: #8a6100; --warn-ground: #fff6dd; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #15171c; --text: #e8eaee; --weak: #a3abb8; --line: #3a404c; --card: #22262f; --warn: #f2c14e;
    --warn-ground: #2e2814; }
}
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, 'Segoe UI', Helvetica, Arial,
  'Liberation Sans', sans-serif; }
main { max-width: 1100px; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0.2rem 0 0.6rem; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 0.6rem; border-bottom: 1px solid var(--line); padding-bottom: 0.2rem; }
p { margin: 0.4rem 0 0.8rem; max-width: 80ch; }
.over, .weak, small, figcaption { color: var(--weak); }
.lead { font-size: 1.15rem; }
small { font-size: 0.8rem; display: block; }
ul { padding-left: 1.2rem; }
.warnings { list-style: '⚠ '; background: var(--warn-ground); border-left: 4px solid var(--warn); margin: 0.8rem 0;
  padding: 0.8rem 1rem 0.8rem 2.2rem; font-size: 1.05rem; }
.warnings li { margin: 0.3rem 0; }
.wide { overflow-x: auto; margin: 0.6rem 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.7rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
td { white-space: nowrap; }
tbody th { text-align: left; font-weight: 500; }
thead th { border-bottom: 2px solid var(--line); vertical-align: bottom; }
thead th:first-child { text-align: left; }
.facts td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
pre { background: var(--card); padding: 0.8rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); gap: 1.2rem; }
figure { margin: 0; break-inside: avoid; }
figure svg { width: 100%; height: auto; background: #ffffff; }
figcaption { font-size: 0.9rem; }
@media print {
  :root { --ground: #ffffff; --text: #000000; --weak: #444444; --line: #bbbbbb; --card: #f3f3f3; --warn: #000000;
    --warn-ground: #ffffff; }
  main { max-width: none; padding: 0; }
  body { font-size: 10pt; }
  h2 { break-after: avoid; }
  tr { break-inside: avoid; }
  .figures { grid-template-columns: 1fr 1fr; }
  .wide { overflow: visible; }
}
";
