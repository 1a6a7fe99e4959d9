//! Columns that are no indicators: ids, periods, empty ones, those with one value, texts with too many levels.

use super::words::{count, listed};
use super::{Action, Answer, Check, Finding, Subject};
use crate::data::{Kind, Role, counts_rows, looks_like_id, looks_like_period};

/// Levels above which only the frequent ones of a category can be told apart.
const MANY_LEVELS: usize = 100;

/// Ids and running numbers: every row or enterprise has its own, so what is learned from them holds for no other.
pub(super) fn ids(subject: &Subject<'_>) -> Option<Finding> {
    let is_id = |&column: &usize| {
        let profile = &subject.profiles[column];
        looks_like_id(profile, subject.table.n_rows()) || counts_rows(subject.table, column, profile)
    };
    let columns: Vec<usize> = subject.with_role(Role::Indicator).filter(is_id).collect();
    let first = *columns.first()?;
    let text = format!(
        "{} {} an id or a running number and {} an indicator: a model can learn single enterprises by heart from it, and \
         that is of no use for others.",
        listed(&columns, |&c| format!("\"{}\"", subject.name(c))),
        if columns.len() == 1 { "looks like" } else { "look like" },
        if columns.len() == 1 { "is" } else { "each is" },
    );
    let mut finding = Finding::set_aside(Check::IdAsIndicator, columns, text);
    let is_name = looks_like_id(&subject.profiles[first], subject.table.n_rows());
    if is_name && subject.with_role(Role::EnterpriseId).next().is_none() {
        finding.answers.insert(0, role("Use as enterprise id", first, Role::EnterpriseId));
    }
    Some(finding)
}

/// Periods: a model that knows the year knows how many failed in it, which nobody knows of the next.
pub(super) fn periods(subject: &Subject<'_>) -> Option<Finding> {
    let is_period = |&column: &usize| looks_like_period(&subject.profiles[column]);
    let columns: Vec<usize> = subject.with_role(Role::Indicator).filter(is_period).collect();
    let first = *columns.first()?;
    let text = format!(
        "{} {} a period and {} an indicator: how many fail in a year that is past tells nothing about the years to come.",
        listed(&columns, |&c| format!("\"{}\"", subject.name(c))),
        if columns.len() == 1 { "looks like" } else { "look like" },
        if columns.len() == 1 { "is" } else { "each is" },
    );
    let mut finding = Finding::set_aside(Check::PeriodAsIndicator, columns, text);
    if subject.with_role(Role::Period).next().is_none() {
        finding.answers.insert(0, role("Use as period", first, Role::Period));
    }
    Some(finding)
}

fn role(title: &'static str, column: usize, role: Role) -> Answer {
    Answer { title, action: Action::GiveRole(column, role) }
}

/// Columns with nothing but missing cells, set aside already or not.
pub(super) fn empty(subject: &Subject<'_>) -> Option<Finding> {
    let columns = useless(subject, |column| subject.profiles[column].kind == Kind::Empty);
    let named = listed(&columns, |&c| format!("\"{}\"", subject.name(c)));
    let hold = if columns.len() == 1 { "has" } else { "have" };
    useless_finding(subject, Check::EmptyColumn, columns, &format!("{named} {hold} no value in any row"))
}

/// Columns with one value, set aside already or not.
pub(super) fn constant(subject: &Subject<'_>) -> Option<Finding> {
    let is_constant = |column: usize| {
        let profile = &subject.profiles[column];
        // With gaps there is something left to tell: where they are.
        profile.distinct == 1 && profile.kind != Kind::Empty && profile.missing == 0
    };
    let columns = useless(subject, is_constant);
    let value = |c: usize| subject.profiles[c].levels.first().map_or("", |(value, _)| value);
    let named = listed(&columns, |&c| format!("\"{}\" ({})", subject.name(c), value(c)));
    let hold = if columns.len() == 1 { "holds" } else { "each hold" };
    useless_finding(subject, Check::ConstantColumn, columns, &format!("{named} {hold} one value only"))
}

fn useless(subject: &Subject<'_>, is_useless: impl Fn(usize) -> bool) -> Vec<usize> {
    let role = |&column: &usize| matches!(subject.roles.roles[column], Role::Indicator | Role::SetAside);
    (0..subject.table.n_columns()).filter(role).filter(|&column| is_useless(column)).collect()
}

fn useless_finding(subject: &Subject<'_>, check: Check, columns: Vec<usize>, what: &str) -> Option<Finding> {
    if columns.is_empty() || subject.table.n_rows() == 0 {
        return None;
    }
    let used: Vec<usize> = columns.iter().copied().filter(|&c| subject.roles.roles[c] == Role::Indicator).collect();
    let so = match (used.is_empty(), columns.len()) {
        (true, 1) => "; it is set aside",
        (true, _) => "; they are set aside",
        _ => "",
    };
    let mut finding = Finding::set_aside(check, used, format!("{what}: nothing can be learned from that{so}."));
    finding.answers.retain(|answer| answer.action != Action::SetAside(Vec::new()));
    Some(Finding { columns, ..finding })
}

/// Text indicators with more levels than can be learned apart.
pub(super) fn many_levels(subject: &Subject<'_>) -> Option<Finding> {
    let many = |&column: &usize| {
        let profile = &subject.profiles[column];
        profile.kind == Kind::Text && profile.distinct > MANY_LEVELS
    };
    let columns: Vec<usize> = subject.with_role(Role::Indicator).filter(many).collect();
    let levels = |&c: &usize| format!("\"{}\" ({})", subject.name(c), count(subject.profiles[c].distinct, "level"));
    let text = format!(
        "{} {} more than {MANY_LEVELS} levels: only the frequent ones can be told apart, all others count as one.",
        listed(&columns, levels),
        if columns.len() == 1 { "has" } else { "have" },
    );
    (!columns.is_empty()).then(|| Finding::set_aside(Check::ManyLevels, columns, text))
}
