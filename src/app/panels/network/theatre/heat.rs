//! Products and updates as textures: one cell for each weight. Scales and colours are worked out away from the window's
//! thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use egui::{
    Color32, ColorImage, Label, Rect, Sense, Stroke, StrokeKind, TextStyle, TextureHandle, TextureOptions, Ui, pos2,
    vec2,
};
use ndarray::Array2;

use super::work::{Key, Shown};
use crate::app::latest::Latest;
use crate::app::theme::{self, CARD_GAP, Palette};
use crate::app::widgets::{Taking, arrows, diverging, matrix_table, neighbour, picture_info, texture};
use crate::inspection::theatre::{SubStep, Trace, Unit, number};
use crate::report::ReportTable;

/// What is drawn as a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Matrix {
    Data,
    Recon,
    Gradient,
    Delta,
    After,
}

impl Matrix {
    const ALL: [Self; 5] = [Self::Data, Self::Recon, Self::Gradient, Self::Delta, Self::After];

    /// The pictures of a sub-step.
    fn of(step: SubStep) -> &'static [Self] {
        match step {
            SubStep::Products => &[Self::Data, Self::Recon, Self::Gradient],
            SubStep::Update => &[Self::Gradient, Self::Delta, Self::After],
            _ => &[],
        }
    }

    fn name(self, step: SubStep) -> &'static str {
        match self {
            Self::Data => "<vh> data",
            Self::Recon => "<vh> recon",
            Self::Gradient if step == SubStep::Products => "g, the difference",
            Self::Gradient => "g",
            Self::Delta => "ΔW",
            Self::After => "W after",
        }
    }

    /// `(n_visible, n_hidden)`; `None` where nothing is added any more.
    fn values(self, trace: &Trace) -> Option<&Array2<f32>> {
        match self {
            Self::Data => Some(&trace.data),
            Self::Recon => Some(&trace.recon),
            Self::Gradient => Some(&trace.g),
            Self::Delta => trace.update.as_ref().map(|update| &update.delta),
            Self::After => trace.update.as_ref().map(|update| &update.after),
        }
    }

    /// What stands for full colour.
    fn full(self, trace: &Trace) -> f32 {
        let of = |matrix: Self| matrix.values(trace).map_or(0.0, largest);
        match self {
            // Side by side they are compared: one scale for both.
            Self::Data | Self::Recon => of(Self::Data).max(of(Self::Recon)),
            _ => of(self),
        }
    }
}

/// The largest absolute number, above 0.
fn largest(values: &Array2<f32>) -> f32 {
    values.iter().filter(|x| x.is_finite()).fold(1e-12_f32, |m, x| m.max(x.abs()))
}

/// A matrix as pixels.
struct Picture {
    matrix: Matrix,
    full: f32,
    image: Arc<ColorImage>,
}

/// All pictures of one step.
struct Painted {
    shown: Arc<Shown>,
    pictures: Vec<Picture>,
}

impl Painted {
    /// `None` when nobody waits any more.
    fn of(shown: &Arc<Shown>, palette: &Palette, stop: &AtomicBool) -> Option<Arc<Self>> {
        let mut pictures = Vec::new();
        for matrix in Matrix::ALL {
            let Some(values) = matrix.values(&shown.trace) else { continue };
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let full = matrix.full(&shown.trace);
            let color = |x: &f32| if x.is_finite() { diverging(palette, x / full) } else { palette.line };
            let (n, m) = values.dim();
            let image = Arc::new(ColorImage::new([m, n], values.iter().map(color).collect()));
            pictures.push(Picture { matrix, full, image });
        }
        Some(Arc::new(Self { shown: Arc::clone(shown), pictures }))
    }

    /// Whether it is of the same machine and kind as `shown`, if of another moment or row.
    fn can_stand_for(&self, shown: &Shown) -> bool {
        let (own, other) = (&self.shown.key, &shown.key);
        Arc::ptr_eq(&self.shown.data, &shown.data) && (own.layer, own.played) == (other.layer, other.played)
    }
}

