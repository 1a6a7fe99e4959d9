//! What the state of the screen takes in and gives out, and the work of a scoring on small tables.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use super::*;
use crate::app::export::Document as _;
use crate::data::{MissingCode, ReadOptions, RoleRequest, Source};
use crate::scoring::OutcomeColumn;
use crate::scoring::tests::{made, quick, sample};
use crate::training::train_split;

/// A small model of this kind that has learned the bundled sample.
pub(in crate::app) fn model(kind: ModelKind) -> Arc<RiskModel> {
    static MODELS: [OnceLock<Arc<RiskModel>>; 2] = [const { OnceLock::new() }; 2];
    let place = usize::from(kind == ModelKind::Logistic);
    let model = MODELS[place].get_or_init(|| {
        let (source, data) = sample();
        let spec = quick().check().unwrap();
        let fold = train_split(&data, &spec).unwrap();
        Arc::new(made(kind, &fold, &spec, &source, &data).0)
    });
    assert_eq!(model.kind, kind, "a test asks for one of two kinds");
    Arc::clone(model)
}

/// The indicators of the sample, as a file has them.
const INDICATORS: &str = "quality_construction_factor,trade_factor,profit_factor,operational_factor,comprehensive_factor,\
                          growth_factor,cooperation_factor,project_construction_and_debt_repayment_factor";

/// A file of firms of the sample's kind: names, then all indicators; the later the worse.
pub(in crate::app) fn firms(n: usize) -> String {
    let mut csv = format!("enterprise_id,year,{INDICATORS},exposure\n");
    for i in 0..n {
        let (good, debt) = (90.0 - 8.0 * i as f64, 5.0 - 0.6 * i as f64);
        _ = writeln!(
            csv,
            "F{i:02},2021,{good},200,{debt},0.6,{},{debt},0.9,{debt},{}",
            700.0 - 40.0 * i as f64,
            1000 + i
        );
    }
    csv
}

/// A table of this text, read, to be scored.
pub(in crate::app) fn subject(csv: &str) -> Subject {
    let path = PathBuf::from("firms.csv");
    let source =
        Source::from_bytes_with(&path, csv.as_bytes(), &RoleRequest::default(), &ReadOptions::default()).unwrap();
    let roles = source.guess.roles.clone();
    Subject::Read { source: Arc::new(source), roles, path: Some(path) }
}

/// The exposure is in the column of this name.
fn with_exposure() -> HandMatching {
    let indicators = INDICATORS.split(',').map(|name| (name.to_owned(), Some(name.to_owned()))).collect();
    let name = |name: &str| Some(name.to_owned());
    let (enterprise, period, exposure) = (name("enterprise_id"), name("year"), name("exposure"));
    HandMatching { indicators, enterprise, period, exposure, outcome: OutcomeColumn::AsFound }
}

/// A table of this text, scored.
pub(in crate::app) fn scored(kind: ModelKind, csv: &str, earlier: Option<Arc<Earlier>>) -> Arc<ScoredTable> {
    let job =
        ScoreJob { model: model(kind), subject: subject(csv), by_hand: Some(with_exposure()), earlier, last: None };
    match job.work(&Progress::new()).unwrap() {
        Outcome::Scored(scored) => scored,
        Outcome::Unmatched(unmatched) => panic!("{:?}", unmatched.matching),
    }
}

fn outcome(kind: ModelKind, csv: &str, by_hand: Option<HandMatching>) -> Outcome {
    ScoreJob { model: model(kind), subject: subject(csv), by_hand, earlier: None, last: None }
        .work(&Progress::new())
        .unwrap()
}

#[test]
fn firms_are_scored_with_their_names_and_added_up() {
    let table = scored(ModelKind::Logistic, &firms(10), None);
    assert_eq!(table.firms.len(), 10);
    assert_eq!(table.firms[3].enterprise.as_deref(), Some("F03"));
    assert_eq!(table.firms[3].exposure, Some(1003.0));
    assert!(table.firms[0].pd < table.firms[9].pd, "the later the worse");
    let called: Vec<usize> = (0..10).filter(|&place| table.firms[place].called_bad).collect();
    let exposure: f64 = called.iter().map(|&place| 1000.0 + place as f64).sum();
    assert_eq!(table.summary.called_bad as usize, called.len());
    assert_eq!(table.overview.exposure, Some([exposure, 10_045.0]));
    assert_eq!(table.overview.grade_exposures.iter().sum::<f64>(), 10_045.0);
    assert!(table.overview.tested.is_empty(), "no outcome is known");
    let flagged = table.firms.iter().filter(|firm| !firm.flags.is_empty()).count();
    assert_eq!(table.overview.flagged, flagged);
}

