//! Rows of one enterprise on both sides of a split make every model look better than it is on a new enterprise.

use super::words::count;
use super::{Action, Answer, Check, Finding, Subject};
use crate::data::{Dataset, ValidationKind};

/// Enterprises by their labelled rows.
#[derive(Default)]
struct Enterprises {
    /// With a labelled row.
    all: usize,
    /// With more than one.
    several: usize,
    /// With rows of both outcomes.
    mixed: usize,
}

fn enterprises(data: &Dataset) -> Option<Enterprises> {
    let enterprise = data.enterprise.as_ref()?;
    let mut rows = vec![[0_usize; 2]; data.enterprise_names.len()];
    for (&code, bad) in enterprise.iter().zip(&data.bad) {
        if let Some(bad) = bad {
            rows[code as usize][usize::from(*bad)] += 1;
        }
    }
    Some(Enterprises {
        all: rows.iter().filter(|[good, bad]| good + bad > 0).count(),
        several: rows.iter().filter(|[good, bad]| good + bad > 1).count(),
        mixed: rows.iter().filter(|[good, bad]| *good > 0 && *bad > 0).count(),
    })
}

/// Enterprises that are learned from and tested. Where the splits are not known, random ones are taken to divide them.
pub(super) fn on_both_sides(subject: &Subject<'_>) -> Option<Finding> {
    let Enterprises { all, several, mixed } = enterprises(subject.data?)?;
    let kind = subject.validation.kind;
    let divided = subject.splits.iter().filter_map(|split| split.enterprises_on_both_sides).max();
    let divides = divided.map_or(kind.is_random() && several > 0, |most| most > 0);
    if !divides || subject.validation.divides_no_enterprise() {
        return None;
    }
    let who = match kind {
        ValidationKind::OutOfTime => "the cut in time puts",
        ValidationKind::Column => "the split column puts",
        _ => "random folds put",
    };
    let several_of_all = format!("{several} of {} have several labelled rows", count(all, "enterprise"));
    let figures = match divided {
        Some(most) if !kind.is_random() => format!("{most} of them"),
        _ => "them".to_owned(),
    };
    let (check, text) = if mixed == 0 {
        (
            Check::OneClassPerEnterprise,
            format!(
                "{several_of_all}, the outcome is the same in all rows of each, and {who} {figures} on both sides: a model \
                 that recognises an enterprise knows its outcome, and the figures are too good for enterprises never seen."
            ),
        )
    } else {
        (
            Check::TwoClassesInEnterprise,
            format!(
                "{several_of_all}, {mixed} of them with both outcomes, and {who} {figures} on both sides: the figures hold \
                 for new rows of known enterprises. Choose grouped folds for enterprises never seen."
            ),
        )
    };
    let mut answers = vec![Answer { title: "Grouped folds", action: Action::Validate(ValidationKind::Grouped) }];
    if kind == ValidationKind::OutOfTime {
        let whole = Answer { title: "Keep enterprises whole", action: Action::KeepEnterprisesWhole };
        answers.insert(0, whole);
    }
    Some(Finding { check, columns: Vec::new(), text, answers })
}
