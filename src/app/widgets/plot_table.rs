//! The numbers of a [`LinePlot`] as a table, unthinned: a row for each x that its lines share, else a row for each point.

use super::plot::LinePlot;
use super::plot_series::Series;
use super::take::file_stem;
use crate::report::{Cell, ColumnKind, ReportTable};

/// Decimals that a workbook shows.
const DECIMALS: usize = 4;

impl LinePlot<'_> {
    /// Its lines, and what they vary between.
    pub(super) fn table(&self) -> ReportTable {
        let [title, subtitle] = self.words();
        let caption = if subtitle.is_empty() { title.to_owned() } else { format!("{title}: {subtitle}") };
        let drawn: Vec<&Series<'_>> =
            self.series.iter().filter(|series| !(series.points.is_empty() && series.spread.is_empty())).collect();
        let shared = drawn.first().filter(|first| drawn.iter().all(|series| have_same_x(first, series)));
        let mut table = ReportTable::new(&file_stem(self.id), caption, self.heads(&drawn, shared.is_some()));
        table.rows = match shared {
            Some(first) => (0..first.points.len()).map(|place| self.shared_row(&drawn, place)).collect(),
            None => drawn.iter().flat_map(|series| self.own_rows(series)).collect(),
        };
        table
    }

    fn heads(&self, drawn: &[&Series<'_>], shared: bool) -> Vec<(String, ColumnKind)> {
        let (x, vary) = (self.x_name.to_owned(), drawn.iter().any(|series| !series.spread.is_empty()));
        let mut heads = if shared {
            let of = |series: &&Series<'_>| {
                let ends: &[&str] = if series.spread.is_empty() { &[] } else { &["low", "high"] };
                let ends = ends.iter().map(|end| format!("{}, {end}", series.name));
                std::iter::once(series.name.to_owned()).chain(ends).collect::<Vec<_>>()
            };
            std::iter::once(x).chain(drawn.iter().flat_map(of)).collect()
        } else {
            let mut heads = vec!["line".to_owned(), x, "y".to_owned()];
            heads.extend(if vary { &["low", "high"][..] } else { &[] }.iter().map(|end| (*end).to_owned()));
            heads
        };
        let words = usize::from(!shared);
        let kind = |place: usize| if place < words { ColumnKind::Words } else { ColumnKind::Numbers };
        heads.drain(..).enumerate().map(|(place, head)| (head, kind(place))).collect()
    }

    fn shared_row(&self, drawn: &[&Series<'_>], place: usize) -> Vec<Cell> {
        let mut row: Vec<Cell> = drawn.first().map(|first| self.x_cell(first.points[place][0])).into_iter().collect();
        for series in drawn {
            row.push(number(series.points[place][1]));
            row.extend(series.spread.get(place).iter().flat_map(|[_, low, high]| [number(*low), number(*high)]));
        }
        row
    }

    /// The points of a line, each with what it varies between there; then the places where only that is known.
    fn own_rows(&self, series: &Series<'_>) -> Vec<Vec<Cell>> {
        let vary = self.series.iter().any(|series| !series.spread.is_empty());
        let row = |x: f64, y: Option<f64>, ends: Option<[f64; 2]>| {
            let mut row = vec![Cell::from(series.name), self.x_cell(x), Cell::Number(y, DECIMALS)];
            if vary {
                row.extend((0..2).map(|end| Cell::Number(ends.map(|ends| ends[end]), DECIMALS)));
            }
            row
        };
        let same = have_same_x_as_spread(series);
        let ends = |place: usize| series.spread.get(place).filter(|_| same).map(|[_, low, high]| [*low, *high]);
        let points = series.points.iter().enumerate().map(|(place, [x, y])| row(*x, Some(*y), ends(place)));
        let alone = series.spread.iter().filter(|_| !same).map(|[x, low, high]| row(*x, None, Some([*low, *high])));
        points.chain(alone).collect()
    }

    fn x_cell(&self, x: f64) -> Cell {
        Cell::Number(Some(x), if self.whole_x { 0 } else { DECIMALS })
    }
}

fn number(value: f64) -> Cell {
    Cell::Number(Some(value), DECIMALS)
}

/// Whether two lines, and what they vary between, stand at the same x, one by one.
fn have_same_x(a: &Series<'_>, b: &Series<'_>) -> bool {
    let same = a.points.len() == b.points.len() && a.points.iter().zip(b.points).all(|([a, _], [b, _])| a == b);
    same && (b.spread.is_empty() || have_same_x_as_spread(b))
}

fn have_same_x_as_spread(series: &Series<'_>) -> bool {
    let Series { points, spread, .. } = series;
    points.len() == spread.len() && points.iter().zip(*spread).all(|([a, _], [b, ..])| a == b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::Color32;

    fn csv(plot: &LinePlot<'_>) -> String {
        String::from_utf8(plot.table().csv().unwrap()).unwrap()
    }

    #[test]
    fn lines_that_share_x_are_columns() {
        let (train, test) = ([[1.0, 0.5], [2.0, 0.25]], [[1.0, 0.75], [2.0, f64::NAN]]);
        let spread = [[1.0, 0.5, 1.0], [2.0, 0.25, 0.75]];
        let lines =
            [Series::new("Training", &train, Color32::RED), Series::new("Test", &test, Color32::BLUE).spread(&spread)];
        let plot = LinePlot::new("the loss", "Loss falls", &lines).subtitle("mean").x_name("epoch").whole_x();
        assert_eq!(
            csv(&plot),
            "epoch,Training,Test,\"Test, low\",\"Test, high\"\n1,0.5,0.75,0.5,1\n2,0.25,,0.25,0.75\n"
        );
        let table = plot.table();
        assert_eq!((table.name.as_str(), table.caption.as_str()), ("the_loss", "Loss falls: mean"));
    }

    #[test]
    fn lines_of_their_own_x_are_rows() {
        let (dbn, svm) = ([[0.0, 0.0], [0.5, 1.0]], [[0.25, 0.75]]);
        let lines = [Series::new("DBN", &dbn, Color32::RED), Series::new("SVM", &svm, Color32::BLUE)];
        let plot = LinePlot::new("curves", "ROC", &lines).x_name("false positive rate");
        assert_eq!(csv(&plot), "line,false positive rate,y\nDBN,0,0\nDBN,0.5,1\nSVM,0.25,0.75\n");
    }

    #[test]
    fn a_ground_without_its_line_is_kept() {
        let spread = [[0.0, 1.0, 2.0]];
        let lines = [Series::new("Band", &[], Color32::RED).spread(&spread)];
        assert_eq!(csv(&LinePlot::new("a", "b", &lines)), "line,x,y,low,high\nBand,0,,1,2\n");
        assert_eq!(csv(&LinePlot::new("a", "b", &[])), "line,x,y\n", "nothing drawn, nothing in it");
    }
}
