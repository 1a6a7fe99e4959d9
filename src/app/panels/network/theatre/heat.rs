//! Products and updates as textures: one cell for each weight.

use std::sync::Arc;

use egui::{
    Color32, ColorImage, Label, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, TextureHandle, TextureOptions, Ui,
    WidgetInfo, pos2, vec2,
};
use ndarray::Array2;

use super::work::Shown;
use crate::app::theme::{self, CARD_GAP, Palette};
use crate::app::widgets::{Taking, diverging, matrix_table, texture};
use crate::inspection::theatre::{SubStep, Unit, number};
use crate::report::ReportTable;

/// One matrix with its name, and what stands for full colour.
struct Picture<'a> {
    name: &'static str,
    values: &'a Array2<f32>,
    full: f32,
}

/// The textures, and of which step they were made.
#[derive(Default)]
pub(super) struct Heats {
    painted: Option<(Arc<Shown>, SubStep, Palette)>,
    textures: Vec<TextureHandle>,
}

/// The largest absolute number, above 0.
fn largest(values: &Array2<f32>) -> f32 {
    values.iter().filter(|x| x.is_finite()).fold(1e-12_f32, |m, x| m.max(x.abs()))
}

fn pictures(shown: &Shown, step: SubStep) -> Vec<Picture<'_>> {
    let trace = &shown.trace;
    let own = |name, values| Picture { name, values, full: largest(values) };
    match (step, &trace.update) {
        (SubStep::Products, _) => {
            // Side by side they are compared: one scale for both.
            let full = largest(&trace.data).max(largest(&trace.recon));
            vec![
                Picture { name: "<vh> data", values: &trace.data, full },
                Picture { name: "<vh> recon", values: &trace.recon, full },
                own("g, the difference", &trace.g),
            ]
        }
        (SubStep::Update, Some(update)) => {
            vec![own("g", &trace.g), own("ΔW", &update.delta), own("W after", &update.after)]
        }
        _ => Vec::new(),
    }
}

impl Heats {
    /// Draws the pictures of a sub-step side by side, `height` points high with their names. Returns the pair of units that
    /// was clicked.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        shown: &Arc<Shown>,
        step: SubStep,
        unit: Unit,
        height: f32,
    ) -> Option<Unit> {
        let pictures = pictures(shown, step);
        let (n, m) = shown.trace.g.dim();
        if pictures.is_empty() || n == 0 || m == 0 {
            return None;
        }
        if n.max(m) > ui.input(|i| i.max_texture_side) {
            ui.add(Label::new(theme::weak("The weights are too many for one picture.")).wrap());
            return None;
        }
        self.make(ui, shown, step, &pictures);
        let mut clicked = None;
        let width = (ui.available_width() - CARD_GAP * (pictures.len() - 1) as f32) / pictures.len() as f32;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = CARD_GAP;
            for (picture, texture) in pictures.iter().zip(&self.textures) {
                ui.vertical(|ui| {
                    ui.set_width(width);
                    let at = unit_value(picture.values, unit).map_or_else(String::new, number);
                    let title = format!("{} = {at}", picture.name);
                    let full = format!("full colour at ±{}", number(picture.full));
                    let taking = Taking::begin(ui, picture.name);
                    ui.scope(|ui| {
                        ui.set_max_width(width - taking.room(ui));
                        ui.add(Label::new(theme::semibold(&title)).truncate()).on_hover_text(&full);
                    });
                    let top = ui.text_style_height(&TextStyle::Body) + ui.spacing().item_spacing.y;
                    let room = vec2(width, (height - top).max(24.0));
                    let chosen = picture_ui(ui, picture, texture, room, unit, shown);
                    clicked = clicked.or(chosen);
                    taking.end(ui, &title, || table(picture, shown));
                });
            }
        });
        clicked
    }

    /// Textures anew when the step or the theme has changed.
    fn make(&mut self, ui: &Ui, shown: &Arc<Shown>, step: SubStep, pictures: &[Picture<'_>]) {
        let palette = Palette::of(ui);
        if let Some((of, at, colors)) = &self.painted
            && Arc::ptr_eq(of, shown)
            && (*at, colors) == (step, palette)
        {
            return;
        }
        let mut before = std::mem::take(&mut self.textures).into_iter();
        for picture in pictures {
            let (n, m) = picture.values.dim();
            let color = |x: &f32| if x.is_finite() { diverging(palette, x / picture.full) } else { palette.line };
            let image = ColorImage::new([m, n], picture.values.iter().map(color).collect());
            self.textures.push(texture(ui.ctx(), before.next(), "theatre", image, TextureOptions::NEAREST));
        }
        self.painted = Some((Arc::clone(shown), step, *palette));
    }
}

fn table(picture: &Picture<'_>, shown: &Shown) -> ReportTable {
    let (n, m) = picture.values.dim();
    let name = |i: usize| shown.visible.get(i).map_or_else(String::new, |unit| unit.name.clone());
    let rows: Vec<String> = (0..n).map(name).collect();
    let units = (1..=m).map(|unit| format!("hidden unit {unit}"));
    let caption = format!("{}.", picture.name);
    matrix_table(picture.name, &caption, ("Visible unit", &rows), units, |i, j| picture.values[[i, j]])
}

fn unit_value(values: &Array2<f32>, unit: Unit) -> Option<f32> {
    values.get([unit.visible, unit.hidden]).copied()
}

fn picture_ui(
    ui: &mut Ui,
    picture: &Picture<'_>,
    texture: &TextureHandle,
    room: egui::Vec2,
    unit: Unit,
    shown: &Shown,
) -> Option<Unit> {
    let palette = Palette::of(ui);
    let (n, m) = picture.values.dim();
    // Cells are no larger than they have to be to be met.
    let cell = vec2((room.x / m as f32).min(28.0), (room.y / n as f32).min(28.0));
    let (rect, response) = ui.allocate_exact_size(vec2(cell.x * m as f32, cell.y * n as f32), Sense::click());
    let name = picture.name;
    response.widget_info(|| {
        let text = format!("{name}, {n} visible by {m} hidden units, full colour at {}", number(picture.full));
        WidgetInfo::labeled(Role::Image, true, text)
    });
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    ui.painter().image(texture.id(), rect, whole, Color32::WHITE);
    ui.painter().rect_stroke(rect, 0.0, theme::hairline(ui), StrokeKind::Outside);
    if unit.visible < n && unit.hidden < m {
        let at = rect.min + vec2(cell.x * unit.hidden as f32, cell.y * unit.visible as f32);
        let stroke = Stroke::new(1.5, palette.text);
        ui.painter().rect_stroke(Rect::from_min_size(at, cell), 0.0, stroke, StrokeKind::Outside);
    }
    let at = response.hover_pos().filter(|at| rect.contains(*at))?;
    let place = |x: f32, side: f32, most: usize| ((x / side) as usize).min(most - 1);
    let under = Unit { visible: place(at.y - rect.top(), cell.y, n), hidden: place(at.x - rect.left(), cell.x, m) };
    let clicked = response.clicked();
    let visible = shown.visible.get(under.visible).map_or("", |unit| &unit.name);
    let value = unit_value(picture.values, under).map_or_else(String::new, number);
    response.on_hover_text_at_pointer(format!("{visible} and hidden unit {}: {value}", under.hidden + 1));
    clicked.then_some(under)
}