#[test]
fn columns_that_do_not_match_are_asked_for_once() {
    let csv = firms(3).replace("trade_factor", "turnover");
    let Outcome::Unmatched(unmatched) = outcome(ModelKind::Logistic, &csv, None) else {
        panic!("not all columns match")
    };
    assert_eq!(unmatched.matching.lacking().collect::<Vec<_>>(), ["trade_factor"]);
    let mut matching = unmatched.matching.clone();
    matching.map("trade_factor", "turnover").unwrap();
    let by_hand = HandMatching::of(&matching);
    assert_eq!(by_hand.outcome, OutcomeColumn::None, "there is none in the file");
    let Outcome::Scored(mapped) = outcome(ModelKind::Logistic, &csv, Some(by_hand.clone())) else {
        panic!("asked again")
    };
    let same = scored(ModelKind::Logistic, &firms(3), None);
    let pds = |table: &ScoredTable| table.firms.iter().map(|firm| firm.pd).collect::<Vec<_>>();
    assert_eq!(pds(&mapped), pds(&same));
    // The columns in another order are found by their names.
    let turned: String = csv.lines().map(|line| line.split(',').rev().collect::<Vec<_>>().join(",") + "\n").collect();
    let Outcome::Scored(turned) = outcome(ModelKind::Logistic, &turned, Some(by_hand)) else { panic!("asked again") };
    assert_eq!(pds(&turned), pds(&same));

    // A column that was there when the others were matched, and is gone since, is asked for.
    let gone = csv.replace("growth_factor", "growth");
    let Outcome::Unmatched(gone) = outcome(ModelKind::Logistic, &gone, Some(HandMatching::of(&matching))) else {
        panic!("nobody has agreed to that")
    };
    assert_eq!(gone.matching.lacking().collect::<Vec<_>>(), ["growth_factor"]);

    let missing = HandMatching::of(&unmatched.matching);
    let Outcome::Scored(missing) = outcome(ModelKind::Logistic, &csv, Some(missing)) else { panic!("asked again") };
    assert_eq!(missing.overview.concerns[4], 3, "missing for every firm");
    assert!(matches!(outcome(ModelKind::Logistic, "a,b\n1,2\n3,4\n", None), Outcome::Unmatched(_)));
}

#[test]
fn grades_that_fell_are_found_at_their_places() {
    let before = scored(ModelKind::Logistic, &firms(10), None);
    // The best firm and the worst one change their names, and so their places.
    let swapped = firms(10).replace("F00", "F99").replace("F09", "F00").replace("F99", "F09");
    let after = scored(ModelKind::Logistic, &swapped, Some(Arc::new(Earlier::of(&before))));
    let warnings = after.warnings.as_ref().unwrap();
    assert_eq!(warnings.compared, 10);
    let [(place, warning)] = &warnings.list[..] else { panic!("{warnings:?}") };
    assert_eq!((*place, warning.enterprise.as_str()), (9, "F00"));
    assert_eq!(after.fallen_from(9), before.firms[0].grade);
    assert_eq!(after.fallen_from(0), None);
    assert_eq!(after.place_of(&before, 0), Some(9), "it is followed by its name");
}

#[test]
fn scores_are_written_and_read_again_as_an_earlier_scoring() {
    let table = scored(ModelKind::Dbn, &firms(4), None);
    let file = ScoresFile { scored: Arc::clone(&table), name: "scored.csv", reasons: true };
    let csv = String::from_utf8(file.contents(std::path::Path::new("scored.csv")).unwrap()).unwrap();
    assert!(csv.starts_with("row,enterprise,period,exposure,pd,"), "{csv}");
    assert!(csv.lines().next().unwrap().ends_with(",reason_against_5_points") && csv.contains(" points)"), "{csv}");
    assert_eq!(csv.lines().count(), 5);
    let workbook = file.contents(std::path::Path::new("scored.XLSX")).unwrap();
    assert!(workbook.starts_with(b"PK"), "a workbook is a zip");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scored.csv");
    std::fs::write(&path, csv).unwrap();
    let earlier = Arc::new(Earlier::read(path).unwrap());
    let again = scored(ModelKind::Dbn, &firms(4), Some(earlier));
    let warnings = again.warnings.as_ref().unwrap();
    assert_eq!((warnings.earlier.as_str(), warnings.compared, warnings.list.len()), ("scored.csv", 4, 0));
    assert!(Earlier::read(folder.path().join("none.csv")).is_err());
}

