use super::*;
use crate::data::{profile, read};

fn guessed(text: &str, request: &RoleRequest) -> Result<Guess, RoleError> {
    let (table, _) = read(text.as_bytes()).unwrap();
    guess(&table, &profile(&table), request)
}

fn auto(text: &str) -> Guess {
    guessed(text, &RoleRequest::default()).unwrap()
}

/// A file of this header and these lines, each line with its end.
fn file(header: &str, lines: impl Iterator<Item = String>) -> String {
    std::iter::once(format!("{header}\n")).chain(lines).collect()
}

use Role::{EnterpriseId, Exposure, Indicator, Label, Period, SetAside, Split};

#[test]
fn the_label_is_found_by_name_before_place() {
    let guess = auto("flag,Bankrupt?,x,other\n0,0,1.5,a\n1,1,2.5,b\n0,1,3.5,b\n");
    assert_eq!(guess.roles.roles, [Indicator, Label, Indicator, Indicator]);
    assert_eq!(guess.label_reason.as_deref(), Some("it has two values and its name says \"bankrupt\""));
    assert_eq!(guess.roles.bad.as_deref(), Some("1"));
    assert_eq!(guess.notices.len(), 2);
    assert_eq!(
        guess.notices[1],
        "\"1\" in \"Bankrupt?\" is taken as the bad outcome (2 of 3 rows), because it is the larger of two numbers."
    );
}

#[test]
fn without_a_name_the_last_column_then_the_first_then_any() {
    let label = |text| auto(text).roles.position(Label);
    assert_eq!(label("a,b,c\n0,1,5\n1,2,6\n1,3,5\n"), Some(2));
    assert_eq!(label("a,b,c\n0,1,5\n1,2,6\n1,3,7\n"), Some(0));
    assert_eq!(label("a,b,c\n0,1,5\n1,2,6\n2,2,7\n"), Some(1));
    assert_eq!(label("x,firm,year\n1.5,A,2019\n2.5,B,2020\n3.5,B,2020\n"), None, "an id and a period");
    let none = auto("a,b\n0,1\n1,2\n2,3\n");
    assert_eq!((none.roles.position(Label), none.roles.bad, none.label_reason), (None, None, None));
}

#[test]
fn a_label_may_have_missing_cells() {
    let guess = auto("x,default\n1.5,yes\n2.5,\n3.5,no\n4.5,NA\n");
    assert_eq!((guess.roles.position(Label), guess.roles.bad.as_deref()), (Some(1), Some("yes")));
}

#[test]
fn the_bad_value_is_never_the_first_of_the_alphabet() {
    let bad = |values: [&str; 3]| {
        auto(&file("x,label", values.iter().enumerate().map(|(i, v)| format!("{i}.5,{v}\n")))).roles.bad.unwrap()
    };
    assert_eq!(bad(["alive", "failed", "failed"]), "failed");
    assert_eq!(bad(["good", "Bad", "Bad"]), "Bad");
    assert_eq!(bad(["1", "2", "2"]), "2");
    assert_eq!(bad(["-1", "1", "1"]), "1");
    assert_eq!(bad(["否", "是", "是"]), "是");
    assert_eq!(bad(["good", "a bit late", "a bit late"]), "a bit late", "by the word for good");
    assert_eq!(bad(["A", "B", "A"]), "B", "the rarer");
    assert_eq!(auto("x,label\n1.5,B\n2.5,A\n3.5,A\n4.5,B\n").roles.bad.as_deref(), Some("B"), "the first in the file");
}

#[test]
fn more_than_two_values_need_a_word_or_the_user() {
    let text = "x,grade\n1.5,A\n2.5,B\n3.5,C\n4.5,A\n";
    let mut request = RoleRequest { label: Some("grade".into()), ..RoleRequest::default() };
    let unclear = guessed(text, &request).unwrap();
    assert_eq!(unclear.roles.bad, None);
    assert_eq!(unclear.notices, ["\"grade\" has 3 different values: say which one means the bad outcome."]);
    request.bad = Some("C".into());
    assert_eq!(guessed(text, &request).unwrap().roles.bad.as_deref(), Some("C"));
    let worded = guessed(&text.replace('C', "default"), &RoleRequest { bad: None, ..request }).unwrap();
    assert_eq!(worded.roles.bad.as_deref(), Some("default"));
}

