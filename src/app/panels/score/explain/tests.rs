//! The pages as a person or a screen reader meets them: found by name, answered by intents.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::*;
use crate::app::export::offered;
use crate::app::panels::compare::tests::{quick, workspace};
use crate::explanation::{Value, what_if};
use crate::scoring::tests::{made as made_model, quick as settings, sample};
use crate::training::{ModelKind, train_split};

/// A DBN and an SVM trained on the bundled sample, and the sample.
struct Made {
    dbn: Arc<RiskModel>,
    svm: Arc<RiskModel>,
    data: Arc<Dataset>,
    matching: Matching,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let (source, data) = sample();
        let spec = settings().check().unwrap();
        let fold = train_split(&data, &spec).unwrap();
        let model = |kind| Arc::new(made_model(kind, &fold, &spec, &source, &data).0);
        let (dbn, svm) = (model(ModelKind::Dbn), model(ModelKind::Svm));
        let matching = Matching::new(&dbn, source.table.names(), &source.guess.roles);
        Made { dbn, svm, data: Arc::new(data), matching }
    })
}

/// The firm in a row as the list has it.
fn score_of(row: usize) -> FirmScore {
    let Made { dbn, data, .. } = made();
    let pd = what_if(dbn, &Firm::of_row(dbn, data, row.min(data.n_rows() - 1), row)).unwrap();
    FirmScore {
        row: row as u64 + 1,
        enterprise: Some(format!("E{row:03}")),
        period: None,
        exposure: Some(1000.0),
        bad: None,
        pd,
        called_bad: dbn.is_called_bad(pd),
        grade: dbn.grade(pd),
        flags: Vec::new(),
        free_energy: Some(-3.0),
        novel: true,
    }
}

struct State {
    panel: ExplainPanel,
    workspace: Workspace,
    score: FirmScore,
    row: usize,
    intents: Vec<Intent>,
}

fn harness<'a>(row: usize) -> Harness<'a, State> {
    let workspace = workspace(quick());
    let state = State { panel: ExplainPanel::default(), workspace, score: score_of(row), row, intents: Vec::new() };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1280.0, 1400.0))
        .with_context_setup(theme::install)
        .with_max_steps(30)
        .build_ui_state(
            |ui, state: &mut State| {
                let Made { dbn, svm, data, matching } = made();
                let State { panel, workspace, score, row, intents } = state;
                let source = workspace.table.as_ref().map(|table| &table.source);
                let scene = FirmScene { model: dbn, other: Some(svm), source, data, row: *row, score, matching };
                panel.ui(ui, &scene, workspace, intents);
            },
            state,
        );
    harness.run_ok();
    harness
}

/// Runs frames until `there`.
fn settle<S>(h: &mut Harness<'_, S>, what: &str, there: impl Fn(&Harness<'_, S>) -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !there(h) {
        assert!(Instant::now() < deadline, "{what} did not come");
        h.run_ok();
        std::thread::yield_now();
    }
    h.run_ok();
}

fn page(h: &mut Harness<'_, State>, name: &str) {
    h.get_by_role_and_label(Role::RadioButton, &format!("Show: {name}")).click();
    h.run_ok();
}

fn press(h: &mut Harness<'_, State>, name: &str) {
    h.get_by_role_and_label(Role::Button, name).click();
    h.run_ok();
}

/// The first number among the levers: its name, place among the indicators, and a value that is not the firm's.
fn a_number(row: usize) -> (String, usize, f64) {
    let Made { dbn, data, .. } = made();
    let firm = Firm::of_row(dbn, data, row, row);
    let found = dbn.columns.iter().enumerate().find_map(|(i, column)| match (&column.values, &firm.values[i]) {
        (crate::scoring::ColumnValues::Number { quantiles, .. }, Value::Number(own)) => {
            let far = if *own < quantiles[50] { quantiles[90] } else { quantiles[10] };
            (dbn.preparation.inputs_of(&column.name).is_some() && far != *own).then(|| (column.name.clone(), i, far))
        }
        _ => None,
    });
    found.unwrap()
}

#[test]
fn a_firm_is_taken_apart_and_it_is_said_that_reasons_are_no_causes() {
    let mut h = harness(3);
    h.get_by_label("E003");
    assert!(h.query_by_label_contains("Unlike the firms that were learned from").is_some());
    settle(&mut h, "reasons", |h| h.query_by_label("Every indicator").is_some());
    assert!(h.query_by_label(NOT_CAUSES).is_some());
    let picture = h.get_by_label_contains("Waterfall from a base of");
    assert!(picture.accesskit_node().label().unwrap().contains(" pp"));
    press(&mut h, "Take: waterfall");
    press(&mut h, "Save picture as SVG…");
    press(&mut h, "Take: reasons");
    press(&mut h, "Save table (CSV or Excel)…");
    let [picture, table] = &offered(&h.ctx)[..] else { panic!("a picture and a table") };
    let contents = |document: &Arc<dyn crate::app::export::Document>, name: &str| {
        document.contents(std::path::Path::new(name)).unwrap()
    };
    assert!(contents(picture, "a.svg").starts_with(b"<svg"));
    assert!(contents(picture, "a.PNG").starts_with(b"\x89PNG"));
    assert!(contents(table, "a.csv").starts_with(b"Indicator,Value,"));
    assert!(contents(table, "a.xlsx").starts_with(b"PK"));
}

