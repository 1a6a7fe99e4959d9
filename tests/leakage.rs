//! Nothing of the held-out rows reaches a model, whatever the model and however the table is prepared: where there is
//! nothing to be learned, the AUC over folds must be a half, within what chance allows. A leak is put in on purpose to see
//! that the test would find one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::atomic::AtomicBool;

use beliefscope::data::{Dataset, RoleRequest, Values, guess, profile, read};
use beliefscope::random::{Purpose, Stream, stream};
use beliefscope::training::{ModelKind, RunSettings, compare, worker};
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

/// Standard errors that the mean may be off: of a normal, 6 in 100,000 are farther. All is seeded, so that what passes
/// passes always.
const MOST: f64 = 4.0;

/// Labels of `rows` rows, a share of them bad.
fn labels(rows: usize, bad: usize) -> Vec<bool> {
    (0..rows).map(|row| row * bad / rows != (row + 1) * bad / rows).collect()
}

/// A table with these columns and the outcome, read as any file is.
fn table(columns: &[(String, Vec<String>)], bad: &[bool]) -> Dataset {
    let line = |cells: &mut dyn Iterator<Item = &str>| cells.collect::<Vec<_>>().join(",") + "\n";
    let mut csv = line(&mut columns.iter().map(|(name, _)| name.as_str()).chain(["outcome"]));
    for (row, &bad) in bad.iter().enumerate() {
        let outcome = if bad { "default" } else { "fine" };
        csv += &line(&mut columns.iter().map(|(_, cells)| cells[row].as_str()).chain([outcome]));
    }
    let (table, _) = read(csv.as_bytes()).unwrap();
    let named = |name: &str| Some(name.to_owned());
    let request = RoleRequest { label: named("outcome"), bad: named("default"), ..RoleRequest::default() };
    let mut guess = guess(&table, &profile(&table), &request).unwrap();
    // A column of ones and noughts might be taken for something else than an indicator.
    for (column, role) in guess.roles.roles.iter_mut().enumerate() {
        if table.names()[column] != "outcome" {
            *role = beliefscope::data::Role::Indicator;
        }
    }
    Dataset::from_table(&table, &guess.roles).unwrap()
}

/// Columns that each hold the label, written in the ways that the steps of the preparation look for, with gaps: and each
/// then permuted by itself, so that all that is left is noise.
fn permuted_labels(bad: &[bool], random: &mut Stream) -> Dataset {
    let mut columns: Vec<(String, Vec<String>)> = Vec::new();
    for column in 0..8 {
        let mut cells: Vec<String> = bad
            .iter()
            .map(|&bad| match column {
                0 | 1 => format!("{}", u8::from(bad)),
                2 | 3 => format!("{:.6}", f64::from(u8::from(bad)) + 0.1 * random.random::<f64>()),
                4 => format!("{:.3}", if bad { 1e6 * random.random::<f64>() } else { random.random() }),
                5 => if bad { "late" } else { "on time" }.to_owned(),
                6 => format!("{} years", if bad { 1 } else { 2 + random.random_range(0..2) }),
                _ => format!("{}{}", if bad { "b" } else { "g" }, random.random_range(0..6)),
            })
            .collect();
        cells.shuffle(random);
        for cell in &mut cells {
            if column % 2 == 1 && random.random_bool(0.15) {
                cell.clear();
            }
        }
        columns.push((format!("c{column}"), cells));
    }
    table(&columns, bad)
}

fn noise(bad: &[bool], columns: usize, random: &mut Stream) -> Dataset {
    let column = |column| {
        let cells = bad.iter().map(|_| format!("{:.6}", random.random::<f64>())).collect();
        (format!("n{column}"), cells)
    };
    let columns: Vec<_> = (0..columns).map(column).collect();
    table(&columns, bad)
}

/// Small and quick: what is tested is who sees which rows.
fn quick() -> RunSettings {
    let mut settings = RunSettings::default();
    settings.svm.tuning.on = false;
    settings.gbt.trees = 15;
    settings.dbn.layers = vec![5];
    settings.dbn.nets = 1;
    settings.dbn.pre_training.epochs = Some(2);
    settings.dbn.fine_tuning.epochs = Some(10);
    settings.calibration.parts = 2;
    settings
}

/// The mean AUC of one model, and how many standard errors above ½ it is.
struct Found {
    model: ModelKind,
    mean: f64,
    deviation: f64,
}

/// Compares all models on tables drawn anew, the folds too, and gathers every AUC.
///
/// Under the permutations of the labels of its n + m test rows a fold's AUC has mean ½ and the variance
/// (n + m + 1) / 12nm of Mann and Whitney's U; tied scores have less. The folds of a table are correlated by 1 / (k − 1),
/// as each pair of them takes part twice, the one in training where the other is tested (Bengio and Grandvalet 2004; exactly
/// so where the model is a sum over training rows): their mean has twice the variance of so many independent ones. The
/// tables are drawn apart.
fn over_tables(settings: &RunSettings, tables: u64, draw: &dyn Fn(&mut Stream) -> Dataset) -> Vec<Found> {
    let mut sums = vec![(0.0, 0.0, 0.0); settings.models.len()];
    for seed in 0..tables {
        let data = draw(&mut stream(seed, Purpose::Sample, 0));
        let spec = RunSettings { seed, ..settings.clone() }.check().unwrap();
        let found = compare(&data, &spec, worker::default_threads(), &[], &|_| {}, &AtomicBool::new(false)).unwrap();
        for (model, (sum, variance, folds)) in found.models.iter().zip(&mut sums) {
            for fold in &model.folds {
                let m = &fold.scored.metrics;
                let (bad, good) = (m.positives as f64, (m.n_test - m.positives) as f64);
                *sum += m.auc.unwrap();
                *variance += (bad + good + 1.0) / (12.0 * bad * good);
                *folds += 1.0;
            }
        }
    }
    let found = |(&model, (sum, variance, folds)): (&ModelKind, (f64, f64, f64))| {
        let mean = sum / folds;
        Found { model, mean, deviation: (mean - 0.5) / ((2.0 * variance).sqrt() / folds) }
    };
    settings.models.iter().zip(sums).map(found).collect()
}

