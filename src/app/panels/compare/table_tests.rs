//! Order, marks and columns of the table of models.

use super::*;

const AUC: Figure = Figure::Metric(Metric::Auc);
const BRIER: Figure = Figure::Metric(Metric::Brier);
const PRECISION: Figure = Figure::Metric(Metric::Precision);

fn line(kind: ModelKind, auc: Option<f64>, brier: Option<f64>, fit: f64) -> Line {
    let summary = |figure| Summary {
        mean: match figure {
            AUC => auc,
            BRIER => brier,
            Figure::FitTime => Some(fit),
            _ => None,
        },
        sd: None,
        n: 1,
    };
    let figures: Vec<_> = Figure::all().map(|figure| (figure, summary(figure))).collect();
    Line { kind, intervals: vec![None; figures.len()], figures, dots: vec![auc] }
}

fn lines() -> [Line; 4] {
    [
        line(ModelKind::Majority, Some(0.5), Some(0.19), 0.0),
        line(ModelKind::Dbn, Some(0.81), Some(0.14), 2.0),
        line(ModelKind::Mlp, None, None, 3.0),
        line(ModelKind::Svm, Some(0.84), Some(0.13), 0.5),
    ]
}

#[test]
fn undefined_figures_come_after_all_others_and_the_floor_last() {
    let down = |figure| order(&lines(), Sorted::By(figure), true);
    let up = |figure| order(&lines(), Sorted::By(figure), false);
    assert_eq!(down(AUC), [3, 1, 2, 0]);
    assert_eq!(up(AUC), [1, 3, 2, 0]);
    assert_eq!(up(BRIER), [3, 1, 2, 0]);
    assert_eq!(down(Figure::FitTime), [2, 1, 3, 0]);
    assert_eq!(order(&lines(), Sorted::Name, false), [1, 2, 3, 0], "DBN, Net, SVM");
}

#[test]
fn a_sort_is_kept_while_columns_come_and_go() {
    let mut view = TableView::default();
    assert_eq!(view.sort(Metric::Auc), Sort { column: 1, descending: true });
    view.take_sort(Sort { column: 3, descending: false }, Metric::Auc);
    assert_eq!(view.sorted, Sorted::By(Figure::Metric(Metric::BalancedAccuracy)));
    view.shown.remove(0);
    assert_eq!(view.sort(Metric::Auc), Sort { column: 2, descending: false });
    // The dots are sorted by their metric; what is not shown marks no column.
    let dots = view.shown.len() + 1;
    view.take_sort(Sort { column: dots, descending: true }, Metric::Auc);
    assert_eq!(view.sorted, Sorted::By(AUC));
    assert_eq!(view.sort(Metric::Auc).column, dots);
    assert_eq!(view.sort(Metric::Recall).column, usize::MAX);
    view.take_sort(Sort { column: 0, descending: false }, Metric::Auc);
    assert_eq!(view.sorted, Sorted::Name);
}

#[test]
fn the_best_is_the_largest_or_for_losses_and_times_the_smallest() {
    let best = |figure| (0..4).filter(|&i| is_best(&lines(), i, figure)).collect::<Vec<_>>();
    assert_eq!(best(AUC), [3]);
    assert_eq!(best(BRIER), [3]);
    assert_eq!(best(Figure::FitTime), [3], "the floor takes no time and no part");
    assert_eq!(best(PRECISION), [0_usize; 0], "undefined for all");
}

#[test]
fn figures_that_are_written_alike_are_alike() {
    let equal = [
        line(ModelKind::Dbn, Some(0.8401), None, 1.0),
        line(ModelKind::Svm, Some(0.8404), None, 1.0),
        line(ModelKind::Majority, Some(0.5), None, 0.0),
    ];
    assert!(is_best(&equal, 0, AUC) && is_best(&equal, 1, AUC));
    assert!(!is_best(&equal[..2], 0, AUC), "nothing to be better than");
    assert!(!is_best(&equal, 0, Figure::FitTime));
}

#[test]
fn a_floor_that_is_not_reached_is_the_best() {
    let lost = [line(ModelKind::Majority, Some(0.5), None, 0.0), line(ModelKind::Dbn, Some(0.4), None, 1.0)];
    assert!(is_best(&lost, 0, AUC) && !is_best(&lost, 1, AUC));
}

#[test]
fn columns_fit_their_card() {
    for width in [924.0, 944.0, 1200.0, 1600.0] {
        let columns = columns(width, &TableView::default().shown, Metric::Auc, Spread::Sd);
        let fixed: f32 = columns.iter().filter_map(|column| column.width).sum();
        assert!(fixed + 80.0 <= width, "{width}: {fixed}");
    }
}

#[test]
fn the_dots_share_a_scale_that_holds_them_all() {
    let [low, high] = dots_range(&lines()).unwrap();
    assert!(low < 0.81 && low > 0.80 && high > 0.84 && high < 0.85);
    assert_eq!(dots_range(&lines()[2..3]), None);
}
