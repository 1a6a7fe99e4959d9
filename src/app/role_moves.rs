//! What giving a column another role does to the other columns and to the bad value. No widget in here.

use std::sync::Arc;

use super::actions::Intent;
use super::workspace::OpenTable;
use crate::data::{Role, RoleRequest, Roles, Source, guess, same_value};

/// Every role, in the order in which they are offered.
pub(in crate::app) const ROLES: [Role; 7] =
    [Role::Indicator, Role::Label, Role::EnterpriseId, Role::Period, Role::Split, Role::Exposure, Role::SetAside];

/// The bad value that a label column suggests.
pub(in crate::app) struct Suggestion {
    source: Arc<Source>,
    label: Option<usize>,
    /// The value and why, to be read after "because".
    pub(in crate::app) bad: Option<(String, String)>,
}

impl Suggestion {
    /// The suggestion for the table's present label, kept in `kept` while neither changes.
    pub(in crate::app) fn fresh<'a>(kept: &'a mut Option<Self>, table: &OpenTable) -> &'a Self {
        let label = table.label();
        kept.take_if(|old| !Arc::ptr_eq(&old.source, &table.source) || old.label != label);
        kept.get_or_insert_with(|| {
            let bad = suggested_bad(&table.source, label);
            let bad = bad.and_then(|(value, reason)| Some((value, reason?)));
            Self { source: Arc::clone(&table.source), label, bad }
        })
    }
}

/// The bad value for a label column, with the reason where it is a guess.
fn suggested_bad(source: &Source, label: Option<usize>) -> Option<(String, Option<String>)> {
    let label = label?;
    let guessed = if source.guess.roles.position(Role::Label) == Some(label) {
        source.guess.clone()
    } else {
        let request = RoleRequest { label: source.table.names().get(label).cloned(), ..RoleRequest::default() };
        guess(&source.table, &source.profiles, &request).ok()?
    };
    Some((guessed.roles.bad?, guessed.bad_reason))
}

/// Asks for `role` for `column`.
pub(in crate::app) fn give_role(table: &OpenTable, column: usize, role: Role) -> Intent {
    let roles = with_role(&table.source, &table.roles, column, role);
    // A new label has another bad value: nobody has confirmed that one.
    let bad_confirmed = table.bad_confirmed && roles.position(Role::Label) == table.label();
    let what = format!("role of {}", table.source.table.names()[column]);
    Intent::SetRoles { roles, bad_confirmed, what }
}

/// Asks for `value` to be the bad outcome, by a person's word.
pub(in crate::app) fn give_bad(table: &OpenTable, value: &str) -> Intent {
    let roles = Roles { bad: Some(value.to_owned()), ..table.roles.clone() };
    Intent::SetRoles { roles, bad_confirmed: true, what: "bad outcome".to_owned() }
}

/// The roles for a table that was read anew: guessed afresh, with what the person had chosen for columns of the same
/// name; and whether the bad value still is the person's choice.
pub(in crate::app) fn carried(before: &OpenTable, source: &Source) -> (Roles, bool) {
    let mut roles = source.guess.roles.clone();
    let guessed = &before.source.guess.roles.roles;
    for (column, name) in before.source.table.names().iter().enumerate() {
        let role = before.roles.roles[column];
        if let Some(place) = source.table.position(name).filter(|_| guessed.get(column) != Some(&role)) {
            roles = with_role(source, &roles, place, role);
        }
    }
    let label_name =
        |source: &Source, roles: &Roles| roles.position(Role::Label).map(|column| source.table.names()[column].clone());
    let same_label = label_name(source, &roles) == label_name(&before.source, &before.roles);
    let value = before.roles.bad.as_ref().filter(|_| before.bad_confirmed && same_label);
    let exists = |value: &String| {
        let label = roles.position(Role::Label)?;
        source.profiles[label].levels.iter().find(|(level, _)| same_value(level, value)).map(|(level, _)| level.clone())
    };
    match value.and_then(exists) {
        Some(value) => (Roles { bad: Some(value), ..roles }, true),
        None => (roles, source.is_synthetic()),
    }
}

