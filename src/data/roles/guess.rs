//! The guesses themselves, in the order in which one rules out the next: what the user named, label, bad value, columns
//! of no use, period, enterprise id, texts that are no categories; the rest are indicators.

use super::looks::{FEWEST_ROWS, counts_rows, looks_like_id, period_rank};
use super::names;
use super::{AS_ASKED, Guess, Role, RoleError, RoleRequest, Roles};
use crate::data::{ColumnProfile, Kind, Table, number};

/// Texts that mark rows of training and test: those that a split column may hold.
const SPLIT_MARKS: [&str; 6] = ["train", "training", "validation", "valid", "val", "test"];

/// Different texts up to which a column is always a category.
const TEXTS_OF_A_CATEGORY: usize = 100;

/// Gives every column of `table` a role; `profiles` are those of this table.
pub fn guess(table: &Table, profiles: &[ColumnProfile], request: &RoleRequest) -> Result<Guess, RoleError> {
    let mut columns = Columns { table, profiles, roles: vec![None; profiles.len()], reasons: Vec::new() };
    let mut notices = Vec::new();
    columns.take_named(request)?;

    let label_named = columns.with_role(Role::Label);
    let (label, label_reason) = match label_named {
        Some(column) => (Some(column), None),
        None => columns.guess_label().unzip(),
    };
    let (bad, bad_reason) = match (label, request.bad.as_deref().map(str::trim)) {
        (Some(column), Some(value)) => (Some(columns.named_bad(column, value)?), None),
        (Some(column), None) => columns.guess_bad(column).unzip(),
        (None, Some(value)) => return Err(RoleError::BadWithoutLabel { value: value.to_owned() }),
        (None, None) => (None, None),
    };
    if let Some(column) = label {
        columns.roles[column] = Some(Role::Label);
        let name = &profiles[column].name;
        if let Some(reason) = &label_reason {
            notices.push(format!("\"{name}\" is taken as the label, because {reason}."));
        }
        if bad.is_none() {
            let distinct = profiles[column].distinct;
            notices.push(format!("\"{name}\" has {distinct} different values: say which one means the bad outcome."));
        } else if let (Some(bad), Some(reason)) = (&bad, &bad_reason) {
            let rows = profiles[column].levels.iter().find(|(value, _)| value == bad).map_or(0, |(_, count)| *count);
            let labelled = table.n_rows() - profiles[column].missing;
            notices.push(format!(
                "\"{bad}\" in \"{name}\" is taken as the bad outcome ({rows} of {labelled} rows), because {reason}."
            ));
        }
    }

    columns.set_aside_useless();
    for (role, column) in [(Role::Period, columns.guess_period()), (Role::EnterpriseId, columns.guess_id())] {
        if let Some(column) = column {
            notices.push(format!("\"{}\" is taken as the {role}.", profiles[column].name));
        }
    }
    columns.set_aside_texts();

    columns.reasons.sort_by_key(|(column, _)| *column);
    let roles = columns.roles.into_iter().map(|role| role.unwrap_or(Role::Indicator)).collect();
    Ok(Guess { roles: Roles { roles, bad }, label_reason, bad_reason, set_aside: columns.reasons, notices })
}

/// The columns on their way to a role.
struct Columns<'a> {
    table: &'a Table,
    profiles: &'a [ColumnProfile],
    /// `None`: not decided yet.
    roles: Vec<Option<Role>>,
    /// Why columns were set aside.
    reasons: Vec<(usize, String)>,
}

