use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use rand::RngExt as _;

use super::tests::{made, quick};
use super::*;
use crate::data::{
    Decimal, MissingCode, MissingTokens, Progress, ReadOptions, RoleRequest, RowStream, Source, Table, Value, Values,
    fingerprint_of_file,
};
use crate::evaluation::{Drift, level_drift, number_drift};
use crate::random::{Purpose, stream};
use crate::training::{ModelKind, train_split};

/// Firms whose debt and sector tell how they turned out; some cells are missing.
fn firms(n: usize, seed: u64) -> String {
    let mut random = stream(seed, Purpose::Sample, 0);
    let mut csv = "id,year,debt ratio,sector,size,bad\n".to_owned();
    for row in 0..n {
        let debt: f64 = random.random_range(0.0..2.0);
        let sector = ["trade", "mining", "farm"][random.random_range(0..3)];
        let bad = debt + if sector == "mining" { 0.5 } else { 0.0 } + random.random_range(-0.4..0.4) > 1.4;
        let debt = if row % 17 == 3 { String::new() } else { format!("{debt:.3}") };
        let size = random.random_range(1..500);
        _ = writeln!(csv, "F{},{},{debt},{sector},{size},{}", row / 2, 2019 + row % 2, u8::from(bad));
    }
    csv
}

fn source(csv: &str) -> Source {
    let request = RoleRequest {
        label: Some("bad".to_owned()),
        bad: Some("1".to_owned()),
        id: Some("id".to_owned()),
        period: Some("year".to_owned()),
        ..RoleRequest::default()
    };
    Source::from_bytes(Path::new("firms.csv"), csv.as_bytes(), &request).unwrap()
}

fn table(csv: &str) -> Source {
    Source::from_bytes(Path::new("new.csv"), csv.as_bytes(), &RoleRequest::default()).unwrap()
}

fn model(kind: ModelKind) -> RiskModel {
    let source = source(&firms(400, 1));
    let data = source.dataset(&source.guess.roles).unwrap();
    let spec = quick().check().unwrap();
    let fold = train_split(&data, &spec).unwrap();
    made(kind, &fold, &spec, &source, &data).0
}

fn scored(model: &RiskModel, source: &Source) -> (Matching, Scoring) {
    let matching = Matching::new(model, source.table.names(), &source.guess.roles);
    let decimals = source.table.decimals(Decimal::Point);
    let scoring = score(model, &matching, &source.table, &decimals, &source.reading.rejected);
    (matching, scoring)
}

