//! One small comparison, written out in every form and read back.

use std::sync::atomic::AtomicBool;

use super::*;
use crate::data::RoleRequest;
use crate::scoring::{Standing, Warning};
use crate::training::{ModelKind, RunSettings, analyse, compare};

pub(super) fn compared(check: impl FnOnce(&Compared<'_>)) {
    let source = Source::sample(&RoleRequest::default()).unwrap();
    let data = source.dataset(&source.guess.roles).unwrap();
    let models = vec![ModelKind::Dbn, ModelKind::Svm, ModelKind::Majority, ModelKind::Logistic, ModelKind::Gbt];
    let mut settings = RunSettings { models, ..RunSettings::default() };
    settings.dbn.layers = vec![4];
    settings.dbn.pre_training.epochs = Some(1);
    settings.dbn.fine_tuning.epochs = Some(3);
    settings.validation.folds = 3;
    let spec = settings.check().unwrap();
    let comparison = compare(&data, &spec, 2, &[], &|_| (), &AtomicBool::new(false)).unwrap();
    let findings = look(&source, &source.guess.roles, &data, &spec);
    let analysis = analyse(&data, &spec, &comparison, 2, &AtomicBool::new(false)).unwrap();
    check(&Compared {
        source: &source,
        roles: &source.guess.roles,
        data: &data,
        spec: &spec,
        comparison: &comparison,
        analysis: analysis.as_ref(),
        findings: &findings,
    });
}

#[test]
fn json_has_every_documented_name() {
    compared(|c| {
        let json = compare_json(c);
        let has = |value: &serde_json::Value, names: &str| {
            let mut found: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
            let mut wanted: Vec<&str> = names.split(", ").collect();
            found.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(found, wanted, "neither more nor fewer names");
        };
        has(
            &json,
            "schema, data, settings, seed, metric, cutoff, money, validation, models, comparisons, disagreements, \
             verdict, warnings",
        );
        has(&json["data"], "path, sha256, rows_read, rows_rejected, rows_used, indicators, positives");
        assert_eq!((json["data"]["rows_used"].as_u64(), json["data"]["indicators"].as_u64()), (Some(1500), Some(8)));
        has(&json["validation"], "kind, folds, repeats");
        assert_eq!(json["validation"]["folds"], 3);
        let figures = "n_test, positives, accuracy, balanced_accuracy, recall, precision, f1, mcc, auc, gini, ks, \
                       pr_auc, brier, log_loss, expected_cost, threshold, fit_seconds, score_seconds";
        for model in json["models"].as_array().unwrap() {
            has(model, "name, settings, folds, mean, sd, intervals, resamples, confusion, reliability, cutoff");
            has(&model["mean"], figures);
            has(&model["sd"], figures);
            let own = match model["name"].as_str().unwrap() {
                "dbn" => ", layers, pretrain_epochs, reconstruction_error, best_epoch",
                "svm" => {
                    ", support_vectors, iterations, objective, max_kkt_violation, stop_reason, kernel, c, gamma, tuning"
                }
                "logistic" => {
                    ", coefficients, odds_ratios, standard_errors, intercept, iterations, gradient_norm, stop_reason"
                }
                "gbt" => ", trees, trees_grown, importance, stop_reason",
                _ => "",
            };
            for fold in model["folds"].as_array().unwrap() {
                has(fold, &format!("fold, repeat, n_train, confusion, {figures}{own}"));
            }
            let metrics = figures.split(", ").skip(2).take(13).collect::<Vec<_>>().join(", ");
            has(&model["intervals"], &metrics);
            has(&model["confusion"], "true_bad, false_bad, true_good, false_good");
            has(&model["reliability"][0], "mean_pd, observed, n, bad, low, high");
            has(&model["cutoff"], "thresholds, validation, test");
            for rows in ["validation", "test"] {
                has(
                    &model["cutoff"][rows],
                    "rows, approved, approval_rate, bad_rate_approved, recall, precision, cost_per_row, \
                     expected_loss_approved, realised_loss_approved",
                );
            }
            assert_eq!(model["cutoff"]["test"]["rows"], 300);
            assert!(model["cutoff"]["test"]["expected_loss_approved"].is_null(), "nothing is known of exposures");
        }
        let majority = &json["models"][2]["folds"][0];
        assert!(majority["precision"].is_null(), "nothing is called bad: precision is undefined, not 0");
        has(
            &json["comparisons"][0],
            "a, b, metric, mean_difference, corrected_t_p, p_a_better, p_equivalent, p_b_better, holm_p, mcnemar, delong",
        );
        assert_eq!(json["comparisons"][0]["b"], "svm");
        has(&json["comparisons"][0]["mcnemar"], "only_a_right, only_b_right, p");
        assert!(json["comparisons"][0]["delong"].is_null(), "the scores of three folds are on no common scale");
        has(&json["disagreements"], "a, b, n, a_right, b_right");
        let mcnemar = &json["comparisons"][0]["mcnemar"];
        assert_eq!(json["disagreements"]["a_right"], mcnemar["only_a_right"], "two outcomes: one of the two is right");
    });
}

#[test]
fn scores_hold_each_labelled_row_once_and_agree_with_the_figures() {
    compared(|c| {
        let csv = scores_csv(c).unwrap();
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        assert_eq!(header[..8].join(","), "row,fold,repeat,label,bad,dbn_score,dbn_pd,dbn_class");
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let mut numbers: Vec<u64> = rows.iter().map(|r| r[0].parse().unwrap()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!((rows.len(), numbers.len()), (300, 300));
        for record in &rows {
            let row: usize = record[0].parse().unwrap();
            // No row of the sample is rejected, so data row n is table row n − 1.
            let label = c.source.table.cell(row - 1, c.source.table.n_columns() - 1);
            assert_eq!((&record[3], &record[4]), (label, label));
        }
        let right = rows.iter().filter(|r| r[1] == *"1" && r[4] == r[7]).count() as f64;
        let n = rows.iter().filter(|r| r[1] == *"1").count() as f64;
        let accuracy = c.comparison.models[0].folds[0].scored.metrics.accuracy.unwrap();
        assert!((right / n - accuracy).abs() < 1e-12);
    });
}

#[test]
fn the_table_of_models_has_a_line_for_each_figure() {
    compared(|c| {
        let csv = models_csv(c.comparison, c.analysis);
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>().join(","), "model,metric,mean,sd,low,high,n");
        let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(lines.len(), c.comparison.models.len() * 15);
        for line in &lines {
            let [mean, low, high] = [2, 4, 5].map(|i| line[i].parse::<f64>().ok());
            assert!(low.is_none() || low <= high && low < mean.map(|mean| mean + 0.1), "{line:?}");
        }
        assert!(lines.iter().any(|line| &line[0] == "majority" && &line[1] == "precision" && line[2].is_empty()));
    });
}

#[test]
fn text_names_the_verdict_and_every_model() {
    compared(|c| {
        let text = comparison_text(c);
        for word in ["DBN", "SVM", "majority", "synthetic", "seed 42", "300 labelled", "±"] {
            assert!(text.contains(word), "{word} is not in\n{text}");
        }
        assert!(text.contains(&c.comparison.verdict.as_ref().unwrap().sentence()));
        for beneath in [
            "3 comparisons with the DBN on AUC",
            "McNemar's test",
            "Cut-off: 0.5, set by hand, reported on the test rows",
        ] {
            assert!(text.contains(beneath), "{beneath} is not in\n{text}");
        }
    });
}

#[test]
fn a_description_names_label_bad_value_and_kinds() {
    let source = Source::sample(&RoleRequest::default()).unwrap();
    let spec = RunSettings::default().check().unwrap();
    let description = Description::new(&source, &spec);
    let json = describe_json(&description);
    let mut names: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let documented = "bad bad_rows checks columns decimal delimiter encoding format header label missing_cells \
                      missing_tokens path preparation rows_read rows_rejected schema sheet splits warnings";
    assert_eq!(names.join(" "), documented);
    assert_eq!(json["label"], "default");
    assert_eq!(json["bad"], "1");
    assert_eq!(json["rows_read"], 1500);
    assert_eq!(json["columns"].as_array().unwrap().len(), 11);
    assert_eq!(json["columns"][0]["role"], "enterprise_id");
    assert_eq!(json["bad_rows"], source.dataset(&source.guess.roles).unwrap().n_bad());
    let text = description_text(&description);
    assert!(text.contains("trade_factor") && text.contains("enterprise id"), "{text}");
}

#[test]
fn a_warning_stands_in_one_row_with_both_scorings() {
    let standing = |grade, pd, exposure| Standing { period: Some("2022".to_owned()), grade, pd, exposure };
    let before = standing('B', 0.02, None);
    let fallen = Warning { enterprise: "E1".to_owned(), before, after: standing('D', 0.25, Some(1e6)) };
    let table = warnings_table("Since 2021.", [&fallen]);
    assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
    assert_eq!(table.tsv().lines().nth(1), Some("E1\t2022\tB\t0.02\t2022\tD\t0.25\t1000000"));
}
