//! What is painted is what is drawn in a file, pixel by pixel; the button gives it away and takes nothing from the plot.

use std::f32::consts::FRAC_PI_2;
use std::path::Path;

use egui::epaint::{
    BandPoint, BandShape, CubicBezierShape, EllipseShape, PathShape, PathStroke, QuadraticBezierShape, TextShape,
};
use egui::{
    Color32, ColorImage, CornerRadius, FontId, Key, Mesh, OutputCommand, RawInput, Rect, ScrollArea, Shape, Stroke,
    StrokeKind, TextureOptions, Ui, pos2, vec2,
};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use resvg::tiny_skia::Pixmap;

use super::*;
use crate::app::export::{Document as _, offered};
use crate::app::widgets::{LinePlot, Series};
use crate::report::{Cell, ColumnKind};

const GROUND: [u8; 3] = [255, 255, 255];
const RED: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];

/// What `add` paints on 200 × 100 points of white.
fn drawn(mut add: impl FnMut(&mut Ui)) -> Painted {
    let ctx = Context::default();
    theme::install(&ctx);
    let rect = Rect::from_min_size(Pos2::ZERO, vec2(200.0, 100.0));
    let mut result = None;
    let input = RawInput { screen_rect: Some(rect.expand(50.0)), ..RawInput::default() };
    let mut output = ctx.run_ui(input, |ui| {
        add(ui);
        let taken = painted(ui, 0..usize::MAX, rect, "A & B");
        result = Some(Painted { ground: Color32::WHITE, ..taken });
    });
    output.textures_delta.clear();
    result.unwrap()
}

fn file(painted: Painted, kind: Kind) -> PictureFile {
    PictureFile { stem: "picture".to_owned(), painted, kind, width: 400 }
}

/// Two pixels a point.
fn pixels(painted: Painted) -> Pixmap {
    let png = file(painted, Kind::Png).contents(Path::new("picture")).unwrap();
    Pixmap::decode_png(&png).unwrap()
}

fn at(pixels: &Pixmap, x: f32, y: f32) -> [u8; 3] {
    let pixel = pixels.pixel((2.0 * x) as u32, (2.0 * y) as u32).unwrap();
    [pixel.red(), pixel.green(), pixel.blue()]
}

fn text(painted: Painted) -> String {
    String::from_utf8(file(painted, Kind::Svg).contents(Path::new("picture.svg")).unwrap()).unwrap()
}

