use ndarray::Array2;
use rand::RngExt as _;

use super::*;
use crate::model::svm::SvmSettings;

/// A ring of bad rows around the others: of no use to a small γ or a small C, too wild for a large γ.
fn rings(n: usize, seed: u64) -> TrainingSet {
    let mut random = stream(seed, Purpose::Sample, 3);
    let y: Vec<usize> = (0..n).map(|row| usize::from(row % 3 == 0)).collect();
    let x = Array2::from_shape_fn((n, 4), |_| random.random_range(-0.4_f32..0.4));
    let mut x = x;
    for (row, &class) in y.iter().enumerate() {
        let (angle, radius) = (random.random_range(0.0..std::f32::consts::TAU), 0.6 + class as f32);
        x[[row, 0]] += radius * angle.cos();
        x[[row, 1]] += radius * angle.sin();
    }
    TrainingSet { x, y, x_unlabelled: Array2::zeros((0, 4)), n_classes: 2, groups: Vec::new() }
}

fn search(set: &TrainingSet, settings: &SvmSettings, seed: u64) -> Search {
    let problem = Problem::of_set(set).unwrap();
    Search::new(set, &problem, &settings.check().unwrap(), seed)
}

fn settings(rows: usize) -> SvmSettings {
    let mut settings = SvmSettings::default();
    settings.tuning.rows = rows;
    settings.tuning.folds = 3;
    settings
}

fn run(search: &mut Search, work: u64) -> Tuning {
    for _ in 0..1_000_000 {
        if search.advance(work) {
            return search.tuning();
        }
        assert!((0.0..1.0).contains(&search.fraction()));
    }
    panic!("endless");
}

#[test]
fn the_best_pair_is_found_by_the_mean_auc_of_held_out_rows() {
    let set = rings(240, 1);
    let mut search = search(&set, &settings(1000), 1);
    let tuning = run(&mut search, 100_000);
    assert_eq!((tuning.rows, tuning.of_rows, tuning.folds), (240, 240, 3));
    assert!(tuning.cells.len() > 30 && tuning.cells.iter().all(|cell| cell.done));
    let best = tuning.best().unwrap();
    assert!(best.auc.unwrap() > 0.95, "{best:?}");
    let clear = |cell: &&TuningCell| cell.auc.unwrap() - tuning.cells[0].auc.unwrap() > cell.lead_error.unwrap();
    assert!(tuning.cells.iter().filter(clear).all(|cell| cell.auc <= best.auc));
    assert!(search.best_model().unwrap().0.n_support() > 3);

    // The same by plain fits without the rows held out, to the same tolerance.
    let mut random = stream(1, Purpose::Tuning, 0);
    let folds = stratified_parts(&set, 3, &mut random);
    let mut aucs = Vec::new();
    for fold in folds {
        let rest: Vec<usize> = (0..240).filter(|row| !fold.contains(row)).collect();
        let problem = Problem::of_set(&set).unwrap().at(&rest).bounded(best.c(), true);
        let kernel = crate::model::svm::Kernel::Rbf { gamma: best.gamma().unwrap() };
        let limits = Limits { tolerance: 1e-2, max_iterations: 100_000, cache_bytes: 1 << 20, certify: false };
        let mut solver = crate::model::svm::Solver::new(problem, kernel, limits);
        while solver.advance(100_000, &mut |_| {}).is_none() {}
        let scores = solver.model().decision_values(&set.x.select(Axis(0), &fold));
        let bad: Vec<bool> = fold.iter().map(|&row| set.y[row] == 1).collect();
        aucs.push(crate::model::auc(&bad, scores.as_slice().unwrap()).unwrap());
    }
    let mean = aucs.iter().sum::<f64>() / 3.0;
    assert!((mean - best.auc.unwrap()).abs() < 2e-3, "{mean} against {best:?}");
}

#[test]
fn portions_and_threads_change_no_bit() {
    let set = rings(120, 2);
    let settings = settings(100);
    let coarse = run(&mut search(&set, &settings, 5), 10_000_000);
    assert_eq!((coarse.rows, coarse.of_rows), (100, 120));
    assert_eq!(run(&mut search(&set, &settings, 5), 3_000), coarse);
    for threads in [1, 2, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(|| run(&mut search(&set, &settings, 5), 50_000)), coarse);
    }
    assert_ne!(run(&mut search(&set, &settings, 6), 10_000_000).cells, coarse.cells);
}

