//! The SVM engine on the workloads of the peers: fits, their certificates, and decision values, one thread.

use std::fs;
use std::path::Path;

use beliefscope::model::auc;
use beliefscope::model::svm::{Fit, Kernel, Limits, Problem};
use ndarray::{Array2, ArrayView2};
use serde_json::json;

use crate::{Failure, cpu_seconds};

const REPEATS: usize = 3;
/// What a portion of a running program is.
const PORTION: u64 = 2_000_000;

/// Fits of every workload, or of those named: `DIR/{S,M,L,XL,N}_{train,test}.csv`, label −1/1 first.
pub(crate) fn run(folder: &Path, only: &[String]) -> Result<(), Failure> {
    let fits = [
        ("S", "rbf", 1.0, "none"),
        ("M", "rbf", 1.0, "none"),
        ("M", "rbf", 10.0, "none"),
        ("M", "rbf", 1.0, "balanced"),
        ("L", "rbf", 1.0, "none"),
        ("XL", "rbf", 1.0, "none"),
        ("N", "linear", 1.0, "none"),
    ];
    for (workload, kernel, c, weights) in fits {
        if only.is_empty() || only.iter().any(|name| name == workload) {
            fit(folder, workload, kernel, c, weights)?;
        }
    }
    Ok(())
}

/// One fit, three times over.
fn fit(folder: &Path, workload: &str, kernel_name: &str, c: f64, weights: &str) -> Result<(), Failure> {
    let (x, bad) = read(&folder.join(format!("{workload}_train.csv")))?;
    let (x_test, bad_test) = read(&folder.join(format!("{workload}_test.csv")))?;
    let kernel = match kernel_name {
        "linear" => Kernel::Linear,
        _ => Kernel::Rbf { gamma: 1.0 / x.ncols() as f64 },
    };
    let n_bad = bad.iter().filter(|&&bad| bad).count();
    let weight = |bad: bool| {
        let of_class = if bad { n_bad } else { x.nrows() - n_bad };
        if weights == "balanced" { x.nrows() as f64 / (2.0 * of_class as f64) } else { 1.0 }
    };
    let problem = Problem::new(x.clone(), &bad, bad.iter().map(|&bad| c * weight(bad)).collect())?;
    let limits = Limits { tolerance: 1e-3, max_iterations: 10_000_000, cache_bytes: 200 << 20, certify: true };

    let mut seconds = Vec::new();
    let mut longest_portion = 0.0_f64;
    let mut added = None;
    let mut solver = None;
    for _ in 0..REPEATS {
        drop(solver.take());
        let before = restart_peak();
        let start = cpu_seconds();
        let mut fresh = Fit::new(problem.clone(), kernel, limits);
        longest_portion = longest_portion.max(cpu_seconds() - start);
        loop {
            let portion = cpu_seconds();
            let ended = fresh.advance(PORTION, &mut |_| {}).is_some();
            longest_portion = longest_portion.max(cpu_seconds() - portion);
            if ended {
                break;
            }
        }
        seconds.push(cpu_seconds() - start);
        added = added.or_else(|| Some(status_mb("VmHWM:")? - before?));
        solver = Some(fresh);
    }
    seconds.sort_by(f64::total_cmp);
    let solver = solver.ok_or("no fit was made")?;
    let model = solver.model();
    let start = cpu_seconds();
    let own = model.decision_values(&x);
    let score_train_s = cpu_seconds() - start;
    let (kkt, objective) = certificate(&solver, own.as_slice().unwrap_or_default());
    let test = model.decision_values(&x_test);
    let right = test.iter().zip(&bad_test).filter(|&(&value, &bad)| (value > 0.0) == bad).count();
    println!(
        "{}",
        json!({
            "tool": "beliefscope", "workload": workload, "kernel": kernel_name, "C": c, "weights": weights, "fit_s": seconds,
            "support_vectors": model.n_support(), "iterations": solver.iterations(), "dual_objective": objective,
            "max_kkt_violation": kkt, "test_accuracy": right as f64 / bad_test.len() as f64,
            "test_auc": auc(&bad_test, test.as_slice().unwrap_or_default()), "score_train_s": score_train_s,
            "added_mb": added, "data_mb": (x.len() * 8) as f64 / 1e6, "longest_portion_s": longest_portion,
        })
    );
    Ok(())
}

/// The largest KKT violation and the dual objective, from α and the decision values of the rows in double precision.
fn certificate(solver: &Fit, own: &[f64]) -> (f64, f64) {
    let problem = solver.problem();
    let rho = solver.rho();
    let (mut up, mut low, mut objective) = (f64::NEG_INFINITY, f64::INFINITY, 0.0);
    for (((alpha, &y), &c), value) in solver.alpha().into_iter().zip(problem.y()).zip(problem.c()).zip(own) {
        let f = value + rho;
        if (y > 0.0 && alpha < c) || (y < 0.0 && alpha > 0.0) {
            up = up.max(y - f);
        }
        if (y > 0.0 && alpha > 0.0) || (y < 0.0 && alpha < c) {
            low = low.min(y - f);
        }
        objective += alpha * (0.5 * y * f - 1.0);
    }
    (up - low, objective)
}

/// Rows and whether each is bad, from a table with the label first.
fn read(path: &Path) -> Result<(Array2<f32>, Vec<bool>), Failure> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let (mut numbers, mut bad, mut columns) = (Vec::new(), Vec::new(), 0);
    for line in text.lines().skip(1) {
        let mut cells = line.split(',');
        bad.push(cells.next().ok_or("an empty line")?.trim().parse::<f64>()? > 0.0);
        let before = numbers.len();
        for cell in cells {
            numbers.push(cell.trim().parse::<f32>()?);
        }
        columns = numbers.len() - before;
    }
    Ok((ArrayView2::from_shape((bad.len(), columns), &numbers)?.to_owned(), bad))
}

/// Has the peak of resident memory start afresh where the system allows it, and returns the megabytes resident now.
fn restart_peak() -> Option<f64> {
    fs::write("/proc/self/clear_refs", "5").ok()?;
    status_mb("VmRSS:")
}

/// A figure of this process in megabytes.
fn status_mb(name: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? * 1024.0 / 1e6)
}
