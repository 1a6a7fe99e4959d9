//! The screen as a person or a screen reader meets it: found by name, answered by intents.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use egui::accesskit::Role;
use egui::{OutputCommand, PlatformOutput};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::ComparePanel;
use crate::app::actions::{Command, Intent};
use crate::app::comparing::CompareResult;
use crate::app::saving::{Packed, Work};
use crate::app::theme;
use crate::app::workspace::{DataState, OpenTable, Origin, RunState, Trained, Workspace};
use crate::data::{ReadOptions, RoleRequest, Source, ValidationKind};
use crate::model::{Learner, Point};
use crate::report::{Compared, look, models_table, workspace_document};
use crate::scoring::{DataRecord, Making, RiskModel};
use crate::storage::Screen;
use crate::training::worker::Comparing;
use crate::training::{
    CellState, Control, Cutoff, CutoffRule, End, LiveChanges, ModelKind, Problem, RunSettings, analyse, compare, train,
    train_split,
};

/// The bundled sample, open and ready, with these settings.
pub(in crate::app::panels) fn workspace(settings: RunSettings) -> Workspace {
    let source = Arc::new(Source::sample(&RoleRequest::default()).unwrap());
    let roles = source.guess.roles.clone();
    let data = DataState::Ready(Arc::new(source.dataset(&roles).unwrap()));
    let table = OpenTable { roles, data, ..OpenTable::new(source, Vec::new(), ReadOptions::default()) };
    Workspace { table: Some(table), ..Workspace::new(settings) }
}

/// Settings that are compared in a blink.
pub(in crate::app::panels) fn quick() -> RunSettings {
    let models = vec![ModelKind::Dbn, ModelKind::Svm, ModelKind::Majority];
    let mut settings = RunSettings { models, ..RunSettings::default() };
    settings.svm.tuning.on = false;
    settings.dbn.layers = vec![4];
    settings.dbn.pre_training.epochs = Some(2);
    settings.dbn.fine_tuning.epochs = Some(3);
    settings.validation.folds = 3;
    settings
}

/// The same with a finished comparison.
pub(in crate::app::panels) fn compared(settings: RunSettings) -> Workspace {
    let mut workspace = workspace(settings);
    let spec = workspace.spec().unwrap();
    let data = Arc::clone(workspace.data().unwrap());
    let table = workspace.table.as_ref().unwrap();
    let origin = table.origin();
    let comparison = compare(&data, &spec, 2, &[], &|_| (), &AtomicBool::new(false)).unwrap();
    let findings: Arc<[_]> = look(&origin.source, &origin.read_as.roles, &data, &spec).into();
    let compared = Compared {
        source: &origin.source,
        roles: &origin.read_as.roles,
        data: &data,
        spec: &spec,
        comparison: &comparison,
        analysis: None,
        findings: &findings,
    };
    let warnings = compared.warnings();
    workspace.compare.models.clone_from(&spec.settings.models);
    workspace.compare.n_splits = comparison.n_splits;
    workspace.compare.cells = vec![CellState::Done; comparison.n_splits * comparison.models.len()];
    let analysis = analyse(&data, &spec, &comparison, 2, &AtomicBool::new(false)).unwrap();
    let serial = 1;
    workspace.compare.result =
        Some(CompareResult { serial, origin, data, spec, comparison, warnings, findings, analysis });
    workspace
}

struct State {
    panel: ComparePanel,
    workspace: Workspace,
    intents: Vec<Intent>,
}

fn harness<'a>(workspace: Workspace) -> Harness<'a, State> {
    let state = State { panel: ComparePanel::default(), workspace, intents: Vec::new() };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1280.0, 1200.0))
        .with_context_setup(theme::install)
        .with_max_steps(30)
        .build_ui_state(|ui, state: &mut State| state.panel.ui(ui, &state.workspace, &mut state.intents), state);
    harness.run();
    harness
}

/// The settings that were asked for by the only intent.
fn asked_for(h: &Harness<'_, State>) -> RunSettings {
    match &h.state().intents[..] {
        [Intent::SetSettings(settings)] => (**settings).clone(),
        other => panic!("{other:?}"),
    }
}

/// Where the cell of this name stands under a header.
fn first_below(h: &Harness<'_, State>, name: &str, header: &str) -> f32 {
    let header = h.get_by_role_and_label(Role::Button, header).rect();
    let all = h.get_all_by_label(name).map(|node| node.rect().center().y);
    all.filter(|&y| y > header.bottom()).fold(f32::INFINITY, f32::min)
}

#[test]
fn before_a_result_one_button_compares() {
    let mut h = harness(workspace(RunSettings::default()));
    assert!(h.state().intents.is_empty(), "nothing is asked for unasked");
    h.get_by_label("Is the DBN better than the SVM on this table?");
    h.get_by_role_and_label(Role::Button, "Compare").click();
    h.run();
    assert!(matches!(h.state().intents[..], [Intent::Do(Command::Compare)]));
}

