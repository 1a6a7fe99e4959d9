//! The screen as a person or a screen reader meets it: found by name, answered by intents.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::ScorePanel;
use crate::app::actions::{Command, Intent, Screen};
use crate::app::scoring::tests::{firms, model, scored, subject};
use crate::app::scoring::{Earlier, Outcome, PathFor, ScoreAsk, ScoreJob, ScoredTable, Subject};
use crate::app::theme;
use crate::app::workspace::Workspace;
use crate::data::{Progress, RoleRequest, Source};
use crate::scoring::OutcomeColumn;
use crate::training::{ModelKind, RunSettings};

struct State {
    panel: ScorePanel,
    workspace: Workspace,
    intents: Vec<Intent>,
}

fn harness<'a>(workspace: Workspace, size: [f32; 2]) -> Harness<'a, State> {
    let state = State { panel: ScorePanel::default(), workspace, intents: Vec::new() };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(size[0], size[1]))
        .with_context_setup(theme::install)
        .with_max_steps(30)
        .build_ui_state(|ui, state: &mut State| state.panel.ui(ui, &state.workspace, &mut state.intents), state);
    harness.run_ok();
    harness
}

const SIZE: [f32; 2] = [1280.0, 900.0];

fn empty() -> Workspace {
    Workspace::new(RunSettings::default())
}

/// A workspace with the logistic model of the tests.
fn with_model() -> Workspace {
    let mut workspace = empty();
    workspace.scoring.take_opened("kept.bscope-model".into(), model(ModelKind::Logistic));
    workspace
}

/// The same with a table that has been scored.
fn with_scores(table: Arc<ScoredTable>) -> Workspace {
    let mut workspace = with_model();
    workspace.scoring.scored = Some(table);
    workspace
}

/// Runs frames until `there`.
fn settle(h: &mut Harness<'_, State>, what: &str, there: impl Fn(&Harness<'_, State>) -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !there(h) {
        assert!(Instant::now() < deadline, "{what} did not come");
        h.step();
        std::thread::yield_now();
    }
}

/// Names of the firms in the list, from the top down.
fn listed(h: &Harness<'_, State>) -> Vec<String> {
    let names = h.query_all_by_label_contains("F0").filter(|node| node.accesskit_node().role() == Role::Label);
    let mut names: Vec<(f32, String)> =
        names.filter_map(|node| Some((node.rect().top(), node.accesskit_node().value()?))).collect();
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    names.into_iter().map(|(_, name)| name).collect()
}

#[test]
fn before_a_model_one_sentence_says_where_to_get_one() {
    let mut h = harness(empty(), SIZE);
    h.get_by_label("Train a model, or open a .bscope-model file, to score firms with it.");
    h.get_by_role_and_label(Role::Button, "Go to training").click();
    h.run_ok();
    h.get_by_role_and_label(Role::Button, "Open a model…").click();
    h.run_ok();
    assert!(matches!(
        h.state().intents[..],
        [Intent::Do(Command::Show(Screen::Train)), Intent::Score(ScoreAsk::Path(PathFor::Model))]
    ));
}

#[test]
fn a_model_says_what_it_rests_on_and_asks_for_firms() {
    let mut h = harness(with_model(), SIZE);
    h.get_by_label_contains("learned from sample_enterprises.csv (synthetic)");
    h.get_by_label_contains("seed 42");
    h.get_by_label("No firms are scored yet");
    let this = h.get_by_role_and_label(Role::Button, "Score this table");
    assert!(this.accesskit_node().is_disabled(), "no table is open");
    h.get_by_role_and_label(Role::Button, "Open a file to score…").click();
    h.run_ok();
    assert!(matches!(h.state().intents[..], [Intent::Score(ScoreAsk::Path(PathFor::Score))]));
}

#[test]
fn firms_are_listed_sorted_searched_and_filtered() {
    let table = scored(ModelKind::Logistic, &firms(9), None);
    let mut riskiest: Vec<usize> = (0..9).collect();
    riskiest.sort_by(|&a, &b| table.firms[b].pd.total_cmp(&table.firms[a].pd));
    let names = |places: &[usize]| places.iter().map(|place| format!("F{place:02}")).collect::<Vec<_>>();
    let mut h = harness(with_scores(Arc::clone(&table)), SIZE);
    settle(&mut h, "the list", |h| listed(h).len() == 9);
    assert_eq!(listed(&h), names(&riskiest), "the riskiest first");
    h.get_by_role_and_label(Role::Button, "Firm").click();
    settle(&mut h, "the order by name", |h| listed(h) == names(&(0..9).collect::<Vec<_>>()));

    let called: Vec<usize> = (0..9).filter(|&place| table.firms[place].called_bad).collect();
    h.get_by_role_and_label(Role::CheckBox, "Called bad").click();
    settle(&mut h, "the firms called bad", |h| listed(h) == names(&called));
    h.get_by_label(&format!("{} called bad", called.len()));
    h.get_by_role_and_label(Role::CheckBox, "Called bad").click();
    h.get_by_role_and_label(Role::TextInput, "Firm").focus();
    h.step();
    h.get_by_role_and_label(Role::TextInput, "Firm").type_text("f03");
    settle(&mut h, "the firm searched for", |h| listed(h) == ["F03"]);
    h.get_by_label("1 of 9 firms");
    assert!(h.state().intents.is_empty());
}