/// The pictures, their textures, and of which pictures and step these were made.
#[derive(Default)]
pub(super) struct Heats {
    latest: Latest<(Key, Palette), Option<Arc<Painted>>>,
    textures: Vec<TextureHandle>,
    made_of: Option<(Arc<Painted>, SubStep)>,
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
        let (n, m) = shown.trace.g.dim();
        if Matrix::of(step).is_empty() || n == 0 || m == 0 {
            return None;
        }
        if n.max(m) > ui.input(|i| i.max_texture_side) {
            ui.add(Label::new(theme::weak("The weights are too many for one picture.")).wrap());
            return None;
        }
        let palette = *Palette::of(ui);
        let of = Arc::clone(shown);
        let work = move |stop: &_| Painted::of(&of, &palette, stop);
        let painted = self.latest.get(ui.ctx(), (shown.key, palette), "theatre pictures", work).cloned().flatten();
        let Some(painted) = painted.filter(|painted| painted.can_stand_for(shown)) else {
            ui.label(theme::weak("The pictures are on their way."));
            return None;
        };
        let of_step = |matrix: &Matrix| painted.pictures.iter().find(|picture| picture.matrix == *matrix);
        let pictures: Vec<&Picture> = Matrix::of(step).iter().filter_map(of_step).collect();
        self.make(ui, &painted, step, &pictures);
        let mut clicked = None;
        let width = (ui.available_width() - CARD_GAP * 2.0) / 3.0;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = CARD_GAP;
            for (picture, texture) in pictures.iter().zip(&self.textures) {
                ui.vertical(|ui| {
                    ui.set_width(width);
                    let name = picture.matrix.name(step);
                    let drawn = Drawn { shown: &painted.shown, name, picture, texture };
                    let title = format!("{name} = {}", drawn.value(unit));
                    let full = format!("full colour at ±{}", number(picture.full));
                    let taking = Taking::begin(ui, name);
                    ui.scope(|ui| {
                        ui.set_max_width(width - Taking::room(ui));
                        ui.add(Label::new(theme::semibold(&title)).truncate()).on_hover_text(&full);
                    });
                    let top = ui.text_style_height(&TextStyle::Body) + ui.spacing().item_spacing.y;
                    let room = vec2(width, (height - top).max(24.0));
                    clicked = clicked.or(drawn.ui(ui, room, unit));
                    taking.end(ui, &title, || drawn.table());
                });
            }
        });
        clicked
    }

    /// Textures anew when the pictures or the step have changed.
    fn make(&mut self, ui: &Ui, painted: &Arc<Painted>, step: SubStep, pictures: &[&Picture]) {
        if let Some((of, at)) = &self.made_of
            && Arc::ptr_eq(of, painted)
            && *at == step
        {
            return;
        }
        let mut before = std::mem::take(&mut self.textures).into_iter();
        for picture in pictures {
            let image = Arc::clone(&picture.image);
            self.textures.push(texture(ui.ctx(), before.next(), "theatre", image, TextureOptions::NEAREST));
        }
        self.made_of = Some((Arc::clone(painted), step));
    }
}

/// One picture in its place.
struct Drawn<'a> {
    shown: &'a Shown,
    name: &'static str,
    picture: &'a Picture,
    texture: &'a TextureHandle,
}

