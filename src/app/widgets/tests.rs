//! Every widget is found by its accessible name and works by mouse and by keyboard; no plot can be made to panic.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::*;
use crate::app::theme::{self, Palette, Tone};

/// A window with the program's look that shows `ui`.
fn harness<'a, S>(state: S, ui: impl FnMut(&mut egui::Ui, &mut S) + 'a) -> Harness<'a, S> {
    Harness::builder()
        .with_size(vec2(420.0, 320.0))
        .with_context_setup(theme::install)
        .with_max_steps(30)
        .build_ui_state(ui, state)
}

fn drag<S>(harness: &mut Harness<'_, S>, from: Pos2, to: Pos2) {
    harness.drag_at(from);
    harness.run();
    harness.hover_at(to);
    harness.run();
    harness.drop_at(to);
    harness.run();
}

#[test]
fn a_field_moves_by_track_by_keyboard_and_by_screen_reader() {
    let mut h = harness(0.1, |ui, rate: &mut f64| {
        Field::new("Learning rate", rate, 1e-4..=1.0).log().tooltip("Step size").show(ui);
    });
    let track = h.get_by_role_and_label(Role::Slider, "Learning rate");
    let rect = track.rect();
    track.focus();
    h.run();
    h.key_press(Key::ArrowRight);
    h.run();
    assert!(*h.state() > 0.1 && *h.state() < 0.13, "{}", h.state());
    h.key_press(Key::Home);
    h.run();
    assert_eq!(*h.state(), 1e-4);
    drag(&mut h, rect.left_center(), rect.center());
    assert!((h.state().log10() + 2.0).abs() < 0.05, "{}", h.state());
    h.get_by_role_and_label(Role::Slider, "Learning rate").set_value_accesskit(0.5);
    h.run();
    assert_eq!(*h.state(), 0.5);
    h.get_by_role_and_label(Role::Slider, "Learning rate").increment_accesskit();
    h.run();
    assert!(*h.state() > 0.5);
}

#[test]
fn a_field_takes_typed_numbers_with_words_and_decimal_commas() {
    let mut h = harness(0.1, |ui, rate: &mut f64| {
        Field::new("Rate", rate, 0.0..=1.0).format(&|value| format!("{value} → live")).show(ui);
    });
    h.get_by_role_and_label(Role::SpinButton, "Rate").click();
    h.run();
    h.get_by_role_and_label(Role::SpinButton, "Rate").type_text("0,25 please");
    h.run();
    assert_eq!(*h.state(), 0.1, "not before it is confirmed");
    h.key_press(Key::Enter);
    h.run();
    assert_eq!(*h.state(), 0.25);
}

#[test]
fn a_field_with_marks_takes_typed_numbers_beyond_its_track() {
    let mut h = harness(0.5, |ui, value: &mut f64| {
        let marks = [TrackMark::Origin(7.0), TrackMark::Turn(0.25), TrackMark::Turn(f64::NAN)];
        Field::new("Debt", value, 0.0..=1.0).typed(f64::MIN..=f64::MAX).marks(&marks).show(ui);
    });
    h.get_by_role_and_label(Role::SpinButton, "Debt").click();
    h.run();
    h.get_by_role_and_label(Role::SpinButton, "Debt").type_text("−12.5");
    h.run();
    h.key_press(Key::Enter);
    h.run();
    assert_eq!(*h.state(), -12.5);
    h.get_by_role_and_label(Role::Slider, "Debt").set_value_accesskit(40.0);
    h.run();
    assert_eq!(*h.state(), 1.0, "the track keeps to its own range");
}

#[test]
fn whole_numbers_step_by_one_and_a_refused_number_says_why() {
    let mut h = harness(50_usize, |ui, epochs: &mut usize| {
        let error = (*epochs > 50).then_some("50 at most for this table");
        Field::new("Epochs", epochs, 1..=500).error(error).show(ui);
    });
    assert!(h.query_by_label_contains("50 at most").is_none());
    h.get_by_role_and_label(Role::Slider, "Epochs").focus();
    h.run();
    h.key_press(Key::ArrowRight);
    h.run();
    assert_eq!(*h.state(), 51);
    h.run();
    h.get_by_label("50 at most for this table");
    h.key_press(Key::End);
    h.run();
    assert_eq!(*h.state(), 500);
}