#[test]
fn a_firm_is_scored_as_the_model_answers_and_what_is_unusual_is_flagged() {
    let model = model(ModelKind::Logistic);
    let [low, high] = model.column("size").unwrap().range().unwrap();
    let new = format!(
        "id,year,Debt_Ratio,SECTOR,size\n\
         A,2021,1.0,trade,{low}\n\
         B,2021,,mining,{high}\n\
         ,2021,n/a yet,trade,0\n\
         D,,0.5,space,1e9\n\
         E,2021,?,,{low}\n"
    );
    let source = table(&new);
    let (matching, Scoring { data, firms, summary }) = scored(&model, &source);
    assert!(matching.told_lacking().is_none());
    let hows: Vec<How> = matching.indicators().iter().map(|matched| matched.how).collect();
    assert_eq!(hows, [How::Alike, How::Alike, How::Exactly]);

    let rows: Vec<usize> = (0..5).collect();
    let pd = model.pd(model.inputs(&data, &rows, &rows).view());
    assert_eq!(firms.iter().map(|firm| firm.pd).collect::<Vec<_>>(), pd);
    for firm in &firms {
        assert_eq!(firm.called_bad, firm.pd >= model.threshold);
        assert_eq!(firm.grade, model.grade(firm.pd));
        assert!((firm.free_energy, firm.novel, firm.exposure, firm.bad) == (None, false, None, None));
    }
    assert_eq!(firms.iter().map(|firm| firm.row).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let enterprises: Vec<_> = firms.iter().map(|firm| firm.enterprise.as_deref()).collect();
    assert_eq!(enterprises, [Some("A"), Some("B"), None, Some("D"), Some("E")]);
    assert_eq!(firms[3].period, None);

    let flags: Vec<String> = firms.iter().map(|firm| flags_text(&firm.flags, &matching)).collect();
    assert_eq!(flags[0], "");
    assert_eq!(flags[1], "debt ratio: missing");
    assert_eq!(
        flags[2],
        format!("debt ratio: \"n/a yet\" is not a number; size: 0 is below {low}, the smallest in training")
    );
    assert_eq!(
        flags[3],
        format!(
            "sector: \"space\" did not occur in training; size: 1000000000 is above {high}, the largest in training"
        )
    );
    assert_eq!(flags[4], "debt ratio: missing; sector: missing");

    let counts = |missing, not_numbers, unseen, outside, name: &str| FlagCounts {
        indicator: name.to_owned(),
        missing,
        not_numbers,
        unseen,
        outside,
    };
    assert_eq!(
        summary.flags,
        [counts(2, 1, 0, 0, "debt ratio"), counts(1, 0, 1, 0, "sector"), counts(0, 0, 0, 2, "size")]
    );
    assert_eq!((summary.rows, summary.flagged, summary.novel), (5, 4, None));
    assert_eq!(summary.called_bad, firms.iter().filter(|firm| firm.called_bad).count() as u64);
    assert_eq!(summary.grades.iter().map(|(_, n)| n).sum::<u64>(), 5);
    assert_eq!(summary.back_test, None);
}

#[test]
fn columns_are_matched_by_name_alike_by_hand_or_not_at_all() {
    let model = model(ModelKind::Logistic);
    let names = |names: &[&str]| -> Vec<String> { names.iter().map(|&name| name.to_owned()).collect() };
    let matching = |columns: &[&str]| {
        let roles = crate::data::Roles { roles: vec![crate::data::Role::SetAside; columns.len()], bad: None };
        Matching::new(&model, &names(columns), &roles)
    };
    // Two columns are alike: neither is taken; a person decides.
    let mut found = matching(&["debt-ratio", "Debt Ratio", "Sector ", "BAD"]);
    assert_eq!(found.lacking().collect::<Vec<_>>(), ["debt ratio", "size"]);
    assert_eq!(
        found.told_lacking().unwrap(),
        "The table has no column for 2 of the 3 indicators of the model: \"debt ratio\", \"size\"."
    );
    assert_eq!(found.label, Some(3));
    found.map("debt ratio", "Debt Ratio").unwrap();
    assert_eq!((found.indicators()[0].column, found.indicators()[0].how), (Some(1), How::ByHand));
    let error = found.map("debt rato", "Debt Ratio").unwrap_err();
    assert_eq!(error.to_string(), "the model has no indicator \"debt rato\"; did you mean \"debt ratio\"?");
    let error = found.map("size", "sectr").unwrap_err();
    assert_eq!(error.to_string(), "the table has no column \"sectr\"; did you mean \"Sector \"?");
    found.set(0, None);
    found.set(99, Some(0));
    assert_eq!(found.lacking().count(), 2);
    // The exact name wins over one that is alike.
    assert_eq!(matching(&["DEBT RATIO", "debt ratio"]).indicators()[0].column, Some(1));
}

#[test]
fn a_table_that_goes_by_in_parts_is_scored_as_in_memory() {
    let model = model(ModelKind::Dbn);
    let mut csv = firms(2600, 7);
    // Quotes, breaks within them, rows that are none and cells that are no numbers, from the middle on.
    for row in 0..300 {
        let line = match row % 5 {
            0 => format!("\"G\n{row}\",2021,\"1.5\",\"far\nm\",\"12\",1\n"),
            1 => format!("G{row},2021,oops,farm,9999,0\n"),
            2 => "too,short\n".to_owned(),
            3 => format!("G{row},2021,1.5,\"new, {row}\",3,\n"),
            _ => format!("G{row},,,,,\n"),
        };
        csv.push_str(&line);
    }
    let whole = table(&csv);
    let (matching, Scoring { firms, summary, .. }) = scored(&model, &whole);
    assert_eq!((firms.len(), summary.rejected), (2840, 60));
    assert!(summary.novel.is_some() && firms.iter().any(|firm| firm.free_energy.is_some()));
    assert_eq!(firms[2600 + 2].row, 2600 + 4, "rejected rows count");
    // All that the firm holds speaks for the bad outcome, so that every value stands in the file.
    let reasons = |values: &[Value], _: ndarray::ArrayView1<'_, f32>| -> FirmReasons {
        let reason = |(i, value): (usize, &Value)| FirmReason {
            indicator: format!("indicator {i}"),
            value: value.clone(),
            points: 1.0 / (i + 1) as f64,
            error: (i == 0).then_some(0.25),
        };
        [values.iter().enumerate().map(reason).collect(), Vec::new()]
    };
    let mut in_memory = CsvSink::new(Columns::new(&model, &matching, 3, true), Some(&reasons), Vec::new()).unwrap();
    let mut rows = RowStream::of_source(whole.clone());
    assert_eq!(score_rows(&model, &matching, &mut rows, &mut in_memory, &Progress::new()).unwrap(), summary);
    let in_memory = in_memory.into_inner();

    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    for part in [997, 5_000, 33_333, 1 << 20] {
        let mut rows = RowStream::of_bytes(csv.as_bytes(), 20_000, part);
        let mut sink = CsvSink::new(Columns::new(&model, &matching, 3, true), Some(&reasons), Vec::new()).unwrap();
        let found = pool.install(|| score_rows(&model, &matching, &mut rows, &mut sink, &Progress::new()));
        assert_eq!(found.unwrap(), summary, "{part}");
        assert!(sink.into_inner() == in_memory, "{part}");
    }

    // What was written reads back as it was, to the last bit, and as an earlier scoring.
    let written = table(std::str::from_utf8(&in_memory).unwrap()).table;
    let column = |name: &str| Arc::clone(written.numbers(written.position(name).unwrap()).unwrap());
    let (pd, energy, class) = (column("pd"), column("free_energy"), column("class"));
    for (row, firm) in firms.iter().enumerate() {
        assert_eq!(pd[row].to_bits(), firm.pd.to_bits());
        assert_eq!(energy[row].to_bits(), firm.free_energy.unwrap().to_bits());
        assert_eq!(class[row], f64::from(u8::from(firm.called_bad)));
    }
    let before = |bytes: &[u8]| Earlier::of_file(Path::new("scored"), bytes).unwrap();
    assert_eq!(before(&in_memory), Earlier::of_firms(&firms));
    // What the reasons speak of is what the table holds.
    let of_table = scored(&model, &whole).1.data;
    let text = |name: &str, row: usize| written.cell(row, written.position(name).unwrap()).to_owned();
    for row in [0, 2599, 2601, 2603, 2839] {
        for (i, indicator) in of_table.indicators.iter().enumerate() {
            let expected = match indicator.value(row) {
                Value::Number(x) => x.to_string(),
                Value::Level(level) => level,
                Value::Missing => "missing".to_owned(),
            };
            assert_eq!(text(&format!("reason_for_{}_value", i + 1), row), expected, "row {row}");
            assert_eq!(text(&format!("reason_for_{}", i + 1), row), format!("indicator {i}"));
        }
        assert_eq!(text("reason_for_2_points", row), "0.5");
        assert_eq!(["reason_for_1_error", "reason_for_2_error"].map(|name| text(name, row)), ["0.25", ""]);
        assert!(text("reasons_for", row).contains("(+1.00 ± 0.25 points); "), "{}", text("reasons_for", row));
        assert_eq!((text("reason_against_1", row), text("reasons_against", row)), (String::new(), String::new()));
        assert!(text("reasons_for", row).starts_with("indicator 0 = "), "{}", text("reasons_for", row));
    }
}