#[test]
fn what_cannot_be_compared_says_why_and_has_no_live_button() {
    let disabled =
        |h: &Harness<'_, State>| h.get_by_role_and_label(Role::Button, "Compare").accesskit_node().is_disabled();
    let mut none = workspace(RunSettings::default());
    none.table = None;
    let h = harness(none);
    h.get_by_label("No table is open");
    assert!(disabled(&h));

    let mut unusable = workspace(RunSettings::default());
    unusable.table.as_mut().unwrap().data = DataState::Unusable("the label has one value".to_owned());
    let h = harness(unusable);
    h.get_by_label("the label has one value");
    assert!(disabled(&h));

    let mut refused = workspace(RunSettings::default());
    refused.problems = vec![Problem { key: "validation.folds".to_owned(), message: "must be less".to_owned() }];
    let h = harness(refused);
    h.get_by_label("must be less");
    assert!(disabled(&h));
}

#[test]
fn a_running_comparison_says_how_far_it_is_and_stops_on_demand() {
    let mut running = workspace(quick());
    let (data, spec) = (Arc::clone(running.data().unwrap()), running.spec().unwrap());
    let worker = Comparing::start(data, spec, 1, Vec::new(), Box::new(|| ())).unwrap();
    running.compare.worker = Some(worker);
    running.compare.models = running.settings.models.clone();
    running.compare.n_splits = 3;
    running.compare.cells = vec![CellState::Waiting; 9];
    for cell in [0, 1, 2, 4] {
        running.compare.cells[cell] = CellState::Done;
    }
    running.compare.cells[3] = CellState::Running(0.5);
    let mut h = harness(running);
    h.get_by_label("Comparing the DBN, the SVM and the majority");
    h.get_by_label_contains("4 of 9 fits.");
    h.get_by_label("SVM: 2 of 3 folds done");
    h.get_by_role_and_label(Role::Button, "Stop and keep").click();
    h.run();
    assert!(matches!(h.state().intents[..], [Intent::Do(Command::StopCompare)]));
}

#[test]
fn a_result_shows_verdict_seed_figures_curves_and_errors() {
    let mut h = harness(compared(quick()));
    let result = h.state().workspace.compare.result.as_ref().unwrap();
    let verdict = result.comparison.verdict.clone().unwrap();
    let auc = result.comparison.models[1].summary(crate::evaluation::Metric::Auc).mean.unwrap();
    let caught = result.comparison.models[0].confusion();
    h.get_by_label(&format!("{}.", verdict.headline));
    h.get_by_label_contains("seed 42");
    h.get_by_label_contains(&format!("Area under the ROC curve of SVM: {}", super::words::figure(auc)));
    h.get_by_label("Majority, the floor");
    let drawn: Vec<String> = h.get_all_by_role(Role::Image).filter_map(|node| node.accesskit_node().label()).collect();
    let expected = [
        "Probabilities: DBN better",
        "AUC by fold of DBN: ",
        "over 3 folds, ± sd shaded; named with AUC",
        "the paper's comparison",
    ];
    for words in expected {
        assert!(drawn.iter().any(|name| name.contains(words)), "{words}: {drawn:?}");
    }
    h.get_by_label(&format!("DBN caught {} of {} bad", caught.true_bad, caught.bad_rows()));
    assert!(h.query_by_label("Compare again").is_none());
    for warning in &h.state().workspace.compare.result.as_ref().unwrap().warnings {
        h.get_by_label(warning);
    }

    h.get_by_role_and_label(Role::Button, "Brier").click();
    h.run();
    let places: Vec<f32> = ["DBN", "SVM"].map(|name| first_below(&h, name, "Brier")).to_vec();
    let brier = |i: usize| {
        let model = &h.state().workspace.compare.result.as_ref().unwrap().comparison.models[i];
        model.summary(crate::evaluation::Metric::Brier).mean.unwrap()
    };
    assert_eq!(places[0] < places[1], brier(0) > brier(1), "the largest first");
    assert!(h.state().intents.is_empty());
}

#[test]
fn a_result_of_other_settings_or_another_table_says_so() {
    let mut other = compared(quick());
    other.settings.seed = 7;
    other.settings.svm.c = 3.0;
    let mut h = harness(other);
    h.get_by_label("Made with other settings than those chosen now: seed, SVM.");
    h.get_by_label_contains("seed 42");
    h.get_by_role_and_label(Role::Button, "Compare again").click();
    h.run();
    assert!(matches!(h.state().intents[..], [Intent::Do(Command::Compare)]));

    let mut other = compared(quick());
    let table = other.table.as_mut().unwrap();
    table.source = Arc::new((*table.source).clone());
    let h = harness(other);
    h.get_by_label("Made from another table: sample_enterprises.csv.");
}

