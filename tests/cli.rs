//! The program itself, run as a person or a script would run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn beliefscope() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beliefscope"));
    // No window, whatever this machine has.
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
    command
}

fn run(arguments: &[&str]) -> Output {
    beliefscope().args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A real table of the tests' data folder; `None`, with a printed line, where it is absent.
fn real(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    #[expect(clippy::print_stderr, reason = "a skipped test says so")]
    {
        eprintln!("skipped: {name} is not here");
    }
    None
}

const QUICK: [&str; 8] = [
    "--set",
    "dbn.pre_training.epochs=3",
    "--set",
    "dbn.fine_tuning.epochs=10",
    "--set",
    "dbn.layers=[8]",
    "--set",
    "svm.tuning.on=false",
];

#[test]
fn compare_without_arguments_does_the_main_job_on_the_sample() {
    let out = run(&["compare"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let table = text(&out.stdout);
    for word in ["synthetic", "300 labelled", "DBN", "SVM", "majority", "On AUC over 5 folds"] {
        assert!(table.contains(word), "{word} is not in\n{table}");
    }
    assert_eq!(text(&out.stderr), "", "no progress bar in a pipe");
}

#[test]
fn two_files_are_stacked_and_the_source_is_the_label() {
    let (Some(bankrupt), Some(healthy)) =
        (real("slovak_bankrupt_manufacture_13.csv"), real("slovak_nonbankrupt_manufacture_13.csv"))
    else {
        return;
    };
    let mut command = beliefscope();
    command.arg("compare").args([&bankrupt, &healthy]).args(["--stack", "--label", "source"]).args(QUICK);
    let out = command.args(["--bad", "slovak_bankrupt_manufacture_13", "--models", "majority", "--json", "-"]).output();
    let out = out.unwrap();
    assert!(out.status.success(), "{}", text(&out.stderr));
    let data = &serde_json::from_slice::<serde_json::Value>(&out.stdout).unwrap()["data"];
    let figures = ["rows_read", "rows_rejected", "positives", "indicators"].map(|name| data[name].as_u64().unwrap());
    assert_eq!(figures, [4107, 0, 30, 63], "the running number of rows in each file is no indicator");
    assert_eq!(data["path"], format!("{} + {}", bankrupt.display(), healthy.display()));
}

#[test]
fn files_go_together_unasked_and_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let ratios = write("ratios.csv", "company,roa,debt\nA,1,0.5\nB,2,0.25\nC,3,0.75\nD,4,0.5\nE,5,0.1\n");
    let outcome = write("outcome.csv", "company;default\nD;1\nB;0\nA;1\nE;0\nZ;0\n");
    let described = |arguments: &[&str]| {
        let out = beliefscope().arg("describe").args([&ratios, &outcome]).args(arguments).output().unwrap();
        (out.status.code(), text(&out.stdout), text(&out.stderr))
    };
    let (code, told, _) = described(&[]);
    assert_eq!(code, Some(0));
    for words in
        ["several, UTF-8", "so they are joined", "4 of 5 rows have a partner", "on line 4", "2 bad of 4 labelled"]
    {
        assert!(told.contains(words), "{words} is not in\n{told}");
    }
    let stacked = described(&["--stack", "--json", "-"]).1;
    let json: serde_json::Value = serde_json::from_str(&stacked).unwrap();
    assert_eq!((json["rows_read"].as_u64(), json["columns"][0]["role"].as_str()), (Some(10), Some("set_aside")));
    let (code, _, error) = described(&["--join", "firm"]);
    assert_eq!(code, Some(3));
    assert!(error.contains("There is no column \"firm\" to join on in ratios.csv"), "{error}");
    let same = beliefscope().arg("describe").args([&ratios, &ratios]).output().unwrap();
    assert!(text(&same.stderr).contains("exactly the same bytes"), "{}", text(&same.stderr));
    assert_eq!(run(&["describe", "--stack"]).status.code(), Some(2));
}

#[test]
fn all_models_beat_the_majority_on_the_sample() {
    let out = run(&["compare", "--json", "-"]);
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let balanced = |model: usize| json["models"][model]["mean"]["balanced_accuracy"].as_f64().unwrap();
    assert_eq!(json["models"][5]["name"], "majority");
    assert!((0..5).all(|model| balanced(model) > balanced(5) + 0.1), "{json:#}");
}

#[test]
fn models_are_studied_after_the_comparison() {
    let asked = ["compare", "--models", "logistic,majority", "--study", "label-noise", "--study"];
    let labels = r#"{"kind":"labels","levels":[20,60]}"#;
    let out = run(&[&asked[..], &[labels, "--json", "-"]].concat());
    assert!(out.status.success(), "{}", text(&out.stderr));
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let [noise, labels] = [0, 1].map(|study: usize| &json["studies"][study]);
    assert_eq!((noise["kind"].as_str(), labels["kind"].as_str()), (Some("label_noise"), Some("labels")));
    let of_logistic = &noise["models"][0];
    assert_eq!((&of_logistic["name"], of_logistic["auc"].as_array().unwrap().len()), (&"logistic".into(), 6));
    for metric in ["auc", "recall"] {
        let (found, compared) = (&of_logistic[metric][0], &json["models"][0]);
        assert_eq!((&found["level"], &found["n"]), (&0.0.into(), &5.into()));
        assert_eq!((&found["mean"], &found["sd"]), (&compared["mean"][metric], &compared["sd"][metric]));
    }
    assert_eq!(labels["labelled_rows"], serde_json::json!([20.0, 60.0]));
    let out = run(&["compare", "--models", "majority", "--study", "seeds"]);
    assert!(text(&out.stdout).contains("over seeds"), "{}", text(&out.stdout));
    for (asked, words) in [("luck", "noise, missing, label-noise, labels, seeds"), (r#"{"draws":0}"#, "study.draws")] {
        let out = run(&["compare", "--study", asked]);
        assert_eq!(out.status.code(), Some(2));
        assert!(text(&out.stderr).contains(words), "{}", text(&out.stderr));
    }
}

#[test]
fn every_model_can_be_compared() {
    let keys = ["dbn", "svm", "mlp", "logistic", "gbt", "majority"];
    let out = run(&[&["compare", "--models", &keys.join(","), "--json", "-"], &QUICK[..]].concat());
    assert!(out.status.success(), "{}", text(&out.stderr));
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    for (model, key) in json["models"].as_array().unwrap().iter().zip(keys) {
        assert_eq!(model["name"], key);
        let auc = model["mean"]["auc"].as_f64().unwrap();
        // The QUICK nets are hardly trained.
        assert!(if ["svm", "logistic", "gbt"].contains(&key) { auc > 0.7 } else { auc > 0.4 }, "{key}: {auc}");
    }
    let [logistic, gbt] = [3, 4].map(|model: usize| &json["models"][model]["folds"][0]);
    assert_eq!(logistic["coefficients"].as_array().unwrap().len(), gbt["importance"].as_array().unwrap().len());
}

#[test]
fn results_do_not_depend_on_threads_and_are_written_to_files() {
    let folder = tempfile::tempdir().unwrap();
    let (json, scores) = (folder.path().join("out.json"), folder.path().join("scores.csv"));
    let page = folder.path().join("out.html");
    let written = |threads: &str| {
        let mut command = beliefscope();
        command.args(["compare", "--quiet", "--threads", threads]).args(QUICK);
        command.arg("--json").arg(&json).arg("--scores").arg(&scores).arg("--report").arg(&page);
        let out = command.output().unwrap();
        assert!(out.status.success(), "{}", text(&out.stderr));
        assert!(out.stdout.is_empty() && out.stderr.is_empty());
        let result: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
        let figures: Vec<_> = result["models"].as_array().unwrap().iter().map(|m| m["mean"]["auc"].clone()).collect();
        (figures, std::fs::read_to_string(&scores).unwrap(), result["verdict"].clone())
    };
    let one = written("1");
    assert_eq!(one, written("2"));
    assert_eq!(one.1.lines().count(), 301);
    let page = std::fs::read_to_string(&page).unwrap();
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.contains(&one.2.as_str().unwrap()[..20]),
        "the verdict is on it"
    );
    assert!(page.contains("beliefscope compare --quiet --threads 2"), "and how to do it again");
    assert!(one.1.starts_with("row,fold,repeat,label,bad,dbn_score,dbn_pd,dbn_class,svm_score"));
}

#[test]
fn a_preparation_by_machine_and_neighbours_does_not_depend_on_threads() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("out.json");
    for fill in ["knn", "rbm"] {
        let written = |threads: &str| {
            let mut command = beliefscope();
            command.args(["compare", "--quiet", "--threads", threads]).args(QUICK).arg("--json").arg(&json);
            command.arg("--set").arg(format!("preparation.missing.fill={fill}"));
            let out = command.args(["--set", "preparation.scale.method=quantile_bins"]).output().unwrap();
            assert!(out.status.success(), "{}", text(&out.stderr));
            let result: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
            assert_eq!(result["settings"]["preparation"]["missing"]["fill"], fill);
            (result["models"][0]["mean"]["log_loss"].clone(), result["models"][1]["mean"]["log_loss"].clone())
        };
        assert_eq!(written("1"), written("2"));
    }
}

#[test]
fn a_missing_window_is_one_sentence_and_the_main_job_is_done() {
    let out = run(&[]);
    assert!(out.status.success());
    let told = text(&out.stderr);
    assert!(told.contains("DISPLAY") && told.lines().count() == 1, "{told}");
    assert!(text(&out.stdout).contains("On AUC over 5 folds"));
}

#[test]
fn wrong_usage_and_unusable_data_have_their_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.csv");
    let code = |arguments: &[&str]| run(arguments).status.code();
    assert_eq!(code(&["compare", "--folds", "many"]), Some(2));
    assert_eq!(code(&["compare", "--folds", "1"]), Some(2));
    assert_eq!(code(&["compare", "--set", "dbn.deep=1"]), Some(2));
    assert_eq!(code(&["compare", "no such file.csv"]), Some(3));
    assert_eq!(code(&["compare", "--label", "nothing"]), Some(3));
    std::fs::write(&file, "a;b\n1;2\n").unwrap();
    assert_eq!(code(&["compare", file.to_str().unwrap()]), Some(3));
    let out = run(&["compare", "--label", "defualt"]);
    assert!(text(&out.stderr).contains("default"), "the nearest name is offered: {}", text(&out.stderr));
    assert_eq!(text(&out.stderr).lines().count(), 1);
}