#[test]
fn percentages_are_typed_as_they_are_shown() {
    let mut h = harness(0.05, |ui, share: &mut f64| {
        Field::new("Share", share, 0.0..=0.5).percent().show(ui);
    });
    let field = |h: &Harness<'_, f64>| h.get_by_role_and_label(Role::SpinButton, "Share").click();
    field(&h);
    h.run();
    h.key_press(Key::Enter);
    h.run();
    assert_eq!(*h.state(), 0.05, "looked at and left alone");
    field(&h);
    h.run();
    h.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    h.get_by_role_and_label(Role::SpinButton, "Share").type_text("2.5");
    h.run();
    h.key_press(Key::Enter);
    h.run();
    assert_eq!(*h.state(), 0.025);
}

#[test]
fn a_value_outside_the_range_is_shown_and_left_alone() {
    let mut h = harness((50.0, 5000_usize, 0), |ui, (gamma, epochs, changes): &mut (f64, usize, i32)| {
        *changes += i32::from(Field::new("γ", gamma, 0.0..=10.0).log().show(ui).changed());
        *changes += i32::from(Field::new("Epochs", epochs, 0..=2000).log().show(ui).changed());
    });
    h.run_steps(3);
    assert_eq!(*h.state(), (50.0, 5000, 0));
}

#[test]
fn buttons_are_pressed_by_mouse_and_by_keyboard() {
    let mut h = harness((0, 0), |ui, (train, pause): &mut (i32, i32)| {
        *train += i32::from(ActionButton::new("Train").with_icon(Icon::Play).primary().show(ui).clicked());
        *pause += i32::from(ActionButton::icon(Icon::Pause, "Pause").show(ui).clicked());
        ActionButton::icon(Icon::Stop, "Stop").enabled(false).show(ui);
    });
    h.get_by_role_and_label(Role::Button, "Train").click();
    h.get_by_role_and_label(Role::Button, "Pause").click();
    h.run();
    assert_eq!(*h.state(), (1, 1));
    h.get_by_role_and_label(Role::Button, "Pause").focus();
    h.run();
    h.key_press(Key::Space);
    h.run();
    assert_eq!(*h.state(), (1, 2));
    assert!(h.get_by_label("Stop").accesskit_node().is_disabled());
}

#[test]
fn a_switch_and_tabs_choose() {
    let mut h = harness(("risk", 0), |ui, (mode, tab_index): &mut (&str, usize)| {
        segmented(ui, "Mode", mode, &[("risk", "Risk"), ("lecture", "Lecture")]);
        for (i, name) in ["Data", "Train"].into_iter().enumerate() {
            if tab(ui, *tab_index == i, name).clicked() {
                *tab_index = i;
            }
        }
    });
    h.get_by_role_and_label(Role::RadioButton, "Mode: Lecture").click();
    h.get_by_role_and_label(Role::Tab, "Train").focus();
    h.run();
    h.key_press(Key::Enter);
    h.run();
    assert_eq!(*h.state(), ("lecture", 1));
}

#[test]
fn a_notice_is_dismissed_and_news_are_said_in_words() {
    let mut h = harness(true, |ui, open: &mut bool| {
        if *open && notice(ui, Tone::Warn, "7 lines were skipped") {
            *open = false;
        }
        stat(ui, "Dead units", "0 · 2 · 0", Some((Tone::Ok, "fine")));
        meter_row(ui, egui::Color32::PLACEHOLDER, "DBN", "0.912", f64::NAN, "finds 0.79 of the defaults");
        empty_state(ui, "No runs yet", "Press Train");
    });
    for text in ["7 lines were skipped", "Dead units", "fine", "0.912", "No runs yet", "Press Train"] {
        h.get_by_label(text);
    }
    h.get_by_role_and_label(Role::Button, "Dismiss").click();
    h.run();
    assert!(h.query_by_label("7 lines were skipped").is_none());
}

#[test]
fn a_table_sorts_and_chooses() {
    let state = (Sort { column: 1, descending: true }, None);
    let mut h = harness(state, |ui, (sort, clicked): &mut (Sort, Option<usize>)| {
        let columns = [Column::text("Model"), Column::numeric("AUC", 80.0)];
        let row = data_table(ui, "models", &columns, 1000, Some(sort), |ui, row, column| {
            ui.label(format!("{row}/{column}"));
        });
        *clicked = row.or(*clicked);
    });
    h.run();
    h.get_by_role_and_label(Role::Button, "AUC").click();
    h.run();
    assert_eq!(h.state().0, Sort { column: 1, descending: false });
    h.get_by_role_and_label(Role::Button, "Model").click();
    h.run();
    assert_eq!(h.state().0, Sort { column: 0, descending: false });
    let third = h.get_by_label("2/0").rect().center();
    assert!(h.query_by_label("900/0").is_none(), "rows out of sight are not drawn");
    h.drag_at(third);
    h.drop_at(third);
    h.run();
    assert_eq!(h.state().1, Some(2));
}