#[test]
fn the_linear_kernel_has_a_single_row_of_places() {
    let set = rings(90, 3);
    let linear = SvmSettings { kernel: crate::model::svm::KernelKind::Linear, ..settings(1000) };
    let tuning = run(&mut search(&set, &linear, 1), 1_000_000);
    assert!(tuning.cells.iter().all(|cell| cell.log2_gamma.is_none() && cell.gamma().is_none()));
    assert!((6..20).contains(&tuning.cells.len()));
}

#[test]
fn a_search_can_be_ended_at_any_time() {
    let set = rings(120, 4);
    let mut search = search(&set, &settings(1000), 1);
    assert_eq!(search.tuning().best(), None);
    while search.tuning().best().is_none() {
        assert!(!search.advance(20_000));
    }
    search.skip();
    assert!(search.advance(1));
    assert_eq!(search.fraction(), 1.0);
    let tuning = search.tuning();
    assert!(tuning.best().is_some() && tuning.cells.iter().any(|cell| !cell.done));
    assert!(search.best_model().unwrap().0.n_support() > 0);
}

#[test]
fn rows_that_cannot_be_divided_end_the_search_at_once() {
    let mut set = rings(30, 5);
    set.y = (0..30).map(|row| usize::from(row == 7)).collect();
    let mut search = search(&set, &settings(1000), 1);
    assert!(search.advance(1));
    assert_eq!((search.tuning().folds, search.tuning().best()), (0, None));
}

#[test]
fn a_sample_keeps_the_share_of_each_class() {
    let classes: Vec<usize> = (0..1000).map(|row| usize::from(row % 20 == 0)).collect();
    let rows = sample(&classes, 2, 200, &mut stream(1, Purpose::Tuning, 0));
    assert!(rows.is_sorted() && rows.len() == 200);
    assert_eq!(rows.iter().filter(|&&row| classes[row] == 1).count(), 10);
    let rare: Vec<usize> = (0..1000).map(|row| usize::from(row < 3)).collect();
    let rows = sample(&rare, 2, 100, &mut stream(1, Purpose::Tuning, 0));
    assert_eq!(rows.iter().filter(|&&row| rare[row] == 1).count(), 2);
    assert_eq!(sample(&rare, 2, 1000, &mut stream(1, Purpose::Tuning, 0)).len(), 1000);
}

#[test]
fn the_usual_pair_stands_unless_it_is_clearly_beaten() {
    let cell = |log2_c, log2_gamma, auc, lead_error| TuningCell {
        log2_c,
        log2_gamma: Some(log2_gamma),
        step: 4,
        auc,
        lead_error,
        done: true,
    };
    let tuning = |cells: &[TuningCell]| Tuning { rows: 10, of_rows: 10, folds: 2, cells: cells.to_vec() };
    let first = cell(0, -3, Some(0.78), Some(0.0));
    // Of equals the nearest, where it leads by more than its error.
    let near = cell(-1, -5, Some(0.8), Some(0.01));
    let rest = [cell(-5, -3, Some(0.8), Some(0.01)), near, cell(-1, 1, Some(0.8), Some(0.01)), cell(7, 1, None, None)];
    assert_eq!(tuning(&[&[first], &rest[..]].concat()).best(), Some(&near));
    let unsure = cell(-1, -7, Some(0.81), Some(0.05));
    assert_eq!(tuning(&[first, unsure]).best(), Some(&first));
    // A noisy figure above it does not hide one that is clear.
    assert_eq!(tuning(&[first, unsure, near]).best(), Some(&near));
    assert_eq!(tuning(&[TuningCell { done: false, ..first }, unsure]).best(), None);
    assert_eq!((cell(3, -3, None, None).c(), cell(3, -3, None, None).gamma()), (8.0, Some(0.125)));
    // 0.1 and 0.3: deviations of 0.1 from their mean, so the error is √(0.02 / 1 / 2).
    assert!((standard_error(&[0.1, 0.3]).unwrap() - 0.1).abs() < 1e-12);
    assert_eq!((standard_error(&[0.1]), standard_error(&[])), (None, None));
}
