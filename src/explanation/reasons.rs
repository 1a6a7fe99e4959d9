//! The few indicators that make most of a PD, in words.

use ndarray::ArrayView1;

use super::{Explainer, Explanation, Value};
use crate::scoring::{FirmReason, FirmReasons, Matching};

/// Indicators below this share of all that is shared out are left out: they would make a list and no reason.
const LEAST_SHARE: f64 = 0.01;

/// And below this: a ten-thousandth of a percentage point is nothing but rounding.
const LEAST: f64 = 1e-6;

/// What one indicator does to the PD of a firm.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// The indicator.
    pub indicator: String,
    /// What it adds to the PD, −1..=1, never 0.
    pub contribution: f64,
    /// Standard error of that; `None` where it is exact.
    pub standard_error: Option<f64>,
}

/// The strongest reasons, each list from the strongest down.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reasons {
    /// What raises the PD.
    pub raising: Vec<Reason>,
    /// What lowers it.
    pub lowering: Vec<Reason>,
}

/// Up to `n` indicators that raise the PD and up to `n` that lower it.
///
/// Left out is what has less than 1 % of the sum of all sizes, or less than 1e-6. Of equally strong ones the first in the order of the model.
pub fn reasons(explanation: &Explanation, n: usize) -> Reasons {
    let total: f64 = explanation.contributions.iter().map(|(_, contribution)| contribution.abs()).sum();
    let least = LEAST.max(LEAST_SHARE * total);
    let strongest = |sign: f64| {
        let mut found: Vec<Reason> = explanation
            .contributions
            .iter()
            .enumerate()
            .filter(|(_, (_, contribution))| sign * contribution > 0.0 && contribution.abs() >= least)
            .map(|(i, (indicator, contribution))| Reason {
                indicator: indicator.clone(),
                contribution: *contribution,
                standard_error: explanation.standard_errors.as_ref().and_then(|errors| errors.get(i).copied()),
            })
            .collect();
        found.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
        found.truncate(n);
        found
    };
    Reasons { raising: strongest(1.0), lowering: strongest(-1.0) }
}

/// What tells up to `n` reasons for and `n` against each firm of a scoring under `matching`, in the units of its table.
///
/// None of a firm that the model has no answer for. Made for [`crate::scoring::Reasons`].
pub fn reasons_of_firms<'a>(
    explainer: &'a Explainer<'_>,
    matching: &'a Matching,
    n: usize,
) -> impl Fn(&[Value], ArrayView1<'_, f32>) -> FirmReasons + Sync + 'a {
    move |values, x| {
        let Ok(explanation) = explainer.explain(&x) else { return FirmReasons::default() };
        let Reasons { raising, lowering } = reasons(&explanation, n);
        let value = |indicator: &str| {
            let place = matching.indicators().iter().position(|matched| matched.indicator == indicator);
            place.and_then(|place| values.get(place).cloned()).unwrap_or(Value::Missing)
        };
        let told = |Reason { indicator, contribution, standard_error }: Reason| FirmReason {
            value: value(&indicator),
            indicator,
            points: 100.0 * contribution,
            error: standard_error.map(|error| 100.0 * error),
        };
        [raising, lowering].map(|reasons| reasons.into_iter().map(told).collect())
    }
}

/// As in "`profit_factor` −12.3 raises the PD by 4.1 points": points are percentage points.
pub fn reason_text(reason: &Reason, value: &Value) -> String {
    let verb = if reason.contribution > 0.0 { "raises" } else { "lowers" };
    let points = points(reason.contribution);
    format!("{} {value} {verb} the PD by {points}", reason.indicator)
}

/// The size of a difference of PDs in percentage points.
fn points(difference: f64) -> String {
    let points = 100.0 * difference.abs();
    match points {
        _ if points < 0.01 => "less than 0.01 points".to_owned(),
        _ if points < 0.1 => format!("{points:.2} points"),
        _ => format!("{points:.1} points"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explanation(contributions: &[(&str, f64)]) -> Explanation {
        let contributions: Vec<_> = contributions.iter().map(|(name, c)| ((*name).to_owned(), *c)).collect();
        let moved: f64 = contributions.iter().map(|(_, c)| c).sum();
        Explanation { base: 0.2, pd: 0.2 + moved, contributions, standard_errors: None, exact: true }
    }

    fn names(reasons: &[Reason]) -> Vec<&str> {
        reasons.iter().map(|reason| reason.indicator.as_str()).collect()
    }

    #[test]
    fn the_strongest_come_first_and_the_negligible_not_at_all() {
        // Sizes add up to 0.2: whatever is below 0.002 is left out.
        let explained = explanation(&[
            ("a", 0.04),
            ("b", -0.05),
            ("c", 0.1),
            ("d", 0.0015),
            ("e", -0.0065),
            ("f", 0.002),
            ("g", 0.0),
        ]);
        let found = reasons(&explained, 5);
        assert_eq!((names(&found.raising), names(&found.lowering)), (vec!["c", "a", "f"], vec!["b", "e"]));
        assert_eq!(names(&reasons(&explained, 1).raising), ["c"]);
        assert_eq!(reasons(&explanation(&[("a", 0.0)]), 5), Reasons::default());
        assert_eq!(names(&reasons(&explanation(&[("a", 0.1), ("b", 0.1)]), 5).raising), ["a", "b"]);
    }

    #[test]
    fn a_reason_is_one_clause() {
        let text = |contribution, value: Value| {
            let reason = Reason { indicator: "profit".to_owned(), contribution, standard_error: None };
            reason_text(&reason, &value)
        };
        assert_eq!(text(0.041, Value::Number(-12.3)), "profit −12.3 raises the PD by 4.1 points");
        assert_eq!(text(-0.0004, Value::Level("low".to_owned())), "profit low lowers the PD by 0.04 points");
        assert_eq!(text(1e-6, Value::Missing), "profit missing raises the PD by less than 0.01 points");
    }
}
