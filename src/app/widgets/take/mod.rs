//! Taking what is seen out of the window: every picture as SVG or PNG, and its numbers as a table.
//!
//! A picture is not drawn a second time. [`Taking::begin`] notes how many shapes there are, [`Taking::end`] those that were added,
//! and when a person wants them they become a document ([`svg`]), which the loader's thread writes. So a file shows exactly what
//! the screen does, as vectors. While the menu is open a picture is painted whole, though a part of it may be scrolled out of
//! sight, and cut back to what is seen afterwards.

mod file;
mod letters;
mod mesh;
mod svg;
mod texture;

use std::ops::Range;
use std::sync::Arc;

use egui::epaint::ClippedShape;
use egui::layers::{PaintList, ShapeIdx};
use egui::{
    Context, DragValue, Event, Id, Label, Popup, PopupCloseBehavior, Pos2, Rect, Response, RichText, Role, Sense,
    Shape, StrokeKind, TextStyle, TextureId, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use self::file::{Kind, PictureFile, pixel_size};
use self::svg::Painted;
pub(crate) use self::texture::texture;
use super::button::segmented;
use super::card::titles_beside;
use super::icon::Icon;
use crate::app::export::{TableFile, offer};
use crate::app::theme::{self, Palette};
use crate::report::{Cell, ColumnKind, ReportTable};

/// Room around a picture in its file, in points: that of a card.
const MARGIN: Vec2 = vec2(12.0, 10.0);
/// Farther than any picture reaches, in points.
const FAR: f32 = 1e5;
/// Widths of a PNG to choose among, in pixels.
const WIDTHS: [(u32, &str); 4] = [(1280, "1280"), (1920, "1920"), (2560, "2560"), (3840, "3840")];

/// A picture that is being painted.
#[must_use = "call end when the picture is painted"]
pub(crate) struct Taking<'a> {
    name: &'a str,
    id: Id,
    /// Shapes of the layer before it.
    first: usize,
    /// Its upper corners.
    left_top: Pos2,
    right: f32,
    /// What is seen of it, when it is painted whole nevertheless.
    seen: Option<Rect>,
}

/// What a person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Picture(Kind),
    Copy,
    Table,
}

/// A picture with a title line, in a card. `name` is that of the button and of files, no other picture of the screen has it;
/// `table` gives the numbers that are drawn, and is asked for them only when they are wanted.
pub(crate) fn picture_card<R>(
    ui: &mut Ui,
    name: &str,
    [title, subtitle]: [&str; 2],
    table: impl FnOnce() -> ReportTable,
    add_contents: impl FnOnce(&mut Ui) -> R,
) -> R {
    card_with(ui, name, [title, subtitle], add_contents, |taking, ui| taking.end(ui, title, table))
}

/// A table with a title line, in a card; `name` and `table` as for [`picture_card`].
pub(crate) fn table_card<R>(
    ui: &mut Ui,
    name: &str,
    titles: [&str; 2],
    table: impl FnOnce() -> ReportTable,
    add_contents: impl FnOnce(&mut Ui) -> R,
) -> R {
    card_with(ui, name, titles, add_contents, |taking, ui| taking.end_table(ui, table))
}

