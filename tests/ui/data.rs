//! The Data screen: readings, roles, findings, views, rejected lines, and taking edits back.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use super::{Role, Window, click, draw, drop_files, show, wait_for, wait_for_label, window};

const SIZE: [f32; 2] = [1280.0, 800.0];

/// A folder with `firms.csv`: 60 rows of 20 firms, one of them with a cell too many; `copy` equals `debt`.
fn firms() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let mut csv = "firm;year;margin;debt;copy;default\n".to_owned();
    for i in 0..60 {
        let (debt, bad) = ((i * 7) % 13, u8::from(i % 4 == 1));
        let margin = if i % 10 == 3 { "NA".to_owned() } else { format!("{},{}", i % 9, i % 7) };
        _ = writeln!(csv, "F{:02};{};{margin};{debt};{debt};{bad}", i / 3, 2019 + i % 3);
    }
    csv += "F99;2019;1,5;1;1;0;too much\n";
    let path = folder.path().join("firms.csv");
    std::fs::write(&path, csv).unwrap();
    (folder, path)
}

fn opened(path: &Path) -> Window {
    let mut window = window(Some(path.to_owned()), SIZE);
    wait_for_label(&mut window, "firms.csv · 60 rows, 60 labelled, 15 bad");
    window
}

/// Waits for a chip of the strip; the offers of its list are no buttons.
fn wait_for_reading(window: &mut Window, chip: &str) {
    wait_for(window, chip, |w| w.query_by_role_and_label(Role::Button, chip).map(|_| ()));
}

/// Chooses from a drop-down list.
fn choose(window: &mut Window, list: &str, item: &str) {
    window.get_by_role_and_label(Role::ComboBox, list).click();
    window.run_steps(3);
    // The list lies over the screen: it is the last.
    window.get_all_by_role_and_label(Role::Button, item).last().unwrap().click();
    window.run_steps(3);
}

fn undo(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(2);
}

fn redo(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    window.run_steps(2);
}

#[test]
fn a_reading_is_changed_and_taken_back() {
    let (_folder, path) = firms();
    let mut window = opened(&path);
    click(&mut window, "Decimal mark: decimal comma");
    // The first rows come from the loader.
    wait_for_label(&mut window, "The first rows would be");
    wait_for(&mut window, "the first rows", |w| w.query_all_by_label("2019").next().map(|_| ()));
    window.get_by_role_and_label(Role::RadioButton, "Decimal mark: decimal point").click();
    wait_for_reading(&mut window, "Decimal mark: decimal point");
    wait_for_label(&mut window, "firms.csv · 60 rows, 60 labelled, 15 bad");
    undo(&mut window);
    wait_for_reading(&mut window, "Decimal mark: decimal comma");
    redo(&mut window);
    wait_for_reading(&mut window, "Decimal mark: decimal point");
}

#[test]
fn a_role_is_changed_and_taken_back() {
    let (_folder, path) = firms();
    let mut window = opened(&path);
    wait_for_label(&mut window, "Yes: 3 indicators, 60 labelled rows.");
    choose(&mut window, "Role of margin", "Set aside");
    wait_for_label(&mut window, "Yes: 2 indicators, 60 labelled rows.");
    undo(&mut window);
    wait_for_label(&mut window, "Yes: 3 indicators, 60 labelled rows.");
    redo(&mut window);
    wait_for_label(&mut window, "Yes: 2 indicators, 60 labelled rows.");
}

#[test]
fn a_finding_is_answered_with_one_click() {
    let (_folder, path) = firms();
    let mut window = opened(&path);
    wait_for(&mut window, "the findings", |w| w.query_all_by_label_contains("Worth a look").next().map(|_| ()));
    let told = |w: &Window| w.query_by_label_contains("\"copy\" equals \"debt\" in every row").is_some();
    assert!(told(&window), "the copy is found");
    window.get_by_role_and_label(Role::Button, "Set aside: copy").click_accesskit();
    wait_for_label(&mut window, "Yes: 2 indicators, 60 labelled rows.");
    wait_for(&mut window, "the end of the finding", |w| (!told(w)).then_some(()));
}

#[test]
fn rejected_lines_are_shown_with_their_reasons() {
    let (_folder, path) = firms();
    let mut window = opened(&path);
    click(&mut window, "Show 1 rejected lines");
    wait_for_label(&mut window, "has 7 cells, the header has 6");
}

#[test]
fn a_value_is_declared_missing() {
    let (_folder, path) = firms();
    let mut window = opened(&path);
    window.get_by_label_contains("1.7 % of cells missing");
    // The column's card lists its most frequent values.
    window.get_by_role_and_label(Role::ColumnHeader, "debt").click();
    window.run_steps(3);
    click(&mut window, "0 means missing in debt");
    wait_for(&mut window, "more gaps", |w| w.query_by_label_contains("3.1 % of cells missing").map(|_| ()));
    undo(&mut window);
    wait_for(&mut window, "the gaps as before", |w| w.query_by_label_contains("1.7 % of cells missing").map(|_| ()));
}

#[test]
fn files_dropped_together_are_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, shift: usize| {
        let mut csv = "margin,debt\n".to_owned();
        for i in 0..20 {
            _ = writeln!(csv, "{},{}.5", i + shift, i * shift % 7);
        }
        let path = folder.path().join(name);
        std::fs::write(&path, csv).unwrap();
        path
    };
    let (good, bad) = (file("healthy.csv", 0), file("bankrupt.csv", 5));
    let (_kept, path) = firms();
    let mut window = opened(&path);
    drop_files(&mut window, &[&good, &bad]);
    wait_for_label(&mut window, "healthy.csv + bankrupt.csv · 40 rows");
}

#[test]
fn opening_is_stopped_and_the_open_table_stays() {
    let (folder, path) = firms();
    let mut window = opened(&path);
    // Large enough to be still on its way when the button is pressed.
    let large = folder.path().join("large.csv");
    let mut file = std::fs::File::create(&large).unwrap();
    file.write_all(b"a,b,c,default\n").unwrap();
    let rows = "1.25,-2.5,3.75,0\n4.5,0.5,6.25,1\n".repeat(30_000);
    for _ in 0..120 {
        file.write_all(rows.as_bytes()).unwrap();
    }
    drop_files(&mut window, &[&large]);
    wait_for(&mut window, "the button", |w| w.query_by_role_and_label(Role::Button, "Stop opening").map(|_| ()));
    window.get_by_role_and_label(Role::Button, "Stop opening").click_accesskit();
    wait_for(&mut window, "the end of opening", |w| {
        w.query_by_role_and_label(Role::Button, "Stop opening").is_none().then_some(())
    });
    window.get_by_label_contains("firms.csv · 60 rows, 60 labelled, 15 bad");
    wait_for(&mut window, "the notice", |w| w.query_all_by_label_contains("stopped").next().map(|_| ()));
}

#[test]
fn every_view_is_drawn() {
    let (_folder, path) = firms();
    let mut window = opened(&path);
    for theme in [egui::Theme::Dark, egui::Theme::Light] {
        window.ctx.set_theme(theme);
        for view in ["Relations", "Gaps", "Preparation", "Splits", "Table"] {
            window.get_by_role_and_label(Role::RadioButton, &format!("View: {view}")).click();
            window.run_steps(6);
            let mode = if theme == egui::Theme::Dark { "dark" } else { "light" };
            draw(&mut window, &format!("data-{}-{mode}.png", view.to_lowercase()));
        }
    }
    show(&mut window, "Train");
}