#[test]
fn flat_shapes_have_their_places_and_colours() {
    let rect = |x: f32, y: f32| Rect::from_min_size(pos2(x, y), vec2(20.0, 20.0));
    let pixels = pixels(drawn(|ui| {
        let painter = ui.painter();
        painter.rect_filled(rect(10.0, 10.0), 0.0, Color32::RED);
        painter.rect_filled(rect(40.0, 10.0), 10.0, Color32::GREEN);
        let one = CornerRadius { nw: 10, ..CornerRadius::ZERO };
        painter.rect(rect(70.0, 10.0), one, Color32::BLUE, Stroke::new(4.0, Color32::RED), StrokeKind::Inside);
        painter.circle(pos2(110.0, 20.0), 10.0, Color32::RED, Stroke::new(4.0, Color32::BLUE));
        painter.line_segment([pos2(130.0, 10.0), pos2(150.0, 10.0)], Stroke::new(4.0, Color32::GREEN));
        let corners = vec![pos2(160.0, 10.0), pos2(180.0, 10.0), pos2(160.0, 30.0)];
        painter.add(Shape::convex_polygon(corners, Color32::BLUE, Stroke::NONE));
        painter.add(EllipseShape::filled(pos2(20.0, 60.0), vec2(15.0, 5.0), Color32::RED));
        let upright =
            EllipseShape { angle: FRAC_PI_2, ..EllipseShape::filled(pos2(60.0, 60.0), vec2(15.0, 5.0), Color32::RED) };
        painter.add(upright);
        painter.add(PathShape::line(
            vec![pos2(80.0, 50.0), pos2(80.0, 70.0), pos2(100.0, 70.0)],
            Stroke::new(4.0, Color32::GREEN),
        ));
        painter.add(BandShape::filled(
            vec![BandPoint::new(110.0, 50.0..=70.0), BandPoint::new(130.0, 55.0..=65.0)],
            Color32::BLUE,
        ));
        painter.add(QuadraticBezierShape::from_points_stroke(
            [pos2(140.0, 50.0), pos2(150.0, 70.0), pos2(160.0, 50.0)],
            false,
            Color32::TRANSPARENT,
            PathStroke::new(4.0, Color32::RED),
        ));
        painter.add(CubicBezierShape::from_points_stroke(
            [pos2(170.0, 50.0), pos2(170.0, 70.0), pos2(190.0, 70.0), pos2(190.0, 50.0)],
            true,
            Color32::GREEN,
            PathStroke::NONE,
        ));
    }));
    for (x, y, expected) in [
        (20.0, 20.0, RED),
        (8.0, 20.0, GROUND),
        (50.0, 20.0, GREEN),
        (41.0, 11.0, GROUND),
        (71.0, 11.0, GROUND),
        (88.9, 11.0, RED),
        (80.0, 20.0, BLUE),
        (110.0, 20.0, RED),
        (100.0, 20.0, BLUE),
        (140.0, 11.0, GREEN),
        (140.0, 13.0, GROUND),
        (164.0, 14.0, BLUE),
        (178.0, 28.0, GROUND),
        (32.0, 60.0, RED),
        (20.0, 68.0, GROUND),
        (60.0, 72.0, RED),
        (68.0, 60.0, GROUND),
        (80.0, 60.0, GREEN),
        (90.0, 70.0, GREEN),
        (90.0, 60.0, GROUND),
        (111.0, 69.0, BLUE),
        (129.0, 69.0, GROUND),
        (150.0, 60.0, RED),
        (150.0, 52.0, GROUND),
        (180.0, 60.0, GREEN),
        (180.0, 69.0, GROUND),
        (150.0, 90.0, GROUND),
    ] {
        assert_eq!(at(&pixels, x, y), expected, "{x}, {y}");
    }
}

#[test]
fn what_is_cut_off_or_thin_as_glass_is_so_in_the_file() {
    let painted = drawn(|ui| {
        let half = ui.painter().with_clip_rect(Rect::from_min_max(pos2(0.0, 0.0), pos2(50.0, 100.0)));
        half.rect_filled(Rect::from_min_max(pos2(10.0, 10.0), pos2(90.0, 40.0)), 0.0, Color32::RED);
        half.line_segment([pos2(0.0, 60.0), pos2(200.0, 60.0)], Stroke::new(4.0, Color32::BLUE));
        let glass = Color32::RED.gamma_multiply(0.5);
        ui.painter().rect_filled(Rect::from_min_max(pos2(110.0, 10.0), pos2(190.0, 40.0)), 0.0, glass);
        let nowhere = pos2(f32::NAN, 10.0);
        ui.painter().line_segment([nowhere, pos2(200.0, 90.0)], Stroke::new(9.0, Color32::RED));
        ui.painter().rect_filled(Rect::from_min_max(pos2(500.0, 500.0), pos2(600.0, 600.0)), 0.0, Color32::RED);
    });
    let pixels = pixels(drawn_again(&painted));
    for (x, y, expected) in
        [(40.0, 20.0, RED), (60.0, 20.0, GROUND), (49.0, 60.0, BLUE), (51.0, 60.0, GROUND), (150.0, 85.0, GROUND)]
    {
        assert_eq!(at(&pixels, x, y), expected, "{x}, {y}");
    }
    let [r, g, b] = at(&pixels, 150.0, 20.0);
    assert!(r == 255 && g == b && (120..=136).contains(&g), "half of the ground comes through: {r} {g} {b}");
    let text = text(painted);
    assert_eq!(text.matches("<clipPath").count(), 1, "one for all that is cut alike:\n{text}");
    assert!(!text.contains("NaN") && !text.contains("500.00"), "{text}");
}

