//! A model from its training to its files: each command takes what the one before has written.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clap::Parser as _;

use super::*;
use crate::data::{Dataset, Decimal, RoleRequest, Source};
use crate::exchange::pd_of_graph;
use crate::scoring::{Matching, RiskModel};
use crate::storage::load_model;

/// Runs a command line without a word on the terminal; its exit code, or the sentence and the code of its failure.
fn run(line: &[&str]) -> Result<u8, (u8, String)> {
    let arguments = Arguments::try_parse_from(std::iter::once(&"beliefscope").chain(line)).unwrap();
    let ended = match arguments.command.unwrap() {
        Command::Train(arguments) => train::run(&arguments),
        Command::Score(arguments) => score::run(&arguments),
        Command::Replay(arguments) => train::run_replay(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        other => panic!("{other:?}"),
    };
    ended.map_err(|error| (error.exit_code(), error.to_string()))
}

/// Firms whose debt tells how they turned out; an unknown one is 999.
fn firms(n: usize) -> String {
    let mut csv = "firm,debt,sector,bad\n".to_owned();
    for i in 0..n {
        let debt = f64::from((i * 37 % 101) as u32) / 100.0;
        let bad = debt + f64::from((i * 61 % 97) as u32) / 300.0 > 0.8;
        let debt = if i % 13 == 5 { "999".to_owned() } else { debt.to_string() };
        _ = writeln!(csv, "F{i},{debt},{},{}", ["trade", "farm", "mining"][i % 3], u8::from(bad));
    }
    csv
}

/// The column of this name in a file of scored firms.
fn column(file: &Path, name: &str) -> Vec<String> {
    let table = Source::open(file, &RoleRequest::default()).unwrap().table;
    let place = table.position(name).unwrap();
    table.column(place).map(str::to_owned).collect()
}

/// The firms of a file as the window scores them: read for the model, in memory.
fn in_memory(model: &RiskModel, file: &Path) -> (Dataset, Vec<f64>) {
    let options = model.read_options(crate::data::ReadOptions::default());
    let source = Source::open_with(file, &RoleRequest::default(), &options, &crate::data::Progress::new()).unwrap();
    let matching = Matching::new(model, source.table.names(), &source.guess.roles);
    let decimals = source.table.decimals(Decimal::Point);
    let scoring = crate::scoring::score(model, &matching, &source.table, &decimals, &[]);
    let pds = scoring.firms.iter().map(|firm| firm.pd).collect();
    (scoring.data, pds)
}

#[test]
fn a_model_is_trained_scores_is_exported_and_made_again_with_the_same_probabilities() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("old.csv"), firms(300)).unwrap();
    // The column is found by a name alike: what is missing in "debt" is missing in it.
    fs::write(path("new.csv"), firms(150).replace("firm,debt,", "firm,DEBT,")).unwrap();
    for kind in ["dbn", "svm"] {
        let model = path(&format!("{kind}.bscope-model"));
        let quick = ["dbn.pre_training.epochs=2", "dbn.fine_tuning.epochs=5", "dbn.layers=[6]", "svm.tuning.on=false"];
        let mut line = vec!["train"];
        let old = path("old.csv");
        line.extend([&*old, "--model", kind, "--out", &model, "--label", "bad", "--bad", "1", "--quiet"]);
        line.extend(["--missing", "debt=999"]);
        line.extend(quick.iter().flat_map(|setting| ["--set", *setting]));
        assert_eq!(run(&line), Ok(0), "{kind}");

        let (new, out, json) = (path("new.csv"), path("scored.csv"), path("scored.json"));
        assert_eq!(run(&["score", &model, &new, "--out", &out, "--json", &json, "--quiet"]), Ok(0));
        let pds: Vec<f64> = column(Path::new(&out), "pd").iter().map(|pd| pd.parse().unwrap()).collect();
        let loaded = load_model(Path::new(&model)).unwrap();
        let (data, expected) = in_memory(&loaded, Path::new(&new));
        assert_eq!(pds, expected);
        assert_eq!(column(Path::new(&out), "flags")[5], "debt: missing", "999, as the model has learned");
        let told: serde_json::Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
        assert_eq!((told["rows"].as_u64(), &told["back_test"]["on_training_table"]), (Some(150), &false.into()));

        // On the table that it has learned from, a back-test says so; a workbook holds the same, and is an earlier scoring.
        let book = path("scored.xlsx");
        let back = path("back.json");
        assert_eq!(run(&["score", &model, &old, "--out", &book, "--json", &back, "--id", "firm", "--quiet"]), Ok(0));
        let told: serde_json::Value = serde_json::from_slice(&fs::read(&back).unwrap()).unwrap();
        assert_eq!(told["back_test"]["on_training_table"], true);
        let later =
            ["score", &model, &new, "--out", &out, "--before", &book, "--id", "firm", "--json", &json, "--quiet"];
        assert_eq!(run(&later), Ok(0));
        let told: serde_json::Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
        assert_eq!(told["early_warnings"]["enterprises_compared"], 150);

        let onnx = path("model.onnx");
        assert_eq!(run(&["export", &model, "--onnx", &onnx, "--quiet"]), Ok(0));
        let of_graph = pd_of_graph(&fs::read(&onnx).unwrap(), &loaded, &data);
        assert!(of_graph.iter().zip(&pds).all(|(a, b)| (a - b).abs() < 1e-5), "{kind}");

        assert_eq!(run(&["replay", &model, &old, "--quiet"]), Ok(0), "bit for bit");
        let (code, why) = run(&["replay", &model, &new, "--quiet"]).unwrap_err();
        assert!(code == 3 && why.contains("is not the table that the model learned from"), "{why}");
    }
}