fn card_with<R>(
    ui: &mut Ui,
    name: &str,
    [title, subtitle]: [&str; 2],
    add_contents: impl FnOnce(&mut Ui) -> R,
    end: impl FnOnce(Taking<'_>, &mut Ui),
) -> R {
    super::card(ui, |ui| {
        let taking = Taking::begin(ui, name);
        Taking::titles(ui, title, subtitle);
        let inner = add_contents(ui);
        end(taking, ui);
        inner
    })
}

impl<'a> Taking<'a> {
    /// What is painted in `ui` from here on is the picture, as wide as the room there is.
    pub(crate) fn begin(ui: &mut Ui, name: &'a str) -> Self {
        let id = ui.make_persistent_id(("take", name));
        let left_top = ui.cursor().min;
        let right = left_top.x + ui.available_width();
        let first = shapes_of(ui);
        let seen = about_to_choose(ui.ctx(), id).then(|| ui.clip_rect());
        if let Some(seen) = seen {
            ui.set_clip_rect(seen.expand(FAR));
        }
        Self { name, id, first, left_top, right, seen }
    }

    /// Title lines that leave room for the button.
    pub(crate) fn titles(ui: &mut Ui, title: &str, subtitle: &str) {
        titles_beside(ui, title, subtitle, Self::room(ui));
    }

    /// How much of the upper right corner the button takes, in points.
    pub(crate) fn room(ui: &Ui) -> f32 {
        if buttons(ui.ctx()) == TakeButtons::Shown { side(ui) + 6.0 } else { 0.0 }
    }

    /// The picture is painted. Shows the button in its upper right corner and carries out what is chosen in its menu.
    pub(crate) fn end(self, ui: &mut Ui, title: &str, table: impl FnOnce() -> ReportTable) {
        let shapes = self.first..shapes_of(ui);
        let right_bottom = pos2(self.right.max(ui.min_rect().right()), ui.min_rect().bottom()).max(self.left_top);
        let mut rect = Rect::from_min_max(self.left_top, right_bottom).expand2(MARGIN);
        if Popup::is_id_open(ui.ctx(), self.id.with("popup")) {
            rect = filled(ui, shapes.clone(), rect);
        }
        match self.wanted(ui, Some(rect.size())) {
            Some(Wanted::Picture(kind)) => {
                let painted = painted(ui, shapes.clone(), rect, title);
                let width = ui.ctx().data(|data| data.get_temp(width_id())).unwrap_or(DEFAULT_WIDTH);
                offer(ui.ctx(), Arc::new(PictureFile { stem: file_stem(self.name), painted, kind, width }));
            }
            Some(wanted) => give(ui.ctx(), wanted, table()),
            None => {}
        }
        self.cut_back(ui, shapes);
    }

    /// What was drawn is a table, of which no picture is given.
    pub(crate) fn end_table(self, ui: &mut Ui, table: impl FnOnce() -> ReportTable) {
        let shapes = self.first..shapes_of(ui);
        if let Some(wanted) = self.wanted(ui, None) {
            give(ui.ctx(), wanted, table());
        }
        self.cut_back(ui, shapes);
    }

    /// Shows the button, and what was chosen in its menu: that of a picture of `size` points, or of a table alone.
    fn wanted(&self, ui: &mut Ui, size: Option<Vec2>) -> Option<Wanted> {
        if let Some(seen) = self.seen {
            ui.set_clip_rect(seen);
        }
        shows_buttons(ui.ctx()).then(|| {
            let side = side(ui);
            let place = Rect::from_min_size(pos2(self.right + 4.0 - side, self.left_top.y - 3.0), vec2(side, side));
            menu(&button(ui, place, self.id, self.name), size)
        })?
    }

    /// What was painted whole is cut to what is seen of it.
    fn cut_back(&self, ui: &Ui, shapes: Range<usize>) {
        let Some(seen) = self.seen else { return };
        ui.ctx().graphics_mut(|layers| {
            let list = layers.entry(ui.layer_id());
            for place in shapes {
                list.mutate_shape(ShapeIdx(place), |shape| shape.clip_rect = shape.clip_rect.intersect(seen));
            }
        });
    }
}

/// How many shapes the layer has by now.
fn shapes_of(ui: &Ui) -> usize {
    ui.ctx().graphics(|layers| layers.get(ui.layer_id()).map_or(0, |list| list.all_entries().len()))
}

/// A button for a table that is not drawn as a picture, as the next widget of `ui`.
pub(crate) fn take_table(ui: &mut Ui, name: &str, table: impl FnOnce() -> ReportTable) {
    if !shows_buttons(ui.ctx()) {
        return;
    }
    let id = ui.make_persistent_id(("take", name));
    let side = side(ui);
    let (place, _) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
    let button = button(ui, place, id, name);
    if let Some(wanted) = menu(&button, None) {
        give(ui.ctx(), wanted, table());
    }
}

/// A title, with the button for the table under it at the right end of its line.
pub(crate) fn table_title(ui: &mut Ui, name: &str, title: RichText, table: impl FnOnce() -> ReportTable) {
    let taking = Taking::begin(ui, name);
    ui.scope(|ui| {
        ui.set_max_width(ui.available_width() - Taking::room(ui));
        ui.add(Label::new(title).truncate());
    });
    taking.end_table(ui, table);
}

/// What can be done with a table as buttons side by side: in a menu, where another menu would close it.
pub(crate) fn table_choices(ui: &mut Ui, table: impl FnOnce() -> ReportTable) {
    if shows_buttons(ui.ctx())
        && let Some(wanted) = ui.horizontal_wrapped(table_buttons).inner
    {
        give(ui.ctx(), wanted, table());
        ui.close();
    }
}

/// Whether pictures and tables have buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakeButtons {
    /// They have none: the window shows a class nothing but what it is told about.
    Hidden,
    /// They are seen under the pointer or with the focus alone: before a class all the room is the title's.
    UnderPointer,
    /// They have.
    Shown,
}

