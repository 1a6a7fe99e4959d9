//! The screen by its accessible names: what a person or a screen reader finds, and the intents that clicks give.

use std::path::Path;
use std::sync::Arc;

use egui::accesskit::Role as Access;
use egui::vec2;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::DataPanel;
use crate::app::actions::{Command, Intent, Screen};
use crate::app::theme;
use crate::app::workspace::{DataState, OpenTable, Workspace};
use crate::data::{ReadOptions, Role, RoleRequest, Roles, Source};
use crate::training::RunSettings;

struct Shown {
    panel: DataPanel,
    workspace: Workspace,
    intents: Vec<Intent>,
}

/// A window with the program's look that shows the screen over this table.
fn show(source: Option<Source>) -> Harness<'static, Shown> {
    let table = source.map(|source| OpenTable {
        data: source
            .dataset(&source.guess.roles)
            .map_or_else(|error| DataState::Unusable(error.to_string()), |data| DataState::Ready(Arc::new(data))),
        bad_confirmed: false,
        ..OpenTable::new(Arc::new(source), Vec::new(), ReadOptions::default())
    });
    let workspace = Workspace { table, ..Workspace::new(RunSettings::default()) };
    let shown = Shown { panel: DataPanel::default(), workspace, intents: Vec::new() };
    let mut harness = Harness::builder()
        .with_size(vec2(1280.0, 728.0))
        .with_context_setup(theme::install)
        .with_max_steps(30)
        .build_ui_state(|ui, s: &mut Shown| s.panel.ui(ui, &s.workspace, &mut s.intents), shown);
    harness.run();
    harness
}

fn read(text: &str) -> Source {
    Source::from_bytes(Path::new("firms.csv"), text.as_bytes(), &RoleRequest::default()).unwrap()
}

/// 24 rows in which `default` is the label and "yes" the bad value; `extra` lines go into the middle.
fn firms(extra: &str) -> Source {
    let row = |i: usize| {
        format!("F{},{}.5,{},{}\n", i / 3, i * i % 17, i % 4, if i.is_multiple_of(3) { "yes" } else { "no" })
    };
    let rows = |range: std::ops::Range<usize>| range.map(row).collect::<String>();
    read(&format!("firm,ratio,grade,default\n{}{extra}{}", rows(0..12), rows(12..24)))
}

fn click(harness: &mut Harness<'_, Shown>, role: Access, name: &str) {
    harness.get_by_role_and_label(role, name).click();
    harness.run();
}