#[test]
fn settings_are_chosen_by_name() {
    let mut h = harness(workspace(RunSettings::default()));
    h.get_by_role_and_label(Role::ComboBox, "Rows are held out by").click();
    h.run();
    assert!(h.query_by_label("the table's split column").is_none(), "the sample has none");
    h.get_by_label("k folds, grouped by enterprise").click();
    h.run();
    assert_eq!(asked_for(&h).validation.kind, ValidationKind::Grouped);

    let mut h = harness(workspace(RunSettings::default()));
    h.get_by_role_and_label(Role::Slider, "Repeats").set_value_accesskit(3.0);
    h.run();
    assert_eq!(asked_for(&h).validation.repeats, 3);

    let mut h = harness(workspace(RunSettings::default()));
    h.get_by_role_and_label(Role::CheckBox, "Net without pre-training").click();
    h.run();
    let models: Vec<_> = ModelKind::ALL.into_iter().filter(|&kind| kind != ModelKind::Mlp).collect();
    assert_eq!(asked_for(&h).models, models);

    let mut h = harness(workspace(RunSettings::default()));
    h.get_by_role_and_label(Role::RadioButton, "Cut-off: bad rate").click();
    h.run();
    assert_eq!(asked_for(&h).cutoff, Cutoff::Rule(CutoffRule::BadRate));
}

#[test]
fn nothing_moves_by_itself() {
    let mut h = harness(compared(quick()));
    let place = |h: &Harness<'_, State>| {
        let tick = h.get_by_label("Majority, the floor").rect();
        let side = h.get_by_role_and_label(Role::Slider, "Repeats").rect();
        (tick, side)
    };
    let before = place(&h);
    h.run_steps(60);
    assert_eq!(place(&h), before);
}

/// A run of one model on the open table, as the Train screen leaves it.
fn trained(workspace: &Workspace) -> RunState {
    let (data, origin) = (Arc::clone(workspace.data().unwrap()), workspace.table.as_ref().unwrap().origin());
    let models = vec![ModelKind::Logistic];
    let spec = RunSettings { models, ..workspace.settings.clone() }.check().unwrap();
    let fold = train_split(&data, &spec).unwrap();
    let none = LiveChanges::default();
    let (done, classifier) = train(&fold, &spec, ModelKind::Logistic, &none, &mut ToTheEnd).unwrap();
    let model = RiskModel::new(Making {
        fold: &fold,
        data: &data,
        record: DataRecord::new(&origin.source, &data, origin.read_as.clone()),
        spec: &spec,
        classifier: classifier.as_ref(),
        done: &done,
        made: "2026-11-23T13:20:00Z".to_owned(),
    });
    RunState {
        kept: BTreeMap::from([(ModelKind::Logistic, Ok(Arc::new(model.unwrap())))]),
        trained: vec![Trained::new(done)],
        data: Some(data),
        origin: Some(origin),
        spec: Some(spec),
        end: Some(End::Finished),
        ..RunState::default()
    }
}

struct ToTheEnd;

impl Control for ToTheEnd {
    fn go_on(&mut self, _: &mut dyn Learner, _: bool) -> bool {
        true
    }

    fn point(&mut self, _: Point) {}
}

#[test]
fn the_document_that_is_exported_is_that_of_the_saved_workspace() {
    const WRITTEN: &str = "2026-11-23T16:00:00Z";
    let mut workspace = compared(quick());
    workspace.run = trained(&workspace);
    let exported = |workspace: &Workspace| {
        let job = workspace.compare.result.as_ref().unwrap().export_job(workspace);
        String::from_utf8(job.report(WRITTEN).unwrap()).unwrap()
    };
    let html = exported(&workspace);
    assert!(html.contains("Permutation importance on") && html.contains("Partial dependence"));
    let work = Work::of(&workspace, Screen::Compare).unwrap();
    let (saved, _) = work.saved(&Packed::default(), WRITTEN.to_owned()).unwrap();
    let of_saved = workspace_document(&saved, WRITTEN, None, 2, &AtomicBool::new(false)).unwrap().unwrap();
    assert!(html == of_saved.html(), "the two documents differ");
    // A model of another table is not what the document is about.
    let origin = workspace.run.origin.as_ref().unwrap();
    let mut read_as = origin.read_as.clone();
    read_as.roles.roles.reverse();
    workspace.run.origin = Some(Arc::new(Origin { source: Arc::clone(&origin.source), paths: Vec::new(), read_as }));
    assert!(!exported(&workspace).contains("Permutation importance on"));
}

#[test]
fn the_table_of_models_is_copied_as_the_document_has_it() {
    let workspace = compared(quick());
    let result = workspace.compare.result.as_ref().unwrap();
    let expected = models_table(&result.comparison, result.analysis.as_ref()).tsv();
    let mut h = harness(workspace);
    let mut names: Vec<_> =
        h.query_all_by_label_contains("Take: ").filter_map(|button| button.accesskit_node().label()).collect();
    let n = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), n, "every table and picture has a name of its own");
    for name in ["Take: models", "Take: tests of difference"] {
        assert!(names.iter().any(|found| found == name), "{name} is not among {names:?}");
    }
    h.get_by_label("Take: models").click();
    h.run();
    h.get_by_label("Copy as table").click();
    h.step();
    assert_eq!(copied(&h.output().platform_output), Some(expected.as_str()));
}

/// What was put on the clipboard.
pub(in crate::app::panels) fn copied(output: &PlatformOutput) -> Option<&str> {
    output.commands.iter().find_map(|command| match command {
        OutputCommand::CopyText(text) => Some(text.as_str()),
        _ => None,
    })
}