struct Shown {
    points: Vec<[f64; 2]>,
    following: bool,
}

fn plot_harness<'a>(points: Vec<[f64; 2]>, log: bool) -> Harness<'a, Shown> {
    harness(Shown { points, following: true }, move |ui, shown: &mut Shown| {
        let color = Palette::of(ui).dbn;
        let series = [Series::new("validation", &shown.points, color), Series::new("empty", &[], color)];
        let bands = [Band { from: 0.0, to: 50.0, name: "RBM 1" }, Band { from: 50.0, to: 100.0, name: "Fine-tuning" }];
        let flags = [Flag { x: 20.0, text: "rate" }, Flag { x: 21.0, text: "momentum" }];
        let mut plot = LinePlot::new("loss", "Loss falls", &series).bands(&bands).flags(&flags).x_name("epoch");
        if log {
            plot = plot.log_y();
        }
        shown.following = plot.show(ui);
    })
}

fn plot_centre(h: &Harness<'_, Shown>) -> Pos2 {
    h.get_by_label_contains("Plot: Loss falls").rect().center()
}

#[test]
fn a_plot_says_what_it_shows_and_follows_until_it_is_moved() {
    let mut h = plot_harness((0..=60).map(|i| [f64::from(i), 1.0 / f64::from(i + 1)]).collect(), false);
    h.get_by_label_contains("validation: 0.01639 at epoch 60");
    h.get_by_label_contains("Phases: RBM 1, Fine-tuning");
    let centre = plot_centre(&h);
    drag(&mut h, centre, centre + vec2(40.0, 0.0));
    assert!(!h.state().following);
    h.get_by_role_and_label(Role::Button, "Follow").click();
    h.run();
    assert!(h.state().following);
    assert!(h.query_by_label("Follow").is_none());
}

#[test]
fn the_wheel_scrolls_the_page_and_not_the_plot() {
    let mut h = plot_harness(vec![[0.0, 1.0], [100.0, 2.0]], false);
    let centre = plot_centre(&h);
    h.hover_at(centre);
    h.event(wheel(vec2(0.0, 3.0)));
    h.run();
    assert!(h.state().following);
}

#[test]
fn the_pointer_shows_values() {
    let mut h = plot_harness(vec![[0.0, 1.0], [50.0, 7.25], [100.0, 2.0]], false);
    let centre = plot_centre(&h);
    h.hover_at(centre);
    h.run();
    h.get_by_label("epoch 50 · RBM 1");
    h.get_by_label("7.250");
}

fn wheel(delta: Vec2) -> egui::Event {
    egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Line,
        delta,
        phase: egui::TouchPhase::Move,
        modifiers: Modifiers::NONE,
        source: egui::MouseWheelSource::Wheel,
    }
}

#[test]
fn no_data_and_no_zoom_can_make_a_plot_panic() {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let cases: [Vec<[f64; 2]>; 9] = [
        vec![],
        vec![[nan, nan]],
        vec![[0.0, inf], [1.0, -inf]],
        vec![[5.0, 0.0]],
        vec![[0.0, 1e300], [1.0, -1e300]],
        vec![[0.0, f64::MAX], [f64::MAX, f64::MIN]],
        vec![[1e9, 1.0], [1e9 + 1e-7, 1.0]],
        vec![[0.0, 1e-300], [1.0, 1e-310], [2.0, 0.0], [3.0, -1.0]],
        (0..2000).map(|i| [f64::from(i % 7), if i % 5 == 0 { nan } else { f64::from(i) }]).collect(),
    ];
    for points in cases {
        for log in [false, true] {
            let mut h = plot_harness(points.clone(), log);
            let centre = plot_centre(&h);
            h.hover_at(centre);
            h.run();
            for zoom in [1e-9, 1e9, 1e-3, 30.0, f32::MIN_POSITIVE, 1e20] {
                for _ in 0..4 {
                    h.event(egui::Event::Zoom(zoom));
                    h.step();
                }
                h.render_shapes();
            }
            drag(&mut h, centre, pos2(-1e7, 1e7));
            drag(&mut h, centre, centre + vec2(1e5, 0.0));
            h.render_shapes();
        }
    }
}

trait RenderShapes {
    fn render_shapes(&self);
}

impl<S> RenderShapes for Harness<'_, S> {
    /// Tessellates, and holds the number of shapes to what a screen can show.
    fn render_shapes(&self) {
        let shapes = self.output().shapes.clone();
        assert!(shapes.len() < 20_000, "{} shapes", shapes.len());
        self.ctx.tessellate(shapes, 1.0);
    }
}