impl Columns<'_> {
    fn with_role(&self, role: Role) -> Option<usize> {
        self.roles.iter().position(|&r| r == Some(role))
    }

    /// Undecided columns from left to right.
    fn open(&self) -> Vec<usize> {
        (0..self.roles.len()).filter(|&column| self.roles[column].is_none()).collect()
    }

    fn set_aside(&mut self, column: usize, reason: &str) {
        self.roles[column] = Some(Role::SetAside);
        self.reasons.push((column, reason.to_owned()));
    }

    fn take_named(&mut self, request: &RoleRequest) -> Result<(), RoleError> {
        let single = [
            (Role::Label, &request.label),
            (Role::EnterpriseId, &request.id),
            (Role::Period, &request.period),
            (Role::Split, &request.split),
            (Role::Exposure, &request.exposure),
        ];
        let single = single.into_iter().filter_map(|(role, name)| Some((role, name.as_ref()?)));
        for (role, name) in single.chain(request.drop.iter().map(|name| (Role::SetAside, name))) {
            let name = name.trim();
            let Some(column) = self.table.position(name) else {
                let nearest = names::nearest(name, self.table.names());
                return Err(RoleError::NoSuchColumn { name: name.to_owned(), role, nearest });
            };
            match self.roles[column] {
                None if role == Role::SetAside => self.set_aside(column, AS_ASKED),
                None => self.roles[column] = Some(role),
                Some(Role::SetAside) if role == Role::SetAside => {}
                Some(first) => return Err(RoleError::NamedTwice { name: name.to_owned(), first, second: role }),
            }
        }
        match self.with_role(Role::Label).map(|column| &self.profiles[column]) {
            Some(label) if label.distinct < 2 => {
                let value = label.levels.first().map(|(value, _)| value.clone());
                Err(RoleError::OneLabelValue { name: label.name.clone(), value })
            }
            _ => Ok(()),
        }
    }

    /// An undecided column with two values: by name, else the last column, else the first, else the leftmost.
    fn guess_label(&self) -> Option<(usize, String)> {
        let mut two_valued = self.open();
        two_valued.retain(|&column| self.profiles[column].distinct == 2 && !self.holds_split_marks(column));
        let named = two_valued.iter().filter_map(|&c| names::label_rank(&self.profiles[c].name).map(|rank| (rank, c)));
        if let Some(((_, word), column)) = named.min() {
            return Some((column, format!("it has two values and its name says \"{word}\"")));
        }
        // Without a telling name at least no name may tell of something else.
        two_valued.retain(|&column| {
            !names::is_id(&self.profiles[column].name) && period_rank(&self.profiles[column]).is_none()
        });
        let last = self.profiles.len().checked_sub(1)?;
        if two_valued.contains(&last) {
            return Some((last, "it is the last column and has two values".to_owned()));
        }
        match *two_valued.as_slice() {
            [] => None,
            [0, ..] => Some((0, "it is the first column and has two values".to_owned())),
            [only] => Some((only, "it is the only column with two values".to_owned())),
            [first, ..] => Some((first, format!("it is the first of {} columns with two values", two_valued.len()))),
        }
    }

    /// The value as the file has it: `1.0` is found where `1` is asked for.
    fn named_bad(&self, label: usize, value: &str) -> Result<String, RoleError> {
        let profile = &self.profiles[label];
        let present = |row: &usize| !self.table.is_missing(*row, label);
        let same_text = |&row: &usize| self.table.cell(row, label) == value;
        let same_number = |row: &usize| {
            number(value).is_some_and(|x| self.table.numbers(label).is_some_and(|numbers| numbers[*row] == x))
        };
        let mut rows = (0..self.table.n_rows()).filter(present);
        let found = rows.clone().find(same_text).or_else(|| rows.find(same_number));
        found.map(|row| self.table.cell(row, label).to_owned()).ok_or_else(|| RoleError::BadNotFound {
            value: value.to_owned(),
            label: profile.name.clone(),
            values: profile.levels.iter().map(|(level, _)| level.clone()).collect(),
        })
    }

    /// The label value that means the bad outcome and why: of two numbers the larger; by word; the one left when the
    /// other is a word for good; the rarer. Never by alphabet. With more than two values only a word will do.
    fn guess_bad(&self, label: usize) -> Option<(String, String)> {
        let profile = &self.profiles[label];
        let levels = &profile.levels;
        let pair = if let [a, b] = levels.as_slice() { Some((a, b)) } else { None };
        if let (Some((a, b)), Kind::Numeric) = (pair, profile.kind) {
            let largest =
                |row: &usize| self.table.numbers(label).is_some_and(|numbers| Some(numbers[*row]) == profile.max);
            let larger = (0..self.table.n_rows()).find(largest).map_or(&a.0[..], |row| self.table.cell(row, label));
            let larger = if larger == b.0 { &b.0 } else { &a.0 };
            return Some((larger.clone(), "it is the larger of two numbers".to_owned()));
        }
        if let Some((a, b)) = pair
            && let (Some(x), Some(y)) = (number(&a.0), number(&b.0))
        {
            // The file says that they are names; they are numbers all the same.
            let larger = if x > y { a } else { b };
            return Some((larger.0.clone(), "it is the larger of two numbers".to_owned()));
        }
        let words = levels.iter().filter(|(value, _)| pair.is_some() || number(value).is_none());
        let ranked = words.filter_map(|(value, _)| names::bad_rank(value).map(|rank| (rank, value)));
        if let Some((_, value)) = ranked.min() {
            return Some((value.clone(), "of its values it is the word for a bad outcome".to_owned()));
        }
        let (a, b) = pair?;
        for (good, other) in [(a, b), (b, a)] {
            if names::is_good(&good.0) {
                return Some((
                    other.0.clone(),
                    format!("the other value, \"{}\", is a word for a good outcome", good.0),
                ));
            }
        }
        // Levels come in order of frequency.
        if a.1 > b.1 {
            return Some((b.0.clone(), "it is the rarer value".to_owned()));
        }
        let first = self.table.column(label).find(|cell| *cell == a.0 || *cell == b.0).unwrap_or(&a.0);
        Some((first.to_owned(), "it stands first in the file and both values are equally frequent".to_owned()))
    }

    /// Empty and constant columns, and marks of training and test rows that nobody asked to use.
    fn set_aside_useless(&mut self) {
        for column in self.open() {
            let profile = &self.profiles[column];
            if profile.kind == Kind::Empty {
                self.set_aside(column, "empty: every cell is missing");
            } else if profile.distinct == 1 {
                self.set_aside(column, "constant: there is only one value");
            } else if self.holds_split_marks(column) {
                self.set_aside(column, "marks training and test rows: name it as the split column to use that");
            }
        }
    }

    fn holds_split_marks(&self, column: usize) -> bool {
        let profile = &self.profiles[column];
        profile.kind == Kind::Text
            && profile.distinct <= SPLIT_MARKS.len()
            && profile.levels.iter().all(|(value, _)| SPLIT_MARKS.contains(&value.to_lowercase().as_str()))
    }

    /// Gives the role to the column that looks most like a period, unless one was named; other periods are set aside.
    /// Returns the column guessed.
    fn guess_period(&mut self) -> Option<usize> {
        let mut like: Vec<(usize, usize)> =
            self.open().into_iter().filter_map(|column| Some((period_rank(&self.profiles[column])?, column))).collect();
        like.sort_unstable();
        let guessed =
            if self.with_role(Role::Period).is_some() || like.is_empty() { None } else { Some(like.remove(0).1) };
        if let Some(column) = guessed {
            self.roles[column] = Some(Role::Period);
        }
        for (_, column) in like {
            self.set_aside(column, "another period");
        }
        guessed
    }

    /// Gives the role to the best id, unless one was named; other ids and running numbers are set aside. Returns the
    /// column guessed. Ids that come back in several rows go first: they are what keeps one enterprise's rows together.
    fn guess_id(&mut self) -> Option<usize> {
        let mut like: Vec<(bool, usize)> = Vec::new();
        for column in self.open() {
            let profile = &self.profiles[column];
            let present = self.table.n_rows() - profile.missing;
            if looks_like_id(profile, self.table.n_rows()) {
                like.push((profile.distinct == present, column));
            } else if counts_rows(self.table, column, profile) {
                self.set_aside(column, "running number of the rows");
            }
        }
        like.sort_unstable();
        let guessed =
            if self.with_role(Role::EnterpriseId).is_some() || like.is_empty() { None } else { Some(like.remove(0).1) };
        if let Some(column) = guessed {
            self.roles[column] = Some(Role::EnterpriseId);
        }
        for (_, column) in like {
            self.set_aside(column, "another id");
        }
        guessed
    }

    /// Texts that are no categories, because nearly every row has its own.
    fn set_aside_texts(&mut self) {
        for column in self.open() {
            let profile = &self.profiles[column];
            let n = self.table.n_rows();
            let mostly = profile.distinct > TEXTS_OF_A_CATEGORY && 2 * profile.distinct > n;
            let all = n >= FEWEST_ROWS && profile.distinct == n - profile.missing;
            if profile.kind == Kind::Text && (mostly || all) {
                self.set_aside(column, "nearly every row differs");
            }
        }
    }
}
