//! Figures by hand, and that each is a document.

use super::super::tests::compared;
use super::plot::{Axis, ticks};
use super::*;

#[test]
fn ticks_are_round_numbers() {
    let at = |range, most, whole| {
        let (ticks, decimals) = ticks(&Axis { whole, ..Axis::new("", range) }, most);
        ticks.iter().map(|tick| format!("{tick:.decimals$}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(at([0.0, 1.0], 5.0, false), "0.0 0.2 0.4 0.6 0.8 1.0");
    assert_eq!(at([0.81, 0.92], 5.0, false), "0.85 0.90");
    assert_eq!(at([0.6, 3.4], 10.0, true), "1 2 3");
    assert_eq!(at([0.6, 25.4], 10.0, true), "5 10 15 20 25");
    assert_eq!(at([0.0, 1200.0], 4.0, false), "0 500 1000");
    assert_eq!(at([1.0, 1.0], 4.0, false), "", "no range, no ticks, no end");
    assert_eq!(at([0.0, f64::INFINITY], 4.0, false), "");
}

#[test]
fn every_figure_is_a_document_of_its_size_with_finite_numbers() {
    compared(|c| {
        for figure in Figure::all(&c.spec.settings.models) {
            let svg = figure_svg(figure, c.comparison, c.analysis, &c.spec.settings, [640, 420]);
            let start = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"420\"";
            assert!(svg.starts_with(start) && svg.ends_with("</svg>\n"), "{figure:?}");
            assert!(svg.contains("<polyline") && !svg.contains("NaN") && !svg.contains("inf"), "{figure:?}\n{svg}");
            assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
            assert!(!figure.caption().is_empty() && !figure.file_stem().contains(' '));
        }
    });
}

#[test]
fn what_is_undefined_says_so() {
    compared(|c| {
        let svg = figure_svg(Figure::Reliability, c.comparison, None, &c.spec.settings, [300, 200]);
        assert!(svg.contains("Undefined"));
        let svg = figure_svg(Figure::Scores(ModelKind::Mlp), c.comparison, None, &c.spec.settings, [0, 0]);
        assert!(svg.contains("Undefined"), "the model was not compared");
    });
}