#[test]
fn a_named_bad_value_is_found_as_a_number_too() {
    let request = RoleRequest { bad: Some("0".into()), ..RoleRequest::default() };
    assert_eq!(guessed("x,class\n1.5,0.0\n2.5,1.0\n", &request).unwrap().roles.bad.as_deref(), Some("0.0"));
}

#[test]
fn panels_have_an_enterprise_and_a_period() {
    let text = "row,company_name,code,fiscal_year,x,default\n1,A,7,2019,0.5,0\n2,A,7,2020,0.6,1\n3,B,8,2019,0.7,0\n\
                4,C,9,2020,0.8,0\n";
    let guess = auto(text);
    // Names repeat and so do codes; the leftmost of equals is taken. Three rows are too few for a running number.
    assert_eq!(guess.roles.roles, [Indicator, EnterpriseId, SetAside, Period, Indicator, Label]);
    assert_eq!(guess.set_aside, [(2, "another id".to_owned())]);
    assert_eq!(guess.notices.len(), 4);
}

#[test]
fn an_id_that_repeats_goes_before_one_of_the_row() {
    let guess = auto("id,firm,x,label\n11,A,0.5,0\n12,A,0.6,1\n13,B,0.7,0\n14,C,0.9,0\n");
    assert_eq!(guess.roles.roles, [SetAside, EnterpriseId, Indicator, Label]);
}

#[test]
fn running_numbers_and_unique_texts_are_no_indicators() {
    let rows = (0..12).map(|i| format!("{},note {i},{},{}\n", i + 5, i * i, i % 2));
    let guess = auto(&file("V1,V2,V3,label", rows));
    assert_eq!(guess.roles.roles, [SetAside, SetAside, Indicator, Label]);
    assert_eq!(guess.set_aside[0].1, "running number of the rows");
    assert_eq!(guess.set_aside[1].1, "nearly every row differs");
}

#[test]
fn texts_with_many_values_are_set_aside() {
    let text = |different: usize| {
        let rows = (0..220).map(|i| format!("t{},{},{}\n", i % different, i * i % 97, i % 2));
        auto(&file("V1,V2,label", rows)).roles.roles[0]
    };
    assert_eq!([text(100), text(110), text(111)], [Indicator, Indicator, SetAside]);
}

#[test]
fn ratios_and_counts_stay_indicators() {
    let rows = (0..30).map(|i| format!("{i}.25,{},{},{},{}\n", 40 - i, 20 + i * 7 % 31, i * 3, i % 2));
    let header = "Attr1,number_of_existing_credits,age_in_years,present_residence_since,class";
    let guess = auto(&file(header, rows));
    assert_eq!(guess.roles.roles, [Indicator, Indicator, Indicator, Indicator, Label]);
}

#[test]
fn a_code_of_few_values_is_a_category() {
    let role = |values: usize| {
        let rows = (0..200).map(|i| format!("{},{i}.5,{}\n", 10 + i % values, i % 2));
        auto(&file("code,x,label", rows)).roles.roles[0]
    };
    assert_eq!([role(3), role(4)], [Indicator, EnterpriseId]);
}

#[test]
fn dates_are_periods() {
    let role = |name: &str, values: [&str; 3]| {
        let rows = values.iter().enumerate().map(|(i, v)| format!("{v},{i}.5,{}\n", i % 2));
        auto(&file(&format!("{name},x,label"), rows)).roles.roles[0]
    };
    assert_eq!(role("quarter", ["2019Q1", "2019Q2", "2019Q3"]), Period);
    assert_eq!(role("年份", ["2019年", "2020年", "2021年"]), Period);
    assert_eq!(role("as_of", ["31.12.2019", "31.12.2020", "31.12.2021"]), Period);
    assert_eq!(role("month", ["201911", "201912", "202001"]), Period);
    assert_eq!(role("year", ["1", "2", "3"]), Indicator);
    assert_eq!(role("x5", ["2019", "2020", "2021"]), Indicator, "a number needs the name");
    assert_eq!(role("year_founded", ["1950", "1980", "1999"]), Indicator);
}

