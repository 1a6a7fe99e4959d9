//! The graph of a preparation against the preparation itself.

use std::collections::HashMap;

use super::interpreter::{Tensor, outputs};
use super::tables::{input, other, table};
use crate::data::{
    CategoryMethod, Dataset, Fill, OutlierMethod, Preparation, PreparationSettings, ScaleMethod, ValueRecipe,
};
use crate::exchange::onnx::ExportError;
use crate::exchange::onnx::graph::Graph;
use crate::exchange::onnx::messages::data_type::FLOAT;
use crate::exchange::onnx::preparation::prepared;

/// Whether the graph prepares all rows of `data` as `preparation` does: to the bit, but for the logarithm, which is not
/// that of the standard library.
fn assert_alike(preparation: &Preparation, data: &Dataset, tolerance: f32) {
    let mut graph = Graph::default();
    let rows = prepared(&mut graph, preparation).unwrap();
    graph.output("x", rows.x, FLOAT, "");
    let inputs: HashMap<String, Tensor> =
        rows.names.iter().map(|name| (name.input.clone(), input(data, &name.indicator))).collect();
    let found = outputs(&graph.finished("test"), inputs);
    let Tensor::F32(found) = &found["x"] else { panic!("{found:?}") };
    let all: Vec<usize> = (0..data.n_rows()).collect();
    let expected = preparation.apply(data, &all);
    assert_eq!(found.shape(), expected.shape());
    for ((row, input), expected) in expected.indexed_iter() {
        let found = found[[row, input]];
        let name = &preparation.input_names()[input];
        assert!(
            (found - expected).abs() <= tolerance * expected.abs().max(1.0),
            "row {row}, {name}: {found}, not {expected}"
        );
    }
}

fn settings(scale: ScaleMethod, outliers: OutlierMethod, fill: Fill) -> PreparationSettings {
    let mut settings = PreparationSettings::default();
    (settings.scale.method, settings.outliers.method, settings.missing.fill) = (scale, outliers, fill);
    settings
}

#[test]
fn every_scale_filling_and_step_for_values_far_out() {
    let data = table(400, 1);
    let other = other(&data);
    let rows: Vec<usize> = (0..300).collect();
    for scale in [
        ScaleMethod::Standardise,
        ScaleMethod::Robust,
        ScaleMethod::ZeroToOne,
        ScaleMethod::NormalScores,
        ScaleMethod::QuantileBins,
    ] {
        for outliers in [OutlierMethod::None, OutlierMethod::Winsorise, OutlierMethod::SignedLog] {
            for fill in [Fill::Median, Fill::Mean, Fill::MostFrequent] {
                let preparation = Preparation::fit(&data, &rows, &settings(scale, outliers, fill)).unwrap();
                let is_number =
                    |column: &crate::data::ColumnRecipe<'_>| matches!(column.value, ValueRecipe::Number { .. });
                assert_eq!(preparation.recipe().iter().filter(|column| is_number(column)).count(), 4);
                let tolerance = if outliers == OutlierMethod::SignedLog { 2e-6 } else { 0.0 };
                assert_alike(&preparation, &data, tolerance);
                assert_alike(&preparation, &other, tolerance);
            }
        }
    }
}

#[test]
fn every_way_with_categories_and_flags() {
    let data = table(400, 2);
    let other = other(&data);
    let rows: Vec<usize> = (0..300).collect();
    for flags in [true, false] {
        for method in [CategoryMethod::OneHot, CategoryMethod::Ordered] {
            for (max_levels, min_share) in [(20, 0.0), (2, 0.0), (20, 0.1), (20, 0.5)] {
                for fill in [Fill::MostFrequent, Fill::Median] {
                    for scale in [ScaleMethod::NormalScores, ScaleMethod::Standardise] {
                        let mut settings = settings(scale, OutlierMethod::None, fill);
                        settings.missing.flags = flags;
                        settings.categories.method = method;
                        (settings.categories.max_levels, settings.categories.min_share) = (max_levels, min_share);
                        let preparation = Preparation::fit(&data, &rows, &settings).unwrap();
                        assert_alike(&preparation, &data, 0.0);
                        assert_alike(&preparation, &other, 0.0);
                    }
                }
            }
        }
    }
}

#[test]
fn filling_from_neighbours_is_refused() {
    let data = table(50, 3);
    let rows: Vec<usize> = (0..50).collect();
    let settings = settings(ScaleMethod::NormalScores, OutlierMethod::None, Fill::Knn);
    let preparation = Preparation::fit(&data, &rows, &settings).unwrap();
    let error = prepared(&mut Graph::default(), &preparation).err();
    assert_eq!(error, Some(ExportError::Neighbours));
}

#[test]
fn names_are_the_indicators_own_unless_taken() {
    let mut graph = Graph::default();
    let names = ["pd", "", "_7", "a b", "a b"].map(|wanted| graph.input(wanted, FLOAT, "").1);
    assert_eq!(names, ["pd (2)", "input (2)", "_7 (2)", "a b", "a b (2)"]);
}
