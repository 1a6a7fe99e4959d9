//! The workloads of the comparison with other programs, whose duals they agree on. The files are made by
//! `../shared/peers/svm/make_data.py` and are not part of the program: where they are absent, nothing is tested.

use std::fs;
use std::path::Path;

use ndarray::Array2;

use super::{Limits, TIGHT, run};
use crate::model::StopReason;
use crate::model::svm::{Kernel, LinearSolver, Problem, Solver};

/// The usual tolerance of the peers, at which their objectives agree to about three in a million.
const USUAL: Limits = Limits { tolerance: 1e-3, cache_bytes: 200 << 20, ..TIGHT };
const NEAR: f64 = 3e-6;

/// The rows and labels of a workload, label −1 or 1 first. `None`, with a line, where there is no such file.
fn workload(name: &str) -> Option<(Array2<f32>, Vec<bool>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/peers/svm/work");
    let path = folder.join(format!("{name}_train.csv"));
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("skipped: there is no {}", path.display());
        return None;
    };
    let mut lines = text.lines();
    let n_inputs = lines.next().unwrap().split(',').count() - 1;
    let (mut x, mut bad) = (Vec::new(), Vec::new());
    for line in lines {
        let mut cells = line.split(',');
        bad.push(cells.next() == Some("1"));
        x.extend(cells.map(|cell| cell.parse::<f32>().unwrap()));
    }
    Some((Array2::from_shape_vec((bad.len(), n_inputs), x).unwrap(), bad))
}

/// γ = 1/inputs; `c` for rows of the good and of the bad class.
fn rbf_agrees(name: &str, c: [f64; 2], objective: f64) {
    let Some((x, bad)) = workload(name) else { return };
    let kernel = Kernel::Rbf { gamma: 1.0 / x.ncols() as f64 };
    let c = bad.iter().map(|&bad| c[usize::from(bad)]).collect();
    let (solver, reason) = run(Solver::new(Problem::new(x, &bad, c).unwrap(), kernel, USUAL));
    assert!(reason == StopReason::Converged && solver.gap() <= 1e-3);
    assert!((solver.objective() / objective - 1.0).abs() < NEAR, "{name}: {}", solver.objective());
}

#[test]
fn small() {
    rbf_agrees("S", [1.0; 2], -153.3685);
}

#[test]
fn medium() {
    rbf_agrees("M", [1.0; 2], -835.9334);
    rbf_agrees("M", [10.0; 2], -1788.5053);
    // Balanced: 5,000 rows, 557 of them bad.
    rbf_agrees("M", [5000.0 / (2.0 * 4443.0), 5000.0 / (2.0 * 557.0)], -1392.6391);
}

#[test]
fn large() {
    rbf_agrees("L", [1.0; 2], -2213.6651);
}

#[test]
#[ignore = "takes many seconds"]
fn very_large() {
    rbf_agrees("XL", [1.0; 2], -6825.7737);
}

#[test]
fn linear() {
    let Some((x, bad)) = workload("N") else { return };
    let c = vec![1.0; bad.len()];
    let mut solver = LinearSolver::new(Problem::new(x, &bad, c).unwrap(), USUAL);
    while solver.advance(u64::MAX, &mut |_| {}).is_none() {}
    assert!(solver.stop_reason() == Some(StopReason::Converged) && solver.gap() <= 1e-3);
    assert!((solver.objective() / -886.7127 - 1.0).abs() < NEAR, "{}", solver.objective());
}
