use ndarray::ArrayView2;

use super::*;
use crate::data::{RoleRequest, Source, splits};
use crate::inspection::axis::Span;
use crate::inspection::contour::contour;
use crate::model::Advance;
use crate::training::{ModelKind, RunSettings, RunSpec, learner, prepare};

fn spec() -> RunSpec {
    RunSettings::default().check().unwrap()
}

fn dataset(sample: &str) -> Dataset {
    let source = Source::sample_named(sample, &RoleRequest::default(), &Default::default()).unwrap();
    source.dataset(&source.guess.roles).unwrap()
}

fn first_fold(data: &Dataset) -> (PreparedFold, Vec<usize>) {
    let split = splits(data, &spec().settings.validation, spec().settings.seed).unwrap().swap_remove(0);
    (prepare(data, &split, &spec()).unwrap(), split.fitted_rows())
}

/// A model that calls a row the worse the larger the sum of its inputs is.
struct Sum;

impl Classifier for Sum {
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Array2<f64> {
        let scores = self.scores(x);
        Array2::from_shape_fn((x.nrows(), 2), |(row, class)| {
            let bad = 1.0 / (1.0 + (-scores[row]).exp());
            if class == 1 { bad } else { 1.0 - bad }
        })
    }

    fn scores(&self, x: ArrayView2<'_, f32>) -> ndarray::Array1<f64> {
        x.outer_iter().map(|row| row.iter().map(|&x| f64::from(x)).sum()).collect()
    }
}

#[test]
fn every_cell_is_the_answer_for_its_row_alone() {
    let data = dataset("enterprises");
    let (fold, rows) = first_fold(&data);
    for held in [Held::Median, Held::Row(4)] {
        let field = Field::new(&data, &rows, [1, 5], held, 40).unwrap();
        let found = field.probabilities(&Sum, &fold, &data, 4, &AtomicBool::new(false)).unwrap();
        assert_eq!(found.dim(), (40, 40));
        for (up, along) in [(0, 0), (39, 39), (3, 17), (26, 5)] {
            // A copy of one row of the table with two cells written over by hand.
            let mut row = data.of_rows(&[4]);
            for (indicator, values) in row.indicators.iter_mut().enumerate() {
                let Values::Numeric(numbers) = &mut values.values else { panic!("text") };
                let column: Vec<f64> = match &data.indicators[indicator].values {
                    Values::Numeric(all) => rows.iter().map(|&row| all[row]).filter(|x| !x.is_nan()).collect(),
                    Values::Category { .. } => panic!("text"),
                };
                let number = match indicator {
                    1 => field.axes[0].middle(along),
                    5 => field.axes[1].middle(up),
                    _ if held == Held::Median => Cell::Number(median(column)),
                    _ => Cell::Number(numbers[0]),
                };
                let Cell::Number(number) = number else { panic!("level") };
                *numbers = std::sync::Arc::from([number]);
            }
            let alone = Sum.probabilities(fold.inputs(&row, &[4]).view())[[0, 1]];
            assert!((alone - f64::from(found[[up, along]])).abs() < 1e-6, "{alone} {}", found[[up, along]]);
        }
    }
    let field = Field::new(&data, &rows, [1, 5], Held::Median, 40).unwrap();
    assert!(field.probabilities(&Sum, &fold, &data, 0, &AtomicBool::new(true)).is_none());
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    let n = numbers.len();
    if n % 2 == 1 { numbers[n / 2] } else { f64::midpoint(numbers[n / 2 - 1], numbers[n / 2]) }
}

#[test]
fn axes_go_from_percentile_to_percentile_and_places_are_their_inverse() {
    let mut data = dataset("xor");
    let numbers: Vec<f64> = (0..data.n_rows()).map(|row| row as f64).collect();
    let ratios: Vec<f64> = (0..data.n_rows()).map(|row| 10.0_f64.powf(row as f64 / 100.0)).collect();
    data.indicators[0].values = Values::Numeric(numbers.into());
    data.indicators[1].values = Values::Numeric(ratios.into());
    let rows: Vec<usize> = (0..101).collect();
    let field = Field::new(&data, &rows, [0, 1], Held::Median, 10).unwrap();
    // Of 0, 1, … 100 the percentiles are the numbers themselves.
    assert_eq!(field.axes[0].span, Span::Numbers { low: 1.0, high: 99.0, log: false });
    assert!(matches!(field.axes[1].span, Span::Numbers { log: false, .. }), "a ratio of 10 is no reason");
    let wide = Axis::new(&data, &(0..600).collect::<Vec<_>>(), 1, 10).unwrap();
    assert!(matches!(wide.span, Span::Numbers { log: true, .. }), "a ratio of nearly a million is");
    for axis in [&field.axes[0], &field.axes[1], &wide] {
        for share in [0.0, 0.25, 0.5, 1.0] {
            let place = axis.place(axis.at(share)).map_or(f64::NAN, f64::from);
            assert!((place - share).abs() < 1e-6 || (share % 1.0 == 0.0 && place.is_nan()), "{place} {share}");
        }
    }
    assert_eq!(field.place(&data, 50).map(|at| at[0]), Some(0.5));
    assert_eq!(field.place(&data, 0), None, "beside the plane");
    assert_eq!(field.place(&data, 100_000), None);
    assert!(Field::new(&data, &rows, [0, 0], Held::Median, 10).is_none());
    assert!(Field::new(&data, &rows[..1], [0, 1], Held::Median, 10).is_none(), "one value only");
}

#[test]
fn a_category_has_a_cell_for_each_level() {
    let mut data = dataset("xor");
    let codes = (0..data.n_rows()).map(|row| [Some(0), Some(1), Some(1), None][row % 4]).collect();
    let levels = vec!["north".to_owned(), "south".to_owned()];
    data.indicators[1].values = Values::Category { codes, levels };
    let rows: Vec<usize> = (0..200).collect();
    let field = Field::new(&data, &rows, [0, 1], Held::Median, 30).unwrap();
    assert_eq!((field.size(), field.axes[1].middle(1)), ([30, 2], Cell::Level(Some(1))));
    assert_eq!((field.axes[1].place(Cell::Level(Some(0))), field.axes[1].place(Cell::Level(None))), (Some(0.25), None));
    assert_eq!(field.held[1], Cell::Level(Some(1)), "the more frequent level");
}

#[test]
fn the_svm_finds_the_corners_of_xor() {
    let data = dataset("xor");
    let (fold, rows) = first_fold(&data);
    let mut svm = learner(ModelKind::Svm, &fold.training, &spec(), 1).unwrap();
    while !matches!(svm.advance(&mut |_| {}), Advance::Finished(_)) {}
    let field = Field::new(&data, &rows, [0, 1], Held::Median, 24).unwrap();
    let pd = field.probabilities(svm.classifier().as_ref(), &fold, &data, 0, &AtomicBool::new(false)).unwrap();
    let corner = |up: usize, along: usize| pd[[up, along]] > 0.5;
    assert_eq!([corner(4, 4), corner(4, 19), corner(19, 4), corner(19, 19)], [false, true, true, false]);
    assert!(!contour(&pd, 0.5).is_empty());
}