#[test]
fn what_is_missing_for_the_model_is_missing_in_the_window_too() {
    let mut coded = (*model(ModelKind::Logistic)).clone();
    let code = MissingCode { column: Some("trade_factor".to_owned()), value: "-999".to_owned() };
    coded.record.data.read_as.options.missing.codes.push(code);
    let coded = Arc::new(coded);
    let with = |trade: &str, name: &str| {
        let text = firms(2).replace("trade_factor", name);
        text.replacen(",200,", &format!(",{trade},"), 1)
    };
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Subject::File(path)
    };
    let pds = |model: &Arc<RiskModel>, subject: &Subject| {
        let (model, subject) = (Arc::clone(model), subject.clone());
        let job = ScoreJob { model, subject, by_hand: None, earlier: None, last: None };
        let Outcome::Scored(scored) = job.work(&Progress::new()).unwrap() else { panic!("all columns match") };
        let pds: Vec<f64> = scored.firms.iter().map(|firm| firm.pd).collect();
        (pds, scored.subject.clone())
    };
    let (empty, _) = pds(&coded, &file("empty.csv", &with("", "trade_factor")));
    // The column is found by a name alike: the code is that of the indicator.
    let coded_file = file("coded.csv", &with("-999", "Trade Factor"));
    let (found, read) = pds(&coded, &coded_file);
    assert_eq!(found, empty);
    // A model that knows of no code takes it for a number, of the same table once read; and the other way round.
    let plain = model(ModelKind::Logistic);
    let (as_number, read) = pds(&plain, &read);
    assert_ne!(as_number[0], empty[0]);
    assert_eq!(pds(&coded, &read).0, empty);
    assert_eq!(pds(&coded, &subject(&with("-999", "trade_factor"))).0, empty);
}

#[test]
fn the_window_scores_as_the_command_line_does() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("firms.csv"), folder.path().join("scored.csv"));
    let kept = folder.path().join("m.bscope-model");
    let mut coded = (*model(ModelKind::Dbn)).clone();
    let code = MissingCode { column: Some("trade_factor".to_owned()), value: "200".to_owned() };
    coded.record.data.read_as.options.missing.codes.push(code);
    crate::storage::save_model(&kept, &coded).unwrap();
    std::fs::write(&file, firms(40).replace("trade_factor", "TRADE FACTOR")).unwrap();
    let line = ["beliefscope", "score", "--quiet", "--out"].map(std::ffi::OsString::from).into_iter();
    let line = line.chain([&out, &kept, &file].map(|path| path.clone().into_os_string()));
    let arguments = <crate::cli::Arguments as clap::Parser>::try_parse_from(line).unwrap();
    assert_eq!(crate::cli::run(arguments.command.unwrap()), std::process::ExitCode::SUCCESS);

    let (model, subject) = (Arc::new(coded), Subject::File(file));
    let job = ScoreJob { model, subject, by_hand: None, earlier: None, last: None };
    let Outcome::Scored(scored) = job.work(&Progress::new()).unwrap() else { panic!("all columns match") };
    assert_eq!(scored.overview.concerns[4], 40, "200 is missing, under the indicator's name");
    let written = Source::open(&out, &RoleRequest::default()).unwrap().table;
    let pds = written.numbers(written.position("pd").unwrap()).unwrap();
    assert_eq!(pds.to_vec(), scored.firms.iter().map(|firm| firm.pd).collect::<Vec<_>>());
}

/// Does what the state asks for, as the loader does.
fn work(state: &mut ScoringState, watch: Option<u64>) -> Found {
    let (job, progress, number) = state.begin(watch).unwrap();
    let outcome = job.work(&progress).unwrap();
    state.take(number, outcome)
}

