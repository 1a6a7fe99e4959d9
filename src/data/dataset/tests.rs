use super::*;
use crate::data::read::read;

impl Dataset {
    /// A data set with these columns and outcomes, without ids, periods and parts.
    pub(in crate::data) fn of(indicators: Vec<(&str, Values)>, bad: Vec<Option<bool>>) -> Self {
        let indicator = |(name, values): (&str, Values)| Indicator { name: name.to_owned(), values };
        Self {
            indicators: indicators.into_iter().map(indicator).collect(),
            label_name: "bad".to_owned(),
            label_codes: bad.iter().map(|bad| bad.map(u32::from)).collect(),
            label_levels: vec!["no".to_owned(), "yes".to_owned()],
            bad_value: "yes".to_owned(),
            enterprise: None,
            enterprise_names: Vec::new(),
            period: None,
            split: None,
            exposure: None,
            source_rows: (1..=bad.len() as u64).collect(),
            notices: Vec::new(),
            bad,
        }
    }
}

const FIRMS: &str = "\
firm,year,margin,sector,part,outcome
a,2020,1.5,steel,train,ok
a,2021,,trade,Test,default
b,2020,-3,?,validation,ok
,2020,2e1,steel,,
b,2021,0,food,TEST,default
";

const ROLES: [Role; 6] = [Role::EnterpriseId, Role::Period, Role::Indicator, Role::Indicator, Role::Split, Role::Label];

fn table(csv: &str) -> Table {
    read(csv.as_bytes()).unwrap().0
}

fn from(csv: &str, roles: &[Role], bad: Option<&str>) -> Result<Dataset, DataError> {
    let table = table(csv);
    let roles = Roles { roles: roles.to_vec(), bad: bad.map(str::to_owned) };
    Dataset::from_table(&table, &roles)
}

#[test]
fn takes_a_table_apart() {
    let data = from(FIRMS, &ROLES, Some("default")).unwrap();
    assert_eq!(data.bad, [Some(false), Some(true), Some(false), None, Some(true)]);
    assert_eq!((data.n_rows(), data.n_bad()), (5, 2));
    assert_eq!((data.labelled_rows(), data.unlabelled_rows()), (vec![0, 1, 2, 4], vec![3]));
    assert_eq!((data.label_name.as_str(), data.bad_value.as_str()), ("outcome", "default"));
    assert_eq!(data.label_levels, ["ok", "default"]);
    assert_eq!((data.label_text(1), data.label_text(3)), (Some("default"), None));

    assert_eq!(data.indicators.len(), 2);
    let Values::Numeric(margin) = &data.indicators[0].values else { panic!("margin is text") };
    assert_eq!((margin[0], margin[2], margin[3], margin[4]), (1.5, -3.0, 20.0, 0.0));
    assert!(margin[1].is_nan());
    let sectors = ["steel", "trade", "food"].map(str::to_owned).to_vec();
    let codes = vec![Some(0), Some(1), None, Some(0), Some(2)];
    assert_eq!(data.indicators[1].values, Values::Category { codes, levels: sectors });

    assert_eq!(data.enterprise.unwrap(), [0, 0, 1, 2, 1]);
    assert_eq!(data.enterprise_names, ["a", "b", "no id, line 5"]);
    assert_eq!(data.period.unwrap(), ["2020", "2021", "2020", "2020", "2021"]);
    assert_eq!(data.split.unwrap(), [Part::Train, Part::Test, Part::Validation, Part::Train, Part::Test]);
    assert_eq!(data.source_rows, [1, 2, 3, 4, 5]);
    assert!(data.notices.is_empty());
}

#[test]
fn rejected_rows_keep_their_place() {
    let (table, reading) = read(b"x,y\n1,0\n2\n3,1\n4,0\n5\n6\n7,1\n").unwrap();
    let roles = Roles { roles: vec![Role::Indicator, Role::Label], bad: Some("1".to_owned()) };
    let mut data = Dataset::from_table(&table, &roles).unwrap();
    data.count_rejected(&table, &reading.rejected);
    assert_eq!(data.source_rows, [1, 3, 4, 7]);
}