/// The roles that the one intent asks for.
fn roles_asked(harness: &Harness<'_, Shown>) -> (Roles, bool) {
    match harness.state().intents.as_slice() {
        [Intent::SetRoles { roles, bad_confirmed, .. }] => (roles.clone(), *bad_confirmed),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_open_offers_to_open() {
    for (name, command) in [
        ("Open table…", Command::OpenDialog),
        ("Open the sample", Command::OpenSample),
        ("Open by path…", Command::OpenPath),
    ] {
        let mut h = show(None);
        h.get_by_label("Drop a table here, or open one");
        click(&mut h, Access::Button, name);
        assert!(matches!(h.state().intents.as_slice(), [Intent::Do(asked)] if *asked == command));
    }
}

#[test]
fn what_was_read_and_guessed_is_said() {
    let h = show(Some(firms("")));
    for text in ["firms.csv", "24 × 4", "All 24 rows read"] {
        h.get_by_label(text);
    }
    for reading in
        ["Delimiter: comma", "Decimal mark: decimal point", "Encoding: UTF-8", "Names of columns: names in first line"]
    {
        h.get_by_role_and_label(Access::Button, reading);
    }
    h.get_by_label("Taken because it has two values and its name says \"default\".");
    h.get_by_label_contains("Guessed: ");
    h.get_by_label("Class balance: 8 bad, 33.3 % of the labelled; 16 good; 0 without a label, for pre-training only");
    h.get_by_label("Yes: 2 indicators, 24 labelled rows.");
    h.get_by_label("\"firm\" is taken as the enterprise id.");
    assert!(h.query_by_label("synthetic").is_none());
    show(Some(Source::sample(&RoleRequest::default()).unwrap())).get_by_label("synthetic");
}

#[test]
fn a_reading_is_looked_at_before_it_is_chosen() {
    let mut h = show(Some(firms("")));
    click(&mut h, Access::Button, "Delimiter: comma");
    // The first rows as they are, to begin with.
    assert!(
        matches!(h.state().intents.as_slice(), [Intent::Peek(options)] if **options == ReadOptions::default()),
        "{:?}",
        h.state().intents
    );
    let semicolon = ReadOptions { delimiter: Some(';'), ..ReadOptions::default() };
    let no_table = "firms.csv cannot be used. Line 1 holds no semicolon.";
    h.state_mut().panel.take_head(semicolon.clone(), Err(no_table.to_owned()));
    h.state_mut().intents.clear();
    h.get_by_label("Delimiter: semicolon").hover();
    h.run();
    h.get_by_label(no_table);
    click(&mut h, Access::RadioButton, "Delimiter: semicolon");
    match h.state().intents.as_slice() {
        [Intent::SetReading { options, what }] => {
            assert_eq!((&**options, what.as_str()), (&semicolon, "delimiter semicolon"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_bad_value_is_guessed_until_it_is_clicked() {
    let mut h = show(Some(firms("")));
    let chosen = |h: &Harness<'_, Shown>, name| {
        let node = h.get_by_role_and_label(Access::RadioButton, name);
        node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
    };
    assert!(chosen(&h, "Bad outcome: yes") && !chosen(&h, "Bad outcome: no"));
    click(&mut h, Access::RadioButton, "Bad outcome: yes");
    let (roles, confirmed) = roles_asked(&h);
    assert_eq!((roles.bad.as_deref(), confirmed), (Some("yes"), true));
    h.state_mut().intents.clear();
    click(&mut h, Access::RadioButton, "Bad outcome: no");
    assert_eq!(roles_asked(&h).0.bad.as_deref(), Some("no"));
    h.state_mut().intents.clear();
    h.state_mut().workspace.table.as_mut().unwrap().bad_confirmed = true;
    click(&mut h, Access::RadioButton, "Bad outcome: yes");
    assert!(h.state().intents.is_empty(), "nothing is asked for that is so already");
    h.get_by_label("Confirmed.");
}

#[test]
fn roles_are_changed_in_the_list() {
    use Role::{EnterpriseId, Indicator, Label, SetAside};
    let mut h = show(Some(firms("")));
    click(&mut h, Access::ComboBox, "Role of ratio");
    click(&mut h, Access::Button, "Set aside");
    assert_eq!(roles_asked(&h).0.roles, [EnterpriseId, SetAside, Indicator, Label]);
    h.state_mut().intents.clear();
    click(&mut h, Access::ComboBox, "Role of grade");
    click(&mut h, Access::Button, "Enterprise id");
    assert_eq!(roles_asked(&h).0.roles, [SetAside, Indicator, EnterpriseId, Label]);
}

#[test]
fn another_label_is_chosen_at_the_side() {
    let mut h = show(Some(firms("")));
    h.state_mut().workspace.table.as_mut().unwrap().bad_confirmed = true;
    click(&mut h, Access::ComboBox, "Label column");
    click(&mut h, Access::Button, "grade");
    let (roles, confirmed) = roles_asked(&h);
    assert_eq!(roles.position(Role::Label), Some(2));
    assert_eq!((roles.bad.clone(), confirmed), (None, false), "four values, and none says that it is the bad one");
    let table = h.state_mut().workspace.table.as_mut().unwrap();
    (table.roles, table.bad_confirmed) = (roles, false);
    table.data = DataState::Unusable("Say which value is bad.".to_owned());
    h.run();
    for text in ["Chosen by you.", "Say which: the models predict how likely it is.", "Say which value is bad."] {
        h.get_by_label(text);
    }
    h.get_by_role_and_label(Access::RadioButton, "Bad outcome: 3");
    assert!(h.query_by_label("Go to training").is_none());
}

#[test]
fn rejected_lines_are_shown_with_their_reasons() {
    let mut h = show(Some(firms("only one\nF,1\n")));
    h.get_by_label("Read 24 of 26 rows");
    assert!(h.query_by_label("has 1 cell, the header has 4").is_none());
    click(&mut h, Access::Button, "Show 2 rejected lines");
    h.get_by_label("has 1 cell, the header has 4");
    h.get_by_label("has 2 cells, the header has 4");
    h.get_by_label("14");
    click(&mut h, Access::RadioButton, "Show: Rows");
    assert!(h.query_by_label("has 1 cell, the header has 4").is_none());
}

#[test]
fn columns_are_found_by_name_and_sorted() {
    let mut h = show(Some(firms("")));
    let top = |h: &Harness<'_, Shown>, name: &str| h.get_by_label(&format!("Role of {name}")).rect().top();
    assert!(top(&h, "firm") < top(&h, "ratio"));
    click(&mut h, Access::Button, "Distinct");
    assert!(top(&h, "ratio") < top(&h, "firm"), "9 against 8 values");
    h.get_by_role_and_label(Access::TextInput, "Find a column").focus();
    h.run();
    h.get_by_role_and_label(Access::TextInput, "Find a column").type_text("GRA");
    h.run();
    assert!(h.query_by_label("Role of grade").is_some() && h.query_by_label("Role of firm").is_none());
    h.get_by_role_and_label(Access::TextInput, "Find a column").type_text("zzz");
    h.run();
    h.get_by_label("No column's name contains “GRAzzz”.");
}

#[test]
fn a_column_clicked_in_the_list_comes_into_view_below() {
    let names: Vec<String> = (0..60).map(|i| format!("indicator{i}")).collect();
    let row = |i: usize| (0..60).map(|c| (i * c).to_string() + ".25,").collect::<String>() + ["0\n", "1\n"][i % 2];
    let mut h = show(Some(read(&format!("{},default\n{}", names.join(","), (0..300).map(row).collect::<String>()))));
    assert!(h.query_by_role_and_label(Access::ColumnHeader, "indicator0").is_some());
    assert!(h.query_by_role_and_label(Access::ColumnHeader, "default").is_none(), "only what is in view is drawn");
    h.get_by_role_and_label(Access::TextInput, "Find a column").focus();
    h.run();
    h.get_by_role_and_label(Access::TextInput, "Find a column").type_text("default");
    h.run();
    h.get_by_role_and_label(Access::Label, "default").click();
    for _ in 0..60 {
        h.step();
    }
    h.get_by_role_and_label(Access::ColumnHeader, "default");
}

#[test]
fn training_is_one_click_away_and_waiting_is_said() {
    let mut h = show(Some(firms("")));
    click(&mut h, Access::Button, "Go to training");
    assert!(matches!(h.state().intents.as_slice(), [Intent::Do(Command::Show(Screen::Train))]));
    h.state_mut().workspace.table.as_mut().unwrap().data = DataState::Building;
    h.run();
    h.get_by_label("Turning the cells into numbers…");
}

#[test]
fn a_table_without_label_or_of_odd_shape_is_shown() {
    let no_label = show(Some(read("a,b\n1,x\n2,y\n3,z\n")));
    no_label.get_by_label("No column is the label yet, so nothing can be learned.");
    for text in ["a,b\n,\nNA,0\n", "a,b\n1,2\n", "x,default\n,1\n,1\n,0\n"] {
        let mut h = show(Some(read(text)));
        h.set_size(vec2(300.0, 200.0));
        h.run();
        h.set_size(vec2(2400.0, 60.0));
        h.run();
    }
}

#[test]
fn percentages_never_round_to_none_or_all() {
    let texts =
        [(0, 10), (1, 3000), (1, 3), (2999, 3000), (3, 3), (0, 0)].map(|(part, whole)| super::percent(part, whole));
    assert_eq!(texts, ["0 %", "under 0.1 %", "33.3 %", "over 99.9 %", "100 %", "0 %"]);
}