#[test]
fn a_firm_that_is_clicked_is_explained_and_the_next_one_follows() {
    let table = scored(ModelKind::Logistic, &firms(4), None);
    let mut h = harness(with_scores(table), SIZE);
    settle(&mut h, "the list", |h| listed(h).len() == 4);
    let row = h.query_all_by_label("F02").next().unwrap().rect();
    h.hover_at(row.center());
    h.step();
    h.drag_at(row.center());
    h.step();
    h.drop_at(row.center());
    settle(&mut h, "the firm", |h| h.state().panel.tab == super::Tab::Firm);
    assert_eq!(h.state().panel.firm.as_ref().map(|firm| firm.place), Some(2));
    let order = {
        let table = h.state().workspace.scoring.scored.clone().unwrap();
        let mut order: Vec<usize> = (0..4).collect();
        order.sort_by(|&a, &b| table.firms[b].pd.total_cmp(&table.firms[a].pd));
        order
    };
    let at = order.iter().position(|&place| place == 2).unwrap();
    let (button, next) = if at + 1 < 4 { ("Next firm", order[at + 1]) } else { ("Firm before", order[at - 1]) };
    h.get_by_role_and_label(Role::Button, button).click();
    settle(&mut h, "the next firm", |h| h.state().panel.firm.as_ref().is_some_and(|firm| firm.place == next));
}

#[test]
fn drift_and_early_warnings_are_shown() {
    let before = scored(ModelKind::Logistic, &firms(9), None);
    let swapped = firms(9).replace("F00", "F99").replace("F08", "F00").replace("F99", "F08");
    let after = scored(ModelKind::Logistic, &swapped, Some(Arc::new(Earlier::of(&before))));
    let fell = after.warnings.as_ref().unwrap().list.len();
    assert_eq!(fell, 1);
    let mut h = harness(with_scores(after), [1280.0, 1600.0]);
    h.get_by_label("1 grade fell by two or more");
    h.get_by_label("since firms.csv before; 9 firms in both");
    h.get_by_role_and_label(Role::Tab, "Drift").click();
    h.run_ok();
    h.get_by_label_contains("shifted beyond chance");
    h.get_by_label_contains("that the model learned from");
    assert!(h.query_all_by_label("too few").count() > 0, "nine firms are too few, and it is said in words");
}

#[test]
fn columns_are_matched_in_a_dialog_and_missing_ones_need_a_tick() {
    let csv = firms(3).replace("trade_factor", "turnover");
    let job = ScoreJob {
        model: model(ModelKind::Logistic),
        subject: subject(&csv),
        by_hand: None,
        earlier: None,
        last: None,
    };
    let Outcome::Unmatched(unmatched) = job.work(&Progress::new()).unwrap() else { panic!("not all columns match") };
    let mut workspace = with_model();
    workspace.scoring.unmatched = Some(unmatched);
    let mut h = harness(workspace, SIZE);
    h.get_by_label("Match the columns of firms.csv");
    h.get_by_role_and_label(Role::ComboBox, "Outcome");
    let disabled =
        |h: &Harness<'_, State>| h.get_by_role_and_label(Role::Button, "Score").accesskit_node().is_disabled();
    assert!(disabled(&h), "a missing indicator has to be agreed to");
    h.get_by_role_and_label(Role::CheckBox, "Score with 1 indicator missing").click();
    h.run_ok();
    assert!(!disabled(&h));
    h.get_by_role_and_label(Role::Button, "Score").click();
    h.run_ok();
    let [Intent::Score(ScoreAsk::Match(by_hand))] = &h.state().intents[..] else { panic!("{:?}", h.state().intents) };
    assert!(by_hand.indicators.contains(&("trade_factor".to_owned(), None)));
    assert_eq!(by_hand.enterprise.as_deref(), Some("enterprise_id"));
    assert_eq!(by_hand.outcome, OutcomeColumn::None);
}

#[test]
fn a_back_test_on_the_table_learned_from_says_so() {
    let source = Source::sample(&RoleRequest::default()).unwrap();
    let subject = Subject::open(Arc::new(source.clone()), source.guess.roles.clone());
    let model = model(ModelKind::Logistic);
    let job = ScoreJob { model, subject, by_hand: None, earlier: None, last: None };
    let Outcome::Scored(table) = job.work(&Progress::new()).unwrap() else { panic!("all columns match") };
    let h = harness(with_scores(table), [1280.0, 2400.0]);
    h.get_by_label_contains("rows learned from among them");
    h.get_by_label_contains("these figures say too much");
}

#[test]
fn the_screen_of_a_lecture_has_the_cards_too() {
    let table = scored(ModelKind::Dbn, &firms(9), None);
    let mut h = harness(with_scores(Arc::clone(&table)), [860.0, 2400.0]);
    settle(&mut h, "the list", |h| listed(h).len() == 9);
    h.get_by_label(&format!("{} called bad", table.summary.called_bad));
    h.get_by_label_contains("against the rows learned from");
}