#[test]
fn wrong_use_of_a_model_has_its_exit_code_and_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (table, model, out) = (path("old.csv"), path("m.bscope-model"), path("scored.csv"));
    fs::write(&table, firms(120)).unwrap();
    let train = |out: &str, kind: &str| {
        run(&["train", &table, "--model", kind, "--out", out, "--label", "bad", "--bad", "1", "--quiet"])
    };
    let told = |found: Result<u8, (u8, String)>, code: u8, words: &str| {
        let (found, why) = found.unwrap_err();
        assert!(found == code && why.contains(words), "{found} {why}");
    };
    told(train("-", "logistic"), 2, "--out -: give the name of a file");
    told(train(&model, "forest"), 2, "forest");
    told(train(&path("no/such/folder/m"), "logistic"), 2, "cannot be written");
    assert_eq!(train(&model, "logistic"), Ok(0));
    let score = |more: &[&str]| run(&[&["score", &model, &table, "--out", &out, "--quiet"], more].concat());
    told(run(&["score", &model, &table, "--out", "-", "--quiet"]), 2, "--out -");
    told(score(&["--threads", "0"]), 2, "--threads");
    told(score(&["--map", "dept=debt"]), 2, "did you mean \"debt\"?");
    told(score(&["--map", "debt"]), 2, "INDICATOR=COLUMN");
    told(score(&["--id", "frim"]), 2, "did you mean \"firm\"?");
    told(score(&["--before", &path("none.csv")]), 3, "none.csv");
    told(score(&["--before", &table]), 3, "no column \"enterprise\"");
    told(run(&["score", &table, &table, "--out", &out, "--quiet"]), 3, "old.csv");
    told(run(&["replay", &path("none.bscope-model"), &table]), 3, "none.bscope-model");
    told(run(&["export", &table, "--onnx", &path("m.onnx")]), 3, "old.csv");
    fs::write(path("other.csv"), "sector,size\ntrade,1\nfarm,2\n").unwrap();
    let lacking =
        |more: &[&str]| run(&[&["score", &model, &path("other.csv"), "--out", &out, "--quiet"], more].concat());
    told(lacking(&[]), 3, "no column for 1 of the 2 indicators of the model: \"debt\"");
    assert!(!Path::new(&out).exists(), "nothing was written");
    assert_eq!(lacking(&["--allow-missing"]), Ok(0));
}