#[test]
fn drift_is_that_of_the_evaluation_on_the_same_rows() {
    let model = model(ModelKind::Logistic);
    let training = source(&firms(400, 1));
    let data = training.dataset(&training.guess.roles).unwrap();
    let spec = quick().check().unwrap();
    let fold = train_split(&data, &spec).unwrap();
    let rows: Vec<usize> = fold.train_rows.iter().chain(&*fold.unlabelled_rows).copied().collect();
    let new = table(&firms(900, 5).replace("farm", "space"));
    let (_, Scoring { data: new, firms, summary }) = scored(&model, &new);
    let close = |found: &Drift, expected: &Drift| {
        assert!((found.psi - expected.psi).abs() < 1e-12, "{} {}", found.psi, expected.psi);
        assert_eq!((found.stability, found.bins.len()), (expected.stability, expected.bins.len()));
    };
    for (indicator, (name, drift)) in new.indicators.iter().zip(&summary.drift.indicators) {
        let reference = data.indicators.iter().find(|of_training| of_training.name == *name).unwrap();
        let expected = match (&reference.values, &indicator.values) {
            (Values::Numeric(reference), Values::Numeric(other)) => {
                let reference: Vec<f64> = rows.iter().map(|&row| reference[row]).collect();
                number_drift(&reference, other)
            }
            (Values::Category { codes: a, levels: of_a }, Values::Category { codes: b, levels: of_b }) => level_drift(
                rows.iter().map(|&row| a[row].map(|code| of_a[code as usize].as_str())),
                b.iter().map(|code| code.map(|code| of_b[code as usize].as_str())),
            ),
            _ => panic!("kinds differ"),
        };
        close(drift.as_ref().unwrap(), &expected.unwrap());
    }
    let pd: Vec<f64> = firms.iter().map(|firm| firm.pd).collect();
    close(summary.drift.pd.as_ref().unwrap(), &number_drift(&model.pd_reference, &pd).unwrap());
    let tested = summary.back_test.unwrap();
    assert_eq!((tested.labelled, tested.every, tested.on_training_table), (900, 1, false));
    assert!(tested.metrics.auc.unwrap() > 0.8);
}