#[test]
fn numbers_as_labels_are_compared_as_numbers() {
    let roles = [Role::Indicator, Role::Label];
    let data = from("x,y\n1,1.0\n2,1\n3,0\n4,00\n", &roles, Some("1")).unwrap();
    assert_eq!(data.bad, [Some(true), Some(true), Some(false), Some(false)]);
    assert_eq!(
        (data.label_levels.as_slice(), data.bad_value.as_str()),
        (["1.0", "0"].map(str::to_owned).as_slice(), "1.0")
    );
}

#[test]
fn a_label_of_three_values_is_bad_against_the_others() {
    let data = from("x,y\n1,good\n2,bad\n3,fair\n4,bad\n", &[Role::Indicator, Role::Label], Some("bad")).unwrap();
    assert_eq!(data.bad, [Some(false), Some(true), Some(false), Some(true)]);
    assert_eq!(data.notices, ["The label \"y\" has 3 values: \"bad\" is held against all others."]);
}

#[test]
fn an_empty_indicator_is_all_missing() {
    let data = from("x,y\n,1\n,0\nNA,1\n?,0\n", &[Role::Indicator, Role::Label], Some("1")).unwrap();
    let Values::Numeric(x) = &data.indicators[0].values else { panic!("text") };
    assert!(x.iter().all(|x| x.is_nan()));
}

#[test]
fn exposures_are_amounts_and_nothing_to_learn_from() {
    let roles = [Role::Indicator, Role::Exposure, Role::Label];
    let data = from("x,lent,y\n1,100.5,1\n2,,0\n3,-1,0\n4,0,1\n", &roles, Some("1")).unwrap();
    let exposure = data.exposure.unwrap();
    assert!(exposure[0] == 100.5 && exposure[1].is_nan() && exposure[2].is_nan() && exposure[3] == 0.0);
    assert_eq!(data.indicators.len(), 1);
    assert_eq!(
        data.notices,
        ["The exposure \"lent\" is missing or below 0 in 2 of 4 rows: they take no part in losses."]
    );
    assert_eq!(
        from("x,lent,y\n1,much,1\n2,,0\n3,little,0\n4,0,1\n", &roles, Some("1")),
        Err(DataError::ExposureNotNumbers { column: "lent".to_owned() })
    );
    let without =
        from("x,lent,y\n1,1,1\n2,1,0\n3,1,0\n4,1,1\n", &[Role::Indicator, Role::SetAside, Role::Label], Some("1"));
    assert_eq!(without.unwrap().exposure, None);
}

#[test]
fn what_cannot_be_used_is_said() {
    let two = [Role::Indicator, Role::Label];
    let said = |csv: &str, roles: &[Role], bad: Option<&str>| from(csv, roles, bad).unwrap_err().to_string();
    let csv = "x,y\n1,p\n2,q\n3,p\n4,q\n";
    assert_eq!(from(csv, &[Role::Indicator; 2], None), Err(DataError::NoLabel));
    assert_eq!(from(csv, &[Role::SetAside, Role::Label], Some("p")), Err(DataError::NoIndicators));
    assert_eq!(
        said(csv, &[Role::Label], None),
        "the table has 2 columns but roles are given for 1; choose the roles again"
    );
    assert_eq!(
        said(csv, &[Role::Label; 2], None),
        "columns \"x\" and \"y\" both have the role label; keep one of them"
    );
    assert_eq!(
        said(csv, &two, None),
        "which value of \"y\" is the bad outcome is not said; choose one of \"p\", \"q\""
    );
    assert_eq!(
        said(csv, &two, Some("r")),
        "\"r\" does not occur in the label column \"y\"; choose one of \"p\", \"q\""
    );
    assert_eq!(
        said("x,y\n1,p\n2,p\n", &two, Some("p")),
        "every labelled row has y = \"p\"; learning needs rows of both outcomes"
    );
    assert_eq!(from("x,y\n1,p\n2,q\n3,q\n", &two, Some("p")), Err(DataError::TooFewRows { bad: 1, good: 2 }));
    let many: String = (0..12).fold("x,y\n".to_owned(), |csv, i| format!("{csv}1,v{i}\n"));
    assert!(said(&many, &two, None).ends_with("\"v9\" and 2 more"));

    let parts = |cell: &str| FIRMS.replace("validation", cell);
    assert_eq!(
        said(&parts("holdout"), &ROLES, Some("default")),
        "line 4: the split column \"part\" holds \"holdout\"; write train, validation or test"
    );
    assert!(said(&parts(""), &ROLES, Some("default")).contains("holds \"\""), "a labelled row needs a part");
}