fn drawn_again(painted: &Painted) -> Painted {
    let Painted { title, rect, ground, shapes, images } = painted;
    Painted { title: title.clone(), rect: *rect, ground: *ground, shapes: shapes.clone(), images: images.clone() }
}

#[test]
fn letters_stay_letters_where_they_stand() {
    let painted = drawn(|ui| {
        let mut job = egui::text::LayoutJob::default();
        let format = |size: f32, color: Color32| egui::TextFormat::simple(FontId::proportional(size), color);
        job.append("R&D ", 0.0, format(20.0, Color32::RED));
        job.append("<1 %>\nü", 0.0, format(12.0, Color32::BLUE));
        let galley = ui.painter().layout_job(job);
        ui.painter().galley(pos2(10.0, 5.0), galley, Color32::GREEN);
        let bold = ui.painter().layout_no_wrap("Semibold".to_owned(), theme::label_font(ui), Color32::PLACEHOLDER);
        ui.painter().galley(pos2(10.0, 70.0), bold, Color32::GREEN);
        let upwards = ui.painter().layout_no_wrap("IIIIIII".to_owned(), FontId::proportional(20.0), Color32::BLUE);
        ui.painter().add(TextShape::new(pos2(150.0, 90.0), upwards, Color32::BLUE).with_angle(-FRAC_PI_2));
    });
    let pixels = pixels(drawn_again(&painted));
    let text = text(painted);
    quick_xml_reads(&text);
    for part in [
        "aria-label=\"A &amp; B\"",
        "fill=\"#ff0000\" font-size=\"20.00\"",
        ">R&amp;D</text>",
        ">&lt;1 %&gt;</text>",
        ">ü</text>",
        "fill=\"#00ff00\" font-size=\"11.50\" font-weight=\"600\"",
        "transform=\"rotate(-90.000 150.00 90.00)\"",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let count = |color: [u8; 3], [left, top, right, bottom]: [u32; 4]| {
        let places = (2 * left..2 * right).flat_map(|x| (2 * top..2 * bottom).map(move |y| (x, y)));
        places.filter(|&(x, y)| at(&pixels, x as f32 / 2.0, y as f32 / 2.0) == color).count()
    };
    assert!(count(RED, [10, 5, 60, 30]) > 100 && count(RED, [60, 0, 200, 100]) == 0);
    assert!(count(GREEN, [10, 70, 80, 90]) > 50);
    // Upwards from where it begins, to the right of the baseline of its first letter.
    assert!(count(BLUE, [150, 30, 175, 90]) > 100 && count(BLUE, [110, 30, 149, 100]) == 0);
}

/// The text is well-formed XML.
fn quick_xml_reads(text: &str) {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
}

#[test]
fn cells_meet_without_seams_and_triangles_hang_together() {
    let cells = drawn(|ui| {
        let mut mesh = Mesh::default();
        for k in 0..10 {
            let x = 10.3 + 7.7 * k as f32;
            mesh.add_colored_rect(Rect::from_min_max(pos2(x, 10.4), pos2(x + 7.7, 30.0)), Color32::BLUE);
        }
        // A wedge of two triangles with a common side, in glass.
        let glass = Color32::RED.gamma_multiply(0.5);
        for corner in [pos2(110.0, 10.0), pos2(190.0, 10.0), pos2(150.0, 50.0), pos2(190.0, 90.0)] {
            mesh.colored_vertex(corner, glass);
        }
        let first = mesh.vertices.len() as u32 - 4;
        mesh.add_triangle(first, first + 1, first + 2);
        mesh.add_triangle(first + 1, first + 2, first + 3);
        ui.painter().add(Shape::mesh(mesh));
    });
    let drawing = text(drawn_again(&cells));
    assert_eq!([drawing.matches("crispEdges").count(), drawing.matches("<path").count()], [10, 1], "{drawing}");
    let pixels = pixels(cells);
    assert!((22..170).all(|x| at(&pixels, x as f32 / 2.0, 20.0) == BLUE));
    let seam = at(&pixels, 170.0, 30.0);
    assert!((-3..=3).all(|d| at(&pixels, 170.0 + d as f32, 30.0 + d as f32) == seam), "no line where the two meet");
}

#[test]
fn pixels_of_a_texture_are_in_the_file() {
    let mut handle = None;
    let colors = vec![Color32::RED, Color32::GREEN, Color32::BLUE, Color32::TRANSPARENT];
    let painted = drawn(|ui| {
        let image = ColorImage::new([2, 2], colors.clone());
        handle = Some(texture(ui.ctx(), handle.take(), "four", image, TextureOptions::NEAREST));
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let place = Rect::from_min_max(pos2(20.0, 20.0), pos2(60.0, 60.0));
        ui.painter().image(handle.as_ref().unwrap().id(), place, whole, Color32::WHITE);
    });
    assert_eq!(painted.images.len(), 1);
    let pixels = pixels(painted);
    for (x, y, expected) in [
        (21.0, 21.0, RED),
        (38.0, 38.0, RED),
        (42.0, 38.0, GREEN),
        (38.0, 42.0, BLUE),
        (58.0, 58.0, GROUND),
        (70.0, 30.0, GROUND),
    ] {
        assert_eq!(at(&pixels, x, y), expected, "{x}, {y}");
    }
}

#[test]
fn pixels_are_forgotten_with_their_texture() {
    let ctx = Context::default();
    let image = || ColorImage::new([1, 1], vec![Color32::RED]);
    let make = |handle| texture(&ctx, handle, "a", image(), TextureOptions::LINEAR);
    let first = make(None);
    let id = first.id();
    assert_eq!(make(Some(first)).id(), id, "the same, with new pixels; nobody keeps it");
    assert!(pixels_of(&ctx, id));
    let other = make(None);
    assert!(!pixels_of(&ctx, id) && pixels_of(&ctx, other.id()));
}

fn pixels_of(ctx: &Context, id: TextureId) -> bool {
    texture::pixels(ctx, id).is_some()
}

fn table() -> ReportTable {
    let mut table = ReportTable::new("two", "Two rows.", [("What", ColumnKind::Words), ("Value", ColumnKind::Numbers)]);
    table.rows = vec![vec!["a".into(), Cell::Count(Some(1))], vec!["b\tc".into(), Cell::Count(None)]];
    table
}

fn harness<'a>(ui: impl FnMut(&mut Ui, &mut u32) + 'a) -> Harness<'a, u32> {
    Harness::builder()
        .with_size(vec2(420.0, 320.0))
        .with_context_setup(theme::install)
        .with_max_steps(30)
        .build_ui_state(ui, 0)
}

