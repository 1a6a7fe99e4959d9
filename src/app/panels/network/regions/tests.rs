use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::app::panels::network::tests::Made;
use crate::data::Values;
use crate::training::RunSettings;

struct State {
    panel: RegionsPanel,
    made: Made,
    workspace: Workspace,
    intents: Vec<Intent>,
}

/// Drawn until both panes stand, where the SVM is there.
fn harness<'a>(made: Made) -> Harness<'a, State> {
    let workspace = Workspace::new(RunSettings::default());
    let panes = 1 + usize::from(made.svm.is_some());
    let state = State { panel: RegionsPanel::default(), made, workspace, intents: Vec::new() };
    let draw = |ui: &mut Ui, state: &mut State| {
        let State { panel, made, workspace, intents } = state;
        panel.ui(ui, &made.scene(), workspace, intents);
    };
    let mut harness = Harness::builder()
        .with_size(vec2(1200.0, 760.0))
        .with_context_setup(theme::install)
        .with_max_steps(30)
        .build_ui_state(draw, state);
    let until = Instant::now() + Duration::from_mins(1);
    while harness.query_all_by_label_contains("Regions of the").count() < panes && Instant::now() < until {
        harness.step();
        std::thread::yield_now();
    }
    harness.run();
    harness
}

#[test]
fn the_net_stands_beside_the_svm_and_both_are_read_at_the_pointer() {
    let mut h = harness(Made::with_svm("xor"));
    h.get_by_role_and_label(Role::Image, "Regions of the DBN");
    let svm = h.get_by_role_and_label(Role::Image, "Regions of the SVM").rect();
    h.get_by_label_contains("support vectors,");
    h.get_by_label_contains("Point at a place");
    h.hover_at(svm.center());
    h.run();
    h.get_by_label_contains("by the DBN,");
}

#[test]
fn without_an_svm_a_sentence_says_what_to_do() {
    let h = harness(Made::of("moons"));
    h.get_by_label_contains("Train the SVM too");
}

#[test]
fn toy_sets_are_one_click_away() {
    let mut h = harness(Made::of("moons"));
    for (title, name) in [("Two moons", "moons"), ("Rings", "rings"), ("XOR", "xor"), ("Bars and stripes 4×4", "bars")]
    {
        h.state_mut().intents.clear();
        h.get_by_label(title).click();
        h.run();
        assert!(matches!(h.state().intents.as_slice(), [Intent::OpenSample(asked)] if *asked == name), "{title}");
    }
}

#[test]
fn any_two_indicators_are_chosen_and_the_others_are_held() {
    let mut h = harness(Made::of("enterprises"));
    h.get_by_role_and_label(Role::ComboBox, "Across").click();
    h.run();
    h.get_by_label("growth_factor").click();
    h.run();
    assert_eq!(h.state().panel.indicators, [5, 1]);
    h.get_by_role_and_label(Role::ComboBox, "Up").click();
    h.run();
    h.get_by_label("quality_construction_factor").click();
    h.run();
    assert_eq!(h.state().panel.indicators, [5, 0]);
    h.get_by_label("Others: as this firm's").click();
    h.run();
    assert_eq!(h.state().panel.others, Others::Firm);
    h.get_by_label("Rows").click();
    h.run();
    assert!(!h.state().panel.shows_rows);
}

#[test]
fn support_vectors_are_counted_in_words() {
    let support = [(1, true), (4, false), (9, true)].map(|(row, bounded)| Support { row, bounded });
    assert_eq!(support_words(&support), "SVM: 3 support vectors, 1 free, 2 at the bound");
    assert_eq!(support_words(&[]), "SVM");
}

#[test]
fn an_indicator_with_one_value_is_named() {
    let made = Made::of("moons");
    let mut data = Dataset::clone(&made.data);
    data.indicators[1].values = Values::Numeric(vec![3.0; data.n_rows()].into());
    let asked = Asked { indicators: [0, 1], held: Held::Median, cut_off: None, row: 0, also: None, seed: 1 };
    let (data, stop) = (Arc::new(data), AtomicBool::new(false));
    let flat = plane(asked, made.state.classifier().as_ref(), &[], &made.fold, &data, &stop);
    let name = data.indicators[1].name.clone();
    let why = seen(Some(flat.clone()), true, &data).err().unwrap();
    assert!(why.starts_with("There is no plane") && why.contains(&name), "{why}");
    assert_eq!(seen(Some(flat), false, &data).err().as_deref(), Some("The plane is being scored."));
    assert_eq!(seen(None, false, &data).err().as_deref(), Some("The plane is being scored."));
}

#[test]
fn a_plane_is_scored_again_only_for_a_row_that_can_be_drawn_and_is_not() {
    let made = Made::of("moons");
    let asked = Asked { indicators: [0, 1], held: Held::Median, cut_off: None, row: 0, also: None, seed: 1 };
    let stop = AtomicBool::new(false);
    let found = plane(asked, made.state.classifier().as_ref(), &[], &made.fold, &made.data, &stop);
    let Plane::Scored(mut region) = found else { panic!("there is a plane") };
    let drawn = region.rows.drawn[0].0;
    let unlabelled = made.data.bad.iter().position(Option::is_none).unwrap();
    assert!([drawn, unlabelled, made.data.n_rows()].iter().all(|&row| region.settles(row)));
    Arc::get_mut(&mut region).unwrap().rows.drawn.clear();
    assert!(!region.settles(drawn) && region.settles(unlabelled));
}

#[test]
fn a_net_is_called_what_it_is() {
    let made = Made::of("moons");
    let title = net_title(ModelKind::Mlp, &made.state);
    assert!(title.starts_with("Net without pre-training after ") && title.ends_with(", not calibrated"), "{title}");
    assert!(net_title(ModelKind::Dbn, &made.state).starts_with("DBN after "));
}

#[test]
fn no_indicator_is_on_both_axes() {
    assert_eq!(kept_apart([3, 5], [3, 4]), [3, 4]);
    assert_eq!(kept_apart([3, 5], [3, 3]), [5, 3]);
    assert_eq!(kept_apart([3, 5], [5, 5]), [5, 3]);
}
