//! Scored firms as a table in a file: which columns it has, and what stands in them.

mod csv;
mod xlsx;

use ndarray::ArrayView1;

pub use self::csv::CsvSink;
pub use self::xlsx::XlsxSink;
use super::firm::flags_text;
use super::{FirmScore, Matching, RiskModel};

/// Why the model answers as it does for prepared inputs `(n_inputs)`: what speaks for the bad outcome, and what against it.
pub type Reasons<'a> = dyn Fn(ArrayView1<'_, f32>) -> [String; 2] + Sync + 'a;

/// The columns of a table of scored firms: those that the scored table and the model have something for.
///
/// `row, enterprise, period, exposure, pd, class, grade, free_energy, novel, flags, reasons_for, reasons_against`, with `row`
/// the 1-based data row of the file scored, `class` and `novel` 0 or 1, and `free_energy` in nats.
#[derive(Clone, Debug)]
pub struct Columns<'m> {
    matching: &'m Matching,
    shown: Vec<Shown>,
}

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Row,
    Enterprise,
    Period,
    Exposure,
    Pd,
    Class,
    Grade,
    FreeEnergy,
    Novel,
    Flags,
    For,
    Against,
}

/// A cell on its way to a file.
enum Cell<'a> {
    Number(f64),
    Whole(u64),
    Text(&'a str),
    Made(String),
    Empty,
}

impl Shown {
    fn name(self) -> &'static str {
        match self {
            Self::Row => "row",
            Self::Enterprise => "enterprise",
            Self::Period => "period",
            Self::Exposure => "exposure",
            Self::Pd => "pd",
            Self::Class => "class",
            Self::Grade => "grade",
            Self::FreeEnergy => "free_energy",
            Self::Novel => "novel",
            Self::Flags => "flags",
            Self::For => "reasons_for",
            Self::Against => "reasons_against",
        }
    }
}

impl<'m> Columns<'m> {
    /// The columns of a scoring of `model` under `matching`, with reasons or without.
    pub fn new(model: &RiskModel, matching: &'m Matching, reasons: bool) -> Self {
        let (grades, novelty) = (model.grades.is_some(), model.novelty.is_some());
        let shown = [
            (Shown::Row, true),
            (Shown::Enterprise, matching.enterprise.is_some()),
            (Shown::Period, matching.period.is_some()),
            (Shown::Exposure, matching.exposure.is_some()),
            (Shown::Pd, true),
            (Shown::Class, true),
            (Shown::Grade, grades),
            (Shown::FreeEnergy, novelty),
            (Shown::Novel, novelty),
            (Shown::Flags, true),
            (Shown::For, reasons),
            (Shown::Against, reasons),
        ];
        Self { matching, shown: shown.into_iter().filter_map(|(column, shown)| shown.then_some(column)).collect() }
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.shown.iter().map(|column| column.name())
    }

    /// The cells of a firm, with its reasons.
    fn cells<'a>(&'a self, firm: &'a FirmScore, reasons: &'a [String; 2]) -> impl Iterator<Item = Cell<'a>> {
        let text = |text: &'a Option<String>| text.as_deref().map_or(Cell::Empty, Cell::Text);
        let number = |number: Option<f64>| number.filter(|x| x.is_finite()).map_or(Cell::Empty, Cell::Number);
        self.shown.iter().map(move |column| match column {
            Shown::Row => Cell::Whole(firm.row),
            Shown::Enterprise => text(&firm.enterprise),
            Shown::Period => text(&firm.period),
            Shown::Exposure => number(firm.exposure),
            Shown::Pd => number(Some(firm.pd)),
            Shown::Class => Cell::Whole(u64::from(firm.called_bad)),
            Shown::Grade => firm.grade.map_or(Cell::Empty, |grade| Cell::Made(grade.to_string())),
            Shown::FreeEnergy => number(firm.free_energy),
            Shown::Novel => Cell::Whole(u64::from(firm.novel)),
            Shown::Flags if firm.flags.is_empty() => Cell::Empty,
            Shown::Flags => Cell::Made(flags_text(&firm.flags, self.matching)),
            Shown::For => Cell::Text(&reasons[0]),
            Shown::Against => Cell::Text(&reasons[1]),
        })
    }
}

/// The reasons of the firms with these inputs, empty where nobody asked.
fn reasons_of(reasons: Option<&Reasons<'_>>, inputs: &ArrayView1<'_, f32>) -> [String; 2] {
    reasons.map_or_else(Default::default, |reasons| reasons(*inputs))
}