#[test]
fn tables_of_one_watching_are_matched_once_and_their_warnings_stay_until_the_next_change() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text.replace("trade_factor", "turnover")).unwrap();
        path
    };
    let watched = || folder.path().to_owned();
    let mut state = ScoringState::default();
    state.take_opened("a.bscope-model".into(), model(ModelKind::Logistic));
    state.set_changed(watched(), write("quarter_1.csv", &firms(10)));
    assert_eq!(work(&mut state, Some(1)), Found::Nothing);
    let mut matching = state.unmatched.take().expect("a column has another name").matching;
    matching.map("trade_factor", "turnover").unwrap();
    state.set_matching(HandMatching::of(&matching));
    work(&mut state, None);
    assert!(state.scored.as_ref().unwrap().warnings.is_none());

    let swapped = firms(10).replace("F00", "F99").replace("F09", "F00").replace("F99", "F09");
    state.set_changed(watched(), write("quarter_2.csv", &swapped));
    assert_eq!(work(&mut state, Some(1)), Found::Changed);
    assert!(state.unmatched.is_none(), "the next file of the folder is matched as the one before");
    let fallen = |state: &ScoringState| state.scored.as_ref().unwrap().warnings.as_ref().map(|w| w.list.len());
    assert_eq!(fallen(&state), Some(1));
    work(&mut state, None);
    assert_eq!(fallen(&state), Some(1), "scored again");
    // The grades of another model are not held against these; those of the first are there again.
    state.take_opened("b.bscope-model".into(), model(ModelKind::Dbn));
    work(&mut state, None);
    assert_eq!(fallen(&state), None);
    state.choose(0);
    work(&mut state, None);
    assert_eq!(fallen(&state), Some(1));
    // The same bytes, told of once more, are no change.
    state.set_changed(watched(), write("quarter_2b.csv", &swapped));
    assert_eq!(work(&mut state, Some(2)), Found::Nothing);
    assert_eq!(fallen(&state), Some(1));
    state.set_changed(watched(), write("quarter_3.csv", &(swapped + "\n")));
    assert_eq!(work(&mut state, Some(2)), Found::Changed);
    assert_eq!(fallen(&state), Some(0));
    // A file of its own is no part of the watching.
    state.set_subject(Subject::File(write("other.csv", &firms(3))));
    work(&mut state, None);
    assert!(state.unmatched.is_some() && fallen(&state) == Some(0), "the scores shown stay");
}

#[test]
fn trained_models_replace_each_other_and_opened_ones_stay() {
    let (dbn, logistic) = (model(ModelKind::Dbn), model(ModelKind::Logistic));
    let mut state = ScoringState::default();
    assert!(state.model().is_none() && state.begin(None).is_none());
    state.take_opened("kept.bscope-model".into(), Arc::clone(&logistic));
    state.take_trained(vec![Arc::clone(&dbn)]);
    assert_eq!((state.models().len(), state.chosen()), (2, 1), "what was chosen stays chosen");
    assert_eq!(state.file(1).and_then(Path::to_str), Some("kept.bscope-model"));
    assert!(state.choose(0) && !state.choose(0) && !state.choose(7));
    let again = Arc::new((*dbn).clone());
    state.take_trained(vec![Arc::clone(&logistic), Arc::clone(&again)]);
    assert!(Arc::ptr_eq(state.model().unwrap(), &again), "one trained anew takes the place of its kind");
    state.take_opened("kept.bscope-model".into(), Arc::clone(&dbn));
    assert_eq!((state.models().len(), state.chosen()), (3, 2));
}

#[test]
fn an_answer_that_nobody_waits_for_comes_to_nothing() {
    let mut state = ScoringState::default();
    state.take_opened("kept.bscope-model".into(), model(ModelKind::Logistic));
    state.set_subject(subject(&firms(3)));
    let (first, overtaken, old) = state.begin(None).unwrap();
    let (_, _, new) = state.begin(None).unwrap();
    assert!(overtaken.is_cancelled());
    let by_hand = Some(with_exposure());
    let answer = ScoreJob { by_hand, ..first }.work(&Progress::new()).unwrap();
    assert_eq!(state.take(old, answer), Found::Nothing);
    assert!(state.scored.is_none() && !state.take_failure(old));
    state.stop();
    assert!(!state.take_failure(new), "a person has stopped it");
}
