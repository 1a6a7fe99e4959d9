//! Scored firms as a table in a file: which columns it has, and what stands in them.

mod csv;
mod xlsx;

use ndarray::{ArrayView1, ArrayView2};

pub use self::csv::CsvSink;
pub use self::xlsx::XlsxSink;
use super::firm::flags_text;
use super::{FirmScore, Matching, RiskModel};
use crate::data::Value;

/// One indicator that speaks for the bad outcome of a firm, or against it.
#[derive(Clone, Debug, PartialEq)]
pub struct FirmReason {
    /// The indicator.
    pub indicator: String,
    /// What the firm holds of it, in the unit of the file.
    pub value: Value,
    /// What it adds to the PD, in percentage points: above 0 for the bad outcome, below 0 against it.
    pub points: f64,
    /// Standard error of the points; `None` where they are exact.
    pub error: Option<f64>,
}

/// What speaks for the bad outcome, and what against it, the strongest first.
///
/// It is asked of a firm by its values, in the order of [`Matching::indicators`], and its prepared inputs `(n_inputs)`.
pub type Reasons<'a> = dyn Fn(&[Value], ArrayView1<'_, f32>) -> FirmReasons + Sync + 'a;

/// What speaks for the bad outcome of a firm, and what against it.
pub type FirmReasons = [Vec<FirmReason>; 2];

/// The columns of a table of scored firms: those that the scored table and the model have something for.
///
/// `row, enterprise, period, exposure, pd, class, grade, free_energy, novel, flags`, with `row` the 1-based data row of the file
/// scored, `class` and `novel` 0 or 1, and `free_energy` in nats. With reasons `reasons_for, reasons_against`, each a text, and
/// of each reason three columns to filter and sort by: `reason_for_1` (the indicator), `reason_for_1_value` (in the unit of the
/// file), `reason_for_1_points` (percentage points of the PD) and so on, then `reason_against_1`; `reason_for_1_error`, the standard error of the points, where
/// they are estimates.
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
    /// A part of the reason at this place, from 0.
    Reason(Side, usize, Part),
}

/// Which way a reason speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    For,
    Against,
}

/// What is told of a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Indicator,
    Value,
    Points,
    Error,
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
    fn name(self) -> String {
        let name = match self {
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
            Self::Reason(side, place, part) => {
                let side = if side == Side::For { "for" } else { "against" };
                let part = match part {
                    Part::Indicator => "",
                    Part::Value => "_value",
                    Part::Points => "_points",
                    Part::Error => "_error",
                };
                return format!("reason_{side}_{}{part}", place + 1);
            }
        };
        name.to_owned()
    }
}

impl FirmReason {
    /// "`debt ratio` = 0.81 (+4.10 points)", of an estimate "(+4.10 ± 0.12 points)".
    fn in_words(&self) -> String {
        let error = self.error.map_or_else(String::new, |error| format!(" ± {error:.2}"));
        format!("{} = {} ({:+.2}{error} points)", self.indicator, self.value, self.points)
    }

    fn cell(&self, part: Part) -> Cell<'_> {
        match (part, &self.value) {
            (Part::Indicator, _) => Cell::Text(&self.indicator),
            (Part::Points, _) => Cell::Number(self.points),
            (Part::Error, _) => self.error.map_or(Cell::Empty, Cell::Number),
            (Part::Value, Value::Number(x)) => Cell::Number(*x),
            (Part::Value, Value::Level(level)) => Cell::Text(level),
            (Part::Value, Value::Missing) => Cell::Text("missing"),
        }
    }
}

/// Reasons in one text; no cell without any.
fn told(reasons: &[FirmReason]) -> Cell<'_> {
    match reasons {
        [] => Cell::Empty,
        reasons => Cell::Made(reasons.iter().map(FirmReason::in_words).collect::<Vec<_>>().join("; ")),
    }
}

impl<'m> Columns<'m> {
    /// The columns of a scoring of `model` under `matching`, with up to so many `reasons` for and against each firm; with
    /// `errors` they are estimates, and have standard errors.
    pub fn new(model: &RiskModel, matching: &'m Matching, reasons: usize, errors: bool) -> Self {
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
            (Shown::For, reasons > 0),
            (Shown::Against, reasons > 0),
        ];
        let shown = shown.into_iter().filter_map(|(column, shown)| shown.then_some(column));
        let told = [Part::Indicator, Part::Value, Part::Points];
        let told: Vec<Part> = told.into_iter().chain(errors.then_some(Part::Error)).collect();
        let parts = |side, place| told.iter().map(move |&part| Shown::Reason(side, place, part));
        let parts = &parts;
        let single =
            [Side::For, Side::Against].into_iter().flat_map(|side| (0..reasons).flat_map(move |k| parts(side, k)));
        Self { matching, shown: shown.chain(single).collect() }
    }

    fn names(&self) -> impl Iterator<Item = String> {
        self.shown.iter().map(|column| column.name())
    }

    /// The cells of a firm, with its reasons.
    fn cells<'a>(&'a self, firm: &'a FirmScore, reasons: &'a FirmReasons) -> impl Iterator<Item = Cell<'a>> {
        let text = |text: &'a Option<String>| text.as_deref().map_or(Cell::Empty, Cell::Text);
        let number = |number: Option<f64>| number.filter(|x| x.is_finite()).map_or(Cell::Empty, Cell::Number);
        let [speaking_for, speaking_against] = reasons;
        self.shown.iter().map(move |column| match *column {
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
            Shown::For => told(speaking_for),
            Shown::Against => told(speaking_against),
            Shown::Reason(side, place, part) => {
                let reasons = if side == Side::For { speaking_for } else { speaking_against };
                reasons.get(place).map_or(Cell::Empty, |reason| reason.cell(part))
            }
        })
    }
}

/// The reasons of each firm of a block, empty where nobody asked.
fn reasons_of(reasons: Option<&Reasons<'_>>, values: &[Vec<Value>], inputs: &ArrayView2<'_, f32>) -> Vec<FirmReasons> {
    let of_row = |(row, inputs): (usize, ArrayView1<'_, f32>)| {
        let values = values.get(row).map_or(&[][..], Vec::as_slice);
        reasons.map_or_else(Default::default, |reasons| reasons(values, inputs))
    };
    inputs.rows().into_iter().enumerate().map(of_row).collect()
}
