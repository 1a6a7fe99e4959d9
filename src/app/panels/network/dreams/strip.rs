//! The chain as a strip: one row a unit, one column a sweep, as a texture.

use egui::{
    Align2, Color32, ColorImage, Rect, Role, Sense, Stroke, TextStyle, TextureHandle, TextureOptions, Ui, WidgetInfo,
};
use egui::{pos2, vec2};

use super::chain::{Chain, ChainKey, KEPT};
use crate::app::panels::count;
use crate::app::theme::{self, Palette};
use crate::app::widgets::{diverging, file_stem, texture};
use crate::report::{Cell, ColumnKind, ReportTable};

/// Units drawn at most: a texture has no more rows on any graphics card.
const MOST: usize = 2048;
/// Height of the strip at least and at most, in heights of a line.
const HEIGHT: (f32, f32) = (4.0, 11.0);
/// Height of a unit's row, where all fit, in points.
const ROW: f32 = 3.0;
/// A real-valued unit is drawn as strong as can be from here on.
const STRONG: f32 = 3.0;

/// The strip's texture, and what it shows.
#[derive(Default)]
pub(super) struct Strip {
    texture: Option<TextureHandle>,
    made_of: Option<(ChainKey, u64, bool)>,
}

impl Strip {
    /// Draws the strip as wide as the room there is.
    pub(super) fn ui(&mut self, ui: &mut Ui, chain: &Chain) {
        let palette = Palette::of(ui);
        let made_of = (chain.key, chain.dreams.sweeps(), ui.visuals().dark_mode);
        if self.made_of != Some(made_of) {
            let image = image(palette, chain);
            let before = self.texture.take();
            self.texture = Some(texture(ui.ctx(), before, "dream", image, TextureOptions::NEAREST));
            self.made_of = Some(made_of);
        }
        let Some(texture) = &self.texture else { return };
        let line = ui.text_style_height(&TextStyle::Body);
        let n = chain.real_valued.len().min(MOST);
        let height = (ROW * n as f32).clamp(HEIGHT.0 * line, HEIGHT.1 * line);
        let font = theme::tick_font(ui);
        let name = |text: &str| ui.painter().layout_no_wrap(text.to_owned(), font.clone(), palette.weak);
        let names = ["visible", "label", "hidden"].map(name);
        let margin = names.iter().map(|name| name.size().x).fold(0.0, f32::max).ceil() + 6.0;
        let (area, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        let strip = area.with_min_x(area.left() + margin);
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter().image(texture.id(), strip, uv, Color32::WHITE);
        let mut from = 0;
        for (name, units) in names.into_iter().zip(chain.units).filter(|(_, units)| *units > 0) {
            let at = |unit: usize| strip.top() + height * (unit.min(n) as f32 / n.max(1) as f32);
            let part = strip.with_min_y(at(from)).with_max_y(at(from + units));
            if from > 0 {
                ui.painter().hline(area.x_range(), part.top(), Stroke::new(1.0, palette.weak));
            }
            // Two units of a label are lower than their name, which then stands over the line.
            let place = Align2::LEFT_CENTER.anchor_size(pos2(area.left(), part.center().y), name.size());
            let rises = (place.bottom() - area.bottom()).max(0.0);
            ui.painter().galley(place.min - vec2(0.0, rises), name, palette.weak);
            from += units;
        }
        let newest = chain.trace.back().map(|units| &units[..]).unwrap_or_default();
        let on = newest.iter().zip(&chain.real_valued).filter(|(state, real)| !**real && **state > 0.5).count();
        response.widget_info(|| {
            let units = count(newest.len(), "unit");
            let text = format!("The chain: {units} over {}, {on} on", count(chain.trace.len(), "state"));
            WidgetInfo::labeled(Role::Image, true, text)
        });
        response.on_hover_text("Bright: on; dark: off. Real-valued units by sign and size.");
    }
}

/// The states that the strip shows, a row for each sweep.
pub(super) fn table(chain: &Chain, caption: &str) -> ReportTable {
    let names = ["visible", "label", "hidden"].into_iter().zip(chain.units);
    let units = names.flat_map(|(name, n)| (1..=n).map(move |unit| format!("{name} {unit}")));
    let heads = std::iter::once("Sweep".to_owned()).chain(units).map(|head| (head, ColumnKind::Numbers));
    let mut table = ReportTable::new(&file_stem("chain of dreams"), caption, heads);
    let first = (chain.dreams.sweeps() as usize + 1).saturating_sub(chain.trace.len());
    table.rows = (first..)
        .zip(&chain.trace)
        .map(|(sweep, units)| {
            let states = units.iter().map(|state| Cell::Number(Some(f64::from(*state)), 4));
            std::iter::once(Cell::Count(Some(sweep))).chain(states).collect()
        })
        .collect();
    table
}

/// The last sweeps, the newest on the right, the ground where there are none yet.
fn image(palette: &Palette, chain: &Chain) -> ColorImage {
    let n = chain.real_valued.len().min(MOST);
    let mut pixels = vec![palette.plot; n * KEPT];
    let first = KEPT - chain.trace.len().min(KEPT);
    for (column, units) in (first..).zip(&chain.trace) {
        for (unit, (&state, &real)) in units.iter().zip(&chain.real_valued).enumerate().take(n) {
            pixels[unit * KEPT + column] = if real {
                diverging(palette, (state / STRONG).clamp(-1.0, 1.0))
            } else {
                palette.plot.lerp_to_gamma(palette.accent, state.clamp(0.0, 1.0))
            };
        }
    }
    ColorImage::new([KEPT, n], pixels)
}