/// The roles with `column` having `role`. A role that only one column can have leaves its former holder, which goes
/// back to being an indicator if it was guessed to be one, and is set aside if not: a former label or id among the
/// indicators would tell the outcome. When the label moves, the bad value is guessed anew.
fn with_role(source: &Source, roles: &Roles, column: usize, role: Role) -> Roles {
    let mut moved = roles.clone();
    if column >= moved.roles.len() {
        return moved;
    }
    if !matches!(role, Role::Indicator | Role::SetAside) {
        for (other, held) in moved.roles.iter_mut().enumerate().filter(|(_, held)| **held == role) {
            let guessed = source.guess.roles.roles.get(other);
            *held = if guessed == Some(&Role::Indicator) { Role::Indicator } else { Role::SetAside };
        }
    }
    moved.roles[column] = role;
    let label = moved.position(Role::Label);
    if label != roles.position(Role::Label) {
        moved.bad = suggested_bad(source, label).map(|(value, _)| value);
    }
    moved
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use Role::{EnterpriseId, Indicator, Label, Period, SetAside};

    use super::*;

    /// Guessed: firm is the enterprise id, year the period, x and y indicators, default the label.
    fn source() -> Source {
        let rows = ["A,2019,0.5,1,0", "A,2020,0.6,2,1", "B,2019,0.7,1,0", "C,2020,0.8,2,0"];
        let text = format!("firm,year,x,grade,default\n{}\n", rows.join("\n"));
        let source = Source::from_bytes(Path::new("t.csv"), text.as_bytes(), &RoleRequest::default()).unwrap();
        assert_eq!(source.guess.roles.roles, [EnterpriseId, Period, Indicator, Indicator, Label]);
        source
    }

    fn move_role(source: &Source, moves: &[(usize, Role)]) -> Roles {
        moves.iter().fold(source.guess.roles.clone(), |roles, &(column, role)| with_role(source, &roles, column, role))
    }

    #[test]
    fn a_new_label_sets_the_old_one_aside_and_has_its_own_bad_value() {
        let moved = move_role(&source(), &[(3, Label)]);
        assert_eq!(moved.roles, [EnterpriseId, Period, Indicator, Label, SetAside]);
        assert_eq!(moved.bad.as_deref(), Some("2"), "the larger of two numbers");
    }

    #[test]
    fn there_and_back_again_is_as_before() {
        let source = source();
        assert_eq!(move_role(&source, &[(3, Label), (4, Label)]), source.guess.roles);
    }

    #[test]
    fn a_former_id_is_set_aside_and_a_former_indicator_is_one_again() {
        let source = source();
        assert_eq!(move_role(&source, &[(3, EnterpriseId)]).roles[0], SetAside);
        assert_eq!(move_role(&source, &[(3, EnterpriseId), (0, EnterpriseId)]).roles, source.guess.roles.roles);
    }

    #[test]
    fn without_a_label_there_is_no_bad_value_and_other_moves_keep_it() {
        let source = source();
        assert_eq!(move_role(&source, &[(4, SetAside)]).bad, None);
        let roles = Roles { bad: Some("0".to_owned()), ..source.guess.roles.clone() };
        assert_eq!(with_role(&source, &roles, 2, SetAside).bad.as_deref(), Some("0"));
        assert_eq!(with_role(&source, &roles, 99, Label), roles, "no such column");
    }

    #[test]
    fn many_columns_can_be_indicators_or_set_aside() {
        let moved = move_role(&source(), &[(2, SetAside), (3, SetAside), (0, Indicator)]);
        assert_eq!(moved.roles, [Indicator, Period, SetAside, SetAside, Label]);
    }
}
