//! Every finding on a small table made for it, and on one that misses it narrowly; then the real tables.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::*;
use crate::data::{RoleRequest, Source, split_summary, splits};

/// The findings of a table under these roles and this way of holding out.
fn look(source: &Source, roles: &Roles, validation: &ValidationSettings) -> Vec<Finding> {
    let data = source.dataset(roles).ok();
    let held = data.as_ref().and_then(|data| Some(split_summary(data, &splits(data, validation, 42).ok()?)));
    checks(&Subject {
        table: &source.table,
        profiles: &source.profiles,
        roles,
        data: data.as_ref(),
        validation,
        splits: held.as_deref().unwrap_or_default(),
    })
}

fn open(csv: &str) -> Source {
    Source::from_bytes(Path::new("t.csv"), csv.as_bytes(), &RoleRequest::default()).unwrap()
}

/// A table of `n` rows with these columns and the label `default`, bad in every fourth row; all columns indicators.
fn table(names: &str, n: usize, cells: impl Fn(usize) -> String) -> (Source, Roles) {
    let mut csv = format!("{names},default\n");
    for row in 0..n {
        _ = writeln!(csv, "{},{}", cells(row), u8::from(is_bad(row)));
    }
    let source = open(&csv);
    let columns = source.table.n_columns();
    let mut roles = vec![Role::Indicator; columns];
    roles[columns - 1] = Role::Label;
    (source, Roles { roles, bad: Some("1".to_owned()) })
}

fn is_bad(row: usize) -> bool {
    row.is_multiple_of(4)
}

/// A number below `below` that looks random, other for every row and `salt`.
fn any(row: usize, salt: usize, below: usize) -> usize {
    (mix_up(row * 31 + salt) >> 7) as usize % below
}

fn mix_up(x: usize) -> u64 {
    crate::data::mix(crate::data::mix(7, x as u64), 3)
}

fn found((source, roles): &(Source, Roles)) -> Vec<Finding> {
    look(source, roles, &ValidationSettings::default())
}

/// The only finding of this kind.
fn one(findings: &[Finding], check: Check) -> &Finding {
    let mut of = findings.iter().filter(|finding| finding.check == check);
    let finding = of.next().unwrap_or_else(|| panic!("{check:?} is not among {findings:?}"));
    assert!(of.next().is_none(), "{findings:?}");
    finding
}

fn none(findings: &[Finding], check: Check) {
    assert!(findings.iter().all(|finding| finding.check != check), "{findings:?}");
}

fn set_aside(columns: &[usize]) -> Vec<Answer> {
    vec![Answer { title: "Set aside", action: Action::SetAside(columns.to_vec()) }]
}

#[test]
fn an_ordinary_table_has_no_findings() {
    let plain = table("a,b", 200, |row| format!("{},{}", any(row, 1, 100_000), any(row, 2, 100_000)));
    assert_eq!(found(&plain), []);
    let empty = Source::from_bytes(Path::new("t.csv"), b"a,b\n1,2\n", &RoleRequest::default()).unwrap();
    let roles = Roles { roles: vec![Role::Indicator; 2], bad: None };
    let kinds: Vec<Check> = look(&empty, &roles, &ValidationSettings::default()).iter().map(|f| f.check).collect();
    assert_eq!(kinds, [Check::ConstantColumn], "one row: nothing but that both columns hold one value");
}

#[test]
fn a_near_copy_of_the_label() {
    // 25 bad rows get 1000 more, of the 75 others one: of 25 × 75 pairs at most 25 are wrong, an AUC of at least 0.986.
    let amount =
        |row: usize, odd: usize| any(row, 1, 1000) + 1000 * usize::from(is_bad(row) || row % 4 == 1 && row < odd);
    let copy = table("a,b", 100, |row| format!("{},{}", amount(row, 2), any(row, 2, 90)));
    let findings = found(&copy);
    let finding = one(&findings, Check::NearCopyOfLabel);
    assert_eq!((finding.columns.as_slice(), &finding.answers), ([0].as_slice(), &set_aside(&[0])));
    assert!(finding.text.starts_with("\"a\" alone nearly tells the outcome (AUC 0.9"), "{}", finding.text);
    // Ten of the others: about a fifteenth of the pairs is wrong.
    none(&found(&table("a,b", 100, |row| format!("{},{}", amount(row, 40), any(row, 2, 90)))), Check::NearCopyOfLabel);
    // The other way round is a copy too; eight bad rows are no proof.
    let upside_down = table("a,b", 100, |row| format!("{},{}", 5000 - amount(row, 2), any(row, 2, 90)));
    assert_eq!(one(&found(&upside_down), Check::NearCopyOfLabel).columns, [0]);
    none(&found(&table("a,b", 32, |row| format!("{},{}", amount(row, 0), any(row, 2, 90)))), Check::NearCopyOfLabel);
}