/// Whether they have them from now on.
pub(crate) fn show_take_buttons(ctx: &Context, buttons: TakeButtons) {
    ctx.data_mut(|data| data.insert_temp(Id::unique("take buttons"), buttons));
}

fn buttons(ctx: &Context) -> TakeButtons {
    ctx.data(|data| data.get_temp(Id::unique("take buttons"))).unwrap_or(TakeButtons::Shown)
}

fn shows_buttons(ctx: &Context) -> bool {
    buttons(ctx) != TakeButtons::Hidden
}

/// Side of the button, in points: no higher than a title with the space below it.
fn side(ui: &Ui) -> f32 {
    ui.text_style_height(&TextStyle::Body) + 5.0
}

/// Whether a choice in the menu may come with this frame: the pointer is over it, or a key is pressed. Else the picture must not
/// reach beyond what is seen of it, or it would answer clicks on what lies there.
fn about_to_choose(ctx: &Context, id: Id) -> bool {
    let popup = id.with("popup");
    if !Popup::is_id_open(ctx, popup) {
        return false;
    }
    let area = ctx.memory(|memory| memory.area_rect(popup));
    ctx.input(|input| {
        let over = |area: Rect| input.pointer.latest_pos().is_some_and(|at| area.contains(at));
        let is_key = |event: &Event| matches!(event, Event::Key { .. } | Event::AccessKitActionRequest(_));
        area.is_some_and(over) || input.events.iter().any(is_key)
    })
}

/// Three dots over whatever is there.
fn button(ui: &Ui, place: Rect, id: Id, name: &str) -> Response {
    let response = ui.interact(place, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Take: {name}")));
    let (palette, visuals) = (Palette::of(ui), ui.style().interact(&response));
    let open = Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response));
    let chosen = response.hovered() || response.has_focus() || open;
    if !chosen && buttons(ui.ctx()) == TakeButtons::UnderPointer {
        return response.on_hover_text("Save or copy");
    }
    if chosen {
        ui.painter().rect(place, visuals.corner_radius, visuals.weak_bg_fill, visuals.bg_stroke, StrokeKind::Inside);
    }
    let color = if response.hovered() || open { palette.text } else { palette.weak };
    Icon::More.paint(ui.painter(), place.shrink(0.25 * place.width()), color);
    response.on_hover_text("Save or copy")
}

/// The menu of a button: with a picture of `size` points, or of a table alone.
fn menu(button: &Response, size: Option<Vec2>) -> Option<Wanted> {
    let menu = Popup::menu(button).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let shown = menu.show(|ui| {
        ui.set_min_width(theme::width_for_text(ui, 230.0));
        let mut wanted = None;
        if let Some(size) = size {
            if ui.button("Save picture as SVG…").clicked() {
                wanted = Some(Wanted::Picture(Kind::Svg));
            }
            if ui.button("Save picture as PNG…").clicked() {
                wanted = Some(Wanted::Picture(Kind::Png));
            }
            width_ui(ui, size);
            ui.separator();
        }
        wanted = table_buttons(ui).or(wanted);
        if wanted.is_some() {
            ui.close();
        }
        wanted
    });
    shown.and_then(|shown| shown.inner)
}

fn table_buttons(ui: &mut Ui) -> Option<Wanted> {
    let copy = ui.button("Copy as table").clicked().then_some(Wanted::Copy);
    ui.button("Save table (CSV or Excel)…").clicked().then_some(Wanted::Table).or(copy)
}

const DEFAULT_WIDTH: u32 = 1920;