#[test]
fn constants_and_split_marks_are_set_aside_and_are_no_label() {
    let text = "c,e,x,class,part\n7,,1.5,0,train\n7,?,2.5,1,test\n7,,3.5,1,test\n";
    assert_eq!(auto(text).roles.roles, [SetAside, SetAside, Indicator, Label, SetAside]);
    let request = RoleRequest { split: Some("part".into()), ..RoleRequest::default() };
    assert_eq!(guessed(text, &request).unwrap().roles.roles[4], Split);
    assert_eq!(auto("x,part\n1.5,train\n2.5,test\n3.5,test\n").roles.position(Label), None);
}

#[test]
fn what_the_user_names_is_taken() {
    let text = "a,b,c,d,e,f\n1,0,0,2,7,5\n2,1,1,2,8,5\n3,0,1,3,9,5\n";
    let request = RoleRequest {
        label: Some("b".into()),
        bad: Some(" 0 ".into()),
        id: Some("a".into()),
        period: Some("d".into()),
        split: None,
        exposure: Some("f".into()),
        drop: vec!["c".to_owned(), "c".to_owned()],
    };
    let guess = guessed(text, &request).unwrap();
    assert_eq!(guess.roles.roles, [EnterpriseId, Label, SetAside, Period, Indicator, Exposure]);
    assert_eq!(guess.roles.bad.as_deref(), Some("0"));
    assert_eq!((guess.label_reason, guess.bad_reason), (None, None));
    assert_eq!(guess.set_aside, [(2, "as asked".to_owned())]);
    assert!(guess.notices.is_empty());
}

#[test]
fn errors_say_what_and_what_to_do() {
    let text = "x,class,same,none\n1.5,0,k,\n2.5,1,k,\n";
    let error = |request: RoleRequest| guessed(text, &request).unwrap_err().to_string();
    let base = RoleRequest::default;
    assert_eq!(
        error(RoleRequest { label: Some("Clas".into()), ..base() }),
        "There is no column \"Clas\" for the role \"label\"; did you mean \"class\"?"
    );
    assert_eq!(
        error(RoleRequest { drop: vec!["zzzzz".to_owned()], ..base() }),
        "There is no column \"zzzzz\" for the role \"set aside\"."
    );
    assert_eq!(
        error(RoleRequest { label: Some("x".into()), id: Some("x".into()), ..base() }),
        "Column \"x\" is named as label and as enterprise id: choose one."
    );
    assert_eq!(
        error(RoleRequest { label: Some("same".into()), ..base() }),
        "Column \"same\" cannot be the label: all its rows say \"k\"; a label needs two values."
    );
    assert!(error(RoleRequest { label: Some("none".into()), ..base() }).contains("all its cells are missing"));
    assert_eq!(
        error(RoleRequest { bad: Some("2".into()), ..base() }),
        "No row has \"2\" in the label \"class\"; its values are \"0\", \"1\"."
    );
    let no_label = guessed("a,b\n1,1\n2,2\n3,3\n", &RoleRequest { bad: Some("1".into()), ..base() });
    assert_eq!(no_label.unwrap_err(), RoleError::BadWithoutLabel { value: "1".to_owned() });
}

#[test]
fn roles_are_stored_by_stable_names() {
    let roles = Roles { roles: vec![Indicator, EnterpriseId, SetAside], bad: Some("1".into()) };
    let json = serde_json::to_string(&roles).unwrap();
    assert_eq!(json, r#"{"roles":["indicator","enterprise_id","set_aside"],"bad":"1"}"#);
    assert_eq!(serde_json::from_str::<Roles>(&json).unwrap(), roles);
}