#[test]
fn levels_that_tell_the_label() {
    let status = |row: usize| if is_bad(row) { ["ended", "sold"][row / 4 % 2] } else { ["a", "b", "c"][row % 3] };
    let copy = table("status,x", 100, |row| format!("{},{}", status(row), any(row, 2, 90)));
    assert_eq!(one(&found(&copy), Check::NearCopyOfLabel).columns, [0]);
    // The same as numbers that are not in order.
    let code = |row: usize| if is_bad(row) { 2 } else { 1 + 2 * (row % 2) };
    let coded = table("status,x", 100, |row| format!("{},{}", code(row), any(row, 2, 90)));
    assert_eq!(one(&found(&coded), Check::NearCopyOfLabel).columns, [0]);
    // A name of its own in every row tells the label of no other; nor do levels with some of each.
    let name = |row: usize| format!("firm{row}");
    none(&found(&table("who,x", 100, |row| format!("{},{}", name(row), any(row, 2, 90)))), Check::NearCopyOfLabel);
    let mixed = table("city,x", 100, |row| format!("c{},{}", any(row, 3, 4), any(row, 2, 90)));
    none(&found(&mixed), Check::NearCopyOfLabel);
}

#[test]
fn missing_cells_that_tell_the_label() {
    // Missing in all bad rows and in every fifth other: AUC 1 − 0.2 / 2 = 0.9; in every second other 0.75.
    let gap = |row: usize, every: usize| is_bad(row) || any(row, 5, 100) < 100 / every;
    let cell = |row: usize, every: usize| if gap(row, every) { String::new() } else { any(row, 1, 1000).to_string() };
    let told = table("a,b", 400, |row| format!("{},{}", cell(row, 5), any(row, 2, 90)));
    let findings = found(&told);
    let finding = one(&findings, Check::MissingnessTells);
    assert_eq!(finding.columns, [0]);
    assert!(finding.text.contains("missing in 100.0 % of the bad rows"), "{}", finding.text);
    let less = table("a,b", 400, |row| format!("{},{}", cell(row, 2), any(row, 2, 90)));
    none(&found(&less), Check::MissingnessTells);
    // Ten columns, each missing in 60 % of the bad rows and 30 % of the others: none alone, but their number.
    let share = |row: usize| if is_bad(row) { 60 } else { 30 };
    let cells = |row: usize| {
        let cell =
            |c: usize| if any(row, 100 + c, 100) < share(row) { String::new() } else { any(row, c, 1000).to_string() };
        (0..10).map(cell).collect::<Vec<_>>().join(",")
    };
    let findings = found(&table("a,b,c,d,e,f,g,h,i,j", 400, cells));
    assert!(one(&findings, Check::MissingnessTells).text.starts_with("How many cells are missing in a row alone"));
}

#[test]
fn few_rows_of_an_outcome() {
    let few = |n: usize| found(&table("a", n, |row| any(row, 1, 1000).to_string()));
    let nine = few(36);
    assert!(
        one(&nine, Check::FewRowsOfOutcome).text.starts_with("Only 9 of 36 labelled rows are bad: with fewer than 10")
    );
    none(&few(37), Check::FewRowsOfOutcome);
}