impl Drawn<'_> {
    /// The number of a pair of units; nothing for one that is not there.
    fn value(&self, unit: Unit) -> String {
        let values = self.picture.matrix.values(&self.shown.trace);
        let value = values.and_then(|values| values.get([unit.visible, unit.hidden]));
        value.map_or_else(String::new, |value| number(*value))
    }

    fn table(&self) -> ReportTable {
        let rows: Vec<String> = self.shown.visible.iter().map(|unit| unit.name.clone()).collect();
        let units = (1..=self.shown.trace.h.len()).map(|unit| format!("hidden unit {unit}"));
        let values = self.picture.matrix.values(&self.shown.trace);
        matrix_table(self.name, &format!("{}.", self.name), ("Visible unit", &rows), units, |i, j| {
            values.and_then(|values| values.get([i, j])).copied().unwrap_or(f32::NAN)
        })
    }

    /// "debt and hidden unit 3: 0.12".
    fn words(&self, unit: Unit) -> String {
        let visible = self.shown.visible.get(unit.visible).map_or("", |unit| &unit.name);
        format!("{visible} and hidden unit {}: {}", unit.hidden + 1, self.value(unit))
    }

    /// Draws it in the room there is. Returns the pair of units that was clicked, or gone to by the arrows.
    fn ui(&self, ui: &mut Ui, room: egui::Vec2, unit: Unit) -> Option<Unit> {
        let palette = Palette::of(ui);
        let (n, m) = self.shown.trace.g.dim();
        // Cells are no larger than they have to be to be met.
        let cell = vec2((room.x / m as f32).min(28.0), (room.y / n as f32).min(28.0));
        let (rect, response) = ui.allocate_exact_size(vec2(cell.x * m as f32, cell.y * n as f32), Sense::click());
        response.widget_info(|| {
            let full = number(self.picture.full);
            let text = format!("{}, {n} visible by {m} hidden units, full colour at {full}", self.name);
            picture_info(text, Some(self.words(unit)))
        });
        let [right, down] = arrows(ui, &response);
        let visible = neighbour(Some(unit.visible), down, n);
        let hidden = neighbour(Some(unit.hidden), right, m);
        let moved = Unit { visible: visible.unwrap_or(unit.visible), hidden: hidden.unwrap_or(unit.hidden) };
        let walked = Some(moved).filter(|moved| *moved != unit);
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter().image(self.texture.id(), rect, whole, Color32::WHITE);
        let hairline = theme::hairline(ui);
        let edge = if response.has_focus() { Stroke::new(hairline.width, palette.accent) } else { hairline };
        ui.painter().rect_stroke(rect, 0.0, edge, StrokeKind::Outside);
        if unit.visible < n && unit.hidden < m {
            let at = rect.min + vec2(cell.x * unit.hidden as f32, cell.y * unit.visible as f32);
            let stroke = Stroke::new(1.5, palette.text);
            ui.painter().rect_stroke(Rect::from_min_size(at, cell), 0.0, stroke, StrokeKind::Outside);
        }
        let Some(at) = response.hover_pos().filter(|at| rect.contains(*at)) else { return walked };
        let place = |x: f32, side: f32, most: usize| ((x / side) as usize).min(most - 1);
        let under = Unit { visible: place(at.y - rect.top(), cell.y, n), hidden: place(at.x - rect.left(), cell.x, m) };
        let clicked = response.clicked();
        response.on_hover_text_at_pointer(self.words(under));
        clicked.then_some(under).or(walked)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, array};

    use super::*;

    #[test]
    fn both_sides_have_one_scale_and_numbers_that_ran_away_have_none() {
        let one = Array1::zeros(1);
        let trace = Trace {
            rows: 1,
            v: Array1::zeros(2),
            h_mean: one.clone(),
            h: one.clone(),
            v_recon: Array1::zeros(2),
            h_recon: one,
            inputs: None,
            data: array![[0.5], [-2.0]],
            recon: array![[3.0], [f32::NAN]],
            g: array![[0.0], [0.0]],
            update: None,
        };
        assert_eq!([Matrix::Data, Matrix::Recon].map(|matrix| matrix.full(&trace)), [3.0, 3.0]);
        assert!(Matrix::Gradient.full(&trace) > 0.0, "zeros are divided by something");
        assert!(Matrix::Delta.values(&trace).is_none() && Matrix::of(SubStep::Coin).is_empty());
    }
}