#[test]
fn reasons_are_those_of_either_model() {
    let mut h = harness(3);
    settle(&mut h, "reasons", |h| h.query_by_label("Every indicator").is_some());
    let words = |h: &Harness<'_, State>| {
        let picture = h.get_by_label_contains("Waterfall from a base of");
        picture.accesskit_node().label().unwrap()
    };
    let of_dbn = words(&h);
    h.get_by_role_and_label(Role::RadioButton, "Reasons of: SVM").click();
    h.run_ok();
    settle(&mut h, "reasons of the SVM", |h| h.query_by_label("Every indicator").is_some() && words(h) != of_dbn);
}

#[test]
fn a_slider_moves_the_pd_of_both_models_to_that_of_the_changed_row() {
    let mut h = harness(5);
    page(&mut h, "What if");
    let (name, column, far) = a_number(5);
    h.get_by_role_and_label(Role::Slider, &name).set_value_accesskit(far);
    h.run_ok();
    let Made { dbn, svm, data, .. } = made();
    let lever = |h: &Harness<'_, State>| {
        h.state().panel.what_if.levers().iter().find(|lever| lever.name == name).unwrap().now.clone()
    };
    let Value::Number(set) = lever(&h) else { panic!("a number") };
    assert!((set - far).abs() <= 0.006 * far.abs(), "three digits: {set} for {far}");
    let changed = |model: &RiskModel| {
        let firm = Firm::of_row(model, data, 5, 5).with(column, Value::Number(set));
        what_if(model, &firm).unwrap()
    };
    settle(&mut h, "the answers", |h| h.state().panel.what_if.shown().iter().all(Option::is_some));
    assert_eq!(h.state().panel.what_if.shown(), [Some(changed(dbn)), Some(changed(svm))]);
    assert!(h.query_by_label("1 indicator changed").is_some());

    h.get_by_role_and_label(Role::CheckBox, &format!("{name} missing")).click();
    h.run_ok();
    assert_eq!(lever(&h), Value::Missing);
    press(&mut h, &format!("Reset {name}"));
    assert!(h.query_by_label_contains("The firm as it is").is_some());
}

#[test]
fn any_number_can_be_typed_and_all_levers_go_back_at_once() {
    let mut h = harness(5);
    page(&mut h, "What if");
    let (name, ..) = a_number(5);
    h.get_by_role_and_label(Role::SpinButton, &name).click();
    h.run_ok();
    h.get_by_role_and_label(Role::SpinButton, &name).type_text("1e6");
    h.run_ok();
    h.key_press(egui::Key::Enter);
    h.run_ok();
    let now = |h: &Harness<'_, State>| {
        h.state().panel.what_if.levers().iter().find(|lever| lever.name == name).unwrap().now.clone()
    };
    assert_eq!(now(&h), Value::Number(1e6), "also beyond the track");
    press(&mut h, "Reset all");
    assert!(h.query_by_label_contains("The firm as it is").is_some());
}

#[test]
fn the_nearest_change_is_set_as_levers_and_what_is_locked_stays() {
    let mut h = harness(5);
    page(&mut h, "Nearest change");
    let found = |h: &Harness<'_, State>| h.query_by_label("Looking for the nearest change").is_none();
    settle(&mut h, "the nearest change", found);
    if h.query_by_label("No change was found").is_some() {
        return; // This small net calls every firm alike.
    }
    press(&mut h, "Apply to the sliders");
    let state = h.state();
    assert_eq!(state.panel.page, Page::WhatIf);
    let changed: Vec<String> =
        state.panel.what_if.levers().iter().filter(|l| l.is_changed()).map(|l| l.name.clone()).collect();
    assert!((1..=3).contains(&changed.len()), "{changed:?}");
    assert!(h.query_by_label_contains("The DBN would call it").is_some());
    page(&mut h, "Nearest change");
    h.get_by_role_and_label(Role::CheckBox, &format!("Lock {}", changed[0])).click();
    h.run_ok();
    settle(&mut h, "another change", found);
    if h.query_by_label("No change was found").is_none() {
        press(&mut h, "Apply to the sliders");
        let levers = h.state().panel.what_if.levers();
        assert!(levers.iter().filter(|lever| lever.is_changed()).all(|lever| lever.name != changed[0]));
    }
}