fn choose(h: &mut Harness<'_, u32>, button: &str, choice: &str) {
    h.get_by_label(button).click();
    h.run();
    h.get_by_label(choice).click();
    h.step();
}

fn copied<'a>(h: &'a Harness<'_, u32>) -> Option<&'a str> {
    h.output().platform_output.commands.iter().find_map(|command| match command {
        OutputCommand::CopyText(text) => Some(text.as_str()),
        _ => None,
    })
}

#[test]
fn a_plot_gives_away_its_picture_and_its_table() {
    let points = [[0.0, 1.0], [1.0, 0.5]];
    let mut h = harness(move |ui, _| {
        let series = [Series::new("test rows", &points, Palette::of(ui).dbn)];
        LinePlot::new("the loss", "Loss falls", &series).x_name("epoch").show(ui);
    });
    choose(&mut h, "Take: the loss", "Save picture as SVG…");
    let [picture] = &offered(&h.ctx)[..] else { panic!("one picture") };
    assert_eq!(picture.file_name(), "the_loss.svg");
    let drawing = String::from_utf8(picture.contents(Path::new("a.svg")).unwrap()).unwrap();
    assert!(drawing.contains(">Loss falls</text>") && drawing.contains(">test rows</text>"), "{drawing}");
    assert!(picture.contents(Path::new("a.PNG")).unwrap().starts_with(b"\x89PNG"));
    h.run();
    choose(&mut h, "Take: the loss", "Copy as table");
    assert_eq!(copied(&h), Some("epoch\ttest rows\n0\t1\n1\t0.5\n"));
    h.run();
    choose(&mut h, "Take: the loss", "Save table (CSV or Excel)…");
    let [table] = &offered(&h.ctx)[..] else { panic!("one table") };
    assert_eq!(table.file_name(), "the_loss.csv");
    assert_eq!(table.contents(Path::new("a.csv")).unwrap(), b"epoch,test rows\n0,1\n1,0.5\n");
    assert!(table.contents(Path::new("a.xlsx")).unwrap().starts_with(b"PK"));
}

