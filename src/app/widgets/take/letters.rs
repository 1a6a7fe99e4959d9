//! Laid-out text as letters of an SVG: one element for each run of letters of one face and colour in a line.

use std::fmt::Write as _;

use egui::epaint::TextShape;
use egui::epaint::text::{Glyph, LayoutSection, Row, TextFormat};
use egui::{Color32, FontFamily, Galley, Pos2};

use super::svg::{Writer, paint, turned};
use crate::report::escaped;

/// Letters side by side that look alike.
struct Run<'a> {
    format: Option<&'a TextFormat>,
    /// `None` while there is nothing in it but white space, which has no colour.
    color: Option<Color32>,
    text: String,
    /// Baseline of the first letter, and the right edge of the last, white space left out.
    from: Pos2,
    to: f32,
}

impl Writer<'_> {
    /// A text where it stands, each run as wide as it is on the screen whatever face a reader has.
    pub(super) fn text(&mut self, shape: &TextShape) {
        let turned = turned(shape.angle, shape.pos);
        if !turned.is_empty() {
            _ = writeln!(self.out, "<g{turned}>");
        }
        for run in runs(&shape.galley, shape.pos) {
            let color = match run.color {
                None | Some(Color32::PLACEHOLDER) => shape.fallback_color,
                Some(color) => color,
            };
            let color = shape.override_text_color.unwrap_or(color).gamma_multiply(shape.opacity_factor);
            self.run(&run, color);
        }
        if !turned.is_empty() {
            self.out.push_str("</g>\n");
        }
    }

    fn run(&mut self, run: &Run<'_>, color: Color32) {
        let (text, Pos2 { x, y }) = (run.text.trim_end(), run.from);
        if text.is_empty() {
            return;
        }
        _ = write!(self.out, "<text x=\"{x:.2}\" y=\"{y:.2}\"{}", paint("fill", color));
        if let Some(format) = run.format {
            _ = write!(self.out, " font-size=\"{:.2}\"", format.font_id.size);
            match &format.font_id.family {
                FontFamily::Proportional => {}
                FontFamily::Monospace => self.out.push_str(" font-family=\"monospace\""),
                // The one other face of the window.
                FontFamily::Name(_) => self.out.push_str(" font-weight=\"600\""),
            }
            if format.italics {
                self.out.push_str(" font-style=\"italic\"");
            }
            if !format.underline.is_empty() {
                self.out.push_str(" text-decoration=\"underline\"");
            }
        }
        let width = run.to - x;
        if width > 0.0 {
            _ = write!(self.out, " textLength=\"{width:.2}\" lengthAdjust=\"spacingAndGlyphs\"");
        }
        _ = writeln!(self.out, ">{}</text>", escaped(text));
    }
}

fn runs(galley: &Galley, pos: Pos2) -> Vec<Run<'_>> {
    let sections = &galley.job.sections;
    let mut written = galley.job.text.char_indices();
    let mut format = sections.first().map(|section| &section.format);
    let mut runs: Vec<Run<'_>> = Vec::new();
    for placed in &galley.rows {
        let from = runs.len();
        for glyph in &placed.row.glyphs {
            // A glyph for each letter; where the text was cut short the last one stands for what is left.
            if let Some((at, _)) = written.next() {
                format = format_at(sections, at).or(format);
            }
            let color = color_of(&placed.row, glyph);
            let at = pos + placed.pos.to_vec2() + glyph.pos.to_vec2();
            let end = at.x + glyph.advance_width;
            match runs[from..].last_mut() {
                Some(run) if run.format == format && (color.is_none() || run.color == color) => {
                    run.text.push(glyph.chr);
                    if color.is_some() {
                        run.to = end;
                    }
                }
                // White space begins no run.
                _ if color.is_none() => {}
                _ => runs.push(Run { format, color, text: glyph.chr.to_string(), from: at, to: end }),
            }
        }
        if placed.ends_with_newline {
            written.next();
        }
    }
    runs
}

fn format_at(sections: &[LayoutSection], byte: usize) -> Option<&TextFormat> {
    let holds = |section: &&LayoutSection| (section.byte_range.start.0..section.byte_range.end.0).contains(&byte);
    sections.iter().find(holds).map(|section| &section.format)
}

/// The colour that a letter is painted in; `None` for white space. Shapes are faded in their vertices alone.
fn color_of(row: &Row, glyph: &Glyph) -> Option<Color32> {
    if glyph.uv_rect.is_nothing() {
        return None;
    }
    row.visuals.mesh.vertices.get(glyph.first_vertex as usize).map(|vertex| vertex.color)
}
