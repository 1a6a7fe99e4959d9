//! How to repeat a run: the settings that are not the default, and a command line that has them all.

use serde_json::Value;

use crate::data::{Role, Roles, SAMPLES, Source};
use crate::training::RunSettings;

/// A setting beside what it would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key, as in `dbn.pre_training.epochs`.
    pub key: String,
    /// Its value, as `--set` takes it.
    pub value: String,
    /// What it would be.
    pub default: String,
}

impl Setting {
    /// Whether it is not the default.
    pub fn is_changed(&self) -> bool {
        self.value != self.default
    }
}

/// Every setting that is not the default, in the order of the settings.
pub fn changed_settings(settings: &RunSettings) -> Vec<Setting> {
    let mut all = all_settings(settings);
    all.retain(Setting::is_changed);
    all
}

/// Every setting, in the order of the settings.
pub fn all_settings(settings: &RunSettings) -> Vec<Setting> {
    let tree = |settings: &RunSettings| serde_json::to_value(settings).unwrap_or(Value::Null);
    let mut all = Vec::new();
    collect("", &tree(settings), &tree(&RunSettings::default()), &mut all);
    all
}

fn collect(key: &str, value: &Value, default: &Value, all: &mut Vec<Setting>) {
    match (value, default) {
        // Tables whose keys are names of columns are one value.
        (Value::Object(fields), Value::Object(defaults)) if !fields.is_empty() && fields.keys().eq(defaults.keys()) => {
            for ((name, value), default) in fields.iter().zip(defaults.values()) {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                collect(&key, value, default, all);
            }
        }
        _ => all.push(Setting { key: key.to_owned(), value: plain(value), default: plain(default) }),
    }
}

/// A value as `--set` takes it: a bare word where JSON would have it in quotes and it can be nothing else.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) if serde_json::from_str::<Value>(text).is_err() => text.clone(),
        other => other.to_string(),
    }
}

/// The command line that does the same with `source` read as usual: `compare` with every role and every setting that is
/// not the default.
pub fn command_line(source: &Source, roles: &Roles, settings: &RunSettings) -> String {
    let mut words = vec!["beliefscope".to_owned(), "compare".to_owned()];
    let mut add = |option: &str, value: &str| words.extend([option.to_owned(), value.to_owned()]);
    for (name, role) in source.table.names().iter().zip(&roles.roles) {
        match role {
            Role::Indicator => {}
            Role::Label => add("--label", name),
            Role::EnterpriseId => add("--id", name),
            Role::Period => add("--time", name),
            Role::Split => add("--split-column", name),
            Role::Exposure => add("--exposure", name),
            Role::SetAside => add("--drop", name),
        }
    }
    if let Some(bad) = &roles.bad {
        add("--bad", bad);
    }
    for Setting { key, value, .. } in changed_settings(settings) {
        add("--set", &format!("{key}={value}"));
    }
    let files: Vec<String> = match &source.files[..] {
        // Without a file it is the first of the bundled samples; the others are written to a file first.
        [] if source.sample.is_some_and(|sample| sample.name == SAMPLES[0].name) => Vec::new(),
        [] => vec![source.path.to_string_lossy().into_owned()],
        files => files.iter().map(|file| file.path.to_string_lossy().into_owned()).collect(),
    };
    words.splice(2..2, files);
    shell_words(&words)
}

/// Words as a POSIX shell reads them back.
pub fn shell_words(words: &[String]) -> String {
    let quoted = |word: &String| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:+%@".contains(c);
        if !word.is_empty() && word.chars().all(is_plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::RoleRequest;
    use crate::training::{Cutoff, CutoffRule};

    #[test]
    fn what_was_changed_can_be_set_again() {
        assert!(changed_settings(&RunSettings::default()).is_empty());
        let mut settings = RunSettings::default();
        settings.dbn.layers = vec![4, 2];
        settings.cutoff = Cutoff::Rule(CutoffRule::ApprovalRate(0.8));
        settings.money.currency = "€".to_owned();
        settings.preparation.drop.columns = vec!["it's".to_owned()];
        settings.preparation.categories.orders.insert("size".to_owned(), vec!["small".to_owned(), "large".to_owned()]);
        settings.verdict_metric = crate::evaluation::Metric::Recall;
        let changed = changed_settings(&settings);
        assert!(all_settings(&settings).iter().any(|setting| setting.key == "seed" && !setting.is_changed()));
        assert_eq!(changed.len(), 6, "{changed:?}");
        let mut again = RunSettings::default();
        for setting in &changed {
            again.set(&setting.key, &setting.value).unwrap();
        }
        assert_eq!(again, settings);
    }

    #[test]
    fn the_command_names_roles_and_settings() {
        let source = Source::sample(&RoleRequest::default()).unwrap();
        let settings = RunSettings { seed: 7, ..RunSettings::default() };
        let command = command_line(&source, &source.guess.roles, &settings);
        assert!(command.starts_with("beliefscope compare --id "), "{command}");
        assert!(command.contains("--label default") && command.ends_with("--bad 1 --set seed=7"), "{command}");
        assert_eq!(shell_words(&["a b".to_owned(), "it's".to_owned(), String::new()]), r"'a b' 'it'\''s' ''");
    }
}