#[test]
fn a_back_test_on_the_table_learned_from_says_so() {
    let model = model(ModelKind::Logistic);
    let (learned, new) = (source(&firms(400, 1)), table(&firms(400, 2)));
    let told = |source: &Source, sha256: &str| {
        let mut summary = scored(&model, source).1.summary;
        summary.set_files(&model, sha256);
        summary.back_test.unwrap().on_training_table
    };
    let [own, other] = [&learned, &new].map(|source| source.reading.sha256.as_str());
    assert!(told(&learned, own) && !told(&new, other));
    assert!(told(&new, &format!("{other}{own}")), "one of two files");
    assert!(!told(&new, ""));
    let path = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(path.path(), firms(400, 1)).unwrap();
    assert_eq!(fingerprint_of_file(path.path()).unwrap(), own);
}

#[test]
fn what_is_not_in_the_table_is_missing_in_every_firm() {
    let model = model(ModelKind::Svm);
    let (matching, Scoring { firms, summary, .. }) = scored(&model, &table("x,sector\n1,farm\n2,trade\n"));
    assert_eq!(matching.lacking().collect::<Vec<_>>(), ["debt ratio", "size"]);
    assert!(firms.iter().all(|firm| firm.pd.is_finite() && firm.flags.len() == 2));
    assert_eq!(summary.flags[0].missing, 2);
    assert!(summary.drift.indicators[0].1.is_none() && summary.drift.indicators[1].1.is_some());
    // Without rows there is nothing to say.
    let empty = score(&model, &matching, &Table::new(vec!["x".to_owned(), "sector".to_owned()]), &[], &[]);
    assert_eq!((empty.firms.len(), empty.summary.mean_pd, empty.summary.drift.pd), (0, None, None));
}