#[test]
fn a_model_that_diverges_in_every_fold_gets_no_verdict() {
    let out = run(&["compare", "--set", "dbn.pre_training.gaussian_rate=1"]);
    assert_eq!(out.status.code(), Some(4), "{}", text(&out.stderr));
    let table = text(&out.stdout);
    assert!(table.contains("The DBN failed in 5 of 5 folds: nothing can be concluded"), "{table}");
    assert!(table.contains("RBM 1 diverged in epoch 1 at rate 1; the last good state is kept, try 0.3"), "{table}");
}

#[test]
fn a_place_that_cannot_be_written_is_told_before_the_work() {
    let out = run(&["compare", "--json", "no such folder/out.json"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("no such folder/out.json cannot be written"), "{}", text(&out.stderr));
    assert!(out.stdout.is_empty());
}

#[test]
fn enterprises_on_both_sides_of_a_split_are_told() {
    let told =
        |arguments: &[&str]| text(&beliefscope().arg("compare").args(QUICK).args(arguments).output().unwrap().stdout);
    assert!(told(&[]).contains("100 of 100 enterprises have several labelled rows"));
    assert!(!told(&["--validation", "grouped"]).contains("several labelled rows"));
}

#[test]
fn describe_and_sample_say_what_there_is() {
    let list = run(&["sample"]);
    assert!(text(&list.stdout).contains("enterprises") && text(&list.stdout).contains("Synthetic"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.csv");
    let out = beliefscope().args(["sample", "--out"]).arg(&path).output().unwrap();
    assert!(out.status.success());
    let json = beliefscope().arg("describe").arg(&path).args(["--json", "-"]).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((json["rows_read"].as_u64(), json["label"].as_str()), (Some(1500), Some("default")));
    assert!(text(&run(&["describe"]).stdout).contains("trade_factor"));
    for toy in ["moons", "rings", "xor", "bars"] {
        assert!(text(&list.stdout).contains(toy));
        let csv = text(&run(&["sample", toy]).stdout);
        assert!(csv.starts_with("# ") && csv.contains("Synthetic toy set"), "{toy}");
    }
    assert_eq!(run(&["sample", "nothing"]).status.code(), Some(2));
}

#[test]
fn an_outside_split_is_kept_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("split.csv");
    let mut csv = "x,z,part,failed\n".to_owned();
    for i in 0..60 {
        let part = ["train", "validation", "test"][i % 3];
        _ = writeln!(csv, "{},{},{part},{}", i % 7, (i * i) % 11, u8::from(i % 4 == 0));
    }
    std::fs::write(&file, csv).unwrap();
    let scores = folder.path().join("scores.csv");
    let out = beliefscope()
        .arg("compare")
        .arg(&file)
        .args(["--split-column", "part", "--models", "svm", "--quiet", "--scores"])
        .arg(&scores)
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", text(&out.stderr));
    let rows: Vec<usize> = std::fs::read_to_string(&scores)
        .unwrap()
        .lines()
        .skip(1)
        .map(|l| l.split(',').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(rows, (1..=60).filter(|row| (row - 1) % 3 == 2).collect::<Vec<_>>());
}

#[test]
fn rejected_rows_are_told_and_the_rest_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    let mut csv = "a,b,default\n".to_owned();
    for i in 0..40 {
        _ = writeln!(csv, "{},{},{}", i % 5, i % 3, u8::from(i % 4 == 0));
    }
    csv.push_str("1,2\n");
    std::fs::write(&file, csv).unwrap();
    let out = beliefscope().arg("compare").arg(&file).args(QUICK).output().unwrap();
    assert!(
        text(&out.stdout).contains("Read 40 of 41 rows: 1 row rejected, the first on line 42"),
        "{}",
        text(&out.stdout)
    );
}

#[test]
fn real_tables_are_compared() {
    let Some(german) = real("german.csv") else { return };
    let out = beliefscope().arg("compare").arg(german).args(["--json", "-"]).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((json["data"]["rows_used"].as_u64(), json["data"]["positives"].as_u64()), (Some(1000), Some(300)));
    for model in 0..2 {
        let auc = json["models"][model]["mean"]["auc"].as_f64().unwrap();
        assert!(auc > 0.75, "{}: {auc}", json["models"][model]["name"]);
    }
}

#[test]
fn the_usual_protocol_of_a_panel_runs_and_warns() {
    let Some(american) = real("american.csv") else { return };
    let roles = ["--label", "status_label", "--bad", "failed", "--group", "company_name", "--time", "year"];
    let in_time = ["--validation", "out-of-time", "--validation-from", "2012"];
    let out =
        beliefscope().arg("describe").arg(&american).args(roles).args(in_time).args(["--json", "-"]).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let split = &json["splits"][0];
    let part = |name: &str| {
        let part = &split[name];
        let period = |end: &str| part[end].as_str().unwrap().to_owned();
        (part["rows"].as_u64().unwrap(), period("first_period"), period("last_period"))
    };
    let expected = |rows, first: &str, last: &str| (rows, first.to_owned(), last.to_owned());
    assert_eq!(part("train"), expected(54_979, "1999", "2011"));
    assert_eq!(part("validation"), expected(10_296, "2012", "2014"));
    assert_eq!(part("test"), expected(12_057, "2015", "2018"));
    assert_eq!(split["enterprises_on_both_sides"], 3224);
    let checks: Vec<&str> = json["checks"].as_array().unwrap().iter().map(|c| c["check"].as_str().unwrap()).collect();
    assert_eq!(checks, ["one_class_per_enterprise", "duplicate_column"]);

    let out =
        beliefscope().arg("compare").arg(&american).args(roles).args(in_time).args(["--models", "majority"]).output();
    let out = out.unwrap();
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert!(text(&out.stdout).contains("the outcome is the same in all rows of each"), "{}", text(&out.stdout));
}

#[test]
fn describe_says_what_each_split_holds_and_why_there_is_none() {
    let told = |arguments: &[&str]| text(&beliefscope().arg("describe").args(arguments).output().unwrap().stdout);
    let grouped = told(&["--validation", "grouped", "--folds", "3"]);
    assert!(grouped.contains("Enterprises on both sides of a split: 0"), "{grouped}");
    assert!(told(&["--repeats", "4"]).contains("… and 10 more splits"));
    let late = told(&["--test-from", "2022", "--whole-enterprises"]);
    assert!(late.contains("1      test") && late.contains("Enterprises on both sides of a split: 0"), "{late}");
    let never = told(&["--test-from", "2030"]);
    assert!(
        never.contains("The rows cannot be held out: no labelled row is on or after test_from \"2030\""),
        "{never}"
    );
}