#[test]
fn a_decision_needs_a_reason_and_going_back_is_an_entry_too() {
    let mut h = harness(7);
    page(&mut h, "Override");
    let called_bad = h.state().score.called_bad;
    let other = if called_bad { "Decision: Good" } else { "Decision: Bad" };
    h.get_by_role_and_label(Role::RadioButton, other).click();
    h.run_ok();
    press(&mut h, "Record the decision");
    assert!(h.state().intents.is_empty(), "not without a reason");
    assert!(h.query_all_by_label("A decision needs a reason.").count() > 0);
    let field = |h: &mut Harness<'_, State>, role, name: &str, text: &str| {
        h.get_by_role_and_label(role, name).focus();
        h.run_ok();
        h.get_by_role_and_label(role, name).type_text(text);
        h.run_ok();
    };
    field(&mut h, Role::MultilineTextInput, "Reason", "Guarantor pays");
    field(&mut h, Role::TextInput, "Decided by", "A. N.");
    press(&mut h, "Record the decision");
    let entry = match &std::mem::take(&mut h.state_mut().intents)[..] {
        [Intent::Override(entry)] => (**entry).clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((entry.row, entry.from_bad, entry.to_bad), (8, called_bad, !called_bad));
    assert_eq!((entry.reason.as_str(), entry.enterprise.as_deref()), ("Guarantor pays", Some("E007")));
    assert!(entry.user.ends_with("A. N.") && entry.time.ends_with('Z'), "{entry:?}");

    h.state_mut().workspace.overrides.push(entry);
    h.run_ok();
    assert!(h.query_by_label("One decision on this firm").is_some());
    field(&mut h, Role::MultilineTextInput, "Reason", "Guarantor failed");
    press(&mut h, "Back to the model's answer");
    let [Intent::Override(back)] = &h.state().intents[..] else { panic!("{:?}", h.state().intents) };
    assert_eq!((back.from_bad, back.to_bad), (called_bad, called_bad));

    let entry = &mut h.state_mut().workspace.overrides[0];
    entry.table.as_mut().unwrap().sha256 = "of another table".to_owned();
    h.run_ok();
    assert!(h.query_by_label("No decision on this firm yet").is_some(), "the same row of another table");
}

#[test]
fn another_firm_begins_anew_and_one_that_is_gone_says_so() {
    let mut h = harness(5);
    page(&mut h, "What if");
    let (name, _, far) = a_number(5);
    h.get_by_role_and_label(Role::Slider, &name).set_value_accesskit(far);
    h.run_ok();
    (h.state_mut().row, h.state_mut().score) = (6, score_of(6));
    h.run_ok();
    assert!(h.state().panel.what_if.levers().iter().all(|lever| !lever.is_changed()));
    h.state_mut().row = usize::MAX;
    h.run_ok();
    h.get_by_label("This firm is not in the table any more");
}

struct GlobalState {
    panel: GlobalPanel,
    workspace: Workspace,
    data: Arc<Dataset>,
}

fn global<'a>(data: Arc<Dataset>) -> Harness<'a, GlobalState> {
    let state = GlobalState { panel: GlobalPanel::default(), workspace: workspace(quick()), data };
    Harness::builder()
        .with_size(egui::vec2(1280.0, 1000.0))
        .with_context_setup(theme::install)
        .with_max_steps(30)
        .build_ui_state(
            |ui, state: &mut GlobalState| {
                let Made { dbn, svm, .. } = made();
                let GlobalState { panel, workspace, data } = state;
                panel.ui(ui, &GlobalScene { model: dbn, other: Some(svm), data }, workspace);
            },
            state,
        )
}

#[test]
fn what_drives_the_model_is_shown_and_a_bar_shows_how_the_pd_goes_with_it() {
    let mut h = global(Arc::clone(&made().data));
    settle(&mut h, "importance", |h| h.query_by_label_contains("matters most to the DBN").is_some());
    assert!(h.query_by_label_contains("labelled rows of the scored table").is_some());
    assert!(h.query_by_label(NOT_CAUSES).is_some());
    settle(&mut h, "dependence", |h| h.query_all_by_label_contains(": DBN between").count() > 0);
    h.get_by_role_and_label(Role::RadioButton, "Judged by: Brier score").click();
    h.run_ok();
    assert!(h.query_by_label_contains("by how much the Brier score of").is_some());
    for button in ["Take: importance", "Save table (CSV or Excel)…"] {
        h.get_by_role_and_label(Role::Button, button).click();
        h.run_ok();
    }
    let [table] = &offered(&h.ctx)[..] else { panic!("a table") };
    let csv = table.contents(std::path::Path::new("importance.csv")).unwrap();
    assert!(String::from_utf8(csv).unwrap().starts_with("Indicators,Shuffled,\"Brier score, worse by\""));
}

#[test]
fn a_table_without_outcomes_says_what_it_lacks_and_dependence_is_shown_all_the_same() {
    let unlabelled = Dataset { bad: vec![None; made().data.n_rows()], ..(*made().data).clone() };
    let mut h = global(Arc::new(unlabelled));
    settle(&mut h, "the sentence", |h| {
        h.query_by_label("What drives the model cannot be told from this table").is_some()
    });
    h.get_by_label("Choose an indicator");
}