fn width_id() -> Id {
    Id::unique("width of pictures")
}

/// The width of a PNG: one of a few, or typed. It holds for all pictures.
fn width_ui(ui: &mut Ui, size: Vec2) {
    let before = ui.ctx().data(|data| data.get_temp(width_id())).unwrap_or(DEFAULT_WIDTH);
    let mut width = before;
    segmented(ui, "Width in pixels", &mut width, &WIDTHS);
    ui.horizontal(|ui| {
        let label = ui.label(theme::weak("Width"));
        let field = DragValue::new(&mut width).range(100..=8000).suffix(" px").update_while_editing(false);
        ui.add(field).labelled_by(label.id);
        let [wide, high] = pixel_size(size, width);
        ui.label(theme::weak(format!("{wide} × {high} pixels")));
    });
    if width != before {
        ui.ctx().data_mut(|data| data.insert_temp(width_id(), width));
    }
}

/// Carries out what is wanted of a table.
fn give(ctx: &Context, wanted: Wanted, table: ReportTable) {
    match wanted {
        Wanted::Copy => ctx.copy_text(table.tsv()),
        Wanted::Table | Wanted::Picture(_) => offer(ctx, Arc::new(TableFile(table))),
    }
}

/// The shapes of this frame's layer, with the pixels of the textures among them.
fn painted(ui: &Ui, range: Range<usize>, rect: Rect, title: &str) -> Painted {
    let shapes: Vec<ClippedShape> = ui.ctx().graphics(|layers| {
        let list = layers.get(ui.layer_id()).into_iter();
        list.flat_map(|list| list.all_entries().skip(range.start).take(range.len())).cloned().collect()
    });
    let mut textures = Vec::new();
    for ClippedShape { shape, .. } in &shapes {
        textures_of(shape, &mut textures);
    }
    textures.sort_unstable();
    textures.dedup();
    let images = textures.into_iter().filter_map(|id| Some((id, texture::pixels(ui.ctx(), id)?))).collect();
    Painted { title: title.to_owned(), rect, ground: Palette::of(ui).card, shapes, images }
}

/// What shapes fill of the room there was, and a margin around them.
fn filled(ui: &Ui, range: Range<usize>, room: Rect) -> Rect {
    let filled = ui.ctx().graphics(|layers| {
        let shapes = layers.get(ui.layer_id()).into_iter().flat_map(PaintList::all_entries);
        let places = shapes.skip(range.start).take(range.len());
        let places = places.map(|shape| shape.shape.visual_bounding_rect().intersect(shape.clip_rect));
        places.filter(|place| place.is_finite() && !place.is_negative()).fold(Rect::NOTHING, Rect::union)
    });
    if filled.is_positive() { filled.expand2(MARGIN).intersect(room) } else { room }
}

fn textures_of(shape: &Shape, textures: &mut Vec<TextureId>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| textures_of(shape, textures)),
        Shape::Mesh(mesh) => textures.push(mesh.texture_id),
        Shape::Rect(rect) => textures.extend(rect.brush.iter().map(|brush| brush.fill_texture_id)),
        _ => {}
    }
}

/// A matrix as a table: a row for each of `rows`, which `head` is over, a column for each of `columns`; NaN is undefined.
pub(crate) fn matrix_table(
    name: &str,
    caption: &str,
    (head, rows): (&str, &[String]),
    columns: impl IntoIterator<Item = String>,
    value: impl Fn(usize, usize) -> f32,
) -> ReportTable {
    let columns = columns.into_iter().map(|column| (column, ColumnKind::Numbers));
    let heads = std::iter::once((head.to_owned(), ColumnKind::Words)).chain(columns);
    let mut table = ReportTable::new(&file_stem(name), caption, heads);
    let n = table.columns.len() - 1;
    let row = |(i, name): (usize, &String)| {
        let numbers = (0..n).map(|j| Cell::Number(Some(f64::from(value(i, j))), 4));
        std::iter::once(Cell::from(name.as_str())).chain(numbers).collect()
    };
    table.rows = rows.iter().enumerate().map(row).collect();
    table
}

/// A name as that of a file: small letters and figures, words apart by underscores.
pub(crate) fn file_stem(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests;
