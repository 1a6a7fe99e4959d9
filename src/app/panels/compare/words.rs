//! How this screen writes names and figures.

use egui::{Color32, Sense, Ui, vec2};

use crate::app::panels::{capital, count};
use crate::app::widgets::Icon;
use crate::training::ModelKind;

/// The name of a model at the head of a line.
pub(in crate::app::panels) fn name(kind: ModelKind) -> String {
    capital(kind.title())
}

/// The name of a model where there is room for a word.
pub(in crate::app::panels) fn short_name(kind: ModelKind) -> &'static str {
    match kind {
        ModelKind::Dbn => "DBN",
        ModelKind::Svm => "SVM",
        ModelKind::Mlp => "Net",
        ModelKind::Logistic => "Logistic",
        ModelKind::Gbt => "Trees",
        ModelKind::Majority => "Majority",
    }
}

/// A figure from 0 to 1 in a table: ".923", and "1.000" at the top.
pub(in crate::app::panels) fn figure(value: f64) -> String {
    let text = format!("{value:.3}");
    text.strip_prefix('0').map_or(text.clone(), str::to_owned)
}

/// A duration in seconds, short.
pub(in crate::app::panels) fn seconds(value: f64) -> String {
    match value {
        v if v < 0.0005 => "0 s".to_owned(),
        v if v < 0.9995 => format!("{:.0} ms", v * 1000.0),
        v if v < 100.0 => format!("{v:.1} s"),
        v => format!("{:.0} min", v / 60.0),
    }
}

/// "a", "a and b", "a, b and c".
pub(in crate::app::panels) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// "on one split", "over 5 folds".
pub(in crate::app::panels) fn over_folds(n: usize) -> String {
    if n == 1 { "on one split".to_owned() } else { format!("over {}", count(n, "fold")) }
}

/// A symbol of this width, as high as a line of small text.
pub(in crate::app::panels) fn symbol(ui: &mut Ui, icon: Icon, width: f32, color: Color32) {
    let height = ui.text_style_height(&egui::TextStyle::Small);
    let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    icon.paint(ui.painter(), rect, color);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!([0.9234, 1.0, 0.0, 0.9996].map(figure), [".923", "1.000", ".000", "1.000"]);
        assert_eq!([0.0, 0.021, 0.99999, 4.13, 300.0].map(seconds), ["0 s", "21 ms", "1.0 s", "4.1 s", "5 min"]);
    }

    #[test]
    fn names_begin_with_a_capital_and_lists_end_with_and() {
        assert_eq!(name(ModelKind::Mlp), "Net without pre-training");
        assert_eq!(name(ModelKind::Dbn), "DBN");
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(
            [list(&items[..0]), list(&items[..1]), list(&items[..2]), list(&items)],
            ["", "a", "a and b", "a, b and c"]
        );
        assert_eq!([over_folds(1), over_folds(5)], ["on one split", "over 5 folds"]);
    }
}