#[test]
fn enterprises_on_both_sides() {
    let firms = |firm: &dyn Fn(usize) -> usize| {
        let (source, mut roles) = table("firm,a", 200, |row| format!("F{},{}", firm(row), any(row, 1, 1_000_000)));
        roles.roles[0] = Role::EnterpriseId;
        (source, roles)
    };
    // Rows 0, 4, 8, … are bad: firms of rows of the same remainder have one outcome.
    let constant = firms(&|row| row % 4 * 10 + row / 4 % 10);
    let findings = found(&constant);
    let finding = one(&findings, Check::OneClassPerEnterprise);
    assert!(
        finding.text.starts_with("40 of 40 enterprises have several labelled rows, the outcome is the same in all")
    );
    assert_eq!(finding.answers[0].action, Action::Validate(ValidationKind::Grouped));
    let mixed = firms(&|row| row / 2);
    let findings = found(&mixed);
    let text = &one(&findings, Check::TwoClassesInEnterprise).text;
    assert!(
        text.starts_with("100 of 100 enterprises have several labelled rows, 50 of them with both outcomes"),
        "{text}"
    );
    // With grouped folds, or one row each, there is nothing to say.
    let grouped = ValidationSettings { kind: ValidationKind::Grouped, ..ValidationSettings::default() };
    none(&look(&constant.0, &constant.1, &grouped), Check::OneClassPerEnterprise);
    assert_eq!(found(&firms(&|row| row)), []);
}

#[test]
fn a_cut_in_time_divides_enterprises_unless_they_are_kept_whole() {
    let cells = |row: usize| format!("F{},{},{}", row / 2 % 4 + row / 2 % 2 * 100, 2010 + row / 20, any(row, 1, 1000));
    let (source, mut roles) = table("firm,year,a", 200, cells);
    (roles.roles[0], roles.roles[1]) = (Role::EnterpriseId, Role::Period);
    let in_time = ValidationSettings { kind: ValidationKind::OutOfTime, ..ValidationSettings::default() };
    let findings = look(&source, &roles, &in_time);
    let finding = one(&findings, Check::TwoClassesInEnterprise);
    assert!(finding.text.contains("the cut in time puts 4 of them on both sides"), "{}", finding.text);
    assert_eq!(finding.answers[0].action, Action::KeepEnterprisesWhole);
}

#[test]
fn duplicate_rows() {
    // Rows 0 and 1 of every block of ten are equal to those of the block before, label and all.
    let value = |row: usize| if row % 20 < 2 { row % 20 } else { 10 + row };
    let (source, roles) = table("a,b", 200, |row| format!("{},{}", value(row), value(row) * 3 % 7));
    let findings = look(&source, &roles, &ValidationSettings::default());
    let finding = one(&findings, Check::DuplicateRows);
    assert!(
        finding.text.starts_with("18 of 200 rows (9.0 %) are equal to an earlier row in every indicator and the label")
    );
    assert!(finding.text.contains("kept on one side") && finding.answers.is_empty());
    none(&findings, Check::DuplicatesOnBothSides);
    let apart = ValidationSettings { keep_duplicates_together: false, ..ValidationSettings::default() };
    let findings = look(&source, &roles, &apart);
    let keep = [Answer { title: "Keep copies together", action: Action::KeepDuplicatesTogether }];
    assert_eq!(one(&findings, Check::DuplicateRows).answers, keep);
    assert!(one(&findings, Check::DuplicatesOnBothSides).text.starts_with("Up to "));
    // Without a label the cells are compared.
    let source = open("a,b,c\n1,x,3\n1,x,3\n1,x,4\n");
    let roles = Roles { roles: vec![Role::Indicator; 3], bad: None };
    let findings = look(&source, &roles, &ValidationSettings::default());
    assert!(
        one(&findings, Check::DuplicateRows)
            .text
            .starts_with("1 of 3 rows (33.3 %) is equal to an earlier row in every cell")
    );
}

#[test]
fn duplicate_columns() {
    let cells = |row: usize| {
        let (a, c) = (any(row, 1, 1000), ["x", "y", "z"][any(row, 2, 3)]);
        format!("{a},{a}.0,{c},{c},{},{}", a + usize::from(row == 150), any(row, 4, 1000))
    };
    let copies = table("a,a again,c,c again,nearly,other", 200, cells);
    let findings = found(&copies);
    let finding = one(&findings, Check::DuplicateColumn);
    assert_eq!(finding.columns, [1, 3]);
    assert!(
        finding.text.starts_with("\"a again\" equals \"a\" and \"c again\" equals \"c\" in every row"),
        "{}",
        finding.text
    );
    // Missing in the same rows is equal, missing in one row more is not.
    let gaps = |row: usize| {
        let gap = |n: usize| if row.is_multiple_of(n) { String::new() } else { any(row, 1, 1000).to_string() };
        format!("{},{},{}", gap(7), gap(7), gap(6))
    };
    assert_eq!(one(&found(&table("a,b,c", 200, gaps)), Check::DuplicateColumn).columns, [1]);
}

