//! What `describe` tells of a table: how it is read, what each split holds, what should be looked at.

use crate::checks::{Check, Finding, Subject, checks};
use crate::data::{
    Dataset, PreparationStep, Role, Roles, Source, SplitHolding, ValidationSettings, split_summary, splits,
};
use crate::training::RunSpec;

/// A table with everything that is told of it.
pub struct Description<'a> {
    /// The table.
    pub source: &'a Source,
    /// Its numbers, or why there are none.
    pub data: Result<Dataset, String>,
    /// What each split holds, or why there are none; empty without data.
    pub splits: Result<Vec<SplitHolding>, String>,
    /// What is to be looked at.
    pub findings: Vec<Finding>,
    /// The steps that turn indicators into inputs, each fitted inside each split.
    pub preparation: Vec<PreparationStep>,
}

impl<'a> Description<'a> {
    /// Works out what the splits of `spec` hold and what is to be looked at.
    pub fn new(source: &'a Source, spec: &RunSpec) -> Self {
        let roles = &source.guess.roles;
        let data = source.dataset(roles).map_err(|e| e.to_string());
        let splits = data.as_ref().map_or_else(|_| Ok(Vec::new()), |data| holdings(data, spec));
        let held = splits.as_deref().unwrap_or_default();
        let findings = look_at(source, roles, data.as_ref().ok(), &spec.settings.validation, held);
        Self { source, data, splits, findings, preparation: spec.settings.preparation.steps() }
    }

    /// What a person should know, each once.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.source.notices();
        warnings.extend(self.splits.as_ref().err().map(|why| format!("The rows cannot be held out: {why}.")));
        let roles = &self.source.guess.roles.roles;
        // That a column is set aside because it holds nothing is among the notices.
        let is_told = |finding: &&Finding| {
            matches!(finding.check, Check::EmptyColumn | Check::ConstantColumn)
                && finding.columns.iter().all(|&column| roles[column] == Role::SetAside)
        };
        warnings.extend(self.findings.iter().filter(|finding| !is_told(finding)).map(|finding| finding.text.clone()));
        warnings
    }
}

fn holdings(data: &Dataset, spec: &RunSpec) -> Result<Vec<SplitHolding>, String> {
    let splits = splits(data, &spec.settings.validation, spec.settings.seed).map_err(|e| e.to_string())?;
    Ok(split_summary(data, &splits))
}

/// What is to be looked at before the figures of a run of `spec` on `data` are believed; `roles` are those that `data`
/// was made under.
pub fn look(source: &Source, roles: &Roles, data: &Dataset, spec: &RunSpec) -> Vec<Finding> {
    look_at(source, roles, Some(data), &spec.settings.validation, &holdings(data, spec).unwrap_or_default())
}

fn look_at(
    source: &Source,
    roles: &Roles,
    data: Option<&Dataset>,
    validation: &ValidationSettings,
    splits: &[SplitHolding],
) -> Vec<Finding> {
    checks(&Subject { table: &source.table, profiles: &source.profiles, roles, data, validation, splits })
}