#[test]
fn a_png_has_the_width_that_was_chosen() {
    let mut h = harness(|ui, _| picture_card(ui, "one", ["One", ""], table, |ui| drop(ui.label("contents"))));
    h.get_by_label("Take: one").click();
    h.run();
    h.get_by_label("Width in pixels: 1280").click();
    h.run();
    h.get_by_label("Save picture as PNG…").click();
    h.step();
    let [picture] = &offered(&h.ctx)[..] else { panic!("one picture") };
    assert_eq!(picture.file_name(), "one.png");
    let png = picture.contents(Path::new("one")).unwrap();
    assert_eq!(Pixmap::decode_png(&png).unwrap().width(), 1280);
}

#[test]
fn the_button_works_by_keyboard_and_is_hidden_when_the_class_shall_not_see_it() {
    let mut h = harness(|ui, hidden| {
        show_take_buttons(ui.ctx(), if *hidden == 0 { TakeButtons::Shown } else { TakeButtons::Hidden });
        picture_card(ui, "one", ["One", "second line"], table, |_| ());
        take_table(ui, "two", table);
    });
    h.get_by_label("Take: one").focus();
    h.run();
    h.key_press(Key::Enter);
    h.run();
    h.get_by_label("Save table (CSV or Excel)…").focus();
    h.run();
    h.key_press(Key::Enter);
    h.run();
    assert_eq!(offered(&h.ctx).len(), 1);
    assert!(h.query_by_label("Copy as table").is_none(), "the menu has closed");
    choose(&mut h, "Take: two", "Copy as table");
    assert_eq!(copied(&h), Some("What\tValue\na\t1\nb c\t\n"));
    h.run();
    *h.state_mut() = 1;
    h.run();
    assert!(h.query_by_label("Take: one").is_none() && h.query_by_label("Take: two").is_none());
}

#[test]
fn what_is_scrolled_out_of_sight_is_in_the_file_and_not_on_the_screen() {
    let mut h = harness(|ui, _| {
        ScrollArea::vertical().max_height(100.0).show(ui, |ui| {
            picture_card(ui, "long", ["Long", ""], table, |ui| {
                for line in 0..40 {
                    ui.label(format!("line {line}"));
                }
            });
        });
    });
    choose(&mut h, "Take: long", "Save picture as SVG…");
    let [picture] = &offered(&h.ctx)[..] else { panic!("one picture") };
    let drawing = String::from_utf8(picture.contents(Path::new("a.svg")).unwrap()).unwrap();
    assert!((0..40).all(|line| drawing.contains(&format!(">line {line}</text>"))), "{drawing}");
    let seen =
        |shape: &&ClippedShape| shape.clip_rect.bottom() > 110.0 && shape.shape.visual_bounding_rect().top() < 300.0;
    let reaching = h.output().shapes.iter().filter(seen).filter(|shape| matches!(shape.shape, Shape::Text(_)));
    let texts: Vec<&str> = reaching
        .filter_map(|shape| if let Shape::Text(text) = &shape.shape { Some(text.galley.text()) } else { None })
        .collect();
    assert!(texts.iter().all(|text| !text.starts_with("line ")), "{texts:?}");
}