#[test]
fn what_counted_as_missing_for_the_model_does_for_new_firms_unless_something_is_said() {
    let mut model = model(ModelKind::Logistic);
    let code = MissingCode { column: Some("debt ratio".to_owned()), value: "-999".to_owned() };
    model.record.data.read_as.options.missing.codes.push(code);
    let learned = model.record.data.read_as.options.missing.clone();
    let asked = ReadOptions { delimiter: Some(';'), ..ReadOptions::default() };
    let options = model.read_options(asked.clone());
    assert_eq!(options, ReadOptions { missing: learned, ..asked });
    let none = MissingTokens { tokens: Vec::new(), ..MissingTokens::default() };
    let said = ReadOptions { missing: none, ..ReadOptions::default() };
    assert_eq!(model.read_options(said.clone()), said);

    // The column has another name than the indicator that the code is of.
    let csv = |debt: &str| format!("DEBT_RATIO;sector;size\n{debt};farm;7\n1.5;trade;9\n");
    let read = |debt: &str, options: &ReadOptions| {
        let bytes = csv(debt).into_bytes();
        Source::from_bytes_with(Path::new("new.csv"), &bytes, &RoleRequest::default(), options).unwrap()
    };
    let empty = scored(&model, &read("", &ReadOptions::default())).1.firms;
    let coded = scored(&model, &read("-999", &options)).1.firms;
    assert_eq!(coded, empty);
    assert_ne!(scored(&model, &read("-999", &ReadOptions::default())).1.firms[0].pd, empty[0].pd);
}

#[test]
fn new_texts_without_end_share_a_bin() {
    let model = model(ModelKind::Logistic);
    let mut csv = "sector,size\n".to_owned();
    for row in 0..5000 {
        _ = writeln!(csv, "t{row},1");
    }
    let (_, Scoring { summary, .. }) = scored(&model, &table(&csv));
    let drift = summary.drift.indicators[1].1.as_ref().unwrap();
    assert!(drift.bins.len() < 1010, "{}", drift.bins.len());
    assert_eq!(drift.bins.iter().map(|bin| bin.other).sum::<usize>(), 5000);
}

#[test]
fn a_sheet_holds_what_the_csv_holds() {
    let model = model(ModelKind::Dbn);
    let source = table(&firms(30, 9));
    let (matching, Scoring { firms, .. }) = scored(&model, &source);
    let columns = || Columns::new(&model, &matching, 0, false);
    let (mut sheet, mut csv) =
        (XlsxSink::new(columns(), None).unwrap(), CsvSink::new(columns(), None, Vec::new()).unwrap());
    let progress = Progress::new();
    score_rows(&model, &matching, &mut RowStream::of_source(source.clone()), &mut sheet, &progress).unwrap();
    score_rows(&model, &matching, &mut RowStream::of_source(source), &mut csv, &progress).unwrap();
    let mut bytes = Vec::new();
    sheet.finish(&mut bytes).unwrap();
    assert_eq!(Earlier::of_file(Path::new("x"), &bytes).unwrap(), Earlier::of_firms(&firms));
    let read = |bytes: &[u8]| Source::from_bytes(Path::new("x"), bytes, &RoleRequest::default()).unwrap().table;
    let (sheet, csv) = (read(&bytes), read(&csv.into_inner()));
    assert_eq!((sheet.names(), sheet.n_rows()), (csv.names(), firms.len()));
    for name in ["pd", "free_energy", "row", "class"] {
        let column = |table: &Table| Arc::clone(table.numbers(table.position(name).unwrap()).unwrap());
        assert_eq!(column(&sheet), column(&csv), "{name}");
    }
    for name in ["enterprise", "grade", "flags"] {
        let column =
            |table: &Table| -> Vec<String> { table.column(table.position(name).unwrap()).map(str::to_owned).collect() };
        assert_eq!(column(&sheet), column(&csv), "{name}");
    }
}