/// Settings of the preparation that only set how much of a method, or come with another option here.
const AMOUNTS: [&str; 6] = [
    "preparation.missing.neighbours",
    "preparation.missing.gibbs_burn_in",
    "preparation.missing.gibbs_samples",
    "preparation.outliers.low",
    "preparation.outliers.high",
    "preparation.scale.bins",
];

/// The settings with one option of the preparation switched: every method of every step, and the others of its settings.
fn variants() -> Vec<(String, RunSettings)> {
    let mut options = vec![("seed", "1")];
    for fill in ["mean", "most_frequent", "knn", "rbm"] {
        options.push(("preparation.missing.fill", fill));
    }
    for outliers in ["winsorise", "signed_log"] {
        options.push(("preparation.outliers.method", outliers));
    }
    for scale in ["standardise", "robust", "zero_to_one", "quantile_bins"] {
        options.push(("preparation.scale.method", scale));
    }
    options.extend([
        ("preparation.missing.flags", "false"),
        ("preparation.drop.missing_above", "0.1"),
        ("preparation.drop.columns", r#"["c0","c5"]"#),
        ("preparation.categories.method", "ordered"),
        ("preparation.categories.orders", r#"{"c5":["on time","late"]}"#),
        ("preparation.categories.min_share", "0.1"),
        ("preparation.categories.max_levels", "2"),
        ("validation.label_fraction", "0.5"),
        ("calibration.method", "isotonic"),
        ("svm.tuning.on", "true"),
    ]);
    let preparation = serde_json::to_value(quick().preparation).unwrap();
    for (step, fields) in preparation.as_object().unwrap() {
        for field in fields.as_object().unwrap().keys() {
            let key = format!("preparation.{step}.{field}");
            let switched = options.iter().any(|option| option.0 == key) || AMOUNTS.contains(&key.as_str());
            assert!(switched, "{key} is new: switch it here");
        }
    }
    let with = |(key, value): (&str, &str)| {
        let mut settings = quick();
        settings.set(key, value).unwrap();
        (format!("{key} = {value}"), settings)
    };
    options.into_iter().map(with).collect()
}

#[test]
fn permuted_labels_teach_no_model_anything_however_they_are_prepared() {
    let bad = labels(120, 40);
    for (name, settings) in variants() {
        for found in over_tables(&settings, 6, &|random| permuted_labels(&bad, random)) {
            let Found { model, mean, deviation } = found;
            assert!(deviation.abs() < MOST, "{name}: {} has an AUC of {mean} ({deviation} s.e.)", model.key());
        }
    }
}

#[test]
fn five_hundred_columns_of_noise_teach_no_model_anything() {
    let bad = labels(100, 40);
    for found in over_tables(&quick(), 5, &|random| noise(&bad, 500, random)) {
        let Found { model, mean, deviation } = found;
        assert!(deviation.abs() < MOST, "{} has an AUC of {mean} ({deviation} s.e.)", model.key());
    }
}

/// The ten columns whose mean differs most between the classes, looked for in all rows: the fault that the folds are there
/// to show.
fn chosen_outside_the_folds(data: &Dataset) -> Dataset {
    let difference = |values: &Values| {
        let Values::Numeric(numbers) = values else { return 0.0 };
        let mean = |class| {
            let of_class =
                || data.bad.iter().zip(numbers.iter()).filter(|(bad, _)| **bad == Some(class)).map(|(_, x)| x);
            of_class().sum::<f64>() / of_class().count() as f64
        };
        let difference: f64 = mean(true) - mean(false);
        difference.abs()
    };
    let mut chosen = data.clone();
    chosen.indicators.sort_by(|a, b| difference(&b.values).total_cmp(&difference(&a.values)));
    chosen.indicators.truncate(10);
    chosen
}

#[test]
fn a_leak_would_be_found() {
    let bad = labels(100, 40);
    for found in over_tables(&quick(), 5, &|random| chosen_outside_the_folds(&noise(&bad, 500, random))) {
        let Found { model, mean, deviation } = found;
        if model == ModelKind::Majority {
            assert_eq!(mean, 0.5);
        } else {
            assert!(deviation > MOST, "{} has an AUC of {mean} ({deviation} s.e.)", model.key());
        }
    }
}

#[test]
fn a_label_that_is_not_permuted_would_be_found() {
    let bad = labels(100, 40);
    let with_label = |random: &mut Stream| {
        let mut data = permuted_labels(&bad, random);
        let Values::Numeric(_) = data.indicators[0].values else { panic!("numbers were written") };
        data.indicators[0].values = Values::Numeric(bad.iter().map(|&bad| f64::from(u8::from(bad))).collect());
        data
    };
    for found in over_tables(&quick(), 6, &with_label) {
        assert!(found.model == ModelKind::Majority || found.deviation > MOST, "{}", found.model.key());
    }
}