#[test]
fn ids_and_periods_among_the_indicators() {
    let cells = |row: usize| format!("C{},{},{},{}", row / 2, row + 1, 2000 + row % 10, any(row, 1, 1000));
    let (source, mut roles) = table("company,n,year,a", 200, cells);
    let findings = look(&source, &roles, &ValidationSettings::default());
    let id = one(&findings, Check::IdAsIndicator);
    assert_eq!(id.columns, [0, 1]);
    assert_eq!(id.answers[0].action, Action::GiveRole(0, Role::EnterpriseId));
    let period = one(&findings, Check::PeriodAsIndicator);
    assert_eq!((period.columns.as_slice(), &period.answers[1]), ([2].as_slice(), &set_aside(&[2])[0]));
    assert_eq!(period.answers[0].action, Action::GiveRole(2, Role::Period));
    // Once the roles are given there is nothing to say, and no role is offered twice.
    (roles.roles[0], roles.roles[2]) = (Role::EnterpriseId, Role::Period);
    let findings = look(&source, &roles, &ValidationSettings::default());
    assert_eq!(one(&findings, Check::IdAsIndicator).answers, set_aside(&[1]));
    none(&findings, Check::PeriodAsIndicator);
}

#[test]
fn columns_that_hold_nothing_or_too_little() {
    let cells = |row: usize| {
        let half = |n: usize| if row < n { String::new() } else { any(row, 3, 1000).to_string() };
        format!(",5,{},{},{},t{},u{}", half(100), half(101), any(row, 1, 1000), row % 100, row % 101)
    };
    let (source, mut roles) = table("void,same,half,most,a,levels,many", 200, cells);
    let findings = look(&source, &roles, &ValidationSettings::default());
    assert_eq!(
        one(&findings, Check::EmptyColumn).text,
        "\"void\" has no value in any row: nothing can be learned from that."
    );
    let constant = one(&findings, Check::ConstantColumn);
    assert_eq!(constant.text, "\"same\" (5) holds one value only: nothing can be learned from that.");
    assert_eq!(constant.answers, set_aside(&[1]));
    let mostly = one(&findings, Check::MostlyMissing);
    assert_eq!(mostly.columns, [3]);
    assert!(mostly.text.starts_with("\"most\" (50.5 %) is missing in more than half of the rows"), "{}", mostly.text);
    assert_eq!(one(&findings, Check::ManyLevels).columns, [6]);
    roles.roles[1] = Role::SetAside;
    let findings = look(&source, &roles, &ValidationSettings::default());
    let constant = one(&findings, Check::ConstantColumn);
    assert!(constant.text.ends_with("that; it is set aside.") && constant.answers.is_empty(), "{}", constant.text);
}

#[test]
fn a_hundred_thousand_levels_are_told() {
    let many = table("text", 100_000, |row| format!("t{row}"));
    assert!(
        one(&found(&many), Check::ManyLevels).text.starts_with("\"text\" (100000 levels) has more than 100 levels")
    );
}

#[test]
fn values_of_two_units() {
    // Every tenth value in the millions, the others below one.
    let mixed = |row: usize, big: usize| {
        let x = 1 + any(row, 1, 999);
        if row % 10 == 1 && row < big { format!("{x}000000") } else { format!("0.{x:03}") }
    };
    let two = table("a,b", 1000, |row| format!("{},{}", mixed(row, 1000), any(row, 2, 900)));
    let findings = found(&two);
    let finding = one(&findings, Check::UnitMix);
    assert_eq!(finding.columns, [0]);
    assert!(finding.text.contains("and, in 10.0 %, from"), "{}", finding.text);
    // Nine of a thousand are outliers.
    none(&found(&table("a,b", 1000, |row| format!("{},{}", mixed(row, 90), any(row, 2, 900)))), Check::UnitMix);
    // Values evenly over twelve decades have no gap.
    let wide = table("a,b", 1000, |row| format!("{}e{},{}", 1 + any(row, 1, 9), row % 12, any(row, 2, 900)));
    none(&found(&wide), Check::UnitMix);
}

#[test]
fn codes_for_not_known() {
    let cells = |row: usize| {
        let code = |every: usize, code: &str, x: usize| if row % every == 3 { code.to_owned() } else { x.to_string() };
        let age = any(row, 1, 80);
        format!(
            "{},{},{},{}",
            code(10, "255", age),
            code(10, "-999", 1000 * age),
            code(10, "99", age),
            code(150, "999", age)
        )
    };
    let findings = found(&table("age,income,near,rare", 300, cells));
    let of: Vec<(&[usize], &Action)> = findings
        .iter()
        .filter(|finding| finding.check == Check::SuspiciousCode)
        .map(|finding| (finding.columns.as_slice(), &finding.answers[0].action))
        .collect();
    let declare =
        |column: usize, value: &str| Action::DeclareMissing { columns: vec![column], value: value.to_owned() };
    // 99 is no further from 79 than the ages spread; 999 in two rows is no code.
    assert_eq!(of, [([1].as_slice(), &declare(1, "-999")), ([0].as_slice(), &declare(0, "255"))]);
}

#[test]
fn data_made_under_other_roles_is_not_mistaken_for_these() {
    let (source, roles) = table("a,b", 100, |row| format!("{},{}", usize::from(is_bad(row)), any(row, 2, 900_000)));
    let data = source.dataset(&roles).unwrap();
    let mut changed = roles.clone();
    changed.roles[0] = Role::SetAside;
    let validation = ValidationSettings::default();
    let subject = Subject {
        table: &source.table,
        profiles: &source.profiles,
        roles: &changed,
        data: Some(&data),
        validation: &validation,
        splits: &[],
    };
    assert!(checks(&subject).is_empty());
}

/// The findings on a real table under the roles that are guessed, by kind; `None`, with a printed line, where it is absent.
fn real(name: &str, kind: ValidationKind) -> Option<Vec<Finding>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.exists() {
        eprintln!("skipped: {name} is not at hand");
        return None;
    }
    let source = Source::open(&path, &RoleRequest::default()).unwrap();
    let start = std::time::Instant::now();
    let findings = look(&source, &source.guess.roles, &ValidationSettings { kind, ..ValidationSettings::default() });
    eprintln!("{name}: looked at in {:?}", start.elapsed());
    for finding in &findings {
        eprintln!("  {:?}: {}", finding.check, finding.text);
    }
    Some(findings)
}

#[test]
fn the_real_tables_show_what_is_known_of_them() {
    let kinds = |findings: &[Finding]| findings.iter().map(|finding| finding.check).collect::<Vec<_>>();
    for (name, copies) in [("polish_1year.arff", 82), ("polish_3year.csv", 87), ("kazakh.csv", 13)] {
        let Some(findings) = real(name, ValidationKind::Kfold) else { continue };
        assert!(one(&findings, Check::DuplicateRows).text.starts_with(&format!("{copies} of ")), "{findings:?}");
        none(&findings, Check::DuplicatesOnBothSides);
        none(&findings, Check::NearCopyOfLabel);
        none(&findings, Check::UnitMix);
    }
    if let Some(findings) = real("taiwan.csv", ValidationKind::Kfold) {
        assert!(
            one(&findings, Check::ConstantColumn).text.starts_with("\"Net Income Flag\" (1.0) holds one value only")
        );
        assert_eq!(one(&findings, Check::UnitMix).columns.len(), 11);
        none(&findings, Check::NearCopyOfLabel);
    }
    for kind in [ValidationKind::Kfold, ValidationKind::OutOfTime] {
        let Some(findings) = real("american.csv", kind) else { continue };
        assert!(one(&findings, Check::DuplicateColumn).text.starts_with("\"X16\" equals \"X9\" in every row"));
        one(&findings, Check::OneClassPerEnterprise);
        none(&findings, Check::NearCopyOfLabel);
    }
    if let Some(findings) = real("american.csv", ValidationKind::Grouped) {
        none(&findings, Check::OneClassPerEnterprise);
    }
    for name in ["german.csv", "japanese_crx.data", "slovak_nonbankrupt_manufacture_13.csv"] {
        if let Some(findings) = real(name, ValidationKind::Kfold) {
            none(&findings, Check::NearCopyOfLabel);
            assert!(!kinds(&findings).contains(&Check::MissingnessTells));
        }
    }
}
